"""Things that several servers keep in memory: each knows what others changed, and nobody changes what they do not know."""

import asyncio
from collections.abc import AsyncIterator, Collection

import pytest
from sqlalchemy import select

from unisono.kernel.clock import ManualClock
from unisono.kernel.errors import Unavailable
from unisono.storage import Database, Shared, shared
from unisono.storage.shared import LOOK_SECONDS, change_table, follow

pytestmark = pytest.mark.both_databases


class Pad:
    """A server's picture of the changes that were made, as ids; it reads no other table."""

    def __init__(self, database: Database, kind: str = "pad") -> None:
        self.database = database
        self.shared = Shared(database, kind, self._take)
        self.told: list[Collection[str] | None] = []
        self.fails: Exception | None = None

    async def _take(self, ids: Collection[str] | None) -> None:
        if self.fails:
            raise self.fails
        self.told.append(ids)

    async def change(self, *ids: str) -> None:
        async with self.shared.changing() as change:
            change.ids.update(ids)


@pytest.fixture
async def elsewhere(database: Database) -> AsyncIterator[Database]:
    """The same database, as another server has it."""
    await database.create_all()
    found = Database(database.url.render_as_string(hide_password=False))
    yield found
    await found.close()


async def test_each_reads_what_is_new_and_nothing_twice(database: Database, elsewhere: Database) -> None:
    one, other = Pad(database), Pad(elsewhere)
    await one.shared.load()
    await other.shared.refresh()
    assert (one.told, other.told) == ([None], [None]), "the first time everything is read"
    await one.change("a", "b")
    await one.change("b")
    await other.shared.refresh()
    await other.shared.refresh()
    assert one.told[1:] == [{"a", "b"}, {"b"}], "one's own changes are read back"
    assert other.told[1:] == [{"a", "b"}]
    await other.change("c")
    await one.shared.refresh()
    assert one.told[3:] == [{"c"}]


async def test_who_changes_something_knows_what_others_changed(database: Database, elsewhere: Database) -> None:
    one, other = Pad(database), Pad(elsewhere)
    await one.shared.load()
    await other.change("a")
    async with one.shared.changing():
        assert one.told == [None, {"a"}]


async def test_changes_wait_for_each_other(database: Database, elsewhere: Database) -> None:
    """Each counts up from what is known inside; one that was lost would leave the count behind."""
    pads = [Pad(database), Pad(elsewhere)]

    async def count(pad: Pad) -> None:
        for _ in range(10):
            async with pad.shared.changing() as change:
                known = {int(id) for ids in pad.told for id in ids or ()}
                change.ids.add(str(max(known, default=0) + 1))

    for pad in pads:
        await pad.shared.load()
    await asyncio.gather(*map(count, pads))
    await pads[0].shared.refresh()
    assert {id for ids in pads[0].told for id in ids or ()} == {str(n) for n in range(1, 21)}


async def test_a_change_that_fails_is_none(database: Database, elsewhere: Database) -> None:
    one, other = Pad(database), Pad(elsewhere)
    await other.shared.load()

    async def fail() -> None:
        async with one.shared.changing() as change:
            change.ids.add("a")
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    await other.shared.refresh()
    await one.shared.refresh()
    assert (one.told, other.told) == ([None], [None])


async def test_who_missed_too_much_reads_everything(
    database: Database, elsewhere: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared, "KEPT", 3)
    monkeypatch.setattr(shared, "_TIDY_EVERY", 1)
    one, other, third = Pad(database), Pad(elsewhere), Pad(elsewhere)
    for each in (one, other):
        await each.shared.load()
    await one.change("a")
    await third.shared.load()
    for id in "bcd":
        await one.change(id)
    await other.shared.refresh()
    await third.shared.refresh()
    assert (other.told[1:], third.told[1:]) == ([None], [{"b", "c", "d"}])
    async with database.read() as connection:
        kept = set((await connection.execute(select(change_table.c.id))).scalars())
    assert kept == {"", "b", "c", "d"}


async def test_what_cannot_be_read_is_read_later_and_holds_up_nothing(database: Database, elsewhere: Database) -> None:
    one, sick, well = Pad(database), Pad(elsewhere), Pad(elsewhere, "other")
    for each in (one, sick, well):
        await each.shared.load()
    clock = ManualClock()
    following = asyncio.create_task(follow(elsewhere, [sick.shared, well.shared], clock))

    async def looks(times: int) -> None:
        for _ in range(times):
            await clock.advance(LOOK_SECONDS)
            await asyncio.sleep(0.02)

    for fault in (Unavailable("database-unavailable", "It is away."), ZeroDivisionError()):
        sick.fails = fault
        await one.change("a")
        await Pad(database, "other").change("b")
        async with asyncio.timeout(60):
            while well.told[-1] is None:
                await looks(1)
        well.told.append(None)
        assert sick.told == [None]
    sick.fails = None
    async with asyncio.timeout(60):
        while len(sick.told) == 1:
            await looks(1)
    assert sick.told == [None, {"a"}]
    following.cancel()
    await asyncio.wait([following])
