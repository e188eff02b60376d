"""Google People as a source, from a fake that checks signatures; both sides are held against Google's discovery document."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tests.rooms.http_peer import Asked, Given, as_json
from tests.rooms.published.holding import NotPublished, holding
from tests.rooms.published.people_discovery import PeopleDiscovery

from unisono.directory.replicators.google import GoogleSettings
from unisono.directory.replicators.kinds import KINDS
from unisono.directory.replicators.source import READ_ALL, Gone, Item, Mark, Record, Source
from unisono.kernel.errors import Fault, Invalid
from unisono.kernel.settings import parse


@cache
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@dataclass
class Fake:
    """An account; `log` is what has happened: (resource name, the person, or None)."""

    log: list[tuple[str, dict[str, Any] | None]] = field(default_factory=list)
    url: str = ""
    knows_from: int = 0

    def answer(self, asked: Asked) -> Given:
        if asked.path == "/token":
            return self.token(asked.form)
        if asked.headers.get("authorization") != "Bearer tok":
            return as_json({"error": {"code": 401, "message": "no token", "status": "UNAUTHENTICATED"}}, 401)
        return self.page(asked)

    def token(self, form: dict[str, str]) -> Given:
        if form["grant_type"] == "refresh_token":
            right = {"grant_type": "refresh_token", "client_id": "c", "client_secret": "s", "refresh_token": "r"}
            well = form == right
        else:
            assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
            well = self.signed(form["assertion"])
        return as_json({"access_token": "tok", "expires_in": 3599}) if well else as_json({"error": "invalid_grant"}, 400)

    def signed(self, assertion: str) -> bool:
        head, claims, signature = assertion.split(".")
        padded = [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in (head, claims, signature)]
        private_key().public_key().verify(padded[2], f"{head}.{claims}".encode(), padding.PKCS1v15(), SHA256())
        told = msgspec.json.decode(padded[1])
        assert msgspec.json.decode(padded[0]) == {"alg": "RS256", "typ": "JWT", "kid": "k1"}
        assert told["exp"] - told["iat"] == 3600
        assert told["aud"] == f"{self.url}/token"
        assert told["scope"].startswith("https://www.googleapis.com/auth/")
        return bool(told["iss"] == "robot@project.example" and told["sub"] == "anna@company.example")

    def page(self, asked: Asked) -> Given:
        query, directory = asked.query, asked.path.endswith("listDirectoryPeople")
        since = int(query["syncToken"]) if "syncToken" in query else None
        if since is not None and since < self.knows_from:
            detail = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "EXPIRED_SYNC_TOKEN"}
            return as_json({"error": {"code": 400, "message": "Sync token is expired.", "details": [detail]}}, 400)
        at = int(query.get("pageToken", since or 0))
        some = self.log[at : at + 2]
        people = [
            {"resourceName": name, **(now if now is not None else {"metadata": {"deleted": True}})}
            for name, now in some
            if now is not None or since is not None
        ]
        answer: dict[str, object] = {"people": people} if directory else {"connections": people, "totalItems": len(self.log)}
        if at + 2 < len(self.log):
            answer["nextPageToken"] = str(at + 2)
        elif query.get("requestSyncToken") == "true":
            answer["nextSyncToken"] = str(len(self.log))
        return as_json(answer)


@pytest.fixture
def fake() -> Iterator[Fake]:
    made = Fake()
    with holding(made.answer, PeopleDiscovery(), beside="/token") as peer:
        made.url = peer.url
        yield made


def opened(fake: Fake, **settings: object) -> Source:
    file = {"client_email": "robot@project.example", "private_key": pem(private_key()), "private_key_id": "k1"}
    given = {
        "key": msgspec.json.encode(file).decode(), "subject": "anna@company.example", "authority": f"{fake.url}/token",
        "service": fake.url, **settings,
    }  # fmt: skip
    return KINDS["google"].open(parse(given, GoogleSettings))


ANNA = {
    "names": [
        {"displayName": "A."},
        {"metadata": {"primary": True}, "displayName": "Anna Rossi", "givenName": "Anna", "familyName": "Rossi"},
    ],
    "organizations": [{"name": "ACME", "title": "Boss", "department": "Sales"}],
    "phoneNumbers": [
        {"value": "0432 1", "type": "work"}, {"value": "333 1", "type": "mobile"}, {"value": "0432 2", "type": "workFax"},
        {"value": "0432 3", "type": "Zentrale"}, {"value": "0432 4", "type": "work", "metadata": {"primary": True}},
    ],
    "emailAddresses": [{"value": "anna@company.example"}, {"value": "a@home.example"}],
    "addresses": [{"type": "home", "streetAddress": "Via Roma 1", "city": "Udine", "region": "UD", "postalCode": "33100"}],
    "urls": [{"value": "https://company.example"}],
    "biographies": [{"value": "note"}],
}  # fmt: skip


def mark(items: list[Item]) -> str:
    assert isinstance(items[-1], Mark)
    return items[-1].cursor


def keys(items: list[Item], kind: type[Record] | type[Gone]) -> list[str]:
    return [item.key for item in items if isinstance(item, kind)]


@pytest.mark.parametrize("what", ["contacts", "directory"])
def test_people_and_then_only_what_changed(fake: Fake, what: str) -> None:
    fake.log += [("people/c1", ANNA), ("people/c2", {"names": [{"displayName": "Ben"}]}), ("people/c3", {"names": []})]
    source = opened(fake, what=what)
    assert source.check().records == (3 if what == "contacts" else None)
    first = list(source.read(None))
    assert keys(first, Record) == ["people/c1", "people/c2", "people/c3"]
    assert isinstance(first[0], Record)
    assert first[0].values == {
        "name.displayName": "Anna Rossi", "name.givenName": "Anna", "name.familyName": "Rossi", "organization.name": "ACME",
        "organization.department": "Sales", "organization.title": "Boss", "phone.business": ("0432 4", "0432 1"),
        "phone.mobile": "333 1", "phone.fax-business": "0432 2", "phone.company-main": "0432 3",
        "email": ("anna@company.example", "a@home.example"), "address.private.streetAddress": "Via Roma 1",
        "address.private.city": "Udine", "address.private.region": "UD", "address.private.postalCode": "33100",
        "url": "https://company.example", "note": "note",
    }  # fmt: skip
    meanings = {column.name: column.field for column in source.columns()}
    assert (meanings["phone.mobile"], meanings["address.private.region"]) == ("phone_mobile", "private_state")
    assert [type(item) for item in source.read(mark(first))] == [Mark]
    fake.log += [("people/c2", None), ("people/c1", {"names": [{"displayName": "Anna R."}]}), ("people/c4", ANNA)]
    second = list(source.read(mark(first)))
    assert (keys(second, Record), keys(second, Gone)) == (["people/c1", "people/c4"], ["people/c2"])


def test_a_refresh_token_does_too(fake: Fake) -> None:
    fake.log += [("people/c1", ANNA)]
    with_token = {"auth": "refresh-token", "client_id": "c", "secret": "s", "refresh_token": "r"}
    assert keys(list(opened(fake, **with_token).read(None)), Record) == ["people/c1"]
    with pytest.raises(Fault, match="invalid_grant") as caught:
        opened(fake, **{**with_token, "refresh_token": "old"}).check()
    assert caught.value.code == "source-sign-in"


def test_a_token_that_has_expired_means_reading_everything(fake: Fake) -> None:
    fake.log += [("people/c1", ANNA)]
    cursor = mark(list(opened(fake).read(None)))
    fake.knows_from = 9
    with pytest.raises(Fault) as caught:
        list(opened(fake).read(cursor))
    assert caught.value.code == READ_ALL


@pytest.mark.parametrize(
    "settings",
    [
        {"key": "no json"}, {"key": "{}"}, {"subject": ""}, {"auth": "refresh-token"}, {"service": "http://people.example"},
        {"authority": "http://tokens.example"},
    ],
)  # fmt: skip
def test_settings_that_cannot_be_meant_are_said(fake: Fake, settings: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        opened(fake, **settings)


@pytest.mark.parametrize("key", ["nonsense", pem(ec.generate_private_key(ec.SECP256R1()))])
def test_a_key_that_cannot_sign_is_said_and_not_shown(fake: Fake, key: str) -> None:
    file = msgspec.json.encode({"client_email": "robot@project.example", "private_key": key}).decode()
    with pytest.raises(Invalid) as caught:
        opened(fake, key=file).check()
    assert key not in caught.value.message


FIRST = {"personFields": "names", "pageSize": "1000", "requestSyncToken": "true"}
THERE = "/v1/people/me/connections"


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("POST", THERE, FIRST), ("GET", "/v1/people/me/else/connections", FIRST), ("GET", THERE, {"pageSize": "10"}),
        ("GET", THERE, {**FIRST, "pageSize": "1001"}), ("GET", THERE, {**FIRST, "personFields": "names,fileAs"}),
        ("GET", THERE, {**FIRST, "requestSyncToken": "yes"}), ("GET", THERE, {**FIRST, "alt": "proto"}),
        ("GET", THERE, {**FIRST, "pageToken": "never given"}), ("GET", "/v1/people:listDirectoryPeople", {"readMask": "names"}),
        ("GET", "/v1/people:listDirectoryPeople", {"readMask": "names", "sources": "READ_SOURCE_TYPE_CONTACT"}),
    ],
)  # fmt: skip
def test_what_google_has_not_published_is_not_asked(method: str, path: str, query: dict[str, str]) -> None:
    PeopleDiscovery().asked(Asked("GET", THERE, FIRST, {}, b""))
    with pytest.raises(NotPublished):
        PeopleDiscovery().asked(Asked(method, path, query, {}, b""))


@pytest.mark.parametrize(
    "answer",
    [
        {"people": []}, {"connections": {}}, {"totalItems": "3"}, {"connections": [{"names": [{"displayname": "A"}]}]},
        {"connections": [{"names": [{"displayName": None}]}]}, {"connections": [{"urls": []}]},
    ],
)  # fmt: skip
def test_what_google_has_not_published_is_not_told(answer: dict[str, object]) -> None:
    google = PeopleDiscovery()
    called = google.asked(Asked("GET", THERE, FIRST, {}, b""))
    google.told(called, as_json({"connections": [{"resourceName": "people/c1", "names": [{"displayName": "A"}]}]}))
    with pytest.raises(NotPublished):
        google.told(called, as_json(answer))


def test_a_token_is_used_only_where_it_was_given() -> None:
    google = PeopleDiscovery()
    google.told(google.asked(Asked("GET", THERE, FIRST, {}, b"")), as_json({"nextSyncToken": "7"}))
    google.asked(Asked("GET", THERE, {**FIRST, "syncToken": "7"}, {}, b""))
    with pytest.raises(NotPublished):
        google.asked(Asked("GET", THERE, {**FIRST, "syncToken": "7", "personFields": "urls"}, {}, b""))
