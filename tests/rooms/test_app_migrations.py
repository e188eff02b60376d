"""The migrations make exactly the tables that the rooms declare, on both databases."""

import pytest
from sqlalchemy import text

import unisono.app.serve  # noqa: F401  imports every room's tables
from unisono.kernel.errors import Invalid
from unisono.storage import Database, migrate


async def migrated_is_declared(database: Database) -> None:
    await migrate.upgrade(database)
    await migrate.upgrade(database)  # a second run has nothing to do
    found = [d for d in await migrate.differences(database) if "_fts" not in str(d)]
    assert not found


async def test_sqlite(sqlite: Database) -> None:
    await migrated_is_declared(sqlite)


@pytest.mark.peer
async def test_postgresql(postgres: Database) -> None:
    await migrated_is_declared(postgres)


async def test_a_newer_database_is_refused_in_words(sqlite: Database) -> None:
    await migrate.upgrade(sqlite)
    async with sqlite.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = 'ffffffffffff'"))
    with pytest.raises(Invalid) as caught:
        await migrate.upgrade(sqlite)
    assert "newer Unisono" in caught.value.message
