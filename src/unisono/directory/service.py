"""The directory: everything others ask of it. Look-ups never wait; whatever takes long happens beside the event loop."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import TypeVar

from unisono.directory import store
from unisono.directory.books import OWN_BOOK, book_among, book_named
from unisono.directory.breathing import Breathing
from unisono.directory.duplicates import origins, same_person
from unisono.directory.events import DirectoryChanged
from unisono.directory.export import Export, read_page
from unisono.directory.exporters.service import Exports
from unisono.directory.identify import identify
from unisono.directory.index import Index, Layer
from unisono.directory.ldap.names import hidden_by
from unisono.directory.model import Book, Contact, ContactNumber, Hit, Identified, NumberKind, Origin
from unisono.directory.persons import Effects, Persons, Walk
from unisono.directory.picture import Picture
from unisono.directory.replicators.service import Replication
from unisono.directory.replicators.store import book_exists
from unisono.directory.runs.process import Place
from unisono.directory.sameness import Duplicates
from unisono.directory.search import searching
from unisono.directory.segment import SegmentBuilder
from unisono.directory.settings import DirectorySettings
from unisono.directory.uploads import Uploads
from unisono.directory.views import EVERYTHING, View
from unisono.kernel.bus import Bus
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Conflict, Culprit, Invalid, NotFound, Unavailable
from unisono.kernel.expected import ANYTHING, Expected
from unisono.kernel.ids import new_id
from unisono.kernel.log import Log
from unisono.kernel.tasks import Works, together
from unisono.storage import Database, Shared

MOST_BY_HAND = 2_000
"""Contacts that one person may have written."""
_MOST_RECENT = 300
"""Contacts written by hand before their book's segment is built anew."""
_LOOKS = 30_000
"""Entries that are looked at in one go for duplicates: about two seconds."""
_PERSONS = 25
_LOOK_SECONDS = 2.0
"""How often it is looked whether somebody else (a command, another node) has changed a book."""
_TURN_SECONDS = 0.002
_READY_SECONDS = 10
"""After which somebody who asks for contacts that are being made anew may ask again."""
_TOO_MANY = f"You have written {MOST_BY_HAND:,} contacts, which is the most. Remove some, or ask an admin to import them."
_OWN_WAITS = "contacts written by hand wait to reach other processes"
_NOT_READY = "The contacts are being made ready; ask again in a moment."
_OWN = View(frozenset({OWN_BOOK.id}))
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")

T = TypeVar("T")

log = Log("directory")

ReaderFor = Callable[[str], Callable[[str], str]]
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


class Directory:
    """Contacts of all books. Call `load` once, and run `run` beside everything else: it does what takes long."""

    def __init__(
        self,
        database: Database,
        reader_for: ReaderFor,
        bus: Bus,
        clock: Clock,
        place: Place,
        settings: DirectorySettings | None = None,
        zone_of: Callable[[str], tzinfo] = lambda location_id: UTC,
    ) -> None:
        self._books = store.Books(database)
        self._reader_for = reader_for
        self._bus = bus
        self._clock = clock
        self.works = Works(clock)
        self._index = Index()
        self._recent = 0
        self._written: Counter[str] = Counter()
        """Contacts written by hand, per author."""
        self._refreshing = asyncio.Lock()
        self._working = asyncio.Lock()
        self._own_changed = asyncio.Event()
        self._broken = set[str]()
        """Books that wait to be made anew."""
        self._missing = frozenset[str]()
        """Books of which nothing is here until they are made anew; those that are here by now may be among them."""
        folder = Path(place.folder)
        self._settings = settings or DirectorySettings()
        self._hidden = partial(hidden_by, database)
        self.replication = Replication(database, clock, place, self._settings, self.refresh, zone_of, self._hidden)
        self.uploads = Uploads(place.uploads)
        self.exports = Exports(database, clock, place, self._settings.exports, zone_of)
        self.duplicates = Duplicates(database, clock)
        self.own = Shared(database, "own-contacts", self._take_own)
        """Contacts written by hand."""
        self._picture = Picture(self.replication.layers, folder, let_others_run)

    @property
    def index(self) -> Index:
        """The present picture: a value, to be read and not kept."""
        return self._index

    @property
    def last_digits(self) -> int:
        """So many last digits are enough to know whose a number is."""
        return self._settings.last_digits

    async def load(self) -> None:
        """Read every book; remains of what was interrupted are taken away."""
        await self._books.add(OWN_BOOK)
        await self.replication.tidy()
        await self._books.sweep()
        await self.exports.runs.tidy()
        await self.duplicates.shared.load()
        await self.tidy_uploads()
        await self._picture.open()
        await self.own.load()
        try:
            await self._put_own()
        except Unavailable as fault:  # on a full disk; who asks this server is answered all the same
            log.warning(_OWN_WAITS, reason=fault.message)
            self._own_changed.set()
        await self.refresh()

    async def tidy_uploads(self) -> None:
        """Take away files that were handed over and that no source reads, or no longer."""
        await self.uploads.tidy({str(each.settings.get("file", "")) for each in await self.replication.store.all()})

    async def run(self) -> None:
        """Sources, exports, and what others change in the database: for ever. A mistake in one part ends no other."""
        await together(
            self.replication.run(self.works),
            self.exports.run(self.works),
            self.works.forever("directory: changes of books", self._look),
            self.works.forever("directory: contacts written by hand", self._keep_own),
        )

    async def refresh(self) -> None:
        """Take over what the database says about books that sources fill."""
        async with self._refreshing:
            found = await self._picture.refresh(self._index, OWN_BOOK.id)
            self._missing |= frozenset(found.broken)
            for book, layers in found.changed.items():
                composed = await asyncio.to_thread(Index().with_book, book, *layers)
                # The picture may have changed meanwhile; a book's parts take their place in whatever it is now.
                self._index = Index({**self._index.books, **composed.books}, self._index.recent)
            for book in found.removed:
                self._index = self._index.without_book(book)
            self._missing = frozenset(found.broken)
            for book in (*found.changed, *found.removed):
                self._bus.publish(DirectoryChanged(book))
            self._broken = set(found.broken)
        await self._restore()

    async def _restore(self) -> None:
        """Have books made anew, and awaited meanwhile; those whose sources are held are asked for again until they are free."""
        async with self._refreshing:
            await self._picture.awaits([book for book in self._missing if await self.replication.store.maker(book)])
        for book in sorted(self._broken):
            if await self.replication.restore(book):
                self._broken.discard(book)

    async def mend(self) -> None:
        """Let go of books whose files were cut off while open: reading those would end the process. They are made anew."""
        damaged: dict[str, list[str]] = {}
        for part in self._index.parts():
            if not part.segment.intact:
                damaged.setdefault(part.book, []).append(part.segment.where)
        for book, names in damaged.items():
            log.error("a file of the index was cut off; it is made anew", book=book, files=names)
            self._missing |= {book}
            self._index = self._index.without_book(book)
            await self._picture.discard(book, names)

    async def _look(self) -> None:
        while True:
            await self._clock.sleep(_LOOK_SECONDS)
            try:
                await self.mend()
                if await self._picture.stale():
                    await self.refresh()
                elif self._broken:
                    await self._restore()
            except Unavailable as fault:
                log.warning("changes of books wait to be seen", reason=fault.message)

    async def _keep_own(self) -> None:
        """Write contacts written by hand where other processes of this node read them."""
        while True:
            await self._own_changed.wait()
            self._own_changed.clear()
            try:
                await self._put_own()
            except Unavailable as fault:
                log.warning(_OWN_WAITS, reason=fault.message)
                self._own_changed.set()
                await self._clock.sleep(_LOOK_SECONDS)
            except Exception:
                self._own_changed.set()  # tried again when this is
                raise

    async def _put_own(self) -> None:
        async with self._refreshing:
            parts = self._index.books.get(OWN_BOOK.id, ())
            await self._picture.put(OWN_BOOK.id, [part.layer for part in reversed(parts)])

    # Look-ups

    def awaited(self, view: View = EVERYTHING) -> frozenset[str]:
        """The books of this view that are being made anew and are not here yet, as after a restore: they are not empty."""
        return frozenset(book for book in self._missing - self._index.books.keys() if view.sees(book))

    def check_ready(self, view: View = EVERYTHING) -> None:
        """Who has found nothing asks this before they say so. Raises `Unavailable` while books of the view are awaited."""
        if self.awaited(view):
            raise not_ready()

    def identify(self, canonical: str, view: View = EVERYTHING) -> Identified | None:
        """Who a super-canonical number belongs to."""
        return identify(self._index, canonical, view, self.duplicates.sameness, self._settings.last_digits)

    async def search(self, text: str, limit: int = 20, view: View = EVERYTHING) -> list[Hit]:
        """The best hits for what was typed so far."""
        return await self.in_turn(searching(self._index, text, limit, view, self.duplicates.sameness))

    async def in_turn(self, work: Breathing[T]) -> T:
        """Do what takes some milliseconds on the event loop, one such work at a time, and give the loop its turn meanwhile."""
        async with self._working:
            turn = time.perf_counter()
            while True:
                try:
                    next(work)
                except StopIteration as end:
                    return end.value  # type: ignore[no-any-return]
                if time.perf_counter() - turn >= _TURN_SECONDS:
                    await asyncio.sleep(0)
                    turn = time.perf_counter()

    def origins(self, contact_id: str, view: View = EVERYTHING) -> tuple[Origin, ...]:
        """The entries that are shown as one with this contact, itself first; nothing if there are no others."""
        for part in self._index.parts(view):
            ordinal = part.segment.find(contact_id)
            if ordinal is not None and part.counts(ordinal):
                entry = part, ordinal
                return origins(entry, same_person(self._index, entry, self.duplicates.sameness, view))
        return ()

    def get(self, contact_id: str, view: View = EVERYTHING) -> Contact:
        """One contact. Raises `NotFound`, or `Unavailable` while its book may be one that is being made anew."""
        contact = self._index.contact(contact_id, view)
        if contact is None:
            self.check_ready(view)
            raise NotFound("unknown-contact", "There is no such contact.", data={"id": contact_id})
        return contact

    async def export(self, limit: int, since: str = "", after: str = "", view: View = EVERYTHING) -> Export:
        """A page of all contacts, or of what came since a mark; see `export.py`. Raises `Invalid`, `Conflict`.

        Raises `Unavailable` while books are being made anew: who keeps a copy must not take their contacts for removed.
        """
        self.check_ready(view)
        return await asyncio.to_thread(read_page, self._index, view, limit, since, after)

    def read_number(self, raw: str, location_id: str) -> str:
        """The super-canonical form of a number as a location writes it; "" if it is none."""
        return self._reader_for(location_id)(raw)

    async def books(self) -> list[Book]:
        """Every book with its size."""
        return [replace(book, contacts=self._index.count(book.id)) for book in await self._books.books()]

    async def persons(self, after: str) -> Persons:
        """Some of the people whom several books have, from a place on."""
        walk = Walk(self._index, self.duplicates.sameness, _LOOKS, let_others_run)
        return await asyncio.to_thread(walk.persons, after, _PERSONS)

    async def effects_of_rules(self, after: str) -> Effects:
        """What each rule for duplicates does, or would do, among the next entries from a place on."""
        walk = Walk(self._index, self.duplicates.sameness, _LOOKS, let_others_run)
        return await asyncio.to_thread(walk.effects, after)

    # Books

    async def book_called(self, name: str) -> Book:
        """The book with this name, or one that is not there yet. Raises `Invalid`."""
        return book_among(await self.books(), name, await self._hidden())

    async def book_ids(self) -> frozenset[str]:
        """The id of every book."""
        return frozenset(book.id for book in await self._books.books())

    async def own_changed(self) -> datetime | None:
        """When somebody last changed a contact of the own book; None: never, or before that was kept."""
        return await self._books.changed(OWN_BOOK.id)

    async def book(self, id: str) -> Book:
        """One book. Raises `NotFound`."""
        for book in await self.books():
            if book.id == id:
                return book
        raise NotFound("unknown-book", f"There is no book {id!r} (any more).", data={"id": id})

    async def make_book(self, name: str) -> Book:
        """An empty book. Raises `Invalid`, `Conflict`."""
        while True:
            book = await self.book_called(name)
            if book.id in {there.id for there in await self.books()}:
                raise book_exists(book)
            if await self._books.add(book):
                return book

    async def rename_book(self, id: str, name: str, expected: Expected = ANYTHING) -> Book:
        """Call a book otherwise. Raises `Invalid`, `NotFound`, `Conflict`, `Outdated`."""
        found = await self.book(id)
        if id == OWN_BOOK.id:
            raise Conflict("own-book", "The book of contacts written by hand stays.")
        renamed = replace(found, name=book_named(name).name)
        if not await self._books.rename(id, renamed.name, expected):
            raise book_exists(renamed)
        return renamed

    # Writing by hand

    async def create(self, draft: NewContact, location_id: str, author: str = "") -> Contact:
        """Add a contact to the own book. Raises `Invalid` for one that cannot be meant, `Conflict` for one too many.

        `author`: who writes it (a user id); "" for the server itself, which has no limit.
        """
        contact = self._written_as(draft, new_id(), location_id, author)
        async with self.own.changing() as change:
            if author and self._written[author] >= MOST_BY_HAND:
                raise Conflict("too-many-contacts", _TOO_MANY, data={"most": str(MOST_BY_HAND)})
            await store.put(change.connection, contact, self._clock.now())
            change.ids.add(contact.id)
        return contact

    async def rewrite(
        self, contact_id: str, draft: NewContact, location_id: str, expected: Expected = ANYTHING
    ) -> Contact:
        """Replace what a contact written by hand says.

        Raises `NotFound`, `Invalid`, `Outdated`, or `Conflict` for one of a source.
        """
        before = self.get(contact_id)
        if before.book != OWN_BOOK.id:
            raise Conflict("imported-contact", "This contact comes from a source; change it there.")
        contact = self._written_as(draft, contact_id, location_id, before.author)
        async with self.own.changing() as change:
            expected.check(self.get(contact_id))  # nobody has removed it meanwhile
            await store.put(change.connection, contact, self._clock.now())
            change.ids.add(contact_id)
        return contact

    def _written_as(self, draft: NewContact, key: str, location_id: str, author: str) -> Contact:
        """A contact of the own book. Raises `Invalid` and says which field is wrong."""
        name = draft.display_name or f"{draft.first_name} {draft.last_name}".strip() or draft.company
        if not name:
            raise Invalid("contact-nameless", "Give a name or a company.", data={"field": "last_name"})
        read = self._reader_for(location_id)
        numbers = tuple(ContactNumber(kind, raw, read(raw)) for kind, raw in draft.numbers)
        for place, number in enumerate(numbers):
            if not number.canonical:
                where = {"field": f"numbers.{place}", "number": number.raw}
                raise Invalid("number-unreadable", f"{number.raw} is no telephone number.", data=where)
        for place, email in enumerate(draft.emails):
            if not _EMAIL.fullmatch(email):
                where = {"field": f"emails.{place}", "email": email}
                raise Invalid("email-unreadable", f"{email} is no e-mail address.", data=where)
        return Contact(
            id=key, book=OWN_BOOK.id, source_key=key, display_name=name, first_name=draft.first_name,
            last_name=draft.last_name, company=draft.company, job_title=draft.job_title, numbers=numbers,
            emails=draft.emails, note=draft.note, author=author,
        )  # fmt: skip

    async def remove(self, contact_id: str, expected: Expected = ANYTHING) -> None:
        """Remove a contact written by hand.

        Raises `NotFound`, `Outdated`, or `Conflict` for one that its source would bring back.
        """
        contact = self.get(contact_id)
        if contact.book != OWN_BOOK.id:
            raise Conflict("imported-contact", "This contact comes from a source; remove it there.")
        async with self.own.changing() as change:
            expected.check(self.get(contact_id))
            await store.remove(change.connection, contact.book, contact_id, self._clock.now())
            change.ids.add(contact_id)

    async def _take_own(self, ids: Collection[str] | None) -> None:
        starting = self.own.seen is None
        if ids is None or self._recent + len(ids) >= _MOST_RECENT:
            await self._read_own()
        else:
            found = await self._books.some(OWN_BOOK.id, ids)
            before = [contact for id in ids if (contact := self._index.contact(id, _OWN)) is not None]
            self._written.subtract(contact.author for contact in before)
            self._written.update(contact.author for contact in found)
            self._index = self._index.with_changes(OWN_BOOK.id, found, set(ids).difference(c.id for c in found))
            self._recent += len(ids)
        if not starting:
            self._own_changed.set()
            self._bus.publish(DirectoryChanged(OWN_BOOK.id))

    async def _read_own(self) -> None:
        """Read all contacts written by hand from the database."""
        builder = SegmentBuilder(OWN_BOOK.id, let_others_run)
        written = Counter[str]()
        async for page in self._books.pages(OWN_BOOK.id):
            written.update(contact.author for contact in page)
            await asyncio.to_thread(_add_all, builder, page)
        segment = await asyncio.to_thread(builder.finish_in_memory)
        # Only now, and without waiting: other books may have changed meanwhile.
        self._index = self._index.with_book(OWN_BOOK.id, Layer(segment))
        self._written, self._recent = written, 0

    async def remove_book(self, book_id: str, expected: Expected = ANYTHING) -> None:
        """Remove a book with its source.

        Raises `NotFound`, `Outdated`, and `Conflict` for the own book or one that is being read.
        """
        if book_id == OWN_BOOK.id:
            raise Conflict("own-book", "The book of contacts written by hand stays.")
        await self.book(book_id)
        await self.replication.store.remove_book(book_id, expected)
        await self.refresh()
        await self.replication.layers.sweep()
        await self._books.sweep()


def not_ready() -> Unavailable:
    """Instead of "nothing" and "nobody" where books are being made anew."""
    return Unavailable("contacts-not-ready", _NOT_READY, culprit=Culprit.US, retry_after=_READY_SECONDS)


def let_others_run() -> None:
    """Called in a thread every few milliseconds: the event loop gets the interpreter at once, not after a time slice."""
    time.sleep(0.000_05)


def _add_all(builder: SegmentBuilder, contacts: Sequence[Contact]) -> None:
    for contact in contacts:
        builder.add(contact)
