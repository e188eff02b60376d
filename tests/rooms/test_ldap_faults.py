"""The LDAP door under bad input and bad manners: limits hold, and others are served."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.rooms.ldap_house import PASSWORD, Ldap, open_ldap

from unisono.directory.ldap.settings import LdapSettings
from unisono.wire.ldap import encode_request, parse_filter, parse_response
from unisono.wire.ldap.framing import FrameReader
from unisono.wire.ldap.message import BindRequest, Deref, Scope, SearchRequest, Simple

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(shutil.which("ldapsearch") is None, reason="ldap-utils is not installed"),
]
SECONDS = 60.0
SETTINGS = LdapSettings(connections=300, connections_per_address=200, idle_seconds=2, stall_seconds=1)


@pytest.fixture
async def ldap(tmp_path: Path) -> AsyncIterator[Ldap]:
    async with open_ldap(tmp_path, SETTINGS) as ldap:
        yield ldap


def search(text: str = "(cn=*)", message_id: int = 1) -> bytes:
    request = SearchRequest("dc=meta", Scope.SUBTREE, Deref.NEVER, 0, 0, False, parse_filter(text))
    return encode_request(message_id, request)


async def others_are_served(ldap: Ldap) -> None:
    assert len(await ldap.search("(sn=rossi)", "1.1")) == 1


async def last_words(ldap: Ldap, data: bytes) -> bytes:
    """What comes until the door closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", ldap.port)
    writer.write(data)
    try:
        async with asyncio.timeout(SECONDS):
            return await reader.read()
    finally:
        writer.close()


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        bytes.fromhex("16030100a5"),
        bytes.fromhex("3080020101"),
        bytes.fromhex("30840fffffff020101"),
        b"\x30\x05\x02\x01\x01\x42\x01",
        bytes.fromhex("3003020101"),
    ],
    ids=["http", "tls", "indefinite", "too long", "cut off within", "no operation"],
)
async def test_what_is_no_ldap_ends_the_connection_in_words(ldap: Ldap, data: bytes) -> None:
    said = await last_words(ldap, data)
    [pdu] = FrameReader().feed(said)
    message_id, notice, _ = parse_response(pdu)
    assert message_id == 0
    assert notice.result.code in (2, 3)  # type: ignore[union-attr]
    await others_are_served(ldap)


async def test_filters_nested_ten_thousand_deep(ldap: Ldap) -> None:
    inner = b"\x87\x02cn"
    for _ in range(10_000):
        length = len(inner)
        inner = b"\xa2\x84" + length.to_bytes(4) + inner
    head = b"\x04\x07dc=meta" + bytes.fromhex("0a01020a0100020100020100010100")
    body = head + inner + b"\x30\x00"
    op = b"\x63\x84" + len(body).to_bytes(4) + body
    message = b"\x02\x01\x01" + op
    reader, writer = await asyncio.open_connection("127.0.0.1", ldap.port)
    writer.write(b"\x30\x84" + len(message).to_bytes(4) + message + search(message_id=2))
    frames = FrameReader()
    done: dict[int, int] = {}
    async with asyncio.timeout(SECONDS):
        while len(done) < 2:
            data = await reader.read(65_536)
            assert data
            for pdu in frames.feed(data):
                number, response, _ = parse_response(pdu)
                if hasattr(response, "result"):
                    done[number] = response.result.code
    assert done == {1: 2, 2: 0}
    writer.close()


async def test_a_client_that_sends_a_little_at_a_time_is_cut(ldap: Ldap) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", ldap.port)
    whole = asyncio.ensure_future(reader.read())
    async with asyncio.timeout(SECONDS):
        for at in range(len(search()) - 1):
            writer.write(search()[at : at + 1])
            await others_are_served(ldap)
            if whole.done():
                break
        said = await whole
    assert b"took too long" in said
    writer.close()


async def test_an_idle_client_is_told_and_cut(ldap: Ldap) -> None:
    assert b"Nothing happened" in await last_words(ldap, search())


async def test_a_client_that_never_reads_is_cut_and_harms_nobody(ldap: Ldap) -> None:
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.connect(("127.0.0.1", ldap.port))
    deaf.setblocking(False)
    request = b"".join(search(message_id=number) for number in range(1, 100))
    sent = 0
    async with asyncio.timeout(SECONDS):
        while not ldap.workers.tally.total().cut:
            try:
                sent += deaf.send(request)
            except BlockingIOError:
                await others_are_served(ldap)
            except ConnectionError:
                break
    deaf.close()
    assert sent < 64 * 1024 * 1024
    await others_are_served(ldap)


async def test_connections_have_a_limit(ldap: Ldap) -> None:
    opened = [await asyncio.open_connection("127.0.0.1", ldap.port) for _ in range(220)]
    async with asyncio.timeout(SECONDS):
        said = await opened[-1][0].read()
    assert b"Too many connections" in said
    for _, writer in opened:
        writer.close()
    async with asyncio.timeout(SECONDS):
        while (await ldap.run("ldapsearch", "-x", "-H", ldap.url, "-b", "", "-s", "base"))[0]:
            pass


async def test_a_thousand_wrong_passwords_stop_no_search(ldap: Ldap) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", ldap.port)
    writer.write(b"".join(encode_request(n, BindRequest(3, "anna", Simple(b"wrong"))) for n in range(1, 1001)))
    await others_are_served(ldap)
    writer.close()
    assert PASSWORD not in repr(ldap.asked)
