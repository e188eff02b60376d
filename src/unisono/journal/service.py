"""The journal: follows the calls, keeps every entry until the database has it, tells what changed."""

import asyncio
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from unisono.calls.events import CallChanged
from unisono.calls.model import Call
from unisono.journal.events import CountsChanged, JournalChanged
from unisono.journal.model import DoneHow, JournalEntry, Outcome, Query, own_scopes
from unisono.journal.record import CALL_DATA, Staff, deals_with, lost_sight, merged, record, with_call_data
from unisono.journal.retention import Retention
from unisono.journal.settings import JournalSettings
from unisono.journal.store import Entries, partner_key
from unisono.journal.tables import SPREAD, id_floor
from unisono.kernel.bus import Bus
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Fault, Invalid, NotFound
from unisono.kernel.log import Log
from unisono.kernel.tasks import Works, backoff
from unisono.permissions.model import Viewer
from unisono.storage import Database

MAX_NOTE = 20_000
MAX_SUBJECT = 500
_KEPT = 2_000
"""Entries of ended calls kept in memory for late events and quick edits."""
_BATCH = 200
_QUEUE = 200_000
_GATHER_SECONDS = 0.25
"""Changes of so long go to the database together; the calls room has the calls on disk meanwhile."""

log = Log("journal")


@dataclass(frozen=True, slots=True)
class Edit:
    """What a person changes on an entry; None leaves it as it is."""

    note: str | None = None
    subject: str | None = None
    private: bool | None = None
    project: str | None = None


class Journal:
    """Everything others ask of the journal. `start` before the first call, `run` beside everything else."""

    def __init__(
        self,
        database: Database,
        staff: Staff,
        clock: Clock,
        bus: Bus,
        settings: JournalSettings,
        *,
        online: Callable[[str], bool] = lambda user_id: True,
        calls_up: Callable[[], Iterable[Call]] | None = None,
    ) -> None:
        self.works = Works(clock)
        self._entries = Entries(database)
        self._staff = staff
        self._clock = clock
        self._bus = bus
        self._settings = settings
        self._online = online
        self._calls_up = calls_up
        self._retention = Retention(self._entries, clock, settings, self._recount)
        self._known: dict[str, JournalEntry] = {}
        self._by_call: dict[str, dict[str, str]] = {}
        self._dirty: dict[str, JournalEntry] = {}
        self._counts: dict[str, int] = {}
        self._missed_from: set[str] = set()
        """Partners whose missed calls may wait: for others the database is not asked."""
        self._said: dict[str, dict[str, str]] = {}
        self._began = clock.now()
        self._counter = self._began.microsecond % SPREAD
        self._work = asyncio.Event()
        self._saving = asyncio.Lock()
        self._editing = asyncio.Lock()
        bus.subscribe("journal", {CallChanged: self._on_call}, resync=self._resync, limit=_QUEUE)

    async def start(self) -> None:
        """Make the table ready and take up the entries of calls that were up when the server stopped."""
        await self._entries.prepare()
        for entry in await self._entries.running():
            self._remember(entry)
        self._counts = await self._entries.open_counts()
        self._missed_from = await self._entries.open_partners()

    async def run(self) -> None:
        """Write what changed, and delete what is old, for ever; on the way out write what still waits.

        Entries that were open at the last stop and whose calls nobody knows any more are closed first.
        """
        try:
            if self._calls_up is not None:
                await self.reconcile({call.id for call in self._calls_up()})
            await self.works.run({"journal: writing": self._write_behind, "journal: retention": self._retention.run})
        finally:
            try:
                await self.flush()
            except Fault as fault:
                log.error("journal entries are lost", code=fault.code, entries=len(self._dirty))

    # From calls

    async def _on_call(self, fact: CallChanged) -> None:
        await self.follow(fact.call)

    async def follow(self, call: Call) -> None:
        """Write down how far a call has come; doing it again changes nothing."""
        drafts = record(call, self._staff, self._settings.private_calls)
        said = self._said_now(call)
        if call.started < self._began and call.id not in self._by_call and drafts:
            # A call from before a restart may have entries that ended then.
            for entry in await self._entries.of_call(call.id):
                self._remember(entry)
        for draft in drafts:
            known = self._known.get(self._by_call.get(call.id, {}).get(draft.line_id, ""))
            if known is None:
                online = self._online(draft.user_id) if draft.user_id else True
                entry = replace(draft, id=self._new_id(draft.started), user_offline=not online)
                entry = with_call_data(entry, call.data)
            else:
                entry = with_call_data(merged(known, draft), said)
            if entry != known:
                await self._changed(known, entry)
        self._forget_some()

    def _said_now(self, call: Call) -> dict[str, str]:
        """Which of the call's shared texts changed: they go to all its entries, over what stood there."""
        known = self._said.get(call.id, {} if call.started >= self._began else dict(call.data))
        said = {key: call.data.get(key, "") for key in CALL_DATA if call.data.get(key, "") != known.get(key, "")}
        if call.live:
            self._said[call.id] = dict(call.data)
        else:
            self._said.pop(call.id, None)
        return said

    async def _changed(self, before: JournalEntry | None, entry: JournalEntry) -> None:
        self._put(before, entry)
        if entry.connected and not (before and before.connected):
            await self._deal_with_missed(entry)

    def _put(self, before: JournalEntry | None, entry: JournalEntry) -> None:
        self._remember(entry)
        self._dirty[entry.id] = entry
        self._work.set()
        self._tell(before, entry)

    def _tell(self, before: JournalEntry | None, entry: JournalEntry) -> None:
        self._bus.publish(JournalChanged(entry))
        was, now = before is not None and before.open, entry.open
        if was != now:
            self._counts[entry.owner] = max(0, self._counts.get(entry.owner, 0) + (1 if now else -1))
            self._tell_counts(entry.owner)
        if now:
            self._missed_from.add(partner_key(entry))

    def _tell_counts(self, owner: str) -> None:
        line = self._staff.line(owner)
        for user_id in (owner,) if line is None else line.user_ids:
            user = self._staff.user(user_id)
            if user is not None:
                self._bus.publish(CountsChanged(user.id, self.count_open(user.id, user.line_ids)))

    async def _deal_with_missed(self, later: JournalEntry) -> None:
        """A call that was connected closes the missed ones from the same partner."""
        partner = partner_key(later)
        if not partner or partner not in self._missed_from:
            return
        # What is not written yet may be written while the database is asked, and then be in neither: remember it before.
        waiting = {e.id: e for e in self._dirty.values() if partner_key(e) == partner}
        stored = await self._stored_open(partner)
        waiting.update({e.id: e for e in stored or ()})
        waiting.update({e.id: e for e in self._dirty.values() if partner_key(e) == partner})
        waiting = {id: self._known.get(id, entry) for id, entry in waiting.items()}
        for entry in waiting.values():
            how = deals_with(later, entry)
            if how is not None:
                at = later.answered or self._clock.now()
                self._put(entry, replace(entry, done_by=later.user_id, done_at=at, done_how=how))
        if stored is not None and not any(self._known.get(id, entry).open for id, entry in waiting.items()):
            self._missed_from.discard(partner)

    async def _stored_open(self, partner: str) -> list[JournalEntry] | None:
        """Missed calls of a partner that wait, as written; None: they could not be read."""
        try:
            return await self._entries.open_with(partner)
        except Fault:
            log.warning("missed calls could not be looked up", partner_known=bool(partner))
            return None

    async def reconcile(self, live_call_ids: Collection[str]) -> None:
        """After a snapshot: entries whose calls are gone are closed as "lost sight"."""
        self._said = {call_id: said for call_id, said in self._said.items() if call_id in live_call_ids}
        for entry in list(self._known.values()):
            if entry.outcome is Outcome.RUNNING and entry.call_id not in live_call_ids:
                self._put(entry, lost_sight(entry))

    async def _resync(self) -> None:
        """More facts came than could be queued: read the calls that are up, close what is gone."""
        up = list(self._calls_up()) if self._calls_up is not None else []
        for call in up:
            await self.follow(call)
        await self.reconcile({call.id for call in up})

    def _new_id(self, started: datetime) -> str:
        self._counter = (self._counter + 1) % SPREAD
        return str(id_floor(started) + self._counter)

    def _remember(self, entry: JournalEntry) -> None:
        self._known.pop(entry.id, None)
        self._known[entry.id] = entry
        self._by_call.setdefault(entry.call_id, {})[entry.line_id] = entry.id

    def _forget_some(self) -> None:
        """Drop the oldest entries from memory that are written and ended."""
        excess = len(self._known) - _KEPT
        if excess < _KEPT // 10:
            return
        for entry in list(self._known.values()):
            if excess <= 0:
                return
            if entry.outcome is not Outcome.RUNNING and entry.id not in self._dirty:
                del self._known[entry.id]
                lines = self._by_call[entry.call_id]
                lines.pop(entry.line_id, None)
                if not lines:
                    del self._by_call[entry.call_id]
                excess -= 1

    # Writing behind

    async def _write_behind(self) -> None:
        attempt = 0
        if self._dirty:
            self._work.set()  # a failure came between them and the database
        while True:
            await self._work.wait()
            self._work.clear()
            await self._clock.sleep(_GATHER_SECONDS)
            while self._dirty:
                try:
                    await self._save_some()
                    attempt = 0
                except Fault as fault:
                    log.warning("journal is not written, trying again", code=fault.code, waiting=len(self._dirty))
                    await self._clock.sleep(backoff(attempt))
                    attempt += 1

    async def _save_some(self) -> None:
        async with self._saving:
            await self._save_batch()

    async def _save_batch(self) -> None:
        """Write the next few; `_saving` is held."""
        batch = list(self._dirty.values())[:_BATCH]
        if not batch:
            return
        try:
            moved = await self._entries.save(batch)
        except Fault:
            raise
        except Exception:
            # One entry that the database cannot hold must not keep all others out.
            moved = await self._save_singly(batch)
        for entry in batch:
            if self._dirty.get(entry.id) is entry:
                del self._dirty[entry.id]
        for old, new in moved.items():
            self._renumber(old, new)

    async def _save_singly(self, batch: list[JournalEntry]) -> dict[str, str]:
        moved: dict[str, str] = {}
        for entry in batch:
            try:
                moved.update(await self._entries.save([entry]))
            except Fault:
                raise
            except Exception:
                log.exception("a journal entry cannot be written", entry=entry.id, call=entry.call_id)
        return moved

    def _renumber(self, old: str, new: str) -> None:
        entry = replace(self._known.pop(old), id=new)
        late = self._dirty.pop(old, None)
        self._remember(replace(late, id=new) if late else entry)
        if late:
            self._dirty[new] = self._known[new]

    async def flush(self) -> None:
        """Write everything that waits; raises `Unavailable` where the database does not take it."""
        while self._dirty:
            await self._save_some()

    @property
    def waiting(self) -> int:
        """Entries that the database does not have yet (for metrics and `check`)."""
        return len(self._dirty)

    # For people

    async def get(self, entry_id: str) -> JournalEntry:
        """One entry. Raises `NotFound`."""
        entry = self._known.get(entry_id) or await self._entries.get(entry_id)
        entry = self._known.get(entry_id, entry)  # it may have changed while it was read
        if entry is None:
            raise NotFound("unknown-journal-entry", "There is no such entry in the journal (any more).")
        return entry

    def of_line_in_call(self, call_id: str, line_id: str) -> str | None:
        """The id of the entry for a line in a call that is up, or was until a moment ago."""
        return self._by_call.get(call_id, {}).get(line_id)

    async def page(self, query: Query) -> list[JournalEntry]:
        """Entries newest first; what is not written yet is written before."""
        if query.after and not (query.after.isdecimal() and len(query.after) <= 18):
            raise Invalid("bad-cursor", "`after` is not a cursor of this list.", data={"field": "after"})
        try:
            await self.flush()
        except Fault:
            log.warning("a list is shown without what waits to be written", waiting=len(self._dirty))
        return await self._entries.page(query)

    async def newest(self, viewer: Viewer, limit: int) -> list[JournalEntry]:
        """The viewer's own newest entries, newest first."""
        return await self.page(Query(own_scopes(viewer.user_id, viewer.line_ids), limit=limit))

    async def missed_open(self, viewer: Viewer) -> int:
        """How many missed calls wait for the viewer."""
        return self.count_open(viewer.user_id, viewer.line_ids)

    def count_open(self, user_id: str, line_ids: Iterable[str]) -> int:
        """How many missed calls of this person, who uses these lines, nobody has dealt with."""
        return sum(self._counts.get(owner, 0) for owner in (user_id, *line_ids))

    async def edit(self, entry_id: str, edit: Edit) -> JournalEntry:
        """Change what people may change; it is in the database when this returns."""
        _check(edit)
        changes = {name: value for name in _EDITABLE if (value := getattr(edit, name)) is not None}
        return await self._edit(entry_id, lambda entry: replace(entry, **changes))

    async def set_done(self, entry_id: str, user_id: str, *, done: bool) -> JournalEntry:
        """Deal with a missed call by hand, or open it again."""
        if done:
            now = self._clock.now()
            return await self._edit(
                entry_id, lambda e: replace(e, done_by=user_id, done_at=now, done_how=DoneHow.BY_HAND)
            )
        return await self._edit(
            entry_id, lambda e: replace(e, done_by="", done_at=None, done_how=None)
        )

    async def _edit(self, entry_id: str, change: Callable[[JournalEntry], JournalEntry]) -> JournalEntry:
        async with self._editing:
            before = await self.get(entry_id)
            after = change(before)
            if after != before:
                # Into memory first: a fact of the living call that comes meanwhile builds on it.
                self._put(before, after)
                try:
                    await self.flush()
                except Fault:
                    now = self._known[entry_id]
                    self._put(now, replace(now, **{name: getattr(before, name) for name in _HUMAN}))
                    raise
            return after

    async def _recount(self) -> None:
        """Counts afresh from the database, after entries were deleted."""
        async with self._saving:
            while self._dirty:
                await self._save_batch()
            before = await self._count_stored()
        for owner in before.keys() | self._counts.keys():
            if before.get(owner, 0) != self._counts.get(owner, 0):
                self._tell_counts(owner)

    async def _count_stored(self) -> dict[str, int]:
        """Take the counts from the database, which has everything now; returns what they were. `_saving` is held."""
        self._known = {id: e for id, e in self._known.items() if e.outcome is Outcome.RUNNING}
        self._by_call = {}
        for entry in list(self._known.values()):
            self._remember(entry)
        # What changes while they are read is not written before the lock is free: it comes on top.
        before = dict(self._counts)
        stored = await self._entries.open_counts()
        changed = self._counts
        owners = stored.keys() | changed.keys()
        self._counts = {o: max(0, stored.get(o, 0) + changed.get(o, 0) - before.get(o, 0)) for o in owners}
        partners = await self._entries.open_partners()
        self._missed_from = partners | {partner_key(entry) for entry in self._known.values() if entry.open}
        return changed


_EDITABLE = ("note", "subject", "private", "project")
_HUMAN = (*_EDITABLE, "done_by", "done_at", "done_how")


def _check(edit: Edit) -> None:
    if edit.note is not None and len(edit.note) > MAX_NOTE:
        raise Invalid("note-too-long", f"A note has at most {MAX_NOTE:,} characters.", data={"field": "note"})
    for name, value in (("subject", edit.subject), ("project", edit.project)):
        if value is not None and len(value) > MAX_SUBJECT:
            raise Invalid("text-too-long", f"It has at most {MAX_SUBJECT} characters.", data={"field": name})
