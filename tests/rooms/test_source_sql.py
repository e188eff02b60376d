"""SQL as a source: a real SQLite file and a real PostgreSQL, what they may not do, and what they say when it goes wrong."""

import errno
import sqlite3
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from unisono.directory.replicators import queries
from unisono.directory.replicators.kinds import KINDS
from unisono.directory.replicators.source import Record
from unisono.directory.replicators.sql import Sql, SqlSettings
from unisono.directory.replicators.suggest import suggest
from unisono.directory.runs.model import BadRow
from unisono.kernel.errors import Culprit, Fault, Invalid
from unisono.kernel.settings import parse

ROWS = (
    (1, "Anna Rossi", "0432 546462", "Rossi & Figli", 3.0),
    (2, "Jörg Müller", "+49 89 36856-0", None, None),
    (3, "50 % Off: Sale", "0432 1", "a:b", 1.5),
)


def opened(url: str, query: str, **settings: object) -> Sql:
    source = KINDS["sql"].open(parse({"url": url, "query": query, **settings}, SqlSettings))
    assert isinstance(source, Sql)
    return source


def records(source: Sql) -> list[Record]:
    found = list(source.read(None))
    assert all(isinstance(item, Record) for item in found)
    return found  # type: ignore[return-value]


@pytest.fixture
def crm(tmp_path: Path) -> str:
    path = tmp_path / "crm.sqlite3"
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE people (id INTEGER, name TEXT, phone TEXT, company TEXT, rank REAL, picture BLOB)")
        base.executemany("INSERT INTO people VALUES (?, ?, ?, ?, ?, x'00ff')", ROWS)
    base.close()
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres_socket: str) -> Callable[[str], str]:
    admin = create_engine(f"postgresql+pg8000://unisono@/postgres?unix_sock={postgres_socket}/.s.PGSQL.5432")
    with admin.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS people"))
        connection.execute(text("DROP ROLE IF EXISTS reader"))
        connection.execute(text("CREATE ROLE reader LOGIN"))
        connection.execute(text("CREATE TABLE people (id int, name text, phone text, company text, rank float, picture bytea)"))
        for row in ROWS:
            connection.execute(
                text("INSERT INTO people VALUES (:i, :n, :p, :c, :r, '\\x00ff')"), dict(zip("inpcr", row, strict=True))
            )
        connection.execute(text("GRANT SELECT ON people TO reader"))
    admin.dispose()
    return lambda user: f"postgresql://{user}@/postgres?host={postgres_socket}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.peer)])
def url(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return str(request.getfixturevalue("crm"))
    made: Callable[[str], str] = request.getfixturevalue("postgres_url")
    return made("reader")


def test_a_table_is_read_as_it_is(url: str) -> None:
    source = opened(url, "people", key="id")
    assert source.check().peer.startswith(url.partition(":")[0])
    assert source.check().version
    found = records(source)
    assert [(item.key, item.line, item.values["name"]) for item in found] == [
        ("1", 1, "Anna Rossi"), ("2", 2, "Jörg Müller"), ("3", 3, "50 % Off: Sale"),
    ]  # fmt: skip
    assert found[0].values == {
        "id": "1", "name": "Anna Rossi", "phone": "0432 546462", "company": "Rossi & Figli", "rank": "3",
    }  # fmt: skip
    assert "company" not in found[1].values
    names = [column.name for column in source.columns()]
    assert names == ["id", "name", "phone", "company", "rank", "picture"]
    assert {rule.field for rule in suggest(source.columns())} >= {"display_name", "phone_business", "company"}


def test_a_query_may_hold_colons_and_percents(url: str) -> None:
    query = "SELECT id AS \"Key\", name, ':x %s' AS note, CAST(id AS integer) + 0 AS n FROM people WHERE name LIKE '%:%';"
    found = records(opened(url, query, key="Key"))
    assert [(item.key, item.values["note"], item.values["n"]) for item in found] == [("3", ":x %s", "3")]


def test_two_columns_of_one_name_are_two(url: str) -> None:
    found = records(opened(url, "SELECT id, name, id FROM people WHERE id = 1"))
    assert found[0].values == {"id": "1", "name": "Anna Rossi", "id (2)": "1"}


def test_a_row_that_is_too_large_costs_no_other(crm: str) -> None:
    with sqlite3.connect(crm.removeprefix("sqlite:///")) as base:
        base.execute("UPDATE people SET name = ? WHERE id = 2", ("x" * 200_000,))
    base.close()
    found = list(opened(crm, "people").read(None))
    assert [type(item) for item in found] == [Record, BadRow, Record]
    assert isinstance(found[1], BadRow)
    assert (found[1].line, found[1].code) == (2, "row-too-long")


@pytest.mark.parametrize(
    "query",
    [
        "WITH gone AS (DELETE FROM people RETURNING *) SELECT * FROM gone",
        "SELECT * FROM nothing_there",
        "SELECT id FROM people; DELETE FROM people",
        "SELECT E'a\\'' AS id; COMMIT; BEGIN READ WRITE; DELETE FROM people; COMMIT; SELECT 'b'",
        "SELECT 'a' AS id -- '\n; COMMIT; BEGIN READ WRITE; DELETE FROM people; COMMIT -- '",
        "SELECT 'a' AS id /* ' */; COMMIT; BEGIN READ WRITE; DELETE FROM people; COMMIT /* ' */",
        "SELECT $$'$$ AS id; COMMIT; BEGIN READ WRITE; DELETE FROM people; COMMIT -- '",
        "SELECT nonsense FROM",
    ],
)
def test_nothing_is_written_and_a_wrong_query_is_said(url: str, query: str) -> None:
    with pytest.raises(Fault) as caught:
        list(opened(url, query).read(None))
    assert caught.value.code in ("source-query", "source-setting", "source-refused"), caught.value.message
    assert len(records(opened(url, "people"))) == 3


@pytest.mark.parametrize("query", ["DELETE FROM people", "DROP TABLE people", "people; DELETE FROM people", "a'b"])
def test_only_tables_and_selects_are_asked(crm: str, query: str) -> None:
    with pytest.raises(Fault, match=r"SELECT|cannot do"):
        list(opened(crm, query).read(None))
    assert len(records(opened(crm, "people"))) == 3


@pytest.mark.parametrize("query", ["SELECT load_extension('x')", "SELECT * FROM pragma_table_info('people')"])
def test_sqlite_reads_tables_and_nothing_else(crm: str, query: str) -> None:
    with pytest.raises(Fault):
        list(opened(crm, query).read(None))


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(Fault) as caught:
        opened(f"sqlite:///{tmp_path}/crm.sqlite3", "people").check()
    assert caught.value.code == "no-file"
    assert not list(tmp_path.iterdir())
    with pytest.raises(Fault) as caught:
        opened(f"sqlite:///{tmp_path}", "people").check()
    assert (caught.value.code, caught.value.data) == ("no-regular-file", {"field": "url", "file": str(tmp_path)})


def test_a_file_on_a_share_that_fails_is_named(crm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def stale(path: Path) -> bool:
        raise OSError(errno.ESTALE, "Stale file handle")

    source = opened(crm, "people")
    monkeypatch.setattr(Path, "is_file", stale)
    with pytest.raises(Invalid, match="cannot be read: Stale file handle") as caught:
        source.check()
    assert (caught.value.code, caught.value.data["field"]) == ("file-unreadable", "url")


def test_a_statement_ends_in_time(crm: str) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    with pytest.raises(Fault, match="in time"):
        list(opened(crm, endless, seconds=1).read(None))


def test_values_that_are_no_contacts_are_refused_before_they_are_made(crm: str) -> None:
    with pytest.raises(Fault, match="more than 16 MiB") as caught:
        list(opened(crm, "SELECT name, hex(zeroblob(100000000)) FROM people").read(None))
    assert caught.value.data["field"] == "query"


def test_of_large_rows_few_are_had_at_once_and_not_for_ever() -> None:
    asked: list[int] = []
    now = 0.0

    def fetch(count: int, size: int) -> list[tuple[object, ...]]:
        nonlocal now
        asked.append(count)
        now += 0.01 * count
        return [("x" * size, None, 1)] * count

    small = queries.fetched(lambda count: fetch(count, 10), "It", 60, lambda: now)
    assert len(list(islice(small, 3000))) == 3000
    assert asked == [1, 8, 64, 512, 1000, 1000, 1000]
    asked.clear()
    large = queries.fetched(lambda count: fetch(count, 3 * 1024 * 1024), "It", 0.1, lambda: now)
    with pytest.raises(Fault, match="in time"):
        list(islice(large, 1000))
    assert asked == [1] * 11


@pytest.mark.peer
def test_postgresql_says_what_is_wrong(postgres_url: Callable[[str], str], postgres_socket: str) -> None:
    for url, query, code in (
        (postgres_url("nobody"), "people", "source-sign-in"),
        (postgres_url("reader").replace("/postgres?", "/elsewhere?"), "people", "source-not-there"),
        (postgres_url("reader"), "SELECT * FROM pg_authid", "source-forbidden"),
        (postgres_url("reader"), "SELECT pg_sleep(10)", "source-silent"),
        ("postgresql://reader@127.0.0.1:1/postgres", "people", "source-unreachable"),
        ("postgresql://reader@/postgres?host=/nowhere", "people", "source-unreachable"),
    ):
        with pytest.raises(Fault) as caught:
            list(opened(url, query, seconds=1).read(None))
        assert (caught.value.code, caught.value.culprit) == (code, Culprit.PEER), caught.value.message


@pytest.mark.peer
def test_postgresql_streams_and_gives_the_connection_back(postgres_url: Callable[[str], str]) -> None:
    source = opened(postgres_url("reader"), "SELECT i AS id, 'Name ' || i AS name FROM generate_series(1, 5000000) AS i")
    items = source.read(None)
    assert [taken.values["name"] for taken in islice(items, 3) if isinstance(taken, Record)] == ["Name 1", "Name 2", "Name 3"]
    items.close()  # type: ignore[attr-defined]
    busy = "SELECT count(*) AS n FROM pg_stat_activity WHERE usename = 'reader' AND query LIKE '%generate_series%'"
    assert records(opened(postgres_url("unisono"), busy))[0].values == {"n": "0"}


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://me:secret@host/db", "own field"),
        ("sqlite://", "path of the file"),
        ("sqlite:///:memory:", "path of the file"),
        ("sqlite:///file:x?mode=rw&uri=true", "path of the file"),
        ("nonsense", "no database URL"),
        ("db2://host/x", "no driver"),
        ("mssql+pymssql://me@db.example/x", "Nobody here can see to it that mssql.pymssql encrypts"),
        ("postgresql+psycopg2://me@/x?host=db.example", "Nobody here can see to it"),
        ("mssql+pymssql://me@127.0.0.1/x", "no driver"),
        ("postgresql://me@[::1/x", "no database URL"),
        ("postgresql://host/x", "Say who asks"),
        ("mssql+pyodbc:///?odbc_connect=Driver%3D/srv/uploads/evil.so", "kind ODBC"),
        ("mysql+pyodbc://me@dsn", "kind ODBC"),
        ("mssql://me@dsn", "kind ODBC"),
        ("postgresql://me@127.0.0.1/x?passfile=/etc/passwd", "Leave passfile out"),
        ("postgresql://me@127.0.0.1/x?host=db.elsewhere.example", "Leave host out"),
        ("postgresql+pg8000://me@127.0.0.1/x?host=/run&host=elsewhere", "Leave host out"),
        ("mysql://me@127.0.0.1/x?read_default_file=/etc/my.cnf&local_infile=1", "Leave local_infile, read_default_file out"),
    ],
)
def test_a_url_that_cannot_be_meant_is_said(url: str, words: str) -> None:
    with pytest.raises(Fault, match=words) as caught:
        opened(url, "people").check()
    assert "secret" not in caught.value.message
