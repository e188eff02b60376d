"""Ends: who asked for it, what it means for the legs, when a whole call is over."""

from unisono.calls.model import NOBODY, Cause
from unisono.connectors.asterisk import transfers
from unisono.connectors.asterisk.causes import release_cause
from unisono.connectors.asterisk.channels import MOST_CHANNELS, STALE, Channel, LegState, PbxCall, Switch
from unisono.connectors.asterisk.report import (
    THE_PBX,
    end_call,
    end_leg,
    never_dialled,
    settle,
    stop_ringing,
    unreached,
)
from unisono.wire.ami import Message

PURGE_EVERY = 512


def hangup_request(switch: Switch, message: Message) -> None:
    """HangupRequest: the far end of a channel hung up (or the PBX refused it)."""
    channel = switch.update(message)
    if channel is None or channel.uid not in switch.channels:
        return
    channel.hangup_requested = True
    channel.hangup_cause = message.get("Cause") or channel.hangup_cause
    call, leg = channel.call, switch.leg(channel)
    if call is None or leg is None or not release_cause(channel):
        return
    if leg.state is LegState.TALKING or (call.caller == channel.uid and call.announced and not call.originate):
        call.released = call.released or leg.device
        if call.up_since is not None and not call.answered and not call.conference:
            return  # the PBX was serving it: perhaps a message was left, which is told before the Hangup
        if not call.answered:
            settle(switch, call, given_up=True)
        end_leg(switch, call, leg, _leaving(call), by=leg.party)


def _leaving(call: PbxCall) -> Cause:
    return Cause.NORMAL_CLEARING if call.answered else Cause.CALL_CANCELLED


def soft_hangup_request(switch: Switch, message: Message) -> None:
    """SoftHangupRequest: the PBX ends a channel: by itself, as a consequence, or because a CTI hung up for its user."""
    channel = switch.update(message)
    if channel is None or channel.uid not in switch.channels:
        return
    call, leg = channel.call, switch.leg(channel)
    if call is not None and leg is not None and channel.bridge and not call.released and not channel.moved_to:
        bridge = switch.bridges.get(channel.bridge)
        if bridge is not None and len(bridge.members) > 1 and not call.clash_at:
            call.released = leg.device


def hangup(switch: Switch, message: Message) -> None:
    """Hangup: a channel is gone."""
    channel = switch.update(message)
    if channel is None or channel.uid not in switch.channels:
        return
    channel.hangup_cause = message.get("Cause") or channel.hangup_cause
    transfers.left_alone(switch, channel)
    switch.close(channel)
    call = channel.call
    if call is None or channel.inner:
        return
    _close_leg(switch, call, channel)
    call.channels.discard(channel.uid)
    if not call.channels:
        _over(switch, call)


def _close_leg(switch: Switch, call: PbxCall, channel: Channel) -> None:
    leg = switch.leg(channel)
    if leg is None or leg.state is LegState.GONE:
        return
    if channel.uid == call.caller:
        _caller_gone(switch, call, channel)
        leg = switch.leg(channel) or leg
    elif leg.state is LegState.TALKING:
        if not any(uid in switch.channels and switch.channels[uid].bridge for uid in leg.uids):
            end_leg(switch, call, leg, Cause.NORMAL_CLEARING, by=leg.party if call.released == leg.device else NOBODY)
        return
    elif channel.dialled_by or leg.rang:
        stop_ringing(switch, channel, "CANCEL")
        return
    if any(uid in switch.channels for uid in leg.uids):
        return
    if call.originate and not call.announced and not call.called.number:
        leg.ended_at = switch.now  # told with its number, see _over
        leg.ended_how = "REFUSED" if channel.hangup_requested else ""
        return
    released = leg.party if call.released == leg.device else NOBODY if call.released or call.answered else THE_PBX
    cause = Cause.NORMAL_CLEARING
    if call.originate and not call.announced:
        cause, released = Cause.CALL_NOT_ANSWERED, leg.party if channel.hangup_requested else THE_PBX
    end_leg(switch, call, leg, cause, by=released)


def _caller_gone(switch: Switch, call: PbxCall, channel: Channel) -> None:
    """The calling channel is gone: what was never told is told now."""
    if call.originate:
        return
    switch.channels[channel.uid] = channel  # its party is still needed
    others = [leg for leg in call.legs.values() if channel.uid not in leg.uids]
    if not others and not call.queue and not call.voicemail and not call.conference:
        never_dialled(switch, call, channel)
    elif not call.answered:
        unreached(switch, call)
    settle(switch, call, given_up=channel.hangup_requested)
    del switch.channels[channel.uid]


def _over(switch: Switch, call: PbxCall) -> None:
    """No channel is left. A click-to-dial that failed waits for its OriginateResponse, which alone has the number."""
    waits = call.originate and not call.announced and not call.called.number
    if waits and switch.calls.get(call.id) is call:
        call.ended_at = switch.now
        switch.waiting.add(call.id)
    else:
        end_call(switch, call)


def purge(switch: Switch) -> None:
    """Forget channels nobody has heard of for a day, or the oldest when there are too many: an end was missed."""
    if len(switch.channels) < PURGE_EVERY:
        return
    limit = switch.now - STALE
    crowded = len(switch.channels) >= MOST_CHANNELS * 9 // 10
    oldest = next(iter(switch.channels.values()))
    if (oldest.seen or oldest.born) > limit and not crowded:
        return
    for channel in sorted(switch.channels.values(), key=lambda c: c.seen or c.born)[: PURGE_EVERY // 2]:
        if crowded or (channel.seen or channel.born) <= limit:
            lose(switch, channel)


def lose(switch: Switch, channel: Channel) -> None:
    """A channel is not there any more, and nobody saw it go."""
    switch.close(channel)
    call = channel.call
    if call is None:
        return
    leg = switch.leg(channel)
    call.channels.discard(channel.uid)
    if leg is not None and not any(uid in switch.channels for uid in leg.uids):
        end_leg(switch, call, leg, Cause.LOST_SIGHT)
    if not call.channels:
        end_call(switch, call)
