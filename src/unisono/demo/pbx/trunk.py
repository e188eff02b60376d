"""The outside world as the switch meets it: calls that come from the network, and what the far end does to calls out."""

from unisono.demo.pbx.core import Core
from unisono.demo.pbx.entities import Connection
from unisono.demo.pbx.model import Address, CallEventKind, Cause, Leg, Problem, Refusal, State
from unisono.demo.pbx.numbering import Numbering
from unisono.demo.pbx.routing import Routing


class Trunk:
    """What outside parties do. Numbers are E.164 with plus; an empty one hides itself."""

    def __init__(self, core: Core, routing: Routing, numbering: Numbering) -> None:
        self.core = core
        self.routing = routing
        self.numbering = numbering

    def arrive(self, number: str, to: str, name: str = "") -> Leg:
        """Somebody outside calls an extension, or a number of the firm; returns the outside party's connection.

        `name` is what the network sends along, which most do not.
        """
        target = self.numbering.extension(to)
        if target not in self.core.devices:
            raise Refusal(Problem.INVALID_CALLED_DEVICE, to)
        calling = Address(self.numbering.shown(number), name, restricted=not number, outside=True)
        call = self.core.new_call(calling, self.core.address(target))
        connection = self.core.seize(call, calling, State.CONNECTED)
        if connection is None:
            del self.core.calls[call.id]
            raise Refusal(Problem.NETWORK_BUSY)
        leg = connection.leg
        self.routing.offer(call, target, Cause.NEW_CALL)
        return leg

    def rings(self, leg: Leg) -> None:
        """The far end of a call that left rings."""
        connection = self._far(leg, State.INITIATED)
        self.core.move(connection, State.ALERTING)
        self.core.tell(CallEventKind.DELIVERED, connection, Cause.NETWORK_SIGNAL)

    def answers(self, leg: Leg) -> None:
        """The far end answers."""
        connection = self._far(leg, State.INITIATED, State.ALERTING)
        self.routing.establish(connection, Cause.NORMAL)

    def refuses(self, leg: Leg, cause: Cause = Cause.BUSY) -> None:
        """The far end is busy or cannot be reached: whoever called hears it."""
        connection = self._far(leg, State.INITIATED, State.ALERTING)
        call = connection.call
        self.core.move(connection, State.FAIL)
        connection.refused = True
        self.core.tell(CallEventKind.FAILED, connection, cause)
        if any(other.station for other in connection.others):
            connection.timer = self.core.timeline.after(
                self.core.options.busy_tone, lambda: self.core.clear(connection, Cause.NORMAL_CLEARING)
            )
        else:
            self.core.clear_call(call, cause)

    def hangs_up(self, leg: Leg) -> None:
        """The far end hangs up, in whatever state."""
        self.core.clear(self._far(leg))

    def presses(self, leg: Leg, digits: str) -> None:
        """The far end sends DTMF."""
        connection = self._far(leg, State.CONNECTED)
        self.core.tell(CallEventKind.DIGITS_GENERATED, connection, Cause.NORMAL, digits=digits)

    def _far(self, leg: Leg, *states: State) -> Connection:
        connection = self.core.connection(leg)
        if not connection.address.outside or connection.device in self.core.devices:
            raise Refusal(Problem.INCOMPATIBLE_CONNECTION, leg.device)
        if states and connection.state not in states:
            raise Refusal(Problem.CONNECTION_STATE, leg.device)
        return connection
