"""Workbooks of Excel and its relatives (XLSX)."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import Annotated, Literal

from msgspec import Meta

from unisono.directory import columns
from unisono.directory.replicators.files import FileSettings, opened
from unisono.directory.replicators.source import MAX_COLUMNS, Check, Column, Item, Kind, Record
from unisono.directory.replicators.xlsx import Workbook, letters_of
from unisono.directory.runs.model import BadRow
from unisono.kernel.errors import Invalid

SAMPLES = 50


class XlsxSettings(FileSettings, frozen=True, forbid_unknown_fields=True):
    """A sheet of a workbook."""

    sheet: Annotated[str, Meta(max_length=100, description="Name of the sheet; empty: the first one.")] = ""
    header: Annotated[
        Literal["", "yes", "no"], Meta(description="Whether the first row holds the columns' names; empty: found out.")
    ] = ""


class XlsxFile:
    """A workbook."""

    def __init__(self, settings: XlsxSettings) -> None:
        self._settings = settings

    def check(self) -> Check:
        above = (BadRow(0, "rows-above", {"rows": self._above}),) if self._above else ()
        notes = (*above, *(() if self._header else (BadRow(0, "no-header"),)))
        with opened(self._settings) as file:
            return Check(f"XLSX, {', '.join(Workbook(file).sheets)}", notes=notes)

    def columns(self) -> Sequence[Column]:
        rows = self._first[int(self._header) :][:SAMPLES]
        return [
            Column(title, tuple(row[place] if place < len(row) else "" for row in rows))
            for place, title in enumerate(self._titles)
        ]

    def read(self, since: str | None) -> Iterator[Item]:
        titles, width, skip = self._titles, len(self._titles), self._above + self._header
        for line, cells in self._rows():
            if skip:
                skip -= 1
            elif len(cells) > width:
                place = next(place for place in range(width, len(cells)) if cells[place])
                yield BadRow(line, "cell-outside", {"cell": f"{letters_of(place)}{line}", "columns": width})
            else:
                yield Record("", dict(zip(titles, cells, strict=False)), line)

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        with opened(self._settings) as file:
            workbook = Workbook(file)
            yield from workbook.rows(self._settings.sheet or next(iter(workbook.sheets)))

    @cached_property
    def _above(self) -> int:
        return columns.above(self._beginning) if not self._settings.header else 0

    @cached_property
    def _first(self) -> list[list[str]]:
        return self._beginning[self._above :]

    @cached_property
    def _beginning(self) -> list[list[str]]:
        found = [cells for _, cells in islice(self._rows(), SAMPLES + 1)]
        if not found:
            raise Invalid("empty-file", "The sheet has no row that can be read.", data={"field": "file"})
        return found

    @cached_property
    def _header(self) -> bool:
        return self._settings.header == "yes" if self._settings.header else columns.has_header(self._first)

    @cached_property
    def _titles(self) -> list[str]:
        rows = self._first
        width = len(rows[0]) if self._header else sorted(len(row) for row in rows)[len(rows) * 9 // 10]
        return columns.titles_of([row[: min(width, MAX_COLUMNS)] for row in rows], header=self._header)


KIND = Kind(
    "xlsx",
    "Excel (XLSX)",
    XlsxSettings,
    XlsxFile,
    suffixes=(".xlsx", ".xlsm"),
    harmless=frozenset({"sheet", "header"}),
)
