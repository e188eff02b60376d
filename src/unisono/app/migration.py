"""For developers: write the difference between declared and migrated tables as a new migration."""

import tempfile
from pathlib import Path

import unisono.app.serve  # noqa: F401  imports every room's store, so all tables are declared
from unisono.storage import Database, by_alembic, migrate


async def new_migration(message: str) -> None:
    """Make a migration file; read it before committing it."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'empty.sqlite3'}")
        await migrate.upgrade(database)
        await by_alembic.write_migration(database, message)
        await database.close()
