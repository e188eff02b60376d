"""HTTP answers that come in time: a socket's own bound is for each piece, however small."""

import io
import socket
import time
from http.client import HTTPResponse
from math import inf
from typing import Any, ClassVar

SECONDS = 120.0
"""In which so much of an answer has to come, or all of it."""


class _Timely(io.RawIOBase):
    """A socket's bytes, of which `piece` at least come in `SECONDS`."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, piece: float) -> None:
        self._raw, self._sock, self._piece = raw, sock, piece
        self._begin()

    def _begin(self) -> None:
        self._ends, self._missing = time.monotonic() + SECONDS, self._piece

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(left)
        count = self._raw.readinto(buffer)
        self._missing -= count or 0
        if self._missing <= 0:
            self._begin()
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class TimelyResponse(HTTPResponse):
    """An answer that comes in time: head, body and what follows it."""

    piece: ClassVar[float] = inf
    """Bytes that come in `SECONDS` at least, if it has so many; all of them, unless a subclass says so."""

    def __init__(self, sock: socket.socket, *args: Any, **more: Any) -> None:
        super().__init__(sock, *args, **more)
        self.fp = io.BufferedReader(_Timely(self.fp.detach(), sock, self.piece))
