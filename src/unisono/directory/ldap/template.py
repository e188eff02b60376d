"""What a template makes of a filter: the client's attributes become ours, and asserted values are rewritten. Pure."""

import re
from collections.abc import Sequence
from contextlib import suppress

from unisono.directory.ldap.model import Template, ValueRule
from unisono.directory.ldap.pattern import bearable, compiled
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

_VALUE_MOST = 256
"""Characters of a value that rules are applied to, and may make of it: some patterns take very long over long texts."""


def translate(asked: Filter, template: Template) -> Filter:
    """The filter in our words. One attribute that stands for several of ours becomes an Or of them."""
    if not template.filter_attributes and not template.filter_values:
        return asked
    names = {client.lower(): ours for client, ours in template.filter_attributes.items()}
    return _translated(asked, names, template.filter_values)


def _translated(asked: Filter, names: dict[str, tuple[str, ...]], rules: Sequence[ValueRule]) -> Filter:
    if isinstance(asked, And):
        return And(tuple(_translated(one, names, rules) for one in asked.filters))
    if isinstance(asked, Or):
        return Or(tuple(_translated(one, names, rules) for one in asked.filters))
    if isinstance(asked, Not):
        return Not(_translated(asked.filter, names, rules))
    ours = names.get(asked.attribute.lower(), (asked.attribute,))
    applied = [rule for rule in rules if rule.attribute.lower() in ("", asked.attribute.lower())]
    found = tuple(_item(asked, name, applied) for name in ours)
    return found[0] if len(found) == 1 else Or(found)


def _item(asked: Filter, name: str, rules: Sequence[ValueRule]) -> Filter:
    match asked:
        case Present():
            return Present(name)
        case Substrings(_, initial, pieces, final):
            changed = [rewritten(piece, rules) if piece else b"" for piece in (initial, *pieces, final)]
            middle = tuple(piece for piece in changed[1:-1] if piece)
            if not (changed[0] or middle or changed[-1]):
                return Present(name)
            return Substrings(name, changed[0], middle, changed[-1])
        case Extensible(_, value, rule, dn_attributes):
            return Extensible(name, rewritten(value, rules), rule, dn_attributes)
        case Equality() | Approx() | GreaterOrEqual() | LessOrEqual():
            return type(asked)(name, rewritten(asked.value, rules))
        case And() | Or() | Not():
            raise AssertionError("not an item")


def rewritten(value: bytes, rules: Sequence[ValueRule]) -> bytes:
    """A value after all rules, one after the other; what is not UTF-8 stays, and so does what is or becomes too long."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return value
    for rule in rules:
        if len(text) > _VALUE_MOST:
            return value
        with suppress(re.error):  # rules saved by an earlier version may have expressions that are refused now
            pattern = compiled(rule.search)
            if not bearable(rule.search, len(text)):
                return value
            text = pattern.sub(rule.replace, text)
    return text.encode() if len(text) <= _VALUE_MOST else value
