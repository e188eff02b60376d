"""CSTA requests to the switch: call control, device features, snapshots, capabilities. Without sessions and monitors."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from unisono.demo.pbx.express import connection_id, connections, named, services, shown
from unisono.demo.pbx.model import Address, Category, Device, Forwarding, Leg, Problem, Refusal
from unisono.demo.pbx.switch import CallView, Party, Switch
from unisono.wire.csta import Request, Response, parts
from unisono.wire.csta import capabilities as caps
from unisono.wire.csta import features as feat
from unisono.wire.csta import monitoring as mon
from unisono.wire.csta import services as call
from unisono.wire.csta.devices import ConnectionId, DeviceId, parse_device_id
from unisono.wire.csta.enums import (
    AutoOriginate,
    CallAssociatedService,
    CallControlService,
    DeviceCategory,
    DynamicFeatures,
    ForwardingType,
    LocalConnectionState,
    LogicalService,
    NamedDeviceType,
    RequestedDeviceCategory,
)
from unisono.wire.csta.failures import CSTAErrorCode, ErrorCategory

_S = CallControlService
SUPPORTED = parts.SupportedServices(
    call_control_serv_list=frozenset(
        {
            _S.ALTERNATE_CALL,
            _S.ANSWER_CALL,
            _S.CALL_BACK,
            _S.CLEAR_CALL,
            _S.CLEAR_CONNECTION,
            _S.CONFERENCE_CALL,
            _S.CONSULTATION_CALL,
            _S.DEFLECT_CALL,
            _S.DIAL_DIGITS,
            _S.DIRECTED_PICKUP_CALL,
            _S.GROUP_PICKUP_CALL,
            _S.HOLD_CALL,
            _S.MAKE_CALL,
            _S.PARK_CALL,
            _S.RECONNECT_CALL,
            _S.RETRIEVE_CALL,
            _S.SINGLE_STEP_TRANSFER,
            _S.TRANSFER_CALL,
        }
    ),
    call_associated_serv_list=frozenset({CallAssociatedService.GENERATE_DIGITS}),
    logical_serv_list=frozenset(
        {LogicalService.CANCEL_CALL_BACK, LogicalService.SET_DO_NOT_DISTURB, LogicalService.SET_FORWARDING}
    ),
)

SEGMENT = 100
"""Devices in one piece of the device list."""

_CATEGORIES: dict[RequestedDeviceCategory, Category] = {
    RequestedDeviceCategory.STATION: Category.STATION,
    RequestedDeviceCategory.ACD: Category.ACD,
    RequestedDeviceCategory.GROUP_ACD: Category.ACD,
    RequestedDeviceCategory.GROUP_HUNT: Category.GROUP,
    RequestedDeviceCategory.NETWORK_INTERFACE: Category.NETWORK,
    RequestedDeviceCategory.PARK: Category.PARK,
    RequestedDeviceCategory.VOICE_UNIT: Category.VOICE,
}
_NAMED: dict[Category, NamedDeviceType] = {
    Category.STATION: NamedDeviceType.STATION,
    Category.ACD: NamedDeviceType.ACD_GROUP,
    Category.GROUP: NamedDeviceType.STATION_GROUP,
    Category.NETWORK: NamedDeviceType.TRUNK,
    Category.PARK: NamedDeviceType.PARKING_DEVICE,
    Category.VOICE: NamedDeviceType.OTHER,
}


def error(refusal: Refusal) -> CSTAErrorCode:
    """A refusal as the wire says it."""
    category, value = refusal.problem.value
    return CSTAErrorCode(ErrorCategory(category), value)


def identifier(device: DeviceId) -> str:
    """The plain identifier of a device, whatever form it was written in."""
    return parse_device_id(device).number or device.text


def leg_of(connection: ConnectionId) -> Leg:
    """A connection as the switch knows it; without a call it is the device's only one."""
    if connection.device is None:
        raise Refusal(Problem.INVALID_CONNECTION, connection.call or "")
    return Leg(connection.call or "", identifier(connection.device))


def devices_of(request: Request) -> set[str]:
    """The devices that a request names."""
    found = set()
    for field in fields(request):  # type: ignore[arg-type]
        value = getattr(request, field.name)
        device = value.device if isinstance(value, ConnectionId) else value
        if isinstance(device, DeviceId):
            found.add(identifier(device))
    return found


class Requests:
    """Serves requests; `serve` raises `Refusal`, which `error` turns into the answer."""

    def __init__(self, switch: Switch) -> None:
        self.switch = switch
        self.touched: Callable[[str], None] = lambda _: None
        """Told of every device that a client has acted on."""
        self._plain = self._acknowledged()
        self._table: dict[type[Request], Callable[[Any], Response]] = {
            **self._call_control(),
            **self._device_features(),
            mon.SnapshotDevice: self._snapshot_device,
            mon.SnapshotCall: self._snapshot_call,
            caps.GetCSTAFeatures: lambda _: caps.GetCSTAFeaturesResponse(SUPPORTED),
            caps.GetSwitchingFunctionCaps: lambda _: caps.GetSwitchingFunctionCapsResponse(
                "demo", "Unisono demo PBX", DynamicFeatures.ALL
            ),
            caps.GetLogicalDeviceInformation: self._logical,
            caps.GetPhysicalDeviceInformation: self._physical,
        }

    def serve(self, request: Request) -> Response:
        """Do it and answer."""
        answer = self._serve(request)
        if type(request).__module__ == call.__name__:
            for device in devices_of(request):
                self.touched(device)
        return answer

    def _serve(self, request: Request) -> Response:
        if (plain := self._plain.get(type(request))) is not None:
            action, answer = plain
            action(request)
            return answer()
        serve = self._table.get(type(request))
        if serve is None:
            raise Refusal(Problem.SERVICE_NOT_SUPPORTED, type(request).__name__)
        return serve(request)

    # Call control

    def _call_control(self) -> dict[type[Request], Callable[[Any], Response]]:
        return {
            call.MakeCall: self._make_call,
            call.ConsultationCall: self._consultation,
            call.TransferCall: self._transfer,
            call.ConferenceCall: self._conference,
            call.SingleStepTransferCall: self._single_step_transfer,
            call.DeflectCall: self._deflect,
            call.DirectedPickupCall: self._directed_pickup,
            call.GroupPickupCall: self._group_pickup,
            call.ParkCall: self._park,
        }

    def _acknowledged(self) -> "dict[type[Request], tuple[Callable[[Any], None], type[Response]]]":
        """Services whose answer says nothing but that they were taken up."""
        do, joining, parking, features = (
            self.switch.services,
            self.switch.joining,
            self.switch.parking,
            self.switch.features,
        )
        return {
            call.AnswerCall: (lambda r: do.answer(leg_of(r.call_to_be_answered)), call.AnswerCallResponse),
            call.HoldCall: (lambda r: do.hold(leg_of(r.call_to_be_held)), call.HoldCallResponse),
            call.RetrieveCall: (lambda r: do.retrieve(leg_of(r.call_to_be_retrieved)), call.RetrieveCallResponse),
            call.ClearConnection: (
                lambda r: do.clear_connection(leg_of(r.connection_to_be_cleared)),
                call.ClearConnectionResponse,
            ),
            call.ClearCall: (lambda r: do.clear_call(r.call_to_be_cleared.call or ""), call.ClearCallResponse),
            call.AlternateCall: (
                lambda r: joining.alternate(leg_of(r.held_call), leg_of(r.active_call)),
                call.AlternateCallResponse,
            ),
            call.ReconnectCall: (
                lambda r: joining.reconnect(leg_of(r.held_call), leg_of(r.active_call)),
                call.ReconnectCallResponse,
            ),
            call.CallBack: (lambda r: parking.call_back(leg_of(r.callback_connection)), call.CallBackResponse),
            call.DialDigits: (
                lambda r: do.dial_digits(leg_of(r.dialling_connection), identifier(r.dialling_sequence)),
                call.DialDigitsResponse,
            ),
            call.GenerateDigits: (
                lambda r: do.generate_digits(leg_of(r.connection_to_send_digits), r.characters_to_send),
                call.GenerateDigitsResponse,
            ),
            feat.SetDoNotDisturb: (
                lambda r: features.set_do_not_disturb(identifier(r.device), on=r.do_not_disturb_on),
                feat.SetDoNotDisturbResponse,
            ),
            feat.SetMessageWaitingIndicator: (
                lambda r: features.set_messages(identifier(r.device), 1 if r.message_waiting_on else 0),
                feat.SetMessageWaitingIndicatorResponse,
            ),
            feat.CancelCallBack: (
                lambda r: parking.cancel_call_backs(identifier(r.originating_device)),
                feat.CancelCallBackResponse,
            ),
        }

    def _make_call(self, request: call.MakeCall) -> Response:
        calling, to = identifier(request.calling_device), identifier(request.called_directory_number)
        prompt = request.auto_originate is not AutoOriginate.DO_NOT_PROMPT
        if to:
            leg = self.switch.services.make_call(calling, to, prompt=prompt, subject=request.subject_of_call)
        else:
            leg = self.switch.services.off_hook(calling)
        return call.MakeCallResponse(connection_id(leg))

    def _consultation(self, request: call.ConsultationCall) -> Response:
        leg = self.switch.joining.consultation(leg_of(request.existing_call), identifier(request.consulted_device))
        return call.ConsultationCallResponse(connection_id(leg))

    def _transfer(self, request: call.TransferCall) -> Response:
        leg, moved = self.switch.joining.transfer(leg_of(request.held_call), leg_of(request.active_call))
        return call.TransferCallResponse(connection_id(leg), connections(moved))

    def _conference(self, request: call.ConferenceCall) -> Response:
        leg, moved = self.switch.joining.conference(leg_of(request.held_call), leg_of(request.active_call))
        return call.ConferenceCallResponse(connection_id(leg), connections(moved))

    def _single_step_transfer(self, request: call.SingleStepTransferCall) -> Response:
        to = identifier(request.transferred_to)
        leg, moved = self.switch.joining.single_step_transfer(leg_of(request.active_call), to)
        return call.SingleStepTransferCallResponse(connection_id(leg), connections(moved))

    def _deflect(self, request: call.DeflectCall) -> Response:
        to = identifier(request.new_destination.devices[0])
        self.switch.services.deflect(leg_of(request.call_to_be_diverted), to)
        return call.DeflectCallResponse()

    def _directed_pickup(self, request: call.DirectedPickupCall) -> Response:
        requesting = identifier(request.requesting_device)
        leg = self.switch.services.directed_pickup(leg_of(request.call_to_be_picked_up), requesting)
        return call.DirectedPickupCallResponse(connection_id(leg))

    def _group_pickup(self, request: call.GroupPickupCall) -> Response:
        leg = self.switch.services.group_pickup(identifier(request.new_destination))
        return call.GroupPickupCallResponse(connection_id(leg))

    def _park(self, request: call.ParkCall) -> Response:
        leg = self.switch.parking.park(leg_of(request.parking), identifier(request.park_to))
        return call.ParkCallResponse(connection_id(leg))

    # Device features

    def _device_features(self) -> dict[type[Request], Callable[[Any], Response]]:
        return {
            feat.SetForwarding: self._set_forwarding,
            feat.GetForwarding: self._get_forwarding,
            feat.GetDoNotDisturb: lambda r: feat.GetDoNotDisturbResponse(self._device(r.device).do_not_disturb),
            feat.GetMessageWaitingIndicator: lambda r: feat.GetMessageWaitingIndicatorResponse(
                self._device(r.device).messages > 0, lamp_is_present=True
            ),
        }

    def _device(self, device: DeviceId) -> Device:
        return self.switch.device(identifier(device))

    def _set_forwarding(self, request: feat.SetForwarding) -> Response:
        kind = Forwarding((request.forwarding_type or ForwardingType.FORWARD_IMMEDIATE).value)
        to = identifier(request.forward_dn) if request.forward_dn else ""
        self.switch.features.set_forwarding(identifier(request.device), kind, on=request.activate_forward, to=to)
        return feat.SetForwardingResponse()

    def _get_forwarding(self, request: feat.GetForwarding) -> Response:
        forwards = self._device(request.device).forwards
        return feat.GetForwardingResponse(
            tuple(
                parts.ForwardListItem(ForwardingType(kind.value), forward_status=True, forward_dn=DeviceId(to))
                for kind, to in forwards.items()
            )
        )

    # Snapshots

    def _snapshot_device(self, request: mon.SnapshotDevice) -> Response:
        device = identifier(request.snapshot_object)
        rows = tuple(self._row(view, device) for view in self.switch.calls_of(device))
        return mon.SnapshotDeviceResponse(
            parts.SnapshotDeviceResult(snapshot_data=parts.SnapshotDeviceDataList(rows))
        )

    def _row(self, view: CallView, device: str) -> parts.SnapshotDeviceResponseInfo:
        own = next(party for party in view.parties if party.leg.device == device)
        others = [party for party in view.parties if party is not own]
        states = tuple(LocalConnectionState(party.state.value) for party in (own, *others))
        return parts.SnapshotDeviceResponseInfo(
            connection_id(own.leg),
            shown(others[0].address if others else Address()),
            parts.CallState(parts.CompoundCallState(states)),
            services(own.permitted),
        )

    def _snapshot_call(self, request: mon.SnapshotCall) -> Response:
        view = self.switch.call(request.snapshot_object.call or "")
        rows = tuple(self._party(party) for party in view.parties)
        return mon.SnapshotCallResponse(
            parts.SnapshotCallResult(snapshot_data=parts.SnapshotCallDataList(rows)),
            shown(view.calling),
            shown(view.called),
        )

    def _party(self, party: Party) -> parts.SnapshotCallResponseInfo:
        return parts.SnapshotCallResponseInfo(
            shown(party.address),
            connection_id(party.leg),
            LocalConnectionState(party.state.value),
            services(party.permitted),
        )

    # What there is

    def _logical(self, request: caps.GetLogicalDeviceInformation) -> Response:
        device = self._device(request.device)
        station = device.category is Category.STATION
        return caps.GetLogicalDeviceInformationResponse(
            DeviceCategory(device.category.value),
            _NAMED[device.category],
            DeviceId(device.id),
            has_physical_element=station,
            max_active_calls=1,
            max_held_calls=device.max_calls,
            max_devices_in_conf=self.switch.core.options.conference_limit,
            log_dev_serv_list=parts.DeviceServices(
                SUPPORTED.call_control_serv_list, SUPPORTED.call_associated_serv_list, SUPPORTED.logical_serv_list
            )
            if station
            else None,
        )

    def _physical(self, request: caps.GetPhysicalDeviceInformation) -> Response:
        device = self._device(request.device)
        return caps.GetPhysicalDeviceInformationResponse(
            DeviceCategory(device.category.value), _NAMED[device.category], has_logical_element=True, device_model_name="Demo 1"
        )

    def devices(self, request: caps.GetSwitchingFunctionDevices) -> list[tuple[parts.DeviceListDevice, ...]]:
        """The device list in pieces; at least one, if empty."""
        wanted = request.requested_device_category
        category = _CATEGORIES.get(wanted) if wanted else None
        asked = identifier(request.requested_device_id) if request.requested_device_id else ""
        found = [
            parts.DeviceListDevice(
                DeviceId(named(device.id, device.name)),
                DeviceCategory(device.category.value),
                _NAMED[device.category],
            )
            for device in self.switch.devices
            if (wanted is None or device.category is category) and asked in ("", device.id)
        ]
        return [tuple(found[start : start + SEGMENT]) for start in range(0, len(found), SEGMENT)] or [()]
