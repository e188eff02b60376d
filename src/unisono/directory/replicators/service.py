"""Runs the replicators: on demand, by schedule, one after the other, each in a process of its own."""

import asyncio
import hmac
import shutil
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import msgspec
import structlog

from unisono.directory.model import Book
from unisono.directory.replicators import configure
from unisono.directory.replicators.job import runs_of
from unisono.directory.replicators.kinds import kind
from unisono.directory.replicators.layers import Layers
from unisono.directory.replicators.mapping import Rule
from unisono.directory.replicators.model import Counts, Mode, Publication, Replicator, Run, RunState, Trigger
from unisono.directory.replicators.orders import (
    Answer,
    Ended,
    Faulted,
    Looked,
    LookOrder,
    MapOrder,
    Mapped,
    Place,
    RunOrder,
    Told,
)
from unisono.directory.replicators.process import answer, answers
from unisono.directory.replicators.schedule import parse as parse_schedule
from unisono.directory.replicators.store import Replicators
from unisono.directory.settings import DirectorySettings
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Conflict, Culprit, Fault, Forbidden, TooMany, Unavailable
from unisono.kernel.secrets import new_token
from unisono.kernel.tasks import together
from unisono.people.attempts import Attempts
from unisono.storage import Database

MOST_WAITING = 20
_LOOK_SECONDS = 60.0
_BEAT_SECONDS = 10.0
_TICK_SECONDS = 20.0
_FREE_TRIES = 5
_LONGEST_WAIT = 300.0
UPLOADS = "uploads"
"""The folder of files that were handed over to us, below that of the segments."""

log = structlog.get_logger("replicators")

Changed = Callable[[], Awaitable[None]]
"""Called when a book may have changed."""


def _deaf(counts: Counts) -> None:
    """Nobody listens."""


class Replication:
    """The runs of this server. Run `run` beside everything else: it does them."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        place: Place,
        settings: DirectorySettings,
        changed: Changed,
        zone_of: Callable[[str], tzinfo],
    ) -> None:
        self._settings = settings
        self._uploads = Path(place.folder) / UPLOADS
        self._attempts = Attempts(_FREE_TRIES, _LONGEST_WAIT)
        self.store = Replicators(database, clock)
        self.layers = Layers(database)
        self._clock = clock
        self._place = place
        self._changed = changed
        self._zone_of = zone_of
        self._queue: asyncio.Queue[Run] = asyncio.Queue(maxsize=MOST_WAITING)
        self._waiting: dict[str, Run] = {}
        self._counts: dict[str, Counts] = {}
        self._ended: dict[str, asyncio.Future[Run]] = {}
        """Runs that wait or go on here."""
        self._doing = asyncio.Lock()
        self._stopped: set[str] = set()
        self._under_way: tuple[str, asyncio.Task[Run | None]] | None = None

    async def save(self, wanted: Replicator, book: Book) -> Replicator:
        """Check and store a replicator; an empty id makes a new one. Raises `Invalid` and says where, `Conflict`.

        An empty secret among its settings means the stored one. If contacts now come out otherwise, they are made anew.
        """
        before = await self.store.get(wanted.id) if wanted.id else None
        of_book = await self.store.of_book(book.id)
        if of_book is not None and of_book.id != wanted.id:
            message = f"This book is filled by the source {of_book.name}; choose another name."
            raise Conflict("book-of-source", message, data={"source": of_book.name})
        wanted = configure.checked(wanted, before, self._settings, self._uploads)
        saved = await self.store.save(wanted, book)
        if before is not None and configure.comes_out_otherwise(before, saved) and await self.layers.published(book.id):
            with suppress(Conflict):
                await self.start(saved.id, Mode.REMAKE, Trigger.SERVER)
        return saved

    async def remove(self, id: str) -> None:
        """Forget a replicator; its book stays as it is. Raises `NotFound`, `Conflict` while it is being read."""
        await self.store.get(id)
        await self.store.remove(id)

    async def start(self, id: str, mode: Mode | None, trigger: Trigger) -> Run:
        """Begin a run; None: incremental where source and options allow. Raises `NotFound`, `Conflict`."""
        replicator = await self.store.get(id)
        if self._queue.full():
            raise Conflict("too-many-runs", "Too many sources are waiting to be read. Try again when some are done.")
        run = await self.store.begin(id, mode or self._mode(replicator), trigger)
        self._waiting[run.id] = run
        self._ended[run.id] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait(run)
        return run

    def _mode(self, replicator: Replicator) -> Mode:
        """Only what changed, where the source can tell and the last full run is not too long ago."""
        days = replicator.options.full_after_days
        if not kind(replicator.kind).incremental or not replicator.cursor or replicator.full is None:
            return Mode.FULL
        old = days and self._clock.now() - replicator.full >= timedelta(days=days)
        return Mode.FULL if old else Mode.INCREMENTAL

    async def now(
        self, id: str, mode: Mode | None, trigger: Trigger, *, replaces: bool = False, told: Callable[[Counts], None] = _deaf
    ) -> Run:
        """Do a run at once, and wait for it; `told` hears how far it is.

        `replaces`: somebody has just said what the book shall hold, so that it asks nothing.
        """
        replicator = await self.store.get(id)
        run = await self.store.begin(id, mode or self._mode(replicator), trigger)
        self._ended[run.id] = asyncio.get_running_loop().create_future()
        try:
            return await self._do(run, replaces=replaces, told=told)
        finally:
            self._over(run)

    async def wait(self, run: Run) -> Run:
        """Wait until a run that was started here is over; gives it as it ended."""
        ended = self._ended.get(run.id)
        return await asyncio.shield(ended) if ended is not None else await self.store.run(run.id)

    def counts(self, id: str) -> Counts | None:
        """How far a run is that goes on here."""
        return self._counts.get(id)

    async def shown(self, id: str) -> Run:
        """A run as it stands now; one that goes on here is over only when its contacts can be found. Raises `NotFound`."""
        return self.as_it_stands(await self.store.run(id))

    def as_it_stands(self, run: Run) -> Run:
        """A run of the database with what is known here of how far it is."""
        if run.id not in self._ended:
            return run
        return replace(run, state=RunState.RUNNING, ended=None, counts=self._counts.get(run.id, run.counts))

    async def cancel(self, id: str) -> None:
        """Stop a run; nothing of it counts. Raises `NotFound`, `Conflict` if it does not run here."""
        run = await self.store.run(id)
        if run.state is not RunState.RUNNING or id not in self._ended:
            raise Conflict("not-running", "This run is over, or another server does it.")
        self._stopped.add(id)
        if self._under_way and self._under_way[0] == id:
            self._under_way[1].cancel()

    async def confirm(self, id: str) -> Run:
        """Publish what a run asks about. Raises `Conflict` if the book has changed since, or it asks nothing."""
        run = await self._asking(id)
        wanted = msgspec.convert(run.data.get("publish"), Publication)
        replicator = await self.store.get(run.replicator)
        full = datetime.fromisoformat(wanted.full) if wanted.full else replicator.full
        replicator = replace(replicator, cursor=wanted.cursor, read_columns=wanted.columns, full=full)
        done = replace(run, code="", message="", data={})
        published = await self.layers.publish(
            run.layer, replaces=wanted.replaces, replicator=replicator, run=done, report=None
        )
        await self._changed()
        return published

    async def refuse(self, id: str) -> Run:
        """Leave the book as it is."""
        run = await self.store.end(replace(await self._asking(id), state=RunState.REFUSED))
        await self.layers.sweep()
        return run

    async def _asking(self, id: str) -> Run:
        run = await self.store.run(id)
        if run.state is not RunState.ASKS:
            raise Conflict("asks-nothing", "This run asks nothing.")
        return run

    async def look(
        self, id: str, key: str, settings: dict[str, object], mapping: tuple[Rule, ...], location_id: str, rows: int
    ) -> Looked:
        """Test a source, and with `rows` read so many of its first records. Raises `Fault`.

        With `id` empty secrets among the settings are those of that source.
        """
        before = await self.store.get(id) if id else None
        wanted = Replicator(id, "", "", key, settings=settings)
        full = configure.settings_of(wanted, before, self._settings, self._uploads)
        found = await answer(LookOrder(self._place, key, full, mapping, location_id, rows), _LOOK_SECONDS)
        if isinstance(found, Looked):
            return found
        raise _fault(found)

    async def mapped(
        self, records: tuple[dict[str, str], ...], mapping: tuple[Rule, ...], location_id: str
    ) -> Mapped:
        """What records at hand become through a mapping; their source is not asked. Raises `Fault`."""
        found = await answer(MapOrder(self._place, records, mapping, location_id), _LOOK_SECONDS)
        if isinstance(found, Mapped):
            return found
        raise _fault(found)

    def times(self, schedule: str, location_id: str, count: int) -> list[datetime]:
        """The next times of a schedule, were it saved now; none for "". Raises `Invalid`."""
        found, zone, moment = parse_schedule(schedule), self._zone_of(location_id), self._clock.now()
        times: list[datetime] = []
        while found is not None and len(times) < count and (after := found.next(moment, zone)) is not None:
            moment = after
            times.append(after)
        return times

    # Webhook

    async def renew_secret(self, id: str) -> str:
        """A new secret for the webhook of a source."""
        secret = new_token()
        await self.store.set_secret(id, secret)
        return secret

    async def forget_secret(self, id: str) -> None:
        """No webhook for a source."""
        await self.store.set_secret(id, "")

    async def hooked(self, id: str, secret: str, address: str) -> Run:
        """Somebody who knows the secret of a source wants it read. Raises `Forbidden`, `TooMany`, `Conflict`."""
        now = self._clock.monotonic()
        wait = self._attempts.wait(address, now)
        if wait:
            raise TooMany("too-many-attempts", "Too many wrong secrets came from there. Wait.", wait)
        self._attempts.begin(address, now)
        known = await self.store.secret(id)
        if not hmac.compare_digest(secret.encode(), known.encode()) or not known:
            raise Forbidden("wrong-secret", "There is no source with this secret.")
        self._attempts.excuse(address)
        return await self.start(id, None, Trigger.WEBHOOK)

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
                    await self._do(run)
            except Exception:
                log.exception("run failed", run=run.id)
            finally:
                self._over(run)

    def _over(self, run: Run) -> None:
        self._counts.pop(run.id, None)
        self._stopped.discard(run.id)
        ended = self._ended.pop(run.id)
        if not ended.done():
            ended.set_result(replace(run, state=RunState.FAILED, code="internal"))

    async def _do(self, run: Run, *, replaces: bool = False, told: Callable[[Counts], None] = _deaf) -> Run:
        """Let a process do a run; gives it as it ended, even if that cannot be written down (a full disk)."""
        async with self._doing:
            try:
                async with asyncio.TaskGroup() as tasks:
                    listening = tasks.create_task(self._listen(run, replaces, told))
                    self._under_way = run.id, listening
            finally:
                self._under_way = None
                await asyncio.to_thread(shutil.rmtree, runs_of(Path(self._place.folder), run.id), ignore_errors=True)
        if not listening.cancelled() and listening.result() is not None:
            ended = listening.result() or run
        elif run.id in self._stopped:
            ended = replace(run, state=RunState.CANCELLED)
        else:
            message = "The import process was ended from outside. Nothing of it counts; run it again."
            ended = replace(run, state=RunState.FAILED, code="run-lost", message=message)
        try:
            known = await self.store.run(run.id)
            ended = known if known.state is not RunState.RUNNING else await self.store.end(ended)
            await self._changed()
        except Unavailable as fault:
            log.error("the end of a run cannot be written down", run=run.id, reason=fault.message)
        self._ended[run.id].set_result(ended)
        return ended

    async def _listen(self, run: Run, replaces: bool, told: Callable[[Counts], None]) -> Run | None:
        """What the process says of the end of a run; None if it ended without a word."""
        ended = None
        async with aclosing(answers(RunOrder(self._place, run.id, replaces))) as found:
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
        for replicator in await self.store.all():
            due = self.due(replicator, last.get(replicator.id), first_seen)
            if due is not None and due <= self._clock.now():
                try:
                    await self.start(replicator.id, None, Trigger.SCHEDULE)
                except Conflict:
                    log.info("a source that is due is still being read", source=replicator.name)

    def due(self, replicator: Replicator, last: Run | None, first_seen: datetime | None = None) -> datetime | None:
        """When a replicator is read next by itself; None: only on demand."""
        schedule = parse_schedule(replicator.schedule) if replicator.enabled else None
        if schedule is None:
            return None
        zone = self._zone_of(replicator.location_id)
        return schedule.next(last.started if last else first_seen or self._clock.now(), zone)


def _fault(found: Answer) -> Fault:
    """What an answer that was not wanted means."""
    assert isinstance(found, Faulted), found
    return Fault(found.code, found.message, culprit=Culprit(found.culprit), data=found.data)
