"""What a base, a scope and a list of attributes mean for somebody: found out once, for telephones ask alike. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from unisono.directory.index import Part
from unisono.directory.ldap.entries import Entry
from unisono.directory.ldap.schema import main_name
from unisono.directory.ldap.selection import Selection
from unisono.directory.ldap.tree import Level, Place, Portion, Refused, Tree
from unisono.directory.segment import Attribute
from unisono.directory.views import View
from unisono.wire.ldap.message import Scope, SearchRequest
from unisono.wire.ldap.result_code import ResultCode

_PREPARED_MOST = 2048

class Layout(NamedTuple):
    """How the entries of a book begin, in messages with a number of so many octets."""

    pack: Callable[..., bytes]
    name: bytes
    """What stands before the id."""
    behind: bytes
    """What stands behind it."""
    classes: bytes
    """What stands before the attributes that are stored."""
    message: int
    """Bytes of the message without these."""
    entry: int
    """The same of the entry."""
    span: tuple[Attribute, Attribute]
    """The attributes that are answered."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and from where."""

    view: View
    address: str
    anonymous: bool
    secure: bool


@dataclass(frozen=True, slots=True)
class Prepared:
    """The same for all searches with this base, scope and attributes by the same asker.

    `entries`: those in the scope that are no contacts; `names`: the attributes that these have. `contacts`: whether contacts
    are in the scope. `parts`: those of the portion's first that have some. `selection` is None where there can be none.
    `most`: entries in an answer. `waiting`: books in the scope are not there yet.
    """

    place: Place
    portion: Portion | None
    entries: tuple[Entry, ...]
    names: frozenset[str]
    contacts: bool
    parts: tuple[Part, ...]
    selection: Selection | None
    most: int
    attributes: tuple[str, ...]
    types_only: bool
    waiting: bool
    layouts: dict[tuple[str, int], Layout] = field(default_factory=dict)
    """By book, and octets of the message's number."""


def prepare(tree: Tree, asker: Asker, request: SearchRequest, most: int) -> Prepared:
    """Look the base up. Raises `Refused` if there is nothing to look for."""
    key = request.base, request.scope, request.attributes, request.types_only, asker
    found = tree.prepared.get(key)
    if found is None:
        if len(tree.prepared) >= _PREPARED_MOST:
            tree.prepared.clear()
        found = tree.prepared[key] = _prepared(tree, asker, request, most)
    return found


def _prepared(tree: Tree, asker: Asker, request: SearchRequest, most: int) -> Prepared:
    place, scope = tree.place(request.base), request.scope
    if place.level is Level.ROOT and scope is not Scope.BASE:
        place = Place(Level.NODE, tree.default_branch(asker.address))
    portion = _portion(tree, place, asker)
    entries = tuple(_entries(tree, asker, place, portion, scope))
    names = frozenset(main_name(name.lower()) for entry in entries for name in (*entry.user, *entry.operational))
    contacts = portion is not None and (scope > Scope.ONE or (scope is Scope.ONE and place.level is Level.BOOK))
    parts = tuple(part for part in portion.first if len(part.segment)) if portion is not None and contacts else ()
    selection, waiting = None, False
    if portion is not None:
        waiting = contacts and tree.awaits(portion, asker.view, place.book or None)
        selection = Selection(request.attributes, portion.branch, request.types_only)
        most = portion.branch.node.size_limit or most
    asked = request.attributes, request.types_only
    return Prepared(place, portion, entries, names, contacts, parts, selection, most, *asked, waiting)


def _entries(tree: Tree, asker: Asker, place: Place, portion: Portion | None, scope: Scope) -> Iterator[Entry]:
    """The entries in the scope that are no contacts."""
    base = scope in (Scope.BASE, Scope.SUBTREE)
    if place.level is Level.ROOT:
        yield tree.root_dse(asker.address, asker.secure)
    elif place.level is Level.SCHEMA and base:
        yield tree.schema_entry()
    elif portion is not None and place.level is Level.NODE:
        yield from tree.node_entries(portion, base, scope is not Scope.BASE)
    elif portion is not None and place.level is Level.BOOK and base:
        yield tree.book_entry(portion, place.book)


def _portion(tree: Tree, place: Place, asker: Asker) -> Portion | None:
    """What is seen at a place. Raises `Refused` if nothing may be, or there is nothing."""
    if place.level in (Level.ROOT, Level.SCHEMA):
        return None
    branch = place.branch
    if branch is None or not branch.reachable(asker.address):
        raise Refused(ResultCode.NO_SUCH_OBJECT)
    if asker.anonymous and not branch.open_to(asker.address):
        raise Refused(ResultCode.INSUFFICIENT_ACCESS_RIGHTS, "Bind with name and password first")
    portion = tree.portion(branch, asker.view)
    if place.level is Level.NODE:
        if place.beyond:
            raise Refused(ResultCode.NO_SUCH_OBJECT, matched=branch.suffix)
        return portion
    # The same steps for a book that is hidden and one that is not there.
    if tree.awaits(portion, asker.view, place.book):
        raise not_yet()
    hit = portion.find(place.contact_id) if place.level is Level.CONTACT else None
    seen = portion.of_book(place.book)
    if not seen.parts:
        raise Refused(ResultCode.NO_SUCH_OBJECT, matched=branch.suffix)
    if place.level is Level.CONTACT and (hit is None or hit[0].book != place.book):
        raise Refused(ResultCode.NO_SUCH_OBJECT, matched=branch.book_dn(place.book))
    if place.beyond:
        matched = branch.contact_dn(*hit) if hit is not None else branch.book_dn(place.book)
        raise Refused(ResultCode.NO_SUCH_OBJECT, matched=matched)
    return seen


def not_yet() -> Refused:
    """What is said instead of "nothing", as long as there may be something."""
    return Refused(ResultCode.BUSY, "The contacts are being made ready; ask again in a moment")
