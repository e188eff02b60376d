"""Tables of the LDAP door: nodes, templates, users and profiles, each whole as JSON; passwords of users beside them."""

from typing import Any

from sqlalchemy import JSON, Column, String, Table, Text, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from unisono.storage import Database, metadata

item_table = Table(
    "ldap_item",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("data", JSON, nullable=False),
)
password_table = Table(
    "ldap_password",
    metadata,
    Column("user", String(64), primary_key=True),
    Column("hash", Text, nullable=False),
)


class Items:
    """Reads the tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self) -> list[tuple[str, dict[str, Any]]]:
        """Kind and JSON of everything, by id."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(item_table.c.kind, item_table.c.data).order_by(item_table.c.id))
            return [(row.kind, row.data) for row in rows]

    async def passwords(self) -> dict[str, str]:
        """The hash of every user's password."""
        async with self._database.read() as connection:
            return {row.user: row.hash for row in await connection.execute(select(password_table))}


async def put(connection: AsyncConnection, kind: str, id: str, data: dict[str, Any], hashed: str = "") -> None:
    """Add or replace; with a hash the user's password too."""
    here = (item_table.c.kind == kind, item_table.c.id == id)
    done = await connection.execute(update(item_table).where(*here).values(data=data))
    if not done.rowcount:
        await connection.execute(insert(item_table).values(kind=kind, id=id, data=data))
    if hashed:
        await connection.execute(delete(password_table).where(password_table.c.user == id))
        await connection.execute(insert(password_table).values(user=id, hash=hashed))


async def remove(connection: AsyncConnection, kind: str, id: str) -> None:
    """Take away, a user with the password."""
    await connection.execute(delete(item_table).where(item_table.c.kind == kind, item_table.c.id == id))
    if kind == "user":
        await connection.execute(delete(password_table).where(password_table.c.user == id))
