"""The calls room from the outside: reports in, facts out; commands asked, refused, timed out, learned from."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs
from tests.rooms.calls_rig import ROSSI, Rig, Site, running

from unisono.calls import pbx_events as ev
from unisono.calls.events import (
    AnomaliesChanged,
    CallChanged,
    CapabilitiesChanged,
    DeviceChanged,
    LinesDiscovered,
)
from unisono.calls.impossible import Why
from unisono.calls.model import (
    Cause,
    ConnectionId,
    ConnectionState,
    Direction,
    ForwardingType,
    Party,
    PartyKind,
    Result,
    Service,
)
from unisono.calls.port import (
    Accepted,
    Command,
    CommandProblem,
    CommandRefused,
    DiscoveredLine,
    LinkPhase,
    LinkState,
)
from unisono.kernel.errors import Invalid, NotFound
from unisono.storage import Database

S = ConnectionState


@pytest.fixture
async def rig(sqlite: Database) -> AsyncIterator[Rig]:
    async with running(sqlite) as rig:
        yield rig


class TestReports:
    async def test_the_fact_carries_number_and_name(self, rig: Rig) -> None:
        rig.rings()
        (fact,) = await rig.heard(CallChanged)
        assert fact.before is None
        assert fact.call.direction is Direction.INBOUND
        assert fact.call.calling.canonical == "+390432000462"
        assert fact.call.calling.contact == ROSSI
        assert fact.call.leg("101").party.contact.id == "u101"

    async def test_a_party_is_read_once(self, rig: Rig) -> None:
        rig.rings()
        count = rig.site.read_count
        rig.answered()
        rig.calls.report(ev.Held(rig.head(), ConnectionId("1", "101")))
        assert rig.site.read_count == count
        assert rig.call().calling.contact == ROSSI

    async def test_unknown_devices_that_are_ours_make_the_direction(self, rig: Rig) -> None:
        event = ev.Originated(rig.head(), ConnectionId("1", "101"), Party("101", "101"), Party(number="00432000462"))
        rig.calls.report(event)
        assert rig.call().direction is Direction.OUTBOUND
        assert rig.call().called.canonical == "+390432000462"
        assert rig.call().called.contact == ROSSI

    async def test_dialled_extension_makes_the_call_internal(self, rig: Rig) -> None:
        rig.calls.report(
            ev.Originated(rig.head(), ConnectionId("1", "101"), Party("101", "101"), Party(number="102"))
        )
        assert rig.call().direction is Direction.INTERNAL

    async def test_told_twice_changes_nothing(self, rig: Rig) -> None:
        rig.rings()
        await rig.heard(CallChanged)
        rig.rings()
        assert await rig.heard(CallChanged) == []

    async def test_what_cannot_be_is_counted_with_its_bytes(self, rig: Rig) -> None:
        rig.calls.report(ev.Held(rig.head(), ConnectionId("77", "101")))
        rig.calls.report(ev.Unreadable(rig.head(), "no XML"))
        assert rig.calls.anomalies.count("pbx") == 2
        held, unreadable = sorted(rig.calls.anomalies.of("pbx"), key=lambda anomaly: anomaly.event)
        assert (held.event, held.why, held.count) == ("Held", Why.UNKNOWN_CALL, 1)
        [example] = held.examples
        assert (example.found.call, example.raw, example.size) == ("77", b"bytes", 5)
        assert unreadable.examples[0].found.detail == "no XML"
        assert await rig.heard(AnomaliesChanged) == [AnomaliesChanged("pbx")]

    async def test_what_fails_here_ends_no_link_and_is_counted(self, rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
        with monkeypatch.context() as broken, capture_logs() as logs:
            broken.delattr(Site, "read")
            rig.calls.report(ev.Originated(rig.head(), ConnectionId("1", "101"), Party("101", "101"), Party(number="102")))
        [anomaly] = rig.calls.anomalies.of("pbx")
        assert (anomaly.event, anomaly.why) == ("Originated", Why.INTERNAL)
        [line] = logs
        assert (line["event"], line["kind"], line["exc_info"]) == ("event failed", "Originated", True)

    async def test_device_events(self, rig: Rig) -> None:
        rig.calls.report(ev.DeviceDoNotDisturb(rig.head(), "101", True))
        rig.calls.report(ev.DeviceDoNotDisturb(rig.head(), "101", True))
        rig.calls.report(ev.DeviceForwarding(rig.head(), "101", ForwardingType.BUSY, True, "103"))
        rig.calls.report(ev.DeviceForwarding(rig.head(), "101", ForwardingType.BUSY, False))
        rig.calls.report(ev.DeviceMessageWaiting(rig.head(), "101", 2))
        facts = await rig.heard(DeviceChanged)
        assert [fact.status.forwarding for fact in facts] == [(), ((ForwardingType.BUSY, "103"),), (), ()]
        goes = rig.calls.ask.forwards_to
        assert (goes("pbx", "101", "103"), goes("pbx", "101", "000462")) == ("103", "+39000462")
        status = rig.calls.device_status("pbx", "101")
        assert (status.do_not_disturb, status.messages_waiting) == (True, 2)

    async def test_ended_calls_are_remembered_for_ten_minutes(self, rig: Rig) -> None:
        call = rig.rings()
        rig.calls.report(ev.CallCleared(rig.head(), "1"))
        assert list(rig.calls.live()) == []
        await rig.clock.advance(9 * 60)
        assert rig.calls.get(call.id) is not None
        await rig.clock.advance(2 * 60)
        assert rig.calls.get(call.id) is None

    async def test_a_stopped_link_loses_its_calls(self, rig: Rig) -> None:
        rig.rings()
        rig.calls.link("pbx", LinkState(LinkPhase.STOPPED))
        await rig.clock.advance(30)
        assert rig.call().live
        await rig.clock.advance(60)
        assert rig.call().result is Result.LOST_SIGHT

    async def test_what_leaves_every_monitored_device_ends(self, rig: Rig) -> None:
        own, box = Party("101", "101"), Party("700", "700", kind=PartyKind.VOICEMAIL)
        customer = Party("trunk", "0432000462", kind=PartyKind.EXTERNAL)
        rings, gone = (replace(rig.head(), device="101", local=state) for state in (S.ALERTING, S.NULL))
        gone = replace(gone, cause=Cause.CALL_FORWARD_NO_ANSWER, at=rig.clock.now() + timedelta(seconds=20))
        rig.calls.report(ev.Delivered(rings, ConnectionId("1", "101"), own, customer, own))
        await rig.clock.advance(20)
        rig.calls.report(ev.Diverted(gone, ConnectionId("1", "101"), own, box))
        assert rig.call().live
        await rig.heard(CallChanged)
        await rig.clock.advance(3)
        (fact,) = await rig.heard(CallChanged)
        assert (fact.call.result, fact.call.ended) == (Result.VOICEMAIL, gone.at)
        assert fact.call.calling.contact == ROSSI
        assert await rig.heard(AnomaliesChanged) == []
        assert list(rig.calls.live()) == []

    async def test_a_number_outside_to_which_a_line_forwards_is_read_and_named(self, rig: Rig) -> None:
        call = rig.rings()
        own, away = Party("101", "101"), Party("0432000462", "0432000462")
        gone = replace(rig.head(Cause.CALL_FORWARD_IMMEDIATE), device="101", local=S.NULL)
        rig.calls.report(ev.Diverted(gone, ConnectionId("1", "101"), own, away))
        for known in (ROSSI, replace(ROSSI, name="Maria Rossi")):
            rig.site.known = known
            await rig.calls.identify_again()
            now = rig.calls.get(call.id)
            assert now is not None
            target = now.transfers[-1].target
            assert target is not None
            assert (target.canonical, target.kind, target.contact) == ("+390432000462", PartyKind.EXTERNAL, known)

    async def test_lines_that_the_pbx_names(self, rig: Rig) -> None:
        line = DiscoveredLine("101", "101", "Anna", frozenset({Service.MAKE_CALL}))
        rig.calls.lines("pbx", (line,))
        rig.calls.lines("pbx", (line,))
        assert len(await rig.heard(LinesDiscovered)) == 1
        assert len(await rig.heard(CapabilitiesChanged)) == 1
        assert rig.calls.discovered("pbx") == (line,)
        assert rig.calls.line_services("pbx", "101") == {Service.MAKE_CALL}


class TestIdentifyAgain:
    async def test_a_contact_that_is_renamed_found_or_gone(self, rig: Rig) -> None:
        call = rig.rings()
        rig.calls.set_call_data(call.id, {"note": "x"})
        for known in (replace(ROSSI, name="Maria Rossi"), None, ROSSI):
            await rig.heard(CallChanged)
            rig.site.known = known
            await rig.calls.identify_again()
            (fact,) = await rig.heard(CallChanged)
            assert fact.call.calling.contact == known
            assert (fact.call.data, fact.call.direction) == ({"note": "x"}, Direction.INBOUND)
            assert fact.call.leg("101").party.contact.id == "u101"

    async def test_without_a_difference_nothing_is_told(self, rig: Rig) -> None:
        rig.rings()
        rig.answered()
        await rig.heard(CallChanged)
        await rig.calls.identify_again()
        assert await rig.heard(CallChanged) == []

    async def test_of_many_calls_those_that_ended_meanwhile_stay_as_they_are(self, rig: Rig) -> None:
        for number in range(120):
            rig.rings(str(number), device=f"2{number:02}")
        rig.site.known = None
        going = asyncio.ensure_future(rig.calls.identify_again())
        await asyncio.sleep(0)
        rig.calls.report(ev.CallCleared(rig.head(), "119"))
        await going
        assert rig.call("119").calling.contact == ROSSI
        assert {rig.call(str(number)).calling.contact for number in range(119)} == {None}


class TestCallData:
    async def test_is_shared_by_a_fact(self, rig: Rig) -> None:
        call = rig.rings()
        rig.calls.set_call_data(call.id, {"note": "wants a quote", "order": "4711"})
        rig.calls.set_call_data(call.id, {"order": ""})
        assert (await rig.heard(CallChanged))[-1].call.data == {"note": "wants a quote"}

    async def test_survives_the_next_event_and_the_end(self, rig: Rig) -> None:
        call = rig.rings()
        rig.calls.set_call_data(call.id, {"note": "x"})
        rig.calls.report(ev.CallCleared(rig.head(), "1"))
        rig.calls.set_call_data(call.id, {"subject": "y"})
        assert rig.call().data == {"note": "x", "subject": "y"}

    @pytest.mark.parametrize("data", [{"": "x"}, {"k" * 65: "x"}, {"k": "x" * 10_001}, {str(n): "x" for n in range(65)}])
    async def test_has_limits(self, rig: Rig, data: dict[str, str]) -> None:
        call = rig.rings()
        with pytest.raises(Invalid):
            rig.calls.set_call_data(call.id, data)
        assert rig.call().data == {}

    async def test_unknown_call(self, rig: Rig) -> None:
        with pytest.raises(NotFound):
            rig.calls.set_call_data("nothing", {"note": "x"})


class TestCommands:
    async def test_answer_asks_and_changes_nothing(self, rig: Rig) -> None:
        call = rig.rings()
        await rig.calls.ask.about_call(Service.ANSWER_CALL, call.id, "101")
        assert rig.switch.commands == [Command(Service.ANSWER_CALL, "101", ConnectionId("1", "101"))]
        assert rig.call() == call

    async def test_make_call_dials_by_the_rules_and_keeps_the_subject(self, rig: Rig) -> None:
        rig.switch.answer = Accepted("5")
        await rig.calls.ask.make_call("pbx", "101", "+39 0432 000462", "invoice")
        assert rig.switch.commands[0].to == "00432000462"
        rig.calls.report(ev.ServiceInitiated(rig.head(), ConnectionId("5", "101"), Party("101", "101"), by_cti=True))
        assert rig.call("5").data == {"subject": "invoice"}

    async def test_two_calls_of_one_line(self, rig: Rig) -> None:
        rig.rings()
        held = rig.answered()
        rig.calls.report(ev.Held(rig.head(), ConnectionId("1", "101")))
        own, other = Party("101", "101", kind=PartyKind.EXTENSION), Party("103", "103", kind=PartyKind.EXTENSION)
        rig.calls.report(ev.Originated(rig.head(), ConnectionId("2", "101"), own, other))
        rig.calls.report(ev.Delivered(rig.head(), ConnectionId("2", "103"), other, own, other))
        active = rig.answered("2", "103")
        both = (ConnectionId("2", "101"), ConnectionId("1", "101"))
        for service in (Service.ALTERNATE_CALL, Service.TRANSFER_CALL, Service.CONFERENCE_CALL):
            await rig.calls.ask.about_call(service, active.id, "101", held_call_id=held.id)
            await rig.calls.ask.about_call(service, held.id, "101")
        assert {(c.connection, c.held) for c in rig.switch.commands} == {both}

    async def test_pickup_names_the_ringing_connection(self, rig: Rig) -> None:
        call = rig.rings(device="102")
        await rig.calls.ask.about_call(Service.DIRECTED_PICKUP_CALL, call.id, "101")
        assert rig.switch.commands[0] == Command(Service.DIRECTED_PICKUP_CALL, "101", ConnectionId("1", "102"))

    async def test_digits_are_checked(self, rig: Rig) -> None:
        rig.rings()
        call = rig.answered()
        await rig.calls.ask.about_call(Service.GENERATE_DIGITS, call.id, "101", dtmf="12 3#")
        assert rig.switch.commands[0].digits == "123#"
        with pytest.raises(Invalid):
            await rig.calls.ask.about_call(Service.GENERATE_DIGITS, call.id, "101", dtmf="12x")

    async def test_not_now(self, rig: Rig) -> None:
        call = rig.rings()
        with pytest.raises(CommandRefused) as refused:
            await rig.calls.ask.about_call(Service.HOLD_CALL, call.id, "101")
        assert refused.value.problem is CommandProblem.NOT_NOW
        assert rig.switch.commands == []

    async def test_not_supported_by_the_connector(self, rig: Rig) -> None:
        call = rig.rings()
        rig.switch.can = frozenset({Service.CLEAR_CONNECTION})
        with pytest.raises(CommandRefused) as refused:
            await rig.calls.ask.about_call(Service.ANSWER_CALL, call.id, "101")
        assert refused.value.problem is CommandProblem.NOT_SUPPORTED

    async def test_refusals_are_learned_until_the_link_is_renewed(self, rig: Rig) -> None:
        call = rig.rings()
        rig.switch.answer = CommandRefused(CommandProblem.NOT_SUPPORTED, "no")
        with pytest.raises(CommandRefused):
            await rig.calls.ask.about_call(Service.ANSWER_CALL, call.id, "101")
        assert Service.ANSWER_CALL not in rig.calls.services(call, "101")
        assert await rig.heard(CapabilitiesChanged) == [CapabilitiesChanged("pbx", "101")]
        rig.calls.link("pbx", LinkState(LinkPhase.WAITING))
        rig.calls.link("pbx", LinkState(LinkPhase.UP))
        assert Service.ANSWER_CALL in rig.calls.services(call, "101")

    async def test_silence_is_a_time_out(self, rig: Rig) -> None:
        call = rig.rings()
        rig.switch.silent = True
        asking = asyncio.ensure_future(rig.calls.ask.about_call(Service.ANSWER_CALL, call.id, "101"))
        await rig.clock.advance(11)
        with pytest.raises(CommandRefused) as refused:
            await asking
        assert refused.value.problem is CommandProblem.TIMEOUT

    async def test_no_link(self, rig: Rig) -> None:
        rig.calls.link("pbx", LinkState(LinkPhase.WAITING, message="refused"))
        with pytest.raises(CommandRefused) as refused:
            await rig.calls.ask.make_call("pbx", "101", "102")
        assert refused.value.problem is CommandProblem.LINK_DOWN
        assert "refused" in refused.value.message

    async def test_a_broken_connector_is_no_crash(self, rig: Rig) -> None:
        rig.switch.answer = RuntimeError("bug")
        with pytest.raises(CommandRefused) as refused:
            await rig.calls.ask.make_call("pbx", "101", "102")
        assert refused.value.problem is CommandProblem.OTHER

    async def test_line_settings(self, rig: Rig) -> None:
        await rig.calls.ask.do_not_disturb("pbx", "101", True)
        await rig.calls.ask.forward("pbx", "101", ForwardingType.BUSY, True, "103")
        await rig.calls.ask.forward("pbx", "101", ForwardingType.BUSY, False)
        await rig.calls.ask.group_pickup("pbx", "101")
        assert [command.service for command in rig.switch.commands] == [
            Service.SET_DO_NOT_DISTURB,
            Service.SET_FORWARDING,
            Service.SET_FORWARDING,
            Service.GROUP_PICKUP_CALL,
        ]
        assert not rig.calls.device_status("pbx", "101").do_not_disturb

    async def test_telephone_that_is_unplugged(self, rig: Rig) -> None:
        rig.calls.report(ev.DeviceInService(rig.head(), "101", False))
        with pytest.raises(CommandRefused) as refused:
            await rig.calls.ask.make_call("pbx", "101", "102")
        assert refused.value.problem is CommandProblem.DEVICE_OFFLINE
