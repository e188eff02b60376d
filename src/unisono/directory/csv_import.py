"""From the rows of a file to contacts, with a reason for every row that becomes none. Pure."""

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from unisono.directory import columns
from unisono.directory.model import (
    CUSTOM,
    NUMBER_FIELDS,
    Address,
    AddressKind,
    Contact,
    ContactNumber,
    Field,
)
from unisono.directory.replicators import table
from unisono.directory.replicators.source import BadRow
from unisono.directory.replicators.table import Dialect, Row
from unisono.kernel.errors import Invalid

PREVIEW_ROWS = 50
MAX_ROWS = 2_000_000
MAX_FILE = 64 * 1024 * 1024
"""Bytes of a file."""
_MAX_TEXT = 2_000
_MAX_NUMBERS = 40

ReadNumber = Callable[[str], str]
"""A number as written to its super-canonical form, "" if it is none."""

_TEXTS = (
    Field.DISPLAY_NAME,
    Field.FIRST_NAME,
    Field.LAST_NAME,
    Field.COMPANY,
    Field.JOB_TITLE,
    Field.DEPARTMENT,
    Field.OFFICE_ROOM_NUMBER,
    Field.CUSTOMER_ID,
    Field.CTI_USER,
    Field.SIP_ADDRESS,
    Field.WEB,
    Field.NOTE,
    Field.DIRECT_LINK,
)
_EMAILS = (Field.EMAIL, Field.EMAIL_2, Field.EMAIL_3)
_ADDRESS_PARTS = ("street", "postal_code", "city", "state", "country")
_FIELDS = frozenset(field.value for field in Field)
_YES = frozenset({"1", "true", "yes", "y", "x", "si", "sì", "ja", "wahr", "vero"})


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would read: titles, the suggested field for each ("" for none), the first rows."""

    columns: tuple[str, ...]
    mapping: Mapping[str, str]
    rows: tuple[tuple[str, ...], ...]
    encoding: str
    delimiter: str
    header: bool
    problems: tuple[BadRow, ...]
    """Bad rows among the first, and (line 0) what is odd about the whole file."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file opened for import: how it is written and what its columns are called."""

    data: bytes
    dialect: Dialect
    titles: tuple[str, ...]
    header: bool


def open_source(data: bytes, mapped: Collection[str] = ()) -> Source:
    """Find out how a file is written. Raises `Invalid` if it is no table at all.

    `mapped`: titles that a mapping names. Where the first row holds them all, they settle that it is a header.
    """
    if len(data) > MAX_FILE:
        raise Invalid("file-too-large", f"The file has {len(data):,} bytes; at most {MAX_FILE:,} are read. Split it.")
    dialect = table.sniff(data)
    rows = [row.cells for row in _first_rows(data, dialect) if isinstance(row, Row)]
    if not rows:
        raise Invalid("empty-file", "The file has no row that can be read.")
    header = columns.has_header(rows) or (bool(mapped) and set(mapped) <= set(rows[0]))
    # A single over-long row among the first must not widen the table.
    width = len(rows[0]) if header else sorted(len(row) for row in rows)[len(rows) * 9 // 10]
    shown = [row[:width] for row in rows]
    return Source(data, dialect, tuple(columns.titles_of(shown, header=header)), header)


def _first_rows(data: bytes, dialect: Dialect) -> list[Row | BadRow]:
    return list(islice(table.read(data, dialect), PREVIEW_ROWS + 1))


def preview(data: bytes) -> Preview:
    """The first 50 rows and what they seem to mean."""
    source = open_source(data)
    first = _first_rows(data, source.dialect)
    rows = [row.cells for row in first if isinstance(row, Row)][int(source.header) :]
    mapping = columns.suggest(source.titles, rows, header=source.header)
    notes = list(source.dialect.notes)
    if not source.header:
        notes.append(BadRow(0, "no-header"))
    bad = [row for row in first if isinstance(row, BadRow)]
    width = len(source.titles)
    return Preview(
        source.titles,
        mapping,
        tuple((row + ("",) * width)[:width] for row in rows[:PREVIEW_ROWS]),
        source.dialect.encoding,
        source.dialect.delimiter,
        source.header,
        (*notes, *bad),
    )


def count_rows(data: bytes) -> int:
    """About how many rows a file has."""
    return max(1, max(data.count(b"\n"), data.count(b"\r")))


def check_mapping(source: Source, mapping: Mapping[str, str]) -> list[tuple[int, str]]:
    """Column numbers and their fields. Raises `Invalid` for unknown titles or fields, or a mapping nobody can be found by."""
    places = {title: number for number, title in enumerate(source.titles)}
    wanted: list[tuple[int, str]] = []
    for title, field in mapping.items():
        if not field:
            continue
        if title not in places:
            raise Invalid("unknown-column", f"The file has no column {title!r}.", data={"field": title})
        if not field.startswith(CUSTOM) and field not in _FIELDS:
            raise Invalid("unknown-field", f"There is no field {field!r}.", data={"field": title})
        wanted.append((places[title], field))
    doubled = {f for _, f in wanted if not f.startswith(CUSTOM) and [w for _, w in wanted].count(f) > 1}
    if doubled:
        raise Invalid("field-twice", f"More than one column is mapped to {', '.join(sorted(doubled))}.")
    if not {f for _, f in wanted} & _FINDABLE:
        raise Invalid("nothing-mapped", "Map at least one column to a name, a company, a number or an e-mail address.")
    return wanted


_FINDABLE = frozenset(
    field.value
    for field in (Field.DISPLAY_NAME, Field.FIRST_NAME, Field.LAST_NAME, Field.COMPANY, *_EMAILS, *NUMBER_FIELDS)
)


class Importer:
    """Turns the rows of one file into contacts of one book; remembers the keys it has met."""

    def __init__(self, source: Source, mapping: Mapping[str, str], book: str, read_number: ReadNumber) -> None:
        self._source = source
        self._wanted = check_mapping(source, mapping)
        self._book = book
        self._read_number = read_number
        self._lines: dict[bytes, int] = {}
        self.done = 0
        """Rows read so far."""

    def contacts(self) -> Iterator[Contact | BadRow]:
        """Every row of the file as a contact, or why it is none."""
        rows = table.read(self._source.data, self._source.dialect)
        skip = self._source.header
        for count, row in enumerate(rows):
            if count >= MAX_ROWS:
                yield BadRow(row.line, "too-many-rows", {"most": MAX_ROWS})
                return
            self.done += 1
            if isinstance(row, BadRow):
                yield row
            elif skip:
                skip = False
            else:
                yield self._contact(row)

    def _contact(self, row: Row) -> Contact | BadRow:
        width = len(self._source.titles)
        if len(row.cells) > width:
            return BadRow(row.line, "more-cells", {"cells": len(row.cells), "columns": width})
        filled = {field: row.cells[n] for n, field in self._wanted if n < len(row.cells) and row.cells[n]}
        if filled.get(Field.PRIVATE_CONTACT.value, "").casefold() in _YES:
            return BadRow(row.line, "private")
        long = next((f for f, text in filled.items() if len(text) > _MAX_TEXT and f != Field.NOTE.value), None)
        if long is not None:
            found: dict[str, str | int] = {"field": long, "characters": len(filled[long]), "most": _MAX_TEXT}
            return BadRow(row.line, "text-too-long", found)
        if not _FINDABLE & filled.keys():
            return BadRow(row.line, "nothing-findable")
        return self._with_key(row, filled)

    def _with_key(self, row: Row, filled: Mapping[str, str]) -> Contact | BadRow:
        numbers = tuple(
            ContactNumber(kind, filled[field.value], self._read_number(filled[field.value]))
            for field, kind in NUMBER_FIELDS.items()
            if field.value in filled
        )
        key = filled.get(Field.ENTRY_ID.value, "")
        if key:
            first = self._lines.setdefault(_digest(key), row.line)
            if first != row.line:
                return BadRow(row.line, "key-twice", {"key": key, "first": first})
        else:
            whole = _digest(*(f"{field}={text}" for field, text in sorted(filled.items())))
            first = self._lines.setdefault(whole, row.line)
            if first != row.line:
                return BadRow(row.line, "row-twice", {"first": first})
            key = self._own_key(filled, numbers, row.line)
        return contact_of(contact_id(self._book, key), self._book, key, filled, numbers)

    def _own_key(self, filled: Mapping[str, str], numbers: Sequence[ContactNumber], line: int) -> str:
        """A key for a row without one, the same when the same file comes again."""
        names = [filled.get(f.value, "") for f in (Field.DISPLAY_NAME, Field.FIRST_NAME, Field.LAST_NAME, Field.COMPANY)]
        first = numbers[0].canonical or numbers[0].raw if numbers else filled.get(Field.EMAIL.value, "")
        key, times = _digest(*names, first), 1
        while self._lines.setdefault(key, line) != line:
            times += 1
            key = _digest(*names, first, str(times))
        return f"row-{key.hex()}"


def contact_id(book: str, source_key: str) -> str:
    """The same id for the same source record, whenever it is imported: notes and journal keep pointing to it."""
    return _digest(book, source_key).hex()


def _digest(*parts: str) -> bytes:
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def contact_of(
    id_: str, book: str, key: str, filled: Mapping[str, str], numbers: tuple[ContactNumber, ...]
) -> Contact:
    """A contact from its filled fields."""
    addresses = []
    for kind in AddressKind:
        parts = {part: filled.get(f"{kind.value}_{part}", "") for part in _ADDRESS_PARTS}
        if any(parts.values()):
            addresses.append(Address(kind, **parts))
    texts = {field.value: filled[field.value] for field in _TEXTS if field.value in filled}
    joined = f"{texts.get('first_name', '')} {texts.get('last_name', '')}".strip()
    texts.setdefault("display_name", joined or texts.get("company", ""))
    return Contact(
        id=id_,
        book=book,
        source_key=key,
        numbers=numbers[:_MAX_NUMBERS],
        emails=tuple(filled[field.value] for field in _EMAILS if field.value in filled),
        addresses=tuple(addresses),
        custom={f.removeprefix(CUSTOM): text for f, text in filled.items() if f.startswith(CUSTOM)},
        **texts,
    )
