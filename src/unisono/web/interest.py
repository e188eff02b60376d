"""Who follows whom: the cut that keeps a busy office's stream small.

People follow themselves, their favourites and the members of their groups. Calls and lines are shown of those alone (as far
as rights allow); everybody else's presence may come a moment later. Every fact asks who follows its owner, so favourites are
kept in both directions, and answers are kept until something changes.
"""

from collections.abc import Iterable

from unisono.people.model import Line
from unisono.people.service import People

REMEMBER = 500_000
"""Followers that are kept in answers, counted once for each whom they follow."""
_NOBODY: frozenset[str] = frozenset()


class Interest:
    """The index. Facts keep it: call `update` with whose favourites or groups may have changed."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._favourites: dict[str, frozenset[str]] = {}
        self._admirers: dict[str, set[str]] = {}
        self._followers: dict[str, frozenset[str]] = {}
        self._remembered = 0
        self.update(user.id for user in people.users())

    def known(self) -> Iterable[str]:
        """Everybody in the index."""
        return self._favourites.keys()

    def favourites(self, viewer_id: str) -> frozenset[str]:
        """Somebody's favourites, as of the last `update`."""
        return self._favourites.get(viewer_id, _NOBODY)

    def followers(self, user_id: str) -> frozenset[str]:
        """Who follows somebody, themselves included."""
        found = self._followers.get(user_id)
        if found is None:
            found = self._find(user_id)
            if self._remembered > REMEMBER:
                self._forget()
            self._followers[user_id] = found
            self._remembered += len(found)
        return found

    def audience(self, line: Line) -> frozenset[str]:
        """Everybody who follows a line, its own people among them."""
        if len(line.user_ids) == 1:
            return self.followers(line.user_ids[0])
        return _NOBODY.union(*map(self.followers, line.user_ids))

    def follows(self, viewer_id: str, line: Line) -> bool:
        """Whether a line is one of those somebody follows."""
        return any(viewer_id in self.followers(owner) for owner in line.user_ids)

    def update(self, user_ids: Iterable[str]) -> None:
        """Take these people's favourites anew, and everybody's groups."""
        self._forget()
        for id in user_ids:
            there = self._people.user(id) is not None
            old = self._favourites.pop(id, _NOBODY)
            new = frozenset(self._people.preferences(id).favourites) if there else _NOBODY
            if there:
                self._favourites[id] = new
            for gone in old - new:
                self._admirers[gone].discard(id)
                if not self._admirers[gone]:
                    del self._admirers[gone]
            for come in new - old:
                self._admirers.setdefault(come, set()).add(id)

    def _forget(self) -> None:
        self._followers.clear()
        self._remembered = 0

    def _find(self, user_id: str) -> frozenset[str]:
        user = self._people.user(user_id)
        groups = (self._people.group(id) for id in user.group_ids) if user else ()
        members = (group.member_ids for group in groups if group is not None)
        return frozenset((user_id,)).union(self._admirers.get(user_id, ()), *members)
