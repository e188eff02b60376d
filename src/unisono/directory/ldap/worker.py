"""A process that answers LDAP, started (`kernel/start.py`) with CHANNEL NUMBER PLAIN TLS [PLAIN TLS]...

The numbers of open files (- for none): the way to the server, and what each worker listens on; NUMBER says which of them it is.
It reads the manifest and the segments, never the database; passwords it asks the server about. It ends when the server does.
"""

import asyncio
import gc
import resource
import signal
import socket
import ssl
import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from secrets import token_bytes

import uvloop

from unisono.directory import manifest
from unisono.directory.index import Index
from unisono.directory.ldap.channel import Begin, Channel, Check, Checked, Configured, Missing, StandIn
from unisono.directory.ldap.door import Door
from unisono.directory.ldap.listening import Listener, Listening
from unisono.directory.ldap.model import Configuration
from unisono.directory.ldap.session import Question, Verdict
from unisono.directory.ldap.tree import Tree

_LOOK_SECONDS = 0.2
"""How often it is looked whether the manifest has changed."""
_AGAIN_SECONDS = 1.0
"""Then it is looked again for files that were not there: of a manifest that is being replaced they may be gone already."""
_FIGURES_SECONDS = 5.0
_TRUSTED_SECONDS = 300.0
"""How long a verdict about a password is remembered."""
_REMEMBERED = 10_000
_COLLECTED_AFTER = 20_000
"""Objects made before it is looked whether some hold each other; what answers are made of does not."""
_QUESTIONS = 500
"""Passwords that may wait to be checked."""


class Passwords:
    """Asks the server, and remembers for a while who was right: by a keyed hash, never the password itself."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._key = token_bytes(32)
        self._known: OrderedDict[bytes, tuple[float, Verdict]] = OrderedDict()
        self._waiting: dict[int, asyncio.Future[Verdict]] = {}
        self._last = 0
        self._forgotten = 0
        """How often all was forgotten."""

    def _digest(self, question: Question) -> bytes:
        name = question.name.casefold().encode()
        return blake2b(len(name).to_bytes(4) + name + question.password, key=self._key, digest_size=24).digest()

    def remembered(self, question: Question) -> Verdict | None:
        """A right password of a few minutes ago."""
        known = self._known.get(self._digest(question))
        return known[1] if known is not None and time.monotonic() - known[0] < _TRUSTED_SECONDS else None

    async def verify(self, question: Question, address: str) -> Verdict:
        """Ask the server."""
        if len(self._waiting) >= _QUESTIONS:
            return Verdict(None, True, "Too many passwords wait to be checked")
        self._last += 1
        number = self._last
        answer: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        forgotten = self._forgotten
        self._channel.send(Check(number, question.name, question.password, address))
        verdict = await answer
        if verdict.identity is not None and forgotten == self._forgotten:
            self._known[self._digest(question)] = time.monotonic(), verdict
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return verdict

    def answered(self, checked: Checked) -> None:
        """The server's answer."""
        waiting = self._waiting.pop(checked.id, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(Verdict(checked.identity, checked.busy, checked.message))

    def forget(self) -> None:
        """Something about users has changed: also what is being asked is not to be remembered."""
        self._known.clear()
        self._forgotten += 1


class Worker:
    """Joins channel, picture and door."""

    def __init__(self, channel: Channel, begin: Begin, number: int, sockets: Sequence[Listening]) -> None:
        self._channel = channel
        self._number = number
        self._sockets = sockets
        self._folder = Path(begin.folder)
        self._settings = begin.settings
        self._tls = _context(begin) if begin.certificate else None
        self._passwords = Passwords(channel)
        self._index = Index()
        self._configuration = Configuration()
        self._changed = datetime.now(UTC)
        self._seen: tuple[int, int] | None = None
        self._again = 0.0
        self._missing: dict[str, str] = {}
        """Books of the manifest that cannot be read now, with why."""
        self._awaited = frozenset[str]()
        self._door: Door | None = None

    async def run(self) -> None:
        """Serve until the server is gone."""
        first = await self._channel.receive()
        if not isinstance(first, Configured):
            return
        self._configuration = first.configuration
        await self._look()
        async with asyncio.TaskGroup() as tasks:
            door = self._door = Door(self._tree(), self._settings, self._passwords, tasks, self._tls)
            listener = Listener(self._number, self._sockets, door, self._tls)
            await listener.open()
            gc.collect()
            gc.freeze()
            gc.set_threshold(_COLLECTED_AFTER, 20, 20)
            beside = [tasks.create_task(self._watch()), tasks.create_task(self._look_after(door))]
            self._channel.send(door.figures())
            await self._listen(door, listener)
            for task in beside:
                task.cancel()
            listener.close()
            door.close()

    async def _listen(self, door: Door, listener: Listener) -> None:
        while (message := await self._channel.receive()) is not None:
            if isinstance(message, Checked):
                self._passwords.answered(message)
            elif isinstance(message, StandIn):
                await listener.stand_in(message.numbers)
            elif isinstance(message, Configured):
                self._configuration = message.configuration
                self._passwords.forget()
                door.tree = self._tree()

    def _tree(self) -> Tree:
        return Tree(self._index, self._configuration, self._changed, self._awaited.union(self._missing))

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            mended, looked = self._mend(), await self._look()
            if (mended or looked) and self._door is not None:
                self._door.tree = self._tree()

    def _mend(self) -> bool:
        """Let go of books whose files were cut off while open, before reading them ends this process; whether there were any.

        Files are never changed in place: whoever did that was no Unisono, or the disk. The server sees it too, and makes
        them anew.
        """
        damaged = {part.book for part in self._index.parts() if not part.segment.intact}
        for book in damaged:
            self._index = self._index.without_book(book)
        self._told_missing({**self._missing, **dict.fromkeys(damaged, "a file of it was cut off while it was open")})
        if damaged:
            self._seen = None
        return bool(damaged)

    def _told_missing(self, missing: dict[str, str]) -> None:
        if missing.keys() != self._missing.keys():
            self._channel.send(Missing(missing))
        self._missing = missing

    async def _look(self) -> bool:
        """Take over a new manifest; whether there was one."""
        try:
            found = (self._folder / manifest.NAME).stat()
        except OSError:
            return False
        state = found.st_mtime_ns, found.st_ino
        now = time.monotonic()
        if state == self._seen and not (self._missing and now >= self._again):
            return False
        self._again = now + _AGAIN_SECONDS
        try:
            self._index, missing, self._awaited = await asyncio.to_thread(self._open)
        except OSError as error:
            print(f"ldap worker: the picture stays as it was: {error}", file=sys.stderr, flush=True)  # noqa: T201
            return False
        self._told_missing(missing)
        self._seen = state
        self._changed = datetime.fromtimestamp(found.st_mtime, UTC)
        return True

    def _open(self) -> tuple[Index, dict[str, str], frozenset[str]]:
        found = manifest.read(self._folder)
        return (*manifest.index(self._folder, found, self._index), frozenset(found.awaited))

    async def _look_after(self, door: Door) -> None:
        told = 0.0
        while True:
            await asyncio.sleep(1.0)
            door.look_after()
            if time.monotonic() - told >= _FIGURES_SECONDS:
                told = time.monotonic()
                self._channel.send(door.figures())


def _context(begin: Begin) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(begin.certificate, begin.key or begin.certificate)
    return context


async def _main(channel_file: int, number: int, sockets: Sequence[Listening]) -> None:
    reader, writer = await asyncio.open_unix_connection(sock=socket.socket(fileno=channel_file))
    channel = Channel(reader, writer)
    begin = await channel.receive()
    if not isinstance(begin, Begin):
        return
    await Worker(channel, begin, number, sockets).run()
    channel.close()


def _socket(file: str) -> socket.socket | None:
    return None if file == "-" else socket.socket(fileno=int(file))


def main() -> None:
    """Run until the server is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the whole group; the server ends us
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    channel, number, *files = sys.argv[1:]
    sockets = list(zip(map(_socket, files[::2]), map(_socket, files[1::2]), strict=True))
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(_main(int(channel), int(number), sockets))
