"""Running calls follow the directory and the people: who is talking is said anew when it changes."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.rooms.web_house import House, open_house

from unisono.calls.model import Call
from unisono.directory.model import NumberKind
from unisono.directory.service import NewContact


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        yield house


def call(house: House) -> Call:
    found = house.rooms.calls.by_native("pbx", "1")
    assert found is not None
    return found


async def test_a_contact_that_is_written_down_while_its_call_rings(house: House) -> None:
    house.ring("1", "101")
    await house.drained()
    assert call(house).calling.contact is None
    draft = NewContact(display_name="Ada Brown", numbers=((NumberKind.BUSINESS, "+441632960123"),))
    made = await house.rooms.directory.create(draft, "")
    await house.drained()
    named = call(house).calling.contact
    assert named is not None
    assert (named.id, named.name) == (made.id, "Ada Brown")
    await house.rooms.directory.remove(made.id)
    await house.drained()
    assert call(house).calling.contact is None


async def test_a_person_who_is_renamed_while_talking(house: House) -> None:
    house.ring("1", "103")
    house.answer("1", "103")
    carla = house.rooms.people.user(house.ids["carla"])
    assert carla is not None
    await house.rooms.people.save_user(replace(carla, name="Carla Nuova"))
    await house.drained()
    leg = call(house).leg("103")
    assert leg is not None
    assert leg.party.contact is not None
    assert leg.party.contact.name == "Carla Nuova"
