"""Runs of sources and exports in the database: so many are remembered, however long a server is up."""

from dataclasses import replace

import pytest

from unisono.directory.runs.model import Mode, RunState, Trigger, What
from unisono.directory.runs.store import KEPT, Runs
from unisono.kernel.clock import ManualClock
from unisono.kernel.errors import Invalid, NotFound
from unisono.storage import Database

pytestmark = pytest.mark.both_databases


async def test_only_the_last_runs_are_remembered(database: Database) -> None:
    await database.create_all()
    runs = Runs(database, ManualClock(), What.SOURCE)
    other = await runs.begin("other", Mode.FULL, Trigger.MANUAL)
    begun = []
    for _ in range(KEPT + 5):
        begun.append(await runs.begin("source", Mode.FULL, Trigger.SCHEDULE))
        await runs.end(replace(begun[-1], state=RunState.DONE))
    kept = [run.id for run in await runs.runs("source", 2 * KEPT)]
    assert kept == [run.id for run in reversed(begun[-KEPT:])]
    assert [run.id for run in await runs.runs("other")] == [other.id]


async def test_a_name_that_no_database_can_hold_is_a_mistake_of_who_asks(database: Database) -> None:
    """PostgreSQL keeps no NUL in a text; whoever asks for one has asked for nothing that could be there."""
    await database.create_all()
    with pytest.raises((Invalid, NotFound)):
        await Runs(database, ManualClock(), What.SOURCE).run("a\0")
