"""What the calls room asks of a connector, and what a connector may tell it. Connectors implement; `app` joins them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from unisono.calls.model import ConnectionId, ContactRef, ForwardingType, Service
from unisono.calls.pbx_events import PbxEvent
from unisono.kernel.errors import Culprit, Fault, Retry
from unisono.numbers.model import Direction, PhoneNumber, Role


class CommandProblem(StrEnum):
    """Why a PBX did not take a command; also the fault's code."""

    NOT_SUPPORTED = "not-supported"
    NOT_NOW = "not-now"
    INVALID_DESTINATION = "invalid-destination"
    BUSY = "busy"
    NO_PERMISSION = "no-permission"
    DEVICE_OFFLINE = "device-offline"
    TIMEOUT = "timeout"
    LINK_DOWN = "link-down"
    UNKNOWN_CALL = "unknown-call"
    OTHER = "pbx-refused"


class CommandRefused(Fault):
    """The PBX said no, or nothing; `data["native"]` has its own words."""

    def __init__(self, problem: CommandProblem, message: str, *, native: str = "") -> None:
        later = problem in (CommandProblem.NOT_NOW, CommandProblem.BUSY, CommandProblem.TIMEOUT, CommandProblem.LINK_DOWN)
        super().__init__(
            problem.value,
            message,
            culprit=Culprit.PEER,
            retry=Retry.LATER if later else Retry.ASK_ADMIN,
            data={"native": native},
        )
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Command:
    """One request to a PBX. Which fields count depends on the service.

    `device`: the line that acts. `connection`: its connection that the service is about (the active one where two are needed;
    for pick-up the ringing one of the other device). `held`: its held connection (alternate, transfer, conference, reconnect).
    `to`: digits to dial, as the location's dial rules made them. `digits`: DTMF.
    """

    service: Service
    device: str
    connection: ConnectionId | None = None
    held: ConnectionId | None = None
    to: str = ""
    digits: str = ""
    on: bool = True
    forwarding: ForwardingType = ForwardingType.IMMEDIATE
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The PBX took the command; whether it happened is told by events. `call`: the new native call, if it said so."""

    call: str = ""


class LinkPhase(StrEnum):
    """Where the link to a PBX stands."""

    STOPPED = "stopped"
    CONNECTING = "connecting"
    SIGNING_IN = "signing-in"
    SYNCHRONISING = "synchronising"
    UP = "up"
    WAITING = "waiting"
    """Down; the next try comes by itself."""
    REFUSED = "refused"
    """Down, and trying again is of no use before an admin changed something (it is still tried, seldom)."""


ELSEWHERE = "link-elsewhere"
"""The code of a link that another server of the same database has."""


@dataclass(frozen=True, slots=True)
class LinkState:
    """The link to a PBX for people: phase, why, what to do."""

    phase: LinkPhase
    code: str = ""
    message: str = ""
    remedy: str = ""
    peer: str = ""
    version: str = ""
    lines: int = 0
    next_try: datetime | None = None
    """When a link that is down is tried again by itself."""


@dataclass(frozen=True, slots=True)
class DiscoveredLine:
    """A device the PBX says it has."""

    device: str
    number: str
    name: str = ""
    services: frozenset[Service] | None = None


class Listener(Protocol):
    """What a connector calls; every method returns at once."""

    def report(self, event: PbxEvent) -> None:
        """Something happened on the PBX."""
        ...

    def link(self, connector: str, state: LinkState) -> None:
        """The link changed."""
        ...

    def lines(self, connector: str, lines: tuple[DiscoveredLine, ...]) -> None:
        """The PBX's devices, as far as it says."""
        ...

    def capabilities(self, connector: str, device: str, services: frozenset[Service]) -> None:
        """What this line can do has become known or has changed (learned downwards from refusals)."""
        ...


class Connector(Protocol):
    """A PBX link as the calls room sees it."""

    id: str

    async def run(self) -> None:
        """Connect, monitor, report, reconnect with back-off; ends only by cancellation."""
        ...

    def watch(self, devices: frozenset[str]) -> None:
        """Which devices are to be monitored from now on; the difference to before is started and stopped."""
        ...

    async def do(self, command: Command) -> Accepted:
        """Ask the PBX; raises `CommandRefused`."""
        ...

    def services(self, device: str) -> frozenset[Service]:
        """What the connector can do on this line at best."""
        ...


class Normaliser(Protocol):
    """How numbers are read and dialled where a line stands. Every method returns at once."""

    def read(self, raw: str, connector: str, device: str, direction: Direction, role: Role) -> PhoneNumber:
        """What a number that the PBX reports means; `device`: one of our lines in the call, "" if there is none.

        Never raises. The location is that of the line, else that of the connector.
        """
        ...

    def dial(self, raw: str, connector: str, device: str, *, forwarding: bool = False) -> str:
        """The digits to dial on this line for a number in any written form; raises `Invalid`."""
        ...

    def own(self, raw: str, connector: str, device: str) -> bool:
        """Whether a number, in any written form, is that of this very line; raises `Invalid` as `dial`."""
        ...


class Identifier(Protocol):
    """Who somebody is. Both methods answer from memory, well under a millisecond."""

    def person(self, connector: str, device: str) -> ContactRef | None:
        """Who uses this line of ours (reason "person"); None: it is no line of ours."""
        ...

    def contact(self, canonical: str) -> ContactRef | None:
        """Whose number this is."""
        ...
