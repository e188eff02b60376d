"""How a call comes about: a device goes off hook, dials, waits in a queue, rings, answers. Pure."""

from dataclasses import replace

from unisono.calls import correlate, legs
from unisono.calls.draft import Draft
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
    Delivered,
    Established,
    NetworkReached,
    Originated,
    Queued,
    ServiceInitiated,
)
from unisono.calls.transitions import Trigger


def service_initiated(draft: Draft, event: ServiceInitiated) -> None:
    call = draft.open(event.connection.call, event.initiating, NOBODY, None, revive=True)
    if call is None:
        return
    call = draft.join_tracker(call, event.connection.device)
    if event.by_cti and not call.by_cti:
        call = draft.put(replace(call, by_cti=True))
    role = _calling_role(call, event.connection)
    call, leg = draft.move(call, event.connection, event.initiating, Trigger.SERVICE_INITIATED, role=role)
    if leg is not None and call.by_cti and leg.live and leg.rang is None:
        call = draft.put(legs.put(call, leg, replace(leg, rang=draft.at)))
    draft.end_if_over(call, alone=False)


def originated(draft: Draft, event: Originated) -> None:
    call = draft.open(event.connection.call, event.calling, event.called, event.direction, revive=True)
    if call is None:
        return
    call = draft.join_tracker(call, event.connection.device, event.consultation_of)
    if event.by_cti and not call.by_cti:
        call = draft.put(replace(call, by_cti=True))
    role = _calling_role(call, event.connection)
    call, leg = draft.move(call, event.connection, event.calling, Trigger.ORIGINATED, role=role)
    if leg is not None and leg.role is Role.CALLER:
        _placed(draft, call, leg)
    draft.end_if_over(draft.by_id(call.id) or call, alone=False)


def _calling_role(call: Call, id: ConnectionId) -> Role | None:
    """A call has one caller; who dials into it later is a participant."""
    source = legs.caller(call)
    return Role.CALLER if source is None or source.id.device == id.device else Role.PARTICIPANT


def _placed(draft: Draft, call: Call, leg: Connection) -> Call:
    """The calling device has dialled, unless its own phone is still ringing."""
    if leg.state is ConnectionState.INITIATED:
        return call if leg.rang else draft.put(legs.put(call, leg, replace(leg, rang=draft.at)))
    at = legs.earliest(call.placed, draft.at)
    return call if at == call.placed else draft.put(replace(call, placed=at))


def network_reached(draft: Draft, event: NetworkReached) -> None:
    call = draft.open(event.connection.call, event.calling, event.called, None, revive=False)
    if call is None:
        return
    far = event.network if event.network.number or not legs.known(event.called) else event.called
    far = replace(far, device=event.connection.device, kind=PartyKind.EXTERNAL)
    call, _ = draft.move(call, event.connection, far, Trigger.NETWORK_REACHED)
    draft.end_if_over(call, alone=False)


def queued(draft: Draft, event: Queued) -> None:
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


def delivered(draft: Draft, event: Delivered) -> None:
    called = event.called if legs.known(event.called) else event.alerting
    call = draft.open(event.connection.call, event.calling, called, event.direction, revive=True)
    if call is None:
        return
    call = caller_leg(draft, call, event.calling, event.calling_connection)
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


def caller_leg(draft: Draft, call: Call, calling: Party, id: ConnectionId | None) -> Call:
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


def established(draft: Draft, event: Established) -> None:
    called = event.called if legs.known(event.called) else NOBODY
    call = draft.open(event.connection.call, event.calling, called, event.direction, revive=False)
    if call is None:
        return
    call = caller_leg(draft, call, event.calling, event.calling_connection)
    call = _redirecting(draft, _in_queue(draft, call, event.queue), event.redirecting, event.connection.device)
    call = _inferred_pickup(draft, call, event)
    connection = _adopted(draft, call, event)
    call, leg = draft.move(call, connection, event.answering, Trigger.ESTABLISHED, queue=event.queue)
    if leg is None:
        return
    if leg.role is Role.CALLER:
        _placed(draft, call, leg)
        return
    if leg.answered is not None and leg.party.kind in legs.PERSONS:
        call = answered(draft, call, leg)
    draft.end_if_over(_goes_on(draft, call), alone=False)


def _goes_on(draft: Draft, call: Call) -> Call:
    """Whoever left before, the call has two parties again."""
    up = sum(leg.live and leg.state is not ConnectionState.FAIL for leg in call.connections)
    return draft.put(replace(call, ended_by="")) if call.ended_by and up > 1 else call


def answered(draft: Draft, call: Call, leg: Connection) -> Call:
    """A person has answered: the caller talks, the queue is done."""
    at = max(legs.earliest(call.answered, leg.answered or draft.at), call.rang or call.started)
    if at != call.answered:
        call = draft.put(replace(call, answered=at))
    source = legs.caller(call)
    if source is not None and source.answered is None and (source.ended is None or source.ended >= at):
        up = source.state is ConnectionState.INITIATED
        state = ConnectionState.CONNECTED if up else source.state
        call = legs.put(call, source, replace(source, answered=max(at, source.started), state=state))
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


def _adopted(draft: Draft, call: Call, event: Established) -> ConnectionId:
    """The connection an event means: a PBX with a monitor per device may name the far end differently each time."""
    id = event.connection
    if not draft.head.device or id.device == draft.head.device or call.leg(id.device) is not None:
        return id
    if event.answering.kind not in legs.OUTSIDE:
        return id
    outside = legs.lone_outsider(call)
    return outside.id if outside is not None and outside.state is ConnectionState.ALERTING else id
