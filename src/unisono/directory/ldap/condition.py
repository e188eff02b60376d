"""What may be asked of a contact: two-valued, negations only at the leaves, attributes as slots. Pure."""

from collections.abc import Iterable
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from unisono.directory.segment.attributes import Attribute


class Always(Struct, frozen=True, gc=False):
    """True of every contact."""


class Never(Struct, frozen=True, gc=False):
    """True of none."""


class Has(Struct, frozen=True, gc=False):
    """Any of the attributes of this mask is there."""

    mask: int


class IdIs(Struct, frozen=True, gc=False):
    """The contact has this id."""

    id: str


class IdBetween(Struct, frozen=True, gc=False):
    """The contact has an id from `low` to `high`, both counted in; None: no bound."""

    low: str | None
    high: str | None


class BookIs(Struct, frozen=True, gc=False):
    """The contact stands in the book of this key, folded."""

    folded: bytes


class BookHolds(Struct, frozen=True, gc=False):
    """The same of a book whose key has these pieces, as in `TextHolds`."""

    pieces: tuple[bytes, ...]
    start: bool = False
    end: bool = False


class TextIs(Struct, frozen=True, gc=False):
    """An attribute has a value that is this one, folded."""

    attribute: Attribute
    folded: bytes


class TextBegins(Struct, frozen=True, gc=False):
    """An attribute has a value that begins so, folded."""

    attribute: Attribute
    folded: bytes


class TextHolds(Struct, frozen=True, gc=False):
    """An attribute has a value with these pieces in this order; with `start` the first begins it, `end` the last ends it."""

    attribute: Attribute
    pieces: tuple[bytes, ...]
    start: bool = False
    end: bool = False


class TextBetween(Struct, frozen=True, gc=False):
    """An attribute has a value from `low` to `high`, both counted in; None: no bound."""

    attribute: Attribute
    low: bytes | None
    high: bytes | None


class NumberIn(Struct, frozen=True, gc=False):
    """A number of these kinds lies from key `low` up to but without `high` (see `keys`): one number, or all that begin so."""

    low: int
    high: int
    kinds: int


class NumberEnds(Struct, frozen=True, gc=False):
    """A number of these kinds has these last digits."""

    digits: str
    kinds: int


class NumberHolds(Struct, frozen=True, gc=False):
    """A number of these kinds has these digits in any place."""

    digits: str
    kinds: int


class NumberLike(Struct, frozen=True, gc=False):
    """A number of these kinds has these pieces of digits in this order."""

    pieces: tuple[str, ...]
    start: bool
    end: bool
    kinds: int


Leaf: TypeAlias = (
    Always
    | Never
    | Has
    | IdIs
    | IdBetween
    | BookIs
    | BookHolds
    | TextIs
    | TextBegins
    | TextHolds
    | TextBetween
    | NumberIn
    | NumberEnds
    | NumberHolds
    | NumberLike
)


class Without(Struct, frozen=True, gc=False):
    """True of the contacts of which the leaf is not."""

    leaf: Leaf


class All(Struct, frozen=True, gc=False):
    """Each of these; at least two."""

    of: tuple["Condition", ...]


class Any(Struct, frozen=True, gc=False):
    """One of these; at least two."""

    of: tuple["Condition", ...]


Condition: TypeAlias = Leaf | Without | All | Any

ALWAYS, NEVER = Always(), Never()


def complement(found: Condition) -> Condition:
    """An item's complement; an item can be several leaves (a number's beginning that can mean two)."""
    if isinstance(found, Any):
        return all_of(complement(one) for one in found.of)
    if isinstance(found, All):
        return any_of(complement(one) for one in found.of)
    if isinstance(found, Without):
        return found.leaf
    if isinstance(found, Always):
        return NEVER
    return ALWAYS if isinstance(found, Never) else Without(found)


def all_of(conditions: Iterable[Condition]) -> Condition:
    """Their conjunction, as simple as it can be written."""
    kept: dict[Condition, None] = {}
    for one in conditions:
        if isinstance(one, Never):
            return NEVER
        if not isinstance(one, Always):
            kept.update(dict.fromkeys(one.of if isinstance(one, All) else (one,)))
    return _joined(tuple(kept), ALWAYS, All)


def any_of(conditions: Iterable[Condition]) -> Condition:
    """Their disjunction, as simple as it can be written; the same asked of several kinds of number is one look-up."""
    kept: dict[Condition, None] = {}
    for one in conditions:
        if isinstance(one, Always):
            return ALWAYS
        if not isinstance(one, Never):
            kept.update(dict.fromkeys(one.of if isinstance(one, Any) else (one,)))
    return _joined(tuple(_merged(kept)), NEVER, Any)


def _joined(kept: tuple[Condition, ...], empty: Condition, kind: type[All] | type[Any]) -> Condition:
    if len(kept) < 2:
        return kept[0] if kept else empty
    return kind(kept)


def _merged(conditions: Iterable[Condition]) -> Iterable[Condition]:
    merged: dict[object, Condition] = {}
    for one in conditions:
        key: object = one
        match one:
            case Has():
                key = Has
            case NumberIn(low, high):
                key = low, high
            case NumberEnds(digits):
                key = NumberEnds, digits
            case NumberHolds(digits):
                key = NumberHolds, digits
            case NumberLike(pieces, start, end):
                key = pieces, start, end
        same = merged.get(key)
        merged[key] = one if same is None else _both(same, one)
    return merged.values()


def _both(same: Condition, one: Condition) -> Condition:
    if isinstance(same, Has) and isinstance(one, Has):
        return Has(same.mask | one.mask)
    if isinstance(same, (NumberIn, NumberEnds, NumberHolds, NumberLike)) and isinstance(one, type(same)):
        return replace(same, kinds=same.kinds | one.kinds)
    return same
