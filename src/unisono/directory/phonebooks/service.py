"""The phone books as the server sees them: fleets of devices, their keys, who may come in, and what they see."""

import asyncio
import base64
import binascii
import ipaddress
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

import msgspec

from unisono.directory.breathing import Breathing
from unisono.directory.entered import checked_name
from unisono.directory.known import check_known
from unisono.directory.ldap.model import Node, networks_of, within
from unisono.directory.ldap.order import Ordered
from unisono.directory.ldap.service import LdapService
from unisono.directory.phonebooks import store
from unisono.directory.phonebooks.model import Fleet, Key, checked, unfit
from unisono.directory.phonebooks.shelf import Shelf
from unisono.directory.service import Directory, let_others_run
from unisono.directory.views import View
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Conflict, Fault, Forbidden, NotFound, TooMany, Unavailable
from unisono.kernel.expected import ANYTHING, Expected
from unisono.kernel.ids import new_id
from unisono.kernel.log import Log
from unisono.kernel.secrets import new_password
from unisono.numbers.service import Locations
from unisono.people.attempts import Attempts
from unisono.people.service import People
from unisono.people.sign_in import digest
from unisono.storage import Database, Shared

FLEETS_MOST = 200
KEYS_MOST = 50
"""Keys of one fleet."""
KEY_LENGTH = 26
"""Characters of a key, of 5 bits each; none that could be taken for another one, because some are typed on a telephone."""
_TOUCH = timedelta(minutes=5)
"""A key's last use is written at most this often."""
_NOTHING = View(frozenset())
_READ_AT_ONCE = 2
_SLICE_SECONDS = 0.004

T = TypeVar("T")

log = Log("phonebooks")


class Stranger(Fault):
    """There is no such fleet, or this is not its key: the same for both."""


class Way(StrEnum):
    """How a key came."""

    HEADER = "header"
    PATH = "path"


@dataclass(frozen=True, slots=True)
class Knock:
    """Somebody at the door: from where, and whether over TLS."""

    address: str
    secure: bool


class PhoneBooks:
    """Call `load` once before use. Reading never waits."""

    def __init__(
        self, database: Database, directory: Directory, ldap: LdapService, people: People, locations: Locations, clock: Clock
    ) -> None:
        self.directory = directory
        self.ldap = ldap
        ldap.fleets_with = lambda id: [fleet.name for fleet in self.fleets() if fleet.profile_id == id]
        self.people = people
        self.locations = locations
        self._clock = clock
        self._store = store.FleetStore(database)
        self.shared = Shared(database, "phonebooks", self._take)
        self._fleets: dict[str, Fleet] = {}
        self._keys: dict[str, Key] = {}
        self._lists: dict[str, Ordered] = {}
        self._reading = asyncio.Semaphore(_READ_AT_ONCE)
        self._wrong = Attempts(people.settings.free_attempts_address, people.settings.lock_seconds)

    async def load(self) -> None:
        """Read everything from the database."""
        await self.shared.load()

    async def _take(self, _: Collection[str] | None) -> None:
        fleets = {data["id"]: msgspec.convert(data, Fleet) for data in await self._store.fleets()}
        self._fleets, self._keys = fleets, await self._store.keys()

    # What holds

    def fleets(self) -> Sequence[Fleet]:
        """All fleets, by name."""
        return sorted(self._fleets.values(), key=lambda fleet: fleet.name.casefold())

    def fleet(self, id: str) -> Fleet:
        """One fleet. Raises `NotFound`."""
        found = self._fleets.get(id)
        if found is None:
            raise NotFound("phonebook-unknown", f"There is no fleet {id!r} (any more).", data={"id": id})
        return found

    def keys_of(self, fleet_id: str) -> Sequence[Key]:
        """The keys of a fleet, the newest first."""
        own = [key for key in self._keys.values() if key.fleet_id == fleet_id]
        return sorted(own, key=lambda key: (key.created, key.id), reverse=True)

    def node_of(self, fleet: Fleet) -> Node | None:
        """The node of a fleet; None if it was removed."""
        nodes = self.ldap.nodes()
        return next((node for node in nodes if node.id == fleet.node_id), None) if fleet.node_id else nodes[0]

    def view_of(self, fleet: Fleet) -> View:
        """The books that a fleet sees: none where its node or its profile was removed."""
        node = self.node_of(fleet)
        if node is None:
            return _NOTHING
        books = None if node.books is None else frozenset(node.books)
        if not fleet.profile_id:
            return View(books)
        profile = next((p for p in self.ldap.profiles() if p.id == fleet.profile_id), None)
        if profile is None:
            return _NOTHING
        return View(frozenset(profile.books) if books is None else books.intersection(profile.books))

    def contacts(self, fleet: Fleet) -> int:
        """How many contacts devices of a fleet can get."""
        index, view = self.directory.index, self.view_of(fleet)
        return sum(index.count(book) for book in index.books if view.sees(book))

    def problem(self, fleet: Fleet, there: frozenset[str]) -> str:
        """Why a fleet sees nothing; "" if it does. `there`: the ids of all books.

        "node" or "profile" was removed and has to be chosen anew; "books": these two leave it no book that is there.
        """
        if self.node_of(fleet) is None:
            return "node"
        if fleet.profile_id and all(profile.id != fleet.profile_id for profile in self.ldap.profiles()):
            return "profile"
        books = self.view_of(fleet).books
        return "books" if books is not None and books.isdisjoint(there) else ""

    def shelf_of(self, fleet: Fleet) -> Shelf:
        """What devices of a fleet find, in the present picture."""
        return self.shelf(self.view_of(fleet), self.node_of(fleet) or Node("none"))

    def shelf(self, view: View, node: Node) -> Shelf:
        """What is found in these books, as a node shows them, in the present picture."""
        directory, location = self.directory, self.locations.or_default(node.location_id)
        return Shelf(
            directory.index,
            view,
            node,
            location,
            directory.duplicates.sameness,
            directory.last_digits,
            self._lists,
            let_others_run,
        )

    async def beside(self, work: Callable[[], T]) -> T:
        """Do what takes a while beside the event loop; few at once: who reads whole books waits for others who do."""
        async with self._reading:
            return await asyncio.to_thread(work)

    async def made(self, work: Breathing[T]) -> T:
        """What is made in pieces, beside the event loop, which has its turn after a few milliseconds of them."""
        while True:
            ended, found = await self.beside(lambda: _worked(work))
            if ended:
                return found  # type: ignore[return-value]

    async def some(self, pieces: Iterator[T]) -> list[T]:
        """The next pieces of what is made step by step, as many as a few milliseconds give; none at the end."""
        return await self.beside(lambda: _some(pieces))

    # Changes

    async def save(self, fleet: Fleet, expected: Expected = ANYTHING) -> Fleet:
        """Add or replace; it holds at once. Returns it as it is kept.

        Raises `Invalid`, `Conflict` for what is taken, and `NotFound` or `Outdated` where something else is expected.
        """
        fleet = checked(fleet)
        async with self.shared.changing() as change:
            expected.check(self._fleets.get(fleet.id))
            before = self._fleets.get(fleet.id, Fleet(""))
            check_known("node_id", [fleet.node_id], {node.id for node in self.ldap.nodes()}, [before.node_id])
            check_known("profile_id", [fleet.profile_id], {each.id for each in self.ldap.profiles()}, [before.profile_id])
            others = [other for other in self._fleets.values() if other.id != fleet.id]
            if len(others) >= FLEETS_MOST:
                raise Conflict("phonebook-taken", f"There can be {FLEETS_MOST} fleets.", data={"field": "id"})
            if any(other.name.casefold() == fleet.name.casefold() for other in others):
                raise Conflict("phonebook-taken", f"name: {fleet.name} is taken already.", data={"field": "name"})
            await store.put(change.connection, fleet.id, msgspec.to_builtins(fleet))
        return fleet

    async def remove(self, id: str, expected: Expected = ANYTHING) -> None:
        """Take a fleet away; its keys open nothing any more at once. Raises `NotFound`, `Outdated`."""
        async with self.shared.changing() as change:
            expected.check(self.fleet(id))
            await store.remove(change.connection, id)

    async def add_key(self, fleet_id: str, name: str) -> tuple[Key, str]:
        """A new key of a fleet and its secret, which nobody can show again. Raises `NotFound`, `Invalid`, `Conflict`."""
        name = checked_name(name, unfit)
        async with self.shared.changing() as change:
            self.fleet(fleet_id)
            if len(self.keys_of(fleet_id)) >= KEYS_MOST:
                message = f"A fleet can have {KEYS_MOST} keys; revoke one first."
                raise Conflict("phonebook-taken", message, data={"field": "name"})
            key, secret = Key(new_id(), fleet_id, name, self._clock.now()), new_password(KEY_LENGTH)
            await store.add_key(change.connection, digest(secret), key)
        return key, secret

    async def remove_key(self, fleet_id: str, id: str) -> None:
        """Revoke a key; it opens nothing any more at once. Raises `NotFound`."""
        async with self.shared.changing() as change:
            if not any(key.id == id for key in self.keys_of(fleet_id)):
                raise NotFound("phonebook-unknown", "There is no such key (any more).", data={"id": id})
            await store.remove_key(change.connection, id)

    # Who comes in

    async def admit(self, fleet_id: str, secret: str, way: Way, knock: Knock) -> Fleet:
        """The fleet that a key opens.

        Raises `Stranger` for a wrong key, `TooMany` after many of them from one address, and `Forbidden` for a right one that
        comes in a way, or from where, it may not. A right key is not slowed down by wrong ones from the same address.
        """
        stored = digest(secret)
        key, fleet = self._keys.get(stored), self._fleets.get(fleet_id)
        if key is None or fleet is None or key.fleet_id != fleet_id or not fleet.active:
            raise self._refused(fleet_id, knock)
        refusal = self._refusal(fleet, way, knock)
        if refusal is not None:
            log.warning("a phone book refused a device", fleet=fleet.id, address=knock.address, reason=refusal.code)
            raise refusal
        now = self._clock.now()
        if key.last_used is None or now - key.last_used >= _TOUCH:
            self._keys[stored] = msgspec.structs.replace(key, last_used=now)
            # Contacts are read without the database, and telephones go on finding them while it is away.
            with suppress(Unavailable):
                await self._store.touch_key(key.id, now)
        return fleet

    def _refused(self, fleet_id: str, knock: Knock) -> Fault:
        now = self._clock.monotonic()
        wait = self._wrong.wait(knock.address, now)
        if wait > 0:
            return TooMany("phonebook-locked", "Too many wrong keys from this address; wait.", round(wait + 0.5))
        self._wrong.begin(knock.address, now)
        known = fleet_id if fleet_id in self._fleets else ""
        log.warning("a phone book refused a key", fleet=known, address=knock.address)
        return Stranger("phonebook-key", "This fleet or key is not known. Ask an admin for a key.")

    def _refusal(self, fleet: Fleet, way: Way, knock: Knock) -> Forbidden | None:
        """Why a device with a right key may not come in."""
        node = self.node_of(fleet)
        networks = networks_of(node.networks) if node else ()
        if networks and not within(knock.address, networks):
            return Forbidden("phonebook-network", "This node does not serve your network.")
        if not knock.secure and not is_loopback(knock.address) and not within(knock.address, networks_of(fleet.plain_networks)):
            message = "Use https, or let an admin name your network in this fleet. The key was sent in the clear: replace it."
            return Forbidden("phonebook-plain", message)
        if way is Way.PATH and not fleet.key_in_path:
            message = "This fleet takes no key in the address: send it as password or as bearer token."
            return Forbidden("phonebook-key-in-path", message)
        return None


def _worked(work: Breathing[T]) -> tuple[bool, T | None]:
    """Whether it has ended, and what it made."""
    ends = time.perf_counter() + _SLICE_SECONDS
    try:
        next(work)
        while time.perf_counter() < ends:
            next(work)
    except StopIteration as end:
        return True, end.value
    return False, None


def _some(pieces: Iterator[T]) -> list[T]:
    found: list[T] = []
    ends = time.perf_counter() + _SLICE_SECONDS
    for piece in pieces:
        found.append(piece)
        if time.perf_counter() >= ends:
            break
    return found


def basic(authorization: str) -> tuple[str, str]:
    """Name and password of an Authorization header of kind Basic (RFC 7617); both "" where it is none."""
    kind, _, sent = authorization.partition(" ")
    if kind.lower() != "basic":
        return "", ""
    try:
        name, _, secret = base64.b64decode(sent.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return "", ""
    return name, secret


def is_loopback(address: str) -> bool:
    """Whether somebody on this machine asks."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return (getattr(found, "ipv4_mapped", None) or found).is_loopback
