"""From contacts to a segment."""

import os
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from unisono.directory.fold import Token
from unisono.directory.model import Contact
from unisono.directory.segment.format import in_memory, write_file
from unisono.directory.segment.merge import write_merged
from unisono.directory.segment.reader import Segment
from unisono.directory.segment.run import Run

ROWS = 32_768
"""Contacts that are sorted in memory at once; more become several runs, which are merged."""
_MOST_TOKENS = 200_000


def _no_pause() -> None:
    """Nobody else has to run meanwhile."""


class SegmentBuilder:
    """Takes the contacts of one layer of a book one by one, gives the segment.

    Above `ROWS` contacts are written to a folder of their own for the time being, so that memory is bounded: about 100 MB.
    In a thread, `pause` lets the event loop run in between. `folder`: where that is; whoever gives it removes it.
    """

    def __init__(
        self,
        book: str = "",
        pause: Callable[[], None] = _no_pause,
        rows: int = ROWS,
        folder: Path | None = None,
    ) -> None:
        self._given = folder
        self._book = book
        self._pause = pause
        self._rows = self._room = rows
        self._tokens: dict[str, Token] = {}
        self._folder: TemporaryDirectory[str] | None = None
        self._runs: list[Path] = []
        self._run = Run(book, self._tokens)

    def __len__(self) -> int:
        return self._rows * len(self._runs) + len(self._run)

    def add(self, contact: Contact) -> None:
        """Take one contact; ids must be unique."""
        if self._room == 0:
            self._spill()
        self._room -= 1
        self._run.add(contact)

    def _spill(self) -> None:
        path = self._place() / f"{os.getpid()}-{len(self._runs)}.run"
        with path.open("wb") as file:
            self._run.write(file, self._pause, final=False)
        self._runs.append(path)
        self._room = self._rows
        if len(self._tokens) > _MOST_TOKENS:
            self._tokens.clear()
        self._run = Run(self._book, self._tokens)

    def _place(self) -> Path:
        if self._given is not None:
            return self._given
        self._folder = self._folder or TemporaryDirectory(prefix="unisono-index-")
        return Path(self._folder.name)

    def leave(self) -> list[Path]:
        """Leave everything as runs in the folder that was given, to be merged with those of other builders (`merge`)."""
        if len(self._run):
            self._spill()
        self._tokens.clear()
        return self._runs

    def finish(self, path: Path) -> str:
        """Write the segment's file, and give its digest; the builder is used up."""
        return write_file(path, self._write)

    def finish_in_memory(self) -> Segment:
        """The segment without a file, for few contacts; the builder is used up."""
        return Segment(in_memory(self._write))

    def _write(self, file: BinaryIO) -> str:
        if not self._runs:
            return self._run.write(file, self._pause)
        runs = self.leave()
        with self._folder or nullcontext():
            return write_merged(file, [Segment.open(run) for run in runs], self._book)


def build(contacts: Iterable[Contact], book: str = "") -> Segment:
    """The segment over these contacts, in memory."""
    builder = SegmentBuilder(book)
    for contact in contacts:
        builder.add(contact)
    return builder.finish_in_memory()
