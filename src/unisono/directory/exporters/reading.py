"""The contacts of some books in the order of their names, as the database says they are now."""

from collections.abc import Iterator, Sequence
from heapq import merge
from pathlib import Path

from unisono.directory import manifest as files
from unisono.directory.books import OWN_BOOK
from unisono.directory.index import Index, Layer, Part
from unisono.directory.layer_files import LayerFiles
from unisono.directory.model import Contact
from unisono.directory.replicators.layers import Layers
from unisono.directory.replicators.model import Layer as StoredLayer
from unisono.directory.segment import SegmentBuilder, SegmentDamaged
from unisono.directory.store import Books
from unisono.directory.views import View
from unisono.kernel.errors import Culprit, Retry, Unavailable
from unisono.storage import Database


async def picture(database: Database, folder: Path, view: View) -> Index:
    """The books of a view. Raises `Unavailable` where a book's files are missing: the server makes them anew."""
    layers = Layers(database)
    local = LayerFiles(layers, folder)
    index = Index()
    for book, of_book in (await layers.published()).items():
        if view.sees(book):
            try:
                index = index.with_book(book, *await _opened(local, folder, of_book))
            except SegmentDamaged as fault:
                message = f"The index of the book {book} is not there: {fault.message} Try again when the server has made it."
                raise Unavailable("index-missing", message, culprit=Culprit.US, retry=Retry.LATER) from fault
    if view.sees(OWN_BOOK.id):
        builder = SegmentBuilder(OWN_BOOK.id)
        async for page in Books(database).pages(OWN_BOOK.id):
            for contact in page:
                builder.add(contact)
        index = index.with_book(OWN_BOOK.id, Layer(builder.finish_in_memory()))
    return index


async def _opened(local: LayerFiles, folder: Path, of_book: Sequence[StoredLayer]) -> list[Layer]:
    """The layers of a book; what is damaged here is fetched from the database if that has it. Raises `SegmentDamaged`."""
    names = [await local.have(layer) for layer in of_book]
    try:
        return files.layers(folder, names)
    except SegmentDamaged:
        if not await local.mend(of_book):
            raise
        return files.layers(folder, names)


def contacts(index: Index, view: View) -> Iterator[Contact]:
    """Every contact that counts, by folded name over all books."""
    for _, part, ordinal in merge(*map(_walk, index.parts(view)), key=lambda each: each[0]):
        yield part.segment.contact(ordinal)


def _walk(part: Part) -> Iterator[tuple[bytes, Part, int]]:
    for ordinal in range(len(part.segment)):
        if part.counts(ordinal):
            yield part.segment.folded(ordinal), part, ordinal
