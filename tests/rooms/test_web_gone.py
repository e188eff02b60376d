"""People who are removed, and lines that pass to somebody else: every open window shows it at once, and resuming too."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.rooms.web_house import House, StreamClient, browser, open_house, window

from unisono.permissions.model import Level


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        await house.rooms.granting.grant(house.ids["anna"], house.ids["carla"], Level.PERSONAL)
        await house.rooms.people.set_preferences(house.ids["carla"], favourites=[house.ids["anna"], house.ids["ben"]])
        await house.drained()
        yield house


def calls_at(stream: StreamClient, line_id: str) -> list[Any]:
    return [call for call in stream.state["calls"].values() if call["line_id"] == line_id]


async def as_a_fresh_one(house: House, client: Any, stream: StreamClient) -> None:
    async with window(house, client) as fresh:
        await fresh.hello()
        assert stream.state == fresh.state


async def test_who_was_removed_is_gone_from_every_monitor(house: House) -> None:
    anna_id, line_id = house.ids["anna"], house.lines["101"]
    async with (
        browser(house, "anna") as anna,
        browser(house, "ben") as ben,
        browser(house, "carla") as carla,
        window(house, anna) as annas,
        window(house, anna) as annas_second,
        window(house, ben) as bens,
        window(house, carla) as carlas,
    ):
        for stream in (annas, annas_second, bens, carlas):
            await stream.hello()
        house.ring("1", "101")
        house.answer("1", "101")
        for stream in (bens, carlas):
            await stream.catch_up(house)
            assert stream.state["presence"][anna_id]["activity"] == "on-the-phone"
        assert len(calls_at(carlas, line_id)) == 1
        await house.rooms.people.remove_user(anna_id)
        for stream in (annas, annas_second):
            assert (await stream.ended() or (0, ""))[0] == 4401
        for client, stream in ((ben, bens), (carla, carlas)):
            await stream.catch_up(house)
            assert anna_id not in stream.state["people"]
            assert anna_id not in stream.state["presence"]
            assert stream.state["lines"].get(line_id) is None
            assert calls_at(stream, line_id) == []
            await as_a_fresh_one(house, client, stream)
        assert (await anna.get("/api/v1/me")).status_code == 401
        house.hang_up("1")
        for _ in range(40):
            await house.clock.advance(1)
        for client, stream in ((ben, bens), (carla, carlas)):
            await stream.say({"type": "pong"})
            await stream.catch_up(house)
            assert anna_id not in stream.state["presence"]
            await as_a_fresh_one(house, client, stream)


async def test_who_comes_back_after_somebody_was_removed(house: House) -> None:
    async with browser(house, "carla") as carla:
        async with window(house, carla) as stream:
            await stream.hello()
        await house.rooms.people.remove_user(house.ids["anna"])
        await house.drained()
        async with window(house, carla) as again:
            again.epoch, again.seq, again.state = stream.epoch, stream.seq, stream.state
            await again.hello(stream.epoch, stream.seq)
            await again.catch_up(house)
            assert house.ids["anna"] not in again.state["presence"]
            await as_a_fresh_one(house, carla, again)


async def test_a_line_that_passes_to_somebody_else(house: House) -> None:
    people, ids, line_id = house.rooms.people, house.ids, house.lines["101"]
    line = people.line(line_id)
    assert line is not None
    async with (
        browser(house, "anna") as anna,
        browser(house, "ben") as ben,
        browser(house, "carla") as carla,
        browser(house, "root") as root,
        window(house, anna) as annas,
        window(house, ben) as bens,
        window(house, carla) as carlas,
        window(house, root) as roots,
    ):
        everybody = ((anna, annas), (ben, bens), (carla, carlas), (root, roots))
        for _, stream in everybody:
            await stream.hello()
        house.ring("1", "101")
        house.answer("1", "101")
        await bens.catch_up(house)
        assert not any(call["services"] for call in calls_at(bens, line_id))
        await people.save_line(replace(line, user_ids=(ids["ben"],)))
        for client, stream in everybody:
            await stream.catch_up(house)
            busy = {id for id in (ids["anna"], ids["ben"]) if stream.state["presence"][id]["activity"] == "on-the-phone"}
            assert busy == {ids["ben"]}
            await as_a_fresh_one(house, client, stream)
        assert bens.state["lines"][line_id]["own"]
        [call] = calls_at(bens, line_id)
        assert "clearConnection" in call["services"]
        assert not annas.state["lines"].get(line_id, {}).get("own")
        assert not any(call["services"] for call in calls_at(annas, line_id))
        refused = await anna.post(f"/api/v1/calls/{call['call_id']}/drop", json={"line_id": line_id})
        assert refused.status_code in (403, 404)
        await people.save_line(replace(line, user_ids=()))
        for client, stream in everybody:
            await stream.catch_up(house)
            assert calls_at(stream, line_id) == []
            await as_a_fresh_one(house, client, stream)
