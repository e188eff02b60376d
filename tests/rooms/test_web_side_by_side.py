"""Several applications in one process have the same routes and nothing else in common."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.rooms.test_carddav_door import Client, prop
from tests.rooms.test_phonebooks_doors import ANNA, BOSS, put
from tests.rooms.web_house import House, browser, open_house, refusal, sign_in, window, windows

from unisono.directory.ldap.model import Profile
from unisono.web.settings import LimitSettings
from unisono.web.stream import TOO_MANY

AT_ONCE = 20


@pytest.fixture
async def houses(tmp_path: Path) -> AsyncIterator[tuple[House, House]]:
    """Two servers with databases of their own; Anna is called otherwise in the other, which lets her open one window."""
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    async with open_house(tmp_path / "one") as one, open_house(tmp_path / "other", LimitSettings(windows=1)) as other:
        assert one.app.routes is other.app.routes
        people = other.rooms.people
        await people.save_user(replace(people.need_user(other.ids["anna"]), name="Anna Other"))
        await other.drained()
        yield one, other


async def test_each_answers_for_itself(houses: tuple[House, House]) -> None:
    one, other = houses
    async with browser(one, "anna") as here, browser(other, "anna") as there:
        answers = await asyncio.gather(*(client.get("/api/v1/me") for _ in range(AT_ONCE) for client in (here, there)))
        assert [answer.json()["name"] for answer in answers] == ["Anna Test", "Anna Other"] * AT_ONCE
    answered = [house.app.metrics.text().decode() for house in houses]
    assert all(f'unisono_http_answers_total{{status="2xx"}} {AT_ONCE + 1}.0' in text for text in answered)


async def test_who_is_signed_in_at_one_is_a_stranger_to_the_other(houses: tuple[House, House]) -> None:
    one, other = houses
    async with browser(one, "anna") as here, other.client() as stranger:
        stranger.cookies = here.cookies
        assert refusal(await stranger.get("/api/v1/me")) == (401, "not-signed-in")


async def test_streams_tell_of_their_own_calls(houses: tuple[House, House]) -> None:
    one, other = houses
    async with windows(one, "anna") as [here], windows(other, "anna") as [there]:
        one.ring("1", "101")
        await here.catch_up(one)
        await there.catch_up(other)
        assert (len(here.state["calls"]), len(there.state.get("calls", {}))) == (1, 0)


async def test_limits_are_those_of_each(houses: tuple[House, House]) -> None:
    closed: list[Any] = []
    for house in houses:
        async with browser(house, "anna") as anna, window(house, anna) as first, window(house, anna) as second:
            await first.hello()
            await second.hello()
            closed.append(second.closed)
    assert closed == [None, (TOO_MANY, "too many windows")]


async def test_bodies_are_as_long_as_each_takes_them(houses: tuple[House, House], tmp_path: Path) -> None:
    (tmp_path / "narrow").mkdir()
    sent = {"login": "anna", "password": "x" * 20_000}
    async with open_house(tmp_path / "narrow", LimitSettings(body_kib=16)) as narrow:
        for house, status in ((narrow, 413), (houses[0], 400), (narrow, 413)):
            async with house.client() as client:
                assert (await client.post("/api/v1/session", json=sent)).status_code == status
                await sign_in(client, "anna")


async def test_address_books_are_those_of_each(houses: tuple[House, House]) -> None:
    one, other = houses
    for house, book, person in ((one, "crm", ANNA), (other, "board", BOSS)):
        put(house, book, person)
        await house.rooms.ldap.save(Profile(book, book, books=(book,), people=(house.ids["anna"],)))
    async with (here := Client(one, "anna")).http, (there := Client(other, "anna")).http:
        body = prop("D:displayname")
        asked = (client.found("PROPFIND", client.home, body, "1") for _ in range(3) for client in (here, there))
        found = await asyncio.gather(*asked)
    homes = [{here.home, f"{here.home}crm/"}, {there.home, f"{there.home}board/"}]
    assert [set(books) for books in found] == homes * 3
