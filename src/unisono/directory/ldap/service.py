"""The LDAP door as the server sees it: nodes, templates, users and profiles; who may bind; what a person sees."""

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from secrets import token_bytes
from typing import Any, TypeAlias, TypeVar

import msgspec

from unisono.directory.ldap import forward, store, templates
from unisono.directory.ldap.channel import Check, Checked
from unisono.directory.ldap.check import checked
from unisono.directory.ldap.figures import DoorCertificate, RefusedBind
from unisono.directory.ldap.model import Configuration, Identity, Kind, LdapUser, Node, Profile, Template, TemplateOrigin
from unisono.directory.ldap.profiles import Limits, view_of_person
from unisono.directory.ldap.settings import LdapSettings
from unisono.directory.ldap.workers import Workers
from unisono.directory.views import View
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Conflict, Fault, Forbidden, Invalid, NotFound, Unavailable
from unisono.kernel.expected import ANYTHING, Expected
from unisono.kernel.log import Log
from unisono.kernel.text import tidy
from unisono.numbers.convert import location_to_json
from unisono.numbers.service import Locations
from unisono.people.passwords import Passwords
from unisono.people.service import People
from unisono.storage import Database, Shared
from unisono.wire.ldap.dn import Dn

Item: TypeAlias = Node | Template | LdapUser | Profile
Kept = TypeVar("Kept", bound=Item)

KINDS: Mapping[str, type[Item]] = {"node": Node, "template": Template, "user": LdapUser, "profile": Profile}
_KEYS: Mapping[type, str] = {type_: kind for kind, type_ in KINDS.items()}
DEFAULT = Node("meta")
_REFUSALS_KEPT = 20
_NAMES_TOLD = 5
_MOST = {"node": 200, "template": 200, "user": 10_000, "profile": 1_000}

log = Log("ldap")


@dataclass(frozen=True, slots=True)
class OpenDoor:
    """The door while it is open: `addresses` are the names and addresses under which telephones find this machine."""

    workers: Workers
    addresses: Sequence[str]
    local_only: bool
    certificate: DoorCertificate | None


class LdapService:
    """Call `load` once before use. Reading never waits."""

    def __init__(
        self, database: Database, people: People, locations: Locations, clock: Clock, settings: LdapSettings | None = None
    ) -> None:
        self._store = store.Items(database)
        self.shared = Shared(database, "ldap", self._take)
        self._people = people
        self._locations = locations
        self.clock = clock
        self.settings = settings or LdapSettings()
        self.door: OpenDoor | None = None
        """None: it is not open."""
        self.refused_binds: deque[RefusedBind] = deque(maxlen=_REFUSALS_KEPT)
        """The last ones, the latest last."""
        self.refused = 0
        """How many there were since the start."""
        self._passwords = Passwords(people.settings)
        self._brake = people.sign_in.brake
        self._asking: dict[tuple[str, bytes], asyncio.Future[Checked]] = {}
        self._items: dict[str, dict[str, Item]] = {kind: {} for kind in KINDS}
        self._hashes: dict[str, str] = {}
        self._key = token_bytes(32)
        self.limits = Limits()
        """What profiles keep from people; another one as soon as profiles changed."""
        self._ready = templates.ready()
        self._told: list[Callable[[Configuration], None]] = []
        self.fleets_with: Callable[[str], Sequence[str]] = lambda _: ()
        """The names of the fleets that have a profile, from who keeps fleets."""
        locations.watch(self.tell)

    async def load(self) -> None:
        """Read everything from the database; a new server has one node, `dc=meta`."""
        await self.shared.load()

    async def _take(self, _: Collection[str] | None) -> None:
        items: dict[str, dict[str, Item]] = {kind: {} for kind in KINDS}
        for kind, data in await self._store.read():
            item = msgspec.convert(data, KINDS[kind])
            items[kind][item.id] = item
        hashes = await self._store.passwords()
        before = self._items, self._hashes
        self._items, self._hashes = items, hashes
        limits = Limits(self.profiles())
        if limits.profiles != self.limits.profiles:
            self.limits = limits
        if before != (items, hashes):
            self.tell()

    # What holds

    def nodes(self) -> Sequence[Node]:
        """All nodes, that of the root first."""
        found = [node for node in self._items["node"].values() if isinstance(node, Node)]
        return sorted(found, key=lambda node: (node.suffix != DEFAULT.suffix, node.suffix)) or [DEFAULT]

    def templates(self) -> Sequence[Template]:
        """The ready ones and those of one's own, which come before a ready one of the same id."""
        own = {id: template for id, template in self._items["template"].items() if isinstance(template, Template)}
        return sorted({**self._ready, **own}.values(), key=lambda template: template.name.casefold())

    def origin(self, template_id: str) -> TemplateOrigin:
        """Where a template comes from."""
        if template_id not in self._ready:
            return TemplateOrigin.OWN
        return TemplateOrigin.CHANGED if template_id in self._items["template"] else TemplateOrigin.READY

    def users(self) -> Sequence[LdapUser]:
        """Users of this door, by name."""
        found = [user for user in self._items["user"].values() if isinstance(user, LdapUser)]
        return sorted(found, key=lambda user: user.name.casefold())

    def profiles(self) -> Sequence[Profile]:
        """All profiles, by name."""
        found = [profile for profile in self._items["profile"].values() if isinstance(profile, Profile)]
        return sorted(found, key=lambda profile: profile.name.casefold())

    def stored(self, kind: type[Kept], id: str) -> Kept | None:
        """What there is under an id, be it there without having been saved by anybody."""
        saved = self._items[_KEYS[kind]]
        unset: Mapping[type, Mapping[str, Item]] = {Template: self._ready, Node: {} if saved else {DEFAULT.id: DEFAULT}}
        found = saved.get(id) or unset.get(kind, {}).get(id)
        return found if isinstance(found, kind) else None

    def configuration(self) -> Configuration:
        """Everything a worker has to know."""
        return Configuration(
            nodes=tuple(self.nodes()),
            templates=tuple(self.templates()),
            profiles=tuple(self.profiles()),
            users=tuple(user.id for user in self.users() if user.active),
            people={user.id: tuple(user.group_ids) for user in self._people.users() if user.active},
            locations=tuple((id, location_to_json(location)) for id, location in self._locations.all().items()),
            marks={
                Kind.USER: {id: self._mark(hashed) for id, hashed in self._hashes.items()},
                Kind.PERSON: {user.id: self._mark(self._people.password_origin(user.id)) for user in self._people.users()},
            },
        )

    def bound(self, kind: Kind, id: str, name: str = "") -> Identity:
        """Who gave the present password; `name` is what they bound as, else the id."""
        hashed = self._people.password_origin(id) if kind is Kind.PERSON else self._hashes.get(id, "")
        return Identity(kind, id, name or id, mark=self._mark(hashed))

    def _mark(self, hashed: str) -> str:
        # By a key of this process: what the workers hold serves nobody to try out passwords.
        return blake2b(hashed.encode(), key=self._key, digest_size=12).hexdigest() if hashed else ""

    def view_of_person(self, user_id: str) -> View:
        """The books that a person of this server sees, whichever door they come through."""
        user = self._people.user(user_id)
        return view_of_person(user_id, user.group_ids if user else (), self.profiles())

    def attach(self, told: Callable[[Configuration], None]) -> None:
        """Tell what holds, now and whenever it changes."""
        self._told.append(told)
        told(self.configuration())

    def tell(self) -> None:
        """Something that the door has to know has changed."""
        if self._told:
            configuration = self.configuration()
            for told in self._told:
                told(configuration)

    # Changes

    async def save(
        self,
        item: Kept,
        password: str = "",
        expected: Expected = ANYTHING,
        known: Callable[[Kept, Kept | None], None] = lambda item, before: None,
    ) -> Kept:
        """Add or replace; it holds at once. Returns it as it is kept. `known` looks at it and at what is stored.

        Raises what `known` raises, `Invalid`, `Conflict` for what is taken, and where something else is expected `NotFound` or
        `Outdated`.
        """
        kind = _KEYS[type(item)]
        item = checked(item, self.stored(type(item), item.id))
        hashed = await self._passwords.hash(password) if password and isinstance(item, LdapUser) else ""
        async with self.shared.changing() as change:
            before = self.stored(type(item), item.id)
            expected.check(before)
            known(item, before)
            self._free(kind, item)
            if isinstance(item, LdapUser) and not hashed and item.id not in self._hashes:
                raise Invalid("ldap-invalid", "password: Give a password.", data={"field": "password", "problem": "missing"})
            if isinstance(item, Node) and not self._items[kind] and DEFAULT.id != item.id:
                # The first node of one's own does not take the place of the one that was there unset.
                await store.put(change.connection, kind, DEFAULT.id, msgspec.to_builtins(DEFAULT))
            data: dict[str, Any] = msgspec.to_builtins(item)
            await store.put(change.connection, kind, item.id, data, hashed)
        return item

    def _free(self, kind: str, item: Item) -> None:
        there = self.nodes() if isinstance(item, Node) else self._items[kind].values()
        others = [other for other in there if other.id != item.id]
        if len(others) >= _MOST[kind]:
            raise Conflict("ldap-taken", f"There can be {_MOST[kind]} of them.", data={"field": "id"})
        own = _unique(item)
        if any(_unique(other) == own for other in others):
            field, taken = ("suffix", item.suffix) if isinstance(item, Node) else ("name", item.name)
            raise Conflict("ldap-taken", f"{field}: {taken} is taken already.", data={"field": field})

    async def remove(self, kind: str, id: str, expected: Expected = ANYTHING) -> None:
        """Take away; it holds no more at once. Raises `NotFound`, `Outdated`, or `Conflict` for a profile that somebody has."""
        async with self.shared.changing() as change:
            if id not in self._items[kind]:
                raise NotFound("ldap-unknown", f"There is no {kind} {id!r} that could be removed.", data={"id": id})
            item = self._items[kind][id]
            expected.check(item)
            if isinstance(item, Profile):
                self._need_unused(item)
            await store.remove(change.connection, kind, id)

    def _need_unused(self, profile: Profile) -> None:
        """People without a profile see everything: what limits them is not taken away by the way."""
        if profile.everybody:
            message = "This profile is for everybody: without it people who have no other would see everything."
            raise Conflict("profile-for-everybody", message, data={"id": profile.id})
        having = {
            "people": [user.name for user in self._people.users() if user.id in profile.people],
            "groups": [group.name for group in self._people.groups() if group.id in profile.groups],
            "users": [user.name for user in self.users() if user.id in profile.users],
            "directory_groups": list(profile.directory_groups),
            "fleets": list(self.fleets_with(profile.id)),
        }
        names = [name for each in having.values() for name in each]
        if names:
            counts = {kind: len(each) for kind, each in having.items()}
            told = ", ".join(names[:_NAMES_TOLD]) + (", …" if len(names) > _NAMES_TOLD else "")
            message = f"{len(names)} have this profile: {told}. Take it from them first: people without one see everything."
            raise Conflict("profile-in-use", message, data={"id": profile.id, "names": told, **counts})

    # Who may bind

    async def check(self, asked: Check) -> Checked:
        """Whether a password is right, slowed down where many were wrong.

        The same name and password from many telephones at once, as after a power cut, is one question.
        """
        key = asked.name, asked.password
        running = self._asking.get(key)
        # Who has to wait may not learn either what somebody else is just answered.
        if running is not None and not self._brake.wait(_counted(asked.name), asked.address, self.clock.monotonic()):
            return msgspec.structs.replace(await asyncio.shield(running), id=asked.id)
        answer = Checked(asked.id, None, True, "The password could not be checked now")
        mine = self._asking[key] = asyncio.get_running_loop().create_future()
        try:
            answer = await self._check(asked)
        finally:
            if self._asking.get(key) is mine:
                del self._asking[key]
            mine.set_result(answer)
        return answer

    async def _check(self, asked: Check) -> Checked:
        try:
            identity = await self._identity(asked.name.strip(), asked.password.decode(), asked.address)
        except (UnicodeDecodeError, Forbidden):
            self._turned_away(asked, "")
            log.warning("a bind was refused", name=asked.name[:120], address=asked.address)
            return Checked(asked.id)
        except Fault as fault:
            self._turned_away(asked, fault.code)
            log.warning("a bind could not be checked", name=asked.name[:120], address=asked.address, reason=fault.code)
            return Checked(asked.id, None, True, fault.message)
        return Checked(asked.id, identity)

    def _turned_away(self, asked: Check, code: str) -> None:
        self.refused += 1
        self.refused_binds.append(RefusedBind(self.clock.now(), asked.name[:120], asked.address, code))

    async def _identity(self, name: str, password: str, address: str) -> Identity:
        names = name.casefold(), tidy(name).casefold()
        own = next((user for user in self.users() if user.name.casefold() in names), None)
        directory = self.settings.active_directory
        if own is None and (not directory or self._people.by_login(name) is not None):
            user = await self._people.sign_in.check(name, password, address)
            return self.bound(Kind.PERSON, user.id, user.login)
        counted = _counted(name)
        self._brake.begin(counted, address, self.clock.monotonic())
        if own is not None:
            right = await self._is_password_of(own.id, password)
            identity = self.bound(Kind.USER, own.id, own.name)
        else:
            asks = any(profile.directory_groups for profile in self.profiles())
            try:
                groups = await forward.binds(self.settings, name, password, with_groups=asks)
            except (Unavailable, asyncio.CancelledError):
                self._brake.take_back(counted, address)
                raise
            right = groups is not None
            identity = Identity(Kind.DIRECTORY, counted, name, groups or ())
        if not right:
            raise Forbidden("sign-in-failed", "Name or password is wrong, or the account is not active.")
        self._brake.right(counted, address)
        return identity

    async def _is_password_of(self, user_id: str, password: str) -> bool:
        stored = self._hash(user_id)
        while await self._passwords.matches(password[:1025], stored):
            if stored == (latest := self._hash(user_id)):
                return True
            stored = latest  # changed, or switched off, while this was computed
        return False

    def _hash(self, user_id: str) -> str:
        user = self._items["user"].get(user_id)
        return self._hashes.get(user_id, "") if isinstance(user, LdapUser) and user.active else ""


def _counted(name: str) -> str:
    """The name under which wrong passwords are counted."""
    return name.strip().casefold()[:200]


def _unique(item: Item) -> object:
    """Of which there is one only."""
    return Dn.parse(item.suffix).key if isinstance(item, Node) else item.name.casefold()
