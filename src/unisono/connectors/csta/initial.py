"""The settings a device has when its monitor starts; each question is told the moment its answer arrives."""

from collections.abc import Awaitable, Callable

from unisono.calls.pbx_events import DeviceDoNotDisturb, DeviceForwarding, DeviceMessageWaiting, PbxEvent
from unisono.connectors.csta.link import Link
from unisono.connectors.csta.parties import FORWARDING, Scene, device_name, head
from unisono.wire.csta.devices import DeviceId
from unisono.wire.csta.enums import ForwardingType
from unisono.wire.csta.features import (
    GetDoNotDisturb,
    GetDoNotDisturbResponse,
    GetForwarding,
    GetForwardingResponse,
    GetMessageWaitingIndicator,
    GetMessageWaitingIndicatorResponse,
)

Report = Callable[[PbxEvent], None]
Question = Callable[[Link, DeviceId, Scene, Report], Awaitable[None]]


async def do_not_disturb(link: Link, device: DeviceId, scene: Scene, report: Report) -> None:
    """Whether it is on."""

    def heard(answer: GetDoNotDisturbResponse) -> None:
        report(DeviceDoNotDisturb(head(scene, None), scene.device, answer.do_not_disturb_on))

    await link.patiently(GetDoNotDisturb(device), GetDoNotDisturbResponse, heard=heard)


async def forwarding(link: Link, device: DeviceId, scene: Scene, report: Report) -> None:
    """Every forwarding the switch lists, on or off."""

    def heard(answer: GetForwardingResponse) -> None:
        for item in answer.forwarding_list:
            kind = FORWARDING[item.forwarding_type or ForwardingType.FORWARD_IMMEDIATE]
            to = device_name(item.forward_dn) if item.forward_dn is not None else ""
            report(DeviceForwarding(head(scene, None), scene.device, kind, item.forward_status, to))

    await link.patiently(GetForwarding(device), GetForwardingResponse, heard=heard)


async def messages(link: Link, device: DeviceId, scene: Scene, report: Report) -> None:
    """Whether messages wait; CSTA does not count them."""

    def heard(answer: GetMessageWaitingIndicatorResponse) -> None:
        report(DeviceMessageWaiting(head(scene, None), scene.device, int(answer.message_waiting_on)))

    await link.patiently(GetMessageWaitingIndicator(device), GetMessageWaitingIndicatorResponse, heard=heard)


QUESTIONS: tuple[Question, ...] = (do_not_disturb, forwarding, messages)
