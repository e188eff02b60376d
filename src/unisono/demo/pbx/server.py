"""The exchange on a TCP port: one task reads, one writes for each client, and one winds the switch."""

import asyncio
from typing import Any

from unisono.demo.pbx.client import Client
from unisono.demo.pbx.exchange import Exchange
from unisono.kernel.clock import Clock, SystemClock
from unisono.kernel.errors import Unavailable
from unisono.kernel.log import Log
from unisono.net import Stream, listen

log = Log("demo.pbx")


class Server:
    """Serves CSTA clients; loopback unless another host is named. Use it as an asynchronous context manager."""

    def __init__(self, exchange: Exchange, clock: Clock | None = None) -> None:
        self.exchange = exchange
        self.port = 0
        self._clock: Clock = clock or SystemClock()
        self._epoch = self._clock.monotonic()
        self._earlier = asyncio.Event()
        self._armed = float("inf")
        self._live = 0
        self._gone = asyncio.Event()
        self._gone.set()

    @property
    def now(self) -> float:
        """Seconds since the server was made: the switch's time."""
        return self._clock.monotonic() - self._epoch

    def turn(self) -> None:
        """Wind the switch to now, tell what happened, and plan the next time; call it after every change."""
        self.exchange.turn(self.now)
        due = self.exchange.switch.timeline.next_due()
        if due is not None and due < self._armed:
            self._earlier.set()

    async def run(self, host: str = "127.0.0.1", port: int = 0, *, ready: asyncio.Event | None = None) -> None:
        """Listen and serve until cancelled; `port` is set when `ready` is."""
        server = await listen(host, port, self._serve, most=self.exchange.limits.clients)
        self.port = server.sockets[0].getsockname()[1]
        if ready is not None:
            ready.set()
        try:
            await self._wind()
        finally:
            for client in list(self.exchange.clients):
                client.cut()
            server.close()
            await self._gone.wait()

    async def _wind(self) -> None:
        while True:
            self._earlier.clear()
            self.turn()
            due = self.exchange.switch.timeline.next_due()
            self._armed = float("inf") if due is None else due
            await self._sleep(None if due is None else due - self.now)

    async def _sleep(self, seconds: float | None) -> None:
        """Wait until then, or until something is planned before it."""
        async with asyncio.TaskGroup() as tasks:
            waits: set[asyncio.Task[Any]] = {tasks.create_task(self._earlier.wait())}
            if seconds is not None:
                waits.add(tasks.create_task(self._clock.sleep(seconds)))
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()

    # Clients

    async def _serve(self, stream: Stream) -> None:
        if self.exchange.faults.refuse_connections:
            stream.abort()
            return
        work = asyncio.Event()
        # Nothing winds a quiet switch: its time has to be today's before the client's time to sign in begins.
        self.exchange.switch.advance(self.now)
        client = Client(self.exchange, work.set)
        self._live += 1
        self._gone.clear()
        self.turn()
        try:
            async with asyncio.TaskGroup() as tasks:
                reading = tasks.create_task(self._read(client, stream))
                await self._write(client, stream, work)
                reading.cancel()
        except* Unavailable as group:
            log.info("link lost", peer=stream.name, why=str(group.exceptions[0]))
        finally:
            client.gone()
            self._live -= 1
            if not self._live:
                self._gone.set()
            self.turn()

    async def _read(self, client: Client, stream: Stream) -> None:
        while data := await stream.read():
            self.exchange.switch.advance(self.now)
            client.receive(data)
            self.turn()
        client.close()

    async def _write(self, client: Client, stream: Stream, work: asyncio.Event) -> None:
        while not client.closing or client.outbox:
            if client.aborting:
                stream.abort()
                return
            work.clear()
            data = client.take()
            if data:
                await stream.write(data)
            elif client.closing:
                return
            else:
                await work.wait()
