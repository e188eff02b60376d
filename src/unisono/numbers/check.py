"""Whether the fields of a location can be meant: what an administrator typed, checked before it is used."""

import re
from collections.abc import Iterator
from dataclasses import fields
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from unisono.kernel.text import is_shown, tidy
from unisono.numbers.location import Location
from unisono.numbers.unfit import Unfit

RULES_MOST = 20_000
LISTS_MOST = 1_000
TEXT_MOST = 200

_DIGITS = re.compile(r"[0-9]*")
_PREFIX = re.compile(r"[0-9*#]*")
_OUTSIDE = re.compile(r"[0-9*#?%]*")
_TEMPLATE = re.compile(r"[0-9*#EFG]*")
_VANITY = re.compile(r"\+?[0-9]+")
_SHAPES = {
    _DIGITS: ("area_code", "trunk", "international_prefix", "national_prefix", "local_prefix", "home_pna_local",
              "home_pna_toll"),
    _OUTSIDE: ("outside_private", "strip_incoming", "strip_outgoing", "strip_forwarding", "strip_connected_in",
               "strip_connected_out"),
    _PREFIX: ("outside_local", "outside_national", "outside_international", "outside_forwarding", "call_by_call"),
    _TEMPLATE: ("local_dialling_rule", "national_dialling_rule", "international_dialling_rule", "home_pna_local_rule",
                "home_pna_toll_rule", "foreign_pna_local_rule"),
    _VANITY: ("vanity_prefixes",),
}  # fmt: skip
_WORDS = {
    _DIGITS: ("digits", "holds digits only"),
    _OUTSIDE: ("outside-digits", "holds digits, * and #, ? for one digit of a PIN, % for all of it"),
    _PREFIX: ("prefix-digits", "holds digits, * and # only"),
    _TEMPLATE: ("dial-template", "holds digits, E (country), F (area) and G (subscriber) only"),
    _VANITY: ("vanity-prefix", "holds numbers such as 0800 or +800"),
}
"""The problem where a text is of another shape, and what it should be."""
Problem = tuple[str, Unfit]
"""Where, and what."""


def unseen(location: Location) -> Iterator[Problem]:
    """What a name must not have when it is given; one that was saved before that was asked is still read."""
    if not is_shown(tidy(location.name)):
        yield "name", Unfit("unshown", "It has characters that are not seen.")


def problems(location: Location) -> Iterator[Problem]:
    """Everything that cannot be right; nothing if the location is fine."""
    if not location.name.strip():
        yield "name", Unfit("missing", "A location needs a name.")
    for shape, names in _SHAPES.items():
        for name in names:
            yield from _shape(name, getattr(location, name), shape)
    for field in fields(location):
        value = getattr(location, field.name)
        if isinstance(value, str) and len(value) > TEXT_MOST:
            yield field.name, Unfit("too-long", f"It is longer than {TEXT_MOST} characters.", bound=TEXT_MOST)
        most = RULES_MOST if field.name.endswith("_rules") else LISTS_MOST
        if isinstance(value, tuple) and not field.name.startswith("site_") and len(value) > most:
            yield field.name, Unfit("too-many", f"It has more than {most} entries.", bound=most)
    yield from _lengths(location)
    if location.timezone and not _zone_exists(location.timezone):
        yield "timezone", Unfit("time-zone", f"{location.timezone} is not a time zone (Europe/Rome is one).")


def _shape(name: str, value: str | tuple[str, ...], shape: re.Pattern[str]) -> Iterator[Problem]:
    for place, text in enumerate([value] if isinstance(value, str) else value):
        if not shape.fullmatch(text) or not text.isascii():
            field = name if isinstance(value, str) else f"{name}[{place}]"
            problem, words = _WORDS[shape]
            yield field, Unfit(problem, f"{text!r} does not fit: it {words}.")


def _lengths(location: Location) -> Iterator[Problem]:
    if not 0 <= location.internal_min <= 20:
        yield "internal_min", Unfit("extension-length", "An extension has 0 to 20 digits.")
    if not 0 <= location.internal_max <= 20:
        yield "internal_max", Unfit("extension-length", "An extension has 0 to 20 digits.")
    if location.internal_max and location.internal_min > location.internal_max:
        yield "internal_min", Unfit("extension-order", "The shortest extension is longer than the longest.")


def _zone_exists(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
