"""Events of a monitor (ECMA-323 6th edition), each in the order of the schema.

Every one begins with the cross reference of its monitor. `local_connection_info` is the state of the monitored device's own
connection. The standard writes `TransferedEvent` and `originatinNIDConnection`.
"""

from dataclasses import field

from unisono.wire.csta.causes import EventCause
from unisono.wire.csta.devices import ConnectionId, DeviceId, ExtendedDevice
from unisono.wire.csta.enums import ForwardDefault, ForwardingType, LocalConnectionState
from unisono.wire.csta.message import Event, message
from unisono.wire.csta.parts import CallLinkageData, CallOrigination, ConnectionListItem, ServicesPermitted


@message
class ServiceInitiatedEvent(Event):
    """A device went off hook or is prompted to."""

    monitor_cross_ref_id: str
    initiated_connection: ConnectionId
    initiating_device: ExtendedDevice | None = None
    called_device: ExtendedDevice | None = None
    local_connection_info: LocalConnectionState | None = None
    cause: EventCause | None = None
    services_permitted: ServicesPermitted | None = None
    call_linkage_data: CallLinkageData | None = None
    subject_of_call: str = ""


@message
class OriginatedEvent(Event):
    """A device dials."""

    monitor_cross_ref_id: str
    originated_connection: ConnectionId
    calling_device: ExtendedDevice | None = None
    called_device: ExtendedDevice | None = None
    originating_device: DeviceId | None = None
    local_connection_info: LocalConnectionState | None = None
    cause: EventCause | None = None
    services_permitted: ServicesPermitted | None = None
    call_linkage_data: CallLinkageData | None = None
    subject_of_call: str = ""


@message
class NetworkReachedEvent(Event):
    """The call left the switching function."""

    monitor_cross_ref_id: str
    outbound_connection: ConnectionId
    network_interface_used: ExtendedDevice | None = None
    calling_device: ExtendedDevice | None = None
    called_device: ExtendedDevice | None = None
    last_redirection_device: ExtendedDevice | None = None
    originating_nid_connection: ConnectionId | None = None
    local_connection_info: LocalConnectionState | None = None
    cause: EventCause | None = None
    services_permitted: ServicesPermitted | None = None
    call_linkage_data: CallLinkageData | None = None


@message
class DeliveredEvent(Event):
    """A device is alerted."""

    monitor_cross_ref_id: str
    connection: ConnectionId
    alerting_device: ExtendedDevice | None = None
    calling_device: ExtendedDevice | None = None
    called_device: ExtendedDevice | None = None
    last_redirection_device: ExtendedDevice | None = None
    originating_nid_connection: ConnectionId | None = None
    local_connection_info: LocalConnectionState | None = None
    cause: EventCause | None = None
    services_permitted: ServicesPermitted | None = None
    call_linkage_data: CallLinkageData | None = None
    subject_of_call: str = ""


@message
class OfferedEvent(Event):
    """A device is offered the call before it is alerted."""

    monitor_cross_ref_id: str
    offered_connection: ConnectionId
    offered_device: ExtendedDevice | None = None
    calling_device: ExtendedDevice | None = None
    called_device: ExtendedDevice | None = None
    last_redirection_device: ExtendedDevice | None = None
    originating_nid_connection: ConnectionId | None = None
    local_connection_info: LocalConnectionState | None = None
    cause: EventCause | None = None
    services_permitted: ServicesPermitted | None = None
    call_linkage_data: CallLinkageData | None = None
    subject_of_call: str = ""


@message
class EstablishedEvent(Event):
    """A device has answered."""

    monitor_cross_ref_id: str
    established_connection: ConnectionId
    answering_device: ExtendedDevice | None = None
    calling_device: ExtendedDevice | None = None
    called_device: ExtendedDevice | None = None
    last_redirection_device: ExtendedDevice | None = None
    originating_nid_connection: ConnectionId | None = field(
        default=None, metadata={"name": "originatinNIDConnection"}
    )
    local_connection_info: LocalConnectionState | None = None
    cause: EventCause | None = None
    services_permitted: ServicesPermitted | None = None
    call_linkage_data: CallLinkageData | None = None
    subject_of_call: str = ""


@message
class HeldEvent(Event):
    """A device put its connection on hold."""

    monitor_cross_ref_id: str
    held_connection: ConnectionId
    holding_device: ExtendedDevice | None = None
    local_connection_info: LocalConnectionState | None = None
    cause: EventCause | None = None
    services_permitted: ServicesPermitted | None = None
    call_linkage_data: CallLinkageData | None = None


@message
class RetrievedEvent(Event):
    """A device took its connection back."""

    monitor_cross_ref_id: str
    retrieved_connection: ConnectionId
    retrieving_device: ExtendedDevice | None = None
    local_connection_info: LocalConnectionState | None = None
    cause: EventCause | None = None
    services_permitted: ServicesPermitted | None = None
    call_linkage_data: CallLinkageData | None = None


@message
class ConnectionClearedEvent(Event):
    """A device left the call."""

    monitor_cross_ref_id: str
    dropped_connection: ConnectionId
    releasing_device: ExtendedDevice | None = None
    local_connection_info: LocalConnectionState | None = None
    cause: EventCause | None = None
    services_permitted: ServicesPermitted | None = None
    call_linkage_data: CallLinkageData | None = None


@message
class CallClearedEvent(Event):
    """The call is over."""

    monitor_cross_ref_id: str
    cleared_call: ConnectionId
    cause: EventCause | None = None
    call_linkage_data: CallLinkageData | None = None


@message
class FailedEvent(Event):
    """A connection could not be completed."""

    monitor_cross_ref_id: str
    failed_connection: ConnectionId
    failing_device: ExtendedDevice | None = None
    calling_device: ExtendedDevice | None = None
    called_device: ExtendedDevice | None = None
    last_redirection_device: ExtendedDevice | None = None
    originating_nid_connection: ConnectionId | None = None
    local_connection_info: LocalConnectionState | None = None
    cause: EventCause | None = None
    services_permitted: ServicesPermitted | None = None
    call_linkage_data: CallLinkageData | None = None
    subject_of_call: str = ""


@message
class DivertedEvent(Event):
    """A device lost the call to another."""

    monitor_cross_ref_id: str
    connection: ConnectionId
    diverting_device: ExtendedDevice | None = None
    new_destination: ExtendedDevice | None = None
    calling_device: ExtendedDevice | None = None
    called_device: ExtendedDevice | None = None
    last_redirection_device: ExtendedDevice | None = None
    local_connection_info: LocalConnectionState | None = None
    cause: EventCause | None = None
    services_permitted: ServicesPermitted | None = None
    call_linkage_data: CallLinkageData | None = None
    subject_of_call: str = ""


@message
class QueuedEvent(Event):
    """The call waits at a device."""

    monitor_cross_ref_id: str
    queued_connection: ConnectionId
    queue: ExtendedDevice | None = None
    calling_device: ExtendedDevice | None = None
    called_device: ExtendedDevice | None = None
    last_redirection_device: ExtendedDevice | None = None
    number_queued: int | None = None
    calls_in_front: int | None = None
    local_connection_info: LocalConnectionState | None = None
    cause: EventCause | None = None
    services_permitted: ServicesPermitted | None = None
    call_linkage_data: CallLinkageData | None = None
    subject_of_call: str = ""


@message
class TransferedEvent(Event):
    """Two calls became one, or a call got another party; the transferring device left. Spelt as in the standard."""

    monitor_cross_ref_id: str
    primary_old_call: ConnectionId
    secondary_old_call: ConnectionId | None = None
    transferring_device: ExtendedDevice | None = None
    transferred_to_device: ExtendedDevice | None = None
    transferred_connections: tuple[ConnectionListItem, ...] = field(default=(), metadata={"item": "connectionListItem"})
    local_connection_info: LocalConnectionState | None = None
    cause: EventCause | None = None
    services_permitted: ServicesPermitted | None = None


@message
class ConferencedEvent(Event):
    """Two calls became one with all their parties, or a device joined."""

    monitor_cross_ref_id: str
    primary_old_call: ConnectionId
    secondary_old_call: ConnectionId | None = None
    conferencing_device: ExtendedDevice | None = None
    added_party: ExtendedDevice | None = None
    conference_connections: tuple[ConnectionListItem, ...] = field(default=(), metadata={"item": "connectionListItem"})
    local_connection_info: LocalConnectionState | None = None
    cause: EventCause | None = None
    services_permitted: ServicesPermitted | None = None


@message
class CallInformationEvent(Event):
    """Numbers or data of a call became known or changed."""

    monitor_cross_ref_id: str
    connection: ConnectionId
    device: ExtendedDevice | None = None
    calling_device: ExtendedDevice | None = None
    services_permitted: ServicesPermitted | None = None
    subject_of_call: str = ""


@message
class DigitsDialedEvent(Event):
    """A device dialled a part of a number."""

    monitor_cross_ref_id: str
    dialing_connection: ConnectionId
    dialing_device: ExtendedDevice | None
    dialing_sequence: DeviceId
    local_connection_info: LocalConnectionState | None = None
    cause: EventCause | None = None
    services_permitted: ServicesPermitted | None = None
    call_linkage_data: CallLinkageData | None = None


@message
class DigitsGeneratedEvent(Event):
    """A device sent digits (DTMF) into the call."""

    monitor_cross_ref_id: str
    connection: ConnectionId
    digit_generated_list: str


@message
class ForwardingEvent(Event):
    """A forwarding of a device was switched."""

    monitor_cross_ref_id: str
    device: ExtendedDevice
    forwarding_type: ForwardingType | None
    forward_status: bool
    forward_to: DeviceId | None = None
    forward_default: ForwardDefault | None = None
    ring_count: int | None = None


@message
class DoNotDisturbEvent(Event):
    """Do-not-disturb of a device was switched."""

    monitor_cross_ref_id: str
    device: ExtendedDevice
    do_not_disturb_on: bool
    call_origination: CallOrigination | None = None
    calling_device_list: tuple[DeviceId, ...] = field(default=(), metadata={"item": "callingDevice"})


@message
class MessageWaitingEvent(Event):
    """Messages wait for a device, or no more."""

    monitor_cross_ref_id: str
    device_for_message: DeviceId
    message_waiting_on: bool


@message
class OutOfServiceEvent(Event):
    """A device went away."""

    monitor_cross_ref_id: str
    device: ExtendedDevice
    cause: EventCause | None = None


@message
class BackInServiceEvent(Event):
    """A device came back."""

    monitor_cross_ref_id: str
    device: ExtendedDevice
    cause: EventCause | None = None


@message
class CallBackEvent(Event):
    """A call-back was set up or taken back."""

    monitor_cross_ref_id: str
    originating_device: ExtendedDevice
    call_back_set_canceled: bool
