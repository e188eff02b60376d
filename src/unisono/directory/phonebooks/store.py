"""Tables of the phone books: fleets, each whole as JSON, and the digests of their keys."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, String, Table, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from unisono.directory.phonebooks.model import Key
from unisono.storage import Database, UtcDateTime, metadata

fleet_table = Table(
    "phonebook_fleet",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("data", JSON, nullable=False),
)
key_table = Table(
    "phonebook_key",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("fleet_id", ForeignKey("phonebook_fleet.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", String(120), nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("last_used", UtcDateTime),
)


class FleetStore:
    """Reads and writes the tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def fleets(self) -> list[dict[str, Any]]:
        """The JSON of every fleet, by id."""
        async with self._database.read() as connection:
            return [row.data for row in await connection.execute(select(fleet_table).order_by(fleet_table.c.id))]

    async def keys(self) -> dict[str, Key]:
        """Every key by the digest of its secret."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(key_table))
            return {row.digest: Key(row.id, row.fleet_id, row.name, row.created, row.last_used) for row in rows}

    async def touch_key(self, id: str, now: datetime) -> None:
        """Note when a key was used."""
        async with self._database.write() as connection:
            await connection.execute(update(key_table).where(key_table.c.id == id).values(last_used=now))


async def put(connection: AsyncConnection, id: str, data: dict[str, Any]) -> None:
    """Add or replace a fleet."""
    done = await connection.execute(update(fleet_table).where(fleet_table.c.id == id).values(data=data))
    if not done.rowcount:
        await connection.execute(insert(fleet_table).values(id=id, data=data))


async def remove(connection: AsyncConnection, id: str) -> None:
    """Take a fleet away with its keys."""
    await connection.execute(delete(key_table).where(key_table.c.fleet_id == id))
    await connection.execute(delete(fleet_table).where(fleet_table.c.id == id))


async def add_key(connection: AsyncConnection, digest: str, key: Key) -> None:
    """Add a key."""
    values = {"id": key.id, "digest": digest, "fleet_id": key.fleet_id, "name": key.name, "created": key.created}
    await connection.execute(insert(key_table).values(values))


async def remove_key(connection: AsyncConnection, id: str) -> None:
    """Take a key away."""
    await connection.execute(delete(key_table).where(key_table.c.id == id))
