"""A search (RFC 4511 4.5): from what was asked to encoded entries, a little at a time. Pure.

It is an iterator: None is a breathing mark, bytes go to the client. Between two of them at most a few milliseconds pass.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from secrets import token_bytes
from struct import Struct
from typing import TypeAlias, TypeVar

from unisono.directory.index import Part
from unisono.directory.ldap import order
from unisono.directory.ldap.condition import Condition, compile_filter
from unisono.directory.ldap.entries import Entry, truth
from unisono.directory.ldap.evaluate import holds, matches
from unisono.directory.ldap.order import Hit, Hits, Ordered, Unsortable
from unisono.directory.ldap.selection import Encode, Selection, entry_attributes
from unisono.directory.ldap.template import translate
from unisono.directory.ldap.tree import CONTROLS, Level, Place, Portion, Refused, Tree
from unisono.directory.segment import Attribute
from unisono.directory.views import View
from unisono.wire.ldap import ber
from unisono.wire.ldap.control import (
    Control,
    OtherControl,
    PagedResults,
    SortRequest,
    SortResponse,
    Subentries,
    VlvRequest,
    VlvResponse,
)
from unisono.wire.ldap.message import Result, Scope, SearchRequest, SearchResultDone
from unisono.wire.ldap.responses import encode_response, encode_selected
from unisono.wire.ldap.result_code import ResultCode

Output: TypeAlias = Iterator[bytes | None]
T = TypeVar("T")

_FLUSH = 64 * 1024
_CURSORS_MOST = 8
"""Paged searches that one connection may have open."""
_ENTRIES_A_BREATH = 256


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and from where."""

    view: View
    address: str
    anonymous: bool
    secure: bool


@dataclass(slots=True)
class Cursor:
    """A paged search that goes on: what is still to come, and what was asked."""

    signature: object
    hits: Iterator[Hit | Entry | None]
    ahead: Hit | Entry | None = None
    sent: int = 0


@dataclass(slots=True)
class Memory:
    """What a connection keeps from one search to the next."""

    cursors: dict[bytes, Cursor] = field(default_factory=dict)
    listed: tuple[bytes, object, Ordered] | None = None
    """The list of the last virtual list view: its name, what was asked, the hits in order."""


class Search:
    """One search. Raises `Refused` at once if there is nothing to look for."""

    def __init__(self, tree: Tree, asker: Asker, request: SearchRequest, controls: Sequence[Control], most: int) -> None:
        self._tree = tree
        self._request = request
        self._asker = asker
        values = {type(control.value): control for control in controls}
        self._paged = _value(values, PagedResults)
        self._sort = _value(values, SortRequest)
        self._vlv = _value(values, VlvRequest)
        self._sort_critical = any(c.critical for c in controls if isinstance(c.value, SortRequest))
        subentries = _value(values, Subentries)
        self._hidden = subentries is not None and subentries.visible
        check_controls(controls)
        self._place = place = tree.place(request.base)
        if place.branch is None and place.level is Level.ROOT and request.scope is not Scope.BASE:
            place = self._place = Place(Level.NODE, tree.default_branch(asker.address))
        self._portion = _portion(tree, place, asker)
        self._most = most
        if self._portion is not None:
            branch = self._portion.branch
            self._most = branch.node.size_limit or most
            self.filter = translate(request.filter, branch.template)
            self._selection = Selection(request.attributes, branch, request.types_only)
        else:
            self.filter = request.filter

    def answer(self, message_id: int, memory: Memory) -> Output:
        """The entries and how it ended."""
        if self._vlv is not None and self._sort is None:
            yield _done(message_id, ResultCode.SORT_CONTROL_MISSING, "Virtual list view needs a sort control", [])
        elif self._sort is not None:
            yield from self._sorted(message_id, memory, self._sort)
        elif self._paged is not None:
            yield from self._page(message_id, memory, self._paged)
        else:
            yield from self._whole(message_id, self.hits(), [])

    # What fits

    def hits(self) -> Iterator[Hit | Entry | None]:
        """Everything that fits, in no order that is promised."""
        request, place, portion = self._request, self._place, self._portion
        if self._hidden:
            return
        for entry in self._entries():
            if truth(request.filter, entry):
                yield entry
        if place.level is Level.CONTACT:
            yield from self._single()
        elif portion is not None and (request.scope > Scope.ONE or (request.scope is Scope.ONE and place.level is Level.BOOK)):
            yield from _found(portion, self.condition(portion))

    def _single(self) -> Hits:
        """The contact whose name is the base."""
        place, portion = self._place, self._portion
        if place.level is not Level.CONTACT or portion is None or self._request.scope not in (Scope.BASE, Scope.SUBTREE):
            return
        hit = portion.find(place.contact_id)
        if hit is not None and holds(hit[0].segment, hit[1], self.condition(portion)):
            yield hit

    def condition(self, portion: Portion) -> Condition:
        """When the filter is true."""
        return compile_filter(self.filter, portion.branch.reading)

    def _entries(self) -> Iterator[Entry]:
        """The entries in the scope that are no contacts."""
        tree, place, scope = self._tree, self._place, self._request.scope
        if place.level is Level.ROOT:
            yield tree.root_dse(self._asker.address, self._asker.secure)
        elif place.level is Level.SCHEMA and scope in (Scope.BASE, Scope.SUBTREE):
            yield tree.schema_entry()
        elif self._portion is not None and place.level is Level.NODE:
            base = scope in (Scope.BASE, Scope.SUBTREE)
            yield from tree.node_entries(self._portion, base, scope is not Scope.BASE)
        elif self._portion is not None and place.level is Level.BOOK and scope in (Scope.BASE, Scope.SUBTREE):
            yield tree.book_entry(self._portion, place.book)

    # How it is sent

    def _writer(self, message_id: int) -> "_Writer":
        encode = self._selection.encoder() if self._portion is not None else None
        return _Writer(message_id, self._portion, encode, self._request)

    def _limit(self) -> int:
        asked = self._request.size_limit
        return min(asked, self._most) if asked else self._most

    def _whole(self, message_id: int, hits: Iterator[Hit | Entry | None], controls: Sequence[Control]) -> Output:
        writer, most, count = self._writer(message_id), self._limit(), 0
        code = ResultCode.SUCCESS
        for hit in hits:
            if hit is None:
                yield None
                continue
            if count == most:
                code = ResultCode.SIZE_LIMIT_EXCEEDED
                break
            count += 1
            writer.add(hit)
            if writer.size > _FLUSH:
                yield writer.take()
            elif count % _ENTRIES_A_BREATH == 0:
                yield None
        yield writer.take() + _done(message_id, code, "", controls)

    def _page(self, message_id: int, memory: Memory, paged: PagedResults) -> Output:
        cursor = self._cursor(memory, paged)
        if cursor is None or paged.size == 0:
            empty = [Control(PagedResults(0, b""))]
            why = ResultCode.UNWILLING_TO_PERFORM if cursor is None else ResultCode.SUCCESS
            yield _done(message_id, why, "This cookie is none of this connection's" if cursor is None else "", empty)
            return
        writer, page = self._writer(message_id), min(paged.size, self._most)
        asked, count, code = self._request.size_limit, 0, ResultCode.SUCCESS
        more = False
        for hit in _from(cursor):
            if hit is None:
                yield None
                continue
            if asked and cursor.sent == asked:
                code = ResultCode.SIZE_LIMIT_EXCEEDED
                break
            if count == page:
                cursor.ahead, more = hit, True
                break
            count += 1
            cursor.sent += 1
            writer.add(hit)
            if writer.size > _FLUSH:
                yield writer.take()
        cookie = token_bytes(8) if more else b""
        if more:
            _keep(memory, cookie, cursor)
        yield writer.take() + _done(message_id, code, "", [Control(PagedResults(0, cookie))])

    def _cursor(self, memory: Memory, paged: PagedResults) -> Cursor | None:
        request = self._request
        signature = (request.base, request.scope, request.filter, request.attributes, request.types_only, self._asker.view)
        if not paged.cookie:
            return Cursor(signature, self.hits())
        found = memory.cursors.pop(paged.cookie, None)
        return found if found is not None and found.signature == signature else None

    def _sorted(self, message_id: int, memory: Memory, sort: SortRequest) -> Output:
        try:
            by = order.attributes(sort.keys)
            ordered = None
            for step in self._list(memory, sort, by):
                if step is None:
                    yield None
                else:
                    ordered = step
        except Unsortable as problem:
            response = Control(SortResponse(problem.code, problem.attribute))
            if self._sort_critical or self._vlv is not None:
                code = ResultCode.UNAVAILABLE_CRITICAL_EXTENSION
                yield _done(message_id, code, "It cannot be sorted like this", [response])
            else:
                yield from self._whole(message_id, self.hits(), [response])
            return
        assert ordered is not None
        response = Control(SortResponse(ResultCode.SUCCESS))
        if self._vlv is not None:
            yield from self._window(message_id, memory, self._vlv, ordered, by)
        else:
            yield from self._whole(message_id, iter(ordered.hits), [response])

    def _list(self, memory: Memory, sort: SortRequest, by: Sequence[tuple[Attribute, bool]]) -> Iterator[Ordered | None]:
        request = self._request
        signature = (id(self._tree), request.base, request.scope, request.filter, sort.keys, self._asker.view)
        context = self._vlv.context_id if self._vlv is not None else None
        if context and memory.listed is not None and memory.listed[:2] == (context, signature):
            yield memory.listed[2]
            return
        contacts = (hit for hit in self.hits() if not isinstance(hit, Entry))
        for step in order.in_order(contacts, by):
            if step is not None and self._vlv is not None:
                memory.listed = token_bytes(8), signature, step
            yield step

    def _window(
        self,
        message_id: int,
        memory: Memory,
        vlv: VlvRequest,
        ordered: Ordered,
        by: Sequence[tuple[Attribute, bool]],
    ) -> Output:
        sort = Control(SortResponse(ResultCode.SUCCESS))
        count = len(ordered.hits)
        context = memory.listed[0] if memory.listed is not None else None
        try:
            place = order.target(ordered, vlv.target, by)
        except Unsortable as problem:
            response = Control(VlvResponse(0, count, problem.code, context))
            yield _done(message_id, ResultCode.VIRTUAL_LIST_VIEW_ERROR, "There is no such offset", [sort, response])
            return
        window = ordered.hits[max(0, place - 1 - vlv.before) : place + vlv.after]
        response = Control(VlvResponse(place, count, 0, context))
        yield from self._whole(message_id, iter(window), [sort, response])


class _Writer:
    """Collects encoded entries."""

    def __init__(self, message_id: int, portion: Portion | None, encode: Encode | None, request: SearchRequest) -> None:
        self._message_id = message_id
        self._portion = portion
        self._encode = encode
        self._request = request
        identifier = ber.encode_integer(message_id)
        self._identifier = identifier
        self._head = Struct(f">2sH{len(identifier)}s2sH")
        self._out: list[bytes] = []
        self.size = 0

    def add(self, hit: Hit | Entry) -> None:
        """One more entry."""
        if isinstance(hit, Entry):
            attributes = entry_attributes(hit, self._request.attributes, self._request.types_only)
            self._out.append(encode_selected(self._message_id, ber.encode_text(hit.dn), attributes))
            return
        assert self._portion is not None
        assert self._encode is not None
        part, ordinal = hit
        attributes = self._encode(part, ordinal)
        name = self._portion.branch.encoded_name(part, ordinal)
        size = len(attributes)
        inner = len(name) + size + 4
        if inner > 0xFF00:
            self._out.append(encode_selected(self._message_id, name, attributes))
            self.size += inner
            return
        # Lengths in two octets each, also where one would do: BER lets them (X.690 8.1.3.5).
        identifier = self._identifier
        head = self._head.pack(b"\x30\x82", len(identifier) + inner + 4, identifier, b"\x64\x82", inner)
        self._out += (head, name, b"\x30\x82%c%c" % (size >> 8, size & 0xFF), attributes)
        self.size += inner

    def take(self) -> bytes:
        """What was collected since the last time."""
        taken = b"".join(self._out)
        self._out.clear()
        self.size = 0
        return taken


def check_controls(controls: Sequence[Control]) -> None:
    """Raises `Refused` for one that must be obeyed and cannot (RFC 4511 4.1.11)."""
    for control in controls:
        if control.critical and (isinstance(control.value, OtherControl) or control.oid not in CONTROLS):
            raise Refused(ResultCode.UNAVAILABLE_CRITICAL_EXTENSION, f"The control {control.oid} is not known here")


def _value(values: dict[type, Control], kind: type[T]) -> T | None:
    found = values.get(kind)
    return found.value if found is not None and isinstance(found.value, kind) else None


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
        return portion
    hit = portion.find(place.contact_id) if place.level is Level.CONTACT else None
    seen = portion.of_book(place.book) if place.book else None
    if seen is None or not seen.parts or (place.level is Level.CONTACT and (hit is None or hit[0].book != place.book)):
        raise Refused(ResultCode.NO_SUCH_OBJECT, matched=branch.suffix)
    return seen


def _found(portion: Portion, condition: Condition) -> Hits:
    some = False
    for part in portion.first:
        for hit in _in_part(part, condition):
            some = some or hit is not None
            yield hit
    if not some:
        for part in portion.later:
            yield from _in_part(part, condition)


def _in_part(part: Part, condition: Condition) -> Hits:
    if part.hidden:
        for ordinal in matches(part.segment, condition):
            if ordinal is None:
                yield None
            elif part.counts(ordinal):
                yield part, ordinal
    else:
        for ordinal in matches(part.segment, condition):
            yield None if ordinal is None else (part, ordinal)


def _from(cursor: Cursor) -> Iterator[Hit | Entry | None]:
    # A generator that yields from the hits would close them when a page is full.
    ahead, cursor.ahead = cursor.ahead, None
    return cursor.hits if ahead is None else chain((ahead,), cursor.hits)


def _keep(memory: Memory, cookie: bytes, cursor: Cursor) -> None:
    while len(memory.cursors) >= _CURSORS_MOST:
        del memory.cursors[next(iter(memory.cursors))]
    memory.cursors[cookie] = cursor


def _done(message_id: int, code: ResultCode, message: str, controls: Sequence[Control]) -> bytes:
    return encode_response(message_id, SearchResultDone(Result(code, message=message)), controls)
