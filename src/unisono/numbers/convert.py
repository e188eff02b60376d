"""Locations as JSON and back; every error names the field."""

import re
from collections.abc import Mapping
from dataclasses import fields, replace

import msgspec

from unisono.kernel.errors import Invalid
from unisono.numbers.check import problems
from unisono.numbers.country import country
from unisono.numbers.location import DdiRange, Location

_HIDDEN = "_memo"
GENERATED = ("site_rules_in", "site_rules_out")
"""Lists the server makes from the other sites: shown, never taken from outside."""
_NAMES = frozenset(field.name for field in fields(Location)) - {_HIDDEN}


def location_to_json(location: Location) -> dict[str, object]:
    """All fields as plain JSON values: rules as objects, ranges as texts (`100-499`, `[0-2]`)."""
    # A copy has an empty memo: what is worked out for a location is no part of it.
    found: dict[str, object] = msgspec.to_builtins(replace(location))
    del found[_HIDDEN]
    found["ranges"] = [str(each) for each in location.ranges]
    return found


def location_from_json(value: object) -> Location:
    """Read a location; left-out fields have their defaults. Raises `Invalid` with `data["field"]`, as in
    `internal_rules[2].search`, for a wrong type, an unknown field, a bad pattern, a value that cannot be meant.
    """
    if not isinstance(value, Mapping):
        raise _wrong("", "A location is an object.")
    unknown = sorted(str(name) for name in value if name not in _NAMES and name != "id")
    if unknown:
        raise _wrong(unknown[0], f"There is no field {unknown[0]} in a location.")
    given = {name: each for name, each in value.items() if name != "id" and name not in GENERATED}
    _known_country(given)
    given["ranges"] = _ranges(given.get("ranges", ()))
    try:
        location = msgspec.convert(given, Location)
    except msgspec.ValidationError as error:
        text = str(error)
        message, _, path = text.partition(" - at `$")
        raise _wrong(path.strip("`").lstrip(".") or _missing(text), f"{message}.") from error
    for field, message in problems(location):
        raise _wrong(field, message)
    return location


def _known_country(given: Mapping[str, object]) -> None:
    try:
        country(str(given.get("country", "")))
    except ValueError as error:
        raise _wrong("country", f"{error}.") from error


def _ranges(value: object) -> list[object]:
    if not isinstance(value, list | tuple):
        raise _wrong("ranges", "Ranges are a list.")
    found: list[object] = []
    for place, each in enumerate(value):
        try:
            parsed = DdiRange.parse(each) if isinstance(each, str) else msgspec.convert(each, DdiRange)
        except (ValueError, msgspec.ValidationError) as error:
            raise _wrong(f"ranges[{place}]", f"{error}.") from error
        found.append(msgspec.to_builtins(parsed))
    return found


def _missing(text: str) -> str:
    match = re.search(r"required field `(\w+)`", text)
    return match[1] if match else ""


def _wrong(field: str, message: str) -> Invalid:
    where = f"{field}: " if field else ""
    return Invalid("location-invalid", where + message, data={"field": field})
