"""Routes of the address books, for admins: what there is, from where and how large; made, renamed, removed."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, delete, get, post, put
from msgspec import Meta

from unisono.directory.books import OWN_BOOK
from unisono.directory.model import Book
from unisono.directory.replicators.model import Replicator
from unisono.directory.runs.model import Mode, Run, RunState
from unisono.directory.service import Directory
from unisono.kernel.expected import Expected, tag
from unisono.kernel.told import takes_back
from unisono.permissions.guard import Guard
from unisono.permissions.model import Viewer

_RUNS = 20
"""Runs looked at for the last that changed something."""


class BookSource(msgspec.Struct):
    """The source that fills a book."""

    id: str
    name: str
    kind: str


class BookDetail(msgspec.Struct):
    """A book. `bytes`: of its index; `changed`: when its source, or somebody by hand, last changed something, if known.

    `own`: the book of contacts written by hand, which stays. `waiting`: it is being made anew, and nothing of it is here yet.
    """

    id: str
    name: str
    contacts: int
    bytes: int
    source: BookSource | None
    changed: datetime | None
    own: bool
    waiting: bool
    etag: str


class Books(msgspec.Struct):
    """All books."""

    items: list[BookDetail]
    next: str | None = None


@takes_back(BookDetail)
class BookInput(msgspec.Struct, forbid_unknown_fields=True):
    """What a book is called. All else is not taken, only told."""

    name: Annotated[str, Meta(max_length=60)]


class BookController(Controller):
    """Address books."""

    path = "/admin/contacts/books"
    tags = ("administration",)

    @get("", operation_id="listBooks")
    async def books(self, viewer: Viewer, guard: Guard, directory: Directory) -> Books:
        """Every book with its size and its source."""
        guard.admin(viewer)
        sources = {source.book: source for source in await directory.replication.store.all()}
        return Books([await _detail(directory, book, sources.get(book.id)) for book in await directory.books()])

    @post("", operation_id="createBook")
    async def create(self, data: BookInput, viewer: Viewer, guard: Guard, directory: Directory) -> BookDetail:
        """Make an empty book, for a source to fill."""
        guard.admin(viewer)
        return await _detail(directory, await directory.make_book(data.name), None)

    @put("/{id:str}", operation_id="renameBook")
    async def rename(
        self, id: str, data: BookInput, viewer: Viewer, guard: Guard, directory: Directory, expected: Expected
    ) -> BookDetail:
        """Call a book otherwise; its contacts, profiles and nodes stay as they are."""
        guard.admin(viewer)
        book = await directory.rename_book(id, data.name, expected)
        return await _detail(directory, book, await directory.replication.store.of_book(id))

    @delete("/{id:str}", operation_id="deleteBook", status_code=204)
    async def remove(self, id: str, viewer: Viewer, guard: Guard, directory: Directory, expected: Expected) -> None:
        """Remove a book with all its contacts and its source."""
        guard.admin(viewer)
        await directory.remove_book(id, expected)


CONTROLLERS = (BookController,)


async def _detail(directory: Directory, book: Book, source: Replicator | None) -> BookDetail:
    runs = await directory.replication.runs.runs(source.id, _RUNS) if source is not None else []
    size = sum(part.segment.size for part in directory.index.books.get(book.id, ()))
    shown = BookSource(source.id, source.name, source.kind) if source is not None else None
    own = book.id == OWN_BOOK.id
    changed = await directory.own_changed() if own else next((run.ended for run in runs if _changed(run)), None)
    waiting = book.id in directory.awaited()
    etag = tag(replace(book, contacts=0))
    return BookDetail(book.id, book.name, book.contacts, size, shown, changed, own, waiting, etag)


def _changed(run: Run) -> bool:
    counts = run.counts
    return run.state is RunState.DONE and run.mode is not Mode.DRY and bool(counts.added or counts.changed or counts.removed)
