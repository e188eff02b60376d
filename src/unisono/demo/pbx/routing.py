"""Where a call goes: to a telephone, on by forwarding, to a mailbox, into a queue, out through the trunk, or nowhere."""

from collections.abc import Callable

from unisono.demo.pbx.core import Core
from unisono.demo.pbx.entities import Call, Connection
from unisono.demo.pbx.model import (
    Address,
    CallEventKind,
    Category,
    Cause,
    Device,
    Forwarding,
    Problem,
    Refusal,
    State,
)
from unisono.demo.pbx.numbering import Numbering

MOST_REDIRECTIONS = 5
VOICE_ANSWERS_AFTER = 1.0

Entry = Callable[[Call, Device, Cause], None]


class Routing:
    """Offers calls to destinations. `entries` are the ways into device categories that other parts of the switch serve."""

    def __init__(self, core: Core, numbering: Numbering) -> None:
        self.core = core
        self.numbering = numbering
        self.entries: dict[Category, Entry] = {Category.STATION: self._station, Category.VOICE: self._voice}

    # Before anything is done

    def check(self, target: str, site: str, problem: Problem = Problem.INVALID_DESTINATION) -> None:
        """Refuse a destination that cannot be: neither a device nor a number outside."""
        if target not in self.core.devices and not self.numbering.outside(target, site):
            raise Refusal(problem, target)

    def check_free(self, target: str) -> None:
        """Refuse a telephone that would not ring; for services that leave the call where it is when they fail."""
        device = self.core.devices.get(target)
        if device is None or device.category is not Category.STATION:
            return
        if device.forwards or (device.in_service and not device.do_not_disturb and not self.busy(device)):
            return
        raise Refusal(Problem.DESTINATION_DEVICE_STATE, target)

    def busy(self, device: Device) -> bool:
        """Whether the telephone takes no further call."""
        return len(self.core.own(device.id)) >= device.max_calls

    # Offering

    def offer(self, call: Call, target: str, cause: Cause, *, recall_to: str = "", site: str = "") -> None:
        """Bring the call to `target`: a device, or digits that lead outside."""
        device = self.core.devices.get(target)
        if device is None:
            self._outside(call, target, site, cause)
        elif target in call.connections or call.redirections > MOST_REDIRECTIONS:
            self.fail(call, None, Cause.DEST_NOT_OBTAINABLE if call.redirections > MOST_REDIRECTIONS else Cause.BUSY)
        elif (entry := self.entries.get(device.category)) is None:
            self.fail(call, None, Cause.DEST_NOT_OBTAINABLE)
        else:
            entry(call, device, cause)
            if recall_to and (there := call.connections.get(target)) is not None:
                there.recall_to = recall_to

    def _station(self, call: Call, device: Device, cause: Cause) -> None:
        forward = self._forward_before(call, device)
        if forward is not None:
            self._redirect(call, device, *forward)
        elif not device.in_service:
            self.fail(call, device, Cause.DEST_OUT_OF_ORDER)
        elif device.do_not_disturb:
            self.fail(call, device, Cause.DO_NOT_DISTURB)
        elif self.busy(device):
            self.fail(call, device, Cause.BUSY)
        else:
            self.ring(call, device, cause)

    def _forward_before(self, call: Call, device: Device) -> tuple[str, Cause] | None:
        """A forwarding that acts before the telephone rings."""
        external = call.external
        if to := device.forward(Forwarding.IMMEDIATE, external=external):
            return to, Cause.FORWARD_IMMEDIATE
        if device.do_not_disturb and (to := device.forward(Forwarding.DND, external=external)):
            return to, Cause.FORWARD
        unavailable = not device.in_service or self.busy(device)
        if unavailable and (to := device.forward(Forwarding.BUSY, external=external)):
            return to, Cause.FORWARD_BUSY
        return None

    def ring(self, call: Call, device: Device, cause: Cause) -> Connection:
        """Let a telephone ring until it is answered, forwards, or the limit is reached."""
        connection = self.core.join(call, device.id, device.address, State.ALERTING)
        forward = device.forward(Forwarding.NO_ANSWER, external=call.external) or device.mailbox
        patience = device.no_answer if device.no_answer is not None else self.core.options.no_answer
        wait = patience if forward else self.core.options.alerting_limit
        connection.timer = self.core.timeline.after(wait, lambda: self.not_answered(connection))
        self.core.tell(CallEventKind.DELIVERED, connection, cause)
        return connection

    def not_answered(self, connection: Connection) -> None:
        """Nobody answered at a ringing telephone: recall, forward, mailbox, or the end."""
        call, device = connection.call, self.core.devices[connection.device]
        recall_to = connection.recall_to
        if recall_to and recall_to not in call.connections and self.core.devices[recall_to].in_service:
            self.divert(connection, recall_to, Cause.RECALL_NO_ANSWER)
            return
        to = device.forward(Forwarding.NO_ANSWER, external=call.external) or device.mailbox
        if to and to not in call.connections:
            self.divert(connection, to, Cause.FORWARD_NO_ANSWER)
        else:
            self.core.clear(connection, Cause.CALL_NOT_ANSWERED)

    def divert(self, connection: Connection, target: str, cause: Cause) -> None:
        """Take a ringing or waiting call away from a device and bring it to another."""
        call, device = connection.call, self.core.devices[connection.device]
        self.core.move(connection, State.NULL)
        self._redirect(call, device, target, cause, connection)

    def _redirect(
        self, call: Call, device: Device, target: str, cause: Cause, connection: Connection | None = None
    ) -> None:
        left = connection or Connection(call, device.id, device.address, self.core.timeline.now)
        call.redirections += 1
        self.core.tell(CallEventKind.DIVERTED, left, cause, other=self.shown(target, device.site))
        call.last_redirection = device.address
        if call.id in self.core.calls:
            self.offer(call, target, cause, site=device.site)

    def shown(self, target: str, site: str) -> Address:
        """How a destination is shown: a device, or the number that is dialled outside."""
        if target in self.core.devices:
            return self.core.devices[target].address
        number = self.numbering.outside(target, site)
        return Address(self.numbering.shown(number) if number else target, outside=bool(number))

    def _voice(self, call: Call, device: Device, cause: Cause) -> None:
        connection = self.core.join(call, device.id, device.address, State.ALERTING)
        self.core.tell(CallEventKind.DELIVERED, connection, cause)
        connection.timer = self.core.timeline.after(VOICE_ANSWERS_AFTER, lambda: self.establish(connection, cause))

    def establish(self, connection: Connection, cause: Cause) -> None:
        """A connection is answered."""
        self.core.move(connection, State.CONNECTED)
        connection.recall_to = ""
        connection.call.redirections = 0
        self.core.tell(CallEventKind.ESTABLISHED, connection, cause)

    def _outside(self, call: Call, digits: str, site: str, cause: Cause) -> None:
        number = self.numbering.outside(digits, site)
        if not number:
            self.fail(call, None, Cause.INVALID_NUMBER if not digits else Cause.NUMBER_UNALLOCATED)
            return
        if (extension := self.numbering.extension(number)) in self.core.devices:
            self.offer(call, extension, cause)
            return
        address = Address(self.numbering.shown(number), outside=True)
        connection = self.core.seize(call, address, State.INITIATED)
        if connection is None:
            self.fail(call, None, Cause.TRUNKS_BUSY)
            return
        self.core.tell(CallEventKind.NETWORK_REACHED, connection, cause)

    # When it cannot be

    def fail(self, call: Call, device: Device | None, cause: Cause) -> None:
        """The destination is not reached: stations hear a tone until they hang up or it ends, outside callers are released.

        Without `device` there is nothing to fail but the lonely caller's own connection.
        """
        connection = self._failing(call, device)
        if connection is None:
            self.core.settle(call, cause, [*call.connections])
            return
        self.core.tell(CallEventKind.FAILED, connection, cause)
        if any(other.station and not other.refused for other in call.connections.values()):
            connection.timer = self.core.timeline.after(
                self.core.options.busy_tone, lambda: self.core.clear(connection, Cause.NORMAL_CLEARING)
            )
        else:
            self.core.clear(connection, cause)

    def _failing(self, call: Call, device: Device | None) -> Connection | None:
        if device is not None:
            connection = self.core.join(call, device.id, device.address, State.FAIL)
            connection.refused = True
            return connection
        alone = list(call.connections.values())
        if len(alone) == 1 and alone[0].station and alone[0].state is State.CONNECTED:
            self.core.move(alone[0], State.FAIL)
            return alone[0]
        return None
