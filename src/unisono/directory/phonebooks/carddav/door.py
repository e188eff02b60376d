"""The door: requests of WebDAV over ASGI. It only gives; whatever would write is refused."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any, TypeAlias

from litestar import asgi
from litestar.enums import ScopeType
from litestar.types import HTTPScope, Receive, Scope, Send

from unisono.directory.breathing import Breathing
from unisono.directory.phonebooks.carddav import answer, reports, resources
from unisono.directory.phonebooks.carddav.asked import BODY_MOST, BadBody, Multiget, Query, Sync, propfind, report
from unisono.directory.phonebooks.carddav.reports import BadToken, Library, TooLarge
from unisono.directory.phonebooks.carddav.resources import ROOT, Level, Person, Place
from unisono.directory.phonebooks.carddav.who import Doorkeeper
from unisono.directory.phonebooks.conditional import instead
from unisono.directory.phonebooks.service import Knock, PhoneBooks, Stranger
from unisono.directory.phonebooks.vcard import Version, card
from unisono.directory.service import not_ready
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Fault, Forbidden, TooMany

MULTI_STATUS = 207
NOT_MODIFIED = 304
WELL_KNOWN = "/.well-known/carddav"
_READING = ("OPTIONS", "GET", "HEAD", "PROPFIND", "REPORT")
_WRITING = frozenset({"PUT", "DELETE", "PATCH", "POST", "PROPPATCH", "MKCOL", "MOVE", "COPY", "LOCK", "UNLOCK", "ACL"})
_CLASSES = "1, 3, access-control, addressbook"
_CHALLENGE = 'Basic realm="Unisono", charset="UTF-8"'
_TOO_LARGE = (
    f"This address book has more than {reports.LISTED_MOST:,} cards: read it by sync-collection (RFC 6578), "
    "or ask for what you need by addressbook-query."
)

Asked: TypeAlias = Callable[[Library, Place, bytes], Breathing[Iterator[str]]]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: pieces of XML or a card; several pieces are a multi-status."""

    status: int
    pieces: Iterator[str]
    headers: Mapping[str, str]


class CardDavDoor:
    """For people's programs."""

    def __init__(self, phonebooks: PhoneBooks, clock: Clock) -> None:
        self._phonebooks = phonebooks
        self._doorkeeper = Doorkeeper(phonebooks.people, clock)

    async def answer(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        await self._send(send, await self._reply(scope, receive))

    async def show_the_way(self, send: Send) -> None:
        """RFC 6764 5."""
        await self._send(send, Reply(301, iter(()), {"location": ROOT}))

    async def _reply(self, scope: HTTPScope, receive: Receive) -> Reply:
        method = str(scope["method"])
        if method == "OPTIONS":
            return Reply(200, iter(()), {"allow": ", ".join(_READING), "dav": _CLASSES})
        try:
            return await self._answer(scope, receive, method)
        except BadBody as error:
            condition = f"<{'C' if error.condition in _OF_CARDDAV else 'D'}:{error.condition}/>" if error.condition else ""
            return _error(403 if error.condition else 400, condition, str(error))
        except BadToken:
            return _error(403, "<D:valid-sync-token/>", "Begin again without a token.")
        except TooLarge:
            return _error(507, "<D:number-of-matches-within-limits/>", _TOO_LARGE)
        except Stranger as error:
            return _error(401, "", error.message, {"www-authenticate": _CHALLENGE})
        except TooMany as error:
            return _error(429, "", error.message, _later(error))
        except Forbidden as error:
            return _error(403, "", error.message)
        except Fault as error:
            return _error(503, "", error.message, _later(error))

    async def _answer(self, scope: HTTPScope, receive: Receive, method: str) -> Reply:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        client = scope.get("client")
        knock = Knock(client[0] if client else "", scope.get("scheme") == "https")
        user = await self._doorkeeper.person(headers.get("authorization", ""), knock)
        path = scope["raw_path"].decode("latin-1")
        if method in _WRITING:
            needed = f"<D:need-privileges><D:resource>{answer.href(path)}<D:privilege><D:write/></D:privilege></D:resource>"
            return _error(403, f"{needed}</D:need-privileges>", "Address books are read here; change contacts at their source.")
        if method not in _READING:
            return _error(405, "", "There is no such method here.", {"allow": ", ".join(_READING)})
        library = await self._library(Person(user.id, user.name))
        place = resources.place_of(path)
        if place is not None and _awaited(library, place):
            raise not_ready()
        if place is None or not _there(library, place):
            return _error(404, "", "There is no such address book or card.")
        if method == "GET":
            return _card(library, place, headers)
        body = await _body(receive, headers)
        if body is None:
            return _error(413, "", f"A body has at most {BODY_MOST:,} bytes.")
        asked: Asked = partial(_propfind, headers=headers) if method == "PROPFIND" else _report
        return await self._multistatus(await self._phonebooks.made(asked(library, place, body)))

    async def _multistatus(self, pieces: Iterator[str]) -> Reply:
        """Its beginning is made before anything is sent, so that what cannot be answered is refused as a whole."""
        first = await self._phonebooks.some(pieces)
        headers = {"content-type": answer.MEDIA_TYPE, "dav": _CLASSES, "cache-control": "no-store"}
        return Reply(MULTI_STATUS, chain([answer.HEAD], first, pieces, [answer.TAIL]), headers)

    async def _send(self, send: Send, reply: Reply) -> None:
        many = reply.status == MULTI_STATUS
        rest = b"" if many else "".join(reply.pieces).encode()
        headers = [(name.encode(), value.encode("latin-1")) for name, value in reply.headers.items()]
        if not many and reply.status != NOT_MODIFIED:
            headers.append((b"content-length", str(len(rest)).encode()))
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        while many and (some := await self._phonebooks.some(reply.pieces)):
            await send({"type": "http.response.body", "body": "".join(some).encode(), "more_body": True})
        await send({"type": "http.response.body", "body": rest, "more_body": False})

    async def _library(self, person: Person) -> Library:
        directory, view = self._phonebooks.directory, self._phonebooks.ldap.view_of_person(person.id)
        names = {book.id: book.name for book in await directory.books()}
        return Library(directory.index, view, person, names, directory.awaited(view))


def routes(door: Callable[[Scope], CardDavDoor]) -> list[Any]:
    """What the web application mounts; `door` finds whose request it is."""

    @asgi(ROOT.rstrip("/"), is_mount=True, copy_scope=True)
    async def carddav(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            await door(scope).answer(scope, receive, send)

    @asgi(WELL_KNOWN, copy_scope=True)
    async def well_known(scope: Scope, receive: Receive, send: Send) -> None:
        await door(scope).show_the_way(send)

    return [carddav, well_known]


_OF_CARDDAV = frozenset({"supported-address-data", "supported-filter", "supported-collation"})


def _awaited(library: Library, place: Place) -> bool:
    """Whether an answer would lack what is being made anew: a client that misses a book or a card takes it away for good."""
    if place.user_id != library.person.id:
        return False
    return place.book in library.awaited if place.book else place.level is Level.HOME and bool(library.awaited)


def _there(library: Library, place: Place) -> bool:
    """Others' address books are not there for this person."""
    if place.level is not Level.ROOT and place.user_id != library.person.id:
        return False
    match place.level:
        case Level.BOOK:
            return library.sees(place.book)
        case Level.CARD:
            return library.contact(place.book, place.contact_id) is not None
        case _:
            return True


def _propfind(library: Library, place: Place, body: bytes, headers: Mapping[str, str]) -> Breathing[Iterator[str]]:
    depth = headers.get("depth", "infinity").strip().lower()
    if depth not in ("0", "1"):
        raise BadBody("Say a depth of 0 or 1.", "propfind-finite-depth")
    wanted, below = (yield from propfind(body)), depth == "1"
    match place.level:
        case Level.ROOT:
            return reports.root(library, wanted, below)
        case Level.PRINCIPAL:
            return reports.principal(library, wanted)
        case Level.HOME:
            return reports.home(library, wanted, below)
        case Level.BOOK:
            return reports.book(library, place.book, wanted, below)
        case Level.CARD:
            contact = library.contact(place.book, place.contact_id)
            return iter([library.card(contact, wanted)] if contact else [])


def _report(library: Library, place: Place, body: bytes) -> Breathing[Iterator[str]]:
    asked = yield from report(body)
    if place.level is not Level.BOOK:
        raise BadBody("Reports are about an address book.", "supported-report")
    match asked:
        case Multiget():
            return reports.multiget(library, place.book, asked)
        case Query():
            return reports.query(library, place.book, asked)
        case Sync():
            return reports.sync(library, place.book, asked)


def _card(library: Library, place: Place, headers: Mapping[str, str]) -> Reply:
    contact = library.contact(place.book, place.contact_id) if place.level is Level.CARD else None
    if contact is None:
        return _error(405, "", "Only cards are read so; ask a collection by PROPFIND.", {"allow": "OPTIONS, PROPFIND, REPORT"})
    text = card(contact, Version.V3)
    kept = {"etag": resources.etag(text), "cache-control": "private, no-cache"}
    match instead(headers, kept["etag"]):
        case 304:
            return Reply(NOT_MODIFIED, iter(()), kept)
        case 412:
            return _error(412, "", "The card is another one than If-Match expects: read it without, and go on from there.")
    return Reply(200, iter([text]), {**kept, "content-type": "text/vcard; charset=utf-8"})


def _later(fault: Fault) -> dict[str, str]:
    """RFC 9110 10.2.3."""
    return {"retry-after": str(round(float(str(fault.data["retry_after"]))))} if "retry_after" in fault.data else {}


def _error(status: int, condition: str, words: str, headers: Mapping[str, str] | None = None) -> Reply:
    named = {"content-type": answer.MEDIA_TYPE, "cache-control": "no-store", **(headers or {})}
    return Reply(status, iter([answer.error(condition, words)]), named)


async def _body(receive: Receive, headers: Mapping[str, str]) -> bytes | None:
    """The body; None if it is too long."""
    length = headers.get("content-length", "")
    if length.isascii() and length.isdecimal() and int(length) > BODY_MOST:
        return None
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None  # the client has left
        body += message.get("body", b"")
        if len(body) > BODY_MOST:
            return None
        if not message.get("more_body", False):
            return bytes(body)
