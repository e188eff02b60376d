"""Events of the switch as CSTA messages."""

from collections.abc import Callable
from functools import lru_cache

from unisono.demo.pbx.model import (
    Address,
    CallEvent,
    CallEventKind,
    DeviceEvent,
    DeviceEventKind,
    Leg,
    Moved,
    Report,
    State,
)
from unisono.wire.csta import Message
from unisono.wire.csta import events as csta
from unisono.wire.csta.causes import EventCause
from unisono.wire.csta.devices import NOT_KNOWN, NOT_REQUIRED, RESTRICTED, ConnectionId, DeviceId, ExtendedDevice
from unisono.wire.csta.enums import (
    CallAssociatedService,
    CallControlService,
    ForwardingType,
    LocalConnectionState,
    TypeOfNumber,
)
from unisono.wire.csta.parts import ConnectionListItem, ServicesPermitted


def device_id(identifier: str) -> DeviceId:
    """A device identifier; trunk channels are not diallable."""
    kind = TypeOfNumber.OTHER if identifier.startswith("T") else TypeOfNumber.DIALING_NUMBER
    return DeviceId(identifier, kind)


def connection_id(leg: Leg) -> ConnectionId:
    """A connection identifier."""
    return ConnectionId(leg.call, device_id(leg.device) if leg.device else None)


@lru_cache(4096)
def shown(address: Address | None) -> ExtendedDevice:
    """A device as events show it: ours with number and name (N<101>Anna), outside ones by their number."""
    if address is None or not (address.number or address.restricted):
        return NOT_KNOWN
    if address.restricted:
        return RESTRICTED
    return ExtendedDevice.of(named(address.number, address.name))


def named(number: str, name: str) -> str:
    """The switching function representation (ECMA-269 10.1.2), if there is a name; characters with a meaning are taken out."""
    return f"N<{number}>{name.translate(_MEANING)}" if name else number


_MEANING = str.maketrans("<>;", "   ")


@lru_cache(1024)
def services(permitted: frozenset[str]) -> ServicesPermitted:
    """What may be done now."""
    around = frozenset(CallAssociatedService(name) for name in permitted if name == "generateDigits")
    control = frozenset(CallControlService(name) for name in permitted if name != "generateDigits")
    return ServicesPermitted(control, around)


def connections(moved: tuple[Moved, ...]) -> tuple[ConnectionListItem, ...]:
    """The list of connections of a transfer or conference."""
    return tuple(
        ConnectionListItem(
            connection_id(item.new),
            connection_id(item.old) if item.old else None,
            RESTRICTED if item.endpoint.restricted else ExtendedDevice.endpoint(item.endpoint.number),
        )
        for item in moved
    )


def message(report: Report, cross_ref: str) -> Message:
    """The event of a report for the monitor `cross_ref`."""
    if isinstance(report.event, DeviceEvent):
        return _DEVICE[report.event.kind](cross_ref, report.event)
    return _Writer(report, report.event, cross_ref).write()


class _Writer:
    """Writes one call event. Monitors on calls have no device of their own, hence no local state."""

    def __init__(self, report: Report, event: CallEvent, cross_ref: str) -> None:
        self.event = event
        self.cross_ref = cross_ref
        self.subject = connection_id(event.subject)
        self.device = shown(event.device)
        self.calling = shown(event.calling)
        self.called = shown(event.called)
        self.cause = EventCause(event.cause.value)
        self.local = LocalConnectionState(report.local.value) if report.device else None
        self.permitted = services(report.permitted) if report.device and report.local is not State.NULL else None
        redirected = event.last_redirection
        self.redirected = ExtendedDevice.dialed(redirected.number) if redirected else NOT_REQUIRED
        self.network = connection_id(event.network) if event.network else None

    def write(self) -> Message:
        """The message."""
        return _CALL[self.event.kind](self)

    def service_initiated(self) -> Message:
        return csta.ServiceInitiatedEvent(
            self.cross_ref,
            self.subject,
            self.device,
            self.called,
            self.local,
            self.cause,
            self.permitted,
            subject_of_call=self.event.subject_of_call,
        )

    def originated(self) -> Message:
        return csta.OriginatedEvent(
            self.cross_ref,
            self.subject,
            self.calling,
            self.called,
            local_connection_info=self.local,
            cause=self.cause,
            services_permitted=self.permitted,
            subject_of_call=self.event.subject_of_call,
        )

    def network_reached(self) -> Message:
        return csta.NetworkReachedEvent(
            self.cross_ref,
            self.subject,
            self.device,
            self.calling,
            self.called,
            self.redirected,
            self.network,
            self.local,
            self.cause,
            self.permitted,
        )

    def delivered(self) -> Message:
        return csta.DeliveredEvent(*self._long(), subject_of_call=self.event.subject_of_call)

    def established(self) -> Message:
        return csta.EstablishedEvent(*self._long(), subject_of_call=self.event.subject_of_call)

    def failed(self) -> Message:
        return csta.FailedEvent(*self._long(), subject_of_call=self.event.subject_of_call)

    def _long(
        self,
    ) -> tuple[
        str,
        ConnectionId,
        ExtendedDevice,
        ExtendedDevice,
        ExtendedDevice,
        ExtendedDevice,
        ConnectionId | None,
        LocalConnectionState | None,
        EventCause,
        ServicesPermitted | None,
    ]:
        return (
            self.cross_ref,
            self.subject,
            self.device,
            self.calling,
            self.called,
            self.redirected,
            self.network,
            self.local,
            self.cause,
            self.permitted,
        )

    def held(self) -> Message:
        return csta.HeldEvent(self.cross_ref, self.subject, self.device, self.local, self.cause, self.permitted)

    def retrieved(self) -> Message:
        return csta.RetrievedEvent(self.cross_ref, self.subject, self.device, self.local, self.cause, self.permitted)

    def cleared(self) -> Message:
        return csta.ConnectionClearedEvent(
            self.cross_ref, self.subject, self.device, self.local, self.cause, self.permitted
        )

    def call_cleared(self) -> Message:
        return csta.CallClearedEvent(self.cross_ref, ConnectionId(self.event.subject.call), self.cause)

    def diverted(self) -> Message:
        return csta.DivertedEvent(
            self.cross_ref,
            self.subject,
            self.device,
            shown(self.event.other),
            self.calling,
            self.called,
            self.redirected,
            self.local,
            self.cause,
            self.permitted,
        )

    def queued(self) -> Message:
        return csta.QueuedEvent(
            self.cross_ref,
            self.subject,
            shown(self.event.other),
            self.calling,
            self.called,
            self.redirected,
            self.event.number_queued,
            self.event.calls_in_front,
            self.local,
            self.cause,
            self.permitted,
        )

    def transfered(self) -> Message:
        return csta.TransferedEvent(*self._joined())

    def conferenced(self) -> Message:
        return csta.ConferencedEvent(*self._joined())

    def _joined(
        self,
    ) -> tuple[
        str,
        ConnectionId,
        ConnectionId | None,
        ExtendedDevice,
        ExtendedDevice,
        tuple[ConnectionListItem, ...],
        LocalConnectionState | None,
        EventCause,
        ServicesPermitted | None,
    ]:
        return (
            self.cross_ref,
            self.subject,
            connection_id(self.event.secondary) if self.event.secondary else None,
            self.device,
            shown(self.event.other),
            connections(self.event.moved),
            self.local,
            self.cause,
            self.permitted,
        )

    def digits(self) -> Message:
        return csta.DigitsGeneratedEvent(self.cross_ref, self.subject, self.event.digits)


_CALL: dict[CallEventKind, Callable[[_Writer], Message]] = {
    CallEventKind.SERVICE_INITIATED: _Writer.service_initiated,
    CallEventKind.ORIGINATED: _Writer.originated,
    CallEventKind.NETWORK_REACHED: _Writer.network_reached,
    CallEventKind.DELIVERED: _Writer.delivered,
    CallEventKind.ESTABLISHED: _Writer.established,
    CallEventKind.HELD: _Writer.held,
    CallEventKind.RETRIEVED: _Writer.retrieved,
    CallEventKind.DIVERTED: _Writer.diverted,
    CallEventKind.QUEUED: _Writer.queued,
    CallEventKind.FAILED: _Writer.failed,
    CallEventKind.TRANSFERED: _Writer.transfered,
    CallEventKind.CONFERENCED: _Writer.conferenced,
    CallEventKind.CONNECTION_CLEARED: _Writer.cleared,
    CallEventKind.CALL_CLEARED: _Writer.call_cleared,
    CallEventKind.DIGITS_GENERATED: _Writer.digits,
}


def _forwarding(cross_ref: str, event: DeviceEvent) -> Message:
    to = DeviceId(event.to) if event.to else None
    kind = ForwardingType(event.forwarding.value)
    return csta.ForwardingEvent(cross_ref, shown(event.device), kind, event.on, to)


_DEVICE: dict[DeviceEventKind, Callable[[str, DeviceEvent], Message]] = {
    DeviceEventKind.FORWARDING: _forwarding,
    DeviceEventKind.DO_NOT_DISTURB: lambda ref, e: csta.DoNotDisturbEvent(ref, shown(e.device), e.on),
    DeviceEventKind.MESSAGE_WAITING: lambda ref, e: csta.MessageWaitingEvent(ref, DeviceId(e.device.number), e.on),
    DeviceEventKind.OUT_OF_SERVICE: lambda ref, e: csta.OutOfServiceEvent(ref, shown(e.device)),
    DeviceEventKind.BACK_IN_SERVICE: lambda ref, e: csta.BackInServiceEvent(ref, shown(e.device)),
    DeviceEventKind.CALL_BACK: lambda ref, e: csta.CallBackEvent(ref, shown(e.device), e.on),
}
