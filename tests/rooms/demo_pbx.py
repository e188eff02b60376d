"""The demo PBX over a real loopback socket with its clock standing still, and a CTI program that speaks to it."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from tests.pure.demo.switchboard import switch_of

from unisono.demo.pbx.exchange import Exchange, Limits
from unisono.demo.pbx.faults import Faults
from unisono.demo.pbx.server import Server
from unisono.kernel.clock import ManualClock
from unisono.kernel.errors import Unavailable
from unisono.kernel.secrets import Secret
from unisono.net import Endpoint, Stream, connect
from unisono.wire.csta import CodecError, Edition, Frame, FrameReader, Message, Request, encode, frame, read
from unisono.wire.csta import Garbage as NoFrame
from unisono.wire.csta import monitoring as mon
from unisono.wire.csta import sessions as ses
from unisono.wire.csta.devices import ConnectionId, DeviceId
from unisono.wire.csta.enums import MonitorType
from unisono.wire.csta.failures import CSTAErrorCode
from unisono.wire.csta.parts import MonitorFilter, MonitorObject

M = TypeVar("M", bound=Message)


@dataclass
class Cti:
    """A CTI program at the other end of the wire: asks and waits for the answer, keeps everything else."""

    stream: Stream
    edition: Edition = Edition.ED4
    told: deque[Message] = field(default_factory=deque)
    invoke_ids: deque[str] = field(default_factory=deque)
    session: str = ""
    _reader: FrameReader = field(default_factory=FrameReader)
    _count: int = 0

    async def ask(self, request: Request) -> Message:
        """The answer to a request; what comes before it is kept."""
        self._count += 1
        invoke_id = f"{self._count:04d}"
        await self.stream.write(frame(invoke_id, encode(request, self.edition)))
        while invoke_id not in self.invoke_ids:
            await self._more()
        at = self.invoke_ids.index(invoke_id)
        del self.invoke_ids[at]
        found = self.told[at]
        del self.told[at]
        return found

    async def must(self, request: Request, kind: type[M]) -> M:
        """The answer, which has to be of this kind."""
        answer = await self.ask(request)
        assert isinstance(answer, kind), answer
        return answer

    async def error(self, request: Request) -> str:
        """The value of the error that the request gets."""
        return (await self.must(request, CSTAErrorCode)).value

    async def next(self, kind: type[M]) -> M:
        """The next message that is no answer, which has to be of this kind."""
        while not self.told:
            await self._more()
        self.invoke_ids.popleft()
        message = self.told.popleft()
        assert isinstance(message, kind), message
        return message

    async def _more(self) -> None:
        async with asyncio.timeout(60):
            data = await self.stream.read()
        if not data:
            raise EOFError
        for item in self._reader.feed(data):
            if isinstance(item, NoFrame):
                raise CodecError(item.why)
            self._keep(item)

    def _keep(self, item: Frame) -> None:
        envelope = read(item.body)
        if envelope.edition is not None:
            self.edition = envelope.edition
        self.told.append(envelope.message)
        self.invoke_ids.append(item.invoke_id)

    async def ended(self) -> bool:
        """Whether the other side closes the link."""
        try:
            while True:
                await self._more()
        except (EOFError, Unavailable):
            return True

    async def sign_in(self, *, user: str = "cti", password: str = "secret", seconds: int | None = None) -> Message:
        answer = await self.ask(login(user, password, seconds=seconds, editions=(self.edition,)))
        if isinstance(answer, ses.StartApplicationSessionPosResponse):
            self.session = answer.session_id
        return answer

    async def monitor(self, device: str, hidden: MonitorFilter | None = None) -> str:
        request = mon.MonitorStart(MonitorObject(device_object=DeviceId(device)), hidden, MonitorType.DEVICE)
        return (await self.must(request, mon.MonitorStartResponse)).monitor_cross_ref_id


def login(user: str, password: str, *, seconds: int | None, editions: tuple[Edition, ...]) -> Request:
    info = ses.ApplicationInfo("test", ses.ApplicationSpecificInfo(user, password))
    return ses.StartApplicationSession(info, ses.ProtocolVersions(tuple(e.value for e in editions)), seconds)


@dataclass
class Pbx:
    """A running demo PBX whose clock stands still."""

    server: Server
    clock: ManualClock
    links: list[Stream] = field(default_factory=list)

    @property
    def exchange(self) -> Exchange:
        return self.server.exchange

    async def link(self) -> Cti:
        """A link without a session."""
        stream = await connect(Endpoint("127.0.0.1", self.server.port))
        self.links.append(stream)
        return Cti(stream)

    async def cti(self, *monitored: str) -> Cti:
        """A program that is signed in and monitors these devices."""
        client = await self.link()
        assert isinstance(await client.sign_in(), ses.StartApplicationSessionPosResponse)
        for device in monitored:
            await client.monitor(device)
        return client

    def arrive(self, number: str, to: str) -> ConnectionId:
        """A call from outside; the connection of the telephone."""
        self.server.turn()  # as the control socket does: nothing winds a quiet switch
        leg = self.exchange.switch.trunk.arrive(number, to)
        self.server.turn()
        return ConnectionId.of(leg.call, to)

    def hang_up(self, connection: ConnectionId) -> None:
        """The outside party hangs up."""
        (far,) = [p.leg for p in self.exchange.switch.call(connection.call or "").parties if p.address.outside]
        self.exchange.switch.trunk.hangs_up(far)
        self.server.turn()

    def fault(self, **changes: Any) -> None:
        self.exchange.impair(replace(Faults(), **changes))


@asynccontextmanager
async def running(
    limits: Limits | None = None,
    prepare: Callable[[Exchange], None] = lambda _: None,
    clock: ManualClock | None = None,
) -> AsyncIterator[Pbx]:
    clock = clock or ManualClock()
    exchange = Exchange(switch_of(), {"cti": Secret("secret")}, limits)
    prepare(exchange)
    server, ready = Server(exchange, clock), asyncio.Event()
    pbx = Pbx(server, clock)
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(server.run(ready=ready))
        await ready.wait()
        try:
            yield pbx
        finally:
            serving.cancel()
            for stream in pbx.links:
                await stream.close()
