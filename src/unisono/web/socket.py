"""The short way of a message to its client: a WebSocket that can be written to without waiting."""

from collections.abc import Mapping
from typing import Any, Final, Protocol, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

_EXTENSION: Final = "unisono.pipe"


class Pipe(Protocol):
    """Takes messages at once, as long as it is free."""

    @property
    def free(self) -> bool:
        """Whether the connection is open and the network takes a message now."""
        ...

    def push(self, frame: bytes) -> None:
        """Send a frame (`text_frame`); only while the pipe is free."""
        ...


class Blocked:
    """A pipe for connections that have none: everything goes the long way, through the application's `send`."""

    free = False

    def push(self, frame: bytes) -> None:
        """Not while it is blocked."""
        raise NotImplementedError


class PipeSocket(WebSocketsSansIOProtocol):
    """Uvicorn's WebSocket that also is a `Pipe`, which the application finds in the scope (ASGI, Extensions).

    What goes through `send` passes a task, the framework's layers, and a codec that makes a frame for each client anew.
    """

    async def run_asgi(self) -> None:
        """Serve the connection."""
        self.scope["extensions"] = {**(self.scope["extensions"] or {}), _EXTENSION: {"pipe": self}}
        await super().run_asgi()

    @property
    def free(self) -> bool:
        """Whether the connection is open and the network takes a message now."""
        conn = self.conn
        # With an extension, such as compression, frames are not the same for all clients.
        return conn.state is State.OPEN and not conn.extensions and self.writable.is_set() and not self.transport.is_closing()

    def push(self, frame: bytes) -> None:
        """Send a frame; only while the pipe is free."""
        self.transport.write(frame)


def text_frame(payload: bytes) -> bytes:
    """A whole text message of a server (RFC 6455 5.2): one frame, not masked."""
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    if size < 0x10000:
        return b"\x81\x7e" + size.to_bytes(2) + payload
    return b"\x81\x7f" + size.to_bytes(8) + payload


def pipe_of(scope: Mapping[str, Any]) -> Pipe:
    """The pipe of a connection."""
    extension = (scope.get("extensions") or {}).get(_EXTENSION)
    return cast("Pipe", extension["pipe"]) if extension else Blocked()
