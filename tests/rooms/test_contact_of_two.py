"""Two people change one contact written by hand, its author and an admin: nobody's change is lost unseen (RFC 9110 13.1)."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.rooms.two_servers_rig import Two, two_with_root
from tests.rooms.web_house import NEW, House, browser, open_house, refusal, sign_in

from unisono.storage import Database
from unisono.web.gate import API

CONTACTS = f"{API}/contacts"
ROUNDS = 5
CHANGED, THERE = (412, "changed-since"), (412, "there-already")
SENT = ("display_name", "first_name", "last_name", "company", "job_title", "emails", "note")
TERMXML = f"{API}/admin/ldap/templates/gate/termxml"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        yield house


@pytest.fixture
async def two(database: Database, tmp_path: Path) -> AsyncIterator[Two]:
    async with two_with_root(database, tmp_path) as two:
        yield two


async def save(client: httpx.AsyncClient, seen: dict[str, Any], name: str, tag: str = "") -> httpx.Response:
    body = {**{key: seen[key] for key in SENT}, "display_name": name}
    body["numbers"] = [{"kind": number["kind"], "raw": number["raw"]} for number in seen["numbers"]]
    return await client.put(f"{CONTACTS}/{seen['id']}", json=body, headers={"If-Match": tag} if tag else {})


async def made(client: httpx.AsyncClient) -> dict[str, Any]:
    whole = {
        "first_name": "Zoë", "last_name": "Rossi", "company": "Rossi", "job_title": "Head", "note": "No mornings",
        "numbers": [{"kind": "mobile", "raw": "+39 333 1234567"}], "emails": ["zoe@example.com"],
    }  # fmt: skip
    answer = await client.post(CONTACTS, json=whole)
    assert answer.is_success, answer.text
    return dict(answer.json())


async def known(client: httpx.AsyncClient, seen: dict[str, Any]) -> bool:
    """Whether a contact is on this server as it was seen."""
    answer = await client.get(f"{CONTACTS}/{seen['id']}")
    return answer.is_success and answer.json()["etag"] == seen["etag"]


async def test_a_contact_is_changed_on_top_of_what_was_seen(house: House) -> None:
    async with browser(house, "anna") as anna, browser(house, "root") as root:
        mine = await made(anna)
        seen = (await root.get(f"{CONTACTS}/{mine['id']}")).json()
        assert seen["etag"] == mine["etag"] != ""
        first = await save(root, seen, "First", seen["etag"])
        assert (first.status_code, first.json()["display_name"]) == (200, "First")
        assert first.json()["etag"] != seen["etag"]
        assert refusal(await save(anna, mine, "Second", mine["etag"])) == CHANGED
        assert refusal(await save(anna, mine, "Second", f"W/{first.json()['etag']}")) == CHANGED
        stale = {"If-Match": mine["etag"]}
        assert refusal(await anna.delete(f"{CONTACTS}/{mine['id']}", headers=stale)) == CHANGED
        assert refusal(await anna.put(f"{CONTACTS}/{mine['id']}", json={"company": "New"}, headers=NEW)) == THERE
        assert refusal(await save(anna, mine, "Second", "unquoted")) == (422, "precondition-invalid")
        stored = (await anna.get(f"{CONTACTS}/{mine['id']}")).json()
        assert (stored["display_name"], stored["etag"]) == ("First", first.json()["etag"])
        # Who does not say what they have seen changes what there is, as before.
        assert (await save(anna, mine, "Third")).json()["display_name"] == "Third"
        assert (await save(anna, mine, "First")).json()["etag"] == first.json()["etag"]
        fresh = {"If-Match": first.json()["etag"]}
        assert (await anna.delete(f"{CONTACTS}/{mine['id']}", headers=fresh)).status_code == 204
        for tag in ("", "*", mine["etag"]):
            assert (await save(anna, mine, "Again", tag)).status_code == 404


@pytest.mark.both_databases
async def test_of_two_changes_of_a_contact_at_the_same_moment_one_counts(two: Two) -> None:
    async with two.client("one") as here, two.client("other") as there:
        for admin in (here, there):
            await sign_in(admin, "root")
        seen = await made(here)
        for turn in range(ROUNDS):
            for admin in (here, there):  # both have heard of it, and know it by the same tag
                await two.until_answered(partial(known, admin, seen))
            names = (f"Here {turn}", f"There {turn}")
            saves = [save(admin, seen, name, seen["etag"]) for admin, name in zip((here, there), names, strict=True)]
            answers = await asyncio.gather(*saves)
            assert sorted(map(refusal, answers)) == [(200, ""), CHANGED], [each.text for each in answers]
            [seen] = [each.json() for each in answers if each.is_success]
        for admin in (here, there):
            await two.until_answered(partial(known, admin, seen))
        removing = there.delete(f"{CONTACTS}/{seen['id']}", headers={"If-Match": seen["etag"]})
        last, removal = await asyncio.gather(save(here, seen, "Last", seen["etag"]), removing)
        assert (refusal(last)[0], refusal(removal)) in ((200, CHANGED), (404, (204, ""))), (last.text, removal.text)


async def test_a_file_of_a_vendor_takes_no_template_s_place_unseen(house: House) -> None:
    def file(name: str) -> dict[str, tuple[str, bytes]]:
        return {"file": ("gate.termxml", f'<Template name="{name}"><QueryFilterMapping/></Template>'.encode())}

    async with browser(house, "root") as root:
        assert (await root.post(TERMXML, files=file("A"))).status_code == 404
        first = await root.post(TERMXML, files=file("A"), headers=NEW)
        assert first.status_code == 200, first.text
        assert refusal(await root.post(TERMXML, files=file("B"), headers=NEW)) == THERE
        second = await root.post(TERMXML, files=file("B"), headers={"If-Match": first.json()["etag"]})
        assert second.json()["name"] == "B"
        assert refusal(await root.post(TERMXML, files=file("C"), headers={"If-Match": first.json()["etag"]})) == CHANGED
        assert (await root.post(TERMXML, files=file("C"))).json()["name"] == "C"
