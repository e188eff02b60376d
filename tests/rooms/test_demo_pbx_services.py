"""The demo PBX over a socket: devices, monitors, snapshots, services."""

from collections.abc import AsyncIterator

import pytest
from tests.pure.demo.switchboard import BERLIN, LONDON
from tests.rooms.demo_pbx import Pbx, running

from unisono.demo.pbx.exchange import Exchange
from unisono.demo.pbx.model import Device
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
)
from unisono.wire.csta.parts import MonitorFilter, MonitorObject, RequestTypes


@pytest.fixture
async def pbx() -> AsyncIterator[Pbx]:
    async with running() as found:
        yield found


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
