"""A search (RFC 4511 4.5): from what was asked to encoded entries, a little at a time. Pure.

It is an iterator: None is a breathing mark, bytes go to the client. Between two of them at most a few milliseconds pass.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from secrets import token_bytes
from struct import Struct
from typing import TypeAlias

from unisono.directory.index import Part
from unisono.directory.ldap import order
from unisono.directory.ldap.branch import Branch
from unisono.directory.ldap.condition import Condition, compile_filter
from unisono.directory.ldap.entries import Entry, may_be_true, truth
from unisono.directory.ldap.evaluate import holds, matches, quick
from unisono.directory.ldap.order import Hit, Hits, Ordered, Unsortable
from unisono.directory.ldap.selection import Selection, entry_attributes
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
from unisono.wire.ldap.responses import encode_done, encode_response, encode_selected
from unisono.wire.ldap.result_code import ResultCode

Output: TypeAlias = Iterator[bytes | None]

_FLUSH = 64 * 1024
_CURSORS_MOST = 8
"""Paged searches that one connection may have open."""
_ENTRIES_A_BREATH = 256
_PREPARED_MOST = 2048
_ROWS_AT_ONCE = 128
_ROW = 400
"""Bytes of an entry, about."""
_AT_ONCE = 1000
"""An answer with at most so many entries is made without giving others their turn."""
_LONG = 0xF000
"""Bytes of attributes for which two octets of length are enough, whatever the name."""


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


Layout: TypeAlias = tuple[Callable[..., bytes], bytes, bytes, int]
"""How an entry begins: what packs it, the name before the id and behind it, and how long that is without the attributes."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the same base, scope and attributes mean for the same asker: telephones ask alike each time.

    `entries`: those in the scope that are no contacts; `names`: the attributes that these have. `contacts`: whether contacts
    are in the scope. `selection` is None where there can be none.
    """

    place: Place
    portion: Portion | None
    entries: tuple[Entry, ...]
    names: frozenset[str]
    contacts: bool
    selection: Selection | None
    most: int
    layouts: dict[tuple[str, int], Layout] = field(default_factory=dict)
    """Per book, and length of a message's number."""


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
    names = frozenset(name.lower() for entry in entries for name in (*entry.user, *entry.operational))
    contacts = portion is not None and (scope > Scope.ONE or (scope is Scope.ONE and place.level is Level.BOOK))
    if portion is None:
        return Prepared(place, portion, entries, names, False, None, most)
    selection = Selection(request.attributes, portion.branch, request.types_only)
    return Prepared(place, portion, entries, names, contacts, selection, portion.branch.node.size_limit or most)


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


class Search:
    """One search. Raises `Refused` at once if there is nothing to look for."""

    def __init__(self, tree: Tree, asker: Asker, request: SearchRequest, controls: Sequence[Control], most: int) -> None:
        self._tree = tree
        self._request = request
        self._asker = asker
        self._paged: PagedResults | None = None
        self._sort: SortRequest | None = None
        self._vlv: VlvRequest | None = None
        self._sort_critical = self._hidden = False
        if controls:
            self._heed(controls)
        self._prepared = prepared = prepare(tree, asker, request, most)
        self._most = min(request.size_limit, prepared.most) if request.size_limit else prepared.most
        self.filter = translate(request.filter, prepared.portion.branch.template) if prepared.portion else request.filter
        self._plain = not controls

    @property
    def portion(self) -> Portion | None:
        """Where contacts are looked for."""
        return self._prepared.portion if self._prepared.contacts else None

    def _heed(self, controls: Sequence[Control]) -> None:
        check_controls(controls)
        for control in controls:
            match control.value:
                case PagedResults():
                    self._paged = control.value
                case SortRequest():
                    self._sort, self._sort_critical = control.value, control.critical
                case VlvRequest():
                    self._vlv = control.value
                case Subentries(visible):
                    self._hidden = visible

    def at_once(self, message_id: int) -> bytes | None:
        """The whole answer, if the indexes give it within a millisecond."""
        prepared, request = self._prepared, self._request
        portion, most = prepared.portion, self._most
        if not (self._plain and prepared.contacts and portion is not None and most <= _AT_ONCE) or portion.later:
            return None
        writer, count = self._writer(message_id), 0
        if may_be_true(request.filter, prepared.names):
            for entry in prepared.entries:
                if count <= most and truth(request.filter, entry):
                    count += 1
                    writer.add(entry)
        condition = self.condition(portion)
        for part in portion.first:
            found = quick(part.segment, condition, most - count if not part.hidden else _AT_ONCE)
            if found is None:
                return None
            if part.hidden:
                found = [ordinal for ordinal in found if part.counts(ordinal)]
            writer.rows(part, found[: most - count])
            count += len(found)
            if count > most:
                return writer.take() + encode_done(message_id, ResultCode.SIZE_LIMIT_EXCEEDED)
        return writer.take() + encode_done(message_id, ResultCode.SUCCESS)

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
        request, prepared = self._request, self._prepared
        if self._hidden:
            return
        for entry in prepared.entries:
            if truth(request.filter, entry):
                yield entry
        if prepared.place.level is Level.CONTACT:
            yield from self._single()
        elif prepared.contacts and prepared.portion is not None:
            yield from _found(prepared.portion, self.condition(prepared.portion))

    def _single(self) -> Hits:
        """The contact whose name is the base."""
        portion = self._prepared.portion
        if portion is None or self._request.scope not in (Scope.BASE, Scope.SUBTREE):
            return
        hit = portion.find(self._prepared.place.contact_id)
        if hit is not None and holds(hit[0].segment, hit[1], self.condition(portion)):
            yield hit

    def condition(self, portion: Portion) -> Condition:
        """When the filter is true."""
        return compile_filter(self.filter, portion.branch.reading)

    # How it is sent

    def _writer(self, message_id: int) -> "_Writer":
        return _Writer(message_id, self._prepared, self._request)

    def _whole(self, message_id: int, hits: Iterator[Hit | Entry | None], controls: Sequence[Control]) -> Output:
        writer, most, count = self._writer(message_id), self._most, 0
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
        writer, page = self._writer(message_id), min(paged.size, self._prepared.most)
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

    def __init__(self, message_id: int, prepared: Prepared, request: SearchRequest) -> None:
        self._message_id = message_id
        self._prepared = prepared
        self._request = request
        self._identifier = ber.encode_integer(message_id)
        self._out: list[bytes | memoryview] = []
        self._part: Part | None = None
        self._pending: list[int] = []
        self.size = 0
        """About how many bytes there are."""

    def add(self, hit: Hit | Entry) -> None:
        """One more entry."""
        if isinstance(hit, Entry):
            self._flush()
            attributes = entry_attributes(hit, self._request.attributes, self._request.types_only)
            self._out.append(encode_selected(self._message_id, ber.encode_text(hit.dn), attributes))
            return
        if hit[0] is not self._part or len(self._pending) >= _ROWS_AT_ONCE:
            self._flush()
            self._part = hit[0]
        self._pending.append(hit[1])
        self.size += _ROW

    def _flush(self) -> None:
        if self._part is not None and self._pending:
            self.rows(self._part, self._pending)
            self._pending.clear()

    def rows(self, part: Part, ordinals: Sequence[int]) -> None:
        """Contacts of one part."""
        portion, selection = self._prepared.portion, self._prepared.selection
        assert portion is not None
        assert selection is not None
        branch = portion.branch
        if selection.span is None:
            encode = selection.encode
            for ordinal in ordinals:
                self._put(branch.encoded_name(part, ordinal), encode(part, ordinal))
            return
        identifier, classes, out = self._identifier, selection.classes, self._out
        layout = self._prepared.layouts.get((part.book, len(identifier))) or self._layout(branch, part.book)
        head, name, behind, inner = layout
        inner += len(classes)
        start, whole = identifier + b"\x64\x82", len(identifier) + 4
        for contact_id, attributes in part.segment.rows(ordinals, *selection.span):
            length = len(attributes)
            if length > _LONG or len(contact_id) != 32:
                one = part.segment.find(contact_id.decode())
                assert one is not None
                self._put(branch.encoded_name(part, one), classes + attributes)
                continue
            content = inner + length
            out.append(head(b"\x30\x82", whole + content, start, content, name, contact_id, behind, length + len(classes)))
            if classes:
                out.append(classes)
            out.append(attributes)

    def _layout(self, branch: Branch, book: str) -> Layout:
        # All lengths in two octets each, also where one would do: BER lets them (X.690 8.1.3.5), and the head is one of a kind.
        before, behind = branch.names(book)
        name = b"\x04\x82" + (len(before) + 32 + len(behind)).to_bytes(2) + before
        behind += b"\x30\x82"
        head = Struct(f">2sH{len(self._identifier) + 2}sH{len(name)}s32s{len(behind)}sH").pack
        found = head, name, behind, len(name) + len(behind) + 34
        self._prepared.layouts[book, len(self._identifier)] = found
        return found

    def _put(self, name: bytes, attributes: bytes) -> None:
        self._out.append(encode_selected(self._message_id, name, attributes))

    def take(self) -> bytes:
        """What was collected since the last time."""
        self._flush()
        taken = b"".join(self._out)
        self._out.clear()
        self.size = 0
        return taken


def check_controls(controls: Sequence[Control]) -> None:
    """Raises `Refused` for one that must be obeyed and cannot (RFC 4511 4.1.11)."""
    for control in controls:
        if control.critical and (isinstance(control.value, OtherControl) or control.oid not in CONTROLS):
            raise Refused(ResultCode.UNAVAILABLE_CRITICAL_EXTENSION, f"The control {control.oid} is not known here")


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
