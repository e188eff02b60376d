"""Regular expressions of templates, without those that could compute for ever. Pure.

A repetition within a repetition (`(a+)+`) has more ways to fail than anybody waits for, and a filter's value is a stranger's.
Possessive ones (`(a++)+`) and atomic groups go no way twice: they may stand anywhere.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import factorial, prod
from typing import Any, TypeAlias

_MOST_WAYS = 200_000
"""Some ten milliseconds."""
_SHORT = 16
"""Characters over which every expression has to end soon."""

Item: TypeAlias = tuple[Any, Any]
"""What to match, and its particulars, as Python's own reader of expressions gives them."""


@lru_cache(maxsize=1024)
def compiled(text: str) -> re.Pattern[str]:
    """Raises `re.error` for what is no expression, and for one that could take for ever."""
    pattern = re.compile(text)
    if _branches(re._parser.parse(text), repeated=False):
        raise re.error("a repetition or choice within a repetition can take for ever; write ++, *+ or ?+ for the inner one")
    if _ways(text, _SHORT) > _MOST_WAYS:
        raise re.error("so many repetitions and choices one after the other can take for ever; write ++, *+ or ?+ for some")
    return pattern


def bearable(pattern: str, length: int) -> bool:
    """Whether an expression ends soon over every text of this length: `(.*)(.*)(.*)x` does over short ones only."""
    return _ways(pattern, length) <= _MOST_WAYS


@lru_cache(maxsize=4096)
def _ways(pattern: str, length: int) -> float:
    """About how many ways there are to fail over a text of this length."""
    items = re._parser.parse(pattern)
    choices, endless = _choices(items)
    anchored = bool(len(items)) and str(items[0][0]) == "AT" and str(items[0][1]).startswith("AT_BEGINNING")
    places = endless if anchored else endless + 1  # where it begins, and where each of them ends, in this order
    return float(choices * length**places / factorial(places))


def _choices(items: Iterable[Item]) -> tuple[int, int]:
    """The ways of all choices that have an end, multiplied, and how many repetitions have none."""
    choices, endless = 1, 0
    for kind, what in items:
        inner: list[tuple[int, int]] = []
        match str(kind):
            case "MAX_REPEAT" | "MIN_REPEAT":
                least, most, body = what
                inner = [_choices(body)]
                if most - least > _SHORT:
                    endless += 1
                else:
                    choices *= most - least + 1
            case "POSSESSIVE_REPEAT":
                inner = [_choices(what[2])]
            case "ATOMIC_GROUP":
                inner = [_choices(what)]
            case "ASSERT" | "ASSERT_NOT":
                inner = [_choices(what[1])]
            case "SUBPATTERN":
                inner = [_choices(what[3])]
            case "BRANCH":
                inner = [_choices(way) for way in what[1]]
                choices *= 1 if _apart(what[1]) else len(inner)
        choices *= prod(each for each, _ in inner)
        endless += max((each for _, each in inner), default=0)
    return choices, endless


def _branches(items: Iterable[Item], *, repeated: bool) -> bool:
    """Whether within something repeated there are several ways to go on."""
    for kind, what in items:
        match str(kind):
            case "MAX_REPEAT" | "MIN_REPEAT":
                least, most, body = what
                found = (repeated and least != most) or _branches(body, repeated=repeated or most > 1)
            case "POSSESSIVE_REPEAT":
                found = _branches(what[2], repeated=False)
            case "ATOMIC_GROUP":
                found = _branches(what, repeated=False)
            case "ASSERT" | "ASSERT_NOT":
                found = _branches(what[1], repeated=False)
            case "SUBPATTERN":
                found = _branches(what[3], repeated=repeated)
            case "BRANCH":
                ways: Sequence[Sequence[Item]] = what[1]
                found = (repeated and not _apart(ways)) or any(_branches(way, repeated=repeated) for way in ways)
            case "GROUPREF_EXISTS":
                found = repeated or any(_branches(way, repeated=False) for way in what[1:] if way)
            case _:
                found = False
        if found:
            return True
    return False


def _apart(ways: Sequence[Sequence[Item]]) -> bool:
    """Whether the first character says which way to go."""
    first = [str(way[0]) for way in ways if way and str(way[0][0]) == "LITERAL"]
    return len(set(first)) == len(ways)
