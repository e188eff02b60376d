"""Bridges: who talks to whom. A leg counts as answered when its channel shares a bridge, not when its state is Up."""

from datetime import timedelta

from unisono.calls.model import Cause, ConnectionId, Direction, Party, PartyKind
from unisono.calls.pbx_events import CallCleared, Conferenced, Moved
from unisono.connectors.asterisk import transfers
from unisono.connectors.asterisk.channels import Bridge, Channel, PbxCall, Switch
from unisono.connectors.asterisk.names import clean
from unisono.connectors.asterisk.report import announce, connection, restate, talk
from unisono.wire.ami import Message

EXPLAIN_WITHIN = timedelta(seconds=0.5)
_NO_CONVERSATION = ("holding_bridge",)
_NO_TALK_TYPES = ("parking", "holding", "stasis-holding")
MOST_BRIDGES = 20_000


def _bridge(switch: Switch, message: Message) -> Bridge | None:
    id = message.get("BridgeUniqueid")
    if not id:
        return None
    bridge = switch.bridges.get(id)
    if bridge is None:
        if len(switch.bridges) >= MOST_BRIDGES:
            switch.bridges.pop(next(iter(switch.bridges)))
        bridge = switch.bridges[id] = Bridge(id)
    if message.get("BridgeTechnology") in _NO_CONVERSATION or message.get("BridgeType") in _NO_TALK_TYPES:
        bridge.conversation = False
    if message.get("BridgeCreator").lower() == "confbridge":
        bridge.conference = clean(message.get("BridgeName")) or bridge.conference or id
    return bridge


def bridge_create(switch: Switch, message: Message) -> None:
    """BridgeCreate, BridgeListItem: a bridge and what it is for."""
    _bridge(switch, message)


def bridge_destroy(switch: Switch, message: Message) -> None:
    """BridgeDestroy. A bridge that empties or goes ends no call: transfers do that."""
    bridge = switch.bridges.pop(message.get("BridgeUniqueid"), None)
    for uid in bridge.members if bridge else ():
        if uid in switch.channels and bridge is not None and switch.channels[uid].bridge == bridge.id:
            switch.channels[uid].bridge = ""


def bridge_enter(switch: Switch, message: Message) -> None:
    """BridgeEnter: a channel joins a bridge, perhaps in place of another (`SwapUniqueid`)."""
    channel, bridge = switch.update(message), _bridge(switch, message)
    if channel is None or bridge is None or channel.uid not in switch.channels:
        return
    old = switch.bridges.get(channel.bridge)
    if old is not None and old is not bridge and channel.uid in old.members:
        old.members.remove(channel.uid)
    channel.bridge, channel.moved_to = bridge.id, ""
    if channel.uid not in bridge.members:
        bridge.members.append(channel.uid)
    if bridge.conference:
        if not channel.inner:
            enter_conference(switch, channel, bridge.conference)
    elif bridge.conversation:
        meet(switch, bridge)


def bridge_leave(switch: Switch, message: Message) -> None:
    """BridgeLeave: a channel that goes with another extension than it came was sent there."""
    known = switch.channels.get(message.get("Uniqueid"))
    before = known.exten if known is not None else ""
    channel = switch.update(message)
    bridge = switch.bridges.get(message.get("BridgeUniqueid"))
    if channel is None:
        return
    if bridge is not None and channel.uid in bridge.members:
        bridge.members.remove(channel.uid)
    if channel.bridge == message.get("BridgeUniqueid"):
        channel.bridge = ""
    exten = message.get("Exten")
    if exten and before and exten != before and not channel.hangup_requested:
        channel.moved_to, channel.moved_at = exten, switch.now


def meet(switch: Switch, bridge: Bridge) -> None:
    """The channels of a bridge are in conversation, unless their calls do not belong together (yet)."""
    members = [switch.channels[uid] for uid in bridge.members if uid in switch.channels]
    if len(members) < 2:
        return
    real = [channel for channel in members if not channel.inner]
    for channel in real:
        if channel.call is None:
            _adopt(switch, channel, real)
    calls = {channel.call.id: channel.call for channel in real if channel.call is not None}
    if len(calls) > 1:
        for call in calls.values():
            call.clash_at = call.clash_at or switch.now
            switch.waiting.add(call.id)
        return
    for channel in real:
        if channel.call is not None:
            if channel.call.originate and not channel.call.announced and len(real) < 2:
                continue  # the own phone of a click-to-dial waits for the dial
            if not channel.call.announced:
                announce(switch, channel.call, direction=Direction.INTERNAL)
            talk(switch, channel)


def _adopt(switch: Switch, channel: Channel, others: list[Channel]) -> None:
    """A channel whose beginning we did not see belongs to the call it talks in."""
    call = next((other.call for other in others if other.call is not None), None) or switch.calls.get(channel.linkedid)
    if call is None:
        switch.new_call(channel)
    else:
        switch.join(channel, call)


def resolve_clashes(switch: Switch, *, all: bool = False) -> None:
    """Channels of two calls share a bridge and no transfer, pick-up or parking has explained it: join the calls."""
    for id in list(switch.waiting):
        call = switch.calls.get(id)
        if call is None or call.clash_at is None or not (all or switch.now - call.clash_at >= EXPLAIN_WITHIN):
            continue
        call.clash_at = None
        for bridge in list(switch.bridges.values()):
            _resolve(switch, bridge)


def _resolve(switch: Switch, bridge: Bridge) -> None:
    members = [switch.channels[uid] for uid in bridge.members if uid in switch.channels]
    calls = {c.call.id: c.call for c in members if c.call is not None and not c.inner}
    if bridge.conference or not bridge.conversation or len(calls) < 2:
        return
    main, *others = sorted(calls.values(), key=lambda call: call.born)
    for other in others:
        transfers.join_calls(switch, main, other)
    meet(switch, bridge)


def conference_join(switch: Switch, message: Message) -> None:
    """ConfbridgeJoin, before or after its BridgeEnter."""
    channel, bridge = switch.update(message), _bridge(switch, message)
    name = clean(message.get("Conference"))
    if bridge is not None:
        bridge.conference = name or bridge.conference
    if channel is not None and not channel.inner and channel.uid in switch.channels and name:
        enter_conference(switch, channel, name)


def conference_leave(switch: Switch, message: Message) -> None:
    """ConfbridgeLeave: the channel goes on in the dial plan or hangs up; its Hangup tells which."""
    switch.update(message)


def conference_party(name: str) -> Party:
    """A conference room as a party."""
    return Party(f"conference:{name}", name, kind=PartyKind.CONFERENCE)


def enter_conference(switch: Switch, channel: Channel, name: str) -> None:
    """A channel takes part in a conference; the first one's call becomes the conference's call."""
    call = channel.call or switch.new_call(channel)
    room = switch.conferences.get(name)
    if room is None or not room.channels:
        switch.conferences[name] = room = call
        room.conference = name
    if call is not room:
        _change_over(switch, channel, call, room)
    announce(switch, room, direction=Direction.CONFERENCE, called=conference_party(name))
    restate(switch, room, Direction.CONFERENCE, conference_party(name))
    talk(switch, channel, cause=Cause.CONFERENCE)


def _change_over(switch: Switch, channel: Channel, call: PbxCall, room: PbxCall) -> None:
    announced, leg = call.announced, switch.leg(channel)
    old = connection(call, leg) if leg is not None else None
    switch.leave(channel)
    new = switch.join(channel, room)
    if not announced or old is None:
        return
    host = next((leg for leg in room.legs.values() if leg is not new), new)
    moved = (Moved(old, connection(room, new), new.party),)
    head = switch.head(Cause.CONFERENCE)
    where = ConnectionId(room.id, host.device)
    switch.out.append(Conferenced(head, where, old, host.party, new.party, moved))
    if not call.channels:
        switch.out.append(CallCleared(head, call.id))
        switch.forget(call)
