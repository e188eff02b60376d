"""Runs and their reports, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import msgspec


@dataclass(frozen=True, slots=True)
class BadRow:
    """A record that cannot be taken, and why: a code with what its words need, as in `replicators/problems.py`.

    `line` 0 is about the whole source. It is counted, shown to the admin, and the run goes on.
    """

    line: int
    code: str
    data: Mapping[str, str | int] = field(default_factory=dict)


class What(StrEnum):
    """What runs."""

    SOURCE = "source"
    EXPORT = "export"


class Mode(StrEnum):
    """What a run does."""

    FULL = "full"
    INCREMENTAL = "incremental"
    DRY = "dry"
    """Reads everything, reports the difference, changes nothing."""
    REMAKE = "remake"
    """Reads no source: contacts are made anew of the stored records, after a change of mapping, location or index version."""


class Trigger(StrEnum):
    """Who started a run."""

    MANUAL = "manual"
    SCHEDULE = "schedule"
    COMMAND = "command"
    WEBHOOK = "webhook"
    SERVER = "server"


class RunState(StrEnum):
    """Where a run stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    ASKS = "asks"
    """It would change more than it may by itself; an admin confirms or refuses."""
    REFUSED = "refused"
    CANCELLED = "cancelled"


class Counts(msgspec.Struct):
    """What a run found. `rows` were read, or contacts looked at, of about `total`; `failed` among them could not be taken.

    `odd`: numbers and e-mail addresses that cannot be read, or numbers that share a text with another, in what is new or
    changed; the contact is taken without.
    """

    rows: int = 0
    total: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    failed: int = 0
    odd: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the source or the export `owner`. `code`, `message` and `data` say why it failed or what it asks.

    `layer`: what the run of a source would publish; `size`: bytes of the file that an export made.
    """

    id: str
    what: What
    owner: str
    mode: Mode
    trigger: Trigger
    state: RunState
    started: datetime
    ended: datetime | None = None
    counts: Counts = field(default_factory=Counts)
    code: str = ""
    message: str = ""
    data: dict[str, object] = field(default_factory=dict)
    layer: str = ""
    size: int = 0

    @property
    def dry(self) -> bool:
        """Whether it changes nothing."""
        return self.mode is Mode.DRY


class Change(msgspec.Struct):
    """One contact of a difference report: `old` and `new` values of the columns that differ."""

    key: str
    name: str
    old: dict[str, str] = {}
    new: dict[str, str] = {}


class Failure(msgspec.Struct):
    """A contact that could not be written: `code` is for the client's words, `message` what the other directory said."""

    key: str
    name: str
    code: str
    message: str = ""


class Report(msgspec.Struct):
    """Examples of what a run changes; further ones are only counted.

    `bad`: rows that a source's run could not take; `odd`: its odd numbers and addresses; `failed`: what an export's run could
    not write.
    """

    added: list[Change] = []
    changed: list[Change] = []
    removed: list[Change] = []
    bad: list[BadRow] = []
    odd: list[BadRow] = []
    failed: list[Failure] = []
