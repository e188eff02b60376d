"""The configured PBX links."""

from dataclasses import asdict, dataclass

from sqlalchemy import JSON, Boolean, Column, String, Table, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from unisono.storage import Database, metadata

connector_table = Table(
    "connector",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("location_id", String(64), nullable=False),
    Column("settings", JSON, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Instance:
    """One configured link. `settings` are plain JSON values, secrets among them: never show them as they are."""

    id: str
    name: str
    kind: str
    enabled: bool
    location_id: str
    settings: dict[str, object]


class ConnectorStore:
    """Reads the table `connector`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> list[Instance]:
        """Every configured link, by name."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(connector_table).order_by(connector_table.c.name))
            return [Instance(**row._mapping) for row in rows]


async def put(connection: AsyncConnection, instance: Instance) -> None:
    """Write a link, in the place of the one with the same id."""
    await remove(connection, instance.id)
    await connection.execute(insert(connector_table).values(asdict(instance)))


async def remove(connection: AsyncConnection, id: str) -> None:
    """Delete a link; nothing happens when it is not there."""
    await connection.execute(delete(connector_table).where(connector_table.c.id == id))
