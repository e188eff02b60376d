"""The migrations make exactly the tables that the rooms declare, on both databases."""

import asyncio
import json
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import column as column_of
from sqlalchemy import insert, select, table, text
from tests.rooms.directory_rig import open_directory, running, until

import unisono.app.serve  # noqa: F401  imports every room's tables
from unisono.directory.exporters.store import Exporters
from unisono.directory.replicators.mapping import contact_id
from unisono.directory.replicators.tables import replicator_table
from unisono.directory.runs.model import Mode, RunState, What
from unisono.directory.runs.store import Runs
from unisono.kernel.clock import SystemClock
from unisono.kernel.errors import Invalid
from unisono.storage import Database, by_alembic, migrate


async def migrated_is_declared(database: Database) -> None:
    await migrate.upgrade(database)
    await migrate.upgrade(database)  # a second run has nothing to do
    found = [d for d in await by_alembic.differences(database) if "_fts" not in str(d)]
    assert not found


async def test_sqlite(sqlite: Database) -> None:
    await migrated_is_declared(sqlite)


@pytest.mark.peer
async def test_postgresql(postgres: Database) -> None:
    await migrated_is_declared(postgres)


@pytest.mark.peer
async def test_nodes_that_start_at_once_do_not_migrate_twice(postgres: Database) -> None:
    nodes = [Database(postgres.url.render_as_string(hide_password=False)) for _ in range(3)]
    try:
        async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
            for node in nodes:
                tasks.create_task(migrate.upgrade(node))
    finally:
        for node in nodes:
            await node.close()
    await migrated_is_declared(postgres)


async def test_a_newer_database_is_refused_in_words(sqlite: Database) -> None:
    await migrate.upgrade(sqlite)
    async with sqlite.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = 'ffffffffffff'"))
    with pytest.raises(Invalid) as caught:
        await migrate.upgrade(sqlite)
    assert "newer Unisono" in caught.value.message


async def carried_over(database: Database, folder: Path) -> None:
    """A book that was imported by the first version is all there, with its ids and numbers."""
    async with database.write() as connection:
        await connection.run_sync(by_alembic.upgrade_connection, "169d8207ab3c")
        await connection.execute(text("INSERT INTO book VALUES ('customers', 'Customers', 3), ('own', 'Own contacts', 0)"))
        data: dict[str, object] = {"display_name": "Mario Rossi", "company": "Rossi", "custom": {"a|b": "x"}}
        data["emails"] = ["m@r.example"]
        data["addresses"] = [{"kind": "business", "street": "", "postal_code": "", "city": "Udine", "state": "", "country": ""}]
        key = contact_id("customers", "7")
        insert = "INSERT INTO contact (serial, book, edition, id, source_key, data) VALUES (:s, :b, :e, :i, :k, :d)"
        rows = [
            {"s": 1, "b": "customers", "e": 2, "i": "old", "k": "6", "d": "{}"},
            {"s": 2, "b": "customers", "e": 3, "i": key, "k": "7", "d": json.dumps(data)},
            {"s": 3, "b": "own", "e": 0, "i": "ab" * 16, "k": "ab" * 16, "d": json.dumps({"display_name": "By hand"})},
        ]
        await connection.execute(text(insert), rows)
        numbers = "INSERT INTO contact_number VALUES (2, 0, 'mobile', '0171 1234567', '+491711234567'), (2, 1, 'home', 'x', '')"
        await connection.execute(text(numbers))
    await migrate.upgrade(database)
    async with database.read() as connection:
        row = (await connection.execute(select(replicator_table))).one()
    assert row.made == {"mapping": row.mapping, "location_id": "", "link": ""}
    assert {"field": "company", "value": '{"company"}', "kind": ""} in row.mapping
    async with running(await open_directory(database, folder, created=False)) as directory:
        await until(lambda: directory.identify("+491711234567") is not None)
        [contact] = [directory.get(hit.id) for hit in (await directory.search("mario"))]
        assert (contact.id, contact.source_key, contact.company, contact.emails) == (key, "7", "Rossi", ("m@r.example",))
        assert (contact.addresses[0].city, contact.custom) == ("Udine", {"a|b": "x"})
        assert [(n.kind.value, n.raw, n.canonical) for n in contact.numbers] == [
            ("mobile", "0171 1234567", "+491711234567"),
            ("home", "x", ""),
        ]
        assert [hit.title for hit in (await directory.search("hand"))] == ["By hand"]
        assert [(book.name, book.contacts) for book in await directory.books()] == [("Customers", 1), ("Own contacts", 1)]
        [imported] = await directory.replication.store.all()
        assert (imported.name, imported.kind, imported.book) == ("Customers", "imported", "customers")


async def test_imported_books_move_into_layers(sqlite: Database, tmp_path: Path) -> None:
    await carried_over(sqlite, tmp_path)


async def test_what_shared_a_name_gets_a_number(sqlite: Database) -> None:
    async with sqlite.write() as connection:
        await connection.run_sync(by_alembic.upgrade_connection, "f3b0c95d7a12")
        await connection.execute(
            text("INSERT INTO book VALUES ('a', 'CRM', 1), ('b', 'crm', 1), ('c', 'crm (2)', 1), ('d', 'crm', -1)")
        )
    await migrate.upgrade(sqlite)
    async with sqlite.read() as connection:
        found = {row.id: (row.name, row.name_key) for row in await connection.execute(text("SELECT * FROM book"))}
    assert found == {"a": ("CRM", "crm"), "b": ("crm (3)", "crm (3)"), "c": ("crm (2)", "crm (2)"), "d": ("crm", None)}


async def exports_get_a_number(database: Database) -> None:
    """Those that have another one's name; it has to find a place in a name of the greatest length."""
    long = "Ä" * 120
    async with database.write() as connection:
        await connection.run_sync(by_alembic.upgrade_connection, "d40a6b1f7c35")
        values = "'csv', :on, '{}', '[]', '[]', '[]', 1, '', '', '', '{}'"
        rows = [{"id": id, "name": name, "on": True} for id, name in
                (("a", "Straße"), ("b", "STRASSE"), ("c", "strasse (2)"), ("d", long), ("e", long.lower()))]  # fmt: skip
        await connection.execute(text(f"INSERT INTO exporter VALUES (:id, :name, {values})"), rows)
    await migrate.upgrade(database)
    names = {each.id: each.name for each in await Exporters(database, SystemClock()).all()}
    assert names == {"a": "Straße", "b": "STRASSE (3)", "c": "strasse (2)", "d": long, "e": f"{'ä' * 110} (2)"}


async def test_exports_that_shared_a_name_get_a_number(sqlite: Database) -> None:
    await exports_get_a_number(sqlite)


async def first_imports_are_taken_back(database: Database, folder: Path) -> None:
    """Those that had not been published when their process was killed go, with a book that came with them."""
    empty: dict[str, object] = {"mapping": [], "options": {}, "read_columns": [], "made": {}}
    texts = dict.fromkeys(("name", "location_id", "link", "schedule", "secret", "cursor"), "")
    columns = [column for column in replicator_table.c if column.name != "with_book"]
    then = table("replicator", *(column_of(each.name, each.type) for each in columns))
    async with database.write() as connection:
        await connection.run_sync(by_alembic.upgrade_connection, "6b2e94d0c715")
        books = "INSERT INTO book (id, name, name_key, edition) VALUES ('a', 'A', 'a', 0), ('b', 'B', 'b', 0)"
        await connection.execute(text(books))
        for book, new in (("a", True), ("b", False)):
            row = {"id": book, "book": book, "kind": "imported", "enabled": False, "removed": True}
            row["settings"] = {"new_book": new}
            await connection.execute(insert(then).values(**row, **empty, **texts))
    await migrate.upgrade(database)
    await open_directory(database, folder, created=False)
    async with database.read() as connection:
        assert (await connection.execute(select(replicator_table.c.id))).all() == []
        assert set((await connection.execute(text("SELECT id FROM book"))).scalars()) == {"b", "own"}


async def test_first_imports_that_were_killed_before_are_taken_back(sqlite: Database, tmp_path: Path) -> None:
    await first_imports_are_taken_back(sqlite, tmp_path)


@pytest.mark.peer
async def test_first_imports_that_were_killed_before_are_taken_back_on_postgresql(postgres: Database, tmp_path: Path) -> None:
    await first_imports_are_taken_back(postgres, tmp_path)


@pytest.mark.peer
async def test_exports_that_shared_a_name_get_a_number_on_postgresql(postgres: Database) -> None:
    await exports_get_a_number(postgres)


async def runs_move_together(database: Database) -> None:
    """Runs of sources and exports are all there; one that went on is lost, for nobody does it any more."""
    columns = "id, trigger, started, ended, counts, message, data, report, code, state"
    outcome = "'2026-03-04 10:00:00+00', NULL, '{\"rows\": 7}', 'x', '{\"publish\": 1}', :report"
    common = f"'manual', {outcome}"
    async with database.write() as connection:
        await connection.run_sync(by_alembic.upgrade_connection, "a7d1c3e5f902")
        await connection.execute(text("INSERT INTO book (id, name, edition) VALUES ('crm', 'CRM', 1)"))
        await connection.execute(
            text(
                "INSERT INTO replicator (id, name, book, kind, enabled, settings, mapping, location_id, link, schedule,"
                " options, secret, cursor, read_columns, run) VALUES ('s', 'S', 'crm', 'csv', true,"
                " '{}', '[]', '', '', '', '{}', '', '', '[]', 'r2')"
            )
        )
        await connection.execute(
            text(
                "INSERT INTO exporter (id, name, kind, enabled, settings, books, columns, conditions, number_format,"
                " location_id, file, schedule, options, run) VALUES ('e', 'E', 'csv', true, '{}', 'null',"
                " '[]', '[]', 0, '', '', '', '{}', '')"
            )
        )
        report = {"report": msgspec.msgpack.encode({"added": [], "bad": [{"line": 3, "code": "encoding", "data": {}}]})}
        source = f"INSERT INTO replicator_run ({columns}, replicator, mode, layer) VALUES"
        await connection.execute(text(f"{source} ('r1', {common}, '', 'asks', 's', 'full', 'l'),"
                                      f" ('r2', {common}, '', 'running', 's', 'incremental', '')"), report)  # fmt: skip
        export = f"INSERT INTO exporter_run ({columns}, exporter, dry, size) VALUES"
        await connection.execute(text(f"{export} ('r3', {common}, '', 'done', 'e', true, 42)"), report)
    await migrate.upgrade(database)
    sources, exports = (Runs(database, SystemClock(), what) for what in What)
    second, first = await sources.runs("s")
    assert (first.state, first.mode, first.layer, first.counts.rows) == (RunState.ASKS, Mode.FULL, "l", 7)
    assert (second.state, second.mode, second.code) == (RunState.FAILED, Mode.INCREMENTAL, "run-lost")
    assert [row.line for row in (await sources.report("r1")).bad] == [3]
    assert {id: (run.dry, run.size, run.message) for id, run in (await exports.last_runs()).items()} == {"e": (True, 42, "x")}


async def test_runs_move_into_one_table(sqlite: Database) -> None:
    await runs_move_together(sqlite)


@pytest.mark.peer
async def test_runs_move_into_one_table_on_postgresql(postgres: Database) -> None:
    await runs_move_together(postgres)


@pytest.mark.peer
async def test_imported_books_move_into_layers_on_postgresql(postgres: Database, tmp_path: Path) -> None:
    await carried_over(postgres, tmp_path)
