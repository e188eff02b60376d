"""Running calls follow the directory and the people: who is talking is said anew when it changes."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.rooms.web_house import House, browser, open_house

from unisono.calls.model import Call, Party, PartyKind
from unisono.calls.model import Direction as CallDirection
from unisono.calls.port import LinkPhase, LinkState
from unisono.demo import firm
from unisono.directory.model import NumberKind
from unisono.directory.service import NewContact
from unisono.numbers import Location


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


async def test_a_caller_from_the_firm_s_other_site_has_a_number_whatever_the_extension(house: House) -> None:
    """The PBX sends 0 for outside and 00 for abroad; the number lies in the other site's range, and no line has it."""
    rooms = house.rooms
    await rooms.locations.save("default", Location.simple("A link's own place", "GR"))
    for site in firm.SITES:
        await rooms.locations.save(firm.plain(site.name), site.location())
    line = rooms.people.line(house.lines["101"])
    assert line is not None
    await rooms.people.save_line(replace(line, location_id="udine"))
    caller = Party(device="000498999998299", number="000498999998299")
    house.ring("1", "101", calling=caller)
    house.answer("1", "101")
    house.hang_up("1")
    await house.drained()
    ended = call(house)
    trunk = ended.leg("trunk")
    assert trunk is not None
    assert {ended.calling.canonical, trunk.party.canonical} == {"+498999998299"}
    assert (ended.direction, ended.called.canonical) == (CallDirection.INTERNAL, "+390432100101")
    async with browser(house, "anna") as anna:
        [entry] = (await anna.get("/api/v1/journal")).json()["items"]
        assert (entry["remote"]["canonical"], entry["remote"]["display"]) == ("+498999998299", "+49 89 99998299")
        assert entry["internal"]


@pytest.mark.parametrize("to", ["101", "0432 100101", "+39 0432 100-101", "tel:+390432100101"])
async def test_the_own_line_is_not_dialled_however_it_is_written(house: House, to: str) -> None:
    for site in firm.SITES:
        await house.rooms.locations.save(firm.plain(site.name), site.location())
    line = house.rooms.people.line(house.lines["101"])
    assert line is not None
    await house.rooms.people.save_line(replace(line, location_id="udine"))
    house.rooms.calls.link("pbx", LinkState(LinkPhase.UP))
    async with browser(house, "anna") as anna:
        refused = await anna.post("/api/v1/calls", json={"to": to, "line_id": line.id})
        assert (refused.status_code, refused.json()["code"]) == (422, "own-number")
        another = await anna.post("/api/v1/calls", json={"to": to.replace("101", "102"), "line_id": line.id})
        assert another.status_code == 202


async def test_colleagues_of_two_sites_have_the_numbers_of_their_own(house: House) -> None:
    rooms = house.rooms
    await rooms.locations.save("udine", firm.UDINE.location())
    await rooms.locations.save("graz", Location.simple("Graz", "AT", "316", "987", outside="0", internal_max=3))
    for number, at in (("101", "udine"), ("103", "graz")):
        line = rooms.people.line(house.lines[number])
        assert line is not None
        await rooms.people.save_line(replace(line, location_id=at))
    for native, caller, called in (("1", "101", "103"), ("2", "103", "101")):
        house.ring(native, called, calling=Party(device=caller, number=caller, kind=PartyKind.EXTENSION))
        ringing = rooms.calls.by_native("pbx", native)
        assert ringing is not None
        numbers = {"101": "+390432100101", "103": "+43316987103"}
        assert (ringing.calling.canonical, ringing.called.canonical) == (numbers[caller], numbers[called])


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
