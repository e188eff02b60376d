"""Streams name the peer and the remedy when a link cannot be had or breaks."""

import asyncio
from pathlib import Path

import pytest

from unisono.kernel.errors import Retry, Unavailable
from unisono.net import Endpoint, Stream, connect, listen


def port_of(server: asyncio.Server) -> int:
    return int(server.sockets[0].getsockname()[1])


async def echo(stream: Stream) -> None:
    while data := await stream.read():
        await stream.write(data)


async def test_bytes_come_back_and_the_end_is_seen() -> None:
    async with await listen("127.0.0.1", 0, echo) as server:
        stream = await connect(Endpoint("127.0.0.1", port_of(server)))
        await stream.write(b"hello")
        assert await stream.read() == b"hello"
        await stream.close()


async def test_refused_says_so() -> None:
    server = await listen("127.0.0.1", 0, echo)
    port = port_of(server)
    server.close()
    await server.wait_closed()
    with pytest.raises(Unavailable) as caught:
        await connect(Endpoint("127.0.0.1", port))
    assert caught.value.code == "link-refused"
    assert str(port) in caught.value.message


async def test_a_port_that_speaks_no_tls() -> None:
    async def speaks_first(stream: Stream) -> None:
        await stream.write(b"Asterisk Call Manager/9.0.0\r\n")
        await stream.read()

    async def hangs_up(stream: Stream) -> None:
        await stream.read()

    for serve in (speaks_first, hangs_up):
        async with await listen("127.0.0.1", 0, serve) as server:
            with pytest.raises(Unavailable) as caught:
                await connect(Endpoint("127.0.0.1", port_of(server), tls=True))
            assert str(port_of(server)) in caught.value.message
        assert caught.value.code == "link-tls"
        assert "_ssl.c" not in caught.value.message


@pytest.mark.parametrize("name", ["pbx..example", "x" * 64 + ".example", "p b x"])
async def test_a_name_that_nobody_can_have(name: str) -> None:
    with pytest.raises(Unavailable) as caught:
        await connect(Endpoint(name, 1))
    assert caught.value.code == "link-name"
    assert f"{name!r} cannot be found" in caught.value.message


@pytest.mark.parametrize(("content", "why"), [(None, "No such file"), ("no certificate", "PEM")])
async def test_a_file_with_the_authority_that_is_none(tmp_path: Path, content: str | None, why: str) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(Unavailable) as caught:
        await connect(Endpoint("127.0.0.1", 1, tls=True, ca_file=str(file)))
    assert (caught.value.code, caught.value.retry) == ("link-certificate", Retry.ASK_ADMIN)
    assert str(file) in caught.value.message
    assert why in caught.value.message


async def test_silence_is_a_time_out() -> None:
    async def silent(stream: Stream) -> None:
        while await stream.read():
            pass

    async with await listen("127.0.0.1", 0, silent) as server:
        endpoint = Endpoint("127.0.0.1", port_of(server), tls=True)
        with pytest.raises(Unavailable) as caught:
            await connect(endpoint, timeout=0.05)
        assert caught.value.code == "link-timeout"


async def test_too_many_connections_are_closed_at_once() -> None:
    async with await listen("127.0.0.1", 0, echo, most=1) as server:
        first = await connect(Endpoint("127.0.0.1", port_of(server)))
        await first.write(b"x")
        await first.read()
        second = await connect(Endpoint("127.0.0.1", port_of(server)))
        with pytest.raises((Unavailable, AssertionError)):
            assert await second.read()
        await second.close()
        await first.close()


async def test_a_peer_that_never_reads_stalls_the_link() -> None:
    release = asyncio.Event()

    async def never_reads(stream: Stream) -> None:
        await release.wait()

    async with await listen("127.0.0.1", 0, never_reads) as server:
        stream = await connect(Endpoint("127.0.0.1", port_of(server)))
        with pytest.raises(Unavailable) as caught:
            await stream.write(b"x" * 64_000_000, timeout=0.05)
        assert caught.value.code == "link-stalled"
        stream.abort()
        release.set()


def test_endpoints_print() -> None:
    assert str(Endpoint("::1", 1)) == "[::1]:1"
    assert str(Endpoint("a.example", 2, tls=True)) == "a.example:2 (TLS)"
