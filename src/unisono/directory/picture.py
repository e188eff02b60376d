"""From the layers in the database to the files of this node and the index over them."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from unisono.directory import manifest as files
from unisono.directory.index import Index
from unisono.directory.index import Layer as IndexLayer
from unisono.directory.layer_files import LayerFiles, SegmentAbsent
from unisono.directory.manifest import LayerFile, Manifest, segment_name
from unisono.directory.replicators.layers import Layers
from unisono.directory.replicators.model import Layer as StoredLayer
from unisono.directory.segment import SegmentBuilder, SegmentDamaged
from unisono.kernel.errors import Unavailable
from unisono.kernel.log import Log
from unisono.storage import disk_fault

_KEPT_SECONDS = 3_600
"""A segment that no manifest names may be one that a run is about to publish."""

log = Log("directory")


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What has to change in the index: layers of books that are new or different, books that are no more.

    `broken`: books of which a file is missing here and nowhere to be had; they have to be made anew.
    """

    changed: dict[str, tuple[IndexLayer, ...]]
    removed: tuple[str, ...]
    broken: tuple[str, ...]


class Picture:
    """The files of this node. Not for several callers at once. `breathe` is called in a thread every few milliseconds."""

    def __init__(self, layers: Layers, folder: Path, breathe: Callable[[], None]) -> None:
        self._layers = layers
        self._folder = folder
        self._breathe = breathe
        self._files = LayerFiles(layers, folder)
        self._manifest = Manifest()
        self._editions: dict[str, int] = {}
        self._unwritten: Mapping[str, tuple[LayerFile, ...]] = {}
        """What the manifest should say since the start and could not."""
        self._absent = frozenset[str]()
        """Books without files of which the log has told."""
        self._discarded = set[str]()
        """Books whose files were cut off; the manifest in force names them, so that others miss them."""

    async def open(self) -> None:
        """Make the folder; the manifest of the last time only says which generation comes next."""
        await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True, mode=0o700)
        before = await asyncio.to_thread(files.read, self._folder)
        self._manifest = Manifest(before.generation)

    async def stale(self) -> bool:
        """Whether any book has changed since `refresh`, by whomever."""
        return await self._layers.editions() != self._editions

    async def discard(self, book: str, names: Sequence[str]) -> None:
        """Take away a book's files that were cut off while they were read; `refresh` finds them missing."""
        self._discarded.add(book)
        for name in names:
            await asyncio.to_thread((self._folder / name).unlink, missing_ok=True)
        self._manifest = Manifest(self._manifest.generation, {b: of for b, of in self._manifest.books.items() if b != book})
        self._editions = {}

    async def refresh(self, index: Index, kept: str) -> Refreshed:
        """Bring files and manifest to what the database says; `kept`: the book that is not made of layers there.

        Raises `Unavailable` where files cannot be written: the picture stays as it was, until the next time. At the start what
        is there already is opened all the same.
        """
        with _in_words():
            return await self._refreshed(index, kept)

    async def _refreshed(self, index: Index, kept: str) -> Refreshed:
        editions = await self._layers.editions()
        published = await self._layers.published()
        now: dict[str, tuple[LayerFile, ...]] = {}
        broken: dict[str, SegmentDamaged] = {}
        opened: dict[str, tuple[IndexLayer, ...]] = {}
        for book, layers in published.items():
            try:
                now[book] = tuple([await self._files.have(layer) for layer in layers])
                if now[book] != self._manifest.books.get(book):
                    opened[book] = await self._opened(index, now[book], layers)
            except SegmentDamaged as fault:
                broken[book] = fault
                if book in self._manifest.books:
                    now[book] = self._manifest.books[book]
                else:
                    now.pop(book, None)
        removed = tuple(book for book in self._manifest.books if book not in now and book != kept)
        if kept in self._manifest.books:
            now[kept] = self._manifest.books[kept]
        try:
            await self._publish(now)
        except OSError as error:
            if self._manifest.books:
                raise
            # A server that starts: it answers from the files that are there, and tells the other processes when it can.
            log.warning("the index waits to reach other processes", reason=disk_fault(error).message)
            self._unwritten = now
            return Refreshed(opened, removed, tuple(broken))
        self._unwritten = {}
        await self._clean()  # also where nothing is new: a run that asked, or was refused, has left its files
        self._editions = editions
        self._tell(broken)
        return Refreshed(opened, removed, tuple(broken))

    async def _opened(
        self, index: Index, wanted: tuple[LayerFile, ...], layers: Sequence[StoredLayer]
    ) -> tuple[IndexLayer, ...]:
        try:
            return await asyncio.to_thread(self._open, index, wanted)
        except SegmentDamaged as fault:
            if not await self._files.mend(layers):
                raise
            log.warning("a segment was damaged; it was fetched from the database", reason=fault.message)
            return await asyncio.to_thread(self._open, index, wanted)

    def _tell(self, broken: Mapping[str, SegmentDamaged]) -> None:
        for book, fault in broken.items():
            if not isinstance(fault, SegmentAbsent):
                log.warning("a segment is damaged; it is made anew", book=book, reason=fault.message)
        absent = frozenset(book for book, fault in broken.items() if isinstance(fault, SegmentAbsent))
        if absent - self._absent:
            log.info("books without an index are being indexed", books=len(absent))
        self._absent = absent

    async def awaits(self, books: Iterable[str]) -> None:
        """Tell the other processes of this node which books are being made anew, those of which nothing is here yet.

        Raises `Unavailable`.
        """
        with _in_words():
            await self._publish(self._manifest.books, set(books) - self._discarded)

    async def put(self, book: str, layers: Sequence[IndexLayer]) -> None:
        """Write a book's layers that are not in the database as files: those of contacts written by hand.

        Raises `Unavailable`.
        """
        with _in_words():
            found = [await asyncio.to_thread(self._write, book, layer) for layer in layers]
            await self._publish({**self._unwritten, **self._manifest.books, book: tuple(found)})
            await self._clean()

    async def _publish(self, books: Mapping[str, tuple[LayerFile, ...]], awaited: Iterable[str] | None = None) -> None:
        before = self._manifest
        waiting = tuple(sorted(set(before.awaited if awaited is None else awaited) - books.keys()))
        if (books, waiting) == (before.books, before.awaited) and before.generation:
            return
        manifest = Manifest(before.generation + 1, books, waiting)
        await asyncio.to_thread(files.write, self._folder, manifest)
        self._manifest = manifest

    async def _clean(self) -> None:
        """Take away what nobody needs; what cannot be now goes the next time, and keeps nobody from what is new."""
        try:
            with _in_words():
                paths = await asyncio.to_thread(lambda: list(self._folder.iterdir()))
                known = await self._layers.known()  # also whose files have come since
                await asyncio.to_thread(files.clean, paths, self._manifest, known, time.time() - _KEPT_SECONDS)
        except Unavailable as fault:
            log.warning("files that nobody needs wait to be taken away", reason=fault.message)

    def _open(self, index: Index, wanted: tuple[LayerFile, ...]) -> tuple[IndexLayer, ...]:
        return tuple(files.layers(self._folder, wanted, index))

    def _write(self, book: str, layer: IndexLayer) -> LayerFile:
        builder = SegmentBuilder(book, self._breathe)
        for contact in layer.segment.contacts():
            builder.add(contact)
        partial = self._folder / f"{book}.building"
        path = self._folder / segment_name(book, book, builder.finish(partial))
        partial.rename(path)
        if not layer.gone:
            return LayerFile(path.name)
        files.write_ids(path.with_suffix(".gone"), sorted(layer.gone))
        return LayerFile(path.name, path.with_suffix(".gone").name)


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise disk_fault(error) from error
