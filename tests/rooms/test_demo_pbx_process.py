"""The demo PBX as a process of its own, and its control socket."""

import asyncio
import contextlib
import json
import os
import signal
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.pure.demo.switchboard import LONDON
from tests.rooms.demo_pbx import Cti

from unisono.demo.pbx.control import LONGEST_LINE, Control, ask
from unisono.kernel.errors import Conflict, Invalid, Unavailable
from unisono.kernel.secrets import Secret
from unisono.net import Endpoint, connect
from unisono.wire.csta import events as ev
from unisono.wire.csta import sessions as ses

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2] / "src")}
TOKEN = Secret("let me in")


class Board:
    """Stands in for the commands of a PBX."""

    def serve(self, name: str, arguments: dict[str, object]) -> dict[str, object]:
        if name == "refuse":
            raise Invalid("no-way", "No way.")
        return {"did": name, **arguments}


@pytest.fixture
async def door() -> AsyncIterator[Endpoint]:
    control = Control(Board(), TOKEN, lambda: None)  # type: ignore[arg-type]
    server = await control.listen()
    yield Endpoint("127.0.0.1", control.port)
    server.close()


async def raw(door: Endpoint, data: bytes) -> bytes:
    """What comes back for these bytes, up to the first line or the end."""
    stream = await connect(door)
    try:
        await stream.write(data)
        answer = b""
        with contextlib.suppress(Unavailable):
            async with asyncio.timeout(60):
                while not answer.endswith(b"\n") and (piece := await stream.read()):
                    answer += piece
        return answer
    finally:
        await stream.close()


async def test_a_command_is_served(door: Endpoint) -> None:
    assert await ask(door, TOKEN, "call", {"to": "101"}) == {"did": "call", "to": "101"}


async def test_a_refusal_says_why(door: Endpoint) -> None:
    with pytest.raises(Conflict, match="No way"):
        await ask(door, TOKEN, "refuse")


async def test_a_wrong_token_ends_the_connection(door: Endpoint) -> None:
    with pytest.raises(Conflict) as caught:
        await ask(door, Secret("guess"), "call")
    assert caught.value.code == "wrong-token"


@pytest.mark.parametrize("line", [b"hello", b"[]", b"null", b"\xff\xfe", b"[" * 5_000, b'{"token": "let me in", "with": 3}'])
async def test_what_is_no_request_is_answered(door: Endpoint, line: bytes) -> None:
    answer = json.loads(await raw(door, line + b"\n"))
    assert answer["ok"] is False


async def test_an_endless_line_ends_the_connection(door: Endpoint) -> None:
    assert await raw(door, b"x" * (LONGEST_LINE * 3)) == b""


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, Path]]:
    state = tmp_path / "pbx.json"
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "unisono.demo.pbx", "--state-file", str(state), "--with-parent", "--extensions", "3"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=ENVIRONMENT,
    )
    assert running.stdout is not None
    async with asyncio.timeout(60):
        await running.stdout.readline()
    yield running, state
    if running.returncode is None:
        running.kill()
        await running.wait()


async def ended(running: asyncio.subprocess.Process) -> bytes:
    """What the process wrote to standard error until its end."""
    async with asyncio.timeout(60):
        _, errors = await running.communicate()
    return errors


async def test_the_process_is_found_by_its_state_file_and_ends_when_told(
    process: tuple[asyncio.subprocess.Process, Path],
) -> None:
    running, file = process
    state = json.loads(file.read_text())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert state["pid"] == running.pid
    stream = await connect(Endpoint(state["host"], state["port"]))
    client = Cti(stream)
    answer = await client.sign_in(user=state["user"], password=state["password"])
    assert isinstance(answer, ses.StartApplicationSessionPosResponse)
    await client.monitor("101")
    door = Endpoint(state["host"], state["control_port"])
    await ask(door, Secret(state["token"]), "call", {"from": LONDON, "to": "101"})
    event = await client.next(ev.DeliveredEvent)
    assert event.calling_device is not None
    assert event.calling_device.device is not None
    assert event.calling_device.device.text == "000442079460123"
    running.send_signal(signal.SIGTERM)
    assert await client.ended()
    await stream.close()
    assert await ended(running) == b""
    assert running.returncode == 0
    assert not file.exists()


async def test_the_process_ends_with_its_parent(process: tuple[asyncio.subprocess.Process, Path]) -> None:
    running, _ = process
    assert running.stdin is not None
    running.stdin.close()
    assert await ended(running) == b""
    assert running.returncode == 0


async def test_users_come_from_a_file(tmp_path: Path) -> None:
    users, state = tmp_path / "users.json", tmp_path / "pbx.json"
    users.write_text(json.dumps({"anna": "one", "ben": "two"}))
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "unisono.demo.pbx", "--state-file", str(state), "--users-file", str(users)),
        *("--traffic", "60", "--number-format", "e164"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=ENVIRONMENT,
    )
    assert running.stdout is not None
    async with asyncio.timeout(60):
        where = json.loads(await running.stdout.readline())
    assert where["user"] == "anna"
    assert "password" not in where
    told = json.loads(state.read_text())
    answer = await ask(Endpoint("127.0.0.1", told["control_port"]), Secret(told["token"]), "state")
    traffic = answer["traffic"]
    assert isinstance(traffic, dict)
    assert (traffic["on"], traffic["per_minute"]) == (True, 60.0)
    stream = await connect(Endpoint("127.0.0.1", told["port"]))
    signed_in = await Cti(stream).sign_in(user="ben", password="two")
    assert isinstance(signed_in, ses.StartApplicationSessionPosResponse)
    await stream.close()
    running.terminate()
    assert await ended(running) == b""
