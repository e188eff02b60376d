"""Which request a service becomes, by what the calls are now."""

import pytest

from unisono.calls.commands import command
from unisono.calls.model import Call, ConnectionId, Service
from unisono.calls.port import Command

from .pbx import Pbx, ext


@pytest.fixture
def pbx() -> Pbx:
    return Pbx()


def consulting(pbx: Pbx) -> tuple[Call, Call]:
    """101 talked to a customer (call 1) and talks to 103 now (call 2)."""
    pbx.inbound()
    pbx.established("1", ext("101"))
    pbx.held("1", "101")
    pbx.originated("2", ext("101"), ext("103"))
    pbx.delivered("2", ext("103"), ext("101"), ext("103"))
    pbx.established("2", ext("103"))
    return pbx.call("1"), pbx.call("2")


FIRST, SECOND = ConnectionId("1", "101"), ConnectionId("2", "101")


class TestBackToTheFirst:
    def test_ends_the_consultation_that_is_active(self, pbx: Pbx) -> None:
        first, second = consulting(pbx)
        asked = command(Service.RECONNECT_CALL, second, "101", [first], held=first)
        assert asked == Command(Service.RECONNECT_CALL, "101", connection=SECOND, held=FIRST)

    @pytest.mark.parametrize("about", ["the first", "the second"])
    def test_ends_the_consultation_that_waits_after_alternating(self, pbx: Pbx, about: str) -> None:
        consulting(pbx)
        pbx.held("2", "101")
        pbx.retrieved("1", "101")
        first, second = pbx.call("1"), pbx.call("2")
        call, held = (first, second) if about == "the first" else (second, first)
        asked = command(Service.RECONNECT_CALL, call, "101", [held], held=held)
        assert asked == Command(Service.CLEAR_CONNECTION, "101", connection=SECOND)


def test_hold_and_then_ask_is_a_new_call(pbx: Pbx) -> None:
    pbx.inbound()
    pbx.established("1", ext("101"))
    pbx.held("1", "101")
    asked = command(Service.CONSULTATION_CALL, pbx.call("1"), "101", [], to="103")
    assert asked == Command(Service.MAKE_CALL, "101", to="103")
