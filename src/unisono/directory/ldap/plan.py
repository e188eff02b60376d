"""How a query is answered, step by step: what is looked up, in which index, with about how many candidates. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from unisono.directory import keys
from unisono.directory.index import Part
from unisono.directory.ldap.condition import (
    All,
    Always,
    Any,
    BookHolds,
    BookIs,
    Condition,
    Has,
    IdBetween,
    IdIs,
    Never,
    NumberEnds,
    NumberHolds,
    NumberIn,
    NumberLike,
    TextBegins,
    TextBetween,
    TextHolds,
    TextIs,
    Without,
)
from unisono.directory.ldap.evaluate import cost
from unisono.directory.segment.attributes import NUMBERS, Attribute, kinds_of


class Way(StrEnum):
    """How the candidates of a step are found."""

    INDEX = "index"
    """An index has them."""
    TEXTS = "texts"
    """All values are read through, one behind the other, as they are stored."""
    EACH = "each"
    """Every contact is looked at."""
    NONE = "none"
    """There are none."""


@dataclass(frozen=True, slots=True)
class Step:
    """A condition, `depth` levels deep. `chosen`: its candidates are looked at; others are only verified."""

    depth: int
    kind: str
    """all, any, not, or what is asked of a contact: text-is, text-begins, number-is, ..."""
    attributes: tuple[str, ...]
    value: str
    candidates: int
    way: Way
    chosen: bool


def plan(parts: Sequence[Part], condition: Condition) -> list[Step]:
    """The steps, the outermost first."""
    return list(_steps(parts, condition, 0, True))


def _steps(parts: Sequence[Part], condition: Condition, depth: int, chosen: bool) -> Iterator[Step]:
    kind, attributes, value = _described(condition)
    yield Step(depth, kind, attributes, value, _candidates(parts, condition), way(condition), chosen)
    match condition:
        case All(of):
            cheapest = min(of, key=lambda one: _cost(parts, one))
            for one in of:
                yield from _steps(parts, one, depth + 1, chosen and one is cheapest)
        case Any(of):
            for one in of:
                yield from _steps(parts, one, depth + 1, chosen)


def _cost(parts: Sequence[Part], condition: Condition) -> int:
    return sum(cost(part.segment, condition) for part in parts)


def _candidates(parts: Sequence[Part], condition: Condition) -> int:
    """Not more than there are contacts: what costs more is that each of them has to be read."""
    return sum(min(cost(part.segment, condition), len(part.segment)) for part in parts)


def way(condition: Condition) -> Way:
    """How the candidates of a condition are found."""
    match condition:
        case Never():
            return Way.NONE
        case IdIs() | BookIs() | BookHolds() | NumberIn() | NumberEnds():
            return Way.INDEX
        case TextIs(attribute) | TextBegins(attribute) | TextBetween(attribute) if attribute.indexed:
            return Way.INDEX
        case NumberHolds() | NumberLike():
            return Way.TEXTS
        case TextHolds(attribute) if attribute.indexed:
            return Way.TEXTS
        case All(of):
            return min((way(one) for one in of), key=_QUICKEST.index)
        case Any(of):
            return max((way(one) for one in of), key=_QUICKEST.index)
    return Way.EACH


_QUICKEST = (Way.NONE, Way.INDEX, Way.TEXTS, Way.EACH)


def _described(condition: Condition) -> tuple[str, tuple[str, ...], str]:
    match condition:
        case All():
            return "all", (), ""
        case Any():
            return "any", (), ""
        case Always():
            return "always", (), ""
        case Never():
            return "never", (), ""
        case Without(leaf):
            kind, attributes, value = _described(leaf)
            return f"not-{kind}", attributes, value
        case Has(mask):
            return "has", tuple(one.ldap_name for one in Attribute if mask >> one & 1), ""
        case IdIs(id):
            return "id-is", (), id
        case IdBetween(low, high):
            return "id-between", (), f"{low or ''} … {high or ''}"
        case BookIs(folded):
            return "book-is", (), folded.decode()
        case BookHolds(pieces, start, end):
            return "book-holds", (), _pieces([piece.decode("utf-8", "replace") for piece in pieces], start, end)
        case NumberIn() | NumberEnds() | NumberHolds() | NumberLike():
            return _number(condition)
        case _:
            return _text(condition)


def _text(condition: TextIs | TextBegins | TextHolds | TextBetween) -> tuple[str, tuple[str, ...], str]:
    name = (condition.attribute.ldap_name,)
    match condition:
        case TextIs(_, folded):
            return "text-is", name, folded.decode("utf-8", "replace")
        case TextBegins(_, folded):
            return "text-begins", name, folded.decode("utf-8", "replace")
        case TextHolds(_, pieces, start, end):
            return "text-holds", name, _pieces([piece.decode("utf-8", "replace") for piece in pieces], start, end)
        case TextBetween(_, low, high):
            return "text-between", name, f"{(low or b'').decode()} … {(high or b'').decode()}"


def _number(condition: NumberIn | NumberEnds | NumberHolds | NumberLike) -> tuple[str, tuple[str, ...], str]:
    names = tuple(one.ldap_name for one in sorted(NUMBERS) if condition.kinds & kinds_of((one,)))
    match condition:
        case NumberIn(low, high):
            if high == low + 1:
                return "number-is", names, keys.text(low)
            if low and keys.key_range(keys.text(low)) == (low, high):
                return "number-begins", names, keys.text(low)
            return "number-between", names, _bounds(low, high)
        case NumberEnds(digits):
            return "number-ends", names, digits
        case NumberHolds(digits):
            return "number-holds", names, digits
        case NumberLike(pieces, start, end):
            return "number-holds", names, _pieces(pieces, start, end)


def _bounds(low: int, high: int) -> str:
    return f"{keys.text(low) if low else ''} … {keys.text(high - 1) if high < keys.END else ''}"


def _pieces(pieces: Sequence[str], start: bool, end: bool) -> str:
    return ("" if start else "*") + "*".join(pieces) + ("" if end else "*")
