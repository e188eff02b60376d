"""The event stream: which entries a fact of the rooms below touches, and who watches over the open windows."""

from collections import OrderedDict
from collections.abc import Collection, Iterable
from itertools import chain, takewhile

from unisono.calls.events import AnomaliesChanged, CallChanged, CapabilitiesChanged, DeviceChanged, LinkChanged
from unisono.calls.model import Call
from unisono.calls.port import LinkPhase
from unisono.journal.events import CountsChanged, JournalChanged
from unisono.people.events import PeopleChanged, PreferencesChanged, SessionsChanged
from unisono.permissions.events import GrantsChanged
from unisono.permissions.model import Viewer
from unisono.presence.events import PresenceChanged
from unisono.web import parts
from unisono.web.auth import viewer_of
from unisono.web.encode import Key
from unisono.web.hub import LATER_SECONDS, SLOTS, Hub
from unisono.web.interest import Interest
from unisono.web.journal_part import CountsPart, JournalPart, Recent
from unisono.web.metrics import Metrics
from unisono.web.services import Services
from unisono.web.window import PING, Window

ENDED_SECONDS = 15.0
"""How long an ended call stays in the state; clients keep it longer by themselves."""
PING_SECONDS = 20.0
SILENT_SECONDS = 60.0
"""A client that says nothing for so long, pings included, is gone."""
STUCK_SECONDS = 60.0
"""A client that takes nothing for so long is gone."""
TICK_SECONDS = 1.0
TOUCH_MOST = 2_000
"""With more entries than that at once everybody gets a snapshot."""
ENTRIES_MOST = 20_000
BURST = 10
"""Of changes that come together, so many are told at once: with more, as when the link to a PBX goes, no one is urgent."""


class Sync:
    """Turns facts into touched entries. Keep `run` running."""

    def __init__(self, services: Services, metrics: Metrics) -> None:
        self._people = services.people
        self._calls = services.calls
        self._clock = services.clock
        self._connectors = services.connectors
        self._metrics = metrics
        self._together = 0
        """Changes of presence, devices and lines since there was nothing to do."""
        self._ended: dict[str, float] = {}
        self._entries: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._links: dict[str, tuple[str, str]] = {}
        self._locations = services.locations
        self._sites = self._site_names()
        self._ldap = services.ldap
        self._limits = services.ldap.limits
        self.recent = Recent(services.journal, services.people)
        people, guard, calls = services.people, services.guard, services.calls
        self.interest = Interest(people)
        self._calls_part = parts.CallsPart(
            people, self.interest, guard, calls, services.journal, services.names, self._ended
        )
        self.hub = Hub(
            [
                parts.MePart(people, services.names),
                parts.PeoplePart(people, services.locations, guard),
                parts.PresencePart(people, guard, services.presence, services.names),
                parts.LinesPart(people, self.interest, guard, calls),
                self._calls_part,
                parts.LinksPart(guard, calls, self._link_names),
                CountsPart(self.recent),
                JournalPart(self.recent, services.names),
            ],
            metrics,
        )
        services.bus.subscribe(
            "stream",
            {
                PeopleChanged: self._people_changed,
                PreferencesChanged: self._preferences,
                SessionsChanged: self._sessions,
                GrantsChanged: self._grants,
                PresenceChanged: self._presence,
                CallChanged: self._call,
                DeviceChanged: self._device,
                CapabilitiesChanged: self._capabilities,
                LinkChanged: self._link,
                AnomaliesChanged: self._anomalies,
                JournalChanged: self._journal,
                CountsChanged: self._counts,
            },
            resync=self._resync,
            first=True,
            rest=self._rest,
        )

    async def send_later(self) -> None:
        """Send what had to wait. Ends by cancellation only."""
        hub = self.hub
        while True:
            await hub.left.wait()
            hub.left.clear()
            if not hub.busy:
                await hub.later()
                continue
            for slot in range(SLOTS):
                await self._clock.sleep(LATER_SECONDS)
                await hub.later(slot)

    async def run(self) -> None:
        """Pings, time limits, ended calls. Ends by cancellation only."""
        while True:
            await self._clock.sleep(TICK_SECONDS)
            now = self._clock.monotonic()
            self.hub.rest()
            await self._fade(now)
            await self._renamed_links()
            await self._renamed_sites()
            await self._limited_otherwise()
            for window in self.hub.of():
                self._watch(window, now)
            self._metrics.windows = sum(len(own) for own in self.hub.windows.values())
            for user_id in self.recent.spare(self.hub.windows):
                await self.hub.turn([user_id])

    # facts

    async def _resync(self) -> None:
        """Facts were lost: everybody starts again from a snapshot."""
        self.interest.update({*self.interest.known(), *(user.id for user in self._people.users())})
        self.recent.entries.clear()
        for viewer in self._viewers(list(self.hub.windows)):
            await self.recent.load(viewer)
        await self.hub.turn()

    async def _people_changed(self, fact: PeopleChanged) -> None:
        self.interest.update(fact.users)
        for window in self.hub.of(fact.users):
            user = self._people.user(window.viewer.user_id)
            if user is None or not user.active:
                window.close(4401, "account ended")
            else:
                window.viewer = viewer_of(user, window.viewer.scopes)
        for user_id in fact.users:
            self.recent.entries.pop(user_id, None)
        for viewer in self._viewers(fact.users & self.hub.windows.keys()):
            await self.recent.load(viewer)
        # Their snapshot must not be made of what was encoded before the change.
        self.hub.encoder.forget([*(("me", id) for id in fact.users), *self._keys_of(fact.users)])
        await self.hub.turn(fact.users)
        if all(self._people.line(id) for id in fact.lines):
            # A person's group or first line decides who sees all their lines.
            lines = {*fact.lines, *(line.id for id in fact.users for line in self._people.lines_of(id))}
            await self._touch_all([*self._keys_of(fact.users), *self._keys_in_sight(lines)])
        else:
            # Nobody knows any more which calls a line had that is gone.
            await self.hub.turn()

    async def _preferences(self, fact: PreferencesChanged) -> None:
        before = self.interest.favourites(fact.user_id)
        self.interest.update([fact.user_id])
        others = before ^ self.interest.favourites(fact.user_id)
        lines = (line.id for other in others for line in self._people.lines_of(other))
        keys = [("me", fact.user_id), *self._keys_in_sight(lines)]
        await self.hub.touch(keys, only=frozenset({fact.user_id}), revoke=True)

    async def _sessions(self, fact: SessionsChanged) -> None:
        for window in self.hub.of([fact.user_id]):
            window.check = True
            window.wake.set()

    async def _grants(self, fact: GrantsChanged) -> None:
        if not fact.owner_id or not fact.viewer_id:
            await self.hub.turn()
            return
        user = self._people.user(fact.owner_id)
        keys = [*self._keys_of([fact.owner_id]), *self._keys_in_sight(user.line_ids if user else ())]
        await self.hub.touch(keys, only=frozenset({fact.viewer_id}), revoke=True)

    async def _presence(self, fact: PresenceChanged) -> None:
        await self._touch_or_defer([("presence", fact.user_id)], near=self.interest.followers(fact.user_id))

    async def _call(self, fact: CallChanged) -> None:
        if not fact.call.live:
            self._ended[fact.call.id] = self._clock.monotonic() + ENDED_SECONDS
        await self._touch_call(fact.call)

    async def _device(self, fact: DeviceChanged) -> None:
        line = self._people.line_at(fact.connector, fact.device)
        if line:
            await self._touch_or_defer([("lines", line.id)], only=self.interest.audience(line))

    async def _capabilities(self, fact: CapabilitiesChanged) -> None:
        line = self._people.line_at(fact.connector, fact.device)
        if line:
            await self._touch_or_defer(self._keys_of_lines([line.id]), only=frozenset(line.user_ids))

    async def _link(self, fact: LinkChanged) -> None:
        known = self._link_names().get(fact.connector)
        if known:
            self._links[fact.connector] = known
        await self.hub.touch([("links", fact.connector)])
        if fact.state.phase in (LinkPhase.UP, LinkPhase.STOPPED):
            # What can be asked of its lines may be different now; only those who use them see that.
            for line in self._people.lines():
                if line.connector == fact.connector:
                    await self._touch_or_defer(self._keys_of_lines([line.id]), only=frozenset(line.user_ids))

    async def _anomalies(self, fact: AnomaliesChanged) -> None:
        admins = frozenset(user.id for user in self._people.users() if user.admin)
        await self.hub.touch([("links", fact.connector)], only=admins)

    async def _journal(self, fact: JournalChanged) -> None:
        entry = fact.entry
        line = self._people.line(entry.line_id)
        users = frozenset(line.user_ids if line else ())
        call_key = (entry.call_id, entry.line_id)
        if self._entries.get(call_key) != entry.id:
            # The call's own entry is part of how its line sees it.
            self._entries[call_key] = entry.id
            while len(self._entries) > ENTRIES_MOST:
                self._entries.popitem(last=False)
            await self.hub.touch([("calls", f"{entry.call_id}:{entry.line_id}")], only=users)
        owners = self.recent.people(entry)
        for user_id, keys in self.recent.note(entry, owners).items():
            await self.hub.touch(keys, only=frozenset({user_id}))
        await self._count(owners)

    async def _counts(self, fact: CountsChanged) -> None:
        await self._count((fact.user_id,))

    async def _count(self, user_ids: Iterable[str]) -> None:
        for user_id in self.recent.counted(id for id in user_ids if id in self.hub.windows):
            await self.hub.touch([("counts", user_id)], only=frozenset({user_id}))

    async def _touch_or_defer(
        self, keys: list[Key], *, only: Collection[str] | None = None, near: Collection[str] | None = None
    ) -> None:
        self._together += 1
        if self._together > BURST:
            self.hub.defer(keys, only)
        else:
            await self.hub.touch(keys, only=only, near=near)

    def _rest(self) -> None:
        self._together = 0
        self.hub.push()

    # what belongs together

    def _viewers(self, user_ids: Iterable[str]) -> list[Viewer]:
        return [viewer_of(user) for id in user_ids if (user := self._people.user(id)) is not None]

    def _keys_of(self, user_ids: Iterable[str]) -> list[Key]:
        return [(name, id) for id in user_ids for name in ("people", "presence")]

    def _keys_in_sight(self, line_ids: Iterable[str]) -> list[Key]:
        """Everything of these lines that somebody may have, calls that ended a moment ago too."""
        lines = frozenset(line_ids)
        if not lines:
            return []
        # Of calls that ended this very moment the fact may not have come yet.
        latest = takewhile(lambda call: call.id not in self._ended, reversed(list(self._calls.recently_ended())))
        shown = (call for id in self._ended if (call := self._calls.get(id)) is not None)
        ids = (id for call in chain(latest, shown) for id in self._calls_part.ids_of(call) if id.partition(":")[2] in lines)
        return [*self._keys_of_lines(lines), *(("calls", id) for id in ids)]

    def _keys_of_lines(self, line_ids: Iterable[str]) -> list[Key]:
        keys: list[Key] = []
        for id in line_ids:
            keys.append(("lines", id))
            line = self._people.line(id)
            if line is None:
                continue
            calls = self._calls.of_device(line.connector, line.device)
            keys += [("calls", f"{call.id}:{id}") for call in calls]
        return keys

    async def _touch_call(self, call: Call) -> None:
        """A call as its lines see it; then their other calls, for what can be asked about one depends on the others."""
        for device in dict.fromkeys(leg.id.device for leg in call.connections):
            line = self._people.line_at(call.connector, device)
            if line is None:
                continue
            await self.hub.touch([("calls", f"{call.id}:{line.id}")], only=self.interest.audience(line))
            others = self._calls.of_device(line.connector, line.device)
            keys = [("calls", f"{other.id}:{line.id}") for other in others if other.id != call.id]
            await self.hub.touch(keys, only=frozenset(line.user_ids))

    async def _touch_all(self, keys: list[Key]) -> None:
        if len(keys) > TOUCH_MOST:
            await self.hub.turn()
        else:
            await self.hub.touch(keys, revoke=True)

    # time

    async def _fade(self, now: float) -> None:
        for call_id in [id for id, until in self._ended.items() if until <= now]:
            call = self._calls.get(call_id)
            del self._ended[call_id]
            for id in self._calls_part.ids_of(call) if call else ():
                line = self._people.line(id.partition(":")[2])
                if line is not None:
                    await self.hub.touch([("calls", id)], only=self.interest.audience(line), later=True)

    async def _renamed_links(self) -> None:
        names = self._link_names()
        changed = [id for id in names.keys() | self._links.keys() if names.get(id) != self._links.get(id)]
        self._links = names
        await self.hub.touch([("links", id) for id in changed])

    async def _renamed_sites(self) -> None:
        """People carry the name of their location, and locations tell nobody when they change."""
        names = self._site_names()
        changed = {id for id in names.keys() | self._sites.keys() if names.get(id) != self._sites.get(id)}
        self._sites = names
        if changed:
            await self._touch_all([("people", user.id) for user in self._people.users() if user.location_id in changed])

    async def _limited_otherwise(self) -> None:
        """Profiles say under which names calls are seen, and tell nobody when they change."""
        if self._limits is not self._ldap.limits:
            self._limits = self._ldap.limits
            await self.hub.turn()

    def _site_names(self) -> dict[str, str]:
        return {id: location.name for id, location in self._locations.all().items()}

    def _link_names(self) -> dict[str, tuple[str, str]]:
        return {instance.id: (instance.name, instance.kind) for instance in self._connectors.instances()}

    def _watch(self, window: Window, now: float) -> None:
        if window.busy_since is not None and now - window.busy_since > STUCK_SECONDS:
            window.abort()
        elif now - window.heard > SILENT_SECONDS:
            window.close(4408, "silent")
        elif now - window.pinged >= PING_SECONDS:
            window.pinged = now
            window.offer(PING)
            window.wake.set()
