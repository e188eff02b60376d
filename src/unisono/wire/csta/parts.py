"""Parts that several messages share (ECMA-323 6th edition), each in the order of the schema."""

from dataclasses import field
from enum import StrEnum

from unisono.wire.csta.devices import ConnectionId, DeviceId, ExtendedDevice
from unisono.wire.csta.enums import (
    CallAssociatedEventName,
    CallAssociatedService,
    CallControlEventName,
    CallControlService,
    DeviceCategory,
    ForwardDefault,
    ForwardingType,
    LocalConnectionState,
    LogicalEventName,
    LogicalService,
    MaintenanceEventName,
    NamedDeviceType,
    PhysicalEventName,
    SimpleCallState,
)
from unisono.wire.csta.schema import value


@value
class ServicesPermitted:
    """What may be done with this connection now (ECMA-269, servicesPermitted); None: the switch does not say."""

    call_control_services: frozenset[CallControlService] | None = None
    call_associated_services: frozenset[CallAssociatedService] | None = None


@value
class ConnectionListItem:
    """One connection of a transferred or conferenced call: its new and old identifier and the device at its end."""

    new_connection: ConnectionId | None = None
    old_connection: ConnectionId | None = None
    endpoint: ExtendedDevice | None = None


@value
class GlobalCallLinkageId:
    """A call's linkage identifier, world-wide or inside the switching sub-domain (GlobalCallLinkageID)."""

    globally_unique_call_linkage_id: str = field(default="", metadata={"name": "globallyUniqueCallLinkageID"})
    sub_domain_call_linkage_id: str = field(default="", metadata={"name": "subDomainCallLinkageID"})


@value
class GlobalCallData:
    """The linkage identifier with its sub-domain."""

    global_call_switching_sub_domain_name: str = ""
    global_call_linkage_id: GlobalCallLinkageId = GlobalCallLinkageId()


@value
class ThreadLinkageId:
    """The identifier of a thread of calls (ThreadLinkageID)."""

    globally_unique_thread_id: str = field(default="", metadata={"name": "globallyUniqueThreadID"})
    sub_domain_thread_id: str = field(default="", metadata={"name": "subDomainThreadID"})


@value
class ThreadData:
    """The thread a call belongs to, with its sub-domain."""

    thread_switching_sub_domain_name: str = ""
    thread_linkage_id: ThreadLinkageId = ThreadLinkageId()


@value
class CallLinkageData:
    """What joins calls that belong together (ECMA-269, call linkage)."""

    global_call_data: GlobalCallData = GlobalCallData()
    thread_data: ThreadData | None = None


@value
class CallOrigination:
    """Whose calls a setting is for."""

    internal: bool | None = None
    external: bool | None = None


@value
class ForwardListItem:
    """One forwarding of a device (GetForwardingResponse)."""

    forwarding_type: ForwardingType | None
    forward_status: bool
    forward_dn: DeviceId | None = None
    forward_default: ForwardDefault | None = None
    ring_count: int | None = None


@value
class MonitorObject:
    """What a monitor is about: a call or a device."""

    call_object: ConnectionId | None = None
    device_object: DeviceId | None = None


@value
class MonitorFilter:
    """Events that are *not* to be reported (ECMA-269, monitor filter)."""

    callcontrol: frozenset[CallControlEventName] = frozenset()
    call_associated: frozenset[CallAssociatedEventName] = frozenset()
    physical_device_feature: frozenset[PhysicalEventName] = frozenset()
    logical_device_feature: frozenset[LogicalEventName] = frozenset()
    maintenance: frozenset[MaintenanceEventName] = frozenset()


@value
class CompoundCallState:
    """The state of every connection of a call, the snapshot device's own first."""

    local_connection_state: tuple[LocalConnectionState, ...]


@value
class CallState:
    """A call as a snapshot of a device shows it: exactly one of the three."""

    compound_call_state: CompoundCallState | None = None
    simple_call_state: SimpleCallState | None = None
    unknown: bool = field(default=False, metadata={"present": True})


@value
class SnapshotDeviceResponseInfo:
    """One call of a device."""

    connection_identifier: ConnectionId
    endpoint_device: ExtendedDevice | None = None
    local_call_state: CallState | None = None
    services_permitted: ServicesPermitted | None = None
    call_linkage_data: CallLinkageData | None = None


@value
class SnapshotDeviceDataList:
    """The calls of a device."""

    snapshot_device_response_info: tuple[SnapshotDeviceResponseInfo, ...]


@value
class SnapshotDeviceResult:
    """The calls of a device, or the number under which they will be sent in pieces."""

    service_cross_ref_id: str | None = None
    snapshot_data: SnapshotDeviceDataList | None = None


@value
class SnapshotCallResponseInfo:
    """One connection of a call."""

    device_on_call: ExtendedDevice
    call_identifier: ConnectionId
    local_connection_info: LocalConnectionState | None = None
    services_permitted: ServicesPermitted | None = None


@value
class SnapshotCallDataList:
    """The connections of a call."""

    snapshot_call_response_info: tuple[SnapshotCallResponseInfo, ...]


@value
class SnapshotCallResult:
    """The connections of a call, or the number under which they will be sent in pieces."""

    service_cross_ref_id: str | None = None
    snapshot_data: SnapshotCallDataList | None = None


class DeviceAttribute(StrEnum):
    """Attributes of a device in the device list (DeviceAttributes)."""

    MEDIA_ACCESS_DEVICE = "mediaAccessDevice"
    ROUTEING_DEVICE = "routeingDevice"
    GROUP_ACD = "groupACD"
    GROUP_HUNT = "groupHunt"
    GROUP_PICK = "groupPick"
    GROUP_USER = "groupUser"


@value
class DeviceListDevice:
    """One device of the PBX. The standard has no place for a name: it comes inside the identifier (N<101>Anna)."""

    device_id: DeviceId
    device_category: DeviceCategory = DeviceCategory.STATION
    named_device_types: NamedDeviceType | None = None
    device_attributes: frozenset[DeviceAttribute] = frozenset()
    device_model_name: str = ""


@value
class RequestTypes:
    """What the other side wants to be told or asked (SystemRegister)."""

    system_status: bool | None = None
    request_system_status: bool | None = None
    switching_function_caps_changed: bool | None = None
    switching_function_devices_changed: bool | None = None


@value
class SupportedServices:
    """What the switching function can do (GetCSTAFeaturesResponse); a service is there when its element is."""

    call_control_serv_list: frozenset[CallControlService] = field(default=frozenset(), metadata={"present": True})
    call_associated_serv_list: frozenset[CallAssociatedService] = field(
        default=frozenset(), metadata={"present": True}
    )
    logical_serv_list: frozenset[LogicalService] = field(default=frozenset(), metadata={"present": True})


@value
class DeviceServices:
    """What a device can do (LogDevServList)."""

    call_control_serv_list: frozenset[CallControlService] = field(default=frozenset(), metadata={"present": True})
    call_associated_serv_list: frozenset[CallAssociatedService] = field(
        default=frozenset(), metadata={"present": True}
    )
    logical_serv_list: frozenset[LogicalService] = field(default=frozenset(), metadata={"present": True})
