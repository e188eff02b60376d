"""Starts the process that does a run, or another one that takes orders, and listens to it."""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from unisono.directory.runs.model import Counts, RunState
from unisono.kernel.errors import Culprit, Fault, Retry
from unisono.kernel.start import command

_LONGEST_LINE = 64 * 1024 * 1024
_ENDS_WITHIN = 10.0
"""Seconds that a process has to stop by itself."""


class Place(msgspec.Struct, frozen=True):
    """Where such a process finds things: the database's URL, the folder of segments, the folder of hooks' programs.

    `files`: the folders, with : between, from which admins may let files be read besides uploads.
    """

    database: str
    folder: str
    programs: str = ""
    files: str = ""

    @property
    def uploads(self) -> Path:
        """The folder of files that were handed over to us, below that of the segments."""
        return Path(self.folder) / "uploads"


class Told(msgspec.Struct, tag="told"):
    """How far a run is."""

    counts: Counts


class Ended(msgspec.Struct, tag="ended"):
    """A run is over; the database says more, unless it has been forgotten there by then."""

    state: RunState
    counts: Counts


class Faulted(msgspec.Struct, tag="faulted"):
    """It could not be done."""

    code: str
    message: str
    culprit: str
    data: dict[str, object] = {}
    retry: str = Retry.NEVER.value

    @classmethod
    def of(cls, fault: Fault) -> "Faulted":
        """A fault as it is told."""
        return cls(fault.code, fault.message, fault.culprit.value, fault.data, fault.retry.value)

    def fault(self) -> Fault:
        """The fault that was told."""
        return Fault(self.code, self.message, culprit=Culprit(self.culprit), retry=Retry(self.retry), data=self.data)


def _nothing() -> bytes:
    return b""


async def lines(order: msgspec.Struct, module: str, last: Callable[[], bytes] = _nothing) -> AsyncGenerator[bytes]:
    """Give an order to a process of its own and tell what it answers, each a line of JSON; whoever stops listening ends it.

    `last`: what to say to it then (`ending.py`).
    """
    process = await asyncio.create_subprocess_exec(
        *command(module),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=_LONGEST_LINE, env=_environment(),
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        with suppress(ConnectionError):
            process.stdin.write(msgspec.json.encode(order) + b"\n")
            await process.stdin.drain()
        async for line in process.stdout:
            yield line
    finally:
        if process.returncode is None and (word := last()):
            process.stdin.write(word)
        process.stdin.close()
        await _ended(process)


async def _ended(process: asyncio.subprocess.Process) -> None:
    try:
        async with asyncio.timeout(_ENDS_WITHIN):
            await process.wait()
    except TimeoutError:
        await _killed(process)
    except asyncio.CancelledError:
        await _killed(process)
        raise


async def _killed(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()


def _environment() -> dict[str, str]:
    """Ours, without settings of the server: they may hold secrets, and what is needed is in the order."""
    return {name: value for name, value in os.environ.items() if not name.startswith("UNISONO_")}
