"""The last frames of a link, both ways, for people who look for a fault: bounded, without secrets."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TraceRecord:
    """One frame as it was on the wire; `sent`: from us to the PBX. `note` says what was odd, if anything was."""

    at: datetime
    sent: bool
    data: bytes
    note: str = ""


class Trace:
    """A ring of the last frames; a frame longer than `longest` bytes is cut."""

    def __init__(self, most: int = 500, longest: int = 8_192) -> None:
        self._ring: deque[TraceRecord] = deque(maxlen=most)
        self._longest = longest

    def add(self, at: datetime, data: bytes, *, sent: bool, note: str = "") -> None:
        """Keep a frame; the caller has masked its secrets."""
        self._ring.append(TraceRecord(at, sent, data[: self._longest], note))

    def records(self) -> list[TraceRecord]:
        """The frames kept, oldest first."""
        return list(self._ring)
