"""What the subschema says of an attribute's matching rules is what filters do, with every attribute and every kind of entry."""

import re
from typing import NamedTuple

import pytest
from tests.pure.directory.ldap_client import Client, entries, index, search

from unisono.directory.index import Layer
from unisono.directory.ldap.model import Configuration, Node, Template
from unisono.directory.ldap.schema import CONTACT_CLASSES, DESCRIPTIONS, SUBSCHEMA, class_number, subschema
from unisono.directory.ldap.tree import Tree
from unisono.directory.model import Address, AddressKind, Contact, ContactNumber, NumberKind
from unisono.directory.segment import build
from unisono.wire.ldap.filter import Equality, Extensible, Filter, GreaterOrEqual, LessOrEqual, Not, Present, Substrings
from unisono.wire.ldap.message import CompareRequest, Deref, Scope, SearchRequest
from unisono.wire.ldap.result_code import ResultCode

ID = "ab" * 16
FULL = Contact(
    ID,
    "key-customers",
    "k1",
    "Dott. Anna Rossi",
    "Anna",
    "Rossi",
    "ACME S.p.A.",
    "Head of sales",
    "Sales",
    "B 12",
    "C-17",
    numbers=tuple(ContactNumber(kind, "", f"+3904321234{at:02}") for at, kind in enumerate(NumberKind)),
    emails=("anna@acme.example",),
    addresses=tuple(Address(kind, "Via Roma 1", "33100", "Udine", "UD", "Italia") for kind in AddressKind),
    web="https://acme.example",
    note="Speaks German",
    direct_link="https://crm.example/17",
    custom={str(n): f"value {n}" for n in range(10)},
)
INDEX = index(other=("Ben Verdi",)).with_book(FULL.book, Layer(build([FULL], FULL.book)))
TREE = Tree(INDEX, Configuration((Node("meta", name="Meta"),)))
CONTACT, BOOK = f"metaID={ID},ou={FULL.book},dc=meta", f"ou={FULL.book},dc=meta"
BASES = ("", SUBSCHEMA, "dc=meta", BOOK, CONTACT)
ASSERTED: dict[str, bytes] = {
    "1.3.6.1.4.1.1466.115.121.1.15": b"xyz",
    "1.3.6.1.4.1.1466.115.121.1.50": b"0432 77",
    "1.3.6.1.4.1.1466.115.121.1.38": b"device",
    "1.3.6.1.4.1.1466.115.121.1.12": b"cn=x,dc=y",
    "1.3.6.1.4.1.1466.115.121.1.24": b"19990101000000Z",
    "1.3.6.1.4.1.1466.115.121.1.7": b"TRUE",
    "1.3.6.1.1.16.1": b"00000000-0000-4000-8000-000000000000",
    **dict.fromkeys(map(str, DESCRIPTIONS), b"1.2.840.7"),
}
"""A value of each syntax."""


class Published(NamedTuple):
    name: str
    rules: frozenset[str]
    syntax: str


def published() -> list[Published]:
    """What a client reads: every name of every attribute type, with the kinds of rule that it has."""
    found = []
    for text in subschema()["attributeTypes"]:
        rules = frozenset(word for word in ("EQUALITY", "ORDERING", "SUBSTR") if f" {word} " in text)
        [syntax] = re.findall(r" SYNTAX ([0-9.]+)", text)
        oid = text.split()[1]
        names = text.split(" NAME ")[1].split(" EQUALITY ")[0]
        found += [Published(name, rules, syntax) for name in (*re.findall(r"'([^']+)'", names), oid)]
    return found


TYPES = published()
CLIENT = Client(TREE)


def found(base: str, asked: Filter, attributes: tuple[str, ...] = ("1.1",)) -> list[tuple[bytes, ...]] | None:
    """The values that the entry shows, if the filter is true of it."""
    hits = entries(CLIENT.ask(SearchRequest(base, Scope.BASE, Deref.NEVER, 0, 0, False, asked, attributes)))
    return [values for _, values in hits[0].attributes] if hits else None


def items(name: str, value: bytes, piece: bytes) -> list[tuple[str, Filter]]:
    return [
        ("EQUALITY", Equality(name, value)),
        ("ORDERING", GreaterOrEqual(name, value)),
        ("ORDERING", LessOrEqual(name, value)),
        ("SUBSTR", Substrings(name, initial=piece)),
        ("SUBSTR", Substrings(name, any=(piece,))),
        ("SUBSTR", Substrings(name, final=piece)),
    ]


@pytest.mark.parametrize("one", TYPES, ids=lambda one: one.name)
def test_what_has_a_rule_is_true_or_false_and_what_has_none_is_neither(one: Published) -> None:
    value = ASSERTED[one.syntax]
    for base in BASES:
        assert (found(base, Present(one.name)) is None) is (found(base, Not(Present(one.name))) is not None), base
        for kind, asked in items(one.name, value, value[:4]):
            true, false = (found(base, each) is not None for each in (asked, Not(asked)))
            assert true + false == (kind in one.rules), (base, str(asked), true, false)


def test_what_tells_of_the_server_is_published_as_such() -> None:
    """RFC 4512 5.1 (attributes of the root DSE), RFC 3045 2."""

    def used(usage: str) -> set[str]:
        return {text.split("'")[1] for text in subschema()["attributeTypes"] if f"USAGE {usage} " in text}

    [root] = entries(CLIENT.ask(SearchRequest("", Scope.BASE, Deref.NEVER, 0, 0, False, Present("objectClass"), ("+",))))
    everywhere = {"structuralObjectClass", "subschemaSubentry", "entryDN"}
    assert used("dSAOperation") == {name for name, _ in root.attributes} - everywhere
    assert everywhere | {"entryUUID", "attributeTypes"} <= used("directoryOperation")


def test_everything_can_be_compared() -> None:
    assert all("EQUALITY" in one.rules for one in TYPES), "else a comparison may be inappropriateMatching"


@pytest.mark.parametrize("one", TYPES, ids=lambda one: one.name)
def test_the_values_that_an_entry_shows_are_found_by_every_rule(one: Published) -> None:
    for base in BASES:
        for value in {value for values in found(base, Present(one.name), (one.name,)) or () for value in values}:
            whole = value.split()[1] if one.syntax in DESCRIPTIONS else value
            for kind, asked in items(one.name, whole, value[:3])[:4]:
                if kind in one.rules:
                    assert found(base, asked) is not None, (base, str(asked))
            if "SUBSTR" in one.rules and len(value) > 2:
                assert found(base, Substrings(one.name, any=(value[1:-1],), final=value[-1:])) is not None, (base, value)


def test_every_attribute_is_shown_by_some_entry() -> None:
    """Else the test before would say little."""
    for one in TYPES:
        assert any(found(base, Present(one.name)) is not None for base in BASES), one.name


@pytest.mark.parametrize(
    ("asked", "true"),
    [
        (Substrings("databaseDescription", initial=b"KEY"), True),
        (Substrings("databaseDescription", any=(b"cust",)), True),
        (Substrings("databaseDescription", initial=b"key", any=(b"-",), final=b"mers"), True),
        (Substrings("databaseDescription", initial=b"cust"), False),
        (Substrings("databaseDescription", final=b"key"), False),
        (Substrings("databaseDescription", any=(b"mers", b"key")), False),
        (Equality("objectClass", b"2.5.6.6"), True),
        (Equality("objectClass", b"2.5.6.5"), False),
        (Equality("structuralObjectClass", b"2.16.840.1.113730.3.2.2"), True),
        (Equality("dc", b"meta"), False),
        (GreaterOrEqual("entryUUID", b"ABABABAB-ABAB-ABAB-ABAB-ABABABABABAB"), True),
        (GreaterOrEqual("entryUUID", b"abababab-abab-abab-abab-abababababac"), False),
        (LessOrEqual("entryUUID", b"00000000-0000-0000-0000-000000000000"), False),
    ],
)
def test_assertions_about_a_contact(asked: Filter, true: bool) -> None:
    assert (found(CONTACT, asked) is not None, found(CONTACT, Not(asked)) is not None) == (true, not true)


@pytest.mark.parametrize(
    ("name", "number", "called", "foreign"),
    [
        ("attributeTypes", b"2.5.4.3", b"commonName", b"2.5.6.6"),
        ("objectClasses", b"2.5.6.6", b"Person", b"cn"),
        ("objectClasses", b"1.3.6.1.4.1.4203.1.4.1", b"LDAProotDSE", b"cn"),
        ("matchingRules", b"2.5.13.2", b"caseIgnoreMatch", b"2.5.4.3"),
        ("ldapSyntaxes", b"1.3.6.1.4.1.1466.115.121.1.54", b"", b"caseIgnoreMatch"),
    ],
)
def test_what_the_subschema_describes_is_asked_for_by_its_number_or_name(
    name: str, number: bytes, called: bytes, foreign: bytes
) -> None:
    """RFC 4512 4.2, RFC 4517 4.2.25: a name that nobody knows is neither true nor false."""
    [published] = [text for text in subschema()["attributeTypes"] if f"NAME '{name}' " in text]
    assert " EQUALITY objectIdentifierFirstComponentMatch SYNTAX " in published
    by_rule = Extensible(name, number, "objectIdentifierFirstComponentMatch")
    asked: list[Filter] = [Equality(name, number), by_rule, *([Equality(name, called)] if called else [])]
    assert all(found(SUBSCHEMA, each) is not None for each in asked), asked
    assert found(SUBSCHEMA, Not(Equality(name, foreign))) is not None
    unknown = Equality(name, b"nobody-knows")
    assert found(SUBSCHEMA, unknown) is found(SUBSCHEMA, Not(unknown)) is None


@pytest.mark.parametrize("names", [("Device", "mail"), ("user", "device", "Mail", "account")])
def test_a_class_that_a_template_adds_is_one_like_others(names: tuple[str, ...]) -> None:
    """It is published, and found by its name and its number, which stays when others are added."""
    nodes = Node("meta", template_id="t"), Node("second", "dc=second")
    client = Client(Tree(INDEX, Configuration(nodes, (Template("t", "T", object_classes=names),))))

    def true(asked: Filter, base: str) -> bool:
        return bool(entries(client.ask(SearchRequest(base, Scope.BASE, Deref.NEVER, 0, 0, False, asked, ("1.1",)))))

    classes = (*subschema(("device", "mail"))["objectClasses"], *subschema(("MAIL",))["objectClasses"])
    numbers = {text.split("'")[1].lower(): text.split()[1].encode() for text in classes}
    assert numbers["device"].startswith(b"2.25.")
    assert len(set(numbers.values())) == len(numbers)
    for asked in (b"device", b"DEVICE", b" mail ", numbers["device"], numbers["mail"]):
        assert true(Equality("objectClasses", asked), SUBSCHEMA), asked
        assert true(Equality("objectClass", asked), CONTACT), asked
        assert client.code(CompareRequest(CONTACT, "objectClass", asked)) == ResultCode.COMPARE_TRUE
        assert not true(Equality("objectClass", asked), CONTACT.replace("dc=meta", "dc=second")), asked
    assert not true(Equality("objectClasses", b"router"), SUBSCHEMA)
    assert not true(Not(Equality("objectClasses", b"router")), SUBSCHEMA)
    [shown] = entries(client.ask(search(base=SUBSCHEMA, scope=Scope.BASE, attributes=("objectClasses",))))
    assert sum(f" NAME '{name}' " in text.decode() for text in shown.attributes[0][1] for name in names) == len(names)


def test_classes_are_published_that_a_client_can_read_and_each_is_shown_once() -> None:
    """RFC 4512 1.4 and 2.2: OpenLDAP's `ldap_str2objectclass`, for one, refuses names with other signs."""
    odd, known = ("x' SUP top", "vendor_user", "1user", "01.2", "1.2.", "caffè", ""), ("2.5.6.6", "PERSON", "top")
    names = (*odd, *known, "1.2.840.99", "user", "User", "1.2.840.99")
    template = Template("t", "T", object_classes=names)
    client = Client(Tree(INDEX, Configuration((Node("meta", template_id="t"),), (template,))))
    [shown] = entries(client.ask(search(base=SUBSCHEMA, scope=Scope.BASE, attributes=("objectClasses",))))
    more = [text.decode() for text in shown.attributes[0][1] if text.decode() not in subschema()["objectClasses"]]
    number = class_number("user")
    assert more == ["( 1.2.840.99 SUP top AUXILIARY )", f"( {number} NAME 'user' SUP top AUXILIARY )"]
    assert subschema((number, "user")) == subschema(("user", number)) == subschema(("user",))
    [contact] = entries(client.ask(search(base=CONTACT, scope=Scope.BASE, attributes=("objectClass",))))
    assert contact.attributes[0][1][len(CONTACT_CLASSES) :] == (*(name.encode() for name in odd), b"1.2.840.99", b"user")
    for asked in (b"vendor_user", b"1.2.840.99", b"user"):
        assert client.code(CompareRequest(CONTACT, "objectClass", asked)) == ResultCode.COMPARE_TRUE


@pytest.mark.parametrize(
    "asked", [Equality("entryUUID", b"x"), LessOrEqual("entryUUID", b"x"), Equality("hasSubordinates", b"x")]
)
def test_what_has_not_the_syntax_is_neither(asked: Filter) -> None:
    assert found(CONTACT, asked) is found(CONTACT, Not(asked)) is None


def test_contacts_are_found_by_their_book_and_by_ids_from_one_on() -> None:
    def names(text: str) -> list[str]:
        return sorted(CLIENT.names(text))

    assert names("(databaseDescription=*cust*)") == ["Dott. Anna Rossi"]
    assert names("(&(databaseDescription=o*)(sn=*))") == ["Ben Verdi"]
    assert names("(&(sn=*)(!(databaseDescription=o*)))") == ["Dott. Anna Rossi"]
    assert names("(entryUUID>=abababab-abab-abab-abab-abababababab)") == ["Dott. Anna Rossi"]
    assert names("(entryUUID<=00000000-0000-0000-0000-000000000001)") == ["Ben Verdi"]


def test_an_entry_is_found_by_every_name_of_its_attributes() -> None:
    tree = Tree(INDEX, Configuration((Node("meta", "domainComponent=meta"),)))

    def found(text: str) -> list[str]:
        return [entry.name for entry in entries(Client(tree).ask(search(text, "domainComponent=meta")))]

    for name in ("ou", "organizationalUnitName", "2.5.4.11"):
        assert found(f"({name}=other)") == ["ou=other,domainComponent=meta"]
        assert found(f"(|({name}=other)(sn=nobody))") == ["ou=other,domainComponent=meta"]
    for name in ("dc", "domainComponent", "0.9.2342.19200300.100.1.25"):
        assert found(f"({name}=meta)") == ["domainComponent=meta"]
