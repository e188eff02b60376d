"""The rows of a sheet of an XLSX workbook (ECMA-376), read as a stream: of a large sheet only a row at a time is held.

A workbook is a ZIP archive of XML. How large its parts claim to be unpacked is checked first, and no part gives more than it
claims; document types are refused.
"""

import errno
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from math import isfinite
from posixpath import join, normpath
from typing import IO

from lxml import etree

from unisono.kernel.errors import Invalid

_MOST_UNPACKED = 2 * 1024**3
"""Bytes of a part, unpacked."""
_MOST_TEXTS = 512 * 1024**2
"""Bytes of the part with the texts that cells share: it is held in memory."""
_NONE = "The file is no XLSX workbook. If it has a password, or is an old .xls, save it as .xlsx without a password."
_MOST_PARTS = 10_000
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_PLACE = re.compile(r"([A-Z]{1,3})\d+")
_COUNT = re.compile(r"[0-9]{1,9}")
"""Numbers of rows, texts, styles and formats: what is longer counts nothing that there is."""
_DATE_FORMATS = frozenset({*range(14, 18), 22, *range(27, 32), 36, *range(50, 59)})
"""Built-in number formats that show a date (ECMA-376 Part 1, 18.8.30), those with a time alone left out."""
_DATE_SIGNS = re.compile(r"(?i)[dy]")
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, UnicodeDecodeError, NotImplementedError, EOFError, OSError,
)  # fmt: skip
"""What an archive raises that is none, is damaged, or is packed in a way that nobody here knows."""
_NO_SIGNS = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')


class Workbook:
    """A workbook that was opened. Raises `Invalid` for what is none, or too large."""

    def __init__(self, file: IO[bytes]) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
        except _DAMAGED as error:
            _raise_of_disk(error)
            raise Invalid("not-xlsx", _NONE, data={"field": "file"}) from error
        if len(self._zip.infolist()) > _MOST_PARTS:
            raise _too_large(f"it has more than {_MOST_PARTS:,} parts")
        self._since = datetime(1899, 12, 30)
        self.sheets = self._read_sheets()
        """The parts of the sheets by name, in their order."""

    def rows(self, name: str) -> Iterator[tuple[int, list[str]]]:
        """The rows of a sheet with their numbers, empty ones left out; dates as ISO 8601. Raises `Invalid`."""
        if name not in self.sheets:
            known = ", ".join(self.sheets)
            message = f"There is no sheet {name!r}; there are {known}."
            raise Invalid("no-sheet", message, data={"field": "sheet", "sheet": name, "sheets": known})
        texts, dates = self._texts(), self._date_styles()
        number = 0
        for row in self._elements(self.sheets[name], "row"):
            number = _count(row.get("r"), number + 1)
            cells: list[str] = []
            for cell in row:
                place = _PLACE.fullmatch(cell.get("r") or "")
                column = _column(place[1]) if place else len(cells)
                cells.extend([""] * (column - len(cells)))
                cells.append(self._value(cell, texts, dates))
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                yield number, cells

    def _value(self, cell: etree._Element, texts: list[str], dates: frozenset[int]) -> str:
        kind = cell.get("t") or "n"
        if kind == "inlineStr":
            return _text(cell).strip()
        value = next((child.text or "" for child in cell if _local(child) == "v"), "")
        match kind:
            case "s":
                place = _count(value, len(texts))
                return texts[place] if place < len(texts) else ""
            case "b":
                return "true" if value == "1" else "false"
            case "e":
                return ""
            case "n" if value:
                return self._number(value, is_date=_count(cell.get("s")) in dates)
        return value.strip()

    def _number(self, value: str, *, is_date: bool) -> str:
        try:
            number = float(value)
        except ValueError:
            return value.strip()
        if not isfinite(number):
            return value.strip()
        if is_date and 0 < number < (datetime.max - self._since).days:
            moment = self._since + timedelta(days=number)
            return moment.date().isoformat() if number == int(number) else moment.isoformat(timespec="seconds")
        return str(int(number)) if number == int(number) and abs(number) < 1e15 else value

    def _read_sheets(self) -> dict[str, str]:
        targets = {
            str(each.get("Id")): normpath(join("xl", str(each.get("Target")))).removeprefix("/").removeprefix("xl//xl/")
            for each in self._elements("xl/_rels/workbook.xml.rels", "Relationship")
        }
        sheets: dict[str, str] = {}
        for each in self._elements("xl/workbook.xml", "sheet", "workbookPr"):
            if _local(each) == "workbookPr":
                if each.get("date1904") in ("1", "true"):
                    self._since = datetime(1904, 1, 1)
                continue
            target = targets.get(str(each.get(_RELATION) or each.get(_STRICT_RELATION)), "")
            target = target if target.startswith("xl/") else f"xl/{target}"
            if each.get("state", "visible") == "visible" and target in self._zip.namelist():
                sheets[str(each.get("name"))] = target
        if not sheets:
            raise Invalid("not-xlsx", "The file is no XLSX workbook.", data={"field": "file"})
        return sheets

    def _texts(self) -> list[str]:
        name = "xl/sharedStrings.xml"
        if name not in self._zip.namelist():
            return []
        if self._zip.getinfo(name).file_size > _MOST_TEXTS:
            raise _too_large(f"its texts have more than {_MOST_TEXTS:,} bytes")
        return [_text(each).strip() for each in self._elements(name, "si")]

    def _date_styles(self) -> frozenset[int]:
        """The styles that show a number as a date."""
        if "xl/styles.xml" not in self._zip.namelist():
            return frozenset()
        formats, styles, place = set(_DATE_FORMATS), set(), 0
        for each in self._elements("xl/styles.xml", "numFmt", "cellXfs"):
            if _local(each) == "numFmt":
                if _DATE_SIGNS.search(_NO_SIGNS.sub("", each.get("formatCode") or "")):
                    formats.add(_count(each.get("numFmtId")))
                continue
            for style in each:
                if _local(style) == "xf":
                    if _count(style.get("numFmtId"), 0) in formats:
                        styles.add(place)
                    place += 1
        return frozenset(styles)

    def _elements(self, part: str, *names: str) -> Iterator[etree._Element]:
        """The elements of a part with one of these names, each when it ends; their memory is given back then."""
        try:
            if self._zip.getinfo(part).file_size > _MOST_UNPACKED:
                raise _too_large(f"{part} has more than {_MOST_UNPACKED:,} bytes")
            with self._zip.open(part) as file:
                walk = etree.iterparse(
                    file, events=("end",), resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False
                )
                first = True
                for _, element in walk:
                    if first and element.getroottree().docinfo.doctype:
                        message = "XML with a document type is not read. Save the table anew."
                        raise Invalid("xml-doctype", message, data={"field": "file"})
                    first = False
                    if isinstance(element.tag, str) and _local(element) in names:
                        yield element
                        element.clear()
                        parent = element.getparent()
                        while parent is not None and element.getprevious() is not None:
                            del parent[0]
        except (KeyError, etree.XMLSyntaxError, *_DAMAGED) as error:
            _raise_of_disk(error)
            raise Invalid("not-xlsx", f"The file is no whole XLSX workbook: {error}.", data={"field": "file"}) from error
        except RuntimeError as error:  # encrypted
            raise Invalid("not-xlsx", "The workbook is protected by a password.", data={"field": "file"}) from error


def _raise_of_disk(error: Exception) -> None:
    """Raise what the file's disk said, which is no damage of the archive: damage makes `zipfile` raise an `OSError` without a
    number, or seek to where nothing is (EINVAL).
    """
    for each in (error, error.__context__):  # `zipfile` takes one that comes early for the end of what is no archive
        if isinstance(each, OSError) and each.errno not in (None, errno.EINVAL):
            raise each


def _local(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _text(element: etree._Element) -> str:
    """The text of an element without its phonetic hints (rPh)."""
    shown = (each for each in element.iter() if _local(each) == "t")
    return "".join(each.text or "" for each in shown if not any(_local(above) == "rPh" for above in each.iterancestors()))


def _count(text: str | None, otherwise: int = -1) -> int:
    """A number that counts something; `otherwise` if there is none."""
    return int(text) if text and _COUNT.fullmatch(text) else otherwise


def _column(letters: str) -> int:
    """`A` is 0, `AA` is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def letters_of(column: int) -> str:
    """0 is `A`, 26 is `AA`."""
    letters = ""
    while column >= 0:
        column, letter = divmod(column, 26)
        letters, column = chr(65 + letter) + letters, column - 1
    return letters


def _too_large(why: str) -> Invalid:
    return Invalid("file-too-large", f"The workbook is too large: {why}.", data={"field": "file"})
