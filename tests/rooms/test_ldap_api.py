"""Nodes, templates, users and profiles over HTTP; what a profile shows in the web search; a query tried out."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.rooms.web_house import House, browser, open_house

from unisono.directory.ldap.channel import Check
from unisono.directory.ldap.model import Kind, Profile
from unisono.directory.service import NewContact
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
        assert (await root.put(f"{ADMIN}/users/door", json={"name": "Door phone"})).status_code == 422
        saved = await root.put(f"{ADMIN}/users/door", json={"name": "Door phone", "password": "let me ring"})
        assert saved.json()["password"] == ""
        assert (await root.put(f"{ADMIN}/users/two", json={"name": "DOOR PHONE", "password": "x"})).status_code == 409
        assert await bind(house, "door PHONE", "let me ring") is Kind.USER
        assert await bind(house, "Door phone", "wrong") is None
        await root.put(f"{ADMIN}/users/door", json={"name": "Door phone", "active": False})
        assert await bind(house, "Door phone", "let me ring") is None
        assert (await root.delete(f"{ADMIN}/users/door")).status_code == 204
        assert (await root.get(f"{ADMIN}/users")).json() == {"items": []}
    assert await bind(house, "anna", "correct horse battery") is Kind.PERSON


async def test_wrong_passwords_are_slowed_down(house: House) -> None:
    async with browser(house, "root") as root:
        await root.put(f"{ADMIN}/users/door", json={"name": "door", "password": "let me ring"})
    answers = [await house.rooms.ldap.check(Check(n, "door", b"wrong", "192.0.2.9")) for n in range(30)]
    assert answers[-1].busy
    assert "Try again in" in answers[-1].message


async def test_what_was_saved_is_there_after_a_restart(house: House) -> None:
    async with browser(house, "root") as root:
        node = {"suffix": "ou=gate,dc=meta", "books": ["own"], "number_format": "readable", "template_id": "yealink"}
        assert (await root.put(f"{ADMIN}/nodes/gate", json=node)).status_code == 200
    await house.rooms.ldap.load()
    [kept] = house.rooms.ldap.nodes()
    assert (kept.suffix, kept.books, kept.template_id) == ("ou=gate,dc=meta", ("own",), "yealink")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("nodes/a", {"suffix": "nonsense"}, "suffix"),
        ("nodes/a", {"suffix": ""}, "suffix"),
        ("nodes/a", {"suffix": "o=a", "networks": ["10.0.0.0/99"]}, "networks"),
        ("nodes/a", {"suffix": "o=a", "number_format": "roman"}, "number_format"),
        ("nodes/A b", {"suffix": "o=a"}, "id"),
        ("templates/a", {"name": "a", "filter_values": [{"search": "("}]}, "filter_values[0]"),
        ("templates/a", {"name": "a", "filter_values": [{"search": "a", "replace": "\\7"}]}, "filter_values[0]"),
        ("profiles/a", {"name": " "}, "name"),
    ],
)
async def test_what_cannot_be_meant_names_its_field(house: House, path: str, body: dict[str, object], field: str) -> None:
    async with browser(house, "root") as root:
        answer = await root.put(f"{ADMIN}/{path}", json=body)
    assert answer.status_code == 422
    assert f'"{field}"' in answer.text


async def test_a_profile_holds_in_the_web_too(house: House) -> None:
    async with browser(house, "anna") as anna:
        [hit] = (await anna.get(f"{API}/search", params={"q": "rossi"})).json()["items"]
        await house.rooms.ldap.save(Profile("p", "Nothing", books=("other",), people=(house.ids["anna"],)))
        assert (await anna.get(f"{API}/search", params={"q": "rossi"})).json()["items"] == []
        assert (await anna.get(f"{API}/contacts/{hit['id']}")).status_code == 404
        await house.rooms.ldap.remove("profile", "p")
        assert len((await anna.get(f"{API}/search", params={"q": "rossi"})).json()["items"]) == 1


async def test_a_query_is_tried_out(house: House) -> None:
    async with browser(house, "root") as root:
        asked = {"filter": "(|(cn=ros*)(sn=ros*)", "attributes": ["cn"]}
        found = (await root.post(f"{ADMIN}/test", json=asked)).json()
        assert found["read_as"] == "(|(cn=ros*)(sn=ros*))"
        assert (found["hits"], found["code"]) == (1, "SUCCESS")
        assert "cn: Anna Rossi" in found["ldif"]
        assert "TextBegins" in found["plan"]
        assert found["size"] > 50
        assert (await root.post(f"{ADMIN}/test", json={"filter": "(((("})).status_code == 422
        asked["person"] = house.ids["anna"]
        await house.rooms.ldap.save(Profile("p", "Nothing", people=(house.ids["anna"],)))
        assert (await root.post(f"{ADMIN}/test", json=asked)).json()["hits"] == 0


async def test_only_admins(house: House) -> None:
    async with browser(house, "anna") as anna:
        for path in ("nodes", "templates", "users", "profiles"):
            assert (await anna.get(f"{ADMIN}/{path}")).status_code == 403
