"""CSV files as sources: the same rows however the file is cut into parts."""

from codecs import lookup
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unisono.directory.replicators import table
from unisono.directory.replicators.csv_file import KIND, CsvFile, CsvSettings, Encoding
from unisono.directory.replicators.source import Divisible, Part, Record
from unisono.directory.replicators.suggest import suggest
from unisono.directory.replicators.table import Dialect
from unisono.directory.runs.model import BadRow
from unisono.kernel.errors import Invalid
from unisono.kernel.settings import parse, schema, secret_names


def source(tmp_path: Path, data: bytes, **wanted: str) -> CsvFile:
    file = tmp_path / "contacts.csv"
    file.write_bytes(data)
    return CsvFile(CsvSettings(str(file), **wanted))  # type: ignore[arg-type]


def records(csv_file: CsvFile) -> list[Record]:
    return [item for item in csv_file.read(None) if isinstance(item, Record)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_usual_encoding_and_line_end(tmp_path: Path, encoding: str, newline: str) -> None:
    text = f"Firma;Telefon{newline}Müller;0432 5{newline}{newline}À la carte;0432 6{newline}"
    found = source(tmp_path, text.encode(encoding))
    assert isinstance(found, Divisible)
    assert records(found) == [
        Record("", {"Firma": "Müller", "Telefon": "0432 5"}, 2),
        Record("", {"Firma": "À la carte", "Telefon": "0432 6"}, 4),
    ]
    assert [(c.name, c.samples) for c in found.columns()] == [
        ("Firma", ("Müller", "À la carte")),
        ("Telefon", ("0432 5", "0432 6")),
    ]
    assert {rule.field for rule in suggest(found.columns())} == {"company", "phone_business"}


ABOVE = "Kundenliste 2026\n\nStand;23.11.2026\n"


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_titles_below_the_name_of_the_list(tmp_path: Path, newline: str) -> None:
    text = ABOVE + 'Vorname;Nachname;Telefon;\nAnna;Rossi;0432 5;\n"Ben";Verdi;0432 6;x\n'
    found = source(tmp_path, text.replace("\n", newline).encode())
    assert records(found) == [
        Record("", {"Vorname": "Anna", "Nachname": "Rossi", "Telefon": "0432 5"}, 5),
        Record("", {"Vorname": "Ben", "Nachname": "Verdi", "Telefon": "0432 6", "Column 4": "x"}, 6),
    ]
    assert [(c.name, c.samples) for c in found.columns()][:1] == [("Vorname", ("Anna", "Ben"))]
    assert found.check().notes == (BadRow(0, "rows-above", {"rows": 2}),)


@pytest.mark.parametrize(
    "text",
    [
        "Name;Phone\nAnna;1;x\n",
        "Name\nAnna;Rossi;0432 55555\n",
        "a\nb\n" * 6 + "Vorname;Nachname\nAnna;Rossi\n",
        "Anna;Rossi;0432 55555\nVorname;Nachname;Telefon\n",
        "Anna;0432 55555;x\nBen;0432 55556;name;phone\n",
    ],
)
def test_what_does_not_stand_above_titles_is_a_record(tmp_path: Path, text: str) -> None:
    assert not any(note.code == "rows-above" for note in source(tmp_path, text.encode()).check().notes)


def test_nothing_stands_above_titles_that_were_said_to_be_first(tmp_path: Path) -> None:
    found = source(tmp_path, (ABOVE + "Vorname;Nachname;Telefon\n").encode(), header="yes")
    assert [c.name for c in found.columns()] == ["Kundenliste 2026"]


def test_what_is_set_is_not_guessed(tmp_path: Path) -> None:
    found = source(tmp_path, b"a;b,c\nd;e,f\n", delimiter=",", header="yes", encoding="cp1252")
    assert records(found) == [Record("", {"a;b": "d;e", "c": "f"}, 2)]
    assert found.check().peer == "CSV, cp1252, ','"
    assert [c.name for c in source(tmp_path, b"Name,Phone\nA,1\n", header="no").columns()] == ["Column 1", "Column 2"]


def test_a_row_wider_than_the_table_is_bad(tmp_path: Path) -> None:
    """Unless there is nothing in what is too much."""
    found = source(tmp_path, b'Company;Phone\nA;1\nB;2;;3\nC;3\nD;4;; ;""\n')
    assert [item for item in found.read(None) if isinstance(item, BadRow)] == [
        BadRow(3, "more-cells", {"cells": 4, "columns": 2})
    ]
    assert [record.values["Company"] for record in records(found)] == ["A", "C", "D"]


@pytest.mark.parametrize("encoding", get_args(Encoding))
def test_an_encoding_that_is_said(tmp_path: Path, encoding: str) -> None:
    """All but those of Unicode hold ASCII as it is, byte by byte: nothing else is looked at to cut a file into cells."""
    assert encoding == lookup(encoding).name
    if not encoding.startswith("utf"):
        assert bytes(range(128)).decode(encoding) == "".join(map(chr, range(128)))
        assert all(len(bytes([code]).decode(encoding, "replace")) == 1 for code in range(128, 256))
    sign = next(each for each in "éЖή" if each.encode(encoding, "ignore"))
    found = source(tmp_path, f'Name;Note\n{sign};"a;{sign}\nb"\n'.encode(encoding), encoding=encoding)
    assert [record.values for record in records(found)] == [{"Name": sign, "Note": f"a;{sign}\nb"}]
    assert found.check().notes == ()


def test_a_byte_that_an_encoding_does_not_have_is_said(tmp_path: Path) -> None:
    found = source(tmp_path, b"Name;Phone\n\xd2;1\nA;2\n", encoding="cp1253")
    bad = [item for item in found.read(None) if isinstance(item, BadRow)]
    assert [(row.line, row.data["encoding"], row.data["byte"]) for row in bad] == [(2, "cp1253", "D2")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(("said", "sign"), [("sep=;", ";"), ('"sep=|"', "|"), ("SEP=\t", "\t"), ("sep=^", "^")])
def test_a_first_line_for_excel_says_the_delimiter(tmp_path: Path, encoding: str, newline: str, said: str, sign: str) -> None:
    text = newline.join((said, f"Firma{sign}Telefon", f"Müller, Söhne, Erben{sign}1,2,3", ""))
    found = source(tmp_path, text.encode(encoding))
    assert records(found) == [Record("", {"Firma": "Müller, Söhne, Erben", "Telefon": "1,2,3"}, 3)]
    assert found.check().records == 1


@pytest.mark.parametrize("title", ["Name", '"Name\nin two lines"'])
def test_columns_without_a_title_are_numbered(tmp_path: Path, title: str) -> None:
    name = title.strip('"')
    rows = "A,x,1,y\n" + "B,,2,\n" * 60 + "C,,3,z,\nD,,4,,too much\n"
    found = source(tmp_path, f"{title},,phone,\n{rows}".encode())
    assert [column.name for column in found.columns()] == [name, "Column 2", "phone", "Column 4"]
    assert records(found)[0].values == {name: "A", "Column 2": "x", "phone": "1", "Column 4": "y"}
    assert records(found)[-1].values == {name: "C", "Column 2": "", "phone": "3", "Column 4": "z"}
    assert [(bad.code, bad.data) for bad in found.read(None) if isinstance(bad, BadRow)] == [
        ("more-cells", {"cells": 5, "columns": 4})
    ]


def test_a_nul_costs_no_row(tmp_path: Path) -> None:
    found = source(tmp_path, b'Company;Phone\nA;1\nB\0;2;\0\n"C\0";3\n\0\nD;4\n')
    assert list(found.read(None)) == [
        Record("", {"Company": name, "Phone": phone}, line)
        for name, phone, line in (("A", "1", 2), ("B", "2", 3), ("C", "3", 4), ("D", "4", 6))
    ]


@pytest.mark.parametrize("data", [b"", b"\n\n;;\n", b"\x00\x01\x02" * 50, b"PK\x03\x04" + b"\x00" * 30])
def test_what_is_no_table(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(Invalid):
        source(tmp_path, data).columns()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"no file .*nowhere\.csv"):
        CsvFile(CsvSettings(str(tmp_path / "nowhere.csv"))).check()
    with pytest.raises(Invalid, match="https"):
        CsvFile(CsvSettings("http://127.0.0.1/contacts.csv")).check()


def test_settings_are_declared() -> None:
    settings = parse({"file": "a.csv", "password": "rose"}, KIND.settings)
    assert "rose" not in repr(settings)
    assert secret_names(KIND.settings) == {"password"}
    assert "file" in str(schema(KIND.settings))
    with pytest.raises(Invalid) as caught:
        parse({"file": "a.csv", "encoding": "morse"}, KIND.settings)
    assert caught.value.data["field"] == "encoding"


ODD = ('"two\nlines";x', '"open;x', 'a;"open x', "a;b")
LINES = st.lists(st.text(st.sampled_from('ab ;,"é\t'), max_size=12) | st.sampled_from(ODD), min_size=1, max_size=30)


@settings(max_examples=300)
@given(LINES, st.sampled_from(["\n", "\r\n"]))
def test_the_quick_reader_reads_what_the_careful_one_does(lines: list[str], newline: str) -> None:
    data = newline.join("\n".join(lines).split("\n")).encode()
    quick = table._quick(data, 1, ";", "utf-8")
    careful = list(table._Reader(data, Part(0, len(data), 1), b";", "utf-8").rows())
    assert quick is None or quick == careful
    if '"' not in "".join(lines):
        assert quick is not None


ODD_LINES = st.sampled_from(["a;b", '"open;b', 'a;"open b', '"x\ny";z', "é;", ";;", '5" pipe;x', '"";"'])


@given(st.lists(ODD_LINES, min_size=1, max_size=200), st.integers(1, 60))
def test_parts_together_are_the_file(lines: list[str], size: int) -> None:
    data = "\n".join(lines).encode()
    dialect = Dialect("utf-8", ";")
    whole = list(table.read(data, dialect))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(table, "PART", size)
        parts = list(table.parts(data, dialect))
        cut = [row for part in parts for row in table.read_part(data, part, dialect)]
    assert cut == whole
    assert [part.begin for part in parts[1:]] == [part.end for part in parts[:-1]]
