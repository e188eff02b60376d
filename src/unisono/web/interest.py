"""Who follows whom: the cut that keeps a busy office's stream small.

People follow themselves, their favourites and the members of their groups. Calls and lines are shown of those alone (as far
as rights allow); everybody else's presence may come a moment later. Kept as an index in both directions, because every fact
asks who follows its owner.
"""

from collections.abc import Iterable

from unisono.people.model import Line
from unisono.people.service import People

_NOBODY: frozenset[str] = frozenset()


class Interest:
    """The index. Facts keep it: call `update` with whose favourites or groups may have changed."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._near: dict[str, frozenset[str]] = {}
        self._followers: dict[str, set[str]] = {}
        self.update(user.id for user in people.users())

    def near(self, viewer_id: str) -> frozenset[str]:
        """Whom somebody follows."""
        return self._near.get(viewer_id, _NOBODY)

    def followers(self, user_id: str) -> frozenset[str]:
        """Who follows somebody, themselves included."""
        return frozenset(self._followers.get(user_id, ()))

    def known(self) -> Iterable[str]:
        """Everybody in the index."""
        return self._near.keys()

    def follows(self, viewer_id: str, line: Line) -> bool:
        """Whether a line is one of those somebody follows."""
        return not self.near(viewer_id).isdisjoint(line.user_ids)

    def audience(self, line: Line) -> frozenset[str]:
        """Everybody who follows a line, its own people among them."""
        return _NOBODY.union(*(self._followers.get(owner, ()) for owner in line.user_ids))

    def update(self, user_ids: Iterable[str]) -> None:
        """Take these people's favourites and groups anew."""
        for id in user_ids:
            old, new = self._near.pop(id, _NOBODY), self._of(id)
            if new:
                self._near[id] = new
            for gone in old - new:
                self._followers[gone].discard(id)
                if not self._followers[gone]:
                    del self._followers[gone]
            for come in new - old:
                self._followers.setdefault(come, set()).add(id)

    def _of(self, user_id: str) -> frozenset[str]:
        user = self._people.user(user_id)
        if user is None:
            return _NOBODY
        groups = [group for id in user.group_ids if (group := self._people.group(id)) is not None]
        members = (id for group in groups for id in group.member_ids)
        return frozenset((user_id, *self._people.preferences(user_id).favourites, *members))
