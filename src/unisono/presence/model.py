"""Presence as values."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from unisono.calls.model import NOBODY, Party


class State(StrEnum):
    """What colleagues see."""

    AVAILABLE = "available"
    BUSY = "busy"
    AWAY = "away"
    DND = "dnd"
    OFFLINE = "offline"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why the state is what it is."""

    MANUAL = "manual"
    CALL = "call"
    RINGING = "ringing"
    IDLE = "idle"
    LINE_DND = "line-dnd"
    SIGNED_OUT = "signed-out"
    TELEPHONE = "telephone"
    """No window is open, but their telephone is there and free."""
    NONE = "none"


class Activity(StrEnum):
    """What the person's telephone is doing, beside the state."""

    NONE = "none"
    RINGING = "ringing"
    ON_THE_PHONE = "on-the-phone"
    CONFERENCE = "conference"
    AFTER_CALL = "after-call"


SETTABLE = frozenset({State.AVAILABLE, State.BUSY, State.AWAY, State.DND})
"""The states that people set themselves."""


@dataclass(frozen=True, slots=True)
class Manual:
    """What someone set by hand, until they take it back, it expires, or something else happens."""

    state: State
    since: datetime
    until: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class LineState:
    """One call leg of a person as presence needs it. `since`: when it came into this activity."""

    activity: Activity
    since: datetime
    line_id: str = ""
    call_id: str = ""
    outward: bool = False
    """The person called, rather than was called."""
    partner: str = ""
    """Name or number of the other party."""
    remote: Party = field(default=NOBODY, compare=False)
    """The other party, for viewers who may not know them by that name."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything a person's presence follows from; times are aware UTC.

    `idle_since`: when the person stopped using their computer (None: in use). `signed_in_since`, `signed_out_since`: whichever
    holds now is set; both None: not known since the server started. `dnd_since`: a line's do-not-disturb is on.
    `telephone`: one of theirs can be rung. `after_call_until`: time for wrapping up.
    """

    manual: Manual | None = None
    lines: tuple[LineState, ...] = ()
    idle_since: datetime | None = None
    signed_in_since: datetime | None = None
    signed_out_since: datetime | None = None
    dnd_since: datetime | None = None
    telephone: bool = False
    after_call_since: datetime | None = None
    after_call_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Presence:
    """What a person is doing, and why we say so. `since` None: not known."""

    state: State = State.UNKNOWN
    reason: Reason = Reason.NONE
    since: datetime | None = None
    until: datetime | None = None
    note: str = ""
    activity: Activity = Activity.NONE
    with_: LineState | None = field(default=None)
    """The call that `activity` is about; who may see the partner is the viewer's side to ask."""
