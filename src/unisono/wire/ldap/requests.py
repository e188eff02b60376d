"""Requests from BER and to BER (RFC 4511 4.2 to 4.14)."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, TypeAlias, assert_never

from unisono.wire.ldap import ber
from unisono.wire.ldap.ber import ENUMERATED, OCTET_STRING, SEQUENCE
from unisono.wire.ldap.control import Control
from unisono.wire.ldap.control_ber import decode_controls, encode_controls
from unisono.wire.ldap.errors import BerError, CodecError, ProtocolError
from unisono.wire.ldap.filter_ber import decode_filter, encode_filter
from unisono.wire.ldap.limits import LIMITS, Limits
from unisono.wire.ldap.message import (
    AbandonRequest,
    BindRequest,
    CompareRequest,
    Deref,
    ExtendedRequest,
    OtherAuthentication,
    Request,
    Sasl,
    Scope,
    SearchRequest,
    Simple,
    UnbindRequest,
    Write,
    WriteRequest,
)

BIND: Final = 0x60
UNBIND: Final = 0x42
SEARCH: Final = 0x63
COMPARE: Final = 0x6E
ABANDON: Final = 0x50
EXTENDED: Final = 0x77

_SIMPLE: Final = 0x80
_SASL: Final = 0xA3
_REQUEST_NAME: Final = 0x80
_REQUEST_VALUE: Final = 0x81

_REMEMBERED: Final = 512
"""Bytes of the longest attribute list that is remembered; 256 of them take at most 3 MB."""

_Head: TypeAlias = tuple[str, Scope, Deref, int, int, bool]

_SCOPES: Final = tuple(Scope)
_DEREFS: Final = tuple(Deref)
_WRITES: Final = {write.value: write for write in Write}


def parse_request(pdu: bytes, limits: Limits = LIMITS) -> tuple[int, Request, tuple[Control, ...]]:
    """Message ID, request and controls of one whole LDAPMessage.

    Raises `BerError` or `ProtocolError`, with the message ID and the operation's tag if they could be read.
    """
    message_id = tag = 0
    try:
        at, end = ber.expect(pdu, 0, len(pdu), SEQUENCE, "LDAPMessage")
        if end != len(pdu):
            raise BerError("The LDAPMessage ends before its bytes do", end)
        message_id, at = ber.integer(pdu, at, end, "messageID")
        if not 0 < message_id <= ber.MAX_INT:
            raise BerError(f"No request has the messageID {message_id}", at)
        tag, start, at = ber.element(pdu, at, end, "protocolOp")
        request = _search(pdu, start, at, limits) if tag == SEARCH else _request(pdu, tag, start, at)
        return message_id, request, decode_controls(pdu, at, end, limits) if at < end else ()
    except CodecError as error:
        error.message_id, error.request_tag = message_id, tag
        raise


def filter_place(pdu: bytes) -> int:
    """Where the filter of a search begins."""
    at, end = ber.expect(pdu, 0, len(pdu), SEQUENCE, "LDAPMessage")
    _, at = ber.integer(pdu, at, end, "messageID")
    return _head(pdu, *ber.expect(pdu, at, end, SEARCH, "protocolOp"))[1]


def _search(data: bytes, at: int, end: int, limits: Limits) -> SearchRequest:
    """RFC 4511 4.5.1."""
    head, at = _head(data, at, end)
    wanted, at = decode_filter(data, at, end, limits)
    return SearchRequest(*head, wanted, _selection(data, at, end, limits))


def _head(data: bytes, at: int, end: int) -> tuple[_Head, int]:
    """What stands before the filter, which is the same in all searches of a telephone."""
    try:
        # As long as the lengths are in one octet each, it ends here; if it does not, reading it by itself fails.
        size_limit = at + 2 + data[at + 1] + 6
        time_limit = size_limit + 2 + data[size_limit + 1]
        stop = time_limit + 2 + data[time_limit + 1] + 3
        if stop < end:
            return _remembered_head(data[at:stop]), stop
    except (IndexError, CodecError):
        pass  # said below, with its place
    return _read_head(data, at, end)


@lru_cache(maxsize=256)
def _remembered_head(data: bytes) -> _Head:
    head, at = _read_head(data, 0, len(data))
    if at != len(data):
        raise BerError("The head of a search ends elsewhere", at)
    return head


def _read_head(data: bytes, at: int, end: int) -> tuple[_Head, int]:
    base, at = ber.text(data, at, end, "baseObject")
    scope, at = ber.integer(data, at, end, "scope", ENUMERATED)
    deref, at = ber.integer(data, at, end, "derefAliases", ENUMERATED)
    if not (0 <= scope <= 3 and 0 <= deref <= 3):
        raise ProtocolError(f"No search has scope {scope} and derefAliases {deref}", at)
    size_limit, at = ber.count(data, at, end, "sizeLimit")
    time_limit, at = ber.count(data, at, end, "timeLimit")
    types_only, at = ber.boolean(data, at, end, "typesOnly")
    return (base, _SCOPES[scope], _DEREFS[deref], size_limit, time_limit, types_only), at


def _selection(data: bytes, at: int, end: int, limits: Limits) -> tuple[str, ...]:
    at, end = ber.expect(data, at, end, SEQUENCE, "attributes")
    if end - at > limits.attributes:
        raise ProtocolError(f"An attribute list of {end - at} bytes is longer than the limit of {limits.attributes}", at)
    if end - at <= _REMEMBERED:
        try:
            return _remembered_names(data[at:end])
        except CodecError:
            pass  # said below, with its place
    return _names(data, at, end)


@lru_cache(maxsize=256)
def _remembered_names(data: bytes) -> tuple[str, ...]:
    """A telephone asks for the same attributes each time."""
    return _names(data, 0, len(data))


def _names(data: bytes, at: int, end: int) -> tuple[str, ...]:
    names: list[str] = []
    while at < end:
        name, at = ber.text(data, at, end, "attribute description")
        names.append(name)
    return tuple(names)


def _request(data: bytes, tag: int, start: int, stop: int) -> Request:
    """Any request but a search."""
    if tag == BIND:
        return _bind(data, start, stop)
    if tag == UNBIND:
        return UnbindRequest()
    if tag == ABANDON:
        return AbandonRequest(ber.integer_content(data, start, stop, "messageID to abandon"))
    if tag == COMPARE:
        return _compare(data, start, stop)
    if tag == EXTENDED:
        return _extended(data, start, stop)
    if tag == Write.DELETE:
        return WriteRequest(Write.DELETE, ber.text_content(data, start, stop, "entry"))
    if tag in _WRITES:
        entry, at = ber.text(data, start, stop, "entry")
        return WriteRequest(_WRITES[tag], entry, data[at:stop])
    raise BerError(f"No request has tag {tag:#04x}", start)


def _bind(data: bytes, at: int, end: int) -> BindRequest:
    """RFC 4511 4.2, RFC 1777 4.1."""
    version, at = ber.integer(data, at, end, "version")
    name, at = ber.text(data, at, end, "name")
    tag, start, stop = ber.element(data, at, end, "authentication")
    if tag == _SIMPLE:
        return BindRequest(version, name, Simple(data[start:stop]))
    if tag != _SASL:
        return BindRequest(version, name, OtherAuthentication(tag, data[start:stop]))
    mechanism, at = ber.text(data, start, stop, "mechanism")
    credentials = ber.octets(data, at, stop, "credentials")[0] if at < stop else None
    return BindRequest(version, name, Sasl(mechanism, credentials))


def _compare(data: bytes, at: int, end: int) -> CompareRequest:
    """RFC 4511 4.10."""
    entry, at = ber.text(data, at, end, "entry")
    at, end = ber.expect(data, at, end, SEQUENCE, "ava")
    attribute, at = ber.text(data, at, end, "attribute description")
    value, at = ber.octets(data, at, end, "assertion value")
    return CompareRequest(entry, attribute, value)


def _extended(data: bytes, at: int, end: int) -> ExtendedRequest:
    """RFC 4511 4.12."""
    name, at = ber.text(data, at, end, "requestName", _REQUEST_NAME)
    value = ber.octets(data, at, end, "requestValue", _REQUEST_VALUE)[0] if at < end else None
    return ExtendedRequest(name, value)


def encode_request(message_id: int, request: Request, controls: Sequence[Control] = ()) -> bytes:
    """One whole LDAPMessage."""
    return ber.tlv(SEQUENCE, ber.encode_integer(message_id) + _operation(request) + encode_controls(controls))


def _operation(request: Request) -> bytes:
    match request:
        case SearchRequest():
            return ber.tlv(SEARCH, _encoded_search(request))
        case BindRequest(version, name, authentication):
            who = ber.encode_integer(version) + ber.encode_text(name)
            return ber.tlv(BIND, who + _encoded_authentication(authentication))
        case UnbindRequest():
            return ber.tlv(UNBIND, b"")
        case AbandonRequest(message_id):
            return ber.encode_integer(message_id, ABANDON)
        case CompareRequest(entry, attribute, value):
            assertion = ber.encode_text(attribute) + ber.tlv(OCTET_STRING, value)
            return ber.tlv(COMPARE, ber.encode_text(entry) + ber.tlv(SEQUENCE, assertion))
        case ExtendedRequest(name, value):
            more = b"" if value is None else ber.tlv(_REQUEST_VALUE, value)
            return ber.tlv(EXTENDED, ber.encode_text(name, _REQUEST_NAME) + more)
        case WriteRequest(Write.DELETE, entry):
            return ber.encode_text(entry, Write.DELETE)
        case WriteRequest(kind, entry, rest):
            return ber.tlv(kind, ber.encode_text(entry) + rest)
    assert_never(request)


def _encoded_search(request: SearchRequest) -> bytes:
    return b"".join(
        (
            ber.encode_text(request.base),
            ber.encode_integer(request.scope, ENUMERATED),
            ber.encode_integer(request.deref, ENUMERATED),
            ber.encode_integer(request.size_limit),
            ber.encode_integer(request.time_limit),
            ber.encode_boolean(request.types_only),
            encode_filter(request.filter),
            ber.tlv(SEQUENCE, b"".join(map(ber.encode_text, request.attributes))),
        )
    )


def _encoded_authentication(authentication: Simple | Sasl | OtherAuthentication) -> bytes:
    match authentication:
        case Simple(password):
            return ber.tlv(_SIMPLE, password)
        case Sasl(mechanism, credentials):
            more = b"" if credentials is None else ber.tlv(OCTET_STRING, credentials)
            return ber.tlv(_SASL, ber.encode_text(mechanism) + more)
        case OtherAuthentication(tag, content):
            return ber.tlv(tag, content)
    assert_never(authentication)


def encode_cancel(message_id: int) -> bytes:
    """The value of a Cancel request (RFC 3909 2.1): which request is to end."""
    return ber.tlv(SEQUENCE, ber.encode_integer(message_id))


def parse_cancel(value: bytes | None) -> int:
    """The message ID in the value of a Cancel request; raises `ProtocolError` if there is none."""
    try:
        at, end = ber.expect(value or b"", 0, len(value or b""), SEQUENCE, "cancelRequestValue")
        return ber.integer(value or b"", at, end, "cancelID")[0]
    except BerError as error:
        raise ProtocolError(error.why, error.at) from error
