"""Presence from everything that is known of a person."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unisono.presence.combine import combine, next_change
from unisono.presence.model import SETTABLE, Activity, LineState, Manual, Presence, Reason, Sources, State
from unisono.presence.timing import Timing

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TIMING = Timing()


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def phone(activity: Activity, since: float) -> LineState:
    return LineState(activity, at(since), "l1", "c1", False, "Rossi")


def shown(sources: Sources, now: float = 60) -> tuple[State, Reason, datetime | None]:
    presence = combine(sources, at(now), TIMING)
    return presence.state, presence.reason, presence.since


HERE = at(0)


@pytest.mark.parametrize(
    ("sources", "state", "reason", "since"),
    [
        (Sources(), State.OFFLINE, Reason.SIGNED_OUT, None),
        (Sources(signed_in_since=HERE), State.AVAILABLE, Reason.NONE, at(0)),
        (Sources(signed_in_since=HERE, idle_since=at(50)), State.AWAY, Reason.IDLE, at(50)),
        (Sources(signed_in_since=HERE, idle_since=at(56)), State.AVAILABLE, Reason.NONE, at(0)),
        (Sources(signed_out_since=at(30)), State.OFFLINE, Reason.SIGNED_OUT, at(30)),
        (Sources(telephone=True), State.AVAILABLE, Reason.TELEPHONE, None),
        (Sources(signed_out_since=at(30), telephone=True), State.AVAILABLE, Reason.TELEPHONE, None),
        (Sources(signed_in_since=HERE, telephone=True), State.AVAILABLE, Reason.NONE, at(0)),
        (Sources(signed_in_since=HERE, idle_since=at(50), telephone=True), State.AWAY, Reason.IDLE, at(50)),
        (Sources(signed_out_since=at(59.9)), State.AVAILABLE, Reason.NONE, None),
        (Sources(lines=(phone(Activity.RINGING, 59),)), State.BUSY, Reason.RINGING, at(59)),
        (Sources(lines=(phone(Activity.ON_THE_PHONE, 42),)), State.BUSY, Reason.CALL, at(42)),
        (Sources(lines=(phone(Activity.ON_THE_PHONE, 42),), dnd_since=at(1)), State.DND, Reason.LINE_DND, at(1)),
        (Sources(after_call_since=at(59), after_call_until=at(61)), State.BUSY, Reason.CALL, at(59)),
        (Sources(signed_in_since=HERE, after_call_until=at(60)), State.AVAILABLE, Reason.NONE, at(0)),
    ],
)
def test_the_system_knows(sources: Sources, state: State, reason: Reason, since: datetime | None) -> None:
    assert shown(sources) == (state, reason, since)


def test_the_phone_counts_also_for_who_is_signed_out_or_idle() -> None:
    call = (phone(Activity.ON_THE_PHONE, 42),)
    assert shown(Sources(lines=call))[1] is Reason.CALL
    assert shown(Sources(lines=call, signed_in_since=HERE, idle_since=at(1)))[1] is Reason.CALL


def test_of_several_calls_the_most_telling_is_shown() -> None:
    ringing, talking = phone(Activity.RINGING, 40), phone(Activity.ON_THE_PHONE, 42)
    meeting = phone(Activity.CONFERENCE, 45)
    assert combine(Sources(lines=(ringing, talking)), at(60), TIMING).with_ is talking
    presence = combine(Sources(lines=(ringing, talking, meeting)), at(60), TIMING)
    assert (presence.activity, presence.with_) == (Activity.CONFERENCE, meeting)


class TestManual:
    def test_it_wins_until_it_expires(self) -> None:
        manual = Manual(State.AWAY, at(10), at(70), "lunch")
        presence = combine(Sources(manual=manual, signed_in_since=HERE), at(60), TIMING)
        assert presence == Presence(State.AWAY, Reason.MANUAL, at(10), at(70), "lunch")
        assert shown(Sources(manual=manual, signed_in_since=HERE), 70)[0] is State.AVAILABLE

    def test_the_next_call_shows_and_then_it_comes_back(self) -> None:
        manual = Manual(State.AWAY, at(10), None, "lunch")
        talking = Sources(manual=manual, signed_in_since=HERE, lines=(phone(Activity.ON_THE_PHONE, 20),))
        presence = combine(talking, at(60), TIMING)
        assert (presence.state, presence.reason, presence.note) == (State.BUSY, Reason.CALL, "lunch")
        assert shown(Sources(manual=manual, signed_in_since=HERE))[0] is State.AWAY

    def test_set_during_a_call_it_wins_over_that_call_and_not_over_the_next(self) -> None:
        manual = Manual(State.DND, at(30))
        first, second = phone(Activity.ON_THE_PHONE, 20), phone(Activity.RINGING, 40)
        presence = combine(Sources(manual=manual, lines=(first,)), at(60), TIMING)
        assert (presence.state, presence.activity) == (State.DND, Activity.ON_THE_PHONE)
        assert shown(Sources(manual=manual, lines=(first, second)))[:2] == (State.BUSY, Reason.CALL)

    def test_not_to_be_disturbed_is_one_thing_whoever_said_it_last(self) -> None:
        manual = Manual(State.DND, at(10), at(70), "focus")
        presence = combine(Sources(manual=manual, dnd_since=at(11)), at(60), TIMING)
        assert presence == Presence(State.DND, Reason.MANUAL, at(10), at(70), "focus")
        assert shown(Sources(manual=Manual(State.AWAY, at(10)), dnd_since=at(11)))[:2] == (State.DND, Reason.LINE_DND)

    @pytest.mark.parametrize("state", sorted(SETTABLE))
    def test_a_machine_left_alone_hides_only_available(self, state: State) -> None:
        idle = Sources(manual=Manual(state, at(10)), signed_in_since=HERE, idle_since=at(20))
        gone = Sources(manual=Manual(state, at(10)), signed_out_since=at(20))
        if state is State.AVAILABLE:
            assert (shown(idle)[0], shown(gone)[0]) == (State.AWAY, State.OFFLINE)
        else:
            assert (shown(idle)[0], shown(gone)[0]) == (state, state)


moments = st.integers(0, 120).map(at)
activities = st.sampled_from([Activity.RINGING, Activity.ON_THE_PHONE, Activity.CONFERENCE])
line_states = st.builds(LineState, activities, moments)
manuals = st.builds(Manual, st.sampled_from(sorted(SETTABLE)), moments, st.none() | moments, st.just("note"))
maybe = st.none() | moments
everything = st.builds(
    Sources,
    st.none() | manuals,
    st.lists(line_states, max_size=3).map(tuple),
    maybe,
    maybe,
    maybe,
    maybe,
    st.booleans(),
    maybe,
    maybe,
)


@given(everything, moments)
def test_every_presence_has_a_reason_that_fits(sources: Sources, now: datetime) -> None:
    presence = combine(sources, now, TIMING)
    assert presence.state is not State.UNKNOWN
    match presence.reason:
        case Reason.MANUAL:
            assert sources.manual
            assert (presence.state, presence.since) == (sources.manual.state, sources.manual.since)
            assert sources.manual.until is None or now < sources.manual.until
        case Reason.CALL:
            assert presence.state is State.BUSY
            assert presence.activity is not Activity.NONE
        case Reason.RINGING:
            assert (presence.state, presence.activity) == (State.BUSY, Activity.RINGING)
        case Reason.IDLE:
            assert presence.state is State.AWAY
        case Reason.LINE_DND:
            assert presence.state is State.DND
        case Reason.SIGNED_OUT:
            assert presence.state is State.OFFLINE
        case Reason.NONE | Reason.TELEPHONE:
            assert presence.state is State.AVAILABLE
    assert (presence.with_ is not None) == (bool(sources.lines))


@given(everything, moments)
def test_nothing_changes_before_the_next_change(sources: Sources, now: datetime) -> None:
    due = next_change(sources, now, TIMING)
    until = due or at(10_000)
    assert until > now
    assert combine(sources, until - timedelta(microseconds=1), TIMING) == combine(sources, now, TIMING)


@given(everything, manuals)
def test_setting_it_now_always_shows(sources: Sources, manual: Manual) -> None:
    now = at(200)
    fresh = Manual(manual.state, now, None, manual.note)
    presence = combine(Sources(fresh, sources.lines), now, TIMING)
    expected = Reason.SIGNED_OUT if manual.state is State.AVAILABLE and not sources.lines else Reason.MANUAL
    assert presence.reason is expected
