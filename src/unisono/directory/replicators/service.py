"""Runs the replicators: on demand, by schedule, one after the other, each in a process of its own."""

import asyncio
import hmac
import shutil
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import msgspec

from unisono.directory.books import Hidden, book_among
from unisono.directory.model import Book
from unisono.directory.replicators import configure
from unisono.directory.replicators.job import runs_of
from unisono.directory.replicators.kinds import is_file, kind, kind_of_file
from unisono.directory.replicators.layers import Layers
from unisono.directory.replicators.mapping import Mapper, Rule
from unisono.directory.replicators.model import Imports, Publication, Replicator
from unisono.directory.replicators.orders import Answer, Looked, LookOrder, MapOrder, Mapped, RunOrder
from unisono.directory.replicators.process import IMPORT, answer
from unisono.directory.replicators.source import Column
from unisono.directory.replicators.store import Replicators, being_imported, book_of_source
from unisono.directory.replicators.suggest import suggest
from unisono.directory.runs.model import BadRow, Counts, Mode, Report, Run, RunState, Trigger, What
from unisono.directory.runs.process import Faulted, Place
from unisono.directory.runs.service import RunService
from unisono.directory.runs.store import new_run
from unisono.directory.runs.turns import deaf
from unisono.directory.settings import DirectorySettings
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Conflict, Fault, Forbidden, Invalid, Retry, TooMany, Unavailable
from unisono.kernel.expected import ANYTHING, Expected
from unisono.kernel.ids import new_id
from unisono.kernel.log import Log
from unisono.kernel.secrets import new_token
from unisono.kernel.settings import parse
from unisono.people.attempts import Attempts
from unisono.storage import Database

_LOOK_SECONDS = 60.0
_FREE_TRIES = 5
_LONGEST_WAIT = 300.0
_COLUMNS_SHOWN = 20

log = Log("replicators")

Changed = Callable[[], Awaitable[None]]
"""Called when a book may have changed."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a file: how the run ended that read it, and what the source is or would be. `notes`: guessed of it all."""

    source: Replicator
    run: Run
    report: Report
    notes: tuple[BadRow, ...]


class Replication(RunService):
    """The sources of this server."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        place: Place,
        settings: DirectorySettings,
        changed: Changed,
        zone_of: Callable[[str], tzinfo],
        hidden: Hidden,
    ) -> None:
        super().__init__(database, clock, What.SOURCE, IMPORT, zone_of)
        self._settings = settings
        self._uploads = place.uploads
        self._attempts = Attempts(_FREE_TRIES, _LONGEST_WAIT)
        self.store = Replicators(database, clock)
        self.layers = Layers(database)
        self._hidden = hidden
        self._place = place
        self._changed = changed

    async def save(
        self,
        wanted: Replicator,
        book: Book,
        expected: Expected = ANYTHING,
        known: Callable[[Replicator | None], None] = lambda before: None,
    ) -> Replicator:
        """Check and store a replicator; an empty id makes a new one. A book without a name keeps the one it has.

        Raises what `known` raises of what is stored, `Invalid` and says where, `Conflict`, `Outdated`.

        An empty secret among its settings means the stored one. If contacts now come out otherwise, they are made anew, for
        which a run that goes on has to be over: it reads in the old way.
        """
        of_book = await self.store.of_book(book.id)
        if of_book is not None and of_book.id != wanted.id:
            raise book_of_source(of_book)
        otherwise = False

        def made(before: Replicator | None, book_name: str) -> tuple[Replicator, bool]:
            nonlocal otherwise
            expected.check(before and configure.seen(before, book_name))
            known(before)
            after = configure.checked(wanted, before, self._settings, self._uploads)
            if before is None:
                return after, False
            otherwise = configure.comes_out_otherwise(before, after)
            return after, otherwise or configure.reads_otherwise(before, after)

        saved = await self.store.save(wanted, book, made)
        if otherwise and await self.layers.published(book.id):
            with suppress(Conflict):
                await self.start(saved.id, Mode.REMAKE, Trigger.SERVER)
        return saved

    async def tidy(self) -> None:
        """Take away what runs whose process is gone have left: layers first, in short transactions, then what they hang on."""
        await self.runs.tidy()
        await self._sweep()

    async def _sweep(self) -> None:
        await self.layers.sweep()
        await self.store.sweep()

    async def remove(self, id: str, expected: Expected = ANYTHING) -> None:
        """Forget a replicator; its book stays as it is. Raises `NotFound`, `Outdated`, `Conflict` while it is being read."""
        await self.store.remove(id, lambda before, book: expected.check(configure.seen(before, book)))

    async def start(self, id: str, mode: Mode | None, trigger: Trigger) -> Run:
        """Begin a run; None: incremental where source and options allow. Raises `NotFound`, `Conflict`."""
        if self._turns.full and trigger is not Trigger.SERVER:
            message = "Too many sources are waiting to be read. Try again when some are done."
            raise Conflict("too-many-runs", message, retry=Retry.LATER)
        run = await self._begun(id, mode, trigger)
        return self._turns.put(run, RunOrder(self._place, run.id))

    async def restore(self, book: str) -> bool:
        """Make a book's contacts anew as they were made before, also if their source is gone.

        False: not now, for another process holds the source, and be it one that is dead; ask again.
        """
        maker = await self.store.maker(book)
        if maker is None:
            log.error("a book can no longer be made; import it again", book=book)
            return True
        try:
            run = await self.runs.begin(maker, Mode.REMAKE, Trigger.SERVER)
        except Conflict as fault:
            if self._turns.has(str(fault.data["run"])):
                return True  # it makes the book anew, or finds that it has to be
            log.warning("a book waits to be made anew: its source is held", book=book, seconds=fault.data["seconds"])
            return False
        self._turns.put(run, RunOrder(self._place, run.id, as_made=True))
        return True

    async def now(
        self,
        id: str,
        mode: Mode | None,
        trigger: Trigger,
        *,
        agreed: bool = False,
        told: Callable[[Counts], None] = deaf,
    ) -> Run:
        """Do a run at once, and wait for it; `told` hears how far it is. `agreed`: it asks nothing."""
        run = await self._begun(id, mode, trigger)
        return await self._turns.now(run, RunOrder(self._place, run.id, agreed), told)

    async def import_file(
        self,
        file: Path,
        book: str,
        location_id: str,
        told: Callable[[Counts], None] = deaf,
        *,
        agreed: bool = False,
        encoding: str = "",
    ) -> Imported:
        """Read a file into the book of this name as its new contents, with the mapping that its columns suggest.

        It becomes the book's source with the contacts, so that it can be read again; if the run fails, is killed, or would take
        too much away and nobody has `agreed`, book and source stay as they were: a first import that fails leaves none, and its
        report is only here. `encoding`: of a table as text; "": found out. Raises `Fault` for a file that no mapping fits,
        `Conflict` where something else fills the book, or while somebody imports it.
        """
        await self.tidy()
        wanted = book_among(await self.store.books(), book, await self._hidden())
        before = await self.store.of_book(wanted.id)
        if before is not None and not is_file(before.kind):
            raise book_of_source(before)
        found = kind_of_file(file)
        settings: dict[str, object] = {"file": str(file), **({"encoding": encoding} if encoding else {})}
        source = found.open(parse(settings, found.settings))
        columns = await asyncio.to_thread(source.columns)
        rules = suggest(columns)
        read = _columns_read(columns, rules)
        notes = (await asyncio.to_thread(source.check)).notes
        if unused := [column.name for column in columns if column.name not in read]:
            notes += (BadRow(0, "columns-left-out", {"columns": _some(unused)}),)
        name = "" if before is not None else await self.store.free_name(wanted.name)
        imports = Imports(found.key, settings, rules, location_id, name, wanted.name)
        run = await self._import_begun(wanted, before)
        made = imports.over(before or Replicator(run.owner, name, wanted.id, ""))
        try:
            ended = await self._turns.now(run, RunOrder(self._place, run.id, agreed, imports=imports), told)
            if ended.state is RunState.ASKS:
                await self.refuse(run.id)  # the answer is another import: this file is not the source's
            return Imported(made, ended, await self.runs.report(run.id), notes)
        finally:
            with suppress(Conflict, Unavailable):  # somebody reads it again by now, or the disk is full
                await self.layers.sweep()
                await self.store.take_back(run.owner)

    async def _import_begun(self, book: Book, before: Replicator | None) -> Run:
        """Begin the run of an import, of the book's source or of what will be one."""
        owner = before.id if before is not None else await self.store.maker(book.id)
        try:
            if owner is not None:
                return await self.runs.begin(owner, Mode.FULL, Trigger.COMMAND)
            run = new_run(What.SOURCE, new_id(), Mode.FULL, Trigger.COMMAND, self._clock.now())
            await self.store.begin(book, run)
        except Conflict as fault:
            just_made = before is None and await self.store.maker(book.id) is not None
            if just_made or fault.code == "already-running":
                raise being_imported(book.name, fault) from fault
            raise
        return run

    async def _begun(self, id: str, mode: Mode | None, trigger: Trigger) -> Run:
        return await self.runs.begin(id, self._mode(await self.store.get(id), mode), trigger)

    def _mode(self, replicator: Replicator, wanted: Mode | None) -> Mode:
        """Only what changed, where the source can tell; unasked for, if the last full run is not too long ago."""
        if wanted not in (None, Mode.INCREMENTAL):
            return wanted
        days = replicator.options.full_after_days
        if not kind(replicator.kind).incremental or not replicator.cursor or replicator.full is None:
            return Mode.FULL
        old = days and self._clock.now() - replicator.full >= timedelta(days=days)
        return Mode.FULL if old and wanted is None else Mode.INCREMENTAL

    async def confirm(self, id: str) -> Run:
        """Publish what a run asks about. Raises `Conflict` if the book has changed since, or it asks nothing."""
        run = await self._asking(id)
        wanted = msgspec.convert(run.data.get("publish"), Publication)
        replicator = await self.store.get(run.owner)
        full = datetime.fromisoformat(wanted.full) if wanted.full else replicator.full
        if wanted.imports is not None:
            replicator = wanted.imports.over(replicator)
        replicator = replace(replicator, cursor=wanted.cursor, read_columns=wanted.columns, full=full)
        done = replace(run, code="", message="", data={}, ended=self._clock.now())
        published = await self.layers.publish(
            run.layer, replaces=wanted.replaces, replicator=replicator, run=done, report=None, imports=wanted.imports
        )
        await self._changed()
        return published

    async def refuse(self, id: str) -> Run:
        run = await super().refuse(id)
        await self.layers.sweep()
        with suppress(Unavailable):  # they stay until the next time
            await self._changed()  # its files are taken away
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
        Mapper(mapping, lambda raw, region: "")  # what cannot be meant is said at once, without a process
        found = await answer(MapOrder(self._place, records, mapping, location_id), _LOOK_SECONDS)
        if isinstance(found, Mapped):
            return found
        raise _fault(found)

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
        """Somebody who knows the secret of a source wants it read. Raises `Forbidden`, `TooMany`, `Conflict`.

        The right secret is not slowed down by wrong ones from the same address: it is too long to be guessed.
        """
        known = await self.store.secret(id)
        if known and hmac.compare_digest(secret.encode(), known.encode()):
            return await self.start(id, None, Trigger.WEBHOOK)
        now = self._clock.monotonic()
        wait = self._attempts.wait(address, now)
        if wait:
            raise TooMany("too-many-attempts", "Too many wrong secrets came from there. Wait.", wait)
        self._attempts.begin(address, now)
        raise Forbidden("wrong-secret", "There is no source with this secret.")

    async def _scheduled(self) -> Sequence[Replicator]:
        return await self.store.all()

    async def _start_due(self, id: str) -> Run:
        return await self.start(id, None, Trigger.SCHEDULE)

    async def _over(self, run: Run) -> None:
        await asyncio.to_thread(shutil.rmtree, runs_of(Path(self._place.folder), run.id), ignore_errors=True)
        try:
            await self._changed()
        except Unavailable as fault:
            log.error("the contacts of a run cannot be shown yet", run=run.id, reason=fault.message)

    async def _lost(self) -> None:
        with suppress(Unavailable):  # what they have left stays until the next time
            await self._sweep()
            await self._changed()


def _fault(found: Answer) -> Fault:
    """What an answer that was not wanted means."""
    assert isinstance(found, Faulted), found
    return found.fault()


def _columns_read(columns: Sequence[Column], rules: Sequence[Rule]) -> frozenset[str]:
    """The columns of which the contacts are made. Raises `Invalid` where nobody could be found by them."""
    try:
        return Mapper(rules, lambda raw, region: "").columns
    except Invalid as fault:
        if fault.code != "nothing-mapped":
            raise
        names = _some([column.name for column in columns])
        message = f"No column is known to hold a name, a company, a number or an e-mail address; there are: {names}."
        message += " Give them titles such as Name, Company, Phone or E-mail, or say on the page Sources what they mean."
        raise Invalid("nothing-mapped", message, data={"columns": names}) from fault


def _some(names: Sequence[str]) -> str:
    """The first of them; "…" says that there are more."""
    return ", ".join([*names[:_COLUMNS_SHOWN], *"…"[: len(names) > _COLUMNS_SHOWN]])
