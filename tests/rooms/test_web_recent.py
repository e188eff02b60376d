"""The newest journal entries of who has a window open: what changes while they are read is not lost, and nothing is left."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

import pytest

from unisono.journal.model import JournalEntry, Partner
from unisono.journal.service import Journal
from unisono.kernel.errors import Unavailable
from unisono.people.service import People
from unisono.permissions.model import Viewer
from unisono.web.journal_part import Recent

ANNA = Viewer("anna")
ENTRY = JournalEntry(
    "1", "call", "line", "", "", "pbx", "101", "", "anna", inbound=True, internal=False, remote=Partner(),
    started=datetime(2026, 11, 23, tzinfo=UTC),
)  # fmt: skip


class SlowJournal:
    """Answers each reading when it is told to, or fails."""

    def __init__(self) -> None:
        self.answers: list[asyncio.Future[list[JournalEntry]]] = []

    async def newest(self, viewer: Viewer, limit: int) -> list[JournalEntry]:
        self.answers.append(asyncio.get_running_loop().create_future())
        return await self.answers[-1]


@pytest.fixture
def journal() -> SlowJournal:
    return SlowJournal()


@pytest.fixture
def recent(journal: SlowJournal) -> Recent:
    return Recent(cast("Journal", journal), cast("People", None))


async def test_what_changes_meanwhile_wins(recent: Recent, journal: SlowJournal) -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(recent.load(ANNA))
        await asyncio.sleep(0)
        recent.note(replace(ENTRY, note="new"), ["anna"])
        journal.answers[0].set_result([ENTRY])
    assert [entry.note for entry in recent.entries["anna"].values()] == ["new"]


async def test_a_reading_that_fails_costs_another_nothing(recent: Recent, journal: SlowJournal) -> None:
    first = asyncio.ensure_future(recent.load(ANNA))
    second = asyncio.ensure_future(recent.load(ANNA))
    await asyncio.sleep(0)
    journal.answers[0].set_exception(Unavailable("database-unavailable", "It does not answer."))
    with pytest.raises(Unavailable):
        await first
    recent.note(replace(ENTRY, note="new"), ["anna"])
    journal.answers[1].set_result([ENTRY])
    await second
    assert [entry.note for entry in recent.entries["anna"].values()] == ["new"]


async def test_a_window_that_leaves_while_reading_leaves_nothing(recent: Recent, journal: SlowJournal) -> None:
    gone = asyncio.ensure_future(recent.load(ANNA))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.wait([gone])
    recent.note(replace(ENTRY, id="0", note="while nobody watched"), ["anna"])
    again = asyncio.ensure_future(recent.load(ANNA))
    await asyncio.sleep(0)
    journal.answers[1].set_result([ENTRY])
    await again
    assert list(recent.entries["anna"]) == ["1"]
