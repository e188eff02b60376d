"""The heart of the model, for any PBX and any order: nothing raises, every call is sane, every call ends exactly once."""

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unisono.calls import pbx_events as ev
from unisono.calls.impossible import Impossible
from unisono.calls.model import Call
from unisono.calls.picture import Picture
from unisono.calls.step import step
from unisono.calls.unwatched import GRACE, sweep

from .pbx import assert_sane
from .random_pbx import EXTENSIONS, RandomPbx, Style, as_if_told_elsewhere

styles = st.builds(
    Style,
    monitors=st.booleans(),
    renames=st.booleans(),
    clears_calls=st.booleans(),
    names_callers=st.booleans(),
    says_direction=st.booleans(),
)
actions = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 11)), max_size=40)
chances = st.randoms(use_true_random=False)
relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Watched:
    """A picture that counts how often each call ended."""

    def __init__(self) -> None:
        self.picture = Picture()
        self.ends: Counter[str] = Counter()
        self.seen: set[str] = set()
        self.anomalies: list[Impossible] = []
        self._ids = 0

    def _new_id(self) -> str:
        self._ids += 1
        return f"c{self._ids}"

    def tell(self, event: ev.CallEvent) -> tuple[Call, ...]:
        found = step(self.picture, event, self._new_id)
        for call in found.changed:
            before = self.picture.get(call.id)
            assert before is None or before.live, "an ended call has changed"
            assert_sane(call)
            self.seen.add(call.id)
            self.ends[call.id] += not call.live
        self.picture.apply(found)
        self.anomalies += found.anomalies
        return found.changed

    def tidy(self, now: datetime) -> None:
        """End what nobody watches any more."""
        for found in sweep(self.picture, now):
            (call,) = found.changed
            assert not call.live
            assert_sane(call)
            self.ends[call.id] += 1
            self.picture.apply(found)

    def tell_all(self, events: Iterable[ev.CallEvent]) -> None:
        for event in events:
            self.tell(event)

    def assert_all_ended_once(self) -> None:
        up = list(self.picture.live())
        assert not up, up
        assert all(self.ends[call] == 1 for call in self.seen)
        for device in EXTENSIONS:
            assert self.picture.of_device("pbx", device) == ()


def played(style: Style, story: list[tuple[int, int]]) -> list[ev.CallEvent]:
    pbx = RandomPbx(style)
    for choice, which in story:
        pbx.act(choice, which)
    pbx.finish()
    return pbx.events


@given(styles, actions)
@relaxed
def test_in_order_nothing_is_odd_and_every_call_ends_once(style: Style, story: list[tuple[int, int]]) -> None:
    watched = Watched()
    for event in played(style, story):
        watched.tell(event)
        assert not watched.anomalies, (watched.anomalies, event)
    watched.assert_all_ended_once()


some = st.lists(st.sampled_from(EXTENSIONS), unique=True, min_size=1, max_size=3).map(tuple)


@given(styles, some, actions, st.integers(0, 5))
@relaxed
def test_only_some_devices_have_monitors(
    style: Style, watched: tuple[str, ...], story: list[tuple[int, int]], pause: int
) -> None:
    """For those that have one the model agrees with the PBX all the time; what leaves them ends all the same."""
    pbx, model, told = RandomPbx(replace(style, monitors=True, watched=watched)), Watched(), 0
    for choice, which in story:
        pbx.act(choice, which)
        model.tell_all(pbx.events[told:])
        told = len(pbx.events)
        model.tidy(pbx.now + timedelta(seconds=pause))
        assert not model.anomalies, (model.anomalies, pbx.events)
        for device in watched:
            truth = {(call.native, call.states[device]) for call in pbx.calls if device in call.states}
            calls = model.picture.of_device("pbx", device)
            assert {(call.native, leg.state) for call in calls if (leg := call.leg(device))} == truth
    pbx.finish()
    model.tell_all(pbx.events[told:])
    model.tidy(pbx.now + GRACE)
    assert not model.anomalies
    model.assert_all_ended_once()


@given(styles, actions)
@relaxed
def test_told_again_nothing_changes(style: Style, story: list[tuple[int, int]]) -> None:
    watched = Watched()
    for event in played(style, story):
        watched.tell(event)
        assert watched.tell(event) == ()
        assert watched.tell(as_if_told_elsewhere(event)) == ()
    assert not watched.anomalies
    watched.assert_all_ended_once()


@given(styles, actions, chances)
@relaxed
def test_in_any_order_every_call_ends_once(style: Style, story: list[tuple[int, int]], chance: random.Random) -> None:
    events = played(style, story)
    events += chance.sample(events, len(events) // 3)
    chance.shuffle(events)
    watched = Watched()
    watched.tell_all(events)
    finish(watched, events)


@given(styles, actions, chances)
@relaxed
def test_with_events_lost_a_snapshot_ends_what_has_gone(
    style: Style, story: list[tuple[int, int]], chance: random.Random
) -> None:
    events = [event for event in played(style, story) if chance.random() > 0.3]
    watched = Watched()
    watched.tell_all(events)
    finish(watched, events)


@given(styles, actions)
@relaxed
def test_neighbours_swapped(style: Style, story: list[tuple[int, int]]) -> None:
    """What really happens on a PBX: two reports about one moment in the other order."""
    events = played(Style(renames=style.renames, says_direction=style.says_direction), story)
    for at in range(1, len(events), 2):
        events[at - 1], events[at] = events[at], events[at - 1]
    watched = Watched()
    watched.tell_all(events)
    finish(watched, events)


def finish(watched: Watched, events: list[ev.CallEvent]) -> None:
    """The link says what is up now, as after every disturbance: nothing."""
    if events:
        last = max(event.head.at for event in events) + timedelta(seconds=1)
        watched.tell(ev.SnapshotComplete(ev.Head("pbx", last), frozenset()))
    watched.assert_all_ended_once()
