"""Ask the switch which devices it has and what it can do."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from unisono.calls.model import PartyKind, Service
from unisono.calls.port import DiscoveredLine
from unisono.connectors.csta.commands import CAPABILITIES
from unisono.connectors.csta.link import Link, RequestFailed
from unisono.connectors.csta.parties import CALL_CONTROL, LOGICAL, device_name
from unisono.connectors.csta.segments import Segments
from unisono.wire.csta.capabilities import (
    GetCSTAFeatures,
    GetCSTAFeaturesResponse,
    GetLogicalDeviceInformation,
    GetLogicalDeviceInformationResponse,
    GetSwitchingFunctionCaps,
    GetSwitchingFunctionCapsResponse,
    GetSwitchingFunctionDevices,
    GetSwitchingFunctionDevicesResponse,
)
from unisono.wire.csta.devices import DeviceId, parse_device_id
from unisono.wire.csta.enums import CallAssociatedService, DeviceCategory
from unisono.wire.csta.parts import DeviceAttribute, DeviceListDevice, DeviceServices, SupportedServices

_KINDS = {
    DeviceCategory.STATION: PartyKind.EXTENSION,
    DeviceCategory.ACD: PartyKind.QUEUE,
    DeviceCategory.GROUP: PartyKind.GROUP,
    DeviceCategory.NETWORK_INTERFACE: PartyKind.EXTERNAL,
    DeviceCategory.PARK: PartyKind.PARK,
    DeviceCategory.VOICE_UNIT: PartyKind.VOICEMAIL,
    DeviceCategory.CONFERENCE: PartyKind.CONFERENCE,
    DeviceCategory.MESSAGE_INTERACTIVE_VOICE: PartyKind.VOICEMAIL,
    DeviceCategory.ROUTEING_DEVICE: PartyKind.SERVICE,
    DeviceCategory.PROMPT_INTERACTIVE_VOICE: PartyKind.SERVICE,
    DeviceCategory.PROMPT_QUEUE_INTERACTIVE_VOICE: PartyKind.QUEUE,
}


@dataclass(frozen=True, slots=True)
class Site:
    """What the switch says it has. `manufacturer` is its own name for itself."""

    lines: tuple[DiscoveredLine, ...] = ()
    kinds: Mapping[str, PartyKind] = field(default_factory=dict)
    native: Mapping[str, DeviceId] = field(default_factory=dict)
    services: frozenset[Service] = CAPABILITIES
    manufacturer: str = ""


def kind_of(device: DeviceListDevice) -> PartyKind:
    """What a device of the list is."""
    if device.device_category is DeviceCategory.GROUP and DeviceAttribute.GROUP_ACD in device.device_attributes:
        return PartyKind.QUEUE
    return _KINDS.get(device.device_category, PartyKind.UNKNOWN)


def site_of(devices: list[DeviceListDevice], services: frozenset[Service], manufacturer: str) -> Site:
    """The list in our words: stations are lines, all devices have a kind."""
    lines, kinds, native = [], {}, {}
    for device in devices:
        name = device_name(device.device_id)
        if not name:
            continue
        kinds[name] = kind_of(device)
        native[name] = device.device_id
        if device.device_category is DeviceCategory.STATION:
            named = parse_device_id(device.device_id)
            lines.append(DiscoveredLine(name, named.number or name, named.name))
    return Site(tuple(lines), kinds, native, services, manufacturer)


def services_of(said: SupportedServices | DeviceServices | None) -> frozenset[Service] | None:
    """The services of a switch or a device; None when it does not list them."""
    if said is None or not said.call_control_serv_list:
        return None
    found = {CALL_CONTROL[service] for service in said.call_control_serv_list if service in CALL_CONTROL}
    found |= {LOGICAL[service] for service in said.logical_serv_list if service in LOGICAL}
    if CallAssociatedService.GENERATE_DIGITS in said.call_associated_serv_list:
        found.add(Service.GENERATE_DIGITS)
    return frozenset(found)


async def discover(link: Link, segments: Segments[DeviceListDevice]) -> Site:
    """Everything the switch says of itself; what it does not answer stays empty or at its best."""
    services = CAPABILITIES
    manufacturer = ""
    try:
        caps = await link.patiently(GetSwitchingFunctionCaps(), GetSwitchingFunctionCapsResponse)
        manufacturer = caps.manufacturer_name
    except RequestFailed:
        pass  # a switch without capability exchange: nothing is known beforehand
    try:
        features = await link.patiently(GetCSTAFeatures(), GetCSTAFeaturesResponse)
        services = services_of(features.supported_services) or services
    except RequestFailed:
        pass
    return site_of(await _devices(link, segments), services, manufacturer)


async def _devices(link: Link, segments: Segments[DeviceListDevice]) -> list[DeviceListDevice]:
    try:
        answer = await link.patiently(GetSwitchingFunctionDevices(), GetSwitchingFunctionDevicesResponse)
        return await segments.all(answer.service_cross_ref_id)
    except RequestFailed:
        return []


async def device_services(link: Link, device: DeviceId) -> frozenset[Service] | None:
    """What one device can do, None if the switch does not list it; raises `RequestFailed`."""
    answer = await link.patiently(GetLogicalDeviceInformation(device), GetLogicalDeviceInformationResponse)
    return services_of(answer.log_dev_serv_list)
