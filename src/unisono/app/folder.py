"""The data folder belongs to one running server: two would both write the calls of the same telephones."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from unisono.kernel.errors import Culprit, Retry, Unavailable

LOCK = "server.lock"


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Make the folder if need be, and keep it for this process; raises `Unavailable` in words.

    The lock is the kernel's (flock), so it ends with the process, however that ends. The file stays.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Unavailable(
            "data-folder",
            f"Cannot write to the data folder {folder}: {error.strerror}. "
            "Set server.data to a folder that belongs to who runs Unisono.",
            culprit=Culprit.USER,
            retry=Retry.ASK_ADMIN,
        ) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(file)
        raise Unavailable(
            "data-folder-in-use",
            f"Another Unisono is running on the data folder {folder}. Stop it first, or set another server.data.",
            culprit=Culprit.USER,
        ) from error
    try:
        yield
    finally:
        os.close(file)
