"""Frames that go over a WebSocket past its library, held against that library."""

import pytest
from websockets.frames import Frame, Opcode

from unisono.web.socket import text_frame


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 0xFFFF, 0x10000, 200_000])
def test_a_frame_is_what_the_library_would_have_made(size: int) -> None:
    payload = b"\xc3\xa9" * (size // 2) + b"e" * (size % 2)
    assert text_frame(payload) == Frame(Opcode.TEXT, payload).serialize(mask=False)
