"""Contacts that have several words, against every contact read."""

import random
from itertools import chain, islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unisono.directory import keys
from unisono.directory.breathing import at_once, first_of
from unisono.directory.candidates import SCORED, Run, one_by_one, with_words
from unisono.directory.model import Contact, ContactNumber, NumberKind
from unisono.directory.segment import Segment, SegmentBuilder

MANY = 12_000
WORDS = ("maria", "marta", "marco", "mario", "rossi", "rossini", "bau", "baumann", "gmbh", "hans", "hansen", "peter", "zeno")


class Book:
    """Words that very many, many, some and few have, in names and firms."""

    def __init__(self) -> None:
        chance = random.Random(7)
        builder = SegmentBuilder("b", rows=MANY)
        for n in range(MANY):
            words = chance.choices(WORDS, [1 / (1 + rank**3) for rank in range(len(WORDS))], k=3)
            number = f"+39{chance.choice(('0432', '06', '02'))}{n:06}"
            numbers = (ContactNumber(NumberKind.BUSINESS, number, number),)
            builder.add(Contact(f"{n:032x}", "b", display_name=" ".join(words[:2]), company=words[2], numbers=numbers))
        self.segment: Segment = builder.finish_in_memory()
        contacts = list(self.segment.contacts())
        self.names = [contact.display_name.encode() for contact in contacts]
        self.words = [{*name.split(), contact.company.encode()} for name, contact in zip(self.names, contacts, strict=True)]
        self.numbers = [contact.numbers[0].canonical for contact in contacts]

    def has(self, at: int, runs: list[Run]) -> bool:
        words = self.words[at]
        return all(run in words if whole else any(word.startswith(run) for word in words) for run, whole in runs)

    def expected(self, runs: list[Run], digits: str) -> list[int]:
        """By reading every contact."""
        found = [at for at in range(MANY) if self.numbers[at].startswith(digits) and self.has(at, runs)]
        begins = [[at for at in found if self.names[at].startswith(run)] for run, _ in runs]
        named = [at for some in begins for at in some[: SCORED // 2]]
        if digits or any(whole or self.segment.common(run) is None for run, whole in runs):
            named = sorted(set(chain.from_iterable(begins)))[: SCORED // 2]
        return sorted(islice(dict.fromkeys(chain(named, found)), SCORED))


@pytest.fixture(scope="module")
def book() -> Book:
    found = Book()
    assert {found.segment.common(word.encode()) is None for word in WORDS} == {True, False}
    return found


PIECES = st.sampled_from(WORDS).flatmap(lambda word: st.integers(1, len(word)).map(lambda size: word[:size].encode()))
WHOLE = st.sampled_from(WORDS).map(str.encode)
RUNS = st.lists(st.tuples(PIECES, st.just(False)) | st.tuples(WHOLE, st.just(True)), min_size=1, max_size=4)


@given(RUNS, st.sampled_from(["", "", "+390432", "+3906", "+39020001", "+390432011999"]))
def test_words_and_the_beginning_of_a_number(book: Book, runs: list[Run], digits: str) -> None:
    bounds = keys.key_range(digits) if digits else None
    among = None if bounds is None else [book.segment.numbered(*bounds)]
    assert at_once(with_words(book.segment, runs, among)) == book.expected(runs, digits)


@given(RUNS)
def test_one_by_one(book: Book, runs: list[Run]) -> None:
    runs = [*runs[:-1], (runs[-1][0], False)]  # what is typed last may always go on
    found = at_once(first_of(one_by_one(book.segment, runs), SCORED))
    assert all(book.has(at, runs) for at in found)
    assert bool(found) == bool(book.expected(runs, ""))
