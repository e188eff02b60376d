"""A stream cut anywhere gives the same messages; too much is refused before it has come."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unisono.wire.ldap import FrameReader
from unisono.wire.ldap.ber import tlv

messages = st.lists(st.binary(max_size=300).map(lambda content: tlv(0x30, content)), min_size=1, max_size=6)


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    pieces = []
    for size in sizes:
        pieces.append(data[:size])
        data = data[size:]
    return [*pieces, data]


@given(messages, st.lists(st.integers(0, 60), max_size=60))
def test_messages_arrive_however_the_stream_is_cut(sent: list[bytes], sizes: list[int]) -> None:
    reader = FrameReader()
    got = [pdu for piece in cut(b"".join(sent), sizes) for pdu in reader.feed(piece)]
    assert got == sent
    assert reader.waiting == 0
    assert reader.error is None


@given(messages, st.sampled_from([1, 2, 4, 8]))
def test_lengths_may_be_longer_than_they_need(sent: list[bytes], count: int) -> None:
    count = max(count, 2)
    long = [b"\x30" + bytes((0x80 | count,)) + len(pdu).to_bytes(count) + pdu for pdu in sent]
    reader = FrameReader()
    assert [one for octet in b"".join(long) for one in reader.feed(bytes((octet,)))] == long


def test_what_waits_can_be_seen() -> None:
    reader = FrameReader()
    assert reader.feed(b"\x30\x05\x02\x01\x01\x42\x00\x30\x05\x02") == [b"\x30\x05\x02\x01\x01\x42\x00"]
    assert reader.waiting == 3
    assert reader.feed(b"\x01\x02\x42\x00") == [b"\x30\x05\x02\x01\x02\x42\x00"]
    assert reader.waiting == 0


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x16\x03\x01\x02\x00\x01", "StartTLS"),
        (b"GET / HTTP/1.1\r\n\r\n", "0x47"),
        (b"\x31\x00", "0x31"),
        (b"\x30\x80", "indefinite"),
        (b"\x30\x89", "octets"),
        (b"\x30\xff", "octets"),
        (b"\x30\x83\x10\x00\x01", "longer than the limit"),
        (b"\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff", "longer than the limit"),
    ],
)
def test_a_stream_ends_with_its_first_fault(data: bytes, why: str) -> None:
    good = b"\x30\x05\x02\x01\x01\x42\x00"
    reader = FrameReader()
    assert reader.feed(good + data) == [good]
    assert reader.error is not None
    assert why in reader.error.why
    assert reader.feed(good) == []
    assert reader.waiting == 0


def test_the_longest_message_passes_and_one_byte_more_does_not() -> None:
    longest = tlv(0x30, bytes(996))
    assert FrameReader(1_000).feed(longest) == [longest]
    reader = FrameReader(1_000)
    assert reader.feed(tlv(0x30, bytes(997))[:4]) == []
    assert reader.error is not None


@given(st.lists(st.binary(max_size=5_000), max_size=20))
def test_no_bytes_make_the_reader_fail_or_grow(pieces: list[bytes]) -> None:
    reader = FrameReader(2_000)
    for piece in pieces:
        reader.feed(piece)
        assert reader.waiting < 2_000


def test_a_large_message_in_many_pieces_costs_no_more_than_its_bytes() -> None:
    """A reader that copied what waits with every piece would move 137 GB here, which takes many seconds."""
    pdu = tlv(0x30, bytes(1024 * 1024 - 5))
    reader = FrameReader()
    began = process_time()
    got = [one for start in range(0, len(pdu), 4) for one in reader.feed(pdu[start : start + 4])]
    assert got == [pdu]
    assert process_time() - began < 2


def test_many_small_messages_in_one_piece_cost_no_more_than_their_bytes() -> None:
    pdus = [b"\x30\x05\x02\x01\x01\x42\x00"] * 100_000
    reader = FrameReader()
    began = process_time()
    assert reader.feed(b"\x30" + b"".join(pdus)[1:]) == pdus
    assert process_time() - began < 2
