"""What telephones are set to: forwarding, do-not-disturb, message waiting, in or out of service (ECMA-269 22)."""

from unisono.demo.pbx.core import Core
from unisono.demo.pbx.distribution import Distribution
from unisono.demo.pbx.entities import Connection
from unisono.demo.pbx.model import (
    CallEvent,
    CallEventKind,
    Category,
    Cause,
    Device,
    DeviceEventKind,
    Forwarding,
    Problem,
    Refusal,
    State,
)
from unisono.demo.pbx.routing import Routing

FORWARDABLE = frozenset({Category.STATION, Category.ACD, Category.GROUP})


class Features:
    """Settings of devices, and the mailboxes' part in them."""

    def __init__(self, core: Core, routing: Routing, distribution: Distribution) -> None:
        self.core = core
        self.routing = routing
        self.distribution = distribution
        self._left: dict[str, str] = {}
        core.watchers.append(self._mailbox)

    def set_forwarding(self, identifier: str, kind: Forwarding, *, on: bool, to: str = "") -> None:
        """Switch a forwarding; the destination may be anything that can be dialled."""
        device = self.core.device(identifier)
        if device.category not in FORWARDABLE:
            raise Refusal(Problem.INCOMPATIBLE_DEVICE, identifier)
        if on:
            self.routing.check(to, device.site, Problem.INVALID_FORWARD_DESTINATION)
            if to == identifier:
                raise Refusal(Problem.INVALID_FORWARD_DESTINATION, to)
            device.forwards[kind] = to
        else:
            to = device.forwards.pop(kind, to)
        self.core.tell_device(DeviceEventKind.FORWARDING, device, on=on, forwarding=kind, to=to)

    def set_do_not_disturb(self, identifier: str, *, on: bool) -> None:
        """Switch do-not-disturb."""
        device = self._station(identifier)
        device.do_not_disturb = on
        self.core.tell_device(DeviceEventKind.DO_NOT_DISTURB, device, on=on)

    def set_messages(self, identifier: str, count: int) -> None:
        """Set the number of voice messages; the lamp is on while there are some."""
        device = self._station(identifier)
        device.messages = count
        self.core.tell_device(DeviceEventKind.MESSAGE_WAITING, device, on=count > 0)

    def set_in_service(self, identifier: str, *, on: bool) -> None:
        """Plug a telephone in or out; its calls end when it is pulled."""
        device = self._station(identifier)
        if device.in_service == on:
            return
        if not on:
            for connection in list(self.core.own(identifier)):
                self._pulled(connection)
        device.in_service = on
        kind = DeviceEventKind.BACK_IN_SERVICE if on else DeviceEventKind.OUT_OF_SERVICE
        self.core.tell_device(kind, device)

    def _pulled(self, connection: Connection) -> None:
        if connection.state is State.NULL:
            return
        if connection.state is State.ALERTING and self.distribution.refused(connection):
            return
        self.core.clear(connection, Cause.DEST_OUT_OF_ORDER)

    def _station(self, identifier: str) -> Device:
        device = self.core.device(identifier)
        if not self.core.is_station(identifier):
            raise Refusal(Problem.INCOMPATIBLE_DEVICE, identifier)
        return device

    # Voice mail

    def _mailbox(self, event: CallEvent) -> None:
        """A caller redirected to a mailbox who hangs up has left a message; an owner who calls it has heard them."""
        for moved in event.moved:
            if moved.old is not None and moved.old.call in self._left:
                self._left[moved.new.call] = self._left.pop(moved.old.call)
        device = self.core.devices.get(event.subject.device)
        if device is None or device.category is not Category.VOICE:
            return
        if event.kind is CallEventKind.ESTABLISHED:
            redirected = event.last_redirection.number if event.last_redirection else ""
            self._left[event.subject.call] = redirected
            if not redirected and event.calling.number in self.core.devices:
                self.core.timeline.after(0.0, lambda: self._heard(event.calling.number))
        elif event.kind is CallEventKind.CONNECTION_CLEARED:
            owner = self.core.devices.get(self._left.pop(event.subject.call, ""))
            if owner is not None and self.core.is_station(owner.id):
                self.core.timeline.after(0.0, lambda: self.set_messages(owner.id, owner.messages + 1))

    def _heard(self, identifier: str) -> None:
        if self.core.is_station(identifier) and self.core.devices[identifier].messages:
            self.set_messages(identifier, 0)
