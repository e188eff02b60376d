"""Filters with matching rules, and about what entries are called as well (RFC 4511 4.5.1.7.7)."""

from uuid import UUID

import pytest
from tests.pure.directory.ldap_client import ANNA, NAMES, Client, entries, index, search

from unisono.directory.ldap.entries import Entry, truth
from unisono.directory.ldap.model import Configuration, Node
from unisono.directory.ldap.schema import NAMING, number_of
from unisono.directory.ldap.tree import Tree
from unisono.wire.ldap.dn import Dn
from unisono.wire.ldap.filter import Extensible
from unisono.wire.ldap.message import CompareRequest, Scope
from unisono.wire.ldap.result_code import ResultCode


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("(ou:dn:=CRM)", {*NAMES}),
        ("(ou:dn:caseIgnoreMatch:=crm)", {*NAMES}),
        ("(2.5.4.11:dn:=crm)", {*NAMES}),
        ("(organizationalUnitName:dn:=board)", {"Zeno Capo"}),
        ("(&(ou:dn:=crm)(sn=ross*))", {"Anna Rossi", "Eva Rossini"}),
        ("(!(ou:dn:=crm))", {"Zeno Capo"}),
        ("(:dn:caseIgnoreMatch:=board)", {"Zeno Capo"}),
        (f"(metaID:dn:={ANNA})", {"Anna Rossi"}),
        ("(dc:dn:=meta)", {*NAMES, "Zeno Capo"}),
        ("(dc:dn:=other)", set()),
        ("(ou:dn:=nothing)", set()),
        ("(sn:dn:=rossi)", {"Anna Rossi"}),
        ("(ou:=crm)", set()),
        ("(!(nonsense:dn:=crm))", set()),
    ],
)
def test_the_names_of_entries_are_asked_too(text: str, found: set[str]) -> None:
    assert set(Client().names(text)) == found


def test_those_of_books_and_nodes_too() -> None:
    def others(text: str) -> list[str]:
        asked = search(text, attributes=("1.1",))
        return [entry.name for entry in entries(Client().ask(asked)) if not entry.name.startswith("metaID=")]

    assert others("(dc:dn:=meta)") == ["dc=meta", "ou=crm,dc=meta", "ou=board,dc=meta"]
    assert others("(ou:dn:=board)") == ["ou=board,dc=meta"]
    assert others("(&(objectClass=domain)(dc:dn:=meta))") == ["dc=meta"]


def test_the_name_of_an_entry_is_read_once_for_all_its_attributes(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    parse, entry = Dn.parse, Entry("ou=crm,dc=meta", {"ou": ("crm",)})

    def counted(text: str) -> Dn:
        read.append(text)
        return parse(text)

    monkeypatch.setattr(Dn, "parse", counted)
    for rule in ("caseIgnoreMatch", "caseIgnoreIA5Match"):
        assert truth(Extensible("", b"meta", rule, True), entry) is True
    assert read == [entry.dn]


NAMING_NUMBER = number_of(NAMING)
BOOKS = ("ou=crm,dc=meta", "ou=board,dc=meta")
FIRST = f"metaID={ANNA},ou=crm,dc=meta"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("(:caseIgnoreMatch:=META)", ["dc=meta"]),
        ("(:2.5.13.2:=anna rossi)", [FIRST]),
        ("(&(objectClass=organizationalUnit)(:caseIgnoreIA5Match:=board))", [BOOKS[1]]),
        ("(&(objectClass=organizationalUnit)(!(:caseIgnoreMatch:=board)))", [BOOKS[0]]),
        ("(:telephoneNumberMatch:=+39 0432 551)", [FIRST]),
        ("(:caseIgnoreMatch:=+390432551)", []),
        ("(:distinguishedNameMatch:=OU=crm, DC=meta)", [BOOKS[0]]),
        (f"(entryDN:distinguishedNameMatch:={FIRST})", [FIRST]),
        ("(!(:distinguishedNameMatch:=no name))", []),
        ("(:dn:distinguishedNameMatch:=meta)", []),
        ("(:objectIdentifierMatch:=domain)", ["dc=meta"]),
        ("(:booleanMatch:=TRUE)", ["dc=meta", *BOOKS]),
        (f"(:uuidMatch:={UUID(ANNA)})", [FIRST]),
        ("(cn:distinguishedNameMatch:=dc=meta)", []),
        ("(!(cn:distinguishedNameMatch:=dc=meta))", []),
        ("(:caseExactMatch:=meta)", []),
        ("(!(:caseExactMatch:=meta))", []),
        ("(!(:caseIgnoreSubstringsMatch:=meta))", []),
    ],
)
def test_a_rule_compares_all_attributes_of_which_it_is_the_rule(text: str, found: list[str]) -> None:
    assert [entry.name for entry in entries(Client().ask(search(text, attributes=("1.1",))))] == found


@pytest.mark.parametrize("suffix", ["dc=meta", "domainComponent=meta", "0.9.2342.19200300.100.1.25=meta"])
@pytest.mark.parametrize("base", ["DC=meta", "domaincomponent=Meta", "OID.0.9.2342.19200300.100.1.25=meta"])
def test_a_name_means_the_same_however_its_attributes_are_called(suffix: str, base: str) -> None:
    """RFC 4514 3, RFC 4517 4.2.15."""
    client = Client(Tree(index(crm=("Anna Rossi",)), Configuration((Node("meta", suffix),))))
    book = f"organizationalUnitName=crm,{base}"
    contact = f"{NAMING_NUMBER}={ANNA},2.5.4.11=crm,{base}"
    [node] = entries(client.ask(search(base=base, scope=Scope.BASE)))
    assert node.name == suffix
    assert dict(node.attributes)["objectClass"] == (b"top", b"domain")
    assert dict(node.attributes)["dc"] == (b"meta",)
    for name in (base, book, contact):
        for attribute, value in (("entryDN", name), ("creatorsName", base)):
            asked = CompareRequest(name, attribute, value.encode())
            assert client.code(asked) == ResultCode.COMPARE_TRUE, (name, attribute)
    assert client.names("(cn=*)", contact, Scope.BASE) == client.names(f"(entryDN={contact})", base) == ["Anna Rossi"]


def test_a_book_is_not_read_contact_by_contact_for_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unisono.directory.ldap.evaluate.holds", None)
    client = Client(Tree(index(crm=NAMES, board=("Zeno Capo",)), Configuration((Node("meta"),))))
    assert set(client.names("(ou:dn:=crm)")) == {*NAMES}
