"""How parties leave and calls end: refused, diverted to others, cleared. Pure."""

from dataclasses import replace

from unisono.calls import correlate, legs, outcome
from unisono.calls.coming import caller_leg
from unisono.calls.draft import Draft, latest
from unisono.calls.impossible import Impossible, Why
from unisono.calls.model import (
    NOBODY,
    Call,
    Cause,
    Connection,
    ConnectionState,
    Party,
    PartyKind,
    Role,
    Transfer,
)
from unisono.calls.pbx_events import (
    CallCleared,
    ConnectionCleared,
    Diverted,
    Failed,
)
from unisono.calls.transitions import Trigger


def failed(draft: Draft, event: Failed) -> None:
    old = draft.get(event.connection.call)
    if old is not None and not old.live:
        return  # the busy tone after the other end has hung up
    call = draft.open(event.connection.call, event.calling, event.called, event.direction, revive=False)
    if call is None:
        return
    call = caller_leg(draft, call, event.calling, None)
    party = event.failing if legs.known(event.failing) else event.called
    call, _ = draft.move(call, event.connection, party, Trigger.FAILED)
    draft.end_if_over(call, alone=False)


def diverted(draft: Draft, event: Diverted) -> None:
    call = draft.get(event.connection.call)
    if call is None and legs.known(event.calling):
        call = draft.open(event.connection.call, event.calling, event.called, None, revive=False)
    if call is None or not call.live:
        return
    call = caller_leg(draft, call, event.calling, None)
    role = correlate.role(call, event.connection.device, event.diverting, Cause.NORMAL, None)
    old = call.leg(event.connection.device)
    if old is not None and not old.live:
        _bury_again(draft, old)
    call, leg = draft.move(call, event.connection, event.diverting, Trigger.DIVERTED, role=role)
    device = event.connection.device if leg is None else leg.id.device
    kind = correlate.diversion_kind(draft.head.cause, event.kind)
    to = event.new_destination.device or event.new_destination.number
    # Told by another monitor, too; but who talks again may give it away there again.
    back = old is not None and old.live and old.answered is not None
    known = not back and any(t.of == device and t.kind == kind and t.to == to for t in call.transfers)
    if kind and to and not known and len(call.transfers) < legs.MOST_LEGS:
        by = {"pickup": to, "cti-redirect": "cti"}.get(kind, device)
        diversion = Transfer(kind, by, to, draft.at, device, event.new_destination.kind)
        call = replace(call, transfers=(*call.transfers, diversion))
        call = replace(_with_role(call, to), redirecting=event.diverting if kind != "pickup" else call.redirecting)
    call = draft.put(legs.released(call, device, draft.at))
    if event.new_destination.kind is PartyKind.EXTERNAL:
        draft.end_if_over(call, alone=True)


def _with_role(call: Call, device: str) -> Call:
    """The call with the role of who was diverted to set right, where its ring was reported before the diversion."""
    leg = call.leg(device)
    if leg is None or not leg.live or leg.role is not Role.CALLEE:
        return call
    role = correlate.role(call, device, leg.party, Cause.NORMAL, None)
    return legs.put(call, leg, replace(leg, role=role))


def connection_cleared(draft: Draft, event: ConnectionCleared) -> None:
    call = draft.get(event.connection.call)
    if call is None:
        draft.bury(event.connection.call, event.connection.device)
        return
    if not call.live:
        return
    leg = legs.find(call, event.connection.device, event.releasing)
    if leg is None and draft.head.device not in ("", event.connection.device) and event.releasing.kind in legs.OUTSIDE:
        leg = legs.lone_outsider(call)
    if leg is None:
        draft.bury(event.connection.call, event.connection.device)
        return
    if not leg.live:
        _bury_again(draft, leg)
        return
    if draft.at < leg.started:
        return
    cause = _cause(call, leg, event.releasing, draft.head.cause)
    call = _leaving(draft, call, leg, event.releasing, cause)
    call = draft.put(legs.cleared(call, leg, draft.at, cause))
    draft.end_if_over(call, alone=cause not in correlate.ONWARD)


def _cause(call: Call, leg: Connection, releasing: Party, told: Cause) -> Cause:
    """Why a party leaves: who hangs up a telephone that rings rejects the call, also where the PBX calls it normal.

    A telephone that stops ringing because another one has answered rejects nothing.
    """
    since = leg.rang or leg.started
    if any(other.answered is not None and other.answered >= since for other in call.connections if other is not leg):
        return told
    ringing = leg.state is ConnectionState.ALERTING and leg.role is not Role.CALLER
    own = releasing.device in (leg.id.device, leg.party.device) and bool(releasing.device)
    return Cause.REJECTED if ringing and own and told in (Cause.NORMAL, Cause.NORMAL_CLEARING) else told


def _bury_again(draft: Draft, leg: Connection) -> None:
    """Remember that a device has left a second time; at the same moment it is the same leaving, told by another monitor."""
    if leg.ended is None or draft.at > leg.ended:
        draft.bury(leg.id.call, leg.id.device)


def _leaving(draft: Draft, call: Call, leg: Connection, releasing: Party, cause: Cause) -> Call:
    """The call with `ended_by` set if this party's leaving leaves nobody to talk to."""
    others = [other for other in call.connections if other.live and other is not leg]
    if sum(other.state is not ConnectionState.FAIL for other in others) > 1:
        return call
    by = outcome.ender(call, leg, releasing, cause)
    told = legs.known(releasing) and by not in ("", "pbx")
    if by and (not call.ended_by or (call.ended_by == "pbx" and told)):
        return draft.put(replace(call, ended_by=by))
    return call


def call_cleared(draft: Draft, event: CallCleared) -> None:
    call = draft.get(event.call)
    if call is None:
        draft.bury(event.call)
        return
    if not call.live or call.native != event.call:
        return  # over already, or the old name of a call that lives on after a transfer
    if draft.at < call.started:
        draft.impossible(Impossible(Why.BEFORE_BEGIN, call=event.call))
        return
    by = call.ended_by
    source = legs.caller(call)
    if not by and source is not None:
        by = outcome.ender(call, source, NOBODY, draft.head.cause) if call.answered is None else ""
    draft.end(call, by, draft.head.cause, latest(call, draft.at))
