"""The import process, which `kernel/start.py` starts.

Its order comes as one line of JSON on standard input; what it does it tells as JSON lines on standard output. When standard
input ends, whoever gave the order is gone or, as they say then, has changed their mind: it stops, and nothing of it counts.
"""

import asyncio
import gc
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import msgspec

from unisono.directory.replicators import configure, expression, hooks
from unisono.directory.replicators.hands import Beside, Hand, spare_processors
from unisono.directory.replicators.job import Job, reader
from unisono.directory.replicators.kinds import is_file, kind
from unisono.directory.replicators.lane import as_shown, as_text, without_unseen
from unisono.directory.replicators.layers import Layers
from unisono.directory.replicators.mapping import Mapper
from unisono.directory.replicators.model import Hook, Replicator
from unisono.directory.replicators.orders import (
    Looked,
    LookOrder,
    MapOrder,
    Mapped,
    Order,
    RunOrder,
    Seen,
    SeenColumn,
)
from unisono.directory.replicators.run import Runner, remake
from unisono.directory.replicators.source import READ_ALL, Item, Record
from unisono.directory.replicators.store import Replicators, book_of_source
from unisono.directory.replicators.suggest import suggest
from unisono.directory.runs.ending import carried_out, database_at, tell
from unisono.directory.runs.model import BadRow, Counts, Mode, Report, Run, RunState, Trigger, What
from unisono.directory.runs.modest import be_modest, too_much_memory
from unisono.directory.runs.process import Ended, Faulted, Place, Told
from unisono.directory.runs.store import Runs
from unisono.kernel.clock import SystemClock
from unisono.kernel.errors import Culprit, Fault, Unavailable
from unisono.kernel.settings import parse
from unisono.numbers.service import Locations
from unisono.storage import Database

_TOLD_EVERY = 0.3
_SAMPLES = 5
_COLLECTED_AFTER = 1_000_000
"""Objects more than before until the first look for cycles."""


def main() -> None:
    """Do what the order says."""
    be_modest()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # from a terminal it reaches us too; whoever started us decides
    order: Order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
    try:
        if isinstance(order, LookOrder):
            tell(asyncio.run(look(order)))
            return
        if isinstance(order, MapOrder):
            tell(asyncio.run(map_records(order)))
            return
        job = asyncio.run(prepare(order))
        job.prepare()
        # What is read here has no cycles: looking for them costs a sixth of a large import.
        gc.freeze()
        gc.set_threshold(_COLLECTED_AFTER, 50, 100)
        try:
            # Forked while nothing else runs here: they share what is loaded, and no thread is lost in between.
            hands = [Beside.fork(job.calls) for _ in range(spare_processors())]
            asyncio.run(work(order, job, hands))
        finally:
            shutil.rmtree(job.runs, ignore_errors=True)
    except Fault as fault:
        tell(Faulted.of(fault))
    except MemoryError:
        tell(Faulted.of(too_much_memory()))


async def prepare(order: RunOrder) -> Job:
    """Read what the run needs to know."""
    async with database_at(order.place.database) as database:
        store, layers, locations = Replicators(database, SystemClock()), Layers(database), Locations(database)
        await locations.load()
        run = await Runs(database, SystemClock(), What.SOURCE).run(order.run)
        replicator = await _source(store, order, run.owner)
        if run.mode is not Mode.REMAKE and run.trigger is not Trigger.COMMAND:
            # Since it was saved a link may lead elsewhere, or a folder be allowed no more. Who gives commands is the operator.
            configure.check_files(replicator.kind, replicator.settings, order.place.files, order.place.uploads)
        made = await store.as_made(run.owner)
        of_book = (await layers.published(replicator.book)).get(replicator.book, [])
        edition = (await layers.editions()).get(replicator.book, 0)
        home = locations.or_default(replicator.location_id)
        otherwise = bool(of_book) and configure.comes_out_otherwise(made, replicator)
        if otherwise and run.mode is Mode.INCREMENTAL:
            run = replace(run, mode=Mode.FULL)
        return Job(replicator, run, home, Path(order.place.folder), tuple(of_book), edition, order.imports, otherwise)


async def _source(store: Replicators, order: RunOrder, id: str) -> Replicator:
    if order.as_made:
        return await store.as_made(id)
    if order.imports is None:
        return await store.get(id)
    before = await store.get(id, removed=bool(order.imports.name))
    if not is_file(before.kind):  # it became another one while the file was looked at
        raise book_of_source(before)
    return order.imports.over(before)


async def _locations(place: Place) -> Locations:
    async with database_at(place.database) as database:
        locations = Locations(database)
        await locations.load()
        return locations


async def map_records(order: MapOrder) -> Mapped:
    """Apply a mapping to records at hand."""
    mapper = Mapper(order.mapping, reader((await _locations(order.place)).or_default(order.location_id)))
    rules = [expression.parse(rule.value) for rule in order.mapping]
    texts = tuple(tuple(as_text(rule.values(values)) for rule in rules) for values in order.records)
    rows = tuple(_seen(Record("", values, line), mapper) for line, values in enumerate(order.records, 1))
    return Mapped(rows, texts)


async def look(order: LookOrder) -> Looked:
    """Test a source, and read its first records."""
    locations = await _locations(order.place)
    configure.check_files(order.kind, order.settings, order.place.files, order.place.uploads)
    found = kind(order.kind)
    source = found.open(parse(order.settings, found.settings))
    check = source.check()
    if not order.rows:
        return Looked(check)
    columns = source.columns()
    suggested = suggest(columns)
    # Columns that nobody knows are shown all the same: somebody has to see them to say what they mean.
    read = reader(locations.or_default(order.location_id))
    mapper = Mapper(order.mapping or suggested, read, complete=bool(order.mapping))
    items = source.read(None)
    try:
        rows = tuple(_seen(item, mapper) for item in islice(_records(items), order.rows))
    finally:
        close = getattr(items, "close", None)
        if close is not None:
            close()
    shown = tuple(SeenColumn(column.name, tuple(column.samples[:_SAMPLES])) for column in columns)
    return Looked(check, shown, order.mapping or suggested, suggested, rows)


def _records(items: Iterator[Item]) -> Iterator[Record | BadRow]:
    return (item for item in items if isinstance(item, Record | BadRow))


def _seen(item: Record | BadRow, mapper: Mapper) -> Seen:
    if isinstance(item, BadRow):
        return Seen({}, bad=item)
    item = without_unseen(item)
    draft = mapper.draft(item)
    if isinstance(draft, BadRow):
        return Seen(as_shown(item.values), bad=draft)
    return Seen(as_shown(item.values), draft.contact("", mapper.key(item)))


async def work(order: RunOrder, job: Job, hands: Sequence[Hand]) -> None:
    """Do a run to its end, whatever that is, and write down how it went."""
    async with database_at(order.place.database) as database:
        process = Process(order, job, hands, database)
        await process.work()
        for hand in hands:
            hand.close()
        asyncio.get_running_loop().remove_reader(0)  # what follows is only tidying up
        tell(process.ended())
        await process.layers.sweep()
    if process.state is not RunState.DONE:
        # A thread may still wait for a source that does not answer.
        shutil.rmtree(job.runs, ignore_errors=True)
        os._exit(0)


class Process:
    """One run in this process."""

    def __init__(self, order: RunOrder, job: Job, hands: Sequence[Hand], database: Database) -> None:
        self._order = order
        self._job = job
        self._hands = hands
        self._clock = SystemClock()
        self._runs = Runs(database, self._clock, What.SOURCE)
        self._counts = Counts()
        self._told = 0.0
        self._telling: asyncio.TimerHandle | None = None
        self._report: Report | None = None
        self._done = asyncio.Event()
        self.layers = Layers(database)
        self.state = RunState.RUNNING

    async def work(self) -> None:
        """Do the run; it ends with words, however it ends."""
        cut = await carried_out(self._runs, self._job.run, self._do(), lambda: self._counts, self._done)
        if cut is not None:
            await self._end(cut)

    def ended(self) -> Ended:
        """What is told of it then."""
        return Ended(self.state, self._counts)

    async def _do(self) -> None:
        try:
            if self._job.run.mode is Mode.REMAKE:
                run = await remake(self._job, self.layers, self._hands, self._clock, self._progress)
            else:
                await self._hook(self._job.replicator.options.before, "before-run")
                run = await self._replicate()
            await self._end(run)
        finally:
            self._done.set()
        if self._job.run.mode is not Mode.REMAKE:
            await self._hook_after(run)

    async def _replicate(self) -> Run:
        """The run; an incremental one whose source remembers too little is done again in full."""
        try:
            return await self._one(self._job)
        except Fault as fault:
            if fault.code != READ_ALL or self._job.run.mode is not Mode.INCREMENTAL:
                raise
        for hand in self._hands:
            await hand.call("begin", type=type(None))
        self._job = replace(self._job, run=replace(self._job.run, mode=Mode.FULL))
        return await self._one(self._job)

    async def _one(self, job: Job) -> Run:
        runner = Runner(job, self.layers, self._hands, self._clock, self._progress)
        self._report = runner.report
        return await runner.run(agreed=self._order.agreed)

    async def _progress(self, counts: Counts) -> None:
        self._counts = counts
        if self._telling is None:
            wait = self._told + _TOLD_EVERY - time.monotonic()
            self._telling = asyncio.get_running_loop().call_later(max(0.0, wait), self._tell_counts)

    def _tell_counts(self) -> None:
        self._telling = None
        self._told = time.monotonic()
        tell(Told(self._counts))

    async def _end(self, run: Run) -> None:
        if self.state is not RunState.RUNNING:
            return  # what comes after its end, as a hook that is cut off, does not change how it ended
        self.state, self._counts = run.state, run.counts
        if self._telling is not None:
            self._telling.cancel()
        if run.ended is None:
            try:
                await self._runs.end(run, self._report)
            except Unavailable:
                # A full disk: whoever gave the order has to know why, even so.
                tell(Faulted(run.code, run.message, Culprit.US.value, run.data))

    async def _hook(self, hook: Hook, event: str, run: Run | None = None) -> None:
        if hook:
            about = self._job.replicator
            told = hooks.Told(event, about.id, about.name, self._job.run.id, self._job.run.mode.value)
            if run is not None:
                told.state, told.counts = run.state.value, msgspec.to_builtins(run.counts)
            await hooks.call(hook, self._order.place.programs, told, about.secret)

    async def _hook_after(self, run: Run) -> None:
        """What was published stays so: a hook that fails then is written down with the run, or in the log if that asks."""
        try:
            await self._hook(self._job.replicator.options.after, "after-run", run)
        except Fault as fault:
            if not await self._runs.note(run.id, fault.code, fault.message, fault.data):
                sys.stderr.write(f"{fault.message}\n")
