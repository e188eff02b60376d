"""Who asks: a person by name and password, or by name and a token in its place (RFC 7617)."""

import hashlib
import hmac
import secrets
from collections import OrderedDict
from dataclasses import dataclass

from unisono.directory.phonebooks.service import Knock, Stranger, basic, is_loopback
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Forbidden
from unisono.kernel.log import Log
from unisono.people.model import User
from unisono.people.service import People
from unisono.permissions.model import Scope

_MAY_READ = frozenset({Scope.ALL, Scope.READ, Scope.EXPORT})
_KNOWN_SECONDS = 300.0
"""A password that was right is not computed again for so long: programs send it with every request."""
_KNOWN_MOST = 1_000
_TOKEN = "uni_"  # noqa: S105

log = Log("carddav")


@dataclass(frozen=True, slots=True)
class _Known:
    user_id: str
    hashed: str
    until: float


class Doorkeeper:
    """Lets people in."""

    def __init__(self, people: People, clock: Clock) -> None:
        self._people = people
        self._clock = clock
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._pepper = secrets.token_bytes(32)

    async def person(self, authorization: str, knock: Knock) -> User:
        """Whose name and password these are. Raises `Stranger`, `Forbidden`, `TooMany`."""
        if not knock.secure and not is_loopback(knock.address):
            raise Forbidden("phonebook-plain", "Passwords are taken over https only.")
        name, secret = basic(authorization)
        if not name or not secret:
            raise Stranger("phonebook-sign-in", "Sign in with your name and your password, or a token in its place.")
        try:
            return await self._by_token(name, secret) or self._known_by(name, secret) or await self._by_password(
                name, secret, knock.address
            )
        except Forbidden as error:
            log.warning("a sign-in was refused", name=name[:120], address=knock.address)
            if error.code == "scope-missing":
                raise
            raise Stranger("phonebook-sign-in", error.message) from error

    async def _by_token(self, name: str, secret: str) -> User | None:
        found = await self._people.sign_in.token(secret) if secret.startswith(_TOKEN) else None
        if found is None or found[0].login.casefold() != name.casefold():
            return None
        if not _MAY_READ.intersection(found[1].scopes):
            raise Forbidden("scope-missing", "This token may not read contacts.", data={"scope": Scope.READ.value})
        return found[0]

    def _known_by(self, name: str, secret: str) -> User | None:
        known = self._known.get(self._key(name, secret))
        user = self._people.user(known.user_id) if known else None
        if known is None or user is None or not user.active or self._clock.monotonic() >= known.until:
            return None
        # Another password since, or another name: the old one opens nothing any more.
        same = self._people.password_hash(user.id) == known.hashed and user.login.casefold() == name.casefold()
        return user if same else None

    async def _by_password(self, name: str, secret: str, address: str) -> User:
        user = await self._people.sign_in.check(name, secret, address)
        hashed = self._people.password_hash(user.id)
        self._known[self._key(name, secret)] = _Known(user.id, hashed, self._clock.monotonic() + _KNOWN_SECONDS)
        while len(self._known) > _KNOWN_MOST:
            self._known.popitem(last=False)
        return user

    def _key(self, name: str, secret: str) -> bytes:
        return hmac.digest(self._pepper, f"{name.casefold()}\0{secret}".encode("utf-8", "surrogatepass"), hashlib.sha256)
