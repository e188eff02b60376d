"""The bottom of the switch: devices, calls, lawful changes of state, and telling them to every device concerned."""

from collections import deque
from collections.abc import Callable
from typing import Any

from unisono.demo.pbx.entities import PRESENT, Call, Connection
from unisono.demo.pbx.model import (
    LAWFUL,
    UNKNOWN,
    Address,
    CallEvent,
    CallEventKind,
    Category,
    Cause,
    Device,
    DeviceEvent,
    DeviceEventKind,
    Leg,
    Options,
    Problem,
    Refusal,
    Report,
    State,
)
from unisono.demo.pbx.permitted import NOTHING, permitted
from unisono.demo.pbx.timeline import Timeline

Watcher = Callable[[CallEvent], None]
Freed = Callable[[str], None]


class Core:
    """Devices and calls. Every method leaves the switch in a state that could be told to a monitor."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.timeline = Timeline()
        self.devices: dict[str, Device] = {}
        self.calls: dict[str, Call] = {}
        self.at: dict[str, list[Connection]] = {}
        self.reports: list[Report] = []
        self.watchers: list[Watcher] = []
        self.freed: list[Freed] = []
        self._channels = deque(f"T{number}" for number in range(1, options.channels + 1))
        self._count = 0

    # Devices and connections by their identifiers

    def device(self, identifier: str, problem: Problem = Problem.INVALID_DEVICE) -> Device:
        """The device; refuses with `problem` if there is none."""
        device = self.devices.get(identifier)
        if device is None:
            raise Refusal(problem, identifier)
        return device

    def connection(self, leg: Leg) -> Connection:
        """The live connection; without a call identifier the device's only one (ECMA-269 6.1.5)."""
        if not leg.call:
            found = [c for c in self.at.get(leg.device, ()) if not c.refused]
            if len(found) != 1:
                raise Refusal(Problem.INVALID_CONNECTION, leg.device)
            return found[0]
        call = self.calls.get(leg.call)
        if call is None:
            raise Refusal(Problem.INVALID_CALL, leg.call)
        connection = call.connections.get(leg.device)
        if connection is None:
            raise Refusal(Problem.INVALID_CONNECTION, leg.device)
        return connection

    def own(self, device: str) -> list[Connection]:
        """The device's live connections, without those that only failed to reach it."""
        return [connection for connection in self.at.get(device, ()) if not connection.refused]

    def in_state(self, device: str, *states: State) -> list[Connection]:
        """The device's own connections in one of these states."""
        return [connection for connection in self.own(device) if connection.state in states]

    def address(self, identifier: str) -> Address:
        """How a device is shown; what is not one of ours is shown as it was dialled."""
        device = self.devices.get(identifier)
        return device.address if device else Address(identifier)

    # Calls

    def new_call(self, calling: Address, called: Address = UNKNOWN, subject: str = "") -> Call:
        """A call without connections yet."""
        call = Call(self.new_id(), calling, called, subject)
        self.calls[call.id] = call
        return call

    def new_id(self) -> str:
        """A call identifier never given before."""
        self._count += 1
        return f"{self.options.seed}C{self._count:08X}"

    def join(self, call: Call, device: str, address: Address, state: State) -> Connection:
        """A new connection of `device` in `state`."""
        connection = Connection(call, device, address, self.timeline.now, station=self.is_station(device))
        call.connections[device] = connection
        self.at.setdefault(device, []).append(connection)
        self.move(connection, state)
        return connection

    def seize(self, call: Call, address: Address, state: State) -> Connection | None:
        """A trunk channel for an outside party; none if all are taken."""
        if not self._channels:
            return None
        return self.join(call, self._channels.popleft(), address, state)

    def move(self, connection: Connection, state: State) -> None:
        """Change the state along the lawful paths; into NULL the connection leaves its call."""
        if state not in LAWFUL[connection.state]:
            raise AssertionError(f"{connection.leg}: {connection.state} -> {state}")
        connection.state = state
        connection.since = self.timeline.now
        if connection.timer is not None:
            connection.timer.cancel()
            connection.timer = None
        if state is State.NULL:
            self._leave(connection)

    def _leave(self, connection: Connection) -> None:
        del connection.call.connections[connection.device]
        self.at[connection.device].remove(connection)
        device = self.devices.get(connection.device)
        if device is None:
            self._channels.append(connection.device)
            del self.at[connection.device]
        elif not self.at[connection.device]:
            device.idle_since = self.timeline.now
            self.timeline.after(0.0, lambda: self._tell_freed(device.id))

    def _tell_freed(self, device: str) -> None:
        for freed in self.freed:
            freed(device)

    # Clearing

    def drop(self, connection: Connection, cause: Cause) -> None:
        """Clear one connection and tell it; the rest of the call is not looked at."""
        self.move(connection, State.NULL)
        self.tell(CallEventKind.CONNECTION_CLEARED, connection, cause)

    def clear(self, connection: Connection, cause: Cause = Cause.NORMAL_CLEARING) -> None:
        """Clear one connection, and the whole call if what is left is none."""
        audience = [*connection.call.connections]
        self.drop(connection, cause)
        self.settle(connection.call, cause, audience)

    def settle(self, call: Call, cause: Cause, audience: list[str]) -> None:
        """End the call when fewer than two are left in it or nobody is there to be answered."""
        present = call.in_state(*PRESENT)
        if len(call.connections) >= 2 and present:
            return
        for connection in list(call.connections.values()):
            ringing = connection.state is State.ALERTING and cause is Cause.NORMAL_CLEARING
            self.drop(connection, Cause.CALL_CANCELLED if ringing else cause)
        self.finish(call, cause, audience)

    def clear_call(self, call: Call, cause: Cause = Cause.NORMAL_CLEARING) -> None:
        """Clear everybody."""
        audience = [*call.connections]
        for connection in list(call.connections.values()):
            self.drop(connection, cause)
        self.finish(call, cause, audience)

    def finish(self, call: Call, cause: Cause, audience: list[str]) -> None:
        """Forget a call without connections and tell that it is over."""
        if call.hunt is not None:
            call.hunt.cancel()
            call.hunt = None
        self.calls.pop(call.id, None)
        event = CallEvent(CallEventKind.CALL_CLEARED, Leg(call.id, ""), UNKNOWN, call.calling, call.called, cause)
        self._report(event, call, audience if self.options.call_cleared_to_devices else [])

    # Telling

    def tell(
        self,
        kind: CallEventKind,
        connection: Connection,
        cause: Cause,
        *,
        also: tuple[str, ...] = (),
        subject: Leg | None = None,
        **details: Any,
    ) -> None:
        """Report an event to every device in the call, the connection's own and `also`. `subject`: its former identifier."""
        call = connection.call
        event = CallEvent(
            kind,
            subject or connection.leg,
            connection.address,
            call.calling,
            call.called,
            cause,
            last_redirection=call.last_redirection,
            network=call.network,
            subject_of_call=call.subject,
            **details,
        )
        self._report(event, call, [*call.connections, connection.device, *also])

    def _report(self, event: CallEvent, call: Call, audience: list[str]) -> None:
        self.reports.append(Report("", event))
        for device in dict.fromkeys(audience):
            if device not in self.devices:
                continue
            own = call.connections.get(device)
            local = own.state if own else State.NULL
            may = permitted(own, self.own(device)) if own else NOTHING
            self.reports.append(Report(device, event, local, may))
        for watcher in self.watchers:
            watcher(event)

    def tell_device(self, kind: DeviceEventKind, device: Device, *, on: bool = True, **details: Any) -> None:
        """Report a device event."""
        self.reports.append(Report(device.id, DeviceEvent(kind, device.address, on, **details)))

    def add(self, device: Device) -> None:
        """Install a device."""
        self.devices[device.id] = device

    def is_station(self, identifier: str) -> bool:
        """Whether it is one of our telephones."""
        device = self.devices.get(identifier)
        return device is not None and device.category is Category.STATION
