"""vCards that are written: read again by our own reader and by one that is not ours."""

import warnings
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unisono.directory.model import Address, AddressKind, Contact, ContactNumber, NumberKind
from unisono.directory.phonebooks.carddav import resources
from unisono.directory.phonebooks.carddav.asked import Wanted, Which
from unisono.directory.phonebooks.vcard import Version, card
from unisono.directory.replicators.vcard import Card, cards, columns

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import vobject

ID = "0123456789abcdef0123456789abcdef"
LOST = {NumberKind.BUSINESS_2: NumberKind.BUSINESS, NumberKind.HOME_2: NumberKind.HOME}
"""A vCard does not number numbers of one kind."""

texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=60).map(lambda t: " ".join(t.split()))


def read(text: str) -> dict[str, Any]:
    found = list(cards(text.encode().splitlines(keepends=True)))
    assert len(found) == 1
    assert isinstance(found[0], Card)
    return dict(columns(found[0]))


FULL = Contact(
    ID,
    "crm",
    "k",
    "Anna Rossi, \\ detta; «Nina»",
    "Anna",
    "Rossi; Müller",
    "ACME, Söhne & Co",
    "Chief; of, all",
    "Sales",
    numbers=(
        ContactNumber(NumberKind.BUSINESS, "0432 1", "+3904321"),
        ContactNumber(NumberKind.MOBILE, "347", "+39347"),
        ContactNumber(NumberKind.OTHER, "12;ext 3"),
    ),
    emails=("a@example.org", "b@example.org"),
    sip_address="anna@example.org",
    addresses=(Address(AddressKind.PRIVATE, "Via Roma, 1", "33100", "Udine", "UD", "Italia"),),
    web="https://example.org/a,b;c",
    note="first line\nsecond, line; with \\ signs " + "è" * 200,
)


@pytest.mark.parametrize("version", Version)
def test_our_reader_reads_what_was_written(version: Version) -> None:
    found = read(card(FULL, version))
    assert found["FN"] == FULL.display_name
    assert (found["N.family"], found["N.given"]) == (FULL.last_name, FULL.first_name)
    assert (found["ORG"], found["ORG.unit"], found["TITLE"]) == (FULL.company, FULL.department, FULL.job_title)
    assert (found["TEL.business"], found["TEL.mobile"], found["TEL.other"]) == ("+3904321", "+39347", "12;ext 3")
    assert found["EMAIL"] == FULL.emails
    assert (found["ADR.private.street"], found["ADR.private.city"]) == ("Via Roma, 1", "Udine")
    assert (found["ADR.private.postal_code"], found["ADR.private.country"]) == ("33100", "Italia")
    assert found["URL"] == FULL.web
    assert found["IMPP.sip"] == "sip:anna@example.org"
    assert found["NOTE"] == FULL.note


@pytest.mark.parametrize("version", Version)
def test_another_reader_reads_it_too(version: Version) -> None:
    found = vobject.readOne(card(FULL, version))
    assert found.fn.value == FULL.display_name
    assert (found.n.value.family, found.n.value.given) == (FULL.last_name, FULL.first_name)
    assert found.org.value == [FULL.company, FULL.department]
    assert [each.value for each in found.contents["tel"]] == ["+3904321", "+39347", "12;ext 3"]
    assert [each.value for each in found.contents["email"]] == list(FULL.emails)
    assert found.adr.value.street == "Via Roma, 1"
    assert found.note.value == FULL.note
    assert found.version.value == version


@pytest.mark.parametrize("version", Version)
@pytest.mark.parametrize("kind", NumberKind)
def test_every_kind_of_number_comes_back(kind: NumberKind, version: Version) -> None:
    found = read(card(Contact(ID, "crm", numbers=(ContactNumber(kind, "1", "+391"),)), version))
    assert found[f"TEL.{LOST.get(kind, kind).value}"] == "+391"


@pytest.mark.parametrize("version", Version)
@pytest.mark.parametrize(
    ("kinds", "line"),
    [
        ((NumberKind.BUSINESS, NumberKind.COMPANY_MAIN), "item1.TEL;TYPE=work;TYPE=voice:+3904321\r\nitem1.X-ABLabel:Main\r\n"),
        ((NumberKind.BUSINESS, NumberKind.FAX_BUSINESS), "\r\nTEL;TYPE=work;TYPE=voice;TYPE=fax:+3904321\r\n"),
        ((NumberKind.MOBILE, NumberKind.PRIMARY, NumberKind.CALLBACK), "item1.X-ABLabel:Primary / Callback\r\n"),
    ],
)
def test_a_number_stands_once_with_all_that_it_is(kinds: tuple[NumberKind, ...], line: str, version: Version) -> None:
    numbers = [ContactNumber(kind, written, "+3904321") for kind, written in zip(kinds, ("0432 1", "04321", ""), strict=False)]
    written = card(Contact(ID, "crm", numbers=(*numbers, ContactNumber(NumberKind.HOME, "", "+392"))), version)
    assert line in written
    assert [each.value for each in vobject.readOne(written).contents["tel"]] == ["+3904321", "+392"]


@given(texts, texts, texts, texts, st.sampled_from(Version))
def test_any_text_comes_back(name: str, last: str, firm: str, note: str, version: Version) -> None:
    written = card(Contact(ID, "crm", display_name=name, last_name=last, company=firm, note=note), version)
    found = read(written)
    for column, text in (("FN", name), ("N.family", last), ("ORG", firm), ("NOTE", note)):
        if text:
            assert found[column] == text
    assert vobject.readOne(written).fn.value


@given(st.text(max_size=300), st.sampled_from(Version))
def test_lines_are_short_and_whole(text: str, version: Version) -> None:
    written = card(Contact(ID, "crm", display_name=text, note=text), version).encode("utf-8", "strict")
    assert written.startswith(b"BEGIN:VCARD\r\nVERSION:" + version.encode() + b"\r\n")
    assert written.endswith(b"\r\nEND:VCARD\r\n")
    for line in written.removesuffix(b"\r\n").split(b"\r\n"):
        assert len(line) <= 75
        line.decode()
        assert b"\r" not in line
        assert b"\n" not in line
    assert written.count(b"BEGIN:VCARD") == 1 or "BEGIN:VCARD" in text


def test_a_card_without_anything_has_a_name() -> None:
    assert "FN:0123456789abcdef" in card(Contact(ID, "crm"))
    assert "FN:0432 1\r\n" in card(Contact("not a hex id", "crm", numbers=(ContactNumber(NumberKind.HOME, "0432 1"),)))


def test_a_firm_is_an_organisation() -> None:
    firm = Contact(ID, "crm", display_name="ACME", company="ACME")
    assert "KIND:org\r\n" in card(firm, Version.V4)
    assert "X-ABShowAs:COMPANY\r\n" in card(firm, Version.V3)


def test_each_card_of_a_listing_is_written_once(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Version] = []

    def counted(contact: Contact, version: Version, only: frozenset[str]) -> str:
        written.append(version)
        return card(contact, version, only)

    monkeypatch.setattr(resources, "card", counted)
    names = tuple(f"{{DAV:}}{name}" for name in ("getetag", "getcontentlength"))
    address = "{urn:ietf:params:xml:ns:carddav}address-data"
    for wanted, versions in (
        (Wanted(), [Version.V3]),
        (Wanted(Which.NAMED, (*names, address)), [Version.V3]),
        (Wanted(Which.NAMED, (*names, address), Version.V4), [Version.V3, Version.V4]),
        (Wanted(Which.NAMED, ("{DAV:}getcontenttype",)), []),
    ):
        written.clear()
        resources.written("/x.vcf", resources.of_card(resources.Person("a", "Anna"), FULL, wanted), wanted)
        assert written == versions
