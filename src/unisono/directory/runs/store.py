"""What runs and what ran, in the database."""

import math
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, assert_never

import msgspec
from sqlalchemy import ColumnElement, RowMapping, Select, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from unisono.directory.runs.model import Counts, Mode, Report, Run, RunState, Trigger, What
from unisono.directory.runs.tables import run_table
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Conflict, Culprit, Fault, NotFound, Retry
from unisono.kernel.ids import new_id
from unisono.storage import Database

LEASE = timedelta(seconds=30)
"""A run says that often at least that it lives; else it counts as lost."""
KEPT = 100
"""Runs remembered of each source and export."""
_OPEN = run_table.c.state.in_((RunState.RUNNING.value, RunState.ASKS.value))

_report = msgspec.msgpack.Decoder(Report)
_COLUMNS = [column for column in run_table.c if column.name not in ("lease", "report")]


class Runs:
    """The runs of all sources, or of all exports."""

    def __init__(self, database: Database, clock: Clock, what: What) -> None:
        self._database = database
        self._clock = clock
        self._what = what

    async def begin(self, owner: str, mode: Mode, trigger: Trigger) -> Run:
        """Begin a run; one that asked is refused. Raises `Conflict` while another one lives, on whatever node."""
        run = new_run(self._what, owner, mode, trigger, self._clock.now())
        try:
            async with self._database.write() as connection:
                await begin_run(connection, run)
        except IntegrityError:
            raise await self._busy(owner, run.started) from None
        return run

    async def _busy(self, owner: str, now: datetime) -> Conflict:
        async with self._database.read() as connection:
            row = (await connection.execute(_living(owner, now))).one_or_none()
        return _held(self._what, now, *(row or ()))

    async def beat(self, run: Run, counts: Counts) -> bool:
        """Say that a run lives and how far it is; False if it was given up meanwhile."""
        mine = update(run_table).where(run_table.c.id == run.id, run_table.c.state == RunState.RUNNING.value)
        async with self._database.write() as connection:
            lives = mine.values(lease=self._clock.now() + LEASE, counts=msgspec.to_builtins(counts))
            return (await connection.execute(lives)).rowcount == 1

    async def end(self, run: Run, report: Report | None = None) -> Run:
        """A run is over, or asks; `run` says how. One that is over already stays as it ended."""
        ended = replace(run, ended=self._clock.now())
        async with self._database.write() as connection:
            if await end_run(connection, ended, report):
                return ended
        return await self.run(run.id)

    async def note(self, id: str, code: str, message: str, data: dict[str, object]) -> bool:
        """Something to say about a run that went well otherwise; False if it says or asks something already."""
        well = (run_table.c.state == RunState.DONE.value) & (run_table.c.code == "")
        async with self._database.write() as connection:
            noted = update(run_table).where(run_table.c.id == id, well)
            return (await connection.execute(noted.values(code=code, message=message, data=data))).rowcount == 1

    async def runs(self, owner: str, limit: int = 20) -> list[Run]:
        """The last runs of a source or an export, the newest first."""
        query = select(*_COLUMNS).where(run_table.c.owner == owner).order_by(run_table.c.id.desc()).limit(limit)
        async with self._database.read() as connection:
            return [_run(row._mapping) for row in await connection.execute(query)]

    async def last_runs(self, modes: Collection[Mode] = tuple(Mode)) -> dict[str, Run]:
        """The newest run of each, of these modes."""
        which = self._ours & run_table.c.mode.in_([mode.value for mode in modes])
        newest = select(func.max(run_table.c.id)).where(which).group_by(run_table.c.owner)
        async with self._database.read() as connection:
            rows = await connection.execute(select(*_COLUMNS).where(run_table.c.id.in_(newest)))
            return {row.owner: _run(row._mapping) for row in rows}

    async def run(self, id: str) -> Run:
        """One run. Raises `NotFound`."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(*_COLUMNS).where(run_table.c.id == id))).one_or_none()
        if row is None:
            raise NotFound("unknown-run", "There is no such run, or it is long done.", data={"id": id})
        return _run(row._mapping)

    async def report(self, id: str) -> Report:
        """What a run would say in full."""
        async with self._database.read() as connection:
            data = await connection.scalar(select(run_table.c.report).where(run_table.c.id == id))
        return _report.decode(data) if data else Report()

    async def tidy(self) -> None:
        """Mark runs whose process is gone as lost."""
        async with self._database.write() as connection:
            await _lose(connection, self._what, run_table.c.lease < self._clock.now())

    async def leases(self) -> dict[str, datetime]:
        """The runs that go on, and until when each is believed to."""
        which = self._ours & (run_table.c.state == RunState.RUNNING.value)
        async with self._database.read() as connection:
            rows = await connection.execute(select(run_table.c.id, run_table.c.lease).where(which))
            return {row.id: row.lease for row in rows}

    async def lose(self, id: str, lease: datetime) -> bool:
        """Mark a run as lost, unless it has said meanwhile that it lives."""
        async with self._database.write() as connection:
            return await _lose(connection, self._what, (run_table.c.id == id) & (run_table.c.lease == lease)) == 1

    async def give_up(self, run: Run) -> None:
        """Mark a run that nobody does here as lost. Raises `Conflict` while somebody else may be doing it."""
        now = self._clock.now()
        async with self._database.write() as connection:
            await _lose(connection, self._what, (run_table.c.id == run.id) & (run_table.c.lease < now))
            row = (await connection.execute(_living(run.owner, now))).one_or_none()
        if row is not None and row.id == run.id:
            seconds = _seconds(row.lease, now)
            message = "Another server, or a command, does this run; stop it there."
            message += f" If that was killed, the run can be stopped here in {seconds} seconds."
            raise Conflict("runs-elsewhere", message, retry=Retry.LATER, data={"seconds": seconds})

    @property
    def _ours(self) -> ColumnElement[bool]:
        return run_table.c.what == self._what.value


def process_lost(what: What) -> Fault:
    """A process, or whoever had a run done, was ended from outside."""
    match what:
        case What.SOURCE:
            message = (
                "The import was ended from outside: its process was killed, or the server stopped."
                " Nothing of it counts; run it again."
            )
            return Fault("run-lost", message, culprit=Culprit.US)
        case What.EXPORT:
            message = "The export process was ended from outside; what was exported before is still there. Run it again."
            return Fault("export-lost", message, culprit=Culprit.US)
        case _:
            assert_never(what)


def lost(run: Run) -> Run:
    """How a run ended whose process, or whoever had it done, was ended from outside."""
    fault = process_lost(run.what)
    return replace(run, state=RunState.FAILED, code=fault.code, message=fault.message)


def forgotten(run: Run) -> Run:
    """How a run ended whose source or export was removed at that moment; what it asks nobody can answer any more."""
    match run.what:
        case What.SOURCE:
            message = "The source was removed just as this run ended; what it had published stays in its book."
        case What.EXPORT:
            message = "The export was removed just as this run ended; what it had exported is still there."
        case _:
            assert_never(run.what)
    state = RunState.REFUSED if run.state is RunState.ASKS else run.state
    return replace(run, state=state, code="run-forgotten", message=message)


def new_run(what: What, owner: str, mode: Mode, trigger: Trigger, now: datetime) -> Run:
    """A run that `begin_run` begins."""
    return Run(new_id(), what, owner, mode, trigger, RunState.RUNNING, now)


async def begin_run(connection: AsyncConnection, run: Run) -> None:
    """Begin a run in the caller's transaction; one that asked is refused. Raises `IntegrityError` while another one lives."""
    now = run.started
    await _lose(connection, run.what, (run_table.c.owner == run.owner) & (run_table.c.lease < now))
    await refuse_asking(connection, run.owner)
    values = {"id": run.id, "what": run.what.value, "owner": run.owner, "trigger": run.trigger.value, "started": now}
    report = msgspec.msgpack.encode(Report())
    row = insert(run_table).values(lease=now + LEASE, ended=None, report=report, **values, **_outcome(run))
    await connection.execute(row)
    await _forget_old(connection, run.owner)


async def _lose(connection: AsyncConnection, what: What, which: ColumnElement[bool]) -> int:
    """Whoever did these runs is gone without a word; gives how many they are. What they counted last stays."""
    mine = (run_table.c.what == what.value) & (run_table.c.state == RunState.RUNNING.value)
    fault = process_lost(what)
    values = {"state": RunState.FAILED.value, "ended": run_table.c.lease, "code": fault.code, "message": fault.message}
    return (await connection.execute(update(run_table).where(mine, which).values(values))).rowcount


async def check_idle(connection: AsyncConnection, what: What, owner: str, now: datetime) -> None:
    """Raises `Conflict` while a run of this source or export lives."""
    row = (await connection.execute(_living(owner, now))).one_or_none()
    if row is not None:
        raise _held(what, now, row.id, row.lease)


async def refuse_asking(connection: AsyncConnection, owner: str) -> None:
    """What a run of this source or export asks has no answer any more."""
    asking = (run_table.c.owner == owner) & (run_table.c.state == RunState.ASKS.value)
    await connection.execute(update(run_table).where(asking).values(state=RunState.REFUSED.value, code="superseded"))


async def _forget_old(connection: AsyncConnection, owner: str) -> None:
    """Of the runs of a source or an export the last `KEPT` are remembered, and those that are not over."""
    old = select(run_table.c.id).where(run_table.c.owner == owner).order_by(run_table.c.id.desc()).offset(KEPT)
    await connection.execute(delete(run_table).where(run_table.c.id.in_(old), ~_OPEN))


async def forget(connection: AsyncConnection, owner: str) -> None:
    """Forget the runs of a source or an export that is no more."""
    await connection.execute(delete(run_table).where(run_table.c.owner == owner))


async def end_run(connection: AsyncConnection, run: Run, report: Report | None) -> bool:
    """Write how a run ended, in the caller's transaction; False if it was over already."""
    values = {"ended": run.ended, **_outcome(run)}
    if report is not None:
        values["report"] = msgspec.msgpack.encode(report)
    done = await connection.execute(update(run_table).where(run_table.c.id == run.id, _OPEN).values(values))
    return done.rowcount == 1


def _living(owner: str, now: datetime) -> Select[tuple[str, datetime]]:
    lives = (run_table.c.state == RunState.RUNNING.value) & (run_table.c.lease >= now)
    return select(run_table.c.id, run_table.c.lease).where(run_table.c.owner == owner, lives)


def _held(what: What, now: datetime, run: str = "", lease: datetime | None = None) -> Conflict:
    """A run lives, or its process was killed and nobody has noticed yet: that is known when its lease is over."""
    seconds = _seconds(lease, now) if lease is not None else 0
    data = {"run": run, "seconds": seconds}
    match what:
        case What.SOURCE:
            message = "This source is being read right now; wait until that is done."
            message += f" If the process that read it was killed, the source is free again in {seconds} seconds."
            return Conflict("already-running", message, retry=Retry.LATER, data=data)
        case What.EXPORT:
            message = "This export is running right now; wait until that is done."
            message += f" If its process was killed, it is free again in {seconds} seconds."
            return Conflict("export-running", message, retry=Retry.LATER, data=data)
        case _:
            assert_never(what)


def _seconds(lease: datetime, now: datetime) -> int:
    return math.ceil((lease - now).total_seconds())


def _outcome(run: Run) -> dict[str, Any]:
    return {
        "mode": run.mode.value,
        "state": run.state.value,
        "counts": msgspec.to_builtins(run.counts),
        "code": run.code,
        "message": run.message,
        "data": run.data,
        "layer": run.layer,
        "size": run.size,
    }


def _run(row: RowMapping) -> Run:
    values: dict[str, Any] = dict(row)
    for name, type in (("what", What), ("mode", Mode), ("trigger", Trigger), ("state", RunState)):
        values[name] = type(values[name])
    values["counts"] = msgspec.convert(values["counts"], Counts)
    return Run(**values)
