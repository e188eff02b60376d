"""The Asterisk connector against a scripted manager interface: sign-in, filters, state, commands, faults."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from tests.rooms.asterisk_pbx import PASSWORD, UP, Heard, Script, block, channel, linked, wind

from unisono.calls.model import ConnectionId, ForwardingType, PartyKind, Service
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
    Transferred,
)
from unisono.calls.port import Command, CommandProblem, CommandRefused, Connector, LinkPhase
from unisono.connectors.asterisk import MANIFEST
from unisono.kernel.clock import ManualClock
from unisono.kernel.errors import Fault, Invalid
from unisono.net import Stream, listen


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
    assert "manager.conf" in state.remedy
    task.cancel()
    await asyncio.wait({task})
    assert heard.states[-1].phase is LinkPhase.STOPPED


@asynccontextmanager
async def stranger(says: bytes) -> AsyncIterator[tuple[Heard, ManualClock, list[bytes]]]:
    """A connector at the port of something else; what it was told, and what it said."""
    got: list[bytes] = []

    async def speak(stream: Stream) -> None:
        if says:
            await stream.write(says)
        with suppress(Fault):
            while data := await stream.read():
                got.append(data)

    server = await listen("127.0.0.1", 0, speak)
    heard, clock = Heard(), ManualClock()
    raw = {"host": "127.0.0.1", "port": server.sockets[0].getsockname()[1], "user": "u", "password": PASSWORD}
    task = asyncio.ensure_future(MANIFEST.create("pbx", MANIFEST.parse(raw), heard, clock).run())
    try:
        yield heard, clock, got
    finally:
        task.cancel()
        await asyncio.wait({task})
        server.close()


@pytest.mark.parametrize(
    "says", [b"SSH-2.0-OpenSSH_9.2\r\n", b"Asterisk Call Mangler/1\r\n", b"\x15\x03\x01\x00\x02", b"x" * 200_000]
)
async def test_another_protocol_shows_in_its_first_bytes_and_gets_no_password(says: bytes) -> None:
    async with stranger(says) as (heard, _, got):
        state = await heard.phase(LinkPhase.REFUSED)
        assert state.code == "link-protocol"
        assert str(says[:5])[2:-1] in state.message
        assert "port" in state.remedy
        assert got == []


async def test_a_port_that_says_nothing() -> None:
    """As a web server waits to be asked; a manager interface greets at once."""
    async with stranger(b"") as (heard, clock, got):
        await heard.phase(LinkPhase.SIGNING_IN)
        await wind(clock, lambda: any(state.phase is LinkPhase.WAITING for state in heard.states))
        state = await heard.phase(LinkPhase.WAITING)
        assert state.code == "session-timeout"
        assert "said nothing" in state.message
        assert "5038" in state.remedy
        assert got == []


async def test_a_greeting_may_come_in_pieces() -> None:
    script = Script(lists=UP, greeting=(b"Asterisk ", b"Call Manager", b"/9.0.0\r\n"))
    async with linked(script) as (_, heard, _clock):
        assert (await heard.phase(LinkPhase.UP)).lines == 2


async def test_link_cut_and_back() -> None:
    script = Script(lists=UP)
    async with linked(script) as (_, heard, clock):
        await heard.phase(LinkPhase.UP)
        script.lists = {**UP, "Status": []}
        script.streams[0].abort()
        assert (await heard.phase(LinkPhase.WAITING)).code in ("link-closed", "link-lost")
        await wind(clock, lambda: len([s for s in heard.states if s.phase is LinkPhase.UP]) == 2)
        assert isinstance(heard.events[-1], SnapshotComplete | DeviceInService)
        last = [event for event in heard.events if isinstance(event, SnapshotComplete)][-1]
        assert last.calls == frozenset()


PARKED = [
    "Event: ParkedCall\r\nActionID: $ID\r\nParkeeChannel: PJSIP/carrier-01ab34cd\r\nParkeeChannelState: 6\r\n"
    "ParkeeCallerIDNum: +441632960777\r\nParkeeUniqueid: 9.1\r\nParkeeLinkedid: 9.1\r\n"
    "ParkerDialString: PJSIP/desk-mary\r\nParkingSpace: 701\r\nParkinglot: default\r\n\r\n"
]


async def again(script: Script, heard: Heard, clock: ManualClock) -> list[PbxEvent]:
    """What is told when the link is cut, and comes back."""
    before, times = len(heard.events), len([s for s in heard.states if s.phase is LinkPhase.UP])
    script.streams[-1].abort()
    await wind(clock, lambda: len([s for s in heard.states if s.phase is LinkPhase.UP]) > times)
    return heard.events[before:]


async def test_a_call_that_was_parked_while_the_link_was_cut() -> None:
    script = Script(lists=UP)
    async with linked(script) as (_, heard, clock):
        await heard.phase(LinkPhase.UP)
        script.lists = {**UP, "Status": UP["Status"][:1], "ParkedCalls": PARKED}
        for times in (1, 0):
            told = await again(script, heard, clock)
            parked = [event for event in told if isinstance(event, Transferred)]
            assert [(each.primary.device, each.transferred_to.number, each.transferred_to.kind) for each in parked] == [
                ("desk-mary", "701", PartyKind.PARK)
            ] * times
            assert [event.calls for event in told if isinstance(event, SnapshotComplete)] == [{"9.1"}]
        script.lists = {**UP, "Status": []}
        told = await again(script, heard, clock)
        assert [event.calls for event in told if isinstance(event, SnapshotComplete)] == [frozenset()]


async def test_a_parked_call_that_was_not_known() -> None:
    """As after a start of the server: the channel is told as it is without being parked."""
    snapshots = []
    more: tuple[dict[str, list[str]], ...] = ({}, {"ParkedCalls": PARKED})
    for lists in more:
        script = Script(lists={**UP, "Status": UP["Status"][:1], **lists})
        async with linked(script) as (_, heard, _clock):
            await heard.phase(LinkPhase.UP)
            told = [each for each in heard.events if isinstance(each, CallSnapshot)]
            snapshots.append([(each.call, each.connections, each.direction, each.started) for each in told])
    assert len(snapshots[0]) == 1
    assert snapshots[0] == snapshots[1]


async def test_half_open_link_is_noticed() -> None:
    script = Script(lists=UP, mute=True)
    async with linked(script) as (_, heard, clock):
        await heard.phase(LinkPhase.UP)
        await wind(clock, lambda: any(s.phase is LinkPhase.WAITING for s in heard.states))
        assert (await heard.phase(LinkPhase.WAITING)).code == "link-silent"


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
