"""What an admin lets happen before and after a run: it ends in time, and goes nowhere else."""

import asyncio
import time
from pathlib import Path

import pytest
from tests.rooms.directory_rig import until
from tests.rooms.http_peer import Asked, Given, serving

from unisono.directory.replicators import hooks
from unisono.directory.replicators.model import Hook
from unisono.kernel.errors import Fault, Invalid

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
