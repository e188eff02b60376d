"""The lines and calls of a scripted CSTA PBX: monitors, snapshots, events."""


from tests.rooms.csta_pbx import CUSTOMER, NOT_SUPPORTED, Bench, call_of, delivered, monitor_of, number, running, snapshot_of

from unisono.calls.model import ConnectionId, ConnectionState, PartyKind, Service
from unisono.calls.pbx_events import (
    CallCleared,
    CallSnapshot,
    ConnectionCleared,
    Delivered,
    DeviceDoNotDisturb,
    DeviceInService,
    MonitorStopped,
    SnapshotComplete,
)
from unisono.calls.port import LinkPhase
from unisono.wire.csta import EVENT, Edition, Message, Response, encode, frame
from unisono.wire.csta import devices as wire
from unisono.wire.csta import events as csta
from unisono.wire.csta.capabilities import (
    GetCSTAFeatures,
    GetCSTAFeaturesResponse,
    GetLogicalDeviceInformation,
    GetLogicalDeviceInformationResponse,
    GetSwitchingFunctionDevices,
)
from unisono.wire.csta.causes import EventCause
from unisono.wire.csta.enums import CallAssociatedService, CallControlService, LocalConnectionState, LogicalService
from unisono.wire.csta.failures import CSTAErrorCode, ErrorCategory
from unisono.wire.csta.monitoring import (
    MonitorStart,
    MonitorStartResponse,
    MonitorStop,
    MonitorStopResponse,
    SnapshotCall,
    SnapshotDevice,
    SnapshotDeviceData,
    SnapshotDeviceResponse,
    SwFunctionDevicesChanged,
    SwFunctionDevicesChangedResponse,
)
from unisono.wire.csta.parts import (
    CallState,
    CompoundCallState,
    DeviceServices,
    SnapshotDeviceResponseInfo,
    SnapshotDeviceResult,
    SupportedServices,
)


async def test_lines_are_followed_and_left_as_they_are_watched() -> None:
    async with running("101") as bench:
        bench.connector.watch(frozenset({"102"}))
        [_, second] = await bench.pbx.until_asked(MonitorStart, 2)
        assert number(second) == "102"
        [stopped] = await bench.pbx.until_asked(MonitorStop)
        assert stopped.monitor_cross_ref_id == monitor_of("101")
        complete = await bench.told.event(SnapshotComplete, 2)
        assert complete.devices == {"102"}


async def test_who_tells_of_the_calls_of_a_line_that_is_left() -> None:
    """Told when the PBX has confirmed: until then events of the monitor may come, and belong to it."""
    async with running("101", "102", "103") as bench:
        bench.pbx.answers[MonitorStop] = lambda asked: [delivered("7"), MonitorStopResponse()]
        bench.connector.watch(frozenset({"102"}))
        await bench.told.event(MonitorStopped, 2)
        one, two = bench.told.of(MonitorStopped)
        assert (one.device, two.device) == ("101", "103")
        assert one.others == two.others == {"102"}
        told = [type(event) for event in bench.told.events]
        assert told.index(Delivered) < told.index(MonitorStopped)
        assert bench.told.of(Delivered)[0].head.device == "101"


async def test_a_monitor_that_cannot_be_started_again_has_stopped() -> None:
    async with running("101", "102") as bench:
        error = CSTAErrorCode(ErrorCategory.SYSTEM_RESOURCE_AVAILABILITY, "generic")
        bench.pbx.answers[MonitorStart] = lambda _: error
        await bench.pbx.say(MonitorStop(monitor_of("101")))
        stopped = await bench.told.event(MonitorStopped)
        assert (stopped.device, stopped.others) == ("101", {"102"})
        assert bench.told.of(MonitorStopped) == [stopped]


async def test_lines_that_cannot_be_monitored_are_named_and_tried_again() -> None:
    bench = Bench()
    refuse = {"102"}

    def start(asked: MonitorStart) -> Response:
        if number(asked) in refuse:
            return CSTAErrorCode(ErrorCategory.SYSTEM_RESOURCE_AVAILABILITY, "deviceOutOfService")
        return MonitorStartResponse(monitor_of(number(asked)))

    bench.pbx.answers[MonitorStart] = start
    async with running("101", "102", bench=bench):
        state = bench.told.state
        assert (state.phase, state.code) == (LinkPhase.UP, "lines-refused")
        assert "1 of 2 lines" in state.message
        assert "102 (systemResourceAvailibility: deviceOutOfService)" in state.message
        assert state.remedy
        assert (await bench.told.event(DeviceInService)).on is False
        refuse.clear()
        await bench.advance(61)
        assert (await bench.told.event(DeviceInService, 2)).on is True
        await bench.told.until(lambda: bench.told.state.code == "")


async def test_at_most_so_many_requests_wait_at_once() -> None:
    bench = Bench(requests_at_once=3)
    bench.pbx.answers[MonitorStart] = lambda _: None
    lines = [str(200 + n) for n in range(20)]
    async with running(*lines, up=False, bench=bench):
        await bench.pbx.until_asked(MonitorStart, 3)
        await bench.clock.advance(0.5)
        assert len(bench.pbx.of(MonitorStart)) == 3


async def test_a_monitor_that_the_pbx_ended_is_started_again() -> None:
    async with running("101") as bench:
        await bench.pbx.say(MonitorStop(monitor_of("101")))
        await bench.pbx.until_asked(MonitorStopResponse)
        await bench.pbx.until_asked(MonitorStart, 2)
        await bench.told.event(SnapshotComplete, 2)


async def test_a_changed_list_of_devices_is_read_again() -> None:
    async with running("101") as bench:
        await bench.pbx.say(SwFunctionDevicesChanged("7"))
        await bench.pbx.until_asked(SwFunctionDevicesChangedResponse)
        await bench.pbx.until_asked(GetSwitchingFunctionDevices, 2)


async def test_what_a_line_can_do_is_what_the_pbx_lists() -> None:
    bench = Bench()
    listed = frozenset({CallControlService.MAKE_CALL, CallControlService.ANSWER_CALL})
    bench.pbx.answers[GetCSTAFeatures] = lambda _: GetCSTAFeaturesResponse(
        SupportedServices(
            listed, frozenset({CallAssociatedService.GENERATE_DIGITS}), frozenset({LogicalService.SET_FORWARDING})
        )
    )
    bench.pbx.answers[GetLogicalDeviceInformation] = lambda _: GetLogicalDeviceInformationResponse(
        log_dev_serv_list=DeviceServices(frozenset({CallControlService.ANSWER_CALL}))
    )
    async with running("101", bench=bench):
        assert bench.told.capable["101"] == {Service.ANSWER_CALL}
        assert bench.connector.services("999") == {
            Service.MAKE_CALL,
            Service.ANSWER_CALL,
            Service.GENERATE_DIGITS,
            Service.SET_FORWARDING,
        }


# Calls.


async def test_an_event_is_reported_with_what_may_be_done() -> None:
    async with running("101") as bench:
        await bench.pbx.say(delivered("7"))
        event = await bench.told.event(Delivered)
        assert event.connection == ConnectionId("7", "101")
        assert (event.alerting.name, event.alerting.kind) == ("Anna", PartyKind.EXTENSION)
        assert event.calling.number == "+441632960123"
        assert event.head.device == "101"
        assert event.head.local is ConnectionState.ALERTING
        assert event.head.permitted == {Service.ANSWER_CALL, Service.DEFLECT_CALL}
        assert b"<DeliveredEvent" in event.head.raw


async def test_events_keep_their_order_however_the_stream_is_cut() -> None:
    async with running("101") as bench:
        pieces = b"".join(frame(EVENT, encode(delivered(str(n)), Edition.ED4)) for n in range(30))
        for start in range(0, len(pieces), 700):
            await bench.pbx.say(pieces[start : start + 700])
        await bench.told.event(Delivered, 30)
        assert [event.connection.call for event in bench.told.of(Delivered)] == [str(n) for n in range(30)]


async def test_calls_that_are_up_are_read_at_the_start() -> None:
    bench = Bench()
    bench.pbx.answers[SnapshotDevice] = lambda _: snapshot_of("7")
    bench.pbx.answers[SnapshotCall] = lambda _: call_of("7")
    async with running("101", "102", bench=bench):
        [call] = bench.told.of(CallSnapshot)
        assert call.call == "7"
        assert [(leg.id.device, leg.state) for leg in call.connections] == [
            ("101", ConnectionState.HOLD),
            ("T1", ConnectionState.CONNECTED),
        ]
        assert (call.calling.number, call.called.name) == ("+441632960123", "Anna")
        complete = await bench.told.event(SnapshotComplete)
        assert (complete.calls, complete.devices) == ({"7"}, None)
        assert len(bench.pbx.of(SnapshotCall)) == 1


async def test_calls_in_pieces_and_without_snapshots_of_calls() -> None:
    bench = Bench()
    states = CallState(CompoundCallState((LocalConnectionState.ALERTING, LocalConnectionState.CONNECTED)))
    info = SnapshotDeviceResponseInfo(wire.ConnectionId.of("7", "101"), CUSTOMER, states)
    bench.pbx.answers[SnapshotDevice] = lambda _: [
        frame(EVENT, encode(SnapshotDeviceData("x1", 1, False, (info,)))),
        SnapshotDeviceResponse(SnapshotDeviceResult("x1")),
        frame(EVENT, encode(SnapshotDeviceData("x1", 2, True, ()))),
    ]
    bench.pbx.answers[SnapshotCall] = lambda _: NOT_SUPPORTED
    async with running("101", bench=bench):
        [call] = bench.told.of(CallSnapshot)
        assert [(leg.party.number, leg.state) for leg in call.connections] == [
            ("101", ConnectionState.ALERTING),
            ("+441632960123", ConnectionState.CONNECTED),
        ]


async def test_what_happens_during_the_snapshot_is_told_in_the_order_of_the_pbx() -> None:
    bench = Bench()
    bench.pbx.answers[SnapshotDevice] = lambda _: snapshot_of("7")
    ended = csta.ConnectionClearedEvent(monitor_of("101"), wire.ConnectionId.of("7", "101"))
    bench.pbx.answers[SnapshotCall] = lambda _: [call_of("7"), ended, delivered("8")]
    async with running("101", bench=bench):
        told = [type(event) for event in bench.told.events if not isinstance(event, DeviceDoNotDisturb)]
        assert told.index(CallSnapshot) < told.index(ConnectionCleared) < told.index(Delivered)
        assert (await bench.told.event(SnapshotComplete)).calls == {"7", "8"}


async def test_an_event_right_behind_the_answer_belongs_to_the_monitor() -> None:
    bench = Bench()
    bench.pbx.answers[MonitorStart] = lambda asked: [MonitorStartResponse(monitor_of("101")), delivered("7")]
    async with running("101", bench=bench):
        assert bench.told.of(Delivered)[0].head.device == "101"


async def test_an_overloaded_pbx_is_asked_again_until_it_has_answered_everything() -> None:
    bench = Bench()
    overload = CSTAErrorCode(ErrorCategory.PERFORMANCE_MANAGEMENT, "performanceLimitExceeded")
    left = {SnapshotDevice: 3, MonitorStart: 2}

    def busy(kind: type[Message], then: Response) -> Response:
        left[kind] -= 1
        return overload if left[kind] >= 0 else then

    bench.pbx.answers[MonitorStart] = lambda _: busy(MonitorStart, MonitorStartResponse(monitor_of("101")))
    bench.pbx.answers[SnapshotDevice] = lambda _: busy(SnapshotDevice, snapshot_of("7"))
    bench.pbx.answers[SnapshotCall] = lambda _: call_of("7")
    async with running("101", up=False, bench=bench):
        await bench.pbx.until_asked(MonitorStart)
        await bench.advance(10)
        await bench.told.phase(LinkPhase.UP)
        assert bench.told.of(SnapshotComplete)[0].calls == {"7"}
        assert bench.told.state.code == ""


async def test_calls_that_could_not_be_read_are_not_called_gone() -> None:
    bench = Bench()
    error = CSTAErrorCode(ErrorCategory.OPERATION, "generic")
    bench.pbx.answers[SnapshotDevice] = lambda asked: snapshot_of() if asked.snapshot_object.text == "102" else error
    async with running("101", "102", bench=bench):
        assert (await bench.told.event(SnapshotComplete)).devices == {"102"}


async def test_the_pbx_is_asked_whether_a_parked_call_still_waits() -> None:
    """No monitor hears that its caller hangs up; ECMA-269 gives the call, as long as it is there, to who asks for it."""
    def parked(native: str) -> csta.DivertedEvent:
        return csta.DivertedEvent(
            monitor_of("101"),
            wire.ConnectionId.of(native, "101"),
            wire.ExtendedDevice.of("101"),
            wire.ExtendedDevice.of("790"),
            local_connection_info=LocalConnectionState.NULL,
            cause=EventCause.PARK,
        )

    async with running("101") as bench:
        bench.pbx.answers[SnapshotCall] = lambda _: call_of("7")
        await bench.pbx.say(parked("7"), parked("8"))
        await bench.advance(3)
        assert [asked.snapshot_object.call for asked in await bench.pbx.until_asked(SnapshotCall, 2)] == ["7", "8"]
        assert bench.told.of(CallCleared) == []
        await bench.pbx.say(delivered("8"))
        bench.pbx.answers[SnapshotCall] = lambda _: CSTAErrorCode(ErrorCategory.OPERATION, "invalidCallID")
        await bench.advance(3)
        assert (await bench.told.event(CallCleared)).call == "7"
        await bench.advance(10)
        assert (len(bench.pbx.of(SnapshotCall)), len(bench.told.of(CallCleared))) == (3, 1)


async def test_a_pbx_that_cannot_be_asked_for_calls_is_not_asked_again() -> None:
    async with running("101") as bench:
        event = csta.DivertedEvent(
            monitor_of("101"),
            wire.ConnectionId.of("7", "101"),
            new_destination=wire.ExtendedDevice.of("790"),
            cause=EventCause.PARK,
        )
        await bench.pbx.say(event)
        await bench.advance(20)
        assert len(bench.pbx.of(SnapshotCall)) == 1
        assert bench.told.of(CallCleared) == []
