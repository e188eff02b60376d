"""The web door against who means it ill, over real sockets and without.

What one request more or less shows is in tests/rooms/test_web_http.py and tests/rooms/test_web_stream.py; here are slow,
endless and broken clients, which only the real server meets.
"""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from tests.rooms.web_house import PASSWORD, House, browser, open_house, sign_in
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from unisono.app.serve import Server
from unisono.web import serve
from unisono.web.settings import LimitSettings
from unisono.web.socket import PipeSocket
from unisono.web.stream import PROTOCOL, TOO_MANY

API = "/api/v1"
MOST_SECONDS = 60


class Door:
    """The application behind the real server, on a port of its own."""

    def __init__(self, house: House, port: int) -> None:
        self.house = house
        self.port = port

    async def raw(self, *pieces: bytes) -> bytes:
        """Send bytes; everything that comes back until the server hangs up."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        answer = b""
        async with asyncio.timeout(MOST_SECONDS):
            with suppress(ConnectionError):
                for piece in pieces:
                    writer.write(piece)
                    await writer.drain()
                while more := await reader.read(65_536):
                    answer += more
        writer.close()
        return answer

    @asynccontextmanager
    async def browser(self, login: str) -> AsyncIterator[httpx.AsyncClient]:
        """Somebody signed in over the network."""
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=MOST_SECONDS) as client:
            await sign_in(client, login)
            yield client

    @asynccontextmanager
    async def stream(
        self, client: httpx.AsyncClient, *, source: str = "127.0.0.1", **headers: str
    ) -> AsyncIterator[ClientConnection]:
        """An open event stream of a browser at this address."""
        cookie = "; ".join(f"{each.name}={each.value}" for each in client.cookies.jar)
        address, sent = f"ws://127.0.0.1:{self.port}{API}/stream", {"Cookie": cookie, **headers}
        async with connect(
            address, additional_headers=sent, max_size=None, close_timeout=1, local_addr=(source, 0)
        ) as stream:
            yield stream

    async def upgrade(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A stranger asks for a stream, and does not even look at the answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(
            f"GET {API}/stream HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        await writer.drain()
        return reader, writer

    async def well(self) -> bool:
        """Whether others are served."""
        async with httpx.AsyncClient() as client:
            return (await client.get(f"http://127.0.0.1:{self.port}/healthz")).status_code == 200


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        yield house


@pytest.fixture
async def door(house: House) -> AsyncIterator[Door]:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        server = Server(uvicorn.Config(house.app, **{**serve.OPTIONS, "timeout_graceful_shutdown": 1}))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(server.serve(sockets=[sock]))
            yield Door(house, sock.getsockname()[1])
            server.should_exit = True


async def closed(stream: ClientConnection) -> tuple[int, str]:
    """With which code and reason the server ends the stream."""
    async with asyncio.timeout(MOST_SECONDS):
        with suppress(ConnectionClosed):
            while True:
                await stream.recv()
    return stream.close_code or 0, stream.close_reason or ""


async def test_who_never_finishes_a_header_is_hung_up_on(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "HEADER_SECONDS", 0.05)
    slow = [door.raw(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "), door.raw(b""), door.raw(b"G")]
    assert await asyncio.gather(*slow) == [b"", b"", b""]
    assert await door.well()


async def test_headers_without_end(door: Door) -> None:
    answer = await door.raw(b"GET / HTTP/1.1\r\nHost: x\r\n", *[b"X-Long: " + b"x" * 10_000 + b"\r\n"] * 100)
    assert not answer or answer.startswith(b"HTTP/1.1 400 ")
    assert await door.well()


async def test_ten_thousand_bytes_of_header_are_no_harm(door: Door) -> None:
    async with door.browser("anna") as anna:
        assert (await anna.get(f"{API}/me", headers={"X-Long": "x" * 10_000})).status_code == 200
        assert (await anna.get(f"{API}/me", headers={f"X-{n}": "x" * 10 for n in range(500)})).status_code == 200


async def test_what_is_no_http_is_refused(door: Door) -> None:
    post = b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\n"
    for nonsense in (
        b"\0\1\2\3\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 99,  # TLS
        post + b"Content-Length: -5\r\n\r\n",
        post + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    ):
        answer = await door.raw(nonsense)
        assert not answer or answer.startswith(b"HTTP/1.1 400 "), nonsense
        assert b"server:" not in answer.lower()
    assert await door.well()


async def test_a_body_over_the_limit_is_not_read(door: Door) -> None:
    """Neither when its length is told nor when it comes in chunks without end."""
    async with door.browser("anna") as anna:
        told = await anna.patch(f"{API}/me", content=b"{" + b" " * 1_200_000)
        assert (told.status_code, told.json()["code"]) == (413, "too-large")

        async def endless() -> AsyncIterator[bytes]:
            for _ in range(100):
                yield b" " * 65_536

        untold = await anna.patch(f"{API}/me", content=endless(), headers={"Content-Type": "application/json"})
        assert (untold.status_code, untold.json()["code"]) == (413, "too-large")
    assert await door.well()


async def test_deep_json_is_refused_in_words(house: House) -> None:
    async with browser(house, "anna") as anna:
        for body in (b"[" * 100_000, b'{"settings":' * 20_000):
            answer = await anna.patch(f"{API}/me", content=body, headers={"Content-Type": "application/json"})
            assert (answer.status_code, answer.json()["code"]) == (400, "too-deep")
        assert (await anna.get(f"{API}/me")).status_code == 200


async def test_thousands_of_messages_end_a_stream_and_no_other(door: Door) -> None:
    async with door.browser("anna") as anna, door.stream(anna) as noisy, door.stream(anna) as quiet:
        await quiet.send('{"type":"hello","epoch":"","seq":0}')
        with suppress(ConnectionClosed):
            for _ in range(5000):
                await noisy.send('{"type":"pong"}')
        assert await closed(noisy) == (TOO_MANY, "too many messages")
        assert json.loads(await quiet.recv())["type"] == "snapshot"


async def test_messages_that_are_none(door: Door) -> None:
    said = (("x" * 5000, PROTOCOL), ("x" * 2_000_000, 1009), (b"\0" * 10, PROTOCOL), ('{"type":', PROTOCOL))
    async with door.browser("anna") as anna:
        for message, code in said:
            async with door.stream(anna) as stream:
                await stream.send(message)
                assert (await closed(stream))[0] == code
    assert await door.well()


async def test_a_flood_of_streams_is_refused_and_leaves_others_alone(door: Door) -> None:
    """A thousand and more from one address, none of which reads, says or closes anything."""
    async with door.browser("anna") as anna, door.stream(anna, source="127.0.0.2") as before:
        most = LimitSettings().stream_address_burst
        flood = [await door.upgrade() for _ in range(most)]
        answers = await asyncio.gather(*[reader.readuntil(b"not-signed-in") for reader, _ in flood])
        assert len(answers) == most
        async with door.stream(anna) as one_more, door.stream(anna, source="127.0.0.2") as elsewhere:
            assert await closed(one_more) == (TOO_MANY, "opened too often")
            for stream in (before, elsewhere):
                await stream.send('{"type":"hello","epoch":"","seq":0}')
                assert json.loads(await stream.recv())["type"] == "snapshot"
        assert await door.well()
        for _, writer in flood:
            writer.close()


async def test_a_window_that_never_reads_does_not_hold_up_others(door: Door) -> None:
    async with door.browser("anna") as anna, door.stream(anna) as stuck, door.stream(anna) as reads:
        stuck.transport.pause_reading()
        for stream in (stuck, reads):
            await stream.send('{"type":"hello","epoch":"","seq":0}')
        last: Any = None
        for number in range(60):
            settings = {"n": number, "text": "x" * 100_000}
            await door.house.rooms.people.set_preferences(door.house.ids["anna"], settings=settings)
        await door.house.drained()
        async with asyncio.timeout(MOST_SECONDS):
            while last != 59:
                message = json.loads(await reads.recv())
                me = _me(message)
                last = me["settings"].get("n") if me else last
        stuck.transport.resume_reading()


async def test_what_is_pushed_and_what_had_to_wait_keep_their_order(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that reads in fits: some facts go the short way, some have to wait, and none overtakes another."""
    house, pushed, push = door.house, list[bytes](), PipeSocket.push

    def noted(self: PipeSocket, frame: bytes) -> None:
        pushed.append(frame)
        push(self, frame)

    monkeypatch.setattr(PipeSocket, "push", noted)
    async with door.browser("anna") as anna, door.stream(anna) as stream:
        await stream.send('{"type":"hello","epoch":"","seq":0}')
        messages = [json.loads(await stream.recv())]
        for number in range(200):
            if number in (20, 100):  # for long enough that no buffer of the system takes it all
                stream.transport.pause_reading()
            elif number in (90, 170):
                stream.transport.resume_reading()
            settings = {"n": number, "text": "x" * 200_000}
            await house.rooms.people.set_preferences(house.ids["anna"], settings=settings)
        stream.transport.resume_reading()
        async with asyncio.timeout(MOST_SECONDS):
            while not (me := _me(messages[-1])) or me["settings"].get("n") != 199:
                messages.append(json.loads(await stream.recv()))
        order = [message["seq"] for message in messages]
        assert order == sorted(order)
        assert 0 < len(pushed) < len(messages) - 1


def _me(message: dict[str, Any]) -> dict[str, Any] | None:
    if message["type"] == "snapshot":
        return dict(message["state"]["me"]["me"])
    facts = [fact["value"] for fact in message.get("facts", []) if fact["collection"] == "me"]
    return facts[-1] if facts else None


async def test_a_foreign_page_gets_no_stream(door: Door) -> None:
    async with door.browser("anna") as anna, door.stream(anna, Origin="https://evil.example") as stream:
        assert await closed(stream) == (4401, "cross-site")


async def test_paths_do_not_leave_the_client(door: Door) -> None:
    up = ("/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/assets/..%2f..%2fapp.py", "/..\\..\\x", "/%00", "//etc/passwd")
    for path in up:
        answer = await door.raw(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        assert b"root:" not in answer
        assert b"import " not in answer
        assert answer.startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 404 ", b"HTTP/1.1 400 ")), path


async def test_other_methods_do_no_harm(house: House) -> None:
    async with browser(house, "anna") as anna:
        for method in ("HEAD", "OPTIONS", "TRACE", "CONNECT", "BREW"):
            for path in ("/", f"{API}/me", f"{API}/nothing", "/healthz"):
                answer = await anna.request(method, path)
                assert answer.status_code < 500, (method, path)
                assert answer.headers["x-content-type-options"] == "nosniff", (method, path)
                assert "access-control-allow-origin" not in answer.headers


async def test_every_answer_says_how_pages_may_use_it(door: Door) -> None:
    async with door.browser("anna") as anna:
        for path in ("/", f"{API}/me", f"{API}/nothing", "/healthz"):
            headers = (await anna.get(path)).headers
            assert headers["referrer-policy"] == "same-origin"
            assert headers["x-content-type-options"] == "nosniff"
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert "server" not in headers


async def test_a_token_for_calls_reaches_nothing_of_an_admin(house: House) -> None:
    """Whatever the route, whoever the owner: a narrow token stays narrow."""
    async with browser(house, "root") as root, house.client() as program:
        for scopes in (["calls"], ["read"]):
            made = await root.post(f"{API}/me/tokens", json={"name": "narrow", "scopes": scopes, "days": 1})
            program.headers["Authorization"] = f"Bearer {made.json()['secret']}"
            for path in ("people", "groups", "lines", "connectors", "status", "locations"):
                assert (await program.get(f"{API}/admin/{path}")).status_code == 403, (scopes, path)


async def test_wrong_body_fields_that_are_called_like_our_parts(house: House) -> None:
    """A line has a field `journal`, and so is a room called that the routes get."""
    async with browser(house, "root") as root:
        body = {"connector": "pbx", "device": "9", "journal": "perhaps"}
        answer = await root.post(f"{API}/admin/lines", json=body)
        assert answer.status_code == 400
        assert answer.json()["data"]["field"] == "journal"


async def test_guessing_from_many_windows_at_once_is_slowed_down(door: Door) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{door.port}") as client:
        wrong = [client.post(f"{API}/session", json={"login": "anna", "password": str(n)}) for n in range(20)]
        answers = await asyncio.gather(*wrong)
        assert {answer.status_code for answer in answers} == {403, 429}
        slowed = await client.post(f"{API}/session", json={"login": "anna", "password": PASSWORD})
        assert slowed.status_code == 429
        assert int(slowed.headers["retry-after"]) >= 1
        assert "Try again in" in slowed.json()["detail"]
