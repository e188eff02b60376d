"""What a process of a run may take: whatever its source sends, nobody else is slowed down, or ended for want of memory."""

import os
import resource
from contextlib import suppress
from pathlib import Path

from unisono.kernel.errors import Fault, Retry

MOST_MEMORY = 2 * 1024**3
"""Bytes of its own that it may have, unless whoever started the server allows less; files that it reads in place do not count
(RLIMIT_DATA)."""


def be_modest() -> None:
    """Give way to everybody else, and have no more memory than that."""
    os.nice(10)
    allowed, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY if allowed < 0 else min(allowed, MOST_MEMORY), hard))
    with suppress(OSError):  # where the kernel must end somebody, then us and not the server
        Path("/proc/self/oom_score_adj").write_text("500")


def too_much_memory() -> Fault:
    """What a process that is modest says instead of a `MemoryError`."""
    most = resource.getrlimit(resource.RLIMIT_DATA)[0] // 1024**2
    message = f"This takes more than {most:,} MiB of memory. Are the file, its records and the mapping what they should be?"
    return Fault("too-much-memory", message, retry=Retry.ASK_ADMIN, data={"most": most})
