"""The demo PBX over a real loopback socket: sessions, monitors, services, limits, and every fault on request."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import pytest
from tests.pure.demo.switchboard import BERLIN, LONDON, switch_of

from unisono.demo.pbx.client import Client
from unisono.demo.pbx.exchange import Exchange, Limits
from unisono.demo.pbx.faults import Faults, Garbage, garbage
from unisono.demo.pbx.model import Device
from unisono.demo.pbx.server import Server
from unisono.kernel.clock import ManualClock
from unisono.kernel.errors import Unavailable
from unisono.kernel.secrets import Secret
from unisono.net import Endpoint, Stream, connect
from unisono.wire.csta import EVENT, CodecError, Edition, Frame, FrameReader, Message, Request, encode, frame, read
from unisono.wire.csta import Garbage as NoFrame
from unisono.wire.csta import capabilities as caps
from unisono.wire.csta import events as ev
from unisono.wire.csta import features as feat
from unisono.wire.csta import monitoring as mon
from unisono.wire.csta import services as call
from unisono.wire.csta import sessions as ses
from unisono.wire.csta.devices import ConnectionId, DeviceId
from unisono.wire.csta.enums import (
    AutoOriginate,
    CallControlEventName,
    CallControlService,
    ForwardingType,
    LocalConnectionState,
    MonitorType,
    RequestedDeviceCategory,
    SystemStatusValue,
)
from unisono.wire.csta.failures import CSTAErrorCode
from unisono.wire.csta.parts import MonitorFilter, MonitorObject, RequestTypes

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
        async with asyncio.timeout(10):
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
async def running(limits: Limits | None = None, prepare: Callable[[Exchange], None] = lambda _: None) -> AsyncIterator[Pbx]:
    clock = ManualClock()
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


@pytest.fixture
async def pbx() -> AsyncIterator[Pbx]:
    async with running() as found:
        yield found


# Sessions


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


# What there is


async def test_the_device_list_comes_in_pieces() -> None:
    def many(exchange: Exchange) -> None:
        exchange.switch.add(*(Device(str(number), f"N {number}") for number in range(1_000, 1_150)))

    async with running(prepare=many) as pbx:
        client = await pbx.cti()
        answer = await client.must(
            caps.GetSwitchingFunctionDevices(requested_device_category=RequestedDeviceCategory.STATION),
            caps.GetSwitchingFunctionDevicesResponse,
        )
        pieces = [await client.next(caps.SwitchingFunctionDevices) for _ in range(2)]
        assert {piece.service_cross_ref_id for piece in pieces} == {answer.service_cross_ref_id}
        assert [(piece.segment_id, piece.last_segment, len(piece.device_list)) for piece in pieces] == [
            (1, False, 100),
            (2, True, 56),
        ]
        assert pieces[0].device_list[0].device_id.text == "N<101>Anna"


async def test_capabilities_are_told(pbx: Pbx) -> None:
    client = await pbx.cti()
    features = await client.must(caps.GetCSTAFeatures(), caps.GetCSTAFeaturesResponse)
    assert CallControlService.TRANSFER_CALL in features.supported_services.call_control_serv_list
    named = await client.must(caps.GetSwitchingFunctionCaps(), caps.GetSwitchingFunctionCapsResponse)
    assert named.manufacturer_name == "Unisono demo PBX"
    device = await client.must(
        caps.GetLogicalDeviceInformation(DeviceId("600")), caps.GetLogicalDeviceInformationResponse
    )
    assert device.device_category.value == "acd"
    assert await client.error(caps.GetPhysicalDeviceInformation(DeviceId("999"))) == "invalidDeviceID"


async def test_a_new_telephone_is_told_to_whoever_asked(pbx: Pbx) -> None:
    client = await pbx.cti()
    await client.must(
        mon.SystemRegister(RequestTypes(switching_function_devices_changed=True)), mon.SystemRegisterResponse
    )
    pbx.exchange.install(Device("199", "New"))
    await client.next(mon.SwFunctionDevicesChanged)


# Monitors


async def test_an_event_says_who_calls_whom_and_what_may_be_done(pbx: Pbx) -> None:
    client = await pbx.cti("101")
    near = pbx.arrive(LONDON, "101")
    event = await client.next(ev.DeliveredEvent)
    assert event.connection == near
    assert event.calling_device is not None
    assert event.calling_device.device == DeviceId(LONDON)
    assert event.called_device is not None
    assert event.called_device.device == DeviceId("N<101>Anna")
    assert event.local_connection_info is LocalConnectionState.ALERTING
    assert event.services_permitted is not None
    assert event.services_permitted.call_control_services == frozenset(
        {CallControlService.ANSWER_CALL, CallControlService.CLEAR_CONNECTION, CallControlService.DEFLECT_CALL}
    )


async def test_two_programs_see_the_same_call_each_through_its_own_monitors(pbx: Pbx) -> None:
    one, other = await pbx.cti("101"), await pbx.cti("101", "102")
    near = pbx.arrive(LONDON, "101")
    first, second = await one.next(ev.DeliveredEvent), await other.next(ev.DeliveredEvent)
    assert first.connection == second.connection == near
    assert first.monitor_cross_ref_id != second.monitor_cross_ref_id


async def test_a_monitor_that_was_stopped_is_silent(pbx: Pbx) -> None:
    client = await pbx.cti("102")
    reference = await client.monitor("101")
    await client.must(mon.MonitorStop(reference), mon.MonitorStopResponse)
    assert await client.error(mon.MonitorStop(reference)) == "invalidMonitorCrossRefID"
    pbx.arrive(LONDON, "101")
    near = pbx.arrive(LONDON, "102")
    assert (await client.next(ev.DeliveredEvent)).connection == near


async def test_nobody_stops_another_programs_monitor(pbx: Pbx) -> None:
    one, other = await pbx.cti(), await pbx.cti()
    reference = await one.monitor("101")
    assert await other.error(mon.MonitorStop(reference)) == "invalidMonitorCrossRefID"


async def test_a_filter_keeps_events_away(pbx: Pbx) -> None:
    client = await pbx.cti()
    await client.monitor("101", MonitorFilter(callcontrol=frozenset({CallControlEventName.DELIVERED})))
    near = pbx.arrive(LONDON, "101")
    await client.must(call.AnswerCall(near), call.AnswerCallResponse)
    await client.next(ev.EstablishedEvent)


async def test_a_monitor_on_a_call_follows_it_to_its_end(pbx: Pbx) -> None:
    client = await pbx.cti()
    near = pbx.arrive(LONDON, "101")
    await client.must(
        mon.MonitorStart(MonitorObject(call_object=near), monitor_type=MonitorType.CALL), mon.MonitorStartResponse
    )
    await client.must(call.AnswerCall(near), call.AnswerCallResponse)
    event = await client.next(ev.EstablishedEvent)
    assert event.local_connection_info is None
    await client.must(call.SingleStepTransferCall(near, DeviceId("103")), call.SingleStepTransferCallResponse)
    await client.next(ev.TransferedEvent)
    await client.next(ev.DeliveredEvent)
    pbx.hang_up(near)
    await client.next(ev.ConnectionClearedEvent)
    await client.next(ev.ConnectionClearedEvent)
    await client.next(ev.CallClearedEvent)
    assert pbx.exchange.monitors.by_ref == {}


async def test_monitors_end_with_their_program(pbx: Pbx) -> None:
    client = await pbx.cti("101")
    await client.must(ses.StopApplicationSession(client.session), ses.StopApplicationSessionPosResponse)
    await pbx.clock.advance(0)
    assert await client.ended()
    assert pbx.exchange.monitors.by_ref == {}


async def test_unknown_objects_cannot_be_monitored(pbx: Pbx) -> None:
    client = await pbx.cti()
    assert await client.error(mon.MonitorStart(MonitorObject(device_object=DeviceId("999")))) == "invalidDeviceID"
    assert await client.error(mon.MonitorStart(MonitorObject(call_object=ConnectionId("x")))) == "invalidCallID"
    assert await client.error(mon.MonitorStart(MonitorObject())) == "invalidMonitorObject"


async def test_snapshots_show_what_is_up(pbx: Pbx) -> None:
    client = await pbx.cti()
    near = pbx.arrive(LONDON, "101")
    device = await client.must(mon.SnapshotDevice(DeviceId("101")), mon.SnapshotDeviceResponse)
    assert device.result.snapshot_data is not None
    (row,) = device.result.snapshot_data.snapshot_device_response_info
    assert row.connection_identifier == near
    assert row.local_call_state is not None
    assert row.local_call_state.compound_call_state is not None
    assert row.local_call_state.compound_call_state.local_connection_state == ("alerting", "connected")
    whole = await client.must(mon.SnapshotCall(near), mon.SnapshotCallResponse)
    assert whole.result.snapshot_data is not None
    parties = whole.result.snapshot_data.snapshot_call_response_info
    assert [party.local_connection_info for party in parties] == ["connected", "alerting"]
    assert whole.calling_device is not None
    assert whole.calling_device.device == DeviceId(LONDON)


# Services over the wire


async def test_a_call_is_made_held_consulted_and_transferred(pbx: Pbx) -> None:
    client = await pbx.cti("101")
    near = pbx.arrive(LONDON, "101")
    await client.must(call.AnswerCall(near), call.AnswerCallResponse)
    await client.must(call.HoldCall(near), call.HoldCallResponse)
    await client.must(call.RetrieveCall(near), call.RetrieveCallResponse)
    consultation = await client.must(
        call.ConsultationCall(near, DeviceId("103")), call.ConsultationCallResponse
    )
    active = consultation.initiated_call
    pbx.exchange.switch.services.answer(pbx.exchange.switch.core.in_state("103", "alerting")[0].leg)  # type: ignore[arg-type]
    await client.must(call.AlternateCall(near, active), call.AlternateCallResponse)
    await client.must(call.AlternateCall(active, near), call.AlternateCallResponse)
    await client.must(call.GenerateDigits(active, None, "12#"), call.GenerateDigitsResponse)
    transferred = await client.must(call.TransferCall(near, active), call.TransferCallResponse)
    assert len(transferred.connections) == 2
    kinds = [type(message).__name__.removesuffix("Event") for message in client.told]
    assert kinds == [
        *("Delivered", "Established", "Held", "Retrieved", "Held", "ServiceInitiated", "Originated", "Delivered"),
        *("Established", "Held", "Retrieved", "Held", "Retrieved", "DigitsGenerated", "Transfered"),
    ]


async def test_the_answer_comes_before_the_events_it_causes(pbx: Pbx) -> None:
    client = await pbx.cti("101")
    made = await client.must(
        call.MakeCall(DeviceId("101"), DeviceId("102"), AutoOriginate.DO_NOT_PROMPT), call.MakeCallResponse
    )
    event = await client.next(ev.ServiceInitiatedEvent)
    assert event.initiated_connection == made.calling_device


async def test_the_other_services(pbx: Pbx) -> None:
    client = await pbx.cti()
    ringing = pbx.arrive(LONDON, "101")
    await client.must(call.DeflectCall(ringing, call.Destinations.of("102")), call.DeflectCallResponse)
    at_ben = ConnectionId.of(ringing.call or "", "102")
    picked = await client.must(call.DirectedPickupCall(at_ben, DeviceId("103")), call.DirectedPickupCallResponse)
    assert picked.picked_call == ConnectionId.of(ringing.call or "", "103")
    parked = await client.must(call.ParkCall(picked.picked_call, DeviceId("790")), call.ParkCallResponse)
    assert parked.parked_to == ConnectionId.of(ringing.call or "", "790")
    pbx.arrive(BERLIN, "104")
    group = await client.must(call.GroupPickupCall(DeviceId("103")), call.GroupPickupCallResponse)
    assert group.picked_call is not None
    await client.must(call.ClearConnection(group.picked_call), call.ClearConnectionResponse)
    assert await client.error(call.ClearConnection(group.picked_call)) == "invalidCallID"
    await client.must(call.ClearCall(ConnectionId(ringing.call)), call.ClearCallResponse)
    assert pbx.exchange.switch.calls() == ()


async def test_conference_and_call_back(pbx: Pbx) -> None:
    client = await pbx.cti("101")
    near = pbx.arrive(LONDON, "101")
    await client.must(call.AnswerCall(near), call.AnswerCallResponse)
    active = (
        await client.must(call.ConsultationCall(near, DeviceId("103")), call.ConsultationCallResponse)
    ).initiated_call
    assert await client.error(call.ConferenceCall(near, active)) == "invalidActiveConnectionState"
    await client.must(call.ReconnectCall(active, near), call.ReconnectCallResponse)
    active = (
        await client.must(call.ConsultationCall(near, DeviceId("104")), call.ConsultationCallResponse)
    ).initiated_call
    await client.must(call.AnswerCall(ConnectionId.of(active.call or "", "104")), call.AnswerCallResponse)
    made = await client.must(call.ConferenceCall(near, active), call.ConferenceCallResponse)
    assert len(made.connections) == 3
    ringing = await client.must(
        call.MakeCall(DeviceId("102"), DeviceId("103"), AutoOriginate.DO_NOT_PROMPT), call.MakeCallResponse
    )
    await client.must(call.CallBack(ringing.calling_device), call.CallBackResponse)
    await client.must(feat.CancelCallBack(DeviceId("102")), feat.CancelCallBackResponse)


async def test_device_features(pbx: Pbx) -> None:
    client = await pbx.cti("102")
    ben = DeviceId("102")
    await client.must(feat.SetDoNotDisturb(ben, do_not_disturb_on=True), feat.SetDoNotDisturbResponse)
    assert (await client.next(ev.DoNotDisturbEvent)).do_not_disturb_on
    assert (await client.must(feat.GetDoNotDisturb(ben), feat.GetDoNotDisturbResponse)).do_not_disturb_on
    forward = feat.SetForwarding(ben, ForwardingType.FORWARD_BUSY, activate_forward=True, forward_dn=DeviceId("103"))
    await client.must(forward, feat.SetForwardingResponse)
    assert (await client.next(ev.ForwardingEvent)).forward_to == DeviceId("103")
    (item,) = (await client.must(feat.GetForwarding(ben), feat.GetForwardingResponse)).forwarding_list
    assert (item.forwarding_type, item.forward_dn) == (ForwardingType.FORWARD_BUSY, DeviceId("103"))
    await client.must(
        feat.SetMessageWaitingIndicator(ben, message_waiting_on=True), feat.SetMessageWaitingIndicatorResponse
    )
    assert (await client.next(ev.MessageWaitingEvent)).message_waiting_on
    lamp = await client.must(feat.GetMessageWaitingIndicator(ben), feat.GetMessageWaitingIndicatorResponse)
    assert lamp.message_waiting_on
    pbx.exchange.switch.features.set_in_service("102", on=False)
    pbx.exchange.switch.features.set_in_service("102", on=True)
    pbx.server.turn()
    await client.next(ev.OutOfServiceEvent)
    await client.next(ev.BackInServiceEvent)


async def test_what_is_not_there_is_refused_with_its_code(pbx: Pbx) -> None:
    client = await pbx.cti()
    assert await client.error(call.AnswerCall(ConnectionId.of("x", "101"))) == "invalidCallID"
    assert await client.error(call.AnswerCall(ConnectionId("x"))) == "invalidConnectionID"
    assert await client.error(call.MakeCall(DeviceId("999"), DeviceId("101"))) == "invalidCallingDeviceID"
    assert await client.error(call.MakeCall(DeviceId("101"), DeviceId("999"))) == "invalidCalledDeviceID"
    joined = call.SingleStepConferenceCall(ConnectionId.of("x", "101"), DeviceId("102"))
    assert await client.error(joined) == "serviceNotSupported"


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


# Faults on request


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
