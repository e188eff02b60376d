"""Numbers in contacts and files, in many countries, and the ranges of extensions."""


import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.pure.numbers.places import BOSTON, IN, MUNICH, STORED, UDINE, read

from unisono.numbers import Location, NumberKind, normalise
from unisono.numbers.location import DdiRange, RangeMode


@pytest.mark.parametrize(
    ("raw", "sc"),
    [
        ("0432 123456", "+390432123456"),
        ("123456", "+390432123456"),
        ("00432 123456", "+432123456"),  # Austria: nothing of an outside line is taken off
        ("+39 (0)432 123456", "+390432123456"),
        ("390432123456", "+390432123456"),
        ("347 1234567", "+393471234567"),
        ("800 123456", "+39800123456"),
        ("803 116", "+39803116"),
        ("0549 886377", "+390549886377"),
    ],
)
def test_stored_numbers_in_italy(raw: str, sc: str) -> None:
    assert read(raw, UDINE, STORED)[0] == sc


@pytest.mark.parametrize(
    ("raw", "sc"),
    [
        ("089 1234567", "+49891234567"),
        ("1234567", "+49891234567"),
        ("+49 (0)89 1234567", "+49891234567"),
        ("0049 (0) 89 1234567", "+49891234567"),
        ("+49 089 1234567", "+49891234567"),
        ("+441632960123", "+441632960123"),  # kept for fiction: possible, not assigned
        ("115", "+498936856115"),
    ],
)
def test_stored_numbers_in_germany(raw: str, sc: str) -> None:
    assert read(raw, MUNICH, STORED)[0] == sc


@pytest.mark.parametrize(
    ("raw", "sc"),
    [
        ("(202) 555-0123", "+12025550123"),
        ("1 202 555 0123", "+12025550123"),
        ("234-5678", "+16172345678"),
        ("011 39 0432 123456", "+390432123456"),
        ("0039 0432 123456", "+390432123456"),
        ("911", "911"),
    ],
)
def test_stored_numbers_in_north_america(raw: str, sc: str) -> None:
    assert read(raw, BOSTON, STORED)[0] == sc


@pytest.mark.parametrize(
    ("region", "area", "raw", "sc"),
    [
        ("FR", "", "01 23 45 67 89", "+33123456789"),
        ("FR", "", "123456789", "+33123456789"),
        ("RU", "495", "8 (499) 123-45-67", "+74991234567"),
        ("RU", "495", "123-45-67", "+74951234567"),
        ("HU", "1", "06 1 234 5678", "+3612345678"),
        ("ES", "", "912 345 678", "+34912345678"),
        ("GB", "20", "7946 0123", "+442079460123"),
        ("GB", "", "01534 123456", "+441534123456"),
    ],
)
def test_other_numbering_plans(region: str, area: str, raw: str, sc: str) -> None:
    assert read(raw, Location(region, region, area_code=area, uses_pbx=False), STORED)[0] == sc


def test_every_country_of_libphonenumber_agrees() -> None:
    compared = 0
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        site = Location(region, region, uses_pbx=False)
        for kind in (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE):
            example = phonenumbers.example_number_for_type(region, kind)
            if example is None:
                continue
            wanted = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
            for form in range(4):
                found = normalise(phonenumbers.format_number(example, form), site, STORED)
                owner = phonenumbers.region_code_for_number(example)
                assert (found.supercanonical, found.country) == (wanted, owner)
                compared += 1
    assert compared > 1500


def nearby(region: str) -> st.SearchStrategy[str]:
    """Numbers of a country as people dial them at home: real examples with other last digits."""
    forms = []
    for kind in phonenumbers.PhoneNumberType.values():
        example = phonenumbers.example_number_for_type(region, kind)
        if example is not None:
            forms.append(phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL))
    ends = st.text("0123456789", min_size=1, max_size=4)
    return st.builds(lambda form, end: form[: -len(end)] + end, st.sampled_from(forms), ends)


REGIONS = ["IT", "DE", "GB", "AT", "CH", "FR", "ES", "NL", "US", "RU", "BR", "PL", "SI", "HR"]


@settings(max_examples=800, deadline=None)
@given(st.sampled_from(REGIONS).flatmap(lambda region: st.tuples(st.just(region), nearby(region))))
def test_what_libphonenumber_holds_for_valid_is_read_the_same(pair: tuple[str, str]) -> None:
    region, text = pair
    parsed = phonenumbers.parse(text, region)
    found = normalise(text, Location(region, region, uses_pbx=False), STORED)
    if phonenumbers.is_valid_number(parsed) and found.kind is NumberKind.EXTERNAL:
        assert found.supercanonical == phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


@pytest.mark.parametrize(("area", "wanted"), [("0432", "0432"), ("432", "0432")])
def test_an_italian_area_code_is_understood_with_and_without_zero(area: str, wanted: str) -> None:
    assert Location.simple("Udine", "IT", area).area == wanted


def test_a_german_area_code_is_understood_with_and_without_zero() -> None:
    assert Location.simple("Munich", "DE", "089").area == Location.simple("Munich", "DE", "89").area == "89"


# --- ranges -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("30-69", ["30", "45", "69"], ["29", "70", "3", "300"]),
        ("100-499", ["100", "499"], ["099", "500", "1000", "10"]),
        ("[0-2]", ["000", "116", "299"], ["300", "11", "1160"]),
        ("90-110", ["90", "99", "100", "110"], ["89", "111", "09"]),
        ("7", ["7"], ["6", "70"]),
    ],
)
def test_both_ends_of_a_range_count(text: str, inside: list[str], outside: list[str]) -> None:
    extensions = DdiRange.parse(text)
    assert [each for each in inside + outside if extensions.holds(each, 3, 3)] == inside
    assert str(DdiRange.parse(str(extensions))) == str(extensions)


@pytest.mark.parametrize("bad", ["", "a-b", "69-30", "[10-20]", "1-", "-"])
def test_bad_ranges_are_refused(bad: str) -> None:
    if bad == "1-":
        assert DdiRange.parse(bad) == DdiRange("1", "1")
        return
    with pytest.raises(ValueError, match="range"):
        DdiRange.parse(bad)


def test_a_range_by_first_digit_needs_the_internal_length() -> None:
    site = Location("S", "DE", area_code="8151", trunk="36856", ranges=(DdiRange("0", "2", RangeMode.FIRST_DIGIT),),
                    internal_min=3, internal_max=3)  # fmt: skip
    assert read("116", site, IN)[0] == "+49815136856116"
