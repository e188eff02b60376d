"""Files that an admin hands over, for sources to read."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from io import BytesIO
from pathlib import Path

from unisono.kernel.errors import Invalid
from unisono.kernel.ids import new_id
from unisono.storage import disk_fault

MAX_FILE = 256 * 1024 * 1024
"""Bytes of a file."""
_STRANGE = re.compile(r"[^\w.-]+")
"""What is not kept of a file's name."""
_MOST_NAME = 120
"""Bytes of a file's name that are kept; names of files have at most 255."""
_MOST_SUFFIX = 10
_CHUNK = 1024 * 1024
_KEPT_SECONDS = 86_400


class Uploads:
    """The folder where they are kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def keep(self, read: Callable[[int], Awaitable[bytes]], name: str) -> Path:
        """Keep a file that is read piece by piece, with its name to be known by. Raises `Invalid` for one that is too large."""
        path = self._folder / f"{new_id()}-{_named(Path(name))}"
        try:
            await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True, mode=0o700)
            with await asyncio.to_thread(path.open, "wb") as file:
                while chunk := await read(_CHUNK):
                    await asyncio.to_thread(file.write, chunk)
                    if file.tell() > MAX_FILE:
                        raise _too_large()
        except OSError as error:
            await asyncio.to_thread(path.unlink, missing_ok=True)
            raise disk_fault(error) from error
        except BaseException:
            await asyncio.to_thread(path.unlink, missing_ok=True)
            raise
        return path

    async def put(self, data: bytes, name: str) -> Path:
        """Keep a file whose content is at hand."""
        content = BytesIO(data)

        async def read(size: int) -> bytes:
            return content.read(size)

        return await self.keep(read, name)

    async def tidy(self, used: Collection[str]) -> None:
        """Remove files that are not among those used and that were not handed over just now."""
        await asyncio.to_thread(self._clean, used)

    def _clean(self, used: Collection[str]) -> None:
        for path in self._folder.iterdir() if self._folder.exists() else ():
            with suppress(FileNotFoundError):  # somebody else tidies up too
                if str(path) not in used and path.stat().st_mtime < time.time() - _KEPT_SECONDS:
                    path.unlink()


def _named(path: Path) -> str:
    """What is kept of a name, with its suffix, by which a file's kind is known."""
    suffix = _STRANGE.sub("-", path.suffix.lower())[:_MOST_SUFFIX]
    stem = _STRANGE.sub("-", path.stem).encode()[:_MOST_NAME].decode(errors="ignore")
    return stem + suffix


def _too_large() -> Invalid:
    return Invalid("file-too-large", f"The file has more than {MAX_FILE:,} bytes. Split it.", data={"field": "file"})
