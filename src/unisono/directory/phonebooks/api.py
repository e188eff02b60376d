"""Routes of the admin page "Phone books": fleets of devices and their keys."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, delete, get, post, put
from msgspec import Meta
from msgspec.structs import replace

from unisono.directory.phonebooks.model import Fleet, Key, Make
from unisono.directory.phonebooks.service import PhoneBooks
from unisono.kernel.expected import Expected, tag
from unisono.kernel.told import takes_back
from unisono.permissions.guard import Guard
from unisono.permissions.model import Viewer
from unisono.storage import latest

Text = Annotated[str, Meta(max_length=200)]


class PhoneKey(msgspec.Struct):
    """A key, without its secret."""

    id: str
    name: str
    created: datetime
    last_used: datetime | None


class PhoneFleet(msgspec.Struct):
    """A fleet, its keys the newest first.

    `contacts`: how many it sees; `limit`: how many a device gets at once; `address`: the path that its devices ask, below the
    server's own address; `problem`: `node` or `profile` if that was removed, `books` if these two leave it no book that is
    there; nothing is seen until others are chosen.
    """

    id: str
    name: str
    make: Make
    node_id: str
    profile_id: str
    active: bool
    key_in_path: bool
    plain_networks: list[str]
    most: int
    contacts: int
    limit: int
    address: str
    problem: str
    keys: list[PhoneKey]
    etag: str


@takes_back(PhoneFleet)
class PhoneFleetInput(msgspec.Struct, forbid_unknown_fields=True):
    """A fleet as it is set.

    `node_id` "": the first LDAP node; `profile_id` "": nothing narrows its books; `plain_networks`: from where devices may come
    without TLS; `most` 0: as many contacts at once as the make holds. All else is not taken, only told.
    """

    name: Text
    make: Make = Make.OTHER
    node_id: Text = ""
    profile_id: Text = ""
    active: bool = True
    key_in_path: bool = False
    plain_networks: Annotated[list[Text], Meta(max_length=100)] = []
    most: Annotated[int, Meta(ge=0, le=100_000)] = 0


class PhoneFleets(msgspec.Struct):
    """All fleets, by name."""

    items: list[PhoneFleet]
    next: str | None = None


class PhoneKeyInput(msgspec.Struct, forbid_unknown_fields=True):
    """What the key is called, such as the place where the devices stand."""

    name: Text


class NewPhoneKey(msgspec.Struct):
    """A key with its secret, which is shown this once."""

    key: PhoneKey
    secret: str


class PhoneBookController(Controller):
    """For admins."""

    path = "/admin/phonebooks/fleets"
    tags = ("administration",)

    @get(operation_id="listPhoneFleets")
    async def fleets(self, viewer: Viewer, guard: Guard, phonebooks: PhoneBooks) -> PhoneFleets:
        """All fleets."""
        guard.admin(viewer)
        await latest(phonebooks.ldap.shared, phonebooks.shared)
        there = await phonebooks.directory.book_ids()
        return PhoneFleets([_fleet_view(phonebooks, fleet, there) for fleet in phonebooks.fleets()])

    @put("/{id:str}", operation_id="savePhoneFleet", opt={"makes": True})
    async def save(
        self, id: str, data: PhoneFleetInput, viewer: Viewer, guard: Guard, phonebooks: PhoneBooks, expected: Expected
    ) -> PhoneFleet:
        """Add or change a fleet; it holds at once."""
        guard.admin(viewer)
        fleet = await phonebooks.save(msgspec.convert(replace(data, id=id), Fleet, from_attributes=True), expected)
        return _fleet_view(phonebooks, fleet, await phonebooks.directory.book_ids())

    @delete("/{id:str}", operation_id="deletePhoneFleet", status_code=204)
    async def remove(self, id: str, viewer: Viewer, guard: Guard, phonebooks: PhoneBooks, expected: Expected) -> None:
        """Remove a fleet with its keys; its devices get nothing any more at once."""
        guard.admin(viewer)
        await phonebooks.remove(id, expected)

    @post("/{id:str}/keys", operation_id="addPhoneKey")
    async def add_key(
        self, id: str, data: PhoneKeyInput, viewer: Viewer, guard: Guard, phonebooks: PhoneBooks
    ) -> NewPhoneKey:
        """A new key; its secret is in this answer and nowhere else."""
        guard.admin(viewer)
        key, secret = await phonebooks.add_key(id, data.name)
        return NewPhoneKey(_key_view(key), secret)

    @delete("/{id:str}/keys/{key_id:str}", operation_id="revokePhoneKey", status_code=204)
    async def remove_key(self, id: str, key_id: str, viewer: Viewer, guard: Guard, phonebooks: PhoneBooks) -> None:
        """Revoke a key; it opens nothing any more at once."""
        guard.admin(viewer)
        await phonebooks.remove_key(id, key_id)


CONTROLLERS = (PhoneBookController,)


def _key_view(key: Key) -> PhoneKey:
    return PhoneKey(key.id, key.name, key.created, key.last_used)


def _fleet_view(phonebooks: PhoneBooks, fleet: Fleet, there: frozenset[str]) -> PhoneFleet:
    return PhoneFleet(
        **msgspec.structs.asdict(fleet) | {"plain_networks": list(fleet.plain_networks)},
        contacts=phonebooks.contacts(fleet),
        limit=fleet.limit,
        address=f"/phonebooks/{fleet.id}",
        problem=phonebooks.problem(fleet, there),
        keys=[_key_view(key) for key in phonebooks.keys_of(fleet.id)],
        etag=tag(fleet),
    )
