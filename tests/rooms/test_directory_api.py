"""The directory's and the journal's routes as a client sees them, over a real database."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar, Request, Response
from litestar.di import Provide
from litestar.testing import AsyncTestClient
from tests.rooms.directory_rig import imported

from unisono.calls.model import (
    Call,
    Connection,
    ConnectionId,
    ConnectionState,
    ContactRef,
    Direction,
    LegOutcome,
    Party,
    PartyKind,
    Role,
)
from unisono.calls.names import Names
from unisono.directory import api as directory_api
from unisono.directory import books_api, duplicates_api
from unisono.directory.colleagues import Colleagues
from unisono.directory.ldap.service import LdapService
from unisono.directory.runs.process import Place
from unisono.directory.service import Directory, NewContact
from unisono.journal import api as journal_api
from unisono.journal.listing import _MOST_UNIONS
from unisono.journal.service import Journal
from unisono.journal.settings import JournalSettings
from unisono.kernel.bus import Bus
from unisono.kernel.clock import ManualClock, SystemClock
from unisono.kernel.errors import Conflict, Fault, Forbidden, Invalid, NotFound
from unisono.numbers.service import Locations
from unisono.people.model import Group, Line, User
from unisono.people.service import People
from unisono.people.settings import PeopleSettings
from unisono.permissions.grants import Change, GroupLevels
from unisono.permissions.guard import Guard
from unisono.permissions.model import Level, Viewer
from unisono.permissions.service import Granting
from unisono.storage import Database
from unisono.web.precondition import provide_expected

# The same style of handlers as in the whole web door, which asks for the next Litestar's in its own time.
pytestmark = pytest.mark.filterwarnings("ignore::litestar.exceptions.LitestarDeprecationWarning")

T0 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CSV = "Company;First name;Last name;Phone\nRossi Impianti S.r.l.;Mario;Rossi;0432 546-462\n"


def italian(location_id: str) -> Any:
    def read(raw: str) -> str:
        digits = "".join(c for c in raw if c.isdigit() or c == "+")
        return digits if digits.startswith("+") else f"+39{digits}" if digits else ""

    return read


def on_fault(_: Request[Any, Any, Any], fault: Fault) -> Response[dict[str, Any]]:
    status = {NotFound: 404, Forbidden: 403, Invalid: 422}.get(type(fault), 409)
    return Response({"code": fault.code, "data": fault.data}, status_code=status)


@dataclass
class House:
    """Anna and Ben share a group, Cleo is alone; Dora is the admin. Each has a line."""

    client: AsyncTestClient[Litestar]
    people: People
    journal: Journal
    directory: Directory
    granting: Granting
    ids: dict[str, str]
    viewer: Viewer
    database: Database

    def sign_in(self, name: str) -> None:
        user = self.people.need_user(self.ids[name])
        lines = frozenset(line.id for line in self.people.lines_of(user.id))
        self.viewer = Viewer(user.id, user.name, user.admin, frozenset(user.group_ids), lines)

    async def get(self, path: str, **query: Any) -> Any:
        return (await self.client.get(path, params=query)).json()


@pytest.fixture
async def house(database: Database, tables: None) -> AsyncIterator[House]:
    bus, clock = Bus(), ManualClock(T0)
    fast = PeopleSettings(argon2_time_cost=1, argon2_memory_kib=8, argon2_parallelism=1)
    people = People(database, clock, bus, fast)
    await people.load()
    granting = Granting(database, people, bus)
    await granting.load()
    await granting.change(Change(Level.PUBLIC))
    ids: dict[str, str] = {}
    for number, name in enumerate(("anna", "ben", "cleo", "dora"), 101):
        line = await people.save_line(Line("", "pbx", str(number), str(number)))
        user = User("", name, f"{name.title()} Test", admin=name == "dora", line_ids=(line.id,), title="Sales")
        ids[name] = (await people.save_user(user, "a long password")).id
    sales = await people.save_group(Group("", "Sales", (ids["anna"], ids["ben"])))
    await granting.change(Change(groups={sales.id: GroupLevels(Level.PUBLIC, Level.PUBLIC)}))
    guard = Guard(people, granting)
    directory = Directory(database, italian, bus, SystemClock(), place(database))
    await directory.load()
    journal = Journal(database, people, clock, bus, JournalSettings())
    await journal.start()
    state = House(None, people, journal, directory, granting, ids, Viewer(""), database)  # type: ignore[arg-type]
    ldap = LdapService(database, people, Locations(database), clock)
    values = {"guard": guard, "people": people, "directory": directory, "journal": journal, "ldap": ldap}
    values |= {"colleagues": Colleagues(people, guard), "names": Names(directory, ldap, people)}
    app = Litestar(
        [*directory_api.CONTROLLERS, *duplicates_api.CONTROLLERS, *books_api.CONTROLLERS, *journal_api.CONTROLLERS],
        dependencies={
            "viewer": Provide(lambda: state.viewer, sync_to_thread=False), "expected": Provide(provide_expected),
            **{name: Provide(_giving(value), sync_to_thread=False) for name, value in values.items()},
        },
        exception_handlers={Fault: on_fault},
        request_max_body_size=1024 * 1024,
    )
    async with AsyncTestClient(app) as client:
        state.client = client
        state.sign_in("anna")
        yield state


def place(database: Database) -> Place:
    """Files beside the database."""
    return Place(str(database.url), str(Path(database.url.database or "").parent / "directory"))


def _giving(value: object) -> Any:
    def give() -> Any:
        return value

    return give


async def import_csv(house: House, text: str = CSV) -> None:
    await imported(house.directory, text, location_id="")


def missed(call_id: str, *devices: str, at: datetime = T0) -> Call:
    caller = Party(
        number="0432546462",
        canonical="+390432546462",
        kind=PartyKind.EXTERNAL,
        contact=ContactRef("c1", "Mario Rossi", "Rossi Impianti S.r.l.", "exact"),
    )
    end = at + timedelta(seconds=20)
    legs = [Connection(ConnectionId(call_id, "trunk"), caller, ConnectionState.NULL, Role.CALLER, at, ended=end)]
    for device in devices:
        party = Party(device=device, number=device, kind=PartyKind.EXTENSION)
        legs.append(
            Connection(
                ConnectionId(call_id, device), party, ConnectionState.NULL, Role.CALLEE, at, rang=at, ended=end,
                outcome=LegOutcome.MISSED,
            )
        )  # fmt: skip
    return Call(
        call_id, "pbx", call_id, call_id, Direction.INBOUND, caller, Party(), at, tuple(legs), rang=at, ended=end
    )


async def test_search_finds_contacts_and_colleagues(house: House) -> None:
    await import_csv(house)
    found = await house.get("/search", q="ros mar")
    assert [(hit["kind"], hit["title"], hit["reason"]) for hit in found["items"]] == [("contact", "Mario Rossi", "name")]
    assert found["items"][0]["numbers"][0]["display"] == "+39 0432 546462"
    assert [hit["title"] for hit in (await house.get("/search", q="ben"))["items"]] == ["Ben Test"]
    assert [hit["title"] for hit in (await house.get("/search", q="102"))["items"]] == ["Ben Test"]
    assert (await house.get("/search"))["items"] == []


async def test_zeros_alone_are_no_number_that_everybody_has(house: House) -> None:
    assert [item["kind"] for item in (await house.get("/search", q="101"))["items"]] == ["person"]
    assert (await house.get("/search", q="000"))["items"] == []


async def test_who_calls(house: House) -> None:
    await import_csv(house)
    found = await house.get("/identify", number="0432/546462")
    assert (found["party"]["name"], found["party"]["reason"], found["party"]["country"]) == ("Mario Rossi", "exact", "IT")
    assert [hit["title"] for hit in found["hits"]] == ["Mario Rossi"]
    short = (await house.get("/identify", number="254 64 62"))["party"]
    assert (short["canonical"], short["reason"], short["name"]) == ("+392546462", "last-digits", "Mario Rossi")
    assert (await house.get("/identify", number="+441632960000"))["hits"] == []


async def test_a_contact_by_hand(house: House) -> None:
    draft = {"company": "Bar Sport", "numbers": [{"kind": "business", "raw": "0432 1234"}]}
    made = (await house.client.post("/contacts", json=draft)).json()
    assert made["numbers"][0]["canonical"] == "+3904321234"
    assert (await house.get(f"/contacts/{made['id']}"))["display_name"] == "Bar Sport"
    assert (await house.client.delete(f"/contacts/{made['id']}")).status_code == 204
    assert (await house.client.get(f"/contacts/{made['id']}")).status_code == 404
    assert (await house.client.post("/contacts", json={})).status_code == 422
    assert (await house.client.post("/contacts", json={"numbers": [{"kind": "no", "raw": "1"}]})).status_code == 400


async def test_only_the_author_and_admins_remove_a_contact(house: House) -> None:
    ids = [(await house.client.post("/contacts", json={"company": name})).json()["id"] for name in ("One", "Two")]
    house.sign_in("ben")
    refused = await house.client.delete(f"/contacts/{ids[0]}")
    assert (refused.status_code, refused.json()["code"]) == (403, "not-your-contact")
    assert (await house.client.delete("/contacts/nothing")).status_code == 404
    house.sign_in("dora")
    assert (await house.client.delete(f"/contacts/{ids[0]}")).status_code == 204
    house.sign_in("anna")
    assert (await house.client.delete(f"/contacts/{ids[1]}")).status_code == 204


async def test_nobody_writes_contacts_without_end(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unisono.directory.service.MOST_BY_HAND", 2)
    made = [await house.client.post("/contacts", json={"company": f"Firm {n}"}) for n in range(3)]
    assert [answer.status_code for answer in made] == [201, 201, 409]
    assert made[2].json()["code"] == "too-many-contacts"
    again = Directory(house.database, italian, Bus(), SystemClock(), place(house.database))
    await again.load()
    with pytest.raises(Conflict):
        await again.create(NewContact(company="Firm 3"), "", house.ids["anna"])
    house.sign_in("ben")
    assert (await house.client.post("/contacts", json={"company": "Ben's"})).status_code == 201
    house.sign_in("anna")
    await house.client.delete(f"/contacts/{made[0].json()['id']}")
    assert (await house.client.post("/contacts", json={"company": "Firm 4"})).status_code == 201


async def test_one_person_of_two_books_is_shown_once_until_an_admin_says_otherwise(house: House) -> None:
    await import_csv(house)
    by_hand = {"first_name": "Mario", "last_name": "Rossi", "numbers": [{"kind": "business", "raw": "+390432546462"}]}
    own = (await house.client.post("/contacts", json=by_hand)).json()["id"]
    found = (await house.get("/search", q="mario"))["items"]
    assert [len(hit["origins"]) for hit in found] == [2]
    assert {(o["book"], o["reason"]) for o in found[0]["origins"]} in (
        {("own", ""), ("customers", "number-and-name")},
        {("customers", ""), ("own", "number-and-name")},
    )
    other = next(o["contact_id"] for o in found[0]["origins"] if o["book"] == "customers")
    shown = await house.get(f"/contacts/{own}")
    assert [o["contact_id"] for o in shown["origins"]] == [own, other]
    who = await house.get("/identify", number="+390432546462")
    assert (who["party"]["alternatives"], len(who["hits"]), len(who["hits"][0]["origins"])) == (0, 1, 2)

    pair = {"first": own, "second": other, "joined": False}
    admin = "/admin/contacts/duplicates"
    assert (await house.client.put(f"{admin}/pairs", json=pair)).status_code == 403
    assert (await house.client.get(admin)).status_code == 403
    house.sign_in("dora")
    assert (await house.client.put(f"{admin}/pairs", json=pair)).status_code == 204
    assert len((await house.get("/search", q="mario"))["items"]) == 2
    listed = await house.get(admin)
    assert [(p["joined"], p["by"]) for p in listed["pairs"]] == [(False, house.ids["dora"])]
    assert {listed["pairs"][0]["first"]["title"], listed["pairs"][0]["second"]["book"]} <= {"Mario Rossi", "own", "customers"}
    again = Directory(house.database, italian, Bus(), SystemClock(), place(house.database))
    await again.load()
    assert len(await again.search("mario")) == 2

    assert (await house.client.delete(f"{admin}/pairs/{other}/{own}")).status_code == 204
    assert len((await house.get("/search", q="mario"))["items"]) == 1
    assert (await house.client.put(f"{admin}/rules/number-and-name", json={"on": False})).status_code == 204
    assert len((await house.get("/search", q="mario"))["items"]) == 2
    assert (await house.client.put(f"{admin}/rules/nonsense", json={"on": False})).status_code == 422
    assert (await house.client.put(f"{admin}/pairs", json={**pair, "joined": True})).status_code == 204
    assert len((await house.get("/search", q="mario"))["items"]) == 1
    assert (await house.client.put(f"{admin}/pairs", json={**pair, "second": own})).status_code == 422
    assert (await house.client.put(f"{admin}/pairs", json={**pair, "second": "nobody"})).status_code == 404


async def test_people_of_several_books_are_listed_with_what_each_rule_does(house: House) -> None:
    await import_csv(house)
    await imported(house.directory, "Name;Phone\nRossi Mario;0432 546462\nOther;0432 1\n", "CRM", "")
    admin = "/admin/contacts/duplicates"
    assert (await house.client.get(f"{admin}/persons")).status_code == 403
    house.sign_in("dora")
    for query in ({}, {"q": "mario"}):
        [person] = (await house.get(f"{admin}/persons", **query))["items"]
        assert {(e["title"], e["book"]) for e in person["entries"]} == {("Rossi Mario", "crm"), ("Mario Rossi", "customers")}
        assert [e["reason"] for e in person["entries"]] == ["", "number-and-name"]
        assert person["entries"][1]["numbers"] == ["+39 0432 546462"]
    effects = await house.get(f"{admin}/effects")
    assert effects["next"] is None
    assert {each["rule"]: each["pairs"] for each in effects["rules"]} == {
        "number-and-name": 1, "email": 0, "name-and-firm": 0, "by-hand": 0,
    }  # fmt: skip
    assert (await house.client.put(f"{admin}/rules/number-and-name", json={"on": False})).status_code == 204
    assert (await house.get(f"{admin}/persons"))["items"] == []
    assert (await house.get(f"{admin}/effects"))["rules"][0]["pairs"] == 1


async def test_books_are_made_renamed_and_removed(house: House) -> None:
    await import_csv(house)
    books = "/admin/contacts/books"
    assert (await house.client.post(books, json={"name": "Suppliers"})).status_code == 403
    house.sign_in("dora")
    made = (await house.client.post(books, json={"name": "Suppliers"})).json()
    assert (made["id"], made["contacts"], made["source"], made["changed"], made["own"]) == ("suppliers", 0, None, None, False)
    for name, id, code in (("customers", "", "book-exists"), ("Customers", "suppliers", "book-exists"), ("", "", "book-name")):
        answer = await house.client.request("PUT" if id else "POST", f"{books}/{id}".rstrip("/"), json={"name": name})
        assert answer.json()["code"] == code
    assert (await house.client.put(f"{books}/own", json={"name": "Mine"})).json()["code"] == "own-book"
    assert (await house.client.put(f"{books}/nothing", json={"name": "Mine"})).status_code == 404
    renamed = (await house.client.put(f"{books}/customers", json={"name": "Clients"})).json()
    assert (renamed["id"], renamed["name"], renamed["contacts"]) == ("customers", "Clients", 1)
    assert (renamed["source"]["kind"], renamed["bytes"] > 0, renamed["changed"] is not None) == ("csv", True, True)
    # Another book with the old name is another book.
    assert (await house.client.post(books, json={"name": "Customers"})).json()["id"] == "customers-2"
    [hit] = (await house.get("/search", q="rossi"))["items"]
    contact = await house.get(f"/contacts/{hit['id']}")
    assert (contact["books"], contact["editable"]) == ({"customers": "Clients"}, False)
    assert (await house.client.delete(f"{books}/customers")).status_code == 204
    assert [book["name"] for book in (await house.get(books))["items"]] == ["Customers", "Own contacts", "Suppliers"]


async def test_when_a_book_was_last_changed_by_hand(house: House) -> None:
    await import_csv(house)
    house.sign_in("dora")

    async def changed() -> dict[str, datetime | None]:
        books = (await house.get("/admin/contacts/books"))["items"]
        return {book["id"]: datetime.fromisoformat(book["changed"]) if book["changed"] else None for book in books}

    before = await changed()
    assert before["own"] is None
    path = "/contacts"
    for how, body in (("POST", {"company": "Verdi"}), ("PUT", {"company": "Verdi S.p.A."}), ("DELETE", None)):
        since = datetime.now(UTC)
        answer = await house.client.request(how, path, json=body)
        assert answer.is_success
        path = path if how != "POST" else f"/contacts/{answer.json()['id']}"
        after = await changed()
        own = after.pop("own")
        assert own is not None
        assert since <= own <= datetime.now(UTC)
        assert after == {"customers": before["customers"]}


async def test_of_two_books_of_one_name_made_at_once_there_is_one(house: House) -> None:
    house.sign_in("dora")
    books = "/admin/contacts/books"

    async def at_once(*asked: tuple[str, str, str]) -> list[tuple[int, str]]:
        answers = await asyncio.gather(*(house.client.request(how, f"{books}{id}", json={"name": n}) for how, id, n in asked))
        return sorted((answer.status_code, answer.json().get("code", "")) for answer in answers)

    assert await at_once(*(("POST", "", name) for name in ("Suppliers", "suppliers", "SUPPLIERS"))) == [
        (201, ""), (409, "book-exists"), (409, "book-exists"),
    ]  # fmt: skip
    # These have the same id to begin with, but not the same name.
    assert await at_once(("POST", "", "a b"), ("POST", "", "a-b")) == [(201, ""), (201, "")]
    assert await at_once(("PUT", "/a-b", "One"), ("PUT", "/suppliers", "One")) == [(200, ""), (409, "book-exists")]


async def test_an_import_finds_its_book_by_the_name_it_has_now(house: House) -> None:
    await import_csv(house)
    house.sign_in("dora")
    books = "/admin/contacts/books"
    assert (await house.client.put(f"{books}/customers", json={"name": "Old customers"})).status_code == 200
    await imported(house.directory, "Name;Phone\nVerdi Anna;0432 777777\n", "Customers", "")
    held = {book["name"]: (book["id"], book["contacts"]) for book in (await house.get(books))["items"]}
    assert held == {"Customers": ("customers-2", 1), "Old customers": ("customers", 1), "Own contacts": ("own", 0)}
    await imported(house.directory, "Name;Phone\nNeri Anna;0432 777777\nBo;0432 7\n", "Old customers", "")
    held = {book["name"]: (book["id"], book["contacts"]) for book in (await house.get(books))["items"]}
    assert held == {"Customers": ("customers-2", 1), "Old customers": ("customers", 2), "Own contacts": ("own", 0)}
    assert [each.name for each in await house.directory.replication.store.all()] == ["Customers", "Customers (2)"]


async def test_whatever_a_book_is_called_it_can_be_removed(house: House) -> None:
    house.sign_in("dora")
    books = "/admin/contacts/books"
    called = {"Kunden/Lieferanten": "kunden-lieferanten", "../..": "book", "a, b=c": "a-b-c", "Größe #1?": "grösse-1"}
    for name, id in called.items():
        made = (await house.client.post(books, json={"name": name})).json()
        assert (made["id"], made["name"]) == (id, name)
        assert (await house.client.delete(f"{books}/{id}")).status_code == 204
    for name in ("ß" * 60, "Mu\u0308ller"):
        made = (await house.client.post(books, json={"name": name})).json()
        assert len(made["id"]) <= 60
        assert (await house.client.delete(f"{books}/{made['id']}")).status_code == 204
    assert made["id"] == "müller"
    for name in ("a\0b", "own contacts", "\u202e"):
        assert (await house.client.post(books, json={"name": name})).json()["code"] == "book-name"


NOT_A_NUMBER = {"kind": "home", "raw": "abc"}


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"last_name": "", "numbers": [{"kind": "mobile", "raw": "333 1234567"}]}, "contact-nameless", "last_name"),
        ({"numbers": [{"kind": "mobile", "raw": "333 1234567"}, NOT_A_NUMBER]}, "number-unreadable", "numbers.1"),
        ({"emails": ["a@b"]}, "email-unreadable", "emails.0"),
    ],
)
async def test_a_contact_by_hand_has_a_name_and_what_can_be_read(
    house: House, wrong: dict[str, object], code: str, field: str
) -> None:
    right = {"last_name": "Verdi", "numbers": [{"kind": "business", "raw": "0432 777777"}]}
    refused = await house.client.post("/contacts", json={**right, **wrong})
    assert (refused.status_code, refused.json()["code"], refused.json()["data"]["field"]) == (422, code, field)
    made = (await house.client.post("/contacts", json=right)).json()
    refused = await house.client.put(f"/contacts/{made['id']}", json={**right, **wrong})
    assert refused.json()["code"] == code


async def test_who_wrote_a_contact_changes_it(house: House) -> None:
    written = {"last_name": "Verdi", "numbers": [{"kind": "business", "raw": "0432 777777"}]}
    made = (await house.client.post("/contacts", json=written)).json()
    assert (made["editable"], made["books"]) == (True, {"own": "Own contacts"})
    changed = {**written, "first_name": "Anna", "numbers": [{"kind": "mobile", "raw": "333 1234567"}]}
    assert (await house.client.put(f"/contacts/{made['id']}", json=changed)).json()["display_name"] == "Anna Verdi"
    assert [hit["id"] for hit in (await house.get("/search", q="3331234567"))["items"]] == [made["id"]]
    assert (await house.get("/search", q="0432 777777"))["items"] == []
    house.sign_in("ben")
    assert (await house.get(f"/contacts/{made['id']}"))["editable"] is False
    assert (await house.client.put(f"/contacts/{made['id']}", json=written)).json()["code"] == "not-your-contact"
    house.sign_in("dora")
    assert (await house.client.put(f"/contacts/{made['id']}", json=written)).status_code == 200
    house.sign_in("anna")
    assert (await house.get(f"/contacts/{made['id']}"))["display_name"] == "Verdi"
    assert (await house.client.delete(f"/contacts/{made['id']}")).status_code == 204
    assert (await house.client.put(f"/contacts/{made['id']}", json=written)).status_code == 404


async def test_own_missed_calls_are_listed_and_dealt_with(house: House) -> None:
    await house.journal.follow(missed("c", "101"))
    (entry,) = (await house.get("/journal", filter="missed,open"))["items"]
    assert (entry["remote"]["name"], entry["outcome"], entry["open"], entry["mine"]) == ("Mario Rossi", "missed", True, True)
    assert (entry["direction"], entry["duration"], entry["talk"]) == ("inbound", 20, 0)
    done = (await house.client.post(f"/journal/{entry['id']}/done", json={"done": True})).json()
    assert (done["open"], done["done_by"], done["done_how"]) == (False, house.ids["anna"], "by-hand")
    noted = (await house.client.patch(f"/journal/{entry['id']}", json={"note": "called back"})).json()
    assert noted["note"] == "called back"
    assert (await house.get("/journal", q="called ba"))["items"][0]["id"] == entry["id"]
    assert (await house.client.get("/journal", params={"filter": "nonsense"})).status_code == 422
    assert (await house.client.get("/journal", params={"after": "x"})).status_code == 422


async def test_others_see_what_they_are_let(house: House) -> None:
    await house.journal.follow(missed("c", "101"))
    (entry,) = (await house.get("/journal"))["items"]
    house.sign_in("ben")
    assert (await house.get("/journal"))["items"] == []
    assert (await house.client.get(f"/journal/{entry['id']}")).status_code == 404
    assert (await house.get("/journal/history", number="0432 546462"))["items"] == []
    await house_grant(house, "anna", "ben", Level.TEAM)
    for query in ({"scope": "group"}, {"scope": "all"}):
        (seen,) = (await house.get("/journal", **query))["items"]
        assert (seen["id"], seen["mine"]) == (entry["id"], False)
    assert len((await house.get("/journal/history", number="0432 546462"))["items"]) == 1
    assert len((await house.get("/journal/history", contact_id="c1"))["items"]) == 1
    assert (await house.client.patch(f"/journal/{entry['id']}", json={"note": "x"})).status_code == 403
    assert (await house.client.post(f"/journal/{entry['id']}/done", json={})).status_code == 403


async def test_a_private_call_hides_its_partner_from_others(house: House) -> None:
    await house.journal.follow(missed("c", "101"))
    (entry,) = (await house.get("/journal"))["items"]
    await house.client.patch(f"/journal/{entry['id']}", json={"private": True, "note": "secret"})
    house.sign_in("ben")
    await house_grant(house, "anna", "ben", Level.TEAM)
    (seen,) = (await house.get("/journal", scope="all"))["items"]
    assert (seen["remote"]["number"], seen["remote"]["name"], seen["note"]) == ("+390432546XXX", "", "")


async def test_a_call_for_several_may_be_dealt_with_by_who_sees_it(house: House) -> None:
    await house.journal.follow(missed("c", "101", "103"))
    (entry,) = (await house.get("/journal"))["items"]
    house.sign_in("ben")
    await house_grant(house, "anna", "ben", Level.TEAM)
    done = (await house.client.post(f"/journal/{entry['id']}/done", json={})).json()
    assert (done["open"], done["done_by"]) == (False, house.ids["ben"])


async def house_grant(house: House, owner: str, to: str, level: Level) -> None:
    await house.granting.grant(house.ids[owner], house.ids[to], level)


async def hand_over(house: House, number: str, *to: str) -> None:
    """The line with this number is used by these people from now on, and by nobody else."""
    line = next(line for line in house.people.lines() if line.number == number)
    for user in house.people.users():
        line_ids = tuple(id for id in user.line_ids if id != line.id)
        if user.id in {house.ids[name] for name in to}:
            line_ids = (*line_ids, line.id)
        if line_ids != user.line_ids:
            await house.people.save_user(replace(user, line_ids=line_ids))


async def ids_of(house: House, **query: Any) -> list[str]:
    return [entry["call_id"] for entry in (await house.get("/journal", **query))["items"]]


async def test_a_line_that_changes_hands_keeps_its_past_with_whose_it_was(house: House) -> None:
    await house.journal.follow(missed("before", "101"))
    (entry,) = (await house.get("/journal"))["items"]
    await house.client.patch(f"/journal/{entry['id']}", json={"note": "my doctor", "private": True})
    await hand_over(house, "101", "ben")
    await house.journal.follow(missed("after", "101", at=T0 + timedelta(hours=1)))
    house.sign_in("anna")
    assert await ids_of(house) == ["before"]
    assert await house.journal.missed_open(house.viewer) == 1
    edited = await house.client.patch(f"/journal/{entry['id']}", json={"note": "still mine"})
    assert (edited.status_code, edited.json()["mine"]) == (200, True)
    house.sign_in("ben")
    assert await ids_of(house) == ["after"]
    assert [e.call_id for e in await house.journal.newest(house.viewer, 50)] == ["after"]
    assert await house.journal.missed_open(house.viewer) == 1
    for scope in ("mine", "group", "all"):
        assert await ids_of(house, scope=scope, q="mine") == []
    assert (await house.client.get(f"/journal/{entry['id']}")).status_code == 404
    assert (await house.client.patch(f"/journal/{entry['id']}", json={"note": "x"})).status_code == 404
    await house_grant(house, "anna", "ben", Level.TEAM)
    assert await ids_of(house, scope="all") == ["after", "before"]
    assert (await house.client.patch(f"/journal/{entry['id']}", json={"note": "x"})).status_code == 403


async def test_what_a_line_of_several_had_belongs_to_who_uses_it(house: House) -> None:
    await hand_over(house, "101", "anna", "ben")
    await house.journal.follow(missed("shared", "101"))
    for name in ("anna", "ben"):
        house.sign_in(name)
        (entry,) = (await house.get("/journal"))["items"]
        assert (entry["mine"], entry["user_id"]) == (True, "")
        assert await house.journal.missed_open(house.viewer) == 1
    await hand_over(house, "101", "cleo")
    for name, seen in (("anna", []), ("cleo", ["shared"])):
        house.sign_in(name)
        assert await ids_of(house) == seen
    assert (await house.client.post(f"/journal/{entry['id']}/done", json={})).status_code == 200
    house.sign_in("anna")
    assert (await house.client.get(f"/journal/{entry['id']}")).status_code == 404


@pytest.mark.parametrize("unions", [_MOST_UNIONS, 1], ids=["few owners", "very many owners"])
@pytest.mark.parametrize(("level", "reads"), [(Level.BUSINESS, False), (Level.TEAM, True)])
async def test_only_the_team_reads_and_finds_what_was_written(
    house: House, level: Level, reads: bool, unions: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unisono.journal.listing._MOST_UNIONS", unions)
    await house.journal.follow(missed("plain", "101"))
    await house.journal.follow(missed("c", "101", at=T0 + timedelta(hours=1)))
    entry = (await house.get("/journal"))["items"][0]
    written = {"note": "Wants a discount", "subject": "Boiler", "project": "P7"}
    await house.client.patch(f"/journal/{entry['id']}", json=written)
    await house_grant(house, "anna", "ben", level)
    for name, own in (("ben", False), ("anna", True)):
        house.sign_in(name)
        shown = written if reads or own else dict.fromkeys(written, "")
        single = await house.get(f"/journal/{entry['id']}")
        (listed, _) = (await house.get("/journal", scope="all"))["items"]
        (_, history) = (await house.get("/journal/history", contact_id="c1"))["items"][::-1]
        for seen in (single, listed, history):
            assert {key: seen[key] for key in written} == shown
            assert (seen["remote"]["name"], seen["mine"]) == ("Mario Rossi", own)
        for text in ("discount", "boil", "p7", "ross disc"):
            assert await ids_of(house, scope="all", q=text) == (["c"] if reads or own else []), text
        assert await ids_of(house, scope="all", q="rossi 546462") == ["c", "plain"]
        for query in ({}, {"number": "0432 546462"}, {"q": "rossi"}):
            noted = await ids_of(house, scope="all", filter="note", **query)
            bare = await ids_of(house, scope="all", filter="no-note", **query)
            assert (noted, bare) == ((["c"], ["plain"]) if reads or own else ([], ["c", "plain"]))


async def test_nobody_else_learns_that_a_private_call_has_a_note(house: House) -> None:
    await house.journal.follow(missed("c", "101"))
    (entry,) = (await house.get("/journal"))["items"]
    await house.client.patch(f"/journal/{entry['id']}", json={"private": True, "note": "secret", "project": "P7"})
    await house_grant(house, "anna", "ben", Level.TEAM)
    house.sign_in("ben")
    assert (await house.get(f"/journal/{entry['id']}"))["project"] == ""
    assert await ids_of(house, scope="all", filter="note") == []
    assert await ids_of(house, scope="all", filter="no-note") == ["c"]
    assert await ids_of(house, scope="all", q="secret") == []


async def test_the_further_lines_of_a_colleague_count_apart(house: House) -> None:
    house.sign_in("cleo")
    await hand_over(house, "102", "anna")
    await house.journal.follow(missed("main", "101"))
    await house.journal.follow(missed("further", "102", at=T0 + timedelta(hours=1)))
    seen_at = {Level.PUBLIC: [], Level.BUSINESS: ["main"], Level.TEAM: ["further", "main"]}
    for level, seen in seen_at.items():
        await house_grant(house, "anna", "cleo", level)
        assert await ids_of(house, scope="all") == seen
        for entry in await house.journal.newest(Viewer(house.ids["anna"]), 50):
            found = await house.client.get(f"/journal/{entry.id}")
            assert found.status_code == (200 if entry.call_id in seen else 404)
