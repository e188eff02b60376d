"""What a client is answered: listings and reports, a piece at a time. Pure; whoever reads on decides when others may run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from unisono.directory.export import CHANGING, read_page
from unisono.directory.index import Index
from unisono.directory.model import Contact
from unisono.directory.phonebooks.carddav import answer, resources
from unisono.directory.phonebooks.carddav.asked import Multiget, Query, Sync, Wanted
from unisono.directory.phonebooks.carddav.matching import candidates, fits
from unisono.directory.phonebooks.carddav.resources import BookState, Level, Person
from unisono.directory.phonebooks.shelf import Shelf
from unisono.directory.views import View
from unisono.kernel.errors import Conflict, Invalid

LISTED_MOST = 20_000
"""Cards of a book that are listed in one answer; a larger one is read by sync-collection or asked by filters."""
FOUND_MOST = 5_000
"""Cards that a query is answered."""
LOOKED_AT_MOST = 20_000
"""Cards that a query looks at whose filter no index helps."""
SYNCED_MOST = 1_000
"""Changes told in one answer; the client asks on with the token of the answer."""
_TOKEN = "urn:unisono:sync:"  # noqa: S105
_WITHIN_LIMITS = "<C:number-of-matches-within-limits/>"
_SYNC_WITHIN_LIMITS = "<D:number-of-matches-within-limits/>"


class BadToken(Exception):
    """Nobody knows any more what has changed since: the client begins anew (RFC 6578 3.2, DAV:valid-sync-token)."""


class TooLarge(Exception):
    """The book has more cards than one answer holds."""


@dataclass(frozen=True, slots=True)
class Library:
    """The address books that a person sees, in one picture of the directory. `names`: those of books, by their ids.

    `awaited`: books that they will see again when these have been made anew.
    """

    index: Index
    view: View
    person: Person
    names: Mapping[str, str]
    awaited: frozenset[str] = frozenset()

    def books(self) -> list[str]:
        """Their ids, by name."""
        seen = (book for book in self.index.books if self.view.sees(book))
        return sorted(seen, key=lambda book: (self.names.get(book, book).casefold(), book))

    def sees(self, book: str) -> bool:
        """Whether there is such a book for this person."""
        return book in self.index.books and self.view.sees(book)

    def state(self, book: str) -> BookState:
        """A book as it is now."""
        only = View(frozenset({book}))
        token = f"{_TOKEN}m:{read_page(self.index, only, 0).mark}"
        return BookState(book, self.names.get(book, book), self.index.count(book), Shelf(self.index, only).state, token)

    def contact(self, book: str, contact_id: str) -> Contact | None:
        """A contact of a book that is seen."""
        return self.index.contact(contact_id, View(frozenset({book}))) if self.sees(book) else None

    def path(self, book: str, contact_id: str = "") -> str:
        """The address of a book, or of a card in it."""
        if not contact_id:
            return resources.book(self.person.id, book)
        return resources.card_path(self.person.id, book, contact_id)

    def card(self, contact: Contact, wanted: Wanted) -> str:
        """A card with what is wanted of it."""
        properties = resources.of_card(self.person, contact, wanted)
        return resources.written(self.path(contact.book, contact.id), properties, wanted)


def root(library: Library, wanted: Wanted, below: bool) -> Iterator[str]:
    """Where clients begin, and what lies below."""
    person = library.person
    yield resources.written(resources.ROOT, resources.of_root(person), wanted)
    if below:
        yield from principal(library, wanted)
        yield from home(library, wanted, below=False)


def principal(library: Library, wanted: Wanted) -> Iterator[str]:
    """The person."""
    person = library.person
    yield resources.written(resources.principal(person.id), resources.of_principal(person), wanted)


def home(library: Library, wanted: Wanted, below: bool) -> Iterator[str]:
    """The home of the address books, and these."""
    person = library.person
    yield resources.written(resources.home(person.id), resources.of_home(person), wanted)
    for each in library.books() if below else ():
        yield from book(library, each, wanted, below=False)


def book(library: Library, book_id: str, wanted: Wanted, below: bool) -> Iterator[str]:
    """An address book, and its cards. Raises `TooLarge`."""
    if below and library.index.count(book_id) > LISTED_MOST:
        raise TooLarge
    person = library.person
    yield resources.written(library.path(book_id), resources.of_book(person, library.state(book_id)), wanted)
    for part in library.index.books[book_id] if below else ():
        for ordinal in filter(part.counts, range(len(part.segment))):
            yield library.card(part.segment.contact(ordinal), wanted)


def multiget(library: Library, book_id: str, asked: Multiget) -> Iterator[str]:
    """The cards with these addresses (RFC 6352 8.7)."""
    for href in asked.hrefs:
        place = resources.place_of(href)
        contact = None
        if place is not None and place.level is Level.CARD and (place.user_id, place.book) == (library.person.id, book_id):
            contact = library.contact(book_id, place.contact_id)
        yield answer.gone(href) if contact is None else library.card(contact, asked.wanted)


def query(library: Library, book_id: str, asked: Query) -> Iterator[str]:
    """The cards that fit (RFC 6352 8.6); where there are too many, or too many to look at, it says that these are not all."""
    left, looks = min(asked.limit or FOUND_MOST, FOUND_MOST), LOOKED_AT_MOST
    seen: set[tuple[int, int]] = set()
    for number, part in enumerate(library.index.books[book_id]):
        few = candidates(part.segment, asked.filter)
        for ordinal in range(len(part.segment)) if few is None else few:
            if ordinal is None or not part.counts(ordinal) or (number, ordinal) in seen:
                yield ""
                continue
            if few is not None:
                seen.add((number, ordinal))
            if left == 0 or looks == 0:
                yield answer.truncated(library.path(book_id), _WITHIN_LIMITS)
                return
            looks -= 1
            contact = part.segment.contact(ordinal)
            if fits(contact, asked.filter):
                left -= 1
                yield library.card(contact, asked.wanted)
            else:
                yield ""  # a breathing mark


def sync(library: Library, book_id: str, asked: Sync) -> Iterator[str]:
    """What has changed since a token, or everything (RFC 6578 3.2). Raises `BadToken`."""
    only = View(frozenset({book_id}))
    kind, _, known = asked.token.removeprefix(_TOKEN).partition(":")
    if asked.token and (not asked.token.startswith(_TOKEN) or kind not in ("m", "c") or not known):
        raise BadToken
    if book_id == CHANGING and kind == "m" and known != read_page(library.index, only, 0).mark:
        raise BadToken  # this book does not remember what was removed from it
    limit = min(asked.limit or SYNCED_MOST, SYNCED_MOST)
    since, after = (known, "") if kind == "m" else ("", known)
    try:
        found = read_page(library.index, only, limit, since, after)
    except (Conflict, Invalid) as error:
        raise BadToken from error
    cards = (library.card(contact, asked.wanted) for contact in found.contacts)
    gone = (answer.gone(library.path(book_id, contact_id)) for contact_id in found.gone)
    yield from chain(cards, gone)
    if found.next:
        yield answer.truncated(library.path(book_id), _SYNC_WITHIN_LIMITS)
    yield answer.sync_token(f"{_TOKEN}c:{found.next}" if found.next else f"{_TOKEN}m:{found.mark}")
