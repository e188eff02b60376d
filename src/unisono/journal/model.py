"""Journal entries as values: what one line of ours had to do with one call."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from unisono.calls.model import PartyKind


class Outcome(StrEnum):
    """What became of the call, for this line."""

    RUNNING = "running"
    ANSWERED = "answered"
    ANSWERED_ELSEWHERE = "answered-elsewhere"
    PICKED_UP_ELSEWHERE = "picked-up-elsewhere"
    MISSED = "missed"
    MISSED_QUEUE = "missed-queue"
    MISSED_DND = "missed-dnd"
    MISSED_UNREACHABLE = "missed-unreachable"
    MISSED_VOICEMAIL = "missed-voicemail"
    REJECTED = "rejected"
    BUSY = "busy"
    DEFLECTED = "deflected"
    FORWARDED = "forwarded"
    TRANSFERRED = "transferred"
    RINGING_CONTINUES_AS_TRANSFER = "ringing-continues-as-transfer"
    NOT_ANSWERED = "not-answered"
    """Outgoing: nobody answered."""
    VOICEMAIL = "voicemail"
    """Outgoing: a voicemail box answered."""
    UNREACHABLE = "unreachable"
    REFUSED_DND = "refused-dnd"
    ABANDONED = "abandoned"
    """Outgoing: the caller left a queue."""
    OWN_PHONE_NOT_ANSWERED = "own-phone-not-answered"
    NOT_PLACED = "not-placed"
    FEATURE_CODE = "feature-code"
    LOST_SIGHT = "lost-sight"
    """The call vanished while nobody was looking: its end is not known."""


MISSED = frozenset(
    {
        Outcome.MISSED,
        Outcome.MISSED_QUEUE,
        Outcome.MISSED_DND,
        Outcome.MISSED_UNREACHABLE,
        Outcome.MISSED_VOICEMAIL,
        Outcome.BUSY,
    }
)
"""Outcomes of an incoming call that someone ought to deal with. Rejecting a call is dealing with it."""


class DoneHow(StrEnum):
    """How a missed call was dealt with."""

    BY_HAND = "by-hand"
    CALLED_BACK = "called-back"
    CALLED_AGAIN = "called-again"
    """They called once more and were answered."""
    ANSWERED_BY_OTHER = "answered-by-other"
    """The same call was answered by someone else of the group or queue."""


class ProjectType(StrEnum):
    """Where a project's number is used."""

    NONE = ""
    PBX = "pbx"
    JOURNAL = "journal"
    BOTH = "both"
    PBX_PRIVATE = "pbx-private"


class CallType(StrEnum):
    """What kind of conversation it was."""

    PBX = "pbx"
    SIP = "sip"


@dataclass(frozen=True, slots=True)
class Partner:
    """One party of the call as it was known then. `reason`, `alternatives`: as in `calls.model.ContactRef`."""

    number: str = ""
    canonical: str = ""
    name: str = ""
    company: str = ""
    contact_id: str = ""
    user_id: str = ""
    kind: PartyKind = PartyKind.UNKNOWN
    restricted: bool = False
    reason: str = ""
    alternatives: int = 0


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One call for one line of ours. Times are aware UTC; durations in whole seconds are derived.

    `inbound`: the line was called; else it called. `answered` and `released` bound the talk of this line.
    `called`: what was dialled (a DDI number, a queue), for incoming calls. `shared`: more lines than this one were meant.
    """

    id: str
    call_id: str
    line_id: str
    connection_id: str
    tracker: str
    connector: str
    line_number: str
    line_name: str
    user_id: str
    """Who alone used the line when the call began ("": nobody, or several); their `user_offline` then."""
    inbound: bool
    internal: bool
    remote: Partner
    started: datetime
    user_offline: bool = False
    called: Partner | None = None
    redirecting: Partner | None = None
    queue: str = ""
    provider_number: str = ""
    """Our own number towards the outside, as far as the PBX says it."""
    rang: datetime | None = None
    answered: datetime | None = None
    released: datetime | None = None
    ended: datetime | None = None
    outcome: Outcome = Outcome.RUNNING
    shared: bool = False
    transferred_from: str = ""
    """Device that handed the call over to this line."""
    transferred_to: Partner | None = None
    """To whom this line gave the call: transferred, deflected or forwarded."""
    consultation: bool = False
    """A call on the side of another one, which has the same tracker."""
    acceptor_name: str = ""
    acceptor_user_id: str = ""
    acceptor_connection: str = ""
    """Who answered instead of this line."""
    served: bool = False
    """Somebody of ours answered the call, if not this line."""
    call_type: CallType = CallType.PBX
    no_statistics: bool = False
    subject: str = ""
    note: str = ""
    private: bool = False
    project: str = ""
    project_pin: str = ""
    project_type: ProjectType = ProjectType.NONE
    done_by: str = ""
    done_at: datetime | None = None
    done_how: DoneHow | None = None

    @property
    def owner(self) -> str:
        """Whose entry this is, for ever: the person's (a user id), else that of whoever uses the line (a line id)."""
        return self.user_id or self.line_id

    @property
    def missed(self) -> bool:
        """An incoming call that this line did not answer and ought to know of.

        Of a call that was lost sight of while it rang nobody knows who answered it, if anybody did: better one look too
        many than a caller forgotten.
        """
        if not self.inbound or self.answered is not None:
            return False
        return self.outcome in MISSED or (self.outcome is Outcome.LOST_SIGHT and self.rang is not None)

    @property
    def open(self) -> bool:
        """Missed, and not dealt with by anyone."""
        return self.missed and not self.served and self.done_at is None

    @property
    def connected(self) -> bool:
        """Whether this line talked."""
        return self.answered is not None

    @property
    def duration(self) -> int:
        """Seconds from beginning to end, 0 while it lasts."""
        return 0 if self.ended is None else _seconds(self.ended - self.started)

    @property
    def talk(self) -> int:
        """Seconds from answer to release, 0 while it lasts."""
        return 0 if self.answered is None or self.released is None else _seconds(self.released - self.answered)


def _seconds(span: timedelta) -> int:
    return max(0, round(span.total_seconds()))


class Filter(StrEnum):
    """What a list of entries can be narrowed to; several hold together."""

    MISSED = "missed"
    OPEN = "open"
    IN = "in"
    OUT = "out"
    INTERNAL = "internal"
    EXTERNAL = "external"
    NOTE = "note"
    NO_NOTE = "no-note"
    CONNECTED = "connected"
    NOT_CONNECTED = "not-connected"
    KNOWN = "known"
    """Only parties with a number."""


class Sight(StrEnum):
    """How much of an entry someone sees."""

    OWN = "own"
    """It is theirs."""
    WRITTEN = "written"
    """A close colleague: also what was written about the call, unless it is private."""
    CALLS = "calls"
    """Any other colleague: who talked with whom and when."""


@dataclass(frozen=True, slots=True)
class OwnerScope:
    """Entries of one owner (`JournalEntry.owner`) that may be seen: in which directions, and how much of them.

    `line_id`: only those of this line; `without`: not those of these lines.
    """

    owner: str
    inbound: bool = True
    outbound: bool = True
    line_id: str = ""
    without: tuple[str, ...] = ()
    sight: Sight = Sight.OWN


def own_scopes(user_id: str, line_ids: Iterable[str]) -> tuple[OwnerScope, ...]:
    """A person's own entries: theirs, and those of nobody in particular on the lines that they use now."""
    return tuple(OwnerScope(owner) for owner in (user_id, *sorted(line_ids)) if owner)


@dataclass(frozen=True, slots=True)
class Query:
    """Which entries are wanted, newest first. `owners` None: all, as if they were one's own.

    `numbers`: one of these, if there are any. `after`: the id of the last entry of the page before.
    """

    owners: tuple[OwnerScope, ...] | None
    text: str = ""
    filters: frozenset[Filter] = frozenset()
    contact_id: str = ""
    number: str = ""
    numbers: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    after: str = ""
    limit: int = 50
