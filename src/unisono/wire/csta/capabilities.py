"""What the switching function is, has and can do (ECMA-269, capability exchange)."""

from dataclasses import field

from unisono.wire.csta.devices import DeviceId
from unisono.wire.csta.enums import DeviceCategory, DynamicFeatures, NamedDeviceType, RequestedDeviceCategory
from unisono.wire.csta.message import Request, Response, message
from unisono.wire.csta.parts import DeviceListDevice, DeviceServices, SupportedServices


@message
class GetCSTAFeatures(Request):
    """Ask for the services and events of the switching function."""


@message
class GetCSTAFeaturesResponse(Response):
    """The services there are."""

    supported_services: SupportedServices = SupportedServices()


@message
class GetSwitchingFunctionCaps(Request):
    """Ask what the switching function is and how it behaves."""


@message
class GetSwitchingFunctionCapsResponse(Response):
    """Its names and what its events tell; the other fifty elements are skipped."""

    switching_sub_domain_name: str = ""
    manufacturer_name: str = ""
    dynamic_feature_supported: DynamicFeatures | None = None
    system_status_timer: int | None = None


@message
class GetSwitchingFunctionDevices(Request):
    """Ask for the list of devices, or of one category."""

    requested_device_id: DeviceId | None = None
    requested_device_category: RequestedDeviceCategory | None = None


@message
class GetSwitchingFunctionDevicesResponse(Response):
    """The list follows in pieces under this number."""

    service_cross_ref_id: str


@message
class SwitchingFunctionDevices(Request):
    """A piece of the list of devices; it has no answer."""

    service_cross_ref_id: str
    segment_id: int | None
    last_segment: bool
    device_list: tuple[DeviceListDevice, ...] = field(metadata={"item": "device"})


@message
class GetLogicalDeviceInformation(Request):
    """Ask what a device is and can do."""

    device: DeviceId


@message
class GetLogicalDeviceInformationResponse(Response):
    """What it is and can do; the other thirty elements are skipped."""

    device_category: DeviceCategory = DeviceCategory.STATION
    named_device_types: NamedDeviceType | None = None
    short_form_device_id: DeviceId | None = None
    has_physical_element: bool | None = None
    max_active_calls: int | None = None
    max_held_calls: int | None = None
    max_devices_in_conf: int | None = None
    log_dev_serv_list: DeviceServices | None = None


@message
class GetPhysicalDeviceInformation(Request):
    """Ask what stands on the desk."""

    device: DeviceId


@message
class GetPhysicalDeviceInformationResponse(Response):
    """What stands there; most elements are skipped."""

    device_category: DeviceCategory | None = None
    named_device_types: NamedDeviceType | None = None
    has_logical_element: bool | None = None
    device_model_name: str = ""
