"""One open event stream of one client: what is to be sent, and how far behind its reader is."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from unisono.permissions.model import Viewer

QUEUE_MOST = 256
"""Messages that wait for one slow reader; with one more they are thrown away and a snapshot takes their place."""


@dataclass(slots=True, eq=False)
class Window:
    """`offer` never waits and never grows: whoever does not read gets a snapshot when they read again.

    `sending_since` is when the message on its way was handed to the network (monotonic seconds), None in between.
    """

    viewer: Viewer
    key: str
    heard: float
    pinged: float
    queue: deque[str] = field(default_factory=deque)
    stale: bool = False
    live: bool = False
    """Whether it has had its first snapshot and takes part in what is told."""
    sending_since: float | None = None
    check: bool = False
    """Whether the session behind it has to be looked at again."""
    abort: Callable[[], object] = lambda: None
    """Ends the stream without a word, because nobody listens."""
    closing: tuple[int, str] | None = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def offer(self, text: str) -> bool:
        """Queue a message; False where the reader just fell behind."""
        if self.stale:
            return True
        if len(self.queue) >= QUEUE_MOST:
            self.refresh()
            return False
        self.queue.append(text)
        self.wake.set()
        return True

    def refresh(self) -> None:
        """Send a snapshot next, in place of everything that waits."""
        self.queue.clear()
        self.stale = True
        self.wake.set()

    def close(self, code: int, reason: str) -> None:
        """End the stream with this WebSocket close code (RFC 6455 7.4)."""
        self.closing = self.closing or (code, reason)
        self.wake.set()
