"""A PBX that does anything a PBX may do, told by a list of numbers, and reports it in one of several styles."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from unisono.calls import pbx_events as ev
from unisono.calls.model import Cause, ConnectionId, ConnectionState, Direction, Party, PartyKind

from .pbx import START, VOICEMAIL, ext

EXTENSIONS = ("101", "102", "103", "104")
_S = ConnectionState


@dataclass(frozen=True)
class Style:
    """How a PBX reports. `monitors`: an event for each device concerned, with its own state; else one stream for all."""

    monitors: bool = False
    watched: tuple[str, ...] = EXTENSIONS
    """Which devices have a monitor, if `monitors`."""
    renames: bool = False
    """Whether a transferred call gets a new identifier."""
    clears_calls: bool = True
    """Whether the end of a call is told by CallCleared too."""
    names_callers: bool = True
    """Whether a ringing event names the caller's connection."""
    says_direction: bool = False


@dataclass
class Live:
    """A call as the PBX itself sees it."""

    native: str
    calling: Party
    called: Party
    states: dict[str, ConnectionState] = field(default_factory=dict)
    parties: dict[str, Party] = field(default_factory=dict)
    caller: str = ""
    talked: bool = False


class RandomPbx:
    """Runs actions chosen by numbers; `events` is what it told, in order. `finish` hangs everything up."""

    def __init__(self, style: Style) -> None:
        self.style = style
        self.events: list[ev.CallEvent] = []
        self.calls: list[Live] = []
        self._count = 0
        self._now = START

    @property
    def now(self) -> datetime:
        """When the last thing happened."""
        return self._now

    def act(self, choice: int, which: int) -> None:
        """One thing happens, if anything of that kind can."""
        actions: list[Callable[[int], None]] = [
            self.inbound, self.internal, self.outbound, self.answer, self.answer, self.answer, self.reject, self.cancel,
            self.hold, self.retrieve, self.deflect, self.pickup, self.blind, self.consult, self.transfer,
            self.conference, self.hang_up, self.digits, self.fail, self.ring_another, self.mailbox,
        ]  # fmt: skip
        actions[choice % len(actions)](which)

    def finish(self) -> None:
        """Everybody hangs up."""
        while self.calls:
            self.hang_up(0)

    # How things are told.

    def _tell(self, call: Live, event: Callable[[ev.Head], ev.CallEvent], cause: Cause = Cause.NORMAL) -> None:
        self._now += timedelta(milliseconds=100)
        if not self.style.monitors:
            self.events.append(event(ev.Head("pbx", self._now, cause)))
            return
        told = False
        for device in self.style.watched:
            if device in call.states:
                self.events.append(event(ev.Head("pbx", self._now, cause, device, call.states[device])))
                told = True
        if not told and self.style.watched == EXTENSIONS:
            self.events.append(event(ev.Head("pbx", self._now, cause, EXTENSIONS[0])))

    def _new(self, calling: Party, called: Party) -> Live:
        self._count += 1
        call = Live(str(self._count), calling, called)
        self.calls.append(call)
        return call

    def _customer(self) -> Party:
        return Party(f"trunk-{self._count}", f"04320{self._count:05}", kind=PartyKind.EXTERNAL)

    def _free(self, which: int) -> str | None:
        busy = {device for call in self.calls for device in call.states}
        free = [device for device in EXTENSIONS if device not in busy]
        return free[which % len(free)] if free else None

    def _with(self, which: int, state: ConnectionState, *, ours: bool = True) -> tuple[Live, str] | None:
        found = [
            (call, device)
            for call in self.calls
            for device, its in call.states.items()
            if its is state and (not ours or device in EXTENSIONS)
        ]
        return found[which % len(found)] if found else None

    # What happens.

    def _originate(self, calling: Party, called: Party, direction: Direction) -> Live:
        call = self._new(calling, called)
        call.caller = calling.device
        call.states[calling.device] = _S.CONNECTED
        call.parties[calling.device] = calling
        said = direction if self.style.says_direction else None
        id = ConnectionId(call.native, calling.device)
        self._tell(call, lambda head: ev.Originated(head, id, calling, called, said), Cause.NEW_CALL)
        return call

    def _ring(self, call: Live, party: Party, cause: Cause = Cause.NORMAL, redirecting: Party | None = None) -> None:
        call.states[party.device] = _S.ALERTING
        call.parties[party.device] = party
        near = ConnectionId(call.native, call.caller) if self.style.names_callers and call.caller in call.states else None
        self._tell(
            call,
            lambda head: ev.Delivered(
                head,
                ConnectionId(call.native, party.device),
                party,
                call.calling,
                call.called,
                redirecting,
                calling_connection=near,
            ),
            cause,
        )

    def inbound(self, which: int) -> None:
        device = self._free(which)
        if device is not None:
            self._count += 1
            call = self._originate(self._customer(), Party(number="+39043210010" + device[-1]), Direction.INBOUND)
            self._ring(call, ext(device))

    def internal(self, which: int) -> None:
        a = self._free(which)
        if a is None:
            return
        others = [device for device in EXTENSIONS if device != a and self._is_free(device)]
        if others:
            b = ext(others[which % len(others)])
            self._ring(self._originate(ext(a), b, Direction.INTERNAL), b)

    def _is_free(self, device: str) -> bool:
        return all(device not in call.states for call in self.calls)

    def outbound(self, which: int) -> None:
        device = self._free(which)
        if device is not None:
            self._count += 1
            far = self._customer()
            call = self._originate(ext(device), Party(number="0" + far.number), Direction.OUTBOUND)
            self._ring(call, far)

    def ring_another(self, which: int) -> None:
        found, device = self._with(which, _S.ALERTING), self._free(which)
        if found and device:
            self._ring(found[0], ext(device), Cause.DISTRIBUTED)

    def answer(self, which: int) -> None:
        found = self._with(which, _S.ALERTING, ours=False)
        if not found:
            return
        call, device = found
        call.states[device] = _S.CONNECTED
        call.talked = True
        party = call.parties[device]
        self._tell(call, lambda head: ev.Established(head, ConnectionId(call.native, device), party))
        for other in [d for d, s in call.states.items() if s is _S.ALERTING]:
            self._leave(call, other, Cause.ANSWERED_ELSEWHERE)

    def _leave(self, call: Live, device: str, cause: Cause) -> None:
        call.states[device] = _S.NULL
        party = call.parties[device]
        self._tell(call, lambda head: ev.ConnectionCleared(head, ConnectionId(call.native, device), party), cause)
        del call.states[device]
        left = [d for d, s in call.states.items() if s is not _S.FAIL]
        if len(left) == 1 or (left and all(call.states[d] is _S.ALERTING for d in left)):
            self._leave(call, left[0], cause)
        elif not left and call in self.calls:
            self.calls.remove(call)
            if self.style.clears_calls or call.states:
                self._tell(call, lambda head: ev.CallCleared(head, call.native))

    def reject(self, which: int) -> None:
        found = self._with(which, _S.ALERTING)
        if found:
            self._leave(*found, Cause.REJECTED)

    def cancel(self, which: int) -> None:
        found = self._with(which, _S.ALERTING)
        if found and found[0].caller in found[0].states and not found[0].talked:
            self._leave(found[0], found[0].caller, Cause.CALL_CANCELLED)

    def fail(self, which: int) -> None:
        a = self._free(which)
        if a is not None:
            busy = ext("109")
            call = self._originate(ext(a), busy, Direction.INTERNAL)
            call.states["109"], call.parties["109"] = _S.FAIL, busy
            self._tell(call, lambda head: ev.Failed(head, ConnectionId(call.native, "109"), busy), Cause.BUSY)
            self._leave(call, a, Cause.NORMAL_CLEARING)

    def hang_up(self, which: int) -> None:
        if self.calls:
            call = self.calls[which % len(self.calls)]
            devices = list(call.states)
            self._leave(call, devices[which % len(devices)], Cause.NORMAL_CLEARING)

    def hold(self, which: int) -> None:
        found = self._with(which, _S.CONNECTED)
        if found and found[0].talked:
            call, device = found
            call.states[device] = _S.HOLD
            self._tell(call, lambda head: ev.Held(head, ConnectionId(call.native, device)))

    def retrieve(self, which: int) -> None:
        found = self._with(which, _S.HOLD)
        if found:
            call, device = found
            call.states[device] = _S.CONNECTED
            self._tell(call, lambda head: ev.Retrieved(head, ConnectionId(call.native, device)))

    def digits(self, which: int) -> None:
        found = self._with(which, _S.CONNECTED)
        if found:
            call, device = found
            self._tell(call, lambda head: ev.DigitsGenerated(head, ConnectionId(call.native, device), "5"))

    def _divert(self, which: int, cause: Cause) -> tuple[Live, str, str] | None:
        found, to = self._with(which, _S.ALERTING), self._free(which)
        if not found or to is None:
            return None
        call, device = found
        self._away(call, device, ext(to), cause)
        return call, device, to

    def _away(self, call: Live, device: str, to: Party, cause: Cause) -> None:
        party = call.parties[device]
        call.states[device] = _S.NULL
        self._tell(call, lambda head: ev.Diverted(head, ConnectionId(call.native, device), party, to), cause)
        del call.states[device]

    def deflect(self, which: int) -> None:
        done = self._divert(which, Cause.REDIRECTED)
        if done:
            call, device, to = done
            self._ring(call, ext(to), Cause.REDIRECTED, ext(device))

    def mailbox(self, which: int) -> None:
        """Nobody answers: the mailbox, which nobody monitors, takes the call at once."""
        found = self._with(which, _S.ALERTING)
        if found and len(found[0].states) == 2 and VOICEMAIL.device not in found[0].states:
            call, device = found
            self._away(call, device, VOICEMAIL, Cause.CALL_FORWARD_NO_ANSWER)
            call.states[VOICEMAIL.device], call.parties[VOICEMAIL.device], call.talked = _S.CONNECTED, VOICEMAIL, True
            box = ConnectionId(call.native, VOICEMAIL.device)
            self._tell(call, lambda head: ev.Established(head, box, VOICEMAIL))

    def pickup(self, which: int) -> None:
        done = self._divert(which, Cause.CALL_PICKUP)
        if done:
            call, _, to = done
            call.states[to], call.parties[to], call.talked = _S.CONNECTED, ext(to), True
            self._tell(
                call, lambda head: ev.Established(head, ConnectionId(call.native, to), ext(to)), Cause.CALL_PICKUP
            )

    def blind(self, which: int) -> None:
        found, to = self._with(which, _S.CONNECTED), self._free(which)
        if not found or to is None or not found[0].talked or len(found[0].states) != 2:
            return
        call, device = found
        if any(state is not _S.CONNECTED for state in call.states.values()):
            return
        party = call.parties[device]
        call.states[device] = _S.NULL
        self._tell(
            call,
            lambda head: ev.Transferred(
                head, ConnectionId(call.native, device), None, party, ext(to), (), "blind"
            ),
            Cause.SINGLE_STEP_TRANSFER,
        )
        del call.states[device]
        self._other_caller(call, device)
        self._ring(call, ext(to), Cause.SINGLE_STEP_TRANSFER)

    def _other_caller(self, call: Live, gone: str) -> None:
        """Once the calling device has transferred the call, whoever talked to it counts as calling."""
        if call.caller == gone:
            call.caller = next((name for name, state in call.states.items() if state is not _S.ALERTING), "")
            call.calling = call.parties.get(call.caller, call.calling)

    def consult(self, which: int) -> None:
        found, to = self._with(which, _S.HOLD), self._free(which)
        if found and to is not None and sum(found[1] in call.states for call in self.calls) == 1:
            self._ring(self._originate(ext(found[1]), ext(to), Direction.INTERNAL), ext(to))

    def _pair(self, which: int) -> tuple[str, Live, Live] | None:
        pairs = [
            (device, held, active)
            for device in EXTENSIONS
            for held in self.calls
            for active in self.calls
            if held.states.get(device) is _S.HOLD and active.states.get(device) is _S.CONNECTED and active.talked
        ]
        return pairs[which % len(pairs)] if pairs else None

    def _merge(self, device: str, held: Live, active: Live, *, stays: bool) -> tuple[ev.Moved, ...]:
        native = held.native
        if self.style.renames:
            self._count += 1
            native = f"n{self._count}"
        states = {**active.states, **held.states}
        moved = tuple(
            ev.Moved(ConnectionId(call.native, name), ConnectionId(native, name), call.parties[name])
            for call in (held, active)
            for name in call.states
            if name != device or (stays and call is held)
        )
        states[device] = _S.CONNECTED if stays else _S.NULL
        self.calls.remove(active)
        held.states, held.parties = states, {**active.parties, **held.parties}
        held.native = native
        return moved

    def transfer(self, which: int) -> None:
        found = self._pair(which)
        if not found:
            return
        device, held, active = found
        first, second = ConnectionId(held.native, device), ConnectionId(active.native, device)
        target = next(name for name in active.states if name != device)
        moved = self._merge(device, held, active, stays=False)
        party, to = ext(device), active.parties[target]
        self._tell(
            held, lambda head: ev.Transferred(head, first, second, party, to, moved), Cause.TRANSFER
        )
        del held.states[device]
        self._other_caller(held, device)

    def conference(self, which: int) -> None:
        found = self._pair(which)
        if not found or any(state is _S.ALERTING for call in found[1:] for state in call.states.values()):
            return
        device, held, active = found
        first, second = ConnectionId(held.native, device), ConnectionId(active.native, device)
        target = next(name for name in active.states if name != device)
        moved = self._merge(device, held, active, stays=True)
        held.states = dict.fromkeys(held.states, _S.CONNECTED)
        party, to = ext(device), active.parties[target]
        self._tell(held, lambda head: ev.Conferenced(head, first, second, party, to, moved), Cause.CONFERENCE)


def as_if_told_elsewhere(event: ev.CallEvent) -> ev.CallEvent:
    """The same event as another monitor tells it: without anybody's own state."""
    return replace(event, head=replace(event.head, device="", local=None))


