"""The switch's own identifiers for devices and connections that the calls room calls by their numbers."""

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from dataclasses import fields
from typing import TypeVar

from unisono.calls import model
from unisono.connectors.csta.parties import device_name
from unisono.wire.csta import Event
from unisono.wire.csta.devices import ConnectionId, DeviceId
from unisono.wire.csta.parts import ConnectionListItem

K = TypeVar("K", bound=Hashable)

MOST = 20_000


class Identities:
    """Remembers only identifiers that differ from the name; the oldest are forgotten beyond `MOST`."""

    def __init__(self) -> None:
        self._devices: OrderedDict[str, DeviceId] = OrderedDict()
        self._connections: OrderedDict[tuple[str, str], DeviceId] = OrderedDict()

    def device(self, name: str) -> DeviceId:
        """A device as the switch wants to hear it."""
        return self._devices.get(name) or DeviceId(name)

    def connection(self, id: model.ConnectionId) -> ConnectionId:
        """A connection as the switch wants to hear it."""
        return ConnectionId(id.call, self._connections.get((id.call, id.device)) or self.device(id.device))

    def know_device(self, name: str, device: DeviceId) -> None:
        """The switch calls this device so."""
        if device != DeviceId(name):
            _put(self._devices, name, device)

    def know_connection(self, id: ConnectionId) -> None:
        """The switch calls a connection so."""
        if id.call is not None and id.device is not None and id.device != DeviceId(name := device_name(id.device)):
            _put(self._connections, (id.call, name), id.device)

    def learn(self, message: Event) -> None:
        """Look for identifiers in an event."""
        for id in _connections(message):
            self.know_connection(id)


def _put(table: OrderedDict[K, DeviceId], key: K, device: DeviceId) -> None:
    table[key] = device
    table.move_to_end(key)
    if len(table) > MOST:
        table.popitem(last=False)


def _connections(message: Event) -> Iterator[ConnectionId]:
    for part in fields(message):  # type: ignore[arg-type]  # every event is a dataclass
        content = getattr(message, part.name)
        if isinstance(content, ConnectionId):
            yield content
        elif isinstance(content, tuple):
            yield from (one.new_connection for one in content if isinstance(one, ConnectionListItem) and one.new_connection)
