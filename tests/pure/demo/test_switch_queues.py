"""Queue and hunt group on the demo's switch: who rings, who answers, who waits."""

import pytest
from tests.pure.demo.switchboard import BERLIN, LONDON, Dialogue, at, inbound, switch_of

from unisono.demo.pbx.model import CallEvent, Leg, State, Strategy
from unisono.demo.pbx.switch import Switch


@pytest.fixture
def switch() -> Switch:
    return switch_of()


@pytest.fixture
def told(switch: Switch) -> Dialogue:
    return Dialogue(switch)


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
