"""Least cost, projects, emergencies, North America, and explanations."""

from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

import pytest
from tests.pure.numbers.places import BOSTON, IN, MUNICH, OUT, UDINE, read

from unisono.kernel.errors import Invalid
from unisono.numbers import Direction, NumberFormat, Origin, Role, Rule, dial, explain, normalise
from unisono.numbers.location import (
    ForeignPna,
    HomePna,
    LcrProvider,
    LcrZone,
    ProjectPin,
    ProjectType,
    SoftphoneEmergency,
)

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
        "rule": r"in-rules 2: ^80(.*) -> 0\1", "hit": True, "note": "", "note_code": "",
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


@pytest.mark.parametrize(
    ("raw", "code"),
    [("+39 xyz", "letters"), ("", "anonymous"), ("+999 1", "unknown-country-code"), ("0432 100 103", "")],
)
def test_why_a_number_cannot_be_dialled_has_a_code_beside_its_sentence(raw: str, code: str) -> None:
    found = explain(raw, UDINE, OUT).to_json()
    assert found["problem_code"] == code
    assert bool(found["problem"]) == bool(code)


def test_what_a_stage_decided_has_a_code_beside_its_sentence() -> None:
    found = explain("0432 100103 from nine", UDINE, Direction.STORED)
    assert found.stages[0].note == "words-left-out"
    stages = found.to_json()["stages"]
    assert isinstance(stages, list)
    assert (stages[0]["note"], stages[0]["note_code"]) == ("the words after the number are left out", "words-left-out")
