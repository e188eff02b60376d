"""Calls that go elsewhere on the demo's switch: deflection, pick-up, parking, call-back, forwarding, mailbox, settings."""

import pytest
from tests.pure.demo.switchboard import BERLIN, LONDON, Dialogue, at, inbound, refused, switch_of

from unisono.demo.pbx.model import Forwarding, Leg, Problem, State
from unisono.demo.pbx.switch import Switch


@pytest.fixture
def switch() -> Switch:
    return switch_of()


@pytest.fixture
def told(switch: Switch) -> Dialogue:
    return Dialogue(switch)


def test_deflection_of_a_ringing_call(switch: Switch, told: Dialogue) -> None:
    near = inbound(switch, "101", answered=False)
    told.said()
    switch.services.deflect(near, "102")
    assert told.said("101", "102") == ["101: Diverted 101 > 102 null redirected", "102: Delivered 102 alerting redirected"]


def test_directed_pick_up(switch: Switch, told: Dialogue) -> None:
    near = inbound(switch, "101", answered=False)
    told.said()
    leg = switch.services.directed_pickup(near, "102")
    assert leg == Leg(near.call, "102")
    assert told.said("101", "102") == [
        "101: Diverted 101 > 102 null callPickup",
        "102: Diverted 101 > 102 null callPickup",
        "102: Established 102 connected callPickup",
    ]


def test_group_pick_up_takes_the_oldest_call_of_the_group(switch: Switch, told: Dialogue) -> None:
    inbound(switch, "201", answered=False)
    told.wait(1)
    first = inbound(switch, "104", answered=False)
    told.wait(1)
    inbound(switch, "103", answered=False)
    assert switch.services.group_pickup("102") == Leg(first.call, "102")
    with refused(Problem.NO_CALL_TO_COMPLETE):
        switch.services.group_pickup("201")


def test_park_and_fetch_by_dialling_the_slot(switch: Switch, told: Dialogue) -> None:
    near = inbound(switch, "101")
    told.said()
    slot = switch.parking.park(near)
    assert told.said("101", "790") == [
        "101: Diverted 101 > 790 null park",
        "790: Queued 790 > 790 queued park",
    ]
    switch.services.make_call("104", slot.device)
    assert told.said("104", "790")[-3:] == [
        "790: Diverted 790 > 104 null park",
        "104: Diverted 790 > 104 null park",
        "104: Established 104 connected park",
    ]
    assert told.state("104") == ["connected"]


def test_a_parked_call_comes_back(switch: Switch, told: Dialogue) -> None:
    near = inbound(switch, "101")
    switch.parking.park(near, "791")
    told.said()
    told.wait(90)
    assert told.said("101") == ["101: Delivered 101 alerting recall"]


def test_park_slots_hold_one_call_each(switch: Switch) -> None:
    switch.parking.park(inbound(switch, "101"), "790")
    near = inbound(switch, "102")
    with refused(Problem.PARK_DEVICE_STATE):
        switch.parking.park(near, "790")
    with refused(Problem.INVALID_PARK_DEVICE):
        switch.parking.park(near, "103")
    assert switch.parking.park(near).device == "791"
    with refused(Problem.PARK_DEVICE_STATE):
        switch.parking.park(inbound(switch, "103"))


def test_call_back_on_busy(switch: Switch, told: Dialogue) -> None:
    switch.device("102").max_calls = 1
    busy = inbound(switch, "102")
    leg = switch.services.make_call("101", "102")
    told.said()
    switch.parking.call_back(leg)
    assert told.said("101")[:2] == ["101: CallBack", "101: ConnectionCleared 101 null normalClearing"]
    switch.services.clear_connection(busy)
    told.wait(0)
    assert told.said("101") == ["101: ServiceInitiated 101 initiated callBack", "101: CallBack off"]
    switch.services.answer(at(switch, "101", State.INITIATED))
    assert told.said("102")[-1] == "102: Delivered 102 alerting newCall"


def test_a_call_back_can_be_taken_back(switch: Switch, told: Dialogue) -> None:
    leg = switch.services.make_call("101", "102")
    switch.parking.call_back(leg)
    told.said()
    switch.parking.cancel_call_backs("101")
    told.wait(1)
    assert told.said("101") == ["101: CallBack off"]
    assert told.state("101") == []


# Forwarding, mailbox, settings


@pytest.mark.parametrize(
    ("kind", "prepare", "cause"),
    [
        (Forwarding.IMMEDIATE, None, "callForwardImmediate"),
        (Forwarding.IMMEDIATE_EXTERNAL, None, "callForwardImmediate"),
        (Forwarding.BUSY, lambda s: setattr(s.device("102"), "max_calls", 0), "callForwardBusy"),
        (Forwarding.DND, lambda s: s.features.set_do_not_disturb("102", on=True), "callForward"),
    ],
)
def test_forwarding_before_it_rings(switch: Switch, told: Dialogue, kind: Forwarding, prepare: object, cause: str) -> None:
    switch.features.set_forwarding("102", kind, on=True, to="103")
    if callable(prepare):
        prepare(switch)
    told.said()
    switch.trunk.arrive(LONDON, "102")
    assert told.said("102", "103") == [f"102: Diverted 102 > 103 null {cause}", f"103: Delivered 103 alerting {cause}"]


def test_forwarding_for_outside_callers_leaves_colleagues_alone(switch: Switch, told: Dialogue) -> None:
    switch.features.set_forwarding("102", Forwarding.IMMEDIATE_EXTERNAL, on=True, to="103")
    told.said()
    switch.services.make_call("101", "102")
    assert told.state("102") == ["alerting"]


def test_forwarding_on_no_answer_and_to_the_outside(switch: Switch, told: Dialogue) -> None:
    switch.features.set_forwarding("102", Forwarding.NO_ANSWER, on=True, to="0004930231251")
    inbound(switch, "102", answered=False)
    told.said()
    told.wait(20)
    assert told.said("102") == [f"102: Diverted 102 > {BERLIN} null callForwardNoAnswer"]
    (view,) = switch.calls()
    assert [party.address.number for party in view.parties] == [LONDON, BERLIN]


def test_forwarding_in_a_circle_ends(switch: Switch, told: Dialogue) -> None:
    switch.features.set_forwarding("102", Forwarding.IMMEDIATE, on=True, to="103")
    switch.features.set_forwarding("103", Forwarding.IMMEDIATE, on=True, to="102")
    told.said()
    switch.services.make_call("101", "102")
    assert told.said("101")[-1] == "101: Failed 101 fail destNotObtainable"


def test_a_forwarding_needs_a_place_to_go(switch: Switch) -> None:
    for to in ("", "999", "102"):
        with refused(Problem.INVALID_FORWARD_DESTINATION):
            switch.features.set_forwarding("102", Forwarding.IMMEDIATE, on=True, to=to)


def test_the_mailbox_answers_and_the_lamp_goes_on_and_off(switch: Switch, told: Dialogue) -> None:
    far = switch.trunk.arrive(LONDON, "101")
    told.said()
    told.wait(21)
    assert told.said("101", "700") == [
        "101: Diverted 101 > 700 null callForwardNoAnswer",
        "700: Delivered 700 alerting callForwardNoAnswer",
        "700: Established 700 connected callForwardNoAnswer",
    ]
    switch.trunk.hangs_up(far)
    told.wait(0)
    assert told.said("101") == ["101: MessageWaiting"]
    leg = switch.services.make_call("101", "700")
    told.wait(2)
    switch.services.clear_connection(leg)
    assert "101: MessageWaiting off" in told.said("101")
    assert switch.device("101").messages == 0


def test_device_settings_are_told(switch: Switch, told: Dialogue) -> None:
    switch.features.set_do_not_disturb("102", on=True)
    switch.features.set_do_not_disturb("102", on=False)
    switch.features.set_forwarding("102", Forwarding.BUSY, on=True, to="103")
    switch.features.set_forwarding("102", Forwarding.BUSY, on=False)
    assert told.said("102") == [
        "102: DoNotDisturb",
        "102: DoNotDisturb off",
        "102: Forwarding to 103",
        "102: Forwarding off to 103",
    ]


def test_a_pulled_plug_ends_the_calls(switch: Switch, told: Dialogue) -> None:
    inbound(switch, "102")
    told.said()
    switch.features.set_in_service("102", on=False)
    assert told.said("102") == [
        "102: ConnectionCleared 102 null destOutOfOrder",
        "102: CallCleared null destOutOfOrder",
        "102: OutOfService",
    ]
    with refused(Problem.CALLING_OUT_OF_SERVICE):
        switch.services.make_call("102", "101")
    switch.features.set_in_service("102", on=True)
    assert told.said("102") == ["102: BackInService"]
