"""An export into a file: written beside it, and only when all is well put into its place."""

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from unisono.directory.exporters.configure import check_folder
from unisono.directory.exporters.known import Known, Tally, mark_of
from unisono.directory.exporters.model import Exported
from unisono.directory.exporters.writer import Writer
from unisono.directory.exporters.written import Told, Written

_AT_ONCE = 1024 * 1024
"""Bytes gathered before they are written."""
_READABLE = 0o640

class FileExport:
    """One run into a file. `found`: begins anew; `known`: the file that remembers what was written the last time, if any."""

    def __init__(
        self, writer: Writer, found: Callable[[], Iterable[Exported | None]], target: Path, known: Path | None, run: str
    ) -> None:
        self._writer = writer
        self._found = found
        self._target = target
        self._known = known
        self._partial = target.with_name(f".{target.name}.{run}.partial")
        self._tally = Tally()
        self.written = Written()
        self.before = 0
        """Contacts written the last time."""

    def find(self, told: Told, *, dry: bool) -> None:
        """Write everything beside the target; dry: only find out what is different."""
        check_folder(self._target)
        known = Known(self._known)
        self.before = len(known)
        written = self.written
        if not dry:
            self._tidy()
        with open(os.devnull if dry else self._partial, "wb", buffering=_AT_ONCE) as file:
            written.size += file.write(self._writer.begin())
            for exported in self._found():
                written.counts.rows += 1
                if exported is not None:
                    data = self._writer.contact(exported)
                    mark = mark_of(data)
                    match known.seen(exported.key, mark):
                        case True:
                            written.counts.unchanged += 1
                        case False:
                            written.changed(exported, {}, exported.values)
                        case None:
                            written.added(exported)
                    if self._known is not None:
                        self._tally.add(exported.key, mark, exported.name)
                    written.size += file.write(data)
                told(written.counts)
            written.size += file.write(self._writer.end())
            if not dry:
                file.flush()
                os.fsync(file.fileno())
        for key, name in known.unseen():
            written.removed(key, name)

    def publish(self, told: Told) -> None:
        """Put what was written into its place."""
        self._partial.chmod(_READABLE)
        self._partial.replace(self._target)
        folder = os.open(self._target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        if self._known is not None:
            self._tally.keep(self._known)

    def discard(self) -> None:
        """Leave the target as it was."""
        self._partial.unlink(missing_ok=True)

    def _tidy(self) -> None:
        """Take away what a killed run has left."""
        for path in self._target.parent.glob(f".{_literally(self._target.name)}.*.partial"):
            with suppress(OSError):
                path.unlink()


def _literally(name: str) -> str:
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in name)
