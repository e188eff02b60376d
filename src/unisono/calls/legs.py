"""One connection of a call: finding it, moving it, merging what is known about its party. Pure."""

from dataclasses import replace
from datetime import datetime

from unisono.calls.model import (
    Call,
    Cause,
    Connection,
    ConnectionId,
    ConnectionState,
    Hold,
    Party,
    PartyKind,
    Role,
)
from unisono.calls.transitions import Trigger, next_state

MOST_LEGS = 200
"""Connections of one call that are kept; a PBX that reports more has gone wrong."""
MOST_HOLDS = 200
MOST_DIGITS = 500
OUTSIDE = frozenset({PartyKind.EXTERNAL, PartyKind.UNKNOWN})
"""Parties of whose lines the PBX sees only a trunk."""
PERSONS = frozenset({PartyKind.EXTENSION, PartyKind.EXTERNAL, PartyKind.UNKNOWN, PartyKind.CONFERENCE})
"""Who answers a call for good: not a queue, a voicemail box, an announcement."""


def up(leg: Connection) -> bool:
    """Whether somebody is on this connection: not on one that only failed to reach its device.

    One of our own telephones that hears a tone is there until it is hung up.
    """
    if leg.state is not ConnectionState.FAIL:
        return leg.live
    return leg.party.kind is PartyKind.EXTENSION and (leg.role is Role.CALLER or leg.answered is not None)


def known(party: Party) -> bool:
    """Whether anything is known of this party."""
    return bool(party.device or party.number or party.name or party.restricted)


def fill(old: Party, new: Party) -> Party:
    """What is known of one party from two reports; the older one wins where both say something."""
    if not known(new):
        return old
    if not known(old):
        return new
    kind = old.kind if old.kind is not PartyKind.UNKNOWN else new.kind
    device, number = old.device or new.device, old.number or new.number
    name, restricted = old.name or new.name, old.restricted or new.restricted
    if (device, number, name, kind, restricted) == (old.device, old.number, old.name, old.kind, old.restricted):
        return old
    return replace(old, device=device, number=number, name=name, kind=kind, restricted=restricted)


def override(old: Party, new: Party) -> Party:
    """The same, but what the newer report says wins: a changed number has to be identified again."""
    if not known(new):
        return old
    merged = fill(replace(new, contact=None, canonical=""), old)
    if merged.number == old.number and merged.kind is old.kind:
        return replace(merged, canonical=old.canonical, contact=old.contact)
    return merged


def find(call: Call, device: str, party: Party | None = None) -> Connection | None:
    """The connection of this device: the live one, else the last one; else the live one of the same party outside."""
    leg = call.leg(device)
    if leg is not None or party is None:
        return leg
    for other in call.connections:
        if other.live and _same(other.party, party):
            return other
    return None


def _same(a: Party, b: Party) -> bool:
    if a.device and b.device:
        return a.device == b.device
    return bool(a.number) and a.number == b.number and a.kind in OUTSIDE and b.kind in OUTSIDE


def lone_outsider(call: Call) -> Connection | None:
    """The only live connection to the outside: what a PBX means that names it differently in every event."""
    outside = [leg for leg in call.connections if leg.live and leg.party.kind in OUTSIDE]
    return outside[0] if len(outside) == 1 else None


def caller(call: Call) -> Connection | None:
    """The calling party's connection."""
    for leg in call.connections:
        if leg.role is Role.CALLER:
            return leg
    return None


def put(call: Call, old: Connection | None, new: Connection) -> Call:
    """The call with `old` replaced, or with one connection more."""
    if old is None:
        return replace(call, connections=(*call.connections, new))
    if old is new:
        return call
    return replace(call, connections=tuple(new if leg is old else leg for leg in call.connections))


def earliest(a: datetime | None, b: datetime) -> datetime:
    """The earlier of two moments, one of which may be missing."""
    return b if a is None or b < a else a


def begun(id: ConnectionId, party: Party, role: Role, at: datetime) -> Connection:
    """A connection before its first state."""
    return Connection(id, party, ConnectionState.NULL, role, at)


def _last_change(leg: Connection) -> datetime:
    times = (leg.started, leg.rang, leg.answered, leg.ended)
    return max(time for time in times if time is not None)


def rings_anew(leg: Connection, trigger: Trigger, at: datetime) -> bool:
    """Whether a device rings again at the very moment at which it left: the clock has not moved on in between.

    A late report of its former ring would be of the moment at which that began.
    """
    began = leg.rang or leg.started
    return trigger is Trigger.DELIVERED and not leg.live and leg.ended == at and began < at


def moved(
    leg: Connection,
    trigger: Trigger,
    at: datetime,
    cause: Cause = Cause.NORMAL,
    local: ConnectionState | None = None,
) -> Connection | None:
    """The connection after the trigger, None if that cannot happen.

    `local`, the device's own word for its state, wins over the table.

    A report older than the connection's last change only fills in what happened earlier.
    """
    fresh = leg.ended is None and leg.state is ConnectionState.NULL
    late = at < _last_change(leg) or (not leg.live and at <= _last_change(leg))
    if not fresh and late and not rings_anew(leg, trigger, at):
        return _history(leg, trigger, at)
    state = local or next_state(leg.state, trigger)
    if state is None or (not fresh and not leg.live and trigger in (Trigger.HELD, Trigger.RETRIEVED)):
        return None
    if leg.state is state and not fresh:
        return _history(leg, trigger, at)
    if state is ConnectionState.NULL:
        return replace(leg, state=state, ended=at, cause=cause, permitted=None)
    times = _times(leg, trigger, state, at)
    cause = cause if state is ConnectionState.FAIL else leg.cause
    return replace(
        leg, state=state, cause=cause, permitted=None, ended=None, outcome=None, rang=times[0], answered=times[1]
    )


def _times(
    leg: Connection, trigger: Trigger, state: ConnectionState, at: datetime
) -> tuple[datetime | None, datetime | None]:
    rang, answered = leg.rang, leg.answered
    if state is ConnectionState.ALERTING and trigger is not Trigger.NETWORK_REACHED:
        rang = rang or at
    if trigger is Trigger.ESTABLISHED and leg.role is not Role.CALLER:
        answered = answered or at
    return rang, answered


def _history(leg: Connection, trigger: Trigger, at: datetime) -> Connection:
    if leg.role is Role.CALLER:
        return leg
    if trigger is Trigger.DELIVERED and at < (leg.rang or leg.answered or at):
        return replace(leg, rang=at, started=min(leg.started, at))
    if trigger is Trigger.DELIVERED and leg.rang is None and leg.answered is None:
        return replace(leg, rang=at)
    if trigger is Trigger.ESTABLISHED and leg.answered is None:
        return replace(leg, answered=max(at, leg.rang or at))
    return leg


def cleared(call: Call, leg: Connection, at: datetime, cause: Cause) -> Call:
    """The call after this connection is gone; its hold ends with it."""
    if not leg.live:
        return call
    at = max(at, _last_change(leg))
    cause = leg.cause if leg.state is ConnectionState.FAIL else cause
    after = replace(leg, state=ConnectionState.NULL, ended=at, cause=cause, permitted=None)
    return released(put(call, leg, after), leg.id.device, at)


def held(call: Call, device: str, at: datetime) -> Call:
    """The call with one more hold by this device, unless it has it on hold already."""
    if len(call.holds) >= MOST_HOLDS or any(hold.by == device and hold.until is None for hold in call.holds):
        return call
    return replace(call, holds=(*call.holds, Hold(device, at)))


def released(call: Call, device: str, at: datetime) -> Call:
    """The call with this device's hold over."""
    if not any(hold.by == device and hold.until is None for hold in call.holds):
        return call
    return replace(
        call,
        holds=tuple(
            replace(hold, until=max(at, hold.since)) if hold.by == device and hold.until is None else hold
            for hold in call.holds
        ),
    )
