"""Databases behind ODBC drivers of this machine (unixODBC): a table or a query, read and not written."""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from unisono.directory.replicators import faults, queries
from unisono.directory.replicators.source import Check, Column, Item, Kind
from unisono.kernel.errors import Fault, Invalid
from unisono.kernel.secrets import Secret, no_secret

_AT_ONCE = 1_000
_CONNECT_SECONDS = 10
_PART = re.compile(r"\s*([^=;{}]+?)\s*=\s*(\{(?:[^}]|\}\})*\}|[^;{}]*)\s*(?:;|$)")
_SECRET = frozenset({"pwd", "password"})
_REFUSED = frozenset({"filedsn", "savefile"})
_LOADS = frozenset({"loadext", "plugin_dir", "translationdll"})
"""Keywords of drivers for SQLite and MySQL that load program code."""
_TAKEN = re.compile(r"\[[^\]]*\]")
"""Names of the parts of a driver in front of what it says."""


class OdbcSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A data source, and what is read from it."""

    connection: Annotated[
        str,
        Meta(min_length=1, max_length=4000, description="DSN=name, or Driver={name};Server=...;Database=... ."),
    ]
    query: Annotated[str, Meta(min_length=1, max_length=20_000, description="A table, or a SELECT with one row per contact.")]
    user: Annotated[str, Meta(max_length=200, description="Name for the database; empty: as the data source says.")] = ""
    password: Annotated[Secret, Meta(description="Its password.")] = msgspec.field(default_factory=no_secret)
    key: Annotated[str, Meta(max_length=200, description="The column that names a row for ever; empty: none.")] = ""
    seconds: Annotated[int, Meta(ge=1, le=86_400, description="How long one statement may take.")] = 600

    @property
    def paths(self) -> tuple[str, ...]:
        """The files of this machine that are read: also relative ones, which may look like the name of a database."""
        values = (value for name, value in _parts(self.connection) if name not in ("dsn", "driver", "server", "servername"))
        return tuple(value for value in values if "/" in value or value.startswith(".") or os.path.exists(value))


class Odbc:
    """A query on a data source."""

    def __init__(self, settings: OdbcSettings) -> None:
        self._settings = settings
        parts = _parts(settings.connection)
        told = dict(parts)
        self._peer = told.get("dsn") or told.get("server") or told.get("servername") or told.get("database") or "The database"
        more = [("UID", settings.user)] if settings.user else []
        self._connection = ";".join(f"{name}={_braced(value)}" for name, value in (*parts, *more))

    def check(self) -> Check:
        with self._cursor(_CONNECT_SECONDS) as cursor:
            cursor.fetchmany(1)
            name, version = _about(cursor.connection)
            return Check(f"ODBC {name} {self._peer}", version)

    def columns(self) -> Sequence[Column]:
        with self._cursor(self._settings.seconds) as cursor:
            return queries.columns(_titles(cursor), list(islice(self._fetched(cursor), queries.SAMPLES)))

    def read(self, since: str | None) -> Iterator[Item]:
        with self._cursor(self._settings.seconds) as cursor:
            yield from queries.records(_titles(cursor), self._fetched(cursor), self._settings.key)

    def _fetched(self, cursor: Any) -> Iterator[Sequence[Any]]:
        return queries.fetched(cursor.fetchmany, self._peer, self._settings.seconds)

    @contextmanager
    def _cursor(self, seconds: int) -> Iterator[Any]:
        """The query, asked; every fault in words."""
        try:
            import pyodbc
        except ImportError as error:
            message = f"ODBC is not installed here ({error}). Install unixODBC: Debian's package is unixodbc."
            raise Invalid("source-driver", message, data={"field": "connection", "driver": "unixODBC"}) from error
        password = self._settings.password.reveal()
        whole = f"{self._connection};PWD={_braced(password)}" if password else self._connection
        connection = None
        try:
            connection = pyodbc.connect(whole, readonly=True, timeout=_CONNECT_SECONDS)
            cursor = connection.cursor()
            _bound(connection, cursor, seconds)
            cursor.arraysize = _AT_ONCE
            quote = connection.getinfo(pyodbc.SQL_IDENTIFIER_QUOTE_CHAR).strip() or '"'
            yield cursor.execute(queries.statement(self._settings.query, lambda name: f"{quote}{name}{quote}"))
        except pyodbc.Error as error:
            raise self._fault(error) from error
        finally:
            if connection is not None:
                with suppress(pyodbc.Error):
                    connection.rollback()
                connection.close()

    def _fault(self, error: Exception) -> Fault:
        state, said = (*map(str, error.args), "", "")[:2]
        words = " ".join(_TAKEN.sub("", said or state).split())
        if state in ("IM002", "01000", "IM003", "IM004"):
            message = f"There is no such data source or driver: {words}. Look at odbcinst.ini and odbc.ini of this machine."
            return Invalid("source-driver", message, data={"field": "connection", "driver": self._peer})
        return queries.refusal(self._peer, state, words)


def _titles(cursor: Any) -> list[str]:
    return queries.titles([str(each[0]) for each in cursor.description or ()])


def _about(connection: Any) -> tuple[str, str]:
    """Name and version of the database."""
    import pyodbc

    return str(connection.getinfo(pyodbc.SQL_DBMS_NAME)), str(connection.getinfo(pyodbc.SQL_DBMS_VER))


def _bound(connection: Any, cursor: Any, seconds: int) -> None:
    """Make sure, as far as the driver lets us, that nothing is written and that a statement ends."""
    import pyodbc

    with suppress(pyodbc.Error):
        connection.timeout = seconds
    name = _about(connection)[0].lower()
    if "postgres" in name:
        cursor.execute("SET TRANSACTION READ ONLY")
        cursor.execute(f"SET LOCAL statement_timeout = {seconds * 1000}")
    elif "sqlite" in name:
        cursor.execute("PRAGMA query_only = ON")


def _parts(connection: str) -> list[tuple[str, str]]:
    """The keywords of a connection string, in small letters, with their values. Raises `Invalid`."""
    found: list[tuple[str, str]] = []
    at = 0
    text = connection.strip().rstrip(";")
    while at < len(text):
        match = _PART.match(text, at)
        if match is None:
            raise faults.wrong_setting("connection", "This is no connection string. Write keyword=value;keyword=value.")
        name, value = match[1].lower(), match[2].strip()
        found.append((name, value[1:-1].replace("}}", "}") if value.startswith("{") else value))
        at = match.end()
    names = {name for name, _ in found}
    if names & _SECRET:
        raise faults.wrong_setting("connection", "Enter the password in its own field, not in the connection string.")
    if names & _REFUSED:
        raise faults.wrong_setting("connection", "Data sources in files of their own are not read; name one of odbc.ini.")
    if names & _LOADS:
        raise faults.wrong_setting("connection", "Nothing is loaded into a driver; leave out LoadExt and PLUGIN_DIR.")
    if any(name == "driver" and "/" in value for name, value in found):
        raise faults.wrong_setting("connection", "Name a driver of odbcinst.ini; a file is not loaded as one.")
    return found


def _braced(value: str) -> str:
    return "{" + value.replace("}", "}}") + "}" if re.search(r"[;{}=\s]", value) else value


KIND = Kind("odbc", "ODBC", OdbcSettings, Odbc, harmless=frozenset({"query", "key", "seconds"}))
