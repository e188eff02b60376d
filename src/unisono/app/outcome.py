"""How the command of a run ends, and what it says of it."""

from dataclasses import dataclass
from enum import IntEnum

import msgspec

from unisono.directory.runs.model import Report, Run, RunState

SHOWN = 20
"""Examples that people are shown."""
_HOOK = "hook-failed"
"""What a run says too that went well, when the program after it did not."""


class Exit(IntEnum):
    """How a command ends, for scripts."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    ASKS = 3
    BAD_ROWS = 4


def would_ask(run: Run) -> bool:
    """Whether this was a dry run that found what a run would stop at and ask about."""
    return run.dry and run.state is RunState.DONE and run.code not in ("", _HOOK)


def exit_of(run: Run) -> Exit:
    """How the command of a run ends."""
    if run.state is RunState.ASKS or would_ask(run):
        return Exit.ASKS
    if run.state is not RunState.DONE:
        return Exit.FAILED
    return Exit.BAD_ROWS if run.counts.failed else Exit.DONE


def said_of(run: Run) -> list[str]:
    """What people have to know of a run besides its counts."""
    asks = ["The run itself would stop here and ask."] if would_ask(run) else []
    return [*([run.message] if run.message else []), *asks]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run that is over, of the source or export of this name."""

    name: str
    run: Run
    report: Report

    @property
    def code(self) -> Exit:
        """How the command ends."""
        return exit_of(self.run)

    def facts(self) -> dict[str, object]:
        """What scripts are told of every run."""
        run = self.run
        return {
            "run": run.id,
            "state": run.state.value,
            "seconds": (run.ended - run.started).total_seconds() if run.ended else None,
            "counts": msgspec.to_builtins(run.counts),
            "code": run.code,
            "message": run.message,
            "examples": {name: msgspec.to_builtins(getattr(self.report, name)) for name in ("added", "changed", "removed")},
        }

    def said(self, things: str, failed: str) -> list[str]:
        """What people are told of every run: how it ended, its counts, what they have to know besides."""
        run, counts = self.run, self.run.counts
        took = f" in {(run.ended - run.started).total_seconds():.1f} s" if run.ended else ""
        numbers = [("added", counts.added), ("changed", counts.changed), ("removed", counts.removed)]
        numbers += [("unchanged", counts.unchanged), (failed, counts.failed)]
        told = ", ".join(f"{number:,} {what}" for what, number in numbers)
        return [f"{self.name}: {run.state.value}{took}. {counts.rows:,} {things}: {told}.", *said_of(run)]
