"""The switching function: all its parts around one core. It knows no socket and no wall clock; somebody winds it.

    switch = Switch(sites, Options())
    switch.add(Device("101", "Anna"))
    leg = switch.trunk.arrive("+441632960123", "101")
    switch.services.answer(Leg(leg.call, "101"))
    switch.advance(5.0)
    for report in switch.take(): ...
"""

from dataclasses import dataclass

from unisono.demo.pbx.core import Core
from unisono.demo.pbx.distribution import Distribution
from unisono.demo.pbx.features import Features
from unisono.demo.pbx.joining import Joining
from unisono.demo.pbx.model import Address, Device, Leg, Options, Problem, Refusal, Report, State
from unisono.demo.pbx.numbering import Numbering
from unisono.demo.pbx.parking import Parking
from unisono.demo.pbx.permitted import permitted
from unisono.demo.pbx.routing import Routing
from unisono.demo.pbx.services import Services
from unisono.demo.pbx.trunk import Trunk


@dataclass(frozen=True, slots=True)
class Party:
    """One connection as a snapshot shows it."""

    leg: Leg
    address: Address
    state: State
    permitted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CallView:
    """A call as a snapshot shows it."""

    id: str
    calling: Address
    called: Address
    parties: tuple[Party, ...]


class Switch:
    """A private branch exchange. Its parts are public: `services`, `joining`, `parking`, `features`, `trunk`."""

    def __init__(self, numbering: Numbering, options: Options | None = None) -> None:
        self.core = Core(options or Options())
        self.numbering = numbering
        routing = Routing(self.core, numbering)
        distribution = Distribution(self.core, routing)
        self.services = Services(self.core, routing, distribution)
        self.joining = Joining(self.core, routing, self.services)
        self.parking = Parking(self.core, routing, self.services)
        self.features = Features(self.core, routing, distribution)
        self.trunk = Trunk(self.core, routing, numbering)
        self.timeline = self.core.timeline

    def add(self, *devices: Device) -> None:
        """Install devices."""
        for device in devices:
            self.core.add(device)

    def device(self, identifier: str) -> Device:
        """A device; refuses an unknown one."""
        return self.core.device(identifier)

    @property
    def devices(self) -> tuple[Device, ...]:
        """All devices, in the order in which they were installed."""
        return tuple(self.core.devices.values())

    def advance(self, to: float) -> None:
        """Wind the clock to `to` seconds."""
        self.timeline.advance(to)

    def take(self) -> list[Report]:
        """What happened since the last time, in order."""
        reports, self.core.reports = self.core.reports, []
        return reports

    def call(self, identifier: str) -> CallView:
        """A call as it is now."""
        call = self.core.calls.get(identifier)
        if call is None:
            raise Refusal(Problem.INVALID_CALL, identifier)
        parties = tuple(
            Party(c.leg, c.address, c.state, permitted(c, self.core.own(c.device))) for c in call.connections.values()
        )
        return CallView(call.id, call.calling, call.called, parties)

    def calls(self) -> tuple[CallView, ...]:
        """All calls as they are now."""
        return tuple(self.call(identifier) for identifier in list(self.core.calls))

    def calls_of(self, device: str) -> tuple[CallView, ...]:
        """The calls that a device has a connection in."""
        self.core.device(device)
        return tuple(self.call(connection.call.id) for connection in self.core.at.get(device, ()))
