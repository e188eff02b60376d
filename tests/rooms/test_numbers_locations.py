"""The locations of a server: kept, linked, imported, and read without waiting."""

from dataclasses import replace

import pytest

from unisono.kernel.errors import Conflict, Invalid, NotFound
from unisono.numbers import Direction, Location, Rule, normalise
from unisono.numbers.convert import location_from_json
from unisono.numbers.service import Locations
from unisono.storage import Database

pytestmark = pytest.mark.usefixtures("tables")

UDINE = Location.simple("Udine", "IT", "0432", trunk="5566", ranges=["100-199"], outside="0")
MUNICH = Location.simple("Munich", "DE", "89", trunk="36856", ranges=["200-299"], outside="0")


async def test_locations_survive_a_restart_in_their_order(database: Database) -> None:
    first = Locations(database)
    await first.load()
    with pytest.raises(NotFound):
        first.default()
    await first.save("udine", UDINE)
    await first.save("munich", replace(MUNICH, in_rules=(Rule("^80(.*)", r"0\1"),)))
    await first.save("udine", replace(UDINE, language="it"))
    again = Locations(database)
    await again.load()
    assert list(again.all()) == ["udine", "munich"]
    assert again.all() == first.all()
    assert again.default() is again.get("udine")
    assert again.get("udine").language == "it"
    assert again.find("MUNICH") is again.get("munich")


async def test_sites_know_each_others_extensions_as_soon_as_one_changes(database: Database) -> None:
    locations = Locations(database)
    on = {"multi_location": True, "auto_create_rules": True, "search_other_sites": True}
    await locations.save("udine", replace(UDINE, **on))  # type: ignore[arg-type]
    assert normalise("201", locations.get("udine"), Direction.IN).site == "Udine"
    await locations.save("munich", replace(MUNICH, **on))  # type: ignore[arg-type]
    found = normalise("201", locations.get("udine"), Direction.IN)
    assert (found.supercanonical, found.site) == ("+498936856201", "Munich")
    assert locations.get("udine").site_rules_in[0].auto_created
    again = Locations(database)
    await again.load()
    assert again.all() == locations.all()
    await locations.remove("munich")
    assert normalise("201", locations.get("udine"), Direction.IN).site == "Udine"
    with pytest.raises(NotFound):
        locations.get("munich")


async def test_what_cannot_be_meant_is_refused_and_nothing_changes(database: Database) -> None:
    locations = Locations(database)
    await locations.save("udine", UDINE)
    with pytest.raises(Conflict):
        await locations.save("other", replace(MUNICH, name="udine"))
    with pytest.raises(Invalid) as caught:
        await locations.save("munich", replace(MUNICH, trunk="abc"))
    assert caught.value.data["field"] == "trunk"
    with pytest.raises(Invalid):
        await locations.save("No Id", MUNICH)
    with pytest.raises(NotFound):
        await locations.remove("munich")
    assert list(locations.all()) == ["udine"]


@pytest.mark.parametrize(
    ("fields", "field", "problem", "more"),
    [
        ({"name": " "}, "name", "missing", {}),
        ({"area_code": "04a"}, "area_code", "digits", {}),
        ({"country": "XX"}, "country", "country", {}),
        ({"timezone": "Europe/Udine"}, "timezone", "time-zone", {}),
        ({"internal_min": 5, "internal_max": 3}, "internal_min", "extension-order", {}),
        ({"internal_min": "x"}, "internal_min", "kind", {}),
        ({"language": "x" * 201}, "language", "too-long", {"bound": 200}),
        ({"colour": "red"}, "colour", "unknown", {}),
        ({"ranges": ["9-1"]}, "ranges[0]", "range-order", {}),
        ({"in_rules": [{"search": "", "replace": ""}]}, "in_rules[0]", "pattern-empty", {}),
        ({"in_rules": [{"search": "(1", "replace": ""}]}, "in_rules[0]", "pattern", {"place": 3}),
        ({"in_rules": [{"search": "1", "replace": "\\2"}]}, "in_rules[0]", "replacement-group", {"group": "2", "groups": 0}),
        ({"project_pins": [{"name": "a", "pin": "!"}]}, "project_pins[0]", "project-code", {}),
    ],
)
def test_what_is_wrong_has_a_code(fields: dict[str, object], field: str, problem: str, more: dict[str, object]) -> None:
    with pytest.raises(Invalid) as caught:
        location_from_json({"name": "Udine", "country": "IT", **fields})
    assert caught.value.code == "location-invalid"
    assert caught.value.data == {"field": field, "problem": problem, **more}


async def test_an_import_replaces_by_name_and_adds_the_rest(database: Database) -> None:
    locations = Locations(database)
    await locations.save("site-a", replace(MUNICH, name="Standort A"))
    report = await locations.import_xml(
        b'\xef\xbb\xbf<locations><location name="Standort A" CityCode="2150" CountryCode="49"/>'
        b'<location name="B\xc3\xbcderich" CityCode="2132" CountryCode="49"/>'
        b'<location name="Nowhere"/></locations>'
    )
    assert list(locations.all()) == ["site-a", "bderich"]
    assert locations.get("site-a").area == "2150"
    assert [(each.where, each.code) for each in report.problems] == [("Nowhere: country", "country-missing")]


def test_a_country_in_small_letters_is_meant_as_clearly() -> None:
    assert location_from_json({"name": "London", "country": " gb"}).country == "GB"
