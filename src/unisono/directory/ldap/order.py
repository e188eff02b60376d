"""Hits in order, for server-side sort (RFC 2891) and virtual list view. Pure, with breathing marks as everywhere."""

import heapq
from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from secrets import token_bytes
from typing import Protocol, TypeAlias, overload
from weakref import WeakValueDictionary

from unisono.directory.collation import collation_key
from unisono.directory.fold import folded_forms
from unisono.directory.index import Part
from unisono.directory.ldap.model import ListOrder
from unisono.directory.ldap.schema import plain
from unisono.directory.segment.attributes import Attribute
from unisono.wire.ldap.control import ByAssertion, ByOffset, SortKey
from unisono.wire.ldap.result_code import ResultCode

Hit: TypeAlias = tuple[Part, int]
Hits: TypeAlias = Iterator[Hit | None]

MOST = 100_000
"""Hits that are sorted; more than that nobody scrolls through."""
_LARGE = 2_000
"""Hits of which more take so much memory that not everybody may sort them at once: 15 MB with `MOST`."""
_LARGE_MOST = 2
"""Sorts of more than `_LARGE` hits that are under way at once."""
_KEPT = 16
"""Lists that are kept, of at most 0.8 MB each."""
_HELD = 128
"""Places in pages that are kept: each may hold hundreds of thousands of hits."""
_AT_ONCE = 250
_RULES = frozenset({"", "caseignoreorderingmatch", "2.5.13.3", "caseexactorderingmatch", "2.5.13.6"})
_MIRROR = bytes(255 - n for n in range(256))


@dataclass(frozen=True, slots=True)
class Unsortable(Exception):
    """The order cannot be made; `attribute`: which of the keys stands in the way."""

    code: ResultCode
    attribute: str = ""


@dataclass(frozen=True, slots=True)
class Ordered(Sequence[Hit]):
    """All hits in order, in eight bytes each: the number of the part and the ordinal. `key_of`: what they were ordered by."""

    parts: Sequence[Part]
    places: "array[int]"
    key_of: Callable[[Hit], bytes]

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, at: int) -> Hit: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Hit]: ...

    def __getitem__(self, at: int | slice) -> Hit | Sequence[Hit]:
        if isinstance(at, slice):
            return Ordered(self.parts, self.places[at], self.key_of)
        place = self.places[at]
        return self.parts[place >> 32], place & 0xFFFFFFFF

    def first(self, key: bytes) -> int:
        """Where the first one is that does not come before this key."""
        return bisect_left(range(len(self)), key, key=lambda at: self.key_of(self[at]))


class Droppable(Protocol):
    """What a connection keeps, and can do without."""

    def drop(self) -> None:
        """Let go of what it holds."""
        ...


class Room:
    """What sorted lists and pages may take of a process's memory, whoever asks.

    Bounded are large sorts that are under way, lists that are kept, and places in pages of what was looked up. Who was not
    asked for longest has to go when there are too many: a list is made again, pages end with an error.
    """

    def __init__(self) -> None:
        self.under_way = 0
        """Large lists that are being sorted."""
        self._kept: OrderedDict[bytes, tuple[object, Ordered]] = OrderedDict()
        self._held: WeakValueDictionary[bytes, Droppable] = WeakValueDictionary()

    def enter(self) -> None:
        """One more large list is sorted. Raises `Unsortable` if there are too many."""
        if self.under_way >= _LARGE_MOST:
            raise Unsortable(ResultCode.BUSY)
        self.under_way += 1

    def leave(self) -> None:
        """One less is."""
        self.under_way -= 1

    def hold(self, name: bytes, held: Droppable) -> None:
        """Keep something as long as whoever has it, and not many others do the same."""
        self._held[name] = held
        if len(self._held) > _HELD:
            oldest = next(iter(self._held))
            self._held.pop(oldest).drop()

    def give_back(self, name: bytes) -> None:
        """It is not kept any more under this name."""
        self._held.pop(name, None)

    def keep(self, signature: object, ordered: Ordered) -> bytes:
        """Keep a list of what was asked; its name."""
        name = token_bytes(8)
        self._kept[name] = signature, ordered
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return name

    def kept(self, name: bytes, signature: object) -> Ordered | None:
        """The list of this name, if it is of what is asked and still there."""
        found = self._kept.get(name)
        if found is None or found[0] != signature:
            return None
        self._kept.move_to_end(name)
        return found[1]


def attributes(keys: Sequence[SortKey]) -> list[tuple[Attribute, bool]]:
    """What to sort by, and whether backwards. Raises `Unsortable`."""
    found = []
    for key in keys:
        attribute = Attribute.of(plain(key.attribute))
        if attribute is None:
            raise Unsortable(ResultCode.NO_SUCH_ATTRIBUTE, key.attribute)
        if key.rule.lower() not in _RULES:
            raise Unsortable(ResultCode.INAPPROPRIATE_MATCHING, key.attribute)
        found.append((attribute, key.reverse))
    if not found:
        raise Unsortable(ResultCode.PROTOCOL_ERROR)
    return found


def in_order(hits: Hits, key_of: Callable[[Hit], bytes], room: Room) -> Iterator[Ordered | None]:
    """None while it is under way, then the order. Raises `Unsortable` if there are too many, or no room is left."""
    chunks: list[list[tuple[bytes, int]]] = [[]]
    parts: list[Part] = []
    count, large = 0, False
    try:
        for hit in hits:
            if hit is None:
                yield None
                continue
            count += 1
            if count == _LARGE + 1:
                room.enter()
                large = True
            if count > MOST:
                raise Unsortable(ResultCode.ADMIN_LIMIT_EXCEEDED)
            part, ordinal = hit
            if not parts or parts[-1] is not part:
                parts.append(part)
            chunks[-1].append((key_of(hit), len(parts) - 1 << 32 | ordinal))
            if len(chunks[-1]) == _AT_ONCE:
                chunks[-1].sort()
                chunks.append([])
                yield None
        chunks[-1].sort()
        places = array("Q")
        for _, place in heapq.merge(*chunks):
            places.append(place)
            if len(places) % _AT_ONCE == 0:
                yield None
    finally:
        chunks.clear()  # whoever goes on with the order, or without it, may do so for long
        if large:
            room.leave()
    yield Ordered(parts, places, key_of)


def sort_key(hit: Hit, by: Sequence[tuple[Attribute, bool]]) -> bytes:
    """One text to compare by. What an entry has not got counts as the largest (RFC 2891 2.2)."""
    part, ordinal = hit
    return b"".join([_one_key(part.segment.sort_key(ordinal, attribute), reverse) for attribute, reverse in by])


_BY = {
    ListOrder.LAST_NAME: ((Attribute.SN, Attribute.O, Attribute.CN), (Attribute.GIVEN_NAME,)),
    ListOrder.FIRST_NAME: ((Attribute.GIVEN_NAME, Attribute.CN, Attribute.O), (Attribute.SN,)),
    ListOrder.COMPANY: ((Attribute.O, Attribute.CN), (Attribute.SN,), (Attribute.GIVEN_NAME,)),
}
"""What each order goes by: of each group the first attribute that there is."""


def alphabetical(order: ListOrder, language: str) -> Callable[[Hit], bytes]:
    """What to compare by in this order, in the alphabet of this language."""
    groups = _BY[order]

    def key_of(hit: Hit) -> bytes:
        segment, ordinal = hit[0].segment, hit[1]
        mask = segment.mask(ordinal)
        texts = [next((segment.values(ordinal, one)[0] for one in group if mask >> one & 1), b"") for group in groups]
        return collation_key([text.decode() for text in texts], language)

    return key_of


def _one_key(value: bytes, reverse: bool) -> bytes:
    key = b"\x01" + value + b"\0" if value else b"\x02"
    return key.translate(_MIRROR) if reverse else key


def target(ordered: Ordered, wanted: ByOffset | ByAssertion, by: Sequence[tuple[Attribute, bool]]) -> int:
    """The place of the target, from 1; one behind the end if nothing is as large. Raises `Unsortable` for offset 0."""
    count = len(ordered)
    if isinstance(wanted, ByAssertion):
        # As values are sorted: "d'An" stands where Dangelo and D'Angelo do.
        folded = next(iter(folded_forms(wanted.value.decode("utf-8", "replace"))), b"")
        # Without its end the key stands before all values that begin with it, backwards behind them.
        key = _one_key(folded, by[0][1]) if folded else b""
        return ordered.first(key if by[0][1] else key.removesuffix(b"\0")) + 1
    if wanted.offset == 0:
        raise Unsortable(ResultCode.OFFSET_RANGE_ERROR)
    if wanted.count in (0, count):
        return min(wanted.offset, count)
    if wanted.offset == 1:
        return min(1, count)
    if wanted.offset >= wanted.count:
        return count
    return max(1, min(count, count * wanted.offset // wanted.count))
