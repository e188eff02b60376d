"""A run in a process of its own: it says that it lives, hears when it shall stop, and ends with words however it ends."""

import asyncio
import os
import signal
import sys
import traceback
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from io import BufferedReader
from typing import Any

import msgspec

from unisono.directory.runs.model import Counts, Run, RunState
from unisono.directory.runs.modest import too_much_memory
from unisono.directory.runs.store import Runs, lost
from unisono.kernel.errors import Fault, Unavailable
from unisono.kernel.tasks import together
from unisono.storage import Database, disk_fault

STOP = b"stop\n"
"""What whoever gave the order says before they let go of a run that they no longer want."""
_BEAT_EVERY = 5.0


def tell(answer: msgspec.Struct) -> None:
    """Say something to whoever gave the order, as a line of JSON; if they are gone (`kill -9`), to nobody from now on."""
    try:
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still in the buffer has to go somewhere


@dataclass(slots=True)
class _Ending:
    """Why a run was cut short: `wanted`, or else because its process, or whoever gave the order, was ended from outside."""

    wanted: bool = False


def _listen() -> _Ending:
    """Cancel the present task when standard input ends, with or without a word, or when somebody ends this process."""
    me, loop, ending = asyncio.current_task(), asyncio.get_running_loop(), _Ending()
    assert me is not None

    def heard() -> None:
        loop.remove_reader(0)
        assert isinstance(sys.stdin.buffer, BufferedReader)  # the word may wait there since the order was read
        ending.wanted = STOP in sys.stdin.buffer.read1()
        me.cancel()

    loop.add_signal_handler(signal.SIGTERM, me.cancel)
    loop.add_reader(0, heard)
    return ending


@asynccontextmanager
async def database_at(url: str) -> AsyncIterator[Database]:
    """The database, closed at the end."""
    database = Database(url)
    try:
        yield database
    finally:
        await database.close()


async def carried_out(
    runs: Runs, run: Run, work: Coroutine[Any, Any, None], counts: Callable[[], Counts], done: asyncio.Event
) -> Run | None:
    """Do a run, and say meanwhile that it lives, until it is `done`.

    Gives how it was cut short: by a fault, a cancellation, a mistake of ours; None if the work has come to its end.
    """
    ending = _listen()
    try:
        await together(_live(runs, run, counts, done), _in_words(work))
        return None
    except asyncio.CancelledError:
        ended = replace(run, state=RunState.CANCELLED) if ending.wanted else lost(run)
    except Fault as fault:
        ended = replace(run, state=RunState.FAILED, code=fault.code, message=fault.message, data=fault.data)
    except Exception:
        traceback.print_exc()
        message = "The run failed by a fault of the server; its log says more."
        ended = replace(run, state=RunState.FAILED, code="internal", message=message)
    finally:
        work.close()  # it may have been cancelled before its first step
    return replace(ended, counts=counts())


async def _in_words(work: Coroutine[Any, Any, None]) -> None:
    """Do it; what the machine lacks is a fault, as whoever does it beside others tells no other exception from a mistake."""
    try:
        await work
    except MemoryError as error:
        raise too_much_memory() from error
    except (ConnectionError, TimeoutError):
        raise  # somebody else's
    except OSError as error:
        raise disk_fault(error) from error


async def _live(runs: Runs, run: Run, counts: Callable[[], Counts], done: asyncio.Event) -> None:
    while not done.is_set():
        with suppress(TimeoutError):
            async with asyncio.timeout(_BEAT_EVERY):
                await done.wait()
                return
        with suppress(Unavailable):
            if not await runs.beat(run, counts()):
                raise Fault("run-taken-over", "Another run has taken over, because this one was not heard of for a while.")
