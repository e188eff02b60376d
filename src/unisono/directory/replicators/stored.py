"""What a book has before a run: looked up in its layers, the newest first."""

from collections.abc import AsyncIterator, Collection, Sequence

from unisono.directory.replicators.lane import TOLD, as_shown
from unisono.directory.replicators.layers import Layers
from unisono.directory.replicators.ledger import Ledger
from unisono.directory.replicators.mapping import Draft, Mapper
from unisono.directory.replicators.model import Layer
from unisono.directory.replicators.pages import key_print, read_gone, read_marks, read_page
from unisono.directory.replicators.source import Record
from unisono.directory.runs.model import Change


class Stored:
    """The records of a book's layers."""

    def __init__(self, layers: Layers, of_book: Sequence[Layer], *, otherwise: bool = False) -> None:
        """`otherwise`: no stored contact is what its record would become now, so that none is the same."""
        self._otherwise = int(otherwise)
        self._layers = layers
        self._of_book = of_book

    @property
    def in_deltas(self) -> int:
        """Records that stand over the book's first layer, or take something away from it."""
        return sum(layer.records + layer.gone for layer in self._of_book[1:])

    async def ledger(self) -> Ledger:
        """All its records, by fingerprints."""
        ledger = Ledger(sum(layer.records for layer in self._of_book))
        for layer in self._of_book:
            async for _, gone, marks in self._layers.marks(layer.id):
                for key, mark in read_marks(marks):
                    if gone:
                        ledger.forget(key)
                    else:
                        ledger.store(key, mark ^ self._otherwise)
        return ledger

    async def fill_in(self, changed: Sequence[Change], removed: Collection[int], mapper: Mapper) -> list[Change]:
        """Give `changed` their old values; the records with the fingerprints `removed` as they were, named by the mapping."""
        wanted = {key_print(change.key): change for change in changed}
        sought = {*wanted, *removed}
        found: list[Change] = []
        async for key, values in self._records(sought):
            old, change = as_shown(values), wanted.get(key_print(key))
            if change is None:
                draft = mapper.draft(Record(key, values))
                found.append(Change(key, draft.contact("", key).name if isinstance(draft, Draft) else "", old))
                continue
            names = {name for name in {*old, *change.new} if old.get(name, "") != change.new.get(name, "")}
            change.old = {name: old.get(name, "") for name in sorted(names)}
            change.new = {name: change.new.get(name, "") for name in sorted(names)}
        return found

    async def keys(self, prints: set[int]) -> AsyncIterator[str]:
        """The keys behind these fingerprints."""
        async for key, _ in self._records(prints):
            yield key

    async def survivors(self, ledger: Ledger, told: Collection[int]) -> AsyncIterator[tuple[bytes, bytes, bytes]]:
        """Every page with records that a run leaves as they are: fingerprints, data, a byte for each that stays.

        `told`: fingerprints of the keys of those that the run has refused as they are now.
        """
        for layer in reversed(self._of_book):
            async for page in self._layers.pages(layer.id):
                if page.gone:
                    continue
                kept = bytes(ledger.claim(key) * (TOLD if key in told else 1) for key, _ in read_marks(page.marks))
                if any(kept):
                    yield page.marks, page.data, kept

    async def _records(self, sought: set[int]) -> AsyncIterator[tuple[str, dict[str, str | tuple[str, ...]]]]:
        """The newest version of each record sought."""
        left = set(sought)
        for layer in reversed(self._of_book):
            if not left:
                return
            numbers = []
            async for number, gone, marks in self._layers.marks(layer.id):
                if not gone and not left.isdisjoint(key for key, _ in read_marks(marks)):
                    numbers.append(number)
            for number in numbers:
                page = await self._layers.page(layer.id, number)
                for key, values in read_page(page.data):
                    mark = key_print(key)
                    if mark in left:
                        left.discard(mark)
                        yield key, dict(values)


async def gone_ids(layers: Layers, layer: str) -> AsyncIterator[str]:
    """The keys that a layer takes away."""
    async for page in layers.pages(layer):
        if page.gone:
            for key in read_gone(page.data):
                yield key
