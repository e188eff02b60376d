"""What an admin lets happen before and after a run: it ends in time, and goes nowhere else."""

import asyncio
import time
from pathlib import Path

import pytest
from tests.rooms.directory_rig import open_directory, running, until
from tests.rooms.http_peer import Asked, Given, serving
from tests.rooms.replicators_rig import Office

from unisono.app.outcome import would_ask
from unisono.directory.replicators import hooks
from unisono.directory.replicators.model import Hook, Options
from unisono.directory.runs.model import Mode, RunState
from unisono.directory.settings import DirectorySettings
from unisono.kernel.errors import Fault, Invalid
from unisono.storage import Database

TOLD = hooks.Told("before-run", "id", "CRM", "run", "full")


def program(folder: Path, text: str) -> Hook:
    path = folder / "do"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return Hook(("do",))


async def test_a_program_that_waits_for_another_ends_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "SECONDS", 0.2)
    hook = program(tmp_path, "sleep 20\ntrue")
    begun = time.monotonic()
    with pytest.raises(Fault) as caught:
        await hooks.call(hook, str(tmp_path), TOLD, "")
    assert caught.value.code == "hook-failed"
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("deaf", [False, True])
async def test_a_program_ends_with_who_waits_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deaf: bool) -> None:
    monkeypatch.setattr(hooks, "ENDS_WITHIN", 0.2)
    said = tmp_path / "said"
    ears = "trap '' TERM\n" if deaf else ""
    hook = program(tmp_path, f"{ears}sleep 60 &\necho $$ $! > {said}.new\nmv {said}.new {said}\nwait")
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(hooks.call(hook, str(tmp_path), TOLD, ""))
        await until(said.exists)
        waiting.cancel()
    await until(lambda: not any(alive(pid) for pid in said.read_text().split()))


def alive(pid: str) -> bool:
    """Whether a process works: one that is dead may stay in the list until somebody asks for it."""
    try:
        return "\nState:\tZ" not in Path("/proc", pid, "status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


async def test_a_program_may_leave_something_behind(tmp_path: Path) -> None:
    begun = time.monotonic()
    await hooks.call(program(tmp_path, "sleep 20 &"), str(tmp_path), TOLD, "")
    assert time.monotonic() - begun < 10


async def test_a_program_says_why_it_failed(tmp_path: Path) -> None:
    with pytest.raises(Fault) as caught:
        await hooks.call(program(tmp_path, "seq 100000 >&2\necho the CRM is closed\nexit 3"), str(tmp_path), TOLD, "")
    assert caught.value.data["reason"] == "it ended with 3: the CRM is closed"


async def test_a_message_goes_to_nobody_else(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Given:
        return Given() if asked.path == "/else" else Given(status=302, headers={"Location": "/else"})

    with serving(answer) as peer:
        with pytest.raises(Fault) as caught:
            await hooks.call(Hook(url=f"{peer.url}/hook"), "", TOLD, "secret")
        assert caught.value.data["reason"] == "the server answers 302"
        assert [asked.path for asked in peer.asked] == ["/hook"]


@pytest.mark.parametrize("url", ["http://crm.example/", "https://user:secret@crm.example/", "ftp://crm.example/"])
def test_addresses_that_are_not_saved(url: str) -> None:
    with pytest.raises(Invalid) as caught:
        hooks.check(Hook(url=url), "")
    assert "secret" not in caught.value.message


async def test_one_that_fails_after_a_run_that_asks_leaves_what_is_asked(sqlite: Database, tmp_path: Path) -> None:
    settings = DirectorySettings(files=str(tmp_path / "files"), programs=str(tmp_path))
    (tmp_path / "files").mkdir()
    async with running(await open_directory(sqlite, tmp_path, settings=settings)) as directory:
        office = Office(directory, tmp_path)
        await office.configure(options=Options(after=program(tmp_path, "exit 3")))
        for rows, mode, state, code, asks in (
            (20, Mode.FULL, RunState.DONE, "hook-failed", False),
            (20, Mode.DRY, RunState.DONE, "hook-failed", False),
            (15, Mode.DRY, RunState.DONE, "many-removed", True),
            (15, Mode.FULL, RunState.ASKS, "many-removed", False),
        ):
            office.write(*(f"{n};Contact {n};0432 55{n:04};" for n in range(rows)))
            run = await office.read(mode)
            assert (run.state, run.code, would_ask(run)) == (state, code, asks)
        await office.runs.confirm(run.id)
        assert len(office.names()) == 15
