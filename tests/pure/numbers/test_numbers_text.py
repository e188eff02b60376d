"""Reading millions of stored numbers quickly gives the same as reading each with care."""

import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from unisono.numbers import Direction, Location, Rule, normalise
from unisono.numbers.clean import clean, usual
from unisono.numbers.normalise import stored_text

PLACES = [
    Location.simple("IT", "IT"),
    Location.simple("Udine", "IT", "0432", trunk="5566", ranges=["100-699"], outside="0"),
    Location.simple("DE", "DE"),
    Location.simple("Munich", "DE", "89", trunk="36856", ranges=["[0-2]"], outside="0", internal_max=3),
    Location.simple("GB", "GB", "1865"),
    Location.simple("AT", "AT", "1"),
    Location.simple("US", "US", "212"),
    Location.simple("BR", "BR", "11"),
    Location("Vanity", "IT", vanity=True, area_code="0432", external_rules=(Rule("^9(.*)$", r"\1"),)),
]
WRITTEN = [json.loads(line)["raw"] for line in (Path(__file__).parent / "written.jsonl").read_text().splitlines()]
SIGNS = ["Tel. ", "Fax. ", "Mob. ", "Tel.", "+", "(", ")", " ", "/", " / ", "-", " - ", ".", ".."]
DIGITS = ["00", "0", "39", "49", "(0)", "1", "0432", "07966", "089", "335", "112", "118", "800", "5566100", "123456", "1234567"]
PIECES = st.sampled_from(SIGNS + DIGITS)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_three_thousand_written_forms(place: Location) -> None:
    for raw in WRITTEN:
        assert stored_text(raw, place) == normalise(raw, place, Direction.STORED).supercanonical, raw


@settings(max_examples=2_000, deadline=None)
@given(st.lists(PIECES, max_size=9).map("".join), st.sampled_from(PLACES))
@example("0432/123456", PLACES[1])
@example("(089) 12 34 56", PLACES[3])
@example("+39112", PLACES[0])
@example("Tel. (0)00", PLACES[0])
def test_the_same_as_with_care(raw: str, place: Location) -> None:
    assert stored_text(raw, place) == normalise(raw, place, Direction.STORED).supercanonical


@given(st.text(max_size=30), st.sampled_from(PLACES))
def test_any_text(raw: str, place: Location) -> None:
    assert stored_text(raw, place) == normalise(raw, place, Direction.STORED).supercanonical


@settings(max_examples=2_000, deadline=None)
@given(st.lists(PIECES, max_size=9).map("".join))
@example("Tel. 00)00")
@example("Tel. (49)123456")
def test_what_is_usual_is_clean(raw: str) -> None:
    text = usual(raw)
    assert not text or text == clean(raw).text


def test_the_usual_forms_are_usual() -> None:
    assert sum(not usual(raw) for raw in WRITTEN) == 0
