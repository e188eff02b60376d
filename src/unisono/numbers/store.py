"""The table of locations. A location is kept whole, as JSON: it is read whole and written whole."""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from unisono.storage import Database, UtcDateTime, metadata

location_table = sa.Table(
    "location",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("plan", sa.JSON, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("updated", UtcDateTime, nullable=False),
)

Row = tuple[str, dict[str, object]]


async def read_all(database: Database) -> list[Row]:
    """Every location's id and JSON in the order people see; the first is the default."""
    query = sa.select(location_table.c.id, location_table.c.plan)
    async with database.read() as connection:
        rows = await connection.execute(query.order_by(location_table.c.position, location_table.c.id))
        return [(row.id, row.plan) for row in rows]


async def write(connection: AsyncConnection, entries: list[tuple[str, str, dict[str, object]]]) -> None:
    """Insert or replace locations (id, name, JSON); new ones go to the end."""
    now = datetime.now(UTC)
    last = (await connection.execute(sa.select(sa.func.max(location_table.c.position)))).scalar()
    position = -1 if last is None else int(last)
    for identity, name, plan in entries:
        values = {"name": name, "plan": plan, "updated": now}
        done = await connection.execute(sa.update(location_table).where(location_table.c.id == identity).values(**values))
        if not done.rowcount:
            position += 1
            await connection.execute(sa.insert(location_table).values(id=identity, position=position, **values))


async def delete(connection: AsyncConnection, identity: str) -> None:
    """Remove a location."""
    await connection.execute(sa.delete(location_table).where(location_table.c.id == identity))
