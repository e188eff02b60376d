"""Two calls become one: transfers, conferences, a native call that continues under another one's name. Pure."""

from dataclasses import replace

from unisono.calls import legs, unwatched
from unisono.calls.draft import Draft
from unisono.calls.impossible import Impossible, Why
from unisono.calls.model import (
    Call,
    Cause,
    Connection,
    ConnectionId,
    ConnectionState,
    Direction,
    Party,
    PartyKind,
    Role,
    Transfer,
)
from unisono.calls.pbx_events import Conferenced, Moved, Transferred

_RINGS = {"attended": "attended-ringing"}


def transferred(draft: Draft, event: Transferred) -> None:
    """The transferring device leaves; the other parties of the second call, if there is one, join the first."""
    by = event.primary.device
    call, second = _pair(draft, event.primary, event.secondary)
    if call is None:
        draft.impossible(Impossible(Why.UNKNOWN_CALL, "Transferred", event.primary.call))
        return
    leg = call.leg(by)
    target = _target(event.transferred_to, second, by)
    to = event.transferred_to.device or event.transferred_to.number or (target.id.device if target else "")
    if leg is None or not leg.live:
        if any(t.by == by and t.to == to for t in call.transfers):
            return  # told by another party's monitor before
        draft.bury(event.primary.call, by)
    ringing = second is not None and target is not None and target.state is ConnectionState.ALERTING
    kind = _RINGS.get(event.kind, event.kind) if ringing else event.kind
    call = replace(call, transfers=(*call.transfers, Transfer(kind, by, to, draft.at, to_kind=event.transferred_to.kind)))
    if leg is not None and leg.live:
        call = legs.cleared(call, leg, draft.at, Cause.TRANSFER)
    call = _rename_legs(draft, call, event.moved)
    if second is not None:
        call = _absorb(draft, call, second, by, event.moved, Role.TRANSFER_TARGET, "transfer")
    else:
        call = _announced(draft, call, event.moved, by)
    call = draft.put(replace(call, ended_by=""))
    _after(draft, call)


def _after(draft: Draft, call: Call) -> None:
    """End a call that has left our lines: where each device has a monitor of its own, nothing more will be told of it."""
    inside = [leg for leg in call.connections if leg.live and leg.party.kind not in legs.OUTSIDE]
    live = [leg for leg in call.connections if leg.live]
    if draft.head.device and live and not inside and len(live) > 1:
        draft.end(call, "transfer", Cause.TRANSFER)
    else:
        draft.end_if_over(call, alone=False)


def conferenced(draft: Draft, event: Conferenced) -> None:
    """All parties of both calls talk in the first one."""
    by = event.primary.device
    call, second = _pair(draft, event.primary, event.secondary)
    if call is None:
        draft.impossible(Impossible(Why.UNKNOWN_CALL, "Conferenced", event.primary.call))
        return
    call = _rename_legs(draft, call, event.moved)
    if second is not None:
        call = _absorb(draft, call, second, by, event.moved, Role.PARTICIPANT, "conference")
    else:
        call = _announced(draft, call, event.moved, by)
    for leg in call.connections:
        if leg.state is ConnectionState.HOLD:
            call = legs.put(call, leg, replace(leg, state=ConnectionState.CONNECTED, permitted=None))
            call = legs.released(call, leg.id.device, draft.at)
    draft.put(call)


def renamed(draft: Draft, call: Call, native: str) -> Call:
    """The call under its new native identifier; if that is another call's, the two are one now."""
    other = draft.get(native)
    if other is not None and other.id != call.id and other.live:
        role = Role.PICKUP if draft.head.cause is Cause.CALL_PICKUP else Role.TRANSFER_TARGET
        return draft.put(_absorb(draft, other, call, "", (), role, "transfer"))
    call = replace(
        call,
        native=native,
        connections=tuple(replace(leg, id=replace(leg.id, call=native)) for leg in call.connections),
    )
    draft.name(native, call)
    return draft.put(call)


def _pair(draft: Draft, primary: ConnectionId, secondary: ConnectionId | None) -> tuple[Call | None, Call | None]:
    call = draft.live(primary.call)
    second = draft.live(secondary.call) if secondary is not None else None
    if call is None or (second is not None and second.id == call.id):
        return (call or second), None
    return call, second


def _target(party: Party, second: Call | None, by: str) -> Connection | None:
    if second is None:
        return None
    others = [leg for leg in second.connections if leg.live and leg.id.device != by]
    for leg in others:
        if party.device and leg.id.device == party.device:
            return leg
    return others[0] if others else None


def _rename_legs(draft: Draft, call: Call, moved: tuple[Moved, ...]) -> Call:
    """The call's connections under the identifiers the PBX gives them from now on."""
    for move in moved:
        leg = legs.find(call, move.old.device, move.party) if draft.get(move.old.call) is not None else None
        if leg is None or not leg.live or (move.old.call != leg.id.call and move.old.device != leg.id.device):
            continue
        there = call.leg(move.new.device)
        if there is not None and there is not leg and there.live:
            continue
        call = legs.put(call, leg, replace(leg, id=move.new, party=legs.fill(leg.party, move.party)))
    if not moved:
        return call
    native = moved[0].new.call
    if native and native != call.native:
        call = replace(call, native=native)
        draft.name(native, call)
    return call


def _absorb(
    draft: Draft, call: Call, second: Call, by: str, moved: tuple[Moved, ...], role: Role, word: str
) -> Call:
    """`call` with the live parties of `second`, which ends; `second`'s native name means `call` from now on."""
    new_ids = {move.old.device: move.new for move in moved if draft.get(move.old.call) in (second, call)}
    for leg in second.connections:
        if not leg.live or leg.id.device == by or leg.state is ConnectionState.FAIL:
            continue
        call = _joined(draft, call, leg, new_ids.get(leg.id.device), role)
    if second.tracker != call.tracker:
        second = replace(second, tracker=call.tracker)
    cause = Cause.CONFERENCE if word == "conference" else Cause.TRANSFER
    draft.end(replace(second, ended_by=word), word, cause)
    draft.name(second.native, call)
    unwatched.joined(draft, call, second)
    talking = sum(leg.answered is not None and leg.live for leg in call.connections)
    if call.answered is None and talking and second.answered is not None and call.direction is not Direction.FEATURE:
        call = replace(call, answered=draft.at)
    return call


def _joined(draft: Draft, call: Call, leg: Connection, id: ConnectionId | None, role: Role) -> Call:
    id = id or ConnectionId(call.native, leg.id.device)
    present = call.leg(id.device)
    if present is not None and present.live:
        return call
    ringing = leg.state is ConnectionState.ALERTING
    person = leg.party.kind is not PartyKind.QUEUE
    joined = replace(
        leg,
        id=id,
        role=role,
        started=draft.at,
        rang=draft.at if ringing else None,
        answered=draft.at if not ringing and person and leg.state is not ConnectionState.INITIATED else None,
        outcome=None,
        cause=Cause.NORMAL,
        permitted=None,
        state=ConnectionState.CONNECTED if leg.state is ConnectionState.HOLD else leg.state,
    )
    return legs.put(call, None, draft.buried(joined, id))


def _announced(draft: Draft, call: Call, moved: tuple[Moved, ...], by: str) -> Call:
    """The call with parties that the event names and nobody reported before: they ring, until told otherwise."""
    for move in moved:
        if move.new.device == by or not move.new.device or legs.find(call, move.new.device, move.party) is not None:
            continue
        leg = legs.begun(move.new, move.party, Role.TRANSFER_TARGET, draft.at)
        call = legs.put(call, None, replace(leg, state=ConnectionState.ALERTING))
    return call
