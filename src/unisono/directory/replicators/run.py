"""A run: reads a source, compares with what the book has, writes a layer, and publishes it unless it would change too much."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path

import msgspec

from unisono.directory.manifest import segment_name
from unisono.directory.replicators.hands import Hand
from unisono.directory.replicators.job import Job
from unisono.directory.replicators.kinds import kind
from unisono.directory.replicators.lane import MOST_BAD, MOST_CHANGES, Settled
from unisono.directory.replicators.layers import Layers, Page
from unisono.directory.replicators.ledger import Ledger
from unisono.directory.replicators.model import Imports, Publication, Replicator
from unisono.directory.replicators.pages import gone_page, key_print
from unisono.directory.replicators.reading import Reading
from unisono.directory.replicators.stored import Stored
from unisono.directory.runs.guard import objection
from unisono.directory.runs.model import Counts, Mode, Report, Run, RunState
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Culprit, Fault, Invalid, Retry
from unisono.kernel.tasks import together

_PAGES = 25
"""Pages written in one transaction: some milliseconds, so that nobody waits long for the database."""
_GONE_AT_ONCE = 1_000
_MERGE = 5
"""Deltas that hold more than one part in this many of a book become one layer with it."""

Progress = Callable[[Counts], Awaitable[None]]


class Runner:
    """Does one run. `progress` is told now and then how far it is."""

    def __init__(self, job: Job, layers: Layers, hands: Sequence[Hand], clock: Clock, progress: Progress) -> None:
        self._job = job
        self._layers = layers
        self._hands = hands
        self._clock = clock
        self._progress = progress
        self._stored = Stored(layers, job.layers, otherwise=job.otherwise)
        self.report = Report()
        self._writing = asyncio.Lock()
        self._pending: list[Page] = []
        self._layer = ""
        self._pages = 0
        self._gone: list[str] = []
        """Keys of contacts that their records no longer allow."""
        self._stays: list[int] = []
        """Fingerprints of the keys of contacts whose records cannot be taken now."""
        self._reading: Reading | None = None
        self.counts = Counts()

    async def run(self, *, agreed: bool = False) -> Run:
        """Read, compare, write, publish.

        An import says what the book shall hold, which cannot be nothing. `agreed`: nothing is asked. Gives the run as it ended;
        one that `ASKS` is still to be written down with `report`.
        """
        job, incremental = self._job, self._job.run.mode is Mode.INCREMENTAL
        ledger = await self._stored.ledger()
        before = ledger.stored
        if not job.dry:
            self._layer = await self._layers.new(job.replicator.book, job.run.id)
        reading = self._reading = Reading(job.source, job.replicator.cursor if incremental else None, ledger, self._keep)
        async with _within(job.replicator.options.most_seconds):
            columns = tuple(column.name for column in await asyncio.to_thread(job.source.columns))
            missing = self._missing(columns)
            await reading.run(self._hands)
        removed = self._removed(ledger, reading.gone, unmet=not incremental)
        self.counts.removed, self.counts.total = len(removed), self.counts.rows
        gone = set(islice(removed, MOST_CHANGES))
        self.report.removed = await self._stored.fill_in(self.report.changed, gone, job.mapper)
        now = replace(job.replicator, cursor=reading.cursor or job.replicator.cursor, read_columns=columns)
        if not incremental:
            now = replace(now, full=self._clock.now())
        run = replace(job.run, counts=self.counts)
        different = bool(self.counts.added or self.counts.changed or removed)
        found = objection(self.counts, before, job.replicator.options.most_removed, missing, full=not incremental)
        if job.dry:
            if found is not None and different and not agreed:
                run = replace(run, code=found.code, message=found.message, data=found.data)
            return await self._layers.unchanged(job.replicator, self._ended(run), self.report)
        if job.imports is not None and not (self.counts.added or self.counts.changed or self.counts.unchanged):
            raise Invalid("nothing-imported", "No row of the file could be imported; the book stays as it was.")
        if not different:
            return await self._layers.unchanged(now, self._ended(run), self.report, job.imports)
        replaces = await self._write_rest(ledger, removed)
        if found is not None and not agreed:
            run = replace(run, state=RunState.ASKS, code=found.code, message=found.message, layer=self._layer)
            return replace(run, data={**found.data, "publish": _to_publish(now, replaces, job.imports)})
        run = self._ended(run)
        return await self._layers.publish(
            self._layer, replaces=replaces, replicator=now, run=run, report=self.report, imports=job.imports
        )

    def _ended(self, run: Run) -> Run:
        return replace(run, ended=self._clock.now())

    def _missing(self, columns: Sequence[str]) -> frozenset[str]:
        """Columns that the mapping reads and that were there before."""
        read = self._job.mapper.columns
        if read and read.isdisjoint(columns):
            raise Invalid(
                "unknown-column", "The source has none of the columns that the mapping reads.", data={"field": "mapping"}
            )
        if not kind(self._job.replicator.kind).fixed_columns:
            return frozenset()
        return read.intersection(self._job.replicator.read_columns).difference(columns)

    async def _keep(self, settled: Settled) -> None:
        counts, report = self.counts, self.report
        counts.rows += settled.rows
        counts.added += settled.added
        counts.changed += settled.changed
        counts.unchanged += settled.unchanged
        counts.failed += settled.failed
        counts.odd += settled.odd_numbers
        if self._reading is not None and self._reading.share:
            counts.total = max(counts.rows, int(counts.rows / self._reading.share))
        self._gone += settled.gone
        self._stays += settled.stays
        for examples, more, most in (
            (report.bad, settled.bad, MOST_BAD),
            (report.odd, settled.odd, MOST_BAD),
            (report.added, settled.new, MOST_CHANGES),
            (report.changed, settled.altered, MOST_CHANGES),
        ):
            examples.extend(more[: max(0, most - len(examples))])  # type: ignore[arg-type]
        self._check_limits()
        await self._write(settled.pages)
        await self._progress(counts)

    def _check_limits(self) -> None:
        options = self._job.replicator.options
        if self.counts.rows > options.most_rows:
            message = f"The source has more than {options.most_rows:,} rows. Raise the limit if that is right."
            raise Invalid("too-many-rows", message, data={"most": options.most_rows})

    async def _write(self, pages: Sequence[tuple[bytes, bytes]], *, gone: bool = False, flush: bool = False) -> None:
        """Put pages by, and write those that are enough for a transaction, or all."""
        self._pending += [Page(gone, marks, data) for marks, data in pages]
        async with self._writing:
            while len(self._pending) >= _PAGES or (flush and self._pending):
                some, self._pending = self._pending[:_PAGES], self._pending[_PAGES:]
                await self._layers.write(self._layer, self._pages, some)
                self._pages += len(some)

    def _removed(self, ledger: Ledger, gone: Sequence[str], *, unmet: bool) -> dict[int, str]:
        """Fingerprints of the contacts that go, with their keys as far as they are known."""
        removed = {key_print(key): key for key in self._gone}
        for key in gone:
            if ledger.take_away(key_print(key)):
                removed[key_print(key)] = key
        if unmet:
            removed |= dict.fromkeys(ledger.take_unmet(), "")
        return removed

    async def _write_rest(self, ledger: Ledger, removed: dict[int, str]) -> bool:
        """Finish the layer; whether it stands for all of the book's layers."""
        base = self._job.layers[0].records if self._job.layers else 0
        over = self.counts.added + self.counts.changed + len(removed) + self._stored.in_deltas
        replaces = over * _MERGE > base
        if replaces:
            for key in self._stays:
                ledger.keep(key)
            await adopt(self._hands, self._stored.survivors(ledger, frozenset(self._stays)), self._write_adopted)
        for hand in self._hands:
            await self._write(await hand.call("rest", type=list))
        if not replaces:
            await self._write_gone(removed)
        await self._write((), flush=True)
        records, digest = await finish(self._job, self._hands, self._layer, self._layers)
        await self._layers.seal(self._layer, records, 0 if replaces else len(removed), digest)
        return replaces

    async def _write_adopted(self, settled: Settled) -> None:
        self.counts.failed += settled.failed
        _tell_bad(self.report, settled)
        await self._write(settled.pages)
        await self._progress(self.counts)

    async def _write_gone(self, removed: dict[int, str]) -> None:
        keys = [key for key in removed.values() if key]
        unknown = {mark for mark, key in removed.items() if not key}
        keys += [key async for key in self._stored.keys(unknown)]
        for at in range(0, len(keys), _GONE_AT_ONCE):
            await self._write([gone_page(keys[at : at + _GONE_AT_ONCE])], gone=True)


@asynccontextmanager
async def _within(seconds: int) -> AsyncIterator[None]:
    """A bound also for a source that gives nothing at all; a thread that waits for it ends with the process."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        message = f"The source took more than {seconds:,} seconds. Raise the limit if that is right."
        raise Fault("too-slow", message, culprit=Culprit.PEER, retry=Retry.LATER, data={"most": seconds}) from error


async def remake(job: Job, layers: Layers, hands: Sequence[Hand], clock: Clock, progress: Progress) -> Run:
    """Make the segments of a book anew of its stored records."""
    counts, report, made = Counts(total=sum(layer.records for layer in job.layers)), Report(), {}

    async def keep(settled: Settled) -> None:
        counts.rows += settled.unchanged + settled.failed
        counts.unchanged += settled.unchanged
        counts.failed += settled.failed
        _tell_bad(report, settled)
        await progress(counts)

    for layer in job.layers:
        for hand in hands:
            await hand.call("begin", type=type(None))
        await adopt(hands, whole(layers, layer.id), keep, keep_pages=False)
        made[layer.id] = await finish(job, hands, layer.id, layers)
    run = replace(job.run, counts=counts, ended=clock.now())
    return await layers.renew(job.replicator, job.edition, made, run, report)


def _tell_bad(report: Report, settled: Settled) -> None:
    report.bad.extend(settled.bad[: max(0, MOST_BAD - len(report.bad))])


async def whole(layers: Layers, layer: str) -> AsyncIterator[tuple[bytes, bytes, bytes]]:
    """Every page of a layer with all its records."""
    async for page in layers.pages(layer):
        if not page.gone:
            yield page.marks, page.data, b"\1" * (len(page.marks) // 16)


async def adopt(
    hands: Sequence[Hand],
    pages: AsyncIterator[tuple[bytes, bytes, bytes]],
    keep: Callable[[Settled], Awaitable[None]],
    *,
    keep_pages: bool = True,
) -> None:
    """Let the hands take stored pages: fingerprints, data, a byte for each record that counts."""
    getting = asyncio.Lock()

    async def work(hand: Hand) -> None:
        while True:
            async with getting:
                page = await anext(pages, None)
            if page is None:
                return
            await keep(await hand.call("adopt", *page, keep_pages, type=Settled))

    await together(*(work(hand) for hand in hands))


async def finish(job: Job, hands: Sequence[Hand], layer: str, layers: Layers) -> tuple[int, str]:
    """Write the segment of what the hands have made; its number of contacts and its digest."""
    left = await asyncio.gather(*(hand.call("leave", type=tuple[int, list[str]]) for hand in hands))
    runs = [run for _, some in left for run in some]
    file = job.folder / f"{layer}.building"
    digest = await hands[0].call("merge", runs, str(file), type=str)
    file = file.rename(job.folder / segment_name(job.replicator.book, layer, digest))
    await asyncio.to_thread(_unlink, runs)
    if layers.shares_files:
        await layers.put_segment(digest, file)
    return sum(count for count, _ in left), digest


def _unlink(files: Sequence[str]) -> None:
    for file in files:
        Path(file).unlink()


def _to_publish(now: Replicator, replaces: bool, imports: Imports | None) -> object:
    full = now.full.isoformat() if now.full else ""
    return msgspec.to_builtins(Publication(replaces, now.cursor, now.read_columns, full, imports))
