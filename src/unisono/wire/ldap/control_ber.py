"""Controls from BER and to BER (RFC 4511 4.1.11 and each control's own document)."""

from collections.abc import Callable, Sequence
from typing import Final, assert_never

from unisono.wire.ldap import ber
from unisono.wire.ldap.ber import ENUMERATED, OCTET_STRING, SEQUENCE
from unisono.wire.ldap.control import (
    ByAssertion,
    ByOffset,
    Control,
    ControlValue,
    ManageDsaIt,
    OtherControl,
    PagedResults,
    ProxiedAuthorization,
    SortKey,
    SortRequest,
    SortResponse,
    Subentries,
    VlvRequest,
    VlvResponse,
)
from unisono.wire.ldap.errors import BerError, CodecError, ProtocolError
from unisono.wire.ldap.limits import LIMITS, Limits

CONTROLS: Final = 0xA0

_SORT_RULE: Final = 0x80
_SORT_REVERSE: Final = 0x81
_SORT_ATTRIBUTE: Final = 0x80
_BY_OFFSET: Final = 0xA0
_BY_ASSERTION: Final = 0x81


def decode_controls(data: bytes, at: int, end: int, limits: Limits = LIMITS) -> tuple[Control, ...]:
    """The controls of a message, in what follows its operation. Raises `ProtocolError` if a known one has no sense."""
    tag, start, stop = ber.element(data, at, end, "controls")
    if tag != CONTROLS:
        return ()  # RFC 4511 4: what stands behind the known components is ignored
    if stop - start > limits.controls:
        raise ProtocolError(f"Controls of {stop - start} bytes are longer than the limit of {limits.controls}", at)
    found: list[Control] = []
    while start < stop:
        inner, start = ber.expect(data, start, stop, SEQUENCE, "control")
        found.append(_control(data, inner, start))
    return tuple(found)


def _control(data: bytes, at: int, end: int) -> Control:
    begin = at
    oid, at = ber.text(data, at, end, "controlType")
    critical = False
    if at < end and data[at] == ber.BOOLEAN:
        critical, at = ber.boolean(data, at, end, "criticality")
    value: bytes | None = None
    if at < end:
        value, at = ber.octets(data, at, end, "controlValue")
    read = _READERS.get(oid)
    if read is None:
        return Control(OtherControl(oid, value), critical)
    try:
        return Control(read(value or b""), critical)
    except CodecError as error:
        raise ProtocolError(f"The control {oid} cannot be read: {error.why}", begin) from error


def _paged(value: bytes) -> ControlValue:
    at, end = ber.expect(value, 0, len(value), SEQUENCE, "paged results")
    size, at = ber.count(value, at, end, "size")
    cookie, _ = ber.octets(value, at, end, "cookie")
    return PagedResults(size, cookie)


def _sort_request(value: bytes) -> ControlValue:
    at, end = ber.expect(value, 0, len(value), SEQUENCE, "sort keys")
    keys: list[SortKey] = []
    while at < end:
        inner, at = ber.expect(value, at, end, SEQUENCE, "sort key")
        keys.append(_sort_key(value, inner, at))
    return SortRequest(tuple(keys))


def _sort_key(value: bytes, at: int, end: int) -> SortKey:
    attribute, at = ber.text(value, at, end, "attribute type")
    rule, reverse = "", False
    if at < end and value[at] == _SORT_RULE:
        rule, at = ber.text(value, at, end, "ordering rule", _SORT_RULE)
    if at < end:
        reverse, at = ber.boolean(value, at, end, "reverse order", _SORT_REVERSE)
    return SortKey(attribute, rule, reverse)


def _sort_response(value: bytes) -> ControlValue:
    at, end = ber.expect(value, 0, len(value), SEQUENCE, "sort result")
    code, at = ber.integer(value, at, end, "result code", ENUMERATED)
    attribute = ""
    if at < end:
        attribute, at = ber.text(value, at, end, "attribute type", _SORT_ATTRIBUTE)
    return SortResponse(code, attribute)


def _vlv_request(value: bytes) -> ControlValue:
    at, end = ber.expect(value, 0, len(value), SEQUENCE, "virtual list view")
    before, at = ber.count(value, at, end, "beforeCount")
    after, at = ber.count(value, at, end, "afterCount")
    tag, start, stop = ber.element(value, at, end, "target")
    target: ByOffset | ByAssertion
    if tag == _BY_OFFSET:
        offset, start = ber.count(value, start, stop, "offset")
        count, _ = ber.count(value, start, stop, "contentCount")
        target = ByOffset(offset, count)
    elif tag == _BY_ASSERTION:
        target = ByAssertion(value[start:stop])
    else:
        raise BerError(f"No target has tag {tag:#04x}", at)
    return VlvRequest(before, after, target, _context_id(value, stop, end))


def _vlv_response(value: bytes) -> ControlValue:
    at, end = ber.expect(value, 0, len(value), SEQUENCE, "virtual list view")
    position, at = ber.count(value, at, end, "targetPosition")
    count, at = ber.count(value, at, end, "contentCount")
    code, at = ber.integer(value, at, end, "result code", ENUMERATED)
    return VlvResponse(position, count, code, _context_id(value, at, end))


def _context_id(value: bytes, at: int, end: int) -> bytes | None:
    return ber.octets(value, at, end, "contextID")[0] if at < end else None


def _subentries(value: bytes) -> ControlValue:
    return Subentries(ber.boolean(value, 0, len(value), "visibility")[0])


_READERS: dict[str, Callable[[bytes], ControlValue]] = {
    PagedResults.OID: _paged,
    SortRequest.OID: _sort_request,
    SortResponse.OID: _sort_response,
    VlvRequest.OID: _vlv_request,
    VlvResponse.OID: _vlv_response,
    ManageDsaIt.OID: lambda value: ManageDsaIt(),
    Subentries.OID: _subentries,
    ProxiedAuthorization.OID: lambda value: ProxiedAuthorization(ber.text_content(value, 0, len(value), "authorization ID")),
}


def encode_controls(controls: Sequence[Control]) -> bytes:
    """The controls of a message; nothing if there are none."""
    return ber.tlv(CONTROLS, b"".join(map(_encoded, controls))) if controls else b""


def _encoded(control: Control) -> bytes:
    value = _value(control.value)
    critical = ber.encode_boolean(True) if control.critical else b""  # DEFAULT FALSE
    return ber.tlv(SEQUENCE, ber.encode_text(control.oid) + critical + (b"" if value is None else ber.tlv(OCTET_STRING, value)))


def _value(one: ControlValue) -> bytes | None:
    match one:
        case PagedResults(size, cookie):
            return ber.tlv(SEQUENCE, ber.encode_integer(size) + ber.tlv(OCTET_STRING, cookie))
        case SortRequest(keys):
            return ber.tlv(SEQUENCE, b"".join(map(_encoded_key, keys)))
        case SortResponse(code, attribute):
            name = ber.encode_text(attribute, _SORT_ATTRIBUTE) if attribute else b""
            return ber.tlv(SEQUENCE, ber.encode_integer(code, ENUMERATED) + name)
        case VlvRequest():
            counts = ber.encode_integer(one.before) + ber.encode_integer(one.after)
            return ber.tlv(SEQUENCE, counts + _encoded_target(one.target) + _encoded_context(one.context_id))
        case VlvResponse():
            place = ber.encode_integer(one.position) + ber.encode_integer(one.count)
            return ber.tlv(SEQUENCE, place + ber.encode_integer(one.code, ENUMERATED) + _encoded_context(one.context_id))
        case ManageDsaIt():
            return None
        case Subentries(visible):
            return ber.encode_boolean(visible)
        case ProxiedAuthorization(authorization_id):
            return authorization_id.encode()
        case OtherControl():
            return one.value
    assert_never(one)


def _encoded_key(key: SortKey) -> bytes:
    rule = ber.encode_text(key.rule, _SORT_RULE) if key.rule else b""
    reverse = ber.encode_boolean(True, _SORT_REVERSE) if key.reverse else b""
    return ber.tlv(SEQUENCE, ber.encode_text(key.attribute) + rule + reverse)


def _encoded_target(target: ByOffset | ByAssertion) -> bytes:
    match target:
        case ByOffset(offset, count):
            return ber.tlv(_BY_OFFSET, ber.encode_integer(offset) + ber.encode_integer(count))
        case ByAssertion(value):
            return ber.tlv(_BY_ASSERTION, value)
    assert_never(target)


def _encoded_context(context_id: bytes | None) -> bytes:
    return b"" if context_id is None else ber.tlv(OCTET_STRING, context_id)
