"""A PBX made of a script: it answers CSTA requests from a table and says what a test tells it to. It has no calls."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from unisono.calls.model import Service
from unisono.calls.pbx_events import PbxEvent
from unisono.calls.port import DiscoveredLine, LinkPhase, LinkState
from unisono.connectors.csta import MANIFEST
from unisono.connectors.csta.connector import CstaConnector
from unisono.connectors.csta.settings import CstaSettings
from unisono.kernel.clock import ManualClock
from unisono.kernel.errors import Fault
from unisono.net import Stream, listen
from unisono.wire.csta import (
    EVENT,
    Edition,
    Frame,
    FrameReader,
    InvokeIds,
    Message,
    Request,
    Response,
    encode,
    frame,
    read,
)
from unisono.wire.csta import devices as wire
from unisono.wire.csta import events as csta
from unisono.wire.csta.capabilities import (
    GetCSTAFeatures,
    GetSwitchingFunctionCaps,
    GetSwitchingFunctionCapsResponse,
    GetSwitchingFunctionDevices,
    GetSwitchingFunctionDevicesResponse,
    SwitchingFunctionDevices,
)
from unisono.wire.csta.causes import EventCause
from unisono.wire.csta.devices import DeviceId
from unisono.wire.csta.enums import (
    CallControlService,
    DeviceCategory,
    ForwardingType,
    LocalConnectionState,
    SystemStatusValue,
)
from unisono.wire.csta.failures import CSTAErrorCode, ErrorCategory
from unisono.wire.csta.features import (
    GetDoNotDisturb,
    GetDoNotDisturbResponse,
    GetForwarding,
    GetForwardingResponse,
    GetMessageWaitingIndicator,
    GetMessageWaitingIndicatorResponse,
)
from unisono.wire.csta.monitoring import (
    MonitorStart,
    MonitorStartResponse,
    MonitorStop,
    MonitorStopResponse,
    RequestSystemStatus,
    RequestSystemStatusResponse,
    SnapshotCallResponse,
    SnapshotDevice,
    SnapshotDeviceResponse,
    SystemRegister,
    SystemRegisterResponse,
)
from unisono.wire.csta.parts import (
    DeviceListDevice,
    ForwardListItem,
    ServicesPermitted,
    SnapshotCallDataList,
    SnapshotCallResponseInfo,
    SnapshotCallResult,
    SnapshotDeviceDataList,
    SnapshotDeviceResponseInfo,
    SnapshotDeviceResult,
)
from unisono.wire.csta.sessions import (
    INVALID_APPLICATION_INFO,
    ResetApplicationSessionTimer,
    ResetApplicationSessionTimerPosResponse,
    SessionError,
    StartApplicationSession,
    StartApplicationSessionNegResponse,
    StartApplicationSessionPosResponse,
    StopApplicationSession,
    StopApplicationSessionPosResponse,
)

TURNS = 40
NO_CALLS = SnapshotDeviceResponse(SnapshotDeviceResult(snapshot_data=SnapshotDeviceDataList(())))
NOT_SUPPORTED = CSTAErrorCode(ErrorCategory.OPERATION, "serviceNotSupported")
CUSTOMER = wire.ExtendedDevice.of("+441632960123")
ANNA = wire.ExtendedDevice.of("N<101>Anna")
Answer = Callable[[Any], Response | list[Message | bytes] | None]
"""None: no answer; a list: messages, the first response under the request's identifier, others as events."""


def monitor_of(device: str) -> str:
    """The cross reference the script gives to a device's monitor."""
    return f"m{device}"


class ScriptedPbx:
    """`answers` may be changed by a test at any time; `asked` holds every message that arrived."""

    def __init__(self) -> None:
        self.asked: list[Message] = []
        self.raw: list[bytes] = []
        self.links: list[Stream] = []
        self.edition = Edition.ED4
        self.speaks: tuple[Edition, ...] = (Edition.ED4,)
        self.user = ("cti", "rose")
        self.seconds = 180
        self.port = 0
        self.mute = False
        self._ids = InvokeIds()
        self._changed = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self.answers: dict[type[Message], Answer] = {
            StartApplicationSession: self._sign_in,
            ResetApplicationSessionTimer: lambda _: ResetApplicationSessionTimerPosResponse(self.seconds),
            StopApplicationSession: lambda _: StopApplicationSessionPosResponse(),
            SystemRegister: lambda _: SystemRegisterResponse("7"),
            RequestSystemStatus: lambda _: RequestSystemStatusResponse(SystemStatusValue.NORMAL),
            GetSwitchingFunctionCaps: lambda _: GetSwitchingFunctionCapsResponse(manufacturer_name="Script"),
            GetCSTAFeatures: lambda _: NOT_SUPPORTED,
            GetSwitchingFunctionDevices: lambda _: [
                GetSwitchingFunctionDevicesResponse("d1"),
                SwitchingFunctionDevices(
                    "d1", 1, False, (DeviceListDevice(DeviceId("N<101>Anna")), DeviceListDevice(DeviceId("102")))
                ),
                SwitchingFunctionDevices("d1", 2, True, (DeviceListDevice(DeviceId("600"), DeviceCategory.ACD),)),
            ],
            MonitorStart: lambda asked: MonitorStartResponse(monitor_of(number(asked))),
            MonitorStop: lambda _: MonitorStopResponse(),
            SnapshotDevice: lambda _: NO_CALLS,
            GetDoNotDisturb: lambda _: GetDoNotDisturbResponse(False),
            GetForwarding: lambda _: GetForwardingResponse(
                (ForwardListItem(ForwardingType.FORWARD_NO_ANS, True, DeviceId("N<102>")),)
            ),
            GetMessageWaitingIndicator: lambda _: GetMessageWaitingIndicatorResponse(True),
        }

    async def start(self) -> None:
        """Listen, on the same port as before if it listened already."""
        self._server = await listen("127.0.0.1", self.port, self._serve)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and drop all links."""
        if self._server is not None:
            self._server.close()
        self.drop()

    def drop(self) -> None:
        """Cut all links."""
        for link in self.links:
            link.abort()

    async def say(self, *messages: Message | bytes, invoke_id: str = EVENT) -> None:
        """Send messages in one piece: events, requests of the PBX, or bytes as they are."""
        data = b"".join(self._bytes(message, invoke_id) for message in messages)
        await self.links[-1].write(data)

    async def until_asked(self, kind: type[Message], times: int = 1) -> list[Any]:
        """Wait until so many messages of this class have arrived."""
        async with asyncio.timeout(60), self._changed:
            await self._changed.wait_for(lambda: len(self.of(kind)) >= times)
        return self.of(kind)

    def of(self, kind: type[Message]) -> list[Any]:
        """The messages of a class that have arrived."""
        return [message for message in self.asked if type(message) is kind]

    def _bytes(self, message: Message | bytes, invoke_id: str) -> bytes:
        if isinstance(message, bytes):
            return message
        if isinstance(message, Request) and invoke_id == EVENT and not isinstance(message, SwitchingFunctionDevices):
            invoke_id = self._ids.next()
        return frame(invoke_id, encode(message, self.edition))

    async def _serve(self, stream: Stream) -> None:
        self.links.append(stream)
        reader = FrameReader()
        with suppress(Fault):
            while data := await stream.read():
                for item in reader.feed(data):
                    assert isinstance(item, Frame), item
                    await self._take(stream, item)

    async def _take(self, stream: Stream, item: Frame) -> None:
        message = read(item.body).message
        async with self._changed:
            self.asked.append(message)
            self.raw.append(item.body)
            self._changed.notify_all()
        if self.mute or isinstance(message, Response):
            return
        answer = self.answers.get(type(message), lambda _: NOT_SUPPORTED)(message)
        said: list[Message | bytes] = answer if isinstance(answer, list) else [answer] if answer is not None else []
        data = b"".join(
            self._bytes(one, item.invoke_id if isinstance(one, Response) else EVENT) for one in said
        )
        if data:
            await stream.write(data)

    def _sign_in(self, asked: StartApplicationSession) -> Response:
        info = asked.application_info.application_specific_info
        if info is None or (info.user, info.password) != self.user:
            return StartApplicationSessionNegResponse(SessionError(INVALID_APPLICATION_INFO))
        for version in asked.requested_protocol_versions.protocol_version:
            if Edition.of(version) in self.speaks:
                return StartApplicationSessionPosResponse("s1", version, self.seconds)
        return StartApplicationSessionNegResponse(SessionError("requestedProtocolVersionNotSupported"))


def number(asked: MonitorStart) -> str:
    """The extension a monitor is asked for."""
    device = asked.monitor_object.device_object
    assert device is not None
    return device.text.removeprefix("N<").partition(">")[0]


class Told:
    """What the connector told: a `calls.port.Listener` that a test can wait for."""

    def __init__(self) -> None:
        self.events: list[PbxEvent] = []
        self.states: list[LinkState] = []
        self.found: tuple[DiscoveredLine, ...] = ()
        self.capable: dict[str, frozenset[Service]] = {}
        self._changed = asyncio.Event()

    def report(self, event: PbxEvent) -> None:
        self.events.append(event)
        self._changed.set()

    def link(self, connector: str, state: LinkState) -> None:
        self.states.append(state)
        self._changed.set()

    def lines(self, connector: str, lines: tuple[DiscoveredLine, ...]) -> None:
        self.found = lines
        self._changed.set()

    def capabilities(self, connector: str, device: str, services: frozenset[Service]) -> None:
        self.capable[device] = services
        self._changed.set()

    @property
    def state(self) -> LinkState:
        """The last link state."""
        return self.states[-1]

    def of(self, kind: type) -> list[Any]:
        """The events of a class."""
        return [event for event in self.events if type(event) is kind]

    async def until(self, what: Callable[[], Any]) -> Any:
        """Wait until `what` gives something true, and return it."""
        async with asyncio.timeout(60):
            while not (result := what()):
                self._changed.clear()
                await self._changed.wait()
        return result

    async def phase(self, phase: LinkPhase, times: int = 1) -> LinkState:
        """Wait until the link has been in this phase so many times."""
        await self.until(lambda: sum(state.phase is phase for state in self.states) >= times)
        return [state for state in self.states if state.phase is phase][-1]

    async def event(self, kind: type, times: int = 1) -> Any:
        """Wait for an event of a class; give the last."""
        await self.until(lambda: len(self.of(kind)) >= times)
        return self.of(kind)[-1]


class Bench:
    """A script and a connector on one clock."""

    def __init__(self, **settings: Any) -> None:
        self.pbx = ScriptedPbx()
        self.told = Told()
        self.clock = ManualClock()
        self._settings = settings
        self._connector: CstaConnector | None = None

    @property
    def connector(self) -> CstaConnector:
        """The connector, once the script listens."""
        if self._connector is None:
            given = {"user": "cti", "password": "rose", "host": "127.0.0.1", "port": self.pbx.port}
            settings = MANIFEST.parse({**given, **self._settings})
            assert isinstance(settings, CstaSettings)
            self._connector = CstaConnector("pbx", settings, self.told, self.clock)
        return self._connector

    async def advance(self, seconds: float) -> None:
        """Let time pass in steps; in between both sides, which share one loop, get their turns to read what was written."""
        while seconds > 0:
            await self.clock.advance(min(1.0, seconds))
            for _ in range(TURNS):
                await asyncio.sleep(0)
            seconds -= 1.0


@asynccontextmanager
async def running(*devices: str, up: bool = True, bench: Bench | None = None, **settings: Any) -> AsyncIterator[Bench]:
    """A running connector that watches `devices`; with `up` it is there when the body begins."""
    bench = bench or Bench(**settings)
    await bench.pbx.start()
    bench.connector.watch(frozenset(devices))
    task = asyncio.get_running_loop().create_task(bench.connector.run())
    try:
        if up:
            await bench.told.phase(LinkPhase.UP)
        yield bench
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await bench.pbx.stop()


def delivered(call: str, device: str = "101") -> csta.DeliveredEvent:
    return csta.DeliveredEvent(
        monitor_of(device),
        wire.ConnectionId.of(call, device),
        ANNA,
        CUSTOMER,
        ANNA,
        local_connection_info=LocalConnectionState.ALERTING,
        cause=EventCause.NEW_CALL,
        services_permitted=ServicesPermitted(
            frozenset({CallControlService.ANSWER_CALL, CallControlService.DEFLECT_CALL})
        ),
    )


def snapshot_of(*calls: str, device: str = "101") -> SnapshotDeviceResponse:
    infos = tuple(SnapshotDeviceResponseInfo(wire.ConnectionId.of(call, device)) for call in calls)
    return SnapshotDeviceResponse(SnapshotDeviceResult(snapshot_data=SnapshotDeviceDataList(infos)))


def call_of(call: str) -> SnapshotCallResponse:
    legs = (
        SnapshotCallResponseInfo(ANNA, wire.ConnectionId.of(call, "101"), LocalConnectionState.HOLD),
        SnapshotCallResponseInfo(CUSTOMER, wire.ConnectionId.of(call, "T1"), LocalConnectionState.CONNECTED),
    )
    return SnapshotCallResponse(SnapshotCallResult(snapshot_data=SnapshotCallDataList(legs)), CUSTOMER, ANNA)
