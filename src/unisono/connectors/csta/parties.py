"""Devices, connections, states and services of CSTA in the words of the calls room. Pure.

Devices are called by their number where their identifier has one (N<101>Anna and 101 are the same line), else by the
identifier as it is. What the switch does not say stays empty.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from unisono.calls import model
from unisono.calls.model import NOBODY, Cause, ConnectionState, Party, PartyKind, Service
from unisono.calls.pbx_events import Head
from unisono.connectors.csta.causes import CAUSES
from unisono.wire.csta.causes import EventCause
from unisono.wire.csta.devices import ConnectionId, DeviceId, ExtendedDevice, Presentation, parse_device_id
from unisono.wire.csta.enums import (
    CallAssociatedService,
    CallControlService,
    ForwardingType,
    LocalConnectionState,
    LogicalService,
)
from unisono.wire.csta.parts import ServicesPermitted

CALL_CONTROL: Mapping[CallControlService, Service] = {
    CallControlService.ALTERNATE_CALL: Service.ALTERNATE_CALL,
    CallControlService.ANSWER_CALL: Service.ANSWER_CALL,
    CallControlService.CALL_BACK: Service.CALL_BACK,
    CallControlService.CLEAR_CONNECTION: Service.CLEAR_CONNECTION,
    CallControlService.CONFERENCE_CALL: Service.CONFERENCE_CALL,
    CallControlService.CONSULTATION_CALL: Service.CONSULTATION_CALL,
    CallControlService.DEFLECT_CALL: Service.DEFLECT_CALL,
    CallControlService.DIRECTED_PICKUP_CALL: Service.DIRECTED_PICKUP_CALL,
    CallControlService.GROUP_PICKUP_CALL: Service.GROUP_PICKUP_CALL,
    CallControlService.HOLD_CALL: Service.HOLD_CALL,
    CallControlService.MAKE_CALL: Service.MAKE_CALL,
    CallControlService.PARK_CALL: Service.PARK_CALL,
    CallControlService.RECONNECT_CALL: Service.RECONNECT_CALL,
    CallControlService.RETRIEVE_CALL: Service.RETRIEVE_CALL,
    CallControlService.SINGLE_STEP_TRANSFER: Service.SINGLE_STEP_TRANSFER_CALL,
    CallControlService.TRANSFER_CALL: Service.TRANSFER_CALL,
}
LOGICAL: Mapping[LogicalService, Service] = {
    LogicalService.SET_DO_NOT_DISTURB: Service.SET_DO_NOT_DISTURB,
    LogicalService.SET_FORWARDING: Service.SET_FORWARDING,
}
# ECMA-269 has two more than we tell apart.
FORWARDING: Mapping[ForwardingType, model.ForwardingType] = {
    **{ForwardingType(kind.value): kind for kind in model.ForwardingType},
    ForwardingType.FORWARD_DND_INT: model.ForwardingType.DND,
    ForwardingType.FORWARD_DND_EXT: model.ForwardingType.DND,
}


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known besides the event: the link, the time, the monitor's device, and the switch's devices.

    `device`: whose monitor reported the event, "" if none of ours. `kinds`: what the switch says its devices are.
    `own_calls`: calls that were started by this connector.
    """

    connector: str
    at: datetime
    device: str = ""
    kinds: Mapping[str, PartyKind] = field(default_factory=dict)
    own_calls: Container[str] = ()
    raw: bytes = b""


def device_name(device: DeviceId) -> str:
    """How the calls room calls a device."""
    return parse_device_id(device).number or device.text.strip()


def connection(id: ConnectionId, subject: ExtendedDevice | None = None) -> model.ConnectionId:
    """A connection; where the switch gives no device, the event's subject is it."""
    if id.device is not None and id.device.text:
        return model.ConnectionId(id.call or "", device_name(id.device))
    named = subject.device if subject is not None else None
    return model.ConnectionId(id.call or "", device_name(named) if named is not None else "")


def party(scene: Scene, device: ExtendedDevice | DeviceId | None, id: model.ConnectionId | None = None) -> Party:
    """One end of a call. With `id` it is the party of that connection, and called by that connection's device."""
    named = parse_device_id(device)
    wire = device.device if isinstance(device, ExtendedDevice) else device
    name = id.device if id is not None else ""
    name = name or (device_name(wire) if wire is not None else "")
    restricted = named.presentation is Presentation.RESTRICTED
    if not name and not restricted:
        return NOBODY
    kind = scene.kinds.get(name, PartyKind.UNKNOWN)
    if kind is PartyKind.UNKNOWN:
        kind = scene.kinds.get(named.number, PartyKind.UNKNOWN)
    return Party(name, named.number, named.name, kind, restricted)


def services(permitted: ServicesPermitted | None, state: LocalConnectionState | None) -> frozenset[Service] | None:
    """What the switch allows now; None when it does not say. Digits count as allowed in a conversation unless it denies."""
    if permitted is None or permitted.call_control_services is None:
        return None
    found = {CALL_CONTROL[service] for service in permitted.call_control_services if service in CALL_CONTROL}
    if permitted.call_associated_services is None:
        digits = state is LocalConnectionState.CONNECTED
    else:
        digits = CallAssociatedService.GENERATE_DIGITS in permitted.call_associated_services
    return frozenset(found | {Service.GENERATE_DIGITS} if digits else found)


def state(local: LocalConnectionState | None) -> ConnectionState | None:
    """A connection state; both sides use the words of ECMA-269."""
    return ConnectionState(local.value) if local is not None else None


def head(
    scene: Scene,
    cause: EventCause | None,
    local: LocalConnectionState | None = None,
    permitted: ServicesPermitted | None = None,
) -> Head:
    """What every event has; state and services count only for the monitored device's own connection."""
    mine = bool(scene.device)
    return Head(
        scene.connector,
        scene.at,
        CAUSES[cause] if cause is not None else Cause.NORMAL,
        scene.device,
        state(local) if mine else None,
        services(permitted, local) if mine else None,
        scene.raw,
    )
