"""Nodes, templates, users and profiles over HTTP; what a profile shows in the web search; a query tried out."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.rooms.web_house import NEW, House, browser, open_house

from unisono.directory.ldap import forward, store
from unisono.directory.ldap.channel import Begin, Check, Figures
from unisono.directory.ldap.model import Kind, Node, Profile, Template
from unisono.directory.ldap.service import OpenDoor
from unisono.directory.ldap.settings import LdapSettings
from unisono.directory.ldap.times import Times
from unisono.directory.ldap.workers import Workers
from unisono.directory.runs.model import RunState
from unisono.directory.service import NewContact
from unisono.kernel.errors import Unavailable
from unisono.web.gate import API

ADMIN = f"{API}/admin/ldap"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        await house.rooms.directory.create(NewContact("Anna Rossi", "Anna", "Rossi"), "")
        yield house


async def bind(house: House, name: str, password: str) -> Kind | None:
    found = await house.rooms.ldap.check(Check(1, name, password.encode(), "192.0.2.9"))
    return found.identity.kind if found.identity else None


async def test_a_user_binds_with_the_password_that_was_set(house: House) -> None:
    async with browser(house, "root") as root:
        assert (await root.put(f"{ADMIN}/users/door", json={"name": "Door phone"}, headers=NEW)).status_code == 422
        saved = await root.put(f"{ADMIN}/users/door", json={"name": "Door phone", "password": "let me ring"}, headers=NEW)
        assert saved.json()["password"] == ""
        taken = {"name": "DOOR PHONE", "password": "x"}
        assert (await root.put(f"{ADMIN}/users/two", json=taken, headers=NEW)).status_code == 409
        assert await bind(house, "door PHONE", "let me ring") is Kind.USER
        assert await bind(house, "Door phone", "wrong") is None
        await root.put(f"{ADMIN}/users/door", json={"name": "Door phone", "active": False})
        assert await bind(house, "Door phone", "let me ring") is None
        assert (await root.delete(f"{ADMIN}/users/door")).status_code == 204
        assert (await root.get(f"{ADMIN}/users")).json() == {"items": []}
    assert await bind(house, "anna", "correct horse battery") is Kind.PERSON


async def test_wrong_passwords_are_slowed_down(house: House) -> None:
    async with browser(house, "root") as root:
        await root.put(f"{ADMIN}/users/door", json={"name": "door", "password": "let me ring"}, headers=NEW)
    answers = [await house.rooms.ldap.check(Check(n, "door", b"wrong", "192.0.2.9")) for n in range(30)]
    assert answers[-1].busy
    assert "Try again in" in answers[-1].message


@pytest.mark.parametrize(("name", "password"), [("door", b"let me ring"), ("anna", b"correct horse battery")])
async def test_guessing_locks_nobody_out_where_they_are_used_to_bind(house: House, name: str, password: bytes) -> None:
    async with browser(house, "root") as root:
        await root.put(f"{ADMIN}/users/door", json={"name": "door", "password": "let me ring"}, headers=NEW)
    ldap = house.rooms.ldap
    assert (await ldap.check(Check(1, name, password, "192.0.2.1"))).identity
    answers = [await ldap.check(Check(n, name, b"guess %d" % n, "192.0.2.9")) for n in range(30)]
    assert answers[-1].busy
    assert (await ldap.check(Check(1, name, password, "192.0.2.1"))).identity
    if name == "anna":
        await house.rooms.people.sign_in.by_password(name, password.decode(), "192.0.2.1")


async def test_many_telephones_that_bind_at_once_with_one_name_all_come_in(house: House) -> None:
    async with browser(house, "root") as root:
        await root.put(f"{ADMIN}/users/door", json={"name": "door", "password": "let me ring"}, headers=NEW)
    tries = [house.rooms.ldap.check(Check(n, "door", b"let me ring", f"192.0.2.{n}")) for n in range(100)]
    answers = await asyncio.gather(*tries)
    assert [answer.id for answer in answers] == list(range(100))
    assert all(answer.identity for answer in answers)


async def test_who_has_to_wait_learns_nothing_from_a_bind_that_is_under_way(house: House) -> None:
    async with browser(house, "root") as root:
        await root.put(f"{ADMIN}/users/door", json={"name": "door", "password": "let me ring"}, headers=NEW)
    ldap = house.rooms.ldap
    await ldap.check(Check(1, "door", b"let me ring", "192.0.2.1"))
    for number in range(10):
        await ldap.check(Check(number, "door", b"guess %d" % number, "192.0.2.9"))
    own, guess = await asyncio.gather(
        ldap.check(Check(1, "door", b"let me ring", "192.0.2.1")),
        ldap.check(Check(2, "door", b"let me ring", "192.0.2.9")),
    )
    assert own.identity
    assert guess.busy


async def test_a_directory_that_did_not_answer_locks_nobody_out(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    ldap, there = house.rooms.ldap, False

    async def binds(settings: LdapSettings, name: str, password: str, *, with_groups: bool) -> tuple[str, ...]:
        if there:
            return ()
        raise Unavailable("directory-answer", "It does not answer.")

    monkeypatch.setattr(forward, "binds", binds)
    monkeypatch.setattr(ldap, "settings", LdapSettings(active_directory="dc1.example.com:636"))
    for number in range(30):
        assert (await ldap.check(Check(number, "someone", b"secret", "192.0.2.1"))).message == "It does not answer."
    there = True
    assert (await ldap.check(Check(30, "someone", b"secret", "192.0.2.1"))).identity


async def test_a_password_that_is_changed_while_it_is_computed_is_wrong(house: House) -> None:
    async with browser(house, "root") as root:
        await root.put(f"{ADMIN}/users/door", json={"name": "door", "password": "let me ring"}, headers=NEW)
    ldap = house.rooms.ldap
    another = await ldap._passwords.hash("another one")
    trying = asyncio.create_task(ldap.check(Check(1, "door", b"let me ring", "192.0.2.1")))
    await asyncio.sleep(0)  # it has read the hash, and computes
    ldap._hashes["door"] = another
    assert (await trying).identity is None


async def test_what_was_saved_is_there_after_a_restart(house: House) -> None:
    async with browser(house, "root") as root:
        node = {"suffix": "ou=gate,dc=meta", "books": ["own"], "number_format": "readable", "template_id": "yealink"}
        assert (await root.put(f"{ADMIN}/nodes/gate", json=node, headers=NEW)).status_code == 201
    await house.rooms.ldap.load()
    first, kept = house.rooms.ldap.nodes()
    assert first.suffix == "dc=meta", "the node that was there unset stays"
    assert (kept.suffix, kept.books, kept.template_id) == ("ou=gate,dc=meta", ("own",), "yealink")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("nodes/a", {"suffix": "nonsense"}, "suffix"),
        ("nodes/a", {"suffix": ""}, "suffix"),
        ("nodes/a", {"suffix": "o=a", "networks": ["10.0.0.0/99"]}, "networks"),
        ("nodes/a", {"suffix": "o=a", "anonymous": ["here"]}, "anonymous"),
        ("nodes/a", {"suffix": "o=a", "number_format": "roman"}, "number_format"),
        ("nodes/A b", {"suffix": "o=a"}, "id"),
        ("templates/a", {"name": "a", "filter_values": [{"search": "("}]}, "filter_values[0]"),
        ("templates/a", {"name": "a", "object_classes": ["device", "x' SUP top"]}, "object_classes"),
        ("templates/a", {"name": "a", "filter_values": [{"search": "a", "replace": "\\7"}]}, "filter_values[0]"),
        ("profiles/a", {"name": " "}, "name"),
    ],
)
async def test_what_cannot_be_meant_names_its_field(house: House, path: str, body: dict[str, object], field: str) -> None:
    async with browser(house, "root") as root:
        answer = await root.put(f"{ADMIN}/{path}", json=body, headers=NEW)
    assert answer.status_code == 422
    assert f'"{field}"' in answer.text


async def test_object_classes_that_a_template_had_before_they_were_checked_may_stay(house: House) -> None:
    stored = Template("old", "Old", object_classes=("x' SUP top", "vendor_user"))
    async with house.rooms.ldap.shared.changing() as change:
        await store.put(change.connection, "template", "old", msgspec.to_builtins(stored))
    async with browser(house, "root") as root:
        url, body = f"{ADMIN}/templates/old", {"name": "New", "object_classes": ["x' SUP top", "vendor_user", "1.2.840.99"]}
        seen = (await root.get(f"{ADMIN}/templates")).json()["items"]
        [etag] = [template["etag"] for template in seen if template["id"] == "old"]
        assert (await root.put(url, json=body, headers={"If-Match": etag})).status_code == 200
        refused = await root.put(f"{ADMIN}/templates/other", json=body, headers=NEW)
    assert (refused.status_code, refused.json()["data"]["name"]) == (422, "x' SUP top")
    kept = house.rooms.ldap.stored(Template, "old")
    assert kept is not None
    assert (kept.name, kept.object_classes[-1]) == ("New", "1.2.840.99")


async def test_two_nodes_of_one_name_are_refused_however_it_is_written(house: House) -> None:
    async with browser(house, "root") as root:
        assert (await root.put(f"{ADMIN}/nodes/one", json={"suffix": "ou=desk,dc=meta"}, headers=NEW)).status_code == 201
        answer = await root.put(f"{ADMIN}/nodes/two", json={"suffix": "OU = Desk, DC=Meta"}, headers=NEW)
    assert (answer.status_code, answer.json()["code"]) == (409, "ldap-taken")


async def test_the_node_of_a_new_server_is_not_replaced_by_the_way(house: House) -> None:
    async with browser(house, "root") as root:
        answer = await root.put(f"{ADMIN}/nodes/x", json={"suffix": "DC=meta"}, headers=NEW)
        assert (answer.status_code, answer.json()["code"]) == (409, "ldap-taken")
        [node] = (await root.get(f"{ADMIN}/nodes")).json()["items"]
        assert (node["id"], node["suffix"]) == ("meta", "dc=meta")
        assert (await root.put(f"{ADMIN}/nodes/meta", json={"suffix": "dc=meta", "name": "Ours"})).status_code == 200


async def test_a_node_hides_no_book_of_another_one(house: House) -> None:
    async with browser(house, "root") as root:

        async def saved(id: str, suffix: str, books: list[str] | None = None) -> tuple[int, str]:
            there = {node["id"] for node in (await root.get(f"{ADMIN}/nodes")).json()["items"]}
            body = {"suffix": suffix, "books": books}
            answer = await root.put(f"{ADMIN}/nodes/{id}", json=body, headers={} if id in there else NEW)
            return answer.status_code, answer.json().get("code", "")

        hides = (409, "ldap-hides-book")
        assert await saved("x", "OU = Own, dc=meta") == hides
        answer = await root.put(f"{ADMIN}/nodes/x", json={"suffix": "ou=own,dc=meta"}, headers=NEW)
        assert answer.json()["data"] == {"field": "suffix", "suffix": "ou=own,dc=meta", "book": "own", "node": "dc=meta"}
        assert await saved("x", "cn=own,dc=meta") == (201, "")
        assert await saved("meta", "dc=meta", []) == (200, "")
        assert await saved("x", "ou=own,dc=meta") == (200, "")
        assert await saved("meta", "dc=meta", ["own"]) == hides
        assert await saved("meta", "dc=meta") == hides
        await house.rooms.ldap.save(Node("meta"))
        assert await saved("x", "ou=own,dc=meta") == (200, ""), "as it was"
        assert await saved("x", "no name") == (422, "ldap-invalid")


async def test_a_new_book_is_not_hidden_by_a_node_of_its_name(house: House) -> None:
    """It gets another id, by which entries are named; a book that is called otherwise later keeps its own."""
    nodes = {"a": "OU = SALES, dc=meta", "b": "ou=sales-2,dc=meta", "c": "ou=meta,dc=other", "d": "ou=north,dc=meta"}
    async with browser(house, "root") as root:
        for id, suffix in nodes.items():
            assert (await root.put(f"{ADMIN}/nodes/{id}", json={"suffix": suffix}, headers=NEW)).status_code == 201
        books = f"{API}/admin/contacts/books"
        made = [(await root.post(books, json={"name": name})).json()["id"] for name in ("Sales", "Meta")]
        assert made == ["sales-3", "meta"]
        assert (await root.put(f"{books}/meta", json={"name": "North"})).json()["id"] == "meta"
        assert (await root.put(f"{books}/meta", json={"name": "Meta"})).status_code == 200
        file = await house.rooms.directory.uploads.put(b"Name;Phone\nAnna;0432 1\n", "north.csv")
        found = await house.rooms.directory.replication.import_file(file, "North", "")
        source, run = found.source, found.run
        assert (source.book, run.state) == ("north-2", RunState.DONE)
        assert (await root.put(f"{ADMIN}/nodes/meta", json={"suffix": "dc=meta", "books": ["own"]})).status_code == 200
        assert (await root.put(f"{ADMIN}/nodes/e", json={"suffix": "ou=support,dc=meta"}, headers=NEW)).status_code == 201
        assert (await root.post(books, json={"name": "Support"})).json()["id"] == "support", "the upper node does not show it"


async def test_a_profile_that_somebody_has_is_not_removed(house: House) -> None:
    async with browser(house, "root") as root:
        group = (await root.post(f"{API}/admin/groups", json={"name": "Export"})).json()["id"]
        await root.put(f"{ADMIN}/users/door", json={"name": "Door", "password": "let me ring"}, headers=NEW)
        having = {"people": [house.ids["anna"]], "groups": [group], "users": ["door"], "directory_groups": ["Sales"]}
        await root.put(f"{ADMIN}/profiles/p", json={"name": "Some", "books": ["own"], **having}, headers=NEW)
        await root.put(f"{API}/admin/phonebooks/fleets/desks", json={"name": "Desks", "profile_id": "p"}, headers=NEW)
        answer = await root.delete(f"{ADMIN}/profiles/p")
        assert (answer.status_code, answer.json()["code"]) == (409, "profile-in-use")
        counts = dict.fromkeys([*having, "fleets"], 1)
        assert answer.json()["data"] == {"id": "p", "names": "Anna Test, Export, Door, Sales, Desks", **counts}
        await root.put(f"{ADMIN}/profiles/p", json={"name": "Some", "books": ["own"]})
        assert (await root.delete(f"{ADMIN}/profiles/p")).json()["data"]["names"] == "Desks"
        await root.put(f"{API}/admin/phonebooks/fleets/desks", json={"name": "Desks"})
        await root.put(f"{ADMIN}/profiles/p", json={"name": "Some", "everybody": True})
        assert (await root.delete(f"{ADMIN}/profiles/p")).json()["code"] == "profile-for-everybody"
        await root.put(f"{ADMIN}/profiles/p", json={"name": "Some"})
        assert (await root.delete(f"{ADMIN}/profiles/p")).status_code == 204


async def test_a_profile_holds_in_the_web_too(house: House) -> None:
    async with browser(house, "anna") as anna:
        [hit] = (await anna.get(f"{API}/search", params={"q": "rossi"})).json()["items"]
        await house.rooms.ldap.save(Profile("p", "Nothing", books=("other",), people=(house.ids["anna"],)))
        assert (await anna.get(f"{API}/search", params={"q": "rossi"})).json()["items"] == []
        assert (await anna.get(f"{API}/contacts/{hit['id']}")).status_code == 404
        await house.rooms.ldap.save(Profile("p", "Nothing", books=("other",)))
        assert len((await anna.get(f"{API}/search", params={"q": "rossi"})).json()["items"]) == 1


async def test_a_query_is_tried_out(house: House) -> None:
    async with browser(house, "root") as root:
        asked = {"filter": "(|(cn=ros*)(sn=ros*)", "attributes": ["cn"]}
        found = (await root.post(f"{ADMIN}/test", json=asked)).json()
        assert (found["read_as"], found["mended"]) == ("(|(cn=ros*)(sn=ros*))", True)
        assert (found["hits"], found["code"], found["books"]) == (1, "SUCCESS", ["own"])
        assert "cn: Anna Rossi" in found["ldif"]
        assert [(step["kind"], step["value"], step["way"]) for step in found["steps"]] == [
            ("any", "", "index"),
            ("text-begins", "ros", "index"),
            ("text-begins", "ros", "index"),
        ]
        assert found["size"] > 50
        person = asked | {"kind": "person", "id": house.ids["anna"]}
        await house.rooms.ldap.save(Profile("p", "Nothing", people=(house.ids["anna"],)))
        assert (await root.post(f"{ADMIN}/test", json=person)).json()["hits"] == 0
        stranger = (await root.post(f"{ADMIN}/test", json=asked | {"address": "192.0.2.7"})).json()
        assert (stranger["code"], stranger["hits"]) == ("INSUFFICIENT_ACCESS_RIGHTS", 0)


async def test_a_filter_that_cannot_be_read_says_where(house: House) -> None:
    async with browser(house, "root") as root:
        wrong = await root.post(f"{ADMIN}/test", json={"filter": "(|(cn=a*)(sn))"})
    assert wrong.status_code == 422
    assert wrong.json()["data"] == {"field": "filter", "problem": "filter-item", "at": 10, "place": 11}


async def test_of_several_conditions_the_cheapest_is_looked_up(house: House) -> None:
    async with browser(house, "root") as root:
        asked = {"filter": "(&(telephoneNumber=*)(sn=ros*)(!(telephoneNumber=0432 55*))(mobile=*77))"}
        steps = (await root.post(f"{ADMIN}/test", json=asked)).json()["steps"]
    assert [(step["kind"], step["chosen"], step["way"]) for step in steps] == [
        ("all", True, "index"),
        ("has", False, "each"),
        ("text-begins", False, "index"),
        ("not-number-begins", False, "each"),
        ("number-ends", True, "index"),
    ]
    assert steps[3]["value"] == "+39043255"
    assert steps[4]["attributes"] == ["mobile"]


async def test_what_somebody_sees(house: House) -> None:
    async with browser(house, "root") as root:

        async def sees(kind: str, id: str = "") -> tuple[str, list[str], int]:
            found = (await root.get(f"{ADMIN}/sight", params={"kind": kind, "id": id})).json()
            assert [node["contacts"] for node in found["nodes"]] == [found["contacts"]]
            return found["why"], [book["id"] for book in found["books"]], found["contacts"]

        await root.put(f"{ADMIN}/users/door", json={"name": "Door", "password": "let me ring"}, headers=NEW)
        assert await sees("user", "door") == ("no-profile-nothing", [], 0)
        assert await sees("person", house.ids["anna"]) == ("no-profile", ["own"], 1)
        assert await sees("anonymous") == ("anonymous", ["own"], 1)
        await root.put(f"{ADMIN}/profiles/all", json={"name": "All", "books": ["own"], "everybody": True}, headers=NEW)
        assert await sees("user", "door") == ("for-everybody", ["own"], 1)
        assert await sees("directory") == ("for-everybody", ["own"], 1)
        await root.put(f"{ADMIN}/profiles/none", json={"name": "None", "users": ["door"]}, headers=NEW)
        assert await sees("user", "door") == ("own-profiles", [], 0)
        await root.put(f"{ADMIN}/users/door", json={"name": "Door", "active": False})
        assert await sees("user", "door") == ("inactive", [], 0)


async def test_the_door_tells_how_it_is(house: House) -> None:
    async with browser(house, "root") as root:
        await house.rooms.ldap.check(Check(1, "nobody", b"wrong", "192.0.2.9"))
        state = (await root.get(f"{ADMIN}/state")).json()
        assert "unisono_ldap_refused_binds_total 1.0" in (await root.get("/metrics")).text
    assert (state["running"], state["workers"], state["certificate"]) == (False, [], None)
    assert state["refused_binds"] == 1
    assert (state["refusals"][0]["name"], state["refusals"][0]["address"]) == ("nobody", "192.0.2.9")


async def test_a_door_whose_workers_hang_is_not_switched_off(house: House) -> None:
    workers = Workers(Begin(LdapSettings(), ""), (), house.rooms.ldap.check, house.clock)
    house.rooms.ldap.door = OpenDoor(workers, (), False, None)

    async def told() -> tuple[bool, list[bool]]:
        state = (await root.get(f"{ADMIN}/state")).json()
        return state["running"], [worker["answers"] for worker in state["workers"]]

    async with browser(house, "root") as root:
        assert await told() == (True, [])
        for number in range(2):
            workers.tally.heard(number, Figures(), 0.0)
        assert await told() == (True, [True, True])
        workers._stand_in({1})
        assert await told() == (True, [True, False])
        workers._stand_in({0, 1})
        assert await told() == (True, [False, False])


async def test_times_of_answers_are_a_histogram(house: House) -> None:
    times = Times()
    for seconds in (0.00005, 0.0002, 0.0002, 60.0):
        times.took("search", seconds)
    workers = Workers(Begin(LdapSettings(), ""), (), house.rooms.ldap.check, house.clock)
    workers.tally.heard(0, Figures(times=times.counts, seconds=times.seconds, unindexed=3), 0.0)
    house.rooms.ldap.door = OpenDoor(workers, (), False, None)
    async with browser(house, "root") as root:
        said = (await root.get("/metrics")).text
    for bound, count in (("0.0001", 1), ("0.00025", 3), ("10.0", 3), ("+Inf", 4)):
        assert f'unisono_ldap_answer_seconds_bucket{{le="{bound}",operation="search"}} {count}.0' in said
    assert 'unisono_ldap_answer_seconds_count{operation="search"} 4.0' in said
    assert "unisono_ldap_unindexed_total 3.0" in said


async def test_a_ready_template_is_changed_and_made_ready_again(house: House) -> None:
    async with browser(house, "root") as root:

        async def origin() -> str:
            items = (await root.get(f"{ADMIN}/templates")).json()["items"]
            return str(next(item["origin"] for item in items if item["id"] == "snom"))

        assert await origin() == "ready"
        saved = await root.put(f"{ADMIN}/templates/snom", json={"name": "snom", "result_attributes": {"cn": "displayName"}})
        assert (saved.json()["origin"], await origin()) == ("changed", "changed")
        await root.delete(f"{ADMIN}/templates/snom")
        assert await origin() == "ready"


async def test_only_admins(house: House) -> None:
    async with browser(house, "anna") as anna:
        for path in ("nodes", "templates", "users", "profiles", "state", "sight?kind=anonymous"):
            assert (await anna.get(f"{ADMIN}/{path}")).status_code == 403


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("ldap/nodes/a", {"suffix": "o=a", "books": ["own", "nowhere"]}, "books"),
        ("ldap/nodes/a", {"suffix": "o=a", "phone_books": ["nowhere"]}, "phone_books"),
        ("ldap/nodes/a", {"suffix": "o=a", "location_id": "nowhere"}, "location_id"),
        ("ldap/nodes/a", {"suffix": "o=a", "template_id": "nowhere"}, "template_id"),
        ("ldap/profiles/a", {"name": "a", "books": ["nowhere"]}, "books"),
        ("ldap/profiles/a", {"name": "a", "users": ["nowhere"]}, "users"),
        ("ldap/profiles/a", {"name": "a", "people": ["nowhere"]}, "people"),
        ("ldap/profiles/a", {"name": "a", "groups": ["nowhere"]}, "groups"),
        ("phonebooks/fleets/a", {"name": "a", "node_id": "nowhere"}, "node_id"),
        ("phonebooks/fleets/a", {"name": "a", "profile_id": "nowhere"}, "profile_id"),
        ("exports", {"name": "a", "kind": "csv", "books": ["nowhere"]}, "books"),
        ("exports", {"name": "a", "kind": "csv", "location_id": "nowhere"}, "location_id"),
        ("exports/preview", {"name": "a", "kind": "csv", "books": ["nowhere"]}, "books"),
        ("exports/preview", {"name": "a", "kind": "csv", "location_id": "nowhere"}, "location_id"),
        ("sources", {"name": "a", "kind": "csv", "settings": {}, "mapping": [], "location_id": "nowhere"}, "location_id"),
        ("sources/check", {"kind": "csv", "settings": {}, "location_id": "nowhere"}, "location_id"),
        ("sources/preview", {"kind": "csv", "settings": {}, "location_id": "nowhere"}, "location_id"),
        ("sources/map", {"records": [], "mapping": [], "location_id": "nowhere"}, "location_id"),
    ],
)
async def test_what_names_nothing_is_refused(house: House, path: str, body: dict[str, object], field: str) -> None:
    async with browser(house, "root") as root:
        method = "POST" if path.startswith(("exports", "sources")) else "PUT"
        answer = await root.request(method, f"{API}/admin/{path}", json=body, headers=NEW)
        assert (answer.status_code, answer.json()["code"]) == (422, "unknown-id"), answer.text
        assert (answer.json()["data"], "'nowhere'" in answer.json()["detail"]) == ({"field": field, "id": "nowhere"}, True)
        for query in ({"kind": "user", "id": "nowhere"}, {"kind": "person", "id": "nowhere"}):
            assert (await root.get(f"{ADMIN}/sight", params=query)).status_code == 404


async def test_books_that_were_removed_are_shown_and_may_stay(house: House) -> None:
    async with browser(house, "root") as root:
        book = (await root.post(f"{API}/admin/contacts/books", json={"name": "CRM"})).json()["id"]
        node = {"suffix": "ou=gate,dc=meta", "books": [book], "phone_books": ["own"]}
        profile = {"name": "Some", "books": [book, "own"]}
        fleet = {"name": "Desks", "node_id": "gate", "profile_id": "some"}
        export = {"name": "Out", "kind": "csv", "books": [book]}
        for path, body in (("ldap/nodes/gate", node), ("ldap/profiles/some", profile), ("phonebooks/fleets/desks", fleet)):
            saved = await root.put(f"{API}/admin/{path}", json=body, headers=NEW)
            assert saved.status_code == 201
            assert not saved.json().get("gone")
            assert not saved.json().get("problem")
        made = (await root.post(f"{API}/admin/exports", json=export)).json()
        assert (await root.delete(f"{API}/admin/contacts/books/{book}")).status_code == 204

        async def shown(path: str) -> dict[str, Any]:
            [found] = [each for each in (await root.get(f"{API}/admin/{path}")).json()["items"] if each["id"] != "meta"]
            return dict(found)

        assert ((await shown("ldap/nodes"))["gone"], (await shown("ldap/profiles"))["gone"]) == ([book], [book])
        assert ((await shown("exports"))["gone"], (await shown("phonebooks/fleets"))["problem"]) == ([book], "books")
        # Something else about them can be changed all the same, as they are shown.
        again = {**await shown("ldap/nodes"), "name": "Gate"}
        changed = (await root.put(f"{ADMIN}/nodes/gate", json=again)).json()
        assert changed == {**again, "etag": changed["etag"]}
        assert (await root.put(f"{API}/admin/exports/{made['id']}", json={**export, "name": "New"})).status_code == 200
