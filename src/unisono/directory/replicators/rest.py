"""Programs that give their contacts as JSON over HTTP: one address, the way they say who asks, and the way to the next page."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import count, islice
from typing import Annotated, Any, Literal, assert_never
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec
from msgspec import Meta

from unisono.directory.replicators import cells, faults
from unisono.directory.replicators.flatten import columns_of, flat
from unisono.directory.replicators.http_auth import Fixed, OAuth, basic, bearer
from unisono.directory.replicators.http_client import Answer, Authorization, HttpClient, checked_url, closing
from unisono.directory.replicators.source import Check, Column, Item, Kind, Record
from unisono.directory.runs.model import BadRow
from unisono.kernel.secrets import Secret, no_secret

_LOOKED_AT = 200
_MOST_PAGES = 100_000
_LINK = re.compile(r'<([^>]*)>\s*;[^,]*\brel\s*=\s*"?[^",]*\bnext\b', re.IGNORECASE)
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:[ \t]*([\x20-\x7e]*)")
_OURS = frozenset({"authorization", "host", "content-length", "transfer-encoding", "connection", "cookie"})

Path = Annotated[str, Meta(max_length=200)]
Name = Annotated[str, Meta(max_length=100)]


class RestSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An address that gives a list."""

    url: Annotated[str, Meta(min_length=1, max_length=2000, description="The address that gives the first records.")]
    records: Annotated[Path, Meta(description="Where the list is in the answer, as data.items; empty: found out.")] = ""
    key: Annotated[Path, Meta(description="What names a record for ever, as id or meta.uuid; empty: as the mapping says.")] = ""
    auth: Annotated[
        Literal["none", "basic", "bearer", "header", "oauth2"],
        Meta(description="How we say who we are: name and password, a token, a key in a header, or OAuth client credentials."),
    ] = "none"
    user: Annotated[str, Meta(max_length=500, description="Name (basic), or client id (oauth2).")] = ""
    secret: Annotated[Secret, Meta(description="Password, token, key or client secret.")] = msgspec.field(
        default_factory=no_secret
    )
    header: Annotated[Name, Meta(description="The header that takes the key.")] = "X-API-Key"
    token_url: Annotated[str, Meta(max_length=2000, description="Who gives out tokens (oauth2).")] = ""
    scope: Annotated[str, Meta(max_length=1000, description="What the token is asked for (oauth2).")] = ""
    headers: Annotated[tuple[str, ...], Meta(max_length=50, description="Further headers, as X-Tenant: 7.")] = ()
    paging: Annotated[
        Literal["none", "next", "page", "offset", "cursor"],
        Meta(description="How more is asked for: by a link to the next page, by page number, by offset, or by a cursor."),
    ] = "none"
    next: Annotated[
        Path, Meta(description="Where link or cursor are in the answer, as paging.next; empty: the link of the header Link.")
    ] = ""
    parameter: Annotated[Name, Meta(description="Parameter that takes page, offset or cursor; empty: named like it.")] = ""
    first: Annotated[int, Meta(ge=0, le=1, description="The number of the first page.")] = 1
    size_parameter: Annotated[Name, Meta(description="Parameter that takes the size of a page; empty: none.")] = ""
    size: Annotated[int, Meta(ge=1, le=10_000, description="Records per page.")] = 100
    ca_file: Annotated[
        str, Meta(max_length=1000, description="File with the authority of the server's certificate; empty: the system's.")
    ] = ""
    plain: Annotated[bool, Meta(description="Allow http:// to another machine.")] = False


class Rest:
    """A list, page by page."""

    def __init__(self, settings: RestSettings) -> None:
        self._settings = settings
        self._headers = {"Accept": "application/json", **_read_headers(settings.headers)}
        self._client = HttpClient(
            settings.url, ca_file=settings.ca_file, plain=settings.plain, authorization=_authorization(settings)
        )

    def check(self) -> Check:
        try:
            answer = self._ask(self._begin())
            found = self._list(answer.json())
            return Check(f"HTTP {self._client.peer}", answer.headers.get("server", "")[:60], self._told(found))
        finally:
            self._client.close()

    def columns(self) -> Sequence[Column]:
        items = islice(self.read(None), _LOOKED_AT)
        return columns_of([item for item in items if isinstance(item, Record)])

    def read(self, since: str | None) -> Iterator[Item]:
        return closing(self._client, self._records)

    def _records(self) -> Iterator[Item]:
        lines = count(1)
        for page in self._pages():
            for each in page:
                line = next(lines)
                if isinstance(each, dict):
                    values = flat(each)
                    yield cells.record(values.get(self._settings.key, ""), values, line)
                else:
                    yield BadRow(line, "unreadable", {"error": f"a {type(each).__name__}, not an object"})

    def _pages(self) -> Iterator[list[Any]]:
        url, place, before = self._begin(), 0, b""
        for _ in range(_MOST_PAGES):
            answer = self._ask(url)
            data = answer.json()
            page = self._list(data)
            if answer.body == before and page:
                raise faults.garbled(self._client.peer, "it gives the same page again and again; check how pages are asked for")
            yield page
            place, before = place + len(page), answer.body
            following = self._following(url, answer, data, place, len(page))
            if following is None:
                return
            url = following
        raise faults.too_much(self._client.peer, f"more than {_MOST_PAGES:,} pages")

    def _begin(self) -> str:
        settings = self._settings
        sized = {settings.size_parameter: str(settings.size)} if settings.size_parameter else {}
        match settings.paging:
            case "page":
                return _with(settings.url, {**sized, settings.parameter or "page": str(settings.first)})
            case "offset":
                return _with(settings.url, {**sized, settings.parameter or "offset": "0"})
            case "none" | "next" | "cursor":
                return _with(settings.url, sized)
        assert_never(settings.paging)

    def _following(self, url: str, answer: Answer, data: object, place: int, count: int) -> str | None:
        """The address of the next page, None after the last. A page that is not full is the last, where pages have a size."""
        settings = self._settings
        ended = count == 0 or (bool(settings.size_parameter) and count < settings.size)
        match settings.paging:
            case "none":
                return None
            case "page":
                number = int(dict(parse_qsl(urlsplit(url).query)).get(settings.parameter or "page", "0"))
                return None if ended else _with(url, {settings.parameter or "page": str(number + 1)})
            case "offset":
                return None if ended else _with(url, {settings.parameter or "offset": str(place)})
            case "cursor":
                cursor = found(data, settings.next or "cursor")
                return _with(url, {settings.parameter or "cursor": str(cursor)}) if cursor not in (None, "", False) else None
            case "next":
                link = found(data, settings.next) if settings.next else _link(answer)
                return self._client.ours(url, link) if isinstance(link, str) and link else None
        assert_never(settings.paging)

    def _ask(self, url: str) -> Answer:
        return self._client.ask("GET", url, None, self._headers)

    def _list(self, data: object) -> list[Any]:
        path = self._settings.records
        there = found(data, path) if path else _only_list(data)
        if not isinstance(there, list):
            where = f"no list at {path}" if path else "no list, or several; say where the records are"
            raise faults.garbled(self._client.peer, where)
        return there

    def _told(self, page: list[Any]) -> int | None:
        return len(page) if self._settings.paging == "none" else None


def found(data: object, path: str) -> object:
    """What is there in an answer: `data.items`, `results.0.list`; None if nothing is."""
    for name in path.split(".") if path else ():
        if isinstance(data, Mapping):
            data = data.get(name)
        elif isinstance(data, list) and name.isdecimal() and int(name) < len(data):
            data = data[int(name)]
        else:
            return None
    return data


def _only_list(data: object) -> object:
    """The answer itself, or the one list in it, perhaps one level down."""
    if isinstance(data, list):
        return data
    for level in (data, *(data.values() if isinstance(data, dict) else ())):
        lists = [value for value in level.values() if isinstance(value, list)] if isinstance(level, dict) else []
        if len(lists) == 1:
            return lists[0]
    return None


def _link(answer: Answer) -> str:
    """The next page by the header Link (RFC 8288)."""
    match = _LINK.search(answer.headers.get("link", ""))
    return match[1] if match else ""


def _with(url: str, parameters: Mapping[str, str]) -> str:
    """An address with these parameters instead of those it has of their names."""
    if not parameters:
        return url
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in parameters]
    return parts._replace(query=urlencode([*kept, *parameters.items()])).geturl()


def _read_headers(lines: Sequence[str]) -> dict[str, str]:
    headers = {}
    for line in lines:
        match = _HEADER.fullmatch(line.strip())
        if match is None or match[1].lower() in _OURS:
            raise faults.wrong_setting("headers", f"{line[:80]!r} is no header that can be added.")
        headers[match[1]] = match[2]
    return headers


def _authorization(settings: RestSettings) -> Authorization | None:
    if settings.auth != "none" and not settings.secret:
        raise faults.wrong_setting("secret", "Enter the password, token or key.")
    match settings.auth:
        case "none":
            return None
        case "basic":
            return basic(settings.user, settings.secret)
        case "bearer":
            return bearer(settings.secret)
        case "header":
            if not _HEADER.fullmatch(f"{settings.header}: x") or settings.header.lower() in _OURS - {"authorization"}:
                raise faults.wrong_setting("header", "This is no name of a header that takes a key.")
            return Fixed({settings.header: settings.secret.reveal()})
        case "oauth2":
            url = checked_url(settings.token_url, plain=settings.plain, field="token_url")
            form = {"grant_type": "client_credentials", "client_id": settings.user}
            scope = {"scope": settings.scope} if settings.scope else {}
            return OAuth(
                url,
                lambda: {**form, **scope, "client_secret": settings.secret.reveal()},
                ca_file=settings.ca_file,
                plain=settings.plain,
            )
    assert_never(settings.auth)


KIND = Kind(
    "rest",
    "JSON over HTTP",
    RestSettings,
    Rest,
    harmless=frozenset({"records", "key", "paging", "next", "parameter", "first", "size_parameter", "size"}),
)
