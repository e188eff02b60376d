"""What every kind of source promises. A source is synchronous and runs in the import process, never on the server's event loop.

To write a kind: declare its settings (a `msgspec.Struct` with `forbid_unknown_fields=True`, fields `Annotated[type,
Meta(description=...)]`, passwords of type `kernel.secrets.Secret`), a class with `check`, `columns` and `read`, and a `Kind`
that `kinds.py` lists. Whatever the peer does wrong is raised as a `Fault` that names culprit and remedy; one bad record is a
`BadRow` and costs no other.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import msgspec

from unisono.directory.runs.model import BadRow

Value = str | tuple[str, ...]
"""One column of a record: a text, or several where the source has several (LDAP, vCard)."""
Values = Mapping[str, Value]

READ_ALL = "read-all"
"""The code of the `Fault` that says: this mark is too old, read everything."""
MAX_COLUMNS = 1000
"""Columns of one record."""
MAX_TEXT = 128 * 1024
"""Characters of one record, all its columns together."""


class Record(msgspec.Struct, gc=False):
    """One record of the source, its columns as they are; empty ones may be left out. They are never changed once made.

    `key` names it in its source, for ever ("" where it has none: one is made of name and number). `line` is its place, from 1
    (0 where there are no places).
    """

    key: str
    values: Values
    line: int = 0


@dataclass(frozen=True, slots=True)
class Gone:
    """The source says that this record is no more (only from kinds that do increments)."""

    key: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Everything before it has been read; with `cursor` a later run goes on from here. Stored when the run is published."""

    cursor: str


Item = Record | Gone | BadRow | Mark


@dataclass(frozen=True, slots=True)
class Check:
    """A connection test that went well: what answered, its version, how many records it has if that is cheap to know."""

    peer: str
    version: str = ""
    records: int | None = None
    notes: tuple[BadRow, ...] = ()
    """What is odd about the source but does not keep it from being read (line 0)."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the source, some of its values, and the mapping target it seems to mean ("" if nobody knows)."""

    name: str
    samples: tuple[str, ...] = ()
    field: str = ""


class Source(Protocol):
    """A source that was opened with its settings. Opening waits for nothing; `check`, `columns` and `read` may."""

    def check(self) -> Check:
        """Connection test, within 15 seconds. Raises `Fault`."""
        ...

    def columns(self) -> Sequence[Column]:
        """Its columns in the order people know them; `field` may stay "", names are understood elsewhere. Raises `Fault`."""
        ...

    def read(self, since: str | None) -> Iterator[Item]:
        """Everything, or what changed since the last stored `Mark` (kinds that do increments); raises `Fault`.

        Whoever stops reading closes the iterator: connections are given back in its `finally`. A `since` that the source
        no longer knows is a `Fault` with the code `READ_ALL`: the run is then done again in full.
        """
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a source that can be read by itself: bytes `begin` to `end` of its file, beginning with line `line`."""

    begin: int
    end: int
    line: int


@runtime_checkable
class Divisible(Protocol):
    """A source whose records can be read by several processes at once: a file of lines."""

    @property
    def size(self) -> int:
        """Bytes of the file, at least 1."""
        ...

    def parts(self) -> Iterator[Part]:
        """The pieces in their order, some hundred kilobytes each; no record is in two of them."""
        ...

    def read_part(self, part: Part) -> Iterable[Record | BadRow]:
        """The records of a piece."""
        ...


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of source. `settings` is its declaration, `open` makes a `Source` of settings that fit it.

    `incremental`: it gives `Mark`s and can read from one. `suffixes`: how names of its files end, for kinds that read files.
    `harmless`: settings that may change while stored secrets stay; with any other a secret has to be entered again, so that it
    goes to no other peer than it was entered for. `fixed_columns`: each record has all columns, so that one that is missing
    was taken away or renamed, and a run stops and asks.
    """

    key: str
    title: str
    settings: type[msgspec.Struct]
    open: Callable[[Any], Source]
    incremental: bool = False
    suffixes: tuple[str, ...] = ()
    harmless: frozenset[str] = frozenset()
    fixed_columns: bool = True
