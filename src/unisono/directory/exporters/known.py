"""What the last export wrote: enough to say what is new, different or gone, and few bytes for each contact.

A file of its own beside the export: a head, an entry for each contact in the order of their ids, the names behind them. It is
read in place and replaced as a whole.
"""

import mmap
import struct
from bisect import bisect_left
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

from unisono.directory.manifest import replace_file
from unisono.directory.replicators.files import mapped

_MAGIC = b"unisono export 1"
_HEAD = struct.Struct(">16sI")
_ENTRY = struct.Struct(">16s8sI")
_NAME = 200
"""Bytes of a name that are kept."""


class Known:
    """What was written the last time; nothing if nobody knows. Each contact is looked up once."""

    def __init__(self, path: Path | None) -> None:
        self._data = _read(path) if path is not None else b""
        self._count = _HEAD.unpack_from(self._data)[1] if self._data else 0
        self._names = _HEAD.size + self._count * _ENTRY.size
        self._seen = bytearray(self._count)

    def __len__(self) -> int:
        return self._count

    def seen(self, key: str, mark: bytes) -> bool | None:
        """Whether a contact was written with this mark; None: it was not written at all."""
        id = bytes.fromhex(key)
        place = bisect_left(range(self._count), id, key=self._id)
        if place == self._count or self._id(place) != id:
            return None
        self._seen[place] = 1
        return self._entry(place)[1] == mark

    def unseen(self) -> Iterator[tuple[str, str]]:
        """Those that have not been seen: id and name."""
        for place in range(self._count):
            if not self._seen[place]:
                id, _, at = self._entry(place)
                end = self._data.find(b"\0", self._names + at)
                yield id.hex(), bytes(self._data[self._names + at : end]).decode("utf-8", "replace")

    def _id(self, place: int) -> bytes:
        at = _HEAD.size + place * _ENTRY.size
        return bytes(self._data[at : at + 16])

    def _entry(self, place: int) -> tuple[bytes, bytes, int]:
        id, mark, at = _ENTRY.unpack_from(self._data, _HEAD.size + place * _ENTRY.size)
        return id, mark, at


class Tally:
    """Gathers what is written now."""

    def __init__(self) -> None:
        self._entries: list[bytes] = []
        self._names = bytearray()

    def add(self, key: str, mark: bytes, name: str) -> None:
        """A contact was written."""
        self._entries.append(_ENTRY.pack(bytes.fromhex(key), mark, len(self._names)))
        self._names += name.encode("utf-8", "replace")[:_NAME].replace(b"\0", b"") + b"\0"

    def keep(self, path: Path) -> None:
        """This is what was written last from now on."""
        self._entries.sort()
        replace_file(path, [_HEAD.pack(_MAGIC, len(self._entries)), *self._entries, bytes(self._names)])


def mark_of(data: bytes) -> bytes:
    """Stands for what was written of a contact."""
    return blake2b(data, digest_size=8).digest()


def _read(path: Path) -> bytes | mmap.mmap:
    try:
        with path.open("rb") as file:
            data = mapped(file)
    except FileNotFoundError:
        return b""
    return data if data[:16] == _MAGIC else b""
