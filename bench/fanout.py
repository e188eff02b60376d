"""One presence fact to many open event streams. Prints JSON.

    python bench/fanout.py [--windows 5000] [--facts 40] [--people 200]

Target: at least 30,000 messages per CPU second of the server's process. The server is the real one (uvicorn with the options of
`unisono.web.serve`, uvloop, SQLite) with people in groups of ten, so that a fact has two views. The windows are raw sockets in
a process of their own; its CPU does not count. A fact is a person setting their state: written, told, encoded, sent.
"""

import argparse
import asyncio
import json
import os
import resource
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any, Protocol, cast

import uvicorn
import uvloop

from unisono.app.compose import Rooms
from unisono.app.serve import Server, services, settle
from unisono.app.settings import Settings
from unisono.people.model import Group, User
from unisono.presence.model import State
from unisono.storage import Database
from unisono.web.app import Application
from unisono.web.serve import OPTIONS
from unisono.web.settings import LimitSettings

MASK = b"\0\0\0\0"
PING = b'{"type":"ping"}'


class Reader(Protocol):
    """Who takes a window's messages."""

    lost: int

    def message(self, payload: bytes) -> None:
        """Take one message."""
        ...


class Window(asyncio.Protocol):
    """One raw WebSocket: counts whole messages, answers pings."""

    def __init__(self, crowd: Reader, token: str) -> None:
        self.crowd = crowd
        self.token = token
        self.buffer = b""
        self.open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(
            b"GET /api/v1/stream HTTP/1.1\r\nHost: unisono.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            b"Authorization: Bearer " + self.token.encode() + b"\r\n\r\n"
        )

    def say(self, text: bytes) -> None:
        self.transport.write(struct.pack("!BB", 0x81, 0x80 | len(text)) + MASK + text)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.open:
            head, found, rest = self.buffer.partition(b"\r\n\r\n")
            if not found:
                return
            assert b" 101 " in head.split(b"\r\n")[0], head
            self.open, self.buffer = True, rest
            self.say(b'{"type":"hello","epoch":"","seq":0}')
        while (taken := self.frame()) is not None:
            if taken == PING:
                self.say(b'{"type":"pong"}')
            else:
                self.crowd.message(taken)

    def frame(self) -> bytes | None:
        if len(self.buffer) < 2:
            return None
        size, start = self.buffer[1], 2
        if size == 126:
            size, start = int.from_bytes(self.buffer[2:4]), 4
        elif size == 127:
            size, start = int.from_bytes(self.buffer[2:10]), 10
        if len(self.buffer) < start + size:
            return None
        payload, self.buffer = self.buffer[start : start + size], self.buffer[start + size :]
        return payload

    def connection_lost(self, exc: Exception | None) -> None:
        self.crowd.lost += 1


class Crowd:
    """All windows of the client process; reports to the server's process on its standard output."""

    def __init__(self, windows: int) -> None:
        self.windows = windows
        self.snapshots = 0
        self.times: list[float] = []
        self.lost = 0
        self.more = asyncio.Event()

    async def wait_for(self, snapshots: int) -> None:
        """Until so many windows have their snapshot."""
        while self.snapshots < snapshots:
            self.more.clear()
            await self.more.wait()

    def message(self, payload: bytes) -> None:
        if payload.startswith(b'{"type":"snapshot"'):
            self.snapshots += 1
            self.more.set()
            return
        if b'"collection":"presence"' not in payload:
            return
        self.times.append(time.monotonic())
        if len(self.times) == self.windows:
            print(json.dumps({"times": self.times, "lost": self.lost}), flush=True)
            self.times = []


async def crowd(port: int, windows: int, tokens: list[str]) -> None:
    """The client process: open every window, then count until the pipe closes."""
    loop = asyncio.get_running_loop()
    everyone = Crowd(windows)
    for number in range(windows):
        await loop.create_connection(partial(Window, everyone, tokens[number % len(tokens)]), "127.0.0.1", port)
        await everyone.wait_for(number - 100)
    await everyone.wait_for(windows)
    print(json.dumps({"open": windows}), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


async def furnish(rooms: Rooms, people: int) -> list[str]:
    """People in groups of ten, and a token for each."""
    users = [await rooms.people.save_user(User("", f"u{n}", f"Person {n}", "", "Person", str(n))) for n in range(people)]
    for start in range(0, people, 10):
        await rooms.people.save_group(Group("", f"G{start}", tuple(user.id for user in users[start : start + 10])))
    return [(await rooms.people.sign_in.add_token(user.id, "bench", ("all",), None))[1] for user in users]


async def measure(windows: int, facts: int, people: int) -> dict[str, Any]:
    """The server process."""
    folder = Path(tempfile.mkdtemp())
    # All windows come from one address at once, which is what this limit is there to slow down.
    limits = LimitSettings(stream_address_burst=windows, windows=1000, stream_burst=1000)
    rooms = Rooms(Settings(limits=limits), Database(f"sqlite+aiosqlite:///{folder / 'bench.sqlite3'}"))
    await rooms.load()
    tokens = await furnish(rooms, people)
    sock = socket.create_server(("127.0.0.1", 0), backlog=2048)
    application = Application(services(rooms))
    server = Server(uvicorn.Config(application, **OPTIONS))
    async with rooms.running(), application.running(), asyncio.TaskGroup() as tasks:
        tasks.create_task(server.serve(sockets=[sock]))
        settle()
        idle = resident()
        client = subprocess.Popen(  # noqa: ASYNC220
            [sys.executable, __file__, "--crowd", str(sock.getsockname()[1]), "--windows", str(windows)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "TOKENS": json.dumps(tokens)},
        )
        assert client.stdout
        assert client.stdin
        await asyncio.to_thread(client.stdout.readline)
        open_now = resident()
        figures = await tell(rooms, client.stdout, windows, facts)
        client.stdin.close()
        await asyncio.to_thread(client.wait)
        server.should_exit = True
    await rooms.database.close()
    return figures | {"windows": windows, "facts": facts, "kib_per_window": round((open_now - idle) / windows, 1)}


async def tell(rooms: Rooms, heard: Any, windows: int, facts: int) -> dict[str, Any]:
    """Tell facts one after the other, each when the one before has reached everybody."""
    everyone = rooms.people.users()
    delays: list[float] = []
    cpu, wall = 0.0, 0.0
    for number in range(facts + 3):
        state = (State.AWAY, State.BUSY)[number // len(everyone) % 2]
        start, used = time.monotonic(), time.process_time()
        await rooms.presence.set_manual(everyone[number % len(everyone)].id, state)
        answer = json.loads(await asyncio.to_thread(heard.readline))
        if number < 3:
            continue  # warming up
        cpu += time.process_time() - used
        wall += max(answer["times"]) - start
        delays += [at - start for at in answer["times"]]
        assert not answer["lost"]
    delays.sort()
    return {
        "messages_per_cpu_second": round(windows * facts / cpu),
        "messages_per_second": round(windows * facts / wall),
        "first_ms": round(statistics.median(delays[:1]) * 1000, 2),
        "p50_ms": round(delays[len(delays) // 2] * 1000, 2),
        "p99_ms": round(delays[len(delays) * 99 // 100] * 1000, 2),
    }


def resident() -> int:
    """KiB of memory in use now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 1024


def main() -> None:
    """Parse the command line and run either process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--windows", type=int, default=5000)
    parser.add_argument("--facts", type=int, default=40)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--crowd", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        if options.crowd:
            runner.run(crowd(options.crowd, options.windows, json.loads(os.environ["TOKENS"])))
        else:
            print(json.dumps(runner.run(measure(options.windows, options.facts, options.people)), indent=1))


if __name__ == "__main__":
    main()
