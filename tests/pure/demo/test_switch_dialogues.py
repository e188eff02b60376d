"""What each party's monitor is told when people telephone, service by service (ECMA-269 17, 22)."""

import pytest
from tests.pure.demo.switchboard import BERLIN, LONDON, Dialogue, at, switch_of

from unisono.demo.pbx.model import (
    CallEvent,
    CallEventKind,
    Cause,
    Forwarding,
    Leg,
    MergedId,
    Options,
    Problem,
    Refusal,
    State,
    Strategy,
)
from unisono.demo.pbx.switch import Switch


@pytest.fixture
def switch() -> Switch:
    return switch_of()


@pytest.fixture
def told(switch: Switch) -> Dialogue:
    return Dialogue(switch)


def talk(switch: Switch, calling: str, called: str) -> tuple[Leg, Leg]:
    """An established internal call: both ends."""
    leg = switch.services.make_call(calling, called)
    switch.services.answer(Leg(leg.call, called))
    return leg, Leg(leg.call, called)


def inbound(switch: Switch, to: str, *, answered: bool = True) -> Leg:
    """A call from London; the telephone's end."""
    far = switch.trunk.arrive(LONDON, to)
    near = Leg(far.call, to)
    if answered:
        switch.services.answer(near)
    return near


def refused(problem: Problem) -> pytest.RaisesExc[Refusal]:
    return pytest.RaisesExc(Refusal, check=lambda refusal: refusal.problem is problem)


# Making and taking calls


def test_a_customer_calls_and_hangs_up(switch: Switch, told: Dialogue) -> None:
    far = switch.trunk.arrive(LONDON, "101")
    assert told.said("101") == ["101: Delivered 101 alerting newCall"]
    switch.services.answer(Leg(far.call, "101"))
    assert told.said("101") == ["101: Established 101 connected normal"]
    switch.trunk.hangs_up(far)
    assert told.said("101") == [
        f"101: ConnectionCleared {LONDON} connected normalClearing",
        "101: ConnectionCleared 101 null normalClearing",
        "101: CallCleared null normalClearing",
    ]


def test_the_number_of_the_firm_reaches_the_extension(switch: Switch, told: Dialogue) -> None:
    switch.trunk.arrive(LONDON, "+390432100102")
    assert told.said("102") == ["102: Delivered 102 alerting newCall"]
    with refused(Problem.INVALID_CALLED_DEVICE):
        switch.trunk.arrive(LONDON, "+390432100999")


def test_a_caller_gives_up(switch: Switch, told: Dialogue) -> None:
    far = switch.trunk.arrive(LONDON, "102")
    told.said()
    switch.trunk.hangs_up(far)
    assert told.said("102")[:2] == [
        f"102: ConnectionCleared {LONDON} alerting normalClearing",
        "102: ConnectionCleared 102 null callCancelled",
    ]


def test_one_calls_another_inside(switch: Switch, told: Dialogue) -> None:
    leg = switch.services.make_call("101", "102")
    assert told.said("101", "102") == [
        "101: ServiceInitiated 101 initiated makeCall",
        "101: Originated 101 connected newCall",
        "101: Delivered 102 connected newCall",
        "102: Delivered 102 alerting newCall",
    ]
    switch.services.answer(Leg(leg.call, "102"))
    assert told.said("101", "102") == ["101: Established 102 connected normal", "102: Established 102 connected normal"]
    switch.services.clear_connection(leg)
    assert told.said("101", "102") == [
        "102: ConnectionCleared 101 connected normalClearing",
        "101: ConnectionCleared 101 null normalClearing",
        "102: ConnectionCleared 102 null normalClearing",
        "101: CallCleared null normalClearing",
        "102: CallCleared null normalClearing",
    ]


def test_a_prompted_telephone_rings_first(switch: Switch, told: Dialogue) -> None:
    leg = switch.services.make_call("101", "102", prompt=True)
    assert told.said("101") == ["101: ServiceInitiated 101 initiated makeCall"]
    switch.services.answer(leg)
    assert told.said("101") == ["101: Originated 101 connected newCall", "101: Delivered 102 connected newCall"]


def test_a_prompted_telephone_that_nobody_takes_up(switch: Switch, told: Dialogue) -> None:
    switch.services.make_call("101", "102", prompt=True)
    told.said()
    told.wait(30)
    assert told.said("101")[0] == "101: ConnectionCleared 101 null callNotAnswered"


def test_somebody_dials_out(switch: Switch, told: Dialogue) -> None:
    leg = switch.services.make_call("101", "0004930231251")
    far = next(party.leg for party in switch.call(leg.call).parties if party.address.outside)
    switch.trunk.rings(far)
    switch.trunk.answers(far)
    assert told.said("101") == [
        "101: ServiceInitiated 101 initiated makeCall",
        "101: Originated 101 connected newCall",
        f"101: NetworkReached {BERLIN} connected newCall",
        f"101: Delivered {BERLIN} connected networkSignal",
        f"101: Established {BERLIN} connected normal",
    ]


def test_the_far_end_is_busy(switch: Switch, told: Dialogue) -> None:
    leg = switch.services.make_call("101", "0004930231251")
    far = next(party.leg for party in switch.call(leg.call).parties if party.address.outside)
    told.said()
    switch.trunk.refuses(far)
    assert told.said("101") == [f"101: Failed {BERLIN} connected busy"]
    told.wait(20)
    assert told.state("101") == []


def test_all_trunk_channels_are_taken() -> None:
    switch = switch_of(Options(channels=0))
    told = Dialogue(switch)
    with refused(Problem.NETWORK_BUSY):
        switch.trunk.arrive(LONDON, "101")
    switch.services.make_call("101", "0004930231251")
    assert told.said("101")[-1] == "101: Failed 101 fail trunksBusy"


@pytest.mark.parametrize(
    ("prepare", "cause"),
    [
        (lambda s: s.features.set_do_not_disturb("102", on=True), "doNotDisturb"),
        (lambda s: s.features.set_in_service("102", on=False), "destOutOfOrder"),
        (lambda s: setattr(s.device("102"), "max_calls", 0), "busy"),
    ],
)
def test_a_telephone_that_cannot_ring(switch: Switch, told: Dialogue, prepare: object, cause: str) -> None:
    assert callable(prepare)
    prepare(switch)
    told.said()
    leg = switch.services.make_call("101", "102")
    assert told.said("101", "102")[-2:] == [f"101: Failed 102 connected {cause}", f"102: Failed 102 fail {cause}"]
    switch.services.clear_connection(leg)
    assert told.state("101") == told.state("102") == []


def test_an_outside_caller_is_released_when_it_is_busy(switch: Switch, told: Dialogue) -> None:
    switch.device("102").max_calls = 0
    switch.trunk.arrive(LONDON, "102")
    assert told.said("102") == [
        "102: Failed 102 fail busy",
        "102: ConnectionCleared 102 null busy",
        "102: CallCleared null busy",
    ]


def test_a_wrong_number(switch: Switch, told: Dialogue) -> None:
    with refused(Problem.INVALID_CALLED_DEVICE):
        switch.services.make_call("101", "999")
    leg = switch.services.off_hook("101")
    switch.services.dial_digits(leg, "999")
    assert told.said("101")[-1] == "101: Failed 101 fail numberUnallocated"


# Hold and two calls


def test_hold_and_retrieve(switch: Switch, told: Dialogue) -> None:
    near = inbound(switch, "101")
    told.said()
    switch.services.hold(near)
    switch.services.retrieve(near)
    assert told.said("101") == ["101: Held 101 hold normal", "101: Retrieved 101 connected normal"]
    with refused(Problem.CONNECTION_STATE):
        switch.services.retrieve(near)


def test_a_second_call_is_answered_and_the_first_is_held(switch: Switch, told: Dialogue) -> None:
    inbound(switch, "101")
    second = switch.trunk.arrive(BERLIN, "101")
    told.said()
    switch.services.answer(Leg(second.call, "101"))
    assert told.said("101") == ["101: Held 101 hold normal", "101: Established 101 connected normal"]
    switch.joining.alternate(at(switch, "101", State.HOLD), at(switch, "101", State.CONNECTED))
    assert told.said("101") == ["101: Held 101 hold alternate", "101: Retrieved 101 connected alternate"]


def test_consultation_and_back(switch: Switch, told: Dialogue) -> None:
    near = inbound(switch, "101")
    told.said()
    consultation = switch.joining.consultation(near, "103")
    assert told.said("101", "103") == [
        "101: Held 101 hold consultation",
        "101: ServiceInitiated 101 initiated consultation",
        "101: Originated 101 connected consultation",
        "101: Delivered 103 connected consultation",
        "103: Delivered 103 alerting consultation",
    ]
    switch.joining.reconnect(near, consultation)
    assert told.said("101")[0] == "101: ConnectionCleared 101 null normalClearing"
    assert told.state("101") == ["connected"]
    assert told.state("103") == []


def test_attended_transfer(switch: Switch, told: Dialogue) -> None:
    near = inbound(switch, "101")
    consultation = switch.joining.consultation(near, "103")
    switch.services.answer(Leg(consultation.call, "103"))
    told.said()
    leg, moved = switch.joining.transfer(near, consultation)
    assert told.said("101", "103") == [
        "103: Transfered 101 > 103 connected transfer",
        "101: Transfered 101 > 103 null transfer",
    ]
    assert leg.call == near.call
    assert {(m.old and m.old.call, m.new.call, m.new.device[0]) for m in moved} == {
        (near.call, near.call, "T"),
        (consultation.call, near.call, "1"),
    }
    assert switch.call(near.call).calling.number == LONDON


def test_transfer_while_it_rings(switch: Switch, told: Dialogue) -> None:
    near = inbound(switch, "101")
    consultation = switch.joining.consultation(near, "103")
    told.said()
    switch.joining.transfer(near, consultation)
    assert told.said("103") == ["103: Transfered 101 > 103 alerting transfer"]
    switch.services.answer(Leg(near.call, "103"))
    (event,) = [r.event for r in switch.take() if r.device == "103"]
    assert isinstance(event, CallEvent)
    assert (event.kind, event.calling.number) == (CallEventKind.ESTABLISHED, LONDON)


@pytest.mark.parametrize("merged", MergedId)
def test_which_call_identifier_lives_on_can_be_chosen(merged: MergedId) -> None:
    switch = switch_of(Options(merged))
    near = inbound(switch, "101")
    consultation = switch.joining.consultation(near, "103")
    switch.services.answer(Leg(consultation.call, "103"))
    leg, _ = switch.joining.transfer(near, consultation)
    assert (leg.call == near.call, leg.call == consultation.call) == (
        merged is MergedId.PRIMARY,
        merged is MergedId.SECONDARY,
    )
    switch.services.clear_connection(Leg(leg.call, "103"))
    assert switch.calls() == ()


def test_single_step_transfer(switch: Switch, told: Dialogue) -> None:
    near = inbound(switch, "101")
    told.said()
    switch.joining.single_step_transfer(near, "103")
    assert told.said("101", "103") == [
        "101: Transfered 101 > 103 null singleStepTransfer",
        "103: Delivered 103 alerting singleStepTransfer",
    ]
    told.wait(61)
    assert told.said("101", "103") == [
        "103: Diverted 103 > 101 null recallNoAnswer",
        "101: Delivered 101 alerting recallNoAnswer",
    ]


def test_single_step_transfer_to_a_busy_telephone_is_refused_and_the_call_stays(switch: Switch, told: Dialogue) -> None:
    near = inbound(switch, "101")
    switch.features.set_do_not_disturb("103", on=True)
    with refused(Problem.DESTINATION_DEVICE_STATE):
        switch.joining.single_step_transfer(near, "103")
    assert told.state("101") == ["connected"]


def test_conference_of_four(switch: Switch, told: Dialogue) -> None:
    near = inbound(switch, "101")
    for colleague in ("103", "201"):
        consultation = switch.joining.consultation(at(switch, "101", State.CONNECTED), colleague)
        switch.services.answer(Leg(consultation.call, colleague))
        told.said()
        switch.joining.conference(at(switch, "101", State.HOLD), consultation)
        assert f"{colleague}: Conferenced 101 > {colleague} connected conference" in told.said("103", "201")
    assert [party.state.value for party in switch.call(near.call).parties] == ["connected"] * 4
    switch.services.clear_connection(near)
    assert told.said("201") == ["201: ConnectionCleared 101 connected normalClearing"]
    assert len(switch.call(near.call).parties) == 3


def test_a_conference_has_a_limit() -> None:
    switch = switch_of(Options(conference_limit=2))
    near = inbound(switch, "101")
    consultation = switch.joining.consultation(near, "103")
    switch.services.answer(Leg(consultation.call, "103"))
    with refused(Problem.CONFERENCE_LIMIT):
        switch.joining.conference(near, consultation)


# Elsewhere


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


# Queue and hunt group


def test_a_queue_rings_all_and_one_answers(switch: Switch, told: Dialogue) -> None:
    far = switch.trunk.arrive(LONDON, "600")
    assert told.said("103", "104", "600") == [
        "600: Queued 600 > 600 queued enteringDistribution",
        "600: Delivered 103 queued distributed",
        "103: Delivered 103 alerting distributed",
        "600: Delivered 104 queued distributed",
        "103: Delivered 104 alerting distributed",
        "104: Delivered 104 alerting distributed",
    ]
    switch.services.answer(Leg(far.call, "104"))
    assert told.said("103", "104", "600") == [
        "103: Diverted 600 > 104 alerting distributed",
        "104: Diverted 600 > 104 alerting distributed",
        "600: Diverted 600 > 104 null distributed",
        "103: Established 104 alerting normal",
        "104: Established 104 connected normal",
        "104: ConnectionCleared 103 connected normalClearing",
        "103: ConnectionCleared 103 null normalClearing",
    ]


def test_callers_wait_their_turn(switch: Switch, told: Dialogue) -> None:
    for member in ("103", "104"):
        switch.features.set_do_not_disturb(member, on=True)
    first, second = switch.trunk.arrive(LONDON, "600"), switch.trunk.arrive(BERLIN, "600")
    queued = [r.event for r in switch.take() if r.device == "600" and isinstance(r.event, CallEvent)]
    assert [(e.number_queued, e.calls_in_front) for e in queued] == [(1, 0), (2, 1)]
    switch.features.set_do_not_disturb("103", on=False)
    near = inbound(switch, "103")
    switch.services.clear_connection(near)
    told.wait(0)
    assert at(switch, "103", State.ALERTING) == Leg(first.call, "103")
    switch.services.answer(Leg(first.call, "103"))
    switch.services.clear_connection(Leg(first.call, "103"))
    told.wait(0)
    assert at(switch, "103", State.ALERTING) == Leg(second.call, "103")


@pytest.mark.parametrize(
    ("strategy", "order"),
    [(Strategy.LINEAR, ["103", "103"]), (Strategy.CIRCULAR, ["103", "104"]), (Strategy.LONGEST_IDLE, ["103", "104"])],
)
def test_strategies(strategy: Strategy, order: list[str]) -> None:
    switch = switch_of(strategy=strategy)
    served = []
    for _ in range(2):
        switch.advance(switch.timeline.now + 1)
        far = switch.trunk.arrive(LONDON, "600")
        (near,) = [party.leg for party in switch.call(far.call).parties if party.state is State.ALERTING]
        switch.services.answer(near)
        switch.advance(switch.timeline.now + 1)
        switch.trunk.hangs_up(far)
        served.append(near.device)
    assert served == order


def test_a_member_who_does_not_answer_loses_the_call_to_the_next() -> None:
    switch = switch_of(strategy=Strategy.LINEAR)
    told = Dialogue(switch)
    switch.trunk.arrive(LONDON, "600")
    told.said()
    told.wait(15)
    assert told.said("103", "104") == [
        "103: Diverted 103 > 600 null callNotAnswered",
        "104: Delivered 104 alerting distributed",
    ]


def test_nobody_comes_and_the_mailbox_takes_the_call(switch: Switch, told: Dialogue) -> None:
    switch.trunk.arrive(LONDON, "600")
    told.said()
    told.wait(120)
    assert "600: Diverted 600 > 700 null queueTimeOverflow" in told.said("600")
    assert told.state("103") == told.state("104") == []


def test_a_hunt_group_lets_nobody_wait(switch: Switch, told: Dialogue) -> None:
    for member in ("201", "202"):
        switch.features.set_do_not_disturb(member, on=True)
    told.said()
    switch.services.make_call("101", "610")
    assert told.said("101")[-1] == "101: Failed 610 connected busy"


def test_a_member_rejects_and_the_others_go_on_ringing(switch: Switch, told: Dialogue) -> None:
    far = switch.trunk.arrive(LONDON, "610")
    switch.services.clear_connection(Leg(far.call, "201"))
    assert told.state("201") == []
    assert told.state("202") == ["alerting"]


# What identifiers and audiences do


def test_calls_have_the_same_identifier_for_everybody(switch: Switch) -> None:
    talk(switch, "101", "102")
    calls = {(r.device, r.event.subject.call) for r in switch.take() if isinstance(r.event, CallEvent) and r.device}
    assert {device for device, _ in calls} == {"101", "102"}
    assert len({call for _, call in calls}) == 1


def test_strict_device_monitors_are_not_told_that_the_call_is_over() -> None:
    switch = switch_of(Options(call_cleared_to_devices=False))
    told = Dialogue(switch)
    talk(switch, "101", "102")
    told.said()
    switch.services.clear_call(switch.calls()[0].id)
    assert not [said for said in told.said("101", "102") if "CallCleared" in said]


def test_an_anonymous_caller_shows_no_number(switch: Switch) -> None:
    switch.trunk.arrive("", "101")
    (event,) = {r.event for r in switch.take() if isinstance(r.event, CallEvent)}
    assert event.calling.restricted
    assert event.calling.number == ""
    assert event.cause is Cause.NEW_CALL
