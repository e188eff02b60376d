"""A byte stream over TCP or TLS with bounded buffers and time-outs that name the peer."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from unisono.kernel.errors import Retry, Unavailable

READ_SIZE = 65_536
WRITE_LIMIT = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a peer listens. `ca_file` replaces the system's certificates when the peer has its own authority."""

    host: str
    port: int
    tls: bool = False
    ca_file: str = ""

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}" + (" (TLS)" if self.tls else "")

    def context(self) -> ssl.SSLContext | None:
        """The TLS settings for a client, certificate checked; none for plain TCP. Raises `Unavailable` for a bad `ca_file`."""
        if not self.tls:
            return None
        try:
            return ssl.create_default_context(cafile=self.ca_file or None)
        except OSError as error:
            why = error.strerror if not isinstance(error, ssl.SSLError) else "there is no certificate in PEM format in it"
            raise Unavailable(
                "link-certificate", f"The ca_file {self.ca_file} cannot be read: {why}.", retry=Retry.ASK_ADMIN
            ) from error


class Stream:
    """One connection. Reads give whatever has arrived; writes wait only when the peer is slow, and not for ever."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str) -> None:
        self._reader = reader
        self._writer = writer
        self.name = name
        writer.transport.set_write_buffer_limits(high=WRITE_LIMIT)

    async def read(self) -> bytes:
        """The next bytes; empty at the end of the stream. Raises `Unavailable` when the link broke."""
        try:
            return await self._reader.read(READ_SIZE)
        except (OSError, ssl.SSLError) as error:
            raise Unavailable("link-lost", f"The connection to {self.name} broke: {error}.") from error

    async def write(self, data: bytes, *, timeout: float = 10.0) -> None:
        """Send; raises `Unavailable` when the link broke or the peer read nothing for `timeout` seconds."""
        try:
            self._writer.write(data)
            async with asyncio.timeout(timeout):
                await self._writer.drain()
        except TimeoutError as error:
            raise Unavailable("link-stalled", f"{self.name} has read nothing for {timeout:.0f} s.") from error
        except OSError as error:
            raise Unavailable("link-lost", f"The connection to {self.name} broke: {error}.") from error

    async def close(self) -> None:
        """Close; never raises, never waits long."""
        self._writer.close()
        try:
            async with asyncio.timeout(2.0):
                await self._writer.wait_closed()
        except (OSError, TimeoutError, ssl.SSLError):
            self._writer.transport.abort()

    def abort(self) -> None:
        """Cut the connection without a farewell."""
        self._writer.transport.abort()


async def connect(endpoint: Endpoint, *, timeout: float = 10.0) -> Stream:
    """Open a connection; every failure is an `Unavailable` that names the endpoint; its code says what to check."""
    tls = endpoint.context()
    try:
        async with asyncio.timeout(timeout):
            reader, writer = await asyncio.open_connection(endpoint.host, endpoint.port, ssl=tls)
    except TimeoutError as error:
        raise Unavailable("link-timeout", f"{endpoint} did not answer within {timeout:.0f} s.") from error
    except ssl.SSLCertVerificationError as error:
        raise Unavailable(
            "link-certificate",
            f"The certificate of {endpoint} is not trusted: {error.verify_message.rstrip('.')}.",
            retry=Retry.ASK_ADMIN,
        ) from error
    except ConnectionRefusedError as error:
        raise Unavailable("link-refused", f"{endpoint} refuses connections.") from error
    except (socket.gaierror, UnicodeError) as error:  # the latter for what cannot be a name at all
        why = error.strerror if isinstance(error, socket.gaierror) else "it is no name of a host"
        raise Unavailable("link-name", f"The address {endpoint.host!r} cannot be found: {why}.") from error
    except (ssl.SSLError, ConnectionError) as error:
        # Who speaks no TLS answers in another language, or hangs up on what they cannot read.
        why = (error.reason or "").lower().replace("_", " ") if isinstance(error, ssl.SSLError) else "it hung up"
        raise Unavailable("link-tls", f"{endpoint} did not agree on TLS: {why or error}.") from error
    except OSError as error:
        raise Unavailable("link-failed", f"Cannot reach {endpoint}: {error.strerror or error}.") from error
    return Stream(reader, writer, str(endpoint))


async def listen(
    host: str,
    port: int,
    serve: Callable[[Stream], Awaitable[None]],
    *,
    tls: ssl.SSLContext | None = None,
    most: int = 1000,
) -> asyncio.Server:
    """Serve connections with `serve`, at most `most` at once; more are closed at once."""
    live = 0

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal live
        stream = Stream(reader, writer, str(writer.get_extra_info("peername")))
        if live >= most:
            stream.abort()
            return
        live += 1
        try:
            await serve(stream)
        finally:
            live -= 1
            await stream.close()

    return await asyncio.start_server(accept, host, port, ssl=tls)
