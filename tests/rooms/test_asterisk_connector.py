"""The Asterisk connector against a scripted manager interface: sign-in, filters, state, commands, faults."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from unisono.calls.model import ConnectionId, ForwardingType, Service
from unisono.calls.pbx_events import (
    CallSnapshot,
    Delivered,
    DeviceDoNotDisturb,
    DeviceForwarding,
    DeviceInService,
    Established,
    Originated,
    PbxEvent,
    SnapshotComplete,
)
from unisono.calls.port import Command, CommandProblem, CommandRefused, Connector, DiscoveredLine, LinkPhase, LinkState
from unisono.connectors.asterisk import MANIFEST
from unisono.connectors.asterisk.connector import AsteriskConnector
from unisono.kernel.clock import ManualClock
from unisono.kernel.errors import Invalid
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
        async with asyncio.timeout(20):
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
    requests: list[dict[str, str]] = field(default_factory=list)
    streams: list[Stream] = field(default_factory=list)
    lists: dict[str, list[str]] = field(default_factory=dict)
    database: dict[str, str] = field(default_factory=dict)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, stream: Stream) -> None:
        self.streams.append(stream)
        await stream.write(b"Asterisk Call Manager/9.0.0\r\n")
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
        if action.endswith(("List", "Endpoints", "Status")) and action != "Ping":
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


def test_it_is_a_connector() -> None:
    made: Connector = MANIFEST.create(
        "x", MANIFEST.parse({"host": "a", "user": "b"}), Heard(), ManualClock()
    )
    assert Service.MAKE_CALL in made.services("2001")
    assert Service.CONFERENCE_CALL not in made.services("2001")


async def test_reads_the_state_and_says_so() -> None:
    script = Script(lists=UP)
    async with linked(script) as (_, heard, _clock):
        state = await heard.phase(LinkPhase.UP)
        assert (state.version, state.lines) == ("20.9.1", 2)
        assert [(line.device, line.number, line.name) for line in heard.found] == [
            ("2001", "2001", ""), ("desk-mary", "2002", "Mary"),
        ]  # fmt: skip
        snapshot = next(event for event in heard.events if isinstance(event, CallSnapshot))
        assert snapshot.called.number == "+441632960100"
        assert snapshot.calling.number == "+441632960777"
        assert {c.id.device for c in snapshot.connections} >= {"desk-mary"}
        assert any(isinstance(event, SnapshotComplete) and event.calls == {"9.1"} for event in heard.events)
        assert any(isinstance(e, DeviceInService) and e.device == "2001" and not e.on for e in heard.events)
        phases = [state.phase for state in heard.states]
        assert phases == [LinkPhase.CONNECTING, LinkPhase.SIGNING_IN, LinkPhase.SYNCHRONISING, LinkPhase.UP]
        assert {r["Filter"] for r in script.asked("Filter")} >= {"!Event: VarSet", "!Event: CEL"}


async def test_password_is_neither_sent_nor_traced() -> None:
    script = Script(lists=UP)
    async with linked(script) as (connector, heard, _):
        await heard.phase(LinkPhase.UP)
        login = script.asked("Login")[0]
        assert login["AuthType"] == "MD5"
        assert "Secret" not in login
        traced = b"".join(record.data for record in connector.trace())
        assert b"Action: Login" in traced
        assert login["Key"].encode() not in traced


async def test_plain_sign_in_is_masked_in_the_trace() -> None:
    script = Script(lists=UP)
    async with linked(script, challenge=False) as (connector, heard, _):
        await heard.phase(LinkPhase.UP)
        assert script.asked("Login")[0]["Secret"] == PASSWORD
        assert PASSWORD.encode() not in b"".join(record.data for record in connector.trace())


async def test_wrong_password() -> None:
    async with linked(Script(password="another")) as (_, heard, _clock):
        state = await heard.phase(LinkPhase.REFUSED)
        assert state.code == "link-credentials"
        assert "manager.conf" in state.remedy


async def test_reading_calls_not_permitted() -> None:
    async with linked(Script(denied=frozenset({"Status"}))) as (_, heard, _clock):
        state = await heard.phase(LinkPhase.REFUSED)
        assert state.code == "link-permission"
        assert "read =" in state.remedy


async def test_filters_not_permitted_does_not_matter() -> None:
    async with linked(Script(denied=frozenset({"Filter"}), lists=UP)) as (_, heard, _clock):
        assert (await heard.phase(LinkPhase.UP)).lines == 2


async def test_nobody_listens() -> None:
    server = await listen("127.0.0.1", 0, Script().serve)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    heard, clock = Heard(), ManualClock()
    connector = MANIFEST.create("pbx", MANIFEST.parse({"host": "127.0.0.1", "port": port, "user": "u"}), heard, clock)
    task = asyncio.ensure_future(connector.run())
    state = await heard.phase(LinkPhase.WAITING)
    assert state.code == "link-refused"
    assert "running" in state.remedy
    task.cancel()
    await asyncio.wait({task})
    assert heard.states[-1].phase is LinkPhase.STOPPED


async def test_another_protocol() -> None:
    async def speak(stream: Stream) -> None:
        await stream.write(b"x" * 200_000)

    server = await listen("127.0.0.1", 0, speak)
    port = server.sockets[0].getsockname()[1]
    heard = Heard()
    raw = {"host": "127.0.0.1", "port": port, "user": "u"}
    connector = MANIFEST.create("pbx", MANIFEST.parse(raw), heard, ManualClock())
    task = asyncio.ensure_future(connector.run())
    assert (await heard.phase(LinkPhase.REFUSED)).code == "link-protocol"
    task.cancel()
    await asyncio.wait({task})
    server.close()


async def test_link_cut_and_back() -> None:
    script = Script(lists=UP)
    async with linked(script) as (_, heard, clock):
        await heard.phase(LinkPhase.UP)
        script.lists = {**UP, "Status": []}
        script.streams[0].abort()
        assert (await heard.phase(LinkPhase.WAITING)).code in ("link-closed", "link-lost")
        await _wind(clock, lambda: len([s for s in heard.states if s.phase is LinkPhase.UP]) == 2)
        assert isinstance(heard.events[-1], SnapshotComplete | DeviceInService)
        last = [event for event in heard.events if isinstance(event, SnapshotComplete)][-1]
        assert last.calls == frozenset()


async def test_half_open_link_is_noticed() -> None:
    script = Script(lists=UP, mute=True)
    async with linked(script) as (_, heard, clock):
        await heard.phase(LinkPhase.UP)
        await _wind(clock, lambda: any(s.phase is LinkPhase.WAITING for s in heard.states))
        assert (await heard.phase(LinkPhase.WAITING)).code == "link-silent"


async def _wind(clock: ManualClock, condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await clock.advance(1.0)
            await asyncio.sleep(0)


COMMANDS: list[tuple[Command, list[dict[str, str]]]] = [
    (Command(Service.MAKE_CALL, "2001", to="01632960123"),
     [{"Action": "Originate", "Channel": "PJSIP/2001", "Exten": "01632960123", "Async": "true"}]),
    (Command(Service.CLEAR_CONNECTION, "desk-mary", ConnectionId("9.1", "desk-mary")),
     [{"Action": "Hangup", "Channel": "PJSIP/desk-mary-01ab34ce"}]),
    (Command(Service.HOLD_CALL, "desk-mary", ConnectionId("9.1", "desk-mary")),
     [{"Action": "PJSIPNotify", "Channel": "PJSIP/desk-mary-01ab34ce", "Variable": "Event=hold"}]),
    (Command(Service.RETRIEVE_CALL, "desk-mary", held=ConnectionId("9.1", "desk-mary")),
     [{"Action": "PJSIPNotify", "Variable": "Event=talk"}]),
    (Command(Service.ANSWER_CALL, "desk-mary", ConnectionId("9.1", "desk-mary")),
     [{"Action": "PJSIPNotify", "Variable": "Event=talk"}]),
    (Command(Service.SINGLE_STEP_TRANSFER_CALL, "desk-mary", ConnectionId("9.1", "desk-mary"), to="2001"),
     [{"Action": "BlindTransfer", "Channel": "PJSIP/desk-mary-01ab34ce", "Exten": "2001"}]),
    (Command(Service.CONSULTATION_CALL, "desk-mary", ConnectionId("9.1", "desk-mary"), to="2001"),
     [{"Action": "Atxfer", "Exten": "2001"}]),
    (Command(Service.RECONNECT_CALL, "desk-mary", ConnectionId("9.1", "desk-mary")), [{"Action": "CancelAtxfer"}]),
    (Command(Service.TRANSFER_CALL, "desk-mary", ConnectionId("9.1", "desk-mary")), [{"Action": "Hangup"}]),
    (Command(Service.PARK_CALL, "desk-mary", ConnectionId("9.1", "desk-mary")),
     [{"Action": "Park", "Channel": "PJSIP/carrier-01ab34cd", "TimeoutChannel": "PJSIP/desk-mary-01ab34ce"}]),
    (Command(Service.GENERATE_DIGITS, "desk-mary", ConnectionId("9.1", "desk-mary"), digits="1#"),
     [{"Action": "PlayDTMF", "Digit": "1"}, {"Action": "PlayDTMF", "Digit": "#"}]),
    (Command(Service.GROUP_PICKUP_CALL, "2001"), [{"Action": "Originate", "Application": "Pickup"}]),
    (Command(Service.SET_DO_NOT_DISTURB, "desk-mary", on=True),
     [{"Action": "DBPut", "Family": "DND", "Key": "2002", "Val": "YES"},
      {"Action": "Setvar", "Variable": "DEVICE_STATE(Custom:DND2002)", "Value": "BUSY"}]),
    (Command(Service.SET_FORWARDING, "2001", to="2002", forwarding=ForwardingType.BUSY),
     [{"Action": "DBPut", "Family": "CFB", "Key": "2001", "Val": "2002"}]),
    (Command(Service.SET_FORWARDING, "2001", on=False), [{"Action": "DBDel", "Family": "CF", "Key": "2001"}]),
    (Command(Service.CONFERENCE_CALL, "desk-mary", ConnectionId("9.1", "desk-mary")),
     [{"Action": "Redirect", "Exten": "82002", "ExtraChannel": "PJSIP/carrier-01ab34cd", "ExtraExten": "82002"}]),
]  # fmt: skip


@pytest.mark.parametrize(("command", "wanted"), COMMANDS, ids=lambda value: getattr(value, "service", ""))
async def test_command(command: Command, wanted: list[dict[str, str]]) -> None:
    script = Script(lists=UP)
    async with linked(script, conference_extension="8{ext}") as (connector, heard, _):
        await heard.phase(LinkPhase.UP)
        before = len(script.requests)
        accepted = await connector.do(command)
        sent = [request for request in script.requests[before:] if request["Action"] not in ("Ping", "Status", "DBGet")]
        assert len(sent) == len(wanted)
        for request, want in zip(sent, wanted, strict=True):
            assert want.items() <= request.items()
        if command.service is Service.MAKE_CALL:
            assert accepted.call == sent[0]["ChannelId"]


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        (Command(Service.MAKE_CALL, "2001", to="1\r\nAction: Command"), CommandProblem.INVALID_DESTINATION),
        (Command(Service.MAKE_CALL, "2001", to="1,2"), CommandProblem.INVALID_DESTINATION),
        (Command(Service.HOLD_CALL, "2001", ConnectionId("9.1", "2001")), CommandProblem.UNKNOWN_CALL),
        (Command(Service.CALL_BACK, "2001"), CommandProblem.NOT_SUPPORTED),
        (Command(Service.GENERATE_DIGITS, "desk-mary", ConnectionId("9.1", "desk-mary"), digits="x"),
         CommandProblem.INVALID_DESTINATION),
        (Command(Service.SET_FORWARDING, "2001", to="1", forwarding=ForwardingType.DND), CommandProblem.NOT_SUPPORTED),
        (Command(Service.MAKE_CALL, "a\nb", to="1"), CommandProblem.INVALID_DESTINATION),
    ],
)  # fmt: skip
async def test_command_that_cannot_be(command: Command, problem: CommandProblem) -> None:
    script = Script(lists=UP)
    async with linked(script) as (connector, heard, _):
        await heard.phase(LinkPhase.UP)
        with pytest.raises(CommandRefused) as caught:
            await connector.do(command)
        assert caught.value.problem is problem
        assert not script.asked("Originate")


async def test_forwarding_and_do_not_disturb_are_read_and_read_again() -> None:
    script = Script(lists=UP, database={"/CF/2002": "2001", "/DND/2001": "YES", "/DND/x/y": "?"})
    async with linked(script, dnd_state="") as (connector, heard, _):
        await heard.phase(LinkPhase.UP)

        def forwarding() -> list[tuple[str, bool, str]]:
            return [(e.device, e.on, e.to) for e in heard.events if isinstance(e, DeviceForwarding)]

        def quiet() -> list[tuple[str, bool]]:
            return [(e.device, e.on) for e in heard.events if isinstance(e, DeviceDoNotDisturb) and e.device == "2001"]

        assert forwarding() == [("desk-mary", True, "2001")]
        assert quiet() == [("2001", True)]
        await connector.do(Command(Service.SET_FORWARDING, "desk-mary", on=False))
        await connector.do(Command(Service.SET_FORWARDING, "desk-mary", to="2001"))
        await connector.do(Command(Service.SET_DO_NOT_DISTURB, "2001", on=False))
        assert forwarding()[1:] == [("desk-mary", False, ""), ("desk-mary", True, "2001")]
        assert quiet()[-1] == ("2001", False)


async def test_refused_service_is_learned() -> None:
    async with linked(Script(lists=UP, denied=frozenset({"Originate"}))) as (connector, heard, _):
        await heard.phase(LinkPhase.UP)
        with pytest.raises(CommandRefused) as caught:
            await connector.do(Command(Service.MAKE_CALL, "2001", to="1"))
        assert caught.value.problem is CommandProblem.NO_PERMISSION
        assert heard.less[0][0] == "2001"
        assert Service.MAKE_CALL not in connector.services("2001")


async def test_a_refusal_is_forgotten_with_the_next_sign_in() -> None:
    script = Script(lists=UP, denied=frozenset({"Originate"}))
    async with linked(script) as (connector, heard, clock):
        await heard.phase(LinkPhase.UP)
        with pytest.raises(CommandRefused):
            await connector.do(Command(Service.MAKE_CALL, "2001", to="1"))
        heard.states.clear()
        script.streams[0].abort()
        await heard.phase(LinkPhase.WAITING)
        await clock.advance(2)
        await heard.phase(LinkPhase.UP)
        assert heard.less[-1] == ("2001", connector.services("2001"))
        assert Service.MAKE_CALL in connector.services("2001")


async def test_no_command_without_a_link() -> None:
    connector = MANIFEST.create("x", MANIFEST.parse({"host": "a", "user": "b"}), Heard(), ManualClock())
    with pytest.raises(CommandRefused) as caught:
        await connector.do(Command(Service.MAKE_CALL, "2001", to="1"))
    assert caught.value.problem is CommandProblem.LINK_DOWN


async def test_a_call_rings_over_the_wire() -> None:
    script = Script(lists={**UP, "Status": []})
    async with linked(script) as (_, heard, _clock):
        await heard.phase(LinkPhase.UP)
        caller = channel("PJSIP/carrier-0a0b0c0d", "8.1", "8.1", 4, "+441632960777", Exten="+441632960100")
        phone = channel("PJSIP/2001-0a0b0c0e", "8.2", "8.1", 0, "2001", Exten="s")
        dial = [*caller, *(f"Dest{line}" for line in phone), "DialString: 2001"]
        ringing = channel("PJSIP/2001-0a0b0c0e", "8.2", "8.1", 5, "2001")
        data = block("Event: Newchannel", *caller) + block("Event: Newchannel", *phone)
        data += block("Event: DialBegin", *dial) + block("Event: Newstate", *ringing)
        await script.streams[0].write(data)
        await heard.until(lambda: any(isinstance(event, Delivered) for event in heard.events))
        delivered = next(event for event in heard.events if isinstance(event, Delivered))
        assert (delivered.alerting.device, delivered.calling.number) == ("2001", "+441632960777")
        assert any(isinstance(event, Originated) for event in heard.events)




def test_settings_are_declared() -> None:
    properties = MANIFEST.schema()["$defs"]["AsteriskSettings"]["properties"]
    assert MANIFEST.secrets() == {"password"}
    assert all(text.get("description") for text in properties.values())
    with pytest.raises(Invalid):
        MANIFEST.parse({"host": "a", "user": "b", "trunc": []})
    with pytest.raises(Invalid):
        MANIFEST.parse({"host": "a", "user": "b", "port": 0})


async def test_two_phones_of_one_call_by_cti_transfer() -> None:
    """A consultation by the phone itself is completed by Bridge; what is not there any more is refused."""
    script = Script(lists=UP)
    async with linked(script, consultation="phone") as (connector, heard, _):
        await heard.phase(LinkPhase.UP)
        held = ConnectionId("9.1", "desk-mary")
        accepted = await connector.do(Command(Service.CONSULTATION_CALL, "desk-mary", held, to="2001"))
        originate = script.asked("Originate")[0]
        assert script.asked("PJSIPNotify")[0]["Variable"] == "Event=hold"
        assert originate["ChannelId"] == accepted.call
        own = channel("PJSIP/desk-mary-0000aaaa", accepted.call, accepted.call, 6, "2002", Exten="2001")
        other = channel("PJSIP/2001-0000bbbb", "9.9", accepted.call, 6, "2001")
        dial = [*own, *(f"Dest{line}" for line in other), "DialString: 2001"]
        data = block("Event: DialBegin", *(f"Dest{line}" for line in own), "DialString: desk-mary")
        data += block("Event: DialBegin", *dial)
        for lines in (own, other):
            data += block("Event: BridgeEnter", "BridgeUniqueid: b9", *lines)
        await script.streams[0].write(data)
        await heard.until(lambda: any(isinstance(e, Established) and e.connection.device == "2001" for e in heard.events))
        active = ConnectionId(accepted.call, "desk-mary")
        await connector.do(Command(Service.TRANSFER_CALL, "desk-mary", active, held))
        bridge = script.asked("Bridge")[0]
        assert (bridge["Channel1"], bridge["Channel2"]) == ("PJSIP/carrier-01ab34cd", "PJSIP/2001-0000bbbb")
        await connector.do(Command(Service.ALTERNATE_CALL, "desk-mary", active, held))
        assert [notify["Variable"] for notify in script.asked("PJSIPNotify")[1:]] == ["Event=hold", "Event=talk"]
        with pytest.raises(CommandRefused) as caught:
            await connector.do(Command(Service.TRANSFER_CALL, "desk-mary", ConnectionId("gone", "desk-mary"), held))
        assert caught.value.problem is CommandProblem.UNKNOWN_CALL


async def test_deflect_moves_the_caller() -> None:
    script = Script(lists={**UP, "Status": []})
    async with linked(script) as (connector, heard, _):
        await heard.phase(LinkPhase.UP)
        caller = channel("PJSIP/carrier-0a0b0c0d", "8.1", "8.1", 4, "+441632960777", Exten="+441632960100")
        phone = channel("PJSIP/2001-0a0b0c0e", "8.2", "8.1", 5, "2001", Exten="s")
        data = block("Event: Newchannel", *caller)
        data += block("Event: DialBegin", *caller, *(f"Dest{line}" for line in phone), "DialString: 2001")
        data += block("Event: Newstate", *phone)
        await script.streams[0].write(data)
        await heard.until(lambda: any(isinstance(event, Delivered) for event in heard.events))
        ringing = ConnectionId("8.1", "2001")
        await connector.do(Command(Service.DEFLECT_CALL, "2001", ringing, to="2002"))
        redirect = script.asked("Redirect")[0]
        assert (redirect["Channel"], redirect["Exten"]) == ("PJSIP/carrier-0a0b0c0d", "2002")
        await connector.do(Command(Service.DIRECTED_PICKUP_CALL, "desk-mary", ringing))
        pickup = script.asked("Originate")[0]
        assert (pickup["Channel"], pickup["Data"]) == ("PJSIP/desk-mary", "PJSIP/2001-0a0b0c0e")
        await connector.do(Command(Service.CLEAR_CONNECTION, "2001", ringing))
        assert script.asked("Hangup")[0]["Cause"] == "21"
