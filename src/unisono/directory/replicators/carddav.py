"""CardDAV servers as sources (RFC 6352): the address books of an account, and then what has changed (RFC 6578)."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit, urlunsplit

import msgspec
from msgspec import Meta

from unisono.directory.replicators import cells, faults
from unisono.directory.replicators.http_auth import basic
from unisono.directory.replicators.http_client import HttpClient, checked_url, closing
from unisono.directory.replicators.source import Check, Column, Gone, Item, Kind, Mark
from unisono.directory.replicators.vcard import FIELDS, Card, cards, columns
from unisono.directory.runs.model import BadRow
from unisono.kernel.secrets import Secret, no_secret

SAMPLES = 50
_AT_ONCE = 100
_MOST_BOOKS = 100
_MOST_ROUNDS = 10_000
"""Answers in which a server tells what has changed in one book."""
_DAV, _CARD = "{DAV:}", "{urn:ietf:params:xml:ns:carddav}"
_HEADERS = {"Content-Type": "application/xml; charset=utf-8"}


class CardDavSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An account, or one of its address books."""

    url: Annotated[
        str, Meta(min_length=1, max_length=2000, description="Address of the server, of the account or of one address book.")
    ]
    user: Annotated[str, Meta(max_length=200, description="Name of the account; empty: none.")] = ""
    password: Annotated[Secret, Meta(description="Its password, or one for this program alone.")] = msgspec.field(
        default_factory=no_secret
    )
    ca_file: Annotated[
        str, Meta(max_length=1000, description="File with the authority of the server's certificate; empty: the system's.")
    ] = ""
    plain: Annotated[bool, Meta(description="Allow http:// to another machine.")] = False


class CardDav:
    """Some address books."""

    def __init__(self, settings: CardDavSettings) -> None:
        self._settings = settings
        self._url = checked_url(settings.url, plain=settings.plain)
        who = basic(settings.user, settings.password)
        self._client = HttpClient(self._url, ca_file=settings.ca_file, plain=settings.plain, authorization=who)

    def check(self) -> Check:
        try:
            books = self._books()
            there = sum(1 for book in books for _ in self._listed(book))
            return Check(f"CardDAV {self._client.peer}", f"{len(books)}: {', '.join(map(_path, books))}", there)
        finally:
            self._client.close()

    def columns(self) -> Sequence[Column]:
        some = islice(closing(self._client, self._everything), SAMPLES)
        return cells.columns(FIELDS, [found[1] for found in some if not isinstance(found, BadRow)])

    def read(self, since: str | None) -> Iterator[Item]:
        return closing(self._client, self._whole if since is None else lambda: self._changes(since))

    def _everything(self) -> Iterator[BadRow | tuple[str, Mapping[str, Any]]]:
        for book in self._books():
            yield from self._cards(book, self._listed(book))

    def _whole(self) -> Iterator[Item]:
        tokens: dict[str, str] = {}
        for book in self._books():
            changed = self._synced(book, "")
            if changed is None:
                hrefs = list(self._listed(book))
            else:
                hrefs, _, tokens[book] = changed
            yield from self._records(book, hrefs)
        if tokens:
            yield Mark(msgspec.json.encode(tokens).decode())

    def _changes(self, since: str) -> Iterator[Item]:
        try:
            tokens = msgspec.json.decode(since, type=dict[str, str])
        except msgspec.DecodeError as error:
            raise faults.read_all(self._client.peer) from error
        books = self._books()
        if set(books) != tokens.keys():
            raise faults.read_all(self._client.peer)
        for book in books:
            changed = self._synced(book, tokens[book])
            if changed is None:
                raise faults.read_all(self._client.peer)
            hrefs, gone, tokens[book] = changed
            yield from self._records(book, hrefs)
            yield from (Gone(key) for key in map(_key, gone))
        yield Mark(msgspec.json.encode(tokens).decode())

    def _records(self, book: str, hrefs: Sequence[str]) -> Iterator[Item]:
        for found in self._cards(book, iter(hrefs)):
            yield found if isinstance(found, BadRow) else cells.record(found[0], found[1])

    def _cards(self, book: str, hrefs: Iterator[str]) -> Iterator[BadRow | tuple[str, Mapping[str, Any]]]:
        """The cards with these addresses, a hundred at once (RFC 6352 8.7)."""
        while some := list(islice(hrefs, _AT_ONCE)):
            body = _element("C:addressbook-multiget", "<D:prop><C:address-data/></D:prop>", [_path(href) for href in some])
            for href, properties in self._answers("REPORT", book, body, "1"):
                data = properties.get(f"{_CARD}address-data")
                if data is None or not data.text:
                    continue  # gone since it was listed
                for card in cards(data.text.encode().splitlines(keepends=True)):
                    yield (_key(href), columns(card)) if isinstance(card, Card) else card

    def _books(self) -> list[str]:
        """The address books that are meant: the one at the address, else those of the account it leads to."""
        found = self._books_at(self._url, "0")
        if not found:
            home = self._home(self._url) or self._home(_well_known(self._url))
            found = self._books_at(home, "1") if home else []
        if not found:
            raise faults.not_there(self._client.peer, "no address book of this account was found")
        return found[:_MOST_BOOKS]

    def _books_at(self, url: str, depth: str) -> list[str]:
        body = _element("D:propfind", "<D:prop><D:resourcetype/></D:prop>")
        found = self._answers("PROPFIND", url, body, depth, missing=True)
        return [
            self._client.ours(url, href)
            for href, properties in found
            if (kind := properties.get(f"{_DAV}resourcetype")) is not None and kind.find(f"{_CARD}addressbook") is not None
        ]

    def _home(self, url: str) -> str:
        """Where the account's address books are (RFC 6764 6, RFC 5397, RFC 6352 7.1.1)."""
        wanted = "<D:prop><D:current-user-principal/><C:addressbook-home-set/></D:prop>"
        for _ in range(3):
            for _, properties in self._answers("PROPFIND", url, _element("D:propfind", wanted), "0", missing=True):
                home = _inner(properties.get(f"{_CARD}addressbook-home-set"))
                if home:
                    return self._client.ours(url, home)
                principal = _inner(properties.get(f"{_DAV}current-user-principal"))
                if principal and self._client.ours(url, principal) != url:
                    url = self._client.ours(url, principal)
                    break
            else:
                return ""
        return ""

    def _listed(self, book: str) -> Iterator[str]:
        """The addresses of a book's cards."""
        body = _element("D:propfind", "<D:prop><D:resourcetype/></D:prop>")
        for href, properties in self._answers("PROPFIND", book, body, "1"):
            kind = properties.get(f"{_DAV}resourcetype")
            if kind is not None and kind.find(f"{_DAV}collection") is None:
                yield self._client.ours(book, href)

    def _synced(self, book: str, token: str) -> tuple[list[str], list[str], str] | None:
        """What has changed and what is gone since this token, and the next one; None if the server cannot tell."""
        changed: list[str] = []
        gone: list[str] = []
        for _ in range(_MOST_ROUNDS):
            inner = f"<D:sync-token>{_escaped(token)}</D:sync-token><D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop>"
            answer = self._client.ask(
                "REPORT", book, _element("D:sync-collection", inner), {**_HEADERS, "Depth": "0"}, allowed=_CANNOT
            )
            if answer.status in _CANNOT:
                return None
            more = False
            root = answer.xml()
            for response in root.iterfind(f"{_DAV}response"):
                href = response.findtext(f"{_DAV}href", "").strip()
                status = response.findtext(f"{_DAV}status", "")
                if " 507" in status:
                    more = True  # RFC 6578 3.6: there is more after this
                elif " 404" in status:
                    gone.append(self._client.ours(book, href))
                elif self._client.ours(book, href) != book and not href.endswith("/"):
                    changed.append(self._client.ours(book, href))
            fresh = root.findtext(f"{_DAV}sync-token", "").strip()
            if not fresh or (more and fresh == token):
                raise faults.garbled(self._client.peer, "no sync-token that leads on")
            token = fresh
            if not more:
                return changed, gone, token
        raise faults.too_much(self._client.peer, f"what has changed, in more than {_MOST_ROUNDS:,} pieces")

    def _answers(
        self, method: str, url: str, body: bytes, depth: str, *, missing: bool = False
    ) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The resources of a multi-status with their properties (RFC 4918 13); `missing`: none where there is no DAV."""
        allowed = (403, 404, 405) if missing else ()
        answer = self._client.ask(method, url, body, {**_HEADERS, "Depth": depth}, allowed=allowed)
        if answer.status in allowed:
            return
        root = answer.xml()
        if root.tag != f"{_DAV}multistatus":
            if not missing:
                raise faults.garbled(self._client.peer, "no multi-status; it may be no CardDAV server")
            return
        for response in root.iterfind(f"{_DAV}response"):
            href = response.findtext(f"{_DAV}href", "").strip()
            properties = {
                found.tag: found
                for propstat in response.iterfind(f"{_DAV}propstat")
                if " 200" in propstat.findtext(f"{_DAV}status", "")
                for prop in propstat.iterfind(f"{_DAV}prop")
                for found in prop
            }
            if href:
                yield href, properties


_CANNOT = (400, 403, 405, 409, 412, 415, 501)
"""How servers say that they cannot synchronise, or not from this token."""


def _element(name: str, inner: str, hrefs: Sequence[str] = ()) -> bytes:
    named = "".join(f"<D:href>{_escaped(href)}</D:href>" for href in hrefs)
    spaces = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"'
    return f'<?xml version="1.0" encoding="utf-8"?><{name} {spaces}>{inner}{named}</{name}>'.encode()


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _inner(found: Any) -> str:
    return str(found.findtext(f"{_DAV}href", "")).strip() if found is not None else ""


def _well_known(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, "/.well-known/carddav", "", ""))


def _key(href: str) -> str:
    """The name of a card, however the server escapes it this time."""
    return unquote(_path(href))


def _path(url: str) -> str:
    return urlsplit(url).path


KIND = Kind("carddav", "CardDAV", CardDavSettings, CardDav, incremental=True)
