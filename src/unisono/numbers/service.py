"""The locations of this server: kept in memory, so that reading a number never waits."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from unisono.kernel.errors import Conflict, NotFound
from unisono.kernel.expected import ANYTHING, Expected, tag
from unisono.kernel.text import tidy
from unisono.numbers import store
from unisono.numbers.check import problems, unseen
from unisono.numbers.convert import GENERATED, location_from_json, location_to_json
from unisono.numbers.location import Location
from unisono.numbers.locations_xml import ImportReport, read_locations
from unisono.numbers.sites import link
from unisono.numbers.unfit import Unfit, refused
from unisono.storage import Database, Shared

LOCATIONS_MOST = 1_000
_ANYWHERE = Location.simple("default", "IT")
"""How numbers are read before there is a location."""
_IDENTITY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class Locations:
    """All locations by id, linked with each other; `get` is for the hot path, changes wait for the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._locations: dict[str, Location] = {}
        self.shared = Shared(database, "locations", self._take)
        self._watchers: list[Callable[[], None]] = []

    async def load(self) -> None:
        """Read everything from the database; call it once before use."""
        await self.shared.load()

    def watch(self, changed: Callable[[], None]) -> None:
        """Call `changed` whenever a location is another one."""
        self._watchers.append(changed)

    def get(self, identity: str) -> Location:
        """The location with this id; `NotFound` if there is none. Never waits."""
        found = self._locations.get(identity)
        if found is None:
            raise NotFound("unknown-location", f"There is no location {identity!r}.", data={"field": "location_id"})
        return found

    def default(self) -> Location:
        """The first location; `NotFound` before there is one."""
        for location in self._locations.values():
            return location
        raise NotFound("no-location", "There is no location yet. Add one under Administration, Locations.")

    def or_default(self, identity: str) -> Location:
        """The location of this id; without one the first there is, before any is configured a plain one. Never waits."""
        found = self._locations.get(identity)
        return found or next(iter(self._locations.values()), _ANYWHERE)

    def find(self, name_or_id: str) -> Location:
        """The location with this id or name, as people type it; `NotFound` if there is none."""
        wanted = name_or_id.casefold()
        for identity, location in self._locations.items():
            if wanted in (identity.casefold(), location.name.casefold()):
                return location
        return self.get(name_or_id)

    def all(self) -> Mapping[str, Location]:
        """Every location by id, in the order people see."""
        return dict(self._locations)

    def etag(self, identity: str) -> str:
        """The entity tag of one."""
        return tag(_stored(self.get(identity)))

    async def create(self, identity: str, location: Location) -> None:
        """Add one, as `save` does; `Conflict` if there is one with this id."""
        await self._save({identity: location}, new=True)

    async def save(self, identity: str, location: Location, expected: Expected = ANYTHING) -> None:
        """Add or replace one; `Invalid` names the field that cannot be meant, `Conflict` a name that is taken. `Outdated`."""
        await self._save({identity: location}, expected)

    async def remove(self, identity: str, expected: Expected = ANYTHING) -> None:
        """Remove one; what still refers to it falls back to the default location. Raises `NotFound`, `Outdated`."""
        async with self.shared.changing() as change:
            expected.check(_stored(self.get(identity)))
            await store.delete(change.connection, identity)

    async def import_xml(self, data: bytes, *, country: str = "") -> ImportReport:
        """Take the locations of a vendor's file, all or none; one with the name of an existing one replaces it.

        `country` is for files that do not say it. What could not be taken over stands in the report.
        """
        report = read_locations(data, country=country)
        await self.shared.refresh()
        ids = {location.name.casefold(): identity for identity, location in self._locations.items()}
        entries: dict[str, Location] = {}
        for location in report.locations:
            identity = ids.get(location.name.casefold()) or _free_identity(location.name, {*self._locations, *entries})
            entries[identity] = location
        if entries:
            await self._save(entries)
        return report

    async def _save(self, entries: Mapping[str, Location], expected: Expected = ANYTHING, *, new: bool = False) -> None:
        entries = {identity: replace(location, name=tidy(location.name)) for identity, location in entries.items()}
        async with self.shared.changing() as change:
            for identity, location in entries.items():
                there = self._locations.get(identity)
                if new and there is not None:
                    raise Conflict("location-id-taken", f"There is a location {identity!r} already.", data={"field": "id"})
                expected.check(None if there is None else _stored(there))
                self._check(identity, location, entries)
            rows = [(identity, location.name, _stored(location)) for identity, location in entries.items()]
            await store.write(change.connection, rows)

    def _check(self, identity: str, location: Location, entries: Mapping[str, Location]) -> None:
        if not _IDENTITY.fullmatch(identity):
            raise refused("id", Unfit("form", "An id has 1 to 64 of a-z, 0-9, - and _."))
        for field, unfit in (*unseen(location), *problems(location)):
            raise refused(field, unfit)
        everything = {**self._locations, **entries}
        if len(everything) > LOCATIONS_MOST:
            raise Conflict("too-many-locations", f"There can be {LOCATIONS_MOST} locations.")
        name = location.name.casefold()
        if any(each.name.casefold() == name for key, each in everything.items() if key != identity):
            raise Conflict("location-name-taken", f"There is a location {location.name} already.", data={"field": "name"})

    async def _take(self, _: Collection[str] | None) -> None:
        rows = await store.read_all(self._database)
        plain = [location_from_json(plan) for _, plan in rows]
        found = dict(zip([identity for identity, _ in rows], link(plain), strict=True))
        if list(found.items()) == list(self._locations.items()):
            return
        self._locations = found
        for changed in self._watchers:
            changed()


def _stored(location: Location) -> dict[str, object]:
    return {name: value for name, value in location_to_json(location).items() if name not in GENERATED}


def _free_identity(name: str, taken: set[str]) -> str:
    base = re.sub(r"[^a-z0-9]+", "-", name.casefold().encode("ascii", "ignore").decode()).strip("-")[:56] or "location"
    identity, number = base, 1
    while identity in taken:
        number += 1
        identity = f"{base}-{number}"
    return identity
