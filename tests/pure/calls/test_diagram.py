"""docs/calls.md is made from the code; it must not drift from it."""

from pathlib import Path

from unisono.calls.diagram import OUTCOMES, RESULTS, page
from unisono.calls.model import ConnectionState, LegOutcome, Result
from unisono.calls.transitions import TABLE, Trigger, next_state

PAGE = Path(__file__).resolve().parents[3] / "docs" / "calls.md"


def test_page_is_up_to_date() -> None:
    assert PAGE.read_text() == page() + "\n", "run: python -m unisono.calls.diagram > docs/calls.md"


def test_every_word_is_explained() -> None:
    assert list(RESULTS) == list(Result)
    assert list(OUTCOMES) == list(LegOutcome)


def test_table_is_whole() -> None:
    assert set(TABLE) == set(ConnectionState)
    for state in TABLE:
        assert next_state(state, Trigger.CLEARED) is ConnectionState.NULL
    reached = {target for row in TABLE.values() for target in row.values()}
    assert reached == set(ConnectionState)
