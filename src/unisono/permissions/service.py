"""Keeps the grants: in memory for asking, in the database for good."""

from collections.abc import Callable
from dataclasses import replace

from unisono.kernel.bus import Bus
from unisono.people.events import PeopleChanged
from unisono.people.service import People
from unisono.permissions.events import GrantsChanged
from unisono.permissions.grants import Change, Grants, changed, shared
from unisono.permissions.model import Level
from unisono.permissions.store import GrantStore
from unisono.storage import Database


class Granting:
    """Who grants whom which level. Call `load` once before use; it reads and writes, `Guard` decides."""

    def __init__(self, database: Database, people: People, bus: Bus) -> None:
        self._store = GrantStore(database)
        self._people = people
        self._bus = bus
        self.current = Grants()
        bus.subscribe("grants", {PeopleChanged: self._tidy}, resync=self.load)

    async def load(self) -> None:
        """Read every grant."""
        self.current = await self._store.load()

    def given_by(self, owner_id: str) -> dict[str, Level]:
        """The personal grants of one person, by who got them."""
        return {viewer: level for (owner, viewer), level in self.current.personal.items() if owner == owner_id}

    def given_to(self, viewer_id: str) -> dict[str, Level]:
        """The personal grants to one person, by who gave them."""
        return {owner: level for (owner, viewer), level in self.current.personal.items() if viewer == viewer_id}

    async def grant(self, owner_id: str, viewer_id: str, level: Level | None) -> None:
        """`owner_id` lets `viewer_id` see and do so much; None takes the personal grant back."""
        self._people.need_user(viewer_id)
        await self._store.put(("personal", owner_id, viewer_id, level))
        personal = dict(self.current.personal)
        personal.pop((owner_id, viewer_id), None)
        if level is not None:
            personal[owner_id, viewer_id] = level
        self.current = replace(self.current, personal=personal)
        self._bus.publish(GrantsChanged(owner_id, viewer_id))

    async def change(self, change: Change) -> None:
        """Change what everybody and groups let each other see and do; raises `NotFound` for a group that is not there."""
        for group_id in change.groups:
            self._people.need_group(group_id)
        await self._store.change(change)
        self.current = changed(self.current, change)
        self._bus.publish(GrantsChanged())

    def shared(self, owner_id: str, viewer_id: str) -> Level:
        """The level over `owner_id` that everybody and groups give, without the personal grant."""
        groups = (self._people.group(id) for id in self._people.need_user(owner_id).group_ids)
        return shared(self.current, viewer_id, [group for group in groups if group is not None])

    async def _tidy(self, fact: PeopleChanged) -> None:
        """Grants of people and groups that are gone go too, so that nothing grows for ever."""
        gone = _gone(fact.users, self._people.user) | _gone(fact.groups, self._people.group)
        for id in gone:
            await self._store.forget(id)
        if gone:
            await self.load()


def _gone(ids: frozenset[str], find: Callable[[str], object | None]) -> frozenset[str]:
    return frozenset(id for id in ids if find(id) is None)
