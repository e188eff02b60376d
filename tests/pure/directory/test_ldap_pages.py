"""Limits, pages, sorted lists and list views of one connection and of several."""

import gc
import tracemalloc

import pytest
from msgspec.structs import replace
from tests.pure.directory.ldap_client import ANNA, NAMES, NODES, TREE, Client, entries, index, person, search

from unisono.directory.index import Index, Layer
from unisono.directory.ldap import order
from unisono.directory.ldap.model import Configuration, ListOrder, Node
from unisono.directory.ldap.order import Room
from unisono.directory.ldap.session import Session
from unisono.directory.ldap.tree import Tree
from unisono.directory.segment import build
from unisono.wire.ldap import ResultCode, encode_request
from unisono.wire.ldap.control import (
    ByAssertion,
    ByOffset,
    Control,
    PagedResults,
    SortKey,
    SortRequest,
    SortResponse,
    VlvRequest,
    VlvResponse,
)
from unisono.wire.ldap.message import (
    AbandonRequest,
    Scope,
    SearchRequest,
    SearchResultEntry,
)


def test_size_limit() -> None:
    answers = Client().ask(search("(cn=*)", most=2))
    assert len(entries(answers)) == 2
    assert answers[-1][0].result.code == ResultCode.SIZE_LIMIT_EXCEEDED  # type: ignore[union-attr]


@pytest.mark.parametrize("most", [1, 2, 3, 4])
def test_the_size_limit_counts_entries_that_are_no_contacts(most: int) -> None:
    asked = search("(|(dc=meta)(ou=crm)(ou=board)(cn=Anna Rossi))", most=most)
    whole, [*_, (last, _)] = entries(Client().ask(asked)), Client().ask(asked, Control(PagedResults(100, b"")))
    assert len(whole) == min(most, 3) + (most == 4)
    assert Client().code(asked) == last.result.code == (0 if most == 4 else 4)  # type: ignore[union-attr]


def test_an_empty_book_is_no_hit() -> None:
    """Of the books that are asked later, nor is it one entry too many."""
    phone_books = Tree(index(own=(), crm=NAMES), Configuration((Node("meta", phone_books=("crm",)),)))
    assert Client(phone_books).names("(objectClass=*)", scope=Scope.CHILDREN) == list(NAMES)
    beside = Client(Tree(index(crm=NAMES[:1], board=()), Configuration(NODES)))
    assert beside.code(search(most=4), Control(PagedResults(100, b""))) == ResultCode.SUCCESS


def test_pages() -> None:
    client, found, cookie = Client(), [], b""
    for size in (1, 2, 2, 2, 2):
        answers = client.ask(search(scope=Scope.SUBTREE), Control(PagedResults(size, cookie), True))
        found += [e.name for e in entries(answers)]
        [paged] = [c.value for c in answers[-1][1] if isinstance(c.value, PagedResults)]
        cookie = paged.cookie
        assert bool(cookie) == (len(found) < 9)
    answers = client.ask(search(), Control(PagedResults(100, b"")))
    assert len(entries(answers)) == 9


@pytest.mark.parametrize("longest", [300, 61_200, 65_250, 70_000])
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_entries_of_a_page_are_those_that_are_asked_for_singly(longest: int, size: int) -> None:
    """Whatever their lengths, which are octets of the entries' heads."""
    notes = ("", "x" * longest, "short", "y" * longest, "")
    people = [
        replace(person(number, name, "crm"), note=note)
        for number, (name, note) in enumerate(zip(NAMES, notes, strict=True), 1)
    ]
    client = Client(Tree(Index().with_book("crm", Layer(build(people, "crm"))), Configuration(NODES)))
    found: list[SearchResultEntry] = []
    cookie = b""
    while not found or cookie:
        answers = client.ask(search("(objectClass=*)", "ou=crm,dc=meta", Scope.ONE), Control(PagedResults(size, cookie)))
        found += entries(answers)
        [cookie] = [c.value.cookie for c in answers[-1][1] if isinstance(c.value, PagedResults)]
    assert len(found) == len(NAMES)
    for entry in found:
        assert entries(client.ask(search(base=entry.name, scope=Scope.BASE))) == [entry]


@pytest.mark.parametrize("attributes", [(), ("cn", "sn")])
def test_ids_that_are_not_written_as_ours_are_good_names(attributes: tuple[str, ...]) -> None:
    ids = ["a" * 30 + ",+", "#" + "b" * 31, "c" * 31 + "\\", "d" * 31 + "=", "\u00fc" * 16, "x", ANNA]
    people = [replace(person(number, "A B", "crm"), id=own) for number, own in enumerate(ids)]
    client = Client(Tree(Index().with_book("crm", Layer(build(people, "crm"))), Configuration(NODES)))
    found = entries(client.ask(search("(cn=*)", attributes=attributes)))
    assert len(found) == len(ids)
    for entry in found:
        assert entries(client.ask(search(base=entry.name, scope=Scope.BASE, attributes=attributes))) == [entry]


def test_long_names_leave_less_of_two_octets_for_attributes() -> None:
    book = "b" * 4_500
    people = [replace(person(1, "Anna Rossi", book), note="x" * 61_000), person(2, "Ben Rossi", book)]
    client = Client(Tree(Index().with_book(book, Layer(build(people, book))), Configuration(NODES)))
    assert [len(entries(client.ask(search(asked)))) for asked in ("(cn=*)", "(cn=Anna*)")] == [2, 1]


@pytest.mark.parametrize(
    "nodes",
    [(Node("meta", books=("board",)),), (Node("other", "o=other"), *NODES), (Node("meta", order=ListOrder.COMPANY),)],
)
def test_a_node_that_was_changed_ends_the_pages_that_were_begun(nodes: tuple[Node, ...]) -> None:
    """Books that it shows no more are not seen to the end, nor under the names of another node."""
    trees = [Tree(TREE.index, Configuration(nodes)), Tree(index(crm=NAMES), Configuration(NODES)), TREE]
    client = Client()
    client.session = Session(lambda: trees[-1], lambda: client.now)
    asked = search("(cn=*)", "")
    for code in (ResultCode.SUCCESS, ResultCode.UNWILLING_TO_PERFORM):
        answers = client.ask(asked, Control(PagedResults(2, b"")))
        [cookie] = [c.value.cookie for c in answers[-1][1] if isinstance(c.value, PagedResults)]
        trees.pop()
        assert client.code(asked, Control(PagedResults(2, cookie))) == code


def test_a_cookie_is_good_for_its_connection_and_search_only() -> None:
    client = Client()
    answers = client.ask(search(), Control(PagedResults(1, b"")))
    [cookie] = [c.value.cookie for c in answers[-1][1] if isinstance(c.value, PagedResults)]
    assert Client().code(search(), Control(PagedResults(1, cookie))) == ResultCode.UNWILLING_TO_PERFORM
    assert client.code(search("(cn=*)"), Control(PagedResults(1, cookie))) == ResultCode.UNWILLING_TO_PERFORM


def test_sorting() -> None:
    client = Client()

    def by(*keys: SortKey) -> list[str]:
        return client.names("(cn=*)", "ou=crm,dc=meta", Scope.ONE, Control(SortRequest(keys), True))

    assert by(SortKey("cn")) == list(NAMES)
    assert by(SortKey("cn", reverse=True)) == list(reversed(NAMES))
    assert by(SortKey("sn")) == ["Carla De Rossi", "Ben Müller", "Anna Rossi", "Eva Rossini", "Dino Verdi"]
    assert by(SortKey("mobile"), SortKey("cn", "caseIgnoreOrderingMatch", True)) == list(reversed(NAMES))
    unknown = Control(SortRequest((SortKey("shoeSize"),)), True)
    answers = client.ask(search(), unknown)
    assert answers[-1][0].result.code == ResultCode.UNAVAILABLE_CRITICAL_EXTENSION  # type: ignore[union-attr]
    assert answers[-1][1][0].value == SortResponse(ResultCode.NO_SUCH_ATTRIBUTE, "shoeSize")


def test_pages_of_a_sorted_list() -> None:
    client = Client()
    for reverse in (False, True):
        sort, found, cookie = Control(SortRequest((SortKey("cn", reverse=reverse),)), True), [], b""
        for size in (2, 1, 3):
            answers = client.ask(search("(cn=*)", attributes=("cn",)), sort, Control(PagedResults(size, cookie), True))
            found += [entry.attributes[0][1][0].decode() for entry in entries(answers)]
            assert len(entries(answers)) == size
            values = {type(control.value): control.value for control in answers[-1][1]}
            assert values[SortResponse] == SortResponse(ResultCode.SUCCESS)
            cookie = values[PagedResults].cookie  # type: ignore[union-attr]
        assert found == sorted((*NAMES, "Zeno Capo"), reverse=reverse)
        assert not cookie


@pytest.mark.parametrize("controls", [(), (Control(PagedResults(100, b"")),)])
def test_a_sorted_answer_has_all_entries(controls: tuple[Control, ...]) -> None:
    client = Client()
    for scope, begin, end in ((Scope.ONE, [], ["ou=board,dc=meta", "ou=crm,dc=meta"]), (Scope.SUBTREE, ["Anna Rossi"], [])):
        everything = {entry.name for entry in entries(client.ask(search(scope=scope)))}
        answers = client.ask(search(scope=scope), Control(SortRequest((SortKey("cn"),)), True), *controls)
        found = entries(answers)
        assert {entry.name for entry in found} == everything
        assert [dict(entry.attributes)["cn"][0].decode() for entry in found[: len(begin)]] == begin
        assert sorted(entry.name for entry in found)[: len(end)] == end


def test_of_many_sorted_lists_the_first_is_dropped_and_its_cookie_says_so() -> None:
    room, sort = Room(), Control(SortRequest((SortKey("cn"),)), True)
    clients = [Client(room=room) for _ in range(17)]
    cookies = []
    for client in clients:
        answers = client.ask(search("(cn=*)"), sort, Control(PagedResults(2, b"")))
        [cookie] = [c.value.cookie for c in answers[-1][1] if isinstance(c.value, PagedResults)]
        cookies.append(cookie)
    codes = [
        client.code(search("(cn=*)"), sort, Control(PagedResults(2, cookie)))
        for client, cookie in zip(clients, cookies, strict=True)
    ]
    assert codes == [ResultCode.UNWILLING_TO_PERFORM, *[ResultCode.SUCCESS] * 16]


def test_of_many_places_in_pages_the_oldest_is_dropped_but_none_of_those_who_want_all() -> None:
    room = Room()

    def cookie_of(client: Client, asked: SearchRequest) -> bytes:
        [cookie] = [c.value.cookie for c in client.ask(asked, page(b""))[-1][1] if isinstance(c.value, PagedResults)]
        return cookie

    def page(cookie: bytes) -> Control:
        return Control(PagedResults(1, cookie))

    everybody, some = search(), search("(cn=*a*)")
    walker, first, second = (Client(room=room) for _ in range(3))
    cookies = cookie_of(walker, everybody), cookie_of(first, some), cookie_of(second, some)
    gone = [Client(room=room) for _ in range(100)]
    for client in gone:
        cookie_of(client, some)
    del gone, client
    gc.collect()
    others = [Client(room=room) for _ in range(127)]
    for client in others:
        cookie_of(client, some)
    assert first.code(some, page(cookies[1])) == ResultCode.UNWILLING_TO_PERFORM
    assert second.code(some, page(cookies[2])) == ResultCode.SUCCESS
    assert walker.code(everybody, page(cookies[0])) == ResultCode.SUCCESS


def test_few_long_lists_are_sorted_at_once_and_short_ones_always() -> None:
    people = [person(number, f"A B{number}", "crm") for number in range(2_001)]
    tree, room = Tree(Index().with_book("crm", Layer(build(people, "crm"))), Configuration(NODES)), Room()
    sort = Control(SortRequest((SortKey("sn", reverse=True),)))
    clients = [Client(tree, room=room) for _ in range(3)]
    for client in clients[:2]:
        client.session.receive(encode_request(7, search("(cn=*)"), (sort,)))
        while room.under_way < clients.index(client) + 1:
            client.session.work(client.now)
    assert clients[2].code(search("(cn=*)"), sort) == ResultCode.BUSY
    assert clients[2].code(search("(cn=A B19*)"), sort) == ResultCode.SUCCESS
    clients[0].session.receive(encode_request(8, AbandonRequest(7)))
    assert clients[2].code(search("(cn=*)", most=10), sort) == ResultCode.SIZE_LIMIT_EXCEEDED
    clients[1].hear()
    assert room.under_way == 0


@pytest.mark.parametrize("most", [2_000, 5_000])
def test_a_place_in_an_ordered_list_keeps_nothing_of_the_sorting(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the list was too long to be sorted or not: eight bytes for each entry are all."""
    monkeypatch.setattr(order, "MOST", most)
    people = [person(number, f"A B{number}", "crm") for number in range(3_000)]
    node = Node("meta", order=ListOrder.LAST_NAME)
    client = Client(Tree(Index().with_book("crm", Layer(build(people, "crm"))), Configuration((node,))))
    for _ in range(2):  # what is remembered of the tree is there after the first time
        tracemalloc.start()
        client.ask(search("(cn=*)"), Control(PagedResults(1, b"")))
        kept, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert kept < 200_000


def test_virtual_list_view() -> None:
    client = Client()
    sort = Control(SortRequest((SortKey("cn"),)), True)

    def window(
        before: int, after: int, target: ByOffset | ByAssertion, context: bytes | None = None
    ) -> tuple[list[str], VlvResponse]:
        vlv = Control(VlvRequest(before, after, target, context), True)
        answers = client.ask(search("(cn=*)", attributes=("cn",)), sort, vlv)
        [response] = [c.value for c in answers[-1][1] if isinstance(c.value, VlvResponse)]
        return [e.attributes[0][1][0].decode() for e in entries(answers)], response

    found, response = window(0, 1, ByOffset(1, 0))
    assert (found, response.position, response.count) == (["Anna Rossi", "Ben Müller"], 1, 6)
    found, response = window(1, 0, ByOffset(6, 6), response.context_id)
    assert (found, response.position) == (["Eva Rossini", "Zeno Capo"], 6)
    found, response = window(0, 0, ByAssertion(b"d"))
    assert (found, response.position) == (["Dino Verdi"], 4)
    found, response = window(0, 0, ByAssertion(b"Di'no"))
    assert (found, response.position) == (["Dino Verdi"], 4)
    found, response = window(1, 1, ByAssertion(b"zz"))
    assert (found, response.position) == (["Zeno Capo"], 7)
    alone = Control(VlvRequest(0, 0, ByOffset(1, 0)), True)
    assert client.code(search(), alone) == ResultCode.SORT_CONTROL_MISSING
