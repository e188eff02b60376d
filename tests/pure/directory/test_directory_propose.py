"""Whose telephone a device probably is: by number, by name as PBXs write it, and never by a guess."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unisono.directory.propose import Proposal, ProposalReason, Proposals
from unisono.people.model import Line, User

MARIO = User("1", "mario.rossi", "Mario Rossi", given_name="Mario", family_name="Rossi")
ANNA = User("2", "anna", "Anna Rossi", given_name="Anna", family_name="Rossi")
JUERGEN = User("3", "204", "Jürgen Müller", given_name="Jürgen", family_name="Müller")
ILARIA = User("4", "ilaria", "Ilaria D'Agostini", given_name="Ilaria", family_name="D'Agostini")
GONE = User("5", "gone", "Paolo Verdi", given_name="Paolo", family_name="Verdi", active=False)
ALL = (MARIO, ANNA, JUERGEN, ILARIA, GONE)
MOBILE = Line("l", "other", "SIP/101", "101", user_ids=("1",))
SHARED = Line("s", "other", "600", "600", user_ids=("1", "2"))


def of(number: str, name: str) -> str:
    found = Proposals(ALL, (MOBILE, SHARED)).of(number, name)
    return f"{found.user_id} {found.reason}" if found else ""


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("Mario Rossi", "1 name"),
        ("ROSSI MARIO", "1 name"),
        ("Rossi, Mario (Sales)", "1 name"),
        ("M. Rossi", "1 name"),
        ("Rossi A", "2 name"),
        ("Mueller", "3 name"),
        ("muller juergen", "3 name"),
        ("Dagostini Ilaria", "4 name"),
        ("Rossi", ""),  # there are two
        ("Mario", ""),  # a given name is not enough
        ("K. Rossi", ""),
        ("Paolo Verdi", ""),  # has no active account
        ("Workshop", ""),
        ("", ""),
    ],
)
def test_by_name(name: str, whose: str) -> None:
    assert of("999", name) == whose


@pytest.mark.parametrize(
    ("number", "name", "whose"),
    [
        ("101", "", "1 number"),
        ("101", "Anna Rossi", "1 number"),
        ("204", "Reception", "3 number"),
        ("600", "Anna Rossi", "2 name"),  # a shared number says nothing
    ],
)
def test_by_number(number: str, name: str, whose: str) -> None:
    assert of(number, name) == whose


def test_namesakes_are_not_mixed_up() -> None:
    again = User("9", "mario.rossi2", "Mario Rossi", given_name="Mario", family_name="Rossi")
    proposals = Proposals((*ALL, again), ())
    assert proposals.of("1", "Mario Rossi") is None
    assert proposals.of("1", "Anna Rossi") == Proposal("2", ProposalReason.NAME)


@given(st.text(max_size=30), st.text(max_size=60))
def test_whatever_a_pbx_says_somebody_or_nobody_is_proposed(number: str, name: str) -> None:
    found = Proposals(ALL, (MOBILE, SHARED)).of(number, name)
    assert found is None or found.user_id in {user.id for user in ALL if user.active}
