"""A busy hour of the demo PBX, through the CSTA connector, into the call model: what the model knows is what the PBX has."""

import asyncio
from dataclasses import dataclass, field

import pytest
from tests.pure.demo.test_pbx_commands import setup

from unisono.calls.pbx_events import (
    CallSnapshot,
    DeviceDoNotDisturb,
    DeviceForwarding,
    DeviceInService,
    DeviceMessageWaiting,
    PbxEvent,
    SnapshotComplete,
)
from unisono.calls.picture import Picture
from unisono.calls.port import DiscoveredLine, LinkPhase, LinkState
from unisono.calls.step import step
from unisono.connectors.csta.connector import CstaConnector
from unisono.connectors.csta.settings import CstaSettings
from unisono.demo.pbx.__main__ import build
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
    anomalies: list[str] = field(default_factory=list)
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
            found = step(self.picture, event, new_id)
            self.anomalies += found.anomalies
            self.picture.apply(found)

    def link(self, connector: str, state: LinkState) -> None:
        if state.phase is LinkPhase.UP:
            self.up.set()

    def lines(self, connector: str, lines: tuple[DiscoveredLine, ...]) -> None:
        """Not needed here."""

    def capabilities(self, connector: str, device: str, services: object) -> None:
        """Not needed here."""


@pytest.mark.parametrize("merged", MergedId)
async def test_the_model_knows_what_the_pbx_has(merged: MergedId) -> None:
    exchange, commands = build(setup(merged_id=merged, seed=5, heartbeat=1e6), {"cti": Secret("secret")})
    clock, model, ready = ManualClock(), Model(), asyncio.Event()
    server = Server(exchange, clock)
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(server.run(ready=ready))
        await ready.wait()
        settings = CstaSettings(host="127.0.0.1", port=server.port, user="cti", password=Secret("secret"))
        connector = CstaConnector("demo", settings, model, clock)
        connector.watch(frozenset(device.id for device in exchange.switch.devices))
        linking = tasks.create_task(connector.run())
        async with asyncio.timeout(30):
            await model.up.wait()
        before = model.events - exchange.told
        commands.serve("traffic", {"per_minute": 20})
        for second in range(1_200):
            if second == 600:
                commands.serve("traffic", {"on": False})
            await clock.advance(1)
            async with asyncio.timeout(30):
                await model.heard(before + exchange.told)
            compare(model, server)
        serving.cancel()
        linking.cancel()
    assert model.anomalies == []
    assert exchange.told > 1_000


def compare(model: Model, server: Server) -> None:
    """The same connections of our devices in the same states on both sides."""
    ours = {device.id for device in server.exchange.switch.devices}
    truth = {
        (party.leg.call, party.leg.device): party.state.value
        for call in server.exchange.switch.calls()
        for party in call.parties
        if party.leg.device in ours
    }
    known = {
        (leg.id.call, leg.id.device): leg.state.value
        for call in model.picture.live()
        for leg in call.connections
        if leg.live and leg.id.device in ours
    }
    assert known == truth
