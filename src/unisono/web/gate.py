"""What every request passes: limits, who asks, CSRF, the right that its part needs, idempotency, whether its route asked."""

from dataclasses import dataclass
from typing import Any, Final

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Send
from litestar.types import Scope as AsgiScope

from unisono.kernel.errors import Invalid
from unisono.kernel.log import Log
from unisono.permissions.guard import questions
from unisono.permissions.model import Viewer
from unisono.web.auth import SAFE, check_csrf, check_scope, identify
from unisono.web.headers import complete
from unisono.web.idempotency import Answers, check_key
from unisono.web.limits import Buckets
from unisono.web.metrics import Metrics
from unisono.web.precondition import CONDITIONS, as_lists, say_what_was_made
from unisono.web.problem import NotSignedIn
from unisono.web.services import Services
from unisono.web.store import Answer

API: Final = "/api/v1"
PUBLIC: Final = frozenset({("POST", f"{API}/session"), ("GET", f"{API}/openapi.json"), ("POST", f"{API}/hooks/sources")})
"""Routes of the interface that answer strangers (hooks bring a secret of their own); all else has to ask the guard."""

_OWN: Final = (f"{API}/me", f"{API}/contacts")
"""Where whoever changes something has to be somebody with all their rights, and no program that may do one thing."""

KEYED: Final = ("/phonebooks/", "/carddav", "/.well-known/carddav")
"""Doors that know by themselves who asks; only their limits are here."""

# Their answers or bodies hold secrets: remembered in memory only.
_SECRET: Final = (f"{API}/me/tokens", f"{API}/me/password", f"{API}/admin/sources", f"{API}/admin/phonebooks")

log = Log("web")


class UnaskedError(Exception):
    """A route wanted to answer without having asked for permission: our bug, and the answer is withheld."""


@dataclass(slots=True)
class _Outgoing:
    """What of an answer has been seen so far."""

    status: int = 0
    media_type: str = ""
    body: bytes = b""
    complete: bool = False


class Headers:
    """Adds the security headers to every answer and counts it; takes several lines of a condition as one, and HEAD as GET."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    async def handle(self, scope: AsgiScope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Pass the request on and complete its answer's headers."""
        if scope["type"] != ScopeType.HTTP:
            await next_app(scope, receive, send)
            return
        scope["headers"] = as_lists(scope["headers"])
        tls = scope.get("scheme") in ("https", "wss")
        only_headers = scope["method"] == "HEAD"
        if only_headers:  # RFC 9110 9.3.2: the answer to GET, without its content
            scope = scope.copy()
            scope["method"] = "GET"

        async def outgoing(message: Message) -> None:
            if only_headers and message["type"] == "http.response.body":
                message["body"] = b""
            if message["type"] == "http.response.start":
                self._metrics.answered(message["status"])
                message["headers"] = complete(list(message.get("headers", [])), tls=tls)
            await send(message)

        await next_app(scope, receive, outgoing)


class Gate:
    """Guards the interface below `/api/v1`."""

    def __init__(self, services: Services, answers: Answers) -> None:
        limits = services.limits
        self._people = services.people
        self._guard = services.guard
        self._clock = services.clock
        self._answers = answers
        self._header_most = limits.header_kib * 1024
        self._by_session = Buckets(limits.session_rate, limits.session_burst)
        self._by_address = Buckets(limits.address_rate, limits.address_burst)

    async def handle(self, scope: AsgiScope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Check the request, let its route answer, check that permission was asked."""
        if scope["type"] != ScopeType.HTTP or not scope["path"].startswith((f"{API}/", *KEYED)):
            await next_app(scope, receive, send)
            return
        now = self._clock.monotonic()
        client = scope.get("client")
        self._by_address.check(client[0] if client else "", now)
        if sum(len(name) + len(value) + 4 for name, value in scope["headers"]) > self._header_most:
            raise Invalid("header-too-large", "The request's header is too large.")
        if scope["path"].startswith(KEYED):
            await next_app(scope, receive, send)
            return
        identity = await identify(self._people, scope)
        if identity is None and (scope["method"], scope["path"]) not in PUBLIC:
            raise NotSignedIn("not-signed-in", "Sign in first.")
        if identity is not None:
            self._by_session.check(identity.key, now)
        check_csrf(identity, scope, scope["method"])
        check_scope(identity, scope["method"])
        scope.setdefault("state", {})["identity"] = identity
        if identity is not None and scope["method"] != "OPTIONS":
            self._first(identity.viewer, scope["method"], scope["path"])
        key = _header(scope, b"idempotency-key")
        if key is None or identity is None or scope["method"] in SAFE:
            await self._ask(scope, receive, send, next_app)
        else:
            await self._once(identity.viewer.user_id, key, scope, receive, send, next_app)

    def _first(self, viewer: Viewer, method: str, path: str) -> None:
        """Ask for the right that a whole part of the interface needs, before a body is read or taken apart.

        The routes ask again; those whose right depends on whom or what it is about are the only ones to ask.
        """
        if path.startswith(f"{API}/admin/"):
            self._guard.admin(viewer)
        elif method not in SAFE and any(path == each or path.startswith(f"{each}/") for each in _OWN):
            self._guard.own(viewer)

    async def _ask(self, scope: HTTPScope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        # OPTIONS is answered by the router: which methods there are, as the public description says too.
        public = (scope["method"], scope["path"]) in PUBLIC or scope["method"] == "OPTIONS"

        with questions() as asked:

            async def checked(message: Message) -> None:
                say_what_was_made(message, scope)
                if message["type"] == "http.response.start" and message["status"] < 400 and not asked and not public:
                    raise UnaskedError(f"{scope['method']} {scope['path']} answers without having asked the guard")
                await send(message)

            await next_app(scope, receive, checked)

    async def _once(
        self, user_id: str, key: str, scope: HTTPScope, receive: Receive, send: Send, next_app: ASGIApp
    ) -> None:
        check_key(key)
        body, again = await _replayable(receive, scope)
        conditions = [(_header(scope, name) or "").encode() for name in CONDITIONS]
        request = b"\0".join((scope["method"].encode(), scope["raw_path"], scope["query_string"], *conditions, body))
        known = await self._answers.first(user_id, key, request)
        if known is not None:
            await _send(known, send)
            return
        seen = _Outgoing()

        async def watched(message: Message) -> None:
            _watch(message, seen)
            await send(message)

        try:
            await self._ask(scope, again, watched, next_app)
        finally:
            answer = Answer(seen.status, seen.media_type, seen.body) if seen.complete else None
            await self._answers.done(user_id, key, answer, secret=scope["path"].startswith(_SECRET))


def _header(scope: HTTPScope, name: bytes) -> str | None:
    for key, value in scope["headers"]:
        if key == name:
            return value.decode("latin-1")
    return None


# Bodies above this are files: two uploads are compared by their lengths only, and never kept in memory here.
_COMPARED_MOST = 1024 * 1024


async def _replayable(receive: Receive, scope: HTTPScope) -> tuple[bytes, Receive]:
    """The body, and a `receive` that gives it (again); a long body is left where it is."""
    length = _header(scope, b"content-length")
    if length is None or not length.isdigit() or int(length) > _COMPARED_MOST:
        return (length or "").encode(), receive
    messages: list[Any] = []
    while True:
        message = await receive()
        messages.append(message)
        if message["type"] != "http.request" or not message.get("more_body", False):
            break
    waiting = iter(messages)

    async def again() -> Any:
        return next(waiting, None) or await receive()

    return b"".join(message.get("body", b"") for message in messages), again


def _watch(message: Message, seen: _Outgoing) -> None:
    if message["type"] == "http.response.start":
        seen.status = message["status"]
        headers = {name.lower(): value for name, value in message.get("headers", [])}
        seen.media_type = headers.get(b"content-type", b"").decode("latin-1")
    elif message["type"] == "http.response.body":
        if len(seen.body) <= _COMPARED_MOST:
            seen.body += message.get("body", b"")
        seen.complete = not message.get("more_body", False)


async def _send(answer: Answer, send: Send) -> None:
    headers = [(b"content-length", str(len(answer.body)).encode()), (b"idempotency-replayed", b"true")]
    if answer.media_type:
        headers.append((b"content-type", answer.media_type.encode("latin-1")))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})


