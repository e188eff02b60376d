"""ODBC as a source, through Debian's drivers for SQLite and PostgreSQL."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from unisono.directory.replicators.kinds import KINDS
from unisono.directory.replicators.odbc import OdbcSettings
from unisono.directory.replicators.source import Record, Source
from unisono.kernel.errors import Fault
from unisono.kernel.settings import parse

pytestmark = [pytest.mark.peer]

ROWS = ((1, "Anna Rossi", "0432 546462"), (2, "Jörg Müller", "+49 89 36856-0"), (3, "Ben", None))


def opened(connection: str, query: str = "people", **settings: object) -> Source:
    return KINDS["odbc"].open(parse({"connection": connection, "query": query, **settings}, OdbcSettings))


@pytest.fixture
def drivers() -> list[str]:
    try:
        import pyodbc
    except ImportError:
        pytest.skip("unixODBC is not installed; script/test installs it")
    return list(pyodbc.drivers())


@pytest.fixture
def sqlite_file(tmp_path: Path, drivers: list[str]) -> str:
    if "SQLite3" not in drivers:
        pytest.skip("the SQLite driver is not installed; script/test installs it")
    path = tmp_path / "crm.sqlite3"
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE people (id INTEGER, name VARCHAR(80), phone VARCHAR(80))")
        base.executemany("INSERT INTO people VALUES (?, ?, ?)", ROWS)
    base.close()
    return f"Driver=SQLite3;Database={path}"


@pytest.fixture
def server(postgres_socket: str, drivers: list[str]) -> Callable[[str], str]:
    if "PostgreSQL Unicode" not in drivers:
        pytest.skip("the PostgreSQL driver is not installed; script/test installs it")
    admin = create_engine(f"postgresql+pg8000://unisono@/postgres?unix_sock={postgres_socket}/.s.PGSQL.5432")
    with admin.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS people"))
        connection.execute(text("CREATE TABLE people (id int, name text, phone text)"))
        for row in ROWS:
            connection.execute(text("INSERT INTO people VALUES (:i, :n, :p)"), dict(zip("inp", row, strict=True)))
    admin.dispose()
    streamed = "UseDeclareFetch=1;Fetch=1000"
    return lambda base: f"Driver={{PostgreSQL Unicode}};Servername={postgres_socket};Database={base};{streamed}"


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def source(request: pytest.FixtureRequest) -> Callable[..., Source]:
    if request.param == "SQLite":
        connection = str(request.getfixturevalue("sqlite_file"))
        return lambda query="people", **more: opened(connection, query, **more)
    made: Callable[[str], str] = request.getfixturevalue("server")
    return lambda query="people", **more: opened(made("postgres"), query, user="unisono", **more)


def test_a_table_is_read_as_it_is(source: Callable[..., Source]) -> None:
    made = source(key="id")
    assert made.check().peer.startswith("ODBC ")
    found = [item for item in made.read(None) if isinstance(item, Record)]
    assert found == [
        Record("1", {"id": "1", "name": "Anna Rossi", "phone": "0432 546462"}, 1),
        Record("2", {"id": "2", "name": "Jörg Müller", "phone": "+49 89 36856-0"}, 2),
        Record("3", {"id": "3", "name": "Ben"}, 3),
    ]
    assert [column.name for column in made.columns()] == ["id", "name", "phone"]


def test_a_query_may_hold_anything(source: Callable[..., Source]) -> None:
    found = list(source("SELECT id AS \"Key\", 'a;b ? %' AS x FROM people WHERE name LIKE 'J%';", key="Key").read(None))
    assert found == [Record("2", {"Key": "2", "x": "a;b ? %"}, 1)]


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM people", "SELECT 1; DELETE FROM people", "nothing_there", "SELECT nonsense FROM",
        "WITH gone AS (DELETE FROM people RETURNING *) SELECT * FROM gone",
    ],
)  # fmt: skip
def test_nothing_is_written_and_a_wrong_query_is_said(source: Callable[..., Source], query: str) -> None:
    with pytest.raises(Fault) as caught:
        list(source(query).read(None))
    assert caught.value.code in ("source-query", "source-setting", "source-refused"), caught.value.message
    assert len(list(source().read(None))) == 3


def test_postgresql_says_what_is_wrong(server: Callable[[str], str]) -> None:
    for connection, query, user, code in (
        (server("postgres"), "people", "nobody", "source-"),
        (server("elsewhere"), "people", "unisono", "source-not-there"),
        (server("postgres"), "SELECT pg_sleep(10)", "unisono", "source-silent"),
        ("Driver={PostgreSQL Unicode};Servername=127.0.0.1;Port=1;Database=x", "people", "unisono", "source-unreachable"),
    ):
        with pytest.raises(Fault) as caught:
            list(opened(connection, query, user=user, password="s3cret", seconds=1).read(None))
        assert caught.value.code.startswith(code), caught.value.message
        assert "s3cret" not in caught.value.message


def test_a_large_table_is_not_held_in_memory(server: Callable[[str], str]) -> None:
    items = opened(server("postgres"), "SELECT i AS id FROM generate_series(1, 3000000) AS i", user="unisono").read(None)
    assert [next(items).line for _ in range(2)] == [1, 2]  # type: ignore[union-attr]
    items.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("connection", "code"),
    [
        ("DSN=nothing_there", "source-driver"),
        ("Driver={No Such Driver};Database=x", "source-driver"),
        ("Driver=/tmp/evil.so;Database=x", "source-setting"),
        ("DSN=x;FILEDSN=/tmp/x", "source-setting"),
        ("DSN=x;PWD=secret", "source-setting"),
        ("Driver=SQLite3;Database=x;LoadExt=/tmp/evil", "source-setting"),
        ("nonsense", "source-setting"),
    ],
)
def test_a_connection_that_cannot_be_meant_is_said(drivers: list[str], connection: str, code: str) -> None:
    with pytest.raises(Fault) as caught:
        opened(connection).check()
    assert caught.value.code == code
    assert "=secret" not in caught.value.message


def test_files_of_this_machine_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = parse({"connection": "Driver=SQLite3;Database=/etc/x;Timeout=1", "query": "t"}, OdbcSettings)
    assert settings.paths == ("/etc/x",)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "unisono.sqlite3").touch()
    for connection, paths in (
        ("Driver=SQLite3;Database=var/unisono.sqlite3", ("var/unisono.sqlite3",)),
        ("Driver=SQLite3;Database=unisono.sqlite3", ("unisono.sqlite3",)),
        ("Driver=PostgreSQL Unicode;Servername=/run/postgresql;Database=crm", ()),
    ):
        assert parse({"connection": connection, "query": "t"}, OdbcSettings).paths == paths
