"""A busy hour of the demo PBX, through the CSTA connector, into the call model: what the model knows is what the PBX has."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from tests.pure.demo.test_pbx_commands import setup

from unisono.calls.impossible import Impossible
from unisono.calls.model import Result
from unisono.calls.pbx_events import (
    CallSnapshot,
    DeviceDoNotDisturb,
    DeviceForwarding,
    DeviceInService,
    DeviceMessageWaiting,
    PbxEvent,
    SnapshotComplete,
)
from unisono.calls.picture import Picture, Step
from unisono.calls.port import DiscoveredLine, LinkPhase, LinkState
from unisono.calls.step import step
from unisono.calls.unwatched import sweep
from unisono.connectors.csta.connector import CstaConnector
from unisono.connectors.csta.settings import CstaSettings
from unisono.demo import firm, plant
from unisono.demo.pbx.__main__ import build
from unisono.demo.pbx.commands import Commands
from unisono.demo.pbx.model import MergedId
from unisono.demo.pbx.server import Server
from unisono.kernel.clock import ManualClock
from unisono.kernel.ids import new_id
from unisono.kernel.secrets import Secret

DEVICE_EVENTS = (DeviceDoNotDisturb, DeviceForwarding, DeviceInService, DeviceMessageWaiting)


@dataclass
class Model:
    """Hop 2 without its service: every event goes through the model."""

    picture: Picture = field(default_factory=Picture)
    anomalies: list[Impossible] = field(default_factory=list)
    results: Counter[Result] = field(default_factory=Counter)
    events: int = 0
    up: asyncio.Event = field(default_factory=asyncio.Event)
    more: asyncio.Event = field(default_factory=asyncio.Event)

    async def heard(self, events: int) -> None:
        """Wait until so many events have been reported."""
        while self.events < events:
            self.more.clear()
            await self.more.wait()

    def report(self, event: PbxEvent) -> None:
        if not isinstance(event, CallSnapshot | SnapshotComplete):
            self.events += 1
            self.more.set()
        if not isinstance(event, DEVICE_EVENTS):
            self.take(step(self.picture, event, new_id))

    def tidy(self, now: datetime) -> None:
        """What the service does every second."""
        for found in sweep(self.picture, now):
            self.take(found)

    def take(self, found: Step) -> None:
        """Take over a step."""
        self.anomalies += found.anomalies
        for call in found.changed:
            if call.result is not None:
                self.results[call.result] += 1
        self.picture.apply(found)

    def link(self, connector: str, state: LinkState) -> None:
        if state.phase is LinkPhase.UP:
            self.up.set()

    def lines(self, connector: str, lines: tuple[DiscoveredLine, ...]) -> None:
        """Not needed here."""

    def capabilities(self, connector: str, device: str, services: object) -> None:
        """Not needed here."""


EVERYTHING = frozenset(device.id for device in plant.devices())
PEOPLE_AND_SHARED_LINES = frozenset(person.extension for person in firm.PEOPLE) | {"600", "610"}
"""The lines that the demo's server has: nobody monitors the mailbox and the park slots."""


@pytest.mark.parametrize("merged", MergedId)
async def test_the_model_knows_what_the_pbx_has(merged: MergedId) -> None:
    """Whoever is monitored: the same becomes of the calls as far as our people can tell."""
    everything = await busy_time(merged, EVERYTHING)
    assert everything[Result.VOICEMAIL] > 20
    assert await busy_time(merged, PEOPLE_AND_SHARED_LINES) == everything


@dataclass
class Stand:
    """The demo PBX with its clock standing still, and the model behind a connector."""

    server: Server
    commands: Commands
    clock: ManualClock
    model: Model
    connector: CstaConnector
    before: int

    async def second(self) -> None:
        """A second goes by, and what happened in it is heard."""
        await self.clock.advance(1)
        async with asyncio.timeout(60):
            await self.model.heard(self.before + self.server.exchange.told)
        self.model.tidy(self.clock.now())


@asynccontextmanager
async def stand(watched: frozenset[str], **changes: object) -> AsyncIterator[Stand]:
    """Everything joined over a real socket; these devices are monitored."""
    exchange, commands = build(setup(heartbeat=1e6, **changes), {"cti": Secret("secret")})
    clock, model, ready = ManualClock(), Model(), asyncio.Event()
    server = Server(exchange, clock)
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(server.run(ready=ready))
        await ready.wait()
        settings = CstaSettings(host="127.0.0.1", port=server.port, user="cti", password=Secret("secret"))
        connector = CstaConnector("demo", settings, model, clock)
        connector.watch(watched)
        linking = tasks.create_task(connector.run())
        async with asyncio.timeout(60):
            await model.up.wait()
        yield Stand(server, commands, clock, model, connector, model.events - exchange.told)
        serving.cancel()
        linking.cancel()


async def busy_time(merged: MergedId, watched: frozenset[str]) -> Counter[Result]:
    """Ten minutes of traffic and ten to end it, watched by these devices' monitors; what became of the calls."""
    async with stand(watched, merged_id=merged, seed=5) as joined:
        joined.commands.serve("traffic", {"per_minute": 20})
        for second in range(1_200):
            if second == 600:
                joined.commands.serve("traffic", {"on": False})
            await joined.second()
            compare(joined.model, joined.server, watched)
    assert joined.model.anomalies == []
    assert joined.server.exchange.told > 1_000
    assert list(joined.model.picture.live()) == []
    return joined.model.results


def compare(model: Model, server: Server, watched: frozenset[str]) -> None:
    """The same connections of our devices in the same states on both sides, and no call in which nobody of ours is."""
    truth = {
        (party.leg.call, party.leg.device): party.state.value
        for call in server.exchange.switch.calls()
        for party in call.parties
        if party.leg.device in watched
    }
    known = {
        (leg.id.call, leg.id.device): leg.state.value
        for call in model.picture.live()
        for leg in call.connections
        if leg.live and leg.id.device in watched
    }
    assert known == truth
    up = {call for call, _ in truth}
    for call in model.picture.live():
        watch = model.picture.watch(call.id)
        assert call.native in up or (watch is not None and watch.left is not None)
