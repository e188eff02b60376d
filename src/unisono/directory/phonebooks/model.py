"""Fleets of devices and their keys as values: what an administrator sets of the phone books."""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from unisono.directory.ldap.model import networks_of
from unisono.kernel import text
from unisono.kernel.errors import Invalid


class Make(StrEnum):
    """Whose XML the devices of a fleet read; every fleet may ask for JSON and vCard."""

    OTHER = "other"
    YEALINK = "yealink"
    SNOM = "snom"
    CISCO = "cisco"
    GRANDSTREAM = "grandstream"
    FANVIL = "fanvil"


HOLDS: Mapping[Make, int] = {
    Make.OTHER: 10_000,
    Make.YEALINK: 1_000,
    Make.SNOM: 250,
    Make.CISCO: 1_000,
    Make.GRANDSTREAM: 1_000,
    Make.FANVIL: 1_000,
}
"""Contacts that a device takes at once; where each figure comes from stands with the make (`yealink.py` ...)."""


class Fleet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Devices that ask alike and see alike."""

    id: str
    """Part of the addresses that the devices ask."""
    name: str = ""
    make: Make = Make.OTHER
    node_id: str = ""
    """The LDAP node whose books, number format, order of names and networks hold here too; "": the first one."""
    profile_id: str = ""
    """The profile that narrows its books; "": none does."""
    active: bool = True
    key_in_path: bool = False
    """Whether a key may also stand in the address: the weakest way, for devices that can do nothing else."""
    plain_networks: tuple[str, ...] = ()
    """From where devices may come without TLS, besides loopback."""
    most: int = 0
    """Most contacts that a device gets at once; 0: as many as its make holds."""

    @property
    def limit(self) -> int:
        """Contacts that a device gets at once."""
        return self.most or HOLDS[self.make]


class Key(msgspec.Struct, frozen=True):
    """What lets devices of a fleet in; its secret was shown once and is not known any more."""

    id: str
    fleet_id: str
    name: str
    created: datetime
    last_used: datetime | None = None


_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_NAME_MOST = 120
MOST = 100_000
"""More contacts no device gets at once, whatever is set."""


def checked(fleet: Fleet) -> Fleet:
    """The same with a tidy name. Raises `Invalid`, naming the field that cannot be meant."""
    if not _ID.fullmatch(fleet.id):
        raise _wrong("id", "An id has 1 to 64 of a-z, 0-9, - and _.")
    name = check_name(fleet.name)
    if not 0 <= fleet.most <= MOST:
        raise _wrong("most", f"A device gets at most {MOST:,} contacts at once; 0 means as many as its make holds.")
    try:
        networks_of(fleet.plain_networks)
    except ValueError as error:
        raise _wrong("plain_networks", f"{error}.") from error
    return msgspec.structs.replace(fleet, name=name)


def check_name(given: str) -> str:
    """The tidy name of a fleet or a key. Raises `Invalid`."""
    if not text.is_shown(text.tidy(given)):
        raise _wrong("name", "It has characters that are not seen.", problem="unshown")
    name = text.name(given, _NAME_MOST)
    if not name:
        raise _wrong("name", f"Give a name of 1 to {_NAME_MOST} characters.", problem="ldap-name")
    return name


def _wrong(field: str, message: str, **data: str) -> Invalid:
    return Invalid("phonebook-invalid", f"{field}: {message}", data={"field": field, **data})
