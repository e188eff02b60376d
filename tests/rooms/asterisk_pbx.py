"""An Asterisk made of a script: a manager interface that knows a few phones and one call, and answers as a test tells it to."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from unisono.calls.model import Service
from unisono.calls.pbx_events import PbxEvent
from unisono.calls.port import DiscoveredLine, LinkPhase, LinkState
from unisono.connectors.asterisk import MANIFEST
from unisono.connectors.asterisk.connector import AsteriskConnector
from unisono.kernel.clock import ManualClock
from unisono.net import Stream, listen

PASSWORD = "not for the trace"


@dataclass
class Heard:
    """A listener that keeps everything."""

    events: list[PbxEvent] = field(default_factory=list)
    states: list[LinkState] = field(default_factory=list)
    found: tuple[DiscoveredLine, ...] = ()
    less: list[tuple[str, frozenset[Service]]] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def report(self, event: PbxEvent) -> None:
        self.events.append(event)
        self.changed.set()

    def link(self, connector: str, state: LinkState) -> None:
        self.states.append(state)
        self.changed.set()

    def lines(self, connector: str, lines: tuple[DiscoveredLine, ...]) -> None:
        self.found = lines

    def capabilities(self, connector: str, device: str, services: frozenset[Service]) -> None:
        self.less.append((device, services))

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something heard makes the condition true."""
        async with asyncio.timeout(60):
            while not condition():
                self.changed.clear()
                if not condition():
                    await self.changed.wait()

    async def phase(self, phase: LinkPhase) -> LinkState:
        await self.until(lambda: any(state.phase is phase for state in self.states))
        return next(state for state in reversed(self.states) if state.phase is phase)


@dataclass
class Script:
    """A manager interface that knows a few phones and one call."""

    password: str = PASSWORD
    denied: frozenset[str] = frozenset()
    mute: bool = False
    greeting: tuple[bytes, ...] = (b"Asterisk Call Manager/9.0.0\r\n",)
    requests: list[dict[str, str]] = field(default_factory=list)
    streams: list[Stream] = field(default_factory=list)
    lists: dict[str, list[str]] = field(default_factory=dict)
    database: dict[str, str] = field(default_factory=dict)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, stream: Stream) -> None:
        self.streams.append(stream)
        for piece in self.greeting:
            await stream.write(piece)
            await asyncio.sleep(0)
        rest = b""
        while data := await stream.read():
            rest += data
            while b"\r\n\r\n" in rest:
                block, rest = rest.split(b"\r\n\r\n", 1)
                request = dict(line.split(": ", 1) for line in block.decode().split("\r\n"))
                self.requests.append(request)
                if not (self.mute and request["Action"] == "Ping"):
                    await stream.write(self._answer(request))
                self.arrived.set()

    def _answer(self, request: dict[str, str]) -> bytes:
        action, id = request["Action"], request["ActionID"]
        if action in self.denied:
            return block("Response: Error", f"ActionID: {id}", "Message: Permission denied")
        if action == "Challenge":
            return block("Response: Success", f"ActionID: {id}", "Challenge: 4711")
        if action == "Login":
            good = hashlib.md5(f"4711{self.password}".encode()).hexdigest()
            if request.get("Key") == good or request.get("Secret") == self.password:
                return block("Response: Success", f"ActionID: {id}", "Message: Authentication accepted")
            return block("Response: Error", f"ActionID: {id}", "Message: Authentication failed")
        if action == "CoreSettings":
            return block("Response: Success", f"ActionID: {id}", "AsteriskVersion: 20.9.1")
        if action in ("SIPpeers", "IAXpeers"):
            return block("Response: Error", f"ActionID: {id}", "Message: Invalid/unknown command")
        if action.endswith(("List", "Endpoints", "Status", "ParkedCalls")) and action != "Ping":
            items = b"".join(event.replace("$ID", id).encode() for event in self.lists.get(action, []))
            start = block("Response: Success", f"ActionID: {id}", "EventList: start")
            return start + items + block(f"Event: {action}Complete", f"ActionID: {id}", "EventList: Complete")
        if action == "DBPut":
            self.database[f"/{request['Family']}/{request['Key']}"] = request["Val"]
        if action == "DBDel":
            self.database.pop(f"/{request['Family']}/{request['Key']}", None)
        if action in ("DBGet", "DBGetTree"):
            return self._database(request, id)
        return block("Response: Success", f"ActionID: {id}", "Message: ok")

    def _database(self, request: dict[str, str], id: str) -> bytes:
        key = request.get("Key", "")
        path = f"/{request['Family']}/{key}"
        found = {name: value for name, value in self.database.items() if (name == path if key else name.startswith(path))}
        if key and not found:
            return block("Response: Error", f"ActionID: {id}", "Message: Database entry not found")
        start = block("Response: Success", f"ActionID: {id}", "EventList: start")
        for name, value in found.items():
            family, _, last = name.removeprefix("/").partition("/")
            named = [f"Family: {family}", f"Key: {last}"] if key else [f"Key: {name}"]
            start += block(f"Event: {request['Action']}Response", f"ActionID: {id}", *named, f"Val: {value}")
        return start + block(f"Event: {request['Action']}Complete", f"ActionID: {id}", "EventList: Complete")

    def asked(self, action: str) -> list[dict[str, str]]:
        return [request for request in self.requests if request["Action"] == action]


def block(*lines: str) -> bytes:
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def channel(name: str, uid: str, linked: str, state: int, number: str, **more: str) -> list[str]:
    lines = [f"Channel: {name}", f"ChannelState: {state}", f"CallerIDNum: {number}", f"Uniqueid: {uid}"]
    return [*lines, f"Linkedid: {linked}", *(f"{key}: {value}" for key, value in more.items())]


UP = {
    "PJSIPShowEndpoints": [
        "Event: EndpointList\r\nActionID: $ID\r\nObjectName: 2001\r\n\r\n",
        "Event: EndpointList\r\nActionID: $ID\r\nObjectName: desk-mary\r\n\r\n",
        "Event: EndpointList\r\nActionID: $ID\r\nObjectName: carrier\r\n\r\n",
    ],
    "ExtensionStateList": [
        "Event: ExtensionStatus\r\nActionID: $ID\r\nExten: 2002\r\nHint: PJSIP/desk-mary\r\nStatus: 0\r\n\r\n"
    ],
    "VoicemailUsersList": [
        "Event: VoicemailUserEntry\r\nActionID: $ID\r\nVoiceMailbox: 2002\r\nFullname: Mary\r\nNewMessageCount: 2\r\n\r\n"
    ],
    "DeviceStateList": [
        "Event: DeviceStateChange\r\nActionID: $ID\r\nDevice: PJSIP/2001\r\nState: UNAVAILABLE\r\n\r\n"
    ],
    "Status": [
        "\r\n".join(["Event: Status", "ActionID: $ID", *lines]) + "\r\n\r\n"
        for lines in (
            channel("PJSIP/carrier-01ab34cd", "9.1", "9.1", 6, "+441632960777", Exten="2002", Context="from-carrier",
                    DNID="+441632960100", BridgeID="b1", Application="Dial", Seconds="30"),
            channel("PJSIP/desk-mary-01ab34ce", "9.2", "9.1", 6, "2002", BridgeID="b1", Application="AppDial"),
        )
    ],
}  # fmt: skip


@asynccontextmanager
async def linked(
    script: Script, clock: ManualClock | None = None, **settings: object
) -> AsyncIterator[tuple[AsteriskConnector, Heard, ManualClock]]:
    """A connector that runs against the script."""
    clock = clock or ManualClock()
    server = await listen("127.0.0.1", 0, script.serve)
    port = server.sockets[0].getsockname()[1]
    raw = {"host": "127.0.0.1", "port": port, "user": "unisono", "password": PASSWORD, **settings}
    heard = Heard()
    connector = MANIFEST.create("pbx", MANIFEST.parse(raw), heard, clock)
    assert isinstance(connector, AsteriskConnector)
    connector.watch(frozenset({"2001", "desk-mary"}))
    task = asyncio.ensure_future(connector.run())
    try:
        yield connector, heard, clock
    finally:
        task.cancel()
        await asyncio.wait({task})
        for stream in script.streams:
            stream.abort()
        server.close()


async def wind(clock: ManualClock, condition: Callable[[], bool]) -> None:
    """Let time pass until it is so."""
    async with asyncio.timeout(60):
        while not condition():
            await clock.advance(1.0)
            await asyncio.sleep(0)
