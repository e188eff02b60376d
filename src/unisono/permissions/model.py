"""Levels, rights and the viewer."""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class Level(IntEnum):
    """How much one person lets another see and do; nested."""

    BLOCKED = 0
    PUBLIC = 1
    BUSINESS = 2
    TEAM = 3
    PERSONAL = 4


class Right(StrEnum):
    """One thing a level allows; `line 2` rights are those of a person's further lines."""

    SEE_PRESENCE = "see-presence"
    SET_PRESENCE = "set-presence"
    SEE_PUBLIC_APPOINTMENTS = "see-public-appointments"
    SEE_PRIVATE_APPOINTMENTS = "see-private-appointments"
    SEE_CALLS_OUT = "see-calls-out"
    SEE_CALLS_IN = "see-calls-in"
    SEE_DIVERSIONS = "see-diversions"
    PICK_UP = "pick-up"
    SET_DIVERSION = "set-diversion"
    SEE_CALLS_OUT_2 = "see-calls-out-2"
    SEE_CALLS_IN_2 = "see-calls-in-2"
    SEE_DIVERSIONS_2 = "see-diversions-2"
    PICK_UP_2 = "pick-up-2"
    SET_DIVERSION_2 = "set-diversion-2"
    SEE_BUSINESS_DATA = "see-business-data"
    """Photo, title, company, business and mobile telephone."""
    SEE_OFFICE_DATA = "see-office-data"
    """Department, office, address, fax, web site."""
    SEE_PRIVATE_DATA = "see-private-data"
    """Private and further numbers."""


class Scope(StrEnum):
    """What a session or token may be used for."""

    ALL = "all"
    READ = "read"
    CALLS = "calls"
    ADMIN = "admin"
    EXPORT = "export"
    """Read, and take every contact at once: for another server's token."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is asking. Made by the web door from a session or token, or by the command line."""

    user_id: str
    name: str = ""
    admin: bool = False
    group_ids: frozenset[str] = field(default=frozenset())
    line_ids: frozenset[str] = field(default=frozenset())
    scopes: frozenset[Scope] = frozenset({Scope.ALL})
    locale: str = "en"
