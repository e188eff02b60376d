"""People, groups and lines as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class LineKind(StrEnum):
    """What a line is."""

    EXTENSION = "extension"
    TRUNK = "trunk"
    QUEUE = "queue"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class User:
    """A person with an account. `login` is unique, compared without case."""

    id: str
    login: str
    name: str
    mail: str = ""
    given_name: str = ""
    family_name: str = ""
    title: str = ""
    department: str = ""
    mobile: str = ""
    location_id: str = ""
    locale: str = ""
    """The language that was chosen; empty: whichever the browser asks for."""
    admin: bool = False
    active: bool = True
    group_ids: tuple[str, ...] = ()
    line_ids: tuple[str, ...] = ()
    """In order; the first is the main line."""


@dataclass(frozen=True, slots=True)
class Group:
    """People who belong together; `leader_ids` get the group's leader grants."""

    id: str
    name: str
    member_ids: tuple[str, ...] = ()
    leader_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A device on a PBX that is monitored and controlled. (`connector`, `device`) is unique."""

    id: str
    connector: str
    device: str
    """The PBX's device identifier, usually the extension number."""
    number: str
    """The extension as people dial it."""
    name: str = ""
    location_id: str = ""
    kind: LineKind = LineKind.EXTENSION
    journal: bool = True
    private: bool = False
    """A private telephone: partners stay out of the journal."""
    user_ids: tuple[str, ...] = field(default=())
    """Who uses this line."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a person set for themselves: `favourites` in order (user ids), `settings` as plain JSON values by key."""

    favourites: tuple[str, ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A signed-in browser. `digest` is the SHA-256 of the secret in its cookie, in hexadecimal digits."""

    digest: str
    user_id: str
    created: datetime
    used: datetime


@dataclass(frozen=True, slots=True)
class Token:
    """A secret for programs that act for a person. `scopes` are the permissions room's words."""

    id: str
    user_id: str
    name: str
    scopes: tuple[str, ...]
    created: datetime
    expires: datetime | None = None
    last_used: datetime | None = None
