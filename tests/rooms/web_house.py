"""A small firm behind the whole web application, without a network: for the tests of the web door and of the stream."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar, cast

import httpx
import msgspec

from unisono.app.compose import Rooms
from unisono.app.serve import services
from unisono.app.settings import ServerSettings, Settings
from unisono.calls import pbx_events as ev
from unisono.calls.model import Cause, ConnectionId, Party, PartyKind, Service
from unisono.calls.pbx_events import Head
from unisono.calls.port import Accepted, Command
from unisono.kernel.bus import Bus
from unisono.kernel.clock import ManualClock
from unisono.people.model import Group, Line, User
from unisono.people.service import People
from unisono.people.settings import PeopleSettings
from unisono.storage import Database
from unisono.web.app import Application
from unisono.web.settings import LimitSettings

T = TypeVar("T")
PASSWORD = "correct horse battery"
WAIT_SECONDS = 60
FAST = PeopleSettings(argon2_time_cost=1, argon2_memory_kib=8, argon2_parallelism=1)
NEW = {"If-None-Match": "*"}
"""Headers that make something new under an id of one's own."""
CUSTOMER = Party(number="+441632960123", kind=PartyKind.EXTERNAL)


class FakePbx:
    """A connector that takes every command and does nothing."""

    id = "pbx"

    def __init__(self) -> None:
        self.commands: list[Command] = []

    async def run(self) -> None:
        await asyncio.Event().wait()

    def watch(self, devices: frozenset[str]) -> None:
        pass

    async def do(self, command: Command) -> Accepted:
        self.commands.append(command)
        return Accepted()

    def services(self, device: str) -> frozenset[Service]:
        return frozenset(Service)


@dataclass(slots=True)
class House:
    """The rooms, the application, and the people by their sign-in names."""

    rooms: Rooms
    clock: ManualClock
    app: Application
    pbx: FakePbx
    ids: dict[str, str] = field(default_factory=dict)
    lines: dict[str, str] = field(default_factory=dict)

    def client(self, address: str = "192.0.2.7") -> httpx.AsyncClient:
        """A browser that has not signed in."""
        transport = httpx.ASGITransport(cast("Any", self.app), raise_app_exceptions=False, client=(address, 40000))
        return httpx.AsyncClient(transport=transport, base_url="http://unisono.example")

    async def drained(self) -> None:
        """Everything that was told has been handled, and is on its way: what is far, behind what is near."""
        for _ in range(8):
            await self.rooms.bus.drained()
            await asyncio.sleep(0)

    async def later(self, hours: float) -> None:
        """Hours pass at once: whoever slept wakes once, not at every second in between."""
        self.clock._elapsed += hours * 3600
        await self.clock.advance(0)

    def head(self, cause: Cause = Cause.NORMAL) -> Head:
        return Head("pbx", self.clock.now(), cause)

    def ring(self, native: str, device: str, calling: Party = CUSTOMER) -> None:
        """A call from outside rings at a device."""
        called = Party(device=device, number=device, kind=PartyKind.EXTENSION)
        self.rooms.calls.report(
            ev.Delivered(
                self.head(Cause.NEW_CALL),
                ConnectionId(native, device),
                called,
                calling,
                called,
                calling_connection=ConnectionId(native, "trunk"),
            )
        )

    def answer(self, native: str, device: str) -> None:
        party = Party(device=device, number=device, kind=PartyKind.EXTENSION)
        self.rooms.calls.report(ev.Established(self.head(), ConnectionId(native, device), party))

    def hang_up(self, native: str) -> None:
        self.rooms.calls.report(ev.CallCleared(self.head(Cause.NORMAL_CLEARING), native))



@dataclass(frozen=True, slots=True)
class Furniture:
    """The database of a furnished house, which every house of this process begins with, and what is in it."""

    database: bytes
    ids: dict[str, str]
    lines: dict[str, str]


_made: dict[bytes, Furniture] = {}


async def _furniture(settings: PeopleSettings) -> Furniture:
    """Made once for the same settings, as it takes as long as all else that a house needs."""
    key = msgspec.json.encode(settings)
    if key not in _made:
        with TemporaryDirectory() as folder:
            file = Path(folder) / "house.sqlite3"
            database = Database(f"sqlite+aiosqlite:///{file}")
            await database.create_all()
            people = People(database, ManualClock(), Bus(), settings)
            await people.load()
            ids, lines = await furnish(people)
            await database.close()
            _made[key] = Furniture(file.read_bytes(), ids, lines)
    return _made[key]


async def furnish(people: People) -> tuple[dict[str, str], dict[str, str]]:
    """Root is the admin; Anna and Ben are in sales; Carla is alone; everybody has a line, Anna two.

    Returns identifiers by the names of people and the group, and by the numbers of lines.
    """
    ids, lines = {}, {}
    for number in ("100", "101", "102", "103", "111"):
        lines[number] = (await people.save_line(Line("", "pbx", number, number))).id
    sales = await people.save_group(Group("", "Sales"))
    ids["sales"] = sales.id
    for login, numbers, admin, groups in (
        ("root", ("100",), True, ()),
        ("anna", ("101", "111"), False, (sales.id,)),
        ("ben", ("102",), False, (sales.id,)),
        ("carla", ("103",), False, ()),
    ):
        user = User(
            "",
            login,
            f"{login.title()} Test",
            f"{login}@example.org",
            login.title(),
            "Test",
            "Clerk",
            "Office",
            "+441632960999",
            admin=admin,
            group_ids=groups,
            line_ids=tuple(lines[number] for number in numbers),
        )
        ids[login] = (await people.save_user(user, PASSWORD)).id
    return ids, lines


@asynccontextmanager
async def kept(manager: AbstractAsyncContextManager[T]) -> AsyncIterator[T]:
    """Keeps a context open in a task of its own: fixtures begin and end in different tasks, which task groups forbid."""
    opened: asyncio.Future[T] = asyncio.get_running_loop().create_future()
    finished = asyncio.Event()

    async def keep() -> None:
        async with manager as value:
            opened.set_result(value)
            await finished.wait()

    task = asyncio.get_running_loop().create_task(keep())
    task.add_done_callback(lambda done: None if opened.done() else opened.set_exception(_why(done)))
    yield await opened
    finished.set()
    await task


def _why(task: asyncio.Task[None]) -> BaseException:
    return task.exception() or RuntimeError("closed before it was open")


def open_house(
    folder: Path, limits: LimitSettings | None = None, people: PeopleSettings = FAST
) -> AbstractAsyncContextManager[House]:
    """The whole server, furnished, with a clock that is wound by hand."""
    return kept(_open(folder, limits, people))


@asynccontextmanager
async def _open(folder: Path, limits: LimitSettings | None, people: PeopleSettings) -> AsyncIterator[House]:
    found = await _furniture(people)
    clock = ManualClock()
    file = folder / "house.sqlite3"
    file.write_bytes(found.database)
    database = Database(f"sqlite+aiosqlite:///{file}")
    rooms = Rooms(Settings(ServerSettings(data=str(folder)), people=people), database, clock)
    for load in (rooms.people.load, rooms.granting.load, rooms.directory.load, rooms.journal.start, rooms.presence.load):
        await load()
    pbx = FakePbx()
    rooms.calls.attach(lambda id: pbx if id == "pbx" else None)
    app = Application(replace(services(rooms), limits=limits or LimitSettings(), checks=()))
    house = House(rooms, clock, app, pbx, dict(found.ids), dict(found.lines))
    works = (rooms.calls.run, rooms.presence.run, rooms.journal.run, rooms.directory.run)
    async with asyncio.TaskGroup() as tasks:
        rooms.bus.start(tasks)
        running = [tasks.create_task(work()) for work in works]
        async with house.app.running():
            await house.drained()
            yield house
        for task in running:
            task.cancel()
        rooms.bus.stop()
    await database.close()


async def sign_in(client: httpx.AsyncClient, login: str, password: str = PASSWORD) -> dict[str, Any]:
    """Sign a browser in; from then on it sends its CSRF token."""
    answer = await client.post("/api/v1/session", json={"login": login, "password": password})
    assert answer.status_code == 200, answer.text
    session = cast("dict[str, Any]", answer.json())
    client.headers["X-CSRF-Token"] = session["csrf"]
    return session


@asynccontextmanager
async def browser(house: House, login: str) -> AsyncIterator[httpx.AsyncClient]:
    """A signed-in browser."""
    async with house.client() as client:
        await sign_in(client, login)
        yield client


def reduced(state: dict[str, Any], facts: list[dict[str, Any]]) -> dict[str, Any]:
    """The client's reducer (client/src/core/replica/reduce.ts), in Python."""
    state = {name: dict(entries) for name, entries in state.items()}
    for fact in facts:
        entries = state.setdefault(fact["collection"], {})
        if fact["value"] is None:
            entries.pop(fact["id"], None)
        else:
            entries[fact["id"]] = fact["value"]
    return state


class StreamClient:
    """One window, spoken to without a network: keeps its state as the client's replica does, and what it was sent.

    `reading` off: it takes nothing, as a browser on a dead network.
    """

    def __init__(self, app: Application, headers: list[tuple[bytes, bytes]]) -> None:
        self.epoch = ""
        self.seq = 0
        self.state: dict[str, Any] = {}
        self.messages: list[dict[str, Any]] = []
        self.closed: tuple[int, str] | None = None
        self.reading = asyncio.Event()
        self.reading.set()
        self._app = app
        self._headers = headers
        self._said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._said.put_nowait({"type": "websocket.connect"})

    async def run(self) -> None:
        """The connection, until either side ends it."""
        scope = {
            "type": "websocket",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": "ws",
            "server": ("unisono.example", 80),
            "client": ("192.0.2.7", 40000),
            "root_path": "",
            "path": "/api/v1/stream",
            "raw_path": b"/api/v1/stream",
            "query_string": b"",
            "headers": [(b"host", b"unisono.example"), *self._headers],
            "subprotocols": [],
            "state": {},
            "extensions": {},
        }
        await self._app(cast("Any", scope), cast("Any", self._said.get), cast("Any", self._take))
        await self._heard.put({"type": "end"})

    async def _take(self, message: dict[str, Any]) -> None:
        await self.reading.wait()
        if message["type"] == "websocket.close":
            self.closed = (message.get("code", 1000), message.get("reason", ""))
        elif message["type"] == "websocket.send":
            await self._heard.put(message)

    async def hello(self, epoch: str = "", seq: int = 0) -> None:
        """Say hello and take the answer."""
        await self.say({"type": "hello", "epoch": epoch, "seq": seq})
        await self.next()

    async def say(self, message: object) -> None:
        """Send a message; text and bytes go as they are."""
        if isinstance(message, bytes):
            await self._said.put({"type": "websocket.receive", "bytes": message})
            return
        text = message if isinstance(message, str) else json.dumps(message)
        await self._said.put({"type": "websocket.receive", "text": text})

    async def leave(self) -> None:
        """Close the window."""
        await self._said.put({"type": "websocket.disconnect", "code": 1001})

    async def next(self) -> dict[str, Any]:
        """Wait for the next message and apply it; one that never comes fails the test."""
        async with asyncio.timeout(WAIT_SECONDS):
            return self._apply(await self._heard.get())

    async def ended(self) -> tuple[int, str] | None:
        """Wait for the end; with which code and reason the server closed it."""
        while (await self.next())["type"] != "end":
            pass
        return self.closed

    async def catch_up(self, house: House) -> list[dict[str, Any]]:
        """Everything that has been sent so far, applied."""
        await house.drained()
        taken = []
        while not self._heard.empty():
            taken.append(self._apply(self._heard.get_nowait()))
        return taken

    def _apply(self, frame: dict[str, Any]) -> dict[str, Any]:
        if frame["type"] == "end":
            return frame
        message = cast("dict[str, Any]", json.loads(frame["text"]))
        self.messages.append(message)
        if message["type"] == "snapshot":
            self.epoch, self.seq, self.state = message["epoch"], message["seq"], message["state"]
        elif message["type"] == "facts" and message["seq"] > self.seq:
            self.seq, self.state = message["seq"], reduced(self.state, message["facts"])
        return message


@asynccontextmanager
async def window(house: House, client: httpx.AsyncClient, *headers: tuple[str, str]) -> AsyncIterator[StreamClient]:
    """The event stream of a browser; nothing has been said yet."""
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar)
    sent = [("cookie", cookies), *headers] if cookies else [*headers]
    stream = StreamClient(house.app, [(name.encode(), value.encode()) for name, value in sent])
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(stream.run())
        yield stream
        stream.reading.set()
        await stream.leave()
        await task


@asynccontextmanager
async def windows(house: House, *logins: str) -> AsyncIterator[list[StreamClient]]:
    """The event streams of some people, who have their state."""
    async with AsyncExitStack() as stack:
        found = []
        for login in logins:
            client = await stack.enter_async_context(browser(house, login))
            found.append(await stack.enter_async_context(window(house, client)))
            await found[-1].hello()
        yield found


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of an answer; no code if it went well."""
    return (answer.status_code, "" if answer.is_success else answer.json()["code"])
