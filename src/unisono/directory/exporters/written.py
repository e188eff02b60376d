"""How far an export is, and what it found different."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from unisono.directory.exporters.model import Exported
from unisono.directory.replicators.source import Value
from unisono.directory.runs.model import Change, Counts, Failure, Report

MOST_EXAMPLES = 100

Told = Callable[[Counts], None]
"""Hears how far an export is, after each contact; may raise, to stop it."""


@dataclass(slots=True)
class Written:
    """Counts, examples of what is different, bytes of the file."""

    counts: Counts = field(default_factory=Counts)
    report: Report = field(default_factory=Report)
    size: int = 0

    def added(self, exported: Exported) -> None:
        """Count a contact that was not there."""
        self.counts.added += 1
        if len(self.report.added) < MOST_EXAMPLES:
            self.report.added.append(Change(exported.key, exported.name, new=_shown(exported.values)))

    def changed(self, exported: Exported, old: Mapping[str, Value], new: Mapping[str, Value]) -> None:
        """Count a contact that was there otherwise."""
        self.counts.changed += 1
        if len(self.report.changed) < MOST_EXAMPLES:
            self.report.changed.append(Change(exported.key, exported.name, _shown(old), _shown(new)))

    def removed(self, key: str, name: str) -> None:
        """Count a contact that leaves."""
        self.counts.removed += 1
        if len(self.report.removed) < MOST_EXAMPLES:
            self.report.removed.append(Change(key, name))

    def failed(self, failure: Failure) -> None:
        """Count a contact that could not be written."""
        self.counts.failed += 1
        if len(self.report.failed) < MOST_EXAMPLES:
            self.report.failed.append(failure)


def _shown(values: Mapping[str, Value]) -> dict[str, str]:
    return {name: value if isinstance(value, str) else "; ".join(value) for name, value in values.items()}
