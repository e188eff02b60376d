"""Files whose records are whole lines or groups of them: cut into parts, so that several processes read one file."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import islice

from unisono.directory.replicators.files import FileSettings, kept, opened, written
from unisono.directory.replicators.flatten import columns_of
from unisono.directory.replicators.problems import nothing_read
from unisono.directory.replicators.source import Check, Column, Item, Part, Record
from unisono.directory.replicators.table import PART, Buffer, Dialect, by_mark, copied, needs_copy
from unisono.directory.runs.model import BadRow

_LARGEST = 16 * 1024 * 1024
"""Bytes of a part: a file without ends of records is not read into memory as a whole."""
_LOOKED_AT = 1_000
"""Records in whose columns the file's columns are seen: such files need not name all in each."""
_BOM = b"\xef\xbb\xbf"

ReadPart = Callable[[bytes, int], Iterator[Record | BadRow]]
"""(the bytes of a part, the number of its first line) to its records."""


class LinesFile:
    """A file whose records end with `end` (a line end, and what may stand behind it); `read_part` reads a piece of it."""

    def __init__(self, settings: FileSettings, name: str, end: re.Pattern[bytes], read_part: ReadPart) -> None:
        self._settings = settings
        self._name = name
        self._end = end
        self._read = read_part

    def check(self) -> Check:
        if not any(isinstance(item, Record) for item in self.read(None)):
            raise nothing_read(self.read(None))
        return Check(self._name)

    def columns(self) -> Sequence[Column]:
        records = (item for item in self.read(None) if isinstance(item, Record))
        found = columns_of(list(islice(records, _LOOKED_AT)))
        if not found:
            raise nothing_read(self.read(None))
        return found

    def read(self, since: str | None) -> Iterator[Item]:
        for part in self.parts():
            yield from self.read_part(part)

    @property
    def size(self) -> int:
        return max(1, len(self._data))

    def parts(self) -> Iterator[Part]:
        data = self._data
        at, line = (3 if data[:3] == _BOM else 0), 1
        while at < len(data):
            found = self._end.search(data, at + PART)
            end = found.end() if found else len(data)
            if end - at > _LARGEST:  # one of its records is: what stands before it is read by itself
                end = max((found.end() for found in self._end.finditer(data, at, at + PART)), default=end)
            yield Part(at, end, line)
            line += sum(data[piece : min(end, piece + PART)].count(b"\n") for piece in range(at, end, PART))
            at = end

    def read_part(self, part: Part) -> Iterator[Record | BadRow]:
        if part.end - part.begin > _LARGEST:
            return iter((BadRow(part.line, "row-too-large", {"bytes": part.end - part.begin, "most": _LARGEST}),))
        return self._read(self._data[part.begin : part.end], part.line)

    @cached_property
    def _data(self) -> Buffer:
        with opened(self._settings) as file:
            data = kept(file)
        dialect = Dialect(by_mark(data), "")
        return written(copied(data, dialect)) if needs_copy(data, dialect) else data
