"""When a lost link is tried again: the rule, and the loop that keeps it, on a clock wound by hand."""

import asyncio
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unisono.connectors.relink import REFUSED_SECONDS, STEADY_SECONDS, Relink, Tries
from unisono.kernel.clock import ManualClock
from unisono.kernel.errors import Fault, Retry, Unavailable

MOST = 30.0


@given(st.lists(st.floats(0, STEADY_SECONDS, exclude_max=True), max_size=40))
def test_every_pause_is_longer_until_one_link_holds(stood: list[float]) -> None:
    tries, longest = Tries(), 0.0
    for seconds in stood:
        tries = tries.after(seconds)
        pause = tries.pause(refused=False)
        assert longest * 0.8 <= pause <= MOST
        longest = max(longest, pause)
    assert tries.after(STEADY_SECONDS) == Tries(0)
    assert Tries(0).pause(refused=False) <= 0.5
    assert tries.pause(refused=True) == REFUSED_SECONDS


class Peer:
    """Each connection is up after `connect` seconds (None: never) and breaks after `hold` more."""

    def __init__(self, connect: float | None = 0.0, hold: float = 0.0) -> None:
        self.clock = ManualClock()
        self.relink = Relink(self.clock)
        self.connect = connect
        self.hold = hold
        self.fault: Fault | None = Unavailable("link-lost", "The link broke.")
        self.began: list[float] = []
        self.lost: list[Fault] = []
        self.due: list[float] = []
        """When the next try was promised for."""

    async def connected(self) -> None:
        self.began.append(self.clock.monotonic())
        if self.connect is not None:
            await self.clock.sleep(self.connect)
            self.relink.up()
        await self.clock.sleep(self.hold)
        self.relink.up()
        if self.fault is not None:
            raise self.fault

    def _lost(self, fault: Fault, pause: float) -> None:
        self.lost.append(fault)
        self.due.append(self.clock.monotonic() + pause)

    async def over(self, seconds: float, meanwhile: Callable[[], object] = lambda: None) -> list[float]:
        """The pauses from one beginning to the next while so much time passes."""
        task = asyncio.get_running_loop().create_task(self.relink.keep(self.connected, self._lost))
        for _ in range(round(seconds * 10)):
            await self.clock.advance(0.1)
            meanwhile()
        task.cancel()
        await asyncio.wait({task})
        return [later - earlier for earlier, later in pairwise(self.began)]


async def test_a_link_that_breaks_as_soon_as_it_is_up_is_tried_less_and_less() -> None:
    peer = Peer(connect=0.2, hold=1.0)
    pauses = await peer.over(200)
    assert pauses[0] < 3
    assert pauses[-1] > MOST * 0.8
    assert 8 < len(peer.began) < 15
    assert len(peer.began) - len(peer.lost) in (0, 1)


async def test_seconds_of_signing_in_are_no_steadiness() -> None:
    peer = Peer(connect=STEADY_SECONDS, hold=1.0)
    assert (await peer.over(300))[-1] > MOST * 0.8


async def test_a_steady_link_is_tried_again_at_once_and_the_pauses_begin_anew() -> None:
    peer = Peer(hold=0.0)

    def steady_from_now_on() -> None:
        if len(peer.began) == 8:
            peer.hold = STEADY_SECONDS

    pauses = await peer.over(400, steady_from_now_on)
    assert max(pauses) > MOST * 0.8
    assert all(pause < STEADY_SECONDS + 1 for pause in pauses[-3:])


@pytest.mark.parametrize("retry", [Retry.ASK_ADMIN, Retry.NEVER])
async def test_who_refuses_is_asked_every_five_minutes(retry: Retry) -> None:
    peer = Peer(connect=None)
    peer.fault = Unavailable("session-credentials", "Wrong password.", retry=retry)
    await peer.over(REFUSED_SECONDS * 2 - 1)
    assert len(peer.began) == 2


async def test_the_next_try_comes_when_it_was_said_to() -> None:
    peer = Peer(connect=0.2, hold=1.0)
    await peer.over(100)
    assert len(peer.due) > 4
    assert all(0 <= began - due <= 0.1 for began, due in zip(peer.began[1:], peer.due, strict=False))


async def test_a_connection_that_ends_without_a_word_is_a_lost_one() -> None:
    peer = Peer()
    peer.fault = None
    await peer.over(60)
    assert 2 < len(peer.began) < 15
    assert peer.lost == []
