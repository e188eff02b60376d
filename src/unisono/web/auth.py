"""Who asks: the cookie of a browser or the token of a program, made into a viewer."""

import hmac
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any

from litestar.datastructures import Cookie, Headers
from litestar.types import Scope as AsgiScope

from unisono.kernel.errors import Forbidden
from unisono.people.check import LOCALES
from unisono.people.model import User
from unisono.people.service import People
from unisono.people.sign_in import Session, digest
from unisono.permissions.model import Scope, Viewer
from unisono.web.problem import NotSignedIn

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER = "x-csrf-token"


@dataclass(frozen=True, slots=True)
class Identity:
    """A signed-in asker. `key` names the session or token without giving it away; `session` is there for browsers."""

    viewer: Viewer
    key: str
    session: Session | None = None


def viewer_of(user: User, scopes: frozenset[Scope] = frozenset({Scope.ALL}), languages: str = "") -> Viewer:
    """A person as the one who asks; `languages`: what the browser wants (RFC 9110 12.5.4), where they chose none."""
    locale = user.locale or _wanted(languages)
    return Viewer(user.id, user.name, user.admin, frozenset(user.group_ids), frozenset(user.line_ids), scopes, locale)


def _wanted(languages: str) -> str:
    """The first language of ours; browsers name the best one first."""
    tags = (part.strip()[:2].lower() for part in languages.split(","))
    return next((tag for tag in tags if tag in LOCALES), LOCALES[0])


async def identify(people: People, scope: AsgiScope) -> Identity | None:
    """Who sent this request; None for a stranger. A token in the header counts before a cookie."""
    headers = Headers.from_scope(scope)
    kind, _, secret = headers.get("authorization", "").partition(" ")
    languages = headers.get("accept-language", "")
    if kind.lower() == "bearer":
        return await _by_token(people, secret.strip(), languages)
    cookie = read_cookie(headers.get("cookie", ""), cookie_name(scope))
    session = await people.sign_in.session(cookie) if cookie else None
    if session is None:
        return None
    return Identity(viewer_of(session.user, languages=languages), f"s:{digest(session.secret)[:32]}", session)


async def _by_token(people: People, secret: str, languages: str) -> Identity:
    found = await people.sign_in.token(secret)
    if found is None:
        raise NotSignedIn("token-invalid", "This token is not known, or it has expired.")
    user, token = found
    scopes = frozenset(Scope(scope) for scope in token.scopes if scope in set(Scope))
    return Identity(viewer_of(user, scopes, languages), f"t:{token.id}")


def check_csrf(identity: Identity | None, scope: AsgiScope, method: str) -> None:
    """Raise `Forbidden` where another site may have sent this: no page of theirs can know the session's CSRF token.

    Programs with a token in the header need none. Signing in has no session yet; there the browser's own word counts
    (Fetch Metadata, `Sec-Fetch-Site`).
    """
    if method in SAFE:
        return
    headers = Headers.from_scope(scope)
    if headers.get("sec-fetch-site", "none") in ("cross-site", "same-site"):
        raise Forbidden("cross-site", "Another web site may not do that.")
    if identity is None or identity.session is None:
        return
    if not hmac.compare_digest(headers.get(CSRF_HEADER, "").encode(), identity.session.csrf.encode()):
        raise Forbidden("csrf", "The page is too old, or another site sent this. Load the page again.")


def check_scope(identity: Identity | None, method: str) -> None:
    """Raise `Forbidden` where a token that may only read wants to change something."""
    if method in SAFE or identity is None:
        return
    if not identity.viewer.scopes - {Scope.READ, Scope.EXPORT}:
        raise Forbidden("scope-missing", "This token may only read.", data={"scope": Scope.ALL.value})


def secure(scope: AsgiScope) -> bool:
    """Whether the client came over TLS."""
    return scope.get("scheme") in ("https", "wss")


def cookie_name(scope: AsgiScope) -> str:
    """Under TLS a name that browsers accept from this host and over TLS only (RFC 6265bis 4.1.3.2)."""
    return "__Host-unisono" if secure(scope) else "unisono"


def session_cookie(scope: AsgiScope, secret: str, days: int) -> Cookie:
    """The cookie that holds a session's secret for so many days; with none it is gone at once (RFC 6265 5.2.2)."""
    return Cookie(
        key=cookie_name(scope),
        value=secret,
        path="/",
        httponly=True,
        samesite="strict",
        secure=secure(scope),
        max_age=days * 86_400,
    )


def read_cookie(header: str, name: str) -> str:
    """One cookie's value, "" if it is not there; a header that cannot be read has none."""
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(header)
    except CookieError:
        return ""
    return jar[name].value if name in jar else ""


def identity_of(scope: AsgiScope) -> Identity:
    """Who sent this request, as the gate found out; raises `NotSignedIn` for a stranger."""
    state: dict[str, Any] = scope.get("state") or {}
    identity = state.get("identity")
    if not isinstance(identity, Identity):
        raise NotSignedIn("not-signed-in", "Sign in first.")
    return identity
