"""What a filter of an expression does to a text, or to each of several. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from unisono.directory.replicators.source import Value


@dataclass(frozen=True, slots=True)
class Filter:
    """What a filter does, how many texts it takes, and what each of them has to be: `any`, `pattern` or `place` (from 1)."""

    apply: Callable[[Value, tuple[str, ...]], Value]
    least: int = 0
    takes: tuple[str, ...] = ()


def _each(one: Callable[..., str], least: int = 0, takes: tuple[str, ...] = ()) -> Filter:
    """A filter of one text, which does the same to each of several."""

    def apply(found: Value, args: tuple[str, ...]) -> Value:
        if isinstance(found, str):
            return one(found, *args) if found else ""
        return tuple(text for text in (one(each, *args) for each in found if each) if text)

    return Filter(apply, least, takes)


@lru_cache(maxsize=256)
def pattern(text: str) -> re.Pattern[str]:
    """A regular expression, compiled and remembered. Raises `re.error`."""
    return re.compile(text)


def _replace(text: str, old: str, new: str = "") -> str:
    return text.replace(old, new) if old else text


def _regex(text: str, searched: str, new: str | None = None) -> str:
    compiled = pattern(searched)
    if new is not None:
        return compiled.sub(new, text)
    found = compiled.search(text)
    return (found[1] if compiled.groups else found[0]) or "" if found else ""


def _split(text: str, sign: str, place: str) -> str:
    parts = text.split(sign or None)
    return parts[int(place) - 1].strip() if int(place) <= len(parts) else ""


def _date(text: str, form: str) -> str:
    try:
        return datetime.strptime(text, form).date().isoformat()
    except ValueError:
        return text  # what it is, rather than nothing


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdecimal())


def _item(found: Value, args: tuple[str, ...]) -> Value:
    several, place = ((found,) if isinstance(found, str) else found), int(args[0])
    return several[place - 1] if place <= len(several) else ""


def _join(found: Value, args: tuple[str, ...]) -> Value:
    return found if isinstance(found, str) else (args[0] if args else ", ").join(text for text in found if text)


FILTERS: Mapping[str, Filter] = {
    "strip": _each(str.strip),
    "lower": _each(str.lower),
    "upper": _each(str.upper),
    "title": _each(str.title),
    "digits": _each(_digits),
    "replace": _each(_replace, 1, ("any", "any")),
    "regex": _each(_regex, 1, ("pattern", "any")),
    "split": _each(_split, 2, ("any", "place")),
    "date": _each(_date, 1, ("any",)),
    "item": Filter(_item, 1, ("place",)),
    "join": Filter(_join, 0, ("any",)),
}
