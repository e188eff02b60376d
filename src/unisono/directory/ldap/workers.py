"""Starts the LDAP workers, tells them what holds, checks passwords for them, and starts anew what ended."""

import asyncio
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Sequence, Set
from dataclasses import dataclass

from unisono.directory.ldap.channel import Begin, Channel, Check, Checked, Configured, Figures, Missing, StandIn
from unisono.directory.ldap.figures import Tally
from unisono.directory.ldap.model import Configuration
from unisono.kernel.clock import Clock
from unisono.kernel.log import Log
from unisono.kernel.start import command
from unisono.kernel.tasks import forever

CheckPassword = Callable[[Check], Awaitable[Checked]]

_WORKER = "unisono.directory.ldap.worker"
_STOP_SECONDS = 3.0
_MISSED_SECONDS = 12.0
"""A worker that says nothing for so long has missed to tell its figures twice: others stand in for it."""
_SILENT_SECONDS = 30.0
"""One that says nothing for so long hangs, and is ended."""
_AGAIN_SECONDS = 0.05
"""Somebody waits where there is one worker only; each time one ends soon, the next one is waited for twice as long."""
_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(4 << 20), "MALLOC_TRIM_THRESHOLD_": str(8 << 20)}
"""For glibc: a page of an answer is made in memory that was used before, not in pages that the kernel empties each time."""

log = Log("ldap")


@dataclass(frozen=True, slots=True)
class Sockets:
    """What one worker listens on; bound by the server, so that a worker that ends loses no connection that waits.

    All workers have those of all: while one is away, the others answer who comes there.
    """

    plain: socket.socket | None
    tls: socket.socket | None


class Workers:
    """The processes of the LDAP door."""

    def __init__(
        self,
        begin: Begin,
        sockets: Sequence[Sockets],
        check: CheckPassword,
        clock: Clock,
        *,
        missed_seconds: float = _MISSED_SECONDS,
        silent_seconds: float = _SILENT_SECONDS,
    ) -> None:
        self._begin = begin
        self._missed_seconds = missed_seconds
        self._silent_seconds = silent_seconds
        self._sockets = sockets
        self._check = check
        self._clock = clock
        self._configuration = Configuration()
        self._channels: dict[int, Channel] = {}
        self.tally = Tally()
        self.missing: dict[int, dict[str, str]] = {}
        """Books that a worker cannot read now, with why."""
        self.pids: dict[int, int] = {}
        """Their processes."""
        self._away: set[int] = set()
        """Those that have ended or say nothing: until they answer again, or their successors, the others do so for them."""
        self.restarts = 0
        self._ready = asyncio.Event()

    def configure(self, configuration: Configuration) -> None:
        """This holds from now on."""
        self._configuration = configuration
        for channel in self._channels.values():
            channel.send(Configured(configuration))

    @property
    def answering(self) -> Set[int]:
        """Those that answer: of those that have begun, the ones that are not known to hang."""
        return self.tally.workers.keys() - self._away

    async def ready(self) -> None:
        """Wait until all workers answer."""
        await self._ready.wait()

    async def run(self) -> None:
        """Keep all workers running, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for number in range(len(self._sockets)):
                work = forever(f"ldap worker {number}", self._work(number), self._clock, first=_AGAIN_SECONDS)
                tasks.create_task(work)

    def _work(self, number: int) -> Callable[[], Awaitable[None]]:
        async def work() -> None:
            ours, theirs = socket.socketpair()
            listening = [None if sock is None else sock.fileno() for pair in self._sockets for sock in (pair.plain, pair.tls)]
            files = [theirs.fileno(), *(file for file in listening if file is not None)]
            arguments = [str(theirs.fileno()), str(number), *("-" if file is None else str(file) for file in listening)]
            process = await asyncio.create_subprocess_exec(
                *command(_WORKER, *arguments), pass_fds=files, env=_MEMORY | os.environ
            )
            theirs.close()
            self.pids[number] = process.pid
            try:
                await self._serve(number, Channel(*await asyncio.open_unix_connection(sock=ours)))
                self._channels.pop(number)
                self._stand_in(self._away | {number})
                await _end(process)
                log.warning("an LDAP worker has ended; another one is started", worker=number, why=_why(process.returncode))
                self.restarts += 1
            finally:
                self._channels.pop(number, None)
                self.missing.pop(number, None)
                self.tally.gone(number)
                ours.close()
                await _end(process)

        return work

    async def _serve(self, number: int, channel: Channel) -> None:
        channel.send(self._begin)
        channel.send(Configured(self._configuration))
        channel.send(StandIn(tuple(self._away - {number})))
        self._channels[number] = channel
        answers: set[asyncio.Task[None]] = set()
        try:
            async with asyncio.TaskGroup() as tasks:
                while (message := await self._heard(number, channel)) is not None:
                    if isinstance(message, Check):
                        answers.add(answer := tasks.create_task(self._answer(channel, message)))
                        answer.add_done_callback(answers.discard)
                    elif isinstance(message, Missing):
                        self._misses(number, message.books)
                    elif isinstance(message, Figures):
                        self.tally.heard(number, message, self._clock.monotonic())
                        self._stand_in(self._away - {number})
                        if len(self.tally.workers) == len(self._sockets):
                            self._ready.set()
                for answer in answers:
                    answer.cancel()  # nobody waits for it, but clients do for the next worker
        finally:
            channel.close()

    def _stand_in(self, away: set[int]) -> None:
        """Who comes to those that are away does not wait for their successors: whichever worker is free answers."""
        if away != self._away:
            self._away = away
            for number, channel in self._channels.items():
                channel.send(StandIn(tuple(away - {number})))

    async def _heard(self, number: int, channel: Channel) -> object:
        """What a worker says; None if it has ended or hangs, and has to be ended."""
        missed = asyncio.get_running_loop().call_later(self._missed_seconds, self._unheard, number)
        try:
            async with asyncio.timeout(self._silent_seconds):
                return await channel.receive()
        except TimeoutError:
            log.error("an LDAP worker hangs and is ended", worker=number, pid=self.pids[number], silent_s=self._silent_seconds)
            return None
        finally:
            missed.cancel()

    def _unheard(self, number: int) -> None:
        log.warning("an LDAP worker says nothing; the others answer for it", worker=number, pid=self.pids[number])
        self._stand_in(self._away | {number})

    def _misses(self, number: int, books: dict[str, str]) -> None:
        self.missing[number] = books
        if books:
            log.error("an LDAP worker cannot read all books; the server makes them anew", worker=number, books=books)
        else:
            log.info("an LDAP worker reads all books again", worker=number)

    async def _answer(self, channel: Channel, check: Check) -> None:
        try:
            answer = await self._check(check)
        except Exception:
            log.exception("a password could not be checked")
            answer = Checked(check.id, None, True, "The password could not be checked now")
        channel.send(answer)


def _why(code: int | None) -> str:
    """How a process ended, in words."""
    if code == -signal.SIGBUS:
        return "a file of the index was cut off, or the disk failed, while it was read (SIGBUS)"
    if code is not None and code < 0:
        return f"it was ended by {signal.Signals(-code).name}"
    return f"it ended with {code}"


async def _end(process: asyncio.subprocess.Process) -> None:
    try:
        async with asyncio.timeout(_STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
