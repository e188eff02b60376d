"""Long-lived work under supervision: it is started again with back-off, and its state can be seen."""

import asyncio
import random
from collections.abc import Awaitable, Callable

import structlog

from unisono.kernel.clock import Clock

log = structlog.get_logger("tasks")


def backoff(attempt: int, *, first: float = 0.5, most: float = 30.0) -> float:
    """Seconds to wait before try `attempt` (from 0): doubling, capped, with up to 20 % taken off at random."""
    return float(min(most, first * 2 ** min(attempt, 16)) * random.uniform(0.8, 1.0))  # noqa: S311


async def forever(
    name: str, work: Callable[[], Awaitable[None]], clock: Clock, *, healthy_after: float = 60.0, most: float = 30.0
) -> None:
    """Run `work` again whenever it ends or fails; back-off starts over once it ran `healthy_after` seconds."""
    attempt = 0
    while True:
        started = clock.monotonic()
        try:
            await work()
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("task failed", task=name)
        if clock.monotonic() - started >= healthy_after:
            attempt = 0
        await clock.sleep(backoff(attempt, most=most))
        attempt += 1
