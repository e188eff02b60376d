"""Facts from below to above: typed, ordered per subscriber, bounded, never silently lost.

A publisher never waits and never hears back (law 1). Every subscription has a queue of its own and one task that empties
it. A subscriber that falls `limit` facts behind is not fed from its full queue any more: the queue is emptied, and its
`resync` callback is awaited instead, which has to read the state afresh. If that fails, the next fact tries it again.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from unisono.kernel.log import Log

Fact = TypeVar("Fact")
Handler = Callable[[Any], Awaitable[None]]
Resync = Callable[[], Awaitable[None]]
Rest = Callable[[], None]

log = Log("bus")

_AT_ONCE = 50
"""Facts that a subscriber handles before others may run, also where no handler waits for anything."""


class Subscription:
    """One subscriber's queue; made by `Bus.subscribe`."""

    def __init__(self, name: str, handlers: dict[type, Handler], resync: Resync, limit: int, rest: Rest) -> None:
        self.name = name
        self.overflows = 0
        self.failures = 0
        self._handlers = handlers
        self._resync = resync
        self._limit = limit
        self._rest = rest
        self._queue: deque[object] = deque()
        self._behind = False
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def offer(self, fact: object) -> None:
        """Queue a fact without waiting."""
        if len(self._queue) >= self._limit:
            self._queue.clear()
            self._behind = True
            self.overflows += 1
        if not self._behind:
            self._queue.append(fact)
        self._idle.clear()
        self._wake.set()

    async def run(self) -> None:
        """Empty the queue for ever; one failing handler is logged and does not stop the others."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            if self._behind:
                await self._catch_up()
            handled = 0
            while self._queue and not self._behind:
                await self._handle(self._queue.popleft())
                handled += 1
                if handled % _AT_ONCE == 0:
                    await asyncio.sleep(0)
            self._let_go()
            if not self._wake.is_set():
                self._idle.set()

    async def _catch_up(self) -> None:
        self._behind = False
        try:
            await self._resync()
        except Exception:
            # What was lost is still lost: no fact counts until the state was read.
            self._queue.clear()
            self._behind = True
            self._failed()

    async def _handle(self, fact: object) -> None:
        try:
            await self._handlers[type(fact)](fact)
        except Exception:
            self._failed()

    def _let_go(self) -> None:
        try:
            self._rest()
        except Exception:
            self._failed()

    def _failed(self) -> None:
        self.failures += 1
        log.exception("subscriber failed", subscriber=self.name)

    async def drained(self) -> None:
        """Wait until everything offered so far has been handled."""
        await self._idle.wait()


class Bus:
    """Delivers facts by their exact type; start it with `run` inside a task group."""

    def __init__(self) -> None:
        self._by_type: dict[type, list[Subscription]] = {}
        self._subscriptions: list[Subscription] = []
        self._started: asyncio.TaskGroup | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def subscribe(
        self,
        name: str,
        handlers: dict[type, Handler],
        *,
        resync: Resync,
        limit: int = 10_000,
        first: bool = False,
        rest: Rest = lambda: None,
    ) -> Subscription:
        """Call `handlers[type(fact)]` for every fact of these types, in the order of publishing.

        `first`: before those who subscribed so far, for people wait for it. `rest`: called whenever nothing waits any more.
        """
        subscription = Subscription(name, handlers, resync, limit, rest)
        for kind in handlers:
            others = self._by_type.setdefault(kind, [])
            others.insert(0 if first else len(others), subscription)
        self._subscriptions.append(subscription)
        if self._started is not None:
            self._run(self._started, subscription)
        return subscription

    def _run(self, tasks: asyncio.TaskGroup, subscription: Subscription) -> None:
        task = tasks.create_task(subscription.run(), name=f"bus:{subscription.name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def publish(self, fact: object) -> None:
        """Tell a fact to whoever subscribed; returns at once."""
        for subscription in self._by_type.get(type(fact), ()):
            subscription.offer(fact)

    def start(self, tasks: asyncio.TaskGroup) -> None:
        """Run every subscription, present and later, in this group."""
        self._started = tasks
        for subscription in self._subscriptions:
            self._run(tasks, subscription)

    def stop(self) -> None:
        """End every subscription's task; facts still queued are not handled any more (see `drained`)."""
        for task in self._tasks:
            task.cancel()

    async def drained(self) -> None:
        """Wait until no subscriber has anything left; what handlers publish meanwhile included."""
        for _ in range(len(self._subscriptions) + 1):
            for subscription in self._subscriptions:
                await subscription.drained()

    def depths(self) -> dict[str, tuple[int, int, int]]:
        """Per subscriber: facts waiting, overflows, failures (for metrics)."""
        return {s.name: (len(s._queue), s.overflows, s.failures) for s in self._subscriptions}
