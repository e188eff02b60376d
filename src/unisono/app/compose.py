"""Joins the rooms into one server, starts them in their order and stops them in the reverse."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from unisono.app.joints import Callers, LineNumbers, local_zone
from unisono.app.place import place_of
from unisono.app.settings import Settings
from unisono.calls.names import Names
from unisono.calls.service import CallService
from unisono.calls.store import CallStore
from unisono.connectors.service import Connectors
from unisono.directory.events import DirectoryChanged
from unisono.directory.ldap.service import LdapService
from unisono.directory.phonebooks.service import PhoneBooks
from unisono.directory.service import Directory
from unisono.journal.service import Journal
from unisono.kernel.bus import Bus
from unisono.kernel.clock import Clock, SystemClock
from unisono.numbers import Direction, normalise
from unisono.numbers.service import Locations
from unisono.people.events import PeopleChanged
from unisono.people.service import People
from unisono.permissions.guard import Guard
from unisono.permissions.service import Granting
from unisono.presence.service import PresenceService
from unisono.storage import Database, migrate
from unisono.storage.shared import follow


class Rooms:
    """Every room of one server, made but not started. Attributes are the rooms."""

    def __init__(self, settings: Settings, database: Database, clock: Clock | None = None) -> None:
        self.settings = settings
        self.database = database
        self.clock = clock or SystemClock()
        self.started: datetime = self.clock.now()
        self.bus = Bus()
        self.locations = Locations(database)
        self.people = People(database, self.clock, self.bus, settings.people)
        self.granting = Granting(database, self.people, self.bus)
        self.guard = Guard(self.people, self.granting)
        place = place_of(settings, database)
        self.directory = Directory(database, self._reader, self.bus, self.clock, place, settings.directory, self._zone)
        self.ldap = LdapService(database, self.people, self.locations, self.clock, settings.ldap)
        self.names = Names(self.directory, self.ldap, self.people)
        self.phonebooks = PhoneBooks(database, self.directory, self.ldap, self.people, self.locations, self.clock)
        self.numbers = LineNumbers(self.people, self.locations, self.clock)
        self.callers = Callers(self.people, self.directory, self.locations)
        self.locations.watch(self.callers.refresh)
        self.call_store = CallStore(database, self.clock)
        self.calls = CallService(self.bus, self.clock, self.numbers, self.callers, self.call_store)
        self.presence = PresenceService(self.bus, self.clock, self.people, database, self.calls, settings.presence)
        self.journal = Journal(
            database,
            self.people,
            self.clock,
            self.bus,
            settings.journal,
            online=self._online,
            calls_up=self.calls.live if settings.server.telephony else None,
        )
        self.connectors = Connectors(database, self.calls, self.clock, self.people.devices_of)
        self.numbers.connectors = self.connectors
        self.calls.attach(self.connectors.connector)
        self.bus.subscribe(
            "app",
            {PeopleChanged: self._people_changed, DirectoryChanged: self._directory_changed},
            resync=self._people_resync,
        )

    def _reader(self, location_id: str) -> Callable[[str], str]:
        location = self.locations.or_default(location_id)
        return lambda raw: normalise(raw, location, Direction.STORED).supercanonical

    def _zone(self, location_id: str) -> tzinfo:
        name = self.locations.or_default(location_id).timezone
        return ZoneInfo(name) if name else local_zone()

    def _online(self, user_id: str) -> bool:
        return self.presence.signed_in(user_id)

    async def _people_changed(self, fact: PeopleChanged) -> None:
        await self._people_resync()

    async def _people_resync(self) -> None:
        self.ldap.tell()
        self.callers.refresh()
        self.connectors.rewatch()
        await self.calls.identify_again()

    async def _directory_changed(self, fact: DirectoryChanged) -> None:
        await self.calls.identify_again()

    async def follow(self) -> None:
        """Know what other servers on the same database change, and commands: what depends on others comes behind them."""
        kinds = (
            self.locations.shared,
            self.people.shared,
            self.people.sign_in.shared_sessions,
            self.people.sign_in.shared_tokens,
            self.granting.shared_grants,
            self.ldap.shared,
            self.phonebooks.shared,
            self.directory.own,
            self.directory.duplicates.shared,
            self.connectors.shared,
        )
        await follow(self.database, kinds, self.clock)

    async def load(self) -> None:
        """Bring the database to today's shape and read what lives in memory, lowest room first."""
        await migrate.upgrade(self.database)
        await self.locations.load()
        await self.people.load()
        await self.granting.load()
        await self.directory.load()
        await self.ldap.load()
        await self.phonebooks.load()
        self.callers.refresh()
        await self.connectors.load()
        await self.journal.start()
        if self.settings.server.telephony:
            await self.calls.load()
        await self.presence.load()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.TaskGroup]:
        """Run every room; on leaving PBX links are cut first, then what waits to be written is written."""
        async with asyncio.TaskGroup() as tasks:
            self.bus.start(tasks)
            rooms = [
                tasks.create_task(work(), name=name)
                for name, work in (
                    ("calls", self.calls.run),
                    ("journal", self.journal.run),
                    ("directory", self.directory.run),
                    ("other servers", self.follow),
                    ("presence", self.presence.run),
                )
            ]
            try:
                async with asyncio.TaskGroup() as links:
                    if self.settings.server.telephony:
                        self.connectors.start(links)
                    else:
                        self.connectors.leave_to_another()
                    yield links
                    await self.connectors.stop()
            finally:
                await self.bus.drained()
                for task in rooms:
                    task.cancel()
                await asyncio.wait(rooms)
                self.bus.stop()
