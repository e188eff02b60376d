"""Call control and call associated services (ECMA-269): requests and their positive responses."""

from dataclasses import field
from typing import Self
from xml.etree.ElementTree import Element

from unisono.wire.csta.causes import EventCause
from unisono.wire.csta.devices import ConnectionId, DeviceId
from unisono.wire.csta.enums import AutoOriginate, ConsultOptions, DigitMode, ParticipationType
from unisono.wire.csta.message import Request, Response, message
from unisono.wire.csta.parts import CallLinkageData, ConnectionListItem
from unisono.wire.csta.schema import value
from unisono.wire.csta.xml import Edition, Output, local

_ONE_DESTINATION = (Edition.ED2, Edition.ED3, Edition.ED4)


@value
class Destinations:
    """Where a call is deflected to: a list in the newer editions, one device in the older ones."""

    devices: tuple[DeviceId, ...]

    @classmethod
    def of(cls, number: str) -> Self:
        """One destination, by its number."""
        return cls((DeviceId(number),))

    @classmethod
    def from_element(cls, element: Element) -> Self:
        """Read either form."""
        listed = tuple(DeviceId.from_element(child) for child in element if local(child.tag) == "device")
        return cls(listed or (DeviceId.from_element(element),))

    def write(self, out: Output, name: str) -> None:
        """Append in the form of the edition."""
        if out.edition in _ONE_DESTINATION:
            self.devices[0].write(out, name)
            return
        out.append(f"<{name}>")
        for device in self.devices:
            device.write(out, "device")
        out.append(f"</{name}>")


@message
class MakeCall(Request):
    """Start a call from a device."""

    calling_device: DeviceId
    called_directory_number: DeviceId
    auto_originate: AutoOriginate | None = None
    subject_of_call: str = ""
    reason: EventCause | None = None


@message
class MakeCallResponse(Response):
    """The call has been started; `calling_device` is the new connection of the calling device."""

    calling_device: ConnectionId
    call_linkage_data: CallLinkageData | None = None


@message
class AcceptCall(Request):
    """Accept an offered call: let it ring."""

    call_to_be_accepted: ConnectionId


@message
class AcceptCallResponse(Response):
    """The switching function has taken it up."""


@message
class AnswerCall(Request):
    """Answer a ringing call."""

    call_to_be_answered: ConnectionId


@message
class AnswerCallResponse(Response):
    """The switching function has taken it up."""


@message
class HoldCall(Request):
    """Put a connection on hold."""

    call_to_be_held: ConnectionId
    connection_reservation: bool | None = None


@message
class HoldCallResponse(Response):
    """The switching function has taken it up."""


@message
class RetrieveCall(Request):
    """Take a connection back from hold."""

    call_to_be_retrieved: ConnectionId


@message
class RetrieveCallResponse(Response):
    """The switching function has taken it up."""


@message
class ClearConnection(Request):
    """Take a device out of a call; a ringing one refuses it."""

    connection_to_be_cleared: ConnectionId
    reason: EventCause | None = None


@message
class ClearConnectionResponse(Response):
    """The switching function has taken it up."""


@message
class ClearCall(Request):
    """End a call for everyone."""

    call_to_be_cleared: ConnectionId
    reason: EventCause | None = None


@message
class ClearCallResponse(Response):
    """The switching function has taken it up."""


@message
class ConsultationCall(Request):
    """Hold a call and start another from the same device."""

    existing_call: ConnectionId
    consulted_device: DeviceId
    consult_options: ConsultOptions | None = None
    subject_of_call: str = ""


@message
class ConsultationCallResponse(Response):
    """The consultation has been started."""

    initiated_call: ConnectionId
    call_linkage_data: CallLinkageData | None = None


@message
class AlternateCall(Request):
    """Swap the held and the active call of a device."""

    held_call: ConnectionId
    active_call: ConnectionId
    connection_reservation: bool | None = None
    consult_options: ConsultOptions | None = None


@message
class AlternateCallResponse(Response):
    """The switching function has taken it up."""


@message
class ReconnectCall(Request):
    """Clear the active call and take the held one back. The active call comes first."""

    active_call: ConnectionId
    held_call: ConnectionId


@message
class ReconnectCallResponse(Response):
    """The switching function has taken it up."""


@message
class TransferCall(Request):
    """Join the other ends of the held and the active call and leave."""

    held_call: ConnectionId
    active_call: ConnectionId


@message
class TransferCallResponse(Response):
    """The transfer has been made."""

    transferred_call: ConnectionId | None = None
    connections: tuple[ConnectionListItem, ...] = field(default=(), metadata={"item": "connectionListItem"})


@message
class SingleStepTransferCall(Request):
    """Hand the active call over without consulting."""

    active_call: ConnectionId
    transferred_to: DeviceId
    subject_of_call: str = ""
    reason: EventCause | None = None


@message
class SingleStepTransferCallResponse(Response):
    """The transfer has been made."""

    transferred_call: ConnectionId | None = None
    connections: tuple[ConnectionListItem, ...] = field(default=(), metadata={"item": "connectionListItem"})


@message
class ConferenceCall(Request):
    """Join the held and the active call."""

    held_call: ConnectionId
    active_call: ConnectionId


@message
class ConferenceCallResponse(Response):
    """The conference has been made."""

    conference_call: ConnectionId | None = None
    connections: tuple[ConnectionListItem, ...] = field(default=(), metadata={"item": "connectionListItem"})


@message
class SingleStepConferenceCall(Request):
    """Add a device to a call."""

    active_call: ConnectionId
    device_to_join: DeviceId
    participation_type: ParticipationType | None = None
    subject_of_call: str = ""


@message
class SingleStepConferenceCallResponse(Response):
    """The device has been added."""

    conferenced_call: ConnectionId | None = None


@message
class DeflectCall(Request):
    """Send a ringing call to another device. Up to edition 4 there is one destination, later a list."""

    call_to_be_diverted: ConnectionId
    new_destination: Destinations
    subject_of_call: str = ""
    reason: EventCause | None = None


@message
class DeflectCallResponse(Response):
    """The switching function has taken it up."""


@message
class DirectedPickupCall(Request):
    """Take a call that rings elsewhere."""

    call_to_be_picked_up: ConnectionId
    requesting_device: DeviceId


@message
class DirectedPickupCallResponse(Response):
    """The call has been taken."""

    picked_call: ConnectionId | None = None
    call_linkage_data: CallLinkageData | None = None


@message
class GroupPickupCall(Request):
    """Take a call that rings in the pick-up group."""

    new_destination: DeviceId
    pick_group: DeviceId | None = None


@message
class GroupPickupCallResponse(Response):
    """The call has been taken."""

    picked_call: ConnectionId | None = None
    call_linkage_data: CallLinkageData | None = None


@message
class ParkCall(Request):
    """Park a call at a device."""

    parking: ConnectionId
    park_to: DeviceId


@message
class ParkCallResponse(Response):
    """The call has been parked."""

    parked_to: ConnectionId | None = None
    call_linkage_data: CallLinkageData | None = None


@message
class CallBack(Request):
    """Ask to be called back when the other device is free."""

    callback_connection: ConnectionId
    subject_of_call: str = ""


@message
class CallBackResponse(Response):
    """The call-back has been set up."""


@message
class DialDigits(Request):
    """Send the rest of a number."""

    dialling_connection: ConnectionId
    dialling_sequence: DeviceId


@message
class DialDigitsResponse(Response):
    """The switching function has taken it up."""


@message
class GenerateDigits(Request):
    """Send DTMF into a call."""

    connection_to_send_digits: ConnectionId
    digit_mode: DigitMode | None
    characters_to_send: str
    tone_duration: int | None = None
    pause_duration: int | None = None


@message
class GenerateDigitsResponse(Response):
    """The switching function has taken it up."""
