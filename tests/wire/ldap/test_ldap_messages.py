"""Every message, there and back; and what clients write that they should not."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.wire.ldap.strategies import CONTROLS, FILTERS, IDS, OCTETS, REQUESTS, RESPONSES, SEARCHES

from unisono.wire.ldap import (
    BerError,
    Control,
    ProtocolError,
    Request,
    Response,
    Result,
    ResultCode,
    encode_done,
    encode_entry,
    encode_refusal,
    encode_request,
    encode_response,
    encode_selected,
    entry_header,
    notice_of_disconnection,
    parse_request,
    parse_response,
)
from unisono.wire.ldap.ber import element, encode_integer, integer, integer_octets, tlv
from unisono.wire.ldap.control import OtherControl, PagedResults
from unisono.wire.ldap.filter import And, Equality, Extensible, Filter, Or, Present, Substrings
from unisono.wire.ldap.filter_ber import decode_filter, encode_filter
from unisono.wire.ldap.message import (
    AbandonRequest,
    BindRequest,
    CompareResponse,
    Deref,
    ExtendedRequest,
    ExtendedResponse,
    OtherAuthentication,
    Scope,
    SearchRequest,
    SearchResultDone,
    SearchResultEntry,
    Simple,
    UnbindRequest,
)
from unisono.wire.ldap.requests import encode_cancel, parse_cancel
from unisono.wire.ldap.responses import attribute, entry_op

SEARCH = SearchRequest(
    "dc=meta", Scope.SUBTREE, Deref.NEVER, 50, 5, False, Equality("telephoneNumber", b"+390432546462"), ("cn", "mail")
)
BIND = bytes.fromhex("300c020101600702010304008000")

SEARCH_BODY = encode_request(1, SEARCH)[7:]


def sequence(*parts: bytes) -> bytes:
    return tlv(0x30, b"".join(parts))


@given(IDS, REQUESTS, CONTROLS)
def test_a_request_is_read_as_it_was_written(message_id: int, request: Request, controls: tuple[Control, ...]) -> None:
    assert parse_request(encode_request(message_id, request, controls)) == (message_id, request, controls)


@given(IDS | st.just(0), RESPONSES, CONTROLS)
def test_a_response_is_read_as_it_was_written(message_id: int, response: Response, controls: tuple[Control, ...]) -> None:
    assert parse_response(encode_response(message_id, response, controls)) == (message_id, response, controls)


@given(FILTERS)
def test_a_filter_is_read_as_it_was_written(one: Filter) -> None:
    data = encode_filter(one)
    assert decode_filter(data, 0, len(data)) == (one, len(data))


@pytest.mark.parametrize(
    ("data", "request_"),
    [
        (BIND.hex(), BindRequest(3, "", Simple(b""))),
        ("30050201 02 4200", UnbindRequest()),
        ("3006 020103 500102", AbandonRequest(2)),
        ("301d 020102 7718 8016 312e332e362e312e342e312e313436362e3230303337", ExtendedRequest("1.3.6.1.4.1.1466.20037")),
        # ldapsearch -x -b "" -s base
        (
            "3025 020102 6320 0400 0a0100 0a0100 020100 020100 010100 870b 6f626a656374436c617373 3000",
            SearchRequest("", Scope.BASE, Deref.NEVER, 0, 0, False, Present("objectClass")),
        ),
        # LDAPv2 with a Kerberos ticket
        ("300d 020101 6008 020102 0400 8101ff", BindRequest(2, "", OtherAuthentication(0x81, b"\xff"))),
    ],
)
def test_bytes_of_known_requests(data: str, request_: Request) -> None:
    octets = bytes.fromhex(data)
    assert parse_request(octets)[1:] == (request_, ())
    assert encode_request(parse_request(octets)[0], request_) == octets


def lengthened(data: bytes, count: int) -> bytes:
    """The same elements, with every length in `count` octets."""
    made, at = b"", 0
    while at < len(data):
        tag, start, stop = element(data, at, len(data), "any")
        content = lengthened(data[start:stop], count) if tag & 0x20 else data[start:stop]
        made += bytes((tag, 0x80 | count)) + len(content).to_bytes(count) + content
        at = stop
    return made


@given(IDS, SEARCHES, CONTROLS, st.sampled_from([2, 4, 8]))
def test_lengths_may_be_longer_than_they_need(
    message_id: int, one: SearchRequest, controls: Sequence[Control], count: int
) -> None:
    pdu = encode_request(message_id, one, controls)
    assert parse_request(lengthened(pdu, count)) == (message_id, one, tuple(controls))
    with pytest.raises(BerError):
        parse_request(lengthened(pdu, 9))


def test_a_boolean_is_true_unless_it_is_0() -> None:
    pdu = encode_request(1, replace(SEARCH, types_only=True))
    assert pdu.count(b"\x01\x01\xff") == 1
    assert parse_request(pdu.replace(b"\x01\x01\xff", b"\x01\x01\x01")) == parse_request(pdu)


def test_numbers_may_have_leading_zeros() -> None:
    assert parse_request(bytes.fromhex("300a 0204 00000005 5002 0007"))[:2] == (5, AbandonRequest(7))


def test_components_we_do_not_know_are_passed_over() -> None:
    more = b"\x85\x01x"
    assert parse_request(sequence(b"\x02\x01\x01\x42\x00", more)) == (1, UnbindRequest(), ())
    assert parse_request(sequence(b"\x02\x01\x01", tlv(0x60, BIND[7:] + more)))[1] == BindRequest(3, "", Simple(b""))


def test_empty_pieces_of_a_substring_match_everything() -> None:
    pieces = tlv(0x80, b"") + tlv(0x81, b"") + tlv(0x82, b"")
    data = tlv(0xA4, tlv(4, b"cn") + tlv(0x30, pieces))
    assert decode_filter(data, 0, len(data))[0] == Present("cn")
    data = tlv(0xA4, tlv(4, b"cn") + tlv(0x30, tlv(0x81, b"") + tlv(0x81, b"ross")))
    assert decode_filter(data, 0, len(data))[0] == Substrings("cn", any=(b"ross",))


@pytest.mark.parametrize("tag", [0x80, 0x81, 0x82])
def test_one_empty_piece_matches_everything(tag: int) -> None:
    data = tlv(0xA4, tlv(4, b"cn") + tlv(0x30, tlv(tag, b"")))
    assert decode_filter(data, 0, len(data))[0] == Present("cn")


@pytest.mark.parametrize("size", [1, 125, 126, 127, 128, 129, 130, 131, 255, 256, 257, 258])
def test_values_of_every_size(size: int) -> None:
    value = bytes(range(256))[:size].ljust(size, b"x")
    filters: list[Filter] = [
        Equality("cn", value),
        Substrings("cn", value),
        Substrings("cn", any=(value,)),
        Substrings("cn", final=value),
        Substrings("cn", value, (value, value), value),
        Extensible("cn", value, "2.5.13.5", True),
        Present("c" * size),
    ]
    for one in filters:
        data = encode_filter(one)
        assert decode_filter(data, 0, len(data)) == (one, len(data))


def test_true_and_false_filters() -> None:
    assert encode_filter(And(())) == b"\xa0\x00"  # RFC 4526
    assert encode_filter(Or(())) == b"\xa1\x00"


@pytest.mark.parametrize("message_id", [0, 1, 127, 128, 255, 256, 32_767, 32_768, 2**31 - 1])
def test_a_header_joins_to_whole_messages(message_id: int) -> None:
    for length in (*range(300), *range(65_525, 65_545)):
        content = encode_integer(message_id) + bytes(length)
        assert entry_header(message_id, length) + bytes(length) == tlv(0x30, content)


@given(IDS, st.integers(0, 127))
def test_a_plain_done_is_a_done(message_id: int, code: int) -> None:
    assert encode_done(integer_octets(message_id), code) == encode_response(message_id, SearchResultDone(Result(code)))


def test_bytes_of_known_responses() -> None:
    assert encode_done(b"\x02").hex() == "300c02010265070a010004000400"
    assert encode_done(b"\x01\x2c").hex() == "300d0202012c65070a010004000400"


@given(IDS, st.lists(st.tuples(st.sampled_from([b"cn", b"mail"]), st.lists(OCTETS, max_size=3)), max_size=4))
def test_an_entry_may_be_made_of_octets(message_id: int, attributes: list[tuple[bytes, list[bytes]]]) -> None:
    entry = SearchResultEntry("cn=x,dc=meta", tuple((kind.decode(), tuple(values)) for kind, values in attributes))
    made = encode_entry(message_id, b"cn=x,dc=meta", attributes)
    assert made == encode_response(message_id, entry)
    parts = b"".join(attribute(kind, values) for kind, values in attributes)
    op = entry_op(b"cn=x,dc=meta", parts)
    assert made == entry_header(message_id, len(op)) + op
    assert made == encode_selected(message_id, tlv(4, b"cn=x,dc=meta"), parts)


def test_a_notice_of_disconnection_answers_nobody() -> None:
    pdu = notice_of_disconnection(ResultCode.PROTOCOL_ERROR, "no LDAPMessage")
    result = Result(ResultCode.PROTOCOL_ERROR, message="no LDAPMessage")
    assert parse_response(pdu) == (0, ExtendedResponse(result, "1.3.6.1.4.1.1466.20036"), ())


@given(IDS, REQUESTS)
def test_a_refusal_fits_its_request(message_id: int, request: Request) -> None:
    pdu = encode_request(message_id, request)
    tag = element(pdu, element(pdu, 0, len(pdu), "")[1] + len(encode_integer(message_id)), len(pdu), "")[0]
    refusal = encode_refusal(message_id, tag, Result(ResultCode.UNWILLING_TO_PERFORM))
    if isinstance(request, UnbindRequest | AbandonRequest):
        assert refusal is None
    else:
        assert refusal is not None
        assert parse_response(refusal)[0] == message_id
        name = type(parse_response(refusal)[1]).__name__.removesuffix("Response").removesuffix("ResultDone")
        assert type(request).__name__ == f"{name}Request"


def test_secrets_are_not_printed() -> None:
    pdu = encode_request(1, BindRequest(3, "cn=x", Simple(b"hunter2")))
    assert "hunter2" not in repr(parse_request(pdu))


@given(IDS)
def test_a_cancel_names_a_request(message_id: int) -> None:
    assert parse_cancel(encode_cancel(message_id)) == message_id


@pytest.mark.parametrize("value", [None, b"", b"\x30\x00", b"\x30\x03\x04\x01\x01"])
def test_a_cancel_without_a_number_is_answered(value: bytes | None) -> None:
    with pytest.raises(ProtocolError):
        parse_cancel(value)


@given(st.integers(-(2**63), 2**63 - 1))
def test_numbers_are_as_short_as_can_be(number: int) -> None:
    data = encode_integer(number)
    assert integer(data, 0, len(data), "number") == (number, len(data))
    assert len(data) == 3 or (data[2], data[3] >> 7) not in ((0, 0), (0xFF, 1))


def test_a_control_without_its_value_is_answered() -> None:
    controls = tlv(0xA0, sequence(tlv(4, PagedResults.OID.encode())))
    with pytest.raises(ProtocolError, match=PagedResults.OID) as caught:
        parse_request(sequence(b"\x02\x01\x05", tlv(0x63, SEARCH_BODY), controls))
    assert (caught.value.message_id, caught.value.request_tag) == (5, 0x63)


def test_controls_are_critical_only_when_they_say_so() -> None:
    pdu = encode_request(5, SEARCH, [Control(PagedResults(500))])
    assert b"\x01\x01\xff" not in pdu
    explicit = sequence(tlv(4, b"1.2.3"), b"\x01\x01\x00")
    whole = sequence(b"\x02\x01\x05\x42\x00", tlv(0xA0, explicit))
    assert parse_request(whole)[2] == (Control(OtherControl("1.2.3")),)


def test_codes_we_do_not_know_are_numbers() -> None:
    assert parse_response(encode_response(1, CompareResponse(Result(4096))))[1] == CompareResponse(Result(4096))
