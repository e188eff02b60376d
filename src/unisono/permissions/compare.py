"""Who gains and who loses what when grants change. Pure.

Colleagues are bits of an integer, so that a firm of thousands is compared in milliseconds: each pair of an owner and a
viewer is one bit, and not one question.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from unisono.people.model import Group, User
from unisono.permissions.grants import Grants
from unisono.permissions.model import Level


@dataclass(frozen=True, slots=True)
class Shift:
    """So many viewers gain (or lose) what `level` adds to the level below, over so many owners.

    `group_id`: the group whose active members the owners are, if they are just those.
    """

    level: Level
    gained: bool
    viewers: int
    owners: int
    group_id: str = ""


def compare(before: Grants, after: Grants, users: Sequence[User], groups: Iterable[Group]) -> list[Shift]:
    """What a change of grants means for active users, losses first, lowest level first."""
    firm = _Firm([user for user in users if user.active], groups)
    found = []
    for gained in (False, True):
        old, new = (after, before) if gained else (before, after)
        for level in list(Level)[1:]:
            had, has = firm.viewers(old, level), firm.viewers(new, level)
            viewers = owners = 0
            for bit, (more, less) in enumerate(zip(had, has, strict=True)):
                if gone := more & ~less:
                    viewers |= gone
                    owners |= 1 << bit
            if viewers:
                found.append(Shift(level, gained, viewers.bit_count(), owners.bit_count(), firm.group_of(owners)))
    return found


class _Firm:
    def __init__(self, users: Sequence[User], groups: Iterable[Group]) -> None:
        self._users = users
        self._bit = {user.id: 1 << position for position, user in enumerate(users)}
        self._members = {group.id: self._mask(group.member_ids) for group in groups}
        self._leaders = {group.id: self._mask(group.leader_ids) for group in groups}

    def viewers(self, grants: Grants, level: Level) -> Iterator[int]:
        """For each user who has at least this level over them: a bit for each viewer."""
        everybody = (1 << len(self._users)) - 1 if grants.everyone >= level else 0
        by_groups: dict[tuple[str, ...], int] = {}
        personal: dict[str, int] = {}
        for (owner, viewer), given in grants.personal.items():
            if given >= level:
                personal[owner] = personal.get(owner, 0) | self._bit.get(viewer, 0)
        for user in self._users:
            found = by_groups.get(user.group_ids)
            if found is None:
                found = by_groups[user.group_ids] = everybody | self._by_groups(grants, level, user.group_ids)
            yield (found | personal.get(user.id, 0)) & ~self._bit[user.id]

    def group_of(self, owners: int) -> str:
        """The group whose members are just these; "" if there is none."""
        return next((id for id, members in self._members.items() if members == owners), "")

    def _by_groups(self, grants: Grants, level: Level, group_ids: Iterable[str]) -> int:
        found = 0
        for id in group_ids:
            levels = grants.groups.get(id, grants.group_default)
            found |= self._members.get(id, 0) if levels.members >= level else 0
            found |= self._leaders.get(id, 0) if levels.leaders >= level else 0
        return found

    def _mask(self, user_ids: Iterable[str]) -> int:
        found = 0
        for id in user_ids:
            found |= self._bit.get(id, 0)
        return found
