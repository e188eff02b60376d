"""What a call means for the presence of those who are in it. Pure."""

from unisono.calls.model import Call, Party
from unisono.calls.view import LineState as CallState
from unisono.calls.view import line_view
from unisono.people.model import Line, LineKind
from unisono.presence.model import Activity, LineState

_ACTIVITY = {CallState.OFFERING: Activity.RINGING, CallState.CONFERENCED: Activity.CONFERENCE}


def line_state(call: Call, line: Line) -> LineState | None:
    """What this line does in this call; None where it has no live part in it, or is no person's telephone."""
    view = line_view(call, line.device)
    if view is None or view.state is CallState.ENDED or not call.live or line.kind is not LineKind.EXTENSION:
        return None
    activity = _ACTIVITY.get(view.state, Activity.ON_THE_PHONE)
    since = view.since if activity is Activity.RINGING else view.answered or view.started
    return LineState(activity, since, line.id, call.id, view.outgoing, shown(view.remote), view.remote)


def shown(party: Party) -> str:
    """Name or number of a party, as far as it wants to be known."""
    if party.restricted:
        return ""
    name = party.contact.name or party.contact.company if party.contact else party.name
    return name or party.canonical or party.number
