"""Filters from BER and to BER (RFC 4511 4.5.1)."""

from collections.abc import Iterator
from typing import Final, assert_never

from unisono.wire.ldap.ber import (
    OCTET_STRING,
    SEQUENCE,
    boolean,
    element,
    encode_boolean,
    encode_text,
    expect,
    text,
    text_content,
    tlv,
)
from unisono.wire.ldap.errors import BerError, ProtocolError
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
from unisono.wire.ldap.limits import LIMITS, Limits

_AND: Final = 0xA0
_OR: Final = 0xA1
_NOT: Final = 0xA2
_EQUALITY: Final = 0xA3
_SUBSTRINGS: Final = 0xA4
_GREATER_OR_EQUAL: Final = 0xA5
_LESS_OR_EQUAL: Final = 0xA6
_PRESENT: Final = 0x87
_APPROX: Final = 0xA8
_EXTENSIBLE: Final = 0xA9

_INITIAL: Final = 0x80
_ANY: Final = 0x81
_FINAL: Final = 0x82

_RULE: Final = 0x81
_TYPE: Final = 0x82
_MATCH_VALUE: Final = 0x83
_DN_ATTRIBUTES: Final = 0x84


def decode_filter(data: bytes, at: int, end: int, limits: Limits = LIMITS) -> tuple[Filter, int]:
    """The filter that begins at `at`, and where it ends. Raises `ProtocolError` when it is too long or nested too deep."""
    tag, start, stop = element(data, at, end, "filter")
    if stop - at > limits.filter:
        raise ProtocolError(f"A filter of {stop - at} bytes is longer than the limit of {limits.filter}", at)
    return _filter(data, tag, start, stop, limits.depth), stop


def _filter(data: bytes, tag: int, start: int, stop: int, depth: int) -> Filter:
    """The filter whose content stands between `start` and `stop`; `depth` more may stand within each other, itself counted."""
    if tag == _EQUALITY:
        attribute, value = _assertion(data, start, stop)
        return Equality(attribute, value)
    if tag == _SUBSTRINGS:
        return _substrings(data, start, stop)
    if tag == _PRESENT:
        return Present(text_content(data, start, stop, "attribute description"))
    if tag in (_AND, _OR, _NOT):
        return _compound(data, tag, start, stop, depth)
    if tag == _EXTENSIBLE:
        return _extensible(data, start, stop)
    attribute, value = _assertion(data, start, stop) if tag in (_GREATER_OR_EQUAL, _LESS_OR_EQUAL, _APPROX) else ("", b"")
    if tag == _GREATER_OR_EQUAL:
        return GreaterOrEqual(attribute, value)
    if tag == _LESS_OR_EQUAL:
        return LessOrEqual(attribute, value)
    if tag == _APPROX:
        return Approx(attribute, value)
    raise ProtocolError(f"No filter has tag {tag:#04x}", start)


def _compound(data: bytes, tag: int, start: int, stop: int, depth: int) -> Filter:
    if depth <= 1:
        raise ProtocolError("Filters are nested too deep", start)
    parts: list[Filter] = []
    at = start
    while at < stop:
        child, inner, at = element(data, at, stop, "filter")
        parts.append(_filter(data, child, inner, at, depth - 1))
    if tag == _AND:
        return And(tuple(parts))
    if tag == _OR:
        return Or(tuple(parts))
    if len(parts) != 1:
        raise BerError(f"A negation of {len(parts)} filters instead of one", start)
    return Not(parts[0])


def _assertion(data: bytes, at: int, end: int) -> tuple[str, bytes]:
    """Attribute description and assertion value, which fill the space up to `end`."""
    start, at = expect(data, at, end, OCTET_STRING, "attribute description")
    first, stop = expect(data, at, end, OCTET_STRING, "assertion value")
    if stop != end:
        raise BerError("The assertion goes on behind its value", stop)
    return text_content(data, start, at, "attribute description"), data[first:stop]


def _substrings(data: bytes, at: int, end: int) -> Filter:
    """Empty pieces, which match everywhere, are left out; if no other is there, any value matches."""
    attribute, at = text(data, at, end, "attribute description")
    first, stop = expect(data, at, end, SEQUENCE, "substrings")
    if stop != end:
        raise BerError("The substrings filter goes on behind its pieces", stop)
    if first + 2 < stop == first + 2 + data[first + 1] < first + 0x82:  # one short piece, as nearly always
        tag = data[first]
        if tag == _ANY:
            return Substrings(attribute, b"", (data[first + 2 : stop],))
        if tag == _INITIAL:
            return Substrings(attribute, data[first + 2 : stop])
        if tag == _FINAL:
            return Substrings(attribute, b"", (), data[first + 2 : stop])
    initial, final = b"", b""
    middle: list[bytes] = []
    at = first
    while at < stop:
        tag, start, after = element(data, at, stop, "substring")
        if tag == _ANY:
            if start < after:
                middle.append(data[start:after])
        elif tag == _INITIAL and at == first:
            initial = data[start:after]
        elif tag == _FINAL and after == stop:
            final = data[start:after]
        else:
            raise ProtocolError(f"A substring with tag {tag:#04x} where none may stand", at)
        at = after
    if initial or middle or final:
        return Substrings(attribute, initial, tuple(middle), final)
    return Present(attribute)


def _extensible(data: bytes, at: int, end: int) -> Filter:
    rule, attribute, value, dn_attributes = "", "", b"", False
    found = False
    while at < end:
        tag, start, stop = element(data, at, end, "matching rule assertion")
        if tag == _RULE:
            rule = text_content(data, start, stop, "matching rule")
        elif tag == _TYPE:
            attribute = text_content(data, start, stop, "attribute description")
        elif tag == _MATCH_VALUE:
            value, found = data[start:stop], True
        elif tag == _DN_ATTRIBUTES:
            dn_attributes, _ = boolean(data, at, end, "dnAttributes", _DN_ATTRIBUTES)
        at = stop
    if not found:
        raise BerError("A matching rule assertion without its value", end)
    if not rule and not attribute:
        raise ProtocolError("A matching rule assertion without rule and attribute", end)
    return Extensible(attribute, value, rule, dn_attributes)


def value_places(data: bytes, at: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the values stand that the filter at `at` asserts, in the order in which `decode_filter` gives them."""
    tag, at, end = element(data, at, end, "filter")
    if tag in (_AND, _OR, _NOT):
        while at < end:
            _, _, stop = element(data, at, end, "filter")
            yield from value_places(data, at, stop)
            at = stop
    elif tag == _EXTENSIBLE:
        while at < end:
            tag, start, at = element(data, at, end, "matching rule assertion")
            if tag == _MATCH_VALUE:
                yield start, at
    elif tag != _PRESENT:
        _, at = expect(data, at, end, OCTET_STRING, "attribute description")
        if tag != _SUBSTRINGS:
            yield expect(data, at, end, OCTET_STRING, "assertion value")
            return
        at, end = expect(data, at, end, SEQUENCE, "substrings")
        while at < end:
            _, start, at = element(data, at, end, "substring")
            if start < at:
                yield start, at


def with_values(one: Filter, values: Iterator[bytes]) -> Filter:
    """The same filter with other values, in the same order; none may be empty where none was."""
    match one:
        case And(filters):
            return And(tuple([with_values(each, values) for each in filters]))
        case Or(filters):
            return Or(tuple([with_values(each, values) for each in filters]))
        case Not(inner):
            return Not(with_values(inner, values))
        case Present():
            return one
        case Substrings(name, initial, pieces, final):
            first = next(values) if initial else b""
            middle = tuple([next(values) for _ in pieces])
            return Substrings(name, first, middle, next(values) if final else b"")
        case Extensible(name, _, rule, dn_attributes):
            return Extensible(name, next(values), rule, dn_attributes)
        case Equality() | Approx() | GreaterOrEqual() | LessOrEqual():
            return type(one)(one.attribute, next(values))
    assert_never(one)


def encode_filter(one: Filter) -> bytes:
    """The filter as BER. Not for filters of one's own making that are nested thousands deep."""
    match one:
        case And(filters):
            return tlv(_AND, b"".join(map(encode_filter, filters)))
        case Or(filters):
            return tlv(_OR, b"".join(map(encode_filter, filters)))
        case Not(inner):
            return tlv(_NOT, encode_filter(inner))
        case Equality(attribute, value):
            return _written(_EQUALITY, attribute, value)
        case GreaterOrEqual(attribute, value):
            return _written(_GREATER_OR_EQUAL, attribute, value)
        case LessOrEqual(attribute, value):
            return _written(_LESS_OR_EQUAL, attribute, value)
        case Approx(attribute, value):
            return _written(_APPROX, attribute, value)
        case Present(attribute):
            return encode_text(attribute, _PRESENT)
        case Substrings():
            return tlv(_SUBSTRINGS, encode_text(one.attribute) + tlv(SEQUENCE, _pieces(one)))
        case Extensible():
            return tlv(_EXTENSIBLE, _rule_assertion(one))
    assert_never(one)


def _written(tag: int, attribute: str, value: bytes) -> bytes:
    return tlv(tag, encode_text(attribute) + tlv(OCTET_STRING, value))


def _pieces(one: Substrings) -> bytes:
    initial = tlv(_INITIAL, one.initial) if one.initial else b""
    final = tlv(_FINAL, one.final) if one.final else b""
    return initial + b"".join(tlv(_ANY, piece) for piece in one.any) + final


def _rule_assertion(one: Extensible) -> bytes:
    rule = encode_text(one.rule, _RULE) if one.rule else b""
    attribute = encode_text(one.attribute, _TYPE) if one.attribute else b""
    whole_dn = encode_boolean(True, _DN_ATTRIBUTES) if one.dn_attributes else b""
    return rule + attribute + tlv(_MATCH_VALUE, one.value) + whole_dn
