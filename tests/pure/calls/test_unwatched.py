"""Calls that leave every monitored device: no monitor hears their end (ECMA-269), yet they end."""

from datetime import timedelta

import pytest

from unisono.calls import pbx_events as ev
from unisono.calls.model import Call, Cause, Connection, ConnectionId, Party, PartyKind, Result
from unisono.calls.unwatched import PARKED
from unisono.calls.view import line_view

from .monitored import Monitored, S
from .pbx import CUSTOMER, START, VOICEMAIL, ext, legs_of, seconds

COLLEAGUE = ext("109")
"""One of ours without a monitor."""


@pytest.fixture
def pbx() -> Monitored:
    return Monitored()


def parked_at(pbx: Monitored) -> str:
    """Where line 101 parked the call, as its window shows it."""
    view = line_view(pbx.call(), "101")
    assert view is not None
    return view.parked_at


def leg(call: Call, device: str) -> Connection:
    found = call.leg(device)
    assert found is not None
    return found


def test_to_the_mailbox(pbx: Monitored) -> None:
    pbx.ring()
    pbx.divert(VOICEMAIL)
    pbx.wait(1)
    assert pbx.call().live
    pbx.wait(1)
    call = pbx.call()
    assert (call.result, call.ended_by, seconds(call.ended)) == (Result.VOICEMAIL, "forward", 1)
    assert call.answered is None
    assert legs_of(call) == {"101": ("callee", "missed-voicemail")}
    assert list(pbx.picture.live()) == []
    pbx.wait(10)
    assert pbx.call() is call


def test_to_a_colleague_whom_nobody_watches(pbx: Monitored) -> None:
    pbx.ring()
    pbx.divert(COLLEAGUE)
    pbx.wait(2)
    assert (pbx.call().result, pbx.call().cause) == (Result.FORWARDED, Cause.CALL_FORWARD_NO_ANSWER)
    assert legs_of(pbx.call()) == {"101": ("callee", "forwarded")}


def test_the_next_monitor_reports_in_time(pbx: Monitored) -> None:
    pbx.ring()
    pbx.divert(ext("102"))
    pbx.wait(1)
    own = ext("102")
    pbx.as_("102", S.ALERTING, lambda h: ev.Delivered(h, ConnectionId("1", "102"), own, CUSTOMER, ext("101")))
    pbx.wait(60)
    assert pbx.call().live
    pbx.as_("102", S.CONNECTED, lambda h: ev.Established(h, ConnectionId("1", "102"), own))
    pbx.as_("102", S.NULL, lambda h: ev.ConnectionCleared(h, ConnectionId("1", "102")))
    assert (pbx.call().result, pbx.call().id) == (Result.ANSWERED, "c1")


def test_another_monitor_is_still_in_the_call(pbx: Monitored) -> None:
    """The caller's monitor hears what becomes of a call that its callee has forwarded."""
    for device, local in (("102", S.CONNECTED), ("101", S.ALERTING)):
        pbx.as_(device, local, lambda h: ev.Delivered(h, ConnectionId("1", "101"), ext("101"), ext("102"), ext("101")))
    pbx.divert(VOICEMAIL)
    to_box = ConnectionId("1", VOICEMAIL.device)
    pbx.as_("102", S.CONNECTED, lambda h: ev.Diverted(h, ConnectionId("1", "101"), ext("101"), VOICEMAIL))
    pbx.wait(60)
    assert pbx.call().live
    pbx.as_("102", S.CONNECTED, lambda h: ev.Established(h, to_box, VOICEMAIL))
    pbx.as_("102", S.NULL, lambda h: ev.ConnectionCleared(h, ConnectionId("1", "102")))
    assert (pbx.call().result, pbx.call().ended_by) == (Result.VOICEMAIL, "102")


def test_transferred_after_a_conversation(pbx: Monitored) -> None:
    pbx.ring()
    pbx.answer()
    pbx.as_(
        "101",
        S.NULL,
        lambda h: ev.Transferred(h, ConnectionId("1", "101"), None, ext("101"), COLLEAGUE, (), "blind"),
        Cause.SINGLE_STEP_TRANSFER,
        seconds=0,
    )
    pbx.wait(2)
    assert (pbx.call().result, pbx.call().ended_by, seconds(pbx.call().ended)) == (Result.ANSWERED, "transfer", 2)
    assert legs_of(pbx.call()) == {"101": ("callee", "transferred")}


def test_left_to_talk_without_us(pbx: Monitored) -> None:
    """Three talk; the only one with a monitor hangs up."""
    pbx.ring()
    pbx.answer()
    moved = (ev.Moved(ConnectionId("", ""), ConnectionId("1", "109"), COLLEAGUE),)
    pbx.as_(
        "101",
        S.CONNECTED,
        lambda h: ev.Conferenced(h, ConnectionId("1", "101"), None, ext("101"), COLLEAGUE, moved),
        Cause.CONFERENCE,
    )
    pbx.clear("101", S.NULL)
    assert pbx.call().live
    pbx.wait(2)
    assert (pbx.call().result, pbx.call().ended_by) == (Result.ANSWERED, "101")
    assert leg(pbx.call(), "109").outcome is None, "nobody knows"


def test_a_queue_gives_up(pbx: Monitored) -> None:
    queue = Party("600", "600", kind=PartyKind.QUEUE)
    pbx.as_("600", S.QUEUED, lambda h: ev.Queued(h, ConnectionId("1", "600"), queue, CUSTOMER, queue))
    pbx.divert(VOICEMAIL, by="600")
    pbx.wait(2)
    assert (pbx.call().result, pbx.call().ended_by) == (Result.VOICEMAIL, "forward")


def test_a_queue_gives_it_to_somebody_unseen(pbx: Monitored) -> None:
    queue = Party("600", "600", kind=PartyKind.QUEUE)
    pbx.as_("600", S.QUEUED, lambda h: ev.Queued(h, ConnectionId("1", "600"), queue, CUSTOMER, queue))
    pbx.divert(COLLEAGUE, Cause.DISTRIBUTED, by="600")
    pbx.wait(2)
    assert pbx.call().result is Result.FORWARDED


def test_a_parked_call_has_time(pbx: Monitored) -> None:
    orbit = Party("790", "790", kind=PartyKind.PARK)
    pbx.ring()
    pbx.answer()
    pbx.divert(orbit, Cause.PARK)
    pbx.wait(PARKED.total_seconds() - 1)
    assert pbx.call().live
    assert parked_at(pbx) == "790"
    pbx.wait(1)
    assert (pbx.call().result, seconds(pbx.call().ended)) == (Result.ANSWERED, 2)
    assert parked_at(pbx) == ""


@pytest.mark.parametrize("device", ["790", "park:790"])
def test_a_parked_call_names_its_place_until_somebody_fetches_it(pbx: Monitored, device: str) -> None:
    pbx.ring()
    pbx.answer()
    assert parked_at(pbx) == ""
    pbx.divert(Party(device, "790", kind=PartyKind.PARK), Cause.PARK)
    assert parked_at(pbx) == "790"
    pbx.as_("102", S.CONNECTED, lambda h: ev.Established(h, ConnectionId("1", "102"), ext("102")), Cause.PARK)
    assert pbx.call().live
    assert parked_at(pbx) == ""


def test_a_colleague_who_is_parked_has_not_fetched_the_call(pbx: Monitored) -> None:
    own = Party("101", "101")
    pbx.as_("101", S.ALERTING, lambda h: ev.Delivered(h, ConnectionId("1", "101"), own, ext("103"), own))
    pbx.answer()
    pbx.divert(Party("790", "790", kind=PartyKind.PARK), Cause.PARK)
    assert parked_at(pbx) == "790"


def test_a_call_is_parked_again_where_it_was_before(pbx: Monitored) -> None:
    pbx.ring()
    pbx.answer()
    for place in ("790", "791", "790"):
        pbx.divert(Party(place, place, kind=PartyKind.PARK), Cause.PARK)
        assert parked_at(pbx) == place
        pbx.wait(1)
        pbx.answer()
        assert parked_at(pbx) == ""
    assert [transfer.to for transfer in pbx.call().transfers] == ["790", "791", "790"]


def test_it_comes_into_sight_again(pbx: Monitored) -> None:
    """The mailbox lets the caller dial on: a new call of the same scenario, and no anomaly."""
    pbx.ring()
    pbx.divert(VOICEMAIL)
    pbx.wait(60)
    pbx.as_("102", S.CONNECTED, lambda h: ev.Established(h, ConnectionId("1", "102"), ext("102"), CUSTOMER, ext("102")))
    call = pbx.call()
    assert (call.live, call.id, call.tracker) == (True, "c2", "c1")
    assert pbx.picture.get("c1").result is Result.VOICEMAIL  # type: ignore[union-attr]


def test_monitors_without_connection_states(pbx: Monitored) -> None:
    """localConnectionInfo is optional: then the event's own words say who has left."""
    own = Party("101", "101")
    pbx.as_("101", None, lambda h: ev.Delivered(h, ConnectionId("1", "101"), own, CUSTOMER, own))
    pbx.wait(60)
    assert pbx.call().live
    pbx.as_("101", None, lambda h: ev.Diverted(h, ConnectionId("1", "101"), own, VOICEMAIL), Cause.CALL_FORWARD)
    pbx.wait(2)
    assert pbx.call().result is Result.VOICEMAIL


def test_told_by_a_monitor_that_knows_of_no_connection(pbx: Monitored) -> None:
    pbx.as_("101", S.NULL, lambda h: ev.Delivered(h, ConnectionId("1", "109"), COLLEAGUE, CUSTOMER, COLLEAGUE))
    pbx.wait(2)
    assert not pbx.call().live


def test_one_stream_for_all_is_not_concerned(pbx: Monitored) -> None:
    pbx.inbound()
    pbx.diverted("1", ext("101"), VOICEMAIL, Cause.CALL_FORWARD_NO_ANSWER)
    pbx.wait(3600)
    assert pbx.call().live


class TestSnapshots:
    """`SnapshotComplete` says of some devices which calls they have."""

    def lost(self, pbx: Monitored, *devices: str) -> None:
        pbx.say(ev.SnapshotComplete(pbx.head(), frozenset(), frozenset(devices)))

    def test_the_last_watched_device_has_lost_it(self, pbx: Monitored) -> None:
        pbx.ring()
        pbx.as_("101", S.ALERTING, lambda h: ev.Delivered(h, ConnectionId("1", "109"), COLLEAGUE, CUSTOMER, COLLEAGUE))
        self.lost(pbx, "101")
        assert pbx.call().result is Result.LOST_SIGHT

    def test_another_watched_device_may_still_have_it(self, pbx: Monitored) -> None:
        pbx.ring()
        for device in ("101", "102"):
            pbx.as_(
                device,
                S.ALERTING,
                lambda h: ev.Delivered(h, ConnectionId("1", "102"), ext("102"), CUSTOMER, ext("101")),
            )
        self.lost(pbx, "101")
        pbx.wait(60)
        assert pbx.call().live
        self.lost(pbx, "101", "102")
        assert pbx.call().result is Result.LOST_SIGHT

    def test_gone_on_to_the_mailbox_before(self, pbx: Monitored) -> None:
        pbx.ring()
        pbx.divert(VOICEMAIL)
        self.lost(pbx, "101", "102")
        pbx.wait(2)
        assert (pbx.call().result, pbx.call().ended) == (Result.VOICEMAIL, START + timedelta(seconds=1))

    def test_found_by_a_snapshot_and_then_lost(self, pbx: Monitored) -> None:
        """After a restart nothing is known of monitors; their next reports tell."""
        connections = (
            ev.SnapshotConnection(ConnectionId("1", "101"), ext("101"), S.ALERTING),
            ev.SnapshotConnection(ConnectionId("1", CUSTOMER.device), CUSTOMER, S.CONNECTED),
        )
        pbx.say(ev.CallSnapshot(pbx.head(), "1", connections, CUSTOMER, ext("101")))
        pbx.say(ev.SnapshotComplete(pbx.head(), frozenset({"1"}), frozenset({"101"})))
        pbx.wait(60)
        assert pbx.call().live
        pbx.divert(VOICEMAIL)
        pbx.wait(2)
        assert pbx.call().result is Result.VOICEMAIL


class TestStoppedMonitors:
    """`MonitorStopped`: a line is ours no longer, or the PBX lets it be monitored no longer."""

    def stop(self, pbx: Monitored, device: str, *others: str) -> None:
        pbx.say(ev.MonitorStopped(pbx.head(), device, frozenset(others)))

    def delivered(self, pbx: Monitored, *monitors: str) -> None:
        for device in monitors:
            local = S.ALERTING if device == "101" else S.CONNECTED
            pbx.as_(device, local, lambda h: ev.Delivered(h, ConnectionId("1", "101"), ext("101"), ext("102"), ext("101")))

    def found(self, pbx: Monitored) -> None:
        """A call of two of our lines, read when the link came up: nothing is known of monitors."""
        connections = (
            ev.SnapshotConnection(ConnectionId("1", "101"), ext("101"), S.CONNECTED),
            ev.SnapshotConnection(ConnectionId("1", "102"), ext("102"), S.CONNECTED),
        )
        pbx.say(ev.CallSnapshot(pbx.head(), "1", connections, ext("102"), ext("101")))

    def test_a_call_that_only_this_one_told_of(self, pbx: Monitored) -> None:
        pbx.ring()
        pbx.answer()
        self.stop(pbx, "101", "102", "103")
        call = pbx.call()
        assert (call.live, call.cause) == (False, Cause.LOST_SIGHT)

    def test_a_call_that_only_this_one_told_of_though_it_has_no_part_in_it(self, pbx: Monitored) -> None:
        pbx.as_("101", S.ALERTING, lambda h: ev.Delivered(h, ConnectionId("1", "109"), COLLEAGUE, CUSTOMER, COLLEAGUE))
        self.stop(pbx, "101")
        assert pbx.call().result is Result.LOST_SIGHT

    def test_others_calls_go_on(self, pbx: Monitored) -> None:
        pbx.ring()
        before = pbx.call()
        self.stop(pbx, "102")
        pbx.wait(60)
        assert pbx.call() is before

    def test_a_call_with_a_line_that_is_monitored_still_goes_on_and_ends_with_that_one(self, pbx: Monitored) -> None:
        self.delivered(pbx, "101", "102")
        self.stop(pbx, "101", "102")
        pbx.wait(60)
        assert pbx.call().live
        pbx.as_("102", S.CONNECTED, lambda h: ev.Established(h, ConnectionId("1", "101"), ext("101")))
        pbx.as_("102", S.NULL, lambda h: ev.ConnectionCleared(h, ConnectionId("1", "102")))
        assert pbx.call().result is Result.ANSWERED

    def test_the_one_that_is_left_may_not_have_told_of_it_yet(self, pbx: Monitored) -> None:
        self.delivered(pbx, "101")
        self.stop(pbx, "101", "102")
        pbx.wait(60)
        assert pbx.call().live
        self.stop(pbx, "102")
        assert pbx.call().result is Result.LOST_SIGHT

    def test_found_by_a_snapshot(self, pbx: Monitored) -> None:
        self.found(pbx)
        self.stop(pbx, "101", "102")
        pbx.wait(60)
        assert pbx.call().live
        self.stop(pbx, "102")
        assert pbx.call().result is Result.LOST_SIGHT

    def test_a_call_that_comes_into_sight_again_is_a_new_one_with_the_same_tracker(self, pbx: Monitored) -> None:
        pbx.ring()
        self.stop(pbx, "101")
        before = pbx.call()
        pbx.wait(1)
        pbx.answer()
        assert (pbx.call().live, pbx.call().tracker) == (True, before.tracker)
        assert pbx.call().id != before.id
