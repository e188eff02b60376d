"""The configured PBX links."""

from dataclasses import dataclass

from sqlalchemy import JSON, Boolean, Column, String, Table, delete, insert, select, update

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
    """Reads and writes the table `connector`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> list[Instance]:
        """Every configured link, by name."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(connector_table).order_by(connector_table.c.name))
            return [Instance(**row._mapping) for row in rows]

    async def save(self, instance: Instance) -> None:
        """Insert or replace."""
        values = {
            "name": instance.name,
            "kind": instance.kind,
            "enabled": instance.enabled,
            "location_id": instance.location_id,
            "settings": instance.settings,
        }
        async with self._database.write() as connection:
            done = await connection.execute(
                update(connector_table).where(connector_table.c.id == instance.id).values(values)
            )
            if done.rowcount == 0:
                await connection.execute(insert(connector_table).values(id=instance.id, **values))

    async def remove(self, id: str) -> None:
        """Delete; nothing happens when it is not there."""
        async with self._database.write() as connection:
            await connection.execute(delete(connector_table).where(connector_table.c.id == id))
