"""The engine and its transactions.

SQLite runs in WAL mode with one writer at a time: writers queue in `write()`, readers never wait for them.
"""

import asyncio
import errno
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, DateTime, Dialect, MetaData, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.types import TypeDecorator

from unisono.kernel.errors import Culprit, Retry, Unavailable

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


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
        self.url = make_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.engine: AsyncEngine = create_async_engine(url, pool_pre_ping=not self.sqlite)
        self._writer = asyncio.Lock()
        self._writing = self.engine.execution_options(writes=True)
        if self.sqlite:
            event.listen(self.engine.sync_engine, "connect", _tune_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection for reading; a failure becomes an `Unavailable` in words."""
        try:
            async with self.engine.connect() as connection:
                yield connection
        except DBAPIError as error:
            raise _in_words(error) from error

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction: all of it or nothing."""
        try:
            if self.sqlite:
                async with self._writer, self._writing.begin() as connection:
                    yield connection
            else:
                async with self._writing.begin() as connection:
                    yield connection
        except DBAPIError as error:
            raise _in_words(error) from error

    def upsert(self, table: Table, unique: Sequence[str], *, keep: Collection[str] = ()) -> Any:
        """A statement that writes rows, new or not: what has the same `unique` columns is overwritten, but for `keep`.

        Make it once: making it costs more than running it.
        """
        statement: Any = (sqlite.insert if self.sqlite else postgresql.insert)(table)
        changed = {c.name: statement.excluded[c.name] for c in table.c if c.name not in (*unique, *keep)}
        return statement.on_conflict_do_update(index_elements=list(unique), set_=changed)

    async def create_all(self) -> None:
        """Make every table as declared (tests; a server migrates instead)."""
        async with self._writing.begin() as connection:
            await connection.run_sync(metadata.create_all)

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()


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


def _in_words(error: DBAPIError) -> Exception:
    text = str(error.orig)
    if "disk is full" in text or "No space left" in text or "disk I/O" in text:
        return _disk_full("The database cannot write: the disk is full.")
    if isinstance(error, OperationalError) or error.connection_invalidated:
        return Unavailable(
            "database-unavailable", f"The database does not answer: {text}.", culprit=Culprit.US, retry=Retry.LATER
        )
    return error


def disk_fault(error: OSError) -> Unavailable:
    """A file that cannot be written, in words."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return _disk_full("A file cannot be written: the disk is full.")
    message = f"{error.filename or 'A file'} cannot be written: {error.strerror}."
    return Unavailable("disk-unavailable", message, culprit=Culprit.US, retry=Retry.ASK_ADMIN)


def _disk_full(what: str) -> Unavailable:
    message = f"{what} Free space; nothing that was saved before is lost."
    return Unavailable("disk-full", message, culprit=Culprit.US, retry=Retry.ASK_ADMIN)
