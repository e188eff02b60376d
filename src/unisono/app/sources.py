"""The commands that fill books: beside a running server as well as without one, for what they publish is in the database.

They start the same import process as the server does; a running server notices within a few seconds.
"""

import asyncio
import os
from codecs import lookup
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC
from functools import partial
from pathlib import Path, PureWindowsPath
from typing import get_args

from lxml import etree

from unisono.app.outcome import SHOWN, Outcome
from unisono.app.place import place_of
from unisono.app.settings import Settings
from unisono.directory.ldap.names import hidden_by
from unisono.directory.replicators.csv_file import Encoding
from unisono.directory.replicators.kinds import kind_of_file
from unisono.directory.replicators.model import Replicator
from unisono.directory.replicators.problems import words
from unisono.directory.replicators.service import Replication
from unisono.directory.runs.model import BadRow, Counts, Mode, RunState, Trigger
from unisono.directory.runs.process import Place
from unisono.kernel.clock import SystemClock
from unisono.kernel.errors import Invalid, NotFound
from unisono.numbers.service import Locations
from unisono.storage import Database, migrate

Told = Callable[[Counts], None]

_NOT_TAKEN = {
    "number-unreadable": ("number", "numbers", "read"),
    "canonical-unreadable": ("international form", "international forms", "read"),
    "mail-unreadable": ("e-mail address", "e-mail addresses", "read"),
    "number-part-left-out": ("number", "numbers", "taken whole"),
    "number-left-out": ("number", "numbers", "taken, for a contact has no room for more"),
}
"""By the code of what is odd: one, several, and what could not be done with them."""


@dataclass(frozen=True, slots=True)
class SourceOutcome(Outcome):
    """A run that is over, of which source. `notes`: what was guessed about the whole file."""

    notes: Sequence[BadRow] = ()

    def to_json(self) -> dict[str, object]:
        """For scripts."""
        notes, bad, odd = (
            [{"line": row.line, "code": row.code, "reason": words(row), "data": row.data} for row in rows]
            for rows in (self.notes, self.report.bad, self.report.odd)
        )
        return {"source": self.name, "mode": self.run.mode.value, **self.facts(), "notes": notes, "bad": bad, "odd": odd}

    def lines(self) -> list[str]:
        """For people."""
        found = self.said("rows", "not taken")
        found += [f"  line {row.line}: {words(row)}" if row.line else f"  {words(row)}" for row in self.report.bad[:SHOWN]]
        more = self.run.counts.failed - len(self.report.bad[:SHOWN])
        if more > 0:
            found.append(f"  and {more:,} more")
        return [*found, *self._not_taken(), *map(words, self.notes)]

    def _not_taken(self) -> list[str]:
        """How much of what stood in rows that were taken was not; of many the report knows only the first."""
        codes = Counter(row.code for row in self.report.odd)
        least = "at least " if self.run.counts.odd > len(self.report.odd) else ""
        return [
            f"{least}{codes[code]:,} {one if codes[code] == 1 else many} could not be {what}: see --json"
            for code, (one, many, what) in _NOT_TAKEN.items()
            if codes[code]
        ]


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[tuple[Database, Place]]:
    """The server's database in today's shape, and where its files are; as the server's user."""
    folder = settings.server.folder()
    _as_owner(folder)
    await asyncio.to_thread((folder / "directory").mkdir, parents=True, exist_ok=True, mode=0o700)
    database = Database(settings.server.database_url())
    try:
        await migrate.upgrade(database)
        yield database, place_of(settings, database)
    finally:
        await database.close()


@asynccontextmanager
async def _at_work(settings: Settings) -> AsyncIterator[tuple[Replication, Locations]]:
    async with opened(settings) as (database, place):
        locations = Locations(database)
        await locations.load()
        clock, hidden = SystemClock(), partial(hidden_by, database)
        yield Replication(database, clock, place, settings.directory, _nobody, lambda location_id: UTC, hidden), locations


async def _nobody() -> None:
    """The running server, if there is one, looks by itself."""


def _as_owner(folder: Path) -> None:
    """Root becomes the server's user, so that the server can read and write what is made here."""
    if os.geteuid() == 0 and folder.exists() and folder.stat().st_uid:
        owner = folder.stat()
        os.setgid(owner.st_gid)
        os.setuid(owner.st_uid)


async def import_file(
    settings: Settings, file: Path, book: str, location: str, told: Told, *, agreed: bool = False, encoding: str = ""
) -> SourceOutcome:
    """Read a file into a book as its new contents, and leave it configured as the book's source. Raises `Fault`.

    `agreed`: it may take away as much as it does; else it stops and asks where a source does. `encoding`: "" if that is found
    out.
    """
    coded = _encoding(file, encoding) if encoding else ""
    async with _at_work(settings) as (replication, locations):
        nowhere = () if locations.all() else (BadRow(0, "no-location"),)
        where = _location_id(locations, location)
        found = await replication.import_file(file, book, where, told, agreed=agreed, encoding=coded)
        run = found.run
        if run.state is RunState.ASKS:
            run = replace(run, message=f"{run.message} The book stays as it was; say --yes if that is right.")
        return SourceOutcome(found.source.name, run, found.report, (*nowhere, *found.notes))


async def replicate(
    settings: Settings, name: str, mode: Mode | None, told: Told, *, agreed: bool = False
) -> SourceOutcome:
    """Read the source with this name, or with the name of a vendor's `.repxml` or in it. Raises `Fault`.

    `agreed`: it may take away as much as it does; else it stops and asks, and may be answered on the source's page too.
    """
    async with _at_work(settings) as (replication, _):
        wanted = _named(await replication.store.all(), name)
        run = await replication.now(wanted.id, mode, Trigger.COMMAND, told=told, agreed=agreed)
        if run.state is RunState.ASKS:
            run = replace(run, message=f"{run.message} The book stays as it was; confirm on the source's page, or say --yes.")
        return SourceOutcome(wanted.name, run, await replication.runs.report(run.id))


def _encoding(file: Path, name: str) -> str:
    """How sources call an encoding, which has other names too (IBM850, latin-1). Raises `NotFound`."""
    kind = kind_of_file(file)
    if "encoding" not in kind.settings.__struct_fields__:
        message = f"{file.name} is read as {kind.title}, which tells its encoding itself: leave --encoding out."
        raise NotFound("no-encoding", message)
    known: tuple[str, ...] = get_args(Encoding)
    with suppress(LookupError):
        if (found := lookup(name).name) in known:
            return found
    raise NotFound("unknown-encoding", f"The encoding {name} is not known; there are {', '.join(known)}.")


def _location_id(locations: Locations, name: str) -> str:
    if not name:
        return ""
    try:
        found = locations.find(name)
    except NotFound as fault:
        known = ", ".join(location.name for location in locations.all().values())
        known = f"there are: {known}" if known else "there is none yet: add one (Administration, Number locations)"
        raise NotFound(fault.code, f"There is no location {name!r}; {known}.", data=fault.data) from fault
    return next(id for id, location in locations.all().items() if location is found)


def _named(replicators: list[Replicator], name: str) -> Replicator:
    names = [name]
    if PureWindowsPath(name).suffix.lower() == ".repxml":
        names = list(dict.fromkeys((PureWindowsPath(name).stem, *_names_in(Path(name)))))
    for each in names:
        for replicator in replicators:
            if each.casefold() in (replicator.name.casefold(), replicator.id):
                return replicator
    known = ", ".join(replicator.name for replicator in replicators) or "none"
    wanted = " or ".join(map(repr, names))
    raise NotFound("unknown-replicator", f"There is no source {wanted}; there are: {known}.", data={"name": name})


def _names_in(file: Path) -> list[str]:
    """The names that a vendor's configuration of a replicator may give it."""
    if not file.is_file():
        return []
    try:
        root = etree.parse(str(file), etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)).getroot()
    except etree.XMLSyntaxError as error:
        raise Invalid("repxml-unreadable", f"{file} is no XML: {error.msg}.") from error
    attributes = [value for name, value in root.attrib.items() if str(name).casefold() == "name"]
    elements = [
        each.text.strip()
        for each in root.iter()
        if isinstance(each.tag, str) and etree.QName(each).localname.casefold() == "name" and each.text and each.text.strip()
    ]
    return [str(value) for value in attributes] + elements[:1]
