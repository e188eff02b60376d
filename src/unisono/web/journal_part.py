"""The newest journal entries of everybody who has a window open, and how many missed calls wait for them."""

from collections import OrderedDict
from collections.abc import Hashable, Iterable

import msgspec

from unisono.calls.names import Names
from unisono.directory.views import View
from unisono.journal.model import JournalEntry
from unisono.journal.seen import cut
from unisono.journal.service import Journal
from unisono.journal.view import EntryView, entry_view
from unisono.people.service import People
from unisono.permissions.model import Viewer
from unisono.web.encode import Key
from unisono.web.parts import Sight

NEWEST = 50
USERS_MOST = 5_000


class MissedCalls(msgspec.Struct, frozen=True):
    """Figures for badges."""

    missed_open: int


class Recent:
    """Per user the entries that are in their clients' state, the one that changed last at the end.

    It is filled when a user's first window opens, and only by facts from then on, so that every snapshot of that user shows
    the same entries as a state kept by facts.
    """

    def __init__(self, journal: Journal, people: People) -> None:
        self._journal = journal
        self._people = people
        self.entries: OrderedDict[str, OrderedDict[str, JournalEntry]] = OrderedDict()
        self._missed: dict[str, int] = {}
        self._loading: dict[str, list[dict[str, JournalEntry]]] = {}
        """Per user, for each reading under way: what changed since it began."""

    async def load(self, viewer: Viewer) -> None:
        """Read a user's entries, if they are not known yet; what changes meanwhile wins over what was read."""
        user_id = viewer.user_id
        if user_id in self.entries:
            return
        changed: dict[str, JournalEntry] = {}
        self._loading.setdefault(user_id, []).append(changed)
        try:
            newest = await self._journal.newest(viewer, NEWEST)
        finally:
            # By identity: two readings that both know of nothing yet are equal.
            rest = [each for each in self._loading.pop(user_id) if each is not changed]
            if rest:
                self._loading[user_id] = rest
        if user_id in self.entries:
            return
        known = OrderedDict((entry.id, entry) for entry in reversed(newest))
        for entry in changed.values():
            known[entry.id] = entry
            known.move_to_end(entry.id)
        while len(known) > NEWEST:
            known.popitem(last=False)
        self.entries[user_id] = known

    def missed(self, user_id: str) -> int:
        """How many missed calls wait for a user."""
        return self._journal.count_open(user_id, (line.id for line in self._people.lines_of(user_id)))

    def people(self, entry: JournalEntry) -> frozenset[str]:
        """Whose entry it is: one person's, or that of everybody who uses the line."""
        line = self._people.line(entry.line_id)
        return frozenset((entry.user_id,) if entry.user_id else line.user_ids if line else ())

    def note(self, entry: JournalEntry, user_ids: Iterable[str]) -> dict[str, tuple[Key, ...]]:
        """An entry changed that is of these users: what of whose state changes by that."""
        touched: dict[str, tuple[Key, ...]] = {}
        for user_id in user_ids:
            for changed in self._loading.get(user_id, ()):
                changed[entry.id] = entry
            known = self.entries.get(user_id)
            if known is None:
                continue
            known[entry.id] = entry
            known.move_to_end(entry.id)
            keys = [("journal", f"{user_id}/{entry.id}")]
            if len(known) > NEWEST:
                oldest, _ = known.popitem(last=False)
                keys.append(("journal", f"{user_id}/{oldest}"))
            touched[user_id] = tuple(keys)
        return touched

    def counted(self, user_ids: Iterable[str]) -> list[str]:
        """Of these users, those for whom another number of missed calls waits than was told last."""
        now = {id: self.missed(id) for id in user_ids}
        changed = [id for id, missed in now.items() if self._missed.get(id) != missed]
        self._missed.update(now)
        return changed

    def spare(self, open_users: Iterable[str]) -> list[str]:
        """Forget users without a window beyond the limit; returns whom, their clients need a snapshot when they return."""
        keep = set(open_users)
        excess = len(self.entries) - max(USERS_MOST, len(keep))
        gone = [id for id in self.entries if id not in keep][: max(0, excess)]
        for id in gone:
            del self.entries[id]
            self._missed.pop(id, None)
        return gone


class JournalPart:
    """The viewer's newest entries; the id is `<user id>/<entry id>`, of which clients see the second half."""

    name = "journal"

    def __init__(self, recent: Recent, names: Names) -> None:
        self._recent = recent
        self._names = names

    def ids(self, viewer: Viewer) -> Iterable[str]:
        return [f"{viewer.user_id}/{id}" for id in self._recent.entries.get(viewer.user_id, ())]

    def sight(self, id: str) -> Sight:
        owner, view = id.partition("/")[0], self._names.view
        return lambda viewer: (view(viewer) or "own") if viewer.user_id == owner else None

    def value(self, id: str, variant: Hashable) -> EntryView | None:
        user_id, _, entry_id = id.partition("/")
        known = self._recent.entries.get(user_id)
        entry = known.get(entry_id) if known else None
        if entry is None:
            return None
        return entry_view(cut(entry, variant, self._names) if isinstance(variant, View) else entry)


class CountsPart:
    """Figures for the viewer's badges; the id is the user's."""

    name = "counts"

    def __init__(self, recent: Recent) -> None:
        self._recent = recent

    def ids(self, viewer: Viewer) -> Iterable[str]:
        return (viewer.user_id,)

    def sight(self, id: str) -> Sight:
        return lambda viewer: "own" if viewer.user_id == id else None

    def value(self, id: str, variant: Hashable) -> MissedCalls | None:
        return MissedCalls(self._recent.missed(id))
