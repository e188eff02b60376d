"""Rows out of a CSV file as it comes: any usual encoding and delimiter, and one bad row never costs the next. Sans I/O.

Follows RFC 4180 and what spreadsheets do to it. A row that is too large, wrongly encoded or whose quote never closes becomes a
`BadRow` with the number of its first line; reading goes on behind it.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from unisono.kernel.errors import Invalid

MAX_FILE = 64 * 1024 * 1024
"""Bytes of a file."""
MAX_ROW = 128 * 1024
"""Bytes of a row, all its cells together."""
MAX_COLUMNS = 1000
_MAX_REWINDS = 16
"""Quotes that never close, before the rest of the file is given up."""
_SAMPLE = 256 * 1024

_DELIMITERS = b",;\t|"
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written. `encoding`: utf-8, utf-16-le, utf-16-be or cp1252."""

    encoding: str
    delimiter: str
    notes: tuple[str, ...] = ()
    """What looks odd about the whole file, in words."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record; `line` is that of its first character, from 1."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A record, or a part of the file, that cannot be read, and why."""

    line: int
    reason: str


def sniff(data: bytes) -> Dialect:
    """Find out encoding and delimiter. Raises `Invalid` for what is no text at all, or too large."""
    if len(data) > MAX_FILE:
        raise Invalid("file-too-large", f"The file has {len(data):,} bytes; at most {MAX_FILE:,} are read. Split it.")
    encoding, notes = _encoding(data)
    head = _as_utf8(data[:_SAMPLE], encoding)
    if not encoding.startswith("utf-16") and b"\0" in head:
        raise Invalid("not-text", "This is not a text file. Save the table as CSV first.")
    return Dialect(encoding, _delimiter(head), notes)


def _encoding(data: bytes) -> tuple[str, tuple[str, ...]]:
    for bom, name in _BOMS:
        if data.startswith(bom):
            return name, ()
    even, odd, half = data[:4096:2].count(0), data[1:4096:2].count(0), len(data[:4096]) / 2
    if min(even, odd) < half / 10 and max(even, odd) > half / 2:
        # Latin letters without a byte order mark: every other byte is zero.
        return ("utf-16-le" if odd > even else "utf-16-be"), ()
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return _mostly(data)
    return "utf-8", ()


def _mostly(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Not UTF-8 throughout: a few broken lines in a UTF-8 file, or a file of Windows-1252."""
    good = bad = 0
    for line in data.split(b"\n"):
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
            good += 1
        except UnicodeDecodeError:
            bad += 1
    if good > bad:
        return "utf-8", (f"{bad} lines are not UTF-8 like the others; they are listed as bad.",)
    return "cp1252", ("The file is not UTF-8; it was read as Windows-1252. Check the accented letters.",)


def _delimiter(head: bytes) -> str:
    """The character that divides the first lines into the most even number of cells."""
    lines = [line for line in re.split(rb"\r\n|\n|\r", head)[:50] if line.strip()]
    best, best_score = b",", 0.0
    for code in _DELIMITERS:
        candidate = bytes([code])
        counts = Counter(_unquoted(line).count(candidate) for line in lines)
        counts.pop(0, None)
        if not counts:
            continue
        usual, times = counts.most_common(1)[0]
        score = times * (1 + min(usual, 20) / 100)
        if score > best_score:
            best, best_score = candidate, score
    return best.decode()


def _unquoted(line: bytes) -> bytes:
    return re.sub(rb'"(?:[^"]|"")*"', b"", line)


def _as_utf8(data: bytes, encoding: str) -> bytes:
    """The same text in an encoding in which a line feed is one byte; cp1252 already is one."""
    if encoding.startswith("utf-16"):
        text = data[: len(data) // 2 * 2].decode(encoding, "replace")
        return text.removeprefix("\ufeff").encode("utf-8", "replace")
    return data.removeprefix(b"\xef\xbb\xbf")


def read(data: bytes, dialect: Dialect) -> Iterator[Row | BadRow]:
    """Every record of a file in order. Lines that hold nothing are passed over."""
    text = _as_utf8(data, dialect.encoding)
    if b"\n" not in text and b"\r" in text:
        text = text.replace(b"\r", b"\n")
    codec = "cp1252" if dialect.encoding == "cp1252" else "utf-8"
    yield from _Reader(text, dialect.delimiter.encode(), codec).rows()


class _Reader:
    """Walks through the lines of a file; each of them ends with a line feed, the last perhaps not."""

    def __init__(self, text: bytes, delimiter: bytes, codec: str) -> None:
        self._text = text
        self._delimiter = delimiter
        self._codec = codec
        self._at = 0
        self._line = 0
        self._rewinds = 0

    def rows(self) -> Iterator[Row | BadRow]:
        while self._at < len(self._text):
            first = self._line + 1
            line = self._next_line()
            if not line.strip(b" \t" if self._delimiter != b"\t" else b" "):
                continue
            if b'"' not in line:
                yield self._split(line, first)
            else:
                yield self._quoted(line, first)

    def _next_line(self) -> bytes:
        end = self._text.find(b"\n", self._at)
        end = len(self._text) if end < 0 else end
        line = self._text[self._at : end]
        self._at = end + 1
        self._line += 1
        return line.removesuffix(b"\r")

    def _split(self, line: bytes, first: int) -> Row | BadRow:
        text = self._decoded(line, first)
        if isinstance(text, BadRow):
            return text
        return _row(first, [cell.strip() for cell in text.split(self._delimiter.decode())])

    def _quoted(self, line: bytes, first: int) -> Row | BadRow:
        after_first, line_after_first = self._at, self._line
        parts = [line]
        open_quote = _ends_in_quote(line, self._delimiter, inside=False)
        size = len(line)
        while open_quote:
            begin = self._at
            if not self._skip_to_quote():
                return self._never_closed(first, after_first, line_after_first)
            size += self._at - begin
            if size <= MAX_ROW and self._at > begin:
                parts.append(self._text[begin : self._at - 1])
            line = self._next_line()
            size += len(line) + 1
            if size <= MAX_ROW:
                parts.append(line)
            open_quote = _ends_in_quote(line, self._delimiter, inside=True)
        if size > MAX_ROW:
            return _too_large(first, size)
        text = self._decoded(b"\n".join(parts), first)
        if isinstance(text, BadRow):
            return text
        try:
            cells = next(csv.reader([text], delimiter=self._delimiter.decode(), skipinitialspace=True), [])
        except csv.Error as error:
            return BadRow(first, f"it cannot be read: {error}")
        return _row(first, [cell.strip() for cell in cells])

    def _skip_to_quote(self) -> bool:
        """Go to the beginning of the next line that has a quote in it; whether there is one."""
        quote = self._text.find(b'"', self._at)
        if quote < 0:
            return False
        begin = self._text.rfind(b"\n", self._at, quote) + 1 or self._at
        self._line += self._text.count(b"\n", self._at, begin)
        self._at = begin
        return True

    def _never_closed(self, first: int, after_first: int, line_after_first: int) -> BadRow:
        self._rewinds += 1
        if self._rewinds > _MAX_REWINDS:
            self._at = len(self._text)
            return BadRow(first, "a quote is never closed; too many of these, the rest of the file was left out")
        self._at, self._line = after_first, line_after_first
        return BadRow(first, "a quote is opened and never closed")

    def _decoded(self, record: bytes, first: int) -> str | BadRow:
        if len(record) > MAX_ROW:
            return _too_large(first, len(record))
        try:
            return record.decode(self._codec)
        except UnicodeDecodeError as error:
            name = "UTF-8" if self._codec == "utf-8" else "Windows-1252"
            return BadRow(first, f"it is not {name}: byte 0x{record[error.start]:02X} at place {error.start + 1}")


def _ends_in_quote(line: bytes, delimiter: bytes, *, inside: bool) -> bool:
    """Whether a quoted cell is still open at the end of a line; a quote counts as opening only where a cell begins."""
    at = 0
    while True:
        if not inside:
            while line[at : at + 1] == b" ":
                at += 1
            if line[at : at + 1] == b'"':
                inside = True
                at += 1
        if inside:
            close = _closing_quote(line, at)
            if close < 0:
                return True
            inside, at = False, close + 1
        at = line.find(delimiter, at)
        if at < 0:
            return False
        at += 1


def _closing_quote(line: bytes, at: int) -> int:
    while True:
        at = line.find(b'"', at)
        if at < 0 or line[at + 1 : at + 2] != b'"':
            return at
        at += 2


def _row(line: int, cells: list[str]) -> Row | BadRow:
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) > MAX_COLUMNS:
        return BadRow(line, f"it has {len(cells)} columns; at most {MAX_COLUMNS} are read")
    return Row(line, tuple(cell.replace("\0", "") for cell in cells))


def _too_large(line: int, size: int) -> BadRow:
    return BadRow(line, f"it has {size:,} bytes; a row may have {MAX_ROW:,}")
