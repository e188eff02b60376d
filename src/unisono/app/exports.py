"""The command that exports: what is configured in a process of its own, a file that is named here at once."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC
from pathlib import Path

import msgspec
from msgspec.structs import fields

from unisono.app.outcome import SHOWN, Outcome
from unisono.app.settings import Settings
from unisono.app.sources import opened
from unisono.directory.exporters import configure
from unisono.directory.exporters.job import do, prepare
from unisono.directory.exporters.kinds import kind, kind_of_file
from unisono.directory.exporters.model import Exporter
from unisono.directory.exporters.service import Exports, mode_of
from unisono.directory.exporters.store import Exporters
from unisono.directory.exporters.writer import Kind
from unisono.directory.model import Book
from unisono.directory.runs.model import Counts, Run, RunState, Trigger, What
from unisono.directory.store import Books
from unisono.kernel.clock import SystemClock
from unisono.kernel.errors import Conflict, Invalid, NotFound
from unisono.kernel.ids import new_id
from unisono.kernel.settings import schema
from unisono.storage import Database, disk_fault

_TOLD_EVERY = 256
"""Contacts between two words to the progress bar."""
Told = Callable[[Counts], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for. `file`: where to write, and not where the export does; `values`: settings of the kind."""

    name: str
    file: Path | None = None
    kind: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    dry: bool = False
    agreed: bool = False


@dataclass(frozen=True, slots=True)
class ExportOutcome(Outcome):
    """A run that is over, of which export, into which file."""

    file: str

    def to_json(self) -> dict[str, object]:
        """For scripts."""
        own = {"export": self.name, "file": self.file, "dry": self.run.dry, "bytes": self.run.size}
        return {**own, **self.facts(), "failed": msgspec.to_builtins(self.report.failed)}

    def lines(self) -> list[str]:
        """For people."""
        run, found = self.run, self.said("contacts", "not written")
        if self.file and run.state is RunState.DONE and not run.dry:
            found.append(f"{self.file}: {run.size:,} bytes")
        return [*found, *(f"  {each.name}: {each.code} {each.message}".rstrip() for each in self.report.failed[:SHOWN])]


async def export(settings: Settings, wanted: Wanted, told: Told) -> ExportOutcome:
    """Run the export of this name, or write it, or the book of this name, into a file. Raises `Fault`."""
    async with opened(settings) as (database, place):
        known = {each.name.casefold(): each for each in await Exporters(database, SystemClock()).all()}
        found = known.get(wanted.name.casefold())
        if wanted.file is not None:
            exporter = found or _of_book(await Books(database).books(), wanted.name)
            _check_apart(wanted.file, [each for each in known.values() if each is not found], settings.directory.exports)
            return await _into_file(database, Path(place.folder), exporter, wanted, told)
        if found is None:
            names = ", ".join(each.name for each in known.values()) or "none"
            message = f"There is no export {wanted.name!r}; there are: {names}. To write a book, say --file."
            raise NotFound("unknown-export", message, data={"id": wanted.name})
        if wanted.kind or wanted.values:
            message = "Give --file with --format or --set; the export itself stays as it is configured."
            raise Invalid("export-format", message)
        folder = settings.directory.exports
        exports = Exports(database, SystemClock(), place, folder, lambda location_id: UTC)
        run = await exports.now(found.id, Trigger.COMMAND, dry=wanted.dry, agreed=wanted.agreed, told=told)
        file = str(configure.target_of(found, folder, Path(place.folder))) if kind(found.kind).suffix else ""
        return ExportOutcome(found.name, run, await exports.runs.report(run.id), file)


def _check_apart(file: Path, others: Iterable[Exporter], folder: str) -> None:
    """Whether no configured export writes this file. Raises `Conflict`."""
    for other in others:
        if other.file and folder and configure.leads_to(folder, other.file) == file.resolve():
            message = f"The export {other.name} writes {file}; choose another file, or run that export."
            raise Conflict("export-file-taken", message, data={"field": "file", "export": other.name})


async def _into_file(database: Database, folder: Path, exporter: Exporter, wanted: Wanted, told: Told) -> ExportOutcome:
    """An export into a file that is named here; nobody remembers it."""
    assert wanted.file is not None
    clock = SystemClock()
    job = await prepare(database, folder, _written_as(exporter, wanted.file, wanted))
    run = Run("", What.EXPORT, exporter.id, mode_of(wanted.dry), Trigger.COMMAND, RunState.RUNNING, clock.now())
    target = job.into_file(wanted.file, None, new_id())

    def tell(counts: Counts) -> None:
        if counts.rows % _TOLD_EVERY == 0:
            counts.total = job.total
            told(counts)

    try:
        run = await do(target, run, 100, tell, agreed=0)
    except OSError as error:
        raise disk_fault(error) from error
    run.counts.total = job.total
    return ExportOutcome(exporter.name, replace(run, ended=clock.now()), target.written.report, str(wanted.file))


def _of_book(books: list[Book], name: str) -> Exporter:
    for book in books:
        if name.casefold() in (book.name.casefold(), book.id):
            return Exporter("", book.name, "", books=(book.id,))
    known = ", ".join(book.name for book in books) or "none"
    raise NotFound("unknown-export", f"There is no export and no book {name!r}; the books are: {known}.", data={"id": name})


def _written_as(exporter: Exporter, file: Path, wanted: Wanted) -> Exporter:
    """The export in the format that is asked for, else in that of the file's name, else in its own."""
    own = kind(exporter.kind) if exporter.kind else None
    if wanted.kind:
        key = kind(wanted.kind).key
    elif own is not None and own.writer is not None and file.suffix in ("", own.suffix):
        key = own.key
    else:
        key = kind_of_file(file).key
    if key != exporter.kind:
        exporter = replace(exporter, kind=key, settings={}, columns=())
    name = exporter.name[: configure.MOST_NAME]
    _complete(kind(key), {**exporter.settings, **wanted.values})
    made = replace(exporter, name=name, settings={**exporter.settings, **wanted.values}, file="")
    return configure.checked(made, made)


def _complete(of: Kind, given: Mapping[str, object]) -> None:
    """Raises `Invalid` that says how to give a setting without which there is no such file."""
    for missing in (each.name for each in fields(of.settings) if each.required and each.name not in given):
        about = schema(of.settings)["$defs"][of.settings.__name__]["properties"][missing]["description"]
        message = f"The setting {missing} is missing. {about} Give it: --set {missing}=..."
        raise Invalid("settings-invalid", message, data={"field": missing, "problem": "missing"})
