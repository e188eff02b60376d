"""The calls that are up when we come: from the answers to Status or CoreShowChannels. Pure.

Neither list says who is on hold. If the one channel of a device shares a bridge and the device's state is ONHOLD, its peer
holds it.
"""

from datetime import timedelta

from unisono.calls.model import ConnectionState, Direction, PartyKind
from unisono.calls.pbx_events import CallInformation, CallSnapshot, Held, SnapshotComplete, SnapshotConnection
from unisono.connectors.asterisk.channels import Bridge, Channel, Leg, LegState, PbxCall, State, Switch
from unisono.connectors.asterisk.endpoints import Kind
from unisono.connectors.asterisk.hangup import lose
from unisono.connectors.asterisk.names import clean
from unisono.connectors.asterisk.report import called_number, connection
from unisono.wire.ami import Message


def listed_channel(switch: Switch, message: Message) -> None:
    """CoreShowChannel, Status: one channel that is up."""
    uid = message.get("Uniqueid")
    if uid in switch.closed:
        return  # it hung up while the list was on its way
    known = uid in switch.channels
    channel = switch.update(message)
    if channel is None:
        return
    switch.listed.add(uid)
    channel.application = message.get("Application") or channel.application
    channel.application_data = message.get("ApplicationData") or message.get("Data") or channel.application_data
    channel.dnid = clean(message.get("DNID")) or channel.dnid
    if not known:
        channel.born = switch.now - _duration(message)
        incoming = channel.application not in ("AppDial", "AppDial2", "AppQueue")
        channel.incoming = incoming and not channel.inner
        channel.dialled = channel.exten if channel.incoming else ""
    if channel.incoming and not channel.inner:
        # Its context is where it is now, not where it came in.
        switch.endpoints.observe_caller(channel.endpoint, channel.number, channel.caller_name, "", channel.dnid)
        switch.endpoints.observe_routed(channel.endpoint, channel.number, channel.dnid, channel.exten)
    bridge = message.get("BridgeId") or message.get("BridgeID")
    if bridge and channel.bridge != bridge:
        channel.bridge = bridge
        room = switch.bridges.setdefault(bridge, Bridge(bridge))
        if uid not in room.members:
            room.members.append(uid)


def began(switch: Switch, message: Message) -> None:
    """The answer to a list action: what is heard of from now on is alive, listed or not."""
    if message.get("EventList").lower() == "start" and message.action_id:
        if len(switch.lists) > 100:
            switch.lists.clear()
        switch.lists[message.action_id] = switch.now


def _duration(message: Message) -> timedelta:
    parts = message.get("Duration").split(":")
    seconds = message.get("Seconds")
    if len(parts) == 3 and all(part.isdecimal() and len(part) < 5 for part in parts):
        return timedelta(hours=int(parts[0]), minutes=int(parts[1]), seconds=int(parts[2]))
    return timedelta(seconds=int(seconds)) if seconds.isdecimal() and len(seconds) < 8 else timedelta()


def complete(switch: Switch, message: Message) -> None:
    """The end of a list: what is not in it has gone; what is in it is told call by call."""
    listed, switch.listed = switch.listed, set()
    began = switch.lists.pop(message.action_id, switch.now - timedelta(seconds=5))
    for channel in list(switch.channels.values()):
        if channel.uid not in listed and (channel.seen or channel.born) < began:
            lose(switch, channel)
    for uid in listed:
        channel_or_none = switch.channels.get(uid)
        if channel_or_none is not None and channel_or_none.call is None and not channel_or_none.inner:
            _assign(switch, channel_or_none)
    calls = list(switch.calls.values())
    for call in calls:
        _tell(switch, call)
    switch.out.append(SnapshotComplete(switch.head(), frozenset(call.id for call in calls)))


def _assign(switch: Switch, channel: Channel) -> None:
    call = switch.calls.get(channel.linkedid) or _call_in_bridge(switch, channel)
    if call is None:
        caller = switch.channels.get(channel.linkedid)
        if caller is None or caller.inner:
            caller = channel
        call = switch.new_call(caller)
    switch.join(channel, call)


def _call_in_bridge(switch: Switch, channel: Channel) -> PbxCall | None:
    bridge = switch.bridges.get(channel.bridge)
    for uid in bridge.members if bridge else ():
        other = switch.channels.get(uid)
        if other is not None and other.call is not None:
            return other.call
    return None


def _tell(switch: Switch, call: PbxCall) -> None:
    caller = switch.channels.get(call.caller)
    if caller is None:
        return
    legs = [leg for leg in call.legs.values() if any(uid in switch.channels for uid in leg.uids)]
    for leg in legs:
        leg.party = switch.party(_channel(switch, leg))
    connections = tuple(SnapshotConnection(connection(call, leg), leg.party, _state(switch, call, leg)) for leg in legs)
    calling = switch.leg(caller)
    call.announced, before = True, call.called
    if call.called.kind in (PartyKind.UNKNOWN, PartyKind.EXTENSION) or not call.called.number:
        call.called = switch.extension(called_number(caller))
    call.direction = call.direction or _direction(switch, caller, legs)
    switch.waiting.discard(call.id)
    switch.out.append(
        CallSnapshot(
            switch.head(),
            call.id,
            connections,
            calling.party if calling else switch.party(caller),
            call.called,
            call.direction,
            min((switch.channels[uid].born for uid in call.channels if uid in switch.channels), default=call.born),
        )
    )
    if calling is not None and before.number and before.number != call.called.number:
        switch.out.append(CallInformation(switch.head(), connection(call, calling), called=call.called))


def _channel(switch: Switch, leg: Leg) -> Channel:
    return next(switch.channels[uid] for uid in leg.uids if uid in switch.channels)


def _direction(switch: Switch, caller: Channel, legs: list[Leg]) -> Direction:
    if switch.kind(caller) is Kind.TRUNK:
        return Direction.INBOUND
    others = [leg for leg in legs if caller.uid not in leg.uids]
    outside = any(leg.party.kind is PartyKind.EXTERNAL for leg in others)
    return Direction.OUTBOUND if outside else Direction.INTERNAL


def _state(switch: Switch, call: PbxCall, leg: Leg) -> ConnectionState:
    channel = _channel(switch, leg)
    if channel.state == State.RINGING:
        leg.state, leg.rang = LegState.RINGING, True
        return ConnectionState.INITIATED if call.caller == channel.uid else ConnectionState.ALERTING
    bridge = switch.bridges.get(channel.bridge)
    if bridge is not None and len(bridge.members) > 1:
        leg.state, call.answered = LegState.TALKING, True
        leg.held = leg.held or _holds(switch, bridge, channel)
        return ConnectionState.HOLD if leg.held else ConnectionState.CONNECTED
    if channel.uid != call.caller and channel.state != State.UP:
        return ConnectionState.ALERTING
    return ConnectionState.CONNECTED


def _holds(switch: Switch, bridge: Bridge, channel: Channel) -> bool:
    others = [switch.channels[uid] for uid in bridge.members if uid in switch.channels and uid != channel.uid]
    if len(others) != 1:
        return False
    peer = others[0]
    same = [c for c in switch.channels.values() if c.endpoint.key == peer.endpoint.key]
    return len(same) == 1 and switch.device_states.get(str(peer.endpoint)) == "ONHOLD"


def held_by_peers(switch: Switch, name: str) -> None:
    """A listed device is ONHOLD: tell who holds it."""
    for channel in switch.channels.values():
        bridge = switch.bridges.get(channel.bridge)
        leg = switch.leg(channel)
        if bridge is None or leg is None or leg.held or channel.call is None or len(bridge.members) != 2:
            continue
        peer = next((switch.channels[u] for u in bridge.members if u != channel.uid and u in switch.channels), None)
        if peer is not None and str(peer.endpoint) == name and _holds(switch, bridge, channel):
            leg.held = True
            switch.out.append(Held(switch.head(), connection(channel.call, leg)))
