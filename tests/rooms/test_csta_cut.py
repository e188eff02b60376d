"""The link to the PBX is cut for a minute, on a clock wound by hand: what is shown meanwhile, and that all is right afterwards.

The whole server is there, and the demo PBX at the other end of a real socket.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.pure.demo.switchboard import LONDON
from tests.rooms import demo_pbx
from tests.rooms.web_house import House, browser, open_house

from unisono.calls.model import Call, Cause, Service
from unisono.calls.port import LinkPhase, LinkState
from unisono.connectors.csta import MANIFEST
from unisono.demo.pbx.model import Leg
from unisono.presence.model import Activity
from unisono.wire.csta.devices import ConnectionId

LINES = ("101", "102", "103")
TURNS = 60


@dataclass
class Stand:
    """House and PBX on one clock."""

    house: House
    pbx: demo_pbx.Pbx

    async def wind(self, seconds: float) -> None:
        """Let time pass; in between both sides, which share one loop, read what was written."""
        for _ in range(round(seconds * 2)):
            await self.house.clock.advance(0.5)
            await self.turns()

    async def turns(self) -> None:
        for _ in range(TURNS):
            await asyncio.sleep(0)

    async def until(self, what: Callable[[], object], seconds: float = 40.0) -> float:
        """How long it takes until it is so, which has to be within this time."""
        began = self.house.clock.monotonic()
        while not what():
            assert self.house.clock.monotonic() - began < seconds, "it does not come about"
            await self.wind(0.5)
        return self.house.clock.monotonic() - began

    @property
    def phase(self) -> LinkPhase:
        return self.house.rooms.calls.link_state("pbx").phase

    def rings(self, to: str) -> ConnectionId:
        """A customer's call reaches this telephone."""
        return self.pbx.arrive(LONDON, to)

    def answer(self, connection: ConnectionId) -> None:
        assert connection.call
        assert connection.device
        self.pbx.exchange.switch.services.answer(Leg(connection.call, connection.device.text))
        self.pbx.server.turn()

    def call(self, connection: ConnectionId) -> Call | None:
        return self.house.rooms.calls.by_native("pbx", connection.call or "")

    async def talks(self, to: str) -> Call:
        """A customer talks with this line, and the server knows."""
        connection = self.rings(to)
        await self.until(lambda: self.call(connection))
        self.answer(connection)
        await self.until(lambda: (call := self.call(connection)) and call.answered)
        found = self.call(connection)
        assert found is not None
        return found


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncIterator[Stand]:
    async with open_house(tmp_path) as house, demo_pbx.running(clock=house.clock) as pbx:
        raw = {"host": "127.0.0.1", "port": pbx.server.port, "user": "cti", "password": "secret"}
        connector = MANIFEST.create("pbx", MANIFEST.parse(raw), house.rooms.calls, house.clock)
        connector.watch(frozenset(LINES))
        stand = Stand(house, pbx)
        task = asyncio.get_running_loop().create_task(connector.run())
        await stand.until(lambda: stand.phase is LinkPhase.UP)
        yield stand
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_minute_without_the_link(stand: Stand) -> None:
    house, calls, presence = stand.house, stand.house.rooms.calls, stand.house.rooms.presence
    await stand.wind(15)  # the link is steady
    ends, stays = await stand.talks("101"), await stand.talks("102")
    stand.pbx.fault(refuse_connections=True)
    stand.pbx.exchange.drop_links()
    await stand.until(lambda: stand.phase is LinkPhase.WAITING, 2)
    cut = house.clock.monotonic()

    await stand.wind(20)
    stand.pbx.hang_up(ConnectionId.of(ends.native, "101"))
    await stand.wind(40)
    began = stand.rings("103")  # the PBX lets it ring for a minute, and the next try is half a minute away at most
    assert house.clock.monotonic() - cut >= 60
    assert stand.phase in (LinkPhase.WAITING, LinkPhase.CONNECTING)
    state = calls.link_state("pbx")
    assert state.remedy or state.phase is LinkPhase.CONNECTING
    assert {call.id for call in calls.live()} == {ends.id, stays.id}, "nothing is guessed while nothing is heard"

    stand.pbx.fault()
    await stand.until(lambda: stand.phase is LinkPhase.UP)
    await house.drained()
    ended, kept, new = calls.get(ends.id), calls.get(stays.id), stand.call(began)
    assert ended is not None
    assert (ended.live, ended.cause) == (False, Cause.LOST_SIGHT)
    assert kept is not None
    assert (kept.live, kept.answered) == (True, stays.answered)
    ringing = new.leg("103") if (new := stand.call(began)) is not None else None
    assert ringing is not None
    assert Service.ANSWER_CALL in (ringing.permitted or ()), "the PBX says what can be done with a call that it lists"
    assert new is not None
    assert new.live
    assert {call.id for call in calls.live()} == {kept.id, new.id}
    activities = {login: presence.of(house.ids[login]).activity for login in ("anna", "ben", "carla")}
    assert activities == {"anna": Activity.NONE, "ben": Activity.ON_THE_PHONE, "carla": Activity.RINGING}

    stand.pbx.hang_up(ConnectionId.of(stays.native, "102"))
    stand.pbx.hang_up(began)
    await stand.until(lambda: not list(calls.live()), 5)
    await house.drained()
    for login, outcome in (("ben", "answered"), ("carla", "missed")):
        async with browser(house, login) as client:
            [entry] = (await client.get("/api/v1/journal?scope=mine")).json()["items"]
            assert (entry["outcome"], entry["ended"] is not None) == (outcome, True)
    assert calls.anomalies.total() == 0


async def test_the_pbx_is_left_in_peace_while_it_refuses(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute is a handful of tries, not hundreds; and the first comes at once."""
    calls, tries = stand.house.rooms.calls, 0
    heard = calls.link

    def counted(connector: str, state: LinkState) -> None:
        nonlocal tries
        tries += state.phase is LinkPhase.CONNECTING
        heard(connector, state)

    monkeypatch.setattr(calls, "link", counted)
    await stand.wind(15)
    stand.pbx.fault(refuse_connections=True)
    stand.pbx.exchange.drop_links()
    await stand.wind(2)
    assert tries >= 1
    await stand.wind(60)
    assert 4 <= tries <= 9


async def parked(stand: Stand) -> tuple[Call, Leg]:
    """A customer's call that Anna has parked, and where it waits."""
    call = await stand.talks("101")
    place = stand.pbx.exchange.switch.parking.park(Leg(call.native, "101"))
    stand.pbx.server.turn()
    await stand.until(lambda: (now := stand.house.rooms.calls.get(call.id)) and now.transfers)
    return call, place


async def without_link(stand: Stand, what: Callable[[], object] = lambda: None) -> None:
    """The link is cut for a moment, in which something happens at the PBX."""
    stand.pbx.fault(refuse_connections=True)
    stand.pbx.exchange.drop_links()
    await stand.until(lambda: stand.phase is LinkPhase.WAITING, 2)
    what()
    stand.pbx.server.turn()
    stand.pbx.fault()
    await stand.until(lambda: stand.phase is LinkPhase.UP)
    await stand.house.drained()


async def test_a_parked_call_is_there_after_the_link_was_cut(stand: Stand) -> None:
    calls = stand.house.rooms.calls
    call, place = await parked(stand)
    for _ in range(2):
        await without_link(stand)
        now = calls.get(call.id)
        assert now is not None
        assert now.live
        assert [each.to for each in now.transfers] == [place.device]
    await stand.wind(12)
    assert [each.id for each in calls.live()] == [call.id]
    stand.pbx.hang_up(ConnectionId.of(call.native, place.device))
    await stand.until(lambda: not list(calls.live()), 6)
    ended = calls.get(call.id)
    assert ended is not None
    assert ended.cause is not Cause.LOST_SIGHT
    assert calls.anomalies.total() == 0


async def test_a_parked_call_that_ended_while_the_link_was_cut_is_lost_sight_of(stand: Stand) -> None:
    call, place = await parked(stand)
    await without_link(stand, lambda: stand.pbx.hang_up(ConnectionId.of(call.native, place.device)))
    ended = stand.house.rooms.calls.get(call.id)
    assert ended is not None
    assert (ended.live, ended.cause) == (False, Cause.LOST_SIGHT)


async def test_a_parked_call_that_was_fetched_while_the_link_was_cut_is_where_it_is(stand: Stand) -> None:
    switch, calls = stand.pbx.exchange.switch, stand.house.rooms.calls
    call, place = await parked(stand)
    await without_link(stand, lambda: switch.services.make_call("103", place.device))
    await stand.wind(3)
    now = calls.get(call.id)
    assert now is not None
    assert now.live
    assert [leg.id.device for leg in now.connections if leg.live and leg.id.device in LINES] == ["103"]


async def test_parked_calls_are_known_to_a_server_that_starts(stand: Stand) -> None:
    """Nobody told this one that they were parked: the slots are looked at."""
    call, place = await parked(stand)
    raw = {"host": "127.0.0.1", "port": stand.pbx.server.port, "user": "cti", "password": "secret"}
    connector = MANIFEST.create("again", MANIFEST.parse(raw), stand.house.rooms.calls, stand.house.clock)
    task = asyncio.get_running_loop().create_task(connector.run())
    await stand.until(lambda: stand.house.rooms.calls.by_native("again", call.native))
    again = stand.house.rooms.calls.by_native("again", call.native)
    assert again is not None
    assert again.live
    assert [leg.id.device for leg in again.connections if leg.live and leg.id.device == place.device] == [place.device]
    stand.pbx.hang_up(ConnectionId.of(call.native, place.device))
    await stand.until(lambda: not list(stand.house.rooms.calls.live()), 6)
    ended = stand.house.rooms.calls.get(again.id)
    assert ended is not None
    assert not ended.live
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
