"""Where the index says that cards which fit can be, all of them are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unisono.directory.model import Contact, ContactNumber, NumberKind
from unisono.directory.phonebooks.carddav.asked import Filter, PropertyFilter, TextMatch
from unisono.directory.phonebooks.carddav.matching import candidates, fits
from unisono.directory.segment import build

texts = st.text("aeouäößÄEMUlr .,'-;éøæœ\u01311", max_size=8)
NUMBER = (ContactNumber(NumberKind.HOME, "1", "+391"),)
matches = st.builds(
    TextMatch,
    st.text("aeouäößÄEMUlr .,'-;éøæœ1", min_size=1, max_size=4),
    st.booleans(),
    st.sampled_from(["contains", "starts-with", "ends-with", "equals"]),
    st.booleans(),
)
properties = st.builds(
    PropertyFilter,
    st.sampled_from(["FN", "N", "ORG", "EMAIL", "TITLE", "NOTE"]),
    st.booleans(),
    st.lists(matches, max_size=2).map(tuple),
    absent=st.booleans(),
)
filters = st.builds(Filter, st.booleans(), st.lists(properties, max_size=2).map(tuple))


@given(st.lists(st.tuples(texts, texts, texts), min_size=1, max_size=4), filters)
def test_the_index_loses_nobody(people: list[tuple[str, str, str]], wanted: Filter) -> None:
    contacts = [
        Contact(f"{number:032x}", "b", "", name, "", last, firm, department=last, note=firm, emails=(last,), numbers=NUMBER)
        for number, (name, last, firm) in enumerate(people)
    ]
    segment = build(contacts, "b")
    found = candidates(segment, wanted)
    possible = range(len(segment)) if found is None else {ordinal for ordinal in found if ordinal is not None}
    assert [o for o in range(len(segment)) if fits(segment.contact(o), wanted) and o not in possible] == []


@pytest.mark.parametrize(
    ("typed", "exact", "found"),
    [
        ("mu\u0308ller", False, True),
        ("MÜLLER", False, True),
        ("strasse", False, True),
        ("müller", True, False),
        ("Müller", True, True),
    ],
)
def test_accents_may_stand_apart_from_their_letters(typed: str, exact: bool, found: bool) -> None:
    contact = Contact("1" * 32, "b", display_name="Jörg Müller", company="Müller Straße")
    name = PropertyFilter("FN", matches=(TextMatch(typed, exact, "contains", False),))
    firm = PropertyFilter("ORG", matches=(TextMatch(typed, exact, "contains", False),))
    assert fits(contact, Filter(False, (name, firm))) is found
