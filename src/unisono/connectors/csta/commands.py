"""Commands of the calls room as CSTA requests, and what answers and refusals mean. Pure."""

from collections.abc import Callable
from typing import assert_never

from unisono.calls import model
from unisono.calls.model import Service
from unisono.calls.port import Command, CommandProblem, CommandRefused
from unisono.wire.csta import features, services
from unisono.wire.csta.devices import ConnectionId, DeviceId
from unisono.wire.csta.enums import AutoOriginate, DigitMode, ForwardingType
from unisono.wire.csta.failures import CSTAErrorCode, ErrorCategory
from unisono.wire.csta.message import Request, Response

CAPABILITIES = frozenset(Service)
"""At best: the standard has a service for everything that may be asked."""

Connections = Callable[[model.ConnectionId], ConnectionId]
Devices = Callable[[str], DeviceId]


def request(command: Command, connections: Connections, devices: Devices) -> Request:
    """The request of a command; `connections` and `devices` give the switch's own identifiers. Raises `CommandRefused`."""
    match command.service:
        case Service.MAKE_CALL:
            to = DeviceId(_to(command))
            prompt = AutoOriginate.DO_NOT_PROMPT
            return services.MakeCall(devices(command.device), to, prompt, command.subject)
        case Service.GROUP_PICKUP_CALL:
            return services.GroupPickupCall(devices(command.device))
        case Service.DIRECTED_PICKUP_CALL:
            return services.DirectedPickupCall(connections(_active(command)), devices(command.device))
        case Service.SET_FORWARDING:
            kind = ForwardingType(command.forwarding.value)
            to_device = DeviceId(command.to) if command.to else None
            return features.SetForwarding(devices(command.device), kind, command.on, to_device)
        case Service.SET_DO_NOT_DISTURB:
            return features.SetDoNotDisturb(devices(command.device), command.on)
        case _:
            return _on_a_call(command, connections)


def _on_a_call(command: Command, connections: Connections) -> Request:
    active = connections(_active(command))
    match command.service:
        case Service.ANSWER_CALL:
            return services.AnswerCall(active)
        case Service.CLEAR_CONNECTION:
            return services.ClearConnection(active)
        case Service.HOLD_CALL:
            return services.HoldCall(active)
        case Service.RETRIEVE_CALL:
            return services.RetrieveCall(active)
        case Service.CONSULTATION_CALL:
            return services.ConsultationCall(active, DeviceId(_to(command)), subject_of_call=command.subject)
        case Service.SINGLE_STEP_TRANSFER_CALL:
            return services.SingleStepTransferCall(active, DeviceId(_to(command)), command.subject)
        case Service.DEFLECT_CALL:
            return services.DeflectCall(active, services.Destinations.of(_to(command)), command.subject)
        case Service.PARK_CALL:
            # Without a place the PBX takes the first that is free (ECMA-269 leaves the form of `parkTo` to it).
            return services.ParkCall(active, DeviceId(command.to))
        case Service.CALL_BACK:
            return services.CallBack(active, command.subject)
        case Service.GENERATE_DIGITS:
            return services.GenerateDigits(active, DigitMode.DTMF, command.digits)
        case _:
            return _on_two_calls(command, active, connections(_held(command)))


def _on_two_calls(command: Command, active: ConnectionId, held: ConnectionId) -> Request:
    match command.service:
        case Service.ALTERNATE_CALL:
            return services.AlternateCall(held, active)
        case Service.RECONNECT_CALL:
            return services.ReconnectCall(active, held)
        case Service.TRANSFER_CALL:
            return services.TransferCall(held, active)
        case Service.CONFERENCE_CALL:
            return services.ConferenceCall(held, active)
        case (
            Service.MAKE_CALL
            | Service.ANSWER_CALL
            | Service.CLEAR_CONNECTION
            | Service.HOLD_CALL
            | Service.RETRIEVE_CALL
            | Service.CONSULTATION_CALL
            | Service.SINGLE_STEP_TRANSFER_CALL
            | Service.DEFLECT_CALL
            | Service.DIRECTED_PICKUP_CALL
            | Service.GROUP_PICKUP_CALL
            | Service.PARK_CALL
            | Service.CALL_BACK
            | Service.GENERATE_DIGITS
            | Service.SET_FORWARDING
            | Service.SET_DO_NOT_DISTURB
        ):
            raise AssertionError(f"{command.service} needs one call")
        case _:
            assert_never(command.service)


def _active(command: Command) -> model.ConnectionId:
    if command.connection is None:
        raise CommandRefused(CommandProblem.UNKNOWN_CALL, f"{command.service.value} needs a call.")
    return command.connection


def _held(command: Command) -> model.ConnectionId:
    if command.held is None:
        raise CommandRefused(CommandProblem.NOT_NOW, f"{command.service.value} needs a call on hold.")
    return command.held


def _to(command: Command) -> str:
    if not command.to:
        raise CommandRefused(CommandProblem.INVALID_DESTINATION, f"{command.service.value} needs a destination.")
    return command.to


def new_call(answer: Response) -> str:
    """The native call that an answer names, if it does."""
    match answer:
        case services.MakeCallResponse():
            id: ConnectionId | None = answer.calling_device
        case services.ConsultationCallResponse():
            id = answer.initiated_call
        case services.TransferCallResponse() | services.SingleStepTransferCallResponse():
            id = answer.transferred_call
        case services.ConferenceCallResponse():
            id = answer.conference_call
        case services.DirectedPickupCallResponse() | services.GroupPickupCallResponse():
            id = answer.picked_call
        case services.ParkCallResponse():
            id = answer.parked_to
        case _:
            id = None
    return (id.call or "") if id is not None else ""


_DESTINATION = (
    "invalidDestination",
    "invalidCalledDevice",
    "invalidForwardingDestination",
    "invalidParkTo",
    "privilegeViolationCalledDevice",
    "privilegeViolationDestinationDevice",
    "requestIncompatibleWithCalledDevice",
    "requestIncompatibleWithDestinationDevice",
)
_UNKNOWN_CALL = (
    "invalidCallID",
    "invalidActiveCallID",
    "invalidHeldCallID",
    "invalidConnectionID",
    "invalidActiveConnectionID",
    "invalidHeldConnectionID",
    "objectNotKnown",
)
_OFFLINE = ("deviceOutOfService", "DeviceOutOfService", "resourceOutOfService", "networkOutOfService")


def problem(error: CSTAErrorCode) -> CommandProblem:
    """What a refusal means."""
    word = error.value
    match error.category:
        case ErrorCategory.STATE_INCOMPATIBILITY:
            return CommandProblem.NOT_NOW
        case ErrorCategory.SECURITY:
            return CommandProblem.NO_PERMISSION
        case ErrorCategory.SYSTEM_RESOURCE_AVAILABILITY:
            return CommandProblem.DEVICE_OFFLINE if word.endswith(_OFFLINE) else CommandProblem.BUSY
        case ErrorCategory.SUBSCRIBED_RESOURCE_AVAILABILITY | ErrorCategory.PERFORMANCE_MANAGEMENT:
            return CommandProblem.BUSY
        case ErrorCategory.OPERATION:
            return _operation(word)
        case ErrorCategory.PRIVATE_DATA | ErrorCategory.PRIVATE_ERROR_CODE | ErrorCategory.UNSPECIFIED:
            return CommandProblem.OTHER
        case _:
            assert_never(error.category)


def _operation(word: str) -> CommandProblem:
    if word.startswith(_DESTINATION):
        return CommandProblem.INVALID_DESTINATION
    if word.endswith("NotSupported"):
        return CommandProblem.NOT_SUPPORTED
    if word.startswith("privilegeViolation") or word == "securityViolation":
        return CommandProblem.NO_PERMISSION
    if word in _UNKNOWN_CALL:
        return CommandProblem.UNKNOWN_CALL
    if word.startswith("requestIncompatible"):
        return CommandProblem.NOT_NOW
    return CommandProblem.OTHER


_WORDS = {
    CommandProblem.NOT_SUPPORTED: "The PBX does not offer this.",
    CommandProblem.NOT_NOW: "The PBX does not allow this in the present state of the call or line.",
    CommandProblem.INVALID_DESTINATION: "The PBX does not accept this number.",
    CommandProblem.BUSY: "The PBX has no free resources for this now. Try again.",
    CommandProblem.NO_PERMISSION: "The PBX does not allow this to Unisono's account or to this line.",
    CommandProblem.DEVICE_OFFLINE: "The telephone is not connected to the PBX.",
    CommandProblem.UNKNOWN_CALL: "The PBX does not know this call any more.",
    CommandProblem.OTHER: "The PBX refused this.",
}


def refusal(error: CSTAErrorCode) -> CommandRefused:
    """A refusal for people, with the PBX's own words."""
    found = problem(error)
    return CommandRefused(found, _WORDS[found], native=str(error))
