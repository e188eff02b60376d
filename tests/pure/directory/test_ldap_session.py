"""One connection, bytes in and bytes out, without a socket."""

import gc
import tracemalloc
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from unisono.directory.index import Index, Layer
from unisono.directory.ldap import order
from unisono.directory.ldap.model import Configuration, Identity, Kind, ListOrder, Node, Profile
from unisono.directory.ldap.order import Room
from unisono.directory.ldap.session import Limits, Session, Verdict
from unisono.directory.ldap.times import BOUNDS, Times
from unisono.directory.ldap.tree import Tree
from unisono.directory.model import Contact, ContactNumber, NumberKind
from unisono.directory.segment import build
from unisono.wire.ldap import FrameReader, ResultCode, encode_request, parse_filter, parse_response
from unisono.wire.ldap.control import (
    ByAssertion,
    ByOffset,
    Control,
    OtherControl,
    PagedResults,
    SortKey,
    SortRequest,
    SortResponse,
    VlvRequest,
    VlvResponse,
)
from unisono.wire.ldap.message import (
    AbandonRequest,
    BindRequest,
    CompareRequest,
    Deref,
    ExtendedName,
    ExtendedRequest,
    Request,
    Response,
    Sasl,
    Scope,
    SearchRequest,
    SearchResultDone,
    SearchResultEntry,
    Simple,
    UnbindRequest,
    Write,
    WriteRequest,
)
from unisono.wire.ldap.requests import encode_cancel

NAMES = ("Anna Rossi", "Ben Müller", "Carla De Rossi", "Dino Verdi", "Eva Rossini")
ANNA = "0" * 31 + "1"


def person(number: int, name: str, book: str) -> Contact:
    first, last = name.split(" ", 1)
    phones = (ContactNumber(NumberKind.BUSINESS, f"0432 55{number}", f"+39043255{number}"),)
    return Contact(f"{number:032x}", book, f"k{number}", name, first, last, "ACME", numbers=phones)


def index(**books: Sequence[str]) -> Index:
    found, number = Index(), 0
    for book, names in books.items():
        people = [person(number := number + 1, name, book) for name in names]
        found = found.with_book(book, Layer(build(people, book)))
    return found


NODES = (Node("meta"), Node("gate", "ou=gate,dc=meta", books=("crm",)))
TREE = Tree(index(crm=NAMES, board=("Zeno Capo",)), Configuration(NODES))


class Client:
    """Speaks to a session and waits for nothing."""

    def __init__(self, tree: Tree = TREE, address: str = "127.0.0.1", **options: Any) -> None:
        self.now = 0.0
        self.session = Session(lambda: tree, lambda: self.now, address, limits=Limits(entries=1000), **options)
        self.reader = FrameReader()
        self.last = 0

    def ask(self, request: Request, *controls: Control) -> list[tuple[Response, tuple[Control, ...]]]:
        self.last += 1
        self.session.receive(encode_request(self.last, request, controls))
        return self.hear(self.last)

    def hear(self, message_id: int | None = None) -> list[tuple[Response, tuple[Control, ...]]]:
        heard = []
        while self.session.ready:
            for pdu in self.reader.feed(self.session.work(self.now)):
                number, response, controls = parse_response(pdu)
                assert message_id in (None, number)
                heard.append((response, controls))
        return heard

    def code(self, request: Request, *controls: Control) -> int:
        response, _ = self.ask(request, *controls)[-1]
        return response.result.code  # type: ignore[union-attr]

    def names(self, text: str, base: str = "dc=meta", scope: Scope = Scope.SUBTREE, *controls: Control) -> list[str]:
        answers = self.ask(search(text, base, scope, ("cn",)), *controls)
        done = answers[-1][0]
        assert isinstance(done, SearchResultDone)
        assert done.result.code == ResultCode.SUCCESS, done
        return [r.attributes[0][1][0].decode() for r, _ in answers if isinstance(r, SearchResultEntry) and r.attributes]


def search(
    text: str = "(objectClass=*)",
    base: str = "dc=meta",
    scope: Scope = Scope.SUBTREE,
    attributes: tuple[str, ...] = (),
    most: int = 0,
) -> SearchRequest:
    return SearchRequest(base, scope, Deref.NEVER, most, 0, False, parse_filter(text), attributes)


def entries(answers: list[tuple[Response, tuple[Control, ...]]]) -> list[SearchResultEntry]:
    return [response for response, _ in answers if isinstance(response, SearchResultEntry)]


def test_a_search_answers_entries_and_done() -> None:
    answers = Client().ask(search("(telephoneNumber=0432/551)"))
    [entry] = entries(answers)
    assert entry.name == f"uid={ANNA},ou=crm,dc=meta"
    assert dict(entry.attributes)["cn"] == (b"Anna Rossi",)
    assert dict(entry.attributes)["telephoneNumber"] == (b"+390432551",)
    assert b"contactperson" in dict(entry.attributes)["objectClass"]
    assert isinstance(answers[-1][0], SearchResultDone)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("(sn=ross*)", {"Anna Rossi", "Eva Rossini"}),
        ("(cn=*ross*)", {"Anna Rossi", "Carla De Rossi", "Eva Rossini"}),
        ("(cn=mueller*)", set()),
        ("(sn=mueller)", {"Ben Müller"}),
        ("(&(telephoneNumber=*)(sn=ver*))", {"Dino Verdi"}),
        ("(!(o=ACME))", set()),
        ("(&(o=ACME)(!(cn=*ross*)))", {"Ben Müller", "Dino Verdi", "Zeno Capo"}),
        ("(|(telephoneNumber=*52)(mobile=*52)(homePhone=*52))", {"Ben Müller"}),
        ("(metaSearchNumber=+39 0432 55-3)", {"Carla De Rossi"}),
        ("(telephoneNumber=foo*)", set()),
        ("(!(telephoneNumber=foo*))", set()),
        ("(!(IMHandle=x))", set()),
        ("(|(o=an*)(cn=an*)(ou=an*)(mail=an*)(IMHandle=an*)(postalAddress=an*)(telephoneNumber=an*))", {"Anna Rossi"}),
        ("(cn>=d)", {"Dino Verdi", "Eva Rossini", "Zeno Capo"}),
        ("(cn:caseIgnoreMatch:=ANNA  rossi)", {"Anna Rossi"}),
        ("(&)", {*NAMES, "Zeno Capo"}),
        ("(|)", set()),
    ],
)
def test_filters_of_telephones(text: str, found: set[str]) -> None:
    assert set(Client().names(text)) == found


def test_scopes() -> None:
    client = Client()
    assert [e.name for e in entries(client.ask(search(scope=Scope.BASE)))] == ["dc=meta"]
    assert [e.name for e in entries(client.ask(search(scope=Scope.ONE)))] == ["ou=crm,dc=meta", "ou=board,dc=meta"]
    assert len(entries(client.ask(search()))) == 9
    assert len(entries(client.ask(search(scope=Scope.CHILDREN)))) == 8
    assert len(entries(client.ask(search(base="OU=CRM , dc=meta", scope=Scope.ONE)))) == 5
    [one] = entries(client.ask(search(base=f"uid={ANNA},ou=crm,dc=meta", scope=Scope.BASE)))
    assert dict(one.attributes)["cn"] == (b"Anna Rossi",)
    assert len(entries(client.ask(search(base="ou=gate,dc=meta")))) == 7
    assert entries(client.ask(search("(sn=rossi)", base="")))


@pytest.mark.parametrize(
    ("base", "code", "matched"),
    [
        ("dc=elsewhere", ResultCode.NO_SUCH_OBJECT, ""),
        ("ou=nothing,dc=meta", ResultCode.NO_SUCH_OBJECT, "dc=meta"),
        ("uid=x,ou=crm,dc=meta", ResultCode.NO_SUCH_OBJECT, "dc=meta"),
        (f"uid={ANNA},ou=board,dc=meta", ResultCode.NO_SUCH_OBJECT, "dc=meta"),
        ("what is this", ResultCode.INVALID_DN_SYNTAX, ""),
    ],
)
def test_bases_that_are_not_there(base: str, code: ResultCode, matched: str) -> None:
    response, _ = Client().ask(search(base=base))[-1]
    assert isinstance(response, SearchResultDone)
    assert (response.result.code, response.result.matched_dn) == (code, matched)


def test_attributes_asked_for() -> None:
    client = Client()

    def shown(*attributes: str, types_only: bool = False) -> dict[str, tuple[bytes, ...]]:
        asked = search("(sn=rossi)", attributes=attributes)
        request = SearchRequest(asked.base, asked.scope, asked.deref, 0, 0, types_only, asked.filter, attributes)
        return dict(entries(client.ask(request))[0].attributes)

    assert set(shown("cn", "telephoneNumber")) == {"cn", "telephoneNumber"}
    assert shown("1.1") == {}
    assert shown("displayName", "company") == {"displayName": (b"Anna Rossi",), "company": (b"ACME",)}
    assert shown("cn", types_only=True) == {"cn": ()}
    assert shown("metaSearchNumber") == {"metaSearchNumber": (b"+390432551",)}
    operational = shown("+")
    assert operational["entryUUID"] == (b"00000000-0000-0000-0000-000000000001",)
    assert operational["entryDN"] == (f"uid={ANNA},ou=crm,dc=meta".encode(),)
    assert operational["subschemaSubentry"] == (b"cn=Subschema",)
    assert "cn" not in operational
    everything = shown("*", "entryUUID")
    assert {"cn", "sn", "objectClass", "entryUUID"} <= set(everything)


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


def test_unknown_critical_controls_are_refused() -> None:
    assert Client().code(search(), Control(OtherControl("1.2.3"), True)) == ResultCode.UNAVAILABLE_CRITICAL_EXTENSION
    assert Client().code(search(), Control(OtherControl("1.2.3"))) == ResultCode.SUCCESS


def test_compare() -> None:
    client, anna = Client(), f"uid={ANNA},ou=crm,dc=meta"
    assert client.code(CompareRequest(anna, "sn", b"ROSSI")) == ResultCode.COMPARE_TRUE
    assert client.code(CompareRequest(anna, "telephoneNumber", b"0432 551")) == ResultCode.COMPARE_TRUE
    assert client.code(CompareRequest(anna, "sn", b"Verdi")) == ResultCode.COMPARE_FALSE
    assert client.code(CompareRequest(anna, "mobile", b"1")) == ResultCode.NO_SUCH_ATTRIBUTE
    assert client.code(CompareRequest(anna, "shoeSize", b"1")) == ResultCode.UNDEFINED_ATTRIBUTE_TYPE
    assert client.code(CompareRequest("", "vendorName", b"unisono")) == ResultCode.COMPARE_TRUE
    assert client.code(CompareRequest("dc=meta", "dc", b"meta")) == ResultCode.COMPARE_TRUE


@pytest.mark.parametrize("write", list(Write))
def test_writes_are_refused(write: Write) -> None:
    request = WriteRequest(write, "dc=meta", b"" if write is Write.DELETE else b"\x30\x00")
    assert Client().code(request) == ResultCode.UNWILLING_TO_PERFORM


def test_last_words_are_counted() -> None:
    counted: Counter[tuple[str, int]] = Counter()
    client = Client(answers=counted)
    client.names("(cn=*)")
    client.code(search(base="ou=nothing,dc=meta"))
    client.code(BindRequest(3, "", Simple(b"")))
    client.code(WriteRequest(Write.DELETE, "dc=meta"))
    assert counted == {
        ("search", ResultCode.NO_SUCH_OBJECT): 1, ("bind", ResultCode.SUCCESS): 1,
        ("write", ResultCode.UNWILLING_TO_PERFORM): 1,
    }  # fmt: skip


def test_binding() -> None:
    client = Client(secure=True)
    assert client.code(BindRequest(3, "", Simple(b""))) == ResultCode.SUCCESS
    assert client.code(BindRequest(3, "cn=anna", Simple(b""))) == ResultCode.UNWILLING_TO_PERFORM
    assert client.code(BindRequest(4, "", Simple(b""))) == ResultCode.PROTOCOL_ERROR
    assert client.code(BindRequest(3, "", Sasl("PLAIN"))) == ResultCode.AUTH_METHOD_NOT_SUPPORTED
    assert client.ask(BindRequest(2, "uid=anna,ou=people,dc=meta", Simple(b"secret"))) == []
    question = client.session.question
    assert question is not None
    assert (question.name, question.password) == ("anna", b"secret")
    assert "secret" not in repr(question)
    client.session.verdict(Verdict(Identity(Kind.PERSON, "1", "anna")))
    assert client.hear()[0][0].result.code == ResultCode.SUCCESS  # type: ignore[union-attr]
    [(answer, _)] = client.ask(ExtendedRequest(ExtendedName.WHO_AM_I))
    assert answer.value == b"u:anna"  # type: ignore[union-attr]
    client.ask(BindRequest(3, "anna", Simple(b"wrong")))
    client.session.verdict(Verdict(None))
    assert client.hear()[0][0].result.code == ResultCode.INVALID_CREDENTIALS  # type: ignore[union-attr]
    [(answer, _)] = client.ask(ExtendedRequest(ExtendedName.WHO_AM_I))
    assert answer.value == b""  # type: ignore[union-attr]


def test_passwords_need_tls_where_the_way_is_not_trusted() -> None:
    assert Client(trusted=False).code(BindRequest(3, "a", Simple(b"b"))) == ResultCode.CONFIDENTIALITY_REQUIRED
    assert Client(trusted=False, secure=True).ask(BindRequest(3, "a", Simple(b"b"))) == []


def test_abandoned_and_cancelled_searches_say_no_more() -> None:
    client = Client()
    for number in (1, 2, 3):
        client.session.receive(encode_request(number, search("(cn=*)")))
    client.session.receive(encode_request(4, AbandonRequest(2)))
    client.session.receive(encode_request(5, ExtendedRequest(ExtendedName.CANCEL, encode_cancel(3))))
    client.session.receive(encode_request(6, ExtendedRequest(ExtendedName.CANCEL, encode_cancel(9))))
    done = [r for r, _ in client.hear() if not isinstance(r, SearchResultEntry)]
    codes = sorted(r.result.code for r in done)  # type: ignore[union-attr]
    assert codes == [ResultCode.SUCCESS, ResultCode.SUCCESS, ResultCode.CANCELED, ResultCode.NO_SUCH_OPERATION]


def test_time_runs_out() -> None:
    client = Client()
    client.session.receive(encode_request(1, search("(!(cn=x))")))
    client.now = 100.0
    clock = iter(range(100, 10_000, 100))
    client.session._clock = lambda: float(next(clock))
    assert client.hear()[-1][0].result.code == ResultCode.TIME_LIMIT_EXCEEDED  # type: ignore[union-attr]


def test_the_end() -> None:
    client = Client()
    client.session.receive(encode_request(1, UnbindRequest()))
    assert client.session.closing
    client = Client()
    client.session.receive(b"GET / HTTP/1.1\r\n\r\n")
    [(notice, _)] = client.hear(0)
    assert client.session.closing
    assert notice.result.code == ResultCode.PROTOCOL_ERROR  # type: ignore[union-attr]


def test_start_tls() -> None:
    assert Client().code(ExtendedRequest(ExtendedName.START_TLS)) == ResultCode.PROTOCOL_ERROR
    client = Client(tls=True)
    client.session.receive(encode_request(1, ExtendedRequest(ExtendedName.START_TLS)))
    _, answer, _ = parse_response(client.session.work(0.0))
    assert answer.result.code == ResultCode.SUCCESS  # type: ignore[union-attr]
    assert client.session.starts_tls
    client.session.secured()
    assert client.code(ExtendedRequest(ExtendedName.START_TLS)) == ResultCode.OPERATIONS_ERROR
    early = Client(tls=True)
    early.session.receive(encode_request(1, ExtendedRequest(ExtendedName.START_TLS)) + encode_request(2, search()))
    assert not early.session.starts_tls
    assert early.hear()[0][0].result.code == ResultCode.OPERATIONS_ERROR  # type: ignore[union-attr]


def test_networks_and_anonymous() -> None:
    nodes = (Node("meta", anonymous=("10.0.0.0/8",)), Node("in", "o=in", networks=("2001:db8::/32", "10.1.2.3")))
    tree = Tree(index(crm=NAMES), Configuration(nodes))
    assert Client(tree, "192.0.2.1").code(search()) == ResultCode.INSUFFICIENT_ACCESS_RIGHTS
    assert Client(tree, "10.9.9.9").code(search()) == ResultCode.SUCCESS
    assert Client(tree, "::ffff:10.9.9.9").code(search()) == ResultCode.SUCCESS
    assert Client(tree, "10.9.9.9").code(search(base="o=in")) == ResultCode.NO_SUCH_OBJECT
    assert Client(tree, "10.1.2.3").code(search(base="o=in")) == ResultCode.INSUFFICIENT_ACCESS_RIGHTS
    contexts = entries(Client(tree, "10.9.9.9").ask(search(base="", scope=Scope.BASE, attributes=("namingContexts",))))
    assert contexts[0].attributes == (("namingContexts", (b"dc=meta",)),)


def test_books_that_are_being_made_are_not_empty() -> None:
    """Not "nobody has this number", but "ask again"; what is there is answered, and nobody hears of others' books."""
    nodes = (*NODES, Node("board", "ou=board,dc=meta", books=("board",)))
    client = Client(Tree(index(own=("Nina Hand",)), Configuration(nodes), awaited=frozenset({"crm"})))
    for base in ("dc=meta", "", "ou=gate,dc=meta", "ou=crm,dc=meta", f"uid={ANNA},ou=crm,dc=meta"):
        assert client.code(search("(sn=rossi)", base)) == ResultCode.BUSY, base
    assert client.code(search(scope=Scope.BASE)) == ResultCode.SUCCESS
    assert client.names("(sn=hand)", "ou=own,dc=meta") == ["Nina Hand"]
    assert client.names("(sn=rossi)", "ou=board,dc=meta") == []
    for base in ("ou=crm,ou=board,dc=meta", "ou=none,dc=meta"):
        assert client.code(search(base=base)) == ResultCode.NO_SUCH_OBJECT
    partly = Client(Tree(index(board=("Zeno Capo",)), Configuration(nodes), awaited=frozenset({"crm"})))
    assert partly.names("(sn=capo)") == ["Zeno Capo"]
    there = Client(Tree(index(crm=NAMES), Configuration(nodes), awaited=frozenset({"crm"})))
    assert set(there.names("(sn=ross*)")) == {"Anna Rossi", "Eva Rossini"}


def test_a_profile_never_shows_another_book() -> None:
    """By no scope, base, count, order, list or comparison."""
    profiles = (Profile("p", "Sales", ("crm",), people=("anna",)),)
    tree = Tree(index(crm=NAMES, board=("Zeno Capo",)), Configuration(profiles=profiles, people={"anna": ()}))
    client = Client(tree, secure=True)
    client.ask(BindRequest(3, "anna", Simple(b"x")))
    client.session.verdict(Verdict(Identity(Kind.PERSON, "anna", "anna")))
    client.hear()
    assert set(client.names("(cn=*)")) == set(NAMES)
    assert client.names("(sn=capo)") == []
    assert client.names("(!(sn=rossi))") == NAMES_WITHOUT_ROSSI
    zeno = f"uid={6:032x},ou=board,dc=meta"
    for base in ("ou=board,dc=meta", zeno):
        hidden, absent = client.ask(search(base=base)), client.ask(search(base=base.replace("board", "nothing")))
        assert hidden == absent
    compared = client.ask(CompareRequest(zeno, "sn", b"Capo"))
    assert compared == client.ask(CompareRequest(zeno.replace("board", "nothing"), "sn", b"Capo"))
    assert compared == client.ask(CompareRequest(zeno.replace("board", "crm"), "sn", b"Capo"))
    vlv = client.ask(
        search("(cn=*)"), Control(SortRequest((SortKey("cn"),))), Control(VlvRequest(0, 9, ByAssertion(b"zeno")))
    )
    assert [c.value.count for c in vlv[-1][1] if isinstance(c.value, VlvResponse)] == [5]
    assert "ou=board,dc=meta" not in [e.name for e in entries(client.ask(search(scope=Scope.ONE)))]


NAMES_WITHOUT_ROSSI = ["Ben Müller", "Carla De Rossi", "Dino Verdi", "Eva Rossini"]


def test_how_long_answers_took_is_counted() -> None:
    times = Times()
    client = Client(times=times)
    client.ask(search("(telephoneNumber=0432/551)"))
    client.ask(search("(telephoneNumber=0432/552)"))
    client.ask(search(base="dc=nowhere"))
    client.ask(search(), Control(PagedResults(2, b"")))
    client.session.receive(encode_request(8, search(), (Control(PagedResults(2, b"")),)))
    client.session.work(client.now - 1)  # others have their turn at once
    client.now += 0.02
    client.hear()
    client.session.receive(encode_request(9, BindRequest(3, "anna", Simple(b"right")), ()))
    client.hear()
    client.now += 0.3
    client.session.verdict(Verdict(Identity(Kind.PERSON, "anna", "anna")))
    client.hear()
    longest = {operation: sum(counts[: BOUNDS.index(0.025) + 1]) for operation, counts in times.counts.items()}
    assert longest == {"bind": 0, "compare": 0, "extended": 0, "search": 5, "write": 0}
    assert times.counts["search"][0] == 4
    assert times.counts["bind"][BOUNDS.index(0.5)] == 1
    assert times.seconds["bind"] == pytest.approx(0.3)
    assert times.seconds["search"] == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("text", "helped"),
    [("(cn=anna*)", True), ("(objectClass=*)", True), ("(!(cn=anna*))", False), ("(&(!(cn=anna*))(sn=rossi))", True)],
)
def test_searches_that_no_index_helps_are_counted(text: str, helped: bool) -> None:
    many = [f"Anna Rossi{n}" for n in range(3000)]
    client = Client(Tree(index(crm=many), Configuration(NODES)))
    client.ask(search(text))
    assert client.session.unindexed == (not helped)
