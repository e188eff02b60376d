"""An export into a file: written beside it, and only when all is well put into its place."""

import fcntl
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
        self._held = -1
        """The file that is written, with a lock on it as long as this run lasts; -1: none."""
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
        with open(os.devnull if dry else self._begin(), "wb", buffering=_AT_ONCE) as file:
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
        self._let_go()

    def discard(self) -> None:
        """Leave the target as it was."""
        self._partial.unlink(missing_ok=True)
        self._let_go()

    def _begin(self) -> int:
        """The file beside the target, locked, so that no other run that tidies up takes it away."""
        while True:
            self._held = os.open(self._partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with suppress(OSError):  # a file system without locks
                fcntl.flock(self._held, fcntl.LOCK_EX)
            with suppress(FileNotFoundError):  # it was taken away before it was locked
                if os.path.samestat(os.fstat(self._held), self._partial.stat()):
                    return os.dup(self._held)
            self._let_go()

    def _let_go(self) -> None:
        if self._held >= 0:
            os.close(self._held)
            self._held = -1

    def _tidy(self) -> None:
        """Take away what killed runs have left; what is locked is being written."""
        before, behind = f".{self._target.name}.", ".partial"
        for path in self._target.parent.glob(f"{_literally(before)}*{behind}"):
            if "." in path.name[len(before) : -len(behind)]:
                continue  # of a target whose name only begins like this one
            with suppress(OSError), path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()


def _literally(name: str) -> str:
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in name)
