"""Which level one person has over another: grants of four places, added up. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from unisono.people.model import Group
from unisono.permissions.model import Level


@dataclass(frozen=True, slots=True)
class GroupLevels:
    """What the members of a group let each other, and their leaders, see and do."""

    members: Level = Level.TEAM
    leaders: Level = Level.TEAM


@dataclass(frozen=True, slots=True)
class Grants:
    """Every grant there is. `personal` is by (owner, viewer); `groups` holds only what differs from `group_default`."""

    everyone: Level = Level.BUSINESS
    group_default: GroupLevels = GroupLevels()
    groups: Mapping[str, GroupLevels] = field(default_factory=dict)
    personal: Mapping[tuple[str, str], Level] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """What admins change at once; None: stays. A group's None: as all groups again."""

    everyone: Level | None = None
    group_default: GroupLevels | None = None
    groups: Mapping[str, GroupLevels | None] = field(default_factory=dict)


def changed(grants: Grants, change: Change) -> Grants:
    """The grants after a change."""
    groups = {**grants.groups, **change.groups}
    return replace(
        grants,
        everyone=grants.everyone if change.everyone is None else change.everyone,
        group_default=change.group_default or grants.group_default,
        groups={id: levels for id, levels in groups.items() if levels is not None},
    )


def shared(grants: Grants, viewer: str, owners_groups: Iterable[Group]) -> Level:
    """The level over somebody else that everybody and groups give, without what the owner gives personally."""
    found = grants.everyone
    for group in owners_groups:
        levels = grants.groups.get(group.id, grants.group_default)
        if viewer in group.member_ids:
            found = max(found, levels.members)
        if viewer in group.leader_ids:
            found = max(found, levels.leaders)
    return found


def effective(grants: Grants, owner: str, viewer: str, owners_groups: Iterable[Group]) -> Level:
    """The highest level that any place grants: global, group, group leader, personal. No place takes away."""
    if owner == viewer:
        return Level.PERSONAL
    return max(shared(grants, viewer, owners_groups), grants.personal.get((owner, viewer), Level.BLOCKED))
