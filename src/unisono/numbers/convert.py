"""Locations as JSON and back; every error names the field."""

import re
from collections.abc import Mapping
from dataclasses import fields, replace

import msgspec

from unisono.kernel.misfit import misfit
from unisono.numbers.check import problems
from unisono.numbers.country import country
from unisono.numbers.location import DdiRange, Location
from unisono.numbers.unfit import Unfit, refused

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


_BESIDES = ("id", "etag")
"""What is told with a location and does not belong to it."""


def location_from_json(value: object) -> Location:
    """Read a location; left-out fields have their defaults. Raises `Invalid` with `data["field"]`, as in
    `internal_rules[2].search`, for a wrong type, an unknown field, a bad pattern, a value that cannot be meant.
    """
    if not isinstance(value, Mapping):
        raise refused("", Unfit("kind", "A location is an object."))
    unknown = sorted(str(name) for name in value if name not in _NAMES and name not in _BESIDES)
    if unknown:
        raise refused(unknown[0], Unfit("unknown", f"There is no field {unknown[0]} in a location."))
    given = {name: each for name, each in value.items() if name not in (*_BESIDES, *GENERATED)}
    if isinstance(given.get("country"), str):
        given["country"] = str(given["country"]).strip().upper()  # "gb" is meant as clearly as "GB"
    _known_country(given)
    given["ranges"] = _ranges(given.get("ranges", ()))
    try:
        location = msgspec.convert(given, Location)
    except msgspec.ValidationError as error:
        text = str(error)
        _, _, path = text.partition(" - at `$")
        raise refused(path.strip("`").lstrip(".") or _missing(text), _unfit(error)) from error
    for field, unfit in problems(location):
        raise refused(field, unfit)
    return location


def _known_country(given: Mapping[str, object]) -> None:
    try:
        country(str(given.get("country", "")))
    except Unfit as unfit:
        raise refused("country", unfit) from unfit


def _ranges(value: object) -> list[object]:
    if not isinstance(value, list | tuple):
        raise refused("ranges", Unfit("kind", "Ranges are a list."))
    found: list[object] = []
    for place, each in enumerate(value):
        try:
            parsed = DdiRange.parse(each) if isinstance(each, str) else msgspec.convert(each, DdiRange)
        except (ValueError, msgspec.ValidationError) as error:
            raise refused(f"ranges[{place}]", _unfit(error)) from error
        found.append(msgspec.to_builtins(parsed))
    return found


def _missing(text: str) -> str:
    match = re.search(r"required field `(\w+)`", text)
    return match[1] if match else ""


def _unfit(error: ValueError | msgspec.ValidationError) -> Unfit:
    """What is wrong, as our own types say it, or else msgspec."""
    cause = error if isinstance(error, Unfit) else error.__cause__
    if isinstance(cause, Unfit):
        return cause
    message = str(error).partition(" - at `$")[0]
    said = misfit(message)
    return Unfit(str(said.pop("problem")), f"{message}.", **said)
