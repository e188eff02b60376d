"""The import command beside a running server: what it publishes the server finds by itself, and calls show it."""

import asyncio
import signal
import subprocess
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from tests.flows.stand import Pbx, Server, fill
from tests.rooms.directory_rig import until

from unisono.demo import firm

CONTACTS = "Id;Name;Phone\n" + "".join(f"{n};Newcomer {n};0432 77{n:04}\n" for n in range(3_000))


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    pbx = Pbx(tmp_path)
    await fill(tmp_path, pbx)
    server = Server(tmp_path)
    server.start()
    yield server
    server.stop()
    pbx.stop()


def command(server: Server, file: Path) -> list[str]:
    arguments = ["directory", "import", str(file), "--book", "Newcomers", "--location", "udine"]
    return [sys.executable, "-m", "unisono", *arguments, "--settings", str(server.settings_file)]


async def found(client: httpx.AsyncClient, number: str) -> str:
    answer = await client.get("/identify", params={"number": number})
    answer.raise_for_status()
    name: str = answer.json()["party"]["name"]
    return name


async def test_the_running_server_finds_what_the_command_imported(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text(CONTACTS)
    async with server.client(firm.PEOPLE[0].login) as client:
        assert await found(client, "+390432771234") == ""
        done = await asyncio.to_thread(subprocess.run, command(server, file), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        for _ in range(100):
            if await found(client, "+390432771234") == "Newcomer 1234":
                return
            await asyncio.sleep(0.2)
    raise AssertionError("the server does not find it")


async def test_a_command_that_is_interrupted_leaves_the_book(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text("Id;Name;Phone\n" + "".join(f"{n};Newcomer {n};0432 7{n:06}\n" for n in range(200_000)))
    running = await asyncio.create_subprocess_exec(*command(server, file), stdout=PIPE, stderr=PIPE)
    await until(lambda: bool(list((tmp_path / "directory").glob("*.runs"))), 60)
    running.send_signal(signal.SIGINT)
    out, err = await running.communicate()
    assert running.returncode != 0, (out, err)
    async with server.client(firm.PEOPLE[0].login) as client:
        assert await found(client, "+390432700001234") == ""
    file.write_text(CONTACTS)
    done = await asyncio.to_thread(subprocess.run, command(server, file), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not list((tmp_path / "directory").glob("*.runs"))
