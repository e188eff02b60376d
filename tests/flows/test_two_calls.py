"""What a line with one or two calls is offered, the demo PBX takes: no telephone keeps a call that cannot be ended."""

from collections.abc import AsyncIterator

import pytest
from tests.flows.test_demo_traffic import EVERYTHING, Stand, compare, stand
from tests.rooms.web_house import kept

from unisono.calls.capabilities import services_for
from unisono.calls.commands import command
from unisono.calls.model import Call, Service
from unisono.calls.view import LineState, line_view

ANNA = "101"
CUSTOMER = "+441632960123"


class Desk:
    """Anna's telephone, at which keys are pressed and which a program commands."""

    def __init__(self, stand: Stand) -> None:
        self._stand = stand

    async def press(self, command: str, **arguments: object) -> None:
        self._stand.commands.serve(command, arguments)
        self._stand.server.turn()
        await self._stand.second()
        compare(self._stand.model, self._stand.server, EVERYTHING)

    async def talks(self) -> None:
        await self.press("auto", at=ANNA, on=False)
        await self.press("call", **{"from": CUSTOMER, "to": ANNA})
        await self.press("answer", at=ANNA)

    def calls(self) -> list[Call]:
        return list(self._stand.model.picture.of_device("demo", ANNA))

    def states(self) -> list[LineState]:
        return [view.state for call in self.calls() if (view := line_view(call, ANNA)) is not None]

    def offered(self, call: Call) -> frozenset[Service]:
        others = [other for other in self.calls() if other.id != call.id]
        return services_for(call, ANNA, others, frozenset(Service), self._stand.connector.services(ANNA))

    async def ask(self, service: Service, call: Call) -> None:
        assert service in self.offered(call)
        await self._stand.connector.do(command(service, call, ANNA, self.calls()))
        await self._stand.second()
        compare(self._stand.model, self._stand.server, EVERYTHING)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with kept(stand(EVERYTHING)) as joined:
        yield Desk(joined)
    assert joined.model.anomalies == []


async def test_who_dials_the_own_number_hangs_up_with_a_click(desk: Desk) -> None:
    await desk.press("dial", at=ANNA, to=ANNA)
    assert desk.states() == [LineState.BUSY]
    await desk.ask(Service.CLEAR_CONNECTION, desk.calls()[0])
    assert desk.calls() == []


async def test_who_consults_the_own_number_comes_back_to_the_customer(desk: Desk) -> None:
    await desk.talks()
    await desk.press("consult", at=ANNA, to=ANNA)
    held, busy = desk.calls()
    assert desk.states() == [LineState.HOLD, LineState.BUSY]
    assert Service.RETRIEVE_CALL not in desk.offered(held)
    await desk.ask(Service.RECONNECT_CALL, busy)
    assert desk.states() == [LineState.CONNECTED]


async def test_a_held_call_is_offered_back_when_the_consultation_is_over(desk: Desk) -> None:
    await desk.press("auto", at="102", on=False)
    await desk.talks()
    await desk.press("consult", at=ANNA, to="102")
    assert desk.states() == [LineState.HOLD, LineState.RINGBACK]
    assert Service.RETRIEVE_CALL not in desk.offered(desk.calls()[0])
    await desk.press("answer", at="102")
    assert desk.states() == [LineState.HOLD, LineState.CONNECTED]
    assert Service.RETRIEVE_CALL not in desk.offered(desk.calls()[0])
    await desk.press("hang-up", at="102")
    assert desk.states() == [LineState.HOLD]
    await desk.ask(Service.RETRIEVE_CALL, desk.calls()[0])
    assert desk.states() == [LineState.CONNECTED]
