"""The changes of one step while it is being made: reads from the picture, writes to itself. Pure seen from outside."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from unisono.calls import correlate, legs, outcome
from unisono.calls.impossible import Impossible, Why
from unisono.calls.model import (
    NOBODY,
    Call,
    Cause,
    Connection,
    ConnectionId,
    ConnectionState,
    Direction,
    Party,
    PartyKind,
    Role,
)
from unisono.calls.pbx_events import Head
from unisono.calls.picture import CallKey, Grave, Picture, Step, Watch
from unisono.calls.transitions import Trigger


class Draft:
    """What one event does to the picture; `step()` is the result."""

    def __init__(self, picture: Picture, head: Head, new_id: Callable[[], str]) -> None:
        self.picture = picture
        self.head = head
        self.at = head.at
        self._new_id = new_id
        self._changed: dict[str, Call] = {}
        self._aliases: dict[CallKey, str] = {}
        self._graves: list[tuple[Grave, datetime]] = []
        self._anomalies: list[Impossible] = []
        self._watches: dict[str, Watch] = {}

    def step(self) -> Step:
        """What changed, with outcomes and results settled."""
        changed = []
        for call_id, call in self._changed.items():
            after = outcome.settled(call)
            if after != self.picture.get(call_id):
                changed.append(after)
        watches = tuple((call_id, watch) for call_id, watch in self._watches.items() if self._watchable(call_id, watch))
        aliases = tuple(self._aliases.items())
        return Step(tuple(changed), tuple(self._anomalies), aliases, tuple(self._graves), watches)

    def _watchable(self, call_id: str, watch: Watch) -> bool:
        call = self.by_id(call_id)
        return call is not None and (call.live or watch.over) and watch != self.picture.watch(call_id)

    def impossible(self, found: Impossible) -> None:
        """Count an anomaly."""
        self._anomalies.append(found)

    def get(self, native: str) -> Call | None:
        """The call of this native identifier as it is by now."""
        call_id = self._aliases.get((self.head.connector, native)) or self.picture.id_of((self.head.connector, native))
        return None if call_id is None else self.by_id(call_id)

    def by_id(self, call_id: str) -> Call | None:
        """The call with our identifier as it is by now."""
        return self._changed.get(call_id) or self.picture.get(call_id)

    def live(self, native: str, what: str = "") -> Call | None:
        """The same if it is up; for a call never heard of an anomaly that says `what` (empty: that is no wonder)."""
        call = self.get(native)
        if call is None and what:
            self.impossible(Impossible(Why.UNKNOWN_CALL, what, native))
        return call if call is not None and call.live else None

    def put(self, call: Call) -> Call:
        """Take a changed call."""
        if self.by_id(call.id) is not call:
            self._changed[call.id] = call
        return call

    def watch(self, call: Call) -> Watch | None:
        """Who watches the call as it is by now."""
        return self._watches.get(call.id) or self.picture.watch(call.id)

    def watched(self, call: Call, watch: Watch) -> None:
        """From now on the call is watched so."""
        self._watches[call.id] = watch

    def name(self, native: str, call: Call) -> None:
        """From now on this native identifier means this call."""
        if native:
            self._aliases[(self.head.connector, native)] = call.id

    def bury(self, native: str, device: str = "") -> None:
        """Remember that this is over, although nothing was heard of it before."""
        self._graves.append(((self.head.connector, native, device), self.at))

    def open(
        self, native: str, calling: Party, called: Party, direction: Direction | None, *, revive: bool
    ) -> Call | None:
        """The call an event is about, begun if it is new; None: the event comes too late.

        A PBX may use an identifier again: an event later than the old call's end begins a new one if `revive`.
        """
        call = self.get(native)
        if call is not None and call.ended is not None:
            if self.at <= call.ended:
                return None
            if not revive and not self._only_unseen(call):
                self.impossible(Impossible(Why.AFTER_END, call=native))
                return None
            return self._begin(native, calling, called, direction, call)
        if call is not None:
            return self._known(call, calling, called, direction)
        buried = self.picture.grave((self.head.connector, native, ""))
        if buried is not None and self.at <= buried:
            self.impossible(Impossible(Why.AFTER_CLEARED, call=native))
            return None
        return self._begin(native, calling, called, direction, None)

    def _only_unseen(self, call: Call) -> bool:
        """Whether the call's end was only concluded: it may come into sight again."""
        watch = self.picture.watch(call.id)
        return call.cause is Cause.LOST_SIGHT or (watch is not None and watch.over)

    def _begin(
        self, native: str, calling: Party, called: Party, direction: Direction | None, former: Call | None
    ) -> Call:
        calling, called = self.seen(calling), self.seen(called)
        call_id = self._new_id()
        call = Call(
            id=call_id,
            connector=self.head.connector,
            native=native,
            tracker=former.tracker if former is not None else call_id,
            direction=direction or correlate.direction(calling, called),
            calling=calling,
            called=called,
            started=self.at,
        )
        self.name(native, call)
        return self.put(call)

    def _known(self, call: Call, calling: Party, called: Party, direction: Direction | None) -> Call:
        after = call
        if calling is not NOBODY or called is not NOBODY:
            calling, called = legs.fill(call.calling, self.seen(calling)), legs.fill(call.called, self.seen(called))
            if calling is not call.calling or called is not call.called:
                after = replace(after, calling=calling, called=called)
        if self.at < after.started:
            after = replace(after, started=self.at)
        after = replace(after, direction=direction) if direction not in (None, after.direction) else after
        return self.put(after if direction else redirected(call, after))

    def seen(self, party: Party) -> Party:
        """A party; the device whose monitor reports is one of ours."""
        if party.kind is PartyKind.UNKNOWN and party.device and party.device == self.head.device:
            return replace(party, kind=PartyKind.EXTENSION)
        return party

    def join_tracker(self, call: Call, device: str, consultation_of: str = "") -> Call:
        """The call as a consultation of another one of this device, if it is one."""
        if call.consultation:
            return call
        other = self.live(consultation_of) if consultation_of else None
        if other is None:
            calls = self.picture.of_device(call.connector, device)
            other = correlate.consulted(calls, call.native, self.head.cause)
        if other is None or other.id == call.id:
            return call
        return self.put(replace(call, tracker=other.tracker, consultation=True))

    def move(
        self,
        call: Call,
        id: ConnectionId,
        party: Party,
        trigger: Trigger,
        *,
        role: Role | None = None,
        queue: Party | None = None,
    ) -> tuple[Call, Connection | None]:
        """Move one connection, made if it is new; returns it, or None where that cannot happen or is over already."""
        party = self.seen(party)
        old = legs.find(call, id.device, party)
        if old is not None and self._again(old, role, trigger):
            old = None
        leg = self._named(old, party) if old is not None else self._new_leg(call, id, party, role, queue)
        if leg is None:
            return call, None
        local = self.head.local if self.head.device == id.device else None
        if local is ConnectionState.ALERTING and leg.role is Role.CALLER:
            local = ConnectionState.INITIATED  # the own phone rings first: it is not called
        after = legs.moved(leg, trigger, self.at, self.head.cause, local)
        if after is None:
            self.impossible(Impossible(Why.STATE, trigger, id.call, id.device, leg.state))
            return call, None
        after = self._permitted(self.buried(after, id), id)
        changed = legs.put(call, old, after)
        return self.put(redirected(call, changed) if changed is not call else call), after

    def _new_leg(
        self, call: Call, id: ConnectionId, party: Party, role: Role | None, queue: Party | None
    ) -> Connection | None:
        if len(call.connections) >= legs.MOST_LEGS:
            self.impossible(Impossible(Why.TOO_MANY_CONNECTIONS, call=call.native))
            return None
        return legs.begun(id, party, role or correlate.role(call, id.device, party, self.head.cause, queue), self.at)

    def _permitted(self, leg: Connection, id: ConnectionId) -> Connection:
        permitted = self.head.permitted
        if permitted is None or self.head.device != id.device or not leg.live or leg.permitted == permitted:
            return leg
        return replace(leg, permitted=permitted)

    def _again(self, old: Connection, role: Role | None, trigger: Trigger) -> bool:
        """Whether the device, having left after a conversation, comes into the call again.

        A ring that begins again is the same connection: a queue may ring a member a hundred times.
        """
        later = old.ended is not None and self.at > old.ended
        left = not old.live and (later or legs.rings_anew(old, trigger, self.at))
        return left and (old.answered is not None or (old.role is Role.CALLER) != (role is Role.CALLER))

    def _named(self, leg: Connection, party: Party) -> Connection:
        merged = legs.fill(leg.party, party)
        return leg if merged is leg.party else replace(leg, party=merged)

    def buried(self, leg: Connection, id: ConnectionId) -> Connection:
        """The connection, over already if that was told before its beginning."""
        buried = self.picture.grave((self.head.connector, id.call, id.device)) if leg.live else None
        if buried is None or buried < self.at:
            return leg
        return replace(leg, state=ConnectionState.NULL, ended=buried)

    def end(self, call: Call, by: str, cause: Cause, at: datetime | None = None) -> Call:
        """End the call with all its connections."""
        at = latest(call, at or self.at)
        for leg in call.connections:
            if leg.live:
                call = legs.cleared(call, leg, at, cause)
        return self.put(replace(call, ended=at, ended_by=call.ended_by or by or "pbx", cause=cause))

    def end_if_over(self, call: Call, *, alone: bool) -> Call:
        """End the call if nobody is in it any more; `alone`: also if only one party is.

        Where each device is monitored by itself, the last report is that of our own line leaving: who remains is seen by
        nobody. Where the PBX has one stream for all, the end of the last connection is told.
        """
        if not call.live:
            return call
        up = [leg for leg in call.connections if legs.up(leg)]
        if up and not (alone and self.head.device and len(up) < 2):
            return call
        if not call.connections:
            return call
        cause = self.head.cause
        last = max((leg.ended for leg in call.connections if leg.ended is not None), default=self.at)
        if up:
            self.watched(call, Watch(left=last, over=True))
        return self.end(call, "", cause, last)


def latest(call: Call, at: datetime) -> datetime:
    """The moment, but not before anything that happened in the call."""
    times = [at, call.started]
    for leg in call.connections:
        times += [time for time in (leg.rang, leg.answered, leg.ended) if time is not None]
    return max(times)


def redirected(before: Call, after: Call) -> Call:
    """The call with its direction looked at again, if it was told from what was known before and more is known now."""
    told = correlate.direction(before.calling, before.called)
    if before.direction is not told and before.direction is not correlate.direction(
        before.calling, before.called, correlate.far_kind(before)
    ):
        return after
    now = correlate.direction(after.calling, after.called, correlate.far_kind(after))
    return after if after.direction is now else replace(after, direction=now)
