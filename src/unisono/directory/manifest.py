"""Which files make the present picture: a small file that tells every process of this node, without asking the database.

`manifest.json` in the directory's folder is replaced as a whole; its generation grows with each change. A file that it no
longer names may go: who reads it still keeps what it has open.
"""

import os
import re
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from unisono.directory.index import Index, Layer
from unisono.directory.segment import Segment, SegmentDamaged

NAME = "manifest.json"
_DIGEST = 16
"""Digits of a segment's digest in its name."""
RUNS = ".runs"
"""How the folder of a run under way ends."""
_BUILDING = re.compile(r"\.?([0-9a-f]{32})\.building(?:\.\d+\.tmp)?")
"""The segment of a layer while a run writes it (`replicators/run.py`, `segment/format.py`)."""
_ID = 16
"""Bytes of a contact's id in a file of ids."""


class LayerFile(msgspec.Struct, frozen=True):
    """A layer of a book: the name of its segment, and of the file of ids it takes away from those below ("": none)."""

    segment: str
    gone: str = ""


class Manifest(msgspec.Struct, frozen=True):
    """The layers of every book, the oldest first. `awaited`: books that are being made anew, of which nothing is here yet."""

    generation: int = 0
    books: Mapping[str, tuple[LayerFile, ...]] = {}
    awaited: tuple[str, ...] = ()


def segment_name(book: str, layer: str, digest: str) -> str:
    """The name of a segment's file."""
    return f"{re.sub(r'[^a-z0-9-]+', '', book)[:40]}-{layer}-{digest[:_DIGEST]}.segment"


def read(folder: Path) -> Manifest:
    """What is in force; nothing if there is no manifest yet."""
    try:
        return msgspec.json.decode((folder / NAME).read_bytes(), type=Manifest)
    except FileNotFoundError:
        return Manifest()


def write(folder: Path, manifest: Manifest) -> None:
    """Put it in force."""
    replace_file(folder / NAME, [msgspec.json.encode(manifest)])


def replace_file(path: Path, parts: Iterable[bytes]) -> None:
    """Write a file that appears whole or not at all."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    with partial.open("wb") as file:
        for part in parts:
            file.write(part)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def write_ids(path: Path, ids: Iterable[str]) -> None:
    """Write a file of contact ids (32 hexadecimal digits each)."""
    replace_file(path, [bytes.fromhex("".join(ids))])


def read_ids(path: Path) -> frozenset[str]:
    """What `write_ids` wrote."""
    data = path.read_bytes()
    return frozenset(data[at : at + _ID].hex() for at in range(0, len(data), _ID))


def index(folder: Path, manifest: Manifest, before: Index | None = None) -> tuple[Index, dict[str, str]]:
    """The picture that a manifest describes; and the books of it that cannot be read, with why.

    Such a book stays as it is in `before`, if it is there; segments that are open there are taken from it.
    """
    found, missing = Index(), dict[str, str]()
    for book, names in manifest.books.items():
        try:
            found = found.with_book(book, *layers(folder, names, before))
        except (OSError, SegmentDamaged) as error:
            missing[book] = str(error)
            if before is not None and book in before.books:
                found = Index({**found.books, book: before.books[book]})
    return found, missing


def layers(folder: Path, names: Sequence[LayerFile], before: Index | None = None) -> list[Layer]:
    """The layers of a book, opened or taken from `before`. Raises `SegmentDamaged`."""
    opened = {part.segment.digest[:_DIGEST]: part.segment for part in before.parts()} if before is not None else {}
    return [
        Layer(
            opened.get(digest_in(name.segment)) or Segment.open(folder / name.segment),
            read_ids(folder / name.gone) if name.gone else frozenset(),
        )
        for name in names
    ]


def digest_in(name: str) -> str:
    """The beginning of the digest that a segment's name ends with."""
    return name.removesuffix(".segment").rpartition("-")[2]


def clean(paths: Iterable[Path], manifest: Manifest, known: Collection[str], older_than: float) -> None:
    """Of what is in the folder, remove what nobody needs: of layers and runs that are no more, others not named for a while.

    `known`: every layer in the database, also those a run is still writing, and every run that goes on, as it was after `paths`
    were listed; `older_than`: seconds since 1970. Other processes clean the same folder.
    """
    named = {name for files in manifest.books.values() for file in files for name in (file.segment, file.gone)}
    placed = {name.split("-")[-2] for name in named if name}
    for path in paths:
        if path.name == NAME or path.name in named or path.stem in known:
            continue
        of_layer = _layer_of(path.name)
        if of_layer in known and of_layer not in placed:
            continue  # a server that starts has not come to this book yet
        with suppress(FileNotFoundError):
            if path.suffix == RUNS or (of_layer and of_layer not in known) or path.stat().st_mtime < older_than:
                _remove(path)


def _layer_of(name: str) -> str:
    """The layer whose file this is, also while it is written; "" if it is none."""
    building = _BUILDING.fullmatch(name)
    if building is not None:
        return building[1]
    return name.split("-")[-2] if name.endswith((".segment", ".gone")) else ""


def _remove(path: Path) -> None:
    """Remove a file, or the folder of a run; other folders (of what was handed over) are somebody else's."""
    if path.suffix == RUNS:
        shutil.rmtree(path)
    elif path.is_file():
        path.unlink()
