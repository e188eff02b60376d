"""Entries that are no contacts (root DSE, subschema, nodes, books), and filters about them (RFC 4511 4.5.1.7). Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from unisono.directory.ldap.schema import EQUALITY_RULES, KNOWN, plain
from unisono.wire.ldap.filter import (
    And,
    Approx,
    Equality,
    Extensible,
    Filter,
    GreaterOrEqual,
    LessOrEqual,
    Not,
    Or,
    Present,
    Substrings,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A name with its attributes; the operational ones are shown only when asked for."""

    dn: str
    user: Mapping[str, tuple[str, ...]]
    operational: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def values(self, name: str) -> Sequence[str]:
        """The values of an attribute, named in lower case."""
        for attributes in (self.user, self.operational):
            for kind, values in attributes.items():
                if kind.lower() == name:
                    return values
        return ()


def may_be_true(asked: Filter, names: frozenset[str]) -> bool:
    """Whether a filter can be true of entries with these attributes only (in lower case); quick, and never wrongly False."""
    if isinstance(asked, (And, Or)):
        return asked == _TRUE or any(may_be_true(one, names) for one in asked.filters)
    return isinstance(asked, Not) or plain(asked.attribute) in names


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
        case Present(name):
            return bool(entry.values(plain(name))) if plain(name) in KNOWN else None
        case Extensible() if asked.rule and asked.rule.lower() not in EQUALITY_RULES:
            return None
        case Equality(name, value) | Approx(name, value) | Extensible(name, value):
            return _any(entry, name, lambda have: have == _text(value))
        case GreaterOrEqual(name, value):
            return _any(entry, name, lambda have: have >= _text(value))
        case LessOrEqual(name, value):
            return _any(entry, name, lambda have: have <= _text(value))
        case Substrings(name, initial, pieces, final):
            return _any(entry, name, lambda have: _holds(have, _text(initial), [*map(_text, pieces)], _text(final)))
        case _:
            assert_never(asked)


def _any(entry: Entry, name: str, fits: Callable[[str], bool]) -> bool | None:
    attribute = plain(name)
    if attribute not in KNOWN:
        return None
    return any(fits(" ".join(have.casefold().split())) for have in entry.values(attribute))


def _text(value: bytes) -> str:
    return " ".join(value.decode("utf-8", "replace").casefold().split())


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
