"""Whose calls and lines a window is told of: one's own and those of the people one follows."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.rooms.test_web_stream import calls_on
from tests.rooms.web_house import House, StreamClient, browser, open_house, window

from unisono.calls.pbx_events import DeviceDoNotDisturb
from unisono.calls.port import LinkPhase, LinkState
from unisono.people.model import Line, User
from unisono.permissions.model import Level
from unisono.presence.model import State
from unisono.web.hub import BUSY_TOUCHES
from unisono.web.interest import Interest


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        yield house


async def agrees(house: House, client: httpx.AsyncClient, stream: StreamClient) -> None:
    """A window's state is what a new one would get."""
    await stream.catch_up(house)
    async with window(house, client) as fresh:
        await fresh.hello()
        await fresh.catch_up(house)
        await stream.catch_up(house)
        assert stream.state == fresh.state


async def follow(house: House, who: str, *whom: str) -> None:
    await house.rooms.people.set_preferences(house.ids[who], favourites=[house.ids[each] for each in whom])


async def test_a_favourite_brings_calls_and_lines_and_takes_them_away(house: House) -> None:
    async with browser(house, "carla") as carla, window(house, carla) as stream:
        await stream.hello()
        house.ring("1", "101")
        house.ring("2", "101")
        house.hang_up("2")
        await stream.catch_up(house)
        assert stream.state["calls"] == {}
        assert set(stream.state["lines"]) == {house.lines["103"]}
        assert stream.state["presence"][house.ids["anna"]]["activity"] == "ringing"
        await follow(house, "carla", "anna")
        await agrees(house, carla, stream)
        assert sorted(call["state"] for call in calls_on(stream, house, "101")) == ["ended", "offering"]
        assert house.lines["101"] in stream.state["lines"]
        house.answer("1", "101")
        await agrees(house, carla, stream)
        assert "connected" in {call["state"] for call in calls_on(stream, house, "101")}
        await follow(house, "carla")
        await agrees(house, carla, stream)
        assert stream.state["calls"] == {}
        assert sum(message["type"] == "snapshot" for message in stream.messages) == 1


@pytest.mark.parametrize("by", ["person", "group"])
async def test_joining_and_leaving_a_group_counts_at_once(house: House, by: str) -> None:
    people, sales = house.rooms.people, house.ids["sales"]

    async def members(*logins: str) -> None:
        ids = tuple(house.ids[login] for login in logins)
        group, carla = people.group(sales), people.need_user(house.ids["carla"])
        assert group
        if by == "group":
            await people.save_group(replace(group, member_ids=ids))
        else:
            await people.save_user(replace(carla, group_ids=(sales,) if carla.id in ids else ()))

    async with (
        browser(house, "anna") as anna,
        browser(house, "carla") as carla,
        window(house, anna) as annas,
        window(house, carla) as carlas,
    ):
        await annas.hello()
        await carlas.hello()
        house.ring("1", "102")
        house.ring("2", "103")
        await members("anna", "ben", "carla")
        await agrees(house, carla, carlas)
        await agrees(house, anna, annas)
        assert len(calls_on(carlas, house, "102")) == len(calls_on(annas, house, "103")) == 1
        await members("anna", "ben")
        await agrees(house, carla, carlas)
        await agrees(house, anna, annas)
        assert calls_on(carlas, house, "102") == calls_on(annas, house, "103") == []


async def test_a_line_that_is_removed_takes_its_calls_along(house: House) -> None:
    async with browser(house, "ben") as ben, window(house, ben) as stream:
        await stream.hello()
        house.ring("1", "111")
        await stream.catch_up(house)
        assert len(calls_on(stream, house, "111")) == 1
        await house.rooms.people.remove_line(house.lines["111"])
        await agrees(house, ben, stream)
        assert stream.state["calls"] == {}


async def test_with_much_to_tell_only_distant_presence_waits(house: House) -> None:
    async with (
        browser(house, "ben") as ben,
        browser(house, "carla") as carla,
        window(house, ben) as bens,
        window(house, carla) as carlas,
    ):
        await bens.hello()
        await carlas.hello()
        for number in range(BUSY_TOUCHES + 1):
            await house.rooms.people.set_preferences(house.ids["root"], settings={"n": number})
        await house.drained()
        await house.clock.advance(1.0)
        await carlas.catch_up(house)
        await house.rooms.presence.set_manual(house.ids["anna"], State.AWAY)
        assert len(await bens.catch_up(house)) == 1
        assert await carlas.catch_up(house) == []
        await house.clock.advance(0.25)
        assert len(await carlas.catch_up(house)) == 1
        assert carlas.state["presence"][house.ids["anna"]]["state"] == "away"
        assert await bens.catch_up(house) == []  # he knows it


async def test_those_near_are_told_first_and_all_once(house: House) -> None:
    async with (
        browser(house, "ben") as ben,
        browser(house, "carla") as carla,
        window(house, carla) as carlas,
        window(house, ben) as bens,
    ):
        order: list[str] = []
        for name, stream in (("carla", carlas), ("ben", bens)):
            await stream.hello()
            note_arrivals(stream, name, order)
        await house.rooms.presence.set_manual(house.ids["anna"], State.AWAY)
        await house.drained()
        assert order == ["ben", "carla"]
        for stream in (bens, carlas):
            assert [len(message["facts"]) for message in await stream.catch_up(house)] == [1]


async def test_when_a_link_comes_a_call_overtakes_what_it_means_for_everybody(house: House) -> None:
    people = house.rooms.people
    for number in range(200, 260):
        user = await people.save_user(User("", f"u{number}", f"Person {number}"))
        await people.save_line(Line("", "pbx", str(number), str(number), user_ids=(user.id,)))
    async with browser(house, "anna") as anna, window(house, anna) as stream:
        await stream.hello()
        await agrees(house, anna, stream)
        first = len(stream.messages)
        house.rooms.calls.link("pbx", LinkState(LinkPhase.UP))
        for _ in range(5):
            await asyncio.sleep(0)
        house.ring("1", "101")
        await house.drained()
        await house.clock.advance(1)
        await agrees(house, anna, stream)
        facts = [fact for message in stream.messages[first:] for fact in message["facts"]]
        known = [fact["id"] for fact in facts if fact["collection"] == "presence"]
        assert len(known) - len(set(known)) <= 2  # Anna's own, who is rung
        before = [fact["collection"] for fact in facts[: next(n for n, f in enumerate(facts) if f["collection"] == "calls")]]
        assert before.count("presence") < 30


def note_arrivals(stream: StreamClient, name: str, order: list[str]) -> None:
    heard = stream._heard.put

    async def put(item: dict[str, Any]) -> None:
        order.append(name)
        await heard(item)

    stream._heard.put = put  # type: ignore[method-assign]


async def test_a_line_s_own_people_are_told_first(house: House) -> None:
    people, interest = house.rooms.people, Interest(house.rooms.people)
    for login, others in (("anna", ("ben",)), ("ben", ("anna",))):
        line = people.lines_of(house.ids[login])[0]
        assert list(interest.audience(line)) == [house.ids[name] for name in (login, *others)]
    shared = replace(people.lines_of(house.ids["carla"])[0], user_ids=(house.ids["carla"], house.ids["ben"]))
    assert list(interest.audience(shared)) == [house.ids[name] for name in ("carla", "ben", "anna")]


class Office:
    """Things that happen in an office, in any order."""

    def __init__(self, house: House, seed: int) -> None:
        self.house = house
        self.random = random.Random(seed)
        self.calls = 0
        self.up: list[tuple[str, str]] = []

    def anybody(self) -> str:
        return self.house.ids[self.random.choice(("root", "anna", "ben", "carla"))]

    async def ring(self) -> None:
        self.calls += 1
        device = self.random.choice(("100", "101", "102", "103", "111"))
        self.up.append((str(self.calls), device))
        self.house.ring(*self.up[-1])

    async def answer(self) -> None:
        if self.up:
            self.house.answer(*self.random.choice(self.up))

    async def hang_up(self) -> None:
        if self.up:
            native, _ = self.up.pop(self.random.randrange(len(self.up)))
            self.house.hang_up(native)

    async def favourites(self) -> None:
        chosen = {self.anybody() for _ in range(self.random.randrange(3))}
        await self.house.rooms.people.set_preferences(self.anybody(), favourites=sorted(chosen))

    async def groups(self) -> None:
        people = self.house.rooms.people
        user = people.need_user(self.anybody())
        await people.save_user(replace(user, group_ids=() if user.group_ids else (self.house.ids["sales"],)))

    async def grant(self) -> None:
        owner, viewer = self.anybody(), self.anybody()
        if owner != viewer:
            await self.house.rooms.granting.grant(owner, viewer, self.random.choice((Level.PERSONAL, None)))

    async def presence(self) -> None:
        await self.house.rooms.presence.set_manual(self.anybody(), self.random.choice((State.AWAY, State.DND, None)))

    async def disturb(self) -> None:
        device = self.random.choice(("101", "102", "103"))
        self.house.rooms.calls.report(DeviceDoNotDisturb(self.house.head(), device, on=self.random.random() < 0.5))

    async def private(self) -> None:
        people = self.house.rooms.people
        line: Line = self.random.choice(people.lines())
        await people.save_line(replace(line, private=not line.private))

    async def time(self) -> None:
        await self.house.clock.advance(self.random.choice((0.3, 2.0, 16.0)))

    async def something(self) -> None:
        happenings: list[Callable[[], Awaitable[None]]] = [
            *([self.ring, self.answer, self.hang_up] * 2),
            *(self.favourites, self.groups, self.grant, self.presence, self.disturb, self.private, self.time),
        ]
        await self.random.choice(happenings)()


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_happens_snapshot_and_facts_equal_a_fresh_snapshot(house: House, seed: int) -> None:
    office = Office(house, seed)
    async with AsyncExitStack() as stack:
        windows: list[tuple[httpx.AsyncClient, StreamClient]] = []
        for login in ("anna", "ben", "carla"):
            client = await stack.enter_async_context(browser(house, login))
            stream = await stack.enter_async_context(window(house, client))
            await stream.hello()
            windows.append((client, stream))
        for _ in range(12):
            for _ in range(5):
                await office.something()
            await house.drained()
            await house.clock.advance(0.3)
            for client, stream in windows:
                await stream.say({"type": "pong"})
                await agrees(house, client, stream)
