"""The numbers of lines, and callers from the firm's other sites: an extension is known in every form a PBX may give it."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from unisono.demo import firm
from unisono.numbers import Direction, Location, NumberKind, Origin, Role, Rule, explain, normalise
from unisono.numbers.sites import link

UDINE, MUNICH = link([site.location() for site in firm.SITES])
ALONE = Location.simple("Vienna", "AT", "1", trunk="987", outside="0")
PLAIN = Location.simple("plain", "IT")


def line(raw: str, site: Location) -> tuple[str, str, str]:
    found = normalise(raw, site, Direction.IN, role=Role.LINE)
    return found.supercanonical, found.extension, found.site


@pytest.mark.parametrize(
    ("raw", "site", "number", "extension", "of"),
    [
        ("101", UDINE, "+390432100101", "101", "Udine"),
        ("299", UDINE, "+498999998299", "299", "München"),
        ("199", MUNICH, "+390432100199", "199", "Udine"),
        ("+498999998299", UDINE, "+498999998299", "299", "München"),
        ("000498999998299", UDINE, "+498999998299", "299", "München"),  # outside digit, 00
        ("000390432100199", MUNICH, "+390432100199", "199", "Udine"),
        ("0432100199", UDINE, "+390432100199", "199", "Udine"),
        ("00432100199", UDINE, "+390432100199", "199", "Udine"),  # outside digit, 0432
        ("008999998299", MUNICH, "+498999998299", "299", "München"),
        ("099998299", MUNICH, "+498999998299", "299", "München"),  # outside digit, then a local number
        ("1999", UDINE, "1999", "1999", "Udine"),  # no extension by any rule, but a line all the same
        ("112", UDINE, "112", "112", "Udine"),  # inside the range, and yet nobody's extension
        ("2001", PLAIN, "2001", "2001", "plain"),
        ("desk", PLAIN, "", "", ""),
        ("43", ALONE, "+43198743", "43", "Vienna"),
        ("000498999998299", ALONE, "+498999998299", "", ""),
    ],
)
def test_lines_in_every_form(raw: str, site: Location, number: str, extension: str, of: str) -> None:
    assert line(raw, site) == (number, extension, of)


def test_an_extension_that_nobody_has_is_still_one_of_the_other_site() -> None:
    """Nothing of the number shows the outside digit any more, and `explain` shows where it was taken off."""
    found = explain("000498999998299", UDINE, Direction.IN, role=Role.LINE)
    assert found.number.kind is NumberKind.INTERNAL
    stages = {stage.name: stage for stage in found.stages}
    outside = stages["outside-line"]
    assert (outside.before, outside.after, outside.rule) == ("000498999998299", "00498999998299", "outside digit 0")
    assert stages["supercanonical"].after == "+498999998299"
    assert found.dialled == "299"
    by_site = explain("299", UDINE, Direction.IN, role=Role.LINE)
    assert (by_site.stages[-1].name, by_site.stages[-1].after) == ("other-sites", "+498999998299")
    assert "other-sites 1" in (by_site.stages[-1].rule or "")


def test_line_rules_come_before_all_of_that() -> None:
    site = replace(UDINE, line_rules=(Rule("^9(...)$", r"+390432100\1"),))
    assert line("9101", site)[0] == "+390432100101"
    assert line("000498999998299", site)[0] == "000498999998299"


def test_a_number_outside_that_a_line_has() -> None:
    """A mobile telephone as a line of the PBX, by its whole number."""
    assert line("03331234567", UDINE) == ("+393331234567", "", "")


@given(
    st.sampled_from([UDINE, MUNICH, ALONE, PLAIN]),
    st.sampled_from(["", "0", "00", "000", "+", "0432", "00432", "00039", "00049", "089", "0089"]),
    st.from_regex(r"[0-9]{0,3}(100|99998|987)?[0-9]{1,4}", fullmatch=True),
)
@example(UDINE, "000", "498999998299")
@example(MUNICH, "", "99998200")
def test_who_was_read_as_one_of_ours_is_the_same_when_read_as_a_line(site: Location, prefix: str, digits: str) -> None:
    """A party is read as a caller first; once it is known to be of the firm, its number is read as that of a line."""
    caller = normalise(prefix + digits, site, Direction.IN, origin=Origin.PBX)
    if caller.kind is NumberKind.INTERNAL:
        again = normalise(prefix + digits, site, Direction.IN, origin=Origin.PBX, role=Role.LINE)
        assert (again.supercanonical, again.kind) == (caller.supercanonical, caller.kind)
