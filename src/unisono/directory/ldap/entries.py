"""Entries that are no contacts (root DSE, subschema, nodes, books), and filters about them (RFC 4511 4.5.1.7). Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import assert_never

from unisono.directory.ldap import operational
from unisono.directory.ldap.schema import KNOWN, Syntax, can_be_asked, compared_by, main_name, plain, syntax_of
from unisono.wire.ldap.dn import Dn
from unisono.wire.ldap.filter import (
    And,
    Approx,
    Equality,
    Extensible,
    Filter,
    GreaterOrEqual,
    Item,
    LessOrEqual,
    Not,
    Or,
    Present,
    Substrings,
)


@dataclass(frozen=True)
class Entry:
    """A name with its attributes; the operational ones are shown only when asked for."""

    dn: str
    user: Mapping[str, tuple[str, ...]]
    operational: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def values(self, name: str) -> Sequence[str]:
        """The values of an attribute, by its `main_name`."""
        for attributes in (self.user, self.operational):
            for kind, values in attributes.items():
                if main_name(kind.lower()) == name:
                    return values
        return ()

    @cached_property
    def named(self) -> Sequence[tuple[str, str]]:
        """What stands in its name."""
        return named(Dn.parse(self.dn))


def named(dn: Dn) -> tuple[tuple[str, str], ...]:
    """The attributes in a name, by their `main_name`, with their values."""
    avas = chain.from_iterable(dn.rdns)
    return tuple((main_name(plain(ava.type)), ava.value) for ava in avas if isinstance(ava.value, str))


def may_be_true(asked: Filter, names: frozenset[str]) -> bool:
    """Whether a filter can be true of entries with these attributes only (by `main_name`); quick, and never wrongly False."""
    if isinstance(asked, (And, Or)):
        return asked == _TRUE or any(may_be_true(one, names) for one in asked.filters)
    if isinstance(asked, Not) or (isinstance(asked, Extensible) and (asked.dn_attributes or not asked.attribute)):
        return True
    return main_name(plain(asked.attribute)) in names


_TRUE = And(())


def truth(asked: Filter, entry: Entry) -> bool | None:
    """What a filter is of an entry; None: Undefined."""
    match asked:
        case And(filters):
            found = [truth(one, entry) for one in filters]
            return False if False in found else None if None in found else True
        case Or(filters):
            found = [truth(one, entry) for one in filters]
            return True if True in found else None if None in found else False
        case Not(one):
            inner = truth(one, entry)
            return None if inner is None else not inner
        case Extensible(attribute=""):
            return _any(compared_by(asked.rule), lambda name: _item(asked, name, entry)) if can_be_asked(asked) else None
        case _:
            name = plain(asked.attribute)
            return _item(asked, main_name(name), entry) if name in KNOWN and can_be_asked(asked) else None


def _item(asked: Item, name: str, entry: Entry) -> bool | None:
    match asked:
        case Present():
            return bool(entry.values(name))
        case Extensible(_, value, dn_attributes=True):
            values = *entry.values(name), *(have for kind, have in entry.named if kind == name)
            return _any(values, lambda have: operational.equal(name, _text(value), have))
        case Equality(_, value) | Approx(_, value) | Extensible(_, value):
            return _any(entry.values(name), lambda have: operational.equal(name, _text(value), have))
        case GreaterOrEqual(_, value):
            return _any(entry.values(name), lambda have: _ordered(name, _text(value), have, rising=True))
        case LessOrEqual(_, value):
            return _any(entry.values(name), lambda have: _ordered(name, _text(value), have, rising=False))
        case Substrings(_, initial, pieces, final):
            start, *middle, end = (operational.prepared(_text(piece)) for piece in (initial, *pieces, final))
            return _any(entry.values(name), lambda have: _holds(operational.prepared(have), start, middle, end))
        case _:
            assert_never(asked)


def _any(values: Iterable[str], fits: Callable[[str], bool | None]) -> bool | None:
    found = [fits(have) for have in values]
    return True if True in found else None if None in found else False


def _ordered(name: str, asserted: str, value: str, *, rising: bool) -> bool | None:
    if syntax_of(name) is Syntax.TIME:
        return operational.ordered(asserted, value, rising=rising)
    asserted, value = operational.prepared(asserted), operational.prepared(value)
    return value >= asserted if rising else value <= asserted


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _holds(have: str, initial: str, pieces: Sequence[str], final: str) -> bool:
    if not have.startswith(initial):
        return False
    at = len(initial)
    for piece in pieces:
        found = have.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return len(have) - len(final) >= at and have.endswith(final)
