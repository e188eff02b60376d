"""Accounts, groups and lines: read from memory at once, written to the database."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from unisono.kernel.bus import Bus
from unisono.kernel.clock import Clock
from unisono.kernel.errors import NotFound
from unisono.kernel.expected import ANYTHING, Expected
from unisono.kernel.ids import new_id
from unisono.kernel.text import tidy
from unisono.people import check
from unisono.people import store as tables
from unisono.people.events import PeopleChanged, PreferencesChanged
from unisono.people.model import Group, Line, Preferences, User
from unisono.people.passwords import Passwords
from unisono.people.settings import PeopleSettings
from unisono.people.sign_in import SignIn
from unisono.storage import Change, Database, Shared

Kind = TypeVar("Kind")

FAVOURITES_MOST = 2000
SETTINGS_MOST = 200
SETTINGS_BYTES_MOST = 256 * 1024
"""Of all settings of a person as JSON: they are in memory, and in every snapshot of their windows."""


class People:
    """Everybody with an account, their groups and lines. Call `load` once before use.

    Reading never waits; what is returned is immutable. Every write is one transaction and tells `PeopleChanged`, on the other
    servers too.
    """

    def __init__(
        self, database: Database, clock: Clock, bus: Bus, settings: PeopleSettings | None = None
    ) -> None:
        self.settings = settings or PeopleSettings()
        self.version = 0
        """Grows with every change of a user, group or line."""
        self._database = database
        self._bus = bus
        self._passwords = Passwords(self.settings)
        self._users: dict[str, User] = {}
        self._hashes: dict[str, str] = {}
        self._rehashed: dict[str, str] = {}
        """Hashes that were made of a password with later parameters, each with its first one."""
        self._preferences: dict[str, Preferences] = {}
        self._groups: dict[str, Group] = {}
        self._lines: dict[str, Line] = {}
        self._by_login: dict[str, str] = {}
        self._by_device: dict[tuple[str, str], str] = {}
        self.shared = Shared(database, "people", self._take)
        self.sign_in = SignIn(self, database, self._passwords, clock, bus, self.settings)

    async def load(self) -> None:
        """Read everything from the database."""
        await self.shared.load()
        await self.sign_in.load()

    async def refresh(self) -> None:
        """Know at once what other servers have changed."""
        await self.shared.refresh()

    # reading

    def user(self, id: str) -> User | None:
        """One person, active or not."""
        return self._users.get(id)

    def need_user(self, id: str) -> User:
        """One person; raises `NotFound`."""
        if id not in self._users:
            raise NotFound("unknown-person", "There is no such person (any more).")
        return self._users[id]

    def by_login(self, login: str) -> User | None:
        """Who signs in with this name, compared without case."""
        id = self._by_login.get(_compared(login))
        return self._users[id] if id else None

    def users(self) -> list[User]:
        """Everybody, active or not, by name."""
        return sorted(self._users.values(), key=lambda user: (user.name.casefold(), user.id))

    def groups(self) -> list[Group]:
        """All groups, by name."""
        return sorted(self._groups.values(), key=lambda group: (group.name.casefold(), group.id))

    def group(self, id: str) -> Group | None:
        """One group."""
        return self._groups.get(id)

    def need_group(self, id: str) -> Group:
        """One group; raises `NotFound`."""
        return self._need(self._groups, id, "group")

    def line(self, id: str) -> Line | None:
        """One line."""
        return self._lines.get(id)

    def line_at(self, connector: str, device: str) -> Line | None:
        """The line that stands for this device of a PBX, if it is one of ours."""
        id = self._by_device.get((connector, device))
        return self._lines[id] if id else None

    def lines(self) -> list[Line]:
        """All lines, by number."""
        return sorted(self._lines.values(), key=lambda line: (len(line.number), line.number, line.id))

    def lines_of(self, user_id: str) -> tuple[Line, ...]:
        """A person's lines in order, the main one first."""
        user = self._users.get(user_id)
        return tuple(self._lines[id] for id in user.line_ids) if user else ()

    def devices_of(self, connector: str) -> frozenset[str]:
        """The devices of our lines on one PBX."""
        return frozenset(device for at, device in self._by_device if at == connector)

    def preferences(self, user_id: str) -> Preferences:
        """What a person set for themselves."""
        return self._preferences.get(user_id, Preferences())

    def password_hash(self, user_id: str) -> str:
        """The stored hash, "" for who cannot sign in by password."""
        return self._hashes.get(user_id, "")

    def password_origin(self, user_id: str) -> str:
        """The first hash of the present password: unlike `password_hash`, another one only if the password is."""
        hashed = self.password_hash(user_id)
        return self._rehashed.get(hashed, hashed)

    # writing

    async def save_user(self, wanted: User, password: str | None = None, expected: Expected = ANYTHING) -> User:
        """Add (empty id) or change an account; raises `Invalid` naming the field, `Outdated`."""
        hashed = None
        if password is not None:
            await self.refresh()
            expected.check(self._users.get(wanted.id))
            check.user(wanted, self._groups, self._lines)
            check.password(password, self.settings.password_length)
            hashed = await self._passwords.hash(password)
        async with self.shared.changing() as change:
            old = self.need_user(wanted.id) if wanted.id else None
            expected.check(old)
            user = await self._save_user(change, wanted, hashed)
        if old and (password is not None or not user.active):
            await self.sign_in.end_all(user.id)
        return self._users[user.id]

    async def _save_user(self, change: Change, wanted: User, hashed: str | None) -> User:
        user = check.user(wanted, self._groups, self._lines)
        other = self._by_login.get(_compared(user.login))
        if other is not None and other != user.id:
            raise check.wrong("login", "login-taken", f"{user.login!r} is already {self._users[other].name}.")
        old = self.need_user(user.id) if user.id else None
        self._keep_an_admin(old, user)
        user = user if old else replace(user, id=new_id())
        await tables.write_user(change.connection, user, hashed)
        was = old or User("", "", "")
        change.ids.update([user.id], was.group_ids, user.group_ids, was.line_ids, user.line_ids)
        return user

    async def remove_user(self, id: str, expected: Expected = ANYTHING) -> None:
        """Delete an account with its sessions, tokens and grants; raises `NotFound`, `Outdated`."""
        async with self.shared.changing() as change:
            user = self.need_user(id)
            expected.check(user)
            self._keep_an_admin(user, replace(user, active=False))
            await tables.remove(change.connection, tables.user_table, id)
            change.ids.update([id], user.group_ids, user.line_ids)
        await self.sign_in.end_all(id, tokens=True)

    async def save_group(self, wanted: Group, expected: Expected = ANYTHING) -> Group:
        """Add (empty id) or change a group; raises `Invalid` naming the field, `Outdated`."""
        async with self.shared.changing() as change:
            old = self.need_group(wanted.id) if wanted.id else Group("", "")
            expected.check(old)
            group = check.group(wanted, self._users)
            if any(g.name.casefold() == group.name.casefold() and g.id != group.id for g in self._groups.values()):
                raise check.wrong("name", "group-taken", f"There is already a group {group.name!r}.")
            group = group if group.id else replace(group, id=new_id())
            await tables.write_group(change.connection, group)
            change.ids.update([group.id], old.member_ids, group.member_ids, group.leader_ids)
        return self._groups[group.id]

    async def remove_group(self, id: str, expected: Expected = ANYTHING) -> None:
        """Delete a group; its members stay. Raises `NotFound`, `Outdated`."""
        async with self.shared.changing() as change:
            group = self.need_group(id)
            expected.check(group)
            await tables.remove(change.connection, tables.group_table, id)
            change.ids.update([id], group.member_ids)

    async def save_line(self, wanted: Line, expected: Expected = ANYTHING) -> Line:
        """Add (empty id) or change a line; raises `Invalid` naming the field, `Outdated`."""
        async with self.shared.changing() as change:
            old = self._need(self._lines, wanted.id, "line") if wanted.id else Line("", "", "", "")
            expected.check(old)
            line = check.line(wanted, self._users)
            other = self._by_device.get((line.connector, line.device))
            if other is not None and other != line.id:
                raise check.wrong("device", "line-taken", f"Device {line.device!r} of this PBX is already a line.")
            line = line if line.id else replace(line, id=new_id())
            await tables.write_line(change.connection, line)
            change.ids.update([line.id], old.user_ids, line.user_ids)
        return self._lines[line.id]

    async def add_lines(self, wanted: Sequence[Line]) -> list[Line]:
        """Add lines, all of them or none; raises `Invalid` naming the field."""
        async with self.shared.changing() as change:
            lines = [replace(check.line(each, self._users), id=new_id()) for each in wanted]
            taken = set(self._by_device)
            for line in lines:
                if (line.connector, line.device) in taken:
                    raise check.wrong("device", "line-taken", f"Device {line.device!r} of this PBX is already a line.")
                taken.add((line.connector, line.device))
            for line in lines:
                await tables.write_line(change.connection, line)
                change.ids.update([line.id], line.user_ids)
        return [self._lines[line.id] for line in lines]

    async def remove_line(self, id: str, expected: Expected = ANYTHING) -> None:
        """Delete a line; raises `NotFound`, `Outdated`."""
        async with self.shared.changing() as change:
            line = self._need(self._lines, id, "line")
            expected.check(line)
            await self._remove_line(change, line)

    async def remove_lines(self, ids: Sequence[str]) -> None:
        """Delete lines, all of them or none; raises `NotFound`."""
        async with self.shared.changing() as change:
            for line in [self._need(self._lines, id, "line") for id in ids]:
                await self._remove_line(change, line)

    @staticmethod
    async def _remove_line(change: Change, line: Line) -> None:
        await tables.remove(change.connection, tables.line_table, line.id)
        change.ids.update([line.id], line.user_ids)

    async def set_preferences(
        self, user_id: str, favourites: Iterable[str] | None = None, settings: Mapping[str, object] | None = None
    ) -> Preferences:
        """Replace the favourites, merge settings by key (None removes one); whichever is given."""
        async with self.shared.changing() as change:
            self.need_user(user_id)
            old = self.preferences(user_id)
            chosen = old.favourites if favourites is None else tuple(dict.fromkeys(favourites))
            merged = {**old.settings, **(settings or {})}
            merged = {key: value for key, value in merged.items() if value is not None}
            if len(chosen) > FAVOURITES_MOST:
                raise check.wrong("favourites", "too-many-favourites", f"At most {FAVOURITES_MOST} favourites.")
            if len(merged) > SETTINGS_MOST:
                raise check.wrong("settings", "too-many-settings", f"At most {SETTINGS_MOST} settings.")
            if len(json.dumps(merged)) > SETTINGS_BYTES_MOST:
                raise check.wrong("settings", "settings-too-large", f"At most {SETTINGS_BYTES_MOST // 1024} KiB of settings.")
            await tables.write_preferences(change.connection, user_id, Preferences(chosen, merged))
            change.ids.add(user_id)
        return self.preferences(user_id)

    async def change_own(self, user_id: str, *, name: str | None = None, locale: str | None = None) -> User:
        """What people may change of their own account; None stays. Raises `Invalid` naming the field."""
        async with self.shared.changing() as change:
            # Read inside: what an admin took away while this waited, on whatever server, must not come back.
            user = self.need_user(user_id)
            wanted = replace(user, name=user.name if name is None else name, locale=user.locale if locale is None else locale)
            if wanted != user:
                await self._save_user(change, wanted, None)
        return self._users[user_id]

    async def change_password(self, user_id: str, old: str, new: str, keep: str = "") -> None:
        """A person changes their own; their other sessions end. `keep`: the secret of the one at hand. Raises `Invalid`."""
        await self.sign_in.confirm(user_id, old)
        await self.set_password(user_id, new, keep)

    async def set_password(self, user_id: str, new: str, keep: str = "") -> None:
        """Set someone's password; their sessions end, except that of the secret `keep`."""
        check.password(new, self.settings.password_length)
        hashed = await self._passwords.hash(new)
        async with self.shared.changing() as change:
            self.need_user(user_id)
            await self._write_hash(change, user_id, hashed)
        await self.sign_in.end_all(user_id, keep=keep)

    async def keep_hash(self, user_id: str, old: str, hashed: str) -> None:
        """Store a fresh hash of the same password, unless it was changed meanwhile and `old` is not its hash any more."""
        async with self.shared.changing() as change:
            if self.password_hash(user_id) == old:
                await self._write_hash(change, user_id, hashed)
                self._rehashed[hashed] = self._rehashed.get(old, old)
                self._hashes[user_id] = hashed  # nobody has to be told: it is the same password

    @staticmethod
    async def _write_hash(change: Change, user_id: str, hashed: str) -> None:
        await tables.write_password(change.connection, user_id, hashed)
        change.ids.add(user_id)

    # inside

    async def _take(self, ids: Collection[str] | None) -> None:
        """What stands in the database is in memory, and told if it is something else; nothing is told when a server starts."""
        async with self._database.read() as connection:
            users = await tables.read_users(connection, ids)
            groups = await tables.read_groups(connection, ids)
            lines = await tables.read_lines(connection, ids)
        changed = PeopleChanged(
            frozenset(id for id in _among(ids, self._users, users) if self._account(id) != _without_preferences(users.get(id))),
            frozenset(id for id in _among(ids, self._groups, groups) if self._groups.get(id) != groups.get(id)),
            frozenset(id for id in _among(ids, self._lines, lines) if self._lines.get(id) != lines.get(id)),
        )
        # Those who are in a group or use a line are shown with it.
        near = _of(changed.groups, (self._groups, groups), lambda group: group.member_ids)
        near |= _of(changed.lines, (self._lines, lines), lambda line: line.user_ids)
        preferring = [id for id, (_, preferences, _) in users.items() if self.preferences(id) != preferences]
        self._put(changed, users, groups, lines)
        for id in preferring:
            self._preferences[id] = users[id][1]
        if self.shared.seen is None:
            return
        if changed != PeopleChanged():
            self._bus.publish(replace(changed, users=changed.users | near))
        for id in preferring:
            if id not in changed.users | near:
                self._bus.publish(PreferencesChanged(id))

    def _put(
        self,
        changed: PeopleChanged,
        users: Mapping[str, tables.Account],
        groups: Mapping[str, Group],
        lines: Mapping[str, Line],
    ) -> None:
        self.version += 1
        for id in changed.users:
            self._drop_user(id)
        for id in changed.groups:
            self._groups.pop(id, None)
        for id in changed.lines:
            self._drop_line(id)
        for id in changed.users & users.keys():
            self._put_user(*users[id])
        self._groups.update((id, groups[id]) for id in changed.groups & groups.keys())
        for id in changed.lines & lines.keys():
            self._put_line(lines[id])

    def _account(self, id: str) -> tuple[User, str] | None:
        user = self._users.get(id)
        return (user, self.password_hash(id)) if user else None

    def _put_user(self, user: User, preferences: Preferences, hashed: str) -> None:
        self._users[user.id] = user
        self._preferences[user.id] = preferences
        self._hashes[user.id] = hashed
        self._by_login[_compared(user.login)] = user.id

    def _drop_user(self, id: str) -> None:
        user = self._users.pop(id, None)
        if user:
            self._by_login.pop(_compared(user.login), None)
            self._preferences.pop(id, None)
            self._hashes.pop(id, None)

    def _put_line(self, line: Line) -> None:
        self._lines[line.id] = line
        self._by_device[line.connector, line.device] = line.id

    def _drop_line(self, id: str) -> None:
        line = self._lines.pop(id, None)
        if line:
            self._by_device.pop((line.connector, line.device), None)

    def _keep_an_admin(self, old: User | None, new: User) -> None:
        if old is None or not (old.admin and old.active) or (new.admin and new.active):
            return
        if not any(user.admin and user.active and user.id != old.id for user in self._users.values()):
            raise check.wrong("admin", "last-admin", f"{old.name} is the only admin left; make another one first.")

    @staticmethod
    def _need(there: Mapping[str, Kind], id: str, what: str) -> Kind:
        if id not in there:
            raise NotFound(f"unknown-{what}", f"There is no such {what} (any more).")
        return there[id]


def _among(ids: Collection[str] | None, *places: Mapping[str, object]) -> set[str]:
    """Which of these are in any of the places; None: all that are."""
    everywhere = {id for place in places for id in place}
    return everywhere if ids is None else everywhere.intersection(ids)


def _of(ids: frozenset[str], places: Iterable[Mapping[str, Kind]], people: Callable[[Kind], Iterable[str]]) -> set[str]:
    """The people of these groups or lines, as they were and as they are."""
    return {person for place in places for id in ids & place.keys() for person in people(place[id])}


def _without_preferences(account: tables.Account | None) -> tuple[User, str] | None:
    return (account[0], account[2]) if account else None


def _compared(login: str) -> str:
    """A sign-in name as it is looked up: some keyboards give letters and their accents apart."""
    return tidy(login).casefold()
