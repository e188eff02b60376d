"""Every command becomes its service, every refusal a problem that people understand."""

import json
from pathlib import Path

import pytest

from unisono.calls.model import ConnectionId, ForwardingType, Service
from unisono.calls.port import Command, CommandProblem, CommandRefused
from unisono.connectors.csta.commands import new_call, problem, refusal, request
from unisono.connectors.csta.identities import Identities
from unisono.wire.csta import Edition, Request, decode, encode, features, services
from unisono.wire.csta.devices import ConnectionId as WireConnection
from unisono.wire.csta.devices import DeviceId
from unisono.wire.csta.enums import AutoOriginate, DigitMode
from unisono.wire.csta.enums import ForwardingType as WireForwarding
from unisono.wire.csta.failures import CSTAErrorCode, ErrorCategory

ONE, TWO = ConnectionId("1", "101"), ConnectionId("2", "101")
W1, W2 = WireConnection.of("1", "101"), WireConnection.of("2", "101")
ME, TO = DeviceId("101"), DeviceId("0441")
WORDS = json.loads((Path(__file__).parents[2] / "wire" / "csta" / "ed6-structure.json").read_text())["errors"]

REQUESTS: list[tuple[Command, Request]] = [
    (
        Command(Service.MAKE_CALL, "101", to="0441", subject="Offer"),
        services.MakeCall(ME, TO, AutoOriginate.DO_NOT_PROMPT, "Offer"),
    ),
    (Command(Service.ANSWER_CALL, "101", ONE), services.AnswerCall(W1)),
    (Command(Service.CLEAR_CONNECTION, "101", ONE), services.ClearConnection(W1)),
    (Command(Service.HOLD_CALL, "101", ONE), services.HoldCall(W1)),
    (Command(Service.RETRIEVE_CALL, "101", ONE), services.RetrieveCall(W1)),
    (Command(Service.ALTERNATE_CALL, "101", ONE, TWO), services.AlternateCall(W2, W1)),
    (Command(Service.RECONNECT_CALL, "101", ONE, TWO), services.ReconnectCall(W1, W2)),
    (Command(Service.TRANSFER_CALL, "101", ONE, TWO), services.TransferCall(W2, W1)),
    (Command(Service.CONFERENCE_CALL, "101", ONE, TWO), services.ConferenceCall(W2, W1)),
    (Command(Service.CONSULTATION_CALL, "101", ONE, to="0441"), services.ConsultationCall(W1, TO)),
    (Command(Service.SINGLE_STEP_TRANSFER_CALL, "101", ONE, to="0441"), services.SingleStepTransferCall(W1, TO)),
    (Command(Service.DEFLECT_CALL, "101", ONE, to="0441"), services.DeflectCall(W1, services.Destinations((TO,)))),
    (Command(Service.DIRECTED_PICKUP_CALL, "101", ONE), services.DirectedPickupCall(W1, ME)),
    (Command(Service.GROUP_PICKUP_CALL, "101"), services.GroupPickupCall(ME)),
    (Command(Service.PARK_CALL, "101", ONE, to="0441"), services.ParkCall(W1, TO)),
    (Command(Service.PARK_CALL, "101", ONE), services.ParkCall(W1, DeviceId(""))),
    (Command(Service.CALL_BACK, "101", ONE), services.CallBack(W1)),
    (Command(Service.GENERATE_DIGITS, "101", ONE, digits="12#"), services.GenerateDigits(W1, DigitMode.DTMF, "12#")),
    (
        Command(Service.SET_FORWARDING, "101", to="0441", forwarding=ForwardingType.BUSY_EXTERNAL),
        features.SetForwarding(ME, WireForwarding.FORWARD_BUSY_EXT, True, TO),
    ),
    (
        Command(Service.SET_FORWARDING, "101", on=False),
        features.SetForwarding(ME, WireForwarding.FORWARD_IMMEDIATE, False),
    ),
    (Command(Service.SET_DO_NOT_DISTURB, "101", on=False), features.SetDoNotDisturb(ME, False)),
]


def asked(command: Command) -> Request:
    known = Identities()
    return request(command, known.connection, known.device)


@pytest.mark.parametrize(("command", "expected"), REQUESTS, ids=lambda given: type(given).__name__)
def test_each_command_is_its_service(command: Command, expected: Request) -> None:
    assert asked(command) == expected
    assert decode(encode(expected, Edition.ED4)) == expected


def test_there_is_a_request_for_every_service() -> None:
    assert {command.service for command, _ in REQUESTS} == set(Service)


@pytest.mark.parametrize("service", sorted(set(Service) - {Service.GROUP_PICKUP_CALL, Service.SET_FORWARDING}))
def test_a_command_without_its_call_or_number_is_refused_here(service: Service) -> None:
    if service is not Service.SET_DO_NOT_DISTURB:
        with pytest.raises(CommandRefused):
            asked(Command(service, "101"))


@pytest.mark.parametrize(
    ("category", "word", "expected"),
    [
        ("operation", "invalidCalledDeviceID", CommandProblem.INVALID_DESTINATION),
        ("operation", "invalidDestination", CommandProblem.INVALID_DESTINATION),
        ("operation", "serviceNotSupported", CommandProblem.NOT_SUPPORTED),
        ("operation", "invalidConnectionID", CommandProblem.UNKNOWN_CALL),
        ("operation", "privilegeViolationCallingDevice", CommandProblem.NO_PERMISSION),
        ("operation", "invalidDeviceID", CommandProblem.OTHER),
        ("stateIncompatibility", "invalidConnectionState", CommandProblem.NOT_NOW),
        ("systemResourceAvailibility", "callingDeviceOutOfService", CommandProblem.DEVICE_OFFLINE),
        ("systemResourceAvailibility", "resourceBusy", CommandProblem.BUSY),
        ("subscribedResourceAvailability", "trunkLimitExceeded", CommandProblem.BUSY),
        ("performanceManagement", "generic", CommandProblem.BUSY),
        ("security", "generic", CommandProblem.NO_PERMISSION),
        ("unspecified", "", CommandProblem.OTHER),
        ("privateErrorCode", "4711", CommandProblem.OTHER),
    ],
)
def test_what_a_refusal_means(category: str, word: str, expected: CommandProblem) -> None:
    assert problem(CSTAErrorCode(ErrorCategory(category), word)) is expected


@pytest.mark.parametrize(
    ("category", "word"), [(category, word) for category, words in WORDS.items() for word in words]
)
def test_every_error_of_the_standard_has_words_for_people(category: str, word: str) -> None:
    refused = refusal(CSTAErrorCode(ErrorCategory(category), word))
    assert refused.message
    assert refused.data["native"] == f"{category}: {word}"


def test_the_new_call_is_found_in_the_answer() -> None:
    assert new_call(services.MakeCallResponse(W1)) == "1"
    assert new_call(services.ConsultationCallResponse(W2)) == "2"
    assert new_call(services.TransferCallResponse()) == ""
    assert new_call(services.DirectedPickupCallResponse(W2)) == "2"
    assert new_call(services.ParkCallResponse(W1)) == "1"
    assert new_call(services.ConferenceCallResponse(W1)) == "1"
    assert new_call(services.HoldCallResponse()) == ""
