"""Numbers that the PBX reports: the incoming order, and what each field of a location changes in it."""

from dataclasses import replace

import pytest
from tests.pure.numbers.places import IN, MUNICH, OUT, STORED, UDINE, read

from unisono.numbers import NumberKind, Origin, Role, Rule, dial, explain, normalise
from unisono.numbers.location import ConnectedId


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
