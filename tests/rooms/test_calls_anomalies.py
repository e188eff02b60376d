"""What could not be: counted by kind, bounded, told seldom, and still there after a restart."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta

import pytest

from unisono.calls import pbx_events as ev
from unisono.calls.anomalies import MOST_EXAMPLES, MOST_KINDS, MOST_RAW, Anomalies, Anomaly, Key
from unisono.calls.events import AnomaliesChanged
from unisono.calls.impossible import Impossible, Why
from unisono.calls.model import Cause, ConnectionId
from unisono.calls.store import AnomalyStore, CallStore, anomaly_table
from unisono.kernel.bus import Bus
from unisono.kernel.clock import ManualClock
from unisono.kernel.errors import Unavailable
from unisono.storage import Database

UNKNOWN = Impossible(Why.UNKNOWN_CALL, "Held", "77")


def event(clock: ManualClock, raw: bytes = b"bytes", connector: str = "pbx") -> ev.CallEvent:
    return ev.Held(ev.Head(connector, clock.now(), Cause.NORMAL, raw=raw), ConnectionId("77", "101"))


class Nowhere:
    """Stores nothing; `full`: the disk is."""

    def __init__(self) -> None:
        self.full = False
        self.stored: dict[Key, Anomaly] = {}
        self.writes = 0

    async def load(self) -> list[Anomaly]:
        return list(self.stored.values())

    async def write(self, anomalies: Iterable[Anomaly], gone: Iterable[Key]) -> None:
        if self.full:
            raise Unavailable("database-full", "The disk is full.")
        self.writes += 1
        self.stored |= {anomaly.key: anomaly for anomaly in anomalies}
        for key in gone:
            self.stored.pop(key, None)


def room(store: Nowhere | AnomalyStore, clock: ManualClock) -> tuple[Anomalies, list[object]]:
    bus, told = Bus(), list[object]()

    async def hear(fact: object) -> None:
        told.append(fact)

    async def lost() -> None:
        raise AssertionError("facts were lost")

    bus.subscribe("test", {AnomaliesChanged: hear}, resync=lost)
    return Anomalies(bus, clock, store), told


def test_the_same_nonsense_a_thousand_times_is_one_kind() -> None:
    clock = ManualClock()
    anomalies, _ = room(Nowhere(), clock)
    began = clock.now()
    for number in range(1000):
        clock._elapsed += 1
        anomalies.note(event(clock, str(number).encode()), UNKNOWN)
    [kind] = anomalies.of("pbx")
    assert (kind.count, anomalies.count("pbx"), anomalies.total()) == (1000, 1000, 1000)
    assert kind.first == began + timedelta(seconds=1)
    assert kind.last == clock.now()
    assert [example.raw for example in kind.examples] == [b"995", b"996", b"997", b"998", b"999"]
    assert len(kind.examples) == MOST_EXAMPLES


def test_a_rare_kind_outlives_a_storm_but_kinds_are_bounded() -> None:
    clock = ManualClock()
    anomalies, _ = room(Nowhere(), clock)
    events = [type(f"Event{number}", (ev.Held,), {}) for number in range(MOST_KINDS + 3)]
    for kind in events:
        clock._elapsed += 1
        anomalies.note(kind(ev.Head("pbx", clock.now(), Cause.NORMAL), ConnectionId("1", "101")), UNKNOWN)
    assert [each.event for each in anomalies.of("pbx")] == [f"Event{n}" for n in range(MOST_KINDS + 2, 2, -1)]


def test_long_nonsense_is_cut_and_says_so() -> None:
    clock = ManualClock()
    anomalies, _ = room(Nowhere(), clock)
    anomalies.note(event(clock, b"x" * (MOST_RAW + 7)), Impossible(Why.UNREADABLE, detail="no XML"))
    [example] = anomalies.of("pbx")[0].examples
    assert (len(example.raw), example.size) == (MOST_RAW, MOST_RAW + 7)


async def test_told_once_a_second_and_written_every_ten() -> None:
    clock, store = ManualClock(), Nowhere()
    bus, told = Bus(), list[object]()

    async def hear(fact: object) -> None:
        told.append(fact)

    bus.subscribe("test", {AnomaliesChanged: hear}, resync=lambda: hear(None))
    anomalies = Anomalies(bus, clock, store)
    async with asyncio.TaskGroup() as tasks:
        bus.start(tasks)
        work = tasks.create_task(anomalies.run())
        for _ in range(100):
            anomalies.note(event(clock), UNKNOWN)
        await clock.advance(1)
        await bus.drained()
        assert told == [AnomaliesChanged("pbx")]
        assert (anomalies.count("pbx"), anomalies.told("pbx"), store.writes) == (100, 100, 0)
        anomalies.note(event(clock), UNKNOWN)
        assert (anomalies.count("pbx"), anomalies.told("pbx")) == (101, 100)
        await clock.advance(9)
        assert store.writes == 1
        await clock.advance(30)
        await bus.drained()
        assert (len(told), store.writes) == (2, 1)
        work.cancel()
        bus.stop()


async def test_what_cannot_be_written_is_written_later() -> None:
    clock, store = ManualClock(), Nowhere()
    anomalies, _ = room(store, clock)
    store.full = True
    anomalies.note(event(clock), UNKNOWN)
    await anomalies.flush()
    assert store.stored == {}
    store.full = False
    await anomalies.flush()
    assert [kind.count for kind in store.stored.values()] == [1]


async def survives_a_restart(where: Database) -> None:
    await where.create_all()
    clock = ManualClock()
    before, _ = room(AnomalyStore(where), clock)
    odd = bytes(range(256))
    before.note(event(clock, odd), UNKNOWN)
    before.note(event(clock, odd, "other"), UNKNOWN)
    await before.flush()
    before.note(event(clock), UNKNOWN)
    await before.flush()
    after, _ = room(CallStore(where, clock).anomalies, clock)
    await after.load()
    assert after.of("pbx") == before.of("pbx")
    assert after.told("pbx") == after.count("pbx") == 2
    assert after.of("pbx")[0].examples[0].raw == odd
    await after.clear("pbx")
    again, _ = room(AnomalyStore(where), clock)
    await again.load()
    assert (again.of("pbx"), again.total()) == ([], 1)


async def test_sqlite_keeps_them(sqlite: Database) -> None:
    await survives_a_restart(sqlite)


@pytest.mark.peer
async def test_postgresql_keeps_them(postgres: Database) -> None:
    await survives_a_restart(postgres)


async def test_a_row_that_cannot_be_read_is_left_out(sqlite: Database) -> None:
    await sqlite.create_all()
    async with sqlite.write() as connection:
        await connection.execute(
            anomaly_table.insert().values(connector="pbx", why="state", event="Held", value=b"{}")
        )
    anomalies, _ = room(AnomalyStore(sqlite), ManualClock())
    await anomalies.load()
    assert anomalies.total() == 0
