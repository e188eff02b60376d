"""How runs end when they are killed, or when whoever waits for them does so no more."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from tests.rooms.directory_rig import open_directory, running, until
from tests.rooms.replicators_rig import BOOK, Office, at_work, layers, settings_of

from unisono.app.outcome import Exit, exit_of, said_of
from unisono.directory.runs.model import Mode, Run, RunState, Trigger
from unisono.kernel.errors import Conflict, NotFound
from unisono.storage import Database


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> AsyncIterator[Office]:
    async with at_work(database, tmp_path) as made:
        yield made


@pytest.mark.both_databases
async def test_killed_at_any_moment(office: Office, tmp_path: Path) -> None:
    await office.read()
    before = office.names()
    office.write(*(f"{n};Changed {n};0432 55{n:04};" for n in range(60_000)))
    for counted in (0, 1, 15_000, 30_000):
        run = await office.runs.start(office.id, Mode.FULL, Trigger.MANUAL)
        await until(partial(has_read, office, run, counted), 60)
        await until(lambda: bool(workers()), 60)
        for process in workers():
            os.kill(process, signal.SIGKILL)
        ended = await office.runs.wait(run)
        assert (ended.state, ended.code) == (RunState.FAILED, "run-lost")
        assert office.names() == before
    run = await office.read()
    assert (run.state, run.counts.rows) == (RunState.DONE, 60_000)
    assert len(office.names()) == 60_000
    assert await layers(office) == [(60_000, 0)]


async def test_an_end_that_nobody_wanted_is_no_cancelling(sqlite: Database, tmp_path: Path) -> None:
    """Killed softly, or left alone by a server that stops: the run says so. Only who cancels it finds it cancelled."""
    async with running(await open_directory(sqlite, tmp_path, settings=settings_of(tmp_path))) as directory:
        office = Office(directory, tmp_path)
        office.write(*(f"{n};Contact {n};0432 55{n:04};" for n in range(60_000)))
        await office.configure()

        async def begun() -> Run:
            run = await office.runs.start(office.id, Mode.FULL, Trigger.MANUAL)
            await until(partial(has_read, office, run, 1), 60)
            return run

        run = await begun()
        for process in workers():
            os.kill(process, signal.SIGTERM)
        ended = await office.runs.wait(run)
        assert (ended.state, ended.code) == (RunState.FAILED, "run-lost")
        run = await begun()
        await office.runs.cancel(run.id)
        assert (await office.runs.wait(run)).state is RunState.CANCELLED
        run = await begun()
    ended = await office.runs.runs.run(run.id)
    assert (ended.state, ended.code) == (RunState.FAILED, "run-lost")
    assert office.names() == []


async def test_who_waits_for_a_run_and_lets_go_cancels_it(sqlite: Database, tmp_path: Path) -> None:
    """At work, or with a process that has only just been started and hears nothing yet: it is no run that goes on for ever."""
    async with running(await open_directory(sqlite, tmp_path, settings=settings_of(tmp_path))) as directory:
        office = Office(directory, tmp_path)
        office.write(*(f"{n};Contact {n};0432 55{n:04};" for n in range(60_000)))
        await office.configure()

        def at_work() -> bool:
            return bool(workers())

        others = set(children())

        def starting() -> bool:
            return not others.issuperset(children())

        for moment in (at_work, starting):
            waiting = asyncio.create_task(office.runs.now(office.id, Mode.FULL, Trigger.COMMAND))
            async with asyncio.timeout(60):
                while not moment():  # noqa: ASYNC110
                    await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.wait([waiting])
            [last, *_] = await office.runs.runs.runs(office.id)
            assert waiting.cancelled()
            assert (last.trigger, last.state) == (Trigger.COMMAND, RunState.CANCELLED)
        assert others.issuperset(children())


async def test_a_source_that_is_removed_as_its_run_ends_is_no_mistake_of_ours(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(await open_directory(sqlite, tmp_path, settings=settings_of(tmp_path))) as directory:
        office = Office(directory, tmp_path)
        office.write("1;Anna;0432 550001;")
        await office.configure()
        kept = office.runs.runs.run

        async def just_removed(id: str) -> Run:
            with suppress(NotFound, Conflict):
                await office.runs.remove(office.id)
            return await kept(id)

        monkeypatch.setattr(office.runs.runs, "run", just_removed)
        ended = await office.read()
        assert (ended.state, ended.code, ended.counts.added) == (RunState.DONE, "run-forgotten", 1)
        assert said_of(ended) == ["The source was removed just as this run ended; what it had published stays in its book."]
        assert exit_of(ended) is Exit.DONE
        assert office.names() == ["Anna"]  # its book stays
        assert not directory.works.failures


async def test_a_source_that_somebody_removes_while_another_saves_it_stays_removed(office: Office) -> None:
    await office.read()
    as_shown = await office.runs.store.get(office.id)
    await office.runs.remove(office.id)
    with pytest.raises(NotFound):
        await office.runs.save(as_shown, BOOK)
    assert await office.runs.store.all() == []


async def test_who_begins_an_import_and_lets_go_leaves_nothing(sqlite: Database, tmp_path: Path) -> None:
    async with running(await open_directory(sqlite, tmp_path)) as directory:
        before = await directory.replication.store.books()
        rows = "".join(f"Contact {n};0432 55{n:04}\n" for n in range(60_000))
        file = await directory.uploads.put(f"Name;Phone\n{rows}".encode(), "crm.csv")
        waiting = asyncio.create_task(directory.replication.import_file(file, "Customers", ""))
        await until(lambda: bool(workers()), 60)
        waiting.cancel()
        await asyncio.wait([waiting])
        assert waiting.cancelled()
        assert (await directory.replication.store.all(), await directory.replication.store.books()) == ([], before)


def has_read(office: Office, run: Run, rows: int) -> bool:
    return office.runs.as_it_stands(run).counts.rows >= rows


def workers() -> list[int]:
    """The import processes that this test has started."""
    worker = b"unisono.directory.replicators.worker"
    return [child for child in children() if worker in Path(f"/proc/{child}/cmdline").read_bytes()]


def children() -> list[int]:
    """The processes that this one has started."""
    return [int(child) for child in Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()]
