"""The calls that are up, on disk: so that they are found again after a crash, and no end of one is missed; and anomalies.

Written behind: whatever changes is collected, the newest version of each call only, and goes out in one transaction a few
milliseconds later. When the disk refuses, it is kept and tried again; nothing is lost but with the process.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Column, Index, LargeBinary, String, Table, delete, select

from unisono.calls.anomalies import Anomaly, Key
from unisono.calls.model import Call
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Fault
from unisono.kernel.log import Log
from unisono.kernel.tasks import backoff
from unisono.storage import Database, UtcDateTime, metadata

log = Log("calls")

BATCH_SECONDS = 0.05
KEPT_ENDED = timedelta(hours=1)
_AT_ONCE = 500
"""Calls in one statement; databases limit the number of its parameters."""

open_call_table = Table(
    "open_call",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("connector", String(64), nullable=False),
    Column("native", String(256), nullable=False),
    Column("call", LargeBinary, nullable=False),
    Column("ended", UtcDateTime),
    Column("updated", UtcDateTime, nullable=False),
    Index(None, "ended"),
)

anomaly_table = Table(
    "anomaly",
    metadata,
    Column("connector", String(64), primary_key=True),
    Column("why", String(32), primary_key=True),
    Column("event", String(64), primary_key=True),
    Column("value", LargeBinary, nullable=False),
)

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Call)
_anomaly_decoder = msgspec.json.Decoder(Anomaly)


class CallStore:
    """The table `open_call`. `run` writes; `save` only remembers what to write."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._upsert = database.upsert(open_call_table, ("id",))
        self._pending: dict[str, Call] = {}
        self._wake = asyncio.Event()
        self._writing = asyncio.Lock()
        self._written = asyncio.Event()
        self._written.set()
        self.fault: Fault | None = None
        """Why the last write failed; None: it did not."""
        self.anomalies = AnomalyStore(database)

    @property
    def waiting(self) -> int:
        """How many calls are still to be written."""
        return len(self._pending)

    def save(self, call: Call) -> None:
        """Write this version soon; returns at once."""
        self._pending[call.id] = call
        self._wake.set()
        self._written.clear()

    async def written(self) -> None:
        """Wait until everything that was saved is on disk."""
        await self._written.wait()

    async def run(self) -> None:
        """Write what is saved, in batches; never ends by itself."""
        attempt = 0
        while True:
            await self._wake.wait()
            await self._clock.sleep(BATCH_SECONDS if not attempt else backoff(attempt - 1, most=5.0))
            try:
                await self.flush()
                attempt = 0
            except Fault as fault:
                attempt += 1
                log.warning("calls not written", code=fault.code, waiting=self.waiting, attempt=attempt)

    async def flush(self) -> None:
        """Write everything that is waiting now; raises `Unavailable`, and keeps it, if that cannot be."""
        async with self._writing:
            self._wake.clear()
            batch, self._pending = self._pending, {}
            try:
                for start in range(0, len(batch), _AT_ONCE):
                    await self._write_whole_or_singly(list(batch.values())[start : start + _AT_ONCE])
                self.fault = None
                if not self._pending:
                    self._written.set()
            except BaseException as error:
                self._pending = {**batch, **self._pending}
                self._wake.set()
                self.fault = error if isinstance(error, Fault) else self.fault
                raise

    async def _write_whole_or_singly(self, calls: Sequence[Call]) -> None:
        """One call that no database can hold (an odd character in a name) must not keep the others out."""
        try:
            await self._write(calls)
        except Fault:
            raise
        except Exception:
            if len(calls) == 1:
                log.exception("a call cannot be written", call=calls[0].id)
                return
            for call in calls:
                await self._write_whole_or_singly([call])

    async def _write(self, calls: Sequence[Call]) -> None:
        now = self._clock.now()
        rows = [
            {
                "id": call.id,
                "connector": call.connector,
                "native": call.native[:256],
                "call": _encoder.encode(call),
                "ended": call.ended,
                "updated": now,
            }
            for call in calls
        ]
        async with self._database.write() as connection:
            await connection.execute(self._upsert, rows)

    async def load(self) -> list[Call]:
        """Calls that were up when the server stopped, and those that ended within the hour before; oldest first.

        A row that an older version wrote and this one cannot read is left out.
        """
        since = self._clock.now() - KEPT_ENDED
        wanted = open_call_table.c.ended.is_(None) | (open_call_table.c.ended >= since)
        async with self._database.read() as connection:
            rows = (await connection.execute(select(open_call_table).where(wanted))).all()
        calls = []
        for row in rows:
            try:
                calls.append(_decoder.decode(row.call))
            except msgspec.MsgspecError as error:
                log.warning("stored call unreadable", call=row.id, error=str(error))
        return sorted(calls, key=lambda call: (call.started, call.id))

    async def prune(self, before: datetime) -> None:
        """Remove calls that ended before this moment."""
        async with self._database.write() as connection:
            await connection.execute(delete(open_call_table).where(open_call_table.c.ended < before))


class AnomalyStore:
    """The table `anomaly`: one row for each kind of impossible event of a connector."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._upsert = database.upsert(anomaly_table, ("connector", "why", "event"))

    async def load(self) -> list[Anomaly]:
        """Everything stored; a row that an older version wrote and this one cannot read is left out."""
        async with self._database.read() as connection:
            rows = (await connection.execute(select(anomaly_table))).all()
        found = []
        for row in rows:
            try:
                found.append(_anomaly_decoder.decode(row.value))
            except msgspec.MsgspecError as error:
                log.warning("stored anomaly unreadable", connector=row.connector, error=str(error))
        return found

    async def write(self, anomalies: Iterable[Anomaly], gone: Iterable[Key]) -> None:
        """Store these in place of what was there, forget those: all or nothing. Raises `Unavailable`."""
        rows = [
            {"connector": each.connector, "why": each.why, "event": each.event, "value": _encoder.encode(each)}
            for each in anomalies
        ]
        column = anomaly_table.c
        async with self._database.write() as connection:
            for connector, why, event in gone:
                key = (column.connector == connector, column.why == why, column.event == event)
                await connection.execute(delete(anomaly_table).where(*key))
            if rows:
                await connection.execute(self._upsert, rows)
