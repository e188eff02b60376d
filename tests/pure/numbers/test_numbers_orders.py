"""The orders in which a number is read and dialled, and what each field of a location changes in them."""

from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unisono.kernel.errors import Invalid
from unisono.numbers import Direction, Location, NumberFormat, NumberKind, Origin, Role, Rule, dial, explain, normalise
from unisono.numbers.location import (
    ConnectedId,
    DdiRange,
    DialFormat,
    ForeignPna,
    HomePna,
    LcrProvider,
    LcrZone,
    ProjectPin,
    ProjectType,
    RangeMode,
    SoftphoneEmergency,
)

IN, OUT, STORED = Direction.IN, Direction.OUT, Direction.STORED
UDINE = Location.simple("Udine", "IT", "0432", trunk="5566", ranges=["100-699"], outside="0")
MUNICH = Location.simple("Munich", "DE", "89", trunk="36856", ranges=["[0-2]"], outside="0", internal_max=3)
BOSTON = replace(Location.simple("Boston", "US", "617", trunk="555", ranges=["0100-0199"], outside="9"), strip_incoming=())


def read(raw: str, site: Location, direction: Direction, **how: Any) -> tuple[str, str]:
    found = normalise(raw, site, direction, **how)
    return found.supercanonical, found.kind.value


# --- incoming -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "sc", "kind"),
    [
        ("00301234567", "+49301234567", "external"),  # 0 030 1234567
        ("0004312345678", "+4312345678", "external"),
        ("0123456", "+4989123456", "external"),  # outside digit, then a local number
        ("116", "+498936856116", "internal"),
        ("345", "345", "internal"),  # of internal length, outside the range: nobody dials it from outside
        ("+498936856116", "+498936856116", "internal"),
        ("+498936856316", "+498936856316", "external"),
        ("110", "110", "emergency"),
        ("112", "112", "emergency"),
        ("011833", "11833", "service"),
        ("", "", "anonymous"),
        ("*21#", "*21#", "feature"),
    ],
)
def test_callers_in_germany(raw: str, sc: str, kind: str) -> None:
    assert read(raw, MUNICH, IN) == (sc, kind)


@pytest.mark.parametrize(
    ("raw", "sc"),
    [
        ("00432123456", "+390432123456"),  # the PBX put its 0 before the number
        ("0432123456", "+390432123456"),  # it did not: its 0 is the area code's
        ("03471234567", "+393471234567"),
        ("3471234567", "+393471234567"),
        ("000441632960123", "+441632960123"),
        ("00800123456", "+390800123456"),
        ("0112", "112"),
        ("101", "+3904325566101"),
    ],
)
def test_callers_in_italy_keep_the_zero_of_the_area(raw: str, sc: str) -> None:
    assert read(raw, UDINE, IN)[0] == sc


@pytest.mark.parametrize("number", ["112", "113", "115", "118", "117", "114"])
def test_emergency_numbers_inside_a_range_are_never_extensions(number: str) -> None:
    for direction in (IN, OUT, STORED):
        assert read(number, UDINE, direction) == (number, "emergency")
    assert dial(number, UDINE).digits == number
    # Not even for a rule that calls everything internal, nor behind the trunk number.
    assert read(number, replace(UDINE, internal_rules=(Rule("^1"),)), IN) == (number, "emergency")
    assert read(f"+39 0432 5566{number}", UDINE, STORED)[1] == "external"


def test_a_service_number_may_have_the_length_of_an_extension() -> None:
    site = replace(MUNICH, internal_min=3, internal_max=6, ranges=())
    assert read("116117", site, IN) == ("116117", "service")
    assert read("11833", site, OUT) == ("11833", "service")


def test_an_outside_digit_makes_external() -> None:
    site = replace(MUNICH, internal_min=2, internal_max=6)
    assert read("116", site, IN)[1] == "internal"
    assert read("01161", site, IN) == ("+49891161", "external")


def test_numbers_of_a_call_that_leaves_have_lists_of_their_own() -> None:
    site = replace(
        MUNICH, strip_incoming=("0",), strip_outgoing=("9",), strip_forwarding=("88",), strip_connected_in=("7",),
        strip_connected_out=("66",), out_rules=(Rule("^950([0-9][0-9])(.*)", r"9\2"),), in_rules=(Rule("^5", "05"),),
    )  # fmt: skip
    pbx = Origin.PBX
    assert read("0030123456", site, IN)[0] == "+4930123456"
    assert read("9030123456", site, OUT, origin=pbx)[0] == "+4930123456"
    assert read("950" + "12" + "030123456", site, OUT, origin=pbx)[0] == "+4930123456"
    assert read("5123456", site, IN)[0] == "+49895123456"
    assert read("88030123456", site, IN, role=Role.FORWARDING)[0] == "+4930123456"
    assert read("7030123456", site, IN, role=Role.CONNECTED)[0] == "+4930123456"
    assert read("66030123456", site, OUT, origin=pbx, role=Role.CONNECTED)[0] == "+4930123456"
    assert read("0030123456", site, IN, role=Role.REDIRECTING)[0] == "+4930123456"


def test_a_connected_number_can_be_ignored() -> None:
    site = replace(MUNICH, connected_id=ConnectedId.IGNORE)
    found = normalise("0030123456", site, IN, role=Role.CONNECTED)
    assert (found.kind, found.reason) == (NumberKind.ANONYMOUS, "connected-id-ignored")


@pytest.mark.parametrize("raw", ["0010330301234567", "0010033" + "0301234567"])
def test_call_by_call_codes_go_from_outgoing_numbers_only(raw: str) -> None:
    assert read(raw, MUNICH, OUT, origin=Origin.PBX)[0] == "+49301234567"
    assert read(raw, MUNICH, IN)[0] != "+49301234567"


def test_private_codes_in_a_list_may_hold_placeholders() -> None:
    site = replace(MUNICH, strip_outgoing=("0", "50???", "8%#"))
    assert read("50123" + "030123456", site, OUT, origin=Origin.PBX)[0] == "+4930123456"
    assert read("84711#" + "030123456", site, OUT, origin=Origin.PBX)[0] == "+4930123456"


def test_the_first_rule_wins_and_its_result_meets_no_other() -> None:
    rules = (Rule("^1(.*)", r"2\1"), Rule("^2(.*)", r"3\1"), Rule("^1", "9"))
    assert read("0123456", replace(MUNICH, strip_incoming=(), in_rules=(Rule("^0", "1"), Rule("^1", "2"))), IN) == (
        "+4989" + "1123456",
        "external",
    )
    assert explain("1234567", replace(MUNICH, in_rules=rules), IN).stages[1].rule == r"in-rules 1: ^1(.*) -> 2\1"
    assert read("1234567", replace(MUNICH, in_rules=rules), IN)[0] == "+49892234567"


def test_what_a_pattern_leaves_out_stays() -> None:
    # Not defined by the vendor: the matched part is replaced, as everywhere else.
    assert read("00891234567", replace(MUNICH, strip_incoming=(), in_rules=(Rule("^0", ""),)), IN)[0] == "+49891234567"


def test_match_replace_compares_the_whole_number_literally() -> None:
    site = replace(MUNICH, in_rules=(Rule("116", "0030123456", match_replace=True),))
    assert read("116", site, IN)[0] == "+4930123456"
    assert read("1161", site, IN)[0] != "+4930123456"


def test_line_rules_alone_build_line_numbers() -> None:
    assert read("116", MUNICH, IN, role=Role.LINE) == ("+498936856116", "internal")
    site = replace(MUNICH, line_rules=(Rule("^8(...)$", r"+498936856\1"),))
    assert read("8116", site, IN, role=Role.LINE)[0] == "+498936856116"
    assert read("116", site, IN, role=Role.LINE)[0] == "116"


# --- stored -------------------------------------------------------------------------------------------------------


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


# --- dialling -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "digits"),
    [
        ("116", "116"),
        ("+49 89 36856-116", "116"),
        ("089 36856116", "116"),
        ("089 1234567", "01234567"),
        ("030 1234567", "00301234567"),
        ("+39 0432 123456", "000390432123456"),
        ("tel:+390432123456", "000390432123456"),
        ("112", "112"),
        ("0112", "0112"),
        ("+49112", "112"),
        ("*21*030123456#", "*21*030123456#"),
    ],
)
def test_dialled_in_germany(raw: str, digits: str) -> None:
    assert dial(raw, MUNICH).digits == digits


@pytest.mark.parametrize(
    ("raw", "digits"),
    [
        ("0432 123456", "00432123456"),  # Italians dial the area code always
        ("123456", "00432123456"),
        ("+393471234567", "03471234567"),
        ("+498936856116", "000498936856116"),
        ("118", "118"),
    ],
)
def test_dialled_in_italy(raw: str, digits: str) -> None:
    assert dial(raw, UDINE).digits == digits


@pytest.mark.parametrize(
    ("form", "digits"),
    [
        (DialFormat.NORMAL, "00301234567"),
        (DialFormat.SUPERCANONICAL, "+49301234567"),
        (DialFormat.PLAIN, "49301234567"),
        (DialFormat.DIALABLE_PLAIN, "0" + "0049301234567"),
    ],
)
def test_dial_formats_leave_extensions_alone(form: DialFormat, digits: str) -> None:
    site = replace(MUNICH, dial_format=form)
    assert dial("030 1234567", site).digits == digits
    assert dial("+49 89 36856-116", site).digits == "116"
    assert dial("110", site).digits == "110"


def test_outside_digits_for_each_kind_of_call() -> None:
    site = replace(
        MUNICH, outside_local="1", outside_national="2", outside_international="3", outside_forwarding="4",
    )  # fmt: skip
    assert dial("1234567", site).digits == "11234567"
    assert dial("030 123456", site).digits == "2030123456"
    assert dial("+390432123456", site).digits == "300390432123456"
    assert dial("030 123456", site, forwarding=True).digits == "4030123456"


@pytest.mark.parametrize(
    ("code", "pin", "digits"),
    [("50???", "123", "50123030123456"), ("8%", "4711", "84711030123456"), ("7?%#", "4711", "74711#030123456")],
)
def test_private_calls_take_the_private_line_with_its_pin(code: str, pin: str, digits: str) -> None:
    site = replace(MUNICH, outside_private=code)
    assert dial("030 123456", site, private_pin=pin).digits == digits
    assert dial("116", site, private_pin=pin).digits == "116"


@pytest.mark.parametrize(("code", "pin"), [("", "123"), ("50???", "12"), ("50???", "1234"), ("50???", "abc"), ("8%", "x")])
def test_a_pin_that_does_not_fit_is_refused(code: str, pin: str) -> None:
    with pytest.raises(Invalid) as caught:
        dial("030 123456", replace(MUNICH, outside_private=code), private_pin=pin)
    assert caught.value.data["field"] in ("private_pin", "outside_private")
    assert pin not in caught.value.message


def test_vanity_letters_only_behind_their_prefixes() -> None:
    site = replace(MUNICH, vanity=True, vanity_prefixes=("0800", "0700"))
    assert dial("0800 REIFEN", site).digits == "00800734336"
    assert str(normalise("0700-flowers", site, OUT)) == "+497003569377"
    stages = explain("0800 Reifen", site, OUT).stages
    assert [(each.name, each.after) for each in stages[:2]] == [("clean", "0800REIFEN"), ("vanity", "0800734336")]
    with pytest.raises(Invalid) as caught:
        dial("0900 REIFEN", site)
    assert caught.value.data["reason"] == "letters"
    with pytest.raises(Invalid):
        dial("0800 REIFEN", MUNICH)


def test_dialling_rules_are_templates() -> None:
    site = replace(
        MUNICH, local_dialling_rule="FG", national_dialling_rule="9FG", international_dialling_rule="010EFG"
    )
    assert dial("1234567", site).digits == "0891234567"
    assert dial("030 1234567", site).digits == "09301234567"
    assert dial("+390432123456", site).digits == "0010390432123456"
    assert dial("1234567", replace(MUNICH, always_dial_area_code=True)).digits == "00891234567"


def test_a_short_local_number_is_dialled_whole_where_no_outside_digit_parts_it() -> None:
    site = replace(MUNICH, outside_local="", outside_national="", internal_max=4, ranges=())
    assert dial("+49 89 4711", site).digits == "0894711"
    assert dial("+49 89 11833", site).digits == "08911833"
    assert dial("+49 89 1234567", site).digits == "1234567"


def test_external_and_internal_rules_dial_as_it_is() -> None:
    site = replace(MUNICH, external_rules=(Rule("^0800"), Rule("^9(.*)", r"8\1")), internal_rules=(Rule("^77"),))
    assert dial("0800 123456", site).digits == "0800123456"
    assert str(dial("0800 123456", site).number) == "+49800123456"
    assert dial("9123", site).digits == "8123"
    assert dial("77123456", site).digits == "77123456"


def test_final_rules_come_last_and_see_what_the_pbx_would_get() -> None:
    site = replace(MUNICH, final_dial_rules=(Rule("^0(.*)", r"9\1"), Rule("^116$", "216")), dial_rules=(Rule("^110$", "0110"),))
    assert dial("030 1234567", site).digits == "90301234567"
    assert dial("116", site).digits == "216"
    assert dial("110", site).digits == "9110"


def test_a_rule_can_bar_a_number() -> None:
    with pytest.raises(Invalid) as caught:
        dial("0900 123456", replace(MUNICH, dial_rules=(Rule(r"^\+49900.*", ""),)))
    assert caught.value.data["reason"] == "barred-by-rule"


@pytest.mark.parametrize("raw", ["", "Mario", "0800 REIFEN", "+999123"])
def test_what_is_no_number_is_not_dialled(raw: str) -> None:
    with pytest.raises(Invalid) as caught:
        dial(raw, MUNICH)
    assert caught.value.data["reason"]


# --- least cost ---------------------------------------------------------------------------------------------------

DAY = "1" * 16 + "2" * 20 + "0" * 12
LCR = replace(
    MUNICH,
    lcr=True,
    timezone="Europe/Berlin",
    lcr_providers=(LcrProvider("Alpha", "01033"), LcrProvider("Beta", "010055")),
    lcr_zones=(
        LcrZone("Germany", ("+49",), DAY, "2" * 48, ""),
        LcrZone("Mobile", ("+4917", "+4915"), "2" * 48),
        LcrZone("Vodafone", ("+49171",), "1" * 48),
        LcrZone("Also Vodafone", ("+49171",)),
        LcrZone("Italy", ("+39",), "1" * 48),
    ),
)


@pytest.mark.parametrize(
    ("at", "provider", "digits"),
    [
        (datetime(2026, 11, 23, 7, 59), "Alpha", "001033030123456"),
        (datetime(2026, 11, 23, 8, 0), "Beta", "0010055030123456"),
        (datetime(2026, 11, 23, 17, 59), "Beta", "0010055030123456"),
        (datetime(2026, 11, 23, 18, 0), "", "0030123456"),
        (datetime(2026, 11, 21, 3, 0), "Beta", "0010055030123456"),  # a Saturday
        (datetime(2026, 11, 22, 3, 0), "", "0030123456"),  # a Sunday
        (datetime(2026, 11, 23, 6, 59, tzinfo=UTC), "Alpha", "001033030123456"),  # 7:59 in Munich
        (datetime(2026, 11, 23, 7, 0, tzinfo=UTC), "Beta", "0010055030123456"),
        (None, "", "0030123456"),
    ],
)
def test_carrier_by_half_hours(at: datetime | None, provider: str, digits: str) -> None:
    called = dial("030 123456", LCR, at=at)
    assert (called.provider, called.digits) == (provider, digits)


def test_the_longest_zone_wins_and_between_equals_the_one_without_carrier() -> None:
    at = datetime(2026, 11, 23, 3, 0)
    assert dial("0172 1234567", LCR, at=at).provider == "Beta"
    assert dial("0171 1234567", LCR, at=at).provider == ""
    assert dial("+390432123456", LCR, at=at).digits == "0" + "01033" + "00390432123456"
    assert dial("+441632960123", LCR, at=at).provider == ""


def test_a_carrier_needs_the_area_code_and_leaves_extensions_alone() -> None:
    at = datetime(2026, 11, 23, 3, 0)
    assert dial("089 1234567", LCR, at=at).digits == "0" + "01033" + "0891234567"
    assert dial("116", LCR, at=at).provider == ""
    assert dial("112", LCR, at=at).digits == "112"
    assert dial("030 123456", replace(LCR, lcr=False), at=at).provider == ""


def test_the_carriers_code_is_known_when_the_pbx_reports_the_call() -> None:
    assert read("0" + "01033" + "030123456", LCR, OUT, origin=Origin.PBX)[0] == "+4930123456"


# --- projects, emergencies, North America -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "digits", "after"),
    [
        ("*55*4711*", "*55*4711*0030123456", ""),
        ("*55*N#", "*55*0030123456#", ""),
        ("0800123Ceee#PN", "0800123", "123#P0030123456"),
        ("0800123pCE*uu*", "0800123,", "123*42*0030123456"),
        ("9P", "9,,0030123456", ""),
    ],
)
def test_project_codes(code: str, digits: str, after: str) -> None:
    site = replace(MUNICH, project_pins=(ProjectPin("House", code),))
    called = dial("030 123456", site, project="House", user_pin="123", user_id="42")
    assert (called.digits, called.after_answer) == (digits, after)


def test_project_codes_that_are_not_dialled_or_lack_something() -> None:
    site = replace(
        MUNICH,
        project_pins=(ProjectPin("Journal", "4711", ProjectType.JOURNAL), ProjectPin("Pin", "eeeN"), ProjectPin("Out", "XN")),
    )
    assert dial("030 123456", site, project="Journal").digits == "0030123456"
    assert dial("116", site, project="Out").digits == "036856116"
    for project, pin in (("Pin", ""), ("Pin", "12"), ("Pin", "1x3"), ("None", "")):
        with pytest.raises(Invalid):
            dial("030 123456", site, project=project, user_pin=pin)


def test_a_softphone_calls_help_for_the_site_it_is_at() -> None:
    site = replace(
        MUNICH,
        softphone_emergency=True,
        softphone_emergencies=(
            SoftphoneEmergency("All", "", "0", "10.0.0.0", 8),
            SoftphoneEmergency("Udine", "112", "91", "10.2.0.0", 16),
            SoftphoneEmergency("Six", "112", "92", "2001:db8::", 32),
        ),
    )
    assert dial("112", site, client=ip_address("10.2.3.4")).digits == "91112"
    assert dial("110", site, client=ip_address("10.2.3.4")).digits == "0110"
    assert dial("112", site, client=ip_address("2001:db8::1")).digits == "92112"
    assert dial("112", site, client=ip_address("192.0.2.1")).digits == "112"
    assert dial("112", site).digits == "112"
    assert dial("030 123456", site, client=ip_address("10.2.3.4")).digits == "0030123456"


@pytest.mark.parametrize(
    ("fields", "raw", "digits"),
    [
        ({}, "234-5678", "92345678"),
        ({}, "(202) 555-0123", "912025550123"),
        ({}, "+39 0432 123456", "9011390432123456"),
        ({}, "911", "911"),
        ({"home_pna": HomePna.TOLL_LISTED, "home_pna_toll": ("234",)}, "234-5678", "916172345678"),
        ({"home_pna": HomePna.TOLL_LISTED, "home_pna_toll": ("234",)}, "345-5678", "93455678"),
        ({"home_pna": HomePna.LOCAL_LISTED, "home_pna_local": ("234",)}, "345-5678", "916173455678"),
        ({"home_pna": HomePna.LOCAL_LISTED, "home_pna_local": ("234",)}, "234-5678", "92345678"),
        ({"foreign_pna": True, "foreign_pna_local": (ForeignPna("202", ("333",)),)}, "(202) 333-5678", "92023335678"),
        ({"foreign_pna": True, "foreign_pna_local": (ForeignPna("202", ("333",)),)}, "(202) 444-5678", "912024445678"),
        ({"always_dial_area_code": True}, "234-5678", "96172345678"),
    ],
)
def test_local_and_toll_calls_in_north_america(fields: dict[str, Any], raw: str, digits: str) -> None:
    assert dial(raw, replace(BOSTON, **fields)).digits == digits


# --- explanation --------------------------------------------------------------------------------------------------


def test_an_explanation_names_every_stage_and_the_rule_that_hit() -> None:
    site = replace(MUNICH, in_rules=(Rule("^5", "6"), Rule("^80(.*)", r"0\1")))
    told = explain("80030123456", site, IN).to_json()
    assert told["supercanonical"] == "+4930123456"
    assert (told["kind"], told["dialled"], told["problem"]) == ("external", "0030123456", None)
    stages = told["stages"]
    assert isinstance(stages, list)
    assert [each["stage"] for each in stages] == ["clean", "in-rules", "outside-line", "supercanonical"]
    assert stages[1] == {
        "stage": "in-rules", "name": "in-rules", "before": "80030123456", "after": "0030123456",
        "rule": r"in-rules 2: ^80(.*) -> 0\1", "hit": True, "note": "",
    }  # fmt: skip


def test_explanation_and_result_are_the_same_for_everything() -> None:
    for raw in ("116", "0301234", "+39 0432 1234", "112", "0112", "Mario", "", "*21#", "345"):
        for direction in Direction:
            for origin in Origin:
                for role in Role:
                    told = explain(raw, MUNICH, direction, origin=origin, role=role)
                    found = normalise(raw, MUNICH, direction, origin=origin, role=role)
                    assert told.number == found
                    assert bool(told.dialled) is found.dialable


def test_a_dialled_number_is_followed_to_the_pbx() -> None:
    told = explain("0171 1234567", LCR, OUT, at=datetime(2026, 11, 23, 3, 0))
    names = [stage.name for stage in told.stages]
    assert names[-2:] == ["least-cost", "dial-format"]
    assert told.stages[-2].rule == "zone Also Vodafone (+49171): no provider"
    assert told.dialled == "001711234567"
    assert dict(told.formats)[NumberFormat.READABLE] == "+49 (171) 1234567"
