"""Bring a database to today's shape.

A new migration: change the tables in a room's `store.py`; `unisono migration "Sentence"` writes the difference as a
file below `storage/migrations/versions`; read it before committing it.
"""

import re
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from unisono.storage.database import Database

MIGRATIONS = Path(__file__).parent / "migrations"
_REVISION = re.compile(r'^(down_)?revision = "(\w+)"$', re.MULTILINE)


def revision(connection: Connection) -> str | None:
    """The migration this database stands at; none when it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def head() -> str:
    """The newest migration there is: the one that none follows."""
    made, followed = set[str](), set[str]()
    for file in (MIGRATIONS / "versions").glob("*.py"):
        for before, name in _REVISION.findall(file.read_text()):
            (followed if before else made).add(name)
    [newest] = made - followed
    return newest


async def upgrade(database: Database) -> None:
    """Apply every missing migration, all in one transaction where the database can (SQLite and PostgreSQL do)."""
    async with database.read() as connection:
        if await connection.run_sync(revision) == head():
            return
    from unisono.storage import by_alembic

    async with database.write() as writing:
        await writing.run_sync(by_alembic.upgrade_connection)
