"""Tells every open window what changed, cut to what its viewer may see.

The hub remembers which entries were touched at which sequence number, not what they looked like. A client that comes back
gets the touched entries as they are now; so a resumed state, a state kept by facts, and a fresh snapshot are the same.
"""

import asyncio
from collections import deque
from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass

from unisono.kernel.ids import new_id
from unisono.permissions.model import Viewer
from unisono.web.encode import Encoder, Key
from unisono.web.metrics import Metrics
from unisono.web.parts import Part
from unisono.web.window import Message, Window

RING_MOST = 20_000
"""Touched entries that are remembered for clients that come back."""
AT_ONCE = 500
"""Windows served before others get their turn: about 2 ms."""
BUSY_TOUCHES = 50
"""With more changes in a second, news of people that a viewer does not work with waits and goes out with others."""
LATER_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Touch:
    """Entries that changed together.

    `only`: of interest to these users alone. `revoke`: some may have lost sight of them.
    """

    seq: int
    keys: tuple[Key, ...]
    only: frozenset[str] | None
    revoke: bool


class Hub:
    """The windows that are open, and what is told to them."""

    def __init__(self, parts: Iterable[Part], metrics: Metrics) -> None:
        self.epoch = new_id()
        self.seq = 0
        self.windows: dict[str, set[Window]] = {}
        self.encoder = Encoder(parts, self.epoch)
        self._metrics = metrics
        self._ring: deque[Touch] = deque()
        self._ring_keys = 0
        self._forgotten = 0
        self._turned: dict[str, int] = {}
        self._telling = asyncio.Lock()
        self.busy = False
        self._touches = 0
        self._left = False

    def open(self, window: Window) -> None:
        """A client's stream begins."""
        self.windows.setdefault(window.viewer.user_id, set()).add(window)

    def shut(self, window: Window) -> None:
        """A client's stream ended."""
        own = self.windows.get(window.viewer.user_id, set())
        own.discard(window)
        if not own:
            self.windows.pop(window.viewer.user_id, None)

    def of(self, user_ids: Iterable[str] | None = None) -> list[Window]:
        """The open windows of these users, or all."""
        if user_ids is None:
            return [window for own in self.windows.values() for window in own]
        return [window for id in user_ids for window in self.windows.get(id, ())]

    async def touch(
        self,
        keys: Collection[Key],
        *,
        only: frozenset[str] | None = None,
        near: frozenset[str] | None = None,
        revoke: bool = False,
    ) -> None:
        """These entries changed: tell whoever may see them; while there is much to tell, at once only users `near` to them."""
        if not keys:
            return
        async with self._telling:
            self.seq += 1
            self._touches += 1
            touch = Touch(self.seq, tuple(keys), only, revoke)
            self._remember(touch)
            self.encoder.forget(touch.keys)
            await self._tell(touch, near if self.busy else None)

    async def turn(self, user_ids: Collection[str] | None = None) -> None:
        """What these users may see has changed as a whole (None: everybody's): their windows get a snapshot."""
        async with self._telling:
            self.seq += 1
            if user_ids is None:
                self._forgotten = self.seq
                self._ring.clear()
                self._ring_keys = 0
                self._turned.clear()
                self.encoder.forget_all()
            else:
                self._turned.update(dict.fromkeys(user_ids, self.seq))
            for window in self.of(user_ids):
                if window.live:
                    window.refresh()

    def snapshot(self, viewer: Viewer) -> str:
        """The whole state of a viewer, at the present sequence number."""
        self._metrics.snapshots += 1
        return self.encoder.snapshot(viewer, self.seq)

    def rest(self) -> None:
        """Call it once a second: looks how much there is to tell, and so whether distant news has to wait."""
        self.busy = self._touches > BUSY_TOUCHES
        self._touches = 0

    def flush(self) -> None:
        """Call it every `LATER_SECONDS`: sends what was left for later."""
        if self._left:
            self._left = False
            for window in self.of():
                if window.queue:
                    window.wake.set()

    def resume(self, viewer: Viewer, epoch: str, seq: int) -> Message | None:
        """What a client that knows the state at `seq` missed; None where only a snapshot helps."""
        if epoch != self.epoch or not max(self._forgotten, self._turned.get(viewer.user_id, 0)) <= seq <= self.seq:
            return None
        missed: dict[Key, None] = {}
        for touch in reversed(self._ring):
            if touch.seq <= seq:
                break
            if touch.only is None or viewer.user_id in touch.only:
                missed.update(dict.fromkeys(touch.keys))
        entries = [(key, self.encoder.variant(viewer, key)) for key in missed]
        return self.encoder.facts(self.seq, entries)

    def _remember(self, touch: Touch) -> None:
        self._ring.append(touch)
        self._ring_keys += len(touch.keys)
        while self._ring_keys > RING_MOST:
            oldest = self._ring.popleft()
            self._ring_keys -= len(oldest.keys)
            self._forgotten = oldest.seq
        if len(self._turned) > RING_MOST:
            self._forgotten = max(self._forgotten, *self._turned.values())
            self._turned.clear()

    async def _tell(self, touch: Touch, near: frozenset[str] | None) -> None:
        messages: dict[tuple[Hashable | None, ...], Message | None] = {}
        variant = self.encoder.variant
        served = 0
        for window in self.of(touch.only):
            if not window.live or window.stale:
                continue
            seen = tuple(variant(window.viewer, key) for key in touch.keys)
            if seen not in messages:
                messages[seen] = self._message(touch, seen)
            message = messages[seen]
            if message is None:
                continue
            later = near is not None and window.viewer.user_id not in near
            self._left = self._left or later
            if not window.offer(message, later=later):
                self._metrics.behind += 1
            served += 1
            if served % AT_ONCE == 0:
                await asyncio.sleep(0)

    def _message(self, touch: Touch, seen: tuple[Hashable | None, ...]) -> Message | None:
        entries = list(zip(touch.keys, seen, strict=True))
        if not touch.revoke:
            entries = [entry for entry in entries if entry[1] is not None]
        return self.encoder.facts(touch.seq, entries) if entries else None
