"""Who several books have: all of the index looked through for entries that are shown as one person. Pure, but slow.

A million contacts take a minute: whoever asks says how many entries are looked at in one go, and goes on from where it stopped.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from unisono.directory.duplicates import BY_HAND, Entry, Rule, Sameness, like, origins, same_person
from unisono.directory.index import Index
from unisono.directory.model import Origin
from unisono.directory.views import EVERYTHING

_BREATH = 100
"""Entries between two breaths."""
_RULES = frozenset(Rule)


@dataclass(frozen=True, slots=True)
class Persons:
    """Some of the people whom several books have. `next`: where to go on, "" at the end; `looked_at`: entries."""

    groups: list[tuple[Origin, ...]]
    looked_at: int
    next: str


@dataclass(slots=True)
class Effects:
    """How many pairs of entries each rule joins, whether it is on or not, among the `looked_at` entries of this slice.

    `next`: where to go on, "" at the end. A pair counts with the first of its entries, so that slices can be added.
    """

    pairs: dict[str, int] = field(default_factory=lambda: dict.fromkeys((*Rule, BY_HAND), 0))
    looked_at: int = 0
    next: str = ""


class Walk:
    """One walk over every entry that counts. `breathe` is called every few milliseconds."""

    def __init__(self, index: Index, sameness: Sameness, looks: int, breathe: Callable[[], None]) -> None:
        self._index = index
        self._sameness = sameness
        self._looks = looks
        self._breathe = breathe
        self._parts = [part for book in sorted(index.books) for part in index.books[book]]
        self._ranks = {id(part.segment): rank for rank, part in enumerate(self._parts)}

    def persons(self, after: str, most: int) -> Persons:
        """At most `most` people among the next entries. A place is one of this picture: in a later one some may be missed."""
        groups: list[tuple[Origin, ...]] = []
        looked_at = 0
        for entry in self._entries(after):
            if looked_at >= self._looks or len(groups) >= most:
                rank, ordinal = self._place(entry)
                return Persons(groups, looked_at, f"{rank}.{ordinal}")
            looked_at += 1
            self._breathe_after(looked_at)
            others = same_person(self._index, entry, self._sameness, EVERYTHING)
            if others and all(self._place(entry) < self._place(other) for other, _ in others):
                groups.append(origins(entry, others))
        return Persons(groups, looked_at, "")

    def effects(self, after: str) -> Effects:
        """What the rules do, each for itself, among the next entries. A place is one of this picture, as above."""
        found = Effects()
        every = Sameness(_RULES, self._sameness.split, self._sameness.joined)
        for entry in self._entries(after):
            if found.looked_at >= self._looks:
                rank, ordinal = self._place(entry)
                found.next = f"{rank}.{ordinal}"
                break
            found.looked_at += 1
            self._breathe_after(found.looked_at)
            here = self._place(entry)
            later = ((self._place(other), why) for other, why in like(self._index, entry, every, EVERYTHING))
            for _, why in {(place, why) for place, why in later if here < place}:
                found.pairs[why] += 1
        return found

    def _entries(self, after: str) -> Iterator[Entry]:
        rank, _, ordinal = after.partition(".")
        first, begin = (int(rank), int(ordinal)) if rank.isdecimal() and ordinal.isdecimal() else (0, 0)
        for part in self._parts[first:]:
            for at in range(begin, len(part.segment)):
                if part.counts(at):
                    yield part, at
            begin = 0

    def _place(self, entry: Entry) -> tuple[int, int]:
        return self._ranks[id(entry[0].segment)], entry[1]

    def _breathe_after(self, looked_at: int) -> None:
        if looked_at % _BREATH == 0:
            self._breathe()
