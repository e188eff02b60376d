"""Figures of the door over several workers and their restarts."""

from unisono.directory.ldap.channel import Figures
from unisono.directory.ldap.figures import Tally


def test_what_a_worker_did_counts_after_its_end() -> None:
    tally = Tally()
    tally.heard(0, Figures(connections=3, searches=100, unprotected=2, contacts=7), 1.0)
    tally.heard(1, Figures(connections=1, searches=20, contacts=7), 2.0)
    tally.gone(0)
    assert tally.total() == Figures(connections=1, searches=120, unprotected=2, contacts=7)
    tally.heard(0, Figures(connections=2, searches=5, contacts=8), 3.0)
    assert tally.total() == Figures(connections=3, searches=125, unprotected=2, contacts=8)


def test_answers_of_all_workers_are_one_list() -> None:
    tally = Tally()
    tally.heard(0, Figures(cpu=1.5, answers={"bind success": 2, "bind invalid_credentials": 1}), 1.0)
    tally.heard(1, Figures(cpu=0.5, answers={"bind success": 1}), 2.0)
    tally.gone(0)
    tally.heard(0, Figures(cpu=0.25, answers={"search no_such_object": 4}), 3.0)
    assert tally.total().cpu == 2.25
    assert tally.total().answers == {"bind success": 3, "bind invalid_credentials": 1, "search no_such_object": 4}


def test_searches_of_the_last_minute() -> None:
    tally = Tally()
    assert tally.searches_per_minute(0.0) == 0
    for second in range(0, 300, 5):
        tally.heard(0, Figures(searches=second * 10), float(second))
    assert tally.searches_per_minute(295.0) == 600
    assert tally.searches_per_minute(1000.0) == 0
