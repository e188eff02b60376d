"""Hold, consultation, transfer and conference on the demo's switch: what each party's monitor is told."""

import pytest
from tests.pure.demo.switchboard import BERLIN, LONDON, Dialogue, at, inbound, refused, switch_of

from unisono.demo.pbx.model import (
    CallEvent,
    CallEventKind,
    Leg,
    MergedId,
    Options,
    Problem,
    State,
)
from unisono.demo.pbx.switch import Switch


@pytest.fixture
def switch() -> Switch:
    return switch_of()


@pytest.fixture
def told(switch: Switch) -> Dialogue:
    return Dialogue(switch)


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
