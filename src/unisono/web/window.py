"""One open event stream of one client: what is to be sent, and how far behind its reader is."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from unisono.permissions.model import Viewer
from unisono.web.socket import Blocked, Pipe, text_frame

QUEUE_MOST = 1_000
"""Messages that wait for one slow reader; with one more they are thrown away and a snapshot takes their place."""
MERGE_MOST = 256
"""Messages that are sent as one."""


@dataclass(frozen=True, slots=True)
class Message:
    """JSON to send, shared by all windows with the same view.

    `frame`: the same as it goes over the wire. `facts`: what is in a message `facts`, joined by commas; None: it is another.
    """

    json: bytes
    frame: bytes
    seq: int = 0
    facts: bytes | None = None


PING = Message(b'{"type":"ping"}', text_frame(b'{"type":"ping"}'))


def facts_message(seq: int, facts: bytes) -> Message:
    """The message `facts` around the JSON of facts, joined by commas."""
    json = b'{"type":"facts","seq":%d,"facts":[%b]}' % (seq, facts)
    return Message(json, text_frame(json), seq, facts)


@dataclass(slots=True, eq=False)
class Window:
    """`offer` never waits and never grows: whoever does not read gets a snapshot when they read again.

    What waits goes out by `push`, if nothing stands in the way, or else by the stream's own task, which `wake` wakes.
    `busy_since`: when that task began what it is at (monotonic seconds), None while it waits; nothing overtakes it.
    """

    viewer: Viewer
    key: str
    heard: float
    pinged: float
    pipe: Pipe = field(default_factory=Blocked)
    queue: deque[Message] = field(default_factory=deque)
    stale: bool = False
    live: bool = False
    """Whether it has had its first snapshot and takes part in what is told."""
    slot: int = 0
    """When it is this window's turn to be sent what may wait (see `hub`)."""
    busy_since: float | None = None
    check: bool = False
    """Whether the session behind it has to be looked at again."""
    abort: Callable[[], object] = lambda: None
    """Ends the stream without a word, because nobody listens."""
    closing: tuple[int, str] | None = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def offer(self, message: Message) -> bool:
        """Queue a message; False where the reader just fell behind."""
        if self.stale:
            return True
        if len(self.queue) >= QUEUE_MOST:
            self.refresh()
            return False
        self.queue.append(message)
        return True

    def push(self) -> int:
        """Send what waits, now or as soon as it can be; returns how many messages left."""
        sent = 0
        if not (self.stale or self.check or self.closing or self.busy_since is not None):
            while self.queue and self.pipe.free:
                self.pipe.push(self.take().frame)
                sent += 1
        if self.queue:
            self.wake.set()
        return sent

    def take(self) -> Message:
        """The next message to send: everything that waits as one, as far as it goes."""
        first = self.queue.popleft()
        if first.facts is None or not self.queue or self.queue[0].facts is None:
            return first
        pieces, seq = [first.facts], first.seq
        while self.queue and len(pieces) < MERGE_MOST and (facts := self.queue[0].facts) is not None:
            seq = self.queue.popleft().seq
            if facts:
                pieces.append(facts)
        return facts_message(seq, b",".join(pieces))

    def refresh(self) -> None:
        """Send a snapshot next, in place of everything that waits."""
        self.queue.clear()
        self.stale = True
        self.wake.set()

    def close(self, code: int, reason: str) -> None:
        """End the stream with this WebSocket close code (RFC 6455 7.4)."""
        self.closing = self.closing or (code, reason)
        self.wake.set()
