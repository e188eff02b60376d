"""Transfers and pick-ups: a call changes its people. Asterisk reports some of it after the fact, some not at all."""

from unisono.calls.model import NOBODY, Cause, ConnectionId, Party, PartyKind
from unisono.calls.pbx_events import CallCleared, CallInformation, Conferenced, Diverted, Moved, Transferred
from unisono.connectors.asterisk.channels import Channel, Leg, LegState, PbxCall, Switch
from unisono.connectors.asterisk.names import clean
from unisono.connectors.asterisk.report import announce, connection
from unisono.wire.ami import Message


def tell_called(switch: Switch, call: PbxCall) -> None:
    """The number a click-to-dial was for became known although it was never dialled."""
    leg = next(iter(call.legs.values()), None)
    if leg is not None:
        switch.out.append(CallInformation(switch.head(), connection(call, leg), called=call.called))


def pickup(switch: Switch, message: Message) -> None:
    """Pickup: a channel takes over what rings at another."""
    picker = switch.update(message)
    target = switch.update(message, "Target")
    call = target.call if target is not None else None
    if picker is None or target is None or call is None or picker.inner:
        return
    leg = switch.leg(target)
    drop_own(switch, picker, call)
    picker.cause, picker.dialled_by, picker.answered = Cause.CALL_PICKUP, target.dialled_by, True
    if leg is not None and leg.state is not LegState.GONE:
        leg.state = LegState.GONE
        head = switch.head(Cause.CALL_PICKUP)
        switch.out.append(Diverted(head, connection(call, leg), leg.party, switch.party(picker), "pickup"))
    switch.join(picker, call)


def drop_own(switch: Switch, channel: Channel, into: PbxCall) -> None:
    """A code's own call turns out to be part of another: it is not to be seen as a call."""
    own = channel.call
    if own is None or own is into:
        return
    leg = switch.leg(channel)
    switch.leave(channel)
    if own.announced and leg is not None:
        switch.out.append(CallCleared(switch.head(Cause.CALL_PICKUP), own.id))
        switch.forget(own)


def blind_transfer(switch: Switch, message: Message) -> None:
    """BlindTransfer, before or after the channels left their bridge."""
    transferer = switch.update(message, "Transferer")
    transferee = switch.update(message, "Transferee")
    if message.get("Result", "Success") != "Success" or transferer is None or transferer.call is None:
        return
    to = clean(message.get("Extension"))
    if transferee is not None:
        transferee.moved_to = ""
    give_away(switch, transferer.call, transferer, switch.extension(to), "blind", Cause.SINGLE_STEP_TRANSFER)


def give_away(switch: Switch, call: PbxCall, transferer: Channel, to: Party, kind: str, cause: Cause) -> None:
    """A party leaves the call to another one; what Asterisk calls a transfer also if the party has just hung up."""
    leg = switch.leg(transferer)
    if leg is None or (leg.state is LegState.GONE and cause in (Cause.REDIRECTED, Cause.PARK)):
        return
    leg.state, leg.held = LegState.GONE, False
    if kind == "cti-redirect":
        head = switch.head(cause, at=transferer.moved_at)
        switch.out.append(Diverted(head, connection(call, leg), leg.party, to, kind))
    else:
        switch.out.append(Transferred(switch.head(cause), connection(call, leg), None, leg.party, to, kind=kind))
    call.next_cause, call.redirecting, call.released = Cause.TRANSFER, leg.party, ""


def sent_elsewhere(switch: Switch, root: Channel, dest: Channel | None) -> None:
    """A channel that left its bridge for another extension, with no transfer event: a CTI redirected it (AMI Redirect)."""
    call, to = root.call, root.moved_to
    if call is None or not to:
        return
    for leg in list(call.legs.values()):
        if leg.state is LegState.TALKING and root.uid not in leg.uids and leg.party.kind is PartyKind.EXTENSION:
            channel = next((switch.channels[uid] for uid in leg.uids if uid in switch.channels), None)
            if channel is None or channel.bridge or channel.moved_to:
                continue
            channel.moved_at = root.moved_at
            party = switch.extension(to)
            give_away(switch, call, channel, party if dest is None or party.device else switch.party(dest),
                      "cti-redirect", Cause.REDIRECTED)  # fmt: skip
    root.moved_to = ""


def left_alone(switch: Switch, channel: Channel) -> None:
    """A channel hangs up: was its partner redirected away from it?"""
    call = channel.call
    if call is None or channel.hangup_requested:
        return
    for uid in list(call.channels):
        other = switch.channels.get(uid)
        if other is not None and other is not channel and other.moved_to and not other.hangup_requested:
            channel.moved_at = other.moved_at
            leg = switch.leg(channel)
            if leg is not None and leg.state is LegState.TALKING and leg.party.kind is PartyKind.EXTENSION:
                to = switch.extension(other.moved_to)
                give_away(switch, call, channel, to, "cti-redirect", Cause.REDIRECTED)
                other.moved_to = ""


def attended_transfer(switch: Switch, message: Message) -> None:
    """AttendedTransfer: the transferer's two calls become one; the second may still be ringing (then DestType is App)."""
    first = switch.update(message, "OrigTransferer")
    second = switch.update(message, "SecondTransferer")
    transferee = switch.update(message, "Transferee")
    target = switch.update(message, "TransferTarget")
    if message.get("Result", "Success") != "Success" or first is None or second is None or first.call is None:
        return
    main, other = first.call, second.call
    main.clash_at = None
    if other is None or other is main:
        party = switch.party(target) if target is not None and not target.inner else _consulted(switch, main, first)
        give_away(switch, main, first, party, "attended", Cause.TRANSFER)
        return
    other.clash_at = None
    if transferee is not None:
        _take_over_dials(switch, second, transferee)
    _join_second(switch, main, first, other, second, target)


def _consulted(switch: Switch, call: PbxCall, transferer: Channel) -> Party:
    """Whom a transferer consulted within the same call, by Asterisk's own attended transfer."""
    for leg in reversed(list(call.legs.values())):
        channels = [switch.channels[uid] for uid in leg.uids if uid in switch.channels and uid != transferer.uid]
        if leg.state is not LegState.GONE and any(channel.cause is Cause.TRANSFER for channel in channels):
            return leg.party
    return NOBODY


def _take_over_dials(switch: Switch, second: Channel, transferee: Channel) -> None:
    """What the transferer was ringing rings on for the transferee, whose channel takes its place in the Dial."""
    for uid in second.dialling:
        if uid in switch.channels and not switch.channels[uid].answered:
            switch.channels[uid].dialled_by = transferee.uid
            transferee.dialling.append(uid)
    transferee.dial_exten = ""  # its extension changes with its place, nobody redirects it
    transferee.moved_to = ""


def _join_second(
    switch: Switch, main: PbxCall, first: Channel, other: PbxCall, second: Channel, target: Channel | None
) -> None:
    leg, second_leg = switch.leg(first), switch.leg(second)
    if leg is None or second_leg is None:
        return
    if not other.announced:
        announce(switch, other)
    primary, secondary = connection(main, leg), connection(other, second_leg)
    moved, ringing = _move_all(switch, other, main, skip=second)
    party = switch.party(target) if target is not None and not target.inner else None
    party = party or (moved[0].party if moved else switch.extension(second.exten))
    kind = "attended-ringing" if ringing else "attended"
    head = switch.head(Cause.TRANSFER)
    switch.out.append(Transferred(head, primary, secondary, leg.party, party, tuple(moved), kind))
    leg.state = second_leg.state = LegState.GONE
    leg.held = False
    main.answered = True
    main.next_cause, main.redirecting = (Cause.TRANSFER, leg.party) if ringing else (Cause.NEW_CALL, None)
    main.released = ""
    switch.waiting.discard(other.id)


def _move_all(switch: Switch, other: PbxCall, main: PbxCall, *, skip: Channel) -> tuple[list[Moved], bool]:
    """The parties of one call become parties of another; whether one of them is still ringing."""
    moved: list[Moved] = []
    ringing = False
    for device, leg in list(other.legs.items()):
        uids = [uid for uid in leg.uids if uid in switch.channels and uid != skip.uid]
        if not uids or leg.state is LegState.GONE:
            continue
        for uid in uids:
            channel = switch.channels[uid]
            switch.leave(channel)
            channel.cause = Cause.TRANSFER
            switch.join(channel, main)
        new = main.legs[device]
        new.party, new.state, new.rang = leg.party, leg.state, leg.rang
        ringing = ringing or leg.state is LegState.RINGING
        moved.append(Moved(ConnectionId(other.id, device), connection(main, new), leg.party))
    return moved, ringing


def join_calls(switch: Switch, main: PbxCall, other: PbxCall) -> None:
    """Two calls turn out to be one (AMI Bridge, a bridge made by the dial plan)."""
    gone = _shared_device(main, other)
    skip = Channel("", "", switch.channels[main.caller].endpoint, "", switch.now) if main.caller in switch.channels else None
    if not main.announced:
        announce(switch, main)
    announced = other.announced
    if skip is None or not main.legs:
        return
    moved, _ = _move_all(switch, other, main, skip=skip)
    if not announced or not moved:
        if not other.channels:
            switch.forget(other)
        return
    head = switch.head(Cause.TRANSFER)
    if gone is not None:
        primary, secondary = connection(main, gone[0]), connection(other, gone[1])
        gone[0].state = gone[1].state = LegState.GONE
        switch.out.append(
            Transferred(head, primary, secondary, gone[0].party, moved[0].party, tuple(moved), "attended")
        )
    else:
        host = next(iter(main.legs.values()))
        old = moved[0].old
        switch.out.append(
            Conferenced(head, connection(main, host), old, host.party, moved[0].party, tuple(moved))
        )
    if not other.channels:
        switch.forget(other)


def _shared_device(main: PbxCall, other: PbxCall) -> tuple[Leg, Leg] | None:
    """The line that had both calls and has left at least one of them: the transferer."""
    for device, leg in main.legs.items():
        if device in other.legs and leg.party.kind is PartyKind.EXTENSION:
            return leg, other.legs[device]
    return None
