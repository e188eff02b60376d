"""The export process, which `kernel/start.py` starts.

Its order comes as one line of JSON on standard input; what it does it tells as JSON lines on standard output. When standard
input ends, whoever gave the order is gone or has changed their mind: it stops, and what was exported before stays.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Collection, Mapping
from itertools import islice
from pathlib import Path

import msgspec

from unisono.directory.exporters import configure
from unisono.directory.exporters.job import Job, do, prepare
from unisono.directory.exporters.kinds import kind
from unisono.directory.exporters.orders import CheckOrder, ExportOrder, Order, Previewed, PreviewOrder
from unisono.directory.exporters.selection import Selection, all_of
from unisono.directory.exporters.store import Exporters
from unisono.directory.exporters.writer import Target
from unisono.directory.replicators.orders import Looked
from unisono.directory.replicators.source import Check
from unisono.directory.runs.ending import carried_out, database_at, tell
from unisono.directory.runs.model import Counts, Run, RunState, What
from unisono.directory.runs.modest import be_modest, too_much_memory
from unisono.directory.runs.process import Ended, Faulted, Told
from unisono.directory.runs.store import Runs
from unisono.kernel.clock import SystemClock
from unisono.kernel.errors import Culprit, Fault, Invalid, Unavailable
from unisono.kernel.settings import parse
from unisono.storage import Database

_TOLD_EVERY = 0.3
_LOOKED_EVERY = 64
"""Contacts between two looks at the clock."""
_SEEN = 20
"""Contacts of a preview."""
_LOOKED_AT = 20_000
"""Contacts that are looked at for them, where conditions leave most out."""


def main() -> None:
    """Do what the order says."""
    be_modest()
    os.umask(0o077)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # from a terminal it reaches us too; whoever started us decides
    order: Order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
    try:
        if isinstance(order, CheckOrder):
            tell(Looked(check(order)))
        elif isinstance(order, PreviewOrder):
            tell(asyncio.run(preview(order)))
        else:
            asyncio.run(work(order))
    except Fault as fault:
        tell(Faulted.of(fault))
    except MemoryError:
        tell(Faulted.of(too_much_memory()))
    sys.stdout.buffer.flush()
    os._exit(0)  # a thread may still wait for a peer that does not answer


def check(order: CheckOrder) -> Check:
    """Test the connection to another directory. Raises `Fault`."""
    found = kind(order.kind)
    if found.check is None:
        raise Invalid("export-no-peer", "An export of this kind makes a file and asks nobody.", data={"field": "kind"})
    return found.check(parse(order.settings, found.settings))


async def preview(order: PreviewOrder) -> Previewed:
    """The first contacts as they would leave. Raises `Fault`."""
    async with database_at(order.place.database) as database:
        job = await prepare(database, Path(order.place.folder), order.exporter)
    found = kind(job.exporter.kind)
    first = list(islice((each for each in islice(job.found(), _LOOKED_AT) if each is not None), _SEEN))
    names = Selection(job.exporter, found.columns(job.exporter.settings)).names
    names = names or tuple(dict.fromkeys(name for each in first for name in each.values))
    text = ""
    if found.writer is not None:
        writer = found.writer(parse(job.exporter.settings, found.settings), names)
        text = b"".join((writer.begin(), *map(writer.contact, first), writer.end())).decode("utf-8", "replace")
    rows = [{name: list(all_of(value)) for name, value in each.values.items()} for each in first]
    return Previewed(list(names), rows, text.removeprefix("\ufeff"), job.total)


async def work(order: ExportOrder) -> None:
    """Do a run to its end, whatever that is, and write down how it went."""
    async with database_at(order.place.database) as database:
        process = Process(order, database)
        await process.work()
        asyncio.get_running_loop().remove_reader(0)
        tell(process.ended())


class Process:
    """One run in this process."""

    def __init__(self, order: ExportOrder, database: Database) -> None:
        self._order = order
        self._database = database
        self._store = Exporters(database, SystemClock())
        self._runs = Runs(database, SystemClock(), What.EXPORT)
        self._counts = Counts()
        self._state = RunState.RUNNING
        self._total = 0
        self._told = 0.0
        self._stopped = False
        self._target: Target | None = None
        self._done = asyncio.Event()

    async def work(self) -> None:
        """Do the run; it ends with words, however it ends."""
        run = await self._runs.run(self._order.run)
        cut = await carried_out(self._runs, run, self._do(run), lambda: self._counts, self._done)
        if cut is not None:
            self._stopped = True
            await self._end(cut)

    def ended(self) -> Ended:
        """What is told of it then."""
        return Ended(self._state, self._counts)

    async def _do(self, run: Run) -> None:
        exporter = await self._store.get(run.owner)
        try:
            job = await prepare(self._database, Path(self._order.place.folder), exporter)
            self._total = job.total
            self._target = self._made(job, run)
            async with asyncio.timeout(exporter.options.most_seconds):
                ended = await do(
                    self._target, run, exporter.options.most_removed, self._progress, agreed=self._order.agreed
                )
            ended.counts.total = self._total
            await self._end(ended)
        except TimeoutError:
            seconds = exporter.options.most_seconds
            message = f"The export took longer than {seconds:,} seconds and was stopped."
            raise Fault("export-too-long", message, culprit=Culprit.US, data={"seconds": seconds}) from None
        finally:
            self._done.set()

    def _made(self, job: Job, run: Run) -> Target:
        if kind(job.exporter.kind).writer is None:
            return job.into_directory(_Ledger(self._store, job.exporter.id, asyncio.get_running_loop()))
        folder = Path(self._order.place.folder)
        target = configure.target_of(job.exporter, self._order.exports, folder)
        known = folder / configure.KEPT / f"{job.exporter.id}.known"
        known.parent.mkdir(parents=True, exist_ok=True)
        return job.into_file(target, known, run.id)

    def _progress(self, counts: Counts) -> None:
        """Called in the thread that works, for each contact."""
        if self._stopped:
            raise InterruptedError
        if counts.rows % _LOOKED_EVERY:
            return
        now = time.monotonic()
        if now - self._told >= _TOLD_EVERY:
            self._told = now
            counts.total = self._total
            self._counts = counts
            tell(Told(counts))

    async def _end(self, run: Run) -> None:
        self._state, self._counts = run.state, run.counts
        report = self._target.written.report if self._target is not None else None
        try:
            await self._runs.end(run, report)
        except Unavailable:
            # A full disk: whoever gave the order has to know why, even so.
            tell(Faulted(run.code, run.message, Culprit.US.value, run.data))


class _Ledger:
    """What an export has made elsewhere, for the thread that does it."""

    def __init__(self, store: Exporters, export: str, loop: asyncio.AbstractEventLoop) -> None:
        self._store = store
        self._export = export
        self._loop = loop

    def objects(self) -> dict[str, str]:
        return asyncio.run_coroutine_threadsafe(self._store.objects(self._export), self._loop).result()

    def note(self, made: Mapping[str, str], gone: Collection[str] = ()) -> None:
        asyncio.run_coroutine_threadsafe(self._store.note(self._export, made, gone), self._loop).result()
