"""A PBX gone mad: any event with any content at any time. Nothing raises, every call stays sane, nothing grows for ever."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unisono.calls import pbx_events as ev
from unisono.calls.impossible import Why
from unisono.calls.legs import MOST_DIGITS, MOST_HOLDS, MOST_LEGS
from unisono.calls.model import (
    NOBODY,
    Call,
    Cause,
    ConnectionId,
    ConnectionState,
    Direction,
    Party,
    PartyKind,
    Service,
)
from unisono.calls.picture import MOST_GRAVES, Grave, Picture, Step
from unisono.calls.step import step
from unisono.calls.view import line_view

from .pbx import START, Pbx, assert_sane, ext

natives = st.sampled_from(["", "1", "2", "3"])
devices = st.sampled_from(["", "101", "102", "103", "trunk"])
ids = st.builds(ConnectionId, natives, devices)
parties = st.just(NOBODY) | st.builds(
    Party, devices, st.sampled_from(["", "101", "0432000462"]), st.just(""), st.sampled_from(PartyKind), st.booleans()
)
maybe_state = st.none() | st.sampled_from(ConnectionState)
heads = st.builds(
    ev.Head,
    st.just("pbx"),
    st.integers(0, 60).map(lambda seconds: START + timedelta(seconds=seconds)),
    st.sampled_from(Cause),
    devices,
    maybe_state,
    st.none() | st.frozensets(st.sampled_from(Service), max_size=3),
)
perhaps = st.none() | parties
directions = st.none() | st.sampled_from(Direction)
moved = st.lists(st.builds(ev.Moved, ids, ids, parties), max_size=3).map(tuple)
snapshots = st.lists(st.builds(ev.SnapshotConnection, ids, parties, st.sampled_from(ConnectionState)), max_size=3).map(tuple)
kinds = st.sampled_from(["", "blind", "attended", "302", "cti-redirect", "pickup", "x"])
events: st.SearchStrategy[ev.CallEvent] = st.one_of(
    st.builds(ev.ServiceInitiated, heads, ids, parties, st.booleans()),
    st.builds(ev.Originated, heads, ids, parties, parties, directions, st.booleans(), natives),
    st.builds(ev.NetworkReached, heads, ids, parties, parties, parties),
    st.builds(ev.Queued, heads, ids, parties, parties, parties),
    st.builds(ev.Delivered, heads, ids, parties, parties, parties, perhaps, perhaps, directions, st.none() | ids),
    st.builds(ev.Established, heads, ids, parties, parties, parties, perhaps, perhaps, directions, st.none() | ids),
    st.builds(ev.Held, heads, ids),
    st.builds(ev.Retrieved, heads, ids),
    st.builds(ev.Failed, heads, ids, parties, parties, parties, directions),
    st.builds(ev.Diverted, heads, ids, parties, parties, kinds, parties, parties),
    st.builds(ev.Transferred, heads, ids, st.none() | ids, parties, parties, moved, kinds),
    st.builds(ev.Conferenced, heads, ids, st.none() | ids, parties, parties, moved),
    st.builds(ev.ConnectionCleared, heads, ids, parties),
    st.builds(ev.CallCleared, heads, natives),
    st.builds(ev.CallInformation, heads, ids, parties, parties, parties, natives),
    st.builds(ev.DigitsGenerated, heads, ids, st.sampled_from(["", "1", "22"])),
    st.builds(ev.CallSnapshot, heads, natives, snapshots, parties, parties, directions, st.none()),
    st.builds(ev.SnapshotComplete, heads, st.frozensets(natives), st.none() | st.frozensets(devices)),
    st.builds(ev.MonitorStopped, heads, devices, st.frozensets(devices)),
    st.builds(ev.Unreadable, heads, st.just("nonsense")),
)  # fmt: skip


@given(st.lists(events, max_size=40))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_nothing_raises_and_calls_stay_sane(told: list[ev.CallEvent]) -> None:
    picture = Picture()
    count = 0

    def new_id() -> str:
        nonlocal count
        count += 1
        return f"c{count}"

    for event in told:
        found = step(picture, event, new_id)
        for call in found.changed:
            before = picture.get(call.id)
            assert before is None or before.live, "an ended call has changed"
            assert_sane(call)
            look(call)
        picture.apply(found)
    picture.apply(step(picture, ev.SnapshotComplete(ev.Head("pbx", START + timedelta(hours=1)), frozenset()), new_id))
    assert not list(picture.live())
    for device in ("", "101", "102", "103", "trunk"):
        assert picture.of_device("pbx", device) == ()
    picture.forget(START + timedelta(days=1))
    assert not list(picture.ended())
    assert picture.by_native("pbx", "1") is None


def look(call: Call) -> None:
    for leg in call.connections:
        seen = line_view(call, leg.id.device)
        assert seen is not None


class TestBounds:
    def test_connections_holds_and_digits_of_one_call(self) -> None:
        pbx = Pbx(strict=False)
        pbx.inbound()
        pbx.established("1", ext("101"))
        for number in range(MOST_LEGS + 10):
            pbx.delivered("1", ext(str(1000 + number)), ext("101"), ext("102"))
            pbx.held("1", "101")
            pbx.retrieved("1", "101")
            pbx.say(ev.DigitsGenerated(pbx.head(), ConnectionId("1", "101"), "12345"))
        call = pbx.call()
        assert len(call.connections) <= MOST_LEGS
        assert len(call.holds) <= MOST_HOLDS
        assert len(call.digits) <= MOST_DIGITS
        assert any(each.why is Why.TOO_MANY_CONNECTIONS for found in pbx.steps for each in found.anomalies)

    def test_what_was_cleared_unheard_of(self) -> None:
        picture = Picture()
        for number in range(MOST_GRAVES + 5):
            grave: Grave = ("pbx", str(number), "")
            picture.apply(Step(graves=((grave, START),)))
        assert picture.grave(("pbx", "0", "")) is None
        assert picture.grave(("pbx", str(MOST_GRAVES), "")) is not None
