"""Frames of CSTA XML over TCP without SOAP (ECMA-323 Annex J.2).

A frame is a header of 8 bytes and an XML document:

    0-1   format indicator, 00 00 (01 00 and others stand for SOAP, which is not spoken here)
    2-3   length of the whole frame, these 8 bytes included, big-endian
    4-7   invoke identifier, four ASCII digits; "9999" is an event, which gets no answer
    8-    XML, UTF-8

Each side numbers its own requests; a response carries the number of its request.
"""

from collections.abc import Container
from dataclasses import dataclass

from unisono.wire.csta.errors import CodecError

HEADER = 8
MOST = 65_535
EVENT = "9999"
LAST_INVOKE = 9_998


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame: whose request or answer it is, and its XML."""

    invoke_id: str
    body: bytes

    @property
    def event(self) -> bool:
        """Whether nobody waits for an answer."""
        return self.invoke_id == EVENT


@dataclass(frozen=True, slots=True)
class Garbage:
    """Bytes that are no frame. `intact`: the next frame begins behind them; otherwise nothing more can be read."""

    why: str
    data: bytes
    intact: bool


def frame(invoke_id: str, body: bytes, *, most: int = MOST) -> bytes:
    """The bytes of a frame; raises `CodecError` when it would be longer than `most` or the identifier is none."""
    length = HEADER + len(body)
    if length > most:
        raise CodecError(f"A frame of {length} bytes is longer than {most}.", body[:HEADER])
    if not _is_invoke_id(invoke_id.encode()):
        raise CodecError(f"{invoke_id!r} is no invoke identifier.")
    return b"\x00\x00" + length.to_bytes(2) + invoke_id.encode("ascii") + body


class FrameReader:
    """Cuts a byte stream into frames, however they arrive; never holds more than one frame and the last piece fed."""

    def __init__(self, most: int = MOST) -> None:
        self._buffer = bytearray()
        self._most = most
        self.broken = False

    def feed(self, data: bytes) -> list[Frame | Garbage]:
        """What became complete with these bytes. After `Garbage` that is not intact, everything is ignored."""
        if self.broken:
            return []
        self._buffer += data
        found: list[Frame | Garbage] = []
        start = 0
        while not self.broken and len(self._buffer) - start >= HEADER:
            item, used = self._one(start)
            if item is None:
                break
            found.append(item)
            start += used
        del self._buffer[:start]
        return found

    @property
    def waiting(self) -> int:
        """Bytes of an incomplete frame."""
        return len(self._buffer)

    def _one(self, start: int) -> tuple[Frame | Garbage | None, int]:
        head = bytes(self._buffer[start : start + HEADER])
        length = int.from_bytes(head[2:4])
        if head[0] != 0 or head[1] not in (0, 1) or not HEADER <= length <= self._most:
            return self._break("This is not a frame of CSTA XML.", start)
        if len(self._buffer) - start < length:
            return None, 0
        whole = bytes(self._buffer[start : start + length])
        if head[1] == 1:
            return Garbage("This frame holds SOAP, which is not spoken here.", whole, intact=True), length
        if not _is_invoke_id(head[4:]):
            return Garbage("The invoke identifier is not four digits.", whole, intact=True), length
        return Frame(head[4:].decode("ascii"), whole[HEADER:]), length

    def _break(self, why: str, start: int) -> tuple[Garbage, int]:
        self.broken = True
        rest = bytes(self._buffer[start:])
        return Garbage(why, rest[:MOST], intact=False), len(rest)


class InvokeIds:
    """Numbers for one side's requests, "0001" to "9998" and again from "0000"."""

    def __init__(self) -> None:
        self._last = 0

    def next(self, taken: Container[str] = ()) -> str:
        """A number that is not in `taken` (requests still without an answer); raises `CodecError` if there is none."""
        for _ in range(LAST_INVOKE + 1):
            self._last = (self._last + 1) % (LAST_INVOKE + 1)
            candidate = f"{self._last:04d}"
            if candidate not in taken:
                return candidate
        raise CodecError("Every invoke identifier waits for its answer.")


def _is_invoke_id(text: bytes) -> bool:
    return len(text) == 4 and text.isdigit()
