"""What a run that was killed has left in the folder of its server goes when the run is closed, by whichever server."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
from tests.rooms.directory_rig import open_directory, running

from unisono.directory.replicators.job import runs_of
from unisono.directory.replicators.service import Replication
from unisono.directory.runs.model import Mode, Run, RunState, Trigger, What
from unisono.directory.runs.store import LEASE, Runs
from unisono.kernel.clock import ManualClock
from unisono.storage import Database

pytestmark = pytest.mark.both_databases

LOOK = 10.0


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def here(database: Database, tmp_path: Path, clock: ManualClock) -> AsyncIterator[Replication]:
    async with running(await open_directory(database, tmp_path, clock=clock)) as directory:
        yield directory.replication


@pytest.fixture
async def other(database: Database, clock: ManualClock) -> AsyncIterator[Runs]:
    """The runs as another server has them."""
    second = Database(database.url.render_as_string(hide_password=False))
    yield Runs(second, clock, What.SOURCE)
    await second.close()


async def left_by(runs: Runs, folder: Path, owner: str) -> tuple[Run, Path]:
    """A run that has begun, and what it has written so far."""
    run = await runs.begin(owner, Mode.FULL, Trigger.SCHEDULE)
    left = runs_of(folder / "directory", run.id)
    left.mkdir()
    (left / "1.run").write_bytes(b"contacts")
    return run, left


async def until_gone(left: Path, clock: ManualClock) -> None:
    async with asyncio.timeout(60):
        while left.exists():  # noqa: ASYNC240
            await clock.advance(LOOK)


async def test_what_a_lost_run_has_left_goes_when_it_is_closed_here(
    here: Replication, other: Runs, tmp_path: Path, clock: ManualClock
) -> None:
    run, left = await left_by(other, tmp_path, "one")
    await here._lost()
    assert left.exists(), "its lease has not ended yet"
    await until_gone(left, clock)
    assert ((await other.run(run.id)).state, clock.now() >= run.started + LEASE) == (RunState.FAILED, True)


@pytest.mark.parametrize("overdue", [True, False], ids=["seen overdue here", "closed before that"])
async def test_what_a_lost_run_has_left_goes_when_it_is_closed_elsewhere(
    here: Replication, other: Runs, tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, overdue: bool
) -> None:
    run, left = await left_by(other, tmp_path, "one")
    seen, look = asyncio.Event(), here.runs.leases

    async def looking() -> dict[str, datetime]:
        found = await look()
        if not seen.is_set() and found and (not overdue or found[run.id] < clock.now()):
            assert await other.lose(run.id, found[run.id])  # that server has looked just now, or begins another run
            seen.set()
        return found

    monkeypatch.setattr(here.runs, "leases", looking)
    async with asyncio.timeout(60):
        while not seen.is_set():
            await clock.advance(LOOK)
    await until_gone(left, clock)


async def test_what_a_run_that_goes_on_writes_stays(here: Replication, other: Runs, tmp_path: Path) -> None:
    _, left = await left_by(other, tmp_path, "lives")
    run, lost = await left_by(other, tmp_path, "lost")
    await here.runs.lose(run.id, run.started + LEASE)
    await here._lost()
    assert (left.exists(), lost.exists()) == (True, False)
