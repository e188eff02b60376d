"""What a call means for the presence of those who are in it. Pure."""

from unisono.calls.model import Call, Connection, ConnectionState, Direction, Party
from unisono.people.model import Line, LineKind
from unisono.presence.model import Activity, LineState

_TALKING = (ConnectionState.CONNECTED, ConnectionState.HOLD)


def line_state(call: Call, line: Line) -> LineState | None:
    """What this line does in this call; None where it has no live part in it, or is no person's telephone."""
    leg = call.leg(line.device)
    if leg is None or not leg.live or line.kind is not LineKind.EXTENSION:
        return None
    outward = call.calling.device == line.device
    if leg.state is ConnectionState.ALERTING:
        since = leg.rang or leg.started
        return LineState(Activity.RINGING, since, line.id, call.id, outward, _partner(call, leg))
    if leg.state in (*_TALKING, ConnectionState.INITIATED):
        activity = Activity.CONFERENCE if _conference(call) else Activity.ON_THE_PHONE
        since = leg.answered or leg.started
        return LineState(activity, since, line.id, call.id, outward, _partner(call, leg))
    return None


def _conference(call: Call) -> bool:
    talking = sum(1 for leg in call.connections if leg.state in _TALKING)
    return call.direction is Direction.CONFERENCE or talking > 2


def _partner(call: Call, own: Connection) -> str:
    """Name or number of the other party: who is connected, else who rings, else who was dialled or called."""
    others = [leg for leg in call.connections if leg.live and leg.id.device != own.id.device]
    others.sort(key=lambda leg: leg.state not in _TALKING)
    if others:
        return _shown(others[0].party)
    return _shown(call.called if call.calling.device == own.id.device else call.calling)


def _shown(party: Party) -> str:
    if party.restricted:
        return ""
    name = party.contact.name if party.contact else party.name
    return name or party.canonical or party.number
