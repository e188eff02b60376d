"""Which devices are monitored on a link, and the state of each read when its monitor starts."""

from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from types import MappingProxyType

from unisono.calls.model import ConnectionId, Service
from unisono.calls.pbx_events import CallSnapshot, DeviceInService, MonitorStopped, PbxEvent, SnapshotComplete
from unisono.connectors.csta.discovery import device_services
from unisono.connectors.csta.identities import Identities
from unisono.connectors.csta.initial import QUESTIONS
from unisono.connectors.csta.link import Link, RequestFailed
from unisono.connectors.csta.parties import Scene, head
from unisono.connectors.csta.segments import Segments
from unisono.connectors.csta.snapshots import call_snapshot, device_snapshot
from unisono.connectors.csta.translate import calls_named
from unisono.kernel.tasks import together
from unisono.wire.csta import devices as wire
from unisono.wire.csta.enums import MonitorType
from unisono.wire.csta.monitoring import (
    MonitorStart,
    MonitorStartResponse,
    MonitorStop,
    MonitorStopResponse,
    SnapshotCall,
    SnapshotCallResponse,
    SnapshotDevice,
    SnapshotDeviceResponse,
)
from unisono.wire.csta.parts import MonitorObject, SnapshotDeviceResponseInfo
from unisono.wire.csta.sessions import GetThirdPartyDeviceId, GetThirdPartyDeviceIdResponse

_NONE: Mapping[str, ConnectionId] = MappingProxyType({})
Describe = Callable[[str], Scene]
"""The scene for something told by a device's monitor."""


class Monitors:
    """Follows a set of devices. `switch_name` is set for Avaya, which gives out device identifiers on request."""

    def __init__(
        self,
        link: Link,
        identities: Identities,
        report: Callable[[PbxEvent], None],
        scene: Describe,
        capable: Callable[[str, frozenset[Service]], None],
        *,
        at_once: int,
        switch_name: str = "",
    ) -> None:
        self.segments: Segments[SnapshotDeviceResponseInfo] = Segments(link, "calls")
        self.refused: dict[str, str] = {}
        """Devices that cannot be monitored, and the switch's reason."""
        self._link = link
        self._identities = identities
        self._report = report
        self._scene = scene
        self._capable = capable
        self._at_once = at_once
        self._switch_name = switch_name
        self._cross_refs: dict[str, str] = {}
        self._devices: dict[str, str] = {}
        self._seen: set[str] | None = None
        self._asked: set[str] = set()
        self._unread: set[str] = set()
        self._unsupported: set[object] = set()
        """Questions and requests that the switch does not know: they are asked once."""

    def device(self, cross_ref: str) -> str:
        """Whose monitor this is; "" if none of ours."""
        return self._devices.get(cross_ref, "")

    @property
    def devices(self) -> frozenset[str]:
        """The devices that are monitored."""
        return frozenset(self._cross_refs)

    def told(self, event: PbxEvent) -> None:
        """An event was reported: the calls it names are up, whatever a snapshot that is under way will say."""
        if self._seen is not None:
            self._seen |= calls_named(event)

    def ended(self, cross_ref: str) -> None:
        """The switch has ended a monitor by itself."""
        device = self._devices.pop(cross_ref, "")
        self._cross_refs.pop(device, None)

    async def follow(
        self,
        wanted: frozenset[str],
        *,
        whole: bool = False,
        parks: Iterable[str] = (),
        parked: Mapping[str, ConnectionId] = _NONE,
    ) -> None:
        """Start and stop monitors until exactly `wanted` are followed; read the state of those that are new.

        `whole`: read the state of all, and say that calls which were not found have gone. Calls that wait where nobody
        listens are asked for then: at the devices `parks`, and those that were `parked` when they were last heard of.
        """
        await each(self.devices - wanted, self._stop, self._at_once)
        for device in self.refused.keys() - wanted:
            del self.refused[device]
        fresh = wanted - self.devices
        self._seen, self._asked, self._unread = set(), set(), set()
        try:
            await each(fresh, self._start, self._at_once)
            covered = wanted if whole else fresh
            await each(covered & self.devices, self._read, self._at_once)
            if whole:
                await each(parks, self._waiting_at, self._at_once)
                await each(parked.keys() - self._seen, lambda call: self._waits(parked[call]), self._at_once)
            if whole or covered:
                scope = None if whole and not self._unread else covered - self._unread
                top = head(self._scene(""), None)
                self._report(SnapshotComplete(top, frozenset(self._seen), scope))
        finally:
            self._seen = None

    async def _start(self, device: str) -> None:
        try:
            if self._switch_name:
                await self._resolve(device)
            await self._link.patiently(
                MonitorStart(
                    MonitorObject(device_object=self._identities.device(device)), monitor_type=MonitorType.DEVICE
                ),
                MonitorStartResponse,
                heard=lambda answer: self._started(device, answer.monitor_cross_ref_id),
            )
        except RequestFailed as failed:
            self.refused[device] = failed.why
            self._out_of_sight(device)
            if failed.error is not None and failed.error.value.endswith("deviceOutOfService"):
                self._report(DeviceInService(head(self._scene(device), None), device, on=False))

    async def _resolve(self, device: str) -> None:
        request = GetThirdPartyDeviceId(self._switch_name, device)
        answer = await self._link.patiently(request, GetThirdPartyDeviceIdResponse)
        self._identities.know_device(device, answer.device)

    def _started(self, device: str, cross_ref: str) -> None:
        self._cross_refs[device] = cross_ref
        self._devices[cross_ref] = device
        if self.refused.pop(device, None) is not None:
            self._report(DeviceInService(head(self._scene(device), None), device, on=True))

    async def _stop(self, device: str) -> None:
        cross_ref = self._cross_refs.pop(device)
        with suppress(RequestFailed):  # it is not followed any more, whatever the switch thinks of it
            await self._link.patiently(MonitorStop(cross_ref), MonitorStopResponse)
        self._devices.pop(cross_ref, None)
        self._out_of_sight(device)

    def _out_of_sight(self, device: str) -> None:
        self._report(MonitorStopped(head(self._scene(device), None), device, self.devices))

    async def _read(self, device: str) -> None:
        await self._calls(device)
        native = self._identities.device(device)
        for question in QUESTIONS:
            if question not in self._unsupported:
                try:
                    await question(self._link, native, self._scene(device), self._report)
                except RequestFailed as failed:
                    if failed.unsupported:
                        self._unsupported.add(question)
        if device_services not in self._unsupported:
            try:
                found = await device_services(self._link, native)
                if found is not None:
                    self._capable(device, found)
            except RequestFailed as failed:
                if failed.unsupported:
                    self._unsupported.add(device_services)

    async def _calls(self, device: str) -> None:
        """Read the calls of a device; if that fails, nothing is said about calls that may have gone."""
        try:
            await self._calls_at(device)
        except RequestFailed as failed:
            if not failed.unsupported:
                self._unread.add(device)

    async def _calls_at(self, device: str) -> None:
        answer = await self._link.patiently(SnapshotDevice(self._identities.device(device)), SnapshotDeviceResponse)
        if answer.result.service_cross_ref_id is not None:
            calls = tuple(await self.segments.all(answer.result.service_cross_ref_id))
        else:
            data = answer.result.snapshot_data
            calls = data.snapshot_device_response_info if data is not None else ()
        for info in calls:
            self._listed(info.connection_identifier.call)
            self._identities.know_connection(info.connection_identifier)
            await self._call(device, info)

    async def _waiting_at(self, park: str) -> None:
        """Calls that wait in a slot; a switch that does not tell is asked for each that is known."""
        with suppress(RequestFailed):
            await self._calls_at(park)

    async def _waits(self, place: ConnectionId) -> None:
        """A call that was parked: told if it is still there."""
        if place.call not in self._asked and SnapshotCall not in self._unsupported:
            with suppress(RequestFailed):
                await self._ask_call(place.call, self._identities.connection(place))

    def _listed(self, native: str | None) -> None:
        if native and self._seen is not None:
            self._seen.add(native)

    async def _call(self, device: str, info: SnapshotDeviceResponseInfo) -> None:
        native = info.connection_identifier.call
        if not native or native in self._asked:
            return
        self._asked.add(native)
        if SnapshotCall not in self._unsupported:
            try:
                await self._ask_call(native, info.connection_identifier)
                return
            except RequestFailed as failed:
                if not failed.unsupported:
                    return  # it has ended in between
                self._unsupported.add(SnapshotCall)
        self._tell(device_snapshot(info, self._scene(device)))

    async def _ask_call(self, native: str, connection: wire.ConnectionId) -> None:
        await self._link.patiently(
            SnapshotCall(connection),
            SnapshotCallResponse,
            heard=lambda answer: self._tell(call_snapshot(answer, native, self._scene(""))),
        )

    def _tell(self, snapshot: CallSnapshot | None) -> None:
        if snapshot is not None:
            self._report(snapshot)


async def each(devices: Iterable[str], work: Callable[[str], Awaitable[None]], at_once: int) -> None:
    """Do `work` for every device, in order of their names, at most `at_once` at a time."""
    waiting = deque(sorted(devices))

    async def worker() -> None:
        while waiting:
            await work(waiting.popleft())

    await together(*(worker() for _ in range(min(at_once, len(waiting)))))
