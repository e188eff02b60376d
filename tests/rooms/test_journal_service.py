"""The journal over a real SQLite file: living calls, missed ones and who deals with them, search, restart, retention."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.rooms.shape import make_tables

from unisono.calls.events import CallChanged
from unisono.calls.model import (
    Call,
    Connection,
    ConnectionId,
    ConnectionState,
    ContactRef,
    Direction,
    LegOutcome,
    Party,
    PartyKind,
    Role,
)
from unisono.journal.events import CountsChanged, JournalChanged
from unisono.journal.listing import TextSearch
from unisono.journal.model import DoneHow, Filter, JournalEntry, Outcome, OwnerScope, Query, Sight
from unisono.journal.service import Edit, Journal
from unisono.journal.settings import JournalSettings
from unisono.kernel.bus import Bus
from unisono.kernel.clock import ManualClock
from unisono.kernel.errors import Fault, Invalid, NotFound, Unavailable
from unisono.people.model import Line, LineKind, User
from unisono.permissions.model import Viewer
from unisono.storage import Database

T0 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CUSTOMER = Party(
    number="0441632960123",
    canonical="+441632960123",
    kind=PartyKind.EXTERNAL,
    contact=ContactRef("c1", "Ada Brown", "Brown & Sons", "exact"),
)


def extension(number: str) -> Party:
    return Party(device=number, number=number, canonical=number, kind=PartyKind.EXTENSION)


def line(number: str, user: str, **more: Any) -> Line:
    return Line(f"line{number}", "pbx", number, number, location_id="udine", user_ids=(user,), **more)


@dataclass
class Staff:
    """Anna has 101, Ben 102, Cleo the private telephone 103."""

    lines: dict[str, Line]
    users: dict[str, User]

    def line_at(self, connector: str, device: str) -> Line | None:
        return self.lines.get(device) if connector == "pbx" else None

    def line(self, id: str) -> Line | None:
        return next((found for found in self.lines.values() if found.id == id), None)

    def user(self, id: str) -> User | None:
        return self.users.get(id)


STAFF = Staff(
    {
        "101": line("101", "anna"),
        "102": line("102", "ben"),
        "103": line("103", "cleo", private=True),
        "900": line("900", "anna", kind=LineKind.QUEUE),
    },
    {
        "anna": User("anna", "anna", "Anna Rossi", line_ids=("line101",)),
        "ben": User("ben", "ben", "Ben Huber", line_ids=("line102",)),
        "cleo": User("cleo", "cleo", "Cleo Conti", line_ids=("line103",)),
    },
)
ANNA = (OwnerScope("anna"),)


def ringing(call_id: str, *devices: str, at: datetime = T0, caller: Party = CUSTOMER) -> Call:
    """A call from outside that rings at these devices."""
    legs = [Connection(ConnectionId(call_id, "trunk"), caller, ConnectionState.CONNECTED, Role.CALLER, at)]
    legs += [
        Connection(ConnectionId(call_id, d), extension(d), ConnectionState.ALERTING, Role.CALLEE, at, rang=at)
        for d in devices
    ]
    return Call(
        call_id, "pbx", call_id, f"t-{call_id}", Direction.INBOUND, caller, extension(devices[0]), at, tuple(legs), rang=at
    )


def on(call: Call, device: str, **changes: Any) -> Call:
    legs = tuple(replace(leg, **changes) if leg.id.device == device else leg for leg in call.connections)
    return replace(call, connections=legs)


def answered(call: Call, device: str, after: int = 5) -> Call:
    at = call.started + timedelta(seconds=after)
    for leg in call.connections[1:]:
        if leg.id.device != device:
            call = on(call, leg.id.device, state=ConnectionState.NULL, ended=at, outcome=LegOutcome.ANSWERED_ELSEWHERE)
    return replace(on(call, device, state=ConnectionState.CONNECTED, answered=at), answered=at)


def over(call: Call, outcome: LegOutcome, after: int = 30) -> Call:
    at = call.started + timedelta(seconds=after)
    for leg in call.connections:
        if leg.live:
            call = on(call, leg.id.device, state=ConnectionState.NULL, ended=at, outcome=outcome)
    return replace(call, ended=at)


def outgoing(call_id: str, device: str, to: Party, at: datetime) -> Call:
    """A call to outside that was answered."""
    legs = (
        Connection(ConnectionId(call_id, device), extension(device), ConnectionState.CONNECTED, Role.CALLER, at),
        Connection(ConnectionId(call_id, "trunk"), to, ConnectionState.CONNECTED, Role.CALLEE, at, rang=at, answered=at),
    )
    return Call(
        call_id, "pbx", call_id, f"t-{call_id}", Direction.OUTBOUND, extension(device), to, at, legs, rang=at, answered=at
    )


class Desk:
    """A journal with everything around it, and what it told."""

    def __init__(self, database: Database, settings: JournalSettings) -> None:
        self.clock = ManualClock(T0)
        self.bus = Bus()
        self.told: list[object] = []
        self.database = database
        self.journal = Journal(database, STAFF, self.clock, self.bus, settings)
        publish: Callable[[object], None] = self.bus.publish

        def hear(fact: object) -> None:
            self.told.append(fact)
            publish(fact)

        self.bus.publish = hear  # type: ignore[method-assign]

    async def see(self, *calls: Call) -> None:
        for call in calls:
            await self.journal.follow(call)

    async def page(self, *filters: Filter, **query: Any) -> list[JournalEntry]:
        query.setdefault("owners", None)
        return await self.journal.page(Query(filters=frozenset(filters), **query))

    def counts(self) -> list[tuple[str, int]]:
        return [(f.user_id, f.missed_open) for f in self.told if isinstance(f, CountsChanged)]


@asynccontextmanager
async def opened(path: Path, settings: JournalSettings | None = None) -> AsyncIterator[Desk]:
    database = Database(f"sqlite+aiosqlite:///{path / 'u.sqlite3'}")
    yield await started(database, settings)
    await database.close()


async def started(database: Database, settings: JournalSettings | None = None) -> Desk:
    await make_tables(database)
    desk = Desk(database, settings or JournalSettings(night_from=0, night_until=0))
    await desk.journal.start()
    return desk


@pytest.fixture(params=["sqlite", "like", pytest.param("postgres", marks=pytest.mark.peer)])
def database(request: pytest.FixtureRequest) -> Database:
    found: Database = request.getfixturevalue("postgres" if request.param == "postgres" else "sqlite")
    return found


@pytest.fixture
async def desk(database: Database, request: pytest.FixtureRequest) -> Desk:
    """On SQLite, on PostgreSQL, and on a database of which nothing is known about full text."""
    found = await started(database)
    if "[like]" in request.node.name:
        found.journal._entries._search = TextSearch.LIKE
    return found


async def test_an_answered_call_has_every_field(desk: Desk) -> None:
    ring = ringing("c", "101")
    await desk.see(ring)
    (running,) = await desk.page()
    assert (running.outcome, running.rang, running.ended) == (Outcome.RUNNING, T0, None)
    talk = answered(ring, "101")
    await desk.see(talk, over(talk, LegOutcome.ANSWERED))
    (entry,) = await desk.page()
    assert entry.id == running.id
    assert (entry.outcome, entry.duration, entry.talk) == (Outcome.ANSWERED, 30, 25)
    assert (entry.remote.name, entry.remote.company, entry.remote.contact_id) == ("Ada Brown", "Brown & Sons", "c1")
    assert (entry.line_number, entry.user_id, entry.tracker) == ("101", "anna", "t-c")
    assert entry.called is not None
    assert entry.called.name == "Anna Rossi"
    assert not entry.open


async def test_the_same_fact_twice_is_one_entry_told_once(desk: Desk) -> None:
    ring = ringing("c", "101")
    await desk.see(ring, ring)
    assert len([f for f in desk.told if isinstance(f, JournalChanged)]) == 1
    assert len(await desk.page()) == 1


async def test_a_missed_call_waits_until_it_is_done_by_hand(desk: Desk) -> None:
    await desk.see(over(ringing("c", "101"), LegOutcome.MISSED))
    (entry,) = await desk.page(Filter.OPEN)
    assert entry.open
    assert desk.counts() == [("anna", 1)]
    done = await desk.journal.set_done(entry.id, "anna", done=True)
    assert (done.open, done.done_by, done.done_how) == (False, "anna", DoneHow.BY_HAND)
    assert await desk.page(Filter.OPEN) == []
    again = await desk.journal.set_done(entry.id, "anna", done=False)
    assert again.open
    assert desk.counts() == [("anna", 1), ("anna", 0), ("anna", 1)]


async def test_calling_back_deals_with_it(desk: Desk) -> None:
    await desk.see(over(ringing("c", "101"), LegOutcome.MISSED))
    await desk.see(outgoing("back", "101", CUSTOMER, T0 + timedelta(minutes=5)))
    assert await desk.page(Filter.OPEN) == []
    (missed,) = await desk.page(Filter.MISSED)
    assert (missed.done_how, missed.done_by) == (DoneHow.CALLED_BACK, "anna")


async def test_a_colleague_deals_only_with_what_was_meant_for_several(desk: Desk) -> None:
    await desk.see(over(ringing("direct", "101"), LegOutcome.MISSED))
    await desk.see(over(ringing("group", "101", "102"), LegOutcome.MISSED))
    later = T0 + timedelta(minutes=5)
    await desk.see(answered(ringing("again", "102", at=later), "102"))
    still = await desk.page(Filter.OPEN)
    assert [entry.call_id for entry in still] == ["direct"]
    by = {entry.line_id: entry.done_how for entry in await desk.page(Filter.MISSED) if entry.call_id == "group"}
    assert by == {"line101": DoneHow.CALLED_AGAIN, "line102": DoneHow.CALLED_AGAIN}


async def test_a_group_call_shows_who_answered(desk: Desk) -> None:
    talk = answered(ringing("c", "101", "102"), "102")
    await desk.see(talk)
    (anna,) = await desk.page(owners=ANNA)
    assert (anna.outcome, anna.acceptor_name, anna.acceptor_user_id) == (Outcome.ANSWERED_ELSEWHERE, "Ben Huber", "ben")
    assert not anna.open


async def test_a_queue_member_who_missed_is_served_by_the_next(desk: Desk) -> None:
    ring = on(ringing("c", "101", "102"), "101", state=ConnectionState.NULL, ended=T0, outcome=LegOutcome.MISSED_QUEUE)
    await desk.see(ring)
    assert [e.line_id for e in await desk.page(Filter.OPEN)] == ["line101"]
    at = T0 + timedelta(seconds=20)
    await desk.see(replace(on(ring, "102", state=ConnectionState.CONNECTED, answered=at), answered=at))
    assert await desk.page(Filter.OPEN) == []
    assert desk.counts()[-1] == ("anna", 0)


async def test_private_telephones_keep_their_partners_to_themselves(desk: Desk) -> None:
    await desk.see(ringing("c", "103"))
    (entry,) = await desk.page()
    assert entry.private
    assert (entry.remote.number, entry.remote.name, entry.remote.contact_id) == ("+441632960XXX", "", "")
    assert await desk.page(text="brown") == []


async def test_search_finds_names_notes_and_numbers(desk: Desk) -> None:
    await desk.see(over(ringing("c", "101"), LegOutcome.ANSWERED))
    (entry,) = await desk.page()
    await desk.journal.edit(entry.id, Edit(note="Wants an offer for Müller's heating", subject="Heating"))
    for typed in ("ada", "bro son", "MULLER heat", "+44 1632 96", "01632 960", "960123", "anna"):
        assert [e.id for e in await desk.page(text=typed)] == [entry.id], typed
        assert [e.id for e in await desk.page(text=typed, owners=ANNA)] == [entry.id], typed
    for typed in ("ben", "ada muster", "999", '"', "NOT ada OR", "*"):
        expected = [entry.id] if typed in ('"', "*") else []
        assert [e.id for e in await desk.page(text=typed)] == expected, typed
    assert await desk.page(text="ada", owners=(OwnerScope("ben"),)) == []


async def test_search_leaves_out_the_private_entries_of_others(desk: Desk) -> None:
    await desk.see(over(ringing("c", "101"), LegOutcome.ANSWERED))
    (entry,) = await desk.page()
    await desk.journal.edit(entry.id, Edit(private=True))
    for others in (OwnerScope("anna", sight=Sight.WRITTEN), OwnerScope("anna", sight=Sight.CALLS)):
        assert await desk.page(text="ada", owners=(others,)) == []
        assert await desk.page(number="+441632960123", owners=(others,)) == []
    assert len(await desk.page(text="ada", owners=ANNA)) == 1


async def test_search_tells_nothing_of_what_may_not_be_read(desk: Desk) -> None:
    await desk.see(over(ringing("a", "101"), LegOutcome.ANSWERED), over(ringing("b", "102"), LegOutcome.ANSWERED))
    for entry in await desk.page():
        await desk.journal.edit(entry.id, Edit(note="discount 4711", subject="Boiler", project="P7"))
    mixed = (OwnerScope("anna", sight=Sight.CALLS), OwnerScope("ben", sight=Sight.WRITTEN))
    for typed in ("disc", "4711", "boiler", "p7", "ada p7"):
        assert [entry.call_id for entry in await desk.page(text=typed, owners=mixed)] == ["b"], typed
        assert await desk.page(text=typed, owners=mixed[:1]) == [], typed
    assert {entry.call_id for entry in await desk.page(text="ada", owners=mixed)} == {"a", "b"}
    assert [entry.call_id for entry in await desk.page(Filter.NOTE, owners=mixed)] == ["b"]
    assert [entry.call_id for entry in await desk.page(Filter.NO_NOTE, owners=mixed)] == ["a"]
    assert await desk.page(Filter.NOTE, owners=mixed[:1]) == []


async def test_pages_follow_each_other_without_gap(desk: Desk) -> None:
    for number in range(25):
        at = T0 + timedelta(seconds=number // 3)
        device = ("101", "102")[number % 2]
        await desk.see(over(ringing(f"c{number}", device, at=at), LegOutcome.MISSED))
    for owners in (None, (OwnerScope("anna"), OwnerScope("ben"))):
        seen: list[str] = []
        after = ""
        while page := await desk.page(owners=owners, after=after, limit=4):
            seen += [entry.call_id for entry in page]
            after = page[-1].id
        assert len(seen) == len(set(seen)) == 25
        assert seen[:3] == ["c24", "c23", "c22"]
    with pytest.raises(Invalid):
        await desk.page(after="nonsense")


async def test_filters(desk: Desk) -> None:
    await desk.see(over(ringing("in", "101"), LegOutcome.MISSED))
    await desk.see(outgoing("out", "101", extension("102"), T0 + timedelta(seconds=1)))

    async def calls(*filters: Filter, **query: Any) -> list[str]:
        return [entry.call_id for entry in await desk.page(*filters, **query)]

    assert await calls(Filter.IN) == ["in"]
    assert await calls(Filter.OUT) == ["out"]
    assert await calls(Filter.INTERNAL) == ["out"]
    assert await calls(Filter.EXTERNAL, Filter.NOT_CONNECTED) == ["in"]
    assert await calls(Filter.CONNECTED) == ["out"]
    assert await calls(Filter.NOTE) == []
    assert await calls(contact_id="c1") == ["in"]
    assert await calls(since=T0 + timedelta(seconds=1)) == ["out"]
    assert await calls(until=T0 + timedelta(seconds=1)) == ["in"]
    assert await calls(owners=(OwnerScope("anna", inbound=False),)) == ["out"]
    assert await calls(owners=()) == []


async def test_after_a_kill_vanished_calls_are_lost_sight_of(tmp_path: Path) -> None:
    async with opened(tmp_path) as desk:
        talk = answered(ringing("gone", "101"), "101")
        await desk.see(talk, ringing("rang", "101"), ringing("up", "102"))
        await desk.journal.flush()
    async with opened(tmp_path) as desk:
        await desk.see(ringing("up", "102"))
        await desk.journal.reconcile({"up"})
        entries = {entry.call_id: entry for entry in await desk.page()}
        assert len(entries) == 3
        assert (entries["gone"].outcome, entries["gone"].open) == (Outcome.LOST_SIGHT, False)
        assert (entries["rang"].outcome, entries["rang"].open) == (Outcome.LOST_SIGHT, True)
        assert entries["up"].outcome is Outcome.RUNNING
        await desk.see(over(ringing("up", "102"), LegOutcome.MISSED))
        assert {e.call_id for e in await desk.page(Filter.OPEN)} == {"rang", "up"}
        assert desk.journal.count_open("anna", ["line101"]) + desk.journal.count_open("ben", []) == 2


async def test_a_database_that_fails_loses_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    real = desk.journal._entries.save
    fails = 2

    async def save(entries: Any) -> Any:
        nonlocal fails
        if fails:
            fails -= 1
            raise Unavailable("disk-full", "full")
        return await real(entries)

    monkeypatch.setattr(desk.journal._entries, "save", save)
    await desk.see(over(ringing("c", "101"), LegOutcome.MISSED))
    with pytest.raises(Fault):
        await desk.journal.flush()
    assert desk.journal.waiting == 1
    assert await desk.page() == []
    assert [entry.call_id for entry in await desk.page()] == ["c"]
    assert desk.journal.waiting == 0


async def test_an_entry_that_cannot_be_written_keeps_no_other_out(desk: Desk) -> None:
    await desk.see(replace(ringing("bad", "101"), tracker="\ud800"), ringing("good", "101"))
    assert [entry.call_id for entry in await desk.page()] == ["good"]
    assert desk.journal.waiting == 0


async def test_names_from_a_pbx_may_hold_anything(desk: Desk) -> None:
    strange = replace(CUSTOMER, contact=None, name="\ud800 Rossi\0", number="\0", canonical="")
    await desk.see(ringing("c", "101", caller=strange))
    assert [entry.remote.name for entry in await desk.page()] == ["? Rossi"]


async def test_an_edit_that_cannot_be_saved_is_taken_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.see(ringing("c", "101"))
    (entry,) = await desk.page()

    async def save(entries: Any) -> Any:
        raise Unavailable("disk-full", "full")

    with monkeypatch.context() as patch:
        patch.setattr(desk.journal._entries, "save", save)
        with pytest.raises(Unavailable):
            await desk.journal.edit(entry.id, Edit(note="x"))
    assert (await desk.journal.get(entry.id)).note == ""
    with pytest.raises(Invalid):
        await desk.journal.edit(entry.id, Edit(note="x" * 30_000))
    with pytest.raises(NotFound):
        await desk.journal.edit("1", Edit(note="x"))


async def test_a_note_survives_what_the_call_does_next(desk: Desk) -> None:
    ring = ringing("c", "101")
    await desk.see(ring)
    entry_id = desk.journal.of_line_in_call("c", "line101")
    assert entry_id is not None
    await desk.journal.edit(entry_id, Edit(note="call back at two"))
    await desk.see(over(ring, LegOutcome.MISSED))
    (entry,) = await desk.page()
    assert (entry.note, entry.outcome) == ("call back at two", Outcome.MISSED)


async def test_retention_by_kind(tmp_path: Path) -> None:
    settings = JournalSettings(keep_internal_days=10, keep_external_days=30, night_from=0, night_until=0)
    async with opened(tmp_path, settings) as desk:
        for days in (5, 20, 40):
            at = T0 - timedelta(days=days)
            await desk.see(over(ringing(f"ext{days}", "101", at=at), LegOutcome.MISSED))
            await desk.see(over(ringing(f"int{days}", "101", at=at, caller=extension("102")), LegOutcome.MISSED))
        (oldest,) = [e for e in await desk.page() if e.call_id == "ext40"]
        await desk.journal.edit(oldest.id, Edit(note="keep me"))
        assert await desk.journal._retention.purge() == 2
        assert {e.call_id for e in await desk.page()} == {"ext5", "int5", "ext20", "ext40"}
        assert desk.journal.count_open("anna", ["line101"]) == 4
        assert await desk.page(text="keep") != []


async def test_a_call_that_is_missed_while_counts_are_read_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = JournalSettings(keep_external_days=30, night_from=0, night_until=0)
    async with opened(tmp_path, settings) as desk:
        await desk.see(over(ringing("old", "101", at=T0 - timedelta(days=40)), LegOutcome.MISSED))
        await desk.see(over(ringing("kept", "101"), LegOutcome.MISSED))
        await desk.journal.flush()
        real = desk.journal._entries.open_counts

        async def open_counts() -> dict[str, int]:
            found = await real()
            await desk.see(over(ringing("meanwhile", "101"), LegOutcome.MISSED))
            return found

        monkeypatch.setattr(desk.journal._entries, "open_counts", open_counts)
        assert await desk.journal._retention.purge() == 1
        assert desk.journal.count_open("anna", []) == 2
        await desk.journal.flush()
        assert (await real())["anna"] == 2


async def test_running_closes_first_what_nobody_knows_any_more(tmp_path: Path) -> None:
    async with opened(tmp_path) as desk:
        await desk.see(ringing("gone", "101"), ringing("up", "102"))
        await desk.journal.flush()
        up = ringing("up", "102")
        again = Journal(desk.database, STAFF, desk.clock, Bus(), JournalSettings(), calls_up=lambda: [up])
        await again.start()
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(again.run())
            await asyncio.sleep(0)
            running.cancel()
        found = {entry.call_id: entry.outcome for entry in await again.page(Query(None))}
        assert found == {"gone": Outcome.LOST_SIGHT, "up": Outcome.RUNNING}


async def test_too_many_facts_are_made_good_from_the_calls_that_are_up(tmp_path: Path) -> None:
    async with opened(tmp_path) as desk:
        up = ringing("up", "102")
        journal = Journal(desk.database, STAFF, desk.clock, Bus(), JournalSettings(), calls_up=lambda: [up])
        await journal.follow(ringing("gone", "101"))
        await journal._resync()
        found = {entry.call_id: entry.outcome for entry in await journal.page(Query(None))}
        assert found == {"gone": Outcome.LOST_SIGHT, "up": Outcome.RUNNING}


async def test_facts_reach_it_over_the_bus(desk: Desk) -> None:
    async with asyncio.TaskGroup() as tasks:
        desk.bus.start(tasks)
        running = tasks.create_task(desk.journal.run())
        desk.bus.publish(CallChanged(ringing("c", "101"), None))
        await desk.bus.drained()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            if task.get_name().startswith("bus:"):
                task.cancel()
        running.cancel()
    assert len(await desk.page()) == 1


async def test_what_is_said_on_a_call_goes_to_all_its_entries(desk: Desk) -> None:
    ring = ringing("c", "101", "102")
    await desk.see(replace(ring, data={"subject": "Boiler"}))
    entry_id = desk.journal.of_line_in_call("c", "line101")
    assert entry_id is not None
    await desk.journal.edit(entry_id, Edit(subject="Boiler, second floor"))
    talk = replace(answered(ring, "101"), data={"subject": "Boiler", "note": "leaks"})
    await desk.see(talk, replace(over(talk, LegOutcome.ANSWERED), data=talk.data))
    said = {entry.line_id: (entry.subject, entry.note) for entry in await desk.page()}
    assert said == {"line101": ("Boiler, second floor", "leaks"), "line102": ("Boiler", "leaks")}


async def test_a_withheld_number_is_not_kept(desk: Desk) -> None:
    await desk.see(ringing("c", "101", caller=replace(CUSTOMER, restricted=True)))
    (entry,) = await desk.page()
    assert (entry.remote.restricted, entry.remote.number, entry.remote.name) == (True, "", "")


async def test_what_the_event_stream_reads(desk: Desk) -> None:
    await desk.see(over(ringing("c", "101"), LegOutcome.MISSED))
    anna = Viewer("anna", line_ids=frozenset({"line101"}))
    assert [entry.call_id for entry in await desk.journal.newest(anna, 50)] == ["c"]
    assert await desk.journal.missed_open(anna) == 1
    assert await desk.journal.newest(Viewer("nobody"), 50) == []


async def test_the_database_is_asked_only_for_partners_whose_missed_calls_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as desk:
        await desk.see(over(ringing("c", "101"), LegOutcome.MISSED))
        await desk.journal.flush()
        journal = Journal(desk.database, STAFF, desk.clock, Bus(), JournalSettings())  # as after a restart
        await journal.start()
        real, asked, fails = journal._entries.open_with, [], True

        async def open_with(partner: str) -> list[JournalEntry]:
            asked.append(partner)
            if fails:
                raise Unavailable("database-unavailable", "The database does not answer.")
            return await real(partner)

        monkeypatch.setattr(journal._entries, "open_with", open_with)
        stranger = replace(CUSTOMER, number="0441632960999", canonical="+441632960999")
        later = T0 + timedelta(minutes=5)
        await journal.follow(answered(ringing("other", "101", at=later, caller=stranger), "101"))
        assert asked == []
        await journal.follow(answered(ringing("again", "101", at=later), "101"))
        assert (asked, journal.count_open("anna", [])) == (["+441632960123"], 1)
        fails = False
        await journal.follow(outgoing("back", "101", CUSTOMER, later))
        assert (len(asked), journal.count_open("anna", [])) == (2, 0)
        await journal.follow(outgoing("once more", "101", CUSTOMER, later))
        assert len(asked) == 2
