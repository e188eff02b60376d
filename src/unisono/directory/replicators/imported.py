"""Books that were imported before there were replicators: their records are stored, their files are gone."""

from collections.abc import Iterator, Sequence

import msgspec

from unisono.directory.replicators.source import Check, Column, Item, Kind
from unisono.kernel.errors import Invalid


class ImportedSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing to set: the file is not kept."""


class Imported:
    """There is nothing to read."""

    def __init__(self, settings: ImportedSettings) -> None:
        pass

    def check(self) -> Check:
        raise _nothing()

    def columns(self) -> Sequence[Column]:
        raise _nothing()

    def read(self, since: str | None) -> Iterator[Item]:
        raise _nothing()


def _nothing() -> Invalid:
    return Invalid("imported-once", "This book was imported from a file that is not kept. Import the file again.")


KIND = Kind("imported", "Imported earlier", ImportedSettings, Imported)
