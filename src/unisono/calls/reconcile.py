"""What a snapshot says against what we believed: calls made known, corrected, and closed when they have gone unseen. Pure."""

from dataclasses import replace

from unisono.calls import correlate, legs, unwatched
from unisono.calls.draft import Draft
from unisono.calls.model import Call, Cause, Connection, ConnectionState, PartyKind, Role
from unisono.calls.pbx_events import CallSnapshot, SnapshotComplete, SnapshotConnection

_TALKS = frozenset({ConnectionState.CONNECTED, ConnectionState.HOLD})


def snapshot(draft: Draft, event: CallSnapshot) -> None:
    """Make the call what the snapshot says: new, or with its states and parties corrected."""
    if not any(connection.state is not ConnectionState.NULL for connection in event.connections):
        return
    call = draft.open(event.call, event.calling, event.called, event.direction, revive=True)
    if call is None:
        return
    if event.started is not None and event.started < call.started:
        call = replace(call, started=event.started)
    present: set[str] = set()
    for connection in event.connections:
        call, device = _correct(draft, call, connection, event)
        present.add(device)
    for leg in call.connections:
        if leg.live and leg.id.device not in present:
            call = legs.cleared(call, leg, draft.at, Cause.LOST_SIGHT)
    draft.put(_times(draft, call))


def _correct(draft: Draft, call: Call, said: SnapshotConnection, event: CallSnapshot) -> tuple[Call, str]:
    party = draft.seen(said.party)
    leg = legs.find(call, said.id.device, party)
    if leg is None or (not leg.live and said.state is not ConnectionState.NULL):
        leg = None
        role = _role(draft, call, said, event)
        new = legs.begun(said.id, party, role, call.started if event.started else draft.at)
    else:
        new = leg if leg.party is (merged := legs.fill(leg.party, party)) else replace(leg, party=merged)
    if said.state is ConnectionState.NULL:
        return (call if leg is None else legs.cleared(call, leg, draft.at, Cause.LOST_SIGHT)), said.id.device
    if new.state is not said.state:
        held = new.state is ConnectionState.HOLD
        new = replace(new, state=said.state, permitted=None)
        call = legs.released(call, new.id.device, draft.at) if held else call
    if said.permitted is not None and said.permitted != new.permitted:
        new = replace(new, permitted=said.permitted)
    call = legs.put(call, leg, new)
    if said.state is ConnectionState.HOLD:
        call = legs.held(call, new.id.device, draft.at)
    return call, new.id.device


def _role(draft: Draft, call: Call, said: SnapshotConnection, event: CallSnapshot) -> Role:
    calling = event.calling
    if legs.caller(call) is None and legs.known(calling):
        same_number = calling.number and calling.number == said.party.number
        if calling.device == said.id.device or calling.device == said.party.device or same_number:
            return Role.CALLER
    return correlate.role(call, said.id.device, said.party, draft.head.cause, None)


def _times(draft: Draft, call: Call) -> Call:
    """The call with times where the snapshot shows that something has happened, but not when: now."""
    answered = [leg for leg in call.connections if leg.live and leg.role is not Role.CALLER and leg.state in _TALKS]
    persons = [leg for leg in answered if leg.party.kind in legs.PERSONS]
    for leg in answered:
        if leg.answered is None:
            call = legs.put(call, leg, replace(leg, answered=draft.at))
    ringing = any(leg.state is ConnectionState.ALERTING for leg in call.connections)
    if ringing and call.rang is None and call.answered is None:
        call = replace(call, rang=draft.at)
    for leg in call.connections:
        if leg.state is ConnectionState.ALERTING and leg.rang is None:
            call = legs.put(call, leg, replace(leg, rang=draft.at))
    if call.placed is None and legs.caller(call) is not None:
        call = replace(call, placed=call.started)
    return _talking(draft, call) if persons and call.answered is None else call


def _talking(draft: Draft, call: Call) -> Call:
    source: Connection | None = legs.caller(call)
    if source is not None and source.answered is None and source.live:
        call = legs.put(call, source, replace(source, answered=draft.at))
    return replace(call, answered=draft.at)


def complete(draft: Draft, event: SnapshotComplete) -> None:
    """Close what the PBX no longer knows: its end was not seen, and when it was is not known."""
    connector = event.head.connector
    present = {draft.picture.id_of((connector, native)) for native in event.calls}
    for call in draft.picture.live(connector):
        if call.id not in present:
            _vanished(draft, call, event)


def _vanished(draft: Draft, call: Call, event: SnapshotComplete) -> None:
    if event.devices is None:
        draft.end(replace(call, ended_by=""), "pbx", Cause.LOST_SIGHT)
        return
    gone = [leg for leg in call.connections if leg.live and leg.id.device in event.devices]
    if not gone:
        return
    for leg in gone:
        call = legs.cleared(call, leg, draft.at, Cause.LOST_SIGHT)
    up = [leg for leg in call.connections if leg.live and leg.party.kind is not PartyKind.UNKNOWN]
    inside = [leg for leg in up if leg.party.kind is not PartyKind.EXTERNAL]
    if len(up) < 2 or not inside or not unwatched.seen_by_others(draft, call, event.devices):
        draft.end(call, "pbx", Cause.LOST_SIGHT)
    else:
        draft.put(call)
