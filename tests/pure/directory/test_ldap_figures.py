"""Figures of the door over several workers and their restarts."""

from msgspec.structs import replace

from unisono.directory.ldap.channel import Figures
from unisono.directory.ldap.figures import Tally
from unisono.directory.ldap.times import Times


def total(tally: Tally) -> Figures:
    """But for the times."""
    return replace(tally.total(), times={}, seconds={})


def test_what_a_worker_did_counts_after_its_end() -> None:
    tally = Tally()
    tally.heard(0, Figures(connections=3, searches=100, unprotected=2, contacts=7), 1.0)
    tally.heard(1, Figures(connections=1, searches=20, contacts=7), 2.0)
    tally.gone(0)
    assert total(tally) == Figures(connections=1, searches=120, unprotected=2, contacts=7)
    tally.heard(0, Figures(connections=2, searches=5, contacts=8), 3.0)
    assert total(tally) == Figures(connections=3, searches=125, unprotected=2, contacts=8)


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


def test_times_of_all_workers_are_added_up() -> None:
    tally, times = Tally(), Times()
    times.took("search", 0.0002)
    times.took("bind", 99.0)
    told = Figures(times=times.counts, seconds=times.seconds, unindexed=2)
    tally.heard(0, told, 1.0)
    tally.heard(1, told, 1.0)
    tally.gone(0)
    found = tally.total()
    assert (found.times["search"][1], found.times["bind"][-1], found.seconds["bind"], found.unindexed) == (2, 2, 198.0, 4)
    assert tally.total() == found
