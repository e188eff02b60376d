"""Names in the order of a language's phone book."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unisono.directory.collation import collation_key


@pytest.mark.parametrize(
    ("language", "order"),
    [
        ("it", ["D'Angelo", "de Luca", "Dè Luca", "Rossi", "Zanè"]),
        ("de", ["Mudra", "Mueller", "Müller", "Muff", "Ober", "Öllinger", "Ofner", "Strassar", "Straßer", "Straßner"]),
        ("de-AT", ["Mudra", "Müller", "Muff"]),
        ("en", ["Mudra", "Muff", "Müller", "Munster"]),
        ("sv", ["Andersson", "Zorn", "Åberg", "Ärlig", "Öberg"]),
        ("da", ["Andersen", "Zahle", "Æbelø", "Østergaard", "Åkjær"]),
        ("es", ["Nadal", "Núñez", "Nuz", "Ñáñez", "Ocaña"]),
        ("", ["Muff", "Müller"]),
    ],
)
def test_names_in_order(language: str, order: list[str]) -> None:
    backwards = order[::-1]
    assert sorted(backwards, key=lambda name: collation_key([name], language)) == order


def test_accents_count_only_between_the_same_people() -> None:
    people = [("Müller", "Anna"), ("Mueller", "Berta"), ("Müller", "Carla"), ("Mueller", "Carla")]
    found = sorted(people, key=lambda names: collation_key(names, "de"))
    assert [first for _, first in found] == ["Anna", "Berta", "Carla", "Carla"]


@given(st.text(max_size=12), st.text(max_size=12))
def test_a_beginning_comes_before_what_goes_on(first: str, more: str) -> None:
    short, long = collation_key([first, ""], "it"), collation_key([first + " a" + more, ""], "it")
    assert short < long or not first.strip()
