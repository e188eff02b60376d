"""Searches answered from their form alone are answered as if they had been read."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.pure.directory.ldap_strategies import filters, items, lists

from unisono.directory.index import Index, Layer
from unisono.directory.ldap.model import Configuration, Identity, Node, Template, ValueRule
from unisono.directory.ldap.session import Limits, Session
from unisono.directory.ldap.tree import Tree
from unisono.directory.model import Contact, ContactNumber, NumberKind
from unisono.directory.segment import build
from unisono.wire.ldap import encode_request, parse_filter
from unisono.wire.ldap.control import Control, PagedResults
from unisono.wire.ldap.filter import Filter
from unisono.wire.ldap.filter_ber import with_values
from unisono.wire.ldap.message import Deref, Scope, SearchRequest
from unisono.wire.ldap.mould import Mould

PLAIN = Template()
RULES = Template("t", filter_attributes={"cn": ("sn", "o")}, filter_values=(ValueRule("a", "o"),))


def request(
    asked: Filter, number: int = 1, most: int = 3, attributes: Sequence[str] = ("cn", "sn"), *controls: Control
) -> bytes:
    made = SearchRequest("dc=meta", Scope.SUBTREE, Deref.NEVER, most, 0, False, asked, tuple(attributes))
    return encode_request(number, made, controls)


def read(session: Session, pdu: bytes) -> bytes:
    session.receive(pdu)
    answer = b""
    while session.ready:
        answer += session.work(0.0)
    return answer


def session_of(tree: Tree, address: str = "127.0.0.1") -> Session:
    return Session(lambda: tree, lambda: 0.0, address, limits=Limits(entries=5))


def tree_of(book: Sequence[Contact], newer: Sequence[Contact] = (), template: Template = PLAIN) -> Tree:
    layers = [Layer(build(book, "b")), Layer(build(newer, "b"), frozenset(c.id for c in book[:1]))]
    return Tree(Index().with_book("b", *layers), Configuration((Node("meta", template_id=template.id),), (template,)))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Filter, Filter]:
    """Two filters that differ in their values only, which are as long."""
    asked = draw(st.one_of(items, filters))
    mould = Mould(request(asked))
    found = mould.read(request(asked))
    assert found is not None
    one = draw(st.booleans())
    alphabet = st.sampled_from(b"aou rb01234+")
    others: list[bytes] = []
    for value in found[1:]:
        same = next((other for other in others if one and len(other) == len(value)), None)
        others.append(same if same is not None else bytes(draw(st.lists(alphabet, min_size=len(value), max_size=len(value)))))
    return asked, with_values(asked, iter(others))


@settings(max_examples=300, deadline=None)
@given(lists, lists, pairs(), st.integers(1, 0x7FFFFFFF), st.integers(1, 0x7FFFFFFF), st.integers(0, 4), st.booleans())
def test_the_answer_by_form_is_the_answer(
    book: list[Contact], newer: list[Contact], asked: tuple[Filter, Filter], first: int, second: int, most: int, rules: bool
) -> None:
    template = RULES if rules else PLAIN
    session = session_of(tree_of(book, newer, template))
    read(session, request(asked[0], first, most))
    answer = session.answer(request(asked[1], second, most))
    if answer is not None:
        assert answer == read(session_of(tree_of(book, newer, template)), request(asked[1], second, most))


PEOPLE = [
    Contact(
        f"{n:032x}", "b", f"k{n}", f"Anna Rossi{n}", "Anna", f"Rossi{n}", "ACME",
        numbers=(ContactNumber(NumberKind.BUSINESS, f"0432 55{n}", f"+39043255{n}"),),
    )
    for n in range(4)
]  # fmt: skip
PHONES = [
    ("(telephoneNumber={})", "+390432551", "+390432552"),
    ("(|(telephoneNumber=*{0})(mobile=*{0})(homePhone=*{0}))", "0432551", "0432553"),
    ("(|(telephoneNumber={0}*)(mobile={0}*)(ipPhone={0}*))", "+390432551", "+390432550"),
    ("(telephoneNumber=*{}*)", "43255", "99999"),
    ("(sn={}*)", "ross", "anna"),
    ("(cn=*{}*)", "ossi", "anna"),
    ("(&(telephoneNumber=*)(sn={}*))", "ross", "nobo"),
    ("(|(sn={0}*)(givenName={0}*)(cn={0}*)(IMHandle={0}*))", "ann", "ros"),
]


@pytest.mark.parametrize(("text", "first", "second"), PHONES)
def test_what_telephones_ask_is_answered_by_its_form(text: str, first: str, second: str) -> None:
    tree = tree_of(PEOPLE)
    session = session_of(tree)
    assert session.answer(request(parse_filter(text.format(first)))) is None, "nothing is known yet"
    read(session, request(parse_filter(text.format(first))))
    other = request(parse_filter(text.format(second)), 77)
    answer = session.answer(other)
    assert answer is not None
    assert answer == read(session_of(tree_of(PEOPLE)), other)
    assert session.searches == 2

    neighbour = session_of(tree, "127.0.0.9")
    read(neighbour, request(parse_filter("(uid=x)")))
    assert neighbour.answer(other) == answer, "an address with the same rights asks alike"


def test_what_differs_in_more_than_values_has_another_form() -> None:
    session = session_of(tree_of(PEOPLE))
    asked = parse_filter("(sn=rossi1)")
    read(session, request(asked))
    assert session.answer(request(asked)) is not None
    assert session.answer(request(parse_filter("(cn=rossi1)"))) is None
    assert session.answer(request(parse_filter("(sn=rossi12)"))) is None
    assert session.answer(request(asked, most=2)) is None
    assert session.answer(request(asked, 1, 3, ("cn", "o"))) is None
    assert session.answer(request(asked, 1, 3, ("cn", "sn"), Control(PagedResults(3)))) is None
    assert session.answer(request(asked).replace(b"\x02\x01\x01", b"\x02\x01\x00", 1)) is None, "no request has this number"
    assert session.answer(request(asked) * 2) is None


def test_nothing_is_answered_while_something_else_is_under_way() -> None:
    session = session_of(tree_of(PEOPLE))
    asked = request(parse_filter("(sn=rossi1)"))
    read(session, asked)
    session.receive(asked)
    assert session.answer(asked) is None, "the first one has its turn before"
    while session.ready:
        session.work(0.0)
    session.receive(asked[:9])
    assert session.answer(asked) is None, "a message has begun"


def test_who_binds_as_another_is_answered_as_that_one() -> None:
    nobody = Configuration((Node("meta", anonymous=()),))
    session = session_of(Tree(Index().with_book("b", Layer(build(PEOPLE, "b"))), nobody))
    asked = request(parse_filter("(sn=rossi1)"))
    refused = read(session, asked)
    assert session.answer(asked) is None
    session.identity = Identity(name="somebody")
    assert session.answer(asked) is None
    assert read(session, asked) == refused, "who has not bound sees nothing, whatever the name"
