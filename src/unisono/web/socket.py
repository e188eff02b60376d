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

    def push(self, text: str) -> None:
        """Send a message; only while the pipe is free."""
        ...


class Blocked:
    """A pipe for connections that have none: everything goes the long way, through the application's `send`."""

    free = False

    def push(self, text: str) -> None:
        """Not while it is blocked."""
        raise NotImplementedError


class PipeSocket(WebSocketsSansIOProtocol):
    """Uvicorn's WebSocket that also is a `Pipe`, which the application finds in the scope (ASGI, Extensions).

    What goes through `send` passes a task and the framework's layers: two thirds of what a message costs.
    """

    async def run_asgi(self) -> None:
        """Serve the connection."""
        self.scope["extensions"] = {**(self.scope["extensions"] or {}), _EXTENSION: {"pipe": self}}
        await super().run_asgi()

    @property
    def free(self) -> bool:
        """Whether the connection is open and the network takes a message now."""
        return self.conn.state is State.OPEN and self.writable.is_set() and not self.transport.is_closing()

    def push(self, text: str) -> None:
        """Send a message; only while the pipe is free."""
        self.conn.send_text(text.encode())
        self.transport.write(b"".join(self.conn.data_to_send()))


def pipe_of(scope: Mapping[str, Any]) -> Pipe:
    """The pipe of a connection."""
    extension = (scope.get("extensions") or {}).get(_EXTENSION)
    return cast("Pipe", extension["pipe"]) if extension else Blocked()
