"""What no server should be sent: each is refused by name and place, nothing else is raised, and nothing takes long."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.wire.ldap.strategies import CONTROLS, IDS, REQUESTS, RESPONSES, SEARCHES

from unisono.wire.ldap import (
    BerError,
    CodecError,
    Control,
    Limits,
    ProtocolError,
    Request,
    Response,
    encode_request,
    encode_response,
    parse_request,
    parse_response,
)
from unisono.wire.ldap.ber import element, encode_integer, header, tlv
from unisono.wire.ldap.control import OtherControl
from unisono.wire.ldap.control_ber import encode_controls
from unisono.wire.ldap.limits import LIMITS
from unisono.wire.ldap.message import SearchRequest

PRESENT = tlv(0x87, b"cn")


def message(op: bytes, identifier: bytes = b"\x02\x01\x09") -> bytes:
    return tlv(0x30, identifier + op)


def search(
    wanted: bytes = PRESENT,
    *,
    base: bytes = b"\x04\x00",
    scope: bytes = b"\x0a\x01\x02",
    deref: bytes = b"\x0a\x01\x00",
    size: bytes = b"\x02\x01\x00",
    time: bytes = b"\x02\x01\x00",
    types: bytes = b"\x01\x01\x00",
    attributes: bytes = b"\x30\x00",
) -> bytes:
    return message(tlv(0x63, base + scope + deref + size + time + types + wanted + attributes))


def test_the_search_these_tests_spoil_is_sound() -> None:
    assert isinstance(parse_request(search())[1], SearchRequest)


BROKEN = {
    "nothing": b"",
    "one octet": b"\x30",
    "no message": tlv(0x31, b"\x02\x01\x09\x42\x00"),
    "an indefinite length": b"\x30\x80\x02\x01\x09\x42\x00\x00\x00",
    "a length of 127 octets": b"\x30\xff\x02\x01\x09\x42\x00",
    "a length of nine octets": b"\x30\x89" + (5).to_bytes(9) + b"\x02\x01\x09\x42\x00",
    "a length cut off": b"\x30\x84\x00\x00",
    "a length beyond its bytes": b"\x30\x06\x02\x01\x09\x42\x00",
    "a length short of its bytes": b"\x30\x05\x02\x01\x09\x42\x00\x00",
    "a huge length": b"\x30\x88" + b"\xff" * 8,
    "an empty message": b"\x30\x00",
    "an identifier that is a string": message(b"\x42\x00", b"\x04\x01\x09"),
    "an identifier without octets": message(b"\x42\x00", b"\x02\x00"),
    "an identifier of nine octets": message(b"\x42\x00", b"\x02\x09" + (9).to_bytes(9)),
    "identifier 0": message(b"\x42\x00", b"\x02\x01\x00"),
    "an identifier below 0": message(b"\x42\x00", b"\x02\x01\xff"),
    "an identifier over maxInt": message(b"\x42\x00", encode_integer(2**31)),
    "no operation": message(b""),
    "a response": message(b"\x65\x07\x0a\x01\x00\x04\x00\x04\x00"),
    "an operation nobody knows": message(b"\x41\x00"),
    "a tag of several octets": message(b"\x7f\x81\x01\x00"),
    "an operation beyond its message": message(b"\x42\x05"),
    "a bind without authentication": message(tlv(0x60, b"\x02\x01\x03\x04\x00")),
    "a bind with a constructed name": message(tlv(0x60, b"\x02\x01\x03\x24\x00\x80\x00")),
    "a SASL bind without mechanism": message(tlv(0x60, b"\x02\x01\x03\x04\x00\xa3\x00")),
    "an abandon of nothing": message(b"\x50\x00"),
    "a comparison with nothing": message(tlv(0x6E, b"\x04\x00\x30\x00")),
    "an extended operation without a name": message(b"\x77\x00"),
    "a change of nothing": message(b"\x66\x00"),
    "a search of nothing": message(b"\x63\x00"),
    "a base that is a sequence": search(base=b"\x30\x00"),
    "a scope that is an integer": search(scope=b"\x02\x01\x02"),
    "a scope without octets": search(scope=b"\x0a\x00"),
    "a boolean of two octets": search(types=b"\x01\x02\x00\x00"),
    "a boolean without octets": search(types=b"\x01\x00"),
    "a filter beyond its search": search(b"\xa3\x7f\x04\x00\x04\x00"),
    "an indefinite filter": search(b"\xa0\x80\x87\x02cn\x00\x00"),
    "an indefinite filter without end": search(b"\xa0\x80"),
    "a filter cut off within its length": search(b"\xa0\x84\x00", attributes=b""),
    "an equality without value": search(tlv(0xA3, tlv(4, b"cn"))),
    "an equality of three": search(tlv(0xA3, tlv(4, b"cn") + tlv(4, b"x") + tlv(4, b"y"))),
    "an equality of numbers": search(tlv(0xA3, b"\x02\x01\x01\x02\x01\x01")),
    "a negation of nothing": search(b"\xa2\x00"),
    "a negation of two": search(tlv(0xA2, PRESENT + PRESENT)),
    "substrings without a sequence": search(tlv(0xA4, tlv(4, b"cn"))),
    "substrings that go on": search(tlv(0xA4, tlv(4, b"cn") + tlv(0x30, tlv(0x80, b"x")) + tlv(4, b"y"))),
    "a rule without value": search(tlv(0xA9, tlv(0x81, b"caseExactMatch"))),
    "half a filter in an AND": search(b"\xa0\x05\x87\x02cn\x87"),
    "no attributes at all": search(attributes=b""),
    "an attribute that is a number": search(attributes=b"\x30\x03\x02\x01\x01"),
    "a control that is a string": message(b"\x42\x00\xa0\x02\x04\x00"),
    "a control without its type": message(b"\x42\x00\xa0\x02\x30\x00"),
}

SENSELESS = {
    "a scope of 4": search(scope=b"\x0a\x01\x04"),
    "a scope below 0": search(scope=b"\x0a\x01\xff"),
    "a deref of 4": search(deref=b"\x0a\x01\x04"),
    "a size limit below 0": search(size=b"\x02\x01\xff"),
    "a time limit over maxInt": search(time=encode_integer(2**31)),
    "a base that is no text": search(base=b"\x04\x01\xff"),
    "an attribute that is no text": search(attributes=b"\x30\x03\x04\x01\xff"),
    "a filter's attribute that is no text": search(tlv(0xA3, tlv(4, b"\xe4") + tlv(4, b"x"))),
    "a filter nobody knows": search(b"\xaa\x00"),
    "a filter that is a string": search(b"\x04\x02cn"),
    "a substring nobody knows": search(tlv(0xA4, tlv(4, b"cn") + tlv(0x30, tlv(0x83, b"x")))),
    "two beginnings": search(tlv(0xA4, tlv(4, b"cn") + tlv(0x30, tlv(0x80, b"x") + tlv(0x80, b"y")))),
    "two ends": search(tlv(0xA4, tlv(4, b"cn") + tlv(0x30, tlv(0x82, b"x") + tlv(0x82, b"y")))),
    "an end before the middle": search(tlv(0xA4, tlv(4, b"cn") + tlv(0x30, tlv(0x82, b"x") + tlv(0x81, b"y")))),
    "a rule for nothing": search(tlv(0xA9, tlv(0x83, b"x"))),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_message_ends_the_connection(name: str) -> None:
    with pytest.raises(BerError):
        parse_request(BROKEN[name])


@pytest.mark.parametrize("name", SENSELESS)
def test_a_senseless_message_is_answered(name: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        parse_request(SENSELESS[name])
    assert (caught.value.message_id, caught.value.request_tag) == (9, 0x63)


def test_errors_say_what_and_where() -> None:
    with pytest.raises(BerError) as caught:
        parse_request(search(size=b"\x04\x01\x05"))
    assert str(caught.value) == "sizeLimit has tag 0x04 instead of 0x02 (at 15)"
    with pytest.raises(BerError) as caught:
        parse_request(search(tlv(0xA0, tlv(0x87, b"x" * 9)[:-1])))
    assert str(caught.value) == "filter goes on to 37, but what it stands in ends at 36 (at 26)"


def nested(levels: int, tag: int = 0xA2) -> bytes:
    """A presence filter inside so many others, written without recursion."""
    heads: list[bytes] = []
    length = len(PRESENT)
    for _ in range(levels):
        heads.append(header(tag, length))
        length += len(heads[-1])
    return b"".join(reversed(heads)) + PRESENT


@pytest.mark.parametrize("tag", [0xA0, 0xA1, 0xA2])
def test_filters_are_nested_as_deep_as_the_limit(tag: int) -> None:
    assert parse_request(search(nested(39, tag)))[0] == 9
    for levels, limits, why in ((40, Limits(), "deep"), (10_000, Limits(), "longer"), (10_000, Limits(filter=100_000), "deep")):
        with pytest.raises(ProtocolError, match=why) as caught:
            parse_request(search(nested(levels, tag)), limits)
        assert (caught.value.message_id, caught.value.request_tag) == (9, 0x63)


def test_filters_attributes_and_controls_are_as_long_as_their_limits() -> None:
    limits = Limits(filter=100, attributes=100, controls=100)
    parse_request(search(tlv(0x87, b"a" * 98), attributes=tlv(0x30, tlv(4, b"a" * 98))), limits)
    control = [Control(OtherControl("1.2.3", bytes(100)))]
    for data in (
        search(tlv(0x87, b"a" * 99)),
        search(attributes=tlv(0x30, tlv(4, b"a" * 99))),
        message(b"\x42\x00" + encode_controls(control)),
    ):
        with pytest.raises(ProtocolError, match="longer than the limit of 100"):
            parse_request(data, limits)


@given(IDS, REQUESTS, CONTROLS, st.data())
def test_whatever_octet_is_changed_nothing_else_is_raised(
    message_id: int, request: Request, controls: tuple[Control, ...], data: st.DataObject
) -> None:
    pdu = bytearray(encode_request(message_id, request, controls))
    for _ in range(data.draw(st.integers(1, 3))):
        pdu[data.draw(st.integers(0, len(pdu) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = parse_request(bytes(pdu))
    except CodecError:
        return
    assert parse_request(encode_request(*found)) == found


@given(IDS, RESPONSES, CONTROLS, st.data())
def test_whatever_octet_of_a_response_is_changed_nothing_else_is_raised(
    message_id: int, response: Response, controls: tuple[Control, ...], data: st.DataObject
) -> None:
    pdu = bytearray(encode_response(message_id, response, controls))
    pdu[data.draw(st.integers(0, len(pdu) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = parse_response(bytes(pdu))
    except CodecError:
        return
    assert parse_response(encode_response(*found)) == found


@given(IDS, REQUESTS)
def test_wherever_a_message_is_cut_it_is_refused(message_id: int, request: Request) -> None:
    pdu = encode_request(message_id, request)
    for end in range(len(pdu)):
        with pytest.raises(BerError):
            parse_request(pdu[:end])


@given(SEARCHES)
def test_wherever_an_operation_ends_nothing_behind_it_is_read(one: SearchRequest) -> None:
    pdu = encode_request(9, one)
    _, start, stop = element(pdu, element(pdu, 0, len(pdu), "")[1] + 3, len(pdu), "")
    for end in range(start, stop):
        with pytest.raises(BerError):
            parse_request(message(tlv(0x63, pdu[start:end]) + pdu[end:stop]))


@given(st.binary(max_size=200))
def test_whatever_the_bytes_nothing_else_is_raised(data: bytes) -> None:
    for octets in (data, message(data), search(data)):
        with suppress(CodecError):
            parse_request(octets)
        with suppress(CodecError):
            parse_response(octets)


def test_the_limits_are_those_that_are_written_down() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "admin" / "ldap.md").read_text()
    limits = f"filters of {LIMITS.filter:,} bytes and {LIMITS.depth} deep, lists of attributes of {LIMITS.attributes:,} bytes,"
    assert limits in " ".join(page.split())
