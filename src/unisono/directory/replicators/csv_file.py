"""Tables as text: CSV and its relatives."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import Annotated, Literal

from msgspec import Meta

from unisono.directory import columns
from unisono.directory.replicators import table
from unisono.directory.replicators.files import FileSettings, kept, opened, written
from unisono.directory.replicators.problems import nothing_read
from unisono.directory.replicators.source import Check, Column, Item, Kind, Part, Record
from unisono.directory.replicators.table import Buffer, Dialect, Row
from unisono.directory.runs.model import BadRow

SAMPLES = 50
"""Rows that columns show as examples."""
FORMULA = r"[=+\-@\t\r＝＋－＠]"
"""What a spreadsheet takes for the beginning of a formula, unless a `'` stands before it."""
_GUARDED = re.compile(rf"'+{FORMULA}")
_MAY_BE_GUARDED = re.compile(rb"'[=+\-@\t\r\xef]")
"""The same in a whole file, by the first byte of the sign; quicker than to look at every cell."""


Encoding = Literal[
    "utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "cp1252",
    "cp437", "cp850", "cp852", "cp858", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257",
    "iso8859-1", "iso8859-2", "iso8859-15", "mac-roman",
]  # fmt: skip
"""As Python calls them; behind those of Unicode each letter is one byte, and the first 128 are those of ASCII."""


class CsvSettings(FileSettings, frozen=True, forbid_unknown_fields=True):
    """A table as text. What is left empty is found out."""

    delimiter: Annotated[str, Meta(max_length=1, description="The sign between two cells; empty: found out.")] = ""
    encoding: Annotated[
        Literal["", Encoding],
        Meta(description="How letters are coded; empty: found out, if it is UTF-8, UTF-16, UTF-32 or Windows-1252 (cp1252)."),
    ] = ""
    header: Annotated[
        Literal["", "yes", "no"], Meta(description="Whether the first row holds the columns' names; empty: found out.")
    ] = ""


class CsvFile:
    """A CSV file, as it was when it was first looked at."""

    def __init__(self, settings: CsvSettings) -> None:
        self._settings = settings

    def check(self) -> Check:
        above = (BadRow(0, "rows-above", {"rows": self._above}),) if self._above else ()
        notes = (*self.dialect.notes, *above, *(() if self.header else (BadRow(0, "no-header"),)))
        lines = sum(self._text[part.begin : part.end].count(b"\n") for part in self.parts())
        rows = lines + (self._text[-1:] not in (b"", b"\n")) - self._above - self.header
        return Check(f"CSV, {self.dialect.encoding}, {self.dialect.delimiter!r}", records=max(0, rows), notes=notes)

    def columns(self) -> Sequence[Column]:
        rows = self._first[int(self.header) :][:SAMPLES]
        return [
            Column(title, tuple(row[place] if place < len(row) else "" for row in rows))
            for place, title in enumerate(self._titles)
        ]

    def read(self, since: str | None) -> Iterator[Item]:
        for part in self.parts():
            yield from self.read_part(part)

    @property
    def size(self) -> int:
        return max(1, len(self._text))

    def parts(self) -> Iterator[Part]:
        return table.parts(self._text, self.dialect)

    def read_part(self, part: Part) -> Iterator[Record | BadRow]:
        titles, width = self._titles, len(self._titles)
        rows = self._rows(part)
        skip = self._above + self.header if part.begin == table.beginning(self._text)[0] else 0
        for row in rows:
            if isinstance(row, BadRow):
                yield row
            elif skip:
                skip -= 1
            elif len(row.cells) > width:
                yield BadRow(row.line, "more-cells", {"cells": len(row.cells), "columns": width})
            else:
                yield Record("", dict(zip(titles, row.cells, strict=False)), row.line)

    def _rows(self, part: Part) -> Iterator[Row | BadRow]:
        rows = table.read_part(self._text, part, self.dialect)
        if not _MAY_BE_GUARDED.search(self._text, part.begin, part.end):
            return rows
        return (Row(row.line, tuple(map(_plain, row.cells))) if isinstance(row, Row) else row for row in rows)

    @cached_property
    def _given(self) -> Buffer:
        with opened(self._settings) as file:
            return kept(file)

    @cached_property
    def dialect(self) -> Dialect:
        """How it is written."""
        found = table.sniff(self._given, self._settings.encoding)
        return Dialect(found.encoding, self._settings.delimiter or found.delimiter, found.notes)

    @cached_property
    def _text(self) -> Buffer:
        """The file, in a form that can be cut into parts."""
        if not table.needs_copy(self._given, self.dialect):
            return self._given
        return written(table.copied(self._given, self.dialect))

    @cached_property
    def _above(self) -> int:
        return columns.above(self._beginning) if not self._settings.header else 0

    @cached_property
    def _first(self) -> list[tuple[str, ...]]:
        return self._beginning[self._above :]

    @cached_property
    def _beginning(self) -> list[tuple[str, ...]]:
        rows = (row for part in self.parts() for row in self._rows(part))
        head = list(islice(rows, SAMPLES + 1))
        first = [row.cells for row in head if isinstance(row, Row)]
        if not first:
            raise nothing_read(head)
        return first

    @cached_property
    def header(self) -> bool:
        """Whether its first row holds the columns' names."""
        return self._settings.header == "yes" if self._settings.header else columns.has_header(self._first)

    @cached_property
    def _titles(self) -> list[str]:
        rows = self._first
        if self.header:
            unnamed = table.untitled(self._text, self.dialect, len(rows[0]), self._above)
            return columns.titles_of([(*rows[0], *("",) * unnamed)], header=True)
        # A single over-long row among the first must not widen the table.
        width = sorted(len(row) for row in rows)[len(rows) * 9 // 10]
        return columns.titles_of([row[:width] for row in rows], header=False)


def _plain(cell: str) -> str:
    """A cell without the `'` that keeps a spreadsheet from taking it for a formula."""
    return cell[1:].strip() if _GUARDED.match(cell) else cell


KIND = Kind(
    "csv",
    "CSV or text",
    CsvSettings,
    CsvFile,
    suffixes=(".csv", ".tsv", ".tab", ".txt"),
    harmless=frozenset({"delimiter", "encoding", "header"}),
)
