"""LDAP v3 and v2 (RFC 4511, RFC 1777) as bytes and messages, without a socket.

A **server**:

    reader = FrameReader()
    for pdu in reader.feed(bytes_from_the_socket):
        message_id, request, controls = parse_request(pdu)
        ...                                   # encode_response, encode_done, entry_header + the entry's bytes
    if reader.error: ...                      # notice_of_disconnection, close

`parse_request` raises `BerError`, after which RFC 4511 4.1.1 wants `notice_of_disconnection` and the end, or `ProtocolError`,
which is answered: `encode_refusal(error.message_id, error.request_tag, Result(ResultCode.PROTOCOL_ERROR, message=error.why))`.

A **client** writes with `encode_request` and reads with `parse_response`.

Messages are in `message`, filters in `filter`, controls in `control`, distinguished names in `dn`: frozen values, named as in
the RFCs. Names and attribute descriptions are text as sent, values are octets as sent; what they mean is not known here.
"""

from unisono.wire.ldap.control import Control
from unisono.wire.ldap.dn import Dn
from unisono.wire.ldap.errors import BerError, CodecError, ProtocolError, TextError
from unisono.wire.ldap.filter import Filter
from unisono.wire.ldap.filter_text import parse_filter
from unisono.wire.ldap.framing import FrameReader
from unisono.wire.ldap.limits import Limits
from unisono.wire.ldap.message import Request, Response, Result
from unisono.wire.ldap.requests import encode_request, parse_request
from unisono.wire.ldap.responses import (
    encode_done,
    encode_entry,
    encode_refusal,
    encode_response,
    encode_selected,
    entry_header,
    notice_of_disconnection,
    parse_response,
)
from unisono.wire.ldap.result_code import ResultCode

__all__ = [
    "BerError",
    "CodecError",
    "Control",
    "Dn",
    "Filter",
    "FrameReader",
    "Limits",
    "ProtocolError",
    "Request",
    "Response",
    "Result",
    "ResultCode",
    "TextError",
    "encode_done",
    "encode_entry",
    "encode_refusal",
    "encode_request",
    "encode_response",
    "encode_selected",
    "entry_header",
    "notice_of_disconnection",
    "parse_filter",
    "parse_request",
    "parse_response",
]
