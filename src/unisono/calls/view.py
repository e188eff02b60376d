"""A call as one line sees it: its state in one word, who is at the other end, since when. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from unisono.calls.legs import fill, known
from unisono.calls.model import (
    Call,
    Cause,
    Connection,
    ConnectionState,
    Direction,
    LegOutcome,
    Party,
    PartyKind,
    Role,
)


class LineState(StrEnum):
    """The words of the client interface, `LineCall.state`."""

    INITIATED = "initiated"
    DIALING = "dialing"
    RINGBACK = "ringback"
    OFFERING = "offering"
    CONNECTED = "connected"
    HOLD = "hold"
    HELD_BY_OTHER = "held-by-other"
    CONFERENCED = "conferenced"
    QUEUED = "queued"
    BUSY = "busy"
    FAILED = "failed"
    ENDED = "ended"


TALKING = frozenset({LineState.CONNECTED, LineState.HOLD, LineState.HELD_BY_OTHER, LineState.CONFERENCED})
"""States in which the line has somebody to talk to."""


@dataclass(frozen=True, slots=True)
class LineView:
    """One line's part in one call."""

    call: Call
    device: str
    state: LineState
    since: datetime
    """When this state began."""
    remote: Party
    parties: tuple[Party, ...]
    """Everybody else who is in the call now."""
    role: Role
    outgoing: bool
    """Whether this line made the call (or took over one that was made)."""
    started: datetime
    rang: datetime | None
    answered: datetime | None
    ended: datetime | None
    outcome: LegOutcome | None
    cause: Cause
    parked_at: str
    """The place where this line parked the call, as it is dialled, while it waits there for somebody to fetch it."""
    returned: bool
    """It rings here again after this line has talked and given it away: nobody took it there."""


def line_view(call: Call, device: str) -> LineView | None:
    """What this device sees of the call; None if it never had a part in it."""
    leg = call.leg(device)
    if leg is None:
        return None
    others = tuple(other for other in call.connections if other.id.device != device)
    state = line_state(call, leg, others)
    return LineView(
        call=call,
        device=device,
        state=state,
        since=_since(call, leg, others, state),
        remote=_remote(call, leg, others, state),
        parties=tuple(other.party for other in others if other.live),
        role=leg.role,
        outgoing=leg.role is Role.CALLER,
        started=leg.started,
        rang=leg.rang,
        answered=leg.answered,
        ended=leg.ended,
        outcome=leg.outcome,
        cause=leg.cause if leg.cause is not Cause.NORMAL else call.cause,
        parked_at=_parked_at(call, device),
        returned=state is LineState.OFFERING and _gave_away(call, device),
    )


def _gave_away(call: Call, device: str) -> bool:
    talked = any(leg.id.device == device and leg.answered is not None for leg in call.connections)
    return talked and any(device in (transfer.by, transfer.of) for transfer in call.transfers)


_TALKS = frozenset({ConnectionState.CONNECTED, ConnectionState.HOLD})
_OWN = {
    ConnectionState.NULL: LineState.ENDED,
    ConnectionState.INITIATED: LineState.INITIATED,
    ConnectionState.ALERTING: LineState.OFFERING,
    ConnectionState.HOLD: LineState.HOLD,
    ConnectionState.QUEUED: LineState.QUEUED,
}


def line_state(call: Call, leg: Connection, others: tuple[Connection, ...]) -> LineState:
    """The state of the call for one of its connections."""
    if leg.state in _OWN:
        return _OWN[leg.state]
    if leg.state is ConnectionState.FAIL:
        return _failure(leg.cause)
    talking = [other for other in others if other.state in _TALKS]
    if call.direction is Direction.CONFERENCE or len(talking) > 1:
        return LineState.CONFERENCED
    if talking:
        return LineState.HELD_BY_OTHER if talking[0].state is ConnectionState.HOLD else LineState.CONNECTED
    return _alone(leg, others)


def _alone(leg: Connection, others: tuple[Connection, ...]) -> LineState:
    """The state of a connected line while nobody else is."""
    states = {other.state for other in others}
    if ConnectionState.QUEUED in states:
        return LineState.QUEUED
    if leg.answered is not None:
        return LineState.CONNECTED
    if ConnectionState.ALERTING in states:
        return LineState.RINGBACK
    failed = [other for other in others if other.state is ConnectionState.FAIL]
    if failed:
        return _failure(failed[-1].cause)
    return LineState.DIALING if leg.role is Role.CALLER else LineState.CONNECTED


def _failure(cause: Cause) -> LineState:
    return LineState.BUSY if cause in (Cause.BUSY, Cause.REJECTED, Cause.DO_NOT_DISTURB) else LineState.FAILED


def _since(call: Call, leg: Connection, others: tuple[Connection, ...], state: LineState) -> datetime:
    if state is LineState.ENDED:
        return leg.ended or call.ended or leg.started
    if state is LineState.OFFERING:
        return leg.rang or leg.started
    if state in (LineState.HOLD, LineState.HELD_BY_OTHER):
        return max((hold.since for hold in call.holds if hold.until is None), default=leg.answered or leg.started)
    if state is LineState.RINGBACK:
        rings = [other.rang or other.started for other in others if other.state is ConnectionState.ALERTING]
        return max(rings, default=leg.started)
    if state in (LineState.CONNECTED, LineState.CONFERENCED):
        return leg.answered or call.answered or leg.started
    if state in (LineState.BUSY, LineState.FAILED):
        return max((other.started for other in others if other.state is ConnectionState.FAIL), default=leg.started)
    if state is LineState.QUEUED:
        return min((other.started for other in others if other.state is ConnectionState.QUEUED), default=leg.started)
    return call.placed or leg.started


def _parked_at(call: Call, device: str) -> str:
    last = next((transfer for transfer in reversed(call.transfers) if transfer.to_kind is PartyKind.PARK), None)
    if last is None or last.by != device or not call.live:
        return ""
    here = (leg for leg in call.connections if leg.live and leg.party.kind is not PartyKind.PARK)
    if any(leg.id.device == device or leg.started >= last.at for leg in here):
        return ""  # fetched
    return last.to.rpartition(":")[2]  # Asterisk says park:71, and 71 is dialled


def _remote(call: Call, leg: Connection, others: tuple[Connection, ...], state: LineState) -> Party:
    """The party at the other end: who talks; else who rings or rang; for a caller that is who was dialled."""
    if state is LineState.QUEUED and leg.role is Role.CALLER and call.queue is not None:
        return call.queue
    found = _other_end(leg, others)
    if found is None:
        return call.called if leg.role is Role.CALLER else call.calling
    if found.role is Role.CALLER:
        return fill(found.party, call.calling) if known(found.party) else call.calling
    ringing = [other for other in others if other.state is ConnectionState.ALERTING]
    if leg.role is Role.CALLER and leg.answered is None and (len(ringing) > 1 or not found.party.number):
        return call.called
    return found.party if found.party.number or found.party.name or found.party.restricted else call.called


def _other_end(leg: Connection, others: tuple[Connection, ...]) -> Connection | None:
    """The connection of who is, or was last, at the other end."""
    best, best_rank = None, ((-1, False, False), leg.started)
    for other in others:
        if other.ended is not None and other.ended < leg.started:
            continue
        rank = _rank(leg, other), other.answered or other.started
        if rank > best_rank:
            best, best_rank = other, rank
    return best


def _rank(leg: Connection, other: Connection) -> tuple[int, bool, bool]:
    """Who is there counts most, then who talked or made the call, then who is outside."""
    stayed = leg.ended is not None and other.ended is not None and other.ended >= leg.ended
    there = 2 if other.state in _TALKS else 1 if other.live or stayed else 0
    talked = other.answered is not None if leg.answered is not None else other.role is Role.CALLER
    return there, talked, other.party.kind is PartyKind.EXTERNAL
