"""Requests recognised by their form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unisono.wire.ldap import encode_request, parse_filter, parse_request
from unisono.wire.ldap.filter_ber import with_values
from unisono.wire.ldap.message import Deref, Scope, SearchRequest
from unisono.wire.ldap.mould import Mould

TEXTS = [
    "(cn=a)", "(cn=*)", "(objectClass=*)", "(cn=a*b*c)", "(cn=*a*)", "(cn>=a)", "(cn<=a)", "(cn~=a)",
    "(cn:caseIgnoreMatch:=abc)", "(&(a=1)(|(b=22)(!(c=333*))))", "(&)", "(|)", "(!(cn=xyz))",
    "(|(telephoneNumber=*1234567)(mobile=*1234567))",
]  # fmt: skip


def request(text: str, number: int = 5, attributes: tuple[str, ...] = ("cn",)) -> bytes:
    asked = SearchRequest("dc=meta", Scope.SUBTREE, Deref.NEVER, 50, 5, False, parse_filter(text), attributes)
    return encode_request(number, asked)


@pytest.mark.parametrize("text", TEXTS)
@given(number=st.integers(1, 0x7FFFFFFF), data=st.data())
def test_values_are_read_without_reading_the_rest(text: str, number: int, data: st.DataObject) -> None:
    pdu = request(text, number)
    mould = Mould(pdu)
    read = mould.read(pdu)
    assert read is not None
    assert int.from_bytes(read[0]) == number
    others = [data.draw(st.binary(min_size=len(value), max_size=len(value))) for value in read[1:]]
    asked = parse_request(pdu)[1]
    assert isinstance(asked, SearchRequest)
    assert with_values(asked.filter, iter(read[1:])) == asked.filter
    changed = with_values(asked.filter, iter(others))
    same = SearchRequest("dc=meta", Scope.SUBTREE, Deref.NEVER, 50, 5, False, changed, ("cn",))
    assert mould.read(encode_request(number, same)) == (read[0], *others)


def test_what_is_no_value_must_be_the_same() -> None:
    pdu = request("(cn=abc)")
    mould, place = Mould(pdu), pdu.index(b"abc")
    for at in range(len(pdu)):
        other = bytearray(pdu)
        other[at] ^= 1
        read = mould.read(bytes(other))
        assert (read is not None) == (at == 4 or at in range(place, place + 3)), at


@pytest.mark.parametrize("identifier", [b"\x00", b"\x80", b"\xff"])
def test_a_number_that_no_message_has_is_refused(identifier: bytes) -> None:
    pdu = request("(cn=abc)")
    assert Mould(pdu).read(pdu.replace(b"\x02\x01\x05", b"\x02\x01" + identifier, 1)) is None


def test_a_number_in_more_octets_than_needed_is_left_to_reading() -> None:
    pdu = request("(cn=abc)")
    longer = pdu[:1] + bytes((pdu[1] + 1,)) + b"\x02\x02\x00\x05" + pdu[5:]
    assert parse_request(longer)[0] == 5
    assert Mould(longer).read(longer) is None
