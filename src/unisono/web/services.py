"""What the web door needs of the rooms below; `app` fills it in."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import msgspec

from unisono.calls.names import Names
from unisono.calls.service import CallService
from unisono.connectors.service import Connectors
from unisono.directory.ldap.service import LdapService
from unisono.directory.phonebooks.service import PhoneBooks
from unisono.directory.service import Directory
from unisono.journal.service import Journal
from unisono.kernel.bus import Bus
from unisono.kernel.clock import Clock
from unisono.numbers.service import Locations
from unisono.people.service import People
from unisono.permissions.guard import Guard
from unisono.permissions.service import Granting
from unisono.presence.service import PresenceService
from unisono.storage import Database
from unisono.web.settings import LimitSettings


class CheckLevel(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


class StatusCheck(msgspec.Struct, frozen=True):
    """One thing that was looked at, in words, with what to do.

    Clients have their own words for `id`; `code` is the fault behind it, if there is one, and `data` what the words need.
    """

    id: str
    level: CheckLevel
    title: str
    message: str = ""
    remedy: str = ""
    code: str = ""
    data: dict[str, str | int] = msgspec.field(default_factory=dict)


Checks = Callable[[], Awaitable[list[StatusCheck]]]


@dataclass(frozen=True, slots=True)
class Services:
    """Everything the routes ask. `checks` are run for the admin's status page."""

    database: Database
    clock: Clock
    bus: Bus
    people: People
    granting: Granting
    guard: Guard
    presence: PresenceService
    calls: CallService
    connectors: Connectors
    journal: Journal
    directory: Directory
    ldap: LdapService
    names: Names
    phonebooks: PhoneBooks
    locations: Locations
    version: str
    started: datetime
    limits: LimitSettings = field(default_factory=LimitSettings)
    checks: tuple[Checks, ...] = ()
