"""One event, one step: the whole model is this function. Pure: no clock, no I/O; it reads the picture and changes nothing.

Taking the same event twice changes nothing the second time. Events that come late fill in what they tell of the past.
An event that cannot be leaves the call in its last sane state and becomes an anomaly.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import assert_never

from unisono.calls import correlate, legs, merge, outcome, reconcile
from unisono.calls.draft import Draft, latest
from unisono.calls.model import (
    NOBODY,
    Call,
    Cause,
    Connection,
    ConnectionId,
    ConnectionState,
    Party,
    PartyKind,
    Role,
    Transfer,
)
from unisono.calls.pbx_events import (
    CallCleared,
    CallEvent,
    CallInformation,
    CallSnapshot,
    Conferenced,
    ConnectionCleared,
    Delivered,
    DigitsGenerated,
    Diverted,
    Established,
    Failed,
    Held,
    NetworkReached,
    Originated,
    Queued,
    Retrieved,
    ServiceInitiated,
    SnapshotComplete,
    Transferred,
    Unreadable,
)
from unisono.calls.picture import Picture, Step
from unisono.calls.transitions import Trigger

_SAME_DIGITS = timedelta(milliseconds=40)
"""Two monitors report one key within this time; nobody presses a key twice as fast."""


def step(picture: Picture, event: CallEvent, new_id: Callable[[], str]) -> Step:
    """What this event changes; `picture.apply` takes it over. `new_id` names new calls."""
    draft = Draft(picture, event.head, new_id)
    native = _dispatch(draft, event)
    if native and event.head.device:
        _local(draft, native)
    return draft.step()


def _dispatch(draft: Draft, event: CallEvent) -> str:
    """Let the event's handler work; return the native call whose local connection state the event also tells."""
    match event:
        case ServiceInitiated():
            _service_initiated(draft, event)
        case Originated():
            _originated(draft, event)
        case NetworkReached():
            _network_reached(draft, event)
        case Queued():
            _queued(draft, event)
        case Delivered():
            _delivered(draft, event)
        case Established():
            _established(draft, event)
        case Held() | Retrieved():
            _held_or_retrieved(draft, event)
        case Failed():
            _failed(draft, event)
        case Diverted():
            _diverted(draft, event)
        case ConnectionCleared():
            _connection_cleared(draft, event)
        case CallInformation():
            _call_information(draft, event)
        case DigitsGenerated():
            _digits(draft, event)
        case Transferred():
            merge.transferred(draft, event)
            return ""
        case Conferenced():
            merge.conferenced(draft, event)
            return ""
        case CallCleared():
            _call_cleared(draft, event)
            return ""
        case CallSnapshot():
            reconcile.snapshot(draft, event)
            return ""
        case SnapshotComplete():
            reconcile.complete(draft, event)
            return ""
        case Unreadable():
            draft.impossible(event.why)
            return ""
        case _:
            assert_never(event)
    return event.connection.call


def _local(draft: Draft, native: str) -> None:
    """Take over the monitored device's own connection state where the event was about somebody else."""
    head = draft.head
    call = draft.live(native)
    leg = call.leg(head.device) if call is not None else None
    if call is None or leg is None or not leg.live:
        return
    if head.local is ConnectionState.NULL:
        draft.end_if_over(draft.put(legs.cleared(call, leg, draft.at, head.cause)), alone=True)
        return
    after = leg
    local = head.local
    if local is ConnectionState.ALERTING and (leg.role is Role.CALLER or (leg.answered or draft.at) > draft.at):
        local = None
    if local is not None and local is not leg.state and not (local is ConnectionState.ALERTING and leg.answered):
        after = replace(after, state=local, permitted=None)
    if head.permitted is not None and head.permitted != after.permitted:
        after = replace(after, permitted=head.permitted)
    if after is leg:
        return
    call = legs.put(call, leg, after)
    if after.state is ConnectionState.HOLD:
        call = legs.held(call, head.device, draft.at)
    elif leg.state is ConnectionState.HOLD:
        call = legs.released(call, head.device, draft.at)
    draft.put(call)


def _service_initiated(draft: Draft, event: ServiceInitiated) -> None:
    call = draft.open(event.connection.call, event.initiating, NOBODY, None, revive=True)
    if call is None:
        return
    call = draft.join_tracker(call, event.connection.device)
    if event.by_cti and not call.by_cti:
        call = draft.put(replace(call, by_cti=True))
    call, leg = draft.move(call, event.connection, event.initiating, Trigger.SERVICE_INITIATED, role=Role.CALLER)
    if leg is not None and call.by_cti and leg.live and leg.rang is None:
        call = draft.put(legs.put(call, leg, replace(leg, rang=draft.at)))
    draft.end_if_over(call, alone=False)


def _originated(draft: Draft, event: Originated) -> None:
    call = draft.open(event.connection.call, event.calling, event.called, event.direction, revive=True)
    if call is None:
        return
    call = draft.join_tracker(call, event.connection.device, event.consultation_of)
    if event.by_cti and not call.by_cti:
        call = draft.put(replace(call, by_cti=True))
    call, leg = draft.move(call, event.connection, event.calling, Trigger.ORIGINATED, role=Role.CALLER)
    if leg is not None:
        _placed(draft, call, leg)
    draft.end_if_over(draft.by_id(call.id) or call, alone=False)


def _placed(draft: Draft, call: Call, leg: Connection) -> Call:
    """The calling device has dialled, unless its own phone is still ringing."""
    if leg.state is ConnectionState.INITIATED:
        return call if leg.rang else draft.put(legs.put(call, leg, replace(leg, rang=draft.at)))
    at = legs.earliest(call.placed, draft.at)
    return call if at == call.placed else draft.put(replace(call, placed=at))


def _network_reached(draft: Draft, event: NetworkReached) -> None:
    call = draft.open(event.connection.call, event.calling, event.called, None, revive=False)
    if call is None:
        return
    far = event.network if event.network.number or not legs.known(event.called) else event.called
    far = replace(far, device=event.connection.device, kind=PartyKind.EXTERNAL)
    call, _ = draft.move(call, event.connection, far, Trigger.NETWORK_REACHED)
    draft.end_if_over(call, alone=False)


def _queued(draft: Draft, event: Queued) -> None:
    call = draft.open(event.connection.call, event.calling, event.called, None, revive=True)
    if call is None:
        return
    call, leg = draft.move(call, event.connection, event.queue, Trigger.QUEUED)
    if leg is not None and leg.role is not Role.CALLER:
        call = _in_queue(draft, call, event.queue)
    draft.end_if_over(call, alone=False)


def _in_queue(draft: Draft, call: Call, queue: Party | None) -> Call:
    if queue is None or queue.kind is PartyKind.PARK or not legs.known(queue):
        return call
    merged = legs.fill(call.queue or NOBODY, queue)
    return call if merged is call.queue else draft.put(replace(call, queue=merged))


def _delivered(draft: Draft, event: Delivered) -> None:
    called = event.called if legs.known(event.called) else event.alerting
    call = draft.open(event.connection.call, event.calling, called, event.direction, revive=True)
    if call is None:
        return
    call = _caller_leg(draft, call, event.calling, event.calling_connection)
    call = _redirecting(draft, _in_queue(draft, call, event.queue), event.redirecting, event.connection.device)
    source = legs.caller(call)
    if source is not None and source.live and source.id.device == event.connection.device:
        _own_phone(draft, call, source)
        return
    call, leg = draft.move(call, event.connection, event.alerting, Trigger.DELIVERED, queue=event.queue)
    if leg is not None and leg.rang is not None and leg.role is not Role.CALLER:
        call = _rang(draft, call)
    draft.end_if_over(call, alone=False)


def _rang(draft: Draft, call: Call) -> Call:
    at = legs.earliest(call.rang, draft.at)
    if call.answered is not None and call.rang is None and at > call.answered:
        return call
    return _goes_on(draft, call if at == call.rang else draft.put(replace(call, rang=at)))


def _own_phone(draft: Draft, call: Call, leg: Connection) -> None:
    """A call made by CTI rings at the caller's own phone first: that is no incoming call."""
    if leg.rang is None and call.placed is None and leg.live:
        draft.put(legs.put(call, leg, replace(leg, rang=draft.at, state=ConnectionState.INITIATED)))


def _caller_leg(draft: Draft, call: Call, calling: Party, id: ConnectionId | None) -> Call:
    """The call with its caller's connection, which some PBXs never report by an event of its own."""
    source = legs.caller(call)
    if source is not None:
        if id is not None and source.id.device != id.device and call.leg(id.device) is None:
            source_after = replace(source, id=replace(source.id, device=id.device))
            return draft.put(legs.put(call, source, source_after))
        return call
    if not legs.known(calling):
        return call
    id = id or ConnectionId(call.native, calling.device or calling.number or "anonymous")
    if call.leg(id.device) is not None:
        return call
    call, leg = draft.move(call, id, calling, Trigger.ORIGINATED, role=Role.CALLER)
    return call if leg is None else _placed(draft, call, leg)


def _redirecting(draft: Draft, call: Call, redirecting: Party | None, to: str) -> Call:
    if redirecting is None or not legs.known(redirecting):
        return call
    merged = legs.fill(call.redirecting or NOBODY, redirecting)
    if call.redirecting is None or merged is not call.redirecting:
        call = draft.put(replace(call, redirecting=merged))
    if not correlate.inferred_forward(call, redirecting, draft.head.cause):
        return call
    forward = Transfer("forward", redirecting.device, to, draft.at, redirecting.device)
    call = draft.put(replace(call, transfers=(*call.transfers, forward)))
    if call.leg(redirecting.device) is None:
        id = ConnectionId(call.native, redirecting.device)
        leg = legs.begun(id, redirecting, Role.CALLEE, draft.at)
        call = draft.put(legs.put(call, None, replace(leg, ended=draft.at, cause=draft.head.cause)))
    return call


def _established(draft: Draft, event: Established) -> None:
    called = event.called if legs.known(event.called) else NOBODY
    call = draft.open(event.connection.call, event.calling, called, event.direction, revive=False)
    if call is None:
        return
    call = _caller_leg(draft, call, event.calling, event.calling_connection)
    call = _redirecting(draft, _in_queue(draft, call, event.queue), event.redirecting, event.connection.device)
    call = _inferred_pickup(draft, call, event)
    connection = _adopted(draft, call, event.connection)
    call, leg = draft.move(call, connection, event.answering, Trigger.ESTABLISHED, queue=event.queue)
    if leg is None:
        return
    if leg.role is Role.CALLER:
        _placed(draft, call, leg)
        return
    if leg.answered is not None and leg.party.kind in legs.PERSONS:
        call = _answered(draft, call, leg)
    draft.end_if_over(_goes_on(draft, call), alone=False)


def _goes_on(draft: Draft, call: Call) -> Call:
    """Whoever left before, the call has two parties again."""
    up = sum(leg.live and leg.state is not ConnectionState.FAIL for leg in call.connections)
    return draft.put(replace(call, ended_by="")) if call.ended_by and up > 1 else call


def _answered(draft: Draft, call: Call, leg: Connection) -> Call:
    """A person has answered: the caller talks, the queue is done."""
    at = max(legs.earliest(call.answered, leg.answered or draft.at), call.rang or call.started)
    if at != call.answered:
        call = draft.put(replace(call, answered=at))
    source = legs.caller(call)
    if source is not None and source.answered is None:
        up = source.state is ConnectionState.INITIATED
        state = ConnectionState.CONNECTED if up else source.state
        answered = max(at, source.started) if source.ended is None else min(at, source.ended)
        call = legs.put(call, source, replace(source, answered=answered, state=state))
    for other in call.connections:
        if other.state is ConnectionState.QUEUED and other.party.kind is not PartyKind.PARK:
            call = legs.cleared(call, other, draft.at, Cause.DISTRIBUTED)
    return draft.put(call)


def _inferred_pickup(draft: Draft, call: Call, event: Established) -> Call:
    if draft.head.cause is not Cause.CALL_PICKUP:
        return call
    by = event.connection.device
    ringing = [leg for leg in call.connections if leg.state is ConnectionState.ALERTING and leg.id.device != by]
    if not ringing or any(transfer.kind == "pickup" and transfer.by == by for transfer in call.transfers):
        return call
    pickup = Transfer("pickup", by, by, draft.at, ringing[-1].id.device)
    return draft.put(replace(call, transfers=(*call.transfers, pickup)))


def _adopted(draft: Draft, call: Call, id: ConnectionId) -> ConnectionId:
    """The connection an event means: a PBX with a monitor per device may name the far end differently each time."""
    if not draft.head.device or id.device == draft.head.device or call.leg(id.device) is not None:
        return id
    outside = legs.lone_outsider(call)
    return outside.id if outside is not None and outside.state is ConnectionState.ALERTING else id


def _held_or_retrieved(draft: Draft, event: Held | Retrieved) -> None:
    trigger = Trigger.HELD if isinstance(event, Held) else Trigger.RETRIEVED
    call = draft.live(event.connection.call, str(trigger))
    if call is None:
        return
    leg = legs.find(call, event.connection.device)
    if leg is None:
        draft.impossible(f"{trigger} for unknown connection {event.connection}")
        return
    if not leg.live:
        return
    call, after = draft.move(call, leg.id, leg.party, trigger)
    if after is None:
        return
    if after.state is ConnectionState.HOLD:
        draft.put(legs.held(call, leg.id.device, draft.at))
    else:
        draft.put(legs.released(call, leg.id.device, draft.at))


def _failed(draft: Draft, event: Failed) -> None:
    old = draft.get(event.connection.call)
    if old is not None and not old.live:
        return  # the busy tone after the other end has hung up
    call = draft.open(event.connection.call, event.calling, event.called, event.direction, revive=False)
    if call is None:
        return
    call = _caller_leg(draft, call, event.calling, None)
    party = event.failing if legs.known(event.failing) else event.called
    call, _ = draft.move(call, event.connection, party, Trigger.FAILED)
    draft.end_if_over(call, alone=False)


def _diverted(draft: Draft, event: Diverted) -> None:
    call = draft.get(event.connection.call)
    if call is None and legs.known(event.calling):
        call = draft.open(event.connection.call, event.calling, event.called, None, revive=False)
    if call is None or not call.live:
        return
    call = _caller_leg(draft, call, event.calling, None)
    role = correlate.role(call, event.connection.device, event.diverting, Cause.NORMAL, None)
    old = call.leg(event.connection.device)
    if old is not None and not old.live:
        draft.bury(event.connection.call, event.connection.device)
    call, leg = draft.move(call, event.connection, event.diverting, Trigger.DIVERTED, role=role)
    device = event.connection.device if leg is None else leg.id.device
    kind = correlate.diversion_kind(draft.head.cause, event.kind)
    to = event.new_destination.device or event.new_destination.number
    known = any(t.of == device and t.kind == kind and t.to == to for t in call.transfers)
    if kind and to and not known and len(call.transfers) < legs.MOST_LEGS:
        by = {"pickup": to, "cti-redirect": "cti"}.get(kind, device)
        call = replace(call, transfers=(*call.transfers, Transfer(kind, by, to, draft.at, device)))
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


def _connection_cleared(draft: Draft, event: ConnectionCleared) -> None:
    call = draft.get(event.connection.call)
    if call is None:
        draft.bury(event.connection.call, event.connection.device)
        return
    if not call.live:
        return
    leg = legs.find(call, event.connection.device, event.releasing)
    if leg is None and event.connection.device != draft.head.device:
        leg = legs.lone_outsider(call) if draft.head.device else None
    if leg is None:
        draft.bury(event.connection.call, event.connection.device)
        return
    if not leg.live:
        draft.bury(event.connection.call, event.connection.device)
        return
    if draft.at < leg.started:
        return
    call = _leaving(draft, call, leg, event.releasing)
    call = draft.put(legs.cleared(call, leg, draft.at, draft.head.cause))
    draft.end_if_over(call, alone=draft.head.cause not in correlate.ONWARD)


def _leaving(draft: Draft, call: Call, leg: Connection, releasing: Party) -> Call:
    """The call with `ended_by` set if this party's leaving leaves nobody to talk to."""
    others = [other for other in call.connections if other.live and other is not leg]
    if sum(other.state is not ConnectionState.FAIL for other in others) > 1:
        return call
    by = outcome.ender(call, leg, releasing, draft.head.cause)
    told = legs.known(releasing) and by not in ("", "pbx")
    if by and (not call.ended_by or (call.ended_by == "pbx" and told)):
        return draft.put(replace(call, ended_by=by))
    return call


def _call_cleared(draft: Draft, event: CallCleared) -> None:
    call = draft.get(event.call)
    if call is None:
        draft.bury(event.call)
        return
    if not call.live or call.native != event.call:
        return  # over already, or the old name of a call that lives on after a transfer
    if draft.at < call.started:
        draft.impossible(f"call {event.call} was cleared before it began")
        return
    by = call.ended_by
    source = legs.caller(call)
    if not by and source is not None:
        by = outcome.ender(call, source, NOBODY, draft.head.cause) if call.answered is None else ""
    draft.end(call, by, draft.head.cause, latest(call, draft.at))


def _call_information(draft: Draft, event: CallInformation) -> None:
    call = draft.live(event.connection.call, "CallInformation")
    if call is None:
        return
    if event.new_call and event.new_call != call.native:
        call = merge.renamed(draft, call, event.new_call)
    calling, called = legs.override(call.calling, event.calling), legs.override(call.called, event.called)
    if calling != call.calling or called != call.called:
        call = draft.put(replace(call, calling=calling, called=called))
    leg = call.leg(event.connection.device)
    if leg is not None:
        party = legs.override(leg.party, event.party)
        if party != leg.party:
            draft.put(legs.put(call, leg, replace(leg, party=party)))


def _digits(draft: Draft, event: DigitsGenerated) -> None:
    call = draft.live(event.connection.call, "DigitsGenerated")
    leg = legs.find(call, event.connection.device) if call is not None else None
    if call is None or leg is None:
        return
    again = leg.digits_at is not None and draft.at - leg.digits_at < _SAME_DIGITS
    if (again and leg.digits.endswith(event.digits)) or len(call.digits) + len(event.digits) > legs.MOST_DIGITS:
        return
    leg_after = replace(leg, digits=leg.digits + event.digits, digits_at=draft.at)
    draft.put(replace(legs.put(call, leg, leg_after), digits=call.digits + event.digits))


