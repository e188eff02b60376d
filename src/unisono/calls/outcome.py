"""What became of each party's part and of the whole call. Pure; told from the call alone, so that it can be asked anew.

An unanswered ring is not missed by itself: it may have been answered elsewhere, picked up, deflected or forwarded, and the
event that says so may come later than the end of the ring (an Asterisk that redirects looks like a caller who gave up).
So outcomes are asked again whenever the call changes.
"""

from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from unisono.calls.legs import PERSONS, caller
from unisono.calls.model import (
    Call,
    Cause,
    Connection,
    ConnectionState,
    Direction,
    LegOutcome,
    Party,
    PartyKind,
    Result,
    Role,
)

_TOGETHER = timedelta(seconds=1)
"""A ring that stopped at most this long before the answer stopped because of it."""
OUT_OF_SIGHT = "forward"
"""`Call.ended_by` of a call that was diverted to where none of our monitors hears."""
_UNREACHABLE = frozenset(
    {Cause.OUT_OF_SERVICE, Cause.DESTINATION_NOT_OBTAINABLE, Cause.INVALID_NUMBER, Cause.NETWORK_CONGESTION}
)
_PBX_GAVE_UP = _UNREACHABLE | {Cause.BUSY, Cause.DO_NOT_DISTURB, Cause.CALL_NOT_ANSWERED}
_BY_CAUSE = {
    Cause.REJECTED: LegOutcome.REJECTED,
    Cause.DO_NOT_DISTURB: LegOutcome.MISSED_DND,
    Cause.ANSWERED_ELSEWHERE: LegOutcome.ANSWERED_ELSEWHERE,
    Cause.CALL_PICKUP: LegOutcome.PICKED_UP_ELSEWHERE,
    **dict.fromkeys(_UNREACHABLE, LegOutcome.MISSED_UNREACHABLE),
}
_MOVED = {"blind", "attended", "attended-ringing", "cti-redirect"}
_RESULTS = (
    (LegOutcome.MISSED, Result.MISSED),
    (LegOutcome.MISSED_QUEUE, Result.MISSED),
    (LegOutcome.REJECTED, Result.REJECTED),
    (LegOutcome.BUSY, Result.BUSY),
    (LegOutcome.MISSED_DND, Result.REFUSED_DND),
    (LegOutcome.MISSED_UNREACHABLE, Result.UNREACHABLE),
)
_CALLERS = {
    Result.ANSWERED: LegOutcome.ANSWERED,
    Result.MISSED: LegOutcome.MISSED,
    Result.REJECTED: LegOutcome.REJECTED,
    Result.BUSY: LegOutcome.BUSY,
    Result.VOICEMAIL: LegOutcome.MISSED_VOICEMAIL,
    Result.ABANDONED: LegOutcome.MISSED_QUEUE,
    Result.UNREACHABLE: LegOutcome.MISSED_UNREACHABLE,
    Result.REFUSED_DND: LegOutcome.MISSED_DND,
    Result.FORWARDED: LegOutcome.FORWARDED,
    Result.TRANSFERRED_WHILE_RINGING: LegOutcome.TRANSFERRED,
}


def leg_outcome(call: Call, leg: Connection) -> LegOutcome | None:
    """What became of one party that has left; None: still there, or there is nothing to say (a feature code, lost sight)."""
    if leg.live or call.direction is Direction.FEATURE:
        return None
    if leg.answered is not None:
        return LegOutcome.TRANSFERRED if _moved_on(call, leg) else LegOutcome.ANSWERED
    if leg.role is Role.CALLER:
        return _caller_outcome(call, leg)
    if leg.cause is Cause.LOST_SIGHT:
        return None
    return _diverted(call, leg) or _unanswered(call, leg)


def _caller_outcome(call: Call, leg: Connection) -> LegOutcome | None:
    if _moved_on(call, leg):
        return LegOutcome.TRANSFERRED
    if call.placed is None and call.by_cti and call.rang is None:
        return LegOutcome.OWN_PHONE_NOT_ANSWERED
    result = None if call.live else call_result(call)
    return None if result is None else _CALLERS.get(result)


def _moved_on(call: Call, leg: Connection) -> bool:
    device = leg.id.device
    return any(t.kind in _MOVED and device in (t.by, t.of) for t in call.transfers)


def _diverted(call: Call, leg: Connection) -> LegOutcome | None:
    device = leg.id.device
    for transfer in reversed(call.transfers):
        if transfer.of != device:
            continue
        if transfer.kind == "pickup":
            return LegOutcome.PICKED_UP_ELSEWHERE
        if transfer.kind in ("forward", "302"):
            return LegOutcome.MISSED_VOICEMAIL if _left_message(call) and leg.rang else LegOutcome.FORWARDED
        return LegOutcome.DEFLECTED
    return None


def _unanswered(call: Call, leg: Connection) -> LegOutcome | None:
    if call.ended_by == "transfer" and leg.cause is Cause.TRANSFER:
        return LegOutcome.RINGING_CONTINUES_AS_TRANSFER
    if leg.cause is Cause.BUSY:
        return LegOutcome.REJECTED if leg.rang else LegOutcome.BUSY
    if leg.cause in _BY_CAUSE:
        return _BY_CAUSE[leg.cause]
    if leg.rang is None:
        return None
    if _answered_meanwhile(call, leg):
        return LegOutcome.ANSWERED_ELSEWHERE
    if _left_message(call):
        return LegOutcome.MISSED_VOICEMAIL
    return LegOutcome.MISSED_QUEUE if leg.role is Role.QUEUE_MEMBER else LegOutcome.MISSED


def _answered_meanwhile(call: Call, leg: Connection) -> bool:
    if leg.cause is Cause.CALL_NOT_ANSWERED or leg.ended is None:
        return False
    for other in call.connections:
        if other is leg or other.answered is None or other.party.kind not in PERSONS or other.role is Role.CALLER:
            continue
        if leg.ended >= other.answered - _TOGETHER and (leg.rang or leg.ended) <= other.answered:
            return True
    return False


def _left_message(call: Call) -> bool:
    if call.ended_by == OUT_OF_SIGHT and call.transfers and call.transfers[-1].to_kind is PartyKind.VOICEMAIL:
        return True
    return any(leg.party.kind is PartyKind.VOICEMAIL and leg.answered for leg in call.connections)


def call_result(call: Call) -> Result:
    """What became of a call that has ended."""
    if call.direction is Direction.FEATURE:
        return Result.FEATURE_CODE
    if call.cause is Cause.LOST_SIGHT:
        return Result.LOST_SIGHT
    if call.answered is not None:
        return Result.ANSWERED
    if call.ended_by == "transfer":
        return Result.TRANSFERRED_WHILE_RINGING
    if _left_message(call):
        return Result.VOICEMAIL
    if call.ended_by == OUT_OF_SIGHT:
        return Result.FORWARDED
    return _unanswered_result(call)


def _unanswered_result(call: Call) -> Result:
    source = caller(call)
    others = [leg for leg in call.connections if leg.role is not Role.CALLER]
    if call.placed is None and not others:
        return Result.NOT_PLACED
    if call.queue is not None and source is not None and call.ended_by in ("external", source.id.device):
        return Result.ABANDONED
    outcomes = {leg_outcome(call, leg) for leg in others}
    for outcome, result in _RESULTS:
        if outcome in outcomes:
            return result
    return _result_by_cause({call.cause} if source is None else {call.cause, source.cause})


def _result_by_cause(causes: set[Cause]) -> Result:
    if Cause.BUSY in causes:
        return Result.BUSY
    if Cause.DO_NOT_DISTURB in causes:
        return Result.REFUSED_DND
    if Cause.REJECTED in causes:
        return Result.REJECTED
    return Result.UNREACHABLE if causes & _UNREACHABLE else Result.MISSED


def ender(call: Call, leg: Connection, releasing: Party, cause: Cause) -> str:
    """Who ends the call by leaving as the first: `Call.ended_by` at the moment `leg` goes; empty: this leg does not count.

    An unanswered ring that stops by itself was ended by the PBX, unless the caller gave up or its user refused.
    """
    if releasing.kind is PartyKind.SERVICE:
        return "pbx"
    if releasing.device or releasing.number:
        return name(releasing, releasing.device or leg.id.device)
    if leg.party.kind not in PERSONS:
        return ""
    source = caller(call)
    if call.answered is None and cause is Cause.CALL_CANCELLED:
        return "pbx" if source is None else name(source.party, source.id.device)
    if call.answered is not None:
        return name(leg.party, leg.id.device)
    return _unanswered_ender(call, leg, cause)


def _unanswered_ender(call: Call, leg: Connection, cause: Cause) -> str:
    gone = replace(leg, state=ConnectionState.NULL, cause=cause)
    if leg.role is not Role.CALLER:
        return name(leg.party, leg.id.device) if leg_outcome(call, gone) is LegOutcome.REJECTED else "pbx"
    others = [other for other in call.connections if other is not leg]
    if not others or any(other.live and other.state is not ConnectionState.FAIL for other in others):
        return name(leg.party, leg.id.device)
    for other in others:
        if leg_outcome(call, replace(other, state=ConnectionState.NULL)) is LegOutcome.REJECTED:
            return name(other.party, other.id.device)
    refused = any(other.cause in _PBX_GAVE_UP for other in others)
    return "pbx" if refused else name(leg.party, leg.id.device)


def name(party: Party, device: str) -> str:
    """How `Call.ended_by` calls a party."""
    return "external" if party.kind in (PartyKind.EXTERNAL, PartyKind.UNKNOWN) else device


def settled(call: Call) -> Call:
    """The call with its times in order, the outcomes of those who left, and its result once it has ended."""
    legs = tuple(_with_outcome(call, _in_time(leg)) for leg in call.connections)
    if any(a is not b for a, b in zip(legs, call.connections, strict=True)):
        call = replace(call, connections=legs)
    call = _in_time(call)
    if call.ended is None:
        return call
    result = call_result(call)
    return call if call.result is result else replace(call, result=result)


Timed = TypeVar("Timed", Call, Connection)


def _in_time(timed: Timed) -> Timed:
    """Reports that came late may tell of a start after the ring, or a ring after the answer: the earlier moment counts."""
    started, rang, answered, ended = timed.started, timed.rang, timed.answered, timed.ended
    if ended is not None:
        answered = answered and min(answered, ended)
        rang = rang and min(rang, ended)
        started = min(started, ended)
    if answered is not None:
        rang = rang and min(rang, answered)
        started = min(started, answered)
    if rang is not None:
        started = min(started, rang)
    if (started, rang, answered) == (timed.started, timed.rang, timed.answered):
        return timed
    return replace(timed, started=started, rang=rang, answered=answered)


def _with_outcome(call: Call, leg: Connection) -> Connection:
    if leg.live:
        return leg
    outcome = leg_outcome(call, leg)
    return leg if leg.outcome is outcome else replace(leg, outcome=outcome)
