"""Typing errors: every slip of the fingers is forgiven, and only where nothing is as it was typed."""

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from unisono.directory.breathing import at_once
from unisono.directory.index import Index, Layer
from unisono.directory.model import Contact
from unisono.directory.search import search, searching
from unisono.directory.segment import build
from unisono.directory.typing_errors import distance, errors_forgiven, meant

NAMES = (
    "Giovanni Esposito", "Maria Rossi", "Stefan Schumacher", "Petra Zimmermann", "Anna Hoffmann", "Karl Meier",
    "Studio 2000", "Garage77", "3Musketiere",
)  # fmt: skip
BOOK = Index().with_book("b", Layer(build([Contact(f"{n}", "b", display_name=name) for n, name in enumerate(NAMES)], "b")))

words = st.text(string.ascii_lowercase, min_size=4, max_size=12)


@pytest.mark.parametrize(
    ("typed", "name", "shown"),
    [
        ("rosssi", "Maria Rossi", "rossi"),
        ("rsosi maria", "Maria Rossi", "rossi maria"),
        ("marua ros", "Maria Rossi", "maria ros"),
        ("hofman", "Anna Hoffmann", "hoffman"),
        ("schumahcre", "Stefan Schumacher", "schumacher"),
        ("zimerman", "Petra Zimmermann", "zimmerman"),
        ("giovani espozito", "Giovanni Esposito", "giovanni esposito"),
        ("stduio 2000", "Studio 2000", "studio 2000"),
        ("stduio 200", "Studio 2000", "studio 200"),
        ("garege77", "Garage77", "garage77"),
        ("3musektiere", "3Musketiere", "3musketiere"),
    ],
)
def test_did_you_mean(typed: str, name: str, shown: str) -> None:
    hits = search(BOOK, typed, 5)
    assert (hits[0].title, hits[0].meant) == (name, shown)
    assert hits[0].score < 100


@pytest.mark.parametrize("typed", ["ross", "maria", "mar ros", "schu", "studio 2000", "2000 stu", "garage7"])
def test_what_is_right_is_not_corrected(typed: str) -> None:
    assert [hit.meant for hit in search(BOOK, typed, 5)] == [""] * len(search(BOOK, typed, 5)) != []


@pytest.mark.parametrize("typed", ["xyz", "ros1", "qqqq", "rozzzi", "12345", "stduio 2001", "garage78", "garag77x"])
def test_what_is_too_wrong_finds_nothing(typed: str) -> None:
    assert search(BOOK, typed, 5) == []


@st.composite
def slips(draw: st.DrawFn, word: str) -> str:
    """A word with one error."""
    at = draw(st.integers(0, len(word) - 1))
    letter = draw(st.sampled_from(string.ascii_lowercase))
    kind = draw(st.sampled_from(["more", "less", "other", "swapped"]))
    if kind == "more":
        return word[:at] + letter + word[at:]
    if kind == "less":
        return word[:at] + word[at + 1 :]
    if kind == "other":
        return word[:at] + letter + word[at + 1 :]
    return word[:at] + word[at : at + 2][::-1] + word[at + 2 :]


@given(st.lists(words, min_size=1, max_size=20, unique=True), st.data())
def test_every_single_error_is_forgiven(book: list[str], data: st.DataObject) -> None:
    dictionary = build([Contact(word, "b", display_name=word) for word in book], "b").words
    word = data.draw(st.sampled_from([dictionary[n].decode() for n in range(len(dictionary))]))
    typed = data.draw(slips(word))
    first, last = dictionary.starting(typed.encode())
    assume(errors_forgiven(typed) and len(typed) > 4 and first == last)
    found = at_once(meant(dictionary, typed))
    assert found
    assert all(distance(typed, beginning, 2)[1] <= errors_forgiven(typed) for beginning in found)


def test_eight_words_that_may_mean_many_others_each_are_no_more_work_than_eight_words() -> None:
    names = [f"{stem}{letter}" for stem in ("ros", "bian", "ver", "fer", "rus", "mar", "gre", "con") for letter in "abcdefghi"]
    book = Index().with_book("b", Layer(build([Contact(f"{n}", "b", display_name=name) for n, name in enumerate(names)], "b")))
    for more in ("", "7"):
        typed = "rosz bianz verz ferz rusz marz grez conz".replace(" ", f"{more} ") + more
        assert sum(1 for _ in searching(book, typed, 5)) < 1000


def test_looking_for_what_was_meant_breathes() -> None:
    letters = "aeioulmnrst"
    texts = [f"{a}{b}{c}{d}nikova" for a in letters for b in letters for c in letters for d in letters]
    dictionary = build([Contact(f"{n}", "b", display_name=text) for n, text in enumerate(texts)], "b").words
    breaths = sum(1 for _ in meant(dictionary, "ramixxkova"))
    assert breaths > 100, "the fourteen thousand words that begin or end alike are not read in one go"


@given(words, words)
def test_distance_is_that_of_the_nearest_beginning(word: str, text: str) -> None:
    beginning, errors = distance(word, text, 20)
    assert text.startswith(beginning)
    assert errors == min(slow(word, text[:cut]) for cut in range(len(text) + 1))


def slow(a: str, b: str) -> int:
    """Optimal string alignment, written down as it is defined."""
    if not a or not b:
        return len(a) + len(b)
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a) + 1):
        for j in range(len(b) + 1):
            if min(i, j) == 0:
                table[i][j] = i + j
                continue
            table[i][j] = min(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (a[i - 1] != b[j - 1]))
            if min(i, j) > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[len(a)][len(b)]
