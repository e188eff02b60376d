"""The routes of exports through the whole web application, with the real export process."""

import csv
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.rooms.web_house import House, browser, open_house

from unisono.directory.model import NumberKind
from unisono.directory.service import NewContact
from unisono.web.gate import API

EXPORTS = f"{API}/admin/exports"
CSV: dict[str, Any] = {"name": "To the CRM", "kind": "csv"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        for name, number, note in (
            ("Anna Rossi", "0432 551111", ""),
            ("Jörg Groß", "0432 551112", "=1+cmd|' /C calc'!A0"),
            ("Zoë", "0432 551113", "a;b\n\"c\""),
        ):
            numbers = ((NumberKind.MOBILE, number),)
            await house.rooms.directory.create(NewContact(name, company="Firm", numbers=numbers, note=note), "")
        yield house


async def made(root: httpx.AsyncClient, **changes: object) -> dict[str, Any]:
    answer = await root.post(EXPORTS, json={**CSV, **changes})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def run(root: httpx.AsyncClient, house: House, export: str, dry: bool = False) -> dict[str, Any]:
    """A run when it has ended."""
    answer = await root.post(f"{EXPORTS}/{export}/runs", json={"dry": dry})
    assert answer.status_code == 202, answer.text
    exports = house.rooms.directory.exports
    await exports.wait(await exports.runs.run(answer.json()["id"]))
    found: dict[str, Any] = (await root.get(f"{API}/admin/runs/{answer.json()['id']}")).json()
    return found


async def test_from_the_preview_to_the_file(house: House) -> None:
    async with browser(house, "root") as root:
        columns = [{"name": "Nome", "value": "{name}"}, {"name": "Cellulare", "value": "{phone_mobile}"}]
        wanted = {**CSV, "columns": columns, "number_format": "readable", "schedule": "0 3 * * *"}
        seen = (await root.post(f"{EXPORTS}/preview", json=wanted)).json()
        assert seen["text"].splitlines()[:2] == ['"Nome";"Cellulare"', '"Anna Rossi";"+39 (0432) 551111"']
        assert (seen["columns"], seen["rows"][2]["Nome"], seen["total"]) == (["Nome", "Cellulare"], ["Zoë"], 3)
        export = await made(root, **wanted)
        assert (export["size"], export["last"], export["file"]) == (None, None, "")
        assert export["due"] is not None
        missing = await root.get(f"{EXPORTS}/{export['id']}/file")
        assert (missing.status_code, missing.json()["code"]) == (404, "export-no-file-yet")
        ended = await run(root, house, export["id"])
        assert (ended["state"], ended["counts"]["added"], ended["counts"]["rows"]) == ("done", 3, 3)
        fetched = await root.get(f"{EXPORTS}/{export['id']}/file")
        assert fetched.headers["content-type"].startswith("text/csv")
        assert "To%20the%20CRM.csv" in fetched.headers["content-disposition"]
        assert len(fetched.content) == ended["size"]
        rows = list(csv.reader(io.StringIO(fetched.content.decode("utf-8-sig")), delimiter=";"))
        assert rows == [["Nome", "Cellulare"], ["Anna Rossi", "+39 (0432) 551111"], ["Jörg Groß", "+39 (0432) 551112"],
                        ["Zoë", "+39 (0432) 551113"]]  # fmt: skip
        [listed] = (await root.get(EXPORTS)).json()["items"]
        assert (listed["last"]["id"], listed["size"]) == (ended["id"], ended["size"])


async def test_a_dry_run_says_what_is_different(house: House) -> None:
    async with browser(house, "root") as root:
        export = await made(root, options={"most_removed": 100})
        dry = await run(root, house, export["id"], dry=True)
        assert (dry["state"], dry["counts"]["added"]) == ("done", 3)
        assert (await root.get(f"{EXPORTS}/{export['id']}/file")).status_code == 404
        await run(root, house, export["id"])
        directory = house.rooms.directory
        hit = (await directory.search("anna"))[0]
        await directory.remove(hit.id)
        await directory.create(NewContact("New"), "")
        dry = await run(root, house, export["id"], dry=True)
        assert {name: dry["counts"][name] for name in ("added", "changed", "removed", "unchanged")} == {
            "added": 1, "changed": 0, "removed": 1, "unchanged": 2,
        }  # fmt: skip
        report = (await root.get(f"{API}/admin/runs/{dry['id']}/report")).json()
        assert [each["name"] for each in report["removed"]] == ["Anna Rossi"]
        assert [each["name"] for each in report["added"]] == ["New"]


async def test_a_run_that_takes_much_away_asks(house: House) -> None:
    async with browser(house, "root") as root:
        export = await made(root)
        await run(root, house, export["id"])
        before = (await root.get(f"{EXPORTS}/{export['id']}/file")).content
        directory = house.rooms.directory
        await directory.remove((await directory.search("anna"))[0].id)
        asking = await run(root, house, export["id"])
        assert (asking["state"], asking["code"]) == ("asks", "many-removed")
        assert (await root.get(f"{EXPORTS}/{export['id']}/file")).content == before
        again = (await root.post(f"{API}/admin/runs/{asking['id']}/confirm")).json()
        exports = directory.exports
        done = await exports.wait(await exports.runs.run(again["id"]))
        assert (done.state, done.counts.removed) == ("done", 1)
        assert b"Anna" not in (await root.get(f"{EXPORTS}/{export['id']}/file")).content
        refused = await root.post(f"{API}/admin/runs/{asking['id']}/refuse")
        assert (refused.status_code, refused.json()["code"]) == (409, "asks-nothing")


async def test_what_was_confirmed_asks_again_if_more_would_go(house: House) -> None:
    async with browser(house, "root") as root:
        export = await made(root)
        await run(root, house, export["id"])
        before = (await root.get(f"{EXPORTS}/{export['id']}/file")).content
        directory, exports = house.rooms.directory, house.rooms.directory.exports
        await directory.remove((await directory.search("anna"))[0].id)
        asking = await run(root, house, export["id"])
        await directory.remove((await directory.search("zoë"))[0].id)
        again = (await root.post(f"{API}/admin/runs/{asking['id']}/confirm")).json()
        asks = await exports.wait(await exports.runs.run(again["id"]))
        assert (asks.state, asks.data["removed"]) == ("asks", 2)
        assert (await root.get(f"{EXPORTS}/{export['id']}/file")).content == before
        done = (await root.post(f"{API}/admin/runs/{asks.id}/confirm")).json()
        assert (await exports.wait(await exports.runs.run(done["id"]))).counts.removed == 2


async def test_mistakes_say_where_they_are(house: House) -> None:
    async with browser(house, "root") as root:
        for name in ("Taken", "Übersicht"):
            await made(root, name=name)
        for change, code in (
            ({"kind": "fax"}, "unknown-export-kind"),
            ({"settings": {"colour": "red"}}, "settings-invalid"),
            ({"columns": [{"name": "a", "value": "{b"}]}, "bad-expression"),
            ({"conditions": ["city = "]}, "bad-expression"),
            ({"conditions": ["a ? 'b'} {c"]}, "bad-condition"),
            ({"conditions": ["nofield = 'x'"]}, "no-such-field"),
            ({"conditions": ["private_contact"]}, "no-such-field"),
            ({"conditions": ["company ~ 'a'", "name = nofield"]}, "no-such-field"),
            ({"columns": [{"name": "x", "value": "{phone_mobile | nofield}"}]}, "no-such-field"),
            ({"columns": [{"name": "x", "value": "{custom.} {Custom.colour}"}]}, "no-such-field"),
            ({"schedule": "soon"}, "bad-schedule"),
            ({"schedule": "0 0 31 2 *"}, "bad-schedule"),
            ({"file": "x.csv"}, "no-export-folder"),
            ({"kind": "ldif", "settings": {"base": "nothing"}}, "bad-dn"),
            ({"kind": "xml", "columns": [{"name": "a b", "value": "{name}"}]}, "bad-element-name"),
            ({"kind": "vcard", "columns": [{"name": "colour", "value": "{name}"}]}, "bad-card-column"),
            ({"kind": "ldif", "settings": {"base": "dc=x"}, "columns": [{"name": "dn", "value": "x"}]}, "bad-attribute-name"),
        ):
            answer = await root.post(EXPORTS, json={**CSV, **change})
            assert (answer.status_code, answer.json()["code"]) == (422, code), (change, answer.text)
        answer = await root.post(EXPORTS, json={**CSV, "columns": [{"name": "x", "value": "{name} {nofield}"}]})
        assert {"field": "columns", "name": "nofield"}.items() <= answer.json()["data"].items(), answer.text
        assert "nofield" in answer.json()["detail"]
        for name in ("taken", "ÜBERSICHT", "übersicht"):
            answer = await root.post(EXPORTS, json={**CSV, "name": name})
            assert (answer.status_code, answer.json()["code"]) == (409, "export-name-taken")


async def test_kinds_name_their_settings_and_fields(house: House) -> None:
    async with browser(house, "root") as root:
        found = (await root.get(f"{EXPORTS}/kinds")).json()
        by_key = {kind["key"]: kind for kind in found["items"]}
        assert {"csv", "xml", "json", "vcard", "ldif"} <= set(by_key)
        assert "guard" in json.dumps(by_key["csv"]["settings"])
        assert {"phone_mobile", "name", "book"} <= set(found["fields"])
