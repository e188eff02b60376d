"""What is done with Alembic: a server whose database has today's shape does without it, its memory and its time."""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, select

from unisono.kernel.errors import Culprit, Invalid, Retry
from unisono.storage.database import Database, declared
from unisono.storage.migrate import MIGRATIONS, head, revision

_MIGRATES = 7_225
"""The lock that a node holds meanwhile, so that those which start at the same moment wait, and find it done."""


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def upgrade_connection(connection: Connection, target: str = "head") -> None:
    """Apply the migrations up to `target` inside the caller's transaction."""
    if connection.dialect.name == "postgresql":  # SQLite has one writer at a time
        connection.execute(select(func.pg_advisory_xact_lock(_MIGRATES)))
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
    if current != head():
        command.upgrade(config, target)


async def differences(database: Database) -> list[object]:
    """What the rooms declare and the migrated database does not have, or the other way round."""
    async with database.read() as connection:
        return await connection.run_sync(
            lambda sync: list(compare_metadata(MigrationContext.configure(sync, opts={"compare_type": True}), declared()))
        )


async def write_migration(database: Database, message: str) -> None:
    """Write the difference between database and declarations as a new migration file."""
    async with database.write() as connection:
        await connection.run_sync(
            lambda sync: command.revision(_config(sync), message=message, autogenerate=True) and None
        )
