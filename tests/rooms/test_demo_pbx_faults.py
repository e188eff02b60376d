"""The demo PBX over a socket: every fault on request."""

from collections.abc import AsyncIterator

import pytest
from tests.pure.demo.switchboard import LONDON
from tests.rooms.demo_pbx import Pbx, running

from unisono.demo.pbx.client import Client
from unisono.demo.pbx.faults import Garbage, garbage
from unisono.wire.csta import EVENT, CodecError, Edition, Frame, FrameReader, encode, frame, read
from unisono.wire.csta import Garbage as NoFrame
from unisono.wire.csta import events as ev
from unisono.wire.csta import monitoring as mon
from unisono.wire.csta import services as call
from unisono.wire.csta import sessions as ses
from unisono.wire.csta.devices import DeviceId


@pytest.fixture
async def pbx() -> AsyncIterator[Pbx]:
    async with running() as found:
        yield found


async def test_fault_links_are_cut_and_come_back(pbx: Pbx) -> None:
    client = await pbx.cti("101")
    near = pbx.arrive(LONDON, "101")
    assert pbx.exchange.drop_links() == 1
    assert await client.ended()
    again = await pbx.cti("101")
    row = await again.must(mon.SnapshotDevice(DeviceId("101")), mon.SnapshotDeviceResponse)
    assert row.result.snapshot_data is not None
    assert row.result.snapshot_data.snapshot_device_response_info[0].connection_identifier == near


async def test_fault_half_open(pbx: Pbx) -> None:
    client = await pbx.cti("101")
    pbx.fault(frozen=True)
    pbx.arrive(LONDON, "101")
    await pbx.clock.advance(0)
    (link,) = pbx.exchange.clients
    assert isinstance(link, Client)
    assert len(link.outbox) == 1
    pbx.fault()
    await client.next(ev.DeliveredEvent)


async def test_a_half_open_link_is_closed_by_nobody(pbx: Pbx) -> None:
    """Neither for want of a session, nor for its length, nor for heartbeats without answer."""
    limits = pbx.exchange.limits
    await pbx.cti("101")
    pbx.fault(frozen=True)
    await pbx.link()
    await pbx.clock.advance(limits.session + limits.heartbeat * 3)
    assert len(pbx.exchange.clients) == 2
    pbx.fault()
    await pbx.clock.advance(limits.heartbeat)
    assert pbx.exchange.clients == []


async def test_fault_delay(pbx: Pbx) -> None:
    client = await pbx.cti("101")
    pbx.fault(delay=2.0)
    pbx.arrive(LONDON, "101")
    (link,) = pbx.exchange.clients
    await pbx.clock.advance(1.9)
    assert not client.told
    assert link in pbx.exchange.clients
    await pbx.clock.advance(0.1)
    await client.next(ev.DeliveredEvent)


async def test_fault_duplicates(pbx: Pbx) -> None:
    client = await pbx.cti("101")
    pbx.fault(duplicate=True)
    pbx.arrive(LONDON, "101")
    assert await client.next(ev.DeliveredEvent) == await client.next(ev.DeliveredEvent)


async def test_fault_reordering(pbx: Pbx) -> None:
    client = await pbx.cti("101")
    pbx.fault(reorder=2)
    near = pbx.arrive(LONDON, "101")
    await client.must(call.AnswerCall(near), call.AnswerCallResponse)
    await client.next(ev.EstablishedEvent)
    await client.next(ev.DeliveredEvent)


async def test_fault_lost_events(pbx: Pbx) -> None:
    client = await pbx.cti("101")
    pbx.fault(lose=2)
    near = pbx.arrive(LONDON, "101")
    await client.must(call.AnswerCall(near), call.AnswerCallResponse)
    await client.must(call.HoldCall(near), call.HoldCallResponse)
    await client.next(ev.DeliveredEvent)
    await client.next(ev.HeldEvent)


async def test_fault_connections_are_refused(pbx: Pbx) -> None:
    pbx.fault(refuse_connections=True)
    assert await (await pbx.link()).ended()
    pbx.fault()
    await pbx.cti()


async def test_fault_sessions_are_refused(pbx: Pbx) -> None:
    pbx.fault(refuse_sessions=True)
    client = await pbx.link()
    assert isinstance(await client.sign_in(), ses.StartApplicationSessionNegResponse)


async def test_fault_another_edition(pbx: Pbx) -> None:
    pbx.fault(edition="ed2")
    client = await pbx.link()
    answer = await client.sign_in()
    assert isinstance(answer, ses.StartApplicationSessionNegResponse)
    assert answer.error_code.defined_error == ses.VERSION_NOT_SUPPORTED
    client.edition = Edition.ED2
    assert isinstance(await client.sign_in(), ses.StartApplicationSessionPosResponse)


async def test_fault_no_answers(pbx: Pbx) -> None:
    client = await pbx.cti("101")
    pbx.fault(silent=True)
    near = pbx.arrive(LONDON, "101")
    await client.stream.write(frame("7001", encode(call.AnswerCall(near))))
    await client.next(ev.DeliveredEvent)
    await client.next(ev.EstablishedEvent)


async def test_fault_events_before_their_answer(pbx: Pbx) -> None:
    client = await pbx.cti("101")
    near = pbx.arrive(LONDON, "101")
    await client.next(ev.DeliveredEvent)
    pbx.fault(events_first=True)
    await client.stream.write(frame("7001", encode(call.AnswerCall(near))))
    await client.next(ev.EstablishedEvent)
    await client.next(call.AnswerCallResponse)


@pytest.mark.parametrize("kind", Garbage)
async def test_fault_garbage(pbx: Pbx, kind: Garbage) -> None:
    client = await pbx.cti()
    for link in pbx.exchange.clients:
        link.send_raw(garbage(kind))
    received = b""
    while len(received) < len(garbage(kind)):
        received += await client.stream.read()
    (item,) = FrameReader().feed(received)
    match kind:
        case Garbage.BYTES | Garbage.SOAP:
            assert isinstance(item, NoFrame)
        case Garbage.XML:
            assert isinstance(item, Frame)
            with pytest.raises(CodecError):
                read(item.body)
        case Garbage.UNKNOWN | Garbage.FUTURE | Garbage.STRAY:
            assert isinstance(item, Frame)
            assert (item.invoke_id == EVENT) is (kind is not Garbage.STRAY)
            read(item.body)
