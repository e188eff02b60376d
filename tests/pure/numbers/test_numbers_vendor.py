"""Every example the vendor's manuals print for locations: pattern rows, orders, formats."""

import pytest

from unisono.numbers import Direction, Location, NumberFormat, NumberKind, Rule, dial, format_number, normalise
from unisono.numbers.rules import RuleList

IN, OUT, STORED = Direction.IN, Direction.OUT, Direction.STORED


@pytest.mark.parametrize(
    ("search", "replace", "before", "after"),
    [
        ("^0(.*)", r"\1", "0891234", "891234"),
        ("^80(.*)", r"0\1", "80891234", "0891234"),
        ("^50[0-9][0-9][0-9](.*)", r"\1", "50123089123456", "089123456"),
        ("^[0-9][0-9][0-9]$", "", "123", ""),
        ("^([0-9][0-9][0-9].+)", r"0\1", "089123", "0089123"),
        ("^([0-9][0-9]?[0-9]?)$", r"03012345\1", "12", "0301234512"),
        ("^([0-9][0-9]?[0-9]?)$", r"03012345\1", "123", "03012345123"),
        ("^([^0][0-9][0-9][0-9].*)", r"08151\1", "12345", "0815112345"),
        (r"^\+49891234(.*)", r"80\1", "+49891234567", "80567"),
        ("^11833$", "11855", "11833", "11855"),
        ("^115$", "215", "115", "215"),
        ("(^7?456$)", r"+492132916\1", "456", "+492132916456"),
        ("(^7?456$)", r"+492132916\1", "7456", "+4921329167456"),
    ],
)
def test_printed_rows_replace_as_printed(search: str, replace: str, before: str, after: str) -> None:
    hit = RuleList((Rule(search, replace),)).find(before)
    assert hit is not None
    assert hit.after == after


@pytest.mark.parametrize(
    ("search", "number"),
    [
        ("^[0-9][0-9][0-9]$", "1234"),
        ("^([0-9][0-9][0-9].+)", "123"),
        ("^([0-9][0-9]?[0-9]?)$", "1234"),
        ("^([^0][0-9][0-9][0-9].*)", "0891"),
        ("^11833$", "118334"),
        ("(^7?456$)", "8456"),
        ("^77[0-9][0-9][0-9]$", "77"),
        ("^77[0-9][0-9][0-9]$", "7712"),
    ],
)
def test_printed_rows_leave_others_alone(search: str, number: str) -> None:
    assert RuleList((Rule(search, ""),)).find(number) is None


def starnberg(**fields: object) -> Location:
    """The vendor's sample site: +49 8151 36856, extensions beginning with 0, 1 or 2."""
    from dataclasses import replace

    site = Location.simple("Starnberg", "DE", "8151", trunk="36856", ranges=["[0-2]"], outside="0", internal_max=3)
    return replace(site, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fmt", "text"),
    [
        (NumberFormat.PLAIN, "+49815136856116"),
        (NumberFormat.PLAIN_SHORT, "116"),
        (NumberFormat.READABLE, "+49 (8151) 36856-116"),
        (NumberFormat.READABLE_SHORT, "116"),
        (NumberFormat.DIALABLE, "0049815136856116"),
        (NumberFormat.DIN_5008, "+49 8151 36856-116"),
        (NumberFormat.DIN_5008_SHORT, "116"),
        (NumberFormat.PLAIN_HYPHEN, "+49815136856-116"),
        (NumberFormat.PLAIN_HYPHEN_SHORT, "116"),
        (NumberFormat.UNFORMATTED, "+49815136856116"),
    ],
)
def test_ten_formats(fmt: NumberFormat, text: str) -> None:
    assert format_number("+49815136856116", starnberg(), fmt) == text
    assert int(fmt) in range(10)


def test_display_of_a_subscriber_in_berlin() -> None:
    assert format_number("+4930123456", starnberg(), NumberFormat.READABLE) == "+49 (30) 123456"
    assert str(normalise("+49 (30) 1234567", starnberg(), STORED)) == "+49301234567"


def test_a_country_code_swallows_the_national_prefix() -> None:
    # A help page prints +4901234567; no such number exists.
    assert str(normalise("+4901234567", starnberg(), STORED)) == "+491234567"


@pytest.mark.parametrize("number", ["110", "11833"])
def test_service_numbers_stay_as_dialled(number: str) -> None:
    found = normalise(number, starnberg(), OUT)
    assert found.supercanonical == number
    assert dial(number, starnberg()).digits == number


@pytest.mark.parametrize(
    ("search", "number", "external"),
    [
        ("^110$", "110", True),
        ("^11", "114", True),
        ("^11", "11833", True),
        ("^11[0-9][0-9][0-9]$", "11833", True),
        ("^11[0-9][0-9][0-9]$", "115", False),
        ("^9", "911", True),
    ],
)
def test_external_rules_win_over_lengths(search: str, number: str, external: bool) -> None:
    site = starnberg(ranges=(), external_rules=(Rule(search),))
    for direction in (IN, OUT):
        found = normalise(number, site, direction)
        assert (found.kind is not NumberKind.INTERNAL) is external, direction
    assert dial(number, site).digits == number


@pytest.mark.parametrize(("search", "number"), [("^9", "91234"), ("^77[0-9]?[0-9]?[0-9]?$", "77123"), ("^77", "7712345")])
def test_internal_rules_win_over_lengths(search: str, number: str) -> None:
    site = starnberg(internal_rules=(Rule(search),))
    assert normalise(number, site, IN).kind is NumberKind.INTERNAL
    assert dial(number, site).digits == number


def test_external_rules_come_before_internal_rules() -> None:
    site = starnberg(external_rules=(Rule("^9"),), internal_rules=(Rule("^9"),))
    assert normalise("912", site, IN).kind is not NumberKind.INTERNAL


@pytest.mark.parametrize(
    ("rule", "number", "digits"),
    [
        (Rule(r"^\+49891234(.*)", r"80\1"), "+49 89 1234567", "80567"),
        (Rule(r"^\+49891234(.*)", r"80\1"), "089 1234567", "80567"),
        (Rule("^11833$", "11855"), "11833", "11855"),
        (Rule("^115$", "215"), "115", "215"),
        (Rule("^115$", "215"), "+49 8151 36856-115", "215"),
        (Rule(r"^\+4989(.*)", r"+4930\1"), "089 1234567", "0030" + "1234567"),
    ],
)
def test_dial_rules_run_for_every_number(rule: Rule, number: str, digits: str) -> None:
    assert dial(number, starnberg(dial_rules=(rule,))).digits == digits


def test_incoming_rules_before_the_outside_digit() -> None:
    # In rules come second, the outside digit third: the rule still sees it.
    site = starnberg(in_rules=(Rule("^0080(.*)", r"00\1"),))
    found = normalise("0080" + "89123456", site, IN)
    assert found.supercanonical == "+4989123456"


def test_a_rule_that_leaves_nothing_suppresses_the_number() -> None:
    site = starnberg(in_rules=(Rule("^[0-9][0-9][0-9]$", ""),))
    found = normalise("116", site, IN)
    assert (found.kind, found.supercanonical) == (NumberKind.ANONYMOUS, "")


def test_sites_file_row_gives_the_final_number() -> None:
    site = starnberg(internal_rules=(Rule("(^7?456$)", r"+492132916\1"),))
    assert str(normalise("7456", site, IN)) == "+4921329167456"
    called = dial("456", site)
    assert (called.digits, str(called.number)) == ("456", "+492132916456")


def test_rows_of_other_sites_shorten_whole_numbers_where_that_is_on() -> None:
    site = starnberg(internal_rules=(Rule("(^7?456$)", r"+492132916\1"),))
    assert dial("+49 2132 916456", site).digits == "002132916456"
    shortening = starnberg(internal_rules=site.internal_rules, shorten_other_sites=True)
    assert dial("+49 2132 916456", shortening).digits == "456"
    assert dial("+49 2132 9167456", shortening).digits == "7456"
    assert normalise("+492132916456", shortening, IN).kind is NumberKind.INTERNAL


def test_two_sites_dial_each_other_inside() -> None:
    # +49 30 123-156 calls +49 40 456-314: without linked sites 0 0 40 456 314, with them 314.
    from unisono.numbers.sites import link

    berlin = Location.simple("Berlin", "DE", "30", trunk="123", ranges=["100-199"], outside="0")
    hamburg = Location.simple("Hamburg", "DE", "40", trunk="456", ranges=["300-399"], outside="0")
    assert dial("+49 40 456-314", berlin).digits == "0040456314"
    linked = [link_on(site) for site in (berlin, hamburg)]
    here, there = link(linked)
    assert dial("+49 40 456-314", here).digits == "314"
    assert str(normalise("314", here, IN)) == "+4940456314"
    assert str(normalise("156", there, IN)) == "+4930123156"


def link_on(site: Location) -> Location:
    from dataclasses import replace

    return replace(site, multi_location=True, auto_create_rules=True, search_other_sites=True, shorten_other_sites=True)
