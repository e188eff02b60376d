"""Hits in order, for server-side sort (RFC 2891) and virtual list view. Pure, with breathing marks as everywhere."""

import heapq
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from unisono.directory.collation import collation_key
from unisono.directory.fold import folded_value
from unisono.directory.index import Part
from unisono.directory.ldap.model import ListOrder
from unisono.directory.segment.attributes import Attribute
from unisono.wire.ldap.control import ByAssertion, ByOffset, SortKey
from unisono.wire.ldap.result_code import ResultCode

Hit: TypeAlias = tuple[Part, int]
Hits: TypeAlias = Iterator[Hit | None]

MOST = 100_000
"""Hits that are sorted; more than that nobody scrolls through."""
_AT_ONCE = 250
_RULES = frozenset({"", "caseignoreorderingmatch", "2.5.13.3", "caseexactorderingmatch", "2.5.13.6"})
_MIRROR = bytes(255 - n for n in range(256))


@dataclass(frozen=True, slots=True)
class Unsortable(Exception):
    """The order cannot be made; `attribute`: which of the keys stands in the way."""

    code: ResultCode
    attribute: str = ""


@dataclass(frozen=True, slots=True)
class Ordered:
    """All hits in order, and what they were ordered by."""

    hits: Sequence[Hit]
    keys: Sequence[bytes]


def attributes(keys: Sequence[SortKey]) -> list[tuple[Attribute, bool]]:
    """What to sort by, and whether backwards. Raises `Unsortable`."""
    found = []
    for key in keys:
        attribute = Attribute.of(key.attribute.partition(";")[0])
        if attribute is None:
            raise Unsortable(ResultCode.NO_SUCH_ATTRIBUTE, key.attribute)
        if key.rule.lower() not in _RULES:
            raise Unsortable(ResultCode.INAPPROPRIATE_MATCHING, key.attribute)
        found.append((attribute, key.reverse))
    if not found:
        raise Unsortable(ResultCode.PROTOCOL_ERROR)
    return found


def in_order(hits: Hits, key_of: Callable[[Hit], bytes]) -> Iterator[Ordered | None]:
    """None while it is under way, then the order. Raises `Unsortable` if there are too many."""
    chunks: list[list[tuple[bytes, int, Hit]]] = [[]]
    count = 0
    for hit in hits:
        if hit is None:
            yield None
            continue
        count += 1
        if count > MOST:
            raise Unsortable(ResultCode.ADMIN_LIMIT_EXCEEDED)
        chunks[-1].append((key_of(hit), count, hit))
        if len(chunks[-1]) == _AT_ONCE:
            chunks[-1].sort()
            chunks.append([])
            yield None
    chunks[-1].sort()
    found: list[Hit] = []
    keys: list[bytes] = []
    for key, _, hit in heapq.merge(*chunks):
        found.append(hit)
        keys.append(key)
        if len(found) % _AT_ONCE == 0:
            yield None
    yield Ordered(found, keys)


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
    count = len(ordered.hits)
    if isinstance(wanted, ByAssertion):
        folded = folded_value(wanted.value.decode("utf-8", "replace"))
        # Without its end the key stands before all values that begin with it, backwards behind them.
        key = _one_key(folded, by[0][1]) if folded else b""
        return bisect_left(ordered.keys, key if by[0][1] else key.removesuffix(b"\0")) + 1
    if wanted.offset == 0:
        raise Unsortable(ResultCode.OFFSET_RANGE_ERROR)
    if wanted.count in (0, count):
        return min(wanted.offset, count)
    if wanted.offset == 1:
        return min(1, count)
    if wanted.offset >= wanted.count:
        return count
    return max(1, min(count, count * wanted.offset // wanted.count))
