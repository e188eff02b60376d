"""Exports and their runs, as values."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from unisono.directory.replicators.model import Counts, Report, RunState, Trigger
from unisono.directory.replicators.source import Value
from unisono.directory.views import View
from unisono.numbers import NumberFormat

Text = Annotated[str, Meta(max_length=2_000)]


class ExportColumn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an export calls something, and the expression that gives it: `Telefono`, `{phone_business | phone_mobile}`.

    Several columns of one name are one with several values.
    """

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    value: Text


class ExportOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How an export runs."""

    most_removed: Annotated[int, Meta(ge=0, le=100)] = 20
    """Percent of what was exported before that a run may take away without asking."""
    most_seconds: Annotated[int, Meta(ge=10, le=86_400)] = 3_600


@dataclass(frozen=True, slots=True)
class Exporter:
    """A configured export. `settings` are plain JSON values, secrets among them: never show them.

    `books`: which ones; None: all. `columns`: none: those usual for its kind. `conditions`: what has to be true of a contact,
    e.g. `city = 'Udine'`. `location_id`: as whose numbers are shortened and dialled, and whose clock the schedule means.
    `file`: below the operator's folder; "": only kept here to be fetched. `schedule`: see `replicators/schedule.py`.
    """

    id: str
    name: str
    kind: str
    enabled: bool = True
    settings: dict[str, object] = field(default_factory=dict)
    books: tuple[str, ...] | None = None
    columns: tuple[ExportColumn, ...] = ()
    conditions: tuple[str, ...] = ()
    number_format: NumberFormat = NumberFormat.PLAIN
    location_id: str = ""
    file: str = ""
    schedule: str = ""
    options: ExportOptions = field(default_factory=ExportOptions)

    @property
    def view(self) -> View:
        """The books as what is seen of the directory."""
        return View(None if self.books is None else frozenset(self.books))


@dataclass(frozen=True, slots=True)
class ExportRun:
    """One run. `code`, `message` and `data` say why it failed or what it asks; `size`: bytes of the file it made.

    In its counts `rows` are the contacts that were looked at, of `total`; `failed` could not be written.
    """

    id: str
    exporter: str
    dry: bool
    trigger: Trigger
    state: RunState
    started: datetime
    ended: datetime | None = None
    counts: Counts = field(default_factory=Counts)
    code: str = ""
    message: str = ""
    data: dict[str, object] = field(default_factory=dict)
    size: int = 0


@dataclass(slots=True)
class Exported:
    """A contact as it leaves: its id, what to call it in a report, and its columns (empty ones are left out)."""

    key: str
    name: str
    values: dict[str, Value]


class Failure(msgspec.Struct):
    """A contact that could not be written: `code` is for the client's words, `message` what the other directory said."""

    key: str
    name: str
    code: str
    message: str = ""


class Difference(Report):
    """What a run changes, by examples; further ones are only counted."""

    failed: list[Failure] = msgspec.field(default_factory=list)
