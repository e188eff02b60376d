"""Files whose records are whole lines or groups of them: cut into parts, so that several processes read one file."""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import islice

from unisono.directory.replicators.files import FileSettings, mapped, opened
from unisono.directory.replicators.flatten import columns_of
from unisono.directory.replicators.source import BadRow, Check, Column, Item, Part, Record
from unisono.directory.replicators.table import Buffer
from unisono.kernel.errors import Invalid

_PART = 1024 * 1024
_LOOKED_AT = 1_000
"""Records in whose columns the file's columns are seen: such files need not name all in each."""
_BOM = b"\xef\xbb\xbf"

ReadPart = Callable[[bytes, int], Iterator[Record | BadRow]]
"""(the bytes of a part, the number of its first line) to its records."""


class LinesFile:
    """A file whose records end with `end` (bytes that hold a line's end); `read_part` reads a piece of it."""

    def __init__(self, settings: FileSettings, name: str, end: bytes, read_part: ReadPart) -> None:
        self._settings = settings
        self._name = name
        self._end = end
        self._read = read_part

    def check(self) -> Check:
        first = next((item for item in self.read(None) if isinstance(item, Record)), None)
        if first is None:
            raise Invalid("empty-file", "The file has no record that can be read.", data={"field": "file"})
        return Check(self._name)

    def columns(self) -> Sequence[Column]:
        records = (item for item in self.read(None) if isinstance(item, Record))
        found = columns_of(list(islice(records, _LOOKED_AT)))
        if not found:
            raise Invalid("empty-file", "The file has no record that can be read.", data={"field": "file"})
        return found

    def read(self, since: str | None) -> Iterator[Item]:
        for part in self.parts():
            yield from self.read_part(part)

    @property
    def size(self) -> int:
        return max(1, len(self._data))

    def parts(self) -> Iterator[Part]:
        data, ends = self._data, self._end
        if b"\r\n" in data[:_PART]:
            ends = ends.replace(b"\n", b"\r\n")
        at, line = (3 if data[:3] == _BOM else 0), 1
        while at < len(data):
            found = data.find(ends, at + _PART)
            end = len(data) if found < 0 else found + len(ends)
            yield Part(at, end, line)
            line += data[at:end].count(b"\n")
            at = end

    def read_part(self, part: Part) -> Iterator[Record | BadRow]:
        return self._read(self._data[part.begin : part.end], part.line)

    @cached_property
    def _data(self) -> Buffer:
        with opened(self._settings) as file:
            return mapped(file)
