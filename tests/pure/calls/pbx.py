"""A PBX in a test's hand: it says what happened, the model steps; an anomaly in a legal story raises."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from unisono.calls import pbx_events as ev
from unisono.calls.model import NOBODY, Call, Cause, ConnectionId, ConnectionState, Direction, Party, PartyKind
from unisono.calls.picture import Picture, Step
from unisono.calls.step import step

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CUSTOMER = Party(device="trunk-1", number="0432000462", kind=PartyKind.EXTERNAL)
DID = Party(number="+390432100101", kind=PartyKind.UNKNOWN)
QUEUE = Party(device="support", number="600", name="Support", kind=PartyKind.QUEUE)
VOICEMAIL = Party(device="vm", number="*97", kind=PartyKind.VOICEMAIL)


def ext(number: str) -> Party:
    """One of our extensions."""
    return Party(device=number, number=number, kind=PartyKind.EXTENSION)


class Pbx:
    """Tells events to the model one second apart; `monitors` repeats each event for each monitored device, as CSTA does."""

    def __init__(self, *, strict: bool = True, monitors: Sequence[str] = ()) -> None:
        self.picture = Picture()
        self.now = START
        self.events: list[ev.CallEvent] = []
        self.steps: list[Step] = []
        self.strict = strict
        self.monitors = monitors
        self._ids = 0

    def new_id(self) -> str:
        self._ids += 1
        return f"c{self._ids}"

    def head(self, cause: Cause = Cause.NORMAL, device: str = "", local: ConnectionState | None = None) -> ev.Head:
        return ev.Head("pbx", self.now, cause, device, local)

    def say(self, event: ev.CallEvent) -> Step:
        """One event, now; the clock goes on by a second."""
        result = self.tell(event)
        for device in self.monitors:
            again = self.tell(replace(event, head=replace(event.head, device=device)))
            assert not again.changed, f"{type(event).__name__} changed something when told twice"
        self.now += timedelta(seconds=1)
        return result

    def tell(self, event: ev.CallEvent) -> Step:
        """Step without moving the clock."""
        self.events.append(event)
        result = step(self.picture, event, self.new_id)
        if self.strict:
            assert not result.anomalies, result.anomalies
        self.picture.apply(result)
        self.steps.append(result)
        for call in result.changed:
            assert_sane(call)
        return result

    # The events, with what they usually carry.

    def originated(self, call: str, calling: Party, called: Party, **kw: Any) -> Step:
        cause = kw.pop("cause", Cause.NEW_CALL)
        id = ConnectionId(call, calling.device)
        return self.say(ev.Originated(self.head(cause), id, calling, called, **kw))

    def delivered(self, call: str, alerting: Party, calling: Party, called: Party, **kw: Any) -> Step:
        cause = kw.pop("cause", Cause.NORMAL)
        device = kw.pop("device", alerting.device)
        return self.say(
            ev.Delivered(self.head(cause), ConnectionId(call, device), alerting, calling, called, **kw)
        )

    def established(self, call: str, answering: Party, **kw: Any) -> Step:
        cause = kw.pop("cause", Cause.NORMAL)
        return self.say(ev.Established(self.head(cause), ConnectionId(call, answering.device), answering, **kw))

    def cleared(
        self, call: str, device: str, cause: Cause = Cause.NORMAL_CLEARING, releasing: Party = NOBODY
    ) -> Step:
        return self.say(ev.ConnectionCleared(self.head(cause), ConnectionId(call, device), releasing))

    def failed(self, call: str, failing: Party, cause: Cause) -> Step:
        return self.say(ev.Failed(self.head(cause), ConnectionId(call, failing.device), failing))

    def diverted(self, call: str, diverting: Party, to: Party, cause: Cause, kind: str = "") -> Step:
        return self.say(ev.Diverted(self.head(cause), ConnectionId(call, diverting.device), diverting, to, kind))

    def held(self, call: str, device: str) -> Step:
        return self.say(ev.Held(self.head(), ConnectionId(call, device)))

    def retrieved(self, call: str, device: str) -> Step:
        return self.say(ev.Retrieved(self.head(), ConnectionId(call, device)))

    def inbound(self, call: str = "1", to: str = "101", did: Party = DID) -> None:
        """A customer calls one of ours, who rings."""
        self.originated(call, CUSTOMER, did, direction=Direction.INBOUND)
        self.delivered(call, ext(to), CUSTOMER, did)

    def call(self, native: str = "1") -> Call:
        found = self.picture.by_native("pbx", native)
        assert found is not None
        return found


def legs_of(call: Call) -> dict[str, tuple[str, str | None]]:
    """Role and outcome of each of our extensions in the call."""
    return {
        leg.id.device: (str(leg.role), leg.outcome and str(leg.outcome))
        for leg in call.connections
        if leg.party.kind is PartyKind.EXTENSION
    }


def seconds(moment: datetime | None) -> int | None:
    """Seconds since the story began."""
    return None if moment is None else round((moment - START).total_seconds())


def assert_sane(call: Call) -> None:
    """What holds for every call at every moment."""
    if call.ended is not None:
        assert not [leg for leg in call.connections if leg.live], call
        assert call.result is not None
        assert call.ended_by
        assert call.ended >= call.started
    else:
        assert call.result is None
    _in_order(call.started, call.rang, call.answered, call.ended)
    for leg in call.connections:
        assert leg.live == (leg.ended is None), leg
        _in_order(leg.started, leg.rang, leg.answered, leg.ended)
    for hold in call.holds:
        _in_order(hold.since, hold.until)
    live = [leg.id.device for leg in call.connections if leg.live]
    assert len(live) == len(set(live)), "one device, two live connections"


def _in_order(*moments: datetime | None) -> None:
    known = [moment for moment in moments if moment is not None]
    assert known == sorted(known), known
