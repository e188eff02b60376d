"""Keeps the grants: in memory for asking, in the database for good."""

from collections.abc import Callable, Collection
from dataclasses import replace

from unisono.kernel.bus import Bus
from unisono.kernel.expected import ANYTHING, Expected
from unisono.people.events import PeopleChanged
from unisono.people.service import People
from unisono.permissions import store
from unisono.permissions.events import GrantsChanged
from unisono.permissions.grants import Change, Grants, shared
from unisono.permissions.model import Level
from unisono.storage import Database, Shared

_FEW = 100
"""Personal grants that are told one by one when they change together."""


class Granting:
    """Who grants whom which level. Call `load` once before use; it reads and writes, `Guard` decides."""

    def __init__(self, database: Database, people: People, bus: Bus) -> None:
        self._database = database
        self._people = people
        self._bus = bus
        self.current = Grants()
        self.shared_grants = Shared(database, "grants", self._take)
        bus.subscribe("grants", {PeopleChanged: self._tidy}, resync=self.load)

    async def load(self) -> None:
        """Read every grant."""
        await self.shared_grants.load()

    def given_by(self, owner_id: str) -> dict[str, Level]:
        """The personal grants of one person, by who got them."""
        return {viewer: level for (owner, viewer), level in self.current.personal.items() if owner == owner_id}

    def given_to(self, viewer_id: str) -> dict[str, Level]:
        """The personal grants to one person, by who gave them."""
        return {owner: level for (owner, viewer), level in self.current.personal.items() if viewer == viewer_id}

    async def grant(self, owner_id: str, viewer_id: str, level: Level | None) -> None:
        """`owner_id` lets `viewer_id` see and do so much; None takes the personal grant back."""
        self._people.need_user(viewer_id)
        async with self.shared_grants.changing() as change:
            await store.put(change.connection, ("personal", owner_id, viewer_id, level))

    @property
    def by_admins(self) -> Grants:
        """What everybody and groups grant, and nobody personally."""
        return replace(self.current, personal={})

    async def change(self, wanted: Change, expected: Expected = ANYTHING) -> None:
        """Change what everybody and groups let each other see and do. Raises `Outdated`, or `NotFound` for a group."""
        for group_id in wanted.groups:
            self._people.need_group(group_id)
        async with self.shared_grants.changing() as change:
            expected.check(self.by_admins)
            await store.put_change(change.connection, wanted)

    def shared(self, owner_id: str, viewer_id: str) -> Level:
        """The level over `owner_id` that everybody and groups give, without the personal grant."""
        groups = (self._people.group(id) for id in self._people.need_user(owner_id).group_ids)
        return shared(self.current, viewer_id, [group for group in groups if group is not None])

    async def _tidy(self, fact: PeopleChanged) -> None:
        """Grants of people and groups that are gone go too, so that nothing grows for ever."""
        gone = _gone(fact.users, self._people.user) | _gone(fact.groups, self._people.group)
        named = {id for pair in self.current.personal for id in pair} | self.current.groups.keys()
        if gone & named:
            async with self.shared_grants.changing() as change:
                for id in gone:
                    await store.forget(change.connection, id)

    async def _take(self, _: Collection[str] | None) -> None:
        before, now = self.current, await store.load(self._database)
        starting = self.shared_grants.seen is None
        if now == before:
            return
        self.current = now
        differing = {key for key, _ in before.personal.items() ^ now.personal.items()}
        if starting:
            return
        if replace(before, personal=now.personal) != now or len(differing) > _FEW:
            self._bus.publish(GrantsChanged())
            return
        for owner_id, viewer_id in sorted(differing):
            self._bus.publish(GrantsChanged(owner_id, viewer_id))


def _gone(ids: frozenset[str], find: Callable[[str], object | None]) -> frozenset[str]:
    return frozenset(id for id in ids if find(id) is None)
