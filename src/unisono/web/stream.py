"""The WebSocket `/api/v1/stream`: one reader and one writer per client, under limits."""

import asyncio
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from litestar import WebSocket
from litestar.exceptions import WebSocketException
from litestar.handlers import websocket
from litestar.types import Scope as AsgiScope

from unisono.kernel.clock import Clock
from unisono.kernel.errors import Fault
from unisono.web.auth import Identity, identify
from unisono.web.limits import Buckets
from unisono.web.metrics import Metrics
from unisono.web.services import Services
from unisono.web.socket import pipe_of
from unisono.web.stream_shapes import ClientFrame, Hello
from unisono.web.sync import Sync
from unisono.web.window import Window

FRAME_MOST: Final = 4096
"""Characters in one message of a client: a hello or a pong has less than a hundred."""
FRAMES_RATE: Final = 5.0
FRAMES_BURST: Final = 20.0
RECHECK_SECONDS: Final = 300.0
REFUSED: Final = 4401
"""Close code: sign in (again)."""
TOO_MANY: Final = 4429
PROTOCOL: Final = 4400
LATER: Final = 1013

_decode = msgspec.json.Decoder(ClientFrame).decode


class Refused(Exception):
    """The stream has to end, with this close code and reason (RFC 6455 7.4)."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Streams:
    """Serves event streams."""

    def __init__(self, services: Services, sync: Sync, metrics: Metrics) -> None:
        self._services = services
        self._clock: Clock = services.clock
        self._sync = sync
        self._metrics = metrics
        limits = services.limits
        self._per_person = limits.windows
        self._by_address = Buckets(limits.stream_address_rate, limits.stream_address_burst)
        self._by_person = Buckets(limits.stream_rate, limits.stream_burst)

    async def serve(self, socket: WebSocket[Any, Any, Any]) -> None:
        """One stream from the handshake to its end."""
        await socket.accept()
        try:
            identity = await self._admit(socket.scope)
            await self._converse(socket, identity)
        except Refused as refused:
            await _close(socket, refused.code, refused.reason)

    async def _admit(self, scope: AsgiScope) -> Identity:
        client = scope.get("client")
        self._slow_down(self._by_address, client[0] if client else "")
        if _from_elsewhere(scope):
            raise Refused(REFUSED, "cross-site")
        try:
            identity = await identify(self._services.people, scope)
        except Fault as fault:
            raise Refused(REFUSED, fault.code) from fault
        if identity is None:
            raise Refused(REFUSED, "not-signed-in")
        self._services.guard.signed_in(identity.viewer)
        self._slow_down(self._by_person, identity.viewer.user_id)
        if len(self._sync.hub.windows.get(identity.viewer.user_id, ())) >= self._per_person:
            raise Refused(TOO_MANY, "too many windows")
        return identity

    def _slow_down(self, brake: Buckets, key: str) -> None:
        if brake.take(key, self._clock.monotonic()) > 0:
            raise Refused(TOO_MANY, "opened too often")

    async def _converse(self, socket: WebSocket[Any, Any, Any], identity: Identity) -> None:
        now = self._clock.monotonic()
        # The session may have ended while it was looked up, and nobody would tell a window that was not open then.
        window = Window(identity.viewer, identity.key, heard=now, pinged=now, pipe=pipe_of(socket.scope), check=True)
        presence, user_id = self._services.presence, identity.viewer.user_id
        self._sync.hub.open(window)
        if identity.session is not None:
            presence.arrived(user_id, identity.key)
        try:
            await self._until_either_ends(socket, window)
        finally:
            self._sync.hub.shut(window)
            if identity.session is not None:
                presence.left(user_id, identity.key)
        if window.closing:
            raise Refused(*window.closing)

    async def _until_either_ends(self, socket: WebSocket[Any, Any, Any], window: Window) -> None:
        async with asyncio.TaskGroup() as tasks:
            writer = tasks.create_task(self._write(socket, window))
            reader = tasks.create_task(self._read(socket, window))
            window.abort = writer.cancel
            await asyncio.wait({writer, reader}, return_when=asyncio.FIRST_COMPLETED)
            writer.cancel()
            reader.cancel()

    async def _read(self, socket: WebSocket[Any, Any, Any], window: Window) -> None:
        """Take what the client says until it leaves or breaks the rules."""
        brake = Buckets(FRAMES_RATE, FRAMES_BURST)
        while True:
            message = await socket.receive()
            if message["type"] != "websocket.receive":
                return None
            now = window.heard = self._clock.monotonic()
            text = message.get("text")
            if brake.take("", now) > 0:
                return window.close(TOO_MANY, "too many messages")
            if text is None or len(text) > FRAME_MOST:
                return window.close(PROTOCOL, "not understood")
            try:
                frame = _decode(text)
            except (msgspec.DecodeError, UnicodeError):
                return window.close(PROTOCOL, "not understood")
            if isinstance(frame, Hello):
                await self._greet(window, frame)

    async def _greet(self, window: Window, hello: Hello) -> None:
        """Begin where the client left off, or afresh. From here on nothing waits, so that no fact slips through between."""
        try:
            await self._sync.recent.load(window.viewer)
        except Fault:
            window.close(LATER, "database")
            return
        missed = self._sync.hub.resume(window.viewer, hello.epoch, hello.seq)
        window.live = True
        if missed is None:
            window.refresh()
        else:
            window.offer(missed)
            window.wake.set()

    async def _write(self, socket: WebSocket[Any, Any, Any], window: Window) -> None:
        """Send what could not be pushed, one message after the other; a snapshot where the client is behind."""
        send, clock, metrics = socket.send, self._clock, self._metrics
        checked = clock.monotonic()
        while not window.closing:
            await window.wake.wait()
            window.wake.clear()
            window.busy_since = clock.monotonic()
            if window.check or clock.monotonic() - checked > RECHECK_SECONDS:
                checked = clock.monotonic()
                await self._recheck(socket.scope, window)
            while (window.stale or window.queue) and not window.closing:
                window.busy_since = clock.monotonic()
                try:
                    # Nothing here keeps the text: a snapshot held by thousands of idle windows would be most of the memory.
                    await send({"type": "websocket.send", "text": self._next(window), "bytes": None})
                except (OSError, WebSocketException):
                    return  # the client has left; the reader learns the same
                metrics.messages += 1
            window.busy_since = None

    def _next(self, window: Window) -> str:
        if window.stale:
            window.stale = False
            window.queue.clear()
            return self._sync.hub.snapshot(window.viewer)
        return window.take().json.decode()

    async def _recheck(self, scope: AsgiScope, window: Window) -> None:
        """Whether session or token still hold; this also counts as their use."""
        window.check = False
        try:
            identity = await identify(self._services.people, scope)
        except Fault:
            identity = None
        if identity is None or identity.viewer.user_id != window.viewer.user_id:
            window.close(REFUSED, "signed out")


@websocket("/stream")
async def stream(socket: WebSocket[Any, Any, Any], streams: Streams) -> None:
    """The route, to be mounted below the interface's base path."""
    await streams.serve(socket)


def _from_elsewhere(scope: AsgiScope) -> bool:
    """Whether a page of another site opened this socket (WebSockets know no same-origin policy of their own)."""
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get(b"origin")
    return origin is not None and urlsplit(origin).netloc != headers.get(b"host", "")


async def _close(socket: WebSocket[Any, Any, Any], code: int, reason: str) -> None:
    if socket.connection_state != "disconnect":
        await socket.close(code=code, reason=reason)
