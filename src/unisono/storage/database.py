"""The engine and its transactions.

SQLite runs in WAL mode with one writer at a time: writers queue in `write()`, readers never wait for them.
"""

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, DateTime, Dialect, MetaData, Table, TextClause, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.types import TypeDecorator

from unisono.kernel.errors import Culprit, Invalid, Retry, Unavailable

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def only(where: ColumnElement[bool] | TextClause) -> dict[str, Any]:
    """What an `Index` is told to have of these rows only."""
    # SQLAlchemy wants it said for each kind of database, and loads all of that kind to look at the word: of PostgreSQL that is
    # a tenth of what a run or a command takes to start.
    return {"sqlite_where": where, "info": {"postgresql_where": where}}


def declared() -> MetaData:
    """Every table with all that was said of it, to be made or compared."""
    for table in metadata.tables.values():
        for index in table.indexes:
            index.dialect_kwargs.update(index.info)
    return metadata


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in time: aware UTC in Python, also where the database knows no zones (SQLite)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """The one door to SQL. `url`: `sqlite+aiosqlite:///path` or `postgresql+asyncpg://...`."""

    def __init__(self, url: str) -> None:
        try:
            self.url = make_url(url)
            self.sqlite = self.url.get_backend_name() == "sqlite"
            self.engine: AsyncEngine = create_async_engine(self.url, pool_pre_ping=not self.sqlite)
        except (SQLAlchemyError, ImportError) as error:
            raise Invalid(
                "database-url",
                "server.database is no address of a database that can be used: write "
                "postgresql+asyncpg://user:password@host/name, or leave it empty for SQLite in the data folder.",
                data={"field": "server.database"},
            ) from error
        self._unreachable = (OSError,) if self.sqlite else _unreachable()
        self._writer = asyncio.Lock()
        self._writing = self.engine.execution_options(writes=True)
        if self.sqlite:
            event.listen(self.engine.sync_engine, "connect", _tune_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection for reading; a failure becomes an `Unavailable` in words."""
        try:
            async with self._connected(self.engine) as connection:
                yield connection
        except DBAPIError as error:
            raise _in_words(error) from error

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction: all of it or nothing."""
        try:
            if self.sqlite:
                async with self._writer, self._connected(self._writing) as connection, connection.begin():
                    yield connection
            else:
                async with self._connected(self._writing) as connection, connection.begin():
                    yield connection
        except DBAPIError as error:
            raise _in_words(error) from error

    async def hold(self, connection: AsyncConnection, table: Table) -> None:
        """From now until the transaction ends, nobody else writes this table, or reads rows of it to write them."""
        if not self.sqlite:  # there nobody else writes anything
            await connection.exec_driver_sql(f"LOCK TABLE {table.name} IN EXCLUSIVE MODE")

    @asynccontextmanager
    async def _connected(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        async with AsyncExitStack() as stack:
            try:
                connection = await stack.enter_async_context(engine.connect())
            except self._unreachable as error:
                fault = _unavailable(_why(error))
                # A note, and not in the message: whoever has not signed in is told that, too.
                fault.add_note(f"It is {self.url.render_as_string(hide_password=True)}.")
                raise fault from error
            yield connection

    def insert(self, table: Table) -> Any:
        """A statement that writes new rows, and can say what becomes of those that are there (`on_conflict_do_update`)."""
        # Only what is used is loaded, as above.
        if self.sqlite:
            from sqlalchemy.dialects import sqlite

            return sqlite.insert(table)
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)

    def upsert(self, table: Table, unique: Sequence[str], *, keep: Collection[str] = ()) -> Any:
        """A statement that writes rows, new or not: what has the same `unique` columns is overwritten, but for `keep`.

        Make it once: making it costs more than running it.
        """
        statement = self.insert(table)
        changed = {c.name: statement.excluded[c.name] for c in table.c if c.name not in (*unique, *keep)}
        return statement.on_conflict_do_update(index_elements=list(unique), set_=changed)

    async def create_all(self) -> None:
        """Make every table as declared (tests; a server migrates instead)."""
        async with self._writing.begin() as connection:
            await connection.run_sync(declared().create_all)

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()


def _unreachable() -> tuple[type[Exception], ...]:
    """What connecting to PostgreSQL raises besides SQLAlchemy's errors; loaded only where it is used."""
    from asyncpg import InterfaceError, PostgresError

    return OSError, PostgresError, InterfaceError


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _tune_sqlite(connection: Any, _record: object) -> None:
    # The driver's own transactions leave out CREATE TABLE and the like; ours (`_begin_sqlite`) hold everything.
    connection.isolation_level = None
    cursor = connection.cursor()
    # WAL: readers never wait for the writer. NORMAL: a crash of the machine (not of the process) may lose the last moment.
    pragmas = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=5000", "cache_size=-16000")
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


_NO_TEXT = ("22021", "22P05")
"""PostgreSQL: a text has a sign that no text may have there, which is NUL; as JSON, too."""


def _in_words(error: DBAPIError) -> Exception:
    text = str(error.orig)
    if getattr(error.orig, "sqlstate", "") in _NO_TEXT:
        return Invalid("text-invalid", "A text has a character that cannot be stored (NUL).")
    if "disk is full" in text or "No space left" in text or "disk I/O" in text:
        return _disk_full("The database cannot write: the disk is full.")
    if "file is not a database" in text or "malformed" in text:
        return Unavailable(
            "database-damaged",
            f"The database file is damaged: {text}. Stop the server, and restore the last backup into a new data folder.",
            culprit=Culprit.US,
            retry=Retry.ASK_ADMIN,
        )
    if isinstance(error, OperationalError) or error.connection_invalidated:
        return _unavailable(text)
    return error


def _why(error: Exception) -> str:
    return os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)


def _unavailable(why: str) -> Unavailable:
    return Unavailable(
        "database-unavailable", f"The database does not answer: {why}.", culprit=Culprit.US, retry=Retry.LATER
    )


def disk_fault(error: OSError) -> Unavailable:
    """A file that cannot be written, in words."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return _disk_full("A file cannot be written: the disk is full.")
    message = f"{error.filename or 'A file'} cannot be written: {error.strerror}."
    return Unavailable("disk-unavailable", message, culprit=Culprit.US, retry=Retry.ASK_ADMIN)


def _disk_full(what: str) -> Unavailable:
    message = f"{what} Free space; nothing that was saved before is lost."
    return Unavailable("disk-full", message, culprit=Culprit.US, retry=Retry.ASK_ADMIN)
