"""Tables as text (RFC 4180), for spreadsheets and programs."""

import csv
import re
from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from unisono.directory.exporters.model import ExportColumn, Exported
from unisono.directory.exporters.selection import all_of
from unisono.directory.exporters.values import FIELDS
from unisono.directory.exporters.writer import Kind
from unisono.directory.replicators.csv_file import FORMULA

_BETWEEN = "; "
"""What stands between several values in one cell."""
_FORMULA = re.compile(rf"'*{FORMULA}")
"""What gets a guard: also what would be taken for guarded already, so that our own reader takes off what was put on."""
_NUMBER = re.compile(r"[+\-]?[\d \u00a0()/.\-]*")
_BOM = "\ufeff"


class CsvSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table as text."""

    delimiter: Annotated[Literal[",", ";", "tab"], Meta(description="The sign between two cells.")] = ";"
    encoding: Annotated[
        Literal["utf-8-bom", "utf-8", "cp1252"],
        Meta(description="How letters are coded; utf-8-bom is understood by Excel, cp1252 has Western letters only."),
    ] = "utf-8-bom"
    header: Annotated[bool, Meta(description="Whether the first row holds the columns' names.")] = True
    guard: Annotated[
        bool, Meta(description="For spreadsheets: a text that would be a formula there (=, +, -, @) gets a ' in front.")
    ] = True


class _Echo:
    """Gives a row back instead of writing it."""

    @staticmethod
    def write(text: str) -> str:
        return text


class CsvWriter:
    """Writes a table."""

    def __init__(self, settings: CsvSettings, names: Sequence[str]) -> None:
        self._settings = settings
        self._names = names
        self._encoding = settings.encoding.removesuffix("-bom")
        # Quoted as a whole, a cell cannot be cut in two by a spreadsheet that expects another sign between cells.
        quoting: Literal[0, 1] = csv.QUOTE_ALL if settings.guard else csv.QUOTE_MINIMAL
        delimiter = "\t" if settings.delimiter == "tab" else settings.delimiter
        self._writerow = csv.writer(_Echo(), delimiter=delimiter, quoting=quoting).writerow

    def begin(self) -> bytes:
        bom = _BOM if self._settings.encoding == "utf-8-bom" else ""
        return bom.encode() + (self._row(self._names) if self._settings.header else b"")

    def contact(self, exported: Exported) -> bytes:
        get = exported.values.get
        values = [get(name, "") for name in self._names]
        return self._row([value if isinstance(value, str) else _BETWEEN.join(all_of(value)) for value in values])

    def end(self) -> bytes:
        return b""

    def _row(self, cells: Sequence[str]) -> bytes:
        if self._settings.guard:
            cells = [guarded(cell) if cell else cell for cell in cells]
        row: object = self._writerow(cells)
        return str(row).replace("\0", "").encode(self._encoding, "replace")


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; telephone numbers are none that could do harm."""
    if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


KIND = Kind(
    "csv",
    "CSV",
    CsvSettings,
    usual=tuple(ExportColumn(name, f"{{{name}}}") for name in FIELDS),
    suffix=".csv",
    media_type="text/csv",
    writer=CsvWriter,
)
