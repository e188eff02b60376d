"""Rows out of a CSV file as it comes: any usual encoding and delimiter, and one bad row never costs the next. Sans I/O.

Follows RFC 4180 and what spreadsheets do to it. A row that is too large, wrongly encoded or whose quote never closes becomes a
`BadRow` with the number of its first line; reading goes on behind it. A file is a run of bytes (or a map of a file), which is
cut into parts of some thousand rows: `parts` and `read_part` let several processes read one file.
"""

import csv
import re
from codecs import getincrementaldecoder
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from mmap import mmap

import msgspec

from unisono.directory.replicators.quotes import closing_quote, ends_in_quote, not_closing, swallows
from unisono.directory.replicators.source import MAX_COLUMNS, MAX_TEXT, Part
from unisono.directory.runs.model import BadRow
from unisono.kernel.errors import Invalid

MAX_ROW = MAX_TEXT
"""Bytes of a row, all its cells together."""
_SAMPLE = 256 * 1024
PART = 256 * 1024
"""Bytes of a part: some two thousand rows, so that all that is made of them stays in the processor's cache."""
_MOST_AGAIN = 4 * PART
"""Bytes behind open quotes that are looked through in vain, before the rest of a part is given up."""
_REACH = 64 * PART
"""Bytes of a part in which a record is looked for that ends it."""

_DELIMITERS = b",;\t|"
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32-le"),  # begins like UTF-16, and comes before it
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_SAID = re.compile(rb'"?sep=([\t!#-/:-@\[-`{-~])"?(?:\r\n|\n|\r|\Z)', re.I)
"""The first line of files that are meant for Excel: it says the delimiter, and is no row."""
JSON_LINES = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"[^\n]*\}\s*\n\s*\{')
"""How a file of JSON begins with a record a line."""
_OTHERS = (
    ("vCard", ".vcf", re.compile(rb"BEGIN:VCARD\s", re.I)),
    ("XML", ".xml", re.compile(rb"<\?xml\s|<[A-Za-z_][\w.:-]*(?:\s[^<>]*)?>\s*<[^<>]+>.*?</[A-Za-z_]", re.I | re.S)),
    ("JSON", ".jsonl", JSON_LINES),
    ("JSON", ".json", re.compile(rb'(?:\[\s*)?\{\s*"')),
    ("LDIF", ".ldif", re.compile(rb"(?:#[^\n]*\n|version:\s*\d+\s|\s)*dn::?\s", re.I)),
)
"""How files begin that are no table, and what they should be called; what a title may be (`<Name>`, `dn`) is none of it."""
_PAGE = re.compile(
    rb"(?:<\?xml\s[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html\b"
    rb"|(?:html|head|body|div|br|meta)(?:\s[^<>]*)?>\s*<|table(?:\s[^<>]*)?>\s*<(?:tr|thead|tbody|caption|colgroup)\b)",
    re.I | re.S,
)
"""How a web page begins."""
_NO_TEXT = bytes(code for code in range(32) if code not in b"\t\n\v\f\r\x1a\x1b")
_DAMAGED = 8
"""Signs that are none of a text, which a small file may have all the same."""
_WIDE = ("utf-16", "utf-32")
"""Codes in which a line feed is more than one byte."""
_CALLED = {"utf-8": "UTF-8", "cp1252": "Windows-1252"}

Buffer = bytes | mmap


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written. `encoding`: utf-8, utf-16-le, utf-16-be, utf-32-le, utf-32-be, or one of one byte a letter."""

    encoding: str
    delimiter: str
    notes: tuple[BadRow, ...] = ()
    """What looks odd about the whole file (line 0)."""


class Row(msgspec.Struct, frozen=True, gc=False):
    """One record; `line` is that of its first character, from 1."""

    line: int
    cells: tuple[str, ...]


def sniff(data: Buffer, said: str = "") -> Dialect:
    """Find out delimiter, and encoding unless it is `said`. Raises `Invalid` for what is no text, or none of a table."""
    encoding, notes = (said, ()) if said else _encoding(data)
    head = _as_utf8(data[:_SAMPLE], encoding)
    if not encoding.startswith(_WIDE) and b"\0" in head and _binary(head):
        raise Invalid("not-text", "This is not a text file. Save the table as CSV first.")
    _check_kind(head)
    line = _SAID.match(head)
    return Dialect(encoding, line[1].decode() if line else _delimiter(head), notes)


def _check_kind(head: bytes) -> None:
    """Whether this may be a table: each line of a vCard, or a web page, would be a contact. Raises `Invalid`."""
    begin = head.lstrip()
    if _PAGE.match(begin):
        message = (
            "This is a web page and no table: somebody's error page or sign-in page, or a table that was saved as a page."
            " Open it in a browser to see which, and save the table itself as CSV."
        )
        raise Invalid("web-page", message, data={"field": "file"})
    for kind, suffix, pattern in _OTHERS:
        if pattern.match(begin):
            message = f"This is {kind} and no table: name it {suffix}; a source of it is of that kind."
            raise Invalid("no-table", message, data={"field": "file", "kind": kind, "suffix": suffix})


def by_mark(data: Buffer) -> str:
    """The encoding that a mark at the beginning tells; "" without one."""
    return next((name for bom, name in _BOMS if data[: len(bom)] == bom), "")


def _binary(head: bytes) -> bool:
    """Whether so many signs are none of a text that it is something else; a text that was damaged has a few."""
    return len(head) - len(head.translate(None, _NO_TEXT)) > max(_DAMAGED, len(head) // 50)


def _encoding(data: Buffer) -> tuple[str, tuple[BadRow, ...]]:
    head = data[:4096]
    if marked := by_mark(head):
        return marked, ()
    even, odd, half = head[::2].count(0), head[1::2].count(0), len(head) / 2
    if min(even, odd) < half / 10 and max(even, odd) > half / 2:
        # Latin letters without a byte order mark: every other byte is zero.
        return ("utf-16-le" if odd > even else "utf-16-be"), ()
    decoder = getincrementaldecoder("utf-8")()
    try:
        for at in range(0, len(data), PART):
            decoder.decode(data[at : at + PART])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return _mostly(data)
    return "utf-8", ()


def _mostly(data: Buffer) -> tuple[str, tuple[BadRow, ...]]:
    """Not UTF-8 throughout: a few broken lines in a UTF-8 file, or a file of Windows-1252."""
    good = bad = at = 0
    while at < len(data):
        end = data.find(b"\n", at) + 1 or len(data)
        line = data[at:end]
        at = end
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
            good += 1
        except UnicodeDecodeError:
            bad += 1
    if good > bad:
        return "utf-8", (BadRow(0, "some-lines-not-utf-8", {"lines": bad}),)
    return "cp1252", (BadRow(0, "read-as-windows-1252"),)


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
    """The same text in an encoding in which a line feed is one byte; all others already are."""
    if encoding.startswith(_WIDE):
        text = data[: len(data) // 4 * 4].decode(encoding, "replace")
        return text.removeprefix("\ufeff").encode("utf-8", "replace")
    return data.removeprefix(b"\xef\xbb\xbf")


def needs_copy(data: Buffer, dialect: Dialect) -> bool:
    """Whether the text has to be written anew before it can be cut: several bytes a letter, or lines that end with CR alone."""
    return dialect.encoding.startswith(_WIDE) or (data.find(b"\n") < 0 and data.find(b"\r") >= 0)


def copied(data: Buffer, dialect: Dialect) -> Iterator[bytes]:
    """The text in UTF-8 (or the one-byte code it is in) with line feeds, piece by piece."""
    if not dialect.encoding.startswith(_WIDE):
        for at in range(0, len(data), PART):
            yield data[at : at + PART].replace(b"\r", b"\n")
        return
    decoder = getincrementaldecoder(dialect.encoding)("replace")
    only_returns = data.find("\n".encode(dialect.encoding)) < 0
    for at in range(0, len(data), PART):
        text = decoder.decode(data[at : at + PART], final=at + PART >= len(data))
        text = text.removeprefix("\ufeff") if at == 0 else text
        yield (text.replace("\r", "\n") if only_returns else text).encode("utf-8", "replace")


def read(data: bytes, dialect: Dialect) -> Iterator[Row | BadRow]:
    """Every record of a file in order. Lines that hold nothing are passed over."""
    text = b"".join(copied(data, dialect)) if needs_copy(data, dialect) else data
    for part in parts(text, dialect):
        yield from read_part(text, part, dialect)


def beginning(text: Buffer) -> tuple[int, int]:
    """Where the first record begins, and in which line: behind a byte order mark, and a line that says the delimiter."""
    at = 3 if text[:3] == _BOMS[0][0] else 0
    said = _SAID.match(text, at)
    return (said.end(), 2) if said else (at, 1)


def untitled(text: Buffer, dialect: Dialect, titles: int, above: int = 0) -> int:
    """Columns behind the last of the `titles`: the first record, behind those `above` it, ends with so many empty cells."""
    at, _ = beginning(text)
    head = text[at : at + MAX_ROW]
    lines = (f"{line}\n" for line in head.decode("latin-1").replace("\r\n", "\n").split("\n"))
    try:
        for cells in csv.reader(lines, delimiter=dialect.delimiter, skipinitialspace=True):
            filled = [place for place, cell in enumerate(cells, 1) if cell.strip(" \t\0")]
            if filled and above:
                above -= 1
            elif filled:
                return min(len(cells), MAX_COLUMNS) - titles if filled[-1] == titles else 0
    except csv.Error:
        pass  # its first record is a bad one
    return 0


def parts(text: Buffer, dialect: Dialect) -> Iterator[Part]:
    """Pieces of about `PART` bytes that end where a record does."""
    at, line = beginning(text)
    while at < len(text):
        end = text.find(b"\n", at + PART) + 1 or len(text)
        piece = text[at:end]
        if b'"' in piece:
            end = _boundary(text, at, dialect.delimiter)
            piece = text[at:end]
        yield Part(at, end, line)
        line += piece.count(b"\n")
        at = end


def _boundary(text: Buffer, begin: int, delimiter: str) -> int:
    """Where a record with quotes ends, about `PART` bytes behind `begin`."""
    at = begin

    def lines() -> Iterator[str]:
        nonlocal at
        while at < len(text) and at - record <= MAX_ROW:
            end = text.find(b"\n", at) + 1 or len(text)
            line = text[at:end].decode("latin-1")  # only signs of ASCII are looked at
            at = end
            yield line

    record, read = begin, 0
    reader = csv.reader(lines(), delimiter=delimiter, skipinitialspace=True)
    try:
        for _ in reader:
            several = reader.line_num - read > 1
            if at - record > MAX_ROW or (several and swallows(text[record:at].split(b"\n"), delimiter.encode())):
                break
            if at >= begin + PART:
                return at
            record, read = at, reader.line_num
        else:
            return len(text)
    except csv.Error:
        pass
    careful = _Reader(text, Part(begin, min(begin + _REACH, len(text)), 1), delimiter.encode(), "utf-8")
    for row in careful.rows():
        if isinstance(row, BadRow) and row.code == "quotes-open":
            return text.find(b"\n", begin + PART) + 1 or len(text)
        if careful.at >= begin + PART:
            break
    return min(careful.at, len(text))


def read_part(text: Buffer, part: Part, dialect: Dialect) -> Iterator[Row | BadRow]:
    """The records of one part."""
    codec = "utf-8" if dialect.encoding.startswith(_WIDE) else dialect.encoding
    block = text[part.begin : part.end]
    quick = _quick(block, part.line, dialect.delimiter, codec)
    if quick is not None:
        return iter(quick)
    return _Reader(block, Part(0, len(block), part.line), dialect.delimiter.encode(), codec).rows()


def _quick(block: bytes, line: int, delimiter: str, codec: str) -> list[Row | BadRow] | None:
    """All rows at once where nothing is wrong with any of them; None where somebody has to look closer."""
    try:
        text = block.decode(codec)
    except UnicodeDecodeError:
        return None
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if "\0" in text or "\r" in text:
        return None
    lines = text.split("\n")
    if max(map(len, lines)) > MAX_ROW // 4:
        return None
    if '"' in text:
        return _quick_quoted(lines, line, delimiter)
    rows: list[Row | BadRow] = []
    for number, each in enumerate(lines, line):
        if not _add(rows, number, each.rstrip(delimiter).split(delimiter)):
            return None
    return rows


def _quick_quoted(lines: list[str], line: int, delimiter: str) -> list[Row | BadRow] | None:
    reader = csv.reader((f"{each}\n" for each in lines), delimiter=delimiter, skipinitialspace=True)
    rows: list[Row | BadRow] = []
    sign = delimiter.encode()
    first = before = 0
    try:
        for cells in reader:
            first, before = before, reader.line_num
            if before - first > 1 and sum(map(len, cells)) > MAX_ROW // 4:
                return None
            if before - first > 1 and swallows([each.encode() for each in lines[first:before]], sign):
                return None
            if not _add(rows, line + first, cells):
                return None
    except csv.Error:
        return None
    # At the end csv takes an open quote for a closed one.
    inside = False
    for each in lines[first:before]:
        inside = ends_in_quote(each.encode(), sign, inside=inside)
    return None if inside else rows


def _add(rows: list[Row | BadRow], line: int, cells: list[str]) -> bool:
    """Take a row if it holds anything; whether its width is right."""
    cells = list(map(str.strip, cells))
    while cells and not cells[-1]:
        cells.pop()
    if cells:
        rows.append(Row(line, tuple(cells)))
    return len(cells) <= MAX_COLUMNS


class _Reader:
    """Walks through the lines of a part; each of them ends with a line feed, the last perhaps not."""

    def __init__(self, text: Buffer, part: Part, delimiter: bytes, codec: str) -> None:
        self.at = part.begin
        """Where the next record begins."""
        self._text = text
        self._end = part.end
        self._delimiter = delimiter
        self._codec = codec
        self._line = part.line - 1
        self._again = 0

    def rows(self) -> Iterator[Row | BadRow]:
        while self.at < self._end:
            first = self._line + 1
            line = self._next_line()
            if not line.strip(b" \t" if self._delimiter != b"\t" else b" "):
                continue
            row = self._quoted(line, first) if b'"' in line else self._split(line, first)
            if isinstance(row, BadRow) or row.cells:
                yield row

    def _next_line(self) -> bytes:
        end = self._text.find(b"\n", self.at, self._end)
        end = self._end if end < 0 else end
        line = self._text[self.at : end]
        self.at = end + 1
        self._line += 1
        return line.removesuffix(b"\r")

    def _split(self, line: bytes, first: int) -> Row | BadRow:
        text = self._decoded(line, first)
        if isinstance(text, BadRow):
            return text
        return _row(first, text.split(self._delimiter.decode()))

    def _quoted(self, line: bytes, first: int) -> Row | BadRow:
        behind = self.at
        parts = [line]
        open_quote = ends_in_quote(line, self._delimiter, inside=False)
        size, reopened = len(line), 0
        while open_quote:
            begin = self.at
            if reopened > _MOST_AGAIN - self._again or not self._skip_to_quote():
                return self._open(first, behind)
            size += self.at - begin
            if size <= MAX_ROW and self.at > begin:
                parts.append(self._text[begin : self.at - 1])
            following = self._next_line()
            if not_closing(line, following, self._delimiter):
                return self._open(first, behind)
            size += len(following) + 1
            if size <= MAX_ROW:
                parts.append(following)
            open_quote = ends_in_quote(following, self._delimiter, inside=True)
            if open_quote and closing_quote(following, 0) >= 0:  # which lines of one long cell do not
                reopened += len(following) + 1
        if size > MAX_ROW:
            return _too_large(first, size)
        text = self._decoded(b"\n".join(parts).replace(b"\r\n", b"\n"), first)
        if isinstance(text, BadRow):
            return text
        try:
            cells = next(csv.reader([text], delimiter=self._delimiter.decode(), skipinitialspace=True), [])
        except csv.Error as error:
            return BadRow(first, "unreadable", {"error": str(error)})
        return _row(first, cells)

    def _skip_to_quote(self) -> bool:
        """Go to the beginning of the next line that has a quote in it; whether there is one."""
        quote = self._text.find(b'"', self.at, self._end)
        if quote < 0:
            return False
        begin = self._text.rfind(b"\n", self.at, quote) + 1 or self.at
        self._line += self._text[self.at : begin].count(b"\n")
        self.at = begin
        return True

    def _open(self, first: int, behind: int) -> BadRow:
        """A row whose quote never closes; the next one begins behind its line, unless too much was looked through in vain."""
        self._again += self.at - behind
        self.at, self._line = behind, first
        if self._again <= _MOST_AGAIN:
            return BadRow(first, "quote-open")
        self.at = self._end
        return BadRow(first, "quotes-open", {"until": first + self._text[behind : self._end].count(b"\n")})

    def _decoded(self, record: bytes, first: int) -> str | BadRow:
        if len(record) > MAX_ROW:
            return _too_large(first, len(record))
        try:
            return record.decode(self._codec)
        except UnicodeDecodeError as error:
            name = _CALLED.get(self._codec, self._codec)
            found: dict[str, str | int] = {"encoding": name, "byte": f"{record[error.start]:02X}", "place": error.start + 1}
            return BadRow(first, "encoding", found)


def _row(line: int, cells: list[str]) -> Row | BadRow:
    cells = [cell.replace("\0", "").strip() for cell in cells]
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) > MAX_COLUMNS:
        return BadRow(line, "too-many-columns", {"columns": len(cells), "most": MAX_COLUMNS})
    return Row(line, tuple(cells))


def _too_large(line: int, size: int) -> BadRow:
    return BadRow(line, "row-too-large", {"bytes": size, "most": MAX_ROW})
