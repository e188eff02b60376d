"""Responses to BER and from BER (RFC 4511 4.1.9, 4.2.2, 4.5.2 to 4.14.2).

A server that keeps its entries encoded writes no `SearchResultEntry`: it joins `entry_header(message_id, len(op))` and the op's
bytes.
"""

from collections.abc import Iterable, Sequence
from typing import Final, assert_never

from unisono.wire.ldap import ber
from unisono.wire.ldap.ber import ENUMERATED, INTEGER, OCTET_STRING, SEQUENCE, SET
from unisono.wire.ldap.control import Control
from unisono.wire.ldap.control_ber import decode_controls, encode_controls
from unisono.wire.ldap.errors import BerError, CodecError
from unisono.wire.ldap.message import (
    BindResponse,
    CompareResponse,
    ExtendedName,
    ExtendedResponse,
    IntermediateResponse,
    Response,
    Result,
    SearchResultDone,
    SearchResultEntry,
    SearchResultReference,
    Write,
    WriteResponse,
)
from unisono.wire.ldap.result_code import ResultCode

ENTRY: Final = 0x64
DONE: Final = 0x65
REFERENCE: Final = 0x73
_BIND: Final = 0x61
_COMPARE: Final = 0x6F
_EXTENDED: Final = 0x78
_INTERMEDIATE: Final = 0x79

_REFERRAL: Final = 0xA3
_SASL_CREDENTIALS: Final = 0x87
_EXTENDED_NAME: Final = 0x8A
_EXTENDED_VALUE: Final = 0x8B
_INTERMEDIATE_NAME: Final = 0x80
_INTERMEDIATE_VALUE: Final = 0x81

_WRITE_TAGS: Final[dict[int, int]] = {Write.MODIFY: 0x67, Write.ADD: 0x69, Write.DELETE: 0x6B, Write.MODIFY_DN: 0x6D}
_ANSWERS: Final[dict[int, int]] = {0x60: _BIND, 0x63: DONE, 0x6E: _COMPARE, 0x77: _EXTENDED, **_WRITE_TAGS}
_WRITE_KINDS: Final = {tag: Write(kind) for kind, tag in _WRITE_TAGS.items()}
_CODES: Final[dict[int, ResultCode]] = {code.value: code for code in ResultCode}
_BEFORE_ID: Final = [bytes((SEQUENCE, 11 + length, INTEGER, length)) for length in range(9)]
"""What stands before the message ID, by its octets, where `_PLAIN_DONE` follows."""
_PLAIN_DONE: Final = {code: bytes((DONE, 7, ENUMERATED, 1, code, OCTET_STRING, 0, OCTET_STRING, 0)) for code in range(0x80)}


def encode_response(message_id: int, response: Response, controls: Sequence[Control] = ()) -> bytes:
    """One whole LDAPMessage."""
    op = _operation(response)
    more = encode_controls(controls)
    return entry_header(message_id, len(op) + len(more)) + op + more


def entry_header(message_id: int, op_length: int) -> bytes:
    """What stands before an operation of so many bytes (with its controls, if any) in an LDAPMessage."""
    if message_id < 0x80:
        if op_length < 0x7D:
            return b"\x30%c\x02\x01%c" % (op_length + 3, message_id)
        if 0xFD <= op_length < 0xFFFD:
            op_length += 3
            return b"\x30\x82%c%c\x02\x01%c" % (op_length >> 8, op_length & 0xFF, message_id)
    elif message_id < 0x8000:
        if op_length < 0x7C:
            return b"\x30%c\x02\x02%c%c" % (op_length + 4, message_id >> 8, message_id & 0xFF)
        if 0xFC <= op_length < 0xFFFC:
            op_length += 4
            size = op_length >> 8, op_length & 0xFF
            return b"\x30\x82%c%c\x02\x02%c%c" % (*size, message_id >> 8, message_id & 0xFF)
    identifier = ber.encode_integer(message_id)
    return ber.header(SEQUENCE, len(identifier) + op_length) + identifier


def encode_done(identifier: bytes, code: int = ResultCode.SUCCESS) -> bytes:
    """A SearchResultDone that says no more than its code, below 128. `identifier`: the octets of the message ID."""
    return _BEFORE_ID[len(identifier)] + identifier + _PLAIN_DONE[code]


def encode_entry(message_id: int, name: bytes, attributes: Iterable[tuple[bytes, Iterable[bytes]]]) -> bytes:
    """A SearchResultEntry from octets."""
    op = entry_op(name, b"".join([attribute(kind, values) for kind, values in attributes]))
    return entry_header(message_id, len(op)) + op


def encode_selected(message_id: int, name: bytes, attributes: bytes) -> bytes:
    """A SearchResultEntry from parts that are encoded: the name, whole, and the attributes asked for, one behind the other."""
    inner = ber.header(SEQUENCE, len(attributes))
    length = len(name) + len(inner) + len(attributes)
    outer = ber.header(ENTRY, length)
    return b"".join((entry_header(message_id, len(outer) + length), outer, name, inner, attributes))


def entry_op(name: bytes, attributes: bytes) -> bytes:
    """The operation of a SearchResultEntry, from its name and its attributes, each made by `attribute`."""
    content = ber.tlv(OCTET_STRING, name) + ber.header(SEQUENCE, len(attributes)) + attributes
    return ber.header(ENTRY, len(content)) + content


def attribute(kind: bytes, values: Iterable[bytes]) -> bytes:
    """A PartialAttribute (RFC 4511 4.1.7); with `typesOnly` without values."""
    written = b"".join([b"\x04%c%b" % (len(v), v) if len(v) < 0x80 else ber.tlv(OCTET_STRING, v) for v in values])
    return ber.tlv(SEQUENCE, ber.tlv(OCTET_STRING, kind) + ber.tlv(SET, written))


def notice_of_disconnection(code: int, message: str) -> bytes:
    """The unsolicited last word of a server before it closes (RFC 4511 4.4.1)."""
    return encode_response(0, ExtendedResponse(Result(code, message=message), ExtendedName.NOTICE_OF_DISCONNECTION))


def encode_refusal(message_id: int, request_tag: int, result: Result) -> bytes | None:
    """The answer to a request of which only the tag may be known; None if there is none to give."""
    tag = _ANSWERS.get(request_tag)
    if tag is None:
        return None
    op = ber.tlv(tag, _result(result))
    return entry_header(message_id, len(op)) + op


def _operation(response: Response) -> bytes:
    match response:
        case SearchResultEntry(name, attributes):
            parts = [attribute(kind.encode(), values) for kind, values in attributes]
            return entry_op(name.encode(), b"".join(parts))
        case SearchResultDone(result):
            return ber.tlv(DONE, _result(result))
        case SearchResultReference(uris):
            return ber.tlv(REFERENCE, b"".join(map(ber.encode_text, uris)))
        case BindResponse(result, credentials):
            return ber.tlv(_BIND, _result(result) + _optional(credentials, _SASL_CREDENTIALS))
        case CompareResponse(result):
            return ber.tlv(_COMPARE, _result(result))
        case WriteResponse(kind, result):
            return ber.tlv(_WRITE_TAGS[kind], _result(result))
        case ExtendedResponse(result, name, value):
            more = _optional(_octets(name), _EXTENDED_NAME) + _optional(value, _EXTENDED_VALUE)
            return ber.tlv(_EXTENDED, _result(result) + more)
        case IntermediateResponse(name, value):
            more = _optional(_octets(name), _INTERMEDIATE_NAME) + _optional(value, _INTERMEDIATE_VALUE)
            return ber.tlv(_INTERMEDIATE, more)
    assert_never(response)


def _result(result: Result) -> bytes:
    """The components of an LDAPResult (RFC 4511 4.1.9)."""
    referral = ber.tlv(_REFERRAL, b"".join(map(ber.encode_text, result.referral))) if result.referral else b""
    texts = ber.encode_text(result.matched_dn) + ber.encode_text(result.message)
    return ber.encode_integer(result.code, ENUMERATED) + texts + referral


def _octets(text: str | None) -> bytes | None:
    return None if text is None else text.encode()


def _optional(value: bytes | None, tag: int) -> bytes:
    return b"" if value is None else ber.tlv(tag, value)


def parse_response(pdu: bytes) -> tuple[int, Response, tuple[Control, ...]]:
    """Message ID, response and controls of one whole LDAPMessage. Raises `BerError` or `ProtocolError`."""
    message_id = 0
    try:
        at, end = ber.expect(pdu, 0, len(pdu), SEQUENCE, "LDAPMessage")
        if end != len(pdu):
            raise BerError("The LDAPMessage ends before its bytes do", end)
        message_id, at = ber.count(pdu, at, end, "messageID")
        tag, start, at = ber.element(pdu, at, end, "protocolOp")
        response = _response(pdu, tag, start, at)
        return message_id, response, decode_controls(pdu, at, end) if at < end else ()
    except CodecError as error:
        error.message_id = message_id
        raise


def _response(data: bytes, tag: int, start: int, stop: int) -> Response:
    if tag == ENTRY:
        return _entry(data, start, stop)
    if tag == REFERENCE:
        return SearchResultReference(_texts(data, start, stop, "URI"))
    if tag == _INTERMEDIATE:
        name, at = _maybe(data, start, stop, _INTERMEDIATE_NAME)
        value, _ = _maybe(data, at, stop, _INTERMEDIATE_VALUE)
        return IntermediateResponse(_text(name), value)
    result, at = _read_result(data, start, stop)
    if tag == DONE:
        return SearchResultDone(result)
    if tag == _BIND:
        return BindResponse(result, _maybe(data, at, stop, _SASL_CREDENTIALS)[0])
    if tag == _COMPARE:
        return CompareResponse(result)
    if tag == _EXTENDED:
        name, at = _maybe(data, at, stop, _EXTENDED_NAME)
        return ExtendedResponse(result, _text(name), _maybe(data, at, stop, _EXTENDED_VALUE)[0])
    if tag in _WRITE_KINDS:
        return WriteResponse(_WRITE_KINDS[tag], result)
    raise BerError(f"No response has tag {tag:#04x}", start)


def _read_result(data: bytes, at: int, end: int) -> tuple[Result, int]:
    code, at = ber.integer(data, at, end, "resultCode", ENUMERATED)
    matched_dn, at = ber.text(data, at, end, "matchedDN")
    message, at = ber.text(data, at, end, "diagnosticMessage")
    referral: tuple[str, ...] = ()
    if at < end and data[at] == _REFERRAL:
        start, at = ber.expect(data, at, end, _REFERRAL, "referral")
        referral = _texts(data, start, at, "URI")
    return Result(_CODES.get(code, code), matched_dn, message, referral), at


def _entry(data: bytes, at: int, end: int) -> SearchResultEntry:
    name, at = ber.text(data, at, end, "objectName")
    at, end = ber.expect(data, at, end, SEQUENCE, "attributes")
    found: list[tuple[str, tuple[bytes, ...]]] = []
    while at < end:
        inner, after = ber.expect(data, at, end, SEQUENCE, "attribute")
        kind, inner = ber.text(data, inner, after, "attribute description")
        inner, stop = ber.expect(data, inner, after, SET, "values")
        values: list[bytes] = []
        while inner < stop:
            value, inner = ber.octets(data, inner, stop, "value")
            values.append(value)
        found.append((kind, tuple(values)))
        at = after
    return SearchResultEntry(name, tuple(found))


def _texts(data: bytes, at: int, end: int, what: str) -> tuple[str, ...]:
    found: list[str] = []
    while at < end:
        one, at = ber.text(data, at, end, what)
        found.append(one)
    return tuple(found)


def _maybe(data: bytes, at: int, end: int, tag: int) -> tuple[bytes | None, int]:
    """The element here if it has this tag."""
    if at < end and data[at] == tag:
        return ber.octets(data, at, end, "optional component", tag)
    return None, at


def _text(octets: bytes | None) -> str | None:
    return None if octets is None else ber.text_content(octets, 0, len(octets), "name")
