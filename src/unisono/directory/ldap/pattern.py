"""Regular expressions of templates, without those that could compute for ever. Pure.

A repetition within a repetition (`(a+)+`) has more ways to fail than anybody waits for, and a filter's value is a stranger's.
Possessive ones (`(a++)+`) and atomic groups go no way twice: they may stand anywhere.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

Item: TypeAlias = tuple[Any, Any]
"""What to match, and its particulars, as Python's own reader of expressions gives them."""


@lru_cache(maxsize=1024)
def compiled(text: str) -> re.Pattern[str]:
    """Raises `re.error` for what is no expression, and for one that could take for ever."""
    pattern = re.compile(text)
    if _branches(re._parser.parse(text), repeated=False):
        raise re.error("a repetition or choice within a repetition can take for ever; write ++, *+ or ?+ for the inner one")
    return pattern


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
