"""Fleets of devices and their keys as values: what an administrator sets of the phone books."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from unisono.directory.entered import check_id, checked_name
from unisono.directory.ldap.model import networks_of
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


MOST = 100_000
"""More contacts no device gets at once, whatever is set."""


def checked(fleet: Fleet) -> Fleet:
    """The same with a tidy name. Raises `Invalid`, naming the field that cannot be meant."""
    check_id(fleet.id, unfit)
    name = checked_name(fleet.name, unfit)
    if not 0 <= fleet.most <= MOST:
        problem, bound = ("at-most", MOST) if fleet.most > MOST else ("at-least", 0)
        message = f"A device gets at most {MOST:,} contacts at once; 0 means as many as its make holds."
        raise unfit("most", problem, message, bound=bound)
    try:
        networks_of(fleet.plain_networks)
    except ValueError as error:
        raise unfit("plain_networks", "ldap-network", f"{error}.") from error
    return msgspec.structs.replace(fleet, name=name)


def unfit(field: str, problem: str, message: str, **data: object) -> Invalid:
    """What is said of a fleet or a key that cannot be meant."""
    return Invalid("phonebook-invalid", f"{field}: {message}", data={"field": field, "problem": problem, **data})
