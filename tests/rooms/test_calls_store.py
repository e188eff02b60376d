"""Calls on disk: found again after a crash, in one transaction per batch, kept when the disk is full."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from unisono.calls import pbx_events as ev
from unisono.calls.events import CallChanged
from unisono.calls.model import (
    Call,
    Cause,
    Connection,
    ConnectionId,
    ConnectionState,
    ContactRef,
    Direction,
    Hold,
    Party,
    PartyKind,
    Result,
    Role,
    Service,
    Transfer,
)
from unisono.calls.service import CallService
from unisono.calls.store import BATCH_SECONDS, CallStore
from unisono.kernel.bus import Bus
from unisono.kernel.clock import ManualClock
from unisono.kernel.errors import Culprit, Retry, Unavailable
from unisono.numbers.model import Direction as Way
from unisono.numbers.model import NumberKind, PhoneNumber
from unisono.numbers.model import Role as NumberRole
from unisono.storage import Database

pytestmark = pytest.mark.both_databases

CLOCK = ManualClock()
NOW = CLOCK.now()


class Nobody:
    """A site without rules and contacts."""

    def read(self, raw: str, connector: str, device: str, direction: Way, role: NumberRole) -> PhoneNumber:
        return PhoneNumber(raw, NumberKind.EXTERNAL)

    def dial(self, raw: str, connector: str, device: str, *, forwarding: bool = False) -> str:
        return raw

    def own(self, raw: str, connector: str, device: str) -> bool:
        return False

    def person(self, connector: str, device: str) -> ContactRef | None:
        return None

    def contact(self, canonical: str) -> ContactRef | None:
        return None


def call(id: str = "c1", **changes: object) -> Call:
    """A call with something in every field."""
    party = Party("101", "101", "Anna", PartyKind.EXTENSION, False, "+39101", ContactRef("u1", "Anna"))
    leg = Connection(
        ConnectionId("1", "101"), party, ConnectionState.HOLD, Role.CALLEE, NOW, NOW, NOW, None, None, Cause.NORMAL,
        frozenset({Service.RETRIEVE_CALL}), "1", NOW,
    )  # fmt: skip
    values: dict[str, object] = {
        "id": id, "connector": "pbx", "native": id, "tracker": "t", "direction": Direction.INBOUND,
        "calling": Party(restricted=True), "called": party, "started": NOW, "connections": (leg,), "queue": party,
        "redirecting": party, "placed": NOW, "rang": NOW, "answered": NOW, "holds": (Hold("101", NOW),),
        "transfers": (Transfer("blind", "101", "103", NOW),), "digits": "1", "consultation": True, "by_cti": True,
        "data": {"note": "ü"},
    }  # fmt: skip
    return Call(**{**values, **changes})  # type: ignore[arg-type]


async def test_comes_back_as_it_was(database: Database) -> None:
    await database.create_all()
    store = CallStore(database, CLOCK)
    store.save(call())
    await store.flush()
    assert await CallStore(database, CLOCK).load() == [call()]


async def test_only_the_newest_version_is_kept(database: Database) -> None:
    await database.create_all()
    store = CallStore(database, CLOCK)
    for digits in ("1", "2", "3"):
        store.save(call(digits=digits))
    assert store.waiting == 1
    await store.flush()
    store.save(call(digits="4"))
    await store.flush()
    assert [found.digits for found in await store.load()] == ["4"]


async def test_more_calls_than_one_statement_takes(sqlite: Database) -> None:
    await sqlite.create_all()
    store = CallStore(sqlite, CLOCK)
    for number in range(1200):
        store.save(call(f"c{number}"))
    await store.flush()
    assert len(await store.load()) == 1200


async def test_one_call_that_cannot_be_written_keeps_no_other_out(sqlite: Database) -> None:
    await sqlite.create_all()
    store = CallStore(sqlite, CLOCK)
    for id in ("before", "odd", "after"):
        store.save(call(id, ended=None, native="\ud800" if id == "odd" else id))
    await store.flush()
    assert {each.id for each in await CallStore(sqlite, CLOCK).load()} == {"before", "after"}
    assert store.waiting == 0


async def test_ended_calls_stay_an_hour(database: Database) -> None:
    await database.create_all()
    store = CallStore(database, CLOCK)
    store.save(call("old", ended=NOW - timedelta(hours=2)))
    store.save(call("new", ended=NOW - timedelta(minutes=59)))
    store.save(call("up"))
    await store.flush()
    assert [found.id for found in await store.load()] == ["new", "up"]
    await store.prune(NOW - timedelta(minutes=30))
    assert [found.id for found in await store.load()] == ["up"]


class Full(Database):
    """A database whose disk is full as long as `full`."""

    full = True
    transactions = 0

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        self.transactions += 1
        if self.full:
            raise Unavailable("disk-full", "The disk is full.", culprit=Culprit.US, retry=Retry.ASK_ADMIN)
        async with super().write() as connection:
            yield connection


async def test_full_disk_loses_nothing_and_keeps_one_version_of_each_call(sqlite: Database) -> None:
    await sqlite.create_all()
    database = Full(sqlite.url.render_as_string())
    clock = ManualClock()
    store = CallStore(database, clock)
    running = asyncio.ensure_future(store.run())
    for digits in range(100):
        store.save(call("a", digits=str(digits)))
        store.save(call("b", digits=str(digits)))
        await clock.advance(1)
    assert store.waiting == 2
    assert store.fault is not None
    assert store.fault.code == "disk-full"
    database.full = False
    await clock.advance(6)
    await store.written()
    running.cancel()
    await asyncio.wait({running})
    assert [found.digits for found in await store.load()] == ["99", "99"]
    await database.close()


async def test_a_burst_is_one_transaction(sqlite: Database) -> None:
    await sqlite.create_all()
    database = Full(sqlite.url.render_as_string())
    database.full = False
    clock = ManualClock()
    store = CallStore(database, clock)
    running = asyncio.ensure_future(store.run())
    await asyncio.sleep(0)
    for number in range(50):
        store.save(call(f"c{number}"))
    await clock.advance(BATCH_SECONDS)
    await store.written()
    running.cancel()
    await asyncio.wait({running})
    assert database.transactions == 1
    await database.close()


async def test_unreadable_rows_are_left_out(sqlite: Database) -> None:
    from sqlalchemy import update

    from unisono.calls.store import open_call_table

    await sqlite.create_all()
    store = CallStore(sqlite, CLOCK)
    store.save(call("a"))
    store.save(call("b"))
    await store.flush()
    async with sqlite.write() as connection:
        await connection.execute(update(open_call_table).where(open_call_table.c.id == "a").values(call=b"{}"))
    assert [found.id for found in await store.load()] == ["b"]


async def test_after_a_crash_calls_are_found_again_or_closed_and_ended_ones_told_again(sqlite: Database) -> None:
    await sqlite.create_all()
    clock = ManualClock()
    customer = Party("trunk", "0432000462", kind=PartyKind.EXTERNAL)
    first = CallService(Bus(), clock, Nobody(), Nobody(), store := CallStore(sqlite, clock))
    for native in ("up", "vanishes", "ended"):
        own = Party("101", "101", kind=PartyKind.EXTENSION)
        id = ConnectionId(native, "101")
        first.report(ev.Delivered(ev.Head("pbx", clock.now()), id, own, customer, own))
    first.report(ev.CallCleared(ev.Head("pbx", clock.now()), "ended"))
    await store.flush()  # and then the process is killed

    bus, told = Bus(), []

    async def hear(fact: CallChanged) -> None:
        told.append((fact.call.native, fact.call.result))

    async def never() -> None:
        raise AssertionError

    bus.subscribe("journal", {CallChanged: hear}, resync=never)
    second = CallService(bus, clock, Nobody(), Nobody(), CallStore(sqlite, clock))
    await second.load()
    head = ev.Head("pbx", clock.now())
    connections = (
        ev.SnapshotConnection(ConnectionId("up", "trunk"), customer, ConnectionState.CONNECTED),
        ev.SnapshotConnection(
            ConnectionId("up", "101"), Party("101", "101", kind=PartyKind.EXTENSION), ConnectionState.CONNECTED
        ),
    )
    second.report(ev.CallSnapshot(head, "up", connections, customer))
    second.report(ev.SnapshotComplete(head, frozenset({"up"})))
    running = asyncio.ensure_future(_run(bus))
    await asyncio.sleep(0)
    await bus.drained()
    assert sorted(told[:3], key=str) == [("ended", Result.MISSED), ("up", None), ("vanishes", None)]
    assert told[3:] == [("up", None), ("vanishes", Result.LOST_SIGHT)]
    running.cancel()
    await asyncio.wait({running})
    before = first.by_native("pbx", "up")
    assert before is not None
    found = second.get(before.id)
    assert found is not None
    assert found.answered is not None


async def _run(bus: Bus) -> None:
    async with asyncio.TaskGroup() as tasks:
        bus.start(tasks)
