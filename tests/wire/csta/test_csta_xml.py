"""What the network sends is read with limits, and nothing but `CodecError` comes out."""

import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.wire.csta.strategies import MESSAGES

from unisono.wire.csta import CodecError, Edition, Message, decode, encode
from unisono.wire.csta.devices import ConnectionId, DeviceId
from unisono.wire.csta.monitoring import MonitorStop
from unisono.wire.csta.services import MakeCall
from unisono.wire.csta.xml import MOST_DEPTH, MOST_ELEMENTS, parse

BOMB = b"""<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>"""


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"   ",
        b"<",
        b"<a>",
        b"</a>",
        b"<a></b>",
        b"<a/><b/>",
        b"text",
        BOMB,
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b"<a>&unknown;</a>",
        BOMB.decode().encode("utf-16"),
        b'<?xml version="1.0" encoding="utf-7"?><a/>',
        b'<?xml version="1.0" encoding="no-such"?><a/>',
        b"<a>\xff\xfe</a>",
        b"<a>\x00</a>",
        b"<a:b/>",
        b"<a>" * (MOST_DEPTH + 1) + b"</a>" * (MOST_DEPTH + 1),
        b"<a>" + b"<b/>" * (2 * MOST_ELEMENTS) + b"</a>",
    ],
)
def test_what_is_no_message_is_refused_with_its_bytes(data: bytes) -> None:
    with pytest.raises(CodecError) as caught:
        decode(data)
    assert caught.value.data == data


def test_byte_order_mark_declaration_and_blanks_are_allowed() -> None:
    message = MonitorStop("Zoë")
    text = b"<MonitorStop><monitorCrossRefID>Zo\xc3\xab</monitorCrossRefID></MonitorStop>"
    assert decode(b"\xef\xbb\xbf" + text) == message
    assert decode(b"\r\n" + text + b"\r\n\x00") == message
    latin = b'<?xml version="1.0" encoding="ISO-8859-1"?>' + text.replace(b"\xc3\xab", b"\xeb")
    assert decode(latin) == message


@given(st.text(max_size=40))
@example("a\rb\r\nc")
@example("\x00\x0b\ud800\ufffe")
def test_any_text_can_be_sent(text: str) -> None:
    got = decode(encode(MakeCall(DeviceId("1"), DeviceId("2"), subject_of_call=text)))
    assert isinstance(got, MakeCall)
    impossible = {c for c in text if c < " " and c not in "\t\n\r"} | set("\ufffe\uffff") | set(map(chr, range(0xD800, 0xE000)))
    assert got.subject_of_call == "".join("\ufffd" if c in impossible else c for c in text)


@given(st.binary(max_size=400))
def test_arbitrary_bytes(data: bytes) -> None:
    with suppress(CodecError):
        decode(data)


@given(MESSAGES, st.data())
def test_damaged_messages(message: Message, data: st.DataObject) -> None:
    text = bytearray(encode(message, Edition.ED4))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(text) - 1))
        match data.draw(st.sampled_from(["change", "cut", "double", "insert"])):
            case "change":
                text[at] = data.draw(st.integers(0, 255))
            case "cut":
                del text[at : at + data.draw(st.integers(1, 20))]
            case "double":
                text[at:at] = text[at : at + 40]
            case _:
                text[at:at] = data.draw(st.sampled_from([b"<", b">", b"&amp;", b"<a/>", b"]]>", b"<!--", b"\xff"]))
        if not text:
            break
    with suppress(CodecError):
        decode(bytes(text))


def test_the_worst_frame_needs_bounded_memory() -> None:
    worst = b"<MonitorStop>" + b"<a/>" * 7_990 + b"<monitorCrossRefID>1</monitorCrossRefID></MonitorStop>"
    parse(worst)
    tracemalloc.start()
    parse(worst)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000


def test_a_connection_without_text_is_still_one() -> None:
    text = b"<MonitorStop><monitorCrossRefID/></MonitorStop>"
    assert decode(text) == MonitorStop("")
    assert ConnectionId("") != ConnectionId(None, DeviceId(""))
