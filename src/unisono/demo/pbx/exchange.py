"""The switch with its CSTA clients: who monitors what, who may sign in, what is wrong at present. Without sockets."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from unisono.demo.pbx.faults import Faults
from unisono.demo.pbx.model import CallEvent, CallEventKind, Device, DeviceEventKind, Problem, Refusal, Report
from unisono.demo.pbx.requests import Requests
from unisono.demo.pbx.switch import Switch
from unisono.kernel.secrets import Secret
from unisono.wire.csta.parts import MonitorFilter


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the door, times in seconds."""

    session: float = 600.0
    """The longest time a session is granted without renewal."""
    heartbeat: float = 30.0
    """How often the switch says that it is there; a client that leaves two unanswered is let go."""
    clients: int = 20
    monitors: int = 10_000
    requests_per_second: int = 1_000
    sign_in: float = 10.0
    """How long a connection may stand without a session."""
    failures: int = 3
    """Wrong sign-ins until the connection is closed."""
    outbox: int = 50_000
    """Frames that may wait for a slow client until it is let go."""


@dataclass(slots=True)
class Monitor:
    """A client's wish to be told of a device or a call; `hidden` are the kinds of events it does not want."""

    cross_ref: str
    client: "Listener"
    device: str = ""
    call: str = ""
    hidden: frozenset[CallEventKind | DeviceEventKind] = frozenset()


class Listener(Protocol):
    """A client as the exchange sees it."""

    def tell(self, monitor: Monitor, report: Report) -> None:
        """An event for one of its monitors."""
        ...

    def cut(self) -> None:
        """The link to it is to be cut without a farewell."""
        ...

    def send_raw(self, data: bytes) -> None:
        """Bytes to be sent as they are."""
        ...

    def devices_changed(self) -> None:
        """The device list has changed."""
        ...

    def flush(self) -> None:
        """Look again whether something can be sent."""
        ...


@dataclass(slots=True)
class Monitors:
    """All monitors, found by cross reference, device or call."""

    by_ref: dict[str, Monitor] = field(default_factory=dict)
    by_device: dict[str, list[Monitor]] = field(default_factory=dict)
    by_call: dict[str, list[Monitor]] = field(default_factory=dict)
    count: int = 0

    def start(
        self,
        client: Listener,
        *,
        device: str = "",
        call: str = "",
        hidden: frozenset[CallEventKind | DeviceEventKind] = frozenset(),
    ) -> Monitor:
        """Begin to monitor a device or a call."""
        self.count += 1
        monitor = Monitor(f"{self.count}", client, device, call, hidden)
        self.by_ref[monitor.cross_ref] = monitor
        place = self.by_device.setdefault(device, []) if device else self.by_call.setdefault(call, [])
        place.append(monitor)
        return monitor

    def stop(self, client: Listener, cross_ref: str) -> None:
        """End one of the client's monitors."""
        monitor = self.by_ref.get(cross_ref)
        if monitor is None or monitor.client is not client:
            raise Refusal(Problem.INVALID_CROSS_REF, cross_ref)
        self._remove(monitor)

    def _remove(self, monitor: Monitor) -> None:
        del self.by_ref[monitor.cross_ref]
        index, key = (self.by_device, monitor.device) if monitor.device else (self.by_call, monitor.call)
        index[key].remove(monitor)
        if not index[key]:
            del index[key]

    def of(self, client: Listener) -> list[Monitor]:
        """The client's monitors."""
        return [monitor for monitor in self.by_ref.values() if monitor.client is client]

    def stop_all(self, client: Listener) -> None:
        """End all monitors of a client that went away."""
        for monitor in self.of(client):
            self._remove(monitor)

    def interested(self, report: Report) -> list[Monitor]:
        """Who is told of this report."""
        if report.device:
            found = self.by_device.get(report.device, [])
        elif isinstance(report.event, CallEvent):
            found = self._on_call(report.event)
        else:
            found = []
        return [monitor for monitor in found if report.event.kind not in monitor.hidden]

    def _on_call(self, event: CallEvent) -> list[Monitor]:
        """Monitors on the call, which follow it through transfers and end with it."""
        found = [monitor for call in event.calls for monitor in self.by_call.get(call, ())]
        if event.moved:
            new = event.moved[0].new.call
            for monitor in [m for m in found if m.call != new]:
                self.by_call[monitor.call].remove(monitor)
                monitor.call = new
                self.by_call.setdefault(new, []).append(monitor)
        if event.kind is CallEventKind.CALL_CLEARED:
            for monitor in found:
                self._remove(monitor)
        return found


class Exchange:
    """One switch and everybody linked to it."""

    def __init__(self, switch: Switch, users: Mapping[str, Secret], limits: Limits | None = None) -> None:
        self.switch = switch
        self.users = users
        self.limits = limits or Limits()
        self.requests = Requests(switch)
        self.monitors = Monitors()
        self.clients: list[Listener] = []
        self.faults = Faults()
        self.told = 0
        self.watchers: list[Callable[[Report], None]] = []

    def turn(self, now: float) -> None:
        """Wind the switch to `now` and tell what happened."""
        self.switch.advance(now)
        self.pump()

    def pump(self) -> None:
        """Tell what happened to everybody who monitors it."""
        for report in self.switch.take():
            for monitor in self.monitors.interested(report):
                self.told += 1
                monitor.client.tell(monitor, report)
            for watcher in self.watchers:
                watcher(report)

    def signed_in(self, user: str, password: str) -> bool:
        """Whether user and password fit."""
        known = self.users.get(user, Secret(""))
        return bool(known) and known == Secret(password)

    def impair(self, faults: Faults) -> None:
        """Put these faults in force."""
        self.faults = faults
        for client in self.clients:
            client.flush()

    def install(self, device: Device) -> None:
        """Add a device to the switch and tell whoever wanted to know."""
        self.switch.add(device)
        for client in self.clients:
            client.devices_changed()

    def drop_links(self) -> int:
        """Cut all links; says how many."""
        clients = list(self.clients)
        for client in clients:
            client.cut()
        return len(clients)


_CONTROL = {
    "callCleared": CallEventKind.CALL_CLEARED,
    "conferenced": CallEventKind.CONFERENCED,
    "connectionCleared": CallEventKind.CONNECTION_CLEARED,
    "delivered": CallEventKind.DELIVERED,
    "diverted": CallEventKind.DIVERTED,
    "established": CallEventKind.ESTABLISHED,
    "failed": CallEventKind.FAILED,
    "held": CallEventKind.HELD,
    "networkReached": CallEventKind.NETWORK_REACHED,
    "originated": CallEventKind.ORIGINATED,
    "queued": CallEventKind.QUEUED,
    "retrieved": CallEventKind.RETRIEVED,
    "serviceInitiated": CallEventKind.SERVICE_INITIATED,
    "transferred": CallEventKind.TRANSFERED,
    "digitsGenerated": CallEventKind.DIGITS_GENERATED,
}
_DEVICE = {
    "callBack": DeviceEventKind.CALL_BACK,
    "doNotDisturb": DeviceEventKind.DO_NOT_DISTURB,
    "forwarding": DeviceEventKind.FORWARDING,
    "messageWaiting": DeviceEventKind.MESSAGE_WAITING,
    "backInService": DeviceEventKind.BACK_IN_SERVICE,
    "outOfService": DeviceEventKind.OUT_OF_SERVICE,
}


def hidden(wanted: MonitorFilter | None) -> frozenset[CallEventKind | DeviceEventKind]:
    """The kinds of events that a monitor filter keeps away."""
    if wanted is None:
        return frozenset()
    names: set[str] = {*wanted.callcontrol, *wanted.call_associated, *wanted.physical_device_feature}
    names |= {*wanted.logical_device_feature, *wanted.maintenance}
    known: dict[str, CallEventKind | DeviceEventKind] = {**_CONTROL, **_DEVICE}
    return frozenset(known[name] for name in names if name in known)


