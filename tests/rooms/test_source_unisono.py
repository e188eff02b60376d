"""Another Unisono as a source: one whole server asks another over real HTTP with a token that may export."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from msgspec.structs import replace
from tests.rooms.web_house import House, browser, open_house

from unisono.directory.export import columns, read_page
from unisono.directory.index import Index, Layer
from unisono.directory.model import Address, AddressKind, Contact, ContactNumber, NumberKind
from unisono.directory.replicators.another_unisono import FIELDS, UnisonoSettings
from unisono.directory.replicators.kinds import KINDS
from unisono.directory.replicators.mapping import Mapper
from unisono.directory.replicators.source import READ_ALL, Column, Gone, Item, Mark, Record, Source
from unisono.directory.replicators.suggest import suggest
from unisono.directory.runs.model import BadRow
from unisono.directory.segment import build
from unisono.directory.service import NewContact
from unisono.directory.views import EVERYTHING, View
from unisono.kernel.errors import Conflict, Fault, Invalid
from unisono.kernel.settings import parse


def contact(n: int, name: str = "", book: str = "crm") -> Contact:
    number = ContactNumber(NumberKind.MOBILE, f"333 {n}", f"+39333{n}")
    return Contact(f"{n:032x}", book, f"k{n}", name or f"Name {n}", numbers=(number,))


def layer(contacts: Iterable[Contact], gone: Iterable[int] = (), book: str = "crm") -> Layer:
    return Layer(build(contacts, book), frozenset(f"{n:032x}" for n in gone))


def everything(index: Index, since: str = "", view: View = EVERYTHING, limit: int = 2) -> tuple[list[str], list[int], str]:
    """Names, numbers of those gone, and the first page's mark."""
    names: list[str] = []
    gone: list[int] = []
    found = read_page(index, view, limit, since)
    mark = found.mark
    while True:
        assert len(found.contacts) + len(found.gone) <= limit
        names += [each.name for each in found.contacts]
        gone += [int(id, 16) for id in found.gone]
        if not found.next:
            return sorted(names), sorted(gone), mark
        found = read_page(index, view, limit, after=found.next)


BASE = layer(contact(n) for n in range(5))
CHANGED = layer([contact(1, "Renamed"), contact(7)], gone=[2, 3])
BACK = layer([contact(3, "Back")], gone=[4])


def test_pages_hold_everything_once_and_later_what_came_since() -> None:
    before = Index().with_book("crm", BASE)
    names, gone, mark = everything(before)
    assert (names, gone) == ([f"Name {n}" for n in range(5)], [])
    assert everything(before, mark)[:2] == ([], [])
    assert everything(before.with_book("crm", BASE, CHANGED), mark)[:2] == (["Name 7", "Renamed"], [2, 3])
    later = before.with_book("crm", BASE, CHANGED, BACK)
    assert everything(later, mark)[:2] == (["Back", "Name 7", "Renamed"], [2, 4])
    assert everything(later)[:2] == (["Back", "Name 0", "Name 7", "Renamed"], [])
    assert everything(later.with_book("new", layer([contact(9, book="new")], book="new")), mark)[0][1] == "Name 7"


def test_layers_that_only_take_away_are_told_each() -> None:
    one = Index().with_book("crm", BASE, layer([], gone=[2]))
    mark = everything(one)[2]
    two = one.with_book("crm", BASE, layer([], gone=[2]), layer([], gone=[3]))
    assert everything(two, mark)[:2] == ([], [3])
    assert everything(two)[0] == ["Name 0", "Name 1", "Name 4"]


def test_what_changes_while_it_is_read_comes_the_next_time() -> None:
    before = Index().with_book("crm", BASE)
    first = read_page(before, EVERYTHING, 2)
    now = before.with_book("crm", BASE, CHANGED)
    second = read_page(now, EVERYTHING, 10, after=first.next)
    assert [each.name for each in second.contacts] == ["Name 4"]
    assert everything(now, first.mark)[:2] == (["Name 7", "Renamed"], [2, 3])


def test_books_made_anew_mean_beginning_again() -> None:
    before = Index().with_book("crm", BASE)
    cursor, mark = read_page(before, EVERYTHING, 2).next, read_page(before, EVERYTHING, 2).mark
    anew = before.with_book("crm", layer(contact(n) for n in range(4)))
    for asked in ({"since": mark}, {"after": cursor}):
        for index in (anew, before.without_book("crm")):
            with pytest.raises(Conflict):
                read_page(index, EVERYTHING, 2, **asked)
    for odd in ("x", "e30", mark, "ä", "a b"):
        with pytest.raises(Invalid):
            read_page(before, EVERYTHING, 2, after=odd)


def test_a_mark_is_short_with_many_books() -> None:
    index = Index()
    for n in range(120):
        index = index.with_book(f"a-book-with-a-rather-long-name-{n}", BASE, CHANGED)
    mark = read_page(index, EVERYTHING, 1).mark
    assert len(read_page(index.with_book("own", BASE), EVERYTHING, 1, mark).next) <= 2_500
    assert everything(index, mark)[:2] == ([], [])


def test_the_book_written_by_hand_is_sent_whole_when_it_changes() -> None:
    before = Index().with_book("own", layer([contact(1, book="own")], book="own"))
    mark = everything(before)[2]
    assert everything(before, mark)[0] == []
    now = before.with_book("own", layer([contact(1, book="own"), contact(2, book="own")], book="own"))
    assert everything(now, mark)[0] == ["Name 1", "Name 2"]


def test_a_view_bounds_it() -> None:
    index = Index().with_book("crm", BASE).with_book("board", layer([contact(9, book="board")], book="board"))
    assert everything(index, view=View(frozenset({"board"})))[0] == ["Name 9"]
    mark = everything(index)[2]
    with pytest.raises(Conflict):
        everything(index, mark, View(frozenset({"board"})))


def test_columns_become_the_same_contact_again() -> None:
    one = Contact(
        "1" * 32, "crm", "k", "Anna Rossi", "Anna", "Rossi", "ACME", "Boss", "Sales", "12", "C1", "",
        (
            ContactNumber(NumberKind.MOBILE, "333 1", "+393331"), ContactNumber(NumberKind.BUSINESS, "0432 1", "+3904321"),
            ContactNumber(NumberKind.BUSINESS, "0432 2", "+3904322"), ContactNumber(NumberKind.OTHER, "nix"),
        ),
        ("a@company.example", "b@company.example"), "sip:a@company.example",
        (Address(AddressKind.PRIVATE, "Via Roma 1", city="Udine"),),
        "https://company.example", "note", "https://crm.example/1", {"Rank": "A"},
    )  # fmt: skip
    values = {name: value if isinstance(value, str) else tuple(value) for name, value in columns(one).items()}
    rules = suggest([Column(name, (), FIELDS.get(name, name)) for name in values])
    draft = Mapper(rules, lambda raw, region: raw if raw.startswith("+") else "").draft(Record("k", values))
    assert not isinstance(draft, BadRow)
    again = draft.contact("crm", "k")
    assert replace(again, id=one.id, numbers=(), emails=()) == replace(one, numbers=(), emails=())
    assert (again.emails, sorted(n.canonical for n in again.numbers)) == (one.emails, sorted(n.canonical for n in one.numbers))
    assert values["phone_mobile"] == "333 1"
    assert values["phone_mobile.canonical"] == "+393331"
    assert values["phone_business"] == ("+3904321", "+3904322")
    assert values["custom.Rank"] == "A"


@dataclass
class Other:
    """The server that is asked."""

    house: House
    url: str

    async def token(self, login: str, scope: str) -> str:
        async with browser(self.house, login) as client:
            answer = await client.post("/api/v1/me/tokens", json={"name": "other", "scopes": [scope], "days": 1})
            assert answer.status_code == 201, answer.text
            return str(answer.json()["secret"])

    async def read(self, source: Source, since: str | None = None) -> list[Item]:
        return await asyncio.to_thread(lambda: list(source.read(since)))


@pytest.fixture
async def other(tmp_path: Path) -> AsyncIterator[Other]:
    async with open_house(tmp_path) as house:
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            sock.listen()
            server = uvicorn.Server(uvicorn.Config(house.app, log_config=None, lifespan="off"))
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(server.serve(sockets=[sock]))
                yield Other(house, f"http://127.0.0.1:{sock.getsockname()[1]}")
                server.should_exit = True


def opened(url: str, token: str, **settings: object) -> Source:
    return KINDS["unisono"].open(parse({"url": url, "token": token, **settings}, UnisonoSettings))


async def test_one_server_reads_another(other: Other) -> None:
    directory = other.house.rooms.directory
    numbers = ((NumberKind.MOBILE, "+39 333 1234567"),)
    draft = NewContact("Anna Rossi", "Anna", "Rossi", "ACME", numbers=numbers, emails=("a@b.example",))
    made = await directory.create(draft, "")
    source = opened(other.url, await other.token("root", "export"))
    assert (await asyncio.to_thread(source.check)).peer == f"Unisono {other.url[7:]}"
    first = await other.read(source)
    assert first[0] == Record(made.id, {
        "display_name": "Anna Rossi", "first_name": "Anna", "last_name": "Rossi", "company": "ACME", "email": ("a@b.example",),
        "phone_mobile": "+39 333 1234567", "phone_mobile.canonical": "+393331234567",
    })  # fmt: skip
    assert isinstance(first[-1], Mark)
    rules = suggest(await asyncio.to_thread(source.columns))
    mapped = Mapper(rules, lambda raw, region: "").draft(first[0])
    assert [(number.kind, number.raw, number.canonical) for number in mapped.numbers] == [  # type: ignore[union-attr]
        (NumberKind.MOBILE, "+39 333 1234567", "+393331234567")
    ]
    assert [type(item) for item in await other.read(source, first[-1].cursor)] == [Mark]
    await directory.create(NewContact("Ben"), "")
    second = await other.read(source, first[-1].cursor)
    assert {str(item.values["display_name"]) for item in second if isinstance(item, Record)} == {"Anna Rossi", "Ben"}
    assert not [item for item in second if isinstance(item, Gone)]


async def test_who_may_not_is_told(other: Other) -> None:
    with pytest.raises(Fault) as caught:
        await asyncio.to_thread(opened(other.url, "nonsense").check)
    assert caught.value.code == "source-sign-in"
    for login, scope in (("root", "read"), ("anna", "all")):
        with pytest.raises(Fault) as caught:
            await asyncio.to_thread(opened(other.url, await other.token(login, scope)).check)
        assert caught.value.code == "source-forbidden"
    async with browser(other.house, "anna") as client:
        answer = await client.post("/api/v1/me/tokens", json={"name": "x", "scopes": ["export"], "days": 1})
        assert (answer.status_code, answer.json()["code"]) == (403, "admins-only")


async def test_a_token_that_exports_changes_nothing(other: Other) -> None:
    token = await other.token("root", "export")
    async with other.house.client() as client:
        answer = await client.post(
            "/api/v1/contacts", json={"display_name": "x"}, headers={"Authorization": f"Bearer {token}"}
        )
        assert (answer.status_code, answer.json()["code"]) == (403, "scope-missing")


async def test_a_mark_of_another_server_is_of_no_use(other: Other) -> None:
    source = opened(other.url, await other.token("root", "export"))
    elsewhere = read_page(Index().with_book("crm", BASE), EVERYTHING, 1).mark
    for useless in ("nonsense", elsewhere):
        with pytest.raises(Fault) as caught:
            await other.read(source, useless)
        assert caught.value.code == READ_ALL
