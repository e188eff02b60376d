"""What several servers on one database keep in memory, each for itself, and change by turns.

Of every kind of such things the database has a number that grows with each change, and says what each change was about. A
server looks at the numbers every few seconds and reads what is new. Before it changes something itself, it takes over what
others have changed, and they wait until it is done; its own changes it reads back as it does theirs.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy import Column, Index, Integer, String, Table, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from unisono.kernel.clock import Clock
from unisono.kernel.errors import Unavailable
from unisono.kernel.log import Log
from unisono.kernel.tasks import forever
from unisono.storage.database import Database, metadata

LOOK_SECONDS = 2.0
"""How often a server looks whether others have changed something."""
KEPT = 10_000
"""Changes of a kind of which is kept what they were about; whoever missed more reads everything."""
_TIDY_EVERY = 1_000

change_table = Table(
    "shared_change",
    metadata,
    Column("kind", String(32), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("number", Integer, nullable=False),
    Index("ix_shared_change_kind_number", "kind", "number"),
)
"""`number`: of the last change of the thing with this id; with an empty id, of the last change of the kind."""

Take = Callable[[Collection[str] | None], Awaitable[None]]
"""Takes over from the database the things of these ids, or everything (None)."""

log = Log("shared")


@dataclass(frozen=True, slots=True)
class Change:
    """A change under way: its transaction, and the ids of what it is about, to be filled in where `take` wants them."""

    connection: AsyncConnection
    ids: set[str] = field(default_factory=set)


class Shared:
    """One kind of things. What `take` reads is in memory as it was in the database at change number `seen`."""

    def __init__(self, database: Database, kind: str, take: Take) -> None:
        self.kind = kind
        self.seen: int | None = None
        """None: nothing was read yet."""
        self._database = database
        self._take = take
        self._lock = asyncio.Lock()

    async def load(self) -> None:
        """Take over everything. Raises `Unavailable`."""
        async with self._lock:
            self.seen = None
            await self._catch_up()

    async def refresh(self) -> None:
        """Take over what is new, if there is anything. Raises `Unavailable`."""
        async with self._lock:
            await self._catch_up()

    @asynccontextmanager
    async def changing(self) -> AsyncIterator[Change]:
        """Change something, in one transaction; inside, memory is as the database, and no other server changes it.

        At the end the change is in memory here. Not to be nested, also not with other kinds: SQLite has one writer.
        """
        async with self._lock:
            await self._catch_up()  # what takes long, while nobody has to wait
            async with self._database.write() as connection:
                number = await self._next(connection)
                if number - 1 != self.seen:
                    await self._catch_up()
                change = Change(connection)
                yield change
                await self._note(change, number)
            await self._catch_up()

    async def _catch_up(self) -> None:
        mine = change_table.c.kind == self.kind
        ids: Collection[str] | None = None
        async with self._database.read() as connection:
            latest = select(change_table.c.number).where(mine, change_table.c.id == "")
            now = (await connection.execute(latest)).scalar() or 0
            if now == self.seen:
                return
            if self.seen is not None and 0 < now - self.seen <= KEPT:
                new = select(change_table.c.id).where(mine, change_table.c.number > self.seen, change_table.c.id != "")
                ids = frozenset((await connection.execute(new)).scalars())
        await self._take(ids)
        self.seen = now

    async def _next(self, connection: AsyncConnection) -> int:
        """The number of this change. Other servers that want to change something wait here for the end of the transaction."""
        first = self._database.insert(change_table).values(kind=self.kind, id="", number=1)
        one_more = first.on_conflict_do_update(index_elements=["kind", "id"], set_={"number": change_table.c.number + 1})
        return int((await connection.execute(one_more.returning(change_table.c.number))).scalar_one())

    async def _note(self, change: Change, number: int) -> None:
        if change.ids:
            rows = [{"kind": self.kind, "id": id, "number": number} for id in sorted(change.ids)]
            await change.connection.execute(self._database.upsert(change_table, ("kind", "id")), rows)
        if number % _TIDY_EVERY == 0:
            old = (change_table.c.id != "") & (change_table.c.number <= number - KEPT)
            await change.connection.execute(delete(change_table).where(change_table.c.kind == self.kind, old))


async def follow(database: Database, kinds: Sequence[Shared], clock: Clock) -> None:
    """Have what other servers change taken over, in this order, for ever."""

    async def look() -> None:
        while True:
            await clock.sleep(LOOK_SECONDS)
            try:
                async with database.read() as connection:
                    latest = select(change_table.c.kind, change_table.c.number).where(change_table.c.id == "")
                    numbers = {row.kind: row.number for row in await connection.execute(latest)}
            except Unavailable as fault:
                log.warning("changes of other servers wait to be seen", reason=fault.message)
                continue
            for kind in kinds:
                if numbers.get(kind.kind, 0) != kind.seen:
                    await _taken_over(kind)

    await forever("changes of other servers", look, clock)


async def latest(*kinds: Shared) -> None:
    """Take over what is new, before it is shown to be changed; while the database is away, what was known is shown."""
    for kind in kinds:
        await _taken_over(kind)


async def _taken_over(kind: Shared) -> None:
    """One kind that cannot be read keeps none of the others from being seen."""
    try:
        await kind.refresh()
    except Unavailable as fault:
        log.warning("changes of other servers wait to be seen", kind=kind.kind, reason=fault.message)
    except Exception:
        log.exception("changes of other servers cannot be taken over", kind=kind.kind)
