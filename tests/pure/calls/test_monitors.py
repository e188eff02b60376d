"""PBXs with a monitor for each device (CSTA): only what our lines see is told, with their own connection states."""

import pytest

from unisono.calls import pbx_events as ev
from unisono.calls.model import (
    Call,
    Cause,
    ConnectionId,
    Direction,
    Party,
    PartyKind,
    Result,
    Service,
)
from unisono.calls.view import LineState, line_view

from .monitored import Monitored, S
from .pbx import CUSTOMER, ext, legs_of


@pytest.fixture
def pbx() -> Monitored:
    return Monitored()


def state(call: Call, device: str = "101") -> LineState:
    view = line_view(call, device)
    assert view is not None
    return view.state


def test_the_monitored_device_is_one_of_ours(pbx: Monitored) -> None:
    pbx.ring()
    call = pbx.call()
    assert call.leg("101").party.kind is PartyKind.EXTENSION  # type: ignore[union-attr]
    assert call.direction is Direction.INBOUND
    assert {leg.id.device for leg in call.connections} == {"101", CUSTOMER.device}


def test_own_hang_up_ends_a_call_of_two(pbx: Monitored) -> None:
    pbx.ring()
    pbx.answer()
    pbx.clear("101", S.NULL)
    assert (pbx.call().result, pbx.call().ended_by) == (Result.ANSWERED, "101")


def test_busy_tone_after_the_other_has_hung_up(pbx: Monitored) -> None:
    pbx.ring()
    pbx.answer()
    pbx.clear("another name of the trunk", S.FAIL)
    assert pbx.call().ended_by == "external"
    pbx.as_("101", S.FAIL, lambda h: ev.Failed(h, ConnectionId("1", "101"), Party("101")))
    pbx.clear("101", S.NULL)
    assert (pbx.call().result, pbx.call().ended_by) == (Result.ANSWERED, "external")


def test_unmonitored_colleague(pbx: Monitored) -> None:
    pbx.as_(
        "101", S.CONNECTED, lambda h: ev.Originated(h, ConnectionId("1", "101"), Party("101"), ext("109")), Cause.NEW_CALL
    )
    pbx.as_("101", S.CONNECTED, lambda h: ev.Delivered(h, ConnectionId("1", "109"), ext("109"), ext("101"), ext("109")))
    pbx.as_("101", S.CONNECTED, lambda h: ev.Established(h, ConnectionId("1", "109"), ext("109")))
    assert pbx.call().direction is Direction.INTERNAL
    pbx.clear("101", S.NULL)
    assert legs_of(pbx.call()) == {"101": ("caller", "answered"), "109": ("callee", "answered")}


def test_local_state_wins_over_the_name_of_the_event(pbx: Monitored) -> None:
    pbx.ring()
    pbx.as_("101", S.HOLD, lambda h: ev.Established(h, ConnectionId("1", "101"), Party("101")))
    assert pbx.call().leg("101").state is S.HOLD  # type: ignore[union-attr]


def test_local_state_in_an_event_about_another(pbx: Monitored) -> None:
    pbx.ring()
    pbx.as_("101", S.CONNECTED, lambda h: ev.Established(h, ConnectionId("1", CUSTOMER.device), CUSTOMER))
    assert pbx.call().leg("101").state is S.CONNECTED  # type: ignore[union-attr]
    assert pbx.call().answered is not None


def test_own_phone_that_rings_first_is_not_called(pbx: Monitored) -> None:
    pbx.as_(
        "101",
        S.ALERTING,
        lambda h: ev.ServiceInitiated(h, ConnectionId("1", "101"), Party("101"), by_cti=True),
    )
    assert state(pbx.call()) is LineState.INITIATED


def test_what_is_permitted_comes_from_the_own_monitor_and_goes_with_the_state(pbx: Monitored) -> None:
    some = frozenset({Service.HOLD_CALL})
    pbx.ring()
    pbx.as_("101", S.CONNECTED, lambda h: ev.Established(h, ConnectionId("1", "101"), Party("101")), permitted=some)
    assert pbx.call().leg("101").permitted == some  # type: ignore[union-attr]
    pbx.as_("103", None, lambda h: ev.Held(h, ConnectionId("1", "101")))
    assert pbx.call().leg("101").permitted is None  # type: ignore[union-attr]


def test_what_is_permitted_comes_with_a_transfer(pbx: Monitored) -> None:
    some = frozenset({Service.CLEAR_CONNECTION, Service.HOLD_CALL})
    pbx.ring()
    pbx.answer()
    pbx.as_("101", S.HOLD, lambda h: ev.Held(h, ConnectionId("1", "101")))
    pbx.as_("101", S.CONNECTED, lambda h: ev.Originated(h, ConnectionId("2", "101"), ext("101"), ext("103")))
    pbx.as_("103", S.ALERTING, lambda h: ev.Delivered(h, ConnectionId("2", "103"), ext("103"), ext("101"), ext("103")))
    pbx.as_("103", S.CONNECTED, lambda h: ev.Established(h, ConnectionId("2", "103"), ext("103")))
    first, second = ConnectionId("1", "101"), ConnectionId("2", "101")
    moved = (ev.Moved(ConnectionId("2", "103"), ConnectionId("3", "103"), ext("103")),)
    for device, local, permitted in (("101", S.NULL, None), ("103", S.CONNECTED, some)):
        pbx.as_(
            device,
            local,
            lambda h: ev.Transferred(h, first, second, ext("101"), ext("103"), moved),
            Cause.TRANSFER,
            permitted,
        )
    assert pbx.call("3").leg("103").permitted == some  # type: ignore[union-attr]


def test_what_is_permitted_comes_with_a_conference(pbx: Monitored) -> None:
    some = frozenset({Service.CLEAR_CONNECTION})
    pbx.ring()
    pbx.answer()
    moved = (ev.Moved(ConnectionId("", ""), ConnectionId("1", "103"), ext("103")),)
    pbx.as_(
        "101",
        S.CONNECTED,
        lambda h: ev.Conferenced(h, ConnectionId("1", "101"), None, ext("101"), ext("103"), moved),
        Cause.CONFERENCE,
        some,
    )
    assert pbx.call().leg("101").permitted == some  # type: ignore[union-attr]


def test_a_snapshot_catches_an_outside_line_just_before_it_rings(pbx: Monitored) -> None:
    far = Party("T4", "00432000070", kind=PartyKind.EXTERNAL)
    connections = (
        ev.SnapshotConnection(ConnectionId("1", "101"), ext("101"), S.CONNECTED),
        ev.SnapshotConnection(ConnectionId("1", "T4"), far, S.INITIATED),
    )
    pbx.say(ev.CallSnapshot(pbx.head(), "1", connections, ext("101"), far))
    pbx.as_("101", S.CONNECTED, lambda h: ev.Delivered(h, ConnectionId("1", "T4"), far, ext("101"), far))
    assert pbx.call().leg("T4").state is S.ALERTING  # type: ignore[union-attr]
    assert state(pbx.call()) is LineState.RINGBACK


@pytest.mark.parametrize("again", ["101", "600"])
def test_rung_again_within_the_resolution_of_the_clock(pbx: Monitored, again: str) -> None:
    """A queue whose only member did not answer tries them at once again; each event is told by both monitors."""
    own, queue = Party("101", "101"), Party("600", "600", kind=PartyKind.QUEUE)
    pbx.as_("600", S.QUEUED, lambda h: ev.Queued(h, ConnectionId("1", "600"), queue, CUSTOMER, queue))
    pbx.ring()
    pbx.divert(queue, Cause.DISTRIBUTED)
    pbx.as_(
        "600", S.QUEUED, lambda h: ev.Diverted(h, ConnectionId("1", "101"), own, queue), Cause.DISTRIBUTED, seconds=0
    )
    assert not pbx.call().leg("101").live  # type: ignore[union-attr]
    local = S.ALERTING if again == "101" else S.QUEUED
    ring = ev.Delivered(pbx.head(device=again, local=local), ConnectionId("1", "101"), own, CUSTOMER, own)
    pbx.tell(ring)
    assert pbx.call().leg("101").state is S.ALERTING  # type: ignore[union-attr]
    assert pbx.tell(ring).changed == ()
    pbx.wait(5)
    assert pbx.call().leg("101").state is S.ALERTING  # type: ignore[union-attr]


def test_rejected_before_anybody_answered(pbx: Monitored) -> None:
    pbx.ring()
    pbx.clear("101", S.NULL, Cause.REJECTED)
    assert (pbx.call().result, pbx.call().ended_by) == (Result.REJECTED, "101")


def test_a_call_that_is_distributed_goes_on(pbx: Monitored) -> None:
    pbx.ring()
    pbx.clear("101", S.NULL, Cause.DISTRIBUTED)
    assert pbx.call().live


def test_transferred_to_the_outside_is_out_of_sight(pbx: Monitored) -> None:
    mobile = Party("trunk-9", "3401234567", kind=PartyKind.EXTERNAL)
    pbx.ring()
    pbx.answer()
    moved = (ev.Moved(ConnectionId("", ""), ConnectionId("1", "trunk-9"), mobile),)
    pbx.as_(
        "101",
        S.NULL,
        lambda h: ev.Transferred(h, ConnectionId("1", "101"), None, ext("101"), mobile, moved, "blind"),
        Cause.SINGLE_STEP_TRANSFER,
    )
    assert (pbx.call().ended_by, pbx.call().result) == ("transfer", Result.ANSWERED)
    assert legs_of(pbx.call()) == {"101": ("callee", "transferred")}


def test_parked_calls_stay(pbx: Monitored) -> None:
    park = Party("orbit-1", "70", kind=PartyKind.PARK)
    pbx.ring()
    pbx.answer()
    pbx.as_(
        "101", S.NULL, lambda h: ev.Diverted(h, ConnectionId("1", "101"), ext("101"), park, "park"), Cause.PARK
    )
    pbx.as_("101", None, lambda h: ev.Queued(h, ConnectionId("1", "orbit-1"), park), Cause.PARK)
    assert pbx.call().live
    assert pbx.call().queue is None


def test_outside_line_that_is_never_seen_to_answer(pbx: Monitored) -> None:
    number = Party(number="00432000070")
    pbx.as_("101", S.CONNECTED, lambda h: ev.Originated(h, ConnectionId("1", "101"), Party("101"), number))
    assert state(pbx.call()) is LineState.DIALING
    pbx.as_("101", S.CONNECTED, lambda h: ev.NetworkReached(h, ConnectionId("1", "T3"), Party("T3")))
    assert pbx.call().direction is Direction.OUTBOUND
    assert state(pbx.call()) is LineState.RINGBACK
    pbx.clear("101", S.NULL)
    assert (pbx.call().result, pbx.call().rang) == (Result.MISSED, None)
