"""What another server has changed in the same database: a number for each kind of thing, which grows with every change."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog
from sqlalchemy import Column, Integer, String, Table, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from unisono.kernel.clock import Clock
from unisono.kernel.errors import Unavailable
from unisono.kernel.tasks import forever
from unisono.storage import Database, metadata

LOOK_SECONDS = 2.0
"""How often it is looked whether there is a change."""

version_table = Table(
    "directory_version",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("version", Integer, nullable=False),
)

log = structlog.get_logger("directory")


async def changed(connection: AsyncConnection, name: str) -> int:
    """Say that settings of this kind change, in the transaction in which they do; the number of this change."""
    here = version_table.c.name == name
    done = await connection.execute(update(version_table).where(here).values(version=version_table.c.version + 1))
    if not done.rowcount:
        await connection.execute(insert(version_table).values(name=name, version=1))
    return await connection.scalar(select(version_table.c.version).where(here)) or 0


async def version(database: Database, name: str) -> int:
    """The number of the last change of this kind. Ask for it before what it counts is read."""
    async with database.read() as connection:
        query = select(version_table.c.version).where(version_table.c.name == name)
        found: int | None = (await connection.execute(query)).scalar()
    if found is None:
        # Two servers that make their first change at once find the row, and one waits for the other.
        with suppress(IntegrityError):
            async with database.write() as connection:
                await connection.execute(insert(version_table).values(name=name, version=0))
    return found or 0


async def follow(name: str, refresh: Callable[[], Awaitable[None]], clock: Clock) -> None:
    """Have changes taken over, for ever."""

    async def look() -> None:
        while True:
            await clock.sleep(LOOK_SECONDS)
            try:
                await refresh()
            except Unavailable as fault:
                log.warning("changes of settings wait to be seen", settings=name, reason=fault.message)

    await forever(f"changes of {name}", look, clock)
