"""Tells every open window what changed, cut to what its viewer may see.

The hub remembers which entries were touched at which sequence number, not what they looked like. A client that comes back
gets the touched entries as they are now; so a resumed state, a state kept by facts, and a fresh snapshot are the same.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from itertools import cycle, islice
from types import MappingProxyType

from unisono.kernel.ids import new_id
from unisono.kernel.tasks import turns
from unisono.permissions.model import Viewer
from unisono.web.encode import Encoder, Key
from unisono.web.metrics import Metrics
from unisono.web.parts import Part, Sight
from unisono.web.window import Message, Window

RING_MOST = 20_000
"""Touched entries that are remembered for clients that come back."""
AT_ONCE = 100
"""Windows that are told before others get their turn: to send it takes each of them some 30 us."""
LATER_AT_ONCE = 500
"""The same where nothing is sent yet. Who has urgent news waits for the end of what is being told, in all its turns."""
KEYS_AT_ONCE = 10
"""Entries of a burst that are told before others get their turns: each is asked for by every window."""
TURNS_BETWEEN = 12
"""Turns that others get then. A link gives some away behind every frame that it reads, and what comes in one piece of five
would wait for as many pieces of the burst as there are turns until the last one's news is on its way to the windows."""
BUSY_TOUCHES = 50
"""With more changes in a second, what may wait goes out with others."""
LATER_SECONDS = 0.02
SLOTS = 10
"""What waits is told every `LATER_SECONDS` and sent to a tenth of the windows, so that nothing waits for it in turn."""

Cut = Callable[[Sight], Sight]
"""Whom of those who may see an entry it is told."""


@dataclass(frozen=True, slots=True)
class Touch:
    """Entries that changed together.

    `only`: of interest to these users alone. `revoke`: some may have lost sight of them.
    """

    seq: int
    keys: tuple[Key, ...]
    only: Collection[str] | None
    revoke: bool = False


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
        self._later: dict[Key, Cut] = {}
        """What is still to be told, and to whom."""
        self.left = asyncio.Event()
        """Whether something waits: `later` has to be called."""
        self._slots = cycle(range(SLOTS))
        self._due: dict[Window, None] = {}

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
        only: Collection[str] | None = None,
        near: Collection[str] | None = None,
        later: bool = False,
        revoke: bool = False,
    ) -> None:
        """These entries changed: tell whoever may see them, of them `only` these users, in this order.

        With `near` these users are told now and everybody else later; with `later` all are: behind everything that is urgent,
        and together with other news while there is much to tell.
        """
        if not keys:
            return
        if near is not None:
            only = near
            self._later.update(dict.fromkeys(keys, _but(near)))
            self.left.set()
        async with self._telling:
            self._touches += 1
            self.encoder.forget(keys)
            await self._tell(tuple(keys), only, later=later, revoke=revoke)

    def defer(self, keys: Collection[Key], only: Collection[str] | None = None) -> None:
        """These entries changed among very many: tell of them a few at a time, behind everything else."""
        self.encoder.forget(keys)
        everybody = _but(())
        for key in keys:
            # What waits for others already must not be kept from them.
            self._later[key] = everybody if only is None or key in self._later else _just(only)
        self.busy = True
        self.left.set()

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

    async def later(self, slot: int | None = None) -> None:
        """Tell what was to be told later, and send what waits to the windows of a slot (None: to all)."""
        while self._later:
            async with self._telling:
                cuts = dict(islice(self._later.items(), KEYS_AT_ONCE))
                for key in cuts:
                    del self._later[key]
                await self._tell(tuple(cuts), None, later=True, cuts=cuts)
            if self._later:
                await turns(TURNS_BETWEEN)
        for count, window in enumerate(self.of()):
            if count % AT_ONCE == AT_ONCE - 1:
                await asyncio.sleep(0)
            if window.queue and slot in (None, window.slot):
                self._push_soon(window)

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
        entries = [(key, self.encoder.sight(key)(viewer)) for key in missed]
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

    async def _tell(
        self,
        keys: tuple[Key, ...],
        only: Collection[str] | None,
        *,
        later: bool = False,
        revoke: bool = False,
        cuts: Mapping[Key, Cut] = MappingProxyType({}),
    ) -> None:
        """Offer a window after the other what it may see of these entries; `_telling` is held.

        `cuts`: to whom of them an entry is told.
        """
        self.seq += 1
        touch = Touch(self.seq, keys, only, revoke)
        self._remember(touch)
        if later:
            self.left.set()
        messages: dict[tuple[Hashable | None, ...], Message | None] = {}
        windows = [window for window in self.of(only) if window.live and not window.stale]
        step = LATER_AT_ONCE if later else AT_ONCE
        for start in range(0, len(windows), step):
            if start:
                await asyncio.sleep(0)
            sights = [cuts[key](sight) if key in cuts else sight for key in keys for sight in (self.encoder.sight(key),)]
            for window in windows[start : start + step]:
                viewer = window.viewer
                seen = tuple([sight(viewer) for sight in sights])
                if seen not in messages:
                    messages[seen] = self._message(touch, seen)
                message = messages[seen]
                if message is None:
                    continue
                if not window.offer(message):
                    self._metrics.behind += 1
                elif not later:
                    self._push_soon(window)

    def _push_soon(self, window: Window) -> None:
        """Send what waits in a window in the next turn at the latest: what is told until then goes along."""
        if not self._due:
            asyncio.get_running_loop().call_soon(self.push)
        self._due[window] = None

    def push(self) -> None:
        """Send now what would go out in the next turn."""
        due, self._due = self._due, {}
        for window in due:
            self._metrics.messages += window.push()

    def _message(self, touch: Touch, seen: tuple[Hashable | None, ...]) -> Message | None:
        entries = list(zip(touch.keys, seen, strict=True))
        if not touch.revoke:
            entries = [entry for entry in entries if entry[1] is not None]
        return self.encoder.facts(touch.seq, entries) if entries else None


def _but(told: Collection[str]) -> Cut:
    """For everybody but those who know."""
    return lambda sight: (lambda viewer: None if viewer.user_id in told else sight(viewer)) if told else sight


def _just(only: Collection[str]) -> Cut:
    return lambda sight: lambda viewer: sight(viewer) if viewer.user_id in only else None
