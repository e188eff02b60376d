"""CSTA events in the words of the calls room: a table of stories, and anything at all without failing."""

from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.wire.csta.strategies import KINDS, of

from unisono.calls import model
from unisono.calls import pbx_events as told
from unisono.calls.model import NOBODY, Cause, ConnectionId, ConnectionState, PartyKind, Service
from unisono.connectors.csta.causes import CAUSES
from unisono.connectors.csta.identities import MOST, Identities
from unisono.connectors.csta.parties import CALL_CONTROL, FORWARDING, Scene, party, services
from unisono.connectors.csta.translate import calls_named, translate
from unisono.wire.csta import Event
from unisono.wire.csta import devices as wire
from unisono.wire.csta import events as csta
from unisono.wire.csta.causes import EventCause
from unisono.wire.csta.enums import (
    CallAssociatedService,
    CallControlService,
    ForwardingType,
    LocalConnectionState,
    TypeOfNumber,
)
from unisono.wire.csta.parts import ConnectionListItem, ServicesPermitted

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KINDS_HERE = {
    "101": PartyKind.EXTENSION,
    "102": PartyKind.EXTENSION,
    "600": PartyKind.QUEUE,
    "T1": PartyKind.EXTERNAL,
}
SCENE = Scene("pbx", AT, "101", KINDS_HERE, {"77"}, b"<raw/>")
ANNA = wire.ExtendedDevice.of("N<101>Anna")
BEN = wire.ExtendedDevice.of("102")
CUSTOMER = wire.ExtendedDevice.of("+441632960123")
TRUNK = wire.ConnectionId("7", wire.DeviceId("T1", TypeOfNumber.OTHER))


def id(call: str, device: str) -> wire.ConnectionId:
    return wire.ConnectionId.of(call, device)


def one(event: Event, scene: Scene = SCENE) -> Any:
    [found] = translate(event, scene)
    return found


def test_an_outside_call_rings_at_an_extension() -> None:
    event = csta.DeliveredEvent(
        "m1",
        id("7", "101"),
        ANNA,
        CUSTOMER,
        wire.ExtendedDevice.of("390432100101"),
        wire.NOT_REQUIRED,
        originating_nid_connection=TRUNK,
        local_connection_info=LocalConnectionState.ALERTING,
        cause=EventCause.NEW_CALL,
        services_permitted=ServicesPermitted(frozenset({CallControlService.ANSWER_CALL})),
    )
    found = one(event)
    assert found.head == told.Head(
        "pbx", AT, Cause.NEW_CALL, "101", ConnectionState.ALERTING, frozenset({Service.ANSWER_CALL}), b"<raw/>"
    )
    assert found.connection == ConnectionId("7", "101")
    assert found.alerting == model.Party("101", "101", "Anna", PartyKind.EXTENSION)
    assert found.calling == model.Party("T1", "+441632960123", "", PartyKind.EXTERNAL)
    assert found.calling_connection == ConnectionId("7", "T1")
    assert found.called.number == "390432100101"
    assert (found.redirecting, found.queue) == (None, None)


def test_a_queue_is_told_apart_from_who_redirected() -> None:
    event = csta.DeliveredEvent("m1", id("7", "101"), ANNA, last_redirection_device=wire.ExtendedDevice.dialed("600"))
    assert one(event).queue == model.Party("600", "600", "", PartyKind.QUEUE)
    assert one(event).redirecting is None
    forwarded = replace(event, last_redirection_device=wire.ExtendedDevice.dialed("102"))
    assert one(forwarded).redirecting.number == "102"
    assert one(forwarded).queue is None
    unlisted = replace(event, last_redirection_device=wire.ExtendedDevice.dialed("601"), cause=EventCause.DISTRIBUTED)
    assert one(unlisted).queue.number == "601"


def test_a_hidden_caller_stays_hidden() -> None:
    found = one(csta.DeliveredEvent("m1", id("7", "101"), ANNA, wire.RESTRICTED, wire.NOT_KNOWN))
    assert found.calling == model.Party(restricted=True)
    assert found.called is NOBODY


def test_offered_counts_as_ringing() -> None:
    assert isinstance(one(csta.OfferedEvent("m1", id("7", "101"), ANNA)), told.Delivered)


@pytest.mark.parametrize(("call", "cause"), [("77", EventCause.NEW_CALL), ("1", EventCause.MAKE_CALL)])
def test_calls_that_were_started_by_us_are_known(call: str, cause: EventCause) -> None:
    assert one(csta.ServiceInitiatedEvent("m1", id(call, "101"), cause=cause)).by_cti
    assert one(csta.OriginatedEvent("m1", id(call, "101"), cause=cause)).by_cti
    assert not one(csta.OriginatedEvent("m1", id("1", "101"), cause=EventCause.NEW_CALL)).by_cti


def test_an_attended_transfer() -> None:
    event = csta.TransferedEvent(
        "m1",
        id("1", "101"),
        id("2", "101"),
        ANNA,
        BEN,
        (
            ConnectionListItem(id("3", "102"), id("2", "102"), wire.ExtendedDevice.endpoint("102")),
            ConnectionListItem(
                wire.ConnectionId("3", TRUNK.device), TRUNK, wire.ExtendedDevice.endpoint("+441632960123")
            ),
            ConnectionListItem(None, id("1", "101")),
        ),
        LocalConnectionState.NULL,
        EventCause.TRANSFER,
    )
    found = one(event)
    assert (found.primary, found.secondary) == (ConnectionId("1", "101"), ConnectionId("2", "101"))
    assert (found.transferring.name, found.transferred_to.device, found.kind) == ("Anna", "102", "attended")
    assert [(move.old, move.new) for move in found.moved] == [
        (ConnectionId("2", "102"), ConnectionId("3", "102")),
        (ConnectionId("7", "T1"), ConnectionId("3", "T1")),
    ]
    assert found.moved[1].party.number == "+441632960123"
    assert calls_named(found) == {"1", "3"}


def test_a_blind_transfer_and_a_conference() -> None:
    blind = csta.TransferedEvent("m1", wire.ConnectionId("1"), None, ANNA, BEN, cause=EventCause.SINGLE_STEP_TRANSFER)
    found = one(blind)
    assert (found.primary, found.secondary, found.kind) == (ConnectionId("1", "101"), None, "blind")
    joined = one(csta.ConferencedEvent("m1", id("1", "101"), id("2", "101"), ANNA, BEN))
    assert (joined.conferencing.device, joined.added.device) == ("101", "102")


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (csta.HeldEvent("m1", id("7", "101")), told.Held),
        (csta.RetrievedEvent("m1", id("7", "101")), told.Retrieved),
        (csta.ConnectionClearedEvent("m1", id("7", "101"), BEN), told.ConnectionCleared),
        (csta.CallClearedEvent("m1", wire.ConnectionId("7")), told.CallCleared),
        (csta.FailedEvent("m1", id("7", "101"), ANNA, cause=EventCause.BUSY), told.Failed),
        (csta.DivertedEvent("m1", id("7", "101"), ANNA, BEN, CUSTOMER), told.Diverted),
        (csta.QueuedEvent("m1", id("7", "600"), wire.ExtendedDevice.of("600")), told.Queued),
        (csta.NetworkReachedEvent("m1", TRUNK, wire.ExtendedDevice.of("T1")), told.NetworkReached),
        (csta.EstablishedEvent("m1", id("7", "101"), ANNA), told.Established),
        (csta.CallInformationEvent("m1", id("7", "101"), ANNA, CUSTOMER), told.CallInformation),
        (csta.DigitsGeneratedEvent("m1", id("7", "101"), "12#"), told.DigitsGenerated),
        (csta.OutOfServiceEvent("m1", ANNA), told.DeviceInService),
        (csta.BackInServiceEvent("m1", wire.NOT_KNOWN), told.DeviceInService),
        (csta.DoNotDisturbEvent("m1", ANNA, True), told.DeviceDoNotDisturb),
        (csta.ForwardingEvent("m1", ANNA, None, True, wire.DeviceId("N<102>Ben")), told.DeviceForwarding),
        (csta.MessageWaitingEvent("m1", wire.DeviceId("101"), True), told.DeviceMessageWaiting),
    ],
    ids=lambda given: type(given).__name__ if isinstance(given, Event) else "",
)
def test_each_event_becomes_one_of_ours(event: Event, expected: type) -> None:
    found = one(event)
    assert isinstance(found, expected)
    if isinstance(found, told.DeviceEvent):
        assert found.device == "101"
    if isinstance(found, told.DeviceForwarding):
        assert (found.type, found.to) == (model.ForwardingType.IMMEDIATE, "102")


def test_events_without_a_call_are_anomalies_with_their_bytes() -> None:
    found = one(csta.HeldEvent("m1", wire.ConnectionId(None, wire.DeviceId("101"))))
    assert isinstance(found, told.Unreadable)
    assert found.head.raw == b"<raw/>"


def test_events_of_no_use_are_left_out() -> None:
    assert translate(csta.CallBackEvent("m1", ANNA, False), SCENE) == ()
    assert translate(csta.DigitsDialedEvent("m1", id("1", "101"), None, wire.DeviceId("1")), SCENE) == ()


def test_state_and_services_count_only_for_a_monitored_device() -> None:
    event = csta.HeldEvent(
        "m1", id("7", "101"), None, LocalConnectionState.HOLD, None, ServicesPermitted(frozenset())
    )
    assert one(event).head.local is ConnectionState.HOLD
    assert one(event).head.permitted == frozenset()
    elsewhere = one(event, replace(SCENE, device="")).head
    assert (elsewhere.local, elsewhere.permitted) == (None, None)


def test_digits_are_allowed_in_a_conversation_unless_denied() -> None:
    hold = frozenset({CallControlService.HOLD_CALL})
    talking = LocalConnectionState.CONNECTED
    assert set(services(ServicesPermitted(hold), talking) or ()) == {Service.HOLD_CALL, Service.GENERATE_DIGITS}
    assert set(services(ServicesPermitted(hold), LocalConnectionState.ALERTING) or ()) == {Service.HOLD_CALL}
    assert set(services(ServicesPermitted(hold, frozenset()), talking) or ()) == {Service.HOLD_CALL}
    digits = frozenset({CallAssociatedService.GENERATE_DIGITS})
    assert set(services(ServicesPermitted(frozenset(), digits), None) or ()) == {Service.GENERATE_DIGITS}
    assert services(None, talking) is None


def test_every_cause_and_forwarding_has_its_meaning() -> None:
    assert set(CAUSES) == set(EventCause)
    assert {cause.value for cause in Cause} & {cause.value for cause in EventCause} <= {
        cause.value for cause, meaning in CAUSES.items() if meaning.value == cause.value
    }
    assert set(FORWARDING) == set(ForwardingType)


def test_every_service_that_a_call_can_have_is_understood() -> None:
    of_devices = {Service.SET_FORWARDING, Service.SET_DO_NOT_DISTURB, Service.GENERATE_DIGITS}
    assert set(CALL_CONTROL.values()) == set(Service) - of_devices


EVENTS = st.sampled_from([kind for kind in KINDS if issubclass(kind, Event) and not kind.NAMESPACE]).flatmap(of)


@given(EVENTS)
def test_any_event_is_translated(event: Event) -> None:
    for found in translate(event, SCENE):
        assert found.head.connector == "pbx"
        if isinstance(found, told.CallEvent) and not isinstance(found, told.Unreadable):
            assert all(call is not None for call in calls_named(found))
            for part in fields(found):
                content = getattr(found, part.name)
                assert not isinstance(content, ConnectionId) or isinstance(content.device, str)


def test_identifiers_of_the_switch_are_given_back_to_it() -> None:
    known = Identities()
    native = wire.DeviceId("N<101>Anna")
    known.know_device("101", native)
    known.learn(csta.HeldEvent("m1", wire.ConnectionId("7", wire.DeviceId("T1", TypeOfNumber.OTHER))))
    assert known.device("101") == native
    assert known.device("999") == wire.DeviceId("999")
    assert known.connection(ConnectionId("7", "T1")).device == wire.DeviceId("T1", TypeOfNumber.OTHER)
    assert known.connection(ConnectionId("8", "T1")).device == wire.DeviceId("T1")
    assert known.connection(ConnectionId("8", "101")).device == native


def test_identifiers_are_forgotten_before_they_are_too_many() -> None:
    known = Identities()
    for number in range(MOST + 5):
        known.know_device(str(number), wire.DeviceId(f"N<{number}>"))
    assert known.device("0") == wire.DeviceId("0")
    assert known.device(str(MOST)) == wire.DeviceId(f"N<{MOST}>")


def test_a_party_of_a_connection_is_called_by_its_device() -> None:
    assert party(SCENE, CUSTOMER, ConnectionId("7", "T1")).device == "T1"
    assert party(SCENE, CUSTOMER).device == "+441632960123"
    assert party(SCENE, None) is NOBODY
