"""Who is this? Passwords, sessions of browsers, tokens of programs."""

import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from unisono.kernel import text
from unisono.kernel.bus import Bus
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Forbidden, Invalid, NotFound
from unisono.kernel.ids import new_id
from unisono.kernel.secrets import new_token
from unisono.people import store as tables
from unisono.people.attempts import Attempts, Brake, refuse
from unisono.people.events import SessionsChanged
from unisono.people.model import SessionRecord, Token, User
from unisono.people.passwords import Passwords
from unisono.people.settings import PeopleSettings
from unisono.storage import Database, Shared

# A session's or token's last use is written at most this often.
TOUCH = timedelta(minutes=5)
SESSIONS_PER_USER = 20
TOKENS_PER_USER = 50


class Accounts(Protocol):
    """What signing in needs of the people."""

    def user(self, id: str) -> User | None:
        """One person."""
        ...

    def by_login(self, login: str) -> User | None:
        """Who signs in with this name."""
        ...

    def password_hash(self, user_id: str) -> str:
        """The stored hash."""
        ...

    async def keep_hash(self, user_id: str, old: str, hashed: str) -> None:
        """Store a fresh hash of the same password in place of `old`."""
        ...

    async def refresh(self) -> None:
        """Know at once what other servers have changed."""
        ...


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser. `secret` goes into its cookie and nowhere else; `csrf` into its pages."""

    user: User
    secret: str
    csrf: str
    expires: datetime


def digest(secret: str) -> str:
    """What is stored of a secret: enough to recognise it, useless to whoever reads the database."""
    return hashlib.sha256(secret.encode()).hexdigest()


class SignIn:
    """Passwords in, sessions and tokens out. Part of `People`.

    Sessions are looked up when they are used first: another server may have opened them. Those in memory are forgotten when
    any server has ended them.
    """

    def __init__(
        self,
        accounts: Accounts,
        database: Database,
        passwords: Passwords,
        clock: Clock,
        bus: Bus,
        settings: PeopleSettings,
    ) -> None:
        self._accounts = accounts
        self._store = tables.AccessStore(database)
        self._passwords = passwords
        self._clock = clock
        self._bus = bus
        self._idle = timedelta(hours=settings.session_hours)
        self._most = timedelta(days=settings.session_days)
        self.brake = Brake(settings)
        """On guessing, for every door that takes passwords."""
        self._confirming = Attempts(settings.free_attempts, settings.lock_seconds)
        self._sessions: dict[str, SessionRecord] = {}
        self._ended = 0
        """How often sessions were ended."""
        self._tokens: dict[str, Token] = {}
        self.shared_sessions = Shared(database, "sessions", self._take_ended)
        self.shared_tokens = Shared(database, "tokens", self._take_tokens)

    async def load(self) -> None:
        """Read tokens; throw away sessions that have expired."""
        await self._remove_expired()
        await self.shared_sessions.load()
        await self.shared_tokens.load()

    # passwords

    async def by_password(self, login: str, password: str, address: str) -> Session:
        """Open a session; raises `Forbidden` (wrong) or `TooMany` (wait), the same for unknown names as for known ones."""
        await self._accounts.refresh()
        user = await self.check(login, password, address)
        hashed = self._accounts.password_hash(user.id)
        session = await self.open(user)
        # Whoever changes a password ends all sessions after it: also one that another server opened with the old one.
        await self._accounts.refresh()
        now = self._accounts.user(user.id)
        if now is None or not now.active or self._accounts.password_hash(user.id) != hashed:
            await self.close(session.secret)
            raise _refused()
        return session

    async def confirm(self, user_id: str, password: str) -> None:
        """A signed-in person proves themselves again; raises `Invalid` or `TooMany`.

        What strangers guess at the doors does not slow them down, nor does this slow down who signs in.
        """
        now = self._clock.monotonic()
        if (wait := self._confirming.wait(user_id, now)) > 0:
            raise refuse(wait)
        self._confirming.begin(user_id, now)
        await self._accounts.refresh()
        if await self._right(self._accounts.user(user_id), password) is None:
            raise Invalid("password-wrong", "That is not your present password.", data={"field": "old"})
        self._confirming.forgive(user_id)

    async def check(self, login: str, password: str, address: str) -> User:
        """Whose name and password these are; raises as `by_password` does. It opens no session."""
        name = login.strip().casefold()[:200]
        self.brake.begin(name, address, self._clock.monotonic())
        user = self._accounts.by_login(name)
        stored = await self._right(user, password)
        if stored is None or user is None:
            raise _refused()
        self.brake.right(name, address)
        if self._passwords.outdated(stored):
            await self._accounts.keep_hash(user.id, stored, await self._passwords.hash(password))
        return user

    async def _right(self, user: User | None, password: str) -> str | None:
        """The hash of the password, if it is the right one; it takes as long for somebody who is not there."""
        stored = self._hash(user)
        right = await self._passwords.matches(password[:1025], stored)
        while right and user is not None and stored != (latest := self._hash(self._accounts.user(user.id))):
            # The password was changed, or its owner blocked, while this was computed: the old one opens nothing new.
            stored = latest
            right = await self._passwords.matches(password[:1025], stored)
        return stored if right else None

    def _hash(self, user: User | None) -> str:
        return self._accounts.password_hash(user.id) if user is not None and user.active else ""

    # sessions

    async def open(self, user: User) -> Session:
        """A new session for someone who has proved who they are."""
        now = self._clock.now()
        secret = new_token()
        record = SessionRecord(digest(secret), user.id, now, now)
        own = await self._store.sessions_of(user.id)
        await self._end([session.digest for session in own[: max(0, len(own) + 1 - SESSIONS_PER_USER)]])
        await self._store.add_session(record)
        self._sessions[record.digest] = record
        return self._shown(user, secret, record)

    async def session(self, secret: str) -> Session | None:
        """The session of a cookie, prolonged by this use; None when it has ended."""
        key = digest(secret)
        record = self._sessions.get(key)
        if record is None or not self._lives(record):
            record = await self._look_up(key)
        user = self._accounts.user(record.user_id) if record else None
        if record is None or user is None or not user.active:
            return None
        now = self._clock.now()
        if now - record.used >= TOUCH:
            record = replace(record, used=now)
            if key in self._sessions:
                self._sessions[key] = record
            await self._store.touch_session(key, now)
        return self._shown(user, secret, record)

    async def _look_up(self, key: str) -> SessionRecord | None:
        """A living session as it is in the database: another server may have opened or prolonged it."""
        ended = self._ended
        record = await self._store.session(key)
        if record is None or not self._lives(record):
            self._sessions.pop(key, None)
            if record is not None:
                await self._remove_expired()
            return None
        if self._accounts.user(record.user_id) is None:
            await self._accounts.refresh()
        if ended == self._ended:  # else it may be this one: it is looked up again the next time
            self._sessions[key] = record
        return record

    async def close(self, secret: str) -> None:
        """Sign out; nothing happens when the session has ended already."""
        await self._end([digest(secret)])

    async def end_all(self, user_id: str, *, keep: str = "", tokens: bool = False) -> None:
        """End every session of a person except that of the secret `keep`, and their tokens if asked."""
        kept = digest(keep)
        there = {session.digest for session in await self._store.sessions_of(user_id)}
        known = {session.digest for session in self._sessions.values() if session.user_id == user_id}
        await self._end((there | known) - {kept})
        if tokens:
            await self._drop_tokens([token.id for token in self.tokens_of(user_id)])
        self._bus.publish(SessionsChanged(user_id))

    def _lives(self, record: SessionRecord) -> bool:
        return self._clock.now() < self._expires(record)

    def _expires(self, record: SessionRecord) -> datetime:
        return min(record.used + self._idle, record.created + self._most)

    def _shown(self, user: User, secret: str, record: SessionRecord) -> Session:
        # The CSRF token follows from the cookie's secret, so it need not be stored and cannot be made without it.
        csrf = hmac.new(secret.encode(), b"csrf", hashlib.sha256).hexdigest()
        return Session(user, secret, csrf, self._expires(record))

    async def _remove_expired(self) -> None:
        now = self._clock.now()
        await self._store.remove_expired(now - self._most, now - self._idle)

    async def _end(self, digests: Collection[str]) -> None:
        """Forget sessions before their time, and tell whoever serves them."""
        if digests:
            async with self.shared_sessions.changing() as change:
                await tables.remove_sessions(change.connection, digests)
                change.ids.update(digests)

    async def _take_ended(self, digests: Collection[str] | None) -> None:
        self._ended += 1
        gone = [self._sessions.pop(each, None) for each in (list(self._sessions) if digests is None else digests)]
        for user_id in {record.user_id for record in gone if record is not None}:
            self._bus.publish(SessionsChanged(user_id))

    # tokens

    def tokens_of(self, user_id: str) -> list[Token]:
        """A person's tokens, newest first; their secrets are not known any more."""
        own = [token for token in self._tokens.values() if token.user_id == user_id]
        return sorted(own, key=lambda token: (token.created, token.id), reverse=True)

    async def add_token(self, user_id: str, name: str, scopes: tuple[str, ...], days: int | None) -> tuple[Token, str]:
        """A new token and its secret, which is shown this once; `days` None: it never expires."""
        called = text.name(name, 120)
        if not called:
            code = "text-invalid" if name.strip() else "name-missing"
            raise Invalid(code, "Give the token a name of 1 to 120 characters.", data={"field": "name"})
        now = self._clock.now()
        expires = None if days is None else now + timedelta(days=days)
        token = Token(new_id(), user_id, called, scopes, now, expires)
        secret = f"uni_{new_token()}"
        async with self.shared_tokens.changing() as change:
            if len(self.tokens_of(user_id)) >= TOKENS_PER_USER:
                raise Invalid("too-many-tokens", f"At most {TOKENS_PER_USER} tokens; delete one first.")
            await tables.add_token(change.connection, digest(secret), token)
        return token, secret

    async def remove_token(self, user_id: str, id: str) -> None:
        """Take a token back; raises `NotFound` where it is not this person's."""
        await self.shared_tokens.refresh()
        if not any(token.id == id for token in self.tokens_of(user_id)):
            raise NotFound("unknown-token", "There is no such token (any more).")
        await self._drop_tokens([id])

    async def token(self, secret: str) -> tuple[User, Token] | None:
        """Who a token stands for; None when it is unknown, expired, or its owner is not active."""
        key = digest(secret)
        if key not in self._tokens:
            await self.shared_tokens.refresh()  # another server may just have made it
        token = self._tokens.get(key)
        user = self._accounts.user(token.user_id) if token else None
        now = self._clock.now()
        if token is None or user is None or not user.active or (token.expires is not None and now >= token.expires):
            return None
        if token.last_used is None or now - token.last_used >= TOUCH:
            token = replace(token, last_used=now)
            self._tokens[key] = token
            await self._store.touch_token(token.id, now)
        return user, token

    async def _drop_tokens(self, ids: Collection[str]) -> None:
        if ids:
            async with self.shared_tokens.changing() as change:
                await tables.remove_tokens(change.connection, ids)

    async def _take_tokens(self, _: Collection[str] | None) -> None:
        before, self._tokens = self._tokens, await self._store.tokens()
        for user_id in {token.user_id for key, token in before.items() if key not in self._tokens}:
            self._bus.publish(SessionsChanged(user_id))


def _refused() -> Forbidden:
    return Forbidden("sign-in-failed", "Name or password is wrong, or the account is not active.")
