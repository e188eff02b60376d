"""Bring a database to today's shape.

A new migration: change the tables in a room's `store.py`; `unisono migration "Sentence"` writes the difference as a
file below `storage/migrations/versions`; read it before committing it.
"""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from unisono.kernel.errors import Culprit, Invalid, Retry
from unisono.storage.database import Database, metadata


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def revision(connection: Connection) -> str | None:
    """The migration this database stands at; none when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade_connection(connection: Connection, target: str = "head") -> None:
    """Apply the migrations up to `target` inside the caller's transaction."""
    config = _config(connection)
    current = revision(connection)
    script = ScriptDirectory.from_config(config)
    known = {each.revision for each in script.walk_revisions()}
    for wanted in (current, target):
        if wanted not in (None, "head", *known):
            raise Invalid(
                "database-newer",
                f"The data was made by a newer Unisono (revision {wanted}). Use that version, or an older backup.",
                culprit=Culprit.USER,
                retry=Retry.ASK_ADMIN,
            )
    if current != script.get_current_head():
        command.upgrade(config, target)


async def upgrade(database: Database) -> None:
    """Apply every missing migration, all in one transaction where the database can (SQLite and PostgreSQL do)."""
    async with database.write() as connection:
        await connection.run_sync(upgrade_connection)


async def differences(database: Database) -> list[object]:
    """What the rooms declare and the migrated database does not have, or the other way round."""
    async with database.read() as connection:
        return await connection.run_sync(
            lambda sync: list(compare_metadata(MigrationContext.configure(sync, opts={"compare_type": True}), metadata))
        )


async def write_migration(database: Database, message: str) -> None:
    """Write the difference between database and declarations as a new migration file."""
    async with database.write() as connection:
        await connection.run_sync(
            lambda sync: command.revision(_config(sync), message=message, autogenerate=True) and None
        )


def head() -> str | None:
    """The newest migration there is."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return ScriptDirectory.from_config(config).get_current_head()
