"""Tables of the people room: accounts, groups, lines, sessions, tokens."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
    UniqueConstraint,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from unisono.people.model import Group, Line, LineKind, Preferences, SessionRecord, Token, User
from unisono.storage import Database, UtcDateTime, metadata


def _owned_by(table: str) -> ForeignKey:
    return ForeignKey(f"{table}.id", ondelete="CASCADE")


user_table = Table(
    "user_account",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("login", String(120), nullable=False),
    Column("login_key", String(200), nullable=False, unique=True),
    Column("password", String(200), nullable=False),
    Column("name", String(200), nullable=False),
    Column("mail", String(254), nullable=False),
    Column("given_name", String(120), nullable=False),
    Column("family_name", String(120), nullable=False),
    Column("title", String(120), nullable=False),
    Column("department", String(120), nullable=False),
    Column("mobile", String(64), nullable=False),
    Column("location_id", String(64), nullable=False),
    Column("locale", String(8), nullable=False),
    Column("admin", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("favourites", JSON, nullable=False),
    Column("settings", JSON, nullable=False),
)
group_table = Table(
    "user_group",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("name_key", String(200), nullable=False, unique=True),
)
membership_table = Table(
    "membership",
    metadata,
    Column("group_id", _owned_by("user_group"), primary_key=True),
    Column("user_id", _owned_by("user_account"), primary_key=True, index=True),
    Column("leader", Boolean, nullable=False),
)
line_table = Table(
    "line",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("connector", String(64), nullable=False),
    Column("device", String(120), nullable=False),
    Column("number", String(64), nullable=False),
    Column("name", String(120), nullable=False),
    Column("location_id", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("journal", Boolean, nullable=False),
    Column("private", Boolean, nullable=False),
    UniqueConstraint("connector", "device"),
)
line_user_table = Table(
    "line_user",
    metadata,
    Column("line_id", _owned_by("line"), primary_key=True),
    Column("user_id", _owned_by("user_account"), primary_key=True, index=True),
    Column("position", Integer, nullable=False),
)
session_table = Table(
    "session",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("user_id", _owned_by("user_account"), nullable=False, index=True),
    Column("created", UtcDateTime, nullable=False),
    Column("used", UtcDateTime, nullable=False),
)
token_table = Table(
    "token",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("user_id", _owned_by("user_account"), nullable=False, index=True),
    Column("name", String(120), nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("expires", UtcDateTime),
    Column("last_used", UtcDateTime),
)

Account = tuple[User, Preferences, str]
"""A user with their preferences and the hash of their password."""

_ROW_OF_USER = (
    *("id", "login", "name", "mail", "given_name", "family_name", "title", "department"),
    *("mobile", "location_id", "locale", "admin", "active"),
)
_ROW_OF_LINE = ("id", "connector", "device", "number", "name", "location_id", "journal", "private")


def _only(table: Table, column: str, ids: Collection[str] | None) -> Any:
    query = select(table)
    return query if ids is None else query.where(table.c[column].in_(ids))


async def read_users(connection: AsyncConnection, ids: Collection[str] | None = None) -> dict[str, Account]:
    """Accounts by id; all of them or these."""
    groups: dict[str, list[str]] = {}
    for row in await connection.execute(_only(membership_table, "user_id", ids).order_by("group_id")):
        groups.setdefault(row.user_id, []).append(row.group_id)
    lines: dict[str, list[str]] = {}
    for row in await connection.execute(_only(line_user_table, "user_id", ids).order_by("position", "line_id")):
        lines.setdefault(row.user_id, []).append(row.line_id)
    found = {}
    for row in await connection.execute(_only(user_table, "id", ids)):
        known = {name: getattr(row, name) for name in _ROW_OF_USER}
        user = User(**known, group_ids=tuple(groups.get(row.id, ())), line_ids=tuple(lines.get(row.id, ())))
        found[user.id] = (user, Preferences(tuple(row.favourites), dict(row.settings)), row.password)
    return found


async def read_groups(connection: AsyncConnection, ids: Collection[str] | None = None) -> dict[str, Group]:
    """Groups with their members, by id; all of them or these."""
    members: dict[str, list[str]] = {}
    leaders: dict[str, list[str]] = {}
    for row in await connection.execute(_only(membership_table, "group_id", ids).order_by("user_id")):
        members.setdefault(row.group_id, []).append(row.user_id)
        if row.leader:
            leaders.setdefault(row.group_id, []).append(row.user_id)
    rows = await connection.execute(_only(group_table, "id", ids))
    return {
        row.id: Group(row.id, row.name, tuple(members.get(row.id, ())), tuple(leaders.get(row.id, ()))) for row in rows
    }


async def read_lines(connection: AsyncConnection, ids: Collection[str] | None = None) -> dict[str, Line]:
    """Lines with their users, by id; all of them or these."""
    users: dict[str, list[str]] = {}
    for row in await connection.execute(_only(line_user_table, "line_id", ids).order_by("user_id")):
        users.setdefault(row.line_id, []).append(row.user_id)
    found = {}
    for row in await connection.execute(_only(line_table, "id", ids)):
        known = {name: getattr(row, name) for name in _ROW_OF_LINE}
        found[row.id] = Line(**known, kind=LineKind(row.kind), user_ids=tuple(users.get(row.id, ())))
    return found


async def write_user(connection: AsyncConnection, user: User, password: str | None) -> None:
    """Insert or update an account with its memberships and lines; `password` (a hash) only if given."""
    values: dict[str, Any] = {name: getattr(user, name) for name in _ROW_OF_USER}
    values["login_key"] = user.login.casefold()
    if password is not None:
        values["password"] = password
    done = await connection.execute(update(user_table).where(user_table.c.id == user.id).values(values))
    if done.rowcount == 0:
        await connection.execute(insert(user_table).values({"password": "", "favourites": [], "settings": {}, **values}))
    leads = {
        row.group_id
        for row in await connection.execute(
            select(membership_table).where(membership_table.c.user_id == user.id, membership_table.c.leader)
        )
    }
    await connection.execute(delete(membership_table).where(membership_table.c.user_id == user.id))
    rows = [{"group_id": id, "user_id": user.id, "leader": id in leads} for id in user.group_ids]
    await _insert(connection, membership_table, rows)
    await connection.execute(delete(line_user_table).where(line_user_table.c.user_id == user.id))
    rows = [{"line_id": id, "user_id": user.id, "position": n} for n, id in enumerate(user.line_ids)]
    await _insert(connection, line_user_table, rows)


async def write_group(connection: AsyncConnection, group: Group) -> None:
    """Insert or update a group with its members."""
    values = {"name": group.name, "name_key": group.name.casefold()}
    done = await connection.execute(update(group_table).where(group_table.c.id == group.id).values(values))
    if done.rowcount == 0:
        await connection.execute(insert(group_table).values(id=group.id, **values))
    await connection.execute(delete(membership_table).where(membership_table.c.group_id == group.id))
    leaders = frozenset(group.leader_ids)
    everyone = sorted({*group.member_ids, *leaders})
    rows = [{"group_id": group.id, "user_id": id, "leader": id in leaders} for id in everyone]
    await _insert(connection, membership_table, rows)


async def write_line(connection: AsyncConnection, line: Line) -> None:
    """Insert or update a line with its users; who has it already keeps its place among their lines."""
    values = {**{name: getattr(line, name) for name in _ROW_OF_LINE}, "kind": line.kind.value}
    done = await connection.execute(update(line_table).where(line_table.c.id == line.id).values(values))
    if done.rowcount == 0:
        await connection.execute(insert(line_table).values(values))
    rows = await connection.execute(select(line_user_table).where(line_user_table.c.line_id == line.id))
    had = {row.user_id for row in rows}
    gone = had - set(line.user_ids)
    await connection.execute(
        delete(line_user_table).where(line_user_table.c.line_id == line.id, line_user_table.c.user_id.in_(gone))
    )
    new = [{"line_id": line.id, "user_id": id, "position": 1000} for id in line.user_ids if id not in had]
    await _insert(connection, line_user_table, new)


async def _insert(connection: AsyncConnection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        await connection.execute(insert(table), rows)


async def remove(connection: AsyncConnection, table: Table, id: str) -> None:
    """Delete the row `id`; what belongs to it goes with it."""
    await connection.execute(delete(table).where(table.c.id == id))


async def write_password(connection: AsyncConnection, user_id: str, hashed: str) -> None:
    """Store a password's hash."""
    await connection.execute(update(user_table).where(user_table.c.id == user_id).values(password=hashed))


async def write_preferences(connection: AsyncConnection, user_id: str, preferences: Preferences) -> None:
    """Store a user's favourites and settings."""
    values = {"favourites": list(preferences.favourites), "settings": dict(preferences.settings)}
    await connection.execute(update(user_table).where(user_table.c.id == user_id).values(values))


class AccessStore:
    """Sessions and tokens: written often, one row at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def session(self, digest: str) -> SessionRecord | None:
        """One stored session."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(session_table).where(session_table.c.digest == digest))).one_or_none()
            return SessionRecord(**row._mapping) if row else None

    async def sessions_of(self, user_id: str) -> list[SessionRecord]:
        """A person's sessions, that of the longest rest first."""
        query = select(session_table).where(session_table.c.user_id == user_id).order_by(session_table.c.used)
        async with self._database.read() as connection:
            return [SessionRecord(**row._mapping) for row in await connection.execute(query)]

    async def add_session(self, session: SessionRecord) -> None:
        """Store a new session."""
        async with self._database.write() as connection:
            await connection.execute(
                insert(session_table).values(
                    digest=session.digest, user_id=session.user_id, created=session.created, used=session.used
                )
            )

    async def touch_session(self, digest: str, used: datetime) -> None:
        """Remember when a session was used last."""
        async with self._database.write() as connection:
            await connection.execute(update(session_table).where(session_table.c.digest == digest).values(used=used))

    async def remove_expired(self, created: datetime, used: datetime) -> None:
        """Forget sessions that were made, or used last, before these moments."""
        old = (session_table.c.created <= created) | (session_table.c.used <= used)
        async with self._database.write() as connection:
            await connection.execute(delete(session_table).where(old))

    async def tokens(self) -> dict[str, Token]:
        """Every stored token, by its digest."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(token_table))
            return {
                row.digest: Token(
                    row.id, row.user_id, row.name, tuple(row.scopes), row.created, row.expires, row.last_used
                )
                for row in rows
            }

    async def touch_token(self, id: str, used: datetime) -> None:
        """Remember when a token was used last."""
        async with self._database.write() as connection:
            await connection.execute(update(token_table).where(token_table.c.id == id).values(last_used=used))


async def remove_sessions(connection: AsyncConnection, digests: Collection[str]) -> None:
    """Forget these sessions."""
    await connection.execute(delete(session_table).where(session_table.c.digest.in_(digests)))


async def add_token(connection: AsyncConnection, digest: str, token: Token) -> None:
    """Store a new token."""
    values = {name: getattr(token, name) for name in ("id", "user_id", "name", "created", "expires", "last_used")}
    await connection.execute(insert(token_table).values(digest=digest, scopes=list(token.scopes), **values))


async def remove_tokens(connection: AsyncConnection, ids: Collection[str]) -> None:
    """Forget these tokens."""
    await connection.execute(delete(token_table).where(token_table.c.id.in_(ids)))
