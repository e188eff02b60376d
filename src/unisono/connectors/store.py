"""The configured PBX links."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from sqlalchemy import JSON, Boolean, Column, String, Table, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from unisono.kernel.ids import new_id
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

    async def save(self, id: str, made: Callable[[Instance | None], Instance]) -> Instance:
        """Write what is made of the link that is stored, if there is one; nobody else writes it meanwhile.

        An empty id gets a new one. Raises what `made` raises.
        """
        async with self._database.write() as connection:
            before = await _to_write(connection, id)
            saved = replace(made(before), id=id or new_id())
            if before is None:
                await connection.execute(insert(connector_table).values(asdict(saved)))
            else:
                await connection.execute(update(connector_table).where(connector_table.c.id == id).values(asdict(saved)))
        return saved

    async def remove(self, id: str, check: Callable[[Instance | None], None]) -> None:
        """Delete; nothing happens when it is not there. Raises what `check` raises."""
        async with self._database.write() as connection:
            check(await _to_write(connection, id))
            await connection.execute(delete(connector_table).where(connector_table.c.id == id))


async def _to_write(connection: AsyncConnection, id: str) -> Instance | None:
    """One link; nobody else writes it until this transaction ends."""
    query = select(connector_table).where(connector_table.c.id == id).with_for_update()
    row = (await connection.execute(query)).one_or_none()
    return Instance(**row._mapping) if row is not None else None
