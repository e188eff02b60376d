"""Call control services (ECMA-269 17): each checks first, refuses without change, and otherwise sets events going."""

from unisono.demo.pbx.core import Core
from unisono.demo.pbx.distribution import Distribution
from unisono.demo.pbx.entities import Connection
from unisono.demo.pbx.model import (
    CallEventKind,
    Cause,
    Device,
    Leg,
    Problem,
    Refusal,
    State,
)
from unisono.demo.pbx.permitted import ACTIVE
from unisono.demo.pbx.routing import Routing

DIGITS = frozenset("0123456789*#ABCDabcd,")


class Services:
    """Making, answering, holding, diverting and clearing calls."""

    def __init__(self, core: Core, routing: Routing, distribution: Distribution) -> None:
        self.core = core
        self.routing = routing
        self.distribution = distribution

    # Making calls

    def make_call(self, calling: str, to: str, *, prompt: bool = False, subject: str = "") -> Leg:
        """Call `to` from a telephone; with `prompt` it rings first and dials when it is taken up."""
        device = self.caller(calling)
        if self.core.in_state(calling, *ACTIVE, State.ALERTING):
            raise Refusal(Problem.CALLING_DEVICE_STATE, calling)
        self.routing.check(to, device.site, Problem.INVALID_CALLED_DEVICE)
        return self.initiate(device, to, Cause.MAKE_CALL, prompt=prompt, subject=subject).leg

    def off_hook(self, calling: str) -> Leg:
        """Take up a telephone to dial."""
        device = self.caller(calling)
        if self.core.in_state(calling, *ACTIVE, State.ALERTING):
            raise Refusal(Problem.CALLING_DEVICE_STATE, calling)
        return self.initiate(device, "", Cause.NORMAL).leg

    def dial_digits(self, leg: Leg, to: str) -> None:
        """Dial on a telephone that is off hook. Whatever is dialled leads somewhere, if only to a tone."""
        connection = self.core.connection(leg)
        self._of_station(connection)
        if connection.state is not State.INITIATED or connection.prompted is not None:
            raise Refusal(Problem.CONNECTION_STATE, leg.device)
        self.originate(connection, to, Cause.NEW_CALL)

    def caller(self, identifier: str) -> Device:
        """A telephone that may make calls now."""
        device = self.core.device(identifier, Problem.INVALID_CALLING_DEVICE)
        if not self.core.is_station(identifier):
            raise Refusal(Problem.INVALID_CALLING_DEVICE, identifier)
        if not device.in_service:
            raise Refusal(Problem.CALLING_OUT_OF_SERVICE, identifier)
        return device

    def initiate(self, device: Device, to: str, cause: Cause, *, prompt: bool = False, subject: str = "") -> Connection:
        """Open a call at a telephone, and dial at once if it is not to be prompted and there is something to dial."""
        call = self.core.new_call(device.address, self.routing.shown(to, device.site), subject)
        connection = self.core.join(call, device.id, device.address, State.INITIATED)
        if prompt:
            connection.prompted = to
            limit = self.core.options.prompt
            connection.timer = self.core.timeline.after(
                limit, lambda: self.core.clear(connection, Cause.CALL_NOT_ANSWERED)
            )
        self.core.tell(CallEventKind.SERVICE_INITIATED, connection, cause)
        if to and not prompt:
            self.originate(connection, to, Cause.NEW_CALL if cause is Cause.MAKE_CALL else cause)
        return connection

    def originate(self, connection: Connection, to: str, cause: Cause) -> None:
        """The telephone dials `to`."""
        device = self.core.devices[connection.device]
        call = connection.call
        call.called = self.routing.shown(to, device.site)
        connection.prompted = None
        self.core.move(connection, State.CONNECTED)
        self.core.tell(CallEventKind.ORIGINATED, connection, cause)
        self.routing.offer(call, to, cause, site=device.site)

    # One call

    def answer(self, leg: Leg) -> None:
        """Take a ringing call, or take up a telephone that is prompted."""
        connection = self.core.connection(leg)
        if connection.state is State.INITIATED and connection.prompted is not None:
            self._make_room(connection)
            self.originate(connection, connection.prompted, Cause.NEW_CALL)
        elif connection.state is State.ALERTING:
            self._of_station(connection)
            self._make_room(connection)
            self.take(connection, Cause.NORMAL)
        else:
            raise Refusal(Problem.NO_CALL_TO_ANSWER, leg.device)

    def take(self, connection: Connection, cause: Cause) -> None:
        """A ringing connection is answered; a queue loses the call and its other members stop ringing."""
        device = self.core.devices[connection.device]
        rest = self.distribution.leave(connection.call, connection, device.address, Cause.DISTRIBUTED)
        self.routing.establish(connection, cause)
        for other in rest:
            self.core.drop(other, Cause.NORMAL_CLEARING)

    def _make_room(self, connection: Connection) -> None:
        """Before a telephone talks in `connection`, its present call is held, or cleared if nobody was there yet."""
        for other in self.core.in_state(connection.device, *ACTIVE):
            if other is connection:
                continue
            if other.state is State.CONNECTED and other.established:
                self.hold_connection(other, Cause.NORMAL)
            else:
                self.core.clear(other)

    def hold(self, leg: Leg) -> None:
        """Put an established call on hold."""
        self.hold_connection(self._established(leg), Cause.NORMAL)

    def hold_connection(self, connection: Connection, cause: Cause) -> None:
        """Hold without asking."""
        self.core.move(connection, State.HOLD)
        self.core.tell(CallEventKind.HELD, connection, cause)

    def _established(self, leg: Leg, problem: Problem = Problem.CONNECTION_STATE) -> Connection:
        connection = self.core.connection(leg)
        self._of_station(connection)
        if connection.state is not State.CONNECTED or not connection.established:
            raise Refusal(problem, leg.device)
        return connection

    def _of_station(self, connection: Connection) -> None:
        if not connection.station:
            raise Refusal(Problem.INCOMPATIBLE_CONNECTION, connection.device)

    def retrieve(self, leg: Leg) -> None:
        """Take a held call back; the telephone must not be in another one."""
        connection = self.core.connection(leg)
        if connection.state is not State.HOLD:
            raise Refusal(Problem.CONNECTION_STATE, leg.device)
        if self.core.in_state(connection.device, *ACTIVE):
            raise Refusal(Problem.CONNECTED_CALL_EXISTS, leg.device)
        self.retrieve_connection(connection, Cause.NORMAL)

    def retrieve_connection(self, connection: Connection, cause: Cause) -> None:
        """Retrieve without asking."""
        self.core.move(connection, State.CONNECTED)
        self.core.tell(CallEventKind.RETRIEVED, connection, cause)

    def clear_connection(self, leg: Leg) -> None:
        """Hang up; a ringing telephone rejects the call."""
        connection = self.core.connection(leg)
        if connection.refused or connection.state is State.QUEUED:
            raise Refusal(Problem.NO_CONNECTION_TO_CLEAR, leg.device)
        if connection.state is State.ALERTING and self.distribution.refused(connection):
            return
        self.core.clear(connection)

    def clear_call(self, call: str) -> None:
        """End a call for everybody."""
        if call not in self.core.calls:
            raise Refusal(Problem.INVALID_CALL, call)
        self.core.clear_call(self.core.calls[call])

    def generate_digits(self, leg: Leg, digits: str) -> None:
        """Send DTMF into an established call."""
        connection = self._established(leg)
        if not digits or not DIGITS.issuperset(digits):
            raise Refusal(Problem.CHARACTERS_NOT_SUPPORTED, digits)
        self.core.tell(CallEventKind.DIGITS_GENERATED, connection, Cause.NORMAL, digits=digits)

    # Elsewhere

    def deflect(self, leg: Leg, to: str) -> None:
        """Send a ringing call to another destination."""
        connection = self.core.connection(leg)
        if connection.state is not State.ALERTING or not connection.station:
            raise Refusal(Problem.CONNECTION_STATE, leg.device)
        self._destination(connection, to)
        shown = self.routing.shown(to, self.core.devices[connection.device].site)
        for other in self.distribution.leave(connection.call, connection, shown, Cause.REDIRECTED):
            self.core.drop(other, Cause.NORMAL_CLEARING)
        self.routing.divert(connection, to, Cause.REDIRECTED)

    def _destination(self, connection: Connection, to: str) -> None:
        """Refuse a destination that would not take the call."""
        self.routing.check(to, self.core.devices[connection.device].site)
        if to in connection.call.connections:
            raise Refusal(Problem.NOT_DIFFERENT_DEVICES, to)
        self.routing.check_free(to)

    def directed_pickup(self, leg: Leg, requesting: str) -> Leg:
        """Take a call that rings at another telephone, or one that is parked."""
        connection = self.core.connection(leg)
        device = self.caller(requesting)
        parked = connection.state is State.QUEUED and bool(connection.recall_to)
        if not parked and (connection.state is not State.ALERTING or not connection.station):
            raise Refusal(Problem.CONNECTION_STATE, leg.device)
        if requesting in connection.call.connections:
            raise Refusal(Problem.NOT_DIFFERENT_DEVICES, requesting)
        return self.pick_up(connection, device, Cause.PARK if parked else Cause.PICKUP)

    def pick_up(self, connection: Connection, device: Device, cause: Cause) -> Leg:
        """Bring a ringing or parked call to `device` and establish it there."""
        call = connection.call
        for active in self.core.in_state(device.id, *ACTIVE):
            if active.state is State.CONNECTED and active.established:
                self.hold_connection(active, Cause.NORMAL)
            else:
                self.core.clear(active)
        rest = self.distribution.leave(call, connection, device.address, Cause.PICKUP)
        left = self.core.devices[connection.device].address
        self.core.move(connection, State.NULL)
        self.core.tell(CallEventKind.DIVERTED, connection, cause, also=(device.id,), other=device.address)
        call.last_redirection = left
        picked = self.core.join(call, device.id, device.address, State.CONNECTED)
        self.core.tell(CallEventKind.ESTABLISHED, picked, cause)
        for other in rest:
            self.core.drop(other, Cause.NORMAL_CLEARING)
        return picked.leg

    def group_pickup(self, requesting: str) -> Leg:
        """Take the call that has rung longest in the telephone's pick-up group."""
        device = self.caller(requesting)
        ringing = [
            connection
            for member in self.core.devices.values()
            if device.pickup_group and member.pickup_group == device.pickup_group and member is not device
            for connection in self.core.in_state(member.id, State.ALERTING)
            if requesting not in connection.call.connections
        ]
        if not ringing:
            raise Refusal(Problem.NO_CALL_TO_COMPLETE, requesting)
        return self.pick_up(min(ringing, key=lambda c: c.since), device, Cause.PICKUP)
