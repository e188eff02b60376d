"""What a scripted CSTA PBX is asked to do, and how it answers."""

import asyncio

import pytest
from tests.rooms.csta_pbx import ANNA, Bench, monitor_of, running

from unisono.calls.model import ConnectionId, Service
from unisono.calls.pbx_events import ServiceInitiated
from unisono.calls.port import Accepted, Command, CommandProblem, CommandRefused, LinkPhase
from unisono.wire.csta import devices as wire
from unisono.wire.csta import events as csta
from unisono.wire.csta import frame
from unisono.wire.csta.enums import AutoOriginate
from unisono.wire.csta.failures import CSTAErrorCode, ErrorCategory
from unisono.wire.csta.features import SetForwarding
from unisono.wire.csta.services import (
    AlternateCall,
    AnswerCall,
    ConsultationCall,
    ConsultationCallResponse,
    MakeCall,
    MakeCallResponse,
)


async def test_a_call_is_made_without_prompt_and_known_as_ours() -> None:
    async with running("101") as bench:
        initiated = csta.ServiceInitiatedEvent(monitor_of("101"), wire.ConnectionId.of("9", "101"), ANNA)
        bench.pbx.answers[MakeCall] = lambda _: [MakeCallResponse(wire.ConnectionId.of("9", "101")), initiated]
        command = Command(Service.MAKE_CALL, "101", to="0432960123", subject="Offer 7")
        assert await bench.connector.do(command) == Accepted("9")
        [asked] = bench.pbx.of(MakeCall)
        assert asked.calling_device.text == "N<101>Anna"
        assert asked.called_directory_number.text == "0432960123"
        assert (asked.auto_originate, asked.subject_of_call) == (AutoOriginate.DO_NOT_PROMPT, "Offer 7")
        assert (await bench.told.event(ServiceInitiated)).by_cti


async def test_commands_about_two_calls_name_both() -> None:
    async with running("101") as bench:
        one, two = ConnectionId("1", "102"), ConnectionId("2", "102")
        bench.pbx.answers[ConsultationCall] = lambda _: ConsultationCallResponse(wire.ConnectionId.of("2", "102"))
        accepted = await bench.connector.do(Command(Service.CONSULTATION_CALL, "102", one, to="103"))
        assert accepted == Accepted("2")
        with pytest.raises(CommandRefused):
            await bench.connector.do(Command(Service.ALTERNATE_CALL, "102", two, one))
        [swap] = bench.pbx.of(AlternateCall)
        assert (swap.held_call.call, swap.active_call.call) == ("1", "2")


async def test_a_refusal_has_the_pbx_s_own_words() -> None:
    async with running("101") as bench:
        error = CSTAErrorCode(ErrorCategory.STATE_INCOMPATIBILITY, "noCallToAnswer")
        bench.pbx.answers[AnswerCall] = lambda _: error
        with pytest.raises(CommandRefused) as caught:
            await bench.connector.do(Command(Service.ANSWER_CALL, "101", ConnectionId("1", "101")))
        assert caught.value.problem is CommandProblem.NOT_NOW
        assert caught.value.data["native"] == "stateIncompatibility: noCallToAnswer"


async def test_what_the_pbx_does_not_offer() -> None:
    async with running("101") as bench:
        with pytest.raises(CommandRefused) as caught:
            await bench.connector.do(Command(Service.SET_FORWARDING, "101", to="102"))
        assert caught.value.problem is CommandProblem.NOT_SUPPORTED
        assert bench.pbx.of(SetForwarding)[0].activate_forward


async def test_no_answer_in_time() -> None:
    async with running("101", answer_seconds=5) as bench:
        bench.pbx.answers[AnswerCall] = lambda _: None
        async with asyncio.TaskGroup() as tasks:
            command = Command(Service.ANSWER_CALL, "101", ConnectionId("1", "101"))
            asked = tasks.create_task(attempt(bench, command))
            await bench.pbx.until_asked(AnswerCall)
            await bench.advance(6)
        assert asked.result().problem is CommandProblem.TIMEOUT
        assert bench.told.state.phase is LinkPhase.UP


async def test_commands_without_a_link() -> None:
    bench = Bench()
    await bench.pbx.start()
    await bench.pbx.stop()
    command = Command(Service.ANSWER_CALL, "101", ConnectionId("1", "101"))
    assert (await attempt(bench, command)).problem is CommandProblem.LINK_DOWN
    async with running("101", bench=bench):
        bench.pbx.answers[AnswerCall] = lambda _: None
        async with asyncio.TaskGroup() as tasks:
            asked = tasks.create_task(attempt(bench, command))
            await bench.pbx.until_asked(AnswerCall)
            bench.pbx.drop()
        assert asked.result().problem is CommandProblem.LINK_DOWN


@pytest.mark.parametrize(
    "command",
    [
        Command(Service.ANSWER_CALL, "101"),
        Command(Service.MAKE_CALL, "101"),
        Command(Service.TRANSFER_CALL, "101", ConnectionId("1", "101")),
        Command(Service.MAKE_CALL, "101", to="1" * 70_000),
    ],
)
async def test_commands_that_make_no_sense_do_not_reach_the_pbx(command: Command) -> None:
    async with running("101") as bench:
        before = len(bench.pbx.asked)
        await attempt(bench, command)
        assert len(bench.pbx.asked) == before
        assert bench.told.state.phase is LinkPhase.UP


async def attempt(bench: Bench, command: Command) -> CommandRefused:
    with pytest.raises(CommandRefused) as caught:
        await bench.connector.do(command)
    return caught.value


async def test_an_unreadable_answer_fails_its_request_at_once() -> None:
    async with running("101") as bench:
        bench.pbx.answers[AnswerCall] = lambda _: [frame("0000", b"")]
        before = len(bench.pbx.asked)
        asked = asyncio.get_running_loop().create_task(
            attempt(bench, Command(Service.ANSWER_CALL, "101", ConnectionId("1", "101")))
        )
        await bench.pbx.until_asked(AnswerCall)
        invoke_id = next(record.data[4:8] for record in reversed(bench.connector.trace()) if record.sent).decode()
        await bench.pbx.say(frame(invoke_id, b"<AnswerCallResponse"))
        assert (await asked).problem is CommandProblem.OTHER
        assert len(bench.pbx.asked) == before + 1
