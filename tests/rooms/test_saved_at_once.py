"""What admins save builds on what they have seen (RFC 9110 13.1): of every kind, also at the same moment on two servers."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.rooms.two_servers_rig import Two, two_with_root
from tests.rooms.web_house import NEW, House, browser, open_house, refusal, sign_in

from unisono.kernel.errors import Unavailable
from unisono.storage import Database
from unisono.web.gate import API

ADMIN = f"{API}/admin"
ROUNDS = 5
RULE = {"field": "display_name", "value": "{Name}"}


@dataclass(frozen=True)
class Kind:
    """Where things of a kind are, and what one of them is; `own_id`: it is made by PUT, under an id of one's own."""

    path: str
    body: dict[str, Any]
    own_id: bool = False

    async def made(self, admin: httpx.AsyncClient, id: str = "a") -> dict[str, Any]:
        path = f"{ADMIN}/{self.path}"
        way = admin.put(f"{path}/{id}", json=self.body, headers=NEW) if self.own_id else admin.post(path, json=self.body)
        answer = await way
        assert answer.is_success, answer.text
        return dict(answer.json())

    async def stored(self, admin: httpx.AsyncClient, id: str) -> dict[str, Any] | None:
        items = (await admin.get(f"{ADMIN}/{self.path}")).json()["items"]
        return next((item for item in items if item["id"] == id), None)

    async def save(self, admin: httpx.AsyncClient, id: str, name: str, **headers: str) -> httpx.Response:
        body = {**self.body, "name": name}
        return await admin.put(f"{ADMIN}/{self.path}/{id}", json=body, headers=_headers(headers))

    async def remove(self, admin: httpx.AsyncClient, id: str, **headers: str) -> httpx.Response:
        return await admin.delete(f"{ADMIN}/{self.path}/{id}", headers=_headers(headers))


def _headers(given: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in given.items()}


KINDS = {
    "account": Kind("people", {"login": "kind", "name": "A"}),
    "group": Kind("groups", {"name": "A"}),
    "line": Kind("lines", {"connector": "pbx", "device": "900", "name": "A"}),
    "location": Kind("locations", {"name": "A", "country": "IT"}, own_id=True),
    "connection": Kind(
        "connectors", {"name": "A", "kind": "csta", "settings": {"host": "192.0.2.1", "port": 1}, "enabled": False}
    ),
    "book": Kind("contacts/books", {"name": "A"}),
    "source": Kind(
        "sources", {"name": "A", "kind": "rest", "settings": {"url": "https://192.0.2.1/a"}, "mapping": [RULE], "book": "B"}
    ),
    "export": Kind("exports", {"name": "A", "kind": "csv"}),
    "node": Kind("ldap/nodes", {"name": "A", "suffix": "ou=a,dc=meta"}, own_id=True),
    "template": Kind("ldap/templates", {"name": "A"}, own_id=True),
    "user": Kind("ldap/users", {"name": "A", "password": "let me ring"}, own_id=True),
    "profile": Kind("ldap/profiles", {"name": "A"}, own_id=True),
    "fleet": Kind("phonebooks/fleets", {"name": "A"}, own_id=True),
}
every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        yield house


CHANGED, THERE = (412, "changed-since"), (412, "there-already")


@every_kind
async def test_a_save_on_top_of_something_else_changes_nothing(house: House, kind: Kind) -> None:
    async with browser(house, "root") as root:
        made = await kind.made(root)
        id, seen = made["id"], made["etag"]
        listed = await kind.stored(root, id)
        assert listed
        assert listed["etag"] == seen
        # Several lines are one list (RFC 9110 5.3), empty elements are none (5.6.1.2).
        lines = [("If-Match", '"other", ,'), ("If-None-Matches", "x"), ("if-match", f"{seen},")]
        first = await root.put(f"{ADMIN}/{kind.path}/{id}", json={**kind.body, "name": "First"}, headers=lines)
        assert (first.status_code, first.json()["name"]) == (200, "First")
        # What is told is not what was sent: names are tidied, defaults filled in (RFC 9110 9.3.4).
        assert "etag" not in first.headers
        now = first.json()["etag"]
        assert now != seen
        assert refusal(await kind.save(root, id, "Second", If_Match=seen)) == CHANGED
        assert refusal(await kind.save(root, id, "Second", If_Match=f"W/{now}")) == CHANGED
        assert refusal(await kind.save(root, id, "Second", **NEW)) == THERE
        assert refusal(await kind.remove(root, id, If_Match=seen)) == CHANGED
        both = await root.put(
            f"{ADMIN}/{kind.path}/{id}", json=kind.body, headers=[("If-None-Match", "*"), ("If-None-Match", now)]
        )
        assert refusal(both) == (422, "precondition-invalid")
        for headers in ({"If_Match": seen.strip('"')}, {"If_Match": ","}, {"If_None_Match": seen}, {**NEW, "If_Match": now}):
            assert refusal(await kind.save(root, id, "Second", **headers)) == (422, "precondition-invalid")
        listed = await kind.stored(root, id)
        assert listed
        assert (listed["name"], listed["etag"]) == ("First", now)
        # Who does not say what they have seen changes what there is, as before.
        assert (await kind.save(root, id, "Third")).json()["name"] == "Third"
        assert (await kind.save(root, id, "First", If_Match="*")).json()["etag"] == now


@every_kind
async def test_what_was_removed_comes_back_only_if_somebody_says_so(house: House, kind: Kind) -> None:
    async with browser(house, "root") as root:
        made = await kind.made(root)
        id, seen = made["id"], made["etag"]
        assert (await kind.remove(root, id, If_Match=seen)).status_code == 204
        for headers in ({}, {"If_Match": seen}, {"If_Match": "*"}):
            assert (await kind.save(root, id, "Again", **headers)).status_code == 404, headers
            assert (await kind.remove(root, id, **headers)).status_code == 404, headers
        assert await kind.stored(root, id) is None
        again = await kind.save(root, id, "Again", **NEW)
        assert again.status_code == (201 if kind.own_id else 404)
        assert (await kind.stored(root, id) is not None) == kind.own_id


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.own_id], ids=lambda kind: kind.path)
async def test_what_was_made_is_told_to_whoever_asks_for_the_same_again(house: House, kind: Kind) -> None:
    async with browser(house, "root") as root:
        headers = {"Idempotency_Key": kind.path, **NEW}
        twice = await asyncio.gather(*(kind.save(root, "new", "New", **headers) for _ in range(2)))
        answers = [*twice, await kind.save(root, "new", "New", **headers)]
    assert [answer.status_code for answer in answers] == [201] * 3, answers[0].text
    assert [answer.json() for answer in answers] == [answers[0].json()] * 3


@every_kind
async def test_what_a_list_tells_can_be_changed_and_put_back(house: House, kind: Kind) -> None:
    async with browser(house, "root") as root:
        id = (await kind.made(root))["id"]
        told = await kind.stored(root, id)
        assert told
        place = f"{ADMIN}/{kind.path}/{id}"
        again = await root.put(place, json=told, headers={"If-Match": told["etag"]})
        assert (again.status_code, again.json()) == (200, told), again.text
        changed = await root.put(place, json={**told, "name": "Changed"}, headers={"If-Match": told["etag"]})
        assert (changed.status_code, changed.json()) == (200, {**told, "name": "Changed", "etag": changed.json()["etag"]})
        assert await kind.stored(root, id) == changed.json()
        if kind.path == "locations":
            asked = {"location": told, "number": "0432 546462", "direction": "in"}
            explained = await root.post(f"{ADMIN}/locations/explain", json=asked)
            assert explained.status_code == 200, explained.text


async def test_rights_are_changed_on_top_of_what_was_seen(house: House) -> None:
    rights = f"{ADMIN}/rights"
    async with browser(house, "root") as root:
        seen = await root.get(rights)
        assert "etag" not in seen.headers  # its body changes with the groups' members, too
        match = {"If-Match": seen.json()["etag"]}
        changed = await root.patch(rights, json={**seen.json(), "everyone": "public", "groups": {}}, headers=match)
        assert (changed.status_code, changed.json()["everyone"]) == (200, "public")
        assert "etag" not in changed.headers
        assert changed.json()["etag"] == (await root.get(rights)).json()["etag"] != seen.json()["etag"]
        assert refusal(await root.patch(rights, json={"everyone": "team"}, headers=match)) == CHANGED
        # What people grant each other personally is no matter of admins.
        await root.put(f"{API}/me/grants/{house.ids['anna']}", json={"level": "team"})
        assert (await root.get(rights)).json()["etag"] == changed.json()["etag"]
        assert (await root.get(rights)).json()["everyone"] == "public"


async def test_runs_secrets_and_counts_are_no_part_of_a_tag(house: House) -> None:
    async with browser(house, "root") as root:
        source, export = await KINDS["source"].made(root), await KINDS["export"].made(root)
        assert (await root.post(f"{ADMIN}/sources/{source['id']}/hook")).status_code == 201
        assert (await root.post(f"{ADMIN}/exports/{export['id']}/runs", json={"dry": True})).status_code == 202
        for kind, made in (("source", source), ("export", export)):
            there = await KINDS[kind].stored(root, made["id"])
            assert there
            assert there["etag"] == made["etag"]
        kept = await KINDS["source"].save(root, source["id"], "A", If_Match=source["etag"])
        assert (kept.status_code, kept.json()["webhook"]) == (200, True)
        # The name of its book is: it is saved with the source.
        await root.put(f"{ADMIN}/contacts/books/{source['book']['id']}", json={"name": "Other"})
        assert refusal(await KINDS["source"].save(root, source["id"], "A", If_Match=source["etag"])) == CHANGED


@pytest.mark.parametrize(
    ("name", "field"), [("node", "books"), ("profile", "books"), ("export", "books"), ("source", "location_id")]
)
async def test_what_is_gone_and_was_just_taken_out_does_not_come_back(
    house: House, monkeypatch: pytest.MonkeyPatch, name: str, field: str
) -> None:
    rooms, of = house.rooms, KINDS["location" if field == "location_id" else "book"]
    of = replace(of, body={**of.body, "name": "Gone"})
    services = {"export": rooms.directory.exports, "source": rooms.directory.replication}
    service: Any = services.get(name, rooms.ldap)
    original = service.save
    async with browser(house, "root") as root:
        gone = (await of.made(root))["id"]
        kind = replace(KINDS[name], body={**KINDS[name].body, field: gone if field == "location_id" else [gone]})
        id = (await kind.made(root))["id"]
        assert (await of.remove(root, gone)).status_code == 204
        assert (await kind.save(root, id, "Kept")).status_code == 200

        async def save(*args: Any, **named: Any) -> Any:
            monkeypatch.setattr(service, "save", original)
            assert (await KINDS[name].save(root, id, "Taken out")).status_code == 200
            return await original(*args, **named)

        monkeypatch.setattr(service, "save", save)
        assert refusal(await kind.save(root, id, "Back")) == (422, "unknown-id")
        stored = await kind.stored(root, id)
        assert stored
        assert stored["name"] == "Taken out"
        assert gone not in (stored[field] or ())


async def test_a_source_that_is_saved_without_a_book_leaves_its_name_as_it_is(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    replication: Any = house.rooms.directory.replication
    original = replication.save
    async with browser(house, "root") as root:
        source = await KINDS["source"].made(root)
        place = f"{ADMIN}/contacts/books/{source['book']['id']}"

        async def save(*args: Any, **named: Any) -> Any:
            assert (await root.put(place, json={"name": "Renamed"})).status_code == 200
            return await original(*args, **named)

        monkeypatch.setattr(replication, "save", save)
        unnamed = {name: value for name, value in KINDS["source"].body.items() if name != "book"}
        saved = await root.put(f"{ADMIN}/sources/{source['id']}", json=unnamed)
        assert (saved.status_code, saved.json()["book"]["name"]) == (200, "Renamed"), saved.text
        assert await KINDS["source"].stored(root, source["id"]) == saved.json()


async def test_what_is_known_is_listed_while_the_database_is_away(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise Unavailable("database-away", "The database is away.")

    async with browser(house, "root") as root:
        made = {name: await KINDS[name].made(root) for name in ("account", "group", "line", "location", "connection")}
        rights = (await root.get(f"{ADMIN}/rights")).json()
        monkeypatch.setattr(house.rooms.database, "read", away)
        for name, value in made.items():
            assert await KINDS[name].stored(root, value["id"]) == value
        assert (await root.get(f"{ADMIN}/rights")).json() == rights


async def test_a_key_that_was_used_means_what_was_expected_then(house: House) -> None:
    async with browser(house, "root") as root:
        made = await KINDS["group"].made(root)
        once = {"Idempotency_Key": "once", "If_Match": made["etag"]}
        first = await KINDS["group"].save(root, made["id"], "First", **once)
        again = await KINDS["group"].save(root, made["id"], "First", **once)
        assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
        other = await KINDS["group"].save(root, made["id"], "First", **{**once, "If_Match": first.json()["etag"]})
        assert refusal(other) == (409, "idempotency-mismatch")


@pytest.fixture
async def two(database: Database, tmp_path: Path) -> AsyncIterator[Two]:
    async with two_with_root(database, tmp_path) as two:
        yield two


@pytest.mark.both_databases
async def test_of_two_saves_at_the_same_moment_one_counts_and_the_other_is_told(two: Two) -> None:
    async with two.client("one") as here, two.client("other") as there:
        for admin in (here, there):
            await sign_in(admin, "root")
        for name, kind in KINDS.items():
            made = await kind.made(here)
            id, seen = made["id"], made["etag"]
            for turn in range(ROUNDS):
                names = (f"Here {turn}", f"There {turn}")
                saves = [kind.save(admin, id, each, If_Match=seen) for admin, each in zip((here, there), names, strict=True)]
                answers = await asyncio.gather(*saves)
                assert sorted(map(refusal, answers)) == [(200, ""), CHANGED], (name, [each.text for each in answers])
                [counts] = [each.json() for each in answers if each.is_success]
                for admin in (here, there):
                    stored = await kind.stored(admin, id)
                    assert stored
                    assert (stored["name"], stored["etag"]) == (counts["name"], counts["etag"]), name
                seen = counts["etag"]
            save, removal = await asyncio.gather(
                kind.save(here, id, "Last", If_Match=seen), kind.remove(there, id, If_Match=seen)
            )
            saved, removed = refusal(save), refusal(removal)
            assert (saved[0], removed) in ((200, CHANGED), (404, (204, ""))), (name, save.text, removal.text)
            assert (await kind.stored(here, id) is not None) == save.is_success, name
            if save.is_success:
                await kind.remove(here, id)


@pytest.mark.both_databases
async def test_of_two_who_make_something_under_one_id_at_the_same_moment_one_does(two: Two) -> None:
    async with two.client("one") as here, two.client("other") as there:
        for admin in (here, there):
            await sign_in(admin, "root")
        for name, kind in KINDS.items():
            if kind.own_id:
                saves = [kind.save(admin, "new", f"By {who}", **NEW) for who, admin in enumerate((here, there))]
                assert sorted(map(refusal, await asyncio.gather(*saves))) == [(201, ""), THERE], name
        places = [{"id": "x", "name": name, "country": "IT"} for name in "AB"]
        made = [admin.post(f"{ADMIN}/locations", json=body) for admin, body in zip((here, there), places, strict=True)]
        assert sorted(map(refusal, await asyncio.gather(*made))) == [(201, ""), (409, "location-id-taken")]


@pytest.mark.both_databases
async def test_of_two_exports_into_one_file_at_the_same_moment_one_is_saved(two: Two) -> None:
    async with two.client("one") as here, two.client("other") as there:
        for admin in (here, there):
            await sign_in(admin, "root")
        for turn in range(ROUNDS):
            bodies = [{"name": f"{who} {turn}", "kind": "csv", "file": f"{turn}.csv"} for who in ("Here", "There")]
            made = [admin.post(f"{ADMIN}/exports", json=body) for admin, body in zip((here, there), bodies, strict=True)]
            assert sorted(map(refusal, await asyncio.gather(*made))) == [(201, ""), (409, "export-file-taken")]
