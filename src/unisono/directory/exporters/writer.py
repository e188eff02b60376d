"""What every kind of export promises.

To write a kind of file: declare its settings (a frozen `msgspec.Struct` with `forbid_unknown_fields=True`), a `Writer`, and a
`Kind` that `kinds.py` lists. A writer is pure; it is given only what may leave.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from unisono.directory.exporters.model import ExportColumn, Exported
from unisono.directory.exporters.written import Told, Written
from unisono.directory.replicators.source import Check


class Writer(Protocol):
    """Writes one file, piece by piece."""

    def begin(self) -> bytes:
        """What stands before the first contact."""
        ...

    def contact(self, exported: Exported) -> bytes:
        """One contact."""
        ...

    def end(self) -> bytes:
        """What stands behind the last one."""
        ...


class Target(Protocol):
    """What one run writes into; its methods wait, and are called in a thread."""

    @property
    def written(self) -> Written:
        """How far it is."""
        ...

    @property
    def before(self) -> int:
        """Contacts that the last export left there."""
        ...

    def find(self, told: Told, *, dry: bool) -> None:
        """Find out what is different, without touching what is there."""
        ...

    def publish(self, told: Told) -> None:
        """Make it so."""
        ...

    def discard(self) -> None:
        """Leave no traces of what was not published."""
        ...


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of export. `settings` is its declaration, `writer` makes a `Writer` of settings and the columns' names.

    `usual`: the columns where none are set; none: whatever a contact has; `usual_with`: where the settings decide.
    `suffix` and `media_type` are those of its files; without a `writer` it makes none, but `fills` another directory (settings,
    columns' names, contacts, ledger, id of the export), whose connection `check` tests. `named`: checks the name of a column,
    raises `Invalid`.
    """

    key: str
    title: str
    settings: type[msgspec.Struct]
    usual: tuple[ExportColumn, ...] = ()
    usual_with: Callable[[Mapping[str, object]], tuple[ExportColumn, ...]] | None = None
    suffix: str = ""
    media_type: str = ""
    writer: Callable[[Any, Sequence[str]], Writer] | None = None
    named: Callable[[str], None] = lambda name: None
    fills: Callable[[Any, Sequence[str], Callable[[], Iterable[Exported | None]], Any, str], Target] | None = None
    check: Callable[[Any], Check] | None = None

    def columns(self, settings: Mapping[str, object]) -> tuple[ExportColumn, ...]:
        """The columns where none are set."""
        return self.usual if self.usual_with is None else self.usual_with(settings)
