"""A PBX with a monitor for each device, in a test's hand."""

from collections.abc import Callable
from datetime import timedelta

from unisono.calls import pbx_events as ev
from unisono.calls.model import Cause, ConnectionId, ConnectionState, Party, Service
from unisono.calls.unwatched import sweep

from .pbx import CUSTOMER, Pbx, assert_sane

S = ConnectionState


class Monitored(Pbx):
    """Tells events as the monitor of one device."""

    def as_(
        self,
        device: str,
        local: ConnectionState | None,
        event: Callable[[ev.Head], ev.CallEvent],
        cause: Cause = Cause.NORMAL,
        permitted: frozenset[Service] | None = None,
        *,
        seconds: float = 1,
    ) -> None:
        self.tell(event(ev.Head("pbx", self.now, cause, device, local, permitted)))
        self.now += timedelta(seconds=seconds)

    def ring(self) -> None:
        own = Party("101", "101")
        self.as_("101", S.ALERTING, lambda h: ev.Delivered(h, ConnectionId("1", "101"), own, CUSTOMER, own))

    def answer(self) -> None:
        self.as_("101", S.CONNECTED, lambda h: ev.Established(h, ConnectionId("1", "101"), Party("101", "101")))

    def clear(self, device: str, local: ConnectionState, cause: Cause = Cause.NORMAL_CLEARING) -> None:
        self.as_("101", local, lambda h: ev.ConnectionCleared(h, ConnectionId("1", device)), cause)

    def divert(self, to: Party, cause: Cause = Cause.CALL_FORWARD_NO_ANSWER, by: str = "101") -> None:
        """The device loses the ringing call to another, as its own monitor tells it."""
        own = Party(by, by)
        self.as_(by, S.NULL, lambda h: ev.Diverted(h, ConnectionId("1", by), own, to), cause, seconds=0)

    def wait(self, seconds: float) -> None:
        """Time passes, and calls that nobody watches are swept once at the end of it."""
        self.now += timedelta(seconds=seconds)
        for found in sweep(self.picture, self.now):
            assert not found.anomalies
            self.picture.apply(found)
            for call in found.changed:
                assert_sane(call)
