"""Keeps everybody's presence up to date and tells when one changes."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from unisono.calls.events import CallChanged, DeviceChanged, LinkChanged
from unisono.calls.model import Call
from unisono.kernel.bus import Bus
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Invalid
from unisono.kernel.tasks import Works
from unisono.people.events import PeopleChanged
from unisono.people.model import Line, LineKind
from unisono.people.service import People
from unisono.presence.combine import combine, next_change
from unisono.presence.events import PresenceChanged
from unisono.presence.model import SETTABLE, Activity, LineState, Manual, Presence, Sources, State
from unisono.presence.observe import line_state
from unisono.presence.settings import PresenceSettings
from unisono.presence.store import ManualStore
from unisono.presence.telephones import RunningCalls, reachable, set_do_not_disturb
from unisono.storage import Database

NOTE_MOST = 500
TICK_SECONDS = 1.0
_AT_ONCE = 100
"""Lines of a link that are looked at before others may run."""


@dataclass(slots=True)
class _Watched:
    """What is known of one person.

    `telephone`: one of theirs can be rung; `windows` counts open event streams per session, `idle` by session.
    """

    manual: Manual | None = None
    lines: dict[tuple[str, str], LineState] = field(default_factory=dict)
    dnd: dict[str, datetime] = field(default_factory=dict)
    telephone: bool = False
    windows: dict[str, int] = field(default_factory=dict)
    idle: dict[str, datetime] = field(default_factory=dict)
    in_since: datetime | None = None
    out_since: datetime | None = None
    after_call: datetime | None = None
    shown: Presence = field(default_factory=Presence)


class PresenceService:
    """Combines what telephones, windows and people themselves say. Call `load` once, then keep `run` running."""

    def __init__(
        self,
        bus: Bus,
        clock: Clock,
        people: People,
        database: Database,
        calls: RunningCalls,
        settings: PresenceSettings | None = None,
    ) -> None:
        settings = settings or PresenceSettings()
        self.works = Works(clock)
        self._bus = bus
        self._clock = clock
        self._people = people
        self._store = ManualStore(database)
        self._calls = calls
        self._timing = settings.timing()
        self._wrap_up = timedelta(seconds=settings.after_call_seconds)
        self._watched: dict[str, _Watched] = {}
        self._due: dict[str, datetime] = {}
        self._expired: dict[str, None] = {}
        """Whose do-not-disturb has run out and may still hold for their telephones."""
        bus.subscribe(
            "presence",
            {
                CallChanged: self._call,
                DeviceChanged: self._device,
                LinkChanged: self._link,
                PeopleChanged: self._people_changed,
            },
            resync=self.resync,
        )

    async def load(self) -> None:
        """Read what people set by hand, and the calls that are up."""
        for user_id, manual in (await self._store.all()).items():
            if (watched := self._find(user_id)) is not None:
                watched.manual = manual
        await self.resync()

    async def resync(self) -> None:
        """Look at everything afresh; used at the start and after facts were lost."""
        calls = list(self._calls.live())
        for user in self._people.users():
            watched = self._watched.setdefault(user.id, _Watched())
            watched.lines = {}
            watched.dnd = {id: since for id, since in watched.dnd.items() if id in user.line_ids}
            lines = self._people.lines_of(user.id)
            watched.telephone = reachable(self._calls, lines)
            for line in lines:
                self._note_dnd(watched, line, self._calls.device_status(line.connector, line.device).do_not_disturb)
        for call in calls:
            self._take(call)
        for user_id in list(self._watched):
            self._show(user_id)

    async def run(self) -> None:
        """Let time have its effect: expiry, idle, signing out, the end of wrapping up. Ends by cancellation only."""
        await self.works.run({"presence: time": self._time, "presence: do not disturb": self._end_do_not_disturb})

    async def _time(self) -> None:
        while True:
            await self._clock.sleep(TICK_SECONDS)
            now = self._clock.now()
            for user_id in [user_id for user_id, due in self._due.items() if due <= now]:
                self._due[user_id] = self._due.pop(user_id)  # who cannot be shown is last the next time
                self._show(user_id)

    async def _end_do_not_disturb(self) -> None:
        while True:
            await self._clock.sleep(TICK_SECONDS)
            for user_id in list(self._expired):
                if user_id not in self._expired:
                    continue  # they chose anew while others' telephones were asked
                self._expired[user_id] = self._expired.pop(user_id)  # as above
                if await set_do_not_disturb(self._calls, self._people.lines_of(user_id), on=False):
                    self._expired.pop(user_id, None)

    def of(self, user_id: str) -> Presence:
        """Someone's presence now; unknown people are `UNKNOWN`."""
        watched = self._watched.get(user_id)
        return watched.shown if watched else Presence()

    def manual(self, user_id: str) -> Manual | None:
        """What someone set by hand, if it still counts."""
        watched = self._watched.get(user_id)
        return watched.manual if watched else None

    async def set_manual(
        self, user_id: str, state: State | None, until: datetime | None = None, note: str = ""
    ) -> Presence:
        """Set someone's state by hand, or take it back (None); raises `Invalid` naming the field.

        Do not disturb is asked of their telephones too; whatever follows it ends it there.
        """
        self._people.need_user(user_id)
        now = self._clock.now()
        if state is not None and state not in SETTABLE:
            raise _wrong("state", f"One of {', '.join(sorted(SETTABLE))}, or null to take it back.")
        if until is not None and until <= now:
            raise _wrong("until", "That time has passed already.")
        if len(note) > NOTE_MOST:
            raise _wrong("note", f"A note has at most {NOTE_MOST} characters.")
        manual = None if state is None else Manual(state, now, until, note.strip())
        await self._store.put(user_id, manual)
        watched = self._find(user_id)
        if watched is None:
            return Presence()
        before, watched.manual = watched.manual, manual
        self._expired.pop(user_id, None)
        self._show(user_id)
        quiet = state is State.DND
        was_quiet = (before is not None and before.state is State.DND) or (state is not None and bool(watched.dnd))
        if quiet or was_quiet:
            await set_do_not_disturb(self._calls, self._people.lines_of(user_id), on=quiet)
        return self.of(user_id)

    def arrived(self, user_id: str, session: str) -> None:
        """A window of this person opened its event stream."""
        watched = self._find(user_id)
        if watched is None:
            return
        if not watched.windows:
            watched.in_since = self._clock.now()
            watched.out_since = None
        watched.windows[session] = watched.windows.get(session, 0) + 1
        watched.idle.pop(session, None)
        self._show(user_id)

    def left(self, user_id: str, session: str) -> None:
        """A window's event stream ended, perhaps because its person was removed."""
        watched = self._find(user_id)
        if watched is None:
            return
        count = watched.windows.pop(session, 0) - 1
        if count > 0:
            watched.windows[session] = count
        else:
            watched.idle.pop(session, None)
        if not watched.windows and watched.in_since is not None:
            watched.in_since = None
            watched.out_since = self._clock.now()
        self._show(user_id)

    def signed_in(self, user_id: str) -> bool:
        """Whether this person has a window open."""
        watched = self._watched.get(user_id)
        return watched is not None and bool(watched.windows)

    def idle(self, user_id: str, session: str, idle: bool) -> None:
        """The computer behind this session is not in use any more, or is again."""
        watched = self._find(user_id)
        if watched is None:
            return
        if not idle:
            watched.idle.pop(session, None)
        elif session in watched.windows:
            watched.idle.setdefault(session, self._clock.now())
        self._show(user_id)

    # facts

    async def _call(self, fact: CallChanged) -> None:
        for user_id in self._take(fact.call):
            self._show(user_id)

    async def _device(self, fact: DeviceChanged) -> None:
        line = self._people.line_at(fact.connector, fact.device)
        if line is None:
            return
        for user_id in line.user_ids:
            if (watched := self._find(user_id)) is None:
                continue
            ended = line.id in watched.dnd and not fact.status.do_not_disturb
            self._note_dnd(watched, line, fact.status.do_not_disturb)
            watched.telephone = reachable(self._calls, self._people.lines_of(user_id))
            if ended and not watched.dnd and watched.manual and watched.manual.state is State.DND:
                # Switched off at the telephone: that is how they take it back.
                watched.manual = None
                await self._store.put(user_id, None)
            self._show(user_id)

    async def _link(self, fact: LinkChanged) -> None:
        for count, line in enumerate(line for line in list(self._people.lines()) if line.connector == fact.connector):
            if count % _AT_ONCE == _AT_ONCE - 1:
                await asyncio.sleep(0)
            for user_id in line.user_ids:
                self._telephone(user_id)

    def _telephone(self, user_id: str) -> None:
        watched = self._find(user_id)
        now = reachable(self._calls, self._people.lines_of(user_id))
        if watched is not None and watched.telephone != now:
            watched.telephone = now
            self._show(user_id)

    async def _people_changed(self, fact: PeopleChanged) -> None:
        for user_id in fact.users:
            self._find(user_id)
        if fact.lines or fact.users:
            await self.resync()

    # inside

    def _find(self, user_id: str) -> _Watched | None:
        """What is known of a person; None where there is no such person (any more), of whom nothing is to be kept."""
        if self._people.user(user_id) is None:
            self._watched.pop(user_id, None)
            self._due.pop(user_id, None)
            self._expired.pop(user_id, None)
            return None
        return self._watched.setdefault(user_id, _Watched())

    def _take(self, call: Call) -> set[str]:
        """Note what a call means for the lines in it; returns the people it concerns."""
        concerned: set[str] = set()
        for device in {leg.id.device for leg in call.connections}:
            line = self._people.line_at(call.connector, device)
            if line is None:
                continue
            state = line_state(call, line) if call.live else None
            for user_id in line.user_ids:
                if (watched := self._find(user_id)) is not None:
                    self._note_leg(watched, (call.id, line.id), state)
                    concerned.add(user_id)
        return concerned

    def _note_leg(self, watched: _Watched, key: tuple[str, str], state: LineState | None) -> None:
        before = watched.lines.pop(key, None)
        if state is not None:
            watched.lines[key] = state
            watched.after_call = None
        elif before is not None and before.activity is not Activity.RINGING and not watched.lines and self._wrap_up:
            watched.after_call = self._clock.now()

    def _note_dnd(self, watched: _Watched, line: Line, on: bool) -> None:
        if not on or line.kind is not LineKind.EXTENSION:
            watched.dnd.pop(line.id, None)
        else:
            watched.dnd.setdefault(line.id, self._clock.now())

    def _sources(self, watched: _Watched) -> Sources:
        everywhere_idle = watched.windows and len(watched.idle) == len(watched.windows)
        return Sources(
            manual=watched.manual,
            lines=tuple(watched.lines.values()),
            idle_since=max(watched.idle.values()) if everywhere_idle else None,
            signed_in_since=watched.in_since,
            signed_out_since=watched.out_since,
            dnd_since=min(watched.dnd.values(), default=None),
            telephone=watched.telephone,
            after_call_since=watched.after_call,
            after_call_until=watched.after_call + self._wrap_up if watched.after_call else None,
        )

    def _show(self, user_id: str) -> Presence:
        """Combine afresh and tell it where it differs from what was told before."""
        watched = self._find(user_id)
        if watched is None:
            return Presence()
        now = self._clock.now()
        sources = self._sources(watched)
        if watched.manual and watched.manual.until and now >= watched.manual.until:
            if watched.manual.state is State.DND:
                self._expired[user_id] = None
            watched.manual = None
            sources = replace(sources, manual=None)
        presence = combine(sources, now, self._timing)
        due = next_change(sources, now, self._timing)
        if due is None:
            self._due.pop(user_id, None)
        else:
            self._due[user_id] = due
        if presence != watched.shown:
            watched.shown = presence
            self._bus.publish(PresenceChanged(user_id, presence))
        return presence


def _wrong(field_name: str, message: str) -> Invalid:
    return Invalid(f"{field_name}-invalid", message, data={"field": field_name})
