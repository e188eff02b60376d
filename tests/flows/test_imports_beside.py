"""The import command beside a running server: what it publishes the server finds by itself, and calls show it."""

import asyncio
import signal
import subprocess
import sys
from asyncio.subprocess import PIPE
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.flows.stand import Pbx, Server, fill
from tests.rooms.directory_rig import until

from unisono.demo import firm


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests here; each has a book and numbers of its own."""
    folder = tmp_path_factory.mktemp("imports")
    pbx = Pbx(folder)
    asyncio.run(fill(folder, pbx))
    server = Server(folder)
    server.start()
    yield server
    server.stop()
    pbx.stop()


def contacts(book: str, prefix: str, count: int) -> str:
    return "Id;Name;Phone\n" + "".join(f"{n};{book} {n};0432 {prefix}{n:0{6 - len(prefix)}}\n" for n in range(count))


def command(server: Server, file: Path, book: str) -> list[str]:
    arguments = ["directory", "import", str(file), "--book", book, "--location", "udine"]
    return [sys.executable, "-m", "unisono", *arguments, "--settings", str(server.settings_file)]


async def found(client: httpx.AsyncClient, number: str) -> str:
    answer = await client.get("/identify", params={"number": number})
    answer.raise_for_status()
    name: str = answer.json()["party"]["name"]
    return name


async def test_the_running_server_finds_what_the_command_imported(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text(contacts("Newcomer", "77", 3_000))
    async with server.client(firm.PEOPLE[0].login) as client:
        assert await found(client, "+390432771234") == ""
        book = command(server, file, "Newcomers")
        done = await asyncio.to_thread(subprocess.run, book, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        for _ in range(100):
            if await found(client, "+390432771234") == "Newcomer 1234":
                return
            await asyncio.sleep(0.2)
    raise AssertionError("the server does not find it")


async def test_a_command_that_is_interrupted_leaves_the_book(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text(contacts("Stranger", "7", 200_000))
    book = command(server, file, "Strangers")
    running = await asyncio.create_subprocess_exec(*book, stdout=PIPE, stderr=PIPE)
    await until(lambda: bool(list((server.folder / "directory").glob("*.runs"))), 60)
    running.send_signal(signal.SIGINT)
    out, err = await running.communicate()
    assert running.returncode != 0, (out, err)
    async with server.client(firm.PEOPLE[0].login) as client:
        assert await found(client, "+390432701234") == ""
    file.write_text(contacts("Stranger", "79", 3_000))
    done = await asyncio.to_thread(subprocess.run, book, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not list((server.folder / "directory").glob("*.runs"))
