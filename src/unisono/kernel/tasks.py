"""Long-lived work under supervision: it is started again with back-off, and its state can be seen."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

from unisono.kernel.clock import Clock
from unisono.kernel.errors import Fault
from unisono.kernel.log import Log

log = Log("tasks")

Work = Callable[[], Awaitable[None]]


def backoff(attempt: int, *, first: float = 0.5, most: float = 30.0) -> float:
    """Seconds to wait before try `attempt` (from 0): doubling, capped, with up to 20 % taken off at random."""
    return float(min(most, first * 2 ** min(attempt, 16)) * random.uniform(0.8, 1.0))  # noqa: S311


async def forever(
    name: str,
    work: Work,
    clock: Clock,
    *,
    healthy_after: float = 60.0,
    first: float = 0.5,
    most: float = 30.0,
    failed: Callable[[str], None] = lambda name: None,
) -> None:
    """Run `work` again whenever it ends or fails; back-off starts over once it ran `healthy_after` seconds.

    `failed` is told its name each time it fails.
    """
    attempt = 0
    while True:
        started = clock.monotonic()
        try:
            await work()
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("task failed", task=name)
            failed(name)
        if clock.monotonic() - started >= healthy_after:
            attempt = 0
        await clock.sleep(backoff(attempt, first=first, most=most))
        attempt += 1


class Works:
    """The long-lived works of a room: one that fails is started anew and ends no other.

    A work keeps what it has still to do outside itself, so that it finds it when it is started again.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.failures: Counter[str] = Counter()
        """How often each has failed since the start of the server, by its name."""

    async def forever(self, name: str, work: Work) -> None:
        """`forever`, with failures counted."""
        await forever(name, work, self._clock, failed=self._failed)

    async def run(self, works: Mapping[str, Work]) -> None:
        """Run all of them for ever, by their names; ends by cancellation only."""
        async with asyncio.TaskGroup() as tasks:
            for name, work in works.items():
                tasks.create_task(self.forever(name, work), name=name)

    def _failed(self, name: str) -> None:
        self.failures[name] += 1


async def together(*works: Coroutine[Any, Any, None]) -> None:
    """Run all until they have ended; the first `Fault` ends the others and is raised as it is, not in a group.

    Cancelling always wins: before Python 3.13 a task group whose tasks fail in the moment in which it is cancelled loses
    the cancellation, so faults never reach the group here.
    """
    faults: list[Fault] = []
    running: list[asyncio.Task[None]] = []

    async def guarded(work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Fault as fault:
            faults.append(fault)
            for other in running:
                if other is not asyncio.current_task():
                    other.cancel()

    try:
        async with asyncio.TaskGroup() as tasks:
            running += [tasks.create_task(guarded(work)) for work in works]
    finally:
        for work in works:
            work.close()  # one that was cancelled before its first step has not been awaited
    if faults:
        raise faults[0]


async def turns(count: int) -> None:
    """Give others so many turns of the loop."""
    for _ in range(count):
        await asyncio.sleep(0)
