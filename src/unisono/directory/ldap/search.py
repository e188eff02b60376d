"""A search (RFC 4511 4.5): from what was asked to encoded entries, a little at a time. Pure.

It is an iterator: None is a breathing mark, bytes go to the client. Between two of them at most a few milliseconds pass.
"""

from collections.abc import Iterator, Sequence
from secrets import token_bytes
from typing import TypeAlias

from unisono.directory.index import Part
from unisono.directory.ldap import order
from unisono.directory.ldap.compiler import compile_filter
from unisono.directory.ldap.condition import Always, Condition
from unisono.directory.ldap.entries import Entry, may_be_true, truth
from unisono.directory.ldap.evaluate import holds, quick
from unisono.directory.ldap.found import BLOCK, Found, contacts, found_in, in_blocks, joined, together
from unisono.directory.ldap.order import Ordered, Room, Unsortable
from unisono.directory.ldap.pages import Cursor, Memory, kept
from unisono.directory.ldap.plan import Way, way
from unisono.directory.ldap.prepared import Asker, not_yet, prepare
from unisono.directory.ldap.template import translate
from unisono.directory.ldap.tree import CONTROLS, Level, Portion, Refused, Tree
from unisono.directory.ldap.writer import Writer
from unisono.directory.segment import Attribute
from unisono.wire.ldap.ber import integer_octets
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
from unisono.wire.ldap.filter import Filter
from unisono.wire.ldap.message import Result, Scope, SearchRequest, SearchResultDone
from unisono.wire.ldap.responses import encode_response
from unisono.wire.ldap.result_code import ResultCode

Output: TypeAlias = Iterator[bytes | None]
_FLUSH = 64 * 1024
_ENDLESS = 1 << 62
_AT_ONCE = 1000
"""An answer with at most so many entries is made without giving others their turn."""


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
        self.prepared = prepared = prepare(tree, asker, request, most)
        self.most = min(request.size_limit, prepared.most) if request.size_limit else prepared.most
        self.filter = translate(request.filter, prepared.portion.branch.template) if prepared.portion else request.filter
        self._plain = not controls
        if prepared.waiting and isinstance(self.condition_of(request.filter), Always):
            raise not_yet()  # whoever wants everything takes what is missing for removed

    @property
    def asked(self) -> Filter:
        """The filter as it came."""
        return self._request.filter

    @property
    def by_index_alone(self) -> bool:
        """Whether the answer depends on contacts only, whatever is looked for, and may be given at once."""
        return self._quick and not may_be_true(self._request.filter, self.prepared.names)

    @property
    def _quick(self) -> bool:
        portion = self.prepared.portion
        if portion is None or portion.later or portion.branch.sort_key is not None:
            return False
        return self._plain and self.prepared.contacts and self.most <= _AT_ONCE

    @property
    def indexed(self) -> bool:
        """Whether not every contact has to be looked at, or all of them are wanted."""
        portion = self.portion
        if portion is None:
            return True
        condition = self.condition(portion)
        return isinstance(condition, Always) or way(condition) is not Way.EACH

    @property
    def portion(self) -> Portion | None:
        """Where contacts are looked for."""
        return self.prepared.portion if self.prepared.contacts else None

    @property
    def _all(self) -> bool:
        """Whether everything is wanted as it comes, of which nothing has to be remembered."""
        portion = self.portion
        if portion is None:
            return True
        return self._sort is None and portion.branch.sort_key is None and isinstance(self.condition(portion), Always)

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
        portion = self.prepared.portion
        if not self._quick or portion is None:
            return None
        writer, count = self._writer(message_id), 0
        if may_be_true(self._request.filter, self.prepared.names):
            for entry in self.prepared.entries:
                if truth(self._request.filter, entry):
                    count += writer.add(entry, self.most - count)
                    if count > self.most:
                        return writer.end(ResultCode.SIZE_LIMIT_EXCEEDED)
        return found_at_once(writer, self.prepared.parts, self.condition(portion), self.most, count)

    def answer(self, message_id: int, memory: Memory) -> Output:
        """The entries and how it ended."""
        if self._vlv is not None and self._sort is None:
            yield _done(message_id, ResultCode.SORT_CONTROL_MISSING, "Virtual list view needs a sort control", [])
        elif self._paged is not None and self._paged.cookie and self._vlv is None:
            yield from self._page(message_id, self._cursor(memory, self._paged.cookie), memory, self._paged)
        elif self._sort is not None:
            yield from self._sorted(message_id, memory, self._sort)
        elif self._paged is not None:
            yield from self._page(message_id, Cursor(self._signature, self._listed(memory.room)), memory, self._paged)
        else:
            yield from self._whole(message_id, self._listed(memory.room), [])

    # What fits

    def hits(self) -> Iterator[Found]:
        """Everything that fits, in no order that is promised."""
        request, prepared = self._request, self.prepared
        if self._hidden:
            return
        for entry in prepared.entries:
            if truth(request.filter, entry):
                yield entry
        if prepared.place.level is Level.CONTACT:
            yield from self._single()
        elif prepared.contacts and prepared.portion is not None:
            yield from found_in(prepared.portion, self.condition(prepared.portion))

    def _listed(self, room: Room) -> Iterator[Found]:
        """Everything that fits, in the node's order if it has one; what is too much to be sorted comes as it is found."""
        branch = self.prepared.portion.branch if self.prepared.portion else None
        if branch is None or branch.sort_key is None or not self.prepared.contacts:
            yield from self.hits()
            return
        others: list[Entry] = []
        try:
            for step in order.in_order(contacts(self.hits(), others), branch.sort_key, room):
                if step is None:
                    yield None
                else:
                    yield from others
                    yield from together(step)
        except Unsortable:
            yield from self.hits()

    def _single(self) -> Iterator[Found]:
        """The contact whose name is the base."""
        portion = self.prepared.portion
        if portion is None or self._request.scope not in (Scope.BASE, Scope.SUBTREE):
            return
        hit = portion.find(self.prepared.place.contact_id)
        if hit is not None and holds(hit[0].segment, hit[1], self.condition(portion)):
            yield hit[0], hit[1:]

    def condition(self, portion: Portion) -> Condition:
        """When the filter is true."""
        return compile_filter(self.filter, portion.branch.reading)

    def condition_of(self, asked: Filter) -> Condition:
        """The same for another filter that might have been asked instead."""
        assert self.prepared.portion is not None
        branch = self.prepared.portion.branch
        return compile_filter(translate(asked, branch.template), branch.reading)

    # How it is sent

    def _writer(self, message_id: int) -> Writer:
        return Writer(integer_octets(message_id), self.prepared)

    def _whole(self, message_id: int, hits: Iterator[Found], controls: Sequence[Control]) -> Output:
        writer, most, count = self._writer(message_id), self.most, 0
        code = ResultCode.SUCCESS
        for found in in_blocks(hits):
            if found is not None:
                count += writer.add(found, most - count)
                if count > most:
                    code = ResultCode.SIZE_LIMIT_EXCEEDED
                    break
            yield writer.take() if writer.size > _FLUSH else None
        yield writer.take(_done(message_id, code if count else writer.nothing, "", controls))

    def _page(self, message_id: int, cursor: Cursor | None, memory: Memory, paged: PagedResults) -> Output:
        sorted_ = [Control(SortResponse(ResultCode.SUCCESS))] if self._sort is not None else []
        if cursor is None or paged.size == 0:
            empty = [Control(PagedResults(0, b""))]
            if cursor is None:
                why = "This cookie is not known any more, or it is another connection's"
                yield _done(message_id, ResultCode.UNWILLING_TO_PERFORM, why, empty)
            else:
                yield _done(message_id, ResultCode.SUCCESS, "", empty)
            return
        writer, room = self._writer(message_id), min(paged.size, self.prepared.most)
        left = self._request.size_limit - cursor.sent if self._request.size_limit else _ENDLESS
        code, cookie = ResultCode.SUCCESS, b""
        for found in cursor:
            if found is not None:
                if not left:
                    code = ResultCode.SIZE_LIMIT_EXCEEDED
                    break
                if not room:
                    cursor.ahead = found
                    cookie = token_bytes(8)
                    memory.keep(cookie, cursor)
                    if not self._all:
                        memory.room.hold(cookie, cursor)
                    break
                taken = writer.add(cursor.some(found, min(room, left, BLOCK)), room)
                room, left = room - taken, left - taken
                cursor.sent += taken
            # What ends a page goes with its last entries.
            if found is None or (room and left):
                yield writer.take() if writer.size > _FLUSH else None
        else:
            if cursor.listed and memory.room.kept(cursor.listed, cursor.signature) is None:
                code = ResultCode.BUSY  # and not the end of the list
            elif not cursor.sent:
                code = writer.nothing
        yield writer.take(_done(message_id, code, "", [Control(PagedResults(0, cookie)), *sorted_]))

    @property
    def _signature(self) -> object:
        request, keys = self._request, self._sort.keys if self._sort is not None else ()
        asked = request.base, request.scope, request.filter, request.attributes, request.types_only, keys
        # A node that was changed meanwhile may show other books, under other names.
        portion = self.prepared.portion
        return asked, self._asker.view, portion.branch.node if portion is not None else None

    def _cursor(self, memory: Memory, cookie: bytes) -> Cursor | None:
        """Where a page ended, if it is still known."""
        found = memory.cursors.pop(cookie, None)
        memory.room.give_back(cookie)
        if found is None or found.dropped or found.signature != self._signature:
            return None
        return found if not found.listed or memory.room.kept(found.listed, found.signature) is not None else None

    def _sorted(self, message_id: int, memory: Memory, sort: SortRequest) -> Output:
        try:
            by = order.attributes(sort.keys)
            ordered, others = None, list[Entry]()
            for step in self._list(memory, sort, by, others):
                if step is None:
                    yield None
                else:
                    ordered = step
        except Unsortable as problem:
            response = Control(SortResponse(problem.code, problem.attribute))
            if problem.code == ResultCode.BUSY:
                yield _done(message_id, problem.code, "Other long lists are being sorted; ask again in a moment", [response])
            elif self._sort_critical or self._vlv is not None:
                code = ResultCode.UNAVAILABLE_CRITICAL_EXTENSION
                yield _done(message_id, code, "It cannot be sorted like this", [response])
            else:
                yield from self._whole(message_id, self.hits(), [response])
            return
        assert ordered is not None
        response = Control(SortResponse(ResultCode.SUCCESS))
        if self._vlv is not None:
            yield from self._window(message_id, memory, self._vlv, ordered, by)
        elif self._paged is not None:
            room, asked = memory.room, self._signature
            name = room.keep(asked, ordered)
            ordered = None  # the room has it, and may drop it
            cursor = Cursor(asked, joined(kept(room, name, asked), others, by), listed=name)
            yield from self._page(message_id, cursor, memory, self._paged)
        else:
            yield from self._whole(message_id, joined(together(ordered), others, by), [response])

    def _list(
        self, memory: Memory, sort: SortRequest, by: Sequence[tuple[Attribute, bool]], others: list[Entry]
    ) -> Iterator[Ordered | None]:
        """None while it is under way, then the contacts in order; entries that are none are put aside."""
        request = self._request
        signature = (self._tree.serial, request.base, request.scope, request.filter, sort.keys, self._asker.view)
        room, context = memory.room, self._vlv.context_id if self._vlv is not None else None
        known = room.kept(context, signature) if context and context == memory.listed else None
        if known is not None:
            yield known
            return
        for step in order.in_order(contacts(self.hits(), others), lambda hit: order.sort_key(hit, by), room):
            if step is not None and self._vlv is not None:
                memory.listed = room.keep(signature, step)
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
        count, context = len(ordered), memory.listed
        try:
            place = order.target(ordered, vlv.target, by)
        except Unsortable as problem:
            response = Control(VlvResponse(0, count, problem.code, context))
            yield _done(message_id, ResultCode.VIRTUAL_LIST_VIEW_ERROR, "There is no such offset", [sort, response])
            return
        window = ordered[max(0, place - 1 - vlv.before) : place + vlv.after]
        response = Control(VlvResponse(place, count, 0, context))
        yield from self._whole(message_id, together(window), [sort, response])


def found_at_once(writer: Writer, parts: Sequence[Part], condition: Condition, most: int, count: int = 0) -> bytes | None:
    """Of an answer that has `count` entries what contacts add to it, and its end; None if that would take a millisecond."""
    for part in parts:
        found = quick(part.segment, condition, most - count if not part.hidden else _AT_ONCE)
        if found is None:
            return None
        if part.hidden:
            seen = [ordinal for ordinal in found if part.counts(ordinal)]
            if len(found) > _AT_ONCE and len(seen) <= most - count:
                return None
            found = seen
        if found:
            writer.rows(part, found if len(found) <= most - count else found[: most - count])
            count += len(found)
            if count > most:
                return writer.end(ResultCode.SIZE_LIMIT_EXCEEDED)
    return writer.end(ResultCode.SUCCESS if count else writer.nothing)


def check_controls(controls: Sequence[Control]) -> None:
    """Raises `Refused` for one that must be obeyed and cannot (RFC 4511 4.1.11)."""
    for control in controls:
        if control.critical and (isinstance(control.value, OtherControl) or control.oid not in CONTROLS):
            raise Refused(ResultCode.UNAVAILABLE_CRITICAL_EXTENSION, f"The control {control.oid} is not known here")


def _done(message_id: int, code: ResultCode, message: str, controls: Sequence[Control]) -> bytes:
    return encode_response(message_id, SearchResultDone(Result(code, message=message)), controls)
