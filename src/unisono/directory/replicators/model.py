"""Replicators and the layers they write, as values."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from unisono.directory.replicators.mapping import Rule

Text = Annotated[str, Meta(max_length=2_000)]


class Hook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is called before or after a run: a program of the operator's folder with arguments, or an https address."""

    program: Annotated[tuple[Text, ...], Meta(max_length=50)] = ()
    url: Text = ""

    def __bool__(self) -> bool:
        return bool(self.program or self.url)


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a replicator runs."""

    most_removed: Annotated[int, Meta(ge=0, le=100)] = 20
    """Percent of the book that a run may take away without asking."""
    most_rows: Annotated[int, Meta(ge=1, le=5_000_000)] = 2_000_000
    most_seconds: Annotated[int, Meta(ge=10, le=86_400)] = 3_600
    full_after_days: Annotated[int, Meta(ge=0, le=365)] = 7
    """An incremental source is read in full when the last full run is that old; 0: never by itself."""
    before: Hook = Hook()
    after: Hook = Hook()


@dataclass(frozen=True, slots=True)
class Replicator:
    """A configured source, which fills one book. `settings` are plain JSON values, secrets among them: never show them.

    `link`: an expression that gives a contact's address in its source ("open in CRM"). `schedule`: see `runs/schedule.py`; "":
    only on demand. `secret`: who knows it may start a run by webhook; "": nobody. `cursor`: the last published `Mark`.
    `read_columns`: the columns the source had then. `full`: when it was last read in full.
    """

    id: str
    name: str
    book: str
    kind: str
    enabled: bool = True
    settings: dict[str, object] = field(default_factory=dict)
    mapping: tuple[Rule, ...] = ()
    location_id: str = ""
    link: str = ""
    schedule: str = ""
    options: Options = field(default_factory=Options)
    secret: str = ""
    cursor: str = ""
    read_columns: tuple[str, ...] = ()
    full: datetime | None = None


class Imports(msgspec.Struct, frozen=True):
    """How a book's source reads once a file that is being imported has become the book; until then it stays as it was.

    `name`: what the source is called then, and `book` the book; without a name the book has a source, and both keep theirs.
    """

    kind: str
    settings: dict[str, object]
    mapping: tuple[Rule, ...]
    location_id: str
    name: str = ""
    book: str = ""

    def over(self, source: Replicator) -> Replicator:
        """The source as it reads then; columns that another file had are none that are missed."""
        named = replace(source, name=self.name, enabled=True) if self.name else source
        return replace(
            named,
            kind=self.kind,
            settings=self.settings,
            mapping=self.mapping,
            location_id=self.location_id,
            cursor="",
            read_columns=(),
        )


@dataclass(frozen=True, slots=True)
class Layer:
    """A published part of a book: `records` contacts in a segment file `digest` names; `gone` records taken away."""

    id: str
    book: str
    place: int
    records: int
    gone: int
    digest: str


class Publication(msgspec.Struct):
    """What has to be known to publish a run that asks, once an admin has said yes."""

    replaces: bool
    cursor: str
    columns: tuple[str, ...]
    full: str
    """ISO 8601, or ""."""
    imports: Imports | None = None
