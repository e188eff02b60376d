"""Runs the exports: on demand, by schedule, one after the other, each in a process of its own."""

import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import tzinfo
from pathlib import Path

import msgspec

from unisono.directory.exporters import configure
from unisono.directory.exporters.kinds import kind
from unisono.directory.exporters.model import Exporter
from unisono.directory.exporters.orders import CheckOrder, ExportOrder, Previewed, PreviewOrder
from unisono.directory.exporters.store import Exporters, name_taken
from unisono.directory.replicators.orders import Looked
from unisono.directory.replicators.process import answer
from unisono.directory.replicators.source import Check
from unisono.directory.runs.model import Counts, Mode, Run, Trigger, What
from unisono.directory.runs.process import Faulted, Place, lines
from unisono.directory.runs.service import RunService
from unisono.directory.runs.store import process_lost
from unisono.directory.runs.turns import deaf
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Conflict, Fault, Invalid, NotFound
from unisono.kernel.expected import ANYTHING, Expected
from unisono.storage import Database

WORKER = "unisono.directory.exporters.worker"
_CHECK_SECONDS = 60.0


class Exports(RunService):
    """The exports of this server."""

    def __init__(
        self, database: Database, clock: Clock, place: Place, folder: str, zone_of: Callable[[str], tzinfo]
    ) -> None:
        super().__init__(database, clock, What.EXPORT, WORKER, zone_of)
        self.store = Exporters(database, clock)
        self._place = place
        self._exports = folder

    async def save(
        self,
        wanted: Exporter,
        expected: Expected = ANYTHING,
        known: Callable[[Exporter | None], None] = lambda before: None,
    ) -> Exporter:
        """Check and store an export; an empty id makes a new one. `known` looks at what is stored.

        An empty secret among its settings means the stored one. Raises what `known` raises; `Invalid`, and says where;
        `NotFound`, `Outdated`, `Conflict`.
        """

        targets = await self._targets(wanted)

        def made(before: Exporter | None, others: Sequence[Exporter]) -> Exporter:
            expected.check(before and configure.shown(before))
            known(before)
            full = configure.checked(wanted, before)
            for other in others:
                self._check_apart(full, other, targets)
            return full

        return await self.store.save(wanted.id, made)

    async def _targets(self, wanted: Exporter) -> dict[str, Path]:
        """Where the files of all exports lead to, if this one has a file. Raises `Invalid` if that cannot be written.

        It is looked at before others have to wait for us: a folder of a network may keep silent.
        """
        target = await asyncio.to_thread(configure.target, wanted, self._exports)
        if target is None:
            return {}
        files = {other.file for other in await self.store.all() if other.file}
        found = await asyncio.to_thread(lambda: {file: configure.leads_to(self._exports, file) for file in files})
        return {**found, wanted.file: target}

    def _check_apart(self, wanted: Exporter, other: Exporter, targets: Mapping[str, Path]) -> None:
        if other.name.casefold() == wanted.name.casefold():
            raise name_taken(other.name)
        if not wanted.file or not other.file:
            return
        # One that came at this very moment is not among them.
        there = targets.get(other.file) or configure.leads_to(self._exports, other.file)
        if there == targets[wanted.file]:
            message = f"The export {other.name} writes this file."
            raise Conflict("export-file-taken", message, data={"field": "file", "export": other.name})

    async def remove(self, id: str, expected: Expected = ANYTHING) -> None:
        """Forget an export; what it wrote elsewhere stays. Raises `NotFound`, `Outdated`, `Conflict` while it runs."""
        await self.store.remove(id, lambda before: expected.check(configure.shown(before)))
        for path in (Path(self._place.folder) / configure.KEPT).glob(f"{id}.*"):
            await asyncio.to_thread(path.unlink)

    async def check(self, id: str, key: str, settings: dict[str, object]) -> Check:
        """Test whether another directory can be filled; with `id` empty secrets are those of that export. Raises `Fault`."""
        before = await self.store.get(id) if id else None
        wanted = configure.checked(Exporter(id, "check", key, settings=settings), before)
        found = await answer(CheckOrder(key, wanted.settings), _CHECK_SECONDS, WORKER)
        match found:
            case Looked():
                return found.check
            case Faulted():
                raise found.fault()
        raise AssertionError(found)

    async def preview(self, wanted: Exporter) -> Previewed:
        """The first contacts as they would leave; in a process of its own, for an expression may take long. Raises `Fault`."""
        before = await self.store.get(wanted.id) if wanted.id else None
        order = PreviewOrder(self._place, configure.checked(wanted, before))
        await asyncio.to_thread(configure.target, wanted, self._exports)
        try:
            async with asyncio.timeout(_CHECK_SECONDS), aclosing(lines(order, WORKER)) as said:
                async for line in said:
                    match msgspec.json.decode(line, type=Previewed | Faulted):
                        case Previewed() as seen:
                            return seen
                        case Faulted() as found:
                            raise found.fault()
        except TimeoutError:
            message = f"The first contacts took longer than {_CHECK_SECONDS:g} seconds: is a regular expression too hard?"
            raise Fault("export-too-long", message, data={"seconds": int(_CHECK_SECONDS)}) from None
        raise process_lost(What.EXPORT)

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

    async def start(self, id: str, trigger: Trigger, *, dry: bool = False, agreed: int = 0) -> Run:
        """Begin a run; `agreed`: so many contacts may go without asking. Raises `NotFound`, `Conflict`."""
        await self.store.get(id)
        if self._turns.full:
            raise Conflict("too-many-exports", "Too many exports are waiting. Try again when some are done.")
        run = await self.runs.begin(id, mode_of(dry), trigger)
        return self._turns.put(run, self._order(run, agreed=agreed))

    async def now(
        self, id: str, trigger: Trigger, *, dry: bool, agreed: bool = False, told: Callable[[Counts], None] = deaf
    ) -> Run:
        """Do a run at once, and wait for it; `agreed`: it asks nothing; `told` hears how far it is."""
        run = await self.runs.begin(id, mode_of(dry), trigger)
        return await self._turns.now(run, self._order(run, agreed=sys.maxsize if agreed else 0), told)

    def _order(self, run: Run, *, agreed: int) -> ExportOrder:
        return ExportOrder(self._place, run.id, self._exports, agreed)

    async def confirm(self, id: str) -> Run:
        """Do again what a run asks about: a new run, which takes its place. It asks only if more would go than was shown.

        Raises `NotFound`, `Conflict`.
        """
        asking = await self._asking(id)
        return await self.start(asking.owner, Trigger.MANUAL, agreed=asking.counts.removed)

    async def _scheduled(self) -> Sequence[Exporter]:
        return await self.store.all()

    async def _start_due(self, id: str) -> Run:
        return await self.start(id, Trigger.SCHEDULE)


def mode_of(dry: bool) -> Mode:
    """An export is always whole."""
    return Mode.DRY if dry else Mode.FULL
