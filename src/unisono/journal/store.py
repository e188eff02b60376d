"""Reads and writes the journal's table."""

import asyncio
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, literal_column, select
from sqlalchemy.exc import IntegrityError

from unisono.journal import listing
from unisono.journal.model import JournalEntry, Outcome, Query
from unisono.journal.pack import from_json, to_json
from unisono.journal.tables import POSTGRESQL_SEARCH, SPREAD, SQLITE_SEARCH, entry_table
from unisono.journal.text import search_text
from unisono.storage import Database

_AT_ONCE = 10
"""Rows that are made before others may run."""


class Entries:
    """The table, as values. Call `prepare` once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._search = listing.TextSearch.LIKE
        self._upsert = database.upsert(entry_table, ("call_id", "line_id"), keep=("id",))

    async def prepare(self) -> None:
        """Make the full-text index of this database, if it is not there; older entries are taken into it."""
        dialect = self._database.engine.dialect.name
        if dialect == "sqlite":
            async with self._database.write() as connection:
                name = "SELECT count(*) FROM sqlite_master WHERE name = 'journal_search'"
                there = (await connection.exec_driver_sql(name)).scalar()
                for statement in SQLITE_SEARCH:
                    await connection.exec_driver_sql(statement)
                if not there:
                    await connection.exec_driver_sql("INSERT INTO journal_search(journal_search) VALUES ('rebuild')")
            self._search = listing.TextSearch.FTS5
        elif dialect == "postgresql":
            async with self._database.write() as connection:
                for statement in POSTGRESQL_SEARCH:
                    await connection.exec_driver_sql(statement)
            self._search = listing.TextSearch.TSVECTOR

    async def save(self, entries: Sequence[JournalEntry]) -> dict[str, str]:
        """Write entries as they are now, new or not; returns the new ids of those that had to get another one."""
        rows = []
        for count, entry in enumerate(entries, 1):
            rows.append(row_of(entry))
            if count % _AT_ONCE == 0:
                await asyncio.sleep(0)
        try:
            async with self._database.write() as connection:
                await connection.execute(self._upsert, rows)
        except IntegrityError:
            return {entry.id: new for entry in entries if (new := await self._save_one(entry)) != entry.id}
        return {}

    async def _save_one(self, entry: JournalEntry) -> str:
        """Two servers gave the same id to two calls of one millisecond: the later one moves up."""
        row = row_of(entry)
        for _ in range(SPREAD):
            try:
                async with self._database.write() as connection:
                    await connection.execute(self._upsert, [row])
            except IntegrityError:
                row["id"] += 1
            else:
                return str(row["id"])
        raise RuntimeError(f"no free journal id near {entry.id}")

    async def get(self, entry_id: str) -> JournalEntry | None:
        """One entry."""
        if not entry_id.isdecimal() or len(entry_id) > 18:
            return None
        found = await self._read(entry_table.c.id == int(entry_id))
        return found[0] if found else None

    async def of_call(self, call_id: str) -> list[JournalEntry]:
        """The entries of one call."""
        return await self._read(entry_table.c.call_id == call_id)

    async def running(self) -> list[JournalEntry]:
        """The entries of calls that were up when last seen."""
        return await self._read(literal_column("running = 1"))

    async def open_with(self, partner: str) -> list[JournalEntry]:
        """Missed calls from this partner (canonical, or as reported) that nobody dealt with."""
        return await self._read(literal_column("is_open = 1"), entry_table.c.partner == partner)

    async def _read(self, *conditions: Any) -> list[JournalEntry]:
        query = select(entry_table.c.id, entry_table.c.data).where(*conditions)
        async with self._database.read() as connection:
            return [from_json(*row) for row in await connection.execute(query)]

    async def page(self, query: Query) -> list[JournalEntry]:
        """Entries newest first, at most `query.limit` of them."""
        async with self._database.read() as connection:
            return [from_json(*row) for row in await connection.execute(listing.statement(query, self._search))]

    async def open_counts(self) -> dict[str, int]:
        """Per owner: missed calls that wait."""
        waiting: Any = literal_column("is_open = 1")
        count = select(entry_table.c.owner, func.count()).where(waiting).group_by(entry_table.c.owner)
        async with self._database.read() as connection:
            return {row[0]: row[1] for row in await connection.execute(count)}

    async def open_partners(self) -> set[str]:
        """The partners whose missed calls wait."""
        query = select(entry_table.c.partner).where(literal_column("is_open = 1")).distinct()
        async with self._database.read() as connection:
            return set((await connection.execute(query)).scalars())

    async def delete_old(
        self, *, internal: bool | None, with_note: bool, after: int, before: int, most: int
    ) -> tuple[int, int]:
        """Delete up to `most` entries with ids between two; returns how many, and the id to go on behind (0: no more)."""
        conditions: list[Any] = [literal_column("running = 0"), literal_column(f"has_note = {int(with_note)}")]
        if internal is not None:
            conditions.append(literal_column(f"internal = {int(internal)}"))
        found = (
            select(entry_table.c.id)
            .where(entry_table.c.id > after, entry_table.c.id < before, *conditions)
            .order_by(entry_table.c.id)
            .limit(most)
        )
        async with self._database.write() as connection:
            ids = list((await connection.execute(found)).scalars())
            if ids:
                await connection.execute(delete(entry_table).where(entry_table.c.id.in_(ids)))
        return len(ids), ids[-1] if len(ids) == most else 0


def row_of(entry: JournalEntry) -> dict[str, Any]:
    """The row of an entry."""
    return {
        "id": int(entry.id),
        "call_id": entry.call_id,
        "line_id": entry.line_id,
        "owner": entry.owner,
        "inbound": int(entry.inbound),
        "internal": int(entry.internal),
        "missed": int(entry.missed),
        "is_open": int(entry.open),
        "connected": int(entry.connected),
        "running": int(entry.outcome is Outcome.RUNNING),
        "has_note": int(bool(entry.note)),
        "private": int(entry.private),
        "partner": partner_key(entry),
        "contact_id": entry.remote.contact_id,
        "search": search_text(entry),
        "data": to_json(entry),
    }


def partner_key(entry: JournalEntry) -> str:
    """What calls with the same partner have in common."""
    return (entry.remote.canonical or entry.remote.number)[:64]
