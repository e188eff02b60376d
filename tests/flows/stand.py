"""A server and a demo PBX as two processes of their own, so that either can be killed without the other."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from unisono.app.compose import Rooms
from unisono.app.doors import bind
from unisono.app.seed import CONNECTOR, connect, seed
from unisono.app.settings import ServerSettings, Settings
from unisono.demo import firm
from unisono.demo.pbx.control import ask
from unisono.kernel.secrets import Secret
from unisono.net import Endpoint
from unisono.people.model import Line
from unisono.people.settings import PeopleSettings
from unisono.storage import Database

PASSWORD = "a long pass phrase"
QUICK = PeopleSettings(argon2_time_cost=1, argon2_memory_kib=64, argon2_parallelism=1)


class Pbx:
    """The demo PBX without traffic of its own; `extensions` more than the firm has are for load."""

    def __init__(self, folder: Path, *, extensions: int = 0) -> None:
        self.file = folder / "pbx.json"
        options = ["--with-parent", "--state-file", str(self.file), "--extensions", str(extensions)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "unisono.demo.pbx", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline()
        self.where: dict[str, Any] = json.loads(self.file.read_text())

    async def do(self, command: str, **arguments: object) -> dict[str, Any]:
        return await ask(
            Endpoint("127.0.0.1", self.where["control_port"]), Secret(self.where["token"]), command, arguments
        )

    async def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Ask for the state until it is as wanted; a test's time limit ends it."""
        while not wanted(state := await self.do("state")):
            pass
        return state

    def stop(self) -> None:
        self.process.terminate()
        self.process.communicate(timeout=60)


class Server:
    """`unisono serve` on a data folder or a `database` that was filled before; LDAP is off unless asked for."""

    def __init__(self, folder: Path, database: str = "", *, ldap: bool = False) -> None:
        self.folder = folder
        with bind("127.0.0.1", 0) as web, bind("127.0.0.1", 0) as other:
            self.port, free = int(web.getsockname()[1]), int(other.getsockname()[1])
        self.ldap_port = free if ldap else 0
        self.settings_file = folder / "unisono.toml"
        self.settings_file.write_text(
            f'[server]\ndata = "{folder}"\ndatabase = "{database}"\n[web]\nport = {self.port}\n'
            f"[ldap]\nport = {self.ldap_port}\ntls_port = 0\nworkers = 1\n"
            "[people]\nargon2_time_cost = 1\nargon2_memory_kib = 64\nargon2_parallelism = 1\n"
        )
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "unisono", "serve", "-s", str(self.settings_file)]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, process_group=0)
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if "ready" in line:
                return
        raise AssertionError(f"the server ended with {self.process.wait()}")

    def kill(self, *, children: bool = False) -> None:
        """`children`: with all processes that it has started, as when the machine has lost its power."""
        assert self.process is not None
        if children:
            os.killpg(self.process.pid, signal.SIGKILL)
        else:
            self.process.kill()
        self.process.communicate(timeout=60)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.communicate(timeout=60)

    @asynccontextmanager
    async def client(self, login: str) -> AsyncIterator[httpx.AsyncClient]:
        """Somebody signed in."""
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}/api/v1", timeout=20) as client:
            answer = await client.post("/session", json={"login": login, "password": PASSWORD})
            answer.raise_for_status()
            client.headers["X-CSRF-Token"] = answer.json()["csrf"]
            yield client


async def fill(folder: Path, pbx: Pbx | None = None, *, load_lines: int = 0) -> None:
    """The demo firm, and lines of nobody for the load extensions (1000 and on); connected with the PBX."""
    async with _rooms(folder) as rooms:
        await seed(rooms, {person.login: PASSWORD for person in firm.PEOPLE})
        for number in range(1000, 1000 + load_lines):
            await rooms.people.save_line(Line("", CONNECTOR, str(number), str(number), location_id="udine"))
        if pbx is not None:
            await _connect(rooms, pbx)


async def copy(filled: Path, folder: Path, pbx: Pbx) -> None:
    """What `fill` has made, in another folder and connected with this PBX: that is quicker than to make it again."""
    await asyncio.to_thread(shutil.copytree, filled, folder, dirs_exist_ok=True)
    async with _rooms(folder) as rooms:
        await _connect(rooms, pbx)


async def _connect(rooms: Rooms, pbx: Pbx) -> None:
    await connect(rooms, pbx.where["port"], pbx.where["user"], pbx.where["password"])


@asynccontextmanager
async def _rooms(folder: Path) -> AsyncIterator[Rooms]:
    database = Database(Settings(server=ServerSettings(data=str(folder))).server.database_url())
    rooms = Rooms(Settings(server=ServerSettings(data=str(folder)), people=QUICK), database)
    await rooms.load()
    yield rooms
    await database.close()
