"""How uvicorn has to run the application, with the limits that it does not have itself."""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from unisono.web.socket import PipeSocket
from unisono.web.stream import FRAME_MOST

HEADER_MOST: Final = 64 * 1024
"""Bytes of a request line with its headers before we hang up. The gate's own, lower limit answers in words."""
HEADER_SECONDS: Final = 20.0
"""Time for a request line with its headers, from the connection or the first byte on."""


class BoundedHttp(HttpToolsProtocol):
    """HTTP/1.1 that hangs up on who sends headers without end, or without ever finishing them."""

    _reading_head = False
    _head_bytes = 0
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client connected; it has to say what it wants."""
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has left."""
        self._head_complete()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes of the client."""
        super().data_received(data)
        if self._reading_head:
            self._head_bytes += len(data)
            if self._head_bytes > HEADER_MOST and not self.transport.is_closing():
                self.send_400_response("The request's header is too large.")

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._wait_for_head()

    def on_headers_complete(self) -> None:
        """The header is there."""
        self._head_complete()
        super().on_headers_complete()

    def _wait_for_head(self) -> None:
        self._head_complete()
        self._reading_head = True
        self._head_bytes = 0
        self._head_timer = self.loop.call_later(HEADER_SECONDS, self._too_slow)

    def _head_complete(self) -> None:
        self._reading_head = False
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _too_slow(self) -> None:
        if not self.transport.is_closing():
            self.transport.abort()


OPTIONS: Final[dict[str, Any]] = {
    "http": BoundedHttp,
    # The sans-I/O protocol and no compression: three times the fan-out per CPU second, a third of the memory per window.
    "ws": PipeSocket,
    "ws_per_message_deflate": False,
    "ws_max_size": FRAME_MOST * 4,
    # The stream has pings of its own (web/sync.py), which a dead client does not answer either.
    "ws_ping_interval": None,
    "lifespan": "off",
    "log_config": None,
    "access_log": False,
    # Clients set their clocks by `Date`; nobody needs to know what serves them.
    "date_header": True,
    "server_header": False,
    "backlog": 2048,
    "timeout_keep_alive": 75,
}
"""Keyword arguments for `uvicorn.Config`."""
