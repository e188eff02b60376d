"""Folding: one key for every spelling, and search as you type never loses a hit on the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unisono.directory.fold import fold, index_words, query_words

LETTERS = st.characters(categories=["L"])
NAMES = st.text(st.characters(categories=("L", "N", "Zs", "P")), max_size=40)


@pytest.mark.parametrize(
    ("spellings", "key"),
    [
        (("Müller", "Mueller", "MULLER", "Mu\u0308ller"), "muller"),
        (("Sørensen", "Soerensen", "sorensen"), "sorensen"),
        (("Groß", "GROSS", "gross"), "gross"),
        (("Nicolò", "Nicolo"), "nicolo"),
        (("Łukasz", "Lukasz"), "lukasz"),
        (("Æther", "aether", "Äther"), "ather"),
    ],
)
def test_spellings_of_one_name(spellings: tuple[str, ...], key: str) -> None:
    assert {fold(spelling) for spelling in spellings} == {key}


def test_words() -> None:
    assert query_words("D'Angelo S.r.l.") == ["dangelo", "srl"]
    assert index_words("D'Angelo S.r.l.") == ["dangelo", "srl", "angelo"]
    assert query_words("A.B.Smith, J. Doe") == ["ab", "smith", "j", "do"]
    assert query_words("info@rossi-impianti.example") == ["info", "rossi", "impianti", "example"]
    assert query_words(" -- ") == []


@given(NAMES)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(LETTERS, min_size=1, max_size=20), st.integers(1, 20))
def test_a_beginning_folds_to_a_beginning(word: str, length: int) -> None:
    assert fold(word).startswith(fold(word[:length]))


@given(NAMES)
def test_what_was_typed_whole_is_in_the_index(text: str) -> None:
    assert set(query_words(text)) <= set(index_words(text))
