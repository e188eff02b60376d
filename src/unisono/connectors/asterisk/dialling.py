"""Dials: who rings on whose behalf, and how each ring ended. Dials are keyed by the dialled channel's unique id."""

from unisono.calls.model import Cause, Direction, PartyKind
from unisono.connectors.asterisk import transfers
from unisono.connectors.asterisk.channels import Channel, LegState, PbxCall, Switch
from unisono.connectors.asterisk.endpoints import Kind
from unisono.connectors.asterisk.names import Endpoint, clean, split_targets
from unisono.connectors.asterisk.report import announce, divert, end_call, end_leg, prompt, reach, restate, ring, stop_ringing
from unisono.wire.ami import Message

ENDED = frozenset({"CANCEL", "NOANSWER", "BUSY", "CONGESTION", "CHANUNAVAIL", "DONTCALL", "TORTURE", "ABORT", "INVALIDARGS"})


def targets(data: str) -> list[str]:
    """The targets of a Dial application's data that are phones or trunks."""
    return [target for target in split_targets(data) if not Endpoint.of_interface(target).inner]


def dial_begin(switch: Switch, message: Message) -> None:
    """DialBegin: a channel rings another; without a channel of its own, an Originate rings the user's phone first."""
    source = switch.update(message)
    dest = switch.update(message, "Dest")
    if dest is None:
        return
    _note_dial(switch, source, dest, message.get("DialString"))
    if source is None:
        if not dest.inner and dest.call is None:
            switch.new_call(dest, originate=True)
        return
    dest.dialled_by = source.uid
    if dest.uid not in source.dialling:
        source.dialling = [*[uid for uid in source.dialling if uid in switch.channels][-200:], dest.uid]
    source.dial_exten = source.exten
    root = switch.source(source)
    if root is None:
        _dial_for_nobody(switch, source, dest)
    elif dest.inner:
        _explain_earlier(switch, root, dest)
    else:
        _dial(switch, root, dest)


def _note_dial(switch: Switch, source: Channel | None, dest: Channel, dial_string: str) -> None:
    dest.dial_string = clean(dial_string)
    if not dest.inner:
        switch.endpoints.observe_dialled(dest.endpoint, dial_string, dest.number)
        for other in (source, dest):
            call = other.call if other is not None else None
            if call is not None:
                _drop_target(call, dest)


def _drop_target(call: PbxCall, dest: Channel) -> None:
    call.targets = [target for target in call.targets if Endpoint.of_interface(target).key != dest.endpoint.key]


def _dial_for_nobody(switch: Switch, source: Channel, dest: Channel) -> None:
    """A Local channel dials and nobody real stands behind it: a click-to-dial through Local, or we came too late."""
    if dest.inner:
        return
    call = switch.calls.get(dest.linkedid) or switch.calls.get(source.linkedid)
    if call is None:
        switch.new_call(dest, originate=True)
    elif dest.call is None:
        dest.cause = Cause.TRANSFER if call.answered and call.next_cause is Cause.NEW_CALL else call.next_cause
        switch.join(dest, call)


def _explain_earlier(switch: Switch, root: Channel, dest: Channel) -> None:
    """A Local channel is dialled: the real phone behind it will be a dial of its own."""
    if root.call is not None and root.uid == root.call.caller:
        _drop_target(root.call, dest)


def _dial(switch: Switch, root: Channel, dest: Channel) -> None:
    transfers.sent_elsewhere(switch, root, dest)
    switch.fix(dest)
    call = root.call or switch.new_call(root)
    if dest.call is not None and dest.call is not call:
        switch.leave(dest)
    outside = switch.kind(dest) is Kind.TRUNK
    direction = Direction.OUTBOUND if outside else Direction.INTERNAL
    announce(switch, call, direction=direction)
    restate(switch, call, direction)
    _previous_rings(switch, call, root, dest)
    _drop_target(call, dest)
    dest.cause = call.next_cause
    if dest.cause is Cause.NEW_CALL and call.queue is not None:
        dest.cause = Cause.DISTRIBUTED
    if dest.cause is Cause.NEW_CALL and call.answered and root.bridge:
        dest.cause = Cause.TRANSFER  # who is in conversation and dials consults (Asterisk's own attended transfer)
    switch.join(dest, call)
    if outside:
        reach(switch, dest, call)


def _previous_rings(switch: Switch, call: PbxCall, root: Channel, dest: Channel) -> None:
    """The caller dials on: who stopped ringing before has lost the call to this one, or had not answered in time."""
    for leg in list(call.legs.values()):
        if leg.state is not LegState.ENDING:
            continue
        if leg.ended_how == "CANCEL" and leg.party.kind is PartyKind.EXTENSION and call.queue is None:
            divert(switch, call, leg, switch.party(dest), Cause.REDIRECTED, "cti-redirect")
        else:
            end_leg(switch, call, leg, Cause.CALL_NOT_ANSWERED)


def ringing(switch: Switch, channel: Channel) -> None:
    """A channel rings: a dialled one, or a click-to-dial's own phone."""
    call = channel.call
    if call is None or channel.inner:
        return
    if call.originate and call.caller == channel.uid:
        prompt(switch, channel, call)
    elif channel.uid != call.caller:
        ring(switch, channel)


def dial_state(switch: Switch, message: Message) -> None:
    """DialState: RINGING says the same as Newstate, sooner or later."""
    switch.update(message)
    dest = switch.update(message, "Dest")
    if dest is not None and message.get("DialStatus") == "RINGING" and dest.uid in switch.channels:
        ringing(switch, dest)


def dial_end(switch: Switch, message: Message) -> None:
    """DialEnd: how one ring ended; it may come twice, and for a pick-up it names a channel that was never dialled."""
    source = switch.update(message)
    dest = switch.update(message, "Dest")
    if dest is None:
        return
    status, forward = message.get("DialStatus"), clean(message.get("Forward"))
    if status == "ANSWER":
        dest.answered = True
        if source is not None and dest.uid not in source.dialling:
            source.dialling.append(dest.uid)
        return
    call, leg = dest.call, switch.leg(dest)
    if call is None or leg is None or dest.inner or status not in ENDED:
        return
    if leg.state in (LegState.GONE, LegState.ENDING, LegState.TALKING) or (call.originate and dest.uid == call.caller):
        return
    if forward:
        to = switch.extension(forward.partition("@")[0].rpartition("/")[2])
        divert(switch, call, leg, to, Cause.CALL_FORWARD, "302")
    elif status == "CANCEL" and source is not None and not source.inner and _sent_away(source):
        divert(switch, call, leg, switch.extension(source.exten), Cause.REDIRECTED, "cti-redirect")
    elif status == "CANCEL" and _caller_left(switch, call):
        leg.ended_at = switch.now
        end_leg(switch, call, leg, Cause.CALL_CANCELLED)
    else:
        stop_ringing(switch, dest, status)


def _sent_away(source: Channel) -> bool:
    return bool(source.dial_exten) and source.exten != source.dial_exten and not source.hangup_requested


def _caller_left(switch: Switch, call: PbxCall) -> bool:
    caller = switch.channels.get(call.caller)
    return caller is None or (caller.hangup_requested and not call.answered)


def originate_response(switch: Switch, message: Message) -> None:
    """OriginateResponse: names the number a click-to-dial is for; on failure the only place that does."""
    exten, name = clean(message.get("Exten")), message.get("Channel")
    channel = switch.channels.get(message.get("Uniqueid")) or switch.named(name)
    call = channel.call if channel is not None else None
    if call is None:
        device = Endpoint.of_interface(name).device if "/" in name else ""
        call = _ringing_originate(switch, device or Endpoint.of_channel(name).device)
    exten = switch.originates.pop(message.get("ActionID"), "") or exten
    if call is None or not call.originate or not exten or call.announced:
        return
    call.called = switch.extension(exten)
    if call.legs and message.get("Response") != "Success":
        transfers.tell_called(switch, call)
        if call.ended_at is not None:
            end_call(switch, call)


def _ringing_originate(switch: Switch, device: str) -> PbxCall | None:
    for call in reversed(list(switch.calls.values())):
        if call.originate and not call.announced and device in call.legs:
            return call
    return None
