"""The directory: everything others ask of it. Look-ups never wait; whatever takes long happens beside the event loop."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import structlog

from unisono.directory.csv_import import Importer, Preview, ReadNumber, count_rows, open_source, preview
from unisono.directory.events import DirectoryChanged
from unisono.directory.identify import identify
from unisono.directory.index import Index, Layer
from unisono.directory.jobs import Job, JobState
from unisono.directory.model import Book, Contact, ContactNumber, Hit, Identified, NumberKind
from unisono.directory.replicators.source import BadRow
from unisono.directory.search import search
from unisono.directory.segment import Segment, SegmentBuilder
from unisono.directory.store import Books, Edition
from unisono.directory.views import EVERYTHING, View
from unisono.kernel.bus import Bus
from unisono.kernel.errors import Conflict, Fault, Invalid, NotFound, Unavailable
from unisono.kernel.ids import new_id
from unisono.storage import Database

OWN_BOOK = Book("own", "Own contacts")
"""The book of contacts written by hand."""
MOST_BY_HAND = 2_000
"""Contacts that one person may have written."""
_BATCH = 200
_ROWS_AT_ONCE = 16
_MOST_RECENT = 300
"""Contacts written by hand before their book's segment is built anew."""
_MOST_JOBS = 20
_TOO_MANY = f"You have written {MOST_BY_HAND:,} contacts, which is the most. Remove some, or ask an admin to import them."
_FIRST_MUST_HAVE = "Give a name, a company, a number or an e-mail address."

log = structlog.get_logger("directory")

ReaderFor = Callable[[str], ReadNumber]
"""For a location id: what reads a stored number as that location writes it."""


@dataclass(frozen=True, slots=True)
class NewContact:
    """A contact written by hand; numbers as (kind, raw)."""

    display_name: str = ""
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    job_title: str = ""
    numbers: tuple[tuple[NumberKind, str], ...] = ()
    emails: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """An import that waits for its turn."""

    job: Job
    data: bytes
    mapping: Mapping[str, str]
    book: Book
    location_id: str


class Directory:
    """Contacts of all books. Call `load` once, and run `run` beside everything else: it does the imports."""

    def __init__(self, database: Database, reader_for: ReaderFor, bus: Bus) -> None:
        self._books = Books(database)
        self._reader_for = reader_for
        self._bus = bus
        self._index = Index()
        self._recent = 0
        self._written: Counter[str] = Counter()
        """Contacts written by hand, per author."""
        self._writing = asyncio.Lock()
        self._jobs: dict[str, Job] = {}
        self._queue: asyncio.Queue[_Wanted] = asyncio.Queue(maxsize=_MOST_JOBS)

    @property
    def index(self) -> Index:
        """The present picture: a value, to be read and not kept."""
        return self._index

    async def load(self) -> None:
        """Read every book; remains of an interrupted import are taken away."""
        await self._books.ensure(OWN_BOOK)
        await self._books.sweep()
        for book in await self._books.books():
            self._index = self._index.with_book(book.id, Layer(await self._segment(book.id)))
        async for page in self._books.pages(OWN_BOOK.id):
            self._written.update(contact.author for contact in page)

    # Look-ups

    def identify(self, canonical: str, view: View = EVERYTHING) -> Identified | None:
        """Who a super-canonical number belongs to."""
        return identify(self._index, canonical, view)

    def search(self, text: str, limit: int = 20, view: View = EVERYTHING) -> list[Hit]:
        """The best hits for what was typed so far."""
        return search(self._index, text, limit, view)

    def get(self, contact_id: str, view: View = EVERYTHING) -> Contact:
        """One contact. Raises `NotFound`."""
        contact = self._index.contact(contact_id, view)
        if contact is None:
            raise NotFound("unknown-contact", "There is no such contact.", data={"id": contact_id})
        return contact

    def read_number(self, raw: str, location_id: str) -> str:
        """The super-canonical form of a number as a location writes it; "" if it is none."""
        return self._reader_for(location_id)(raw)

    async def books(self) -> list[Book]:
        """Every book with its size."""
        return await self._books.books()

    # Writing by hand

    async def create(self, draft: NewContact, location_id: str, author: str = "") -> Contact:
        """Add a contact to the own book. Raises `Invalid` for one that nobody could find, `Conflict` for one too many.

        `author`: who writes it (a user id); "" for the server itself, which has no limit.
        """
        name = draft.display_name or f"{draft.first_name} {draft.last_name}".strip() or draft.company
        if not name and not draft.numbers and not draft.emails:
            raise Invalid("empty-contact", _FIRST_MUST_HAVE)
        read = self._reader_for(location_id)
        key = new_id()
        contact = Contact(
            id=key,
            book=OWN_BOOK.id,
            source_key=key,
            display_name=name,
            first_name=draft.first_name,
            last_name=draft.last_name,
            company=draft.company,
            job_title=draft.job_title,
            numbers=tuple(ContactNumber(kind, raw, read(raw)) for kind, raw in draft.numbers),
            emails=draft.emails,
            note=draft.note,
            author=author,
        )
        async with self._writing:
            if author and self._written[author] >= MOST_BY_HAND:
                raise Conflict("too-many-contacts", _TOO_MANY, data={"most": str(MOST_BY_HAND)})
            await self._books.put(contact)
            self._written[author] += 1
            await self._changed(contact.book, [contact])
        return contact

    async def remove(self, contact_id: str) -> None:
        """Remove a contact written by hand. Raises `NotFound`, or `Conflict` for one that its source would bring back."""
        contact = self.get(contact_id)
        if contact.book != OWN_BOOK.id:
            raise Conflict("imported-contact", "This contact comes from a source; remove it there.")
        async with self._writing:
            if self._index.contact(contact_id) is None:
                return  # somebody else was faster
            await self._books.remove(contact.book, contact_id)
            self._written[contact.author] -= 1
            await self._changed(contact.book, [], [contact_id])

    async def _changed(self, book: str, contacts: Sequence[Contact], removed: Sequence[str] = ()) -> None:
        self._index = self._index.with_changes(book, contacts, removed)
        self._recent += 1
        if self._recent >= _MOST_RECENT:
            self._recent = 0
            self._index = self._index.with_book(book, Layer(await self._segment(book)))
        self._bus.publish(DirectoryChanged(book))

    async def remove_book(self, book_id: str) -> None:
        """Remove an imported book. Raises `NotFound`, or `Conflict` for the own book."""
        if book_id == OWN_BOOK.id:
            raise Conflict("own-book", "The book of contacts written by hand stays.")
        async with self._writing:
            if book_id not in {book.id for book in await self._books.books()}:
                raise NotFound("unknown-book", "There is no such book.", data={"id": book_id})
            await self._books.drop(book_id)
            self._index = self._index.without_book(book_id)
            self._bus.publish(DirectoryChanged(book_id))
            await self._books.sweep()

    # Import

    async def preview(self, data: bytes) -> Preview:
        """What a CSV file holds and what its columns seem to mean. Raises `Invalid`."""
        return await asyncio.to_thread(preview, data)

    def start_import(self, data: bytes, mapping: Mapping[str, str], book: str, location_id: str) -> Job:
        """Queue an import; it replaces what the book held. Raises `Conflict` if too many wait, `Invalid` for the name."""
        name = " ".join(book.split())
        if not name or len(name) > 60:
            raise Invalid("book-name", "Give the book a name of at most 60 characters.", data={"field": "book"})
        wanted = Book(_book_id(name), name)
        if wanted.id == OWN_BOOK.id:
            raise Invalid("book-name", "That book holds contacts written by hand; choose another name.")
        job = Job(new_id(), wanted.id, count_rows(data))
        try:
            self._queue.put_nowait(_Wanted(job, data, mapping, wanted, location_id))
        except asyncio.QueueFull:
            raise Conflict("too-many-imports", "Too many imports are waiting. Try again when they are done.") from None
        self._jobs[job.id] = job
        while len(self._jobs) > 2 * _MOST_JOBS:
            del self._jobs[next(iter(self._jobs))]
        return job

    def job(self, job_id: str) -> Job:
        """An import that was started here. Raises `NotFound`."""
        if job_id not in self._jobs:
            raise NotFound("unknown-job", "There is no such import, or it is long done.")
        return self._jobs[job_id]

    async def run(self) -> None:
        """Do the imports, one after the other, for ever."""
        while True:
            wanted = await self._queue.get()
            try:
                await self._import(wanted)
            except Fault as fault:
                wanted.job.state, wanted.job.code, wanted.job.message = JobState.FAILED, fault.code, fault.message
            except Exception:
                log.exception("import failed", job=wanted.job.id)
                wanted.job.state, wanted.job.code = JobState.FAILED, "internal"
                wanted.job.message = "The import failed by a fault of the server; its log says more."
            finally:
                self._queue.task_done()

    async def idle(self) -> None:
        """Wait until every import that was started is done; `run` has to be running."""
        await self._queue.join()

    async def import_csv(self, data: bytes, mapping: Mapping[str, str] | None, book: str, location_id: str) -> Job:
        """Import at once and wait for it (demo, command line). Without a mapping the suggested one is used."""
        if mapping is None:
            mapping = (await self.preview(data)).mapping
        job = Job(new_id(), _book_id(book), count_rows(data))
        wanted = _Wanted(job, data, mapping, Book(job.book, book), location_id)
        await self._import(wanted)
        return job

    async def _import(self, wanted: _Wanted) -> None:
        job, book = wanted.job, wanted.book.id
        source = await asyncio.to_thread(open_source, wanted.data, wanted.mapping.keys())
        importer = Importer(source, wanted.mapping, book, self._reader_for(wanted.location_id))
        async with self._writing:
            await self._books.ensure(wanted.book)
            edition = await self._books.new_edition(book)
            builder = SegmentBuilder(book, _let_others_run)
            try:
                await self._read_in(importer, edition, builder, job)
                if not job.imported:
                    raise Invalid("nothing-imported", "No row of the file could be imported; the book stays as it was.")
                segment = await asyncio.to_thread(builder.finish_in_memory)
                await edition.publish()
            except BaseException:
                await self._give_up()
                raise
            self._index = self._index.with_book(book, Layer(segment))
            self._bus.publish(DirectoryChanged(book))
            await self._books.sweep()
        job.total, job.state = job.done, JobState.DONE

    async def _read_in(self, importer: Importer, edition: Edition, builder: SegmentBuilder, job: Job) -> None:
        rows = importer.contacts()
        while batch := await asyncio.to_thread(_next_batch, rows, builder):
            contacts = [row for row in batch if isinstance(row, Contact)]
            await edition.write(contacts)
            job.imported += len(contacts)
            job.done = importer.done
            for row in batch:
                if isinstance(row, BadRow):
                    job.add_bad(row)

    async def _give_up(self) -> None:
        try:
            await self._books.sweep()
        except Unavailable:
            log.warning("remains of an import stay until the next start")

    async def _segment(self, book: str) -> Segment:
        builder = SegmentBuilder(book, _let_others_run)
        async for page in self._books.pages(book):
            await asyncio.to_thread(_add_all, builder, page)
        return await asyncio.to_thread(builder.finish_in_memory)


def _let_others_run() -> None:
    """Called in a thread every few milliseconds: the event loop gets the interpreter at once, not after a time slice."""
    time.sleep(0.000_05)


def _next_batch(rows: Iterator[Contact | BadRow], builder: SegmentBuilder) -> list[Contact | BadRow]:
    batch: list[Contact | BadRow] = []
    for row in islice(rows, _BATCH):
        if isinstance(row, Contact):
            builder.add(row)
        batch.append(row)
        if len(batch) % _ROWS_AT_ONCE == 0:
            _let_others_run()
    return batch


def _add_all(builder: SegmentBuilder, contacts: Sequence[Contact]) -> None:
    for contact in contacts:
        builder.add(contact)


def _book_id(name: str) -> str:
    return "-".join(name.casefold().split())
