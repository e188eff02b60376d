"""Google as a source, by the People API: somebody's contacts, or an organisation's people; then only what has changed.

Written after Google's documentation of `people.connections.list` and `people.listDirectoryPeople`, v1.
"""

import base64
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import msgspec
from msgspec import Meta

from unisono.directory.model import NUMBER_FIELDS, Field
from unisono.directory.replicators import cells, faults
from unisono.directory.replicators.http_auth import OAuth
from unisono.directory.replicators.http_client import HttpClient, checked_url, closing
from unisono.directory.replicators.source import Check, Column, Gone, Item, Kind, Mark, Record, Value
from unisono.directory.replicators.words import kind_of
from unisono.kernel.secrets import Secret, no_secret

SAMPLES = 50
_PAGE = 1_000
_FIELDS = "addresses,biographies,emailAddresses,metadata,names,organizations,phoneNumbers,urls"
_PROFILES = "DIRECTORY_SOURCE_TYPE_DOMAIN_PROFILE"
_SCOPES = {
    "contacts": "https://www.googleapis.com/auth/contacts.readonly",
    "directory": "https://www.googleapis.com/auth/directory.readonly",
}
_EXPIRED = (400, 410)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PARTS = {"streetAddress": "street", "postalCode": "postal_code", "city": "city", "region": "state", "country": "country"}
FIELDS: Mapping[str, Field] = {
    "name.displayName": Field.DISPLAY_NAME,
    "name.givenName": Field.FIRST_NAME,
    "name.familyName": Field.LAST_NAME,
    "organization.name": Field.COMPANY,
    "organization.department": Field.DEPARTMENT,
    "organization.title": Field.JOB_TITLE,
    **{f"phone.{kind.value}": name for name, kind in NUMBER_FIELDS.items()},
    "email": Field.EMAIL,
    **{
        f"address.{kind}.{theirs}": Field(f"{kind}_{ours}")
        for kind in ("business", "private", "other")
        for theirs, ours in _PARTS.items()
    },
    "url": Field.WEB,
    "note": Field.NOTE,
}
"""What the columns mean."""


class GoogleSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An account, and what is read of it."""

    what: Annotated[
        Literal["contacts", "directory"], Meta(description="Somebody's contacts, or the organisation's people.")
    ] = "contacts"
    auth: Annotated[
        Literal["service-account", "refresh-token"],
        Meta(description="By a service account with domain-wide delegation, or by a refresh token of the account itself."),
    ] = "service-account"
    key: Annotated[Secret, Meta(description="The service account's key: the whole JSON file.")] = msgspec.field(
        default_factory=no_secret
    )
    subject: Annotated[str, Meta(max_length=300, description="Whose data it is, as anna@company.example.")] = ""
    client_id: Annotated[str, Meta(max_length=300, description="The OAuth client's id, with a refresh token.")] = ""
    secret: Annotated[Secret, Meta(description="The OAuth client's secret.")] = msgspec.field(default_factory=no_secret)
    refresh_token: Annotated[Secret, Meta(description="The refresh token.")] = msgspec.field(default_factory=no_secret)
    authority: Annotated[str, Meta(max_length=200, description="Who gives out tokens.")] = "https://oauth2.googleapis.com/token"
    service: Annotated[str, Meta(max_length=200, description="Where the People API is.")] = "https://people.googleapis.com"


class _Key(msgspec.Struct):
    """What is needed of a service account's key file."""

    client_email: str
    private_key: str
    private_key_id: str = ""


class Google:
    """An account's contacts or its organisation's people."""

    def __init__(self, settings: GoogleSettings) -> None:
        self._settings = settings
        checked_url(settings.service, plain=False, field="service")
        checked_url(settings.authority, plain=False, field="authority")
        who = OAuth(settings.authority, _by_key(settings) if settings.auth == "service-account" else _by_token(settings))
        self._client = HttpClient(settings.service, authorization=who)

    def check(self) -> Check:
        try:
            page = self._page({"pageSize": "1"}, later=False)
            total = page.get("totalItems")
            return Check(f"Google {self._settings.what}", "v1", total if isinstance(total, int) else None)
        finally:
            self._client.close()

    def columns(self) -> Sequence[Column]:
        items = islice(self.read(None), SAMPLES)
        return cells.columns(FIELDS, [item.values for item in items if isinstance(item, Record)])

    def read(self, since: str | None) -> Iterator[Item]:
        return closing(self._client, lambda: self._read(since or ""))

    def _read(self, since: str) -> Iterator[Item]:
        asked = {"pageSize": str(_PAGE), "requestSyncToken": "true", **({"syncToken": since} if since else {})}
        token, known = "", set[str]()
        while True:
            page = self._page({**asked, **({"pageToken": token} if token else {})}, later=bool(since))
            for person in page.get("connections" if self._settings.what == "contacts" else "people") or ():
                yield from _items(person)
            token = str(page.get("nextPageToken") or "")
            if not token:
                break
            if token in known:
                raise faults.garbled(self._client.peer, "the same page again")
            known.add(token)
        if page.get("nextSyncToken"):
            yield Mark(str(page["nextSyncToken"]))

    def _page(self, asked: Mapping[str, str], *, later: bool) -> dict[str, Any]:
        if self._settings.what == "contacts":
            path, more = "/v1/people/me/connections", {"personFields": _FIELDS}
        else:
            path, more = "/v1/people:listDirectoryPeople", {"readMask": _FIELDS, "sources": _PROFILES}
        url = f"{self._settings.service}{path}?{urlencode({**more, **asked})}"
        answer = self._client.ask("GET", url, None, {"Accept": "application/json"}, allowed=_EXPIRED if later else ())
        if answer.status in _EXPIRED:
            raise faults.read_all(self._client.peer)
        return answer.object()


def _items(person: Mapping[str, Any]) -> Iterator[Item]:
    key = str(person.get("resourceName", ""))
    if not key:
        return
    metadata = person.get("metadata")
    if isinstance(metadata, Mapping) and metadata.get("deleted"):
        yield Gone(key)
    else:
        yield cells.record(key, values(person))


def values(person: Mapping[str, Any]) -> dict[str, Value]:
    """What a person says, by columns."""
    found: dict[str, list[str]] = {}

    def add(name: str, value: object) -> None:
        if isinstance(value, str) and value.strip():
            found.setdefault(name, []).append(value.strip())

    for name in ("displayName", "givenName", "familyName"):
        add(f"name.{name}", _first(person, "names").get(name))
    for name in ("name", "department", "title"):
        add(f"organization.{name}", _first(person, "organizations").get(name))
    for phone in _several(person, "phoneNumbers"):
        words = _HUMP.sub(" ", str(phone.get("type") or ""))  # workFax; a label of their own stands here too
        add(f"phone.{kind_of(words).value}", phone.get("value"))
    for mail in _several(person, "emailAddresses"):
        add("email", mail.get("value"))
    for address in _several(person, "addresses"):
        kind = {"home": "private", "work": "business"}.get(str(address.get("type", "work")), "other")
        for part in _PARTS:
            if f"address.{kind}.{part}" not in found:
                add(f"address.{kind}.{part}", address.get(part))
    add("url", _first(person, "urls").get("value"))
    add("note", _first(person, "biographies").get("value"))
    return {name: some[0] if len(some) == 1 else tuple(dict.fromkeys(some)) for name, some in found.items()}


def _several(person: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The entries of a field, the primary one first."""
    entries = [each for each in person.get(name) or () if isinstance(each, Mapping)]
    return sorted(entries, key=lambda each: not (each.get("metadata") or {}).get("primary"))


def _first(person: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    entries = _several(person, name)
    return entries[0] if entries else {}


def _by_token(settings: GoogleSettings) -> Any:
    if not (settings.client_id and settings.secret and settings.refresh_token):
        raise faults.wrong_setting("refresh_token", "Enter the client's id and secret, and the refresh token.")
    return lambda: {
        "grant_type": "refresh_token",
        "client_id": settings.client_id,
        "client_secret": settings.secret.reveal(),
        "refresh_token": settings.refresh_token.reveal(),
    }


def _by_key(settings: GoogleSettings) -> Any:
    """The form of RFC 7523 2.1: an assertion that the service account's key has signed."""
    try:
        key = msgspec.json.decode(settings.key.reveal(), type=_Key)
    except msgspec.DecodeError:
        raise faults.wrong_setting("key", "This is no key of a service account: paste the whole JSON file.") from None
    if not settings.subject:
        raise faults.wrong_setting("subject", "Name the account whose data is read.")

    def form() -> dict[str, str]:
        now = int(time.time())
        claims = {
            "iss": key.client_email, "sub": settings.subject, "scope": _SCOPES[settings.what], "aud": settings.authority,
            "iat": now, "exp": now + 3600,
        }  # fmt: skip
        assertion = _signed({"alg": "RS256", "typ": "JWT", "kid": key.private_key_id}, claims, key.private_key)
        return {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}

    return form


def _signed(header: Mapping[str, str], claims: Mapping[str, object], private_key: str) -> str:
    """A JSON Web Token (RFC 7519), signed by RSA with SHA-256 (RFC 7518 3.3)."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(private_key.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise faults.wrong_setting("key", "The private key in this file cannot be read.") from None
    if not isinstance(key, RSAPrivateKey):
        raise faults.wrong_setting("key", "The private key in this file is no RSA key.")
    said = b".".join(_base64(msgspec.json.encode(part)) for part in (header, claims))
    return b".".join((said, _base64(key.sign(said, PKCS1v15(), SHA256())))).decode()


def _base64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


KIND = Kind("google", "Google People", GoogleSettings, Google, incremental=True, harmless=frozenset())
