"""The calls room from the outside: reports in, facts out; commands asked, refused, timed out, learned from."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from unisono.calls import pbx_events as ev
from unisono.calls.events import (
    Anomaly,
    CallChanged,
    CapabilitiesChanged,
    DeviceChanged,
    LinesDiscovered,
    LinkChanged,
)
from unisono.calls.model import (
    Call,
    Cause,
    ConnectionId,
    ContactRef,
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
from unisono.calls.service import CallService
from unisono.calls.store import CallStore
from unisono.kernel.bus import Bus
from unisono.kernel.clock import ManualClock
from unisono.kernel.errors import Invalid, NotFound
from unisono.numbers.model import Direction as Way
from unisono.numbers.model import NumberKind, PhoneNumber
from unisono.numbers.model import Role as NumberRole
from unisono.storage import Database

ROSSI = ContactRef("c1", "Mario Rossi", "Rossi SpA", "exact")
ANNA = ContactRef("u1", "Anna", "", "person")


class Site:
    """A location that writes +39432 before what comes from outside and dials a leading 0; the lines are 101 to 109."""

    def __init__(self) -> None:
        self.read_count = 0

    def read(self, raw: str, connector: str, device: str, direction: Way, role: NumberRole) -> PhoneNumber:
        self.read_count += 1
        if len(raw) == 3:
            return PhoneNumber(raw, NumberKind.INTERNAL, extension=raw)
        digits = raw.removeprefix("0") if direction is Way.OUT and role is NumberRole.CALLED else raw
        return PhoneNumber("+39" + digits, NumberKind.EXTERNAL, "IT")

    def dial(self, raw: str, connector: str, device: str, *, forwarding: bool = False) -> str:
        if not any(char.isdigit() for char in raw):
            raise Invalid("nothing-to-dial", "There is no number in that.", data={"field": "to"})
        return raw if len(raw) == 3 else raw.replace("+39", "0").replace(" ", "")

    def person(self, connector: str, device: str) -> ContactRef | None:
        return replace(ANNA, id=f"u{device}") if device in {"101", "102", "103"} else None

    def contact(self, canonical: str) -> ContactRef | None:
        return ROSSI if canonical == "+390432000462" else None


class Switch:
    """A connector in the test's hand."""

    id = "pbx"

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.answer: Accepted | Exception = Accepted()
        self.silent = False
        self.can = frozenset(Service)

    async def run(self) -> None:
        await asyncio.Event().wait()

    def watch(self, devices: frozenset[str]) -> None:
        pass

    async def do(self, command: Command) -> Accepted:
        self.commands.append(command)
        if self.silent:
            await asyncio.Event().wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def services(self, device: str) -> frozenset[Service]:
        return self.can


class Rig:
    """The room with everything around it."""

    def __init__(self, database: Database) -> None:
        self.clock = ManualClock()
        self.bus = Bus()
        self.site, self.switch = Site(), Switch()
        self.store = CallStore(database, self.clock)
        self.told: list[Any] = []
        self.calls = CallService(self.bus, self.clock, self.site, self.site, self.store, lambda id: self.switch)
        kinds = (CallChanged, DeviceChanged, LinkChanged, CapabilitiesChanged, Anomaly, LinesDiscovered)
        self.bus.subscribe("test", dict.fromkeys(kinds, self._hear), resync=self._never)
        self.calls.link("pbx", LinkState(LinkPhase.UP))

    async def _hear(self, fact: object) -> None:
        self.told.append(fact)

    async def _never(self) -> None:
        raise AssertionError("facts were lost")

    def head(self, cause: Cause = Cause.NORMAL) -> ev.Head:
        return ev.Head("pbx", self.clock.now(), cause, raw=b"bytes")

    async def heard(self, kind: type) -> list[Any]:
        """The facts of this kind since last asked."""
        await self.clock.advance(1)
        found = [fact for fact in self.told if isinstance(fact, kind)]
        self.told = [fact for fact in self.told if not isinstance(fact, kind)]
        return found

    def rings(self, native: str = "1", device: str = "101") -> Call:
        customer = Party("trunk", "0432000462", kind=PartyKind.EXTERNAL)
        own = Party(device, device, kind=PartyKind.EXTENSION)
        id = ConnectionId(native, device)
        self.calls.report(ev.Delivered(self.head(), id, own, customer, Party(number="0432100101")))
        return self.call(native)

    def answered(self, native: str = "1", device: str = "101") -> Call:
        own = Party(device, device, kind=PartyKind.EXTENSION)
        self.calls.report(ev.Established(self.head(), ConnectionId(native, device), own))
        return self.call(native)

    def call(self, native: str = "1") -> Call:
        call = self.calls.by_native("pbx", native)
        assert call is not None
        return call


@pytest.fixture
async def rig(sqlite: Database) -> AsyncIterator[Rig]:
    await sqlite.create_all()
    rig = Rig(sqlite)
    tasks = asyncio.ensure_future(_run(rig))
    await asyncio.sleep(0)
    yield rig
    tasks.cancel()
    await asyncio.wait({tasks})


async def _run(rig: Rig) -> None:
    async with asyncio.TaskGroup() as tasks:
        rig.bus.start(tasks)
        tasks.create_task(rig.calls.run())


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
        first, second = await rig.heard(Anomaly)
        assert (first.call, first.event, first.raw) == ("77", "Held", b"bytes")
        assert second.why == "no XML"
        assert rig.calls.anomalies["pbx"] == 2
        assert rig.calls.last_anomalies() == (first, second)

    async def test_device_events(self, rig: Rig) -> None:
        rig.calls.report(ev.DeviceDoNotDisturb(rig.head(), "101", True))
        rig.calls.report(ev.DeviceDoNotDisturb(rig.head(), "101", True))
        rig.calls.report(ev.DeviceForwarding(rig.head(), "101", ForwardingType.BUSY, True, "103"))
        rig.calls.report(ev.DeviceForwarding(rig.head(), "101", ForwardingType.BUSY, False))
        rig.calls.report(ev.DeviceMessageWaiting(rig.head(), "101", 2))
        facts = await rig.heard(DeviceChanged)
        assert [fact.status.forwarding for fact in facts] == [(), ((ForwardingType.BUSY, "103"),), (), ()]
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

    async def test_lines_that_the_pbx_names(self, rig: Rig) -> None:
        line = DiscoveredLine("101", "101", "Anna", frozenset({Service.MAKE_CALL}))
        rig.calls.lines("pbx", (line,))
        rig.calls.lines("pbx", (line,))
        assert len(await rig.heard(LinesDiscovered)) == 1
        assert len(await rig.heard(CapabilitiesChanged)) == 1
        assert rig.calls.discovered("pbx") == (line,)
        assert rig.calls.line_services("pbx", "101") == {Service.MAKE_CALL}


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
