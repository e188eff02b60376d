"""One person in several books, shown as one: which entries are the same person's, by rules and by hand. Pure.

Nothing is merged in the books. Whoever is found is looked for in the other books through their index, as far as the view
reaches; a pair that somebody has split is never the same person, whatever the rules say.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from unisono.directory import keys
from unisono.directory.fold import folded_value
from unisono.directory.index import Index, Part
from unisono.directory.model import Origin
from unisono.directory.segment import Attribute, Segment
from unisono.directory.segment.attributes import NUMBERS
from unisono.directory.views import View

MOST = 10
"""Entries shown as one person."""
_LOOKED_AT = 20
"""Contacts behind one number, address or name that are looked at; what more have says nothing."""
_NUMBERS = tuple(sorted(NUMBERS))


class Rule(StrEnum):
    """Why two entries of different books are the same person's."""

    NUMBER_AND_NAME = "number-and-name"
    EMAIL = "email"
    NAME_AND_FIRM = "name-and-firm"


BY_HAND = "by-hand"
"""Instead of a rule: somebody has said so."""

Pair = tuple[str, str]
"""The ids of two contacts, the smaller one first."""


def pair(one: str, other: str) -> Pair:
    """The pair of two contacts."""
    return (one, other) if one < other else (other, one)


@dataclass(frozen=True, slots=True)
class Decision:
    """A pair that a person (a user id) has split for ever, or joined."""

    first: str
    second: str
    joined: bool
    by: str
    at: datetime


@dataclass(frozen=True)
class Sameness:
    """The rules in force, and the pairs that were split or joined by hand."""

    rules: frozenset[Rule] = frozenset(Rule)
    split: frozenset[Pair] = frozenset()
    joined: frozenset[Pair] = field(default_factory=frozenset)

    @cached_property
    def partners(self) -> Mapping[str, tuple[str, ...]]:
        """With whom a contact was joined by hand."""
        found: dict[str, tuple[str, ...]] = {}
        for one, other in sorted(self.joined - self.split):
            found[one] = (*found.get(one, ()), other)
            found[other] = (*found.get(other, ()), one)
        return found


EACH_ALONE = Sameness(frozenset())
"""Nobody is the same as anybody."""

Entry = tuple[Part, int]
"""A contact as it stands in a part of the index."""


def same_person(index: Index, entry: Entry, sameness: Sameness, view: View) -> list[tuple[Entry, str]]:
    """The other entries of the same person, each with the reason, those of other entries' included; at most `MOST` in all."""
    if not sameness.joined and not (sameness.rules and _others(index, entry[0].book, view)):
        return []
    found: list[tuple[Entry, str]] = []
    ids = [_id(entry)]
    waiting = [entry]
    while waiting and len(ids) < MOST:
        for other, reason in like(index, waiting.pop(0), sameness, view):
            other_id = _id(other)
            if other_id in ids or any(pair(other_id, known) in sameness.split for known in ids) or len(ids) >= MOST:
                continue
            ids.append(other_id)
            found.append((other, reason))
            waiting.append(other)
    return found


def origins(entry: Entry, others: list[tuple[Entry, str]]) -> tuple[Origin, ...]:
    """Where an entry and the other ones of its person come from; nothing if there are none."""
    if not others:
        return ()
    return tuple(_origin(part, ordinal, reason) for (part, ordinal), reason in ((entry, ""), *others))


def _origin(part: Part, ordinal: int, reason: str) -> Origin:
    link = part.segment.values(ordinal, Attribute.LABELED_URI)
    return Origin(_id((part, ordinal)), part.book, reason, link[0].decode() if link else "")


def _id(entry: Entry) -> str:
    return entry[0].segment.id(entry[1]).decode()


def like(index: Index, entry: Entry, sameness: Sameness, view: View) -> Iterator[tuple[Entry, str]]:
    """Entries that a rule or somebody says are the same person's as this one, each with the reason; they may come again."""
    part, ordinal = entry
    for partner in sameness.partners.get(_id(entry), ()):
        for other in index.parts(view):
            at = other.segment.find(partner)
            if at is not None and other.counts(at):
                yield (other, at), BY_HAND
    others = _others(index, part.book, view) if sameness.rules else []
    if not others:
        return
    own = _Marks(part.segment, ordinal)
    for other in others:
        for at, rule in own.found_in(other, sameness.rules):
            yield (other, at), rule


def _others(index: Index, book: str, view: View) -> list[Part]:
    """What other books have, if it is anything."""
    return [part for part in index.parts(view) if part.book != book and len(part.segment)]


class _Marks:
    """By what an entry's person is known elsewhere."""

    def __init__(self, segment: Segment, ordinal: int) -> None:
        self._segment = segment
        self.name = segment.folded(ordinal)
        self.words = sorted(self.name.split())
        self.firm = segment.firm(ordinal)
        mask = segment.mask(ordinal)
        numbers = (value for slot in _NUMBERS if mask >> slot & 1 for value in segment.values(ordinal, slot))
        self.numbers = [key for key in (keys.key(number.decode()) for number in numbers) if key is not None]
        self.mails = [folded_value(mail.decode()) for mail in segment.values(ordinal, Attribute.MAIL)]

    def found_in(self, other: Part, rules: frozenset[Rule]) -> Iterator[tuple[int, Rule]]:
        """Entries of another book that are this person's, and by which rule."""
        segment = other.segment
        if Rule.NUMBER_AND_NAME in rules and self.words:
            for key in self.numbers:
                for at in segment.with_number(key)[:_LOOKED_AT]:
                    if other.counts(at) and sorted(segment.folded(at).split()) == self.words:
                        yield at, Rule.NUMBER_AND_NAME
        if Rule.EMAIL in rules:
            for mail in self.mails:
                having = [at for at in segment.with_value(Attribute.MAIL, mail)[:_LOOKED_AT] if other.counts(at)]
                # Where several in one book have an address, it is an office's and says nothing of a person.
                if len(having) == 1 and len(self._segment.with_value(Attribute.MAIL, mail)) == 1:
                    yield having[0], Rule.EMAIL
        if Rule.NAME_AND_FIRM in rules and self.firm and self.name:
            for name in {self.name, b" ".join(reversed(self.name.split()))}:
                for at in segment.with_value(Attribute.CN, name)[:_LOOKED_AT]:
                    if other.counts(at) and segment.firm(at) == self.firm:
                        yield at, Rule.NAME_AND_FIRM
