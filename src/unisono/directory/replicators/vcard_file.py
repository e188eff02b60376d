"""Files of vCards: what telephones and address books export."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from unisono.directory.replicators import cells
from unisono.directory.replicators.files import FileSettings, opened
from unisono.directory.replicators.flatten import columns_of
from unisono.directory.replicators.problems import nothing_read
from unisono.directory.replicators.source import Check, Column, Item, Kind, Record
from unisono.directory.replicators.vcard import FIELDS, Card, cards, columns
from unisono.directory.runs.model import BadRow

_LOOKED_AT = 1_000


class VcardSettings(FileSettings, frozen=True, forbid_unknown_fields=True):
    """vCards 2.1, 3.0 or 4.0, any number in one file."""


class VcardFile:
    """A file of vCards."""

    def __init__(self, settings: VcardSettings) -> None:
        self._settings = settings

    def check(self) -> Check:
        self.columns()
        return Check("vCard")

    def columns(self) -> Sequence[Column]:
        found = columns_of(list(islice((item for item in self.read(None) if isinstance(item, Record)), _LOOKED_AT)))
        if not found:
            raise nothing_read(self.read(None))
        return [replace(column, field=FIELDS[column.name].value if column.name in FIELDS else "") for column in found]

    def read(self, since: str | None) -> Iterator[Item]:
        with opened(self._settings) as file:
            for card in cards(file):
                yield card if isinstance(card, BadRow) else _record(card)


def _record(card: Card) -> Record | BadRow:
    values = columns(card)
    return cells.record(values.get("UID", ""), values, card.line)


KIND = Kind("vcard", "vCard", VcardSettings, VcardFile, suffixes=(".vcf", ".vcard"), fixed_columns=False)
