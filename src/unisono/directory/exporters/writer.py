"""What every kind of export promises.

To write a kind of file: declare its settings (a frozen `msgspec.Struct` with `forbid_unknown_fields=True`), a `Writer`, and a
`Kind` that `kinds.py` lists. A writer is pure; it is given only what may leave.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from unisono.directory.exporters.model import ExportColumn, Exported


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


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of export. `settings` is its declaration, `writer` makes a `Writer` of settings and the columns' names.

    `usual`: the columns where none are set; none: whatever a contact has. `suffix` and `media_type` are those of its files;
    without a `writer` it makes none, but fills another directory. `named`: checks the name of a column, raises `Invalid`.
    `harmless`: settings that may change while stored secrets stay.
    """

    key: str
    title: str
    settings: type[msgspec.Struct]
    usual: tuple[ExportColumn, ...] = ()
    suffix: str = ""
    media_type: str = ""
    writer: Callable[[Any, Sequence[str]], Writer] | None = None
    named: Callable[[str], None] = lambda name: None
    harmless: frozenset[str] = frozenset()
