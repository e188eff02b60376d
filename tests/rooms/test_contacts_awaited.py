"""While a book is made anew, as after a restore, nobody is told that its contacts are not there."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from tests.rooms.test_carddav_door import Client, prop, query, sync
from tests.rooms.test_phonebooks_doors import ANNA, BEN, BOSS, device, put
from tests.rooms.web_house import House, browser, open_house

from unisono.directory.ldap.model import Node, Profile
from unisono.directory.phonebooks.model import Fleet, Make
from unisono.directory.service import NewContact


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """The book crm, with Anna and Ben, is being made anew; board is there; Ben sees only that one."""
    async with open_house(tmp_path) as house:
        put(house, "board", BOSS)
        await house.rooms.directory.make_book("crm")
        await house.rooms.directory.create(NewContact(display_name="Nina Hand"), "")
        await house.rooms.ldap.save(Node("meta", books=("crm", "own")))
        await house.rooms.ldap.save(Profile("all", "All", books=("crm", "own"), people=(house.ids["anna"],)))
        await house.rooms.ldap.save(Profile("board", "Board", books=("board",), people=(house.ids["ben"],)))
        house.rooms.directory._missing = frozenset({"crm"})
        yield house


def arrive(house: House) -> None:
    put(house, "crm", ANNA, BEN)


def told_to_wait(answer: httpx.Response) -> bool:
    return (answer.status_code, answer.headers.get("retry-after")) == (503, "10") and "made ready" in answer.text


async def test_the_web_says_so(house: House) -> None:
    async with browser(house, "anna") as anna:
        for path in ("search?q=ros", "identify?number=0432550001", f"contacts/{ANNA.id}"):
            answer = await anna.get(f"/api/v1/{path}")
            assert told_to_wait(answer), path
            assert answer.json()["code"] == "contacts-not-ready"
        found = (await anna.get("/api/v1/search?q=nina")).json()
        assert ([hit["title"] for hit in found["items"]], found["waiting"]) == (["Nina Hand"], True)
        assert (await anna.get("/api/v1/search?q=")).json()["items"] == []
        arrive(house)
        found = (await anna.get("/api/v1/search?q=ros")).json()
        assert ([hit["title"] for hit in found["items"]], found["waiting"]) == (["Anna <Rossi>"], False)
        assert (await anna.get("/api/v1/search?q=nobody")).json() == {"items": [], "next": None, "waiting": False}
        assert (await anna.get("/api/v1/contacts/none")).status_code == 404


async def test_who_does_not_see_the_book_is_told_nothing_of_it(house: House) -> None:
    async with browser(house, "ben") as ben:
        assert (await ben.get("/api/v1/search?q=ros")).json() == {"items": [], "next": None, "waiting": False}
        assert (await ben.get(f"/api/v1/contacts/{ANNA.id}")).status_code == 404
    async with (ben_dav := Client(house, "ben")).http:
        assert set(await ben_dav.found("PROPFIND", ben_dav.home, depth="1")) == {ben_dav.home, f"{ben_dav.home}board/"}
        assert (await ben_dav.ask("PROPFIND", f"{ben_dav.home}crm/")).status_code == 404


async def test_a_copy_of_everything_waits(house: House) -> None:
    async with browser(house, "root") as root:
        assert told_to_wait(await root.get("/api/v1/directory/export"))
        books = (await root.get("/api/v1/admin/contacts/books")).json()["items"]
        assert [book["id"] for book in books if book["waiting"]] == ["crm"]
        arrive(house)
        assert len((await root.get("/api/v1/directory/export")).json()["items"]) == 4


async def test_an_address_book_is_not_taken_for_removed(house: House) -> None:
    async with (anna := Client(house, "anna")).http:
        crm, card = f"{anna.home}crm/", f"{anna.home}crm/{ANNA.id}.vcf"
        assert (await anna.ask("PROPFIND", "/carddav/", depth="1")).status_code == 207
        for method, path, body in (
            ("PROPFIND", anna.home, prop("D:resourcetype")),
            ("PROPFIND", crm, prop("D:getetag")),
            ("REPORT", crm, sync()),
            ("REPORT", crm, query("")),
            ("GET", card, ""),
        ):
            assert told_to_wait(await anna.ask(method, path, body, "1")), (method, path)
        assert (await anna.ask("REPORT", f"{anna.home}own/", sync())).status_code == 207
        arrive(house)
        assert f"{anna.home}crm/" in await anna.found("PROPFIND", anna.home, depth="1")
        assert (await anna.ask("GET", card)).status_code == 200


async def test_devices_that_ask_for_json_and_cards_are_told_to_wait(house: House) -> None:
    async with await device(house) as phone:
        for path in ("search?q=ros", "lookup?number=0432550001", "contacts.vcf", f"contacts/{ANNA.id}.vcf"):
            assert told_to_wait(await phone.get(path)), path
        assert [each["name"] for each in (await phone.get("search?q=nina")).json()["items"]] == ["Nina Hand"]
        arrive(house)
        assert [each["name"] for each in (await phone.get("lookup?number=0432550001")).json()["items"]] == ["Anna <Rossi>"]
        assert (await phone.get("contacts.vcf")).status_code == 200


@pytest.mark.parametrize("make", [Make.SNOM, Make.CISCO])
async def test_telephones_that_read_pages_show_it(house: House, make: Make) -> None:
    """In their language, and not from what they keep: the page has another tag than that of a book without anybody."""
    async with await device(house, Fleet("desk", "Desks", make)) as phone:
        phone.headers["Accept-Language"] = "de"
        for path in ("search.xml?q=ros", "directory.xml"):
            answer = await phone.get(path)
            assert (answer.status_code, "werden gerade bereitgestellt" in answer.text) == (200, True), path
        waited = (await phone.get("directory.xml")).headers["etag"]
        house.rooms.directory._missing = frozenset()
        empty = await phone.get("directory.xml", headers={"If-None-Match": waited})
        assert (empty.status_code, "Nichts gefunden" in empty.text) == (200, True)


@pytest.mark.parametrize(
    ("make", "path"),
    [
        (Make.YEALINK, "directory.xml"), (Make.YEALINK, "search.xml?q=ros"), (Make.GRANDSTREAM, "phonebook.xml"),
        (Make.FANVIL, "phonebook.xml"), (Make.SNOM, "tbook.xml"),
    ],
)  # fmt: skip
async def test_telephones_that_keep_a_book_go_on_keeping_it(house: House, make: Make, path: str) -> None:
    async with await device(house, Fleet("desk", "Desks", make)) as phone:
        assert told_to_wait(await phone.get(path))
        arrive(house)
        answer = await phone.get(path)
        assert (answer.status_code, "Rossi" in answer.text) == (200, True)
