"""CSV as it comes: encodings, delimiters, broken rows. The good rows are imported, the bad ones listed with line and reason."""

import asyncio
import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pure.directory.rules import plain

from unisono.directory.columns import field_of
from unisono.directory.model import AddressKind, Contact, Field, NumberKind
from unisono.directory.replicators import table
from unisono.directory.replicators.csv_file import CsvFile, CsvSettings
from unisono.directory.replicators.hands import Here
from unisono.directory.replicators.lane import Lane, Settled
from unisono.directory.replicators.ledger import Ledger, Verdict
from unisono.directory.replicators.mapping import Mapper
from unisono.directory.replicators.problems import words
from unisono.directory.replicators.reading import Reading
from unisono.directory.replicators.source import Part, Record
from unisono.directory.replicators.suggest import suggest
from unisono.directory.replicators.table import Row
from unisono.directory.runs.model import BadRow
from unisono.kernel.errors import Invalid

GOOD = "Company;Name;Phone;E-mail\nRossi Srl;Mario Rossi;0432 546462;m@rossi.example\nBar Sport;;0432 111;\n"


def digits(raw: str) -> str:
    return "+39" + "".join(c for c in raw if c.isdigit())


class Collected:
    """Takes contacts in the order of the file."""

    def __init__(self) -> None:
        self.contacts: list[Contact] = []

    def add(self, contact: Contact) -> None:
        self.contacts.append(contact)


def load(data: bytes, mapping: dict[str, str] | None = None) -> tuple[list[Contact], list[BadRow]]:
    """Import, without a mapping with the suggested one."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "contacts.csv"
        file.write_bytes(data)
        source = CsvFile(CsvSettings(str(file)))
        rules = suggest(source.columns()) if mapping is None else plain(mapping)
        found, bad = Collected(), []
        lane = Lane(Mapper(rules, lambda raw, region: digits(raw)), "book", found)

        async def keep(settled: Settled) -> None:
            bad.extend(settled.bad)

        hand = Here({name: getattr(lane, name) for name in ("rename", "settle")} | {
            "take_part": lambda *part: lane.take(source.read_part(Part(*part)))
        })
        asyncio.run(Reading(source, None, Ledger(), keep).run([hand]))
    return found.contacts, sorted(bad, key=lambda row: row.line)


def notes(data: bytes) -> list[str]:
    """What an admin is told about the file as a whole."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "contacts.csv"
        file.write_bytes(data)
        return [note.code for note in CsvFile(CsvSettings(str(file))).check().notes]


def suggested(data: bytes) -> dict[str, str]:
    """The field that each column seems to mean."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "contacts.csv"
        file.write_bytes(data)
        return {rule.value.strip("{}"): rule.field for rule in suggest(CsvFile(CsvSettings(str(file))).columns())}


def names(data: bytes) -> list[str]:
    contacts, bad = load(data)
    assert bad == []
    return [contact.name for contact in contacts]


# Encodings and forms


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_usual_encoding_and_line_end(encoding: str, newline: str) -> None:
    text = "Firma;Name;Telefon\nMüller & Söhne;Jörg Groß;0432 5\nÀ la carte;Zoë Weiß;0432 6\n"
    data = text.replace("\n", newline).encode(encoding)
    contacts, bad = load(data)
    assert [(c.company, c.name) for c in contacts] == [("Müller & Söhne", "Jörg Groß"), ("À la carte", "Zoë Weiß")]
    assert bad == []


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_usual_delimiter(delimiter: str) -> None:
    assert names(GOOD.replace(";", delimiter).encode()) == ["Mario Rossi", "Bar Sport"]


def test_quoted_cells_hold_anything() -> None:
    data = b'Company,Name,Phone,Note\n"Rossi, ""the best"" Srl",Mario,0432 1,"two\nlines"\nBar 15" Monitor,X,0432 2,y\n'
    contacts, bad = load(data)
    assert [c.company for c in contacts] == ['Rossi, "the best" Srl', 'Bar 15" Monitor']
    assert contacts[0].note == "two\nlines"
    assert bad == []


cells = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12).map(str.strip)


@given(st.lists(st.lists(cells, min_size=2, max_size=5), min_size=1, max_size=15), st.sampled_from(",;\t"))
def test_what_python_writes_is_read_back(rows: list[list[str]], delimiter: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    read = list(table.read(out.getvalue().encode(), table.Dialect("utf-8", delimiter)))
    expected = [tuple(_without_tail(row)) for row in rows]
    assert [row.cells for row in read if isinstance(row, Row) and row.cells] == [row for row in expected if row]


def _without_tail(row: list[str]) -> list[str]:
    row = list(row)
    while row and not row[-1]:
        row.pop()
    return row


@given(st.binary(max_size=400))
def test_anything_can_be_dropped_on_it(data: bytes) -> None:
    try:
        contacts, bad = load(data)
    except Invalid:
        return
    for contact in contacts:
        assert contact.name or contact.numbers or contact.emails
        assert "\0" not in contact.name
    assert all(words(row) for row in bad)


@given(st.text('a;,"\n\r\x00ü', max_size=200))
def test_no_text_breaks_it_and_lines_are_in_order(text: str) -> None:
    rows = list(table.read(text.encode(), table.Dialect("utf-8", ";")))
    lines = [row.line for row in rows]
    assert lines == sorted(set(lines))
    assert all(line <= text.count("\n") + text.count("\r") + 1 for line in lines)


# Faults


def test_a_few_lines_in_another_encoding_are_listed() -> None:
    good = "".join(f"Firm {n} è;A;0432 {n}\n" for n in range(10))
    data = f"Company;Name;Phone\n{good}".encode() + "Müller;B;0432 99\n".encode("cp1252") + "Last è;C;0432 100\n".encode()
    contacts, bad = load(data)
    assert len(contacts) == 11
    assert [(row.line, row.code, row.data["encoding"]) for row in bad] == [(12, "encoding", "UTF-8")]
    assert notes(data) == ["some-lines-not-utf-8"]


def test_a_file_in_windows_1252_is_read_and_said() -> None:
    data = "Company;Phone\nMüller;0432 1\n".encode("cp1252")
    assert names(data) == ["Müller"]
    assert notes(data) == ["read-as-windows-1252"]


@pytest.mark.parametrize(
    ("text", "suffix"),
    [
        ("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anna\r\nEND:VCARD\r\n", ".vcf"),
        ("\n begin:vcard\nFN:Anna\nend:vcard\n", ".vcf"),
        ('<?xml version="1.0"?>\n<contacts><contact/></contacts>', ".xml"),
        ("<contacts>\n  <contact id='1'>\n    <name>Anna</name></contact></contacts>", ".xml"),
        ('[{"Company": "Rossi"}]', ".json"),
        ('{\n  "items": [\n    {"Company": "Rossi"}\n  ]\n}', ".json"),
        ('{"Company": "Rossi"}\n{"Company": "Bar"}\n', ".jsonl"),
        ("# people\nversion: 1\n\ndn: cn=Anna,dc=x\ncn: Anna\n", ".ldif"),
        ("dn:: Y249QW5uYQ==\ncn: Anna\n", ".ldif"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_of_another_kind_is_no_table(text: str, suffix: str, encoding: str) -> None:
    with pytest.raises(Invalid) as caught:
        table.sniff(text.encode(encoding))
    assert (caught.value.code, caught.value.data["suffix"]) == ("no-table", suffix)
    assert suffix in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>",
        '\r\n<!doctype HTML PUBLIC "-//W3C//DTD HTML 4.01//EN"><p>502 Bad Gateway, no closing tags',
        "<html>\n<head><title>403 Forbidden</title></head>\n<body></body></html>",
        "\n\n  <table border=1><tr><th>Nome</th></tr></table>",
        "<br />\n<b>Fatal error</b>: Uncaught PDOException in /srv/export.php",
        "<!-- saved from url=(0030)https://crm.example/contacts -->\n<html lang='it'><body><table><tr><td>Anna",
        '<?xml version="1.0"?>\n<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml"><head/></html>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_web_page_is_no_table(text: str, encoding: str) -> None:
    with pytest.raises(Invalid, match="save the table itself as CSV") as caught:
        table.sniff(text.encode(encoding))
    assert caught.value.code == "web-page"


@pytest.mark.parametrize(
    "text",
    [
        "<Html>;<Phone>\nAnna;0432 1\n",
        "<html>,<text>\n<p>Anna</p>,0432 1\n",
        "<Name>;<Phone>\nAnna;0432 1\n",
        "<Name>\t<Phone>\nAnna\t0432 1\n",
        "<Name>\n<Phone>\n",
        "dn;cn\ncn=Anna;Anna\n",
        "dn,version: 1\nx,y\n",
        "[Name];{Phone}\nAnna;0432 1\n",
        "# people\nName;Phone\nAnna;0432 1\n",
        "BEGIN;END\n1;2\n",
        "Note;Phone\nBEGIN:VCARD;0432 1\n",
    ],
)
def test_titles_in_signs_are_titles(text: str) -> None:
    assert table.sniff(text.encode()).encoding == "utf-8"


def test_three_hundred_columns() -> None:
    titles = ["Company", "Phone"] + [f"X{n}" for n in range(298)]
    data = (";".join(titles) + "\n" + ";".join(["Rossi", "0432 1"] + ["x"] * 298) + "\nBar;0432 2\n").encode()
    assert names(data) == ["Rossi", "Bar"]


def test_a_row_with_three_hundred_columns_in_a_narrow_table() -> None:
    data = GOOD.encode() + b";".join([b"x"] * 300) + b"\nLast;;0432 3;\n"
    contacts, bad = load(data)
    assert [contact.name for contact in contacts] == ["Mario Rossi", "Bar Sport", "Last"]
    assert [row.line for row in bad] == [4]
    assert "300" in words(bad[0])


@pytest.mark.parametrize("quote", [b"", b'"'])
@pytest.mark.parametrize("filler", [b"x", b"x\n", b"x" * 96 + b'""y\n'])
def test_a_ten_megabyte_cell(quote: bytes, filler: bytes) -> None:
    if not quote and filler != b"x":
        return
    cell = quote + filler * (10_000_000 // len(filler)) + quote
    data = b"Company;Note;Phone\nFirst;;0432 1\nHuge;" + cell + b";0432 2\nLast;;0432 3\n"
    contacts, bad = load(data)
    assert [contact.name for contact in contacts] == ["First", "Last"]
    assert [row.line for row in bad] == [3]
    assert bad[0].code == "row-too-large"


def test_no_header() -> None:
    data = b"Rossi Srl;Mario Rossi;0432 546462;m@rossi.example\nBianchi Spa;Ada Verdi;0432 546463;a@b.example\n"
    assert notes(data) == ["no-header"]
    assert suggested(data) == {
        "Column 1": "company", "Column 2": "display_name", "Column 3": "phone_business", "Column 4": "email",
    }  # fmt: skip
    contacts, bad = load(data)
    assert [(c.company, c.name, c.numbers[0].canonical) for c in contacts] == [
        ("Rossi Srl", "Mario Rossi", "+390432546462"),
        ("Bianchi Spa", "Ada Verdi", "+390432546463"),
    ]
    assert bad == []


def test_a_quote_that_never_closes_costs_one_row() -> None:
    data = b'Company;Phone\nFirst;0432 1\n"Open;0432 2\nThird;0432 3\nFourth;0432 4\n'
    contacts, bad = load(data)
    assert [contact.name for contact in contacts] == ["First", "Third", "Fourth"]
    assert [(row.line, words(row)) for row in bad] == [(3, "a quote is opened and never closed")]


def test_a_quote_that_another_open_one_seems_to_close_swallows_nobody() -> None:
    data = b'Company;Phone\n"First;0432 1\nSecond;0432 2\n"Third" Srl;0432 3\n"Fourth\n6" pipes";0432 4\nFifth;0432 5\n'
    contacts, bad = load(data)
    assert [contact.name for contact in contacts] == ["Second", "Third Srl", 'Fourth\n6 pipes"', "Fifth"]
    assert [(row.line, words(row)) for row in bad] == [(2, "a quote is opened and never closed")]


@pytest.mark.parametrize("odd", [b'x";"y\n' * 37_000 + b'z"q;w\n', b'x";"y\n' * 37_000, b'"a";"b\n"c\n' * 20_001])
def test_many_open_quotes_end_the_file_in_reasonable_time(monkeypatch: pytest.MonkeyPatch, odd: bytes) -> None:
    """However the quotes stand, no line is read many times, neither for the parts nor in them; what follows is read."""
    steps = 0
    read_line = table._Reader._next_line
    data = b"Company;Phone\n" + odd + b"Rossi;0432 1\n" * 100_000
    most = 20 * data.count(b"\n")

    def counted(reader: table._Reader) -> bytes:
        nonlocal steps
        steps += 1
        assert steps < most
        return read_line(reader)

    monkeypatch.setattr(table._Reader, "_next_line", counted)
    pieces = list(table.parts(data, table.Dialect("utf-8", ";")))
    assert all(piece.end - piece.begin < 500_000 for piece in pieces)
    rows = [row for piece in pieces for row in table.read_part(data, piece, table.Dialect("utf-8", ";"))]
    assert Row(data.count(b"\n"), ("Rossi", "0432 1")) in rows
    assert sum(row.cells == ("Rossi", "0432 1") for row in rows if isinstance(row, Row)) > 70_000


def test_rows_that_say_nothing_or_the_same() -> None:
    data = b"Company;Phone;Note\nRossi;0432 1;\n;;only a note\n\nRossi;0432 1;\nRossi;0432 1;other\n"
    contacts, bad = load(data)
    assert [contact.note for contact in contacts] == ["", "other"]
    assert len({contact.id for contact in contacts}) == 2
    assert [(row.line, words(row)) for row in bad] == [
        (3, "it has no name, company, number or e-mail address"),
        (5, "it is the same as line 2"),
    ]


def test_duplicate_keys() -> None:
    data = b"ID;Company;Phone\n7;Rossi;0432 1\n7;Bianchi;0432 2\n"
    contacts, bad = load(data)
    assert [(contact.source_key, contact.company) for contact in contacts] == [("7", "Rossi")]
    assert [words(row) for row in bad] == ["its key '7' is the same as in line 2"]


def test_private_contacts_and_monstrous_texts_stay_out() -> None:
    data = b"Company;Phone;Private\nA;0432 1;yes\nB;0432 2;\n" + b"C" * 3000 + b";0432 3;\n"
    contacts, bad = load(data)
    assert [contact.company for contact in contacts] == ["B"]
    assert [row.line for row in bad] == [2, 4]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\x00\x01\x02" * 50, b"PK\x03\x04" + b"\x00" * 30])
def test_what_is_no_table(data: bytes) -> None:
    with pytest.raises(Invalid):
        load(data)


def checked(data: bytes) -> int | None:
    """How many records the connection test counts."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "contacts.csv"
        file.write_bytes(data)
        return CsvFile(CsvSettings(str(file))).check().records


@pytest.mark.parametrize("order", ["utf-32-le", "utf-32-be"])
def test_utf_32_is_known_by_its_mark(order: str) -> None:
    contacts, bad = load(("\ufeff" + GOOD).encode(order))
    assert ([contact.company for contact in contacts], bad) == (["Rossi Srl", "Bar Sport"], [])


def test_a_table_that_is_too_wide_is_told_the_limit() -> None:
    row = ";".join(f"c{number}" for number in range(1_500))
    with pytest.raises(Invalid) as caught:
        load(f"{row}\n{row}\n".encode())
    assert caught.value.message == (
        "No row of the file can be read. Line 1: it has 1,500 columns; at most 1,000 are read."
    )
    assert caught.value.data["line"] == 1


def test_the_first_row_is_no_record_if_it_holds_the_titles() -> None:
    assert checked(GOOD.encode()) == checked(GOOD.strip().encode()) == 2
    assert checked(b"Rossi;0432 1\nVerdi;0432 2\n") == 2
    assert checked(b"Company;Phone\n") == 0


def test_no_text_holds_a_nul() -> None:
    """Sources that are no text files may give some: a database would refuse the name of whoever calls."""
    found = Collected()
    lane = Lane(Mapper(plain({"Name": "display_name", "Mail": "email"}), digits_of), "book", found)
    taken = lane.take([Record("1\0", {"Name": "A\0nna", "Mail": ("a\0@x.example", "b@x.example")}, 1)])
    lane.settle(bytes([Verdict.NEW]), [])
    [contact] = found.contacts
    assert (contact.source_key, contact.name, contact.emails) == ("1", "Anna", ("a@x.example", "b@x.example"))
    assert taken.keys == lane.take([Record("1", {"Name": "Anna"}, 1)]).keys


def digits_of(raw: str, region: str) -> str:
    return digits(raw)


def test_signs_that_nobody_sees_are_no_part_of_a_text() -> None:
    """Windows puts them around what is copied from its windows."""
    text = "Name,Phone,Mail\n\u202eRTL over\u00adride\u202c,\u202a0432 5\u202c,\u202aa\u200b@x.example\u202c\n"
    text += "\U0001f469\u200d\U0001f4bb \u0646\u0627\u0645\u0647\u200c\u0627\u06cc \u2013 d\u2019Angelo,0432 6,\n"
    contacts, bad = load(text.encode())
    assert bad == []
    assert [(contact.name, contact.emails) for contact in contacts] == [
        ("RTL override", ("a@x.example",)),
        ("\U0001f469\u200d\U0001f4bb \u0646\u0627\u0645\u0647\u200c\u0627\u06cc \u2013 d\u2019Angelo", ()),
    ]
    assert contacts[0].numbers[0].raw == "0432 5"


# Columns


@pytest.mark.parametrize(
    ("title", "field"),
    [
        ("Nome", Field.FIRST_NAME),
        ("Ragione sociale", Field.COMPANY),
        ("Telefono ufficio", Field.PHONE_BUSINESS),
        ("Città", Field.BUSINESS_CITY),
        ("Straße", Field.BUSINESS_STREET),
        ("Kunden-Nr.", Field.CUSTOMER_ID),
        ("Telefon geschäftlich", Field.PHONE_BUSINESS),
        ("E-Mail-Adresse", Field.EMAIL),
        ("Mobile Phone", Field.PHONE_MOBILE),
        ("Company Main Phone", Field.PHONE_COMPANY_MAIN),
        ("phone_other", Field.PHONE_OTHER),
        ("Handy 3", Field.PHONE_MOBILE),
        ("Telefono7", Field.PHONE_BUSINESS),
        ("City 2", None),
        ("Favourite colour", None),
    ],
)
def test_titles_in_three_languages(title: str, field: Field | None) -> None:
    assert field_of(title) is field


def test_every_field_has_a_title_of_its_own() -> None:
    assert {field_of(field.value) for field in Field} == set(Field)


def test_second_columns_of_a_kind() -> None:
    titles = b"Nome,Cognome,Telefono,Telefono,Cell,Email,Email\n"
    assert suggested(titles + b"a,b,0432 11111,0432 22222,333 1234567,a@b.example,c@d.example\n") == {
        "Nome": "first_name", "Cognome": "last_name", "Telefono": "phone_business", "Telefono (2)": "phone_business_2",
        "Cell": "phone_mobile", "Email": "email", "Email (2)": "email_2",
    }  # fmt: skip


def test_as_many_columns_of_numbers_as_there_are() -> None:
    titles = [*(f"Phone {n}" for n in range(1, 7)), "Mobile", "Handy 2", "E-Mail 4"]
    found = suggested(f"Name,{','.join(titles)}\nAnna\n".encode())
    assert [found[title] for title in titles] == [
        "phone_business", "phone_business_2", *["phone_other"] * 4, "phone_mobile", "phone_mobile", "email",
    ]  # fmt: skip
    assert len(suggested(f"Name,{','.join(f'Tel {n % 99}' for n in range(800))}\nAnna\n".encode())) == 500


@pytest.mark.parametrize(
    ("mapping", "code"),
    [
        ({"Company": "nope"}, "unknown-field"),
        ({"Company": "note"}, "nothing-mapped"),
        ({"Company": "company", "Name": "company"}, "field-twice"),
    ],
)
def test_mappings_that_cannot_be_meant(mapping: dict[str, str], code: str) -> None:
    with pytest.raises(Invalid) as caught:
        load(GOOD.encode(), mapping)
    assert caught.value.code == code


def test_every_kind_of_field_arrives() -> None:
    mapping = {
        "Company": "company", "Name": "last_name", "Phone": "phone_mobile", "E-mail": "email",
        "Street": "private_street", "City": "private_city", "Colour": "custom.colour", "Web": "web",
    }  # fmt: skip
    head, row, *_ = GOOD.splitlines()
    data = f"{head};Street;City;Colour;Web\n{row};Via Roma 1;Udine;red;rossi.example\n".encode()
    (contact,), _ = load(data, mapping)
    assert (contact.last_name, contact.name, contact.custom, contact.web) == (
        "Mario Rossi", "Mario Rossi", {"colour": "red"}, "rossi.example",
    )  # fmt: skip
    assert [(n.kind, n.raw, n.canonical) for n in contact.numbers] == [(NumberKind.MOBILE, "0432 546462", "+390432546462")]
    assert [(a.kind, a.street, a.city) for a in contact.addresses] == [(AddressKind.PRIVATE, "Via Roma 1", "Udine")]


def test_the_same_file_gives_the_same_ids() -> None:
    first, _ = load(GOOD.encode())
    second, _ = load(GOOD.encode("utf-16"))
    assert [contact.id for contact in first] == [contact.id for contact in second]
