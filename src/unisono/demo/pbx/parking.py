"""Parking calls in slots, and call back on busy and no answer."""

from dataclasses import dataclass

from unisono.demo.pbx.core import Core
from unisono.demo.pbx.entities import Call, Connection
from unisono.demo.pbx.model import (
    CallEventKind,
    Category,
    Cause,
    Device,
    DeviceEventKind,
    Leg,
    Problem,
    Refusal,
    State,
)
from unisono.demo.pbx.routing import Routing
from unisono.demo.pbx.services import Services


@dataclass(frozen=True, slots=True)
class CallBack:
    """`originating` wants to be called when `target` is free."""

    originating: str
    target: str


class Parking:
    """Calls that wait for somebody to come back: in a slot, or as a wish to be called back."""

    def __init__(self, core: Core, routing: Routing, services: Services) -> None:
        self.core = core
        self.routing = routing
        self.services = services
        self.call_backs: list[CallBack] = []
        routing.entries[Category.PARK] = self._dialled
        core.freed.append(self._free)

    def park(self, leg: Leg, slot: str = "") -> Leg:
        """Leave an established call and let it wait in a slot, the first free one if none is named."""
        parking = self.core.connection(leg)
        device = self.services.caller(parking.device)
        if parking.state is not State.CONNECTED or not parking.established:
            raise Refusal(Problem.CONNECTION_STATE, leg.device)
        place = self._slot(slot)
        call = parking.call
        self.core.move(parking, State.NULL)
        self.core.tell(CallEventKind.DIVERTED, parking, Cause.PARK, other=place.address)
        call.last_redirection = device.address
        self._wait(call, place, device.id)
        return Leg(call.id, place.id)

    def _slot(self, slot: str) -> Device:
        if slot:
            place = self.core.device(slot, Problem.INVALID_PARK_DEVICE)
            if place.category is not Category.PARK:
                raise Refusal(Problem.INVALID_PARK_DEVICE, slot)
            if self.core.at.get(slot):
                raise Refusal(Problem.PARK_DEVICE_STATE, slot)
            return place
        for device in self.core.devices.values():
            if device.category is Category.PARK and not self.core.at.get(device.id):
                return device
        raise Refusal(Problem.PARK_DEVICE_STATE, "all slots are taken")

    def _wait(self, call: Call, place: Device, owner: str) -> None:
        connection = self.core.join(call, place.id, place.address, State.QUEUED)
        connection.recall_to = owner
        self._plan_recall(connection)
        self.core.tell(
            CallEventKind.QUEUED, connection, Cause.PARK, other=place.address, number_queued=1, calls_in_front=0
        )

    def _plan_recall(self, connection: Connection) -> None:
        wait = self.core.options.park_recall
        connection.timer = self.core.timeline.after(wait, lambda: self._recall(connection))

    def _recall(self, connection: Connection) -> None:
        owner = self.core.devices[connection.recall_to]
        if connection.recall_to in connection.call.connections or self.core.own(owner.id) or not owner.in_service:
            self._plan_recall(connection)
            return
        self.routing.divert(connection, connection.recall_to, Cause.RECALL)

    def _dialled(self, call: Call, place: Device, cause: Cause) -> None:
        """A telephone dials the slot: it gets the parked call, and the call it dialled with ends."""
        parked = self.core.at.get(place.id, [])
        own = next((c for c in call.connections.values() if c.station), None)
        alone = own is not None and len(call.connections) == 1 and own.state is State.CONNECTED
        if not parked or own is None or not alone or own.device in parked[0].call.connections:
            self.routing.fail(call, None, Cause.DEST_NOT_OBTAINABLE)
            return
        device = self.core.devices[own.device]
        self.core.clear(own, Cause.PARK)
        self.services.pick_up(parked[0], device, Cause.PARK)

    # Call back

    def call_back(self, leg: Leg) -> None:
        """Give a busy or unanswered attempt up and be called when the other telephone is free."""
        own = self.core.connection(leg)
        if not own.station or own.state is not State.CONNECTED:
            raise Refusal(Problem.CONNECTION_STATE, leg.device)
        wanted = [c for c in own.others if c.station and (c.refused or c.state is State.ALERTING)]
        if not wanted or own.established:
            raise Refusal(Problem.CONNECTION_STATE, leg.device)
        wish = CallBack(own.device, wanted[0].device)
        if wish not in self.call_backs:
            self.call_backs.append(wish)
        self.core.tell_device(DeviceEventKind.CALL_BACK, self.core.devices[own.device])
        self.core.clear(own)

    def cancel_call_backs(self, originating: str) -> None:
        """Forget all wishes of a telephone."""
        device = self.core.device(originating)
        if any(wish.originating == originating for wish in self.call_backs):
            self.call_backs = [wish for wish in self.call_backs if wish.originating != originating]
            self.core.tell_device(DeviceEventKind.CALL_BACK, device, on=False)

    def _free(self, device: str) -> None:
        for wish in list(self.call_backs):
            if device not in (wish.originating, wish.target) or not self._both_idle(wish):
                continue
            self.call_backs.remove(wish)
            caller = self.core.devices[wish.originating]
            self.services.initiate(caller, wish.target, Cause.CALL_BACK, prompt=True)
            self.core.tell_device(DeviceEventKind.CALL_BACK, caller, on=False)

    def _both_idle(self, wish: CallBack) -> bool:
        return not any(
            self.core.own(device) or not self.core.devices[device].in_service or self.core.devices[device].do_not_disturb
            for device in (wish.originating, wish.target)
        )


