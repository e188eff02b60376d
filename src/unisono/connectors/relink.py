"""When a lost link is tried again: one rule for the connectors of every kind.

A link that breaks as soon as it is up costs the PBX a sign-in and the reading of everything each time, so back-off starts over
only where it stood for a while. Where an admin has to change something first, it is tried seldom: a PBX that shuts out who
enters a wrong password too often (fail2ban: five times in ten minutes) must not be given the reason.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from unisono.kernel.clock import Clock
from unisono.kernel.errors import Fault, Retry
from unisono.kernel.tasks import backoff

STEADY_SECONDS = 10.0
"""A link that was up so long is tried again at once."""
REFUSED_SECONDS = 300.0
"""The pause where trying soon is of no use."""


@dataclass(frozen=True, slots=True)
class Tries:
    """How often in a row a link could not be had, or broke before it was steady. Pure."""

    failed: int = 0

    def after(self, up_seconds: float) -> "Tries":
        """One more connection has ended, in which the link was up for so long (0: never)."""
        return Tries(0 if up_seconds >= STEADY_SECONDS else self.failed + 1)

    def pause(self, *, refused: bool) -> float:
        """Seconds until the next one."""
        return REFUSED_SECONDS if refused else backoff(self.failed)


class Relink:
    """Connects again and again, with pauses by that rule."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._up_since: float | None = None

    def up(self) -> None:
        """The link that `keep` made is up: signed in, and everything read. Only the first time counts."""
        if self._up_since is None:
            self._up_since = self._clock.monotonic()

    async def keep(self, connected: Callable[[], Awaitable[None]], lost: Callable[[Fault, float], None]) -> None:
        """Run `connected`, one connection from its first packet to its loss, for ever.

        `lost` is told why it ended, and in how many seconds it is tried again.
        """
        tries = Tries()
        while True:
            self._up_since, ended = None, None
            try:
                await connected()
            except Fault as fault:
                ended = fault
            up_since, now = self._up_since, self._clock.monotonic()
            tries = tries.after(0.0 if up_since is None else now - up_since)
            pause = tries.pause(refused=ended is not None and ended.retry is not Retry.LATER)
            if ended is not None:
                lost(ended, pause)
            await self._clock.sleep(pause)
