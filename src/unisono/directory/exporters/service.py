"""Runs the exports: on demand, by schedule, one after the other, each in a process of its own."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import datetime, tzinfo
from pathlib import Path

import msgspec
import structlog

from unisono.directory.exporters import configure
from unisono.directory.exporters.kinds import kind
from unisono.directory.exporters.model import Exporter, ExportRun
from unisono.directory.exporters.orders import CheckOrder, ExportOrder, Previewed, PreviewOrder
from unisono.directory.exporters.store import LOST, Exporters
from unisono.directory.replicators.model import Counts, RunState, Trigger
from unisono.directory.replicators.orders import Ended, Faulted, Looked, Place, Told
from unisono.directory.replicators.process import answer, answers, lines
from unisono.directory.replicators.schedule import parse as parse_schedule
from unisono.directory.replicators.source import Check
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Conflict, Culprit, Fault, Invalid, NotFound, Unavailable
from unisono.kernel.tasks import together
from unisono.storage import Database

MOST_WAITING = 20
WORKER = "unisono.directory.exporters.worker"
_CHECK_SECONDS = 60.0
_BEAT_SECONDS = 10.0
_TICK_SECONDS = 20.0

log = structlog.get_logger("exports")


def _deaf(counts: Counts) -> None:
    """Nobody listens."""


class Exports:
    """The exports of this server. Run `run` beside everything else: it does them."""

    def __init__(
        self, database: Database, clock: Clock, place: Place, folder: str, zone_of: Callable[[str], tzinfo]
    ) -> None:
        self.store = Exporters(database, clock)
        self._clock = clock
        self._place = place
        self._exports = folder
        self._zone_of = zone_of
        self._saving = asyncio.Lock()
        self._queue: asyncio.Queue[ExportRun] = asyncio.Queue(maxsize=MOST_WAITING)
        self._waiting: dict[str, ExportRun] = {}
        self._counts: dict[str, Counts] = {}
        self._ended: dict[str, asyncio.Future[ExportRun]] = {}
        """Runs that wait or go on here."""
        self._doing = asyncio.Lock()
        self._agreed: set[str] = set()
        self._stopped: set[str] = set()
        self._under_way: tuple[str, asyncio.Task[ExportRun | None]] | None = None

    async def save(self, wanted: Exporter) -> Exporter:
        """Check and store an export; an empty id makes a new one. Raises `Invalid` and says where, `Conflict`.

        An empty secret among its settings means the stored one.
        """
        async with self._saving:
            before = await self.store.get(wanted.id) if wanted.id else None
            wanted = configure.checked(wanted, before, self._exports)
            if wanted.file:
                target = configure.target_in(self._exports, wanted.file)
                for other in await self.store.all():
                    if other.id != wanted.id and other.file and configure.target_in(self._exports, other.file) == target:
                        message = f"The export {other.name} writes this file."
                        raise Conflict("export-file-taken", message, data={"field": "file", "export": other.name})
            return await self.store.save(wanted)

    async def remove(self, id: str) -> None:
        """Forget an export; what it wrote elsewhere stays. Raises `NotFound`, `Conflict` while it runs."""
        await self.store.remove(id)
        for path in (Path(self._place.folder) / configure.KEPT).glob(f"{id}.*"):
            await asyncio.to_thread(path.unlink)

    async def check(self, id: str, key: str, settings: dict[str, object]) -> Check:
        """Test whether another directory can be filled; with `id` empty secrets are those of that export. Raises `Fault`."""
        before = await self.store.get(id) if id else None
        wanted = configure.checked(Exporter(id, "check", key, settings=settings), before, self._exports)
        found = await answer(CheckOrder(key, wanted.settings), _CHECK_SECONDS, WORKER)
        match found:
            case Looked():
                return found.check
            case Faulted():
                raise Fault(found.code, found.message, culprit=Culprit(found.culprit), data=found.data)
        raise AssertionError(found)

    async def preview(self, wanted: Exporter) -> Previewed:
        """The first contacts as they would leave; in a process of its own, for an expression may take long. Raises `Fault`."""
        before = await self.store.get(wanted.id) if wanted.id else None
        order = PreviewOrder(self._place, configure.checked(wanted, before, self._exports))
        try:
            async with asyncio.timeout(_CHECK_SECONDS), aclosing(lines(order, WORKER)) as said:
                async for line in said:
                    match msgspec.json.decode(line, type=Previewed | Faulted):
                        case Previewed() as seen:
                            return seen
                        case Faulted() as found:
                            raise Fault(found.code, found.message, culprit=Culprit(found.culprit), data=found.data)
        except TimeoutError:
            message = f"The first contacts took longer than {_CHECK_SECONDS:g} seconds: is a regular expression too hard?"
            raise Fault("export-too-long", message, data={"seconds": int(_CHECK_SECONDS)}) from None
        raise Fault("export-lost", LOST, culprit=Culprit.US)

    @property
    def writes_files(self) -> bool:
        """Whether the operator has set a folder for exports."""
        return bool(self._exports)

    async def size(self, exporter: Exporter) -> int | None:
        """Bytes of the last good file of an export; None if there is none here."""
        try:
            path = configure.target_of(exporter, self._exports, Path(self._place.folder))
            return (await asyncio.to_thread(path.stat)).st_size
        except (OSError, Invalid):
            return None

    async def file(self, id: str) -> tuple[Exporter, Path]:
        """Where the last good file of an export is. Raises `NotFound` if there is none here."""
        exporter = await self.store.get(id)
        path = configure.target_of(exporter, self._exports, Path(self._place.folder))
        if not kind(exporter.kind).suffix or not await asyncio.to_thread(path.is_file):
            raise NotFound("export-no-file-yet", "There is no file of this export here yet. Run it first.", data={"id": id})
        return exporter, path

    # Runs

    async def start(self, id: str, trigger: Trigger, *, dry: bool = False, agreed: bool = False) -> ExportRun:
        """Begin a run; `agreed`: it asks nothing. Raises `NotFound`, `Conflict`."""
        await self.store.get(id)
        if self._queue.full():
            raise Conflict("too-many-exports", "Too many exports are waiting. Try again when some are done.")
        run = await self.store.begin(id, trigger, dry=dry)
        if agreed:
            self._agreed.add(run.id)
        self._waiting[run.id] = run
        self._ended[run.id] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait(run)
        return run

    async def now(
        self, id: str, trigger: Trigger, *, dry: bool, agreed: bool = False, told: Callable[[Counts], None] = _deaf
    ) -> ExportRun:
        """Do a run at once, and wait for it; `told` hears how far it is."""
        run = await self.store.begin(id, trigger, dry=dry)
        if agreed:
            self._agreed.add(run.id)
        self._ended[run.id] = asyncio.get_running_loop().create_future()
        try:
            return await self._do(run, told)
        finally:
            self._over(run)

    async def wait(self, run: ExportRun) -> ExportRun:
        """Wait until a run that was started here is over; gives it as it ended."""
        ended = self._ended.get(run.id)
        return await asyncio.shield(ended) if ended is not None else await self.store.run(run.id)

    async def shown(self, id: str) -> ExportRun:
        """A run as it stands now. Raises `NotFound`."""
        run = await self.store.run(id)
        return replace(run, counts=self._counts[id]) if id in self._counts and run.ended is None else run

    async def cancel(self, id: str) -> None:
        """Stop a run; what was exported before stays. Raises `NotFound`, `Conflict` if it does not run here."""
        run = await self.store.run(id)
        if run.state is not RunState.RUNNING or id not in self._ended:
            raise Conflict("not-running", "This run is over, or another server does it.")
        self._stopped.add(id)
        if self._under_way and self._under_way[0] == id:
            self._under_way[1].cancel()

    async def confirm(self, id: str) -> ExportRun:
        """Do again, without asking, what a run asks about: a new run. Raises `NotFound`, `Conflict`."""
        run = await self._asking(id)
        await self.store.end(replace(run, state=RunState.REFUSED, code="confirmed", message="", data={}))
        return await self.start(run.exporter, Trigger.MANUAL, agreed=True)

    async def refuse(self, id: str) -> ExportRun:
        """Leave what was exported before as it is."""
        return await self.store.end(replace(await self._asking(id), state=RunState.REFUSED))

    async def _asking(self, id: str) -> ExportRun:
        run = await self.store.run(id)
        if run.state is not RunState.ASKS:
            raise Conflict("asks-nothing", "This run asks nothing.")
        return run

    async def run(self) -> None:
        """Do the runs, and start those that are due, for ever."""
        await together(self._work(), self._keep_alive(), self._by_schedule())

    async def _work(self) -> None:
        while True:
            run = await self._queue.get()
            del self._waiting[run.id]
            try:
                if run.id in self._stopped:
                    await self.store.end(replace(run, state=RunState.CANCELLED))
                else:
                    await self._do(run, _deaf)
            except Exception:
                log.exception("export failed", run=run.id)
            finally:
                self._over(run)

    def _over(self, run: ExportRun) -> None:
        self._counts.pop(run.id, None)
        self._stopped.discard(run.id)
        self._agreed.discard(run.id)
        ended = self._ended.pop(run.id)
        if not ended.done():
            ended.set_result(replace(run, state=RunState.FAILED, code="internal"))

    async def _do(self, run: ExportRun, told: Callable[[Counts], None]) -> ExportRun:
        """Let a process do a run; gives it as it ended, even if that cannot be written down (a full disk)."""
        async with self._doing:
            try:
                async with asyncio.TaskGroup() as tasks:
                    listening = tasks.create_task(self._listen(run, told))
                    self._under_way = run.id, listening
            finally:
                self._under_way = None
        if not listening.cancelled() and listening.result() is not None:
            ended = listening.result() or run
        elif run.id in self._stopped:
            ended = replace(run, state=RunState.CANCELLED)
        else:
            ended = replace(run, state=RunState.FAILED, code="export-lost", message=LOST)
        try:
            known = await self.store.run(run.id)
            ended = known if known.state is not RunState.RUNNING else await self.store.end(ended)
        except Unavailable as fault:
            log.error("the end of an export cannot be written down", run=run.id, reason=fault.message)
        self._ended[run.id].set_result(ended)
        return ended

    async def _listen(self, run: ExportRun, told: Callable[[Counts], None]) -> ExportRun | None:
        """What the process says of the end of a run; None if it ended without a word."""
        ended = None
        order = ExportOrder(self._place, run.id, self._exports, run.id in self._agreed)
        async with aclosing(answers(order, WORKER)) as found:
            async for each in found:
                match each:
                    case Told():
                        self._counts[run.id] = each.counts
                        told(each.counts)
                    case Faulted():
                        ended = replace(run, state=RunState.FAILED, code=each.code, message=each.message, data=each.data)
                    case Ended():
                        return ended or await self.store.run(run.id)
        return ended

    async def _keep_alive(self) -> None:
        """Runs that wait for their turn live too."""
        while True:
            await self._clock.sleep(_BEAT_SECONDS)
            for run in list(self._waiting.values()):
                with suppress(Unavailable):
                    await self.store.beat(run, Counts())

    async def _by_schedule(self) -> None:
        first_seen = self._clock.now()
        while True:
            await self._clock.sleep(_TICK_SECONDS)
            try:
                await self._start_due(first_seen)
            except Unavailable:
                log.warning("schedules wait for the database")

    async def _start_due(self, first_seen: datetime) -> None:
        last = await self.store.last_runs()
        for exporter in await self.store.all():
            due = self.due(exporter, last.get(exporter.id), first_seen)
            if due is not None and due <= self._clock.now():
                try:
                    await self.start(exporter.id, Trigger.SCHEDULE)
                except Conflict:
                    log.info("an export that is due is still running", export=exporter.name)

    def due(self, exporter: Exporter, last: ExportRun | None, first_seen: datetime | None = None) -> datetime | None:
        """When an export runs next by itself; None: only on demand."""
        schedule = parse_schedule(exporter.schedule) if exporter.enabled else None
        if schedule is None:
            return None
        return schedule.next(last.started if last else first_seen or self._clock.now(), self._zone_of(exporter.location_id))
