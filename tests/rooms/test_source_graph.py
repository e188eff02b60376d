"""Microsoft Graph as a source, from a fake that knows the documented routes and properties and refuses all others."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from tests.rooms.http_peer import Asked, Given, HttpPeer, as_json, serving

from unisono.directory.replicators.graph import GraphSettings
from unisono.directory.replicators.kinds import KINDS
from unisono.directory.replicators.source import READ_ALL, Gone, Item, Mark, Record, Source
from unisono.kernel.errors import Fault, Invalid
from unisono.kernel.settings import parse

USER = frozenset({
    "id", "accountEnabled", "businessPhones", "city", "companyName", "country", "department", "displayName", "employeeId",
    "faxNumber", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation", "postalCode", "state", "streetAddress",
    "surname", "userPrincipalName",
})  # fmt: skip
CONTACT = frozenset({
    "id", "assistantName", "birthday", "businessAddress", "businessHomePage", "businessPhones", "categories", "children",
    "companyName", "department", "displayName", "emailAddresses", "fileAs", "generation", "givenName", "homeAddress",
    "homePhones", "imAddresses", "initials", "jobTitle", "manager", "middleName", "mobilePhone", "nickName", "officeLocation",
    "otherAddress", "parentFolderId", "personalNotes", "profession", "spouseName", "surname", "title",
})  # fmt: skip
"""The documented properties of both resources that we might ask for."""
ANNA = "/v1.0/users/anna%40company.example"
Log = list[tuple[str, dict[str, object] | None]]


@dataclass
class Fake:
    """A tenant; `log` is what has happened, in order: (id, what it is now, or None)."""

    users: Log = field(default_factory=list)
    contacts: dict[str, Log] = field(default_factory=dict)
    url: str = ""
    knows_from: int = 0
    page: int = 2

    def answer(self, asked: Asked) -> Given:
        if asked.path == "/tenant.example/oauth2/v2.0/token":
            scope = f"{self.url}/.default"
            right = {"grant_type": "client_credentials", "client_id": "app", "client_secret": "s", "scope": scope}
            if asked.form != right:
                return as_json({"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret"}, 401)
            return as_json({"token_type": "Bearer", "expires_in": 3599, "access_token": "tok"})
        if asked.headers.get("authorization") != "Bearer tok":
            return as_json({"error": {"code": "InvalidAuthenticationToken", "message": "no token"}}, 401)
        if asked.path == "/v1.0/users/delta":
            return self.delta(asked, self.users, USER, partial=True)
        if asked.path.startswith(f"{ANNA}/contact"):
            return self.mailbox(asked)
        if found := re.fullmatch(r"/v1\.0/users/([^/]+)", asked.path):
            return self.user(asked, found[1])
        return as_json({"error": {"code": "ResourceNotFound", "message": f"{asked.path} is not there"}}, 404)

    def mailbox(self, asked: Asked) -> Given:
        match asked.path.removeprefix(f"{ANNA}/").split("/"):
            case ["contacts"]:
                return as_json({"value": [{"id": "x", "parentFolderId": "AAA="}]})
            case ["contactFolders"]:
                return self.folders(asked)
            case ["contactFolders", folder, "contacts", "delta"]:
                return self.delta(asked, self.contacts[folder.replace("%3D", "=")], CONTACT, partial=False)
        return as_json({"error": {"code": "ResourceNotFound"}}, 404)

    def user(self, asked: Asked, key: str) -> Given:
        now = dict(self.users).get(key)
        assert set(asked.query["$select"].split(",")) <= USER
        return as_json({"id": key, **now}) if now else as_json({"error": {"message": "gone"}}, 404)

    def folders(self, asked: Asked) -> Given:
        if "$skip" in asked.query:
            return as_json({"value": [{"id": "CCC="}]})
        return as_json({"value": [{"id": "BBB="}], "@odata.nextLink": f"{self.url}{asked.path}?$skip=1"})

    def delta(self, asked: Asked, log: Log, known: frozenset[str], *, partial: bool) -> Given:
        query = asked.query
        since = int(query["$deltatoken"]) if "$deltatoken" in query else None
        if since is not None and since < self.knows_from:
            return as_json({"error": {"code": "syncStateNotFound", "message": "resync required"}}, 410)
        if since is None and "$skiptoken" not in query:
            assert set(query["$select"].split(",")) <= known
        at, end, first = since or 0, len(log), int(since is None)
        if "$skiptoken" in query:
            at, end, first = map(int, query["$skiptoken"].split("."))
        values: list[dict[str, object]] = []
        for key, then in log[at : min(at + self.page, end)]:
            now = dict(log)[key] if first else then  # a first round tells what is, perhaps twice
            if now is not None:
                values.append({"id": key, **(dict(list(now.items())[-1:]) if partial and not first else now)})
            elif not first:
                values.append({"id": key, "@removed": {"reason": "deleted"}})
        at += self.page
        base = f"{self.url}{asked.path}?"
        if at < end:
            return as_json({"value": values, "@odata.nextLink": f"{base}$skiptoken={at}.{end}.{first}"})
        return as_json({"value": values, "@odata.deltaLink": f"{base}$deltatoken={end}"})


@pytest.fixture
def fake() -> Iterator[Fake]:
    made = Fake()
    with serving(made.answer) as peer:
        made.url = peer.url
        yield made


def opened(fake: Fake | HttpPeer, **settings: object) -> Source:
    given = {
        "tenant": "tenant.example", "client_id": "app", "secret": "s", "authority": fake.url, "service": f"{fake.url}/v1.0",
        **settings,
    }  # fmt: skip
    return KINDS["microsoft-graph"].open(parse(given, GraphSettings))


def mark(items: list[Item]) -> str:
    assert isinstance(items[-1], Mark)
    return items[-1].cursor


def keys(items: list[Item], kind: type[Record] | type[Gone]) -> list[str]:
    return [item.key for item in items if isinstance(item, kind)]


def test_users_and_then_only_what_changed(fake: Fake) -> None:
    fake.users += [
        ("u1", {"displayName": "Anna", "businessPhones": ["+39 0432 1"], "accountEnabled": True}),
        ("u2", {"displayName": "Ben", "accountEnabled": False}),
        ("u3", {"displayName": "Carla", "mobilePhone": "+39 333 1", "accountEnabled": True}),
        ("u3", {"displayName": "Carla", "mobilePhone": "+39 333 1", "accountEnabled": True}),
        ("u4", {"displayName": "Dario", "accountEnabled": True}),
    ]
    source = opened(fake)
    assert source.check().peer.startswith("Microsoft Graph")
    first = list(source.read(None))
    assert keys(first, Record) == ["u1", "u3", "u4"]
    assert first[0] == Record("u1", {"displayName": "Anna", "businessPhones": "+39 0432 1"})
    quiet = list(source.read(mark(first)))
    assert [type(item) for item in quiet] == [Mark]
    fake.users += [
        ("u1", {"displayName": "Anna Rossi", "businessPhones": ["+39 0432 2"], "accountEnabled": True}),
        ("u4", None),
        ("u3", {"displayName": "Carla", "accountEnabled": False}),
        ("u5", {"displayName": "Eva", "accountEnabled": True}),
    ]
    second = list(source.read(mark(quiet)))
    assert keys(second, Gone) == ["u4", "u3"]
    assert [item.values for item in second if isinstance(item, Record)] == [
        {"displayName": "Anna Rossi", "businessPhones": "+39 0432 2"}, {"displayName": "Eva"},
    ]  # fmt: skip


def test_contacts_of_every_folder_of_a_mailbox(fake: Fake) -> None:
    one: dict[str, object] = {
        "displayName": "Anna", "businessPhones": ["1", "2"], "emailAddresses": [{"name": "A", "address": "a@company.example"}],
        "homeAddress": {"street": "Via Roma 1", "countryOrRegion": "Italia"},
    }  # fmt: skip
    fake.contacts = {"AAA=": [("c1", one)], "BBB=": [("c2", {"displayName": "Ben"})], "CCC=": []}
    source = opened(fake, what="contacts", mailboxes=["anna@company.example"])
    first = list(source.read(None))
    assert keys(first, Record) == ["c1", "c2"]
    assert isinstance(first[0], Record)
    assert first[0].values["businessPhones"] == ("1", "2")
    assert first[0].values["homeAddress.street"] == "Via Roma 1"
    meanings = {column.name: column.field for column in source.columns()}
    assert (meanings["homeAddress.street"], meanings["emailAddresses.1.address"]) == ("private_street", "email")
    fake.contacts["BBB="] += [("c2", None)]
    fake.contacts["CCC="] += [("c3", {"displayName": "Carla"})]
    second = list(source.read(mark(first)))
    assert (keys(second, Record), keys(second, Gone)) == (["c3"], ["c2"])


def test_what_graph_has_forgotten_is_read_again(fake: Fake) -> None:
    fake.users += [("u1", {"displayName": "Anna", "accountEnabled": True})]
    source = opened(fake)
    cursor = mark(list(source.read(None)))
    fake.knows_from = 9
    elsewhere = cursor.replace(fake.url, "https://evil.example")
    for useless in (cursor, "nonsense", "{}", elsewhere):
        with pytest.raises(Fault) as caught:
            list(source.read(useless))
        assert caught.value.code == READ_ALL


def test_no_is_said_in_words(fake: Fake) -> None:
    with pytest.raises(Fault, match="Invalid client secret") as caught:
        opened(fake, secret="wrong").check()
    assert caught.value.code == "source-sign-in"
    with pytest.raises(Fault) as caught:
        opened(fake, what="contacts", mailboxes=["nobody@company.example"]).check()
    assert caught.value.code == "source-not-there"
    with pytest.raises(Invalid):
        opened(fake, what="contacts")
    with pytest.raises(Invalid):
        opened(fake, service="http://graph.example/v1.0")


def test_a_page_that_leads_elsewhere_is_not_followed() -> None:
    def answer(asked: Asked) -> Given:
        if asked.path.endswith("/token"):
            return as_json({"access_token": "tok", "expires_in": 60})
        return as_json({"value": [], "@odata.nextLink": "https://evil.example/next"})

    with serving(answer) as peer, pytest.raises(Fault, match="another server"):
        list(opened(peer).read(None))
