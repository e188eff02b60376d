"""The one table: what each level allows. Levels are nested: a higher one has everything of the lower ones."""

from typing import Final

from unisono.permissions.model import Level, Right

# What each level adds to the one below it. Blocked shows name and mail address only, which need no right.
_ADDED: Final[dict[Level, frozenset[Right]]] = {
    Level.BLOCKED: frozenset(),
    Level.PUBLIC: frozenset({Right.SEE_PRESENCE, Right.SEE_BUSINESS_DATA}),
    Level.BUSINESS: frozenset(
        {
            Right.SEE_PUBLIC_APPOINTMENTS,
            Right.SEE_CALLS_OUT,
            Right.SEE_CALLS_IN,
            Right.SEE_DIVERSIONS,
            Right.SEE_OFFICE_DATA,
        }
    ),
    Level.TEAM: frozenset(
        {
            Right.SET_PRESENCE,
            Right.PICK_UP,
            Right.SEE_CALLS_OUT_2,
            Right.SEE_CALLS_IN_2,
            Right.SEE_DIVERSIONS_2,
            Right.PICK_UP_2,
        }
    ),
    Level.PERSONAL: frozenset(
        {
            Right.SEE_PRIVATE_APPOINTMENTS,
            Right.SET_DIVERSION,
            Right.SET_DIVERSION_2,
            Right.SEE_PRIVATE_DATA,
        }
    ),
}

RIGHTS: Final[dict[Level, frozenset[Right]]] = {
    level: frozenset().union(*(_ADDED[below] for below in Level if below <= level)) for level in Level
}
"""Every right of each level."""

# On a person's further lines other rights count than on the main one.
_FURTHER: Final[dict[Right, Right]] = {
    Right.SEE_CALLS_OUT: Right.SEE_CALLS_OUT_2,
    Right.SEE_CALLS_IN: Right.SEE_CALLS_IN_2,
    Right.SEE_DIVERSIONS: Right.SEE_DIVERSIONS_2,
    Right.PICK_UP: Right.PICK_UP_2,
    Right.SET_DIVERSION: Right.SET_DIVERSION_2,
}

READS_WRITTEN: Final = Level.TEAM
"""From this level on also what was written about calls is read: notes, subjects, projects, shared data."""

SEEING: Final[frozenset[Right]] = frozenset(right for right in Right if right.value.startswith("see-"))
"""Rights that only show."""


def on_line(right: Right, position: int) -> Right:
    """The right that counts on a person's line number `position` (0: the main line)."""
    return right if position == 0 else _FURTHER.get(right, right)
