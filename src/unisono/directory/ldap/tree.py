"""Everything a session sees: the nodes under their names, with the books of the present picture. Replaced as a whole."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from functools import lru_cache
from itertools import count
from typing import Any

from unisono import __version__
from unisono.directory.index import Index, Part
from unisono.directory.ldap.branch import Branch, books_of, values_below
from unisono.directory.ldap.entries import Entry
from unisono.directory.ldap.model import Configuration, Identity, Template
from unisono.directory.ldap.profiles import view_of
from unisono.directory.ldap.schema import SUBSCHEMA, subschema
from unisono.directory.views import View
from unisono.numbers import Location
from unisono.numbers.convert import location_from_json
from unisono.numbers.sites import link
from unisono.wire.ldap.control import ManageDsaIt, PagedResults, SortRequest, Subentries, VlvRequest
from unisono.wire.ldap.dn import Ava, Dn, Key
from unisono.wire.ldap.errors import TextError
from unisono.wire.ldap.message import ExtendedName
from unisono.wire.ldap.result_code import ResultCode

CONTROLS = frozenset(kind.OID for kind in (PagedResults, SortRequest, VlvRequest, ManageDsaIt, Subentries))
FEATURES = ("1.3.6.1.4.1.4203.1.5.1", "1.3.6.1.4.1.4203.1.5.3")
"""All operational attributes by "+" (RFC 3673), true and false filters (RFC 4526)."""
_PLACES_KEPT = 4096


class Refused(Exception):
    """The operation ends with this code; `matched`: how much of a name is there."""

    def __init__(self, code: ResultCode, message: str = "", matched: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.matched = matched


class Level(IntEnum):
    """How deep in the tree a name is."""

    ROOT = 0
    SCHEMA = 1
    NODE = 2
    BOOK = 3
    CONTACT = 4


@dataclass(frozen=True, slots=True)
class Place:
    """What a name means; nothing is said of whether it is there. `beyond`: it goes on below that, where nothing is."""

    level: Level
    branch: Branch | None = None
    book: str = ""
    contact_id: str = ""
    beyond: bool = False


@dataclass(frozen=True, slots=True)
class Portion:
    """What somebody sees of a node."""

    branch: Branch
    first: tuple[Part, ...]
    later: tuple[Part, ...]

    @property
    def parts(self) -> tuple[Part, ...]:
        """Every part."""
        return self.first + self.later

    def of_book(self, book: str) -> "Portion":
        """One book of it; empty if it is not seen."""
        return Portion(self.branch, tuple(part for part in self.parts if part.book == book), ())

    def find(self, contact_id: str) -> tuple[Part, int] | None:
        """A contact by its id."""
        for part in self.parts:
            ordinal = part.segment.find(contact_id)
            if ordinal is not None and part.counts(ordinal):
                return part, ordinal
        return None


class Tree:
    """`changed`: since when the picture is in force; `awaited`: books that are being made anew."""

    def __init__(
        self,
        index: Index,
        configuration: Configuration,
        changed: datetime | None = None,
        awaited: frozenset[str] = frozenset(),
    ) -> None:
        self.index = index
        self.serial = next(_SERIALS)
        """No other tree of the process has it."""
        self._awaited = awaited.difference(index.books)
        self.configuration = configuration
        self.changed = (changed or datetime.now(UTC)).strftime("%Y%m%d%H%M%SZ")
        templates = {template.id: template for template in configuration.templates}
        locations = _locations(configuration)
        default = next(iter(locations.values()))
        self.branches = [
            Branch(node, templates.get(node.template_id, Template()), locations.get(node.location_id, default), self.changed)
            for node in configuration.nodes
        ]
        # The longest suffix first: a node may lie below another one.
        self._by_length = sorted(self.branches, key=lambda branch: -len(branch.key))
        self._books = {_as_compared(book): book for book in (*self._awaited, *reversed(list(self.index.books)))}
        self._places: dict[str, Place] = {"": Place(Level.ROOT)}
        self._portions: dict[tuple[int, View], Portion] = {}
        self._views: dict[Identity, View] = {}
        self._like: dict[str, str] = {}
        self._with_rights: dict[tuple[tuple[bool, bool], ...], str] = {}
        self.prepared: dict[object, Any] = {}
        """What `prepared` has found out about this tree."""
        self.forms: dict[object, Any] = {}
        """What `forms` has."""

    def view(self, identity: Identity) -> View:
        """What somebody may see."""
        found = self._views.get(identity)
        if found is None:
            if len(self._views) >= _PLACES_KEPT:
                self._views.clear()
            found = self._views[identity] = view_of(identity, self.configuration)
        return found

    def place(self, name: str) -> Place:
        """What a name means. Raises `Refused`: it is no name, or lies under no node."""
        found = self._places.get(name)
        if found is None:
            found = self._find(name)
            if len(self._places) < _PLACES_KEPT:
                self._places[name] = found
        return found

    def _find(self, name: str) -> Place:
        try:
            key = Dn.parse(name).key
        except TextError as error:
            raise Refused(ResultCode.INVALID_DN_SYNTAX, error.why) from error
        if not key:
            return Place(Level.ROOT)
        if key == _SCHEMA_KEY:
            return Place(Level.SCHEMA)
        for branch in self._by_length:
            below = len(key) - len(branch.key)
            if below >= 0 and key[below:] == branch.key:
                return self._below(branch, key[:below])
        raise Refused(ResultCode.NO_SUCH_OBJECT)

    def _below(self, branch: Branch, key: Key) -> Place:
        values = values_below(key)
        beyond = len(key) > len(values)
        if not values:
            return Place(Level.NODE, branch, beyond=beyond)
        # In one step, whether it is there or not: time must not tell which books are hidden.
        book = self._books.get(values[0], "")
        if len(values) == 1:
            return Place(Level.BOOK, branch, book, beyond=beyond)
        return Place(Level.CONTACT, branch, book, values[1], beyond)

    def default_branch(self, address: str) -> Branch | None:
        """The node that answers searches from the root."""
        return next((branch for branch in self.branches if branch.reachable(address)), None)

    def like(self, address: str) -> str:
        """The first address seen of those that may do the same as this one: what holds for it holds for a whole fleet."""
        found = self._like.get(address)
        if found is None:
            rights = tuple((branch.reachable(address), branch.open_to(address)) for branch in self.branches)
            if len(self._like) >= _PLACES_KEPT:
                self._like.clear()
            found = self._like[address] = self._with_rights.setdefault(rights, address)
        return found

    def portion(self, branch: Branch, view: View) -> Portion:
        """What somebody with this view sees of a node."""
        key = (id(branch), view)
        found = self._portions.get(key)
        if found is None:
            if len(self._portions) >= _PLACES_KEPT:
                self._portions.clear()
            found = self._portions[key] = Portion(branch, *branch.parts(self.index, view))
        return found

    def awaits(self, portion: Portion, view: View, book: str | None = None) -> bool:
        """Whether books that somebody with this view sees here (or this one) are not there yet."""
        if not self._awaited:
            return False
        seen = portion.branch.view(view)
        return any(seen.sees(each) and book in (None, each) for each in self._awaited)

    # Entries that are no contacts

    def root_dse(self, address: str, secure: bool) -> Entry:
        """RFC 4512 5.1."""
        contexts = tuple(branch.suffix for branch in self.branches if branch.reachable(address))
        extensions = [ExtendedName.WHO_AM_I, ExtendedName.CANCEL, *([] if secure else [ExtendedName.START_TLS])]
        operational = {
            "structuralObjectClass": ("OpenLDAProotDSE",),
            "namingContexts": contexts,
            "defaultNamingContext": contexts[:1],
            "subschemaSubentry": (SUBSCHEMA,),
            "supportedLDAPVersion": ("2", "3"),
            "supportedControl": tuple(sorted(CONTROLS)),
            "supportedExtension": tuple(str(name.value) for name in extensions),
            "supportedFeatures": FEATURES,
            "vendorName": ("Unisono",),
            "vendorVersion": (__version__,),
            "metaVersion": (__version__,),
            "entryDN": ("",),
        }
        return Entry("", {"objectClass": ("top", "OpenLDAProotDSE")}, operational)

    def schema_entry(self) -> Entry:
        """RFC 4512 4.2."""
        added = tuple(name for branch in self.branches for name in branch.template.object_classes)
        operational = {**subschema(added), "createTimestamp": (self.changed,), "modifyTimestamp": (self.changed,)}
        more = {"structuralObjectClass": ("subentry",), "entryDN": (SUBSCHEMA,), "subschemaSubentry": (SUBSCHEMA,)}
        user = {"objectClass": ("top", "subentry", "subschema", "extensibleObject"), "cn": ("Subschema",)}
        return Entry(SUBSCHEMA, user, {**operational, **more})

    def node_entries(self, portion: Portion, base: bool, books: bool) -> Iterable[Entry]:
        """The entry of a node, and those of its books."""
        seen = books_of(portion.parts)
        if base:
            yield portion.branch.root_entry(bool(seen))
        if books:
            for book in seen:
                yield self.book_entry(portion, book)

    def book_entry(self, portion: Portion, book: str) -> Entry:
        """The entry of a book that is seen."""
        return portion.branch.book_entry(book, any(len(p.segment) for p in portion.parts if p.book == book))


_SCHEMA_KEY = Dn.parse(SUBSCHEMA).key
_SERIALS = count()


@lru_cache(maxsize=4096)
def _as_compared(book: str) -> str:
    """The key of a book as names of entries are compared."""
    return Ava("ou", book).key[1]


def _locations(configuration: Configuration) -> dict[str, Location]:
    read = {identity: location_from_json(plan) for identity, plan in configuration.locations}
    linked = dict(zip(read, link(list(read.values())), strict=True))
    return linked or {"": Location.simple("default", "IT")}
