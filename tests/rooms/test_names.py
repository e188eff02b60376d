"""Whatever an admin gives a name is called by one line that is seen: others are refused, with the field, or made tidy."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.rooms.web_house import NEW, House, browser, open_house

from unisono.directory.ldap.channel import Check
from unisono.numbers import Location, store
from unisono.numbers.convert import location_to_json
from unisono.web.gate import API

ADMIN = f"{API}/admin"
NAMED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "node": ("PUT", f"{ADMIN}/ldap/nodes/desk", {"suffix": "ou=desk,dc=meta"}),
    "template": ("PUT", f"{ADMIN}/ldap/templates/desk", {}),
    "user": ("PUT", f"{ADMIN}/ldap/users/desk", {"password": "let me ring"}),
    "profile": ("PUT", f"{ADMIN}/ldap/profiles/desk", {}),
    "fleet": ("PUT", f"{ADMIN}/phonebooks/fleets/desk", {}),
    "key": ("POST", f"{ADMIN}/phonebooks/fleets/yard/keys", {}),
    "book": ("POST", f"{ADMIN}/contacts/books", {}),
    "source": ("POST", f"{ADMIN}/sources", {"kind": "rest", "settings": {}, "mapping": [], "book": "Customers"}),
    "export": ("POST", f"{ADMIN}/exports", {"kind": "csv"}),
    "account": ("POST", f"{ADMIN}/people", {"login": "desk"}),
    "group": ("POST", f"{ADMIN}/groups", {}),
    "connector": ("POST", f"{ADMIN}/connectors", {"kind": "asterisk", "settings": {}}),
    "location": ("POST", f"{ADMIN}/locations", {"country": "IT"}),
    "token": ("POST", f"{API}/me/tokens", {"scopes": ["read"]}),
}
IN_ANOTHER_FIELD = {"book": "book"}
"""The field that is named in the answer, where that is not `name`."""
CLEANED = ("node", "template", "user", "profile", "fleet", "key", "book", "export", "account", "group", "token", "location")
"""Of these nothing else is needed to be saved."""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        async with browser(house, "root") as root:
            assert (await root.put(f"{ADMIN}/phonebooks/fleets/yard", json={"name": "Yard"}, headers=NEW)).status_code == 201
        yield house


async def test_what_is_not_seen_is_refused_and_the_field_named(house: House) -> None:
    async with browser(house, "root") as root:
        for what, (method, path, body) in NAMED.items():
            for name in ("Front\0desk", "Front\x1b[31mdesk", "Front\u202edesk", "\u2066Front\u2069"):
                answer = await root.request(method, path, json={**body, "name": name}, headers=NEW)
                assert answer.status_code == 422, (what, name, answer.text)
                assert answer.json()["data"]["field"] == IN_ANOTHER_FIELD.get(what, "name"), (what, answer.text)


async def test_what_is_no_id_says_what_one_is(house: House) -> None:
    async with browser(house, "root") as root:
        for what in ("node", "template", "user", "profile", "fleet"):
            method, path, body = NAMED[what]
            body = {**body, "name": "Desk"}
            answer = await root.request(method, path.replace("desk", "Front%20desk"), json=body, headers=NEW)
            assert (answer.status_code, answer.json()["data"]) == (422, {"field": "id", "problem": "ldap-id"}), what


async def test_line_feeds_and_blanks_become_one_blank(house: House) -> None:
    async with browser(house, "root") as root:
        for what in CLEANED:
            method, path, body = NAMED[what]
            answer = await root.request(method, path, json={**body, "name": " Front\n\u00a0desk"}, headers=NEW)
            assert answer.is_success, (what, answer.text)
            saved = answer.json()
            assert (saved["name"] if "name" in saved else saved["key"]["name"]) == "Front desk", (what, saved)


async def test_a_location_whose_name_was_saved_before_that_was_asked_is_still_there(house: House) -> None:
    """Without its locations a server would not even start."""
    async with browser(house, "root") as root:
        body = {"id": "udine", "name": "Udine", "country": "IT"}
        assert (await root.post(f"{ADMIN}/locations", json=body)).is_success
        async with house.rooms.locations.shared.changing() as change:
            plan = location_to_json(Location("Udine\u00a0Sud\u200b", "IT"))
            await store.write(change.connection, [("udine", "Udine\u00a0Sud\u200b", plan)])
        (found,) = [each for each in (await root.get(f"{ADMIN}/locations")).json()["items"] if each["id"] == "udine"]
        assert found["name"] == "Udine\u00a0Sud\u200b"
        refused = await root.put(f"{ADMIN}/locations/udine", json=found)
        assert (refused.status_code, refused.json()["data"]["field"]) == (422, "name")


async def test_a_telephone_binds_with_the_name_as_it_was_typed(house: House) -> None:
    async with browser(house, "root") as root:
        body = {"name": "Front  Mu\u0308ller", "password": "let me ring"}
        assert (await root.put(f"{ADMIN}/ldap/users/desk", json=body, headers=NEW)).json()["name"] == "Front Müller"
    for name in ("Front Müller", "front  mu\u0308ller"):
        answer = await house.rooms.ldap.check(Check(1, name, b"let me ring", "192.0.2.1"))
        assert answer.identity is not None
