"""A run whose server was killed with its processes: another one, or the same anew, closes it when its claim is over."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.rooms.directory_rig import open_directory, running

from unisono.directory.runs.model import Counts, Mode, Run, RunState, Trigger, What
from unisono.directory.runs.service import RunService
from unisono.directory.runs.store import LEASE, Runs
from unisono.kernel.clock import ManualClock
from unisono.kernel.errors import Conflict
from unisono.storage import Database

pytestmark = [pytest.mark.both_databases, pytest.mark.parametrize("what", What)]

LOOK = 10.0
CODES = {What.SOURCE: "run-lost", What.EXPORT: "export-lost"}


@dataclass
class Beside:
    """A server at work, and the runs as another one has them, which does nothing by itself: as if it had been killed."""

    here: RunService
    clock: ManualClock
    other: Runs
    its_clock: ManualClock

    async def begun(self, owner: str) -> Run:
        return await self.other.begin(owner, Mode.FULL, Trigger.SCHEDULE)

    async def closed(self, run: Run) -> Run:
        """The run when it is over; time passes until then."""
        async with asyncio.timeout(60):
            while (found := await self.here.shown(run.id)).state is RunState.RUNNING:
                await self.clock.advance(LOOK)
        return found


@pytest.fixture
async def beside(database: Database, tmp_path: Path, what: What, behind: timedelta) -> AsyncIterator[Beside]:
    """`behind`: so far is the clock of the other server behind ours, or so long ago was it killed."""
    clock, second = ManualClock(), Database(database.url.render_as_string(hide_password=False))
    async with running(await open_directory(database, tmp_path, clock=clock)) as directory:
        here = directory.replication if what is What.SOURCE else directory.exports
        its_clock = ManualClock(clock.now() - behind)
        yield Beside(here, clock, Runs(second, its_clock, what), its_clock)
    await second.close()


@pytest.mark.parametrize("behind", [timedelta(0)])
async def test_it_is_closed_though_nobody_asks(beside: Beside, what: What) -> None:
    run = await beside.begun("one")
    await beside.other.beat(run, Counts(rows=7_000, added=5))
    ended = await beside.closed(run)
    assert (ended.state, ended.code) == (RunState.FAILED, CODES[what])
    assert ended.ended == run.started + LEASE < beside.clock.now(), "since then it was not believed to go on"
    assert ended.counts == Counts(rows=7_000, added=5), "what was last told"


@pytest.mark.parametrize("behind", [timedelta(0)])
async def test_while_it_may_go_on_elsewhere_it_cannot_be_stopped_here(beside: Beside) -> None:
    run = await beside.begun("one")
    with pytest.raises(Conflict, match="in 30 seconds") as raised:
        await beside.here.cancel(run.id)
    assert (raised.value.code, raised.value.data) == ("runs-elsewhere", {"seconds": 30})
    assert (await beside.here.shown(run.id)).state is RunState.RUNNING


@pytest.mark.parametrize("behind", [LEASE + timedelta(seconds=1)])
async def test_whoever_stops_it_after_that_closes_it(beside: Beside, what: What) -> None:
    run = await beside.begun("one")
    await beside.here.cancel(run.id)
    ended = await beside.here.shown(run.id)
    assert (ended.state, ended.code, ended.ended) == (RunState.FAILED, CODES[what], run.started + LEASE)
    with pytest.raises(Conflict, match="is over") as raised:
        await beside.here.cancel(run.id)
    assert raised.value.code == "not-running"


@pytest.mark.parametrize("behind", [timedelta(minutes=5)])
async def test_a_clock_that_is_behind_ends_no_run_that_lives(beside: Beside, monkeypatch: pytest.MonkeyPatch) -> None:
    lives, closed, look = list[bool](), list[bool](), beside.here.runs.leases
    live, dead = await beside.begun("live"), await beside.begun("dead")

    async def looking() -> dict[str, datetime]:
        await beside.its_clock.advance(LOOK)
        lives.append(await beside.other.beat(live, Counts()))
        return await look()

    async def lost() -> None:
        closed.append(True)

    monkeypatch.setattr(beside.here.runs, "leases", looking)
    monkeypatch.setattr(beside.here._turns, "_run_lost", lost)
    async with asyncio.timeout(60):
        while len(lives) < 5:
            await beside.clock.advance(LOOK)
    assert (all(lives), len(closed)) == (True, 1), "of the one that lives there is nothing to take away"
    states = [(await beside.here.shown(run.id)).state for run in (live, dead)]
    assert states == [RunState.RUNNING, RunState.FAILED]
