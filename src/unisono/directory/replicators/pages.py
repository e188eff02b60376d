"""Records of a source as the database keeps them: some hundred in a compressed page, fingerprints beside it. Pure."""

import zlib
from array import array
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from operator import itemgetter

import msgspec

from unisono.directory.replicators.source import Value, Values

RECORDS = 200
"""Records of a page."""
_LEVEL = 1
"""Of zlib: a higher one makes pages a tenth smaller and takes twice the time."""
_MOST_SHAPES = 10_000

_encode = msgspec.msgpack.Encoder().encode
_Row = tuple[str, int, tuple[Value, ...]]
_decoder = msgspec.msgpack.Decoder(tuple[list[tuple[str, ...]], list[_Row]])


def fingerprint(data: bytes) -> int:
    """Sixty-four bits that stand for these bytes."""
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little")


def key_print(key: str) -> int:
    """Sixty-four bits that stand for a record's key; never 0."""
    return fingerprint(key.encode("utf-8", "surrogatepass")) or 1


class Shapes:
    """The orders of columns that records of one source have: a record is its shape and its values.

    Sources that give the same columns in another order (LDAP servers do) still give the same bytes.
    """

    def __init__(self) -> None:
        self._sorted: dict[tuple[str, ...], tuple[tuple[str, ...], bytes, Callable[[Values], object]]] = {}

    def of(self, values: Values) -> tuple[tuple[str, ...], bytes, Callable[[Values], object]]:
        """The columns of a record in the order its values are stored, their fingerprint, and what gives the values so."""
        names = tuple(values)
        known = self._sorted.get(names)
        if known is None:
            if len(self._sorted) >= _MOST_SHAPES:
                self._sorted.clear()
            ordered = tuple(sorted(names))
            get = itemgetter(*ordered) if len(ordered) > 1 else lambda values: tuple(values.values())
            known = self._sorted[names] = ordered, blake2b(_encode(ordered), digest_size=8).digest(), get
        return known

    def packed(self, values: Values) -> tuple[tuple[str, ...], bytes, int]:
        """A record's columns, its values as bytes, and the fingerprint of both."""
        shape, mark, get = self.of(values)
        packed = _encode(get(values))
        return shape, packed, fingerprint(mark + packed)


class PageWriter:
    """Collects records and gives pages."""

    def __init__(self) -> None:
        self._shapes: dict[tuple[str, ...], int] = {}
        self._rows: list[tuple[str, int, msgspec.Raw]] = []
        self._marks = array("Q")

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, key: str, key_mark: int, mark: int, shape: tuple[str, ...], packed: bytes) -> None:
        """Take a record with its fingerprints."""
        self._rows.append((key, self._shapes.setdefault(shape, len(self._shapes)), msgspec.Raw(packed)))
        self._marks.append(key_mark)
        self._marks.append(mark)

    @property
    def full(self) -> bool:
        """Whether the page should be taken."""
        return len(self._rows) >= RECORDS

    def take(self) -> tuple[bytes, bytes]:
        """The page's fingerprints and data; the writer is empty then."""
        data = zlib.compress(_encode((list(self._shapes), self._rows)), _LEVEL)
        marks = self._marks.tobytes()
        self._shapes, self._rows, self._marks = {}, [], array("Q")
        return marks, data


def read_marks(marks: bytes) -> Iterator[tuple[int, int]]:
    """The fingerprints of a page's records: of the key, of the content."""
    found = array("Q", marks)
    return zip(found[::2], found[1::2], strict=True)


def read_page(data: bytes) -> list[tuple[str, Values]]:
    """The records of a page with their keys."""
    shapes, rows = _decoder.decode(zlib.decompress(data))
    return [(key, dict(zip(shapes[shape], values, strict=True))) for key, shape, values in rows]


def gone_page(keys: Sequence[str]) -> tuple[bytes, bytes]:
    """A page that says these records are no more."""
    marks = array("Q")
    for key in keys:
        marks.append(key_print(key))
        marks.append(0)
    return marks.tobytes(), zlib.compress(_encode(((), [(key, 0, ()) for key in keys])), _LEVEL)


def read_gone(data: bytes) -> list[str]:
    """The keys of a page made by `gone_page`."""
    _, rows = _decoder.decode(zlib.decompress(data))
    return [key for key, _, _ in rows]
