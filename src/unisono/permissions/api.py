"""Routes of the admin page "Rights": what everybody and groups let each other see and do."""

import asyncio
from typing import Annotated, Literal, cast

import msgspec
from litestar import Controller, get, patch, post
from msgspec import UNSET, Meta, UnsetType

from unisono.kernel.expected import Expected, tag
from unisono.kernel.told import takes_back
from unisono.people.model import Group
from unisono.people.service import People
from unisono.permissions.compare import compare
from unisono.permissions.grants import Change, GroupLevels, changed
from unisono.permissions.guard import Guard
from unisono.permissions.levels import READS_WRITTEN, RIGHTS
from unisono.permissions.model import Level, Viewer
from unisono.permissions.service import Granting
from unisono.storage import latest

LevelName = Literal["blocked", "public", "business", "team", "personal"]
"""A level as it is called on the wire."""


class Levels(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a group's members let each other, and its leaders, see and do."""

    members: LevelName
    leaders: LevelName


class RightsGroup(msgspec.Struct):
    """A group with the levels that were set for it; null: those of all groups. `members` and `leaders` are counts."""

    id: str
    name: str
    members: int
    leaders: int
    levels: Levels | None


class LevelRights(msgspec.Struct):
    """What a level allows: the words of `permissions.model.Right`, and "read-written" (notes and subjects of calls)."""

    level: LevelName
    rights: list[str]


class Rights(msgspec.Struct):
    """Who lets whom see and do how much, but for what people grant personally."""

    everyone: LevelName
    group_default: Levels
    groups: list[RightsGroup]
    levels: list[LevelRights]
    etag: str


@takes_back(Rights)
class RightsInput(msgspec.Struct, forbid_unknown_fields=True):
    """What is to change; what is left out stays. A group's null: as all groups again. All else is not taken, only told."""

    everyone: LevelName | UnsetType = UNSET
    group_default: Levels | UnsetType = UNSET
    groups: Annotated[dict[Annotated[str, Meta(max_length=64)], Levels | None], Meta(max_length=10_000)] = msgspec.field(
        default_factory=dict
    )


class Effect(msgspec.Struct):
    """So many people gain (or lose) what `level` adds, over so many others (`group_id`: just the members of this group)."""

    level: LevelName
    gained: bool
    viewers: int
    owners: int
    group_id: str


class Effects(msgspec.Struct):
    """What a change would mean; empty: nothing for anybody."""

    items: list[Effect]
    next: str | None = None


class RightsController(Controller):
    """Levels for everybody and for groups."""

    path = "/admin/rights"
    tags = ("administration",)

    @get(operation_id="getRights")
    async def read(self, viewer: Viewer, guard: Guard, granting: Granting, people: People) -> Rights:
        """The levels, and what each allows."""
        guard.admin(viewer)
        await latest(people.shared, granting.shared_grants)
        return _rights(granting, people)

    @patch(operation_id="changeRights")
    async def change(
        self, data: RightsInput, viewer: Viewer, guard: Guard, granting: Granting, people: People, expected: Expected
    ) -> Rights:
        """Change levels; all of it or nothing."""
        guard.admin(viewer)
        await granting.change(_change(data), expected)
        return _rights(granting, people)

    @post("/effects", operation_id="compareRights", status_code=200)
    async def effects(
        self, data: RightsInput, viewer: Viewer, guard: Guard, granting: Granting, people: People
    ) -> Effects:
        """What a change would mean for people; changes nothing."""
        guard.admin(viewer)
        after = changed(granting.current, _change(data))
        # In a thread: with thousands of people this takes a tenth of a second, and calls must not wait for it.
        found = await asyncio.to_thread(compare, granting.current, after, people.users(), people.groups())
        return Effects([Effect(name_of(s.level), s.gained, s.viewers, s.owners, s.group_id) for s in found])


def name_of(level: Level) -> LevelName:
    """A level as it is called on the wire."""
    return cast("LevelName", level.name.lower())


def level_of(name: LevelName) -> Level:
    """The level of this name."""
    return Level[name.upper()]


def _change(data: RightsInput) -> Change:
    return Change(
        everyone=None if data.everyone is UNSET else level_of(data.everyone),
        group_default=None if data.group_default is UNSET else _group_levels(data.group_default),
        groups={id: None if levels is None else _group_levels(levels) for id, levels in data.groups.items()},
    )


def _group_levels(levels: Levels) -> GroupLevels:
    return GroupLevels(level_of(levels.members), level_of(levels.leaders))


def _levels(levels: GroupLevels) -> Levels:
    return Levels(name_of(levels.members), name_of(levels.leaders))


def _rights(granting: Granting, people: People) -> Rights:
    grants = granting.current

    def group(each: Group) -> RightsGroup:
        own = grants.groups.get(each.id)
        return RightsGroup(each.id, each.name, len(each.member_ids), len(each.leader_ids), _levels(own) if own else None)

    written = {level: ["read-written"] if level >= READS_WRITTEN else [] for level in Level}
    return Rights(
        everyone=name_of(grants.everyone),
        group_default=_levels(grants.group_default),
        groups=[group(each) for each in people.groups()],
        levels=[
            LevelRights(name_of(level), [*sorted(right.value for right in RIGHTS[level]), *written[level]])
            for level in Level
        ],
        etag=tag(granting.by_admins),
    )
