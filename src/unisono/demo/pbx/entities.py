"""The living calls of the switch. They change; whatever leaves the switch is a value of `model`."""

from dataclasses import dataclass, field

from unisono.demo.pbx.model import UNKNOWN, Address, Leg, State
from unisono.demo.pbx.timeline import Timer

TALKING = frozenset({State.CONNECTED, State.HOLD})
PRESENT = TALKING | {State.INITIATED}


@dataclass(slots=True, eq=False)
class Connection:
    """A device in a call.

    `timer` plans what happens if the connection stays in its state; every change of state takes it back. `recall_to` names the
    station that gets the call back when nobody answers here (single-step transfer, park). `refused` marks the failed leg of
    a called device, which does not keep that device busy.
    """

    call: "Call"
    device: str
    address: Address
    since: float
    station: bool = False
    state: State = State.NULL
    timer: Timer | None = None
    recall_to: str = ""
    prompted: str | None = None
    refused: bool = False

    @property
    def leg(self) -> Leg:
        """Its identifier."""
        return Leg(self.call.id, self.device)

    @property
    def others(self) -> "list[Connection]":
        """The other connections of the call."""
        return [other for other in self.call.connections.values() if other is not self]

    @property
    def established(self) -> bool:
        """Whether somebody is there to talk to."""
        return self.state in TALKING and any(other.state in TALKING for other in self.others)


@dataclass(slots=True, eq=False)
class Hunt:
    """A call looking for a member of a queue or hunt group. `tried` rang and did not answer in this round."""

    call: "Call"
    pilot: str
    tried: list[str] = field(default_factory=list)
    ringing: Timer | None = None
    patience: Timer | None = None

    def cancel(self) -> None:
        """Stop its clocks."""
        for timer in (self.ringing, self.patience):
            if timer is not None:
                timer.cancel()


@dataclass(slots=True, eq=False)
class Call:
    """A call: its connections by device, in the order in which they came."""

    id: str
    calling: Address
    called: Address = UNKNOWN
    subject: str = ""
    connections: dict[str, Connection] = field(default_factory=dict)
    last_redirection: Address | None = None
    redirections: int = 0
    hunt: Hunt | None = None

    @property
    def external(self) -> bool:
        """Whether it came from outside."""
        return self.calling.outside

    @property
    def network(self) -> Leg | None:
        """The first outside party's connection."""
        return next((c.leg for c in self.connections.values() if c.address.outside), None)

    def in_state(self, *states: State) -> list[Connection]:
        """Connections in one of these states."""
        return [connection for connection in self.connections.values() if connection.state in states]
