"""Who follows whom: the cut that keeps a busy office's stream small.

People follow themselves, their favourites and the members of their groups. Calls and lines are shown of those alone (as far
as rights allow); everybody else's presence may come a moment later. Every fact asks who follows its owner, so favourites are
kept in both directions, and answers are kept until something changes.
"""

from collections.abc import Iterable, KeysView
from itertools import chain

from unisono.people.model import Line
from unisono.people.service import People

REMEMBER = 500_000
"""Followers that are kept in answers, counted once for each whom they follow."""
Audience = KeysView[str]
"""Users, each once, in the order in which they are told."""
_NOBODY: frozenset[str] = frozenset()


class Interest:
    """The index. Facts keep it: call `update` with whose favourites or groups may have changed."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._favourites: dict[str, frozenset[str]] = {}
        self._admirers: dict[str, set[str]] = {}
        self._followers: dict[str, Audience] = {}
        self._remembered = 0
        self.update(user.id for user in people.users())

    def known(self) -> Iterable[str]:
        """Everybody in the index."""
        return self._favourites.keys()

    def favourites(self, viewer_id: str) -> frozenset[str]:
        """Somebody's favourites, as of the last `update`."""
        return self._favourites.get(viewer_id, _NOBODY)

    def followers(self, user_id: str) -> Audience:
        """Who follows somebody: they themselves first."""
        found = self._followers.get(user_id)
        if found is None:
            found = self._find(user_id)
            if self._remembered > REMEMBER:
                self._forget()
            self._followers[user_id] = found
            self._remembered += len(found)
        return found

    def audience(self, line: Line) -> Audience:
        """Everybody who follows a line: its own people first."""
        if len(line.user_ids) == 1:
            return self.followers(line.user_ids[0])
        return dict.fromkeys(chain(line.user_ids, *map(self.followers, line.user_ids))).keys()

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

    def _find(self, user_id: str) -> Audience:
        user = self._people.user(user_id)
        groups = (self._people.group(id) for id in user.group_ids) if user else ()
        members = (group.member_ids for group in groups if group is not None)
        return dict.fromkeys(chain((user_id,), self._admirers.get(user_id, ()), *members)).keys()
