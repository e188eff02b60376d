"""Deletes old entries in the night window, a few at a time, so that nobody waits for it."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from unisono.journal.settings import JournalSettings
from unisono.journal.store import Entries
from unisono.journal.tables import id_floor
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Fault
from unisono.kernel.log import Log

_LOOK_EVERY = 600.0
_AT_ONCE = 500
_PAUSE = 0.2

log = Log("journal")


def in_window(hour: int, begin: int, end: int) -> bool:
    """Whether an hour is in the window; one that ends before it begins reaches over midnight, one of no length is all day."""
    if begin == end:
        return True
    return begin <= hour < end if begin < end else hour >= begin or hour < end


class Retention:
    """Looks every ten minutes whether it is night and something is too old."""

    def __init__(
        self, entries: Entries, clock: Clock, settings: JournalSettings, deleted: Callable[[], Awaitable[None]]
    ) -> None:
        self._entries = entries
        self._clock = clock
        self._settings = settings
        self._deleted = deleted

    async def run(self) -> None:
        """For ever."""
        while True:
            if self._is_night():
                try:
                    await self.purge()
                except Fault as fault:
                    log.warning("old journal entries are not deleted", code=fault.code)
            await self._clock.sleep(_LOOK_EVERY)

    async def purge(self) -> int:
        """Delete what is too old now; returns how many entries. Stops when the night is over."""
        settings, total = self._settings, 0
        for days, internal, with_note in (
            (settings.keep_internal_days, True, False),
            (settings.keep_external_days, False, False),
            (settings.keep_with_note_days, None, True),
        ):
            if days:
                total += await self._purge(self._clock.now() - timedelta(days=days), internal, with_note)
        if total:
            log.info("old journal entries were deleted", entries=total)
            await self._deleted()
        return total

    async def _purge(self, before: datetime, internal: bool | None, with_note: bool) -> int:
        total, at = 0, 0
        while self._is_night():
            deleted, at = await self._entries.delete_old(
                internal=internal, with_note=with_note, after=at, before=id_floor(before), most=_AT_ONCE
            )
            total += deleted
            if not at:
                break
            await self._clock.sleep(_PAUSE)
        return total

    def _is_night(self) -> bool:
        local = self._clock.now().astimezone()
        return in_window(local.hour, self._settings.night_from, self._settings.night_until)
