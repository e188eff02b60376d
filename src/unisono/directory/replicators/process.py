"""Asks the import process, or another one that takes orders, and hears its one answer."""

import asyncio
from contextlib import aclosing

import msgspec

from unisono.directory.replicators.orders import Answer
from unisono.directory.runs.process import lines
from unisono.kernel.errors import Culprit, Fault, Unavailable

IMPORT = "unisono.directory.replicators.worker"


async def answer(order: msgspec.Struct, within: float, module: str = IMPORT) -> Answer:
    """The one answer to an order. Raises `Fault` if it takes longer than `within` seconds."""
    try:
        async with asyncio.timeout(within), aclosing(lines(order, module)) as said:
            async for line in said:
                found: Answer = msgspec.json.decode(line, type=Answer)
                return found
    except TimeoutError:
        raise Unavailable("source-slow", f"The source gave no answer within {within:g} seconds.") from None
    raise Fault("import-process-lost", "The import process ended without a word; see the server's log.", culprit=Culprit.US)
