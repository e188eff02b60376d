"""Monitors, snapshots and the state of the switching function itself (ECMA-269)."""

from dataclasses import field

from unisono.wire.csta.devices import ConnectionId, DeviceId, ExtendedDevice
from unisono.wire.csta.enums import MonitorType, SystemStatusValue
from unisono.wire.csta.message import Request, Response, message
from unisono.wire.csta.parts import (
    CallLinkageData,
    MonitorFilter,
    MonitorObject,
    RequestTypes,
    SnapshotCallResult,
    SnapshotDeviceResponseInfo,
    SnapshotDeviceResult,
)


@message
class MonitorStart(Request):
    """Ask to be told of everything at a device or call."""

    monitor_object: MonitorObject
    requested_monitor_filter: MonitorFilter | None = None
    monitor_type: MonitorType | None = None


@message
class MonitorStartResponse(Response):
    """The monitor runs; its events carry this cross reference."""

    monitor_cross_ref_id: str
    actual_monitor_filter: MonitorFilter | None = None
    monitor_existing_calls: bool | None = None


@message
class MonitorStop(Request):
    """End a monitor; the switching function sends it too, when it ends one by itself."""

    monitor_cross_ref_id: str


@message
class MonitorStopResponse(Response):
    """The monitor has ended."""


@message
class SnapshotDevice(Request):
    """Ask for the calls of a device."""

    snapshot_object: DeviceId


@message
class SnapshotDeviceResponse(Response):
    """The calls of the device, or the number under which they follow."""

    result: SnapshotDeviceResult = field(metadata={"name": "crossRefIDorSnapshotData"})


@message
class SnapshotCall(Request):
    """Ask for the connections of a call."""

    snapshot_object: ConnectionId


@message
class SnapshotCallResponse(Response):
    """The connections of the call, or the number under which they follow."""

    result: SnapshotCallResult = field(metadata={"name": "crossRefIDorSnapshotData"})
    calling_device: ExtendedDevice | None = None
    called_device: ExtendedDevice | None = None
    call_linkage_data: CallLinkageData | None = None
    subject_of_call: str = ""


@message
class SnapshotDeviceData(Request):
    """A piece of a device's calls; it has no answer."""

    service_cross_ref_id: str
    segment_id: int | None
    last_segment: bool
    snapshot_data: tuple[SnapshotDeviceResponseInfo, ...] = field(metadata={"item": "snapshotDeviceResponseInfo"})


@message
class SystemRegister(Request):
    """Ask to be told of the other side's status."""

    request_types: RequestTypes


@message
class SystemRegisterResponse(Response):
    """Registered under this identifier."""

    sys_stat_register_id: str | None = None


@message
class SystemRegisterCancel(Request):
    """Ask no longer."""

    sys_stat_register_id: str


@message
class SystemRegisterCancelResponse(Response):
    """No longer registered."""


@message
class RequestSystemStatus(Request):
    """Ask the other side how it is; also the heartbeat."""

    sys_stat_register_id: str | None = None


@message
class RequestSystemStatusResponse(Response):
    """How it is."""

    system_status: SystemStatusValue | None = None


@message
class SystemStatus(Request):
    """Tell how one is; OpenScape's heartbeat."""

    sys_stat_register_id: str | None
    system_status: SystemStatusValue | None


@message
class SystemStatusResponse(Response):
    """Heard."""


@message
class SwFunctionDevicesChanged(Request):
    """The list of devices has changed."""

    sys_stat_register_id: str | None = None


@message
class SwFunctionDevicesChangedResponse(Response):
    """Heard."""


@message
class SwFunctionCapsChanged(Request):
    """The capabilities have changed."""

    sys_stat_register_id: str | None = None


@message
class SwFunctionCapsChangedResponse(Response):
    """Heard."""
