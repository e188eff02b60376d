"""Making and taking calls on the demo's switch: what each party's monitor is told (ECMA-269 17, 22)."""

import pytest
from tests.pure.demo.switchboard import BERLIN, LONDON, Dialogue, refused, switch_of

from unisono.demo.pbx.model import CallEvent, Cause, Leg, Options, Problem
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
