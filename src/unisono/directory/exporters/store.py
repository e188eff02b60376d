"""What is configured, what ran, and what was made elsewhere, in the database."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import RowMapping, delete, func, insert, or_, select, update

from unisono.directory.exporters.model import Difference, ExportColumn, Exporter, ExportOptions, ExportRun
from unisono.directory.exporters.tables import exporter_table, object_table, run_table
from unisono.directory.replicators.model import Counts, RunState, Trigger
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Conflict, NotFound
from unisono.kernel.ids import new_id
from unisono.numbers import NumberFormat
from unisono.storage import Database

LEASE = timedelta(seconds=30)
"""A running export says that often at least that it lives; else it counts as lost."""
_KEPT_RUNS = 100

_report = msgspec.msgpack.Decoder(Difference)
_NO_REPORT = msgspec.msgpack.encode(Difference())
_RUN_COLUMNS = [column for column in run_table.c if column is not run_table.c.report]
_OWN = [column for column in exporter_table.c if column.name not in ("run", "lease")]
LOST = "The export process was ended from outside; what was exported before is still there. Run it again."


class Exporters:
    """Reads and writes what is configured and what ran."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def all(self) -> list[Exporter]:
        """Every export, by name."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(*_OWN).order_by(func.lower(exporter_table.c.name)))
            return [_exporter(row._mapping) for row in rows]

    async def get(self, id: str) -> Exporter:
        """One export. Raises `NotFound`."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(*_OWN).where(exporter_table.c.id == id))).one_or_none()
        if row is None:
            raise NotFound("unknown-export", f"There is no export {id!r}.", data={"id": id})
        return _exporter(row._mapping)

    async def save(self, exporter: Exporter) -> Exporter:
        """Insert or replace; an empty id makes a new one. Raises `Conflict` for the name of another one."""
        saved = replace(exporter, id=exporter.id or new_id())
        values = _values(saved)
        async with self._database.write() as connection:
            same = func.lower(exporter_table.c.name) == saved.name.lower()
            if await connection.scalar(select(exporter_table.c.id).where(same, exporter_table.c.id != saved.id)):
                raise Conflict("export-name-taken", f"There is an export {saved.name!r} already.", data={"field": "name"})
            done = await connection.execute(update(exporter_table).where(exporter_table.c.id == saved.id).values(values))
            if done.rowcount == 0:
                await connection.execute(insert(exporter_table).values(id=saved.id, run="", lease=None, **values))
        return saved

    async def remove(self, id: str) -> None:
        """Forget an export, its runs and what it made. Raises `NotFound`, `Conflict` while it runs."""
        await self.get(id)
        busy = (exporter_table.c.id == id) & (exporter_table.c.lease > self._clock.now())
        async with self._database.write() as connection:
            if await connection.scalar(select(exporter_table.c.run).where(busy)):
                raise _running()
            for table in (run_table, object_table):
                await connection.execute(delete(table).where(table.c.exporter == id))
            await connection.execute(delete(exporter_table).where(exporter_table.c.id == id))

    # Runs

    async def begin(self, id: str, trigger: Trigger, *, dry: bool) -> ExportRun:
        """Begin a run. Raises `Conflict` while another one of this export lives, on whatever node."""
        now = self._clock.now()
        run = ExportRun(new_id(), id, dry, trigger, RunState.RUNNING, now)
        free = or_(exporter_table.c.run == "", exporter_table.c.lease < now)
        async with self._database.write() as connection:
            taken = update(exporter_table).where(exporter_table.c.id == id, free)
            if (await connection.execute(taken.values(run=run.id, lease=now + LEASE))).rowcount == 0:
                raise _running()
            mine = run_table.c.exporter == id
            lost = update(run_table).where(mine, run_table.c.state == RunState.RUNNING.value)
            await connection.execute(lost.values(state=RunState.FAILED.value, ended=now, code="export-lost", message=LOST))
            asking = update(run_table).where(mine, run_table.c.state == RunState.ASKS.value)
            await connection.execute(asking.values(state=RunState.REFUSED.value, code="superseded"))
            values = {"id": run.id, "exporter": id, "dry": dry, "trigger": trigger.value, "started": now, "ended": None}
            await connection.execute(insert(run_table).values(report=_NO_REPORT, **values, **_outcome(run)))
        return run

    async def beat(self, run: ExportRun, counts: Counts) -> bool:
        """Say that a run lives and how far it is; whether it still has its export to itself."""
        mine = (exporter_table.c.id == run.exporter) & (exporter_table.c.run == run.id)
        async with self._database.write() as connection:
            lives = update(exporter_table).where(mine).values(lease=self._clock.now() + LEASE)
            if (await connection.execute(lives)).rowcount == 0:
                return False
            told = update(run_table).where(run_table.c.id == run.id)
            await connection.execute(told.values(counts=msgspec.to_builtins(counts)))
        return True

    async def end(self, run: ExportRun, report: Difference | None = None) -> ExportRun:
        """A run is over, or asks; `run` says how. One that is over already stays as it ended."""
        ended = replace(run, ended=self._clock.now())
        values: dict[str, Any] = {"ended": ended.ended, **_outcome(ended)}
        if report is not None:
            values["report"] = msgspec.msgpack.encode(report)
        mine = (exporter_table.c.id == run.exporter) & (exporter_table.c.run == run.id)
        async with self._database.write() as connection:
            await connection.execute(update(exporter_table).where(mine).values(run="", lease=None))
            open_ = run_table.c.state.in_((RunState.RUNNING.value, RunState.ASKS.value))
            if (await connection.execute(update(run_table).where(run_table.c.id == run.id, open_).values(values))).rowcount:
                return ended
        return await self.run(run.id)

    async def runs(self, id: str, limit: int = 20) -> list[ExportRun]:
        """The last runs of an export, the newest first."""
        query = select(*_RUN_COLUMNS).where(run_table.c.exporter == id).order_by(run_table.c.id.desc()).limit(limit)
        async with self._database.read() as connection:
            return [_run(row._mapping) for row in await connection.execute(query)]

    async def last_runs(self) -> dict[str, ExportRun]:
        """The newest run of each export."""
        newest = select(func.max(run_table.c.id)).group_by(run_table.c.exporter)
        async with self._database.read() as connection:
            rows = await connection.execute(select(*_RUN_COLUMNS).where(run_table.c.id.in_(newest)))
            return {row.exporter: _run(row._mapping) for row in rows}

    async def run(self, id: str) -> ExportRun:
        """One run. Raises `NotFound`."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(*_RUN_COLUMNS).where(run_table.c.id == id))).one_or_none()
        if row is None:
            raise NotFound("unknown-run", "There is no such run, or it is long done.", data={"id": id})
        return _run(row._mapping)

    async def report(self, id: str) -> Difference:
        """What a run would say in full."""
        async with self._database.read() as connection:
            data = await connection.scalar(select(run_table.c.report).where(run_table.c.id == id))
        return _report.decode(data) if data else Difference()

    async def tidy(self) -> None:
        """Mark runs whose process is gone as lost, and forget old ones."""
        now = self._clock.now()
        async with self._database.write() as connection:
            dead = update(exporter_table).where(exporter_table.c.run != "", exporter_table.c.lease < now)
            await connection.execute(dead.values(run="", lease=None))
            living = select(exporter_table.c.run).where(exporter_table.c.run != "")
            lost = update(run_table).where(run_table.c.state == RunState.RUNNING.value, run_table.c.id.not_in(living))
            await connection.execute(lost.values(state=RunState.FAILED.value, ended=now, code="export-lost", message=LOST))
            for id in list((await connection.execute(select(exporter_table.c.id))).scalars()):
                mine = run_table.c.exporter == id
                over = run_table.c.state.not_in((RunState.RUNNING.value, RunState.ASKS.value))
                kept = select(run_table.c.id).where(mine).order_by(run_table.c.id.desc()).limit(_KEPT_RUNS).scalar_subquery()
                await connection.execute(delete(run_table).where(mine, over, run_table.c.id.not_in(kept)))

    # What was made in another directory

    async def objects(self, id: str) -> dict[str, str]:
        """The GUIDs of what an export has made, by contact; "": it was about to make it."""
        query = select(object_table.c.contact, object_table.c.guid).where(object_table.c.exporter == id)
        async with self._database.read() as connection:
            return {row.contact: row.guid for row in await connection.execute(query)}

    async def note(self, id: str, made: Mapping[str, str], gone: Collection[str] = ()) -> None:
        """Write down what was made, or is about to be ("" as its GUID), and what is no more."""
        here = object_table.c.exporter == id
        async with self._database.write() as connection:
            await connection.execute(delete(object_table).where(here, object_table.c.contact.in_([*made, *gone])))
            if made:
                rows = [{"exporter": id, "contact": contact, "guid": guid} for contact, guid in made.items()]
                await connection.execute(insert(object_table), rows)


def lost(run: ExportRun) -> ExportRun:
    """How a run ended whose process, or whoever had it done, was ended from outside."""
    return replace(run, state=RunState.FAILED, code="export-lost", message=LOST)


def _running() -> Conflict:
    return Conflict("export-running", "This export is running right now; wait until that is done.")


def _outcome(run: ExportRun) -> dict[str, Any]:
    return {
        "state": run.state.value,
        "counts": msgspec.to_builtins(run.counts),
        "code": run.code,
        "message": run.message,
        "data": run.data,
        "size": run.size,
    }


def _values(exporter: Exporter) -> dict[str, Any]:
    return {
        "name": exporter.name,
        "kind": exporter.kind,
        "enabled": exporter.enabled,
        "settings": exporter.settings,
        "books": None if exporter.books is None else list(exporter.books),
        "columns": msgspec.to_builtins(exporter.columns),
        "conditions": list(exporter.conditions),
        "number_format": exporter.number_format.value,
        "location_id": exporter.location_id,
        "file": exporter.file,
        "schedule": exporter.schedule,
        "options": msgspec.to_builtins(exporter.options),
    }


def _exporter(row: RowMapping) -> Exporter:
    values: dict[str, Any] = dict(row)
    values["books"] = None if values["books"] is None else tuple(values["books"])
    values["columns"] = msgspec.convert(values["columns"], tuple[ExportColumn, ...])
    values["conditions"] = tuple(values["conditions"])
    values["number_format"] = NumberFormat(values["number_format"])
    values["options"] = msgspec.convert(values["options"], ExportOptions)
    return Exporter(**values)


def _run(row: RowMapping) -> ExportRun:
    values: dict[str, Any] = dict(row)
    values["trigger"] = Trigger(values["trigger"])
    values["state"] = RunState(values["state"])
    values["counts"] = msgspec.convert(values["counts"], Counts)
    return ExportRun(**values)
