"""What happens by itself at its time: sources that are read, exports that are written."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, tzinfo
from typing import Protocol

from unisono.directory.runs.schedule import checked, parse
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Conflict, Fault, Unavailable
from unisono.kernel.log import Log

_TICK_SECONDS = 20.0

log = Log("directory")


class Scheduled(Protocol):
    """What has a schedule, in the time of a location."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def enabled(self) -> bool: ...
    @property
    def schedule(self) -> str: ...
    @property
    def location_id(self) -> str: ...


class Started(Protocol):
    """The last time that it happened."""

    @property
    def started(self) -> datetime: ...


class Timetables:
    """When things are due. What never happened counts from when this was made."""

    def __init__(self, clock: Clock, zone_of: Callable[[str], tzinfo]) -> None:
        self._clock = clock
        self._zone_of = zone_of
        self._first_seen = clock.now()

    def due(self, what: Scheduled, last: Started | None) -> datetime | None:
        """When it happens next by itself; None: only on demand."""
        schedule = parse(what.schedule) if what.enabled else None
        if schedule is None:
            return None
        return schedule.next(last.started if last else self._first_seen, self._zone_of(what.location_id))

    def times(self, schedule: str, location_id: str, count: int) -> list[datetime]:
        """The next times of a schedule, were it saved now; none for "". Raises `Invalid`."""
        found, zone, moment = checked(schedule), self._zone_of(location_id), self._clock.now()
        times: list[datetime] = []
        while found is not None and len(times) < count and (after := found.next(moment, zone)) is not None:
            moment = after
            times.append(after)
        return times

    async def run(
        self,
        all: Callable[[], Awaitable[Iterable[Scheduled]]],
        last: Callable[[], Awaitable[Mapping[str, Started]]],
        start: Callable[[str], Awaitable[object]],
    ) -> None:
        """Start what is due, for ever. What goes wrong with one is no matter of the others."""
        while True:
            await self._clock.sleep(_TICK_SECONDS)
            try:
                started = await last()
                for what in await all():
                    await self._start(what, started.get(what.id), start)
            except Unavailable:
                log.warning("schedules wait for the database")

    async def _start(self, what: Scheduled, last: Started | None, start: Callable[[str], Awaitable[object]]) -> None:
        try:
            due = self.due(what, last)
            if due is not None and due <= self._clock.now():
                await start(what.id)
        except Conflict:
            log.info("what is due is still being done", name=what.name)
        except Fault as fault:
            log.warning("what is due cannot be done", name=what.name, reason=fault.message)
