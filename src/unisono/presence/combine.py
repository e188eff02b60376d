"""From everything we know of a person to one presence. Pure.

Of the system's own sources the first that applies gives the state: a line's do-not-disturb, a call, a ringing telephone, the
time after a call, idle, signed out; else the person is available. Who has no window open but a telephone in service is
available by telephone: they can be rung, and whether they sit at a computer says nothing about that.

What people set by hand wins from the moment they set it, until it expires or they take it back, and as long as nothing happens
after it: the next call, ring or do-not-disturb that begins later shows instead, for as long as it lasts. Idle and signed out
only hide a manual "available", because a machine left alone says less than a person who said that they are away, busy or not
to be disturbed.
"""

from dataclasses import replace
from datetime import datetime

from unisono.presence.model import Activity, LineState, Manual, Presence, Reason, Sources, State
from unisono.presence.timing import Timing

_RANK = {Activity.CONFERENCE: 0, Activity.ON_THE_PHONE: 1, Activity.RINGING: 2}


def combine(sources: Sources, now: datetime, timing: Timing) -> Presence:
    """The presence that follows from `sources` at `now`."""
    system = _system(sources, now, timing)
    manual = sources.manual
    if manual is None or (manual.until is not None and now >= manual.until):
        return system
    if _happened_after(manual, system, sources):
        return replace(system, note=manual.note)
    return replace(
        system, state=manual.state, reason=Reason.MANUAL, since=manual.since, until=manual.until, note=manual.note
    )


def next_change(sources: Sources, now: datetime, timing: Timing) -> datetime | None:
    """When time alone will change the presence next; None: it will not."""
    moments = [
        sources.manual.until if sources.manual else None,
        sources.idle_since + timing.idle_after if sources.idle_since else None,
        sources.signed_out_since + timing.sign_out_after if sources.signed_out_since else None,
        sources.after_call_until,
    ]
    return min((moment for moment in moments if moment is not None and moment > now), default=None)


def _system(sources: Sources, now: datetime, timing: Timing) -> Presence:
    call = min(sources.lines, key=lambda line: (_RANK[line.activity], line.since), default=None)
    doing = Presence(activity=call.activity if call else Activity.NONE, with_=call)
    if sources.dnd_since is not None:
        return replace(doing, state=State.DND, reason=Reason.LINE_DND, since=sources.dnd_since)
    if call is not None:
        reason = Reason.RINGING if call.activity is Activity.RINGING else Reason.CALL
        return replace(doing, state=State.BUSY, reason=reason, since=call.since)
    if sources.after_call_until is not None and now < sources.after_call_until:
        return Presence(
            State.BUSY,
            Reason.CALL,
            sources.after_call_since,
            sources.after_call_until,
            activity=Activity.AFTER_CALL,
        )
    if sources.signed_in_since is None:
        return _signed_out(sources, now, timing)
    if sources.idle_since is not None and now >= sources.idle_since + timing.idle_after:
        return Presence(State.AWAY, Reason.IDLE, sources.idle_since)
    return Presence(State.AVAILABLE, Reason.NONE, sources.signed_in_since)


def _signed_out(sources: Sources, now: datetime, timing: Timing) -> Presence:
    since = sources.signed_out_since
    if since is not None and now < since + timing.sign_out_after:
        return Presence(State.AVAILABLE, Reason.NONE)
    if sources.telephone:
        return Presence(State.AVAILABLE, Reason.TELEPHONE)
    return Presence(State.OFFLINE, Reason.SIGNED_OUT, since)


def _happened_after(manual: Manual, system: Presence, sources: Sources) -> bool:
    """Whether the system knows of something that began after the manual setting and counts more."""
    if system.state is State.AVAILABLE:
        return False
    if system.reason is Reason.LINE_DND and manual.state is State.DND:
        return False  # one and the same: the telephones follow what was set by hand
    if system.reason in (Reason.IDLE, Reason.SIGNED_OUT):
        return manual.state is State.AVAILABLE and (system.since is None or system.since >= manual.since)
    return any(moment > manual.since for moment in _beginnings(sources.lines, system))


def _beginnings(lines: tuple[LineState, ...], system: Presence) -> list[datetime]:
    return [line.since for line in lines] + ([system.since] if system.since else [])
