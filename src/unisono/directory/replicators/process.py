"""Starts the import process, or another one that takes orders, and listens to it."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress

import msgspec

from unisono.directory.replicators.orders import Answer
from unisono.kernel.errors import Culprit, Fault, Unavailable

IMPORT = "unisono.directory.replicators.worker"
_LONGEST_LINE = 64 * 1024 * 1024
_ENDS_WITHIN = 10.0
"""Seconds that a process has to stop by itself."""


def _nothing() -> bytes:
    return b""


async def answers(
    order: msgspec.Struct, module: str = IMPORT, last: Callable[[], bytes] = _nothing
) -> AsyncGenerator[Answer]:
    """Give an order to a process of its own and tell what it answers; whoever stops listening ends it.

    `last`: what to say to it then (`runs/ending.py`).
    """
    async with aclosing(lines(order, module, last)) as found:
        async for line in found:
            yield msgspec.json.decode(line, type=Answer)


async def lines(order: msgspec.Struct, module: str, last: Callable[[], bytes] = _nothing) -> AsyncGenerator[bytes]:
    """The same, with its answers as it writes them."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module,
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


async def answer(order: msgspec.Struct, within: float, module: str = IMPORT) -> Answer:
    """The one answer to an order. Raises `Fault` if it takes longer than `within` seconds."""
    try:
        async with asyncio.timeout(within):
            async for found in answers(order, module):
                return found
    except TimeoutError:
        raise Unavailable("source-slow", f"The source gave no answer within {within:g} seconds.") from None
    raise Fault("import-process-lost", "The import process ended without a word; see the server's log.", culprit=Culprit.US)


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
