"""Table of the presence room: what people set by hand, so that it survives a restart."""

from sqlalchemy import Column, ForeignKey, String, Table, delete, insert, select

from unisono.presence.model import Manual, State
from unisono.storage import Database, UtcDateTime, metadata

manual_table = Table(
    "manual_presence",
    metadata,
    Column("user_id", ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime),
    Column("note", String(500), nullable=False),
)


class ManualStore:
    """Reads and writes the table `manual_presence`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> dict[str, Manual]:
        """What everybody set, by user id."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(manual_table))
            return {row.user_id: Manual(State(row.state), row.since, row.until, row.note) for row in rows}

    async def put(self, user_id: str, manual: Manual | None) -> None:
        """Store what someone set, or that they took it back."""
        async with self._database.write() as connection:
            await connection.execute(delete(manual_table).where(manual_table.c.user_id == user_id))
            if manual is not None:
                await connection.execute(
                    insert(manual_table).values(
                        user_id=user_id,
                        state=manual.state.value,
                        since=manual.since,
                        until=manual.until,
                        note=manual.note,
                    )
                )
