"""What one asker finds: the books they see, as a node shows them. A value over one picture of the directory. Pure."""

import hashlib
import heapq
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import islice

import msgspec

from unisono import __version__
from unisono.directory.breathing import Breathing
from unisono.directory.collation import collation_key
from unisono.directory.duplicates import EACH_ALONE, Sameness
from unisono.directory.fold import folded_value
from unisono.directory.identify import LEAST_DIGITS, identify
from unisono.directory.index import Index, Part
from unisono.directory.ldap.model import ListOrder, NameOrder, Node
from unisono.directory.ldap.order import MOST, Ordered, Room, alphabetical, in_order
from unisono.directory.model import Contact, ContactNumber, Hit, NumberKind
from unisono.directory.search import searching
from unisono.directory.segment import Attribute
from unisono.directory.segment.attributes import NUMBERS
from unisono.directory.views import View
from unisono.numbers import Direction, Location, NumberFormat, format_number, normalise
from unisono.numbers.convert import location_to_json

_HAS_NUMBER = sum(1 << slot for slot in NUMBERS)
LOOKED_AT = 50_000
"""Contacts that are passed over in one page because they have no number, before it ends with those found."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number as the node writes it, and super-canonical ("" where it is none)."""

    kind: NumberKind
    text: str
    canonical: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What is shown of a contact. `firm`: "" where it is the name itself."""

    contact: Contact
    name: str
    firm: str
    numbers: tuple[Number, ...]


_LISTS = 2
"""Lists in a node's order that are kept: of the largest about 20 MB each."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the order of folded names: where `name` begins, behind so many contacts that have just this name.

    In the order of a node: so many contacts behind where `name` begins.
    """

    name: str = ""
    skip: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries, and where the next page begins; None at the end."""

    entries: tuple[Entry, ...] = ()
    next: Place | None = None


@dataclass(frozen=True)
class Shelf:
    """`view`: what the asker sees of the node's books already."""

    index: Index
    view: View
    node: Node = field(default_factory=lambda: Node("meta"))
    location: Location = field(default_factory=lambda: Location.simple("default", "IT"))
    sameness: Sameness = EACH_ALONE
    last_digits: int = LEAST_DIGITS
    lists: MutableMapping[str, Ordered] = field(default_factory=dict)
    """Remembers what was put into the order of a node, by `state`."""
    pause: Callable[[], None] = lambda: None
    """Called about once in a millisecond where that takes long."""

    def searching(self, text: str, limit: int) -> Breathing[list[Entry]]:
        """The best hits for what was typed; the node's phone books are asked only if the others have none."""
        for view in self._views():
            hits = yield from searching(self.index, text, limit, view, self.sameness)
            if hits:
                return [entry for hit in hits if (entry := self._of_hit(hit, view)) is not None]
        return []

    def lookup(self, number: str) -> list[Entry]:
        """Whose number this is, written in any form: the most likely first; nothing if nobody certain."""
        canonical = normalise(number, self.location, Direction.STORED).supercanonical
        for view in self._views():
            found = identify(self.index, canonical, view, self.sameness, self.last_digits)
            if found is not None:
                others = (self.index.contact(id, view) for id in found.alternatives)
                return [self.entry(each) for each in (found.contact, *others) if each is not None]
        return []

    def page(self, place: Place, limit: int) -> Page:
        """Up to `limit` contacts that have a number, in the node's order, else that of names; each entry stands alone."""
        entries: list[Entry] = []
        name, passed = place.name.encode(), place.skip
        for looked, (folded, part, ordinal) in enumerate(self._ordered(place)):
            if folded != name:
                name, passed = folded, 0
            if len(entries) == limit or looked == LOOKED_AT:
                return Page(tuple(entries), Place(name.decode(), passed))
            passed += 1
            if part.segment.mask(ordinal) & _HAS_NUMBER:
                entries.append(self.entry(part.segment.contact(ordinal)))
        return Page(tuple(entries))

    def contacts(self) -> Iterator[Contact]:
        """Every contact in the same order, with and without numbers."""
        return (part.segment.contact(ordinal) for _, part, ordinal in self._ordered(Place()))

    def find(self, contact_id: str) -> Contact | None:
        """One contact."""
        return self.index.contact(contact_id, self.view)

    def entry(self, contact: Contact, numbers: Sequence[ContactNumber] | None = None) -> Entry:
        """A contact as the node shows it."""
        shown = [
            Number(number.kind, self._written(number), number.canonical)
            for number in (contact.numbers if numbers is None else numbers)
        ]
        name = self._name(contact)
        firm = contact.company if contact.company not in (name, contact.name) else ""
        return Entry(contact, name, firm, tuple(number for number in shown if number.text))

    @cached_property
    def state(self) -> str:
        """Names what is shown, and how: another text whenever any of it is another. Nothing of unseen books is in it."""
        said = hashlib.blake2b(digest_size=16)
        for part in self.index.parts(self.view):
            said.update(f"{part.book}\0{part.layer.digest}\0".encode())
        said.update(msgspec.json.encode((__version__, self.node, _plan(self.location), self._language)))
        return said.hexdigest()

    def _views(self) -> Iterator[View]:
        later = frozenset(self.node.phone_books)
        if not later:
            yield self.view
            return
        seen = frozenset(book for book in self.index.books if self.view.sees(book))
        yield View(seen - later)
        yield View(seen & later)

    def _of_hit(self, hit: Hit, view: View) -> Entry | None:
        contact = self.index.contact(hit.id, view)
        return None if contact is None else self.entry(contact, hit.numbers)

    def _ordered(self, place: Place) -> Iterator[tuple[bytes, Part, int]]:
        wanted = place.name.encode()
        parts = list(self.index.parts(self.view))
        ordered = self._listed(parts)
        if ordered is not None:
            first = ordered.first(collation_key([place.name], self._language)) if place.name else 0
            return ((wanted, *ordered[at]) for at in range(first + place.skip, len(ordered)))
        merged = heapq.merge(*(_from(number, part, wanted) for number, part in enumerate(parts)))
        return ((folded, parts[number], ordinal) for folded, number, ordinal in islice(merged, place.skip, None))

    @property
    def _language(self) -> str:
        return self.node.language or self.location.language

    def _listed(self, parts: Sequence[Part]) -> Ordered | None:
        """All in the node's order; None if it has none, or they are too many to be sorted."""
        if self.node.order is ListOrder.AS_FOUND or sum(len(part.segment) - part.hidden.count(1) for part in parts) > MOST:
            return None
        known = self.lists.get(self.state)
        if known is None:
            everybody = ((part, ordinal) for part in parts for ordinal in _counting(part, 0))
            for step in in_order(everybody, alphabetical(self.node.order, self._language), Room()):
                self.pause()
                known = known if step is None else step
            assert known is not None
            for state in list(self.lists)[: 1 - _LISTS]:
                self.lists.pop(state, None)
            self.lists[self.state] = known
        return known

    def _written(self, number: ContactNumber) -> str:
        if not number.canonical:
            return number.raw
        return _formatted(number.canonical, self.location, self.node.number_format)

    def _name(self, contact: Contact) -> str:
        if self.node.name_order is NameOrder.AS_IS or not (contact.first_name and contact.last_name):
            return contact.name
        if self.node.name_order is NameOrder.FIRST_LAST:
            return f"{contact.first_name} {contact.last_name}"
        return f"{contact.last_name}, {contact.first_name}"


def place_of(text: str, skip: int = 0) -> Place:
    """The place where names begin that come as `text` in the order, or behind it."""
    return Place(folded_value(text).decode(), skip)


def _from(number: int, part: Part, wanted: bytes) -> Iterator[tuple[bytes, int, int]]:
    segment = part.segment
    everybody = range(len(segment))
    first = bisect_left(everybody, wanted, key=segment.folded) if wanted else 0
    return ((segment.folded(ordinal, Attribute.CN), number, ordinal) for ordinal in _counting(part, first))


def _counting(part: Part, first: int) -> Iterable[int]:
    everybody = range(first, len(part.segment))
    return filter(part.counts, everybody) if part.hidden else everybody


@lru_cache(maxsize=8192)
def _formatted(number: str, location: Location, form: NumberFormat) -> str:
    return format_number(number, location, form)


@lru_cache(maxsize=64)
def _plan(location: Location) -> bytes:
    return msgspec.json.encode(location_to_json(location))
