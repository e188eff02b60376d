"""Shapes of the interface for accounts, people and administration (docs/developers/api.md)."""

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec
from msgspec import Meta

from unisono.directory.propose import ProposalReason
from unisono.people.model import LineKind
from unisono.permissions.api import LevelName
from unisono.permissions.model import Scope
from unisono.web.services import StatusCheck

Item = TypeVar("Item")
Name = Annotated[str, Meta(max_length=200)]
Text = Annotated[str, Meta(max_length=254)]
Id = Annotated[str, Meta(max_length=64)]
Ids = Annotated[list[Id], Meta(max_length=10_000)]
Locale = Literal["", "en", "it", "de"]
"""Empty: whichever the browser asks for."""


class Page(msgspec.Struct, Generic[Item]):
    """A list, or one page of it; `next` is the cursor for `?after=`."""

    items: list[Item]
    next: str | None = None


class Me(msgspec.Struct, frozen=True):
    """The account that is signed in."""

    id: str
    login: str
    name: str
    mail: str
    admin: bool
    locale: str
    group_ids: list[str]
    line_ids: list[str]
    location_id: str
    favourites: list[str]
    settings: dict[str, Any]


class Session(msgspec.Struct):
    """A signed-in browser. `csrf` goes into `X-CSRF-Token`."""

    user: Me
    csrf: str
    expires: datetime


class Person(msgspec.Struct, frozen=True, omit_defaults=False):
    """A colleague as the viewer may see them; what they may not see is missing."""

    id: str
    name: str
    given_name: str
    family_name: str
    location: str
    location_name: str
    group_ids: list[str]
    group_names: list[str]
    rights: list[str]
    title: str | msgspec.UnsetType = msgspec.UNSET
    department: str | msgspec.UnsetType = msgspec.UNSET
    mail: str | msgspec.UnsetType = msgspec.UNSET
    mobile: str | msgspec.UnsetType = msgspec.UNSET
    mobile_display: str | msgspec.UnsetType = msgspec.UNSET
    number: str | msgspec.UnsetType = msgspec.UNSET


class SignInInput(msgspec.Struct, forbid_unknown_fields=True):
    """Name and password."""

    login: Annotated[str, Meta(max_length=200)]
    password: Annotated[str, Meta(max_length=1024)]


class MeInput(msgspec.Struct, forbid_unknown_fields=True):
    """What people change about their own account; what is left out stays. In `settings` null removes a key."""

    name: Name | msgspec.UnsetType = msgspec.UNSET
    locale: Locale | msgspec.UnsetType = msgspec.UNSET
    favourites: Annotated[list[Id], Meta(max_length=2000)] | msgspec.UnsetType = msgspec.UNSET
    settings: dict[Annotated[str, Meta(max_length=64)], Any] | msgspec.UnsetType = msgspec.UNSET


class PasswordInput(msgspec.Struct, forbid_unknown_fields=True):
    """The present password and the next one."""

    old: Annotated[str, Meta(max_length=1024)]
    new: Annotated[str, Meta(max_length=1024)]


class TokenInput(msgspec.Struct, forbid_unknown_fields=True):
    """A token to make; without `days` it never expires."""

    name: Annotated[str, Meta(min_length=1, max_length=120)]
    scopes: Annotated[list[Scope], Meta(min_length=1, max_length=4)]
    days: Annotated[int, Meta(ge=1, le=3650)] | None = None


class Token(msgspec.Struct):
    """A token as its owner sees it."""

    id: str
    name: str
    scopes: list[str]
    created: datetime
    expires: datetime | None
    last_used: datetime | None


class NewToken(msgspec.Struct):
    """A token just made: `secret` is shown this once."""

    id: str
    name: str
    scopes: list[str]
    created: datetime
    expires: datetime | None
    last_used: datetime | None
    secret: str


class Grant(msgspec.Struct):
    """What I let a colleague see and do personally (null: nothing), and the level I have over them in the end.

    `shared` is the level over me that they have from everybody and groups: a personal one counts only above it.
    """

    user_id: str
    level: LevelName | None
    shared: LevelName
    granted_to_me: LevelName


class GrantInput(msgspec.Struct, forbid_unknown_fields=True):
    """The level to grant; null takes the grant back."""

    level: LevelName | None


class AdminPerson(msgspec.Struct):
    """An account as admins see it."""

    id: str
    login: str
    name: str
    given_name: str
    family_name: str
    mail: str
    title: str
    department: str
    mobile: str
    location_id: str
    locale: str
    admin: bool
    active: bool
    group_ids: list[str]
    line_ids: list[str]
    etag: str


class AdminPersonInput(msgspec.Struct, forbid_unknown_fields=True):
    """An account to save; a password only where it is to be set. `etag` is not taken, only told: send it as `If-Match`."""

    login: Text
    name: Name = ""
    given_name: Text = ""
    family_name: Text = ""
    mail: Text = ""
    title: Text = ""
    department: Text = ""
    mobile: Text = ""
    location_id: Id = ""
    locale: Locale = ""
    admin: bool = False
    active: bool = True
    group_ids: Ids = msgspec.field(default_factory=list)
    line_ids: Ids = msgspec.field(default_factory=list)
    password: Annotated[str, Meta(max_length=1024)] | None = None
    id: Id = ""
    etag: Id = ""


class AdminGroup(msgspec.Struct):
    """A group."""

    id: str
    name: str
    member_ids: list[str]
    leader_ids: list[str]
    etag: str


class AdminGroupInput(msgspec.Struct, forbid_unknown_fields=True):
    """A group to save. `etag` is not taken, only told: send it as `If-Match`."""

    name: Text
    member_ids: Ids = msgspec.field(default_factory=list)
    leader_ids: Ids = msgspec.field(default_factory=list)
    id: Id = ""
    etag: Id = ""


class AdminLine(msgspec.Struct):
    """A line."""

    id: str
    connector: str
    device: str
    number: str
    name: str
    location_id: str
    kind: LineKind
    journal: bool
    private: bool
    user_ids: list[str]
    etag: str


class AdminLineInput(msgspec.Struct, forbid_unknown_fields=True):
    """A line to save. `etag` is not taken, only told: send it as `If-Match`."""

    connector: Id
    device: Text
    number: Text = ""
    name: Text = ""
    location_id: Id = ""
    kind: LineKind = LineKind.EXTENSION
    journal: bool = True
    private: bool = False
    user_ids: Ids = msgspec.field(default_factory=list)
    id: Id = ""
    etag: Id = ""


class AdminLinesInput(msgspec.Struct, forbid_unknown_fields=True):
    """Lines to add at once: all of them or none."""

    lines: Annotated[list[AdminLineInput], Meta(min_length=1, max_length=1000)]


class LineIdsInput(msgspec.Struct, forbid_unknown_fields=True):
    """Lines to delete at once: all of them or none."""

    ids: Annotated[list[Id], Meta(min_length=1, max_length=1000)]


class DiscoveredLine(msgspec.Struct):
    """A device that a PBX says it has; `line_id`: the line it is already. `user_id`: whose it probably is, and why."""

    connector: str
    device: str
    number: str
    name: str
    line_id: str
    user_id: str
    reason: ProposalReason | None


class Status(msgspec.Struct):
    """The state of the server at a glance."""

    version: str
    started: datetime
    checks: list[StatusCheck]
    counts: dict[str, int]
