"""What Asterisk has in its hands now: channels, bridges, dials, and the calls they belong to. Bookkeeping, nothing is told.

Keys are unique ids, never names: a channel keeps its Uniqueid through transfers and pick-ups, while its caller id, its
connected line and its Linkedid change. A call here is what a person would call one; its id is the Linkedid it began with.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum, auto

from unisono.calls.model import NOBODY, Cause, Direction, Party, PartyKind
from unisono.calls.pbx_events import Head, PbxEvent
from unisono.connectors.asterisk.endpoints import Endpoints, Kind
from unisono.connectors.asterisk.names import Endpoint, clean, withheld
from unisono.wire.ami import Message

MOST_CHANNELS = 20_000
MOST_CLOSED = 2_000
STALE = timedelta(hours=24)


class State:
    """AST_STATE_* numbers we act on (include/asterisk/channelstate.h)."""

    DOWN, RESERVED, OFF_HOOK, DIALING, RING, RINGING, UP, BUSY = range(8)


class LegState(Enum):
    """How far a device got in a call."""

    IDLE = auto()
    RINGING = auto()
    TALKING = auto()
    ENDING = auto()
    """It stopped ringing; why will be known from what its caller does next."""
    GONE = auto()


@dataclass(slots=True)
class Channel:
    """One channel, as its last event showed it."""

    uid: str
    name: str
    endpoint: Endpoint
    linkedid: str
    born: datetime
    state: int = State.DOWN
    number: str = ""
    caller_name: str = ""
    restricted: bool = False
    context: str = ""
    exten: str = ""
    dialled: str = ""
    """What it dialled when it came in."""
    dnid: str = ""
    incoming: bool = False
    call: "PbxCall | None" = None
    dialled_by: str = ""
    dial_string: str = ""
    dial_exten: str = ""
    """Its own extension when it last began to dial others."""
    dialling: list[str] = field(default_factory=list)
    answered: bool = False
    bridge: str = ""
    moved_to: str = ""
    """The extension it was sent to when it left a bridge without hanging up."""
    moved_at: datetime | None = None
    hangup_requested: bool = False
    hangup_cause: str = ""
    application: str = ""
    application_data: str = ""
    cause: Cause = Cause.NEW_CALL
    seen: datetime | None = None
    told_as: Kind | None = None
    """What it was told as: better knowledge of its endpoint counts for the next call."""

    @property
    def inner(self) -> bool:
        """Whether it is plumbing."""
        return self.endpoint.inner


@dataclass(slots=True)
class Leg:
    """One device's part in a call; several channels can serve it (a phone with two contacts)."""

    device: str
    party: Party
    uids: set[str]
    state: LegState = LegState.IDLE
    rang: bool = False
    held: bool = False
    ended_at: datetime | None = None
    ended_how: str = ""
    raw: bytes = b""


@dataclass(slots=True)
class PbxCall:
    """One call on the PBX."""

    id: str
    born: datetime
    caller: str
    """Uniqueid of the channel that calls."""
    announced: bool = False
    originate: bool = False
    called: Party = NOBODY
    direction: Direction | None = None
    legs: dict[str, Leg] = field(default_factory=dict)
    channels: set[str] = field(default_factory=set)
    queue: Party | None = None
    conference: str = ""
    voicemail: str = ""
    by_cti: bool = False
    targets: list[str] = field(default_factory=list)
    """Dial targets of the running Dial application that have no channel yet."""
    next_cause: Cause = Cause.NEW_CALL
    redirecting: Party | None = None
    released: str = ""
    up_since: datetime | None = None
    answered: bool = False
    clash_at: datetime | None = None
    """Since when one bridge holds channels of this call and of another, unexplained."""
    ended_at: datetime | None = None


@dataclass(slots=True)
class Bridge:
    """One bridge and the channels in it."""

    id: str
    conversation: bool = True
    conference: str = ""
    members: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Switch:
    """One Asterisk as far as its stream told; `out` collects what is to be reported."""

    connector: str
    endpoints: Endpoints
    channels: dict[str, Channel] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    closed: OrderedDict[str, Channel] = field(default_factory=OrderedDict)
    """Channels that hung up lately: events about them still come, and must not bring them back."""
    bridges: dict[str, Bridge] = field(default_factory=dict)
    calls: dict[str, PbxCall] = field(default_factory=dict)
    conferences: dict[str, PbxCall] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    """Calls that wait for an explanation or for the right moment to be told."""
    device_states: dict[str, str] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)
    """Channels of the list that is being received."""
    lists: dict[str, datetime] = field(default_factory=dict)
    """ActionID of a list: when its answer began."""
    do_not_disturb: set[str] = field(default_factory=set)
    messages: dict[str, int] = field(default_factory=dict)
    originates: dict[str, str] = field(default_factory=dict)
    """ActionID of a click-to-dial of ours: the number it is for."""
    out: list[PbxEvent] = field(default_factory=list)
    now: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    raw: bytes = b""

    def head(self, cause: Cause = Cause.NORMAL, *, at: datetime | None = None, raw: bytes | None = None) -> Head:
        """The head of an event that is reported now."""
        return Head(self.connector, at or self.now, cause, raw=self.raw if raw is None else raw)

    def named(self, name: str) -> Channel | None:
        """A channel by its name."""
        return self.channels.get(self.names.get(name, ""))

    def kind(self, channel: Channel) -> Kind:
        """What a channel is to people."""
        if channel.told_as is not None:
            return channel.told_as
        return Kind.INNER if channel.inner else self.endpoints.kind(channel.endpoint)

    def fix(self, channel: Channel) -> None:
        """From now on this channel stays what it is known as."""
        channel.told_as = self.kind(channel)
        call = channel.call
        if call is not None:
            device = self.device(channel)
            for leg in [leg for leg in call.legs.values() if channel.uid in leg.uids and leg.device != device]:
                del call.legs[leg.device]
                self.join(channel, call)

    def device(self, channel: Channel) -> str:
        """The device identifier of a channel's end: a line's, or one of its own for an outside party."""
        if self.kind(channel) is Kind.LINE:
            return channel.endpoint.device
        return f"{channel.endpoint.device}#{channel.uid}"

    def party(self, channel: Channel) -> Party:
        """Who is at a channel's end."""
        if self.kind(channel) is Kind.LINE:
            device = channel.endpoint.device
            return Party(device, self.endpoints.number(device), channel.caller_name, PartyKind.EXTENSION)
        number = channel.number
        if channel.dial_string:
            number = _dialled_number(channel.dial_string) or number
        hidden = channel.restricted or (channel.incoming and withheld(number, channel.caller_name))
        name = "" if hidden or not channel.incoming else channel.caller_name
        return Party(self.device(channel), "" if hidden else number, name, PartyKind.EXTERNAL, hidden)

    def leg(self, channel: Channel) -> Leg | None:
        """The leg a channel serves in its call."""
        return channel.call.legs.get(self.device(channel)) if channel.call else None

    def extension(self, number: str) -> Party:
        """A dialled number as a party: one of our lines, or just digits."""
        device = self.endpoints.device(number)
        kind = PartyKind.EXTENSION if device else PartyKind.UNKNOWN
        return Party(device, number, kind=kind)

    def join(self, channel: Channel, call: PbxCall) -> Leg:
        """Make a channel part of a call; its leg there."""
        if channel.call is not call:
            self.leave(channel)
            channel.call = call
        call.channels.add(channel.uid)
        device = self.device(channel)
        leg = call.legs.get(device)
        if leg is None or (leg.state is LegState.GONE and channel.uid not in leg.uids):
            leg = call.legs[device] = Leg(device, self.party(channel), set())
        leg.uids.add(channel.uid)
        return leg

    def leave(self, channel: Channel) -> None:
        """Take a channel out of its call, silently."""
        call, channel.call = channel.call, None
        if call is None:
            return
        call.channels.discard(channel.uid)
        for leg in call.legs.values():
            leg.uids.discard(channel.uid)
        if not call.channels and not call.announced:
            self.forget(call)

    def forget(self, call: PbxCall) -> None:
        """Drop a call that is over."""
        if self.calls.get(call.id) is call:
            del self.calls[call.id]
        if call.conference and self.conferences.get(call.conference) is call:
            del self.conferences[call.conference]
        self.waiting.discard(call.id)

    def new_call(self, channel: Channel, *, originate: bool = False) -> PbxCall:
        """Open a call for its calling channel; it waits to be told until it is clear what it will be."""
        known = self.calls.get(channel.linkedid)
        id = channel.linkedid if known is None or not known.channels else channel.uid
        call = PbxCall(id, channel.born, channel.uid, originate=originate, by_cti=originate)
        self.calls[id] = call
        self.waiting.add(id)
        self.join(channel, call)
        return call

    def partner(self, channel: Channel) -> Channel | None:
        """The other half of a Local channel."""
        base, semicolon, half = channel.name.rpartition(";")
        return self.named(f"{base};{'1' if half == '2' else '2'}") if semicolon else None

    def source(self, channel: Channel) -> Channel | None:
        """The real channel on whose behalf this one dials, through any number of Local pairs."""
        for _ in range(12):
            if not channel.inner:
                return channel
            other = self.partner(channel)
            if other is None:
                return None
            if channel.name.endswith(";2"):
                behind = other.dialled_by
            else:
                behind = next((uid for uid in other.dialling if self.answered(uid)), "")
            if behind not in self.channels:
                return None
            channel = self.channels[behind]
        return None

    def answered(self, uid: str) -> bool:
        """Whether a dialled channel was answered."""
        return uid in self.channels and self.channels[uid].answered

    def update(self, message: Message, prefix: str = "") -> Channel | None:
        """The channel an event is about (`prefix`: Dest, Transferee ...), made or refreshed from its headers."""
        uid = message.get(prefix + "Uniqueid")
        name = message.get(prefix + "Channel")
        if not uid or not name or clean(uid) == "":
            return self.named(name) if name else None
        if uid in self.closed:
            return self.closed[uid]
        channel = self.channels.get(uid)
        if channel is None:
            channel = self._open(uid, name, message.get(prefix + "Linkedid") or uid)
            if channel is None:
                return None
        if channel.name != name:
            self.rename(channel, name)
        self._refresh(channel, message, prefix)
        return channel

    def _open(self, uid: str, name: str, linkedid: str) -> Channel | None:
        if len(self.channels) >= MOST_CHANNELS:
            return None
        channel = Channel(uid, name, Endpoint.of_channel(name), linkedid, self.now, seen=self.now)
        self.channels[uid] = channel
        self.names[name] = uid
        return channel

    def rename(self, channel: Channel, name: str) -> None:
        """A channel has another name from now on."""
        self.names.pop(channel.name, None)
        channel.name = name
        self.names[name] = channel.uid

    def _refresh(self, channel: Channel, message: Message, prefix: str) -> None:
        state = message.get(prefix + "ChannelState")
        channel.state = int(state) if state.isdecimal() and len(state) < 3 else channel.state
        channel.linkedid = message.get(prefix + "Linkedid") or channel.linkedid
        channel.context = message.get(prefix + "Context") or channel.context
        channel.exten = message.get(prefix + "Exten") or channel.exten
        channel.seen = self.now
        if "prohib" in message.get("CID-CallingPres").lower():
            channel.restricted = True
        if not channel.number:
            channel.number = clean(message.get(prefix + "CallerIDNum"))
        if not channel.caller_name:
            channel.caller_name = clean(message.get(prefix + "CallerIDName"))

    def close(self, channel: Channel) -> None:
        """Forget a channel that hung up."""
        self.channels.pop(channel.uid, None)
        if self.names.get(channel.name) == channel.uid:
            del self.names[channel.name]
        bridge = self.bridges.get(channel.bridge)
        if bridge is not None and channel.uid in bridge.members:
            bridge.members.remove(channel.uid)
        self.closed[channel.uid] = channel
        if len(self.closed) > MOST_CLOSED:
            self.closed.popitem(last=False)


def _dialled_number(dial_string: str) -> str:
    """The number in a trunk's dial string: `0432000070@trunk`, `trunk/0432000070`, `g1/0432000070`."""
    if "@" in dial_string:
        return dial_string.partition("@")[0].rpartition("/")[2]
    if "/" in dial_string:
        last = dial_string.rpartition("/")[2]
        return last.removeprefix("sip:")
    return ""
