"""Colleagues in the stream: the names of groups and locations reach everybody who sees the person, and stay right."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.rooms.web_house import House, StreamClient, browser, open_house, window

from unisono.numbers import Location
from unisono.people.model import Group


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        yield house


def anna(stream: StreamClient, house: House) -> dict[str, Any]:
    found: dict[str, Any] = stream.state["people"][house.ids["anna"]]
    return found


async def test_a_person_has_the_names_of_their_groups_for_everybody(house: House) -> None:
    async with browser(house, "carla") as carla, window(house, carla) as stream:
        await stream.hello()
        assert anna(stream, house)["group_names"] == ["Sales"]
        group = house.rooms.people.group(house.ids["sales"])
        assert group
        await house.rooms.people.save_group(Group(group.id, "Distribution", group.member_ids))
        await stream.catch_up(house)
        assert anna(stream, house)["group_names"] == ["Distribution"]
        await house.rooms.people.remove_group(group.id)
        await stream.catch_up(house)
        assert anna(stream, house)["group_names"] == []


async def test_a_person_has_the_name_of_their_location(house: House) -> None:
    rooms = house.rooms
    await rooms.locations.save("udine", Location(name="Udine", country="IT"))
    await rooms.people.save_user(replace(rooms.people.need_user(house.ids["anna"]), location_id="udine"))
    async with browser(house, "carla") as carla, window(house, carla) as stream:
        await stream.hello()
        assert anna(stream, house)["location_name"] == "Udine"
        await rooms.locations.save("udine", Location(name="Udine, via Roma", country="IT"))
        await house.clock.advance(1)
        await stream.catch_up(house)
        assert anna(stream, house)["location_name"] == "Udine, via Roma"
        listed = (await carla.get("/api/v1/people")).json()["items"]
        assert anna(stream, house) in listed
