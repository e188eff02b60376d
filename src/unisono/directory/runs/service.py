"""What sources and exports have in common: runs on demand and by schedule, one after the other, each in its own process."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo

from unisono.directory.runs.model import Mode, Run, RunState, What
from unisono.directory.runs.store import Runs
from unisono.directory.runs.timetables import Scheduled, Timetables
from unisono.directory.runs.turns import Turns
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Conflict
from unisono.kernel.tasks import Works, together
from unisono.storage import Database


class RunService:
    """The runs of all sources, or of all exports, of this server. Run `run` beside everything else: it does them."""

    def __init__(
        self, database: Database, clock: Clock, what: What, worker: str, zone_of: Callable[[str], tzinfo]
    ) -> None:
        self.runs = Runs(database, clock, what)
        self._clock = clock
        self._what = what
        self._turns = Turns(self.runs, clock, worker, self._over, self._lost)
        self._timetables = Timetables(clock, zone_of)

    async def wait(self, run: Run) -> Run:
        """Wait until a run that was started here is over; gives it as it ended."""
        return await self._turns.wait(run)

    async def shown(self, id: str) -> Run:
        """A run as it stands now; one that goes on here is over only when its effects can be seen. Raises `NotFound`."""
        return self.as_it_stands(await self.runs.run(id))

    async def last(self, owner: str, limit: int) -> list[Run]:
        """The last runs of a source or an export as they stand now, the newest first."""
        return [self.as_it_stands(run) for run in await self.runs.runs(owner, limit)]

    def as_it_stands(self, run: Run) -> Run:
        """A run of the database with what is known here of how far it is."""
        return self._turns.as_it_stands(run)

    async def cancel(self, id: str) -> None:
        """Stop a run; nothing of it counts. Raises `NotFound`, `Conflict` if it is over, or goes on elsewhere."""
        await self._turns.cancel(id)

    async def confirm(self, id: str) -> Run:
        """Do what a run asks about. Raises `NotFound`, `Conflict`."""
        raise NotImplementedError

    async def refuse(self, id: str) -> Run:
        """Leave everything as it is. Raises `NotFound`, `Conflict` if the run asks nothing."""
        return await self.runs.end(replace(await self._asking(id), state=RunState.REFUSED))

    async def _asking(self, id: str) -> Run:
        run = await self.runs.run(id)
        if run.state is not RunState.ASKS:
            raise Conflict("asks-nothing", "This run asks nothing.")
        return run

    async def last_and_due(self, all: Sequence[Scheduled]) -> dict[str, tuple[Run | None, datetime | None]]:
        """Of each its last run as it stands now, and when it runs next by itself (None: only on demand)."""
        last, counted = await self.runs.last_runs(), await self._last_whole()
        shown = {id: self.as_it_stands(run) for id, run in last.items()}
        return {each.id: (shown.get(each.id), self._timetables.due(each, counted.get(each.id))) for each in all}

    async def _last_whole(self) -> dict[str, Run]:
        """The last runs that a schedule counts from: one that only looks, or asks no source, puts off nothing."""
        return await self.runs.last_runs((Mode.FULL, Mode.INCREMENTAL))

    def times(self, schedule: str, location_id: str, count: int) -> list[datetime]:
        """The next times of a schedule, were it saved now; none for "". Raises `Invalid`."""
        return self._timetables.times(schedule, location_id, count)

    async def run(self, works: Works) -> None:
        """Do the runs, and start those that are due, for ever."""
        def due() -> Awaitable[None]:
            return self._timetables.run(self._scheduled, self._last_whole, self._start_due)

        name = f"{self._what}s"
        await together(self._turns.run(name, works), works.forever(f"{name}: times", due))

    async def _scheduled(self) -> Sequence[Scheduled]:
        """All that may have a schedule."""
        raise NotImplementedError

    async def _start_due(self, id: str) -> Run:
        """Its time has come. Raises `NotFound`, `Conflict`."""
        raise NotImplementedError

    async def _over(self, run: Run) -> None:
        """The process of a run is gone, and nobody has been told yet that it is over."""

    async def _lost(self) -> None:
        """Runs that were done elsewhere, or by a server here that was killed, are over or have been closed."""
