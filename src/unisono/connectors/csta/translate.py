"""What a CSTA event says, in the words of the calls room. Pure: the same input gives the same output."""

from typing import assert_never

from unisono.calls import pbx_events as told
from unisono.calls.model import NOBODY, Party, PartyKind
from unisono.calls.pbx_events import PbxEvent
from unisono.connectors.csta.parties import FORWARDING, Scene, connection, device_name, head, party
from unisono.wire.csta import events as csta
from unisono.wire.csta.causes import EventCause
from unisono.wire.csta.devices import ExtendedDevice
from unisono.wire.csta.enums import ForwardingType
from unisono.wire.csta.message import Event
from unisono.wire.csta.parts import ConnectionListItem

_GROUPS = (PartyKind.QUEUE, PartyKind.GROUP)

CallEvent = (
    csta.ServiceInitiatedEvent
    | csta.OriginatedEvent
    | csta.NetworkReachedEvent
    | csta.DeliveredEvent
    | csta.OfferedEvent
    | csta.EstablishedEvent
    | csta.HeldEvent
    | csta.RetrievedEvent
    | csta.ConnectionClearedEvent
    | csta.CallClearedEvent
    | csta.FailedEvent
    | csta.DivertedEvent
    | csta.QueuedEvent
    | csta.TransferedEvent
    | csta.ConferencedEvent
    | csta.CallInformationEvent
    | csta.DigitsGeneratedEvent
)
DeviceEvent = (
    csta.ForwardingEvent
    | csta.DoNotDisturbEvent
    | csta.MessageWaitingEvent
    | csta.OutOfServiceEvent
    | csta.BackInServiceEvent
)


def translate(event: Event, scene: Scene) -> tuple[PbxEvent, ...]:
    """The events of the calls room for one CSTA event; none for those that it has no use for."""
    if isinstance(event, DeviceEvent):
        return (_device_event(event, scene),)
    if isinstance(event, CallEvent):
        translated = _call_event(event, scene)
        if isinstance(translated, told.CallCleared):
            return (translated,) if translated.call else _no_call(scene)
        id = translated.primary if isinstance(translated, told.Transferred | told.Conferenced) else translated.connection
        return (translated,) if id.call else _no_call(scene)
    return ()


def _no_call(scene: Scene) -> tuple[PbxEvent, ...]:
    return (told.Unreadable(head(scene, None), "The event names no call."),)


Translated = (
    told.ServiceInitiated
    | told.Originated
    | told.NetworkReached
    | told.Queued
    | told.Delivered
    | told.Established
    | told.Held
    | told.Retrieved
    | told.Failed
    | told.Diverted
    | told.Transferred
    | told.Conferenced
    | told.ConnectionCleared
    | told.CallCleared
    | told.CallInformation
    | told.DigitsGenerated
)


def _call_event(event: CallEvent, scene: Scene) -> Translated:
    match event:
        case csta.ServiceInitiatedEvent() | csta.OriginatedEvent() | csta.NetworkReachedEvent():
            return _beginning(event, scene)
        case csta.DeliveredEvent() | csta.OfferedEvent() | csta.EstablishedEvent():
            return _arrival(event, scene)
        case csta.FailedEvent() | csta.DivertedEvent() | csta.QueuedEvent():
            return _detour(event, scene)
        case csta.TransferedEvent() | csta.ConferencedEvent():
            return _joining(event, scene)
        case csta.CallInformationEvent() | csta.DigitsGeneratedEvent():
            return _information(event, scene)
        case _:
            return _simple(event, scene)


def _beginning(
    event: csta.ServiceInitiatedEvent | csta.OriginatedEvent | csta.NetworkReachedEvent, scene: Scene
) -> Translated:
    top = head(scene, event.cause, event.local_connection_info, event.services_permitted)
    match event:
        case csta.ServiceInitiatedEvent():
            id = connection(event.initiated_connection, event.initiating_device)
            by_cti = event.cause is EventCause.MAKE_CALL or id.call in scene.own_calls
            return told.ServiceInitiated(top, id, party(scene, event.initiating_device, id), by_cti)
        case csta.OriginatedEvent():
            id = connection(event.originated_connection, event.calling_device)
            by_cti = event.cause is EventCause.MAKE_CALL or id.call in scene.own_calls
            calling = party(scene, event.calling_device, id)
            return told.Originated(top, id, calling, party(scene, event.called_device), by_cti=by_cti)
        case csta.NetworkReachedEvent():
            id = connection(event.outbound_connection, event.network_interface_used)
            network = party(scene, event.network_interface_used)
            calling = party(scene, event.calling_device)
            return told.NetworkReached(top, id, network, calling, party(scene, event.called_device))
        case _:
            assert_never(event)


def _arrival(event: csta.DeliveredEvent | csta.OfferedEvent | csta.EstablishedEvent, scene: Scene) -> Translated:
    top = head(scene, event.cause, event.local_connection_info, event.services_permitted)
    network = event.originating_nid_connection
    source = connection(network) if network is not None else None
    calling = party(scene, event.calling_device, source)
    called = party(scene, event.called_device)
    redirecting, queue = _redirection(event.last_redirection_device, event.cause, scene)
    match event:
        case csta.DeliveredEvent():
            subject, id = event.alerting_device, event.connection
        case csta.OfferedEvent():
            subject, id = event.offered_device, event.offered_connection
        case csta.EstablishedEvent():
            subject, id = event.answering_device, event.established_connection
        case _:
            assert_never(event)
    own = connection(id, subject)
    kind = told.Established if isinstance(event, csta.EstablishedEvent) else told.Delivered
    return kind(top, own, party(scene, subject, own), calling, called, redirecting, queue, calling_connection=source)


def _redirection(
    device: ExtendedDevice | None, cause: EventCause | None, scene: Scene
) -> tuple[Party | None, Party | None]:
    """Who redirected the call, or which queue or group gave it to its member."""
    found = party(scene, device)
    if found is NOBODY:
        return None, None
    distributed = cause in (EventCause.DISTRIBUTED, EventCause.ENTERING_DISTRIBUTION)
    if found.kind in _GROUPS or (distributed and found.kind is PartyKind.UNKNOWN):
        return None, found
    return found, None


def _detour(event: csta.FailedEvent | csta.DivertedEvent | csta.QueuedEvent, scene: Scene) -> Translated:
    top = head(scene, event.cause, event.local_connection_info, event.services_permitted)
    calling, called = party(scene, event.calling_device), party(scene, event.called_device)
    match event:
        case csta.FailedEvent():
            id = connection(event.failed_connection, event.failing_device)
            return told.Failed(top, id, party(scene, event.failing_device, id), calling, called)
        case csta.DivertedEvent():
            id = connection(event.connection, event.diverting_device)
            diverting, new = party(scene, event.diverting_device, id), party(scene, event.new_destination)
            return told.Diverted(top, id, diverting, new, calling=calling, called=called)
        case csta.QueuedEvent():
            id = connection(event.queued_connection, event.queue)
            return told.Queued(top, id, party(scene, event.queue, id), calling, called)
        case _:
            assert_never(event)


def _joining(event: csta.TransferedEvent | csta.ConferencedEvent, scene: Scene) -> Translated:
    top = head(scene, event.cause, event.local_connection_info, event.services_permitted)
    secondary = event.secondary_old_call
    match event:
        case csta.TransferedEvent():
            by = event.transferring_device
            second = connection(secondary, by) if secondary is not None else None
            to, moved = party(scene, event.transferred_to_device), _moved(scene, event.transferred_connections)
            primary = connection(event.primary_old_call, by)
            kind = "blind" if second is None or event.cause is EventCause.SINGLE_STEP_TRANSFER else "attended"
            return told.Transferred(top, primary, second, party(scene, by, primary), to, moved, kind)
        case csta.ConferencedEvent():
            by = event.conferencing_device
            second = connection(secondary, by) if secondary is not None else None
            to, moved = party(scene, event.added_party), _moved(scene, event.conference_connections)
            primary = connection(event.primary_old_call, by)
            return told.Conferenced(top, primary, second, party(scene, by, primary), to, moved)
        case _:
            assert_never(event)


def _moved(scene: Scene, items: tuple[ConnectionListItem, ...]) -> tuple[told.Moved, ...]:
    moved = []
    for item in items:
        if item.new_connection is None:
            continue
        new = connection(item.new_connection, item.endpoint)
        old = connection(item.old_connection, item.endpoint) if item.old_connection is not None else new
        moved.append(told.Moved(old, new, party(scene, item.endpoint, new)))
    return tuple(moved)


def _information(event: csta.CallInformationEvent | csta.DigitsGeneratedEvent, scene: Scene) -> Translated:
    match event:
        case csta.CallInformationEvent():
            id = connection(event.connection, event.device)
            top = head(scene, None, None, event.services_permitted)
            who = party(scene, event.device, id) if event.device is not None else NOBODY
            return told.CallInformation(top, id, who, party(scene, event.calling_device))
        case csta.DigitsGeneratedEvent():
            return told.DigitsGenerated(head(scene, None), connection(event.connection), event.digit_generated_list)
        case _:
            assert_never(event)


def _simple(
    event: csta.HeldEvent | csta.RetrievedEvent | csta.ConnectionClearedEvent | csta.CallClearedEvent, scene: Scene
) -> Translated:
    match event:
        case csta.HeldEvent():
            top = head(scene, event.cause, event.local_connection_info, event.services_permitted)
            return told.Held(top, connection(event.held_connection, event.holding_device))
        case csta.RetrievedEvent():
            top = head(scene, event.cause, event.local_connection_info, event.services_permitted)
            return told.Retrieved(top, connection(event.retrieved_connection, event.retrieving_device))
        case csta.ConnectionClearedEvent():
            top = head(scene, event.cause, event.local_connection_info, event.services_permitted)
            id = connection(event.dropped_connection, event.releasing_device)
            return told.ConnectionCleared(top, id, party(scene, event.releasing_device))
        case csta.CallClearedEvent():
            return told.CallCleared(head(scene, event.cause), event.cleared_call.call or "")
        case _:
            assert_never(event)


def _device_event(event: DeviceEvent, scene: Scene) -> PbxEvent:
    cause = event.cause if isinstance(event, csta.OutOfServiceEvent | csta.BackInServiceEvent) else None
    top = head(scene, cause)
    match event:
        case csta.ForwardingEvent():
            kind = FORWARDING[event.forwarding_type or ForwardingType.FORWARD_IMMEDIATE]
            to = device_name(event.forward_to) if event.forward_to is not None else ""
            return told.DeviceForwarding(top, _subject(event.device, scene), kind, event.forward_status, to)
        case csta.DoNotDisturbEvent():
            return told.DeviceDoNotDisturb(top, _subject(event.device, scene), event.do_not_disturb_on)
        case csta.MessageWaitingEvent():
            device = device_name(event.device_for_message) or scene.device
            return told.DeviceMessageWaiting(top, device, int(event.message_waiting_on))
        case csta.OutOfServiceEvent():
            return told.DeviceInService(top, _subject(event.device, scene), on=False)
        case csta.BackInServiceEvent():
            return told.DeviceInService(top, _subject(event.device, scene), on=True)
        case _:
            assert_never(event)


def _subject(device: ExtendedDevice, scene: Scene) -> str:
    return device_name(device.device) if device.device is not None and device.device.text else scene.device


def calls_named(event: PbxEvent) -> set[str]:
    """The native calls an event shows to be up, for a snapshot that is being taken."""
    found: set[str] = set()
    match event:
        case told.Transferred() | told.Conferenced():
            found = {event.primary.call, *(move.new.call for move in event.moved)}
        case told.CallSnapshot():
            found = {event.call}
        case (
            told.ServiceInitiated()
            | told.Originated()
            | told.NetworkReached()
            | told.Queued()
            | told.Delivered()
            | told.Established()
            | told.Held()
            | told.Retrieved()
            | told.Failed()
            | told.CallInformation()
        ):
            found = {event.connection.call}
        case _:
            pass
    return found
