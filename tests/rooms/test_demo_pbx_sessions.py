"""The demo PBX over a socket: sessions, bytes, limits."""

from collections.abc import AsyncIterator

import pytest
from tests.pure.demo.switchboard import LONDON
from tests.rooms.demo_pbx import Pbx, running

from unisono.demo.pbx.exchange import Limits
from unisono.wire.csta import Edition, encode, frame
from unisono.wire.csta import events as ev
from unisono.wire.csta import monitoring as mon
from unisono.wire.csta import sessions as ses
from unisono.wire.csta.devices import DeviceId
from unisono.wire.csta.enums import SystemStatusValue
from unisono.wire.csta.failures import CSTAErrorCode
from unisono.wire.csta.parts import MonitorObject


@pytest.fixture
async def pbx() -> AsyncIterator[Pbx]:
    async with running() as found:
        yield found


async def test_a_session_is_opened_renewed_and_closed(pbx: Pbx) -> None:
    client = await pbx.link()
    opened = await client.sign_in(seconds=60)
    assert isinstance(opened, ses.StartApplicationSessionPosResponse)
    assert (opened.actual_protocol_version, opened.actual_session_duration) == (Edition.ED4.value, 60)
    renewed = await client.must(
        ses.ResetApplicationSessionTimer(client.session, 9_999), ses.ResetApplicationSessionTimerPosResponse
    )
    assert renewed.actual_session_duration == 600
    await client.must(ses.StopApplicationSession(client.session), ses.StopApplicationSessionPosResponse)
    await pbx.clock.advance(0)
    assert await client.ended()
    assert pbx.exchange.clients == []


async def test_nothing_is_served_without_a_session_but_the_status(pbx: Pbx) -> None:
    client = await pbx.link()
    assert await client.error(mon.MonitorStart(MonitorObject(device_object=DeviceId("101")))) == "securityInfoViolated"
    status = await client.must(mon.RequestSystemStatus(), mon.RequestSystemStatusResponse)
    assert status.system_status is SystemStatusValue.NORMAL


async def test_a_wrong_password_is_turned_away_and_the_third_closes_the_link(pbx: Pbx) -> None:
    client = await pbx.link()
    for password in ("wrong", "", "secret "):
        answer = await client.sign_in(password=password)
        assert isinstance(answer, ses.StartApplicationSessionNegResponse)
        assert answer.error_code.defined_error == ses.INVALID_APPLICATION_INFO
    await pbx.clock.advance(0)
    assert await client.ended()


async def test_an_unknown_user_with_an_empty_password_is_turned_away(pbx: Pbx) -> None:
    client = await pbx.link()
    assert isinstance(await client.sign_in(user="nobody", password=""), ses.StartApplicationSessionNegResponse)


@pytest.mark.parametrize("edition", Edition)
async def test_every_edition_is_spoken(pbx: Pbx, edition: Edition) -> None:
    client = await pbx.link()
    client.edition = edition
    await client.sign_in()
    await client.monitor("101")
    pbx.arrive(LONDON, "101")
    client.edition = Edition.ED2 if edition is not Edition.ED2 else Edition.ED3
    await client.next(ev.DeliveredEvent)
    assert client.edition is edition


async def test_no_common_edition(pbx: Pbx) -> None:
    client = await pbx.link()
    info = ses.ApplicationInfo("test", ses.ApplicationSpecificInfo("cti", "secret"))
    answer = await client.ask(ses.StartApplicationSession(info, ses.ProtocolVersions(("http://example.com/ed9",))))
    assert isinstance(answer, ses.StartApplicationSessionNegResponse)
    assert answer.error_code.defined_error == ses.VERSION_NOT_SUPPORTED


async def test_a_session_that_is_not_renewed_ends(pbx: Pbx) -> None:
    client = await pbx.link()
    await client.sign_in(seconds=20)
    await pbx.clock.advance(20)
    ended = await client.next(ses.ApplicationSessionTerminated)
    assert ended.session_id == client.session
    assert await client.ended()


async def test_who_comes_after_a_quiet_time_may_still_sign_in(pbx: Pbx) -> None:
    await pbx.clock.advance(600)
    client = await pbx.link()
    assert isinstance(await client.sign_in(), ses.StartApplicationSessionPosResponse)


async def test_a_link_without_a_session_is_closed(pbx: Pbx) -> None:
    client = await pbx.link()
    await client.must(mon.RequestSystemStatus(), mon.RequestSystemStatusResponse)
    await pbx.clock.advance(10)
    assert await client.ended()


async def test_the_heartbeat_is_answered_or_the_link_is_cut(pbx: Pbx) -> None:
    client = await pbx.cti()
    for _ in range(2):
        await pbx.clock.advance(30)
        await client.next(mon.SystemStatus)
    await pbx.clock.advance(30)
    assert await client.ended()


async def test_an_answered_heartbeat_keeps_the_link(pbx: Pbx) -> None:
    client = await pbx.cti()
    for _ in range(5):
        await pbx.clock.advance(30)
        while not client.told:
            await client._more()
        await client.stream.write(frame(client.invoke_ids[0], encode(mon.SystemStatusResponse(), client.edition)))
        await client.next(mon.SystemStatus)
        await client.must(mon.RequestSystemStatus(), mon.RequestSystemStatusResponse)


# Bytes


async def test_frames_may_come_in_any_pieces(pbx: Pbx) -> None:
    client = await pbx.cti()
    data = frame("7001", encode(mon.RequestSystemStatus())) + frame("7002", encode(mon.RequestSystemStatus()))
    for at in range(0, len(data), 7):
        await client.stream.write(data[at : at + 7])
    assert [await client.next(mon.RequestSystemStatusResponse) for _ in range(2)]


async def test_nonsense_is_answered_or_ends_the_link(pbx: Pbx) -> None:
    client = await pbx.cti()
    await client.stream.write(frame("7001", b"<MonitorStart"))
    assert (await client.next(CSTAErrorCode)).value == "invalidParameterValue"
    await client.stream.write(frame("7002", b"<Teleport xmlns='urn:x'/>"))
    assert (await client.next(CSTAErrorCode)).value == "serviceNotSupported"
    await client.stream.write(b"GET / HTTP/1.1\r\n\r\n")
    assert await client.ended()


# Limits


async def test_monitors_are_limited() -> None:
    async with running(Limits(monitors=1)) as pbx:
        client = await pbx.cti("101")
        another = mon.MonitorStart(MonitorObject(device_object=DeviceId("102")))
        assert await client.error(another) == "overallMonitorLimitExceeded"


async def test_requests_are_limited() -> None:
    async with running(Limits(requests_per_second=3)) as pbx:
        client = await pbx.cti()
        for _ in range(2):
            await client.must(mon.RequestSystemStatus(), mon.RequestSystemStatusResponse)
        assert await client.error(mon.RequestSystemStatus()) == "performanceLimitExceeded"
        await pbx.clock.advance(1)
        await client.must(mon.RequestSystemStatus(), mon.RequestSystemStatusResponse)


async def test_links_are_limited() -> None:
    async with running(Limits(clients=1)) as pbx:
        await pbx.cti()
        assert await (await pbx.link()).ended()


async def test_a_program_that_reads_nothing_is_let_go() -> None:
    async with running(Limits(outbox=10)) as pbx:
        client = await pbx.cti("101")
        pbx.fault(frozen=True)
        for _ in range(11):
            pbx.exchange.switch.features.set_messages("101", 1)
        pbx.server.turn()
        assert await client.ended()
