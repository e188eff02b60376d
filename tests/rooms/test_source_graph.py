"""Microsoft Graph as a source, from a fake; both sides are held against Microsoft's metadata."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

import pytest
from tests.rooms.http_peer import Asked, Given, HttpPeer, as_json, serving
from tests.rooms.published.graph_metadata import GraphMetadata
from tests.rooms.published.holding import NotPublished, holding

from unisono.directory.replicators.graph import GraphSettings
from unisono.directory.replicators.kinds import KINDS
from unisono.directory.replicators.source import READ_ALL, Gone, Item, Mark, Record, Source
from unisono.kernel.errors import Fault, Invalid
from unisono.kernel.settings import parse

ANNA = "/v1.0/users/anna%40company.example"
Log = list[tuple[str, dict[str, object] | None]]


@dataclass
class Fake:
    """A tenant; `log` is what has happened, in order: (id, what it is now, or None)."""

    users: Log = field(default_factory=list)
    contacts: dict[str, Log] = field(default_factory=dict)
    inner: dict[str, list[str]] = field(default_factory=dict)
    """What folders stand in a folder."""
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
            return self.delta(asked, self.users, partial=True)
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
            case ["contactFolders", folder, "childFolders"]:
                return as_json({"value": [{"id": key} for key in self.inner.get(unquote(folder), ())]})
            case ["contactFolders", folder, "contacts", "delta"]:
                return self.delta(asked, self.contacts[unquote(folder)], partial=False)
        return as_json({"error": {"code": "ErrorItemNotFound", "message": "not found"}}, 404)

    def user(self, asked: Asked, key: str) -> Given:
        now = dict(self.users).get(key := unquote(key))
        gone = {"error": {"code": "Request_ResourceNotFound", "message": "gone"}}
        return as_json({"id": key, **now}) if now else as_json(gone, 404)

    def folders(self, asked: Asked) -> Given:
        if "$skip" in asked.query:
            return as_json({"value": [{"id": "CCC="}]})
        return as_json({"value": [{"id": "BBB="}], "@odata.nextLink": f"{self.url}{asked.path}?$skip=1"})

    def delta(self, asked: Asked, log: Log, *, partial: bool) -> Given:
        query = asked.query
        since = int(query["$deltatoken"]) if "$deltatoken" in query else None
        if since is not None and since < self.knows_from:
            return as_json({"error": {"code": "syncStateNotFound", "message": "resync required"}}, 410)
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
    with holding(made.answer, GraphMetadata(), beside="/tenant.example/oauth2/v2.0/token") as peer:
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


def test_an_id_is_one_step_of_an_address_whatever_stands_in_it(fake: Fake) -> None:
    source = opened(fake)
    first = list(source.read(None))
    fake.users += [("u/1?", {"displayName": "Anna", "accountEnabled": True})]
    assert keys(list(source.read(mark(first))), Record) == ["u/1?"]


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


def test_contacts_of_folders_in_folders(fake: Fake) -> None:
    fake.contacts = {key: [(f"c{number}", {"displayName": key})] for number, key in enumerate(("AAA=", "BBB=", "CCC=", "D/D+"))}
    fake.inner = {"AAA=": ["BBB=", "CCC="], "CCC=": ["D/D+"], "D/D+": ["AAA="]}
    source = opened(fake, what="contacts", mailboxes=["anna@company.example"])
    first = list(source.read(None))
    assert sorted(keys(first, Record)) == ["c0", "c1", "c2", "c3"]
    fake.contacts["D/D+"] += [("c3", None)]
    assert keys(list(source.read(mark(first))), Gone) == ["c3"]


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


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("POST", "/v1.0/users/delta", {}), ("GET", "/beta/users/delta", {}), ("GET", "/v1.0/people", {}),
        ("GET", "/v1.0/users/anna/kontakte", {}), ("GET", f"{ANNA}/contactFolders/A/delta", {}),
        ("GET", f"{ANNA}/contacts/A/delta", {}), ("GET", "/v1.0/users/delta", {"$select": "displayName,fax"}),
        ("GET", f"{ANNA}/contacts", {"$select": "homeAddress.street"}),
        ("GET", f"{ANNA}/contactFolders", {"$top": "0"}), ("GET", "/v1.0/users/delta", {"$top": "5"}),
        ("GET", "/v1.0/users", {"$deltatoken": "never given"}),
    ],
)  # fmt: skip
def test_what_microsoft_has_not_published_is_not_asked(method: str, path: str, query: dict[str, str]) -> None:
    graph = GraphMetadata()
    graph.asked(Asked("GET", f"{ANNA}/contactFolders/A%2B/contacts/delta", {"$select": "homeAddress"}, {}, b""))
    with pytest.raises(NotPublished):
        graph.asked(Asked(method, path, query, {}, b""))


@pytest.mark.parametrize(
    "answer",
    [
        {"value": []}, {"@odata.deltaLink": "x", "value": {}}, {"@odata.deltaLink": "x", "@odata.nextLink": "y", "value": []},
        {"@odata.deltaLink": "x", "value": [{"displayName": "without a key"}]},
        {"@odata.deltaLink": "x", "value": [{"id": "1", "mobilePhone": "not asked for"}]},
        {"@odata.deltaLink": "x", "value": [{"id": "1", "displayname": "A"}]},
        {"@odata.deltaLink": "x", "value": [{"id": "1", "accountEnabled": "true"}]},
        {"@odata.deltaLink": "x", "value": [{"id": "1", "businessPhones": None}]},
        {"@odata.deltaLink": "x", "value": [{"id": "1", "@removed": {"reason": "gone"}}]},
    ],
)  # fmt: skip
def test_what_microsoft_has_not_published_is_not_told(answer: dict[str, object]) -> None:
    graph = GraphMetadata()
    query = {"$select": "displayName,businessPhones,accountEnabled"}
    asked = graph.asked(Asked("GET", "/v1.0/users/delta", query, {}, b""))
    anna = {"id": "1", "displayName": None, "businessPhones": ["1"], "accountEnabled": True}
    gone = {"id": "2", "@removed": {"reason": "deleted"}}
    graph.told(asked, as_json({"@odata.deltaLink": "x", "value": [anna, gone]}))
    with pytest.raises(NotPublished):
        graph.told(asked, as_json(answer))
