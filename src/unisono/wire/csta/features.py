"""Services of a logical device (ECMA-269): do-not-disturb, forwarding, message waiting."""

from dataclasses import field

from unisono.wire.csta.devices import DeviceId
from unisono.wire.csta.enums import ForwardingType
from unisono.wire.csta.message import Request, Response, message
from unisono.wire.csta.parts import CallOrigination, ForwardListItem


@message
class GetDoNotDisturb(Request):
    """Ask for a device's do-not-disturb."""

    device: DeviceId


@message
class GetDoNotDisturbResponse(Response):
    """Whether it is on, and for whose calls."""

    do_not_disturb_on: bool
    call_origination: CallOrigination | None = None


@message
class SetDoNotDisturb(Request):
    """Switch a device's do-not-disturb."""

    device: DeviceId
    do_not_disturb_on: bool
    call_origination: CallOrigination | None = None


@message
class SetDoNotDisturbResponse(Response):
    """The switching function has taken it up."""


@message
class GetForwarding(Request):
    """Ask for a device's forwardings."""

    device: DeviceId


@message
class GetForwardingResponse(Response):
    """All forwardings, active or only stored."""

    forwarding_list: tuple[ForwardListItem, ...] = field(metadata={"item": "forwardListItem"})


@message
class SetForwarding(Request):
    """Switch a forwarding of a device."""

    device: DeviceId
    forwarding_type: ForwardingType | None
    activate_forward: bool
    forward_dn: DeviceId | None = None
    ring_count: int | None = None


@message
class SetForwardingResponse(Response):
    """The switching function has taken it up."""


@message
class GetMessageWaitingIndicator(Request):
    """Ask whether messages wait for a device."""

    device: DeviceId


@message
class GetMessageWaitingIndicatorResponse(Response):
    """Whether messages wait."""

    message_waiting_on: bool
    device_for_message: DeviceId | None = None
    lamp_is_present: bool | None = None


@message
class SetMessageWaitingIndicator(Request):
    """Switch the message waiting lamp."""

    device: DeviceId
    message_waiting_on: bool
    device_for_message: DeviceId | None = None


@message
class SetMessageWaitingIndicatorResponse(Response):
    """The switching function has taken it up."""


@message
class CancelCallBack(Request):
    """Take a device's call-backs back."""

    originating_device: DeviceId


@message
class CancelCallBackResponse(Response):
    """The switching function has taken it up."""
