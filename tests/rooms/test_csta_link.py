"""The CSTA link with a scripted PBX: how it comes up, what the PBX asks, and every fault."""

import asyncio
from dataclasses import replace

import pytest
from tests.rooms.csta_pbx import (
    NOT_SUPPORTED,
    Bench,
    ScriptedPbx,
    Told,
    call_of,
    delivered,
    monitor_of,
    number,
    running,
    snapshot_of,
)

from unisono.calls.model import ConnectionId, Service
from unisono.calls.model import ForwardingType as Forwarding
from unisono.calls.pbx_events import (
    Delivered,
    DeviceDoNotDisturb,
    DeviceForwarding,
    DeviceMessageWaiting,
    Established,
    Held,
    PbxEvent,
    SnapshotComplete,
    Unreadable,
)
from unisono.calls.port import Command, LinkPhase
from unisono.connectors.csta import MANIFEST
from unisono.connectors.csta.faults import state_of
from unisono.connectors.csta.link import MOST_UNREADABLE
from unisono.kernel.errors import Retry, Unavailable
from unisono.wire.csta import EVENT, Edition, Response, UnknownMessage, frame
from unisono.wire.csta import devices as wire
from unisono.wire.csta import events as csta
from unisono.wire.csta.capabilities import GetCSTAFeatures, GetCSTAFeaturesResponse, GetSwitchingFunctionDevices
from unisono.wire.csta.enums import CallControlService, SystemStatusValue, TypeOfNumber
from unisono.wire.csta.failures import CSTAErrorCode, ErrorCategory
from unisono.wire.csta.monitoring import (
    MonitorStart,
    RequestSystemStatus,
    RequestSystemStatusResponse,
    SnapshotCall,
    SnapshotDevice,
    SwFunctionCapsChanged,
    SwFunctionCapsChangedResponse,
    SystemRegister,
    SystemStatus,
    SystemStatusResponse,
)
from unisono.wire.csta.parts import SupportedServices
from unisono.wire.csta.services import AnswerCall, AnswerCallResponse
from unisono.wire.csta.sessions import (
    ApplicationSessionTerminated,
    GetThirdPartyDeviceId,
    GetThirdPartyDeviceIdResponse,
    ResetApplicationSessionTimer,
    ResetApplicationSessionTimerNegResponse,
    SessionEndReason,
    SessionError,
    StartApplicationSession,
    StartApplicationSessionNegResponse,
    StartApplicationSessionPosResponse,
    StopApplicationSession,
)


async def test_the_link_comes_up_and_says_what_the_pbx_has() -> None:
    async with running("101") as bench:
        phases = [state.phase for state in bench.told.states]
        assert phases == [LinkPhase.CONNECTING, LinkPhase.SIGNING_IN, LinkPhase.SYNCHRONISING, LinkPhase.UP]
        state = bench.told.state
        assert state.version == "Script, CSTA III ed4"
        assert state.peer == f"127.0.0.1:{bench.pbx.port}"
        assert state.lines == 2
        assert [(line.device, line.name) for line in bench.told.found] == [("101", "Anna"), ("102", "")]
        [started] = bench.pbx.of(MonitorStart)
        assert number(started) == "101"


async def test_settings_of_a_device_are_read_when_its_monitor_starts() -> None:
    async with running("101") as bench:
        [dnd] = bench.told.of(DeviceDoNotDisturb)
        assert (dnd.device, dnd.on) == ("101", False)
        [forwarding] = bench.told.of(DeviceForwarding)
        assert (forwarding.type, forwarding.on, forwarding.to) == (Forwarding.NO_ANSWER, True, "102")
        assert bench.told.of(DeviceMessageWaiting)[0].count == 1


async def test_the_edition_is_the_one_the_pbx_chose() -> None:
    bench = Bench()
    bench.pbx.speaks = (Edition.ED3, Edition.ED2)
    async with running("101", bench=bench):
        assert bench.told.state.version == "Script, CSTA III ed3"
        asked = bench.pbx.raw[bench.pbx.asked.index(bench.pbx.of(MonitorStart)[0])]
        assert b"csta/ed3" in asked


async def test_a_pbx_that_looks_only_at_the_first_edition_is_offered_one_after_the_other() -> None:
    bench = Bench()

    def first_only(asked: StartApplicationSession) -> Response:
        version = asked.requested_protocol_versions.protocol_version[0]
        if Edition.of(version) is not Edition.ED3:
            return StartApplicationSessionNegResponse(SessionError("requestedProtocolVersionNotSupported"))
        return StartApplicationSessionPosResponse("s1", version, 60)

    bench.pbx.answers[StartApplicationSession] = first_only
    async with running(bench=bench):
        assert bench.told.state.version.endswith("ed3")


async def test_a_pbx_with_its_own_namespace_is_spoken_to_in_it() -> None:
    bench = Bench(dialect="avaya", switch_name="cm1")
    private = Edition.ED3.value + "/priv5"
    native = wire.DeviceId("101:cm1:192.0.2.1:0", TypeOfNumber.OTHER)
    bench.pbx.answers[StartApplicationSession] = lambda _: StartApplicationSessionPosResponse("s1", private, 60)
    bench.pbx.answers[GetThirdPartyDeviceId] = lambda asked: GetThirdPartyDeviceIdResponse(native)
    bench.pbx.answers[GetSwitchingFunctionDevices] = lambda _: NOT_SUPPORTED
    async with running("101", bench=bench):
        [asked] = bench.pbx.of(GetThirdPartyDeviceId)
        assert (asked.switch_name, asked.extension) == ("cm1", "101")
        [started] = bench.pbx.of(MonitorStart)
        assert started.monitor_object.device_object == native
        assert private.encode() in bench.pbx.raw[bench.pbx.asked.index(started)]
        login = bench.pbx.of(StartApplicationSession)[0].application_info.application_specific_info
        assert login.session_login_info.user_name == "cti"
        await bench.pbx.say(replace(delivered("7"), connection=wire.ConnectionId("7", native)))
        event = await bench.told.event(Delivered)
        assert event.connection == ConnectionId("7", "101")
        bench.pbx.answers[AnswerCall] = lambda _: AnswerCallResponse()
        await bench.connector.do(Command(Service.ANSWER_CALL, "101", event.connection))
        assert bench.pbx.of(AnswerCall)[0].call_to_be_answered == wire.ConnectionId("7", native)


async def test_a_pbx_without_sessions_is_used_as_it_is() -> None:
    bench = Bench()
    bench.pbx.edition = Edition.ED5
    bench.pbx.answers[StartApplicationSession] = lambda _: NOT_SUPPORTED
    async with running("101", bench=bench):
        assert bench.told.state.version.endswith("ed5")


async def test_a_pbx_that_knows_only_monitors_is_enough() -> None:
    bench = Bench()
    kept = (StartApplicationSession, MonitorStart)
    bench.pbx.answers = {kind: answer for kind, answer in bench.pbx.answers.items() if kind in kept}
    async with running("101", "102", bench=bench):
        assert bench.told.state.code == ""
        await bench.pbx.say(delivered("7"))
        assert (await bench.told.event(Delivered)).head.device == "101"
        assert bench.connector.services("101") == MANIFEST.capabilities
        assert len(bench.pbx.of(SnapshotDevice)) == 2


async def test_the_session_is_renewed_after_half_its_length() -> None:
    async with running("101") as bench:
        await bench.advance(91)
        [renewal] = await bench.pbx.until_asked(ResetApplicationSessionTimer)
        assert renewal.session_id == "s1"
        await bench.advance(90)
        await bench.pbx.until_asked(ResetApplicationSessionTimer, 2)
        assert bench.told.state.phase is LinkPhase.UP


async def test_the_session_is_closed_when_the_link_is_stopped() -> None:
    bench = Bench()
    async with running("101", bench=bench):
        pass
    assert bench.told.state.phase is LinkPhase.STOPPED
    assert bench.pbx.of(StopApplicationSession)[0].session_id == "s1"


# What the PBX asks.


async def test_questions_of_the_pbx_are_answered_under_their_number() -> None:
    async with running("101") as bench:
        await bench.pbx.say(SystemStatus("7", SystemStatusValue.ENABLED), invoke_id="0815")
        await bench.pbx.until_asked(SystemStatusResponse)
        await bench.pbx.say(RequestSystemStatus())
        [status] = await bench.pbx.until_asked(RequestSystemStatusResponse)
        assert status.system_status is SystemStatusValue.NORMAL
        await bench.pbx.say(GetCSTAFeatures())
        [refused] = await bench.pbx.until_asked(CSTAErrorCode)
        assert refused == NOT_SUPPORTED
        await bench.pbx.say(frame("0816", b'<RouteEverything xmlns="urn:x"/>'))
        await bench.pbx.until_asked(CSTAErrorCode, 2)
        numbers = [record.data[4:8] for record in bench.connector.trace() if record.sent]
        assert numbers[-4] == b"0815"
        assert numbers[-1] == b"0816"


async def test_lost_messages_make_everything_be_read_again() -> None:
    async with running("101") as bench:
        await bench.pbx.say(SystemStatus("7", SystemStatusValue.MESSAGES_LOST))
        complete = await bench.told.event(SnapshotComplete, 2)
        assert complete.devices is None


@pytest.mark.parametrize("stops", [SystemStatusValue.INITIALIZING, SystemStatusValue.DISABLED])
async def test_a_pbx_that_starts_anew_is_signed_in_to_again(stops: SystemStatusValue) -> None:
    """Its monitors are gone, and nothing says so when it is back but its status (ECMA-269, System Status)."""
    async with running("101") as bench:
        await bench.pbx.say(SystemStatus("7", SystemStatusValue.NORMAL), SystemStatus("7", stops))
        await bench.pbx.until_asked(SystemStatusResponse, 2)
        assert len(bench.pbx.of(MonitorStart)) == 1
        await bench.pbx.say(SystemStatus("7", SystemStatusValue.ENABLED))
        ended = await bench.told.until(lambda: next((s for s in bench.told.states if s.phase is LinkPhase.WAITING), None))
        assert ended.code == "session-ended"
        await bench.advance(5)
        await bench.pbx.until_asked(MonitorStart, 2)


async def test_what_the_pbx_can_do_is_read_again_when_it_says_so() -> None:
    async with running("101") as bench:
        assert Service.HOLD_CALL in bench.connector.services("101")
        listed = SupportedServices(frozenset({CallControlService.MAKE_CALL}))
        bench.pbx.answers[GetCSTAFeatures] = lambda _: GetCSTAFeaturesResponse(listed)
        await bench.pbx.say(SwFunctionCapsChanged("7"))
        await bench.pbx.until_asked(GetSwitchingFunctionDevices, 2)
        await bench.pbx.until_asked(SwFunctionCapsChangedResponse)
        await bench.advance(1)
        assert bench.connector.services("101") == {Service.MAKE_CALL}
        assert bench.told.capable["101"] == {Service.MAKE_CALL}


async def test_events_without_a_monitor_of_ours_say_nothing_of_our_lines() -> None:
    async with running("101") as bench:
        await bench.pbx.say(replace(delivered("7"), monitor_cross_ref_id="other"))
        event = await bench.told.event(Delivered)
        assert (event.head.device, event.head.local, event.head.permitted) == ("", None, None)


# Faults.


async def test_refused_then_there() -> None:
    bench = Bench()
    await bench.pbx.start()
    await bench.pbx.stop()
    port = bench.pbx.port
    connector = bench.connector
    task = asyncio.get_running_loop().create_task(connector.run())
    state = await bench.told.phase(LinkPhase.WAITING)
    assert (state.code, state.peer) == ("link-refused", f"127.0.0.1:{port}")
    assert state.message
    assert state.remedy
    await bench.pbx.start()
    await bench.advance(2)
    await bench.told.phase(LinkPhase.UP)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await bench.pbx.stop()


async def test_a_wrong_password_is_said_and_tried_seldom() -> None:
    async with running("101", up=False, password="tulip") as bench:
        state = await bench.told.phase(LinkPhase.REFUSED)
        assert state.code == "session-credentials"
        assert "'cti'" in state.message
        assert "tulip" not in f"{state}{bench.connector.trace()}"
        await bench.advance(60)
        assert len(bench.pbx.of(StartApplicationSession)) == 1
        bench.pbx.user = ("cti", "tulip")
        await bench.advance(250)
        await bench.told.phase(LinkPhase.UP)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (StartApplicationSessionNegResponse(SessionError(appl_error="Wrong password")), "session-credentials"),
        (StartApplicationSessionNegResponse(SessionError(appl_error="No licence")), "session-refused"),
        (CSTAErrorCode(ErrorCategory.SECURITY, "generic"), "session-credentials"),
        (CSTAErrorCode(ErrorCategory.OPERATION, "privilegeViolationSpecifiedDevice"), "session-refused"),
        (StartApplicationSessionPosResponse("s1", "http://example.net/csta/ed9"), "session-edition"),
    ],
)
async def test_other_ways_to_be_turned_away(answer: Response, code: str) -> None:
    bench = Bench()
    bench.pbx.answers[StartApplicationSession] = lambda _: answer
    async with running("101", up=False, bench=bench):
        state = await bench.told.phase(LinkPhase.REFUSED)
        assert state.code == code
        assert state.remedy


async def test_a_wrong_edition_says_which_is_spoken() -> None:
    bench = Bench(edition="ed5")
    async with running("101", up=False, bench=bench):
        state = await bench.told.phase(LinkPhase.REFUSED)
        assert state.code == "session-edition"
        assert "ed5" in state.message
    bench = Bench(edition="ed5")
    bench.pbx.answers[StartApplicationSession] = lambda _: StartApplicationSessionPosResponse("s1", Edition.ED3.value)
    async with running("101", up=False, bench=bench):
        state = await bench.told.phase(LinkPhase.REFUSED)
        assert "csta/ed3" in state.message


async def test_nobody_answers_the_sign_in() -> None:
    bench = Bench(answer_seconds=5)
    bench.pbx.mute = True
    async with running("101", up=False, bench=bench):
        await bench.pbx.until_asked(StartApplicationSession)
        await bench.advance(6)
        state = await bench.told.phase(LinkPhase.WAITING)
        assert state.code == "session-timeout"


async def test_a_half_open_link_is_noticed_and_made_anew() -> None:
    async with running("101", silence_seconds=20, answer_seconds=5) as bench:
        await bench.advance(21)
        await bench.pbx.until_asked(RequestSystemStatus)
        assert bench.told.state.phase is LinkPhase.UP
        bench.pbx.mute = True
        await bench.advance(30)
        state = next(state for state in bench.told.states if state.phase is LinkPhase.WAITING)
        assert state.code == "link-silent"
        bench.pbx.mute = False
        await bench.advance(10)
        await bench.told.phase(LinkPhase.UP, 2)


async def test_a_cut_link_comes_back_with_the_calls_as_they_are() -> None:
    async with running("101") as bench:
        await bench.pbx.say(delivered("7"))
        await bench.told.event(Delivered)
        bench.pbx.answers[SnapshotDevice] = lambda _: snapshot_of("8")
        bench.pbx.answers[SnapshotCall] = lambda _: call_of("8")
        bench.pbx.drop()
        state = await bench.told.phase(LinkPhase.WAITING)
        assert state.code in ("link-closed", "link-lost")
        await bench.advance(2)
        await bench.told.phase(LinkPhase.UP, 2)
        complete = await bench.told.event(SnapshotComplete, 2)
        assert (complete.calls, complete.devices) == ({"8"}, None)


async def test_every_try_waits_longer_until_one_holds() -> None:
    bench = Bench()
    bench.pbx.answers[StartApplicationSession] = lambda _: [b"This is no CSTA."]
    async with running("101", up=False, bench=bench):
        await bench.told.phase(LinkPhase.WAITING)
        tries = []
        for _ in range(12):
            await bench.advance(10)
            tries.append(len(bench.pbx.of(StartApplicationSession)))
        assert tries[3] - tries[0] > tries[-1] - tries[-4]
        assert tries[-1] < 15


async def test_garbage_in_a_frame_costs_only_itself() -> None:
    async with running("101") as bench:
        await bench.pbx.say(frame(EVENT, b"<DeliveredEvent>"), frame(EVENT, b"\xff\xfe"), delivered("7"))
        await bench.told.event(Delivered)
        bad = bench.told.of(Unreadable)
        assert [event.head.raw for event in bad] == [b"<DeliveredEvent>", b"\xff\xfe"]
        assert bad[0].why
        assert bench.told.state.phase is LinkPhase.UP
        assert [record.note != "" for record in bench.connector.trace()[-3:]] == [True, True, False]


async def test_garbage_between_frames_ends_the_link() -> None:
    async with running("101") as bench:
        await bench.pbx.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        state = await bench.told.phase(LinkPhase.WAITING)
        assert state.code == "link-garbage"
        assert "HTTP/1.1" in state.message
        assert b"HTTP" in bench.told.of(Unreadable)[0].head.raw
        await bench.advance(2)
        await bench.told.phase(LinkPhase.UP, 2)


async def test_nothing_but_garbage_ends_the_link() -> None:
    async with running("101") as bench:
        await bench.pbx.say(*[frame(EVENT, b"<a>")] * MOST_UNREADABLE)
        assert (await bench.told.phase(LinkPhase.WAITING)).code == "link-garbage"
        assert len(bench.told.of(Unreadable)) == MOST_UNREADABLE


async def test_a_terminated_session_is_opened_again() -> None:
    async with running("101") as bench:
        await bench.pbx.say(ApplicationSessionTerminated("s1", SessionEndReason("resourceLimitation")))
        state = await bench.told.phase(LinkPhase.WAITING)
        assert state.code == "session-ended"
        assert "resourceLimitation" in state.message
        await bench.advance(2)
        await bench.told.phase(LinkPhase.UP, 2)


async def test_a_session_that_is_not_renewed_is_opened_again() -> None:
    async with running("101") as bench:
        gone = ResetApplicationSessionTimerNegResponse(SessionError("invalidSessionID"))
        bench.pbx.answers[ResetApplicationSessionTimer] = lambda _: gone
        await bench.advance(92)
        assert (await bench.told.phase(LinkPhase.WAITING)).code == "session-ended"


async def test_a_listener_that_fails_does_not_end_the_link(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running("101") as bench:
        told = bench.told.report

        def picky(event: object) -> None:
            if isinstance(event, Held):
                raise RuntimeError("cannot take this")
            told(event)  # type: ignore[arg-type]

        monkeypatch.setattr(bench.told, "report", picky)
        held = csta.HeldEvent(monitor_of("101"), wire.ConnectionId.of("7", "101"))
        await bench.pbx.say(held, csta.EstablishedEvent(monitor_of("101"), wire.ConnectionId.of("7", "101")))
        await bench.told.event(Established)
        assert bench.told.state.phase is LinkPhase.UP


async def test_two_links_run_side_by_side() -> None:
    async with running("101") as one, running("102") as two:
        await one.pbx.say(delivered("7"))
        await two.pbx.say(delivered("7", "102"))
        assert (await one.told.event(Delivered)).head.device == "101"
        assert (await two.told.event(Delivered)).head.device == "102"
        one.pbx.drop()
        await one.told.phase(LinkPhase.WAITING)
        assert two.told.state.phase is LinkPhase.UP


async def test_what_one_event_told_is_handed_on_before_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    async def subscriber(call: str) -> None:
        tasks.append(asyncio.create_task(hand_on(call)))

    async def hand_on(call: str) -> None:
        order.append(f"{call} to the window")

    tasks: list[asyncio.Task[None]] = []
    async with running("101") as bench:
        report = bench.told.report

        def noted(event: PbxEvent) -> None:
            assert isinstance(event, Delivered)
            order.append(f"{event.connection.call} told")
            tasks.append(asyncio.create_task(subscriber(event.connection.call)))
            report(event)

        monkeypatch.setattr(bench.told, "report", noted)
        await bench.pbx.say(delivered("7"), delivered("8"))
        await bench.told.event(Delivered, 2)
        await asyncio.gather(*tasks)
    assert order[:3] == ["7 told", "7 to the window", "8 told"]


async def test_the_trace_has_both_directions_and_no_password() -> None:
    async with running("101") as bench:
        records = bench.connector.trace()
        assert records[0].sent
        assert b"<user>cti</user><password>***</password>" in records[0].data
        assert not records[1].sent
        assert b"rose" not in b"".join(record.data for record in records)


def test_a_certificate_that_is_not_trusted_waits_for_an_admin() -> None:
    fault = Unavailable("link-certificate", "The certificate is not trusted.", retry=Retry.ASK_ADMIN)
    state = state_of(fault, "pbx.example:4722 (TLS)")
    assert (state.phase, state.code) == (LinkPhase.REFUSED, "link-certificate")
    assert "ca_file" in state.remedy


def test_the_manifest_can_be_found_and_filled_in() -> None:
    settings = MANIFEST.parse({"host": "192.0.2.7", "password": "rose", "edition": "ed4", "dialect": "avaya"})
    assert "rose" not in repr(settings)
    assert MANIFEST.secrets() == {"password"}
    connector = MANIFEST.create("pbx", settings, Told(), Bench().clock)
    assert connector.services("101") == MANIFEST.capabilities


def test_the_script_s_own_messages_are_known() -> None:
    assert not any(issubclass(kind, UnknownMessage) for kind in ScriptedPbx().answers)
    assert SystemRegister in ScriptedPbx().answers
