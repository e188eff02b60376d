"""Databases that SQLAlchemy speaks to: a table or a query, read in one transaction that cannot write."""

import re
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from sqlalchemy import URL, Connection, NullPool, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from unisono.directory.replicators import faults, queries
from unisono.directory.replicators.files import check_there
from unisono.directory.replicators.http_client import is_loopback, tls_context
from unisono.directory.replicators.source import Check, Column, Item, Kind
from unisono.kernel.errors import Fault, Invalid
from unisono.kernel.secrets import Secret, no_secret

_AT_ONCE = 1_000
_CHECK_SECONDS = 10
_DRIVERS = {"postgresql": "pg8000", "mysql": "pymysql", "mariadb": "pymysql"}
"""Which driver is meant where the URL names none."""
_ODBC = frozenset({"pyodbc", "aioodbc", "turbodbc"})
_SAID = {"pg8000": frozenset({"host", "unix_sock", "application_name"}), "pymysql": frozenset({"charset", "unix_socket"})}
"""What the query of a URL may say to the drivers that we know: others read files, send them, or name another machine."""
_COLON = re.compile(r"(?<![:\w\\]):(?=\w)")


class SqlSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A database, and what is read from it."""

    url: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=2000,
            description="SQLAlchemy URL without the password, as postgresql://reader@host/crm or sqlite:////data/crm.sqlite3.",
        ),
    ]
    query: Annotated[str, Meta(min_length=1, max_length=20_000, description="A table, or a SELECT with one row per contact.")]
    password: Annotated[Secret, Meta(description="Password of the user in the URL.")] = msgspec.field(default_factory=no_secret)
    key: Annotated[str, Meta(max_length=200, description="The column that names a row for ever; empty: none.")] = ""
    seconds: Annotated[int, Meta(ge=1, le=86_400, description="How long one statement may take.")] = 600
    ca_file: Annotated[
        str, Meta(max_length=1000, description="File with the authority of the server's certificate; empty: the system's.")
    ] = ""
    plain: Annotated[
        bool, Meta(description="Allow an unencrypted connection to another machine; drivers that are not known here need it.")
    ] = False

    @property
    def paths(self) -> tuple[str, ...]:
        """The files of this machine that are read."""
        url = _url(self)
        return (url.database or "",) if url.get_backend_name() == "sqlite" else ()


class Sql:
    """A query on a database."""

    def __init__(self, settings: SqlSettings) -> None:
        self._settings = settings
        self._url = _url(settings)

    def check(self) -> Check:
        with self._connected(_CHECK_SECONDS) as connection:
            self._result(connection, 1).fetchmany(1)
            version = ".".join(str(part) for part in connection.dialect.server_version_info or ())
            return Check(f"{connection.dialect.name} {self._peer}", version)

    def columns(self) -> Sequence[Column]:
        with self._connected(self._settings.seconds) as connection:
            result = self._result(connection, queries.SAMPLES)
            some = list(islice(self._fetched(result), queries.SAMPLES))
            return queries.columns(queries.titles(list(result.keys())), some)

    def read(self, since: str | None) -> Iterator[Item]:
        with self._connected(self._settings.seconds) as connection:
            result = self._result(connection, _AT_ONCE)
            named = queries.titles(list(result.keys()))
            yield from queries.records(named, self._fetched(result), self._settings.key)

    def _fetched(self, result: Any) -> Iterator[Sequence[Any]]:
        return queries.fetched(result.fetchmany, self._peer, self._settings.seconds)

    def _result(self, connection: Connection, at_once: int) -> Any:
        asked = queries.statement(self._settings.query, connection.dialect.identifier_preparer.quote)
        streamed = connection.execution_options(stream_results=True, max_row_buffer=at_once)
        return streamed.execute(text(_COLON.sub(r"\\:", asked)))

    @property
    def _peer(self) -> str:
        url = self._url
        return f"{url.host}{f':{url.port}' if url.port else ''}/{url.database}" if url.host else str(url.database)

    @contextmanager
    def _connected(self, seconds: int) -> Iterator[Connection]:
        """A connection that cannot write and whose statements end in time; every fault in words."""
        for path in self._settings.paths:
            check_there(path, "url")  # SQLite would make it
        try:
            made = self._url.set(password=self._settings.password.reveal() or None)
            engine = create_engine(made, poolclass=NullPool, connect_args=self._arguments(seconds), hide_parameters=True)
            with engine.connect() as connection:
                yield _bounded(connection, seconds)
                connection.rollback()
        except (NoSuchModuleError, ImportError) as error:
            driver = self._url.drivername
            message = f"There is no driver for {driver}:// here. Install it beside Unisono, or use another one."
            raise Invalid("source-driver", message, data={"field": "url", "driver": driver}) from error
        except (SQLAlchemyError, OSError, sqlite3.Error) as error:
            raise self._fault(error) from error

    def _arguments(self, seconds: int) -> dict[str, Any]:
        driver, remote = self._url.get_driver_name(), bool(self._url.host) and not is_loopback(str(self._url.host))
        secured = tls_context(self._settings.ca_file) if remote and not self._settings.plain else None
        if self._url.get_backend_name() == "sqlite":
            return {"check_same_thread": False, "timeout": min(seconds, _CHECK_SECONDS)}
        if driver == "pg8000":
            return {"timeout": seconds + 1, "ssl_context": secured}
        if driver == "pymysql":
            return {"read_timeout": seconds + 1, "connect_timeout": _CHECK_SECONDS, "ssl": secured}
        return {}

    def _fault(self, error: Exception) -> Fault:
        chain = list(_chain(error))
        for each in chain:
            if each.args and isinstance(each.args[0], dict):  # pg8000 gives the fields of PostgreSQL's message
                return queries.refusal(self._peer, str(each.args[0].get("C", "")), str(each.args[0].get("M", "")))
        for each in chain:
            if isinstance(each, OSError):
                return faults.unreachable(self._peer, each)
        origin = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
        return queries.refusal(self._peer, "", str(origin))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what led to it: a driver that stumbles while it hangs up hides the reason."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _url(settings: SqlSettings) -> URL:
    try:
        url = make_url(settings.url)
    except (ArgumentError, ValueError) as error:
        raise faults.wrong_setting("url", "This is no database URL. Write dialect://user@host/database.") from error
    if url.password is not None:
        raise faults.wrong_setting("url", "Enter the password in its own field, not in the URL.")
    if url.get_backend_name() == "sqlite":
        if not url.database or url.database == ":memory:" or url.database.startswith("file:") or url.query:
            raise faults.wrong_setting("url", "Write the path of the file: sqlite:////folder/file.sqlite3.")
        return url.set(drivername="sqlite+pysqlite")
    if url.drivername in _DRIVERS:
        url = url.set(drivername=f"{url.drivername}+{_DRIVERS[url.drivername]}")
    driver, folder = _driver(url), url.query.get("host")
    if driver == "pg8000" and not url.username:
        raise faults.wrong_setting("url", "Say who asks: postgresql://user@host/database.")
    if driver in _ODBC:  # its connection string may name any file as a driver
        raise faults.wrong_setting("url", "Choose the kind ODBC for a database that is asked through ODBC.")
    said = set(url.query) - _SAID.get(driver, frozenset(url.query))
    if said or (driver == "pg8000" and folder is not None and not str(folder).startswith("/")):
        named = ", ".join(sorted(said) or ["host"])
        raise faults.wrong_setting("url", f"Leave {named} out of the URL: it is not taken there.")
    here = bool(url.host) and is_loopback(str(url.host))
    if driver and driver not in _SAID and (url.host or url.query) and not here and not settings.plain:
        message = (
            f"Nobody here can see to it that {url.drivername} encrypts its connection. Say in the URL what it needs for that, "
            "and allow plain; or use postgresql+pg8000:// or mysql+pymysql://."
        )
        raise faults.wrong_setting("plain", message)
    if driver == "pg8000" and folder is not None:  # as libpq writes a Unix socket
        url = url.difference_update_query(["host"]).update_query_dict({"unix_sock": f"{folder}/.s.PGSQL.{url.port or 5432}"})
    return url


def _driver(url: URL) -> str:
    """Who speaks to the database, also where the URL leaves it to the dialect (mssql:// is pyodbc); "": nobody here."""
    try:
        return url.drivername.partition("+")[2] or url.get_driver_name()
    except (NoSuchModuleError, ImportError):
        return ""


def _bounded(connection: Connection, seconds: int) -> Connection:
    """Make sure that nothing is written and that a statement ends."""
    kind = connection.dialect.name
    if kind == "postgresql":
        connection = connection.execution_options(postgresql_readonly=True)
        connection.execute(text(f"SET statement_timeout = {seconds * 1000}"))
    elif kind == "sqlite":
        raw = connection.connection.dbapi_connection
        assert isinstance(raw, sqlite3.Connection)
        raw.set_authorizer(_only_reads)
        ends = time.monotonic() + seconds
        raw.set_progress_handler(lambda: time.monotonic() > ends, 10_000)
        raw.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, queries.MOST_VALUE)
    elif kind in ("mysql", "mariadb"):
        connection.execute(text("SET SESSION TRANSACTION READ ONLY"))
        is_mariadb = bool(getattr(connection.dialect, "is_mariadb", False))
        limit = f"max_statement_time = {seconds}" if is_mariadb else f"max_execution_time = {seconds * 1000}"
        connection.execute(text(f"SET SESSION {limit}"))
    elif kind == "oracle":
        connection.execute(text("SET TRANSACTION READ ONLY"))
    return connection


def _only_reads(action: int, *about: str | None) -> int:
    allowed = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
    return sqlite3.SQLITE_OK if action in allowed else sqlite3.SQLITE_DENY


KIND = Kind(
    "sql",
    "SQL database",
    SqlSettings,
    Sql,
    harmless=frozenset({"query", "key", "seconds"}),
)
