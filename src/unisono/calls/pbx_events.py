"""What connectors report (hop 1 to hop 2): the events of ECMA-269, one class each, free of any PBX's dialect.

Rules for connectors. Device identifiers of our lines are the same text as `Line.device`. The same event may be reported by
several monitors: the model takes it once. Order within one call is the PBX's. What the PBX does not say is left empty, never
guessed. `raw` holds the bytes an event was read from, for anomalies and traces.
"""

from dataclasses import dataclass
from datetime import datetime

from unisono.calls.model import (
    NOBODY,
    Cause,
    ConnectionId,
    ConnectionState,
    Direction,
    ForwardingType,
    Party,
    Service,
)


@dataclass(frozen=True, slots=True)
class Head:
    """What all events have.

    `device`: whose monitor reported it ("" when the PBX has one stream for all). `local`: that device's own connection state,
    which wins over what the event's name suggests. `permitted`: what the PBX allows on this device's connection now.
    """

    connector: str
    at: datetime
    cause: Cause = Cause.NORMAL
    device: str = ""
    local: ConnectionState | None = None
    permitted: frozenset[Service] | None = None
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class ServiceInitiated:
    """A device went off hook or is prompted to."""

    head: Head
    connection: ConnectionId
    initiating: Party
    by_cti: bool = False


@dataclass(frozen=True, slots=True)
class Originated:
    """A device dials."""

    head: Head
    connection: ConnectionId
    calling: Party
    called: Party
    direction: Direction | None = None
    by_cti: bool = False
    consultation_of: str = ""
    """The native call this one consults for, if known."""


@dataclass(frozen=True, slots=True)
class NetworkReached:
    """The call left the PBX; the far end may or may not be ringing."""

    head: Head
    connection: ConnectionId
    network: Party
    calling: Party = NOBODY
    called: Party = NOBODY


@dataclass(frozen=True, slots=True)
class Queued:
    """The call waits at a queue or hunt group."""

    head: Head
    connection: ConnectionId
    queue: Party
    calling: Party = NOBODY
    called: Party = NOBODY


@dataclass(frozen=True, slots=True)
class Delivered:
    """A device is ringing."""

    head: Head
    connection: ConnectionId
    """The ringing one."""
    alerting: Party
    calling: Party
    called: Party
    redirecting: Party | None = None
    queue: Party | None = None
    direction: Direction | None = None
    calling_connection: ConnectionId | None = None


@dataclass(frozen=True, slots=True)
class Established:
    """A device has answered."""

    head: Head
    connection: ConnectionId
    answering: Party
    calling: Party = NOBODY
    called: Party = NOBODY
    redirecting: Party | None = None
    queue: Party | None = None
    direction: Direction | None = None
    calling_connection: ConnectionId | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A device put its connection on hold."""

    head: Head
    connection: ConnectionId


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A device took its connection back from hold."""

    head: Head
    connection: ConnectionId


@dataclass(frozen=True, slots=True)
class Failed:
    """A connection could not be completed; the cause says why."""

    head: Head
    connection: ConnectionId
    failing: Party
    calling: Party = NOBODY
    called: Party = NOBODY
    direction: Direction | None = None


@dataclass(frozen=True, slots=True)
class Diverted:
    """A ringing device lost the call to another: forwarding, deflection, pick-up, distribution (see the cause)."""

    head: Head
    connection: ConnectionId
    """The diverting one."""
    diverting: Party
    new_destination: Party
    kind: str = ""
    """The word for `Transfer.kind` where the connector knows it better than the cause (302, cti-redirect)."""
    calling: Party = NOBODY
    called: Party = NOBODY


@dataclass(frozen=True, slots=True)
class Moved:
    """One connection that lives on under another identifier after a transfer or conference."""

    old: ConnectionId
    new: ConnectionId
    party: Party


@dataclass(frozen=True, slots=True)
class Transferred:
    """Two calls became one, or one call got another party, and the transferring device left."""

    head: Head
    primary: ConnectionId
    """The transferring device's connection in the call that lives on (the held one, in attended transfers)."""
    secondary: ConnectionId | None
    transferring: Party
    transferred_to: Party
    moved: tuple[Moved, ...] = ()
    kind: str = "attended"


@dataclass(frozen=True, slots=True)
class Conferenced:
    """Two calls became one with all their parties."""

    head: Head
    primary: ConnectionId
    secondary: ConnectionId | None
    conferencing: Party
    added: Party
    moved: tuple[Moved, ...] = ()


@dataclass(frozen=True, slots=True)
class ConnectionCleared:
    """A device left the call."""

    head: Head
    connection: ConnectionId
    releasing: Party = NOBODY


@dataclass(frozen=True, slots=True)
class CallCleared:
    """The whole call is over."""

    head: Head
    call: str


@dataclass(frozen=True, slots=True)
class CallInformation:
    """Numbers or names became known, or the call's native identifier changed (`new_call`)."""

    head: Head
    connection: ConnectionId
    party: Party = NOBODY
    calling: Party = NOBODY
    called: Party = NOBODY
    new_call: str = ""


@dataclass(frozen=True, slots=True)
class DigitsGenerated:
    """A device sent DTMF digits."""

    head: Head
    connection: ConnectionId
    digits: str


@dataclass(frozen=True, slots=True)
class SnapshotConnection:
    """One connection of a snapshot. `permitted`: what the PBX allows on it now; None: it does not say."""

    id: ConnectionId
    party: Party
    state: ConnectionState
    permitted: frozenset[Service] | None = None


@dataclass(frozen=True, slots=True)
class CallSnapshot:
    """A call that is up, read on request; it makes the call known or corrects it."""

    head: Head
    call: str
    connections: tuple[SnapshotConnection, ...]
    calling: Party = NOBODY
    called: Party = NOBODY
    direction: Direction | None = None
    started: datetime | None = None


@dataclass(frozen=True, slots=True)
class SnapshotComplete:
    """The end of a snapshot: calls of `devices` (None: of the whole connector) that are not in `calls` have gone unseen."""

    head: Head
    calls: frozenset[str]
    devices: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class MonitorStopped:
    """A device is not monitored any more (ECMA-269, MonitorStop); `others` still are, and tell of calls they have part in."""

    head: Head
    device: str
    others: frozenset[str]


@dataclass(frozen=True, slots=True)
class DeviceDoNotDisturb:
    """Do-not-disturb of a device was switched."""

    head: Head
    device: str
    on: bool


@dataclass(frozen=True, slots=True)
class DeviceForwarding:
    """A forwarding of a device was switched."""

    head: Head
    device: str
    type: ForwardingType
    on: bool
    to: str = ""


@dataclass(frozen=True, slots=True)
class DeviceMessageWaiting:
    """The voice messages of a device changed."""

    head: Head
    device: str
    count: int


@dataclass(frozen=True, slots=True)
class DeviceInService:
    """A device came or went (registered, plugged in)."""

    head: Head
    device: str
    on: bool


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something arrived that cannot be: counted as an anomaly, with its bytes in the head."""

    head: Head
    why: str


CallEvent = (
    ServiceInitiated
    | Originated
    | NetworkReached
    | Queued
    | Delivered
    | Established
    | Held
    | Retrieved
    | Failed
    | Diverted
    | Transferred
    | Conferenced
    | ConnectionCleared
    | CallCleared
    | CallInformation
    | DigitsGenerated
    | CallSnapshot
    | SnapshotComplete
    | MonitorStopped
    | Unreadable
)
DeviceEvent = DeviceDoNotDisturb | DeviceForwarding | DeviceMessageWaiting | DeviceInService
PbxEvent = CallEvent | DeviceEvent
