"""Frames: cut anywhere, joined anywhere, and what to say to garbage (ECMA-323 Annex J.2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unisono.wire.csta import CodecError, Edition, Frame, FrameReader, Garbage, InvokeIds, decode, encode, frame
from unisono.wire.csta.devices import DeviceId
from unisono.wire.csta.enums import MonitorType
from unisono.wire.csta.framing import MOST
from unisono.wire.csta.monitoring import MonitorStart
from unisono.wire.csta.parts import MonitorObject

MONITOR_START = (
    b'<MonitorStart xmlns="http://www.ecma-international.org/standards/ecma-323/csta/ed4"><monitorObject>'
    b'<deviceObject typeOfNumber="dialingNumber">212700</deviceObject></monitorObject>'
    b"<monitorType>device</monitorType></MonitorStart>"
)

frames = st.lists(
    st.builds(Frame, st.integers(0, 9999).map("{:04d}".format), st.binary(max_size=300)), min_size=1, max_size=8
)


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    pieces = []
    for size in sizes:
        pieces.append(data[:size])
        data = data[size:]
    return [*pieces, data]


def test_the_length_counts_the_header() -> None:
    made = frame("0001", MONITOR_START)
    assert made[:8] == bytes.fromhex("000000eb") + b"0001"
    assert len(made) == 0xEB
    body = b"x" * 995
    assert frame("9999", body)[:8] == bytes.fromhex("000003eb") + b"9999"


def test_a_client_s_request_is_read_as_it_meant_it() -> None:
    [item] = FrameReader().feed(frame("0001", MONITOR_START))
    assert isinstance(item, Frame)
    message = decode(item.body)
    assert message == MonitorStart(MonitorObject(device_object=DeviceId("212700")), monitor_type=MonitorType.DEVICE)
    written = encode(message, Edition.ED4).partition(b"?>")[2]
    assert written == MONITOR_START.replace(b' typeOfNumber="dialingNumber"', b"")


@given(frames, st.lists(st.integers(0, 40), max_size=60))
def test_frames_arrive_however_the_stream_is_cut(sent: list[Frame], sizes: list[int]) -> None:
    stream = b"".join(frame(one.invoke_id, one.body) for one in sent)
    reader = FrameReader()
    got = [item for piece in cut(stream, sizes) for item in reader.feed(piece)]
    assert got == sent
    assert reader.waiting == 0


def test_events_are_known_by_their_number() -> None:
    assert Frame("9999", b"").event
    assert not Frame("9998", b"").event


def test_the_longest_frame_passes_and_one_byte_more_does_not() -> None:
    body = b"x" * (MOST - 8)
    assert FrameReader().feed(frame("0000", body)) == [Frame("0000", body)]
    with pytest.raises(CodecError):
        frame("0000", body + b"x")


def test_a_peer_with_a_smaller_limit_is_held_to_it() -> None:
    [item] = FrameReader(most=100).feed(frame("0000", b"x" * 93))
    assert isinstance(item, Garbage)
    assert not item.intact


@pytest.mark.parametrize("invoke_id", ["1", "12345", "00a1", "", "-001", "٠٠٠١"])
def test_only_four_digits_identify(invoke_id: str) -> None:
    with pytest.raises(CodecError):
        frame(invoke_id, b"")


def test_garbage_ends_the_stream_and_shows_its_bytes() -> None:
    reader = FrameReader()
    good, bad = reader.feed(frame("0001", b"<a/>") + b"HTTP/1.1 400 Bad Request\r\n")
    assert good == Frame("0001", b"<a/>")
    assert isinstance(bad, Garbage)
    assert bad.data == b"HTTP/1.1 400 Bad Request\r\n"
    assert not bad.intact
    assert reader.feed(frame("0002", b"<b/>")) == []


@pytest.mark.parametrize("head", [b"\x00\x01\x00\x0c0001", b"\x00\x00\x00\x0cabcd", b"\x00\x00\x00\x0c\x00\x00\x00\x01"])
def test_an_odd_frame_with_a_good_length_costs_only_itself(head: bytes) -> None:
    bad, good = FrameReader().feed(head + b"<a/>" + frame("0002", b"<b/>"))
    assert isinstance(bad, Garbage)
    assert bad.intact
    assert bad.data == head + b"<a/>"
    assert good == Frame("0002", b"<b/>")


@given(st.lists(st.binary(max_size=5_000), max_size=30))
def test_no_bytes_make_the_reader_fail_or_grow(pieces: list[bytes]) -> None:
    reader = FrameReader()
    for piece in pieces:
        reader.feed(piece)
        assert reader.waiting < MOST + 5_000


def test_numbers_run_round_and_pass_over_those_in_use() -> None:
    ids = InvokeIds()
    assert ids.next() == "0001"
    for _ in range(9_996):
        ids.next()
    assert ids.next() == "9998"
    assert ids.next({"0000", "0001"}) == "0002"
    with pytest.raises(CodecError):
        ids.next({f"{number:04d}" for number in range(9_999)})
