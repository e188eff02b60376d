"""What lines can do and are set to: learned from connectors, from refusals, from device events."""

from dataclasses import replace
from typing import assert_never

from unisono.calls.model import DeviceStatus, ForwardingType, Service
from unisono.calls.pbx_events import (
    DeviceDoNotDisturb,
    DeviceEvent,
    DeviceForwarding,
    DeviceInService,
    DeviceMessageWaiting,
)

Device = tuple[str, str]
"""Connector and device identifier."""
EVERYTHING = frozenset(Service)


def after(status: DeviceStatus, event: DeviceEvent) -> DeviceStatus:
    """A device's status after an event about it."""
    match event:
        case DeviceDoNotDisturb(on=on):
            return replace(status, do_not_disturb=on)
        case DeviceForwarding(type=type_, on=on, to=to):
            return replace(status, forwarding=_forwarding(status.forwarding, type_, to if on else None))
        case DeviceMessageWaiting(count=count):
            return replace(status, messages_waiting=count)
        case DeviceInService(on=on):
            return replace(status, in_service=on)
        case _:
            assert_never(event)


def _forwarding(
    old: tuple[tuple[ForwardingType, str], ...], type_: ForwardingType, to: str | None
) -> tuple[tuple[ForwardingType, str], ...]:
    kept = [each for each in old if each[0] is not type_]
    return tuple(sorted(kept if to is None else [*kept, (type_, to)]))


class Devices:
    """Status and services of every device that was ever heard of."""

    def __init__(self) -> None:
        self._status: dict[Device, DeviceStatus] = {}
        self._services: dict[Device, frozenset[Service]] = {}
        self._refused: dict[Device, frozenset[Service]] = {}

    def status(self, device: Device) -> DeviceStatus:
        """What a device is set to, as far as known."""
        return self._status.get(device, DeviceStatus())

    def event(self, event: DeviceEvent) -> DeviceStatus | None:
        """Take an event; return the new status if it changed."""
        device = (event.head.connector, event.device)
        old = self._status.get(device)
        new = after(old or DeviceStatus(), event)
        if new == old:
            return None
        self._status[device] = new
        return new

    def services(self, device: Device) -> frozenset[Service]:
        """What this line has, as far as known; without what the PBX refused as not supported."""
        return self._services.get(device, EVERYTHING) - self._refused.get(device, frozenset())

    def learn(self, device: Device, services: frozenset[Service]) -> bool:
        """The PBX says what a line has; whether that is new."""
        if self._services.get(device) == services:
            return False
        self._services[device] = services
        return True

    def refused(self, device: Device, service: Service) -> bool:
        """The PBX does not support this on the line, whatever it said before; whether that is new."""
        old = self._refused.get(device, frozenset())
        self._refused[device] = old | {service}
        return service not in old

    def try_again(self, connector: str) -> list[str]:
        """Forget refusals: the PBX has come back and may have been changed. Returns the devices concerned."""
        found = [device for device in self._refused if device[0] == connector]
        for device in found:
            del self._refused[device]
        return [name for _, name in found]
