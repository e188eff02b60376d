"""From a filter to what it asks of a contact (`condition`). Pure.

RFC 4511 4.5.1.7 has three values. A contact always knows whether it has a value, so an item is Undefined for every contact or
for none: when its attribute is unknown, or its assertion has not the attribute's syntax. Compiling therefore asks of each
filter when it is *true* and when it is *false*, both in two values, with Undefined being neither; what is asked at the top is
when it is true. Not swaps the two, And and Or are each other's mirror, and no third value is left to evaluate.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TypeAlias, assert_never

from unisono.directory import keys
from unisono.directory.fold import folded_piece, folded_value
from unisono.directory.ldap import operational
from unisono.directory.ldap.condition import (
    ALWAYS,
    NEVER,
    BookHolds,
    BookIs,
    Condition,
    Has,
    IdBetween,
    IdIs,
    NumberEnds,
    NumberHolds,
    NumberIn,
    NumberLike,
    TextBegins,
    TextBetween,
    TextHolds,
    TextIs,
    all_of,
    any_of,
    complement,
)
from unisono.directory.ldap.schema import (
    KNOWN,
    NAMING,
    Syntax,
    can_be_asked,
    class_number,
    compared_by,
    main_name,
    plain,
    syntax_of,
)
from unisono.directory.segment.attributes import ALL_KINDS, NUMBERS, Attribute, kinds_of
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

ReadNumber: TypeAlias = Callable[[str], str]
"""A number in any written form to its super-canonical one; "" if it is none."""
ReadBeginning: TypeAlias = Callable[[str], Sequence[str]]
"""The beginning of a number as people write it to the super-canonical beginnings it can mean."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a node understands what is asked: its numbers, and the object classes its entries have (their numbers).

    `common`: operational attributes that all its entries have alike, by their names in lower case. `named`: the attributes and
    values in its own name, by their `main_name`. `entry_id`: the id of the
    contact whose entry has this distinguished name; "" if none can have it, None if it is none.
    """

    number: ReadNumber
    beginning: ReadBeginning
    classes: frozenset[str]
    common: Mapping[str, str] = field(default_factory=dict)
    entry_id: Callable[[str], str | None] = lambda name: ""
    named: tuple[tuple[str, str], ...] = ()


META_SEARCH_NUMBER = "metasearchnumber"
"""Any number of any kind, in any form: a virtual attribute."""
_KINDS: dict[Attribute | None, int] = {attribute: kinds_of((attribute,)) for attribute in NUMBERS}
_OBJECT_CLASS = "objectclass"
_BOOK = "databasedescription"
_UUID, _ID = "entryuuid", NAMING.lower()
OPERATIONAL = frozenset(
    {
        _UUID, "entrydn", "createtimestamp", "modifytimestamp", "creatorsname", "modifiersname", "subschemasubentry",
        "hassubordinates", "structuralobjectclass", _ID, _BOOK,
    }
)  # fmt: skip
"""Attributes that every entry has and that are not stored (RFC 4512 3.4, RFC 4530, RFC 5020), in lower case."""
_NEVER_THERE = frozenset(
    name
    for name in KNOWN - OPERATIONAL - {_OBJECT_CLASS, META_SEARCH_NUMBER}
    if Attribute.of(plain(name)) is None and plain(name) not in OPERATIONAL | {_OBJECT_CLASS, META_SEARCH_NUMBER}
)
"""Known attributes that no contact has, such as those of the root DSE."""
_AT_ONCE = OPERATIONAL | {_OBJECT_CLASS, META_SEARCH_NUMBER} | {a.ldap_name.lower() for a in Attribute if a.indexed}
"""Attributes for which no contact need be read, by their `main_name`."""
_DIGITS = str.maketrans("", "", " -()./\t[]")


def compile_filter(asked: Filter, reading: Reading) -> Condition:
    """When this filter is true."""
    return _true(asked, reading)


def _true(asked: Filter, reading: Reading) -> Condition:
    if isinstance(asked, And):
        return all_of(_true(one, reading) for one in asked.filters)
    if isinstance(asked, Or):
        return any_of(_true(one, reading) for one in asked.filters)
    if isinstance(asked, Not):
        return _false(asked.filter, reading)
    return _item(asked, reading) or NEVER


def _false(asked: Filter, reading: Reading) -> Condition:
    if isinstance(asked, And):
        return any_of(_false(one, reading) for one in asked.filters)
    if isinstance(asked, Or):
        return all_of(_false(one, reading) for one in asked.filters)
    if isinstance(asked, Not):
        return _true(asked.filter, reading)
    found = _item(asked, reading)
    return NEVER if found is None else complement(found)


def _item(asked: Item, reading: Reading) -> Condition | None:
    """The condition of an item; None: Undefined."""
    if not can_be_asked(asked):
        return None
    match asked:
        case Extensible(dn_attributes=True):
            return _in_name(asked, reading)
        case _ if plain(asked.attribute or "") in _NEVER_THERE:
            return NEVER
        case Present(name):
            return _present(plain(name))
        case Equality(name, value) | Approx(name, value):
            approximately = isinstance(asked, Approx)
            return _equal(plain(name), value, reading, approximately=approximately)
        case Substrings():
            return _substrings(asked, reading)
        case GreaterOrEqual(name, value):
            return _ordered(plain(name), value, reading, rising=True)
        case LessOrEqual(name, value):
            return _ordered(plain(name), value, reading, rising=False)
        case Extensible():
            return _extensible(asked, reading)
        case _:
            assert_never(asked)


def _present(name: str) -> Condition | None:
    if name == _OBJECT_CLASS or name in OPERATIONAL:
        return ALWAYS
    if name == META_SEARCH_NUMBER:
        return Has(_mask(NUMBERS))
    attribute = Attribute.of(name)
    return None if attribute is None else Has(1 << attribute)


def _mask(attributes: Iterable[Attribute]) -> int:
    return sum(1 << attribute for attribute in attributes)


def attribute_named(name: str) -> Attribute | None:
    """Ours of this name."""
    return Attribute.of(plain(name))


def kinds_named(name: str) -> int:
    """The kinds of number that an attribute holds; 0 if it holds none, or is none of ours."""
    return _kinds(plain(name), attribute_named(name))


def _kinds(name: str, attribute: Attribute | None) -> int:
    if name == META_SEARCH_NUMBER:
        return ALL_KINDS
    return _KINDS.get(attribute, 0)


def _equal(name: str, value: bytes, reading: Reading, *, approximately: bool = False) -> Condition | None:
    text = _text(value)
    if text is None:
        return None
    if name == _OBJECT_CLASS:
        return ALWAYS if class_number(text) in reading.classes else NEVER
    if name == _ID:
        return IdIs(text.strip().lower())
    if name == _UUID:
        found = operational.contact_id(text)
        return None if found is None else IdIs(found)
    if name == _BOOK:
        return BookIs(folded_value(text))
    if name in OPERATIONAL:
        return _operational(name, text, reading)
    attribute = Attribute.of(name)
    kinds = _kinds(name, attribute)
    if kinds:
        return _number_is(text, kinds, reading)
    if attribute is None:
        return None
    folded = folded_value(text)
    if not folded:
        return NEVER
    return TextHolds(attribute, (folded,)) if approximately else TextIs(attribute, folded)


def number_condition(asked: Equality | Substrings, kinds: int, reading: Reading) -> Condition | None:
    """The condition of an item as if its attribute held these kinds of number; None: Undefined."""
    if isinstance(asked, Equality):
        return number_equal(asked.value, kinds, reading)
    texts = _texts(asked)
    return None if texts is None else _number_pieces(*texts, kinds, reading)


def number_equal(value: bytes, kinds: int, reading: Reading) -> Condition | None:
    """The condition that a contact has this number, of one of these kinds; None: Undefined."""
    text = _text(value)
    return None if text is None else _number_is(text, kinds, reading)


def _number_is(text: str, kinds: int, reading: Reading) -> Condition | None:
    key = keys.key(reading.number(text))
    return None if key is None else NumberIn(key, key + 1, kinds)


def _texts(asked: Substrings) -> tuple[str, Sequence[str], str] | None:
    """The pieces as text; None if that is what one of them is not."""
    try:
        return asked.initial.decode(), [piece.decode() for piece in asked.any], asked.final.decode()
    except UnicodeDecodeError:
        return None


def _substrings(asked: Substrings, reading: Reading) -> Condition | None:
    name = plain(asked.attribute)
    attribute = Attribute.of(name)
    kinds = _kinds(name, attribute)
    if kinds:
        return number_condition(asked, kinds, reading)
    if name == _BOOK:
        pieces = _folded_pieces(asked.initial, asked.any, asked.final)
        return None if pieces is None else BookHolds(*pieces) if pieces[0] else ALWAYS
    return None if attribute is None else text_condition(asked, attribute)


def text_condition(asked: Substrings, attribute: Attribute) -> Condition | None:
    """The condition of an item as if it were about this attribute, which holds text; None: Undefined."""
    pieces = _folded_pieces(asked.initial, asked.any, asked.final)
    if pieces is None:
        return None
    whole, start, end = pieces
    if not whole:
        return Has(1 << attribute)
    if start and len(whole) == 1 and attribute.indexed:
        return TextBegins(attribute, whole[0])
    return TextHolds(attribute, whole, start, end)


@lru_cache(maxsize=1024)
def _folded_pieces(initial: bytes, middle: tuple[bytes, ...], final: bytes) -> tuple[tuple[bytes, ...], bool, bool] | None:
    """The pieces, and whether the first begins a value and the last ends it; None if one is no text."""
    try:
        start, *between, end = [folded_piece(piece.decode()) for piece in (initial, *middle, final)]
    except UnicodeDecodeError:
        return None
    whole = (start.lstrip(), *between, end.rstrip())
    # A blank before or behind a value says nothing (RFC 4518 2.6.1): what stands next to it need not begin or end the value.
    return tuple([piece for piece in whole if piece]), bool(whole[0]), bool(whole[-1])


def _number_pieces(initial: str, middle: Sequence[str], final: str, kinds: int, reading: Reading) -> Condition | None:
    """A part without a digit says nothing about numbers: the assertion is Undefined, never "every number"."""
    *between, final = [piece.translate(_DIGITS).removeprefix("+") for piece in (*middle, final)]
    digits = [piece for piece in (*between, final) if piece]
    if any(not piece.isdecimal() or not piece.isascii() for piece in digits):
        return None
    if initial:
        starts = reading.beginning(initial)
        if not starts:
            return None
        if digits:
            return any_of(NumberLike((start, *digits), True, bool(final), kinds) for start in starts)
        bounds = [found for start in starts if (found := keys.key_range(start))]
        return any_of(NumberIn(low, high, kinds) for low, high in bounds) if bounds else None
    if not digits:
        return None
    if len(digits) > 1:
        return NumberLike(tuple(digits), False, bool(final), kinds)
    return NumberEnds(digits[0], kinds) if final else NumberHolds(digits[0], kinds)


def _ordered(name: str, value: bytes, reading: Reading, *, rising: bool) -> Condition | None:
    text = _text(value)
    attribute = Attribute.of(name)
    if text is None:
        return None
    if name == _UUID:
        found = operational.contact_id(text)
        return None if found is None else IdBetween(found, None) if rising else IdBetween(None, found)
    if syntax_of(name) is Syntax.TIME:
        return _said(operational.ordered(text, reading.common.get(name, ""), rising=rising))
    kinds = _kinds(name, attribute)
    if kinds:
        bounds = keys.key_range(reading.number(text))
        if bounds is None:
            return None
        return NumberIn(bounds[0], keys.END, kinds) if rising else NumberIn(0, bounds[0] + 1, kinds)
    if attribute is None:
        return None
    folded = folded_value(text)
    return TextBetween(attribute, folded, None) if rising else TextBetween(attribute, None, folded)


def _operational(name: str, text: str, reading: Reading) -> Condition | None:
    if name == "entrydn":
        found = reading.entry_id(text)
        return None if found is None else IdIs(found) if found else NEVER
    return _said(operational.equal(name, text, reading.common.get(name, "")))


def _said(true: bool | None) -> Condition | None:
    return None if true is None else ALWAYS if true else NEVER


def _extensible(asked: Extensible, reading: Reading) -> Condition | None:
    """A matching rule by name (RFC 4511 4.5.1.7.7), for an attribute or for all of which it is the rule."""
    if asked.attribute:
        return _equal(plain(asked.attribute), asked.value, reading)
    found = [_equal(name, asked.value, reading) for name in compared_by(asked.rule) if name in _AT_ONCE]
    said = [one for one in found if one is not None]
    return any_of(said) if said else None


def _in_name(asked: Extensible, reading: Reading) -> Condition | None:
    """An item that holds for the names of entries too, as far as these have its attribute (RFC 4511 4.5.1.7.7)."""
    found, text = _item(replace(asked, dn_attributes=False), reading), _text(asked.value)
    if found is None or text is None:
        return None
    kinds = (main_name(plain(asked.attribute)),) if asked.attribute else compared_by(asked.rule)
    above = any(name in kinds and operational.equal(name, text, value) for name, value in reading.named)
    book = BookIs(folded_value(text)) if "ou" in kinds else NEVER
    own = IdIs(text.strip().lower()) if _ID in kinds else NEVER
    return any_of((ALWAYS if above else NEVER, book, own, found))


def _text(value: bytes) -> str | None:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None
