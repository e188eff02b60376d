"""Runs that take long: one after the other, each in a process of its own. Sources are read so, and exports written."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import datetime

import msgspec

from unisono.directory.runs.ending import STOP
from unisono.directory.runs.model import Counts, Run, RunState
from unisono.directory.runs.process import Ended, Faulted, Told, lines
from unisono.directory.runs.store import Runs, forgotten, lost
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Conflict, NotFound, Unavailable
from unisono.kernel.log import Log
from unisono.kernel.tasks import Works, together

MOST_WAITING = 20
_BEAT_SECONDS = 10.0

log = Log("directory")


def deaf(counts: Counts) -> None:
    """Nobody listens."""


class Turns:
    """The runs that wait or go on here. `worker`: the module whose process does them.

    `over` is called when the process of a run is gone, before anybody is told that the run is over; `lost` when a run that
    nobody does here is over or was closed, by whichever server.
    """

    def __init__(
        self, runs: Runs, clock: Clock, worker: str, over: Callable[[Run], Awaitable[None]], lost: Callable[[], Awaitable[None]]
    ) -> None:
        self._runs = runs
        self._clock = clock
        self._worker = worker
        self._run_over = over
        self._run_lost = lost
        self._queue: asyncio.Queue[tuple[Run, msgspec.Struct]] = asyncio.Queue()
        self._waiting: dict[str, Run] = {}
        """Runs whose turn has not come."""
        self._counts: dict[str, Counts] = {}
        self._ended: dict[str, asyncio.Future[Run]] = {}
        """Runs that wait or go on here."""
        self._doing = asyncio.Lock()
        self._stopped: set[str] = set()
        """Runs that somebody wants no more."""
        self._attended: set[str] = set()
        """Runs for which somebody waits: when they stop waiting, they want them no more."""
        self._under_way: tuple[str, asyncio.Task[Run | None]] | None = None

    @property
    def full(self) -> bool:
        """Whether so many wait that nobody should add another."""
        return len(self._waiting) >= MOST_WAITING

    def put(self, run: Run, order: msgspec.Struct) -> Run:
        """Let a run that was begun wait for its turn; `order` is what its process is told."""
        self._begun(run)
        self._queue.put_nowait((run, order))
        return run

    async def now(self, run: Run, order: msgspec.Struct, told: Callable[[Counts], None] = deaf) -> Run:
        """Do a run that was begun before all that wait, and wait for it; `told` hears how far it is."""
        self._begun(run)
        self._attended.add(run.id)
        try:
            return await self._do(run, order, told)
        except asyncio.CancelledError:
            # Its process may never have heard of it: it waited for its turn, or had only just been started.
            await self._end(run, replace(run, state=RunState.CANCELLED))
            raise
        finally:
            self._over(run)

    async def wait(self, run: Run) -> Run:
        """Wait until a run that was started here is over; gives it as it ended."""
        ended = self._ended.get(run.id)
        return await asyncio.shield(ended) if ended is not None else await self._runs.run(run.id)

    def has(self, id: str) -> bool:
        """Whether a run waits or goes on here."""
        return id in self._ended

    def as_it_stands(self, run: Run) -> Run:
        """A run of the database with what is known here of how far it is."""
        if run.id not in self._ended:
            return run
        return replace(run, state=RunState.RUNNING, ended=None, counts=self._counts.get(run.id, run.counts))

    async def cancel(self, id: str) -> None:
        """Stop a run; one that waits for its turn, or was lost, is over at once.

        Raises `NotFound`, `Conflict` if it is over, or goes on elsewhere.
        """
        run = await self._runs.run(id)
        if run.state is not RunState.RUNNING:
            raise Conflict("not-running", "This run is over.")
        if id not in self._ended:
            await self._runs.give_up(run)
            await self._run_lost()
            return
        self._stopped.add(id)
        if self._under_way and self._under_way[0] == id:
            self._under_way[1].cancel()
        elif self._waiting.pop(id, None) is not None:
            try:
                await self._end(run, replace(run, state=RunState.CANCELLED))
            finally:
                self._over(run)

    async def run(self, name: str, works: Works) -> None:
        """Do the runs that wait, for ever; `name`: what they are called among the works."""
        await together(
            works.forever(f"{name}: runs", self._work),
            works.forever(f"{name}: runs that wait", self._keep_alive),
            works.forever(f"{name}: runs that are lost", self._close),
        )

    def _begun(self, run: Run) -> None:
        self._waiting[run.id] = run
        self._ended[run.id] = asyncio.get_running_loop().create_future()

    async def _work(self) -> None:
        while True:
            run, order = await self._queue.get()
            if run.id not in self._waiting:
                continue  # cancelled
            try:
                await self._do(run, order, deaf)
            finally:
                self._over(run)

    def _over(self, run: Run) -> None:
        self._waiting.pop(run.id, None)
        self._counts.pop(run.id, None)
        self._stopped.discard(run.id)
        self._attended.discard(run.id)
        self._tell(run, lost(run))
        self._ended.pop(run.id, None)

    def _tell(self, run: Run, ended: Run) -> None:
        """Whoever waits for a run is told how it ended; what they were told before stays."""
        over = self._ended.get(run.id)
        if over is not None and not over.done():
            over.set_result(ended)

    async def _do(self, run: Run, order: msgspec.Struct, told: Callable[[Counts], None]) -> Run:
        """Let a process do a run; gives it as it ended, even if that cannot be written down (a full disk)."""
        over = self._ended[run.id]
        async with self._doing:
            cancelled = self._waiting.pop(run.id, None) is None
            ended = None if cancelled else await self._in_process(run, order, told)
        if cancelled:
            return await asyncio.shield(over)
        if ended is None:
            ended = replace(run, state=RunState.CANCELLED) if run.id in self._stopped else lost(run)
        return await self._end(run, ended)

    async def _end(self, run: Run, ended: Run) -> Run:
        """Write down how a run ended, and tell; gives it as it is known to have ended."""
        try:
            known = await self._runs.run(run.id)
            ended = known if known.state is not RunState.RUNNING else await self._runs.end(ended)
        except NotFound:
            log.info("a run was forgotten with its owner before it was told that it is over", run=run.id)
        except Unavailable as fault:
            log.error("the end of a run cannot be written down", run=run.id, reason=fault.message)
        await self._run_over(run)
        self._tell(run, ended)
        return ended

    async def _in_process(self, run: Run, order: msgspec.Struct, told: Callable[[Counts], None]) -> Run | None:
        """How a run ended; None if its process said nothing, or was stopped."""
        try:
            async with asyncio.TaskGroup() as tasks:
                beating = tasks.create_task(self._beat(run))
                listening = tasks.create_task(self._listen(run, order, told))
                listening.add_done_callback(lambda _: beating.cancel())
                self._under_way = run.id, listening
        finally:
            self._under_way = None
        return None if listening.cancelled() else listening.result()

    async def _listen(self, run: Run, order: msgspec.Struct, told: Callable[[Counts], None]) -> Run | None:
        ended = None
        async with aclosing(lines(order, self._worker, lambda: self._last(run.id))) as said:
            async for line in said:
                match each := msgspec.json.decode(line, type=Told | Faulted | Ended):
                    case Told():
                        self._counts[run.id] = each.counts
                        told(each.counts)
                    case Faulted():
                        ended = replace(run, state=RunState.FAILED, code=each.code, message=each.message, data=each.data)
                    case Ended():
                        try:
                            return ended or await self._runs.run(run.id)
                        except NotFound:
                            return forgotten(replace(run, state=each.state, counts=each.counts))
        return ended

    def _last(self, id: str) -> bytes:
        return STOP if id in self._stopped or id in self._attended else b""

    async def _beat(self, run: Run) -> None:
        """A run lives as long as its process does, also while that cannot say so: it may be fetching a large file."""
        while True:
            await self._clock.sleep(_BEAT_SECONDS)
            with suppress(Unavailable):
                await self._runs.beat(run, self._counts.get(run.id, run.counts))

    async def _keep_alive(self) -> None:
        """Runs that wait for their turn live too."""
        while True:
            await self._clock.sleep(_BEAT_SECONDS)
            for run in list(self._waiting.values()):
                with suppress(Unavailable):
                    await self._runs.beat(run, run.counts)

    async def _close(self) -> None:
        """Close runs that nobody does any more: overdue at two looks, and nothing was heard of them in between.

        At one look it may only be that the clock of whoever does them is behind ours. What goes on elsewhere and is over at the
        next look may have been closed there.
        """
        elsewhere, overdue = frozenset[str](), frozenset[tuple[str, datetime]]()
        while True:
            with suppress(Unavailable):
                leases, now = await self._runs.leases(), self._clock.now()
                before, overdue = overdue, frozenset((id, lease) for id, lease in leases.items() if lease < now)
                lost = [id for id, lease in overdue & before if id not in self._ended and await self._runs.lose(id, lease)]
                if lost:
                    log.warning("whoever did these runs was ended from outside", runs=lost)
                over = elsewhere - leases.keys()
                elsewhere = frozenset(leases.keys() - self._ended.keys()).difference(lost)
                if lost or over:
                    await self._run_lost()
            await self._clock.sleep(_BEAT_SECONDS)
