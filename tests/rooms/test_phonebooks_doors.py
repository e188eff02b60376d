"""What devices ask and are answered: JSON and the documents of their makes, with a key."""

import base64
import re
from collections.abc import AsyncIterator
from pathlib import Path
from traceback import format_exception

import httpx
import pytest
import vobject
from lxml import etree
from structlog.testing import capture_logs
from tests.rooms.web_house import House, open_house

from unisono.directory.index import Layer
from unisono.directory.ldap import store
from unisono.directory.ldap.model import NameOrder, Node, Profile
from unisono.directory.model import Contact, ContactNumber, NumberKind
from unisono.directory.phonebooks.model import Fleet, Make
from unisono.directory.segment import build
from unisono.kernel.errors import Conflict
from unisono.numbers import NumberFormat
from unisono.web.settings import LimitSettings

PLAIN = "http://unisono.example"
MAKES = (Make.YEALINK, Make.SNOM, Make.CISCO, Make.GRANDSTREAM, Make.FANVIL)


def contact(number: int, name: str, book: str = "crm", *more: ContactNumber, company: str = "ACME & Söhne") -> Contact:
    first, _, last = name.partition(" ")
    own = ContactNumber(NumberKind.BUSINESS, f"0432 55{number:04}", f"+39043255{number:04}")
    return Contact(f"{number:032x}", book, f"k{number}", name, first, last, company, numbers=(own, *more))


ANNA = contact(
    1,
    "Anna <Rossi>",
    "crm",
    ContactNumber(NumberKind.MOBILE, "347 1234567", "+393471234567"),
    ContactNumber(NumberKind.FAX_BUSINESS, "0432 999", "+390432999"),
)
BEN = contact(2, "Ben Mül\x07ler", company="")
SILENT = Contact("f" * 32, "crm", "s", "Bert Silent")
BOSS = contact(900, "Zeno Capo", "board")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        put(house, "crm", ANNA, BEN, SILENT)
        put(house, "board", BOSS)
        await house.rooms.ldap.save(Node("meta", books=("crm",)))
        yield house


def put(house: House, book: str, *contacts: Contact) -> None:
    """A book as an import makes it."""
    directory = house.rooms.directory
    directory._index = directory.index.with_book(book, Layer(build(contacts, book)))


async def key_of(house: House, fleet: Fleet) -> str:
    await house.rooms.phonebooks.save(fleet)
    _, secret = await house.rooms.phonebooks.add_key(fleet.id, "one")
    return secret


async def device(house: House, fleet: Fleet | None = None) -> httpx.AsyncClient:
    """A telephone of a fleet that sends its key as a bearer token over TLS."""
    fleet = fleet or Fleet("desk", "Desks & more")
    secret = await key_of(house, fleet)
    client = house.client()
    client.base_url = httpx.URL(f"https://unisono.example/phonebooks/{fleet.id}/")
    client.headers["Authorization"] = f"Bearer {secret}"
    return client


async def test_search_and_lookup_as_json(house: House) -> None:
    async with await device(house) as phone:
        [found] = (await phone.get("search", params={"q": "ross"})).json()["items"]
        assert (found["name"], found["firm"]) == ("Anna <Rossi>", "ACME & Söhne")
        assert found["numbers"][0] == {"kind": "business", "number": "+390432550001", "canonical": "+390432550001"}
        for written in ("0432 550001", "+39 0432 550001", "0039 0432 550001"):
            [known] = (await phone.get("lookup", params={"number": written})).json()["items"]
            assert known["id"] == ANNA.id
        assert (await phone.get("lookup", params={"number": "0432 550900"})).json() == {"items": []}
        assert (await phone.get("search", params={"q": "zeno"})).json() == {"items": []}


async def test_numbers_and_names_are_as_the_node_says(house: House) -> None:
    node = Node("meta", books=("crm",), number_format=NumberFormat.READABLE, name_order=NameOrder.LAST_FIRST)
    await house.rooms.ldap.save(node)
    async with await device(house) as phone:
        [found] = (await phone.get("search", params={"q": "ross"})).json()["items"]
    assert found["name"] == "<Rossi>, Anna"
    assert found["numbers"][0]["number"] == "+39 (0432) 550001"


async def test_phone_books_are_asked_only_without_a_hit(house: House) -> None:
    await house.rooms.ldap.save(Node("meta", phone_books=("board",)))
    async with await device(house) as phone:
        assert [c["name"] for c in (await phone.get("search", params={"q": "zeno"})).json()["items"]] == ["Zeno Capo"]
        put(house, "crm", ANNA, contact(3, "Zeno Piccolo"))
        assert [c["name"] for c in (await phone.get("search", params={"q": "zeno"})).json()["items"]] == ["Zeno Piccolo"]


async def test_the_ways_of_a_key(house: House) -> None:
    secret = await key_of(house, Fleet("desk", "Desks"))
    basic = base64.b64encode(f"whoever:{secret}".encode()).decode()
    async with house.client() as phone:
        phone.base_url = httpx.URL("https://unisono.example")
        refused = await phone.get("/phonebooks/desk/search", params={"q": "a"})
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"].startswith("Basic ")
        for header in ("Bearer nonsense", "Basic !!!", "Basic bm8=", "Digest a", basic):
            answer = await phone.get("/phonebooks/desk/search?q=a", headers={"Authorization": header})
            assert answer.status_code == 401
        assert (await phone.get("/phonebooks/desk/search?q=a", headers={"Authorization": f"Basic {basic}"})).status_code == 200
        assert (await phone.get(f"/phonebooks/desk/key/{secret}/search?q=a")).status_code == 403
        await house.rooms.phonebooks.save(Fleet("desk", "Desks", key_in_path=True))
        assert (await phone.get(f"/phonebooks/desk/key/{secret}/search?q=a")).status_code == 200
        plain = {"Authorization": f"Bearer {secret}"}
        assert (await phone.get(f"{PLAIN}/phonebooks/desk/search?q=a", headers=plain)).status_code == 403
        await house.rooms.phonebooks.save(Fleet("desk", "Desks", plain_networks=("192.0.2.0/24",)))
        assert (await phone.get(f"{PLAIN}/phonebooks/desk/search?q=a", headers=plain)).status_code == 200


async def test_a_key_in_the_address_reaches_no_log(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = await key_of(house, Fleet("desk", "Desks", Make.SNOM, key_in_path=True))

    def broken(*arguments: object) -> None:
        raise RuntimeError("a bug of ours")

    with capture_logs() as logs:
        phone = house.client()
        phone.base_url = httpx.URL("https://unisono.example")
        await phone.get(f"/phonebooks/other/key/{secret}/menu.xml")
        monkeypatch.setattr("unisono.directory.phonebooks.doors._documents", broken)
        answer = await phone.get(f"/phonebooks/desk/key/{secret}/menu.xml")
    assert answer.status_code == 500
    traces = ["".join(format_exception(each["exc_info"])) for each in logs if "exc_info" in each]
    assert len(traces) == 1
    logged = f"{logs} {traces}"
    assert "refused a key" in logged
    assert "a bug of ours" in logged
    assert secret not in logged
    assert secret not in answer.text


def entries(text: str) -> list[dict[str, list[str]]]:
    """The contacts of a document: texts by the names of their elements."""
    root = etree.fromstring(text.encode())
    found = []
    for entry in root.iter("DirectoryEntry", "Contact"):
        texts: dict[str, list[str]] = {}
        for each in entry.iter():
            texts.setdefault(str(each.tag), []).append(each.text or "")
        found.append(texts)
    return found


@pytest.mark.parametrize("make", MAKES)
async def test_every_make_reads_its_book(house: House, make: Make) -> None:
    async with await device(house, Fleet("desk", "Desks & more", make)) as phone:
        answer = await phone.get("directory.xml")
        assert answer.headers["content-type"] == "text/xml; charset=utf-8"
        assert answer.text.startswith('<?xml version="1.0" encoding="UTF-8"?>')
        found = entries(answer.text)
        text = " ".join(value for entry in found for values in entry.values() for value in values)
        assert "Anna <Rossi>" in text or ("Anna" in text and "<Rossi>" in text)
        assert "Müller" in text
        assert "+393471234567" in text
        assert ("+390432999" in text) is (make is Make.GRANDSTREAM)
        assert "Silent" not in text
        assert "Capo" not in text
        searched = await phone.get("search.xml", params={"q": "ross"})
        assert "Rossi" in searched.text
        assert "ller" not in searched.text
        nothing = await phone.get("search.xml", params={"q": "nobody at all"})
        assert nothing.status_code == 200
        assert entries(nothing.text) == []


@pytest.mark.parametrize(("make", "root"), [(Make.YEALINK, "Yealink"), (Make.SNOM, "Snom"), (Make.CISCO, "Cisco")])
async def test_a_menu_leads_to_the_book(house: House, make: Make, root: str) -> None:
    async with await device(house, Fleet("desk", "Desks & more", make)) as phone:
        menu = etree.fromstring((await phone.get("menu.xml", headers={"Accept-Language": "de-DE,en;q=0.5"})).content)
        assert menu.tag == f"{root}IPPhoneMenu"
        items = {item.findtext("Name"): item.findtext("URL") or "" for item in menu.iter("MenuItem")}
        assert len(entries((await phone.get(items["Alle Kontakte"])).text)) >= 2
        if make is not Make.YEALINK:
            ask = etree.fromstring((await phone.get(items["Suchen"])).content)
            assert ask.tag == f"{root}IPPhoneInput"


async def follow(phone: httpx.AsyncClient, first: str) -> list[str]:
    """The names of all pages, as somebody sees them who always presses the key for the next one."""
    names: list[str] = []
    address = first
    for _ in range(1000):
        answer = await phone.get(address)
        root = etree.fromstring(answer.content)
        page = [each.text or "" for each in root.iterfind("DirectoryEntry/Name")]
        assert 0 < len(page) <= 100
        names += page
        following = [
            item.findtext("URL") or ""
            for item in root.iter("SoftKeyItem")
            if (item.findtext("Label") or item.findtext("Name")) == "Next"
        ]
        if not following:
            return names
        address = following[0]
        assert "&" not in address
    raise AssertionError("the pages do not end")


@pytest.mark.parametrize(("make", "most"), [(Make.SNOM, 100), (Make.CISCO, 32)])
async def test_pages_show_everybody_once(house: House, make: Make, most: int) -> None:
    same = [contact(number, "Mario Bianchi", company="") for number in range(100, 190)]
    many = [contact(number, f"Carla {chr(97 + number % 26)}{number}", company="") for number in range(200, 270)]
    put(house, "crm", ANNA, BEN, SILENT, *same, *many)
    directory = house.rooms.directory
    directory._index = directory.index.with_book(
        "crm",
        *reversed([part.layer for part in directory.index.books["crm"]]),
        Layer(build([contact(300, "Dora", company="")], "crm")),
    )
    async with await device(house, Fleet("desk", "Desks", make)) as phone:
        names = await follow(phone, "directory.xml")
    assert names.count("Mario Bianchi") == 90
    assert len([name for name in names if name.startswith("Carla")]) == 70
    assert "Dora" in names
    assert len(names) == 90 + 70 + 1 + 2 + 1
    folded = [re.sub(r" \(.*", "", name).lower() for name in names]
    assert folded == sorted(folded)


async def test_cisco_gets_32_entries_at_most(house: House) -> None:
    more = [ContactNumber(NumberKind.OTHER, f"{n}", f"+3904321{n:04}") for n in range(9)]
    put(house, "crm", *(contact(number, f"Carla {number}", "crm", *more) for number in range(40)))
    async with await device(house, Fleet("desk", "Desks", Make.CISCO)) as phone:
        for page in ("directory.xml", "search.xml?q=carla"):
            assert 20 < len(entries((await phone.get(page)).text)) <= 32


async def test_a_device_gets_what_it_can_hold(house: House) -> None:
    put(house, "crm", *(contact(number, f"Carla {number}") for number in range(3000)))
    async with await device(house, Fleet("desk", "Desks", Make.GRANDSTREAM)) as phone:
        assert len(entries((await phone.get("phonebook.xml")).text)) == 1000
        assert len(entries((await phone.get("")).text)) == 1000
        await house.rooms.phonebooks.save(Fleet("desk", "Desks", Make.GRANDSTREAM, most=7))
        assert len(entries((await phone.get("gs_phonebook.xml")).text)) == 7


async def test_what_is_typed_on_a_telephone_is_understood(house: House) -> None:
    asks = ("q=S%C3%B6hn", "q=S%F6hn", "q=+390432550001", "q=%2B390432550001", "x=1&q=ross", "q=0432+550001")
    async with await device(house, Fleet("desk", "Desks", Make.YEALINK)) as phone:
        for asked in asks:  # UTF-8, Latin-1, a plus escaped or not
            [found] = entries((await phone.get(f"search.xml?{asked}")).text)
            assert found["Name"] == ["Anna <Rossi>, ACME & Söhne"], asked


async def test_a_number_whose_plus_was_not_escaped_is_looked_up(house: House) -> None:
    async with await device(house) as phone:
        for number in ("+390432550001", "%2B390432550001"):
            assert len((await phone.get(f"lookup?number={number}")).json()["items"]) == 1


async def test_grandstream_gets_a_group_for_each_book(house: House) -> None:
    await house.rooms.ldap.save(Node("meta", books=("crm", "board")))
    async with await device(house, Fleet("desk", "Desks", Make.GRANDSTREAM)) as phone:
        book = etree.fromstring((await phone.get("phonebook.xml")).content)
    groups = {group.findtext("id"): group.findtext("name") for group in book.iter("pbgroup")}
    assert set(groups.values()) == {"crm", "board"}
    assert min(int(id or 0) for id in groups) > 3
    shown = {contact.findtext("LastName"): groups[contact.findtext("Group")] for contact in book.iter("Contact")}
    assert (shown["Capo"], shown["<Rossi>"]) == ("board", "crm")


async def test_snom_keeps_a_whole_book(house: House) -> None:
    put(house, "crm", ANNA, SILENT, *(contact(number, f"Carla {number}") for number in range(1000, 1400)))
    async with await device(house, Fleet("desk", "Desks", Make.SNOM)) as phone:
        asked = await phone.get("tbook.xml")
        posted = await phone.post("tbook.xml", content=b"whatever a telephone sends")
        assert (posted.status_code, posted.text) == (200, asked.text)
        book = etree.fromstring(asked.content)
        assert (await phone.get("tbook.xml", headers={"If-None-Match": asked.headers["etag"]})).status_code == 304
        await house.rooms.phonebooks.save(Fleet("desk", "Desks", Make.CISCO))
        assert (await phone.get("tbook.xml")).status_code == 404
    people = {(c.findtext("first_name"), c.findtext("last_name")): c for c in book.iter("contact")}
    assert len(people) == 250
    numbers = [(number.get("type"), number.get("no")) for number in people["Anna", "<Rossi>"].iter("number")]
    assert numbers == [("business", "+390432550001"), ("mobile", "+393471234567")]


async def test_a_large_book_has_letters_to_begin_at(house: House) -> None:
    put(house, "crm", *(contact(number, f"{chr(97 + number % 26)}anna {number}", company="") for number in range(260)))
    async with await device(house, Fleet("desk", "Desks", Make.YEALINK, most=5)) as phone:
        menu = etree.fromstring((await phone.get("menu.xml")).content)
        [at_m] = [item.findtext("URL") or "" for item in menu.iter("MenuItem") if item.findtext("Name") == "M"]
        found = entries((await phone.get(at_m)).text)
    assert len(found) == 5
    assert all(entry["Name"][0].startswith("manna") for entry in found)


async def test_what_did_not_change_is_not_sent_again(house: House) -> None:
    async with await device(house, Fleet("desk", "Desks", Make.GRANDSTREAM)) as phone:
        first = await phone.get("phonebook.xml")
        known = [("If-None-Match", '"other"'), ("If-None-Match", first.headers["etag"])]
        again = await phone.get("phonebook.xml", headers=known)
        assert (again.status_code, again.content) == (304, b"")
        put(house, "board", BOSS, contact(901, "Another Boss", "board"))
        same = await phone.get("phonebook.xml", headers={"If-None-Match": first.headers["etag"]})
        assert same.status_code == 304, "a book that the fleet does not see changes nothing that it sees"
        put(house, "crm", ANNA)
        changed = await phone.get("phonebook.xml", headers={"If-None-Match": first.headers["etag"]})
        assert changed.status_code == 200
        directory = house.rooms.directory
        directory._index = directory.index.with_changes("crm", [], [ANNA.id])
        removed = await phone.get("phonebook.xml", headers={"If-None-Match": changed.headers["etag"]})
        assert removed.status_code == 200
        await house.rooms.ldap.save(Node("meta", books=("crm",), number_format=NumberFormat.READABLE))
        other = await phone.get("phonebook.xml", headers={"If-None-Match": removed.headers["etag"]})
        assert other.status_code == 200


async def test_two_fleets_never_see_each_others_books(house: House) -> None:
    await house.rooms.ldap.save(Node("meta"))
    await house.rooms.ldap.save(Profile("crm", "Crm", books=("crm",)))
    await house.rooms.ldap.save(Profile("board", "Board", books=("board",)))
    for make in MAKES:
        for profile, own, others in (("crm", "Rossi", "Capo"), ("board", "Capo", "Rossi")):
            fleet = Fleet(f"{make}-{profile}", f"{make} {profile}", make, profile_id=profile)
            async with await device(house, fleet) as phone:
                for page in ("", "menu.xml", "directory.xml", "phonebook.xml", "directory.xml?at=0~z", "directory.xml?at=1~"):
                    assert others not in (await phone.get(page)).text
                assert own in (await phone.get("directory.xml")).text
                for query in ("capo", "rossi", "0432", "900", "acme", "a"):
                    for page in ("search", "search.xml"):
                        assert others not in (await phone.get(page, params={"q": query})).text
                assert others not in (await phone.get("contacts.vcf")).text
                assert (await phone.get(f"contacts/{(BOSS if profile == 'crm' else ANNA).id}.vcf")).status_code == 404
                theirs = "+390432550900" if profile == "crm" else "+390432550001"
                assert (await phone.get("lookup", params={"number": theirs})).json() == {"items": []}


async def test_a_removed_profile_shows_nothing(house: House) -> None:
    await house.rooms.ldap.save(Profile("gone", "Gone", books=("crm",)))
    async with await device(house, Fleet("desk", "Desks", Make.YEALINK, profile_id="gone")) as phone:
        assert entries((await phone.get("directory.xml")).text) != []
        with pytest.raises(Conflict) as refused:
            await house.rooms.ldap.remove("profile", "gone")
        assert (refused.value.code, refused.value.data["fleets"], refused.value.data["names"]) == ("profile-in-use", 1, "Desks")
        # As another server can that does not know the fleet yet.
        async with house.rooms.ldap.shared.changing() as change:
            await store.remove(change.connection, "profile", "gone")
        assert entries((await phone.get("directory.xml")).text) == []
        assert (await phone.get("search", params={"q": "a"})).json() == {"items": []}


@pytest.mark.parametrize("version", ["3.0", "4.0"])
async def test_the_book_as_vcards(house: House, version: str) -> None:
    async with await device(house) as phone:
        answer = await phone.get("contacts.vcf", params={"version": version})
        assert answer.headers["content-type"] == "text/vcard; charset=utf-8"
        names = [each.fn.value for each in vobject.readComponents(answer.text)]
        assert names == ["Anna <Rossi>", "Ben Müller", "Bert Silent"]
        assert {each.version.value for each in vobject.readComponents(answer.text)} == {version}
        again = await phone.get("contacts.vcf", params={"version": version}, headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304
        one = await phone.get(f"contacts/{ANNA.id}.vcf", params={"version": version})
        assert vobject.readOne(one.text).fn.value == "Anna <Rossi>"
        assert (await phone.get(f"contacts/{BOSS.id}.vcf")).status_code == 404
        assert (await phone.get("contacts.vcf?version=2.1")).status_code == 400


async def test_a_book_of_many_is_streamed(house: House) -> None:
    put(house, "crm", *(contact(number, f"Carla {number}") for number in range(2500)))
    async with await device(house) as phone:
        assert (await phone.get("contacts.vcf")).text.count("BEGIN:VCARD\r\n") == 2500
        await house.rooms.phonebooks.save(Fleet("desk", "Desks", most=12))
        assert (await phone.get("contacts.vcf")).text.count("BEGIN:VCARD\r\n") == 12


@pytest.mark.parametrize("at", ["x", "1", "-1~a", "1234567~a", "¹~a", "~", "~a"])
async def test_a_place_that_is_none_is_refused(house: House, at: str) -> None:
    async with await device(house, Fleet("desk", "Desks", Make.SNOM)) as phone:
        answer = await phone.get("directory.xml", params={"at": at})
    assert answer.status_code == 422


async def test_what_is_not_there_is_said(house: House) -> None:
    async with await device(house) as phone:
        assert (await phone.get("directory.xml")).status_code == 404
        assert (await phone.get("nothing/here")).status_code == 404
        assert (await phone.get("lookup")).status_code == 400
        assert (await phone.get("search", params={"q": "a" * 201})).status_code == 400
        await house.rooms.phonebooks.save(Fleet("desk", "Desks", Make.FANVIL))
        assert (await phone.get("input.xml")).status_code == 404


async def test_a_device_that_asks_too_fast_is_slowed_down(tmp_path: Path) -> None:
    async with open_house(tmp_path, LimitSettings(address_rate=1, address_burst=20)) as house, await device(house) as phone:
        codes = [(await phone.get("search", params={"q": ""})).status_code for _ in range(25)]
    assert codes[0] == 200
    assert codes[-1] == 429
