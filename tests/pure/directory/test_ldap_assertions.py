"""What is asserted of entries beside their contact's own texts: operational attributes, attributes by number, blanks."""

from datetime import UTC, datetime

import pytest
from tests.pure.directory.ldap_client import Client, entries, search

from unisono.directory.index import Index, Layer
from unisono.directory.ldap import order
from unisono.directory.ldap.compare import compare
from unisono.directory.ldap.model import ANONYMOUS, Configuration, Node, Template
from unisono.directory.ldap.operational import generalized_time
from unisono.directory.ldap.prepared import Asker
from unisono.directory.ldap.search import Search
from unisono.directory.ldap.selection import Selection, operational_attributes
from unisono.directory.ldap.tree import Refused, Tree
from unisono.directory.model import Contact, ContactNumber, NumberKind
from unisono.directory.replicators.mapping import contact_id
from unisono.directory.segment import build
from unisono.wire.ldap.control import ByAssertion, SortKey
from unisono.wire.ldap.dn import Dn
from unisono.wire.ldap.filter_text import parse_filter
from unisono.wire.ldap.message import CompareRequest, Deref, Scope, SearchRequest
from unisono.wire.ldap.result_code import ResultCode

MADE = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
ROSSI = Contact(
    "1", "b", display_name="Mario Rossi", last_name="Rossi", numbers=(ContactNumber(NumberKind.BUSINESS, "", "+390432123"),)
)
INDEX = Index().with_book("b", Layer(build([ROSSI, Contact("2", "b", display_name="Anna Neri", last_name="Neri")], "b")))
TEMPLATE = Template("alias", "Alias", query_attributes={"displayName": ("cn",)})
TREE = Tree(INDEX, Configuration(nodes=(Node("meta", template_id="alias"),), templates=(TEMPLATE,)), MADE)
ASKER = Asker(TREE.view(ANONYMOUS), "127.0.0.1", True, True)


def found(text: str) -> set[str]:
    """The ids of the contacts that a filter finds."""
    blocks = [hit for hit in _search(text).hits() if isinstance(hit, tuple)]
    return {part.segment.id(at).decode() for part, block in blocks for at in block}


def _search(text: str) -> Search:
    request = SearchRequest("ou=b,dc=meta", Scope.ONE, Deref.NEVER, 0, 0, False, parse_filter(text))
    return Search(TREE, ASKER, request, (), 1000)


@pytest.mark.parametrize(
    ("text", "both"),
    [
        ("(structuralObjectClass=inetOrgPerson)", True),
        ("(hasSubordinates=FALSE)", True),
        ("(hasSubordinates=TRUE)", False),
        ("(modifyTimestamp=20260301123000Z)", True),
        ("(modifyTimestamp=202603011430+0200)", True),
        ("(modifyTimestamp>=20260301000000Z)", True),
        ("(modifyTimestamp>=20260302000000Z)", False),
        ("(createTimestamp<=20260301123000.0Z)", True),
        ("(!(modifyTimestamp>=20260302000000Z))", True),
        ("(!(modifyTimestamp>=yesterday))", False),
        ("(subschemaSubentry=CN=subschema)", True),
        ("(creatorsName=dc = Meta)", True),
        ("(!(creatorsName=nonsense))", False),
        ("(databaseDescription=*)", True),
        ("(databaseDescription=B)", True),
        ("(&(databaseDescription=b)(|(cn=mario*)(cn=anna*)))", True),
        ("(databaseDescription=c)", False),
        ("(!(databaseDescription=b))", False),
        ("(!(databaseDescription=c))", True),
    ],
)
def test_what_all_entries_have_alike(text: str, both: bool) -> None:
    assert found(text) == ({"1", "2"} if both else set())


UPPER, LOWER = (Contact(contact_id("b", key), "b", source_key=key, display_name="Ada") for key in ("K", "k"))
ODD = Tree(Index().with_book("b", Layer(build([UPPER, LOWER], "b"))), Configuration(nodes=(Node("meta"),)), MADE)
"""Two contacts whose keys in their source differ in their case alone."""


def found_of(base: str, text: str) -> list[str]:
    """The ids of the odd ones that a search finds."""
    request = SearchRequest(base, Scope.SUBTREE, Deref.NEVER, 0, 0, False, parse_filter(text))
    blocks = [hit for hit in Search(ODD, ASKER, request, (), 9).hits() if isinstance(hit, tuple)]
    return [part.segment.id(at).decode() for part, ordinals in blocks for at in ordinals]


def test_what_is_shown_of_an_entry_can_be_asked_for() -> None:
    [part] = ODD.index.parts(ASKER.view)
    at = part.segment.find(UPPER.id)
    assert at is not None
    for name, [value] in operational_attributes(ODD.branches[0], part, at).items():
        assert UPPER.id in found_of("dc=meta", f"({name}={value})"), name
        assert {UPPER.id, LOWER.id} == set(found_of("ou=b,dc=meta", f"({name}=*)")), name
        asked = CompareRequest(f"metaID={UPPER.id},ou=b,dc=meta", name, value.encode())
        assert compare(ODD, ASKER, asked) is ResultCode.COMPARE_TRUE, name


def test_what_an_entry_is_named_by_is_among_its_attributes() -> None:
    """RFC 4512 2.3."""
    nodes = Node("meta", "o=Acme+l=Udine,dc=meta", name="Meta"), Node("described", "description=x,dc=meta", name="Meta")
    client = Client(Tree(ODD.index, Configuration(nodes)))
    bases = ("cn=Subschema", *(node.suffix for node in nodes))
    all_of_them = [entry for base in bases for entry in entries(client.ask(search(base=base, attributes=("*", "+"))))]
    assert len(all_of_them) == 9
    for name, attributes in ((entry.name, dict(entry.attributes)) for entry in all_of_them):
        for kind, value in ((ava.type, str(ava.value)) for ava in Dn.parse(name).rdns[0]):
            assert value.encode() in attributes[kind], name
            assert client.code(CompareRequest(name, kind, value.encode())) == ResultCode.COMPARE_TRUE
            [same] = entries(client.ask(search(f"({kind}={value})", name, Scope.BASE, ("1.1",))))
            assert same.name == name
    assert found_of("dc=meta", f"(uid={UPPER.id})") == [], "an entry is found by the values it has"


@pytest.mark.parametrize(
    ("base", "text"),
    [
        (f"metaID={UPPER.id.upper()},ou=b,dc=meta", "(objectClass=*)"),
        ("dc=meta", f"(metaID={UPPER.id.upper()})"),
        ("dc=meta", f"(entryDN=METAID={UPPER.id.upper()},ou=B,dc=Meta)"),
    ],
)
def test_a_name_is_of_one_entry_in_any_case(base: str, text: str) -> None:
    # metaID has caseIgnoreMatch. Ids are made of small letters, whatever the keys in the source are.
    assert found_of(base, text) == [UPPER.id]


@pytest.mark.parametrize(
    "text",
    [
        "(entryDN=metaID=1,ou=b,dc=meta)",
        "(entryDN=METAID=1, OU=B, DC=Meta)",
        "(2.5.4.4=rossi)",
        "(&(2.5.4.4=*)(2.5.4.20=*123))",
        "(cn= *rossi*)",
        "(cn=*mario* )",
        "(telephoneNumber=*0432*-)",
        "(telephoneNumber=*0432* )",
    ],
)
def test_one_is_found(text: str) -> None:
    assert found(text) == {"1"}


@pytest.mark.parametrize(
    "text", ["(entryDN=metaID=1,dc=meta)", "(entryDN=metaID=3,ou=b,dc=meta)", "(cn= rossi*)", "(cn=*mario)"]
)
def test_nobody_is_found(text: str) -> None:
    assert found(text) == set()


@pytest.mark.parametrize(
    ("attribute", "value", "code"),
    [
        ("entryDN", "metaID=1,ou=b,dc=meta", ResultCode.COMPARE_TRUE),
        ("entryDN", "metaID=2,ou=b,dc=meta", ResultCode.COMPARE_FALSE),
        ("hasSubordinates", "FALSE", ResultCode.COMPARE_TRUE),
        ("modifyTimestamp", "20260301123000Z", ResultCode.COMPARE_TRUE),
        ("2.5.4.4", "rossi", ResultCode.COMPARE_TRUE),
    ],
)
def test_compare(attribute: str, value: str, code: ResultCode) -> None:
    assert compare(TREE, ASKER, CompareRequest("metaID=1,ou=b,dc=meta", attribute, value.encode())) is code


@pytest.mark.parametrize(
    ("entry", "attribute", "value"),
    [
        ("metaID=1,ou=b,dc=meta", "telephoneNumber", b"foo"),
        ("metaID=1,ou=b,dc=meta", "cn", b"\xff"),
        ("metaID=1,ou=b,dc=meta", "entryUUID", b"1"),
        ("metaID=1,ou=b,dc=meta", "modifyTimestamp", b"yesterday"),
        ("metaID=1,ou=b,dc=meta", "creatorsName", b"nonsense"),
        ("ou=b,dc=meta", "hasSubordinates", b"perhaps"),
        ("dc=meta", "createTimestamp", b"yesterday"),
        ("cn=subschema", "attributeTypes", b"shoeSize"),
    ],
)
def test_compare_with_what_is_no_value_of_the_attribute(entry: str, attribute: str, value: bytes) -> None:
    """RFC 4511 4.10: what is Undefined is not false; OpenLDAP too says invalidAttributeSyntax."""
    assert compare(TREE, ASKER, CompareRequest(entry, attribute, value)) is ResultCode.INVALID_ATTRIBUTE_SYNTAX


@pytest.mark.parametrize(
    ("entry", "attribute", "code"),
    [
        ("", "vendorName", ResultCode.COMPARE_TRUE),
        ("cn=subschema", "cn", ResultCode.COMPARE_FALSE),
        ("dc=meta", "mail", ResultCode.NO_SUCH_ATTRIBUTE),
        ("dc=meta", "nonsense", ResultCode.UNDEFINED_ATTRIBUTE_TYPE),
        ("ou=b,dc=meta", "ou", ResultCode.COMPARE_FALSE),
        ("metaID=1,ou=b,dc=meta", "mail", ResultCode.NO_SUCH_ATTRIBUTE),
        ("metaID=1,ou=b,dc=meta", "nonsense", ResultCode.UNDEFINED_ATTRIBUTE_TYPE),
    ],
)
def test_compare_of_any_entry(entry: str, attribute: str, code: ResultCode) -> None:
    assert compare(TREE, ASKER, CompareRequest(entry, attribute, b"Unisono")) is code


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ("metaID=1,ou=crm,dc=meta", ResultCode.BUSY),
        ("ou=crm,dc=meta", ResultCode.BUSY),
        ("metaID=1,ou=none,dc=meta", ResultCode.NO_SUCH_OBJECT),
        ("metaID=3,ou=b,dc=meta", ResultCode.NO_SUCH_OBJECT),
        ("dc=other", ResultCode.NO_SUCH_OBJECT),
        ("nonsense", ResultCode.INVALID_DN_SYNTAX),
    ],
)
def test_compare_of_what_is_not_there(entry: str, code: ResultCode) -> None:
    tree = Tree(INDEX, Configuration(), MADE, frozenset({"crm"}))
    with pytest.raises(Refused) as caught:
        compare(tree, ASKER, CompareRequest(entry, "cn", b"x"))
    assert caught.value.code is code


def test_an_attribute_asked_for_by_another_name_does_not_hide_its_own() -> None:
    [part] = INDEX.parts()
    shown = Selection(("*", "displayName"), TREE.branches[0]).encode(part, 0)
    assert b"displayName" in shown
    assert b"\x02cn" in shown


@pytest.mark.parametrize(
    ("typed", "reverse", "first"),
    [
        ("d'an", False, "D'Angelo"),
        ("D'Angelo", False, "D'Angelo"),
        ("s.r.l", False, "S.r.l. Sarti"),
        ("d'angelo", True, "D'Angelo"),
    ],
)
def test_what_is_typed_in_a_sorted_list_is_where_it_is_sorted(typed: str, reverse: bool, first: str) -> None:
    names = ["Dab", "D'Angelo", "Daz", "Srk", "S.r.l. Sarti", "Srz"]
    contacts = [Contact(str(number), "b", display_name=name) for number, name in enumerate(names)]
    [part] = Index().with_book("b", Layer(build(contacts, "b"))).parts()
    by = order.attributes([SortKey("cn", reverse=reverse)])
    hits = iter([(part, ordinal) for ordinal in range(len(part.segment))])
    *_, found = order.in_order(hits, lambda hit: order.sort_key(hit, by), order.Room())
    assert found is not None
    place = order.target(found, ByAssertion(typed.encode()), by)
    assert part.segment.contact(found[place - 1][1]).name == first


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("20260301123000Z", MADE),
        ("2026030112.5Z", MADE),
        ("202603011230Z", MADE),
        ("20260301143000,0+0200", MADE),
        ("20260301073000-05", MADE),
        ("20260230000000Z", None),
        ("20260301123000", None),
        ("20260301253000Z", None),
        ("00010101000000+2359", None),
        ("٢٠٢٦0301123000Z", None),
        ("", None),
    ],
)
def test_generalized_time(text: str, meant: datetime | None) -> None:
    assert generalized_time(text) == meant
