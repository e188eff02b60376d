"""Folding: one key for every spelling, and search as you type never loses a hit on the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unisono.directory.fold import fold, folded_forms, folded_piece, folded_value, index_words, query_words, read_many, token

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


def test_forms_of_a_value() -> None:
    assert folded_forms("Rossi  S.r.l.") == (b"rossi srl", b"rossi s.r.l.")
    assert folded_forms("D'Angelo-Bauer") == (b"dangelo baur", b"d'angelo-baur", b"d'angelo-bauer")
    assert folded_forms("mario.rossi@example.com") == (b"mario.rossi@example.com",)
    assert folded_forms(" ' ") == (b"'",)
    assert folded_forms(" ") == ()
    assert folded_piece(" De ") == b" de "
    assert token("L'Aquila").words == ("laquila", "aquila")


@given(NAMES)
def test_a_value_as_asked_is_among_its_forms(text: str) -> None:
    folded = folded_value(text)
    assert folded in folded_forms(text) if folded else not folded_forms(text)


@given(NAMES, NAMES)
def test_what_begins_a_value_begins_one_of_its_forms(text: str, rest: str) -> None:
    # A blank that parts words is looked for as one, and at the end of a value there is none.
    begin = folded_piece(text).lstrip() if rest.strip() else folded_value(text)
    assert any(form.startswith(begin) for form in (*folded_forms(text + rest), b"")) or not begin


@given(st.lists(st.one_of(NAMES, st.text("aeou .'-@A\n\tx", max_size=12)), max_size=8))
def test_many_values_are_read_like_one(texts: list[str]) -> None:
    for text, forms, words in zip(texts, *read_many(texts, {}), strict=True):
        assert forms == folded_forms(text)
        assert set(words) == {word for part in text.split() for word in token(part).words}


@given(NAMES)
def test_the_words_of_tokens_are_those_of_the_text(text: str) -> None:
    found = {word for part in text.split() for word in token(part).words}
    assert set(index_words(text)) <= found
