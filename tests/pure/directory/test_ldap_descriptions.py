"""Attribute descriptions: each attribute once in an entry, and options that nothing has (RFC 4512 2.5)."""

from dataclasses import replace

import pytest
from tests.pure.directory.ldap_client import ANNA, Client, entries, search

from unisono.directory.index import Index, Layer
from unisono.directory.ldap.model import Configuration, Node, Template
from unisono.directory.ldap.tree import Tree
from unisono.directory.model import Contact, ContactNumber, NumberKind
from unisono.directory.segment import build
from unisono.wire.ldap import ResultCode
from unisono.wire.ldap.control import Control, SortKey, SortRequest, SortResponse
from unisono.wire.ldap.filter import Equality, Not, Present, Substrings
from unisono.wire.ldap.message import CompareRequest, Scope

NAME = f"metaID={ANNA},ou=crm,dc=meta"


def shown(client: Client, *attributes: str, base: str = NAME) -> list[tuple[str, tuple[bytes, ...]]]:
    [entry] = entries(client.ask(search(base=base, scope=Scope.BASE, attributes=attributes)))
    return [(name, tuple(values)) for name, values in entry.attributes]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        (("SN", "surname", "SURNAME"), ["SN"]),
        (("2.5.4.4", "sn"), ["2.5.4.4"]),
        (("sn", "cn", "Sn"), ["cn", "sn"]),
        (("sn", "displayName", "cn"), ["displayName", "cn", "sn"]),
        (("2.5.4.0", "objectClass"), ["objectClass"]),
        (("metaID", "METAID"), ["metaID"]),
    ],
)
def test_each_attribute_is_there_once_as_it_was_written_first(asked: tuple[str, ...], names: list[str]) -> None:
    """RFC 4511 4.5.1.8. `displayName` is another attribute than `cn`."""
    assert [name for name, _ in shown(Client(), *asked)] == names


@pytest.mark.parametrize(("asked", "name"), [(("*", "surname"), "sn"), (("surname", "*"), "surname"), (("*", "SN", "*"), "sn")])
def test_nor_is_one_twice_beside_all_of_them(asked: tuple[str, ...], name: str) -> None:
    found = [shown for shown, _ in shown(Client(), *asked)]
    assert [each for each in found if each.lower() in ("sn", "surname")] == [name]
    assert len(found) == len(shown(Client()))


def test_what_a_template_calls_alike_is_one_attribute() -> None:
    numbers = (ContactNumber(NumberKind.BUSINESS, "1", "+391"), ContactNumber(NumberKind.MOBILE, "2", "+392"))
    contact = Contact(ANNA, "crm", display_name="Anna", last_name="Rossi", numbers=numbers)
    template = Template(
        "t", "T",
        filter_attributes={"sn;lang-de": ("sn",)},
        query_attributes={"phone": ("telephoneNumber", "mobile"), "sn;lang-de": ("sn",)},
        result_attributes={"mobile": "telephoneNumber"},
    )  # fmt: skip
    picture = Index().with_book("crm", Layer(build([contact], "crm")))
    client = Client(Tree(picture, Configuration((Node("meta", template_id="t"),), (template,))))
    assert shown(client, "phone") == [("phone", (b"+391", b"+392"))]
    assert [values for name, values in shown(client) if name == "telephoneNumber"] == [(b"+391", b"+392")]
    assert shown(client, "sn;lang-de", "sn;lang-it") == [("sn;lang-de", (b"Rossi",))], "an option that the template knows"
    assert client.names("(SN;lang-de=rossi)") == ["Anna"]
    assert client.names("(sn;lang-it=rossi)") == []


def check_unknown(client: Client, name: str) -> None:
    assert client.code(CompareRequest(NAME, name, b"rossi")) == ResultCode.UNDEFINED_ATTRIBUTE_TYPE
    assert client.code(CompareRequest("ou=crm,dc=meta", name, b"crm")) == ResultCode.UNDEFINED_ATTRIBUTE_TYPE
    assert shown(client, name) == shown(client, name, base="ou=crm,dc=meta") == []
    assert shown(client, name, "sn") == [("sn", (b"Rossi",))]


@pytest.mark.parametrize("name", ["sn;", "sn;;x", ";binary", "2.5.4.4;"])
def test_so_is_one_that_is_malformed(name: str) -> None:
    client = Client()
    check_unknown(client, name)
    for item in (Equality(name, b"rossi"), Present(name), Substrings(name, b"ros")):
        for asked in (item, Not(item)):
            assert entries(client.ask(replace(search(), filter=asked))) == []


@pytest.mark.parametrize("name", ["sn;lang-en", "sn;binary", "2.5.4.4;lang-en", "ou;x-y"])
def test_a_description_with_an_option_is_one_that_is_not_known(name: str) -> None:
    client = Client()
    check_unknown(client, name)
    for text in ("={}", "={}*", "=*{}*", "~={}", ">={}", "<={}", ":={}", ":caseIgnoreMatch:={}", ":dn:={}", "=*"):
        item = f"({name}{text.format('rossi')})"
        assert client.names(item) == [], item
        assert client.names(f"(!{item})") == [], "Undefined is not false"
        assert client.names(f"(|{item}(sn=rossi))") == ["Anna Rossi"]


def test_nothing_is_sorted_by_a_description_with_an_option() -> None:
    *_, (_, [control]) = Client().ask(search("(sn=*)"), Control(SortRequest((SortKey("sn;lang-en"),))))
    assert isinstance(control.value, SortResponse)
    assert control.value.code == ResultCode.NO_SUCH_ATTRIBUTE
    *_, (_, [control]) = Client().ask(search("(sn=*)"), Control(SortRequest((SortKey("2.5.4.4"),))))
    assert control.value == SortResponse(ResultCode.SUCCESS)
