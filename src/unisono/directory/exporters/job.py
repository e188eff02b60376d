"""One export made ready: what it reads, what it writes into, and how it ends."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from unisono.directory.exporters.active_directory import Ledger
from unisono.directory.exporters.file import FileExport
from unisono.directory.exporters.kinds import kind
from unisono.directory.exporters.model import Exported, Exporter
from unisono.directory.exporters.reading import contacts, picture
from unisono.directory.exporters.selection import Selection
from unisono.directory.exporters.values import writer
from unisono.directory.exporters.writer import Target
from unisono.directory.exporters.written import Told
from unisono.directory.index import Index
from unisono.directory.runs.guard import objection
from unisono.directory.runs.model import Run, RunState
from unisono.kernel.errors import Invalid
from unisono.kernel.settings import parse
from unisono.numbers import Location
from unisono.numbers.service import Locations
from unisono.storage import Database


@dataclass(frozen=True)
class Job:
    """An export with the contacts it reads."""

    exporter: Exporter
    index: Index
    home: Location

    @property
    def total(self) -> int:
        """Contacts in its books."""
        return sum(self.index.count(book) for book in self.index.books if self.exporter.view.sees(book))

    def found(self) -> Iterator[Exported | None]:
        """Every contact as it leaves; None for those that stay. Raises `Invalid`."""
        exporter = self.exporter
        selection = Selection(exporter, kind(exporter.kind).columns(exporter.settings))
        return selection.exported(contacts(self.index, exporter.view), writer(self.home, exporter.number_format))

    def into_file(self, target: Path, known: Path | None, run: str) -> FileExport:
        """The export into a file. Raises `Invalid`."""
        found = kind(self.exporter.kind)
        if found.writer is None:
            raise Invalid("export-no-file", "An export of this kind makes no file.", data={"field": "file"})
        names = Selection(self.exporter, found.columns(self.exporter.settings)).names
        made = found.writer(parse(self.exporter.settings, found.settings), names)
        return FileExport(made, self.found, target, known, run)

    def into_directory(self, ledger: Ledger) -> Target:
        """The export into another directory."""
        found = kind(self.exporter.kind)
        assert found.fills is not None
        names = Selection(self.exporter, found.columns(self.exporter.settings)).names
        return found.fills(parse(self.exporter.settings, found.settings), names, self.found, ledger, self.exporter.id)


async def prepare(database: Database, folder: Path, exporter: Exporter) -> Job:
    """Open what an export reads. Raises `Fault`."""
    locations = Locations(database)
    await locations.load()
    return Job(exporter, await picture(database, folder, exporter.view), locations.or_default(exporter.location_id))


async def do(target: Target, run: Run, most_removed: int, told: Told, *, agreed: int) -> Run:
    """An export from its beginning to its end, or to its question; the waiting is done in a thread. Raises `Fault`.

    `most_removed`: percent of what is there that may go unasked; `agreed`: so many contacts of which somebody knows.
    """
    written = target.written
    try:
        await asyncio.to_thread(target.find, told, dry=run.dry)
        run = replace(run, counts=written.counts, state=RunState.DONE)
        against = objection(written.counts, target.before, most_removed, (), full=False)
        if against is not None and written.counts.removed > agreed:
            run = replace(run, code=against.code, message=against.message, data=against.data)
            if not run.dry:
                return replace(run, state=RunState.ASKS)
        if not run.dry:
            await asyncio.to_thread(target.publish, told)
        return replace(run, counts=written.counts, size=written.size)
    finally:
        target.discard()
