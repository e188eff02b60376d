"""Lanes in processes of their own: the run asks over a socket, the lane answers.

The processes are forked before anything else runs in the import process, so that they share its code and what it has read.
"""

import asyncio
import os
import signal
import socket
import struct
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Protocol, TypeVar

import msgspec

from unisono.directory.runs.modest import too_much_memory
from unisono.directory.runs.process import Faulted
from unisono.kernel.errors import Culprit, Fault, Unavailable
from unisono.storage import disk_fault

T = TypeVar("T")
_LENGTH = struct.Struct(">I")
_LIMIT = 64 * 1024 * 1024

Calls = Mapping[str, Callable[..., object]]
"""What can be asked of a hand, by name; arguments and answers are plain values or structs."""


class Hand(Protocol):
    """Someone to give work to; one piece at a time."""

    async def call(self, name: str, *args: object, type: type[T]) -> T:
        """Ask and wait. Raises what went wrong there as a `Fault`."""
        ...

    def close(self) -> None:
        """No more work."""
        ...


class Here:
    """The work is done at once, in this process."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def call(self, name: str, *args: object, type: type[T]) -> T:
        await asyncio.sleep(0)
        found = self._calls[name](*args)
        assert isinstance(found, type)
        return found

    def close(self) -> None:
        pass


class _Answer(msgspec.Struct):
    ok: msgspec.Raw = msgspec.Raw(b"\xc0")
    fault: Faulted | None = None


class Beside:
    """The work is done in a process beside this one."""

    def __init__(self, ours: socket.socket, pid: int) -> None:
        self._socket = ours
        self._pid = pid
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._length: int | None = None
        """Of the answer that is coming, if that is known."""
        self._owed = 0
        """Answers that were asked for and have not come: who asked may be gone since."""

    @classmethod
    def fork(cls, make: Callable[[], Calls]) -> "Beside":
        """Start the process; `make` is called there. Call it before any thread or event loop runs here."""
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            ours.close()
            code = 1
            try:
                _serve(theirs, make)
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(code)
        theirs.close()
        return cls(ours, pid)

    async def call(self, name: str, *args: object, type: type[T]) -> T:
        try:
            if self._streams is None:
                self._socket.setblocking(False)
                self._streams = await asyncio.open_connection(sock=self._socket, limit=_LIMIT)
            reader, writer = self._streams
            while self._owed:
                await self._next(reader)
            data = msgspec.msgpack.encode((name, args))
            writer.writelines((_LENGTH.pack(len(data)), data))
            self._owed += 1
            await writer.drain()
            answer = msgspec.msgpack.decode(await self._next(reader), type=_Answer)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise _died() from error
        if answer.fault is not None:
            raise answer.fault.fault()
        return msgspec.msgpack.decode(answer.ok, type=type)

    async def _next(self, reader: asyncio.StreamReader) -> bytes:
        """The next answer; who is cancelled meanwhile leaves it whole to whoever asks next."""
        if self._length is None:
            (self._length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
        data = await reader.readexactly(self._length)
        self._length = None
        self._owed -= 1
        return data

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
        self._socket.close()
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)  # what it had was given to us already, or is not wanted
        os.waitpid(self._pid, 0)


def _died() -> Unavailable:
    return Unavailable(
        "import-process-lost", "A process of the import was ended from outside; is there too little memory?", culprit=Culprit.US
    )


def _serve(theirs: socket.socket, make: Callable[[], Calls]) -> None:
    calls: Calls = {}
    with theirs, theirs.makefile("rb") as incoming:
        while head := incoming.read(_LENGTH.size):
            data = incoming.read(_LENGTH.unpack(head)[0])
            answer = _Answer()
            try:
                calls = calls or make()
                name, args = msgspec.msgpack.decode(data)
                answer.ok = msgspec.Raw(msgspec.msgpack.encode(calls[name](*args)))
            except Fault as fault:
                answer.fault = Faulted.of(fault)
            except MemoryError:
                answer.fault = Faulted.of(too_much_memory())
            except OSError as error:
                answer.fault = Faulted.of(disk_fault(error))
            except Exception as error:
                traceback.print_exc()
                answer.fault = Faulted("internal", f"The import failed by a fault of ours: {error!r}.", Culprit.US.value)
            packed = msgspec.msgpack.encode(answer)
            theirs.sendall(_LENGTH.pack(len(packed)) + packed)


def spare_processors() -> int:
    """How many hands are of use: one for each processor this process may use, two at most."""
    return max(1, min(2, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1))
