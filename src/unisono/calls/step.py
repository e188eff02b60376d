"""One event, one step: the whole model is this function. Pure: no clock, no I/O; it reads the picture and changes nothing.

Taking the same event twice changes nothing the second time. Events that come late fill in what they tell of the past.
An event that cannot be leaves the call in its last sane state and becomes an anomaly.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import assert_never

from unisono.calls import coming, leaving, legs, merge, reconcile, unwatched
from unisono.calls.draft import Draft
from unisono.calls.impossible import Impossible, Why
from unisono.calls.model import (
    Connection,
    ConnectionState,
    Role,
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
    MonitorStopped,
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
        unwatched.heard(draft, native)
    return draft.step()


def _dispatch(draft: Draft, event: CallEvent) -> str:
    """Let the event's handler work; return the native call whose local connection state the event also tells."""
    match event:
        case ServiceInitiated():
            coming.service_initiated(draft, event)
        case Originated():
            coming.originated(draft, event)
        case NetworkReached():
            coming.network_reached(draft, event)
        case Queued():
            coming.queued(draft, event)
        case Delivered():
            coming.delivered(draft, event)
        case Established():
            coming.established(draft, event)
        case Held() | Retrieved():
            _held_or_retrieved(draft, event)
        case Failed():
            leaving.failed(draft, event)
        case Diverted():
            leaving.diverted(draft, event)
        case ConnectionCleared():
            leaving.connection_cleared(draft, event)
        case CallInformation():
            _call_information(draft, event)
        case DigitsGenerated():
            _digits(draft, event)
        case Transferred():
            merge.transferred(draft, event)
            return _joined(draft, event)
        case Conferenced():
            merge.conferenced(draft, event)
            return _joined(draft, event)
        case CallCleared():
            leaving.call_cleared(draft, event)
            return ""
        case CallSnapshot():
            reconcile.snapshot(draft, event)
            return ""
        case SnapshotComplete():
            reconcile.complete(draft, event)
            return ""
        case MonitorStopped():
            unwatched.stopped(draft, event)
            return ""
        case Unreadable():
            draft.impossible(Impossible(Why.UNREADABLE, detail=event.why))
            return ""
        case _:
            assert_never(event)
    return event.connection.call


def _joined(draft: Draft, event: Transferred | Conferenced) -> str:
    """The native name by which the call that lives on is found."""
    if draft.get(event.primary.call) is None and event.secondary is not None:
        return event.secondary.call
    return event.primary.call


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
    after = _with_local(draft, leg)
    if after is leg:
        return
    call = draft.put(legs.put(call, leg, after))
    if after.state is ConnectionState.HOLD:
        draft.put(legs.held(call, head.device, draft.at))
    elif leg.state is ConnectionState.HOLD:
        draft.put(legs.released(call, head.device, draft.at))
    elif after.answered is not leg.answered:
        coming.answered(draft, call, after)


def _with_local(draft: Draft, leg: Connection) -> Connection:
    """The connection in the state that its device says it has; a calling device is never rung, nor one that talks."""
    head, after = draft.head, leg
    local = head.local
    rings = local is ConnectionState.ALERTING
    if local in (None, leg.state, ConnectionState.INITIATED) or (rings and (leg.role is Role.CALLER or leg.answered)):
        local = None
    if local is not None:
        answers = leg.state is ConnectionState.ALERTING and local is ConnectionState.CONNECTED
        after = replace(
            after,
            state=local,
            permitted=None,
            answered=draft.at if answers else leg.answered,
            cause=head.cause if local is ConnectionState.FAIL else leg.cause,
        )
    if head.permitted is not None and head.permitted != after.permitted:
        after = replace(after, permitted=head.permitted)
    return after


def _held_or_retrieved(draft: Draft, event: Held | Retrieved) -> None:
    trigger = Trigger.HELD if isinstance(event, Held) else Trigger.RETRIEVED
    call = draft.live(event.connection.call, str(trigger))
    if call is None:
        return
    leg = legs.find(call, event.connection.device)
    if leg is None:
        # Another device's monitor may tell of a party that was in the call before its device came.
        if draft.head.device in ("", event.connection.device):
            connection = event.connection
            draft.impossible(Impossible(Why.UNKNOWN_CONNECTION, trigger, connection.call, connection.device))
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
