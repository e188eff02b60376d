"""Every migration there and back and there again, with rows in all tables: the way back makes exactly what was before."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

import unisono.app.serve  # noqa: F401  imports every room's tables
from unisono.storage import Database, by_alembic, migrate

SPECIAL: dict[tuple[str, str], object] = {
    ("contact", "data"): "{}",
    ("contact_number", "kind"): "business",
    ("run", "what"): "source",
    ("exporter_run", "dry"): True,
    ("exporter_run", "id"): "y",
}
"""Values that are not free."""
LEFT = {"contact", "contact_number", "directory_version"}
"""What need not come back: contacts that went into layers, and counters that begin anew."""


def revisions() -> list[str]:
    """The first one first."""
    script = ScriptDirectory(str(migrate.MIGRATIONS))
    return [each.revision for each in script.walk_revisions()][::-1]


def tables(connection: sa.Connection) -> list[sa.Table]:
    """Those whose rows others refer to come first."""
    metadata = sa.MetaData()
    metadata.reflect(connection)
    ours = (table for table in metadata.sorted_tables if "_fts" not in table.name and table.name != "alembic_version")
    return list(ours)


def shape(found: Sequence[sa.Table]) -> dict[str, tuple[object, ...]]:
    """What they are: columns with their types, keys and indexes, in no order."""

    def parts(table: sa.Table) -> Iterator[object]:
        for column in table.columns:
            yield column.name, str(column.type), column.nullable, column.primary_key
        for index in table.indexes:
            yield index.name, [column.name for column in index.columns], index.unique
        for key in table.foreign_key_constraints:
            yield key.name, key.column_keys, key.referred_table.name, key.ondelete

    return {table.name: tuple(sorted(map(repr, parts(table)))) for table in found}


def sample(table: sa.Table, column: sa.Column[Any]) -> object:
    """A value of the column's type, in all tables the same."""
    found = SPECIAL.get((table.name, column.name))
    if found is not None:
        return found
    kinds: dict[type, object] = {
        sa.JSON: {}, sa.Boolean: False, sa.DateTime: datetime(2026, 1, 1, tzinfo=UTC), sa.LargeBinary: b"x", sa.Integer: 1,
        sa.Float: 1.0,
    }  # fmt: skip
    return next((value for kind, value in kinds.items() if isinstance(column.type, kind)), "x")


def fill(connection: sa.Connection, found: Sequence[sa.Table]) -> None:
    """One row in every table that has none."""
    for table in found:
        if not connection.scalar(sa.select(sa.func.count()).select_from(table)):
            values = {column.name: sample(table, column) for column in table.columns}
            for key in table.foreign_keys:
                values[key.parent.name] = connection.scalar(sa.select(key.column).limit(1))
            connection.execute(sa.insert(table).values(values))


def rows(connection: sa.Connection, found: Sequence[sa.Table]) -> dict[str, int]:
    counted = {t.name: connection.scalar(sa.select(sa.func.count()).select_from(t)) or 0 for t in found}
    return {name: count for name, count in counted.items() if count}


def there(connection: sa.Connection, revision: str) -> None:
    command.upgrade(by_alembic._config(connection), revision)


def back(connection: sa.Connection, revision: str) -> None:
    command.downgrade(by_alembic._config(connection), revision)


@pytest.mark.both_databases
async def test_every_migration_goes_back_and_forth_with_rows(database: Database) -> None:
    before = "base"
    were: Sequence[sa.Table] = ()
    for revision in revisions():
        async with database.write() as connection:
            had = await connection.run_sync(rows, were)
            await connection.run_sync(there, revision)
            made = await connection.run_sync(tables)
            await connection.run_sync(fill, made)
        async with database.write() as connection:
            await connection.run_sync(back, before)
            found = await connection.run_sync(tables)
            assert shape(found) == shape(were), revision
            kept = await connection.run_sync(rows, found)
            assert {name for name in had if name not in kept} <= LEFT, revision
        async with database.write() as connection:
            await connection.run_sync(there, revision)
            were = await connection.run_sync(tables)
            assert shape(were) == shape(made), revision
            await connection.run_sync(fill, were)
        before = revision
    assert not [found for found in await by_alembic.differences(database) if "_fts" not in str(found)]
    async with database.write() as connection:
        await connection.run_sync(back, "base")
        assert await connection.run_sync(tables) == []
