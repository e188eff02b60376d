"""Tells every open window what changed, cut to what its viewer may see.

The hub remembers which entries were touched at which sequence number, not what they looked like. A client that comes back
gets the touched entries as they are now; so a resumed state, a state kept by facts, and a fresh snapshot are the same.
"""

import asyncio
from collections import deque
from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass
from itertools import cycle

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
GATHER_TURNS = 3
BUSY_TOUCHES = 50
"""With more changes in a second, news of people that a viewer does not follow waits and goes out with others."""
LATER_SECONDS = 0.02
SLOTS = 10
"""What waits is told every `LATER_SECONDS` and sent to a tenth of the windows, so that nothing waits for it in turn."""


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
        self._later: dict[Key, None] = {}
        self._due: set[Window] = set()
        self._offered = asyncio.Event()
        self.left = asyncio.Event()
        """Whether something waits: `later` has to be called for every slot."""
        self._slots = cycle(range(SLOTS))

    async def deliver(self) -> None:
        """Wakes windows for what they were offered, once what changes with it was offered too. Ends by cancellation only.

        A call, its people's presence and its journal entry follow each other in a few turns of the loop. Waiting for them
        here costs those turns once, and not for every window.
        """
        while True:
            await self._offered.wait()
            for _ in range(GATHER_TURNS):
                await asyncio.sleep(0)
            self._offered.clear()
            due, self._due = self._due, set()
            for window in due:
                window.wake.set()

    def open(self, window: Window) -> None:
        """A client's stream begins."""
        window.slot = next(self._slots)
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
        if near is not None and self.busy:
            only = near
            self._later.update(dict.fromkeys(keys))
            self.left.set()
        async with self._telling:
            self.seq += 1
            self._touches += 1
            touch = Touch(self.seq, tuple(keys), only, revoke)
            self._remember(touch)
            self.encoder.forget(touch.keys)
            await self._tell(touch)

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

    async def later(self, slot: int) -> None:
        """Call it every `LATER_SECONDS` for the next slot: tells everybody what only those near were told, sends it to some."""
        keys, self._later = tuple(self._later), {}
        if keys:
            async with self._telling:
                self.seq += 1
                touch = Touch(self.seq, keys, None, False)
                self._remember(touch)
                await self._tell(touch, later=True)
        for window in self.of():
            if window.slot == slot and window.queue:
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

    async def _tell(self, touch: Touch, *, later: bool = False) -> None:
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
            if not window.offer(message, later=True):
                self._metrics.behind += 1
            elif not later:
                self._due.add(window)
            served += 1
            if served % AT_ONCE == 0:
                self._offered.set()
                await asyncio.sleep(0)
        if self._due:
            self._offered.set()

    def _message(self, touch: Touch, seen: tuple[Hashable | None, ...]) -> Message | None:
        entries = list(zip(touch.keys, seen, strict=True))
        if not touch.revoke:
            entries = [entry for entry in entries if entry[1] is not None]
        return self.encoder.facts(touch.seq, entries) if entries else None
