"""Connectors of every kind treat a link alike that comes up and breaks again and again: by the rule of `connectors.relink`."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import pairwise

import pytest
from tests.rooms import asterisk_pbx, csta_pbx

from unisono.calls.port import LinkPhase, LinkState
from unisono.connectors.relink import STEADY_SECONDS
from unisono.kernel.clock import ManualClock

Story = Callable[["Side"], Awaitable[None]]
TIMES = 8
TURNS = 300


@dataclass
class Side:
    """What both kinds of script have."""

    clock: ManualClock
    states: list[LinkState]
    drop: Callable[[], None]

    def times(self, phase: LinkPhase) -> int:
        return sum(state.phase is phase for state in self.states)

    async def wind(self, condition: Callable[[], bool]) -> None:
        """Let time pass until it is so; in between both sides, which share one loop, read what was written."""
        while not condition():
            await self.clock.advance(0.5)
            for _ in range(TURNS):
                await asyncio.sleep(0)

    async def up(self) -> float:
        """When the link was up; it has to be up once more than it was lost."""
        await self.wind(lambda: self.times(LinkPhase.UP) > self.times(LinkPhase.WAITING))
        return self.clock.monotonic()

    async def broken(self) -> None:
        """It breaks, and that has been noticed."""
        lost = self.times(LinkPhase.WAITING)
        self.drop()
        await self.wind(lambda: self.times(LinkPhase.WAITING) > lost)


async def over_csta(story: Story) -> None:
    async with csta_pbx.running("101") as bench:

        await story(Side(bench.clock, bench.told.states, bench.pbx.drop))


async def over_asterisk(story: Story) -> None:
    script = asterisk_pbx.Script(lists=asterisk_pbx.UP)
    async with asterisk_pbx.linked(script) as (_, heard, clock):
        await heard.phase(LinkPhase.UP)

        def drop() -> None:
            for stream in script.streams:
                stream.abort()

        await story(Side(clock, heard.states, drop))


@pytest.mark.parametrize("over", [over_csta, over_asterisk])
async def test_a_link_that_breaks_as_soon_as_it_is_up(over: Callable[[Story], Awaitable[None]]) -> None:
    async def story(side: Side) -> None:
        at = []
        for _ in range(TIMES):
            at.append(await side.up())
            await side.broken()
        pauses = [later - earlier for earlier, later in pairwise(at)]
        assert pauses[0] < 4
        assert pauses[-1] > 20
        steady = await side.up() + STEADY_SECONDS
        await side.wind(lambda: side.clock.monotonic() >= steady)
        await side.broken()
        assert await side.up() - steady < 4

    await over(story)
