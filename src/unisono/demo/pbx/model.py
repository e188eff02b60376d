"""The words of the switch: states, causes, events (ECMA-269), and the errors it answers with (ECMA-323)."""

from dataclasses import dataclass, field
from enum import Enum, StrEnum


class State(StrEnum):
    """Connection states (ECMA-269 6.1.4)."""

    NULL = "null"
    INITIATED = "initiated"
    ALERTING = "alerting"
    CONNECTED = "connected"
    HOLD = "hold"
    QUEUED = "queued"
    FAIL = "fail"


# Which state may follow which (ECMA-269 6.1.4, figure of the connection state model). A network interface goes from
# initiated to alerting when the far end starts to ring.
LAWFUL: dict[State, frozenset[State]] = {
    State.NULL: frozenset(State) - {State.NULL, State.HOLD},
    State.INITIATED: frozenset({State.CONNECTED, State.ALERTING, State.FAIL, State.NULL}),
    State.ALERTING: frozenset({State.CONNECTED, State.FAIL, State.NULL}),
    State.CONNECTED: frozenset({State.HOLD, State.FAIL, State.NULL}),
    State.HOLD: frozenset({State.CONNECTED, State.FAIL, State.NULL}),
    State.QUEUED: frozenset({State.ALERTING, State.CONNECTED, State.NULL}),
    State.FAIL: frozenset({State.NULL}),
}


class Cause(StrEnum):
    """Event causes this switch gives (ECMA-323 EventCause)."""

    NORMAL = "normal"
    NEW_CALL = "newCall"
    MAKE_CALL = "makeCall"
    NORMAL_CLEARING = "normalClearing"
    CALL_CANCELLED = "callCancelled"
    CALL_NOT_ANSWERED = "callNotAnswered"
    BUSY = "busy"
    DO_NOT_DISTURB = "doNotDisturb"
    DEST_NOT_OBTAINABLE = "destNotObtainable"
    DEST_OUT_OF_ORDER = "destOutOfOrder"
    INVALID_NUMBER = "invalidNumberFormat"
    NUMBER_UNALLOCATED = "numberUnallocated"
    TRUNKS_BUSY = "trunksBusy"
    NETWORK_SIGNAL = "networkSignal"
    FORWARD_IMMEDIATE = "callForwardImmediate"
    FORWARD_BUSY = "callForwardBusy"
    FORWARD_NO_ANSWER = "callForwardNoAnswer"
    FORWARD = "callForward"
    PICKUP = "callPickup"
    CALL_BACK = "callBack"
    CONSULTATION = "consultation"
    ALTERNATE = "alternate"
    TRANSFER = "transfer"
    SINGLE_STEP_TRANSFER = "singleStepTransfer"
    CONFERENCE = "conference"
    PARK = "park"
    RECALL = "recall"
    RECALL_NO_ANSWER = "recallNoAnswer"
    REDIRECTED = "redirected"
    ENTERING_DISTRIBUTION = "enteringDistribution"
    DISTRIBUTED = "distributed"
    QUEUE_TIME_OVERFLOW = "queueTimeOverflow"


class Category(StrEnum):
    """Device categories (ECMA-323 DeviceCategory)."""

    STATION = "station"
    NETWORK = "networkInterface"
    ACD = "acd"
    GROUP = "group"
    VOICE = "voiceUnit"
    PARK = "park"


class Forwarding(StrEnum):
    """Forwarding types (ECMA-323 ForwardingType)."""

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
    DND_INTERNAL = "forwardDNDInt"
    DND_EXTERNAL = "forwardDNDExt"


class Strategy(StrEnum):
    """How a queue or hunt group chooses among its idle members."""

    RING_ALL = "ring-all"
    LINEAR = "linear"
    CIRCULAR = "circular"
    LONGEST_IDLE = "longest-idle"


class MergedId(StrEnum):
    """Which call identifier lives on after a transfer or conference: switches differ."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    NEW = "new"


class Problem(Enum):
    """Why a request is refused: category and value of CSTAErrorCode (ECMA-323 clause 9.2)."""

    INVALID_PARAMETER = ("operation", "invalidParameterValue")
    INVALID_DEVICE = ("operation", "invalidDeviceID")
    INVALID_CALLING_DEVICE = ("operation", "invalidCallingDeviceID")
    INVALID_CALLED_DEVICE = ("operation", "invalidCalledDeviceID")
    INVALID_DESTINATION = ("operation", "invalidDestination")
    INVALID_CALL = ("operation", "invalidCallID")
    INVALID_CONNECTION = ("operation", "invalidConnectionID")
    INVALID_CROSS_REF = ("operation", "invalidMonitorCrossRefID")
    INVALID_MONITOR_OBJECT = ("operation", "invalidMonitorObject")
    INVALID_FORWARD_DESTINATION = ("operation", "invalidForwardingDestination")
    INVALID_PARK_DEVICE = ("operation", "invalidParkToDeviceID")
    NOT_SAME_DEVICE = ("operation", "notSameDevice")
    NOT_DIFFERENT_DEVICES = ("operation", "notDifferentDevices")
    CHARACTERS_NOT_SUPPORTED = ("operation", "charactersToSendNotSupported")
    INCOMPATIBLE_DEVICE = ("operation", "requestIncompatibleWithDevice")
    INCOMPATIBLE_CONNECTION = ("operation", "requestIncompatibleWithConnection")
    SERVICE_NOT_SUPPORTED = ("operation", "serviceNotSupported")
    CONNECTION_STATE = ("stateIncompatibility", "invalidConnectionState")
    ACTIVE_CONNECTION_STATE = ("stateIncompatibility", "invalidActiveConnectionState")
    HELD_CONNECTION_STATE = ("stateIncompatibility", "invalidHeldConnectionState")
    CALLING_DEVICE_STATE = ("stateIncompatibility", "invalidCallingDeviceState")
    DESTINATION_DEVICE_STATE = ("stateIncompatibility", "invalidDestinationDeviceState")
    PARK_DEVICE_STATE = ("stateIncompatibility", "invalidParkToDeviceState")
    CONNECTED_CALL_EXISTS = ("stateIncompatibility", "connectedCallExists")
    NO_CALL_TO_ANSWER = ("stateIncompatibility", "noCallToAnswer")
    NO_CALL_TO_COMPLETE = ("stateIncompatibility", "noCallToComplete")
    NO_CONNECTION_TO_CLEAR = ("stateIncompatibility", "noConnectionToClear")
    CALLING_OUT_OF_SERVICE = ("systemResourceAvailibility", "callingDeviceOutOfService")
    NETWORK_BUSY = ("systemResourceAvailibility", "networkBusy")
    CONFERENCE_LIMIT = ("systemResourceAvailibility", "conferenceMemberLimitExceeded")
    MONITOR_LIMIT = ("systemResourceAvailibility", "overallMonitorLimitExceeded")
    PERFORMANCE_LIMIT = ("performanceManagement", "performanceLimitExceeded")
    NO_SESSION = ("security", "securityInfoViolated")


class Refusal(Exception):
    """The switch does not do what was asked; nothing has changed."""

    def __init__(self, problem: Problem, about: str = "") -> None:
        super().__init__(f"{problem.value[1]}: {about}" if about else problem.value[1])
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Leg:
    """A connection identifier (ECMA-269 6.1.5)."""

    call: str
    device: str


@dataclass(frozen=True, slots=True)
class Address:
    """How a device is shown in events. `number` is empty when nothing is known of it."""

    number: str = ""
    name: str = ""
    restricted: bool = False
    outside: bool = False


UNKNOWN = Address()


@dataclass(frozen=True, slots=True)
class Moved:
    """One connection after a transfer or conference: its old identifier (None: it is new), its new one."""

    old: Leg | None
    new: Leg
    endpoint: Address


class CallEventKind(StrEnum):
    """Call control and call associated events, by the names of ECMA-323 without "Event"."""

    SERVICE_INITIATED = "ServiceInitiated"
    ORIGINATED = "Originated"
    NETWORK_REACHED = "NetworkReached"
    DELIVERED = "Delivered"
    ESTABLISHED = "Established"
    HELD = "Held"
    RETRIEVED = "Retrieved"
    DIVERTED = "Diverted"
    QUEUED = "Queued"
    FAILED = "Failed"
    TRANSFERED = "Transfered"
    CONFERENCED = "Conferenced"
    CONNECTION_CLEARED = "ConnectionCleared"
    CALL_CLEARED = "CallCleared"
    DIGITS_GENERATED = "DigitsGenerated"


@dataclass(frozen=True, slots=True)
class CallEvent:
    """Something happened in a call. Which fields count depends on the kind.

    `subject` is the connection it happened to, `device` its device (alerting, answering, holding, ...), `other` the second
    device (new destination, transferred-to, added party, queue). `secondary` and `moved` belong to transfer and conference.
    """

    kind: CallEventKind
    subject: Leg
    device: Address
    calling: Address
    called: Address
    cause: Cause
    last_redirection: Address | None = None
    other: Address | None = None
    secondary: Leg | None = None
    network: Leg | None = None
    """The outside party's connection, if there is one (originatingNIDConnection)."""
    moved: tuple[Moved, ...] = ()
    number_queued: int = 0
    calls_in_front: int = 0
    digits: str = ""
    subject_of_call: str = ""

    @property
    def calls(self) -> tuple[str, ...]:
        """The call, and the other one that is no more after this event."""
        old = {moved.old.call for moved in self.moved if moved.old}
        return (self.subject.call, *sorted(old - {self.subject.call}))


class DeviceEventKind(StrEnum):
    """Device events, by the names of ECMA-323 without "Event"."""

    FORWARDING = "Forwarding"
    DO_NOT_DISTURB = "DoNotDisturb"
    MESSAGE_WAITING = "MessageWaiting"
    OUT_OF_SERVICE = "OutOfService"
    BACK_IN_SERVICE = "BackInService"
    CALL_BACK = "CallBack"


@dataclass(frozen=True, slots=True)
class DeviceEvent:
    """A device's settings or service changed."""

    kind: DeviceEventKind
    device: Address
    on: bool = True
    forwarding: Forwarding = Forwarding.IMMEDIATE
    to: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """An event as one device's monitor sees it: with that device's own connection state and what it may do now.

    Every call event is reported once more with an empty `device`, for monitors on the call.
    """

    device: str
    event: CallEvent | DeviceEvent
    local: State = State.NULL
    permitted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Options:
    """Where real switches differ. Times in seconds."""

    merged_id: MergedId = MergedId.PRIMARY
    call_cleared_to_devices: bool = True
    """Whether device monitors get CallCleared for calls they were in to the end. ECMA-269 gives it to call monitors only."""
    no_answer: float = 20.0
    alerting_limit: float = 60.0
    busy_tone: float = 20.0
    prompt: float = 30.0
    park_recall: float = 90.0
    conference_limit: int = 8
    channels: int = 60
    seed: str = "1"
    """Goes into every call identifier, so that those of two runs differ."""


@dataclass(slots=True)
class Device:
    """A device of the switch and what it is set to. `max_calls` counts ringing and held ones too."""

    id: str
    name: str = ""
    category: Category = Category.STATION
    site: str = ""
    pickup_group: str = ""
    mailbox: str = ""
    """Where unanswered calls go when no forwarding says otherwise."""
    no_answer: float | None = None
    max_calls: int = 2
    members: tuple[str, ...] = ()
    strategy: Strategy = Strategy.RING_ALL
    ring_time: float = 15.0
    max_wait: float = 120.0
    overflow: str = ""
    in_service: bool = True
    do_not_disturb: bool = False
    forwards: dict[Forwarding, str] = field(default_factory=dict)
    messages: int = 0
    idle_since: float = 0.0
    last_served: str = ""

    @property
    def address(self) -> Address:
        """How the device is shown in events."""
        return Address(self.id, self.name)

    def forward(self, kind: Forwarding, *, external: bool) -> str:
        """Where calls go by this forwarding; "" if it is off. One for internal or external callers only goes first."""
        special = Forwarding(kind.value + ("Ext" if external else "Int")) if kind is not Forwarding.IMMEDIATE else (
            Forwarding.IMMEDIATE_EXTERNAL if external else Forwarding.IMMEDIATE_INTERNAL
        )
        return self.forwards.get(special) or self.forwards.get(kind, "")
