"""Imports of files under way: what an admin sees of them."""

from dataclasses import dataclass, field
from enum import StrEnum

from unisono.directory.replicators.model import Counts, Report, Run, RunState
from unisono.directory.replicators.source import BadRow


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

    def goes_on(self, counts: Counts) -> None:
        """So far it is."""
        self.done, self.total = counts.rows, max(counts.total, counts.rows)
        self.imported, self.bad_rows = counts.rows - counts.failed, counts.failed

    def ended(self, run: Run, report: Report) -> None:
        """Its run is over."""
        self.goes_on(run.counts)
        self.bad = report.bad
        if run.state is RunState.DONE:
            self.state = JobState.DONE
