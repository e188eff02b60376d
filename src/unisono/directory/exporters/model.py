"""Exports, as values."""

from dataclasses import dataclass, field
from typing import Annotated

import msgspec
from msgspec import Meta

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
    e.g. `business_city = 'Udine'`. `location_id`: as whose numbers are shortened and dialled, whose clock the schedule means.
    `file`: below the operator's folder; "": only kept here to be fetched. `schedule`: see `runs/schedule.py`.
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


@dataclass(slots=True)
class Exported:
    """A contact as it leaves: its id, what to call it in a report, and its columns (empty ones are left out)."""

    key: str
    name: str
    values: dict[str, Value]
