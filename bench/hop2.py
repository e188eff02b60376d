"""Hop 2 alone: step, normalise, identify among 100,000 contacts, queue the write, publish. Prints JSON.

    python bench/hop2.py [--calls 10000] [--contacts 100000] [--directory]

Target: at least 5,000 call events a second on one core. Each call goes through the whole life of an inbound call:
Originated, Delivered, Established, Held, Retrieved, ConnectionCleared twice. Contacts are in a table in this process, or
with `--directory` in the directory room, imported from CSV before: identified as in a server.
Events are made beforehand: making them is hop 1.
"""

import argparse
import asyncio
import gc
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol

from unisono.calls import pbx_events as ev
from unisono.calls.events import CallChanged
from unisono.calls.model import Call, Cause, ConnectionId, ContactRef, Direction, Party, PartyKind
from unisono.calls.service import CallService
from unisono.calls.store import CallStore
from unisono.directory.runs.model import RunState
from unisono.directory.runs.process import Place
from unisono.directory.service import Directory
from unisono.kernel.bus import Bus
from unisono.kernel.clock import SystemClock
from unisono.numbers import Location, dial, normalise
from unisono.numbers.model import Direction as Way
from unisono.numbers.model import PhoneNumber, Role
from unisono.storage import Database, migrate

EXTENSIONS = 500
TARGET = 5_000


class Site:
    """One Italian site on the real number engine, with contacts in a table."""

    def __init__(self, location: Location, contacts: "Known") -> None:
        self._location = location
        self._contacts = contacts
        self._people = {str(100 + n): ContactRef(f"u{n}", f"Person {n}", "", "person") for n in range(EXTENSIONS)}

    def read(self, raw: str, connector: str, device: str, direction: Way, role: Role) -> PhoneNumber:
        return normalise(raw, self._location, direction, role=role)

    def dial(self, raw: str, connector: str, device: str, *, forwarding: bool = False) -> str:
        return dial(raw, self._location, forwarding=forwarding).digits

    def own(self, raw: str, connector: str, device: str) -> bool:
        return self.dial(raw, connector, device) == device

    def person(self, connector: str, device: str) -> ContactRef | None:
        return self._people.get(device)

    def contact(self, canonical: str) -> ContactRef | None:
        return self._contacts.get(canonical)


class NoStore(CallStore):
    """Remembers what to write and writes nothing: the disk is another core's work."""

    def save(self, call: Call) -> None:
        self._pending[call.id] = call
        if len(self._pending) > 500:
            self._pending.clear()


def location() -> Location:
    """Udine: a leading zero for outside, which the PBX does not report."""
    return Location.simple("Udine", "IT", "0432", trunk="100", ranges=["100-699"], outside="0", strip=())


def contacts(count: int) -> dict[str, ContactRef]:
    """Invented customers in one area."""
    return {f"+390432{200_000 + n}": ContactRef(f"c{n}", f"Customer {n}", "Firm", "exact") for n in range(count)}


def story(number: int, at: datetime, caller: str) -> Iterator[ev.CallEvent]:
    """An inbound call from ring to end."""
    native, own = f"call-{number}", str(100 + number % EXTENSIONS)
    far = Party(f"trunk-{number}", caller, kind=PartyKind.EXTERNAL)
    near, called = Party(own, own, kind=PartyKind.EXTENSION), Party(number="0432100" + own)
    trunk, phone = ConnectionId(native, far.device), ConnectionId(native, own)

    def head(seconds: float, cause: Cause = Cause.NORMAL) -> ev.Head:
        return ev.Head("pbx", at + timedelta(seconds=seconds), cause)

    yield ev.Originated(head(0, Cause.NEW_CALL), trunk, far, called, Direction.INBOUND)
    yield ev.Delivered(head(0.1), phone, near, far, called, calling_connection=trunk)
    yield ev.Established(head(4), phone, near, far, called)
    yield ev.Held(head(10), phone)
    yield ev.Retrieved(head(15), phone)
    yield ev.ConnectionCleared(head(60, Cause.NORMAL_CLEARING), trunk, far)
    yield ev.ConnectionCleared(head(60.01, Cause.NORMAL_CLEARING), phone, near)


def events(calls: int, contact_count: int) -> list[ev.CallEvent]:
    """All events in the order of time, with up to 250 calls up at once; nine of ten callers are known."""
    chance = random.Random(1)
    start = datetime(2026, 11, 23, 9, tzinfo=UTC)
    told: list[ev.CallEvent] = []
    for number in range(calls):
        caller = f"0432{200_000 + chance.randrange(contact_count * 10 // 9)}"
        told += story(number, start + timedelta(seconds=number / 4), caller)
    told.sort(key=lambda event: event.head.at)
    return told


class Known(Protocol):
    """Who is who."""

    def get(self, canonical: str) -> ContactRef | None:
        """Whose number it is."""
        ...


class Imported:
    """Contacts in the directory room."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def get(self, canonical: str) -> ContactRef | None:
        """The directory's best, as `app.joints` tells it to the calls room."""
        found = self._directory.identify(canonical)
        if found is None:
            return None
        contact = found.contact
        return ContactRef(contact.id, found.name, contact.company, found.reason.value, len(found.alternatives))


async def imported(count: int, folder: str) -> Imported:
    """The same customers, imported."""
    database, udine = Database(f"sqlite+aiosqlite:///{folder}/directory.sqlite3"), location()
    await migrate.upgrade(database)
    reader = partial(normalise, location=udine, direction=Way.STORED)
    place = Place(str(database.url), folder)
    directory = Directory(database, lambda _: lambda raw: reader(raw).supercanonical, Bus(), SystemClock(), place)
    await directory.load()
    rows = (f"{ref.id},{ref.name},{ref.company},{number}" for number, ref in contacts(count).items())
    file = await directory.uploads.put("\n".join(("ID,Last name,Company,Phone", *rows)).encode(), "bench.csv")
    done = (await directory.replication.import_file(file, "bench", "")).run
    if done.state is not RunState.DONE:
        raise SystemExit(f"the import ended with {done.code}")
    await directory.refresh()
    await database.close()
    return Imported(directory)


def run(calls: int, contact_count: int, *, directory: bool = False) -> dict[str, object]:
    """One run; figures as JSON values."""
    bus, clock = Bus(), SystemClock()
    known: Known = contacts(contact_count)
    if directory:
        with tempfile.TemporaryDirectory() as folder:
            known = asyncio.run(imported(contact_count, folder))
    site = Site(location(), known)
    service = CallService(bus, clock, site, site, NoStore(Database("sqlite+aiosqlite://"), clock))
    count = Counting()
    bus.subscribe("count", {CallChanged: count.hear}, resync=count.lost, limit=1)
    told = events(calls, contact_count)
    gc.collect()
    gc.freeze()
    began, cpu = time.perf_counter(), time.process_time()
    for event in told:
        service.report(event)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    ended = list(service.recently_ended())
    named = sum(call.calling.contact is not None for call in ended)
    assert not service.anomalies.total(), service.anomalies.of("pbx")[:3]
    assert next(service.live(), None) is None
    return {
        "bench": "hop2",
        "calls": calls,
        "events": len(told),
        "contacts": contact_count,
        "identified_by": "directory" if directory else "table",
        "events_per_second": round(len(told) / seconds),
        "events_per_cpu_second": round(len(told) / cpu),
        "microseconds_per_event": round(cpu / len(told) * 1e6, 1),
        "callers_named": round(named / len(ended), 3),
        "target": TARGET,
        "met": len(told) / cpu >= TARGET,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "python": sys.version.split()[0],
    }


class Counting:
    """A subscriber that is never run: publishing is measured, hop 3 is not."""

    async def hear(self, fact: CallChanged) -> None:
        """Never called."""

    async def lost(self) -> None:
        """Never called."""


def main() -> None:
    """Run and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--calls", type=int, default=10_000)
    options.add_argument("--contacts", type=int, default=100_000)
    options.add_argument("--directory", action="store_true", help="identify in the directory room")
    chosen = options.parse_args()
    print(json.dumps(run(chosen.calls, chosen.contacts, directory=chosen.directory)))


if __name__ == "__main__":
    main()
