"""Calls, their connections and parties as immutable values (ECMA-269 6.1)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class ConnectionState(StrEnum):
    """Connection states (ECMA-269 6.1.4)."""

    NULL = "null"
    INITIATED = "initiated"
    ALERTING = "alerting"
    CONNECTED = "connected"
    HOLD = "hold"
    QUEUED = "queued"
    FAIL = "fail"


class Direction(StrEnum):
    """Where a call comes from and goes to, seen from the firm."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"
    CONFERENCE = "conference"
    FEATURE = "feature"


class PartyKind(StrEnum):
    """What stands behind a device identifier."""

    EXTENSION = "extension"
    EXTERNAL = "external"
    QUEUE = "queue"
    GROUP = "group"
    VOICEMAIL = "voicemail"
    CONFERENCE = "conference"
    PARK = "park"
    SERVICE = "service"
    UNKNOWN = "unknown"


class Cause(StrEnum):
    """Event causes we act upon (ECMA-269 12.2.15, "EventCause"); connectors map the rest to NORMAL."""

    NORMAL = "normal"
    NEW_CALL = "newCall"
    NORMAL_CLEARING = "normalClearing"
    BUSY = "busy"
    CALL_CANCELLED = "callCancelled"
    CALL_NOT_ANSWERED = "callNotAnswered"
    CALL_FORWARD = "callForward"
    CALL_FORWARD_IMMEDIATE = "callForwardImmediate"
    CALL_FORWARD_BUSY = "callForwardBusy"
    CALL_FORWARD_NO_ANSWER = "callForwardNoAnswer"
    CALL_PICKUP = "callPickup"
    CALL_BACK = "callBack"
    CONSULTATION = "consultation"
    ALTERNATE = "alternate"
    TRANSFER = "transfer"
    SINGLE_STEP_TRANSFER = "singleStepTransfer"
    CONFERENCE = "conference"
    PARK = "park"
    RECALL = "recall"
    REDIRECTED = "redirected"
    DISTRIBUTED = "distributed"
    ENTERING_DISTRIBUTION = "enteringDistribution"
    DO_NOT_DISTURB = "doNotDisturb"
    DESTINATION_NOT_OBTAINABLE = "destinationNotObtainable"
    INVALID_NUMBER = "invalidNumberFormat"
    NETWORK_CONGESTION = "networkCongestion"
    REJECTED = "callRejected"
    OUT_OF_SERVICE = "destinationOutOfOrder"
    ANSWERED_ELSEWHERE = "answeredElsewhere"
    LOST_SIGHT = "lostSight"


class Role(StrEnum):
    """How a party came into the call."""

    CALLER = "caller"
    CALLEE = "callee"
    PICKUP = "pickup"
    QUEUE_MEMBER = "queue-member"
    DEFLECT_TARGET = "deflect-target"
    FORWARD_TARGET = "forward-target"
    TRANSFER_TARGET = "transfer-target"
    PARTICIPANT = "participant"


class LegOutcome(StrEnum):
    """What became of one party's part in the call."""

    ANSWERED = "answered"
    ANSWERED_ELSEWHERE = "answered-elsewhere"
    PICKED_UP_ELSEWHERE = "picked-up-elsewhere"
    MISSED = "missed"
    MISSED_QUEUE = "missed-queue"
    MISSED_VOICEMAIL = "missed-voicemail"
    MISSED_UNREACHABLE = "missed-unreachable"
    MISSED_DND = "missed-dnd"
    REJECTED = "rejected"
    BUSY = "busy"
    DEFLECTED = "deflected"
    FORWARDED = "forwarded"
    TRANSFERRED = "transferred"
    OWN_PHONE_NOT_ANSWERED = "own-phone-not-answered"
    RINGING_CONTINUES_AS_TRANSFER = "ringing-continues-as-transfer"


class Result(StrEnum):
    """What became of the whole call."""

    ANSWERED = "answered"
    MISSED = "missed"
    REJECTED = "rejected"
    BUSY = "busy"
    VOICEMAIL = "voicemail"
    ABANDONED = "abandoned"
    UNREACHABLE = "unreachable"
    REFUSED_DND = "refused-dnd"
    FORWARDED = "forwarded"
    """Unanswered, it went on to where none of our monitors hears: what became of it there is not known."""
    NOT_PLACED = "not-placed"
    TRANSFERRED_WHILE_RINGING = "transferred-while-ringing"
    FEATURE_CODE = "feature-code"
    LOST_SIGHT = "lost-sight"


class Service(StrEnum):
    """What may be asked of a PBX (ECMA-269 call control, device and I/O services)."""

    MAKE_CALL = "makeCall"
    ANSWER_CALL = "answerCall"
    CLEAR_CONNECTION = "clearConnection"
    HOLD_CALL = "holdCall"
    RETRIEVE_CALL = "retrieveCall"
    ALTERNATE_CALL = "alternateCall"
    CONSULTATION_CALL = "consultationCall"
    RECONNECT_CALL = "reconnectCall"
    TRANSFER_CALL = "transferCall"
    SINGLE_STEP_TRANSFER_CALL = "singleStepTransferCall"
    DEFLECT_CALL = "deflectCall"
    CONFERENCE_CALL = "conferenceCall"
    DIRECTED_PICKUP_CALL = "directedPickupCall"
    GROUP_PICKUP_CALL = "groupPickupCall"
    PARK_CALL = "parkCall"
    CALL_BACK = "callBackCall"
    GENERATE_DIGITS = "generateDigits"
    SET_FORWARDING = "setForwarding"
    SET_DO_NOT_DISTURB = "setDoNotDisturb"


class ForwardingType(StrEnum):
    """Forwarding types (ECMA-269 6.1.8), each also for internal or external callers only."""

    IMMEDIATE = "forwardImmediate"
    BUSY = "forwardBusy"
    NO_ANSWER = "forwardNoAns"
    DND = "forwardDND"
    IMMEDIATE_INTERNAL = "forwardImmInt"
    IMMEDIATE_EXTERNAL = "forwardImmExt"
    BUSY_INTERNAL = "forwardBusyInt"
    BUSY_EXTERNAL = "forwardBusyExt"
    NO_ANSWER_INTERNAL = "forwardNoAnsInt"
    NO_ANSWER_EXTERNAL = "forwardNoAnsExt"


@dataclass(frozen=True, slots=True)
class ConnectionId:
    """A device in a call (ECMA-269 6.1.5, connection identifier): both parts opaque, unique inside one connector instance."""

    call: str
    device: str

    def __str__(self) -> str:
        return f"{self.call}/{self.device}"


@dataclass(frozen=True, slots=True)
class ContactRef:
    """Who a number belongs to, as the directory said when the call was identified."""

    id: str
    name: str
    company: str = ""
    reason: str = ""
    """Why this contact: "exact", "main-number", "last-digits", "person" (one of ours)."""
    alternatives: int = 0
    """How many other contacts have the same number."""


@dataclass(frozen=True, slots=True)
class Party:
    """One end of a call as the PBX names it, and what hop 2 found out about it.

    `device` is the PBX's device identifier (a line's when it is one of ours), `number` is raw as reported, `canonical` the
    super-canonical form, filled by the service.
    """

    device: str = ""
    number: str = ""
    name: str = ""
    kind: PartyKind = PartyKind.UNKNOWN
    restricted: bool = False
    canonical: str = ""
    contact: ContactRef | None = None


NOBODY = Party()


@dataclass(frozen=True, slots=True)
class Connection:
    """One party's leg of a call; it stays in the call, in state NULL, after it has been cleared."""

    id: ConnectionId
    party: Party
    state: ConnectionState
    role: Role
    started: datetime
    rang: datetime | None = None
    answered: datetime | None = None
    ended: datetime | None = None
    outcome: LegOutcome | None = None
    cause: Cause = Cause.NORMAL
    permitted: frozenset[Service] | None = None
    """What the PBX says may be done now; None: it does not say."""
    digits: str = ""
    """DTMF this party sent; `Call.digits` has those of all parties in their order."""
    digits_at: datetime | None = None

    @property
    def live(self) -> bool:
        """Whether the party is still in the call."""
        return self.state is not ConnectionState.NULL


@dataclass(frozen=True, slots=True)
class Hold:
    """One time a party put the call on hold."""

    by: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer, pick-up, deflection or forwarding on the way of a call. Devices are PBX device identifiers."""

    kind: str
    """blind, attended, attended-ringing, cti-redirect, pickup, deflect, forward, 302, park."""
    by: str
    to: str
    at: datetime
    of: str = ""
    to_kind: PartyKind = PartyKind.UNKNOWN
    """What `to` is, where the PBX says it."""
    target: Party | None = None
    """Who `to` is: a number may never have a part in the call, and be known all the same. Filled by the service."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call from its first to its last connection. Times are aware UTC."""

    id: str
    connector: str
    native: str
    """The PBX's call identifier now; transfers can change it."""
    tracker: str
    """Shared by all calls of one scenario: consultation, transfer, group."""
    direction: Direction
    calling: Party
    called: Party
    """What was dialled first, not who answered."""
    started: datetime
    connections: tuple[Connection, ...] = ()
    queue: Party | None = None
    redirecting: Party | None = None
    placed: datetime | None = None
    """When the calling device dialled; for a call made by CTI: when its own phone was answered. None: it never dialled."""
    rang: datetime | None = None
    """The first ring at anybody but the caller's own phone."""
    answered: datetime | None = None
    """When a person answered: not a queue, a voicemail box or an announcement."""
    ended: datetime | None = None
    ended_by: str = ""
    """Who left first: a device identifier, "external" or "pbx".

    "transfer" or "conference": it was merged into another call, or transferred out of sight; "forward": it was diverted to
    where none of our monitors hears.
    """
    result: Result | None = None
    cause: Cause = Cause.NORMAL
    holds: tuple[Hold, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    digits: str = ""
    consultation: bool = False
    by_cti: bool = False
    data: Mapping[str, str] = field(default_factory=dict)
    """Call data shared by all clients on the call."""

    @property
    def live(self) -> bool:
        """Whether the call is still up."""
        return self.ended is None

    def leg(self, device: str) -> Connection | None:
        """The last connection of this device: the live one if there is one."""
        found = None
        for connection in self.connections:
            if connection.id.device == device:
                found = connection
                if connection.live:
                    return connection
        return found


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """What a monitored device is set to, apart from its calls."""

    in_service: bool = True
    do_not_disturb: bool = False
    forwarding: tuple[tuple[ForwardingType, str], ...] = ()
    """Active forwardings and their destinations."""
    messages_waiting: int = 0
