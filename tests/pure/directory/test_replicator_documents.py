"""Workbooks, XML and vCards as sources: written by a program that is not ours, and by people who mean harm."""

import io
import random
import resource
import tracemalloc
import zipfile
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unisono.directory.replicators import xlsx
from unisono.directory.replicators.problems import words
from unisono.directory.replicators.source import Record
from unisono.directory.replicators.suggest import suggest
from unisono.directory.replicators.vcard_file import VcardFile, VcardSettings
from unisono.directory.replicators.xlsx_file import XlsxFile, XlsxSettings
from unisono.directory.replicators.xml_file import XmlFile, XmlSettings
from unisono.directory.runs.model import BadRow
from unisono.kernel.errors import Invalid

# XLSX


def workbook(file: Path, rows: list[list[object]], title: str = "Contacts") -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    book.save(file)
    return file


def test_a_workbook(tmp_path: Path) -> None:
    file = workbook(
        tmp_path / "c.xlsx",
        [
            ["Id", "Name", "Telefono", "Nato", "Visto", "VIP", "Saldo"],
            [7, "Jörg  Groß ", 432546462, date(1976, 11, 23), datetime(2026, 11, 26, 18, 30), True, 1.5],
            [None, None, None],
            [8, "Anna", "0432 551111", None, None, False],
        ],
    )
    source = XlsxFile(XlsxSettings(str(file)))
    assert source.check().peer == "XLSX, Contacts"
    assert list(source.read(None)) == [
        Record(
            "",
            {
                "Id": "7", "Name": "Jörg  Groß", "Telefono": "432546462", "Nato": "1976-11-23",
                "Visto": "2026-11-26T18:30:00", "VIP": "true", "Saldo": "1.5",
            },
            2,
        ),
        Record("", {"Id": "8", "Name": "Anna", "Telefono": "0432 551111", "Nato": "", "Visto": "", "VIP": "false"}, 4),
    ]  # fmt: skip
    assert {rule.field for rule in suggest(source.columns())} == {"entry_id", "display_name", "phone_business"}


def test_what_is_no_workbook_says_what_to_do(tmp_path: Path) -> None:
    """A workbook with a password, and an old .xls, begin alike and are no ZIP."""
    file = tmp_path / "locked.xlsx"
    file.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000))
    with pytest.raises(Invalid, match="without a password"):
        XlsxFile(XlsxSettings(str(file))).columns()


def test_titles_below_the_name_of_the_list(tmp_path: Path) -> None:
    rows: list[list[object]] = [["Kundenliste 2026"], [], ["Vorname", "Nachname", "Telefon"], ["Anna", "Rossi", "0432 5"]]
    found = XlsxFile(XlsxSettings(str(workbook(tmp_path / "c.xlsx", rows))))
    assert list(found.read(None)) == [Record("", {"Vorname": "Anna", "Nachname": "Rossi", "Telefon": "0432 5"}, 4)]
    assert [(c.name, c.samples) for c in found.columns()][:1] == [("Vorname", ("Anna",))]
    assert found.check().notes == (BadRow(0, "rows-above", {"rows": 1}),)


def test_sheets_by_name(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Hidden"
    book.active.sheet_state = "hidden"
    book.create_sheet("Firms").append(["Firm A", "0432 551111"])
    book.create_sheet("Other").append(["Firm", "Phone"])
    book["Other"].append(["Firm B", "0432 552222", "", "too wide"])
    book["Other"].append(["Firm C", "0432 553333", "", " ", '=""'])
    book["Other"]["AB4"] = "far away"
    book.save(tmp_path / "c.xlsx")
    first = XlsxFile(XlsxSettings(str(tmp_path / "c.xlsx")))
    assert list(first.read(None)) == [Record("", {"Column 1": "Firm A", "Column 2": "0432 551111"}, 1)]
    assert [note.code for note in first.check().notes] == ["no-header"]
    other = XlsxFile(XlsxSettings(str(tmp_path / "c.xlsx"), sheet="Other"))
    wide = BadRow(2, "cell-outside", {"cell": "D2", "columns": 2})
    assert list(other.read(None)) == [
        wide,
        Record("", {"Firm": "Firm C", "Phone": "0432 553333"}, 3),
        BadRow(4, "cell-outside", {"cell": "AB4", "columns": 2}),
    ]
    assert words(wide).startswith("its cell D2 stands outside the table of 2 columns; give that column a title")
    with pytest.raises(Invalid, match="Firms, Other"):
        list(XlsxFile(XlsxSettings(str(tmp_path / "c.xlsx"), sheet="Hidden")).read(None))


CELLS = st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=12
)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=8))
def test_what_openpyxl_writes_is_read_back(rows: list[list[object]]) -> None:
    out = io.BytesIO()
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([f"'{cell}" if isinstance(cell, str) and cell[:1] in "='#" else cell for cell in row])
    book.save(out)
    out.seek(0)
    found = dict(xlsx.Workbook(out).rows("Sheet"))
    for number, row in enumerate(rows, 1):
        cells = [shown(f"'{c}" if isinstance(c, str) and c[:1] in "='#" else c) for c in row]
        while cells and not cells[-1]:
            cells.pop()
        assert found.get(number, []) == cells


def shown(cell: object) -> str:
    if cell is None:
        return ""
    return str(cell).lower() if isinstance(cell, bool) else str(cell).strip()


def damaged(tmp_path: Path, name: str, content: bytes) -> XlsxFile:
    """A workbook with one of its parts exchanged."""
    good = workbook(tmp_path / "good.xlsx", [["Name"], ["Anna"]])
    bad = tmp_path / "bad.xlsx"
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.namelist():
            target.writestr(part, content if part == name else source.read(part))
    return XlsxFile(XlsxSettings(str(bad)))


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><worksheet><row>&b;</row></worksheet>'


@pytest.mark.parametrize("content", [b"", b"no xml", b"<worksheet><sheetData><row>", BOMB])
def test_broken_sheets(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Invalid):
        list(damaged(tmp_path, "xl/worksheets/sheet1.xml", content).read(None))


def test_numbers_that_are_none_are_texts(tmp_path: Path) -> None:
    cells = b"".join(b"<c><v>%s</v></c>" % value for value in (b"Anna", b"NaN", b"1e999", b"4.0"))
    titles = b"".join(b"<c><v>%s</v></c>" % value for value in (b"Name", b"Street", b"City", b"Phone"))
    sheet = b"<worksheet><sheetData><row>%s</row><row>%s</row></sheetData></worksheet>" % (titles, cells)
    found = list(damaged(tmp_path, "xl/worksheets/sheet1.xml", sheet).read(None))
    assert [list(item.values.values()) for item in found if isinstance(item, Record)] == [["Anna", "NaN", "1e999", "4"]]


FORMATS = b'<numFmt numFmtId="x" formatCode="yyyy"/><cellXfs><xf numFmtId="x"/><xf numFmtId="14"/></cellXfs>'
MANY = b"9" * 5_000
"""Digits, more than Python makes a number of."""


@pytest.mark.parametrize(
    ("row", "cell", "read"),
    [
        (b'<row r="abc">', b"<c><v>4</v></c>", "4"),
        (b'<row r="-7">', b"<c><v>4</v></c>", "4"),
        (b'<row r="%s">' % MANY, b"<c><v>4</v></c>", "4"),
        (b"<row>", b'<c t="s"><v>%s</v></c>' % MANY, ""),
        (b"<row>", b'<c s="%s"><v>4</v></c>' % MANY, "4"),
        (b"<row>", b'<c s="0"><v>4</v></c>', "4"),
        (b"<row>", b'<c s="1"><v>46000</v></c>', "2029-12-10"),
        (b"<row>", b'<c s="1"><v>2958465</v></c>', "2958465"),
    ],
)
def test_numbers_that_count_nothing(tmp_path: Path, row: bytes, cell: bytes, read: str) -> None:
    """Of rows, texts, styles and formats; and dates behind the last one, in a workbook that counts from 1904."""
    good = damaged(tmp_path, "xl/styles.xml", b"<styleSheet>" + FORMATS + b"</styleSheet>")
    (tmp_path / "bad.xlsx").rename(tmp_path / "styled.xlsx")
    name = b'<c t="str"><v>Anna</v></c></row>'
    sheet = b"<worksheet>" + row + name + row + cell + name + b"</worksheet>"
    with zipfile.ZipFile(tmp_path / "styled.xlsx") as source, zipfile.ZipFile(tmp_path / "bad.xlsx", "w") as target:
        for part in source.namelist():
            content = sheet if part == "xl/worksheets/sheet1.xml" else source.read(part)
            target.writestr(part, content.replace(b"<workbookPr", b'<workbookPr date1904="1"', 1))
    with (tmp_path / "bad.xlsx").open("rb") as file:
        _, second = xlsx.Workbook(file).rows("Contacts")
    assert good.check().peer == "XLSX, Contacts"
    assert second[1] == [read, "Anna"]
    assert 0 < second[0] < 2**32


@pytest.mark.parametrize("packed", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_damaged_workbooks(tmp_path: Path, packed: int) -> None:
    """As half a download or a bad stick leaves them, however they were packed."""
    rows: list[list[object]] = [["Anna"] for _ in range(50)]
    good = workbook(tmp_path / "good.xlsx", rows)
    whole = io.BytesIO()
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(whole, "w", packed) as target:
        for part in source.namelist():
            target.writestr(part, source.read(part))
    chance = random.Random(7)
    refused = 0
    for _ in range(150):
        data = bytearray(whole.getvalue())
        at = chance.randrange(len(data))
        data[at : at + 8] = chance.randbytes(8)
        (tmp_path / "bad.xlsx").write_bytes(data)
        try:
            list(XlsxFile(XlsxSettings(str(tmp_path / "bad.xlsx"))).read(None))
        except Invalid:
            refused += 1
    assert refused


def test_a_bomb_takes_no_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = b'<row r="1"><c r="A1" t="inlineStr"><is><t>' + b"x" * 1000 + b"</t></is></c></row>"
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    source = damaged(tmp_path, "xl/worksheets/sheet1.xml", sheet + rows * 60_000 + b"</sheetData></worksheet>")
    assert (tmp_path / "bad.xlsx").stat().st_size < 1_000_000
    tracemalloc.start()
    assert sum(1 for _ in source.read(None)) == 60_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000
    monkeypatch.setattr(xlsx, "_MOST_UNPACKED", 1_000_000)
    with pytest.raises(Invalid) as caught:
        list(source.read(None))
    assert caught.value.code == "file-too-large"


def test_texts_that_cells_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Excel writes them: with runs of their own fonts, hints how to read them, and places outside of the table."""
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    cells = ("A1", 0), ("C1", 1), ("A2", 2), ("C2", 3), ("A3", 9)
    row = "".join(f'<row r="{place[1]}"><c r="{place}" t="s"><v>{number}</v></c></row>' for place, number in cells[4:])
    rows = "".join(
        f'<row r="{line}">' + "".join(f'<c r="{p}" t="s"><v>{n}</v></c>' for p, n in cells if p[1] == line) + "</row>"
        for line in "12"
    )
    texts = (
        "<si><t>Name</t></si><si><t>Phone</t></si>"
        "<si><r><t>Jörg </t></r><r><rPr><b/></rPr><t>Groß</t></r><rPh sb='0' eb='1'><t>yomi</t></rPh></si>"
        "<si><t>0432 551111</t></si>"
    )
    sheet = f"<worksheet {main}><sheetData>{rows}{row}</sheetData></worksheet>"
    source = damaged(tmp_path, "xl/worksheets/sheet1.xml", sheet.encode())
    with zipfile.ZipFile(tmp_path / "bad.xlsx", "a") as archive:
        archive.writestr("xl/sharedStrings.xml", f"<sst {main}>{texts}</sst>")
    assert list(source.read(None)) == [Record("", {"Name": "Jörg Groß", "Column 2": "", "Phone": "0432 551111"}, 2)]
    monkeypatch.setattr(xlsx, "_MOST_TEXTS", 10)
    with pytest.raises(Invalid) as caught:
        list(source.read(None))
    assert caught.value.code == "file-too-large"


# XML

PEOPLE = """<?xml version="1.0" encoding="iso-8859-1"?>
<export xmlns="urn:crm" xmlns:x="urn:x">
 <made>today</made>
 <contacts>
  <contact id="7"><name>Anna <!-- who? --></name><address><city>Udine</city></address>
   <phone type="work">0432 551111</phone><phone type="mobile">333 1234567</phone><x:mail>a@x.it</x:mail></contact>
  <contact id="8"><name>Jörg</name><tag>a</tag><tag>b</tag></contact>
 </contacts>
</export>
"""


@pytest.mark.parametrize("records", ["", "export/contacts/contact", "/export/contacts/contact"])
def test_xml(tmp_path: Path, records: str) -> None:
    file = tmp_path / "c.xml"
    file.write_bytes(PEOPLE.encode("latin-1"))
    source = XmlFile(XmlSettings(str(file), records=records, key="@id"))
    assert list(source.read(None)) == [
        Record(
            "7",
            {
                "@id": "7", "name": "Anna", "address.city": "Udine", "phone.1.@type": "work", "phone.1.text": "0432 551111",
                "phone.2.@type": "mobile", "phone.2.text": "333 1234567", "mail": "a@x.it",
            },
            5,
        ),
        Record("8", {"@id": "8", "name": "Jörg", "tag": ("a", "b")}, 7),
    ]  # fmt: skip
    rules = {(rule.field, rule.value, rule.kind) for rule in suggest(source.columns())}
    assert ("phone", "{phone.1.text}", "{phone.1.@type}") in rules
    assert ("business_city", "{address.city}", "") in rules


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not-xml"), ("no xml", "not-xml"), ("<a><b>", "not-xml"), ("<a/>", "no-records"),
        ('<!DOCTYPE a [<!ENTITY e "x">]><a><b><c>&e;</c></b></a>', "xml-doctype"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a><b><c/></b></a>', "xml-doctype"),
    ],
)  # fmt: skip
def test_what_is_no_xml_of_ours(tmp_path: Path, text: str, code: str) -> None:
    file = tmp_path / "c.xml"
    file.write_text(text)
    with pytest.raises(Invalid) as caught:
        XmlFile(XmlSettings(str(file))).columns()
    assert caught.value.code == code
    assert ("Save it without" in caught.value.message) == (code == "xml-doctype")


def test_much_xml_takes_little_memory(tmp_path: Path) -> None:
    file = tmp_path / "c.xml"
    with file.open("w") as out:
        out.write("<all>")
        for number in range(30_000):
            out.write(f"<contact><id>{number}</id><name>{'x' * 300}</name></contact>")
        out.write("</all>")
    tracemalloc.start()
    assert sum(1 for _ in XmlFile(XmlSettings(str(file))).read(None)) == 30_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000_000


def test_what_is_beside_the_records_takes_little_memory_too(tmp_path: Path) -> None:
    file = tmp_path / "c.xml"
    with file.open("w") as out:
        out.write("<all><contacts><contact><id>1</id></contact></contacts><log>")
        for number in range(400_000):
            out.write(f"<line at='{number}'>{'x' * 200}</line>")
        out.write("</log></all>")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert len(list(XmlFile(XmlSettings(str(file), records="all/contacts/contact")).read(None))) == 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000


@given(st.binary(max_size=200) | st.text("<a/b>!DOCTYPE []&;", max_size=80).map(str.encode))
def test_anything_can_be_dropped_on_them(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "anything"
    file.write_bytes(data)
    for source in (XmlFile(XmlSettings(str(file))), XlsxFile(XlsxSettings(str(file))), VcardFile(VcardSettings(str(file)))):
        with suppress(Invalid):
            source.check()
            assert all(isinstance(item, Record | BadRow) for item in source.read(None))


# vCard


def test_vcards(tmp_path: Path) -> None:
    file = tmp_path / "c.vcf"
    file.write_bytes(
        b"BEGIN:VCARD\r\nVERSION:2.1\r\nN:Gro=C3=9F;J=C3=B6rg;;;\r\n"
        b"FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=B6rg Gro=C3=9F\r\nTEL;WORK;VOICE:0432 551111\r\nEND:VCARD\r\n"
        b"BEGIN:VCARD\nVERSION:4.0\nUID:urn:uuid:7\nFN:Anna Ros\n si\nTEL;TYPE=cell;VALUE=uri:tel:+39-333-1234567\n"
        b"EMAIL:a@x.it\nEND:VCARD\n"
    )
    source = VcardFile(VcardSettings(str(file)))
    first, second = [item for item in source.read(None) if isinstance(item, Record)]
    assert first.values["FN"] == "Jörg Groß"
    assert (second.key, second.values["FN"], second.line) == ("urn:uuid:7", "Anna Rossi", 7)
    fields = {rule.field for rule in suggest(source.columns())}
    assert {"display_name", "phone_business", "phone_mobile", "email"} <= fields


def test_a_card_that_is_larger_than_a_record_is_said(tmp_path: Path) -> None:
    file = tmp_path / "c.vcf"
    anna = "BEGIN:VCARD\nFN:Anna\nTEL:0432 1\n"
    notes = "".join(f"X-{number}:{'x' * 1_000}\n" for number in range(150))
    file.write_text(f"{anna}{notes}END:VCARD\n{anna}END:VCARD\n")
    large, read = VcardFile(VcardSettings(str(file))).read(None)
    assert isinstance(large, BadRow)
    assert (large.code, large.line) == ("row-too-long", 1)
    assert words(large) == "it has 150,010 characters; a row may have 131,072"
    assert isinstance(read, Record)
