"""The calls room with everything around it in a test's hand."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from tests.rooms.shape import make_tables

from unisono.calls import pbx_events as ev
from unisono.calls.events import (
    AnomaliesChanged,
    CallChanged,
    CapabilitiesChanged,
    DeviceChanged,
    LinesDiscovered,
    LinkChanged,
)
from unisono.calls.model import Call, Cause, ConnectionId, ContactRef, Party, PartyKind, Service
from unisono.calls.port import Accepted, Command, LinkPhase, LinkState
from unisono.calls.service import CallService
from unisono.calls.store import CallStore
from unisono.kernel.bus import Bus
from unisono.kernel.clock import ManualClock
from unisono.kernel.errors import Invalid
from unisono.numbers.model import Direction as Way
from unisono.numbers.model import NumberKind, PhoneNumber
from unisono.numbers.model import Role as NumberRole
from unisono.storage import Database

ROSSI = ContactRef("c1", "Mario Rossi", "Rossi SpA", "exact")
ANNA = ContactRef("u1", "Anna", "", "person")


class Site:
    """A location that writes +39432 before what comes from outside and dials a leading 0; the lines are 101 to 109."""

    def __init__(self) -> None:
        self.read_count = 0
        self.known: ContactRef | None = ROSSI

    def read(self, raw: str, connector: str, device: str, direction: Way, role: NumberRole) -> PhoneNumber:
        self.read_count += 1
        if len(raw) == 3:
            return PhoneNumber(raw, NumberKind.INTERNAL, extension=raw)
        digits = raw.removeprefix("0") if direction is Way.OUT and role is NumberRole.CALLED else raw
        return PhoneNumber("+39" + digits, NumberKind.EXTERNAL, "IT")

    def dial(self, raw: str, connector: str, device: str, *, forwarding: bool = False) -> str:
        if not any(char.isdigit() for char in raw):
            raise Invalid("nothing-to-dial", "There is no number in that.", data={"field": "to"})
        return raw if len(raw) == 3 else raw.replace("+39", "0").replace(" ", "")

    def own(self, raw: str, connector: str, device: str) -> bool:
        return self.dial(raw, connector, device) == device

    def person(self, connector: str, device: str) -> ContactRef | None:
        return replace(ANNA, id=f"u{device}") if device in {"101", "102", "103"} else None

    def contact(self, canonical: str) -> ContactRef | None:
        return self.known if canonical == "+390432000462" else None


class Switch:
    """A connector in the test's hand."""

    id = "pbx"

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.answer: Accepted | Exception = Accepted()
        self.silent = False
        self.can = frozenset(Service)

    async def run(self) -> None:
        await asyncio.Event().wait()

    def watch(self, devices: frozenset[str]) -> None:
        pass

    async def do(self, command: Command) -> Accepted:
        self.commands.append(command)
        if self.silent:
            await asyncio.Event().wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def services(self, device: str) -> frozenset[Service]:
        return self.can


class Rig:
    """The room with everything around it."""

    def __init__(self, database: Database) -> None:
        self.clock = ManualClock()
        self.bus = Bus()
        self.site, self.switch = Site(), Switch()
        self.store = CallStore(database, self.clock)
        self.told: list[Any] = []
        self.calls = CallService(self.bus, self.clock, self.site, self.site, self.store, lambda id: self.switch)
        kinds = (CallChanged, DeviceChanged, LinkChanged, CapabilitiesChanged, AnomaliesChanged, LinesDiscovered)
        self.bus.subscribe("test", dict.fromkeys(kinds, self._hear), resync=self._never)
        self.calls.link("pbx", LinkState(LinkPhase.UP))

    async def _hear(self, fact: object) -> None:
        self.told.append(fact)

    async def _never(self) -> None:
        raise AssertionError("facts were lost")

    def head(self, cause: Cause = Cause.NORMAL) -> ev.Head:
        return ev.Head("pbx", self.clock.now(), cause, raw=b"bytes")

    async def heard(self, kind: type) -> list[Any]:
        """The facts of this kind since last asked."""
        await self.clock.advance(1)
        found = [fact for fact in self.told if isinstance(fact, kind)]
        self.told = [fact for fact in self.told if not isinstance(fact, kind)]
        return found

    def rings(self, native: str = "1", device: str = "101") -> Call:
        customer = Party("trunk", "0432000462", kind=PartyKind.EXTERNAL)
        own = Party(device, device, kind=PartyKind.EXTENSION)
        id = ConnectionId(native, device)
        self.calls.report(ev.Delivered(self.head(), id, own, customer, Party(number="0432100101")))
        return self.call(native)

    def answered(self, native: str = "1", device: str = "101") -> Call:
        own = Party(device, device, kind=PartyKind.EXTENSION)
        self.calls.report(ev.Established(self.head(), ConnectionId(native, device), own))
        return self.call(native)

    def call(self, native: str = "1") -> Call:
        call = self.calls.by_native("pbx", native)
        assert call is not None
        return call


@asynccontextmanager
async def running(database: Database) -> AsyncIterator[Rig]:
    """The room at work."""
    await make_tables(database)
    rig = Rig(database)
    tasks = asyncio.ensure_future(_run(rig))
    await asyncio.sleep(0)
    yield rig
    tasks.cancel()
    await asyncio.wait({tasks})


async def _run(rig: Rig) -> None:
    async with asyncio.TaskGroup() as tasks:
        rig.bus.start(tasks)
        tasks.create_task(rig.calls.run())
