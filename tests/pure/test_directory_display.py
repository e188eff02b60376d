"""Numbers as people read them, with the country they belong to."""

import pytest

from unisono.directory.display import of_party, readable


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


@pytest.mark.parametrize(
    ("number", "canonical", "extension", "shown"),
    [
        ("101", "+390432100101", True, ("101", "")),
        ("101", "+390432100101", False, ("+39 0432 100101", "IT")),
        ("0432100101", "+390432100101", True, ("+39 0432 100101", "IT")),  # a colleague who calls in from outside
        ("+498999998201", "+498999998201", True, ("+49 89 99998201", "DE")),
        ("7", "", True, ("7", "")),
        ("", "", False, ("", "")),
    ],
)
def test_a_colleague_is_shown_by_the_extension(number: str, canonical: str, extension: bool, shown: tuple[str, str]) -> None:
    assert of_party(number, canonical, extension=extension) == shown
