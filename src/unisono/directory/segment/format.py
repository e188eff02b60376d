"""The file of a segment: a header, sections one after the other, and a table that says where each of them is.

    0   8  magic, the same for all versions
    8   4  version of the format
    12  4  number of sections
    16  8  contacts
    24  8  size of the whole file
    32  8  where the table is: a name (16 bytes), offset and length (64 bits each) per section
    40 16  digest of the sections
    56 16  digest of the header so far and of the table

All numbers are little-endian; sections begin at multiples of eight, so that a reader casts them in place. A file is written
under another name, brought to the disk and renamed: whoever sees it sees all of it, and nobody ever changes it.
"""

import hashlib
import os
import struct
import sys
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, TypeAlias, TypeVar

from unisono.kernel.errors import Culprit, Fault, Retry

T = TypeVar("T")
Part: TypeAlias = "bytes | memoryview | array[int]"

MAGIC = b"UniSeg\r\n"
VERSION = 4
_HEADER = struct.Struct("<8sIIQQQ16s")
_DIGEST = 16
_HEADER_SIZE = _HEADER.size + _DIGEST
_ENTRY = struct.Struct("<16sQQ")
_STEP = 1 << 20

if sys.byteorder != "little":  # pragma: no cover
    raise ImportError("Segments are read in place, on little-endian machines only.")


class SegmentDamaged(Fault):
    """A segment's file cannot be used: it is cut off, altered, or of another version. It has to be built again."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(
            "segment-damaged",
            f"The index {where} cannot be used: {reason}. It has to be built again from the database.",
            culprit=Culprit.US,
            retry=Retry.LATER,
            data={"file": where, "reason": reason},
        )


class Writer:
    """Writes sections in order to a file, or into memory.

    `kept`: not only until it is merged with others; then it has a digest, and what things are found by in it.
    """

    def __init__(self, file: BinaryIO, *, kept: bool = True) -> None:
        self._file = file
        self.kept = kept
        self._table: list[tuple[bytes, int, int]] = []
        self._digest = hashlib.sha256()
        self._at = _HEADER_SIZE
        file.write(bytes(_HEADER_SIZE))

    def section(self, name: str, parts: Iterable[Part]) -> int:
        """Add a section made of these parts; its length."""
        self._write(bytes(-self._at % 8))
        begin = self._at
        for part in parts:
            self._write(part)
        self._table.append((name.encode(), begin, self._at - begin))
        return self._at - begin

    def _write(self, part: Part) -> None:
        self._file.write(part)
        if self.kept:
            self._digest.update(part)
        self._at += len(part) if isinstance(part, bytes) else memoryview(part).nbytes

    def finish(self, contacts: int) -> str:
        """Write table and header; the digest of the sections."""
        self._write(bytes(-self._at % 8))
        table = b"".join(_ENTRY.pack(*entry) for entry in self._table)
        digest = self._digest.digest()[:_DIGEST]
        size = self._at + len(table)
        header = _HEADER.pack(MAGIC, VERSION, len(self._table), contacts, size, self._at, digest)
        self._file.write(table)
        self._file.seek(0)
        self._file.write(header + _seal(header, table))
        return digest.hex()


def _seal(header: bytes, table: bytes) -> bytes:
    return hashlib.sha256(header + table).digest()[:_DIGEST]


class Sections(Mapping[str, memoryview]):
    """The sections of a file's bytes. Raises `SegmentDamaged` unless header and table are whole and the size is right."""

    def __init__(self, data: memoryview, where: str) -> None:
        if len(data) < _HEADER_SIZE or data[: len(MAGIC)] != MAGIC:
            raise SegmentDamaged(where, "it is no index, or its beginning is lost")
        header = bytes(data[: _HEADER.size])
        _, version, count, self.contacts, size, at, digest = _HEADER.unpack(header)
        if version != VERSION:
            raise SegmentDamaged(where, f"it is of version {version}, this program reads version {VERSION}")
        if size != len(data):
            raise SegmentDamaged(where, f"it has {len(data):,} bytes and should have {size:,}")
        table = bytes(data[at : at + count * _ENTRY.size])
        if _seal(header, table) != data[_HEADER.size : _HEADER_SIZE]:
            raise SegmentDamaged(where, "its table of contents was altered")
        self.size: int = size
        self.digest: str = digest.hex()
        self._data = data
        self._end = at
        self._where = where
        self._places = {name.rstrip(b"\0").decode(): (begin, length) for name, begin, length in _ENTRY.iter_unpack(table)}

    def __getitem__(self, name: str) -> memoryview:
        begin, length = self._places[name]
        return self._data[begin : begin + length]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def verify(self) -> None:
        """Read everything and compare it with the digest: a second for a million contacts."""
        digest = hashlib.sha256()
        for begin in range(_HEADER_SIZE, self._end, _STEP):
            digest.update(self._data[begin : min(begin + _STEP, self._end)])
        if digest.digest()[:_DIGEST].hex() != self.digest:
            raise SegmentDamaged(self._where, "its contents were altered")


def write_file(path: Path, fill: Callable[[BinaryIO], T]) -> T:
    """Let `fill` write a file that appears under its name only when it is whole and on the disk."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb+") as file:
            done = fill(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o440)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return done


def in_memory(fill: Callable[[BinaryIO], object]) -> bytes:
    """What `fill` writes."""
    file = BytesIO()
    fill(file)
    return file.getvalue()
