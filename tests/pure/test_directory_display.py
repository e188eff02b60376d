"""Numbers as people read them, with the country they belong to."""

import pytest

from unisono.directory.display import readable


@pytest.mark.parametrize(
    ("canonical", "shown"),
    [
        ("+390432100102", ("+39 0432 100102", "IT")),
        ("+12125550123", ("+1 212-555-0123", "US")),
        ("+441632960123", ("+44 1632 960123", "GB")),  # kept for fiction: in no country's metadata
        ("+80012345678", ("+800 1234 5678", "")),  # belongs to no country
        ("102", ("102", "")),
        ("+999123", ("+999123", "")),
    ],
)
def test_a_number_is_shown_with_its_country(canonical: str, shown: tuple[str, str]) -> None:
    assert readable(canonical) == shown
