"""What is written in any of the ten forms is read back.

Full forms (0, 2, 4, 5, 7, 9) are read back as stored numbers at every location whose international prefix is `00`;
form 4 uses the location's own prefix, so it is read back at that location. Shortened forms (1, 3, 6, 8) are read back
as stored numbers at the location that wrote them. What a person then dials (`out`) is the same number.
"""

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from unisono.numbers import Direction, Location, NumberFormat, NumberKind, Origin, Rule, dial, format_number, normalise
from unisono.numbers.plan import SURELY_LONG
from unisono.numbers.sites import link

SHORT = {
    NumberFormat.PLAIN_SHORT,
    NumberFormat.READABLE_SHORT,
    NumberFormat.DIN_5008_SHORT,
    NumberFormat.PLAIN_HYPHEN_SHORT,
}
SITES = [
    Location.simple("Udine", "IT", "0432", trunk="5566", ranges=["100-699"], outside="0"),
    Location.simple("Munich", "DE", "89", trunk="36856", ranges=["[0-2]"], outside="0", internal_max=3),
    Location.simple("Flat", "DE", "8151", trunk="36856"),
    Location.simple("London", "GB", "20", trunk="7946", ranges=["0100-0999"], outside="9"),
    Location.simple("Boston", "US", "617", trunk="555", ranges=["0100-0199"], outside="9"),
    Location("Paris", "FR", uses_pbx=False),
    Location("Mobile", "IT", uses_pbx=False, mobile=True),
    Location("Moscow", "RU", area_code="495", uses_pbx=False),
    replace(Location.simple("Ruled", "DE", "30", outside="0"), internal_rules=(Rule("(^7?456$)", r"+492132916\1"),)),
]
DIGITS = st.text("0123456789", min_size=1, max_size=9)
NUMBERS = st.one_of(
    st.builds(lambda site, rest: f"{site.site_prefix}{rest}", st.sampled_from([x for x in SITES if x.site_prefix]), DIGITS),
    st.builds(lambda site, rest: f"+{site.country_code}{site.area}{rest}", st.sampled_from(SITES), DIGITS),
    st.builds(lambda code, rest: f"+{code}{rest}", st.sampled_from(["39", "49", "44", "1", "33", "378", "7", "800"]), DIGITS),
    st.builds(lambda rest: f"+{rest}", st.text("0123456789", min_size=6, max_size=15)),
)


@settings(max_examples=1500, deadline=None)
@given(NUMBERS, st.sampled_from(SITES), st.sampled_from(NumberFormat), st.sampled_from(SITES))
def test_every_form_is_read_back(written: str, site: Location, fmt: NumberFormat, elsewhere: Location) -> None:
    number = normalise(written, site, Direction.STORED)
    assume(number.kind is not NumberKind.INVALID)
    text = format_number(number, site, fmt)
    assert normalise(text, site, Direction.STORED).supercanonical == number.supercanonical
    if len(number.supercanonical) <= SURELY_LONG:
        return  # +33 15 is an emergency number where it is one, and elsewhere nobody's
    if fmt not in SHORT and fmt is not NumberFormat.DIALABLE and number.supercanonical.startswith("+"):
        assert normalise(text, elsewhere, Direction.STORED).supercanonical == number.supercanonical


@settings(max_examples=500, deadline=None)
@given(NUMBERS, st.sampled_from(SITES))
def test_a_super_canonical_number_is_its_own_form(written: str, site: Location) -> None:
    number = normalise(written, site, Direction.STORED)
    assume(number.kind is not NumberKind.INVALID)
    for direction in Direction:
        again = normalise(number.supercanonical, site, direction)
        assert (again.supercanonical, again.kind) == (number.supercanonical, number.kind)


@settings(max_examples=1000, deadline=None)
@given(NUMBERS, st.sampled_from(SITES), st.sampled_from(sorted(SHORT)))
def test_what_is_shown_can_be_dialled(written: str, site: Location, fmt: NumberFormat) -> None:
    number = normalise(written, site, Direction.STORED)
    assume(number.dialable)
    shown = format_number(number, site, fmt)
    assert dial(shown, site).digits == dial(number.supercanonical, site).digits


@settings(max_examples=1000, deadline=None)
@given(st.sampled_from(SITES[:2]), st.sampled_from(SITES[:5]), st.text("0123456789", min_size=5, max_size=8))
def test_what_the_pbx_gets_is_reported_back_as_the_same_number(here: Location, there: Location, rest: str) -> None:
    # Both sites have an outside digit, which tells a local number from an extension.
    number = normalise(f"+{there.country_code}{there.area}{rest}", here, Direction.STORED)
    assume(number.dialable and not number.reason)
    digits = dial(number.supercanonical, here).digits
    reported = normalise(digits, here, Direction.OUT, origin=Origin.PBX)
    assert (reported.supercanonical, reported.kind) == (number.supercanonical, number.kind)


@pytest.mark.parametrize(
    ("number", "fmt", "text"),
    [
        ("+498936856116", NumberFormat.READABLE_SHORT, "116"),
        ("+49891234567", NumberFormat.PLAIN_SHORT, "1234567"),
        ("+49891234567", NumberFormat.READABLE_SHORT, "1234567"),
        ("+49301234567", NumberFormat.PLAIN_SHORT, "0301234567"),
        ("+49301234567", NumberFormat.READABLE_SHORT, "(030) 1234567"),
        ("+49301234567", NumberFormat.DIN_5008_SHORT, "030 1234567"),
        ("+390432123456", NumberFormat.READABLE_SHORT, "+39 (0432) 123456"),
        ("+390432123456", NumberFormat.DIALABLE, "00390432123456"),
        ("+393471234567", NumberFormat.DIN_5008, "+39 347 1234567"),
        ("+4989368560", NumberFormat.READABLE, "+49 (89) 368560"),
        ("+8001234567", NumberFormat.READABLE, "+800 1234567"),
        ("112", NumberFormat.READABLE, "112"),
        ("Mario", NumberFormat.READABLE, "Mario"),
        ("  089 / 12 34 ", NumberFormat.UNFORMATTED, "  089 / 12 34 "),
    ],
)
def test_forms_in_munich(number: str, fmt: NumberFormat, text: str) -> None:
    assert format_number(number, SITES[1], fmt) == text


@pytest.mark.parametrize(
    ("number", "fmt", "text"),
    [
        ("+3904325566101", NumberFormat.PLAIN_SHORT, "101"),
        ("+3904325566101", NumberFormat.DIN_5008, "+39 0432 5566-101"),
        ("+3904325566112", NumberFormat.PLAIN_SHORT, "04325566112"),  # 112 would call the police
        ("+390432123456", NumberFormat.READABLE_SHORT, "(0432) 123456"),
        ("+390432123456", NumberFormat.DIN_5008_SHORT, "0432 123456"),
    ],
)
def test_forms_in_udine(number: str, fmt: NumberFormat, text: str) -> None:
    assert format_number(number, SITES[0], fmt) == text


def test_linked_sites_show_each_others_extensions_with_a_hyphen() -> None:
    on = {"multi_location": True, "auto_create_rules": True, "search_other_sites": True, "shorten_other_sites": True}
    here, _ = link([
        replace(Location.simple("Berlin", "DE", "30", trunk="123", ranges=["100-199"], outside="0"), **on),  # type: ignore[arg-type]
        replace(Location.simple("Hamburg", "DE", "40", trunk="456", ranges=["300-399"], outside="0"), **on),  # type: ignore[arg-type]
    ])  # fmt: skip
    assert format_number("+4940456314", here, NumberFormat.READABLE) == "+49 (40) 456-314"
    assert dial("314", here).digits == "314"
    assert str(dial("314", here).number) == "+4940456314"
