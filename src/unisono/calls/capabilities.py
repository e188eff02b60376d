"""What may be asked of a PBX now: what the connector can do, what the line has, what the call allows. Pure.

The third layer is the PBX's own word where it gives one (CSTA servicesPermitted), else one table by the state of the call.
"""

from collections.abc import Iterable

from unisono.calls.legs import up
from unisono.calls.model import Call, Connection, ConnectionState, PartyKind, Service
from unisono.calls.view import LineState, line_view

IDLE = frozenset(
    {Service.MAKE_CALL, Service.GROUP_PICKUP_CALL, Service.SET_FORWARDING, Service.SET_DO_NOT_DISTURB}
)
"""What needs no call."""
_TALK = frozenset(
    {
        Service.CLEAR_CONNECTION,
        Service.HOLD_CALL,
        Service.CONSULTATION_CALL,
        Service.SINGLE_STEP_TRANSFER_CALL,
        Service.GENERATE_DIGITS,
        Service.PARK_CALL,
    }
)
BY_STATE: dict[LineState, frozenset[Service]] = {
    LineState.INITIATED: frozenset({Service.CLEAR_CONNECTION}),
    LineState.DIALING: frozenset({Service.CLEAR_CONNECTION}),
    LineState.RINGBACK: frozenset({Service.CLEAR_CONNECTION, Service.CALL_BACK, Service.GENERATE_DIGITS}),
    LineState.QUEUED: frozenset({Service.CLEAR_CONNECTION, Service.GENERATE_DIGITS}),
    LineState.BUSY: frozenset({Service.CLEAR_CONNECTION, Service.CALL_BACK}),
    LineState.FAILED: frozenset({Service.CLEAR_CONNECTION}),
    LineState.OFFERING: frozenset({Service.ANSWER_CALL, Service.CLEAR_CONNECTION, Service.DEFLECT_CALL}),
    LineState.CONNECTED: _TALK,
    LineState.HELD_BY_OTHER: _TALK,
    LineState.CONFERENCED: _TALK - {Service.PARK_CALL},
    LineState.HOLD: frozenset({Service.RETRIEVE_CALL, Service.CLEAR_CONNECTION}),
    LineState.ENDED: frozenset(),
}
_WITH_HELD: dict[LineState, frozenset[Service]] = {
    LineState.CONNECTED: frozenset(
        {Service.ALTERNATE_CALL, Service.TRANSFER_CALL, Service.CONFERENCE_CALL, Service.RECONNECT_CALL}
    ),
    LineState.RINGBACK: frozenset({Service.ALTERNATE_CALL, Service.TRANSFER_CALL, Service.RECONNECT_CALL}),
    LineState.QUEUED: frozenset({Service.RECONNECT_CALL}),
    LineState.DIALING: frozenset({Service.RECONNECT_CALL}),
    LineState.BUSY: frozenset({Service.RECONNECT_CALL}),
    LineState.FAILED: frozenset({Service.RECONNECT_CALL}),
}
_WITH_HELD[LineState.HELD_BY_OTHER] = _WITH_HELD[LineState.CONFERENCED] = _WITH_HELD[LineState.CONNECTED]
_CALL_BACK = frozenset({PartyKind.EXTENSION, PartyKind.UNKNOWN})
"""Whose end a PBX notices; nobody tells it when a number outside is free again."""
_WITH_ACTIVE = frozenset({Service.ALTERNATE_CALL, Service.TRANSFER_CALL, Service.CONFERENCE_CALL})
_ACTIVE = frozenset({LineState.CONNECTED, LineState.HELD_BY_OTHER, LineState.CONFERENCED, LineState.RINGBACK})
_BY_US = frozenset({Service.DIRECTED_PICKUP_CALL})
"""Services that no PBX lists among those of a connection."""


def services_for(
    call: Call,
    device: str,
    others: Iterable[Call],
    connector_services: frozenset[Service],
    line_services: frozenset[Service],
) -> frozenset[Service]:
    """What this device may ask about this call now; `others`: the device's other calls.

    A device that has no part in the call may only pick it up while it rings elsewhere.
    """
    can = connector_services & line_services
    leg = call.leg(device)
    if not call.live:
        return frozenset()
    if leg is None or not leg.live:
        ringing = any(other.state is ConnectionState.ALERTING for other in call.connections)
        return can & {Service.DIRECTED_PICKUP_CALL} if ringing else frozenset()
    others = tuple(others)
    now = _by_state(call, device, others)
    if leg.permitted is not None:
        now = leg.permitted | (now & _BY_US)
    if leg.state is ConnectionState.HOLD:
        now = _on_hold(now, device, others)
        if Service.MAKE_CALL in can and not _busy(device, others):
            now |= {Service.CONSULTATION_CALL}  # see `commands.command`
    return can & now


def _on_hold(now: frozenset[Service], device: str, others: Iterable[Call]) -> frozenset[Service]:
    """What may be asked about a held call, retrieving by the other calls of its device (ECMA-269, Retrieve Call).

    What the PBX permits was said when something last happened in this call; the others have gone on since.
    """
    active = any((leg := other.leg(device)) is not None and _active(leg) for other in others)
    return now - {Service.RETRIEVE_CALL} if active else now | {Service.RETRIEVE_CALL}


def _active(leg: Connection) -> bool:
    return leg.state in (ConnectionState.INITIATED, ConnectionState.CONNECTED, ConnectionState.FAIL) and up(leg)


def _busy(device: str, others: Iterable[Call]) -> bool:
    """Whether the device is in another call that is not on hold."""
    views = (line_view(other, device) for other in others if other.live)
    return any(view is not None and view.state not in (LineState.HOLD, LineState.ENDED) for view in views)


def _by_state(call: Call, device: str, others: Iterable[Call]) -> frozenset[Service]:
    view = line_view(call, device)
    assert view is not None
    now = BY_STATE[view.state]
    if view.remote.kind not in _CALL_BACK:
        now -= {Service.CALL_BACK}
    states = [other_view.state for other in others if (other_view := line_view(other, device)) is not None]
    if LineState.HOLD in states and view.state is not LineState.HOLD:
        more = _WITH_HELD.get(view.state, frozenset())
        now = (now | more) - {Service.CONSULTATION_CALL} if more else now
    if view.state is LineState.HOLD and _ACTIVE & set(states):
        now |= _WITH_ACTIVE
    return now


def line_services_now(
    connector_services: frozenset[Service], line_services: frozenset[Service], *, in_service: bool = True
) -> frozenset[Service]:
    """What this line may ask without a call."""
    return connector_services & line_services & IDLE if in_service else frozenset()
