"""Imports under way: what an admin sees of them."""

from dataclasses import dataclass, field
from enum import StrEnum

from unisono.directory.replicators.source import BadRow

MAX_BAD = 1000
"""Bad rows kept with their reasons; further ones are counted."""


class JobState(StrEnum):
    """Where an import stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(slots=True)
class Job:
    """One import.

    `done` and `total` are rows, `total` an estimate while it runs; `bad_rows` counts also those not listed in `bad`.
    """

    id: str
    book: str
    total: int
    state: JobState = JobState.RUNNING
    done: int = 0
    imported: int = 0
    bad_rows: int = 0
    bad: list[BadRow] = field(default_factory=list)
    code: str = ""
    message: str = ""

    def add_bad(self, row: BadRow) -> None:
        """Count a bad row, and list it while there is room."""
        self.bad_rows += 1
        if len(self.bad) < MAX_BAD:
            self.bad.append(row)
