"""Whom a profile lets somebody see, it lets them see on the telephone: calls, presence and journal name nobody else."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.rooms.directory_rig import imported
from tests.rooms.web_house import House, StreamClient, browser, open_house, window, windows

from unisono.calls.model import Party, PartyKind
from unisono.calls.names import MEANT_MOST, NUMBERS_MOST
from unisono.directory.ldap.model import Profile
from unisono.directory.model import NumberKind
from unisono.directory.service import NewContact
from unisono.directory.views import View

API = "/api/v1"
NUMBER = "+441632960123"
CALLER = Party(number=NUMBER, name="BROWN L", kind=PartyKind.EXTERNAL)
STRANGER = Party(number="+441632960777", name="Brown", kind=PartyKind.EXTERNAL)
DUPLICATE = f"First name;Last name;Phone\nZoe;Miller;{NUMBER}\n"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """With one firm, in the book `own`."""
    async with open_house(tmp_path) as house:
        await house.rooms.directory.create(NewContact(company="Brown Ltd", numbers=((NumberKind.BUSINESS, NUMBER),)), "")
        yield house


async def limit(house: House, *logins: str, book: str = "customers") -> None:
    """These people see this book alone."""
    await house.rooms.ldap.save(Profile("p", "Some", books=(book,), people=tuple(house.ids[login] for login in logins)))


def shown(stream: StreamClient) -> dict[str, Any]:
    """The other side of the only call of a window."""
    [call] = stream.state["calls"].values()
    assert all(call["remote"] == party for party in call["parties"])
    remote: dict[str, Any] = call["remote"]
    return remote


async def found(client: httpx.AsyncClient, path: str, **params: str) -> list[dict[str, Any]]:
    answer = await client.get(f"{API}/journal{path}", params=params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_two_viewers_of_one_call(house: House) -> None:
    await limit(house, "anna")
    async with windows(house, "anna", "ben") as (annas, bens):
        house.ring("1", "101", CALLER)
        await annas.catch_up(house)
        await bens.catch_up(house)
        hers, his = shown(annas), shown(bens)
        assert (his["name"], bool(his["contact_id"]), his["reason"]) == ("Brown Ltd", True, "exact")
        assert (hers["name"], hers["company"], hers["contact_id"], hers["reason"]) == ("BROWN L", "", None, "")
        assert hers["canonical"] == his["canonical"] == NUMBER
        assert "Brown Ltd" not in str(annas.messages)
        state = annas.state
        await annas.hello()
        assert annas.state == state


async def test_a_contact_of_a_book_that_is_seen_takes_the_place(house: House) -> None:
    await imported(house.rooms.directory, DUPLICATE, location_id="")
    await limit(house, "anna")
    async with browser(house, "anna") as anna, windows(house, "anna", "ben") as (annas, bens):
        house.ring("1", "101", CALLER)
        await annas.catch_up(house)
        await bens.catch_up(house)
        hers, his = shown(annas), shown(bens)
        assert (his["name"], his["alternatives"]) == ("Brown Ltd", 1)
        assert (hers["name"], hers["alternatives"]) == ("Zoe Miller", 0)
        contact = await anna.get(f"{API}/contacts/{hers['contact_id']}")
        assert (contact.status_code, (await anna.get(f"{API}/contacts/{his['contact_id']}")).status_code) == (200, 404)
        house.hang_up("1")
        await annas.catch_up(house)
        [entry] = annas.state["journal"].values()
        assert (entry["remote"]["name"], entry["remote"]["contact_id"]) == ("Zoe Miller", hers["contact_id"])
        assert [item["id"] for item in await found(anna, "", q="miller")] == [entry["id"]]
        assert [item["id"] for item in await found(anna, "", q="zoe 960123")] == [entry["id"]]
        assert (await found(anna, "", q="brown"), await found(anna, "", q="zoe roof")) == ([], [])
        await anna.patch(f"{API}/journal/{entry['id']}", json={"subject": "roof"})
        assert len(await found(anna, "", q="zoe roof")) == 1


async def test_profiles_hide_no_colleague(house: House) -> None:
    await limit(house, "anna")
    async with browser(house, "anna") as anna, window(house, anna) as annas:
        await annas.hello()
        house.ring("1", "101", Party(device="102", number="102", name="102", kind=PartyKind.EXTENSION))
        await annas.catch_up(house)
        assert (shown(annas)["name"], shown(annas)["user_id"]) == ("Ben Test", house.ids["ben"])


async def test_the_partner_in_presence(house: House) -> None:
    await limit(house, "ben")
    async with windows(house, "anna", "ben") as (annas, bens):
        house.ring("1", "101", CALLER)
        house.answer("1", "101")
        await annas.catch_up(house)
        await bens.catch_up(house)
        of_anna = house.ids["anna"]
        assert annas.state["presence"][of_anna]["with"] == "Brown Ltd"
        assert bens.state["presence"][of_anna]["with"] == "BROWN L"
        assert "Brown Ltd" not in str(bens.messages)


async def test_a_profile_changes_while_a_call_is_up(house: House) -> None:
    async with browser(house, "anna") as anna, window(house, anna) as annas:
        await annas.hello()
        house.ring("1", "101", CALLER)
        house.answer("1", "101")
        await annas.catch_up(house)
        names = [shown(annas)["name"]]
        for change in (limit(house, "anna"), limit(house, "anna", book="own"), limit(house)):
            await change
            await house.clock.advance(1)
            await annas.catch_up(house)
            [entry] = annas.state["journal"].values()
            names.append(shown(annas)["name"])
            assert entry["remote"]["name"] == names[-1].replace("BROWN L", "")
            assert annas.state["presence"][house.ids["anna"]]["with"] == names[-1]
        assert names == ["Brown Ltd", "BROWN L", "Brown Ltd", "Brown Ltd"]


async def test_the_journal_names_and_finds_nobody_else(house: House) -> None:
    await limit(house, "anna")
    house.ring("1", "101", CALLER)
    house.hang_up("1")
    await house.drained()
    async with browser(house, "anna") as anna, browser(house, "ben") as ben, window(house, anna) as annas:
        await annas.hello()
        [his] = await found(ben, "", scope="group")
        [hers] = await found(anna, "")
        assert his["remote"]["name"] == "Brown Ltd"
        for entry in (hers, *annas.state["journal"].values(), (await anna.get(f"{API}/journal/{hers['id']}")).json()):
            assert {"name": "", "company": "", "contact_id": None, "canonical": NUMBER}.items() <= entry["remote"].items()
        edited = (await anna.patch(f"{API}/journal/{hers['id']}", json={"subject": "roof"})).json()
        done = (await anna.post(f"{API}/journal/{hers['id']}/done", json={})).json()
        assert (edited["remote"]["name"], done["remote"]["name"]) == ("", "")
        assert (len(await found(ben, "", scope="group", q="brown")), await found(anna, "", q="brown")) == (1, [])
        assert len(await found(anna, "", q="roof")) == len(await found(anna, "", q="960123")) == 1
        assert await found(anna, "", q="roof brown") == []
        known = {"contact_id": his["remote"]["contact_id"]}
        assert (len(await found(ben, "/history", **known)), await found(anna, "/history", **known)) == (1, [])
        assert len(await found(anna, "/history", number=NUMBER)) == 1


async def test_a_hidden_name_is_not_found_by_what_is_not_for_the_viewer_to_read(house: House) -> None:
    await limit(house, "carla")
    house.ring("1", "101", CALLER)
    house.hang_up("1")
    await house.drained()
    async with browser(house, "anna") as anna, browser(house, "carla") as carla:
        [entry] = await found(anna, "")
        await anna.patch(f"{API}/journal/{entry['id']}", json={"note": "Brown again"})
        assert [item["id"] for item in await found(carla, "", scope="all")] == [entry["id"]]
        assert await found(carla, "", scope="all", q="brown") == []


async def test_pages_of_a_search_go_on_behind_what_may_not_be_shown(house: House) -> None:
    await limit(house, "anna")
    for number in range(7):
        known = number % 3 == 0
        house.ring(str(number), "101", CALLER if known else STRANGER)
        house.hang_up(str(number))
        await house.drained()
    async with browser(house, "anna") as anna:
        every, pages = await all_pages(anna, "brown")
        assert ([item["remote"]["name"] for item in every], pages) == (["Brown"] * 4, 3)


async def test_pages_of_what_is_found_by_names_of_then_and_of_now_are_in_order(house: House) -> None:
    await imported(house.rooms.directory, DUPLICATE, location_id="")
    await limit(house, "anna")
    for number, caller in enumerate("ccmcmmmcc"):
        house.ring(str(number), "101", CALLER if caller == "c" else replace(STRANGER, name="Miller"))
        house.hang_up(str(number))
        await house.drained()
    async with browser(house, "anna") as anna:
        every, _ = await all_pages(anna, "miller")
        names = ["Zoe Miller" if caller == "c" else "Miller" for caller in reversed("ccmcmmmcc")]
        assert [item["remote"]["name"] for item in every] == names
        ids = [int(item["id"]) for item in every]
        assert ids == sorted(set(ids), reverse=True)


async def all_pages(client: httpx.AsyncClient, text: str) -> tuple[list[dict[str, Any]], int]:
    """What a search finds, two at a time, and how many pages that were."""
    every: list[dict[str, Any]] = []
    after, pages = "", 0
    while after is not None:
        answer = (await client.get(f"{API}/journal", params={"q": text, "limit": "2", "after": after})).json()
        every += answer["items"]
        after, pages = answer["next"], pages + 1
    return every, pages


async def test_who_is_meant_by_words_has_so_many_numbers_at_most(house: House) -> None:
    """They become parameters of a query, of which a database takes no number that one likes."""
    titles = ";".join(["Last name", *(f"Phone {n}" for n in range(1, 41))])
    rows = [";".join([f"Miller {row}", *(f"+44163{row:03}{n:04}" for n in range(40))]) for row in range(30)]
    await imported(house.rooms.directory, "\n".join([titles, *rows, ""]), location_id="")
    numbers = await house.rooms.names.numbers(("miller",), View(frozenset({"customers"})))
    assert len(numbers) == NUMBERS_MOST


async def test_by_each_word_and_by_all_together_the_best_hundred_are_meant(house: House) -> None:
    """However many others a word fits, who fits both is among those that are meant."""
    rows = [f"{first};Miller;+44163200{n:04}" for n, first in enumerate(["Adam"] * (MEANT_MOST + 20))]
    rows += ["Zoe;Miller;+441632999999", "Zoe;Abel;+441632999998"]
    await imported(house.rooms.directory, "\n".join(["First name;Last name;Phone", *rows, ""]), location_id="")
    numbers = house.rooms.names.numbers
    view = View(frozenset({"customers"}))
    assert len(await numbers(("miller",), view)) == MEANT_MOST
    both = await numbers(("miller", "zoe"), view)
    assert {"+441632999999", "+441632999998"} < both
    assert len(both) <= 2 * MEANT_MOST


async def test_whom_somebody_chose_before_is_hidden_too(house: House) -> None:
    async with browser(house, "anna") as anna, window(house, anna) as annas:
        await annas.hello()
        [hit] = (await anna.get(f"{API}/search", params={"q": "brown ltd"})).json()["items"]
        choice = {"id": hit["id"], "name": "Brown Ltd", "company": ""}
        settings = {"theme": "dark", "chosen_contacts": {NUMBER: choice}}
        assert (await anna.patch(f"{API}/me", json={"settings": settings})).json()["settings"] == settings
        await annas.catch_up(house)
        assert annas.state["me"]["me"]["settings"] == settings
        await limit(house, "anna")
        await house.clock.advance(1)
        await annas.catch_up(house)
        asked = (await anna.get(f"{API}/me")).json(), (await anna.get(f"{API}/session")).json()["user"]
        cut = {"theme": "dark", "chosen_contacts": {}}
        assert [me["settings"] for me in (*asked, annas.state["me"]["me"])] == [cut] * 3
        await limit(house, "anna", book="own")
        assert (await anna.get(f"{API}/me")).json()["settings"] == settings


async def test_nobody_writes_a_contact_that_they_would_not_see(house: House) -> None:
    async with browser(house, "anna") as anna:
        await limit(house, "anna")
        refused = await anna.post(f"{API}/contacts", json={"company": "Unseen"})
        assert (refused.status_code, refused.json()["code"]) == (403, "own-contacts-hidden")
        await limit(house, "anna", book="own")
        made = await anna.post(f"{API}/contacts", json={"company": "Seen"})
        assert made.status_code == 201
        assert (await anna.get(f"{API}/contacts/{made.json()['id']}")).json()["editable"] is True
