"""What devices ask: a search and a look-up as JSON, and the documents of their make. A key lets them in, not a person."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2b
from itertools import islice
from typing import Annotated, Any
from urllib.parse import parse_qsl

import msgspec
from litestar import Controller, HttpMethod, Request, Response, get, route
from litestar.params import Parameter
from litestar.response import Stream

from unisono.directory.model import Contact, NumberKind
from unisono.directory.phonebooks import snom
from unisono.directory.phonebooks.conditional import instead
from unisono.directory.phonebooks.desk import Desk, Documents, read_place
from unisono.directory.phonebooks.makes import DOCUMENTS
from unisono.directory.phonebooks.model import Fleet, Make
from unisono.directory.phonebooks.service import Knock, PhoneBooks, Stranger, Way, basic
from unisono.directory.phonebooks.shelf import Entry, Place, Shelf
from unisono.directory.phonebooks.vcard import MEDIA_TYPE, Version, card
from unisono.directory.phonebooks.words import words
from unisono.directory.search import MAX_QUERY
from unisono.directory.service import not_ready
from unisono.kernel.errors import Invalid, NotFound

PREFIX = "/phonebooks"
XML = "text/xml"
"""Sent with its charset; Cisco wants it there as well as in the document."""
_SEARCHED = 30
"""Hits of a search on a telephone."""
_CHUNK = 50
"""Entries that are read between two breaths."""

Query = Annotated[str, Parameter(max_length=200)]
Key = Annotated[str, Parameter(max_length=200)]


class FoundNumber(msgspec.Struct):
    """A number as the fleet's node writes it, and super-canonical."""

    kind: NumberKind
    number: str
    canonical: str


class FoundContact(msgspec.Struct):
    """A contact in an answer to a device."""

    id: str
    name: str
    firm: str
    numbers: list[FoundNumber]


class FoundContacts(msgspec.Struct):
    """An answer to a device, best first."""

    items: list[FoundContact]


@dataclass(frozen=True, slots=True)
class Visit:
    """A device that was let in. `waits`: its shelf lacks books that are being made anew."""

    fleet: Fleet
    shelf: Shelf
    desk: Desk
    waits: bool


def _paths(rest: str) -> list[str]:
    """The addresses of a document: with the key in a header, and with the key in the address."""
    return [f"/{{fleet:str}}{rest}", f"/{{fleet:str}}/key/{{key:str}}{rest}"]


def _ask(request: Request[Any, Any, Any], error: Stranger) -> Response[dict[str, str]]:
    """RFC 7617: telephones that have a name and a password to send do so when they are asked to."""
    headers = {"www-authenticate": 'Basic realm="Unisono", charset="UTF-8"'}
    return Response({"code": error.code, "detail": error.message}, status_code=401, headers=headers)


class PhoneBookDoor(Controller):
    """For devices."""

    path = PREFIX
    include_in_schema = False
    exception_handlers = {Stranger: _ask}  # noqa: RUF012

    @get(_paths("/search"))
    async def search(
        self,
        request: Request[Any, Any, Any],
        phonebooks: PhoneBooks,
        fleet: str,
        key: Key = "",
        q: Query = "",
        limit: Annotated[int, Parameter(ge=1, le=100)] = 20,
    ) -> FoundContacts:
        """Search as you type."""
        visit = await _enter(request, phonebooks, fleet, key)
        return _found(visit, await phonebooks.directory.in_turn(visit.shelf.searching(q, limit)))

    @get(_paths("/lookup"))
    async def lookup(
        self, request: Request[Any, Any, Any], phonebooks: PhoneBooks, fleet: str, number: Query, key: Key = ""
    ) -> FoundContacts:
        """Whose number this is, written in any form."""
        visit = await _enter(request, phonebooks, fleet, key)
        # A plus that was not escaped has become a blank.
        number = f"+{number[1:]}" if number.startswith(" ") else number
        return _found(visit, visit.shelf.lookup(number))

    @get([*_paths(""), *_paths("/menu.xml")])
    async def menu(
        self, request: Request[Any, Any, Any], phonebooks: PhoneBooks, fleet: str, key: Key = ""
    ) -> Response[Any]:
        """Where a telephone of the fleet's make begins: its menu, else its whole book."""
        visit = await _enter(request, phonebooks, fleet, key)
        documents = _documents(visit.fleet)
        if documents.menu is None:
            return _directory(request, phonebooks, visit, Place(), documents)
        return _page(documents.menu(visit.desk))

    @get(_paths("/input.xml"))
    async def input(
        self, request: Request[Any, Any, Any], phonebooks: PhoneBooks, fleet: str, key: Key = ""
    ) -> Response[Any]:
        """Where one types what to search."""
        visit = await _enter(request, phonebooks, fleet, key)
        documents = _documents(visit.fleet)
        if documents.ask is None:
            raise NotFound("phonebook-document", "Telephones of this make ask by themselves what is to be searched.")
        return _page(documents.ask(visit.desk))

    @get(_paths("/search.xml"))
    async def found(
        self, request: Request[Any, Any, Any], phonebooks: PhoneBooks, fleet: str, key: Key = ""
    ) -> Response[Any]:
        """What a search finds (`?q=`)."""
        visit = await _enter(request, phonebooks, fleet, key)
        documents = _documents(visit.fleet)
        most = documents.page or min(_SEARCHED, visit.fleet.limit)
        found = await phonebooks.directory.in_turn(visit.shelf.searching(typed(request), most))
        text = "".join(documents.entry(visit.desk, entry) for entry in found)
        if not text:
            return _page(_empty(visit, documents)(visit.desk))
        return _page(documents.head(visit.desk) + text + documents.tail(visit.desk, None))

    @get([*_paths("/directory.xml"), *_paths("/phonebook.xml"), *_paths("/gs_phonebook.xml")])
    async def directory(
        self,
        request: Request[Any, Any, Any],
        phonebooks: PhoneBooks,
        fleet: str,
        key: Key = "",
        at: Annotated[str, Parameter(max_length=1000)] = "",
    ) -> Response[Any]:
        """A page of the book, or as much of it as the make holds."""
        visit = await _enter(request, phonebooks, fleet, key)
        place = read_place(at) if at else Place()
        if place is None:
            raise Invalid("phonebook-place", "at: This is no place in a phone book.", data={"field": "at"})
        return _directory(request, phonebooks, visit, place, _documents(visit.fleet))


    @route(_paths("/tbook.xml"), http_method=[HttpMethod.GET, HttpMethod.POST], status_code=200)
    async def tbook(
        self, request: Request[Any, Any, Any], phonebooks: PhoneBooks, fleet: str, key: Key = ""
    ) -> Response[Any]:
        """A book that telephones of snom keep; they ask for it by POST."""
        visit = await _enter(request, phonebooks, fleet, key)
        if visit.fleet.make is not Make.SNOM:
            raise NotFound("phonebook-document", "Only telephones of snom read this document.")
        return _directory(request, phonebooks, visit, Place(), snom.WHOLE)

    @get(_paths("/contacts.vcf"))
    async def cards(
        self, request: Request[Any, Any, Any], phonebooks: PhoneBooks, fleet: str, key: Key = "", version: Version = Version.V4
    ) -> Response[Any]:
        """Every contact as a vCard."""
        visit = await _enter(request, phonebooks, fleet, key)
        headers = _tagged(visit, version)
        if status := instead(request.headers, headers["etag"]):
            return Response(b"", status_code=status, headers=headers)
        if visit.waits:
            raise not_ready()
        contacts = visit.shelf.contacts()
        if visit.fleet.most:
            contacts = islice(contacts, visit.fleet.most)
        return Stream(_carded(phonebooks, contacts, version), media_type=MEDIA_TYPE, headers=headers)

    @get(_paths("/contacts/{id:str}"))
    async def contact(
        self,
        request: Request[Any, Any, Any],
        phonebooks: PhoneBooks,
        fleet: str,
        id: str,
        key: Key = "",
        version: Version = Version.V4,
    ) -> Response[Any]:
        """One contact as a vCard; `.vcf` may stand behind its id."""
        visit = await _enter(request, phonebooks, fleet, key)
        contact = visit.shelf.find(id.removesuffix(".vcf"))
        if visit.waits and contact is None:
            raise not_ready()
        if contact is None:
            raise NotFound("unknown-contact", "There is no such contact.", data={"id": id})
        return Response(card(contact, version).encode(), media_type=MEDIA_TYPE, headers=_KEPT)


async def _enter(request: Request[Any, Any, Any], phonebooks: PhoneBooks, fleet_id: str, key: str) -> Visit:
    secret, way = (key, Way.PATH) if key else (secret_of(request), Way.HEADER)
    knock = Knock(request.client.host if request.client else "", request.scope.get("scheme") == "https")
    fleet = await phonebooks.admit(fleet_id, secret, way, knock)
    shelf = phonebooks.shelf_of(fleet)
    waits = bool(phonebooks.directory.awaited(shelf.view))
    base = f"{str(request.base_url).rstrip('/')}{PREFIX}/{fleet.id}" + (f"/key/{key}" if key else "")
    names = {book.id: book.name for book in await phonebooks.directory.books()} if fleet.make is Make.GRANDSTREAM else {}
    books = tuple((book, names.get(book, book)) for book in sorted(shelf.index.books) if names and shelf.view.sees(book))
    language = words(request.headers.get("accept-language", ""), shelf.location.language)
    return Visit(fleet, shelf, Desk(fleet.name, base, language, phonebooks.contacts(fleet) > fleet.limit, books), waits)


def typed(request: Request[Any, Any, Any]) -> str:
    """What somebody typed on a telephone: UTF-8, else Latin-1, as older ones of Cisco send it; a plus may not be escaped."""
    query = request.scope["query_string"].decode("latin-1")
    sent = next((value for name, value in parse_qsl(query, encoding="latin-1") if name == "q"), "").encode("latin-1")
    try:
        text = sent.decode()
    except UnicodeDecodeError:
        text = sent.decode("latin-1")
    text = text[:MAX_QUERY]
    return f"+{text[1:]}" if text.startswith(" ") and text[1:2].isdigit() else text


def secret_of(request: Request[Any, Any, Any]) -> str:
    """The key that a request brings: a bearer token (RFC 6750), or the password of Basic (RFC 7617) with any name."""
    authorization = request.headers.get("authorization", "")
    kind, _, sent = authorization.partition(" ")
    return sent.strip() if kind.lower() == "bearer" else basic(authorization)[1]


def _documents(fleet: Fleet) -> Documents:
    documents = DOCUMENTS.get(fleet.make)
    if documents is None:
        raise NotFound("phonebook-document", "This fleet has no make whose documents could be given; ask /search or /lookup.")
    return documents


def _directory(
    request: Request[Any, Any, Any], phonebooks: PhoneBooks, visit: Visit, place: Place, documents: Documents
) -> Response[Any]:
    documents = replace(documents, empty=_empty(visit, documents))
    headers = _tagged(visit, visit.desk, place, documents.page, visit.waits)
    if status := instead(request.headers, headers["etag"]):
        return Response(b"", status_code=status, headers=headers)
    most = min(documents.page or visit.fleet.limit, visit.fleet.limit)
    return Stream(_written(phonebooks, visit, documents, place, most), media_type=XML, headers=headers)


def _empty(visit: Visit, documents: Documents) -> Callable[[Desk], str]:
    """What a telephone shows instead of nothing.

    Raises `Unavailable` while books are being made anew and the make has no words for that: a telephone that keeps its book
    goes on keeping it.
    """
    if not visit.waits:
        return documents.empty
    if documents.waits is None:
        raise not_ready()
    return documents.waits


def _tagged(visit: Visit, *parts: object) -> dict[str, str]:
    """Headers of what devices may keep; its tag is another one when anything that they would see is."""
    said = repr((visit.shelf.state, visit.fleet, *parts)).encode()
    return {**_KEPT, "etag": f'"{blake2b(said, digest_size=16).hexdigest()}"'}


async def _carded(phonebooks: PhoneBooks, contacts: Iterator[Contact], version: Version) -> AsyncIterator[str]:
    """Cards, some at a time, so that others are served in between."""
    cards = (card(contact, version) for contact in contacts)
    while some := await phonebooks.some(cards):
        yield "".join(some)


async def _written(
    phonebooks: PhoneBooks, visit: Visit, documents: Documents, place: Place, most: int
) -> AsyncIterator[str]:
    """A document, some entries at a time, so that others are served in between."""
    desk, left, begun = visit.desk, most, False
    following: Place | None = place
    while following is not None and left > 0:
        page = await phonebooks.beside(partial(visit.shelf.page, following, min(left, _CHUNK)))
        text = "".join(documents.entry(desk, entry) for entry in page.entries)
        if text and not begun:
            begun = True
            yield documents.head(desk)
        if text:
            yield text
        left -= len(page.entries)
        following = page.next
    yield documents.tail(desk, following) if begun else documents.empty(desk)


def _page(text: str) -> Response[bytes]:
    return Response(text.encode(), media_type=XML, headers={"cache-control": "no-store"})


_KEPT = {"cache-control": "private, no-cache", "vary": "authorization, accept-language"}


def _found(visit: Visit, entries: Sequence[Entry]) -> FoundContacts:
    if visit.waits and not entries:
        raise not_ready()
    return FoundContacts(
        [
            FoundContact(
                entry.contact.id,
                entry.name,
                entry.firm,
                [FoundNumber(number.kind, number.text, number.canonical) for number in entry.numbers],
            )
            for entry in entries
        ]
    )


DOORS = (PhoneBookDoor,)
