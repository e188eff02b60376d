"""Telling hop 2 what became of calls and legs, in the words of ECMA-269. Every function appends to `Switch.out`.

Two things are told late, because only what follows says what they were. A call that came in is told when it rings
somebody, is queued, answered by an application or over: a pick-up code or a conference number would else flash up as a
call of its own. And a leg that stopped ringing waits for its caller's next move: Asterisk cancels the ring in the same words
when the caller gives up, when another phone answers and when a CTI redirects. `flush` ends both waits.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from unisono.calls.model import NOBODY, Cause, ConnectionId, Direction, Party, PartyKind
from unisono.calls.pbx_events import (
    CallCleared,
    CallInformation,
    ConnectionCleared,
    Delivered,
    Diverted,
    Established,
    Failed,
    NetworkReached,
    Originated,
    Queued,
    ServiceInitiated,
)
from unisono.connectors.asterisk.causes import clear_cause, meant_person, why_not
from unisono.connectors.asterisk.channels import Channel, Leg, LegState, PbxCall, State, Switch
from unisono.connectors.asterisk.endpoints import Kind
from unisono.connectors.asterisk.names import Endpoint, is_code

ANNOUNCE_AFTER = timedelta(seconds=0.4)
REASON_AFTER = timedelta(seconds=0.5)
CONFERENCES = frozenset(("ConfBridge", "MeetMe"))
THE_PBX = Party(kind=PartyKind.SERVICE)


def connection(call: PbxCall, leg: Leg) -> ConnectionId:
    """The identifier of a leg."""
    return ConnectionId(call.id, leg.device)


def caller_leg(call: PbxCall, switch: Switch) -> Leg | None:
    """The calling party's leg, while its channel is there."""
    channel = switch.channels.get(call.caller)
    return switch.leg(channel) if channel is not None and channel.call is call else None


def calling(call: PbxCall, switch: Switch) -> tuple[Party, ConnectionId | None]:
    """Who calls, and by which connection."""
    leg = caller_leg(call, switch)
    return (leg.party, connection(call, leg)) if leg else (NOBODY, None)


def called_number(channel: Channel) -> str:
    """What a calling channel dialled first."""
    for number in (channel.dnid, channel.dialled, channel.exten):
        if number not in ("", "s", "h", "i", "t"):
            return number
    return ""


def announce(
    switch: Switch, call: PbxCall, *, direction: Direction | None = None, called: Party | None = None
) -> None:
    """Tell of a call, once: who calls whom, which way."""
    if call.announced:
        return
    channel = switch.channels.get(call.caller)
    if channel is None:
        return
    call.announced = True
    switch.waiting.discard(call.id)
    if channel.incoming:
        switch.endpoints.observe_routed(channel.endpoint, channel.number, called_number(channel), channel.exten)
    switch.fix(channel)
    leg = switch.leg(channel) or switch.join(channel, call)
    leg.party = switch.party(channel)
    call.called = called or (call.called if call.called is not NOBODY else switch.extension(called_number(channel)))
    if switch.kind(channel) is Kind.TRUNK and not call.originate:
        direction = Direction.INBOUND
        if not call.called.device:
            call.called = replace(call.called, kind=PartyKind.UNKNOWN)
    call.direction = direction
    switch.out.append(
        Originated(
            switch.head(Cause.NEW_CALL, at=(call.up_since or switch.now) if call.originate else call.born),
            connection(call, leg),
            leg.party,
            call.called,
            direction,
            by_cti=call.by_cti,
        )
    )


def restate(switch: Switch, call: PbxCall, direction: Direction, called: Party | None = None) -> None:
    """A call that looked like a feature code (the PBX answered first) turns out to go on to somebody."""
    if not call.announced or call.direction is not Direction.FEATURE:
        return
    leg = caller_leg(call, switch)
    if leg is None:
        return
    call.direction = direction
    call.called = called or switch.extension(call.called.number)
    where = connection(call, leg)
    switch.out.append(CallInformation(switch.head(), where, called=call.called))
    switch.out.append(Originated(switch.head(), where, leg.party, call.called, direction, by_cti=call.by_cti))


def prompt(switch: Switch, channel: Channel, call: PbxCall) -> None:
    """The own phone of a click-to-dial rings: its user is prompted, not called."""
    switch.fix(channel)
    leg = switch.join(channel, call)
    if leg.state is not LegState.IDLE:
        return
    leg.state, leg.rang = LegState.RINGING, True
    switch.waiting.discard(call.id)
    switch.out.append(ServiceInitiated(switch.head(), connection(call, leg), leg.party, by_cti=True))


def reach(switch: Switch, channel: Channel, call: PbxCall) -> None:
    """A dial goes out to the network."""
    leg = switch.join(channel, call)
    leg.party = switch.party(channel)
    if leg.state is LegState.IDLE:
        source, _ = calling(call, switch)
        switch.out.append(NetworkReached(switch.head(), connection(call, leg), leg.party, source, call.called))


def ring(switch: Switch, channel: Channel) -> None:
    """A dialled device rings."""
    call = channel.call
    if call is None:
        return
    leg = switch.join(channel, call)
    if leg.state in (LegState.RINGING, LegState.TALKING):
        return
    leg.state, leg.rang = LegState.RINGING, True
    leg.party = switch.party(channel)
    source, by = calling(call, switch)
    switch.out.append(
        Delivered(
            switch.head(channel.cause),
            connection(call, leg),
            leg.party,
            source,
            call.called,
            call.redirecting,
            call.queue,
            call.direction,
            by,
        )
    )


def talk(switch: Switch, channel: Channel, *, cause: Cause | None = None) -> None:
    """A device is in conversation; the caller's own leg is told by the other's."""
    call = channel.call
    if call is None:
        return
    leg = switch.join(channel, call)
    if leg.state is LegState.TALKING:
        return
    own = channel.uid == call.caller
    leg.state = LegState.TALKING
    if own and cause is None:
        return
    leg.party = switch.party(channel)
    call.answered = True
    settle(switch, call, elsewhere=True)
    source, by = calling(call, switch)
    switch.out.append(
        Established(
            switch.head(cause or channel.cause),
            connection(call, leg),
            leg.party,
            source,
            call.called,
            call.redirecting,
            call.queue,
            call.direction,
            by,
        )
    )
    call.next_cause, call.redirecting = Cause.NEW_CALL, None


def stop_ringing(switch: Switch, channel: Channel, how: str) -> None:
    """A dialled device stopped ringing; `how` is a dial status. Only a clear reason is told at once."""
    call, leg = channel.call, switch.leg(channel)
    if call is None or leg is None or leg.state in (LegState.TALKING, LegState.ENDING, LegState.GONE):
        return
    others = [switch.channels[uid] for uid in leg.uids if uid in switch.channels and uid != channel.uid]
    if any(other.state in (State.RINGING, State.UP) and other.dialled_by for other in others):
        leg.uids.discard(channel.uid)
        return
    leg.ended_at, leg.ended_how, leg.raw = switch.now, how, switch.raw
    cause = clear_cause(channel, leg, how)
    if cause is None:
        leg.state = LegState.ENDING
        switch.waiting.add(call.id)
    else:
        end_leg(switch, call, leg, cause)


def end_leg(switch: Switch, call: PbxCall, leg: Leg, cause: Cause, *, by: Party = NOBODY) -> None:
    """A leg is over; it is told once, with the moment it ended."""
    if leg.state is LegState.GONE:
        return
    ended_at, raw = leg.ended_at or switch.now, leg.raw or switch.raw
    unheard = leg.state is LegState.IDLE or (leg.state is LegState.ENDING and not leg.rang)
    leg.state, leg.held = LegState.GONE, False
    if not call.announced and not call.originate:
        return
    source, _ = calling(call, switch)
    head = switch.head(cause, at=ended_at, raw=raw)
    if unheard and leg.party.kind in (PartyKind.EXTENSION, PartyKind.EXTERNAL) and call.caller not in leg.uids:
        if cause in (Cause.CALL_CANCELLED, Cause.ANSWERED_ELSEWHERE) and leg.party.kind is PartyKind.EXTENSION:
            return  # it never rang: the user has missed nothing
        switch.out.append(Failed(head, connection(call, leg), leg.party, source, call.called, call.direction))
    switch.out.append(ConnectionCleared(head, connection(call, leg), by))


def divert(switch: Switch, call: PbxCall, leg: Leg, to: Party, cause: Cause, kind: str) -> None:
    """A leg lost the call to another destination."""
    at, raw = leg.ended_at or switch.now, leg.raw or switch.raw
    leg.state = LegState.GONE
    switch.out.append(Diverted(switch.head(cause, at=at, raw=raw), connection(call, leg), leg.party, to, kind))
    call.next_cause, call.redirecting = cause, leg.party


def settle(switch: Switch, call: PbxCall, *, elsewhere: bool = False, given_up: bool = False) -> None:
    """The legs that waited for a reason get the one that has come out."""
    for leg in list(call.legs.values()):
        if leg.state is not LegState.ENDING:
            continue
        if leg.ended_how == "CANCEL" and elsewhere:
            end_leg(switch, call, leg, Cause.ANSWERED_ELSEWHERE)
        elif leg.ended_how == "CANCEL" and given_up:
            end_leg(switch, call, leg, Cause.CALL_CANCELLED)
        else:
            end_leg(switch, call, leg, Cause.CALL_NOT_ANSWERED)


def queue(switch: Switch, call: PbxCall, name: str) -> None:
    """The caller waits in a queue."""
    party = Party(f"queue:{name}", name, kind=PartyKind.QUEUE)
    announce(switch, call, direction=Direction.INTERNAL)
    restate(switch, call, Direction.INTERNAL)
    settle(switch, call)
    call.queue = party
    source, _ = calling(call, switch)
    where = ConnectionId(call.id, party.device)
    switch.out.append(Queued(switch.head(Cause.ENTERING_DISTRIBUTION), where, party, source, call.called))


def voicemail(switch: Switch, call: PbxCall, *, at: datetime | None = None) -> None:
    """The caller talks to a voicemail box, since `at` or since now."""
    box = call.voicemail
    unreached(switch, call)
    announce(switch, call, direction=Direction.INTERNAL)
    restate(switch, call, Direction.INTERNAL)
    settle(switch, call)
    party = Party(f"voicemail:{box}", box, kind=PartyKind.VOICEMAIL)
    where = ConnectionId(call.id, party.device)
    if party.device in call.legs:
        return
    call.legs[party.device] = Leg(party.device, party, set(), LegState.TALKING)
    source, by = calling(call, switch)
    head = switch.head(Cause.NORMAL, at=at)
    switch.out.append(Established(head, where, party, source, call.called, calling_connection=by))


def unreached(switch: Switch, call: PbxCall) -> None:
    """A Dial ended without a channel for its targets: nobody was there to ring."""
    targets, call.targets = call.targets, []
    for target in targets:
        _not_there(switch, call, switch_party(switch, target), Cause.OUT_OF_SERVICE)


def switch_party(switch: Switch, target: str) -> Party:
    """A dial target without a channel as a party."""
    endpoint = Endpoint.of_interface(target)
    user, at, _ = target.partition("/")[2].partition("@")
    if at or switch.endpoints.kind(endpoint) is Kind.TRUNK:
        return Party(f"{endpoint.device}#{target}", user, kind=PartyKind.EXTERNAL)
    return Party(endpoint.device, switch.endpoints.number(endpoint.device), kind=PartyKind.EXTENSION)


def _not_there(switch: Switch, call: PbxCall, party: Party, cause: Cause) -> None:
    outside = party.kind is PartyKind.EXTERNAL
    announce(switch, call, direction=Direction.OUTBOUND if outside else Direction.INTERNAL)
    if party.device in call.legs:
        return
    leg = call.legs[party.device] = Leg(party.device, party, set())
    end_leg(switch, call, leg, cause)


def never_dialled(switch: Switch, call: PbxCall, channel: Channel) -> None:
    """A call ends and nobody was dialled: what was it?"""
    if call.targets:
        unreached(switch, call)
        return
    dialled = called_number(channel)
    number = channel.exten if channel.exten not in ("", "s", "h", "i", "t") else dialled
    device = switch.endpoints.device(number) or (number if meant_person(channel, number) else "")
    answered = call.up_since is not None
    if device and not answered and device != channel.endpoint.device:
        party = Party(device, switch.endpoints.number(device), kind=PartyKind.EXTENSION)
        _not_there(switch, call, party, why_not(switch, channel, device))
    elif switch.kind(channel) is Kind.LINE and (answered or is_code(dialled)):
        feature(switch, call, dialled)
    else:
        announce(switch, call, direction=None)


def feature(switch: Switch, call: PbxCall, dialled: str) -> None:
    """One of ours dialled something that the PBX itself answers."""
    announce(switch, call, direction=Direction.FEATURE, called=Party("", dialled, kind=PartyKind.SERVICE))


def end_call(switch: Switch, call: PbxCall) -> None:
    """The last channel of a call is gone."""
    if call.originate and not call.announced and not call.legs:
        switch.forget(call)
        return
    settle(switch, call, given_up=True)
    for leg in call.legs.values():
        if leg.ended_at is not None and leg.state is LegState.RINGING:
            by = leg.party if leg.ended_how == "REFUSED" else THE_PBX
            end_leg(switch, call, leg, Cause.CALL_NOT_ANSWERED, by=by)
    if call.announced or call.originate:
        switch.out.append(CallCleared(switch.head(at=call.ended_at), call.id))
    switch.forget(call)


def flush(switch: Switch, now: datetime, *, all: bool = False) -> None:
    """Tell what has waited long enough."""
    for id in list(switch.waiting):
        call = switch.calls.get(id)
        if call is None:
            switch.waiting.discard(id)
            continue
        _flush_call(switch, call, now, all)


def _flush_call(switch: Switch, call: PbxCall, now: datetime, all: bool) -> None:
    channel = switch.channels.get(call.caller)
    if call.ended_at is not None:
        if all or now - call.ended_at >= REASON_AFTER:
            end_call(switch, call)
        return
    since = call.up_since or call.born
    if call.originate and not call.announced and call.up_since and now - since >= ANNOUNCE_AFTER:
        announce(switch, call)
    if not call.announced and not call.originate and channel is not None and (all or now - since >= ANNOUNCE_AFTER):
        if channel.application in CONFERENCES and not all:
            pass  # it is on its way into a room, perhaps one that has a call already
        elif switch.kind(channel) is Kind.LINE and (call.up_since or is_code(called_number(channel))):
            feature(switch, call, called_number(channel))
        else:
            announce(switch, call)
    waiting = [leg.ended_at for leg in call.legs.values() if leg.state is LegState.ENDING and leg.ended_at]
    if waiting and (all or now - min(waiting) >= REASON_AFTER):
        settle(switch, call)
    if call.announced and not any(leg.state is LegState.ENDING for leg in call.legs.values()) and not call.clash_at:
        switch.waiting.discard(call.id)
