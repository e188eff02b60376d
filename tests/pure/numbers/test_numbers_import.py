"""Locations from a vendor's file and from JSON: what is taken, what is reported, what is refused."""

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unisono.kernel.errors import Invalid
from unisono.numbers import Direction, Location, Rule, dial, normalise
from unisono.numbers.convert import location_from_json, location_to_json
from unisono.numbers.location import (
    ConnectedId,
    DdiRange,
    DialFormat,
    HomePna,
    LcrProvider,
    LcrZone,
    ProjectPin,
    RangeMode,
    SoftphoneEmergency,
)
from unisono.numbers.locations_xml import SIZE_MOST, read_locations

BOM = b"\xef\xbb\xbf"
PUBLISHED = """<?xml version="1.0" encoding="utf-8"?>
<locations>
  <location name="Standort Büderich" CityCode="2150">
    <InternalRules>
      <Element Search="(^7?456$)" Replace="+492132916\\1" MatchReplace="0" />
      <Element Search="(^7?789$)" Replace="+492151916\\1" MatchReplace="0" />
      <Element Search="^9" Replace="" MatchReplace="0" />
    </InternalRules>
  </location>
  <location name="Standort B" CityCode="2132">
    <InternalRules>
      <Element Search="(^7?123$)" Replace="+492150916\\1" MatchReplace="0" />
    </InternalRules>
  </location>
</locations>
"""
FULL = """<locations><location name="Full" CountryID="49" u8sCityCodeNoPrefix="8151" TKAnschlussNr="36856"
 DDIRangeBegin="0" DDIRangeEnd="2" iTKMinLenInternalNumbers="3" iTKMaxLenInternalNumbers="3" TKLocalAccessCode="0"
 TKLongDistanceAccessCode="0" TKInternationalAccessCode="0" TKPrivateAccessCode="50???" ConnectedIDDealing="1"
 DialingNumberFormat="1" UseAdvancedLCR="1" UseVanity="true" VanityNumbers="0800;0700" LocationCheckSum="x"
 LocalDialingRuleHomePNAFlag="2" Surprise="1">
 <TKAkzListRemoveIn><Item>0</Item><Item>99</Item></TKAkzListRemoveIn>
 <numberFormatExternal><Element Search="^11" MatchReplace="0"/></numberFormatExternal>
 <numberFormatRegExpressListIn><Element Search="^80(.*)" Replace="0\\1"/><Element Search="^[0-9][0-9][0-9]$" Replace=""/>
 </numberFormatRegExpressListIn>
 <numberFormatRegExpressListDial><Element Search="115" Replace="215" MatchReplace="1"/></numberFormatRegExpressListDial>
 <LCRProviderVector><Provider ProviderName="Alpha" ProviderNumber="01033"/></LCRProviderVector>
 <LCRZoneList><Zone ZoneName="Germany" TimeToProviderWeekDay="%s"><ZonePrefixList><P>+49</P></ZonePrefixList></Zone>
 <Zone ZoneName="Broken" TimeToProviderWeekDay="1"/></LCRZoneList>
 <projectPINRules><Rule ProjectName="House" ProjectPin="*55*N"/></projectPINRules>
 <rulesSoftphoneEmergency><Rule Name="All" EmergencyNumber="112" Prefix="9" SubnetID="10.0.0.0" SubnetMaskLen="8"/>
 </rulesSoftphoneEmergency>
 <Unheard><Of/></Unheard>
</location><somethingElse/></locations>""" % ("1" * 48)


def test_the_published_form() -> None:
    report = read_locations(BOM + PUBLISHED.encode())
    first, second = report.locations
    assert (first.name, first.country, first.area) == ("Standort Büderich", "DE", "2150")
    assert first.internal_rules[0] == Rule("(^7?456$)", r"+492132916\1")
    assert first.internal_rules[2].replace is None  # recognises: an empty text would suppress the number
    assert str(normalise("7456", first, Direction.IN)) == "+4921329167456"
    assert dial("123", second).digits == "123"
    assert {each.message for each in report.problems} == {"the file does not say it; +49 is taken from the rules"}


def test_the_country_may_come_with_the_import() -> None:
    plain = b'<locations><location name="A" CityCode="0432"/></locations>'
    assert read_locations(plain, country="IT").locations[0].area == "0432"
    report = read_locations(plain)
    assert report.locations == ()
    assert "country" in report.problems[0].where


def test_every_known_field() -> None:
    report = read_locations(FULL.encode())
    (site,) = report.locations
    assert (site.country, site.area, site.trunk, site.timezone) == ("DE", "8151", "36856", "Europe/Berlin")
    assert site.ranges == (DdiRange("0", "2", RangeMode.FIRST_DIGIT),)
    assert (site.internal_min, site.internal_max, site.outside_private) == (3, 3, "50???")
    assert (site.connected_id, site.dial_format) == (ConnectedId.IGNORE, DialFormat.SUPERCANONICAL)
    assert (site.lcr, site.vanity, site.vanity_prefixes) == (True, True, ("0800", "0700"))
    assert site.home_pna is HomePna.LOCAL_LISTED
    assert site.strip_incoming == ("0", "99")
    assert site.external_rules == (Rule("^11"),)
    assert site.in_rules == (Rule("^80(.*)", r"0\1"), Rule("^[0-9][0-9][0-9]$", ""))
    assert site.dial_rules == (Rule("115", "215", match_replace=True),)
    assert site.lcr_providers == (LcrProvider("Alpha", "01033"),)
    assert site.lcr_zones == (LcrZone("Germany", ("+49",), "1" * 48),)
    assert site.project_pins == (ProjectPin("House", "*55*N", private=False),)
    assert site.softphone_emergencies == (SoftphoneEmergency("All", "112", "9", "10.0.0.0", 8),)
    told = {(each.where, each.message.split(":")[0].split("(")[0].strip()) for each in report.problems}
    assert ("Full: surprise", "is not known and left out") in told
    assert ("Full: unheard", "is not known and left out, with all that is in it") in told
    assert ("somethingelse", "is not known and left out, with all that is in it") in told
    assert any(where == "Full: lcrzonelist" for where, _ in told)
    assert len(told) == 4


def test_a_bad_rule_is_reported_with_its_line_and_the_rest_is_taken() -> None:
    text = PUBLISHED.replace("(^7?789$)", "((")
    report = read_locations(BOM + text.encode())
    assert len(report.locations[0].internal_rules) == 2
    (problem,) = [each for each in report.problems if "((" in each.message]
    assert problem.line == 6


def test_two_locations_of_one_name() -> None:
    report = read_locations(b'<locations><location name="A"/><location name="a"/></locations>', country="DE")
    assert len(report.locations) == 1
    assert "this name" in report.problems[0].message


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "locations-xml-broken"),
        (b"nonsense", "locations-xml-broken"),
        (b"<locations>", "locations-xml-broken"),
        (b"<locations/>", "locations-xml-empty"),
        (b"<other><thing/></other>", "locations-xml-empty"),
        (b'<!DOCTYPE l [<!ENTITY a "b">]><locations><location name="&a;"/></locations>', "locations-xml-doctype"),
        (b'<!DOCTYPE l SYSTEM "file:///etc/passwd"><locations/>', "locations-xml-doctype"),
        (b"<locations>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</locations>", "locations-xml-broken"),
        (b" " * (SIZE_MOST + 1), "locations-xml-too-large"),
    ],
)
def test_what_is_no_such_file_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_locations(data)
    assert caught.value.code == code


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 900))
def test_a_damaged_file_is_read_or_refused(noise: bytes, place: int) -> None:
    data = PUBLISHED.encode()
    with contextlib.suppress(Invalid):
        read_locations(data[:place] + noise + data[place + len(noise) :])


# --- JSON ---------------------------------------------------------------------------------------------------------


def test_json_and_back() -> None:
    site = read_locations(FULL.encode()).locations[0]
    value = location_to_json(site)
    assert value["ranges"] == ["[0-2]"]
    assert value["in_rules"][0]["search"] == "^80(.*)"  # type: ignore[index]
    assert location_from_json(value) == site
    assert location_from_json({**value, "id": "full"}) == site
    assert location_from_json({"name": "Udine", "country": "IT"}) == Location("Udine", "IT")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"country": "XX"}, "country"),
        ({"name": ""}, "name"),
        ({"name": 5}, "name"),
        ({"nonsense": 1}, "nonsense"),
        ({"_memo": []}, "_memo"),
        ({"trunk": "12-34"}, "trunk"),
        ({"area_code": "89x"}, "area_code"),
        ({"outside_local": "0?"}, "outside_local"),
        ({"outside_private": "50a"}, "outside_private"),
        ({"strip_incoming": ["0", "x"]}, "strip_incoming[1]"),
        ({"local_dialling_rule": "GH"}, "local_dialling_rule"),
        ({"vanity_prefixes": ["0800", ""]}, "vanity_prefixes[1]"),
        ({"internal_min": 5, "internal_max": 3}, "internal_min"),
        ({"internal_max": 99}, "internal_max"),
        ({"timezone": "Europe/Udine"}, "timezone"),
        ({"timezone": "../etc/passwd"}, "timezone"),
        ({"dial_format": 9}, "dial_format"),
        ({"ranges": ["9-1"]}, "ranges[0]"),
        ({"ranges": "100-200"}, "ranges"),
        ({"internal_rules": [{"search": "^1"}, {"search": "(("}]}, "internal_rules[1]"),
        ({"dial_rules": [{"search": "^(1)", "replace": "\\2"}]}, "dial_rules[0]"),
        ({"lcr_zones": [{"name": "Z", "prefixes": ["+49"], "weekday": "12"}]}, "lcr_zones[0]"),
        ({"project_pins": [{"name": "P", "pin": "xyz"}]}, "project_pins[0]"),
        ({"softphone_emergencies": [{"name": "", "number": "112", "prefix": "0", "subnet": "x", "mask": 8}]},
         "softphone_emergencies[0]"),
        ({"language": "x" * 300}, "language"),
    ],
)  # fmt: skip
def test_every_error_names_its_field(change: dict[str, Any], field: str) -> None:
    good = {"name": "Munich", "country": "DE", "area_code": "89"}
    with pytest.raises(Invalid) as caught:
        location_from_json({**good, **change})
    assert caught.value.data["field"] == field


@pytest.mark.parametrize("value", [None, [], "x", 5, {}])
def test_what_is_no_location_is_refused(value: object) -> None:
    with pytest.raises(Invalid):
        location_from_json(value)


def test_generated_rules_are_never_taken_from_outside() -> None:
    made = location_from_json({"name": "M", "country": "DE", "site_rules_in": [{"search": "^1", "replace": "+1"}]})
    assert made.site_rules_in == ()


def test_a_location_that_was_used_is_still_json() -> None:
    location = Location.simple("Udine", "IT", "0432", "100", ("100-199",))
    fresh = location_to_json(location)
    normalise("0432100101", location, Direction.IN)
    assert location_to_json(location) == fresh


def test_what_is_left_out_is_said_by_codes_for_the_readers_language() -> None:
    report = read_locations(
        b'<locations><location name="Udine" CountryCode="39" CityCode="04a" InternalMaxLen="many" Colour="red">'
        b'<InternalRules><Element Search="(1" Replace=""/></InternalRules></location></locations>'
    )
    told = {(each.code, each.data.get("problem"), each.data.get("value")) for each in report.problems}
    assert ("unknown", None, "red") in told
    assert ("rule", "pattern", "(1") in told
    assert ("location", "digits", None) in told
    assert report.locations == ()
