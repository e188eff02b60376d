"""People out of a file: seen first, then added with their groups and telephones."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.rooms.web_house import House, browser, open_house

from unisono.calls.port import DiscoveredLine
from unisono.connectors.store import Instance

PEOPLE = "/api/v1/admin/people"
FILE = """Benutzername;Vorname;Nachname;E-Mail;Gruppen;Nebenstelle;Mobil;Kostenstelle
dora.klein;Dora;Klein;dora@example.org;Sales|Einkauf;301;+49 171 3920001;7
emil.gross;Emil;Groß;emil@example.org;einkauf;102;;
fritz;;;fritz@example.org;;999;;
anna;Anna;Test;;;;;
greta;Greta;Neu;nobody;;;;
dora.klein;Dora;Noch einmal;;;;;
;;;;;;;
ida;Ida;Alt;;;;hello;
;Jan;Ohne;jan.ohne@example.org;;;;
"""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        settings: dict[str, object] = {"host": "127.0.0.1", "user": "u", "password": "p"}
        await house.rooms.connectors.save(Instance("pbx", "PBX", "asterisk", False, "", settings))
        house.rooms.calls.lines("pbx", (DiscoveredLine("PJSIP/301", "301", "Empfang"), DiscoveredLine("101", "101")))
        yield house


async def send(client: httpx.AsyncClient, to: str, text: bytes = FILE.encode("cp1252")) -> httpx.Response:
    return await client.post(f"{PEOPLE}/import{to}", files={"file": ("people.csv", text, "text/csv")})


def told(answer: dict[str, Any]) -> list[tuple[int, str, str, str, str]]:
    return [(row["line"], row["login"], row["verdict"], row["code"], row["field"]) for row in answer["rows"]]


EXPECTED = [
    (2, "dora.klein", "new", "", ""),
    (3, "emil.gross", "new", "", ""),
    (4, "fritz", "bad", "name-missing", "name"),
    (5, "anna", "known", "", ""),
    (6, "greta", "bad", "mail-invalid", "mail"),
    (7, "dora.klein", "bad", "login-twice", "login"),
    (9, "ida", "bad", "number-invalid", "mobile"),
    (10, "jan.ohne", "new", "", ""),
]


async def test_a_look_changes_nothing(house: House) -> None:
    async with browser(house, "root") as root:
        answer = (await send(root, "/preview")).json()
        assert told(answer) == EXPECTED
        assert (answer["columns"]["Nebenstelle"], answer["columns"]["Kostenstelle"]) == ("number", "")
        assert (answer["new_groups"], answer["added"]) == (["Einkauf"], [])
        assert answer["rows"][1]["name"] == "Emil Groß"
        assert len((await root.get(PEOPLE)).json()["items"]) == 4


async def test_the_good_rows_are_added_with_groups_and_telephones(house: House) -> None:
    async with browser(house, "root") as root:
        answer = await send(root, "")
        assert answer.status_code == 201
        assert told(answer.json()) == EXPECTED
        people = {each["login"]: each for each in (await root.get(PEOPLE)).json()["items"]}
        assert [people[login]["id"] for login in ("dora.klein", "emil.gross", "jan.ohne")] == answer.json()["added"]
        groups = {each["id"]: each["name"] for each in (await root.get("/api/v1/admin/groups")).json()["items"]}
        assert [groups[id] for id in people["dora.klein"]["group_ids"]] == ["Sales", "Einkauf"]
        assert [groups[id] for id in people["emil.gross"]["group_ids"]] == ["Einkauf"]
        lines = {each["id"]: each for each in (await root.get("/api/v1/admin/lines")).json()["items"]}
        [own] = [lines[id] for id in people["dora.klein"]["line_ids"]]
        assert (own["device"], own["number"], own["name"]) == ("PJSIP/301", "301", "Empfang")
        # 102 is Ben's already, and is now of both.
        assert set(lines[people["emil.gross"]["line_ids"][0]]["user_ids"]) == {house.ids["ben"], people["emil.gross"]["id"]}
        assert people["dora.klein"]["mobile"] == "+49 171 3920001"
        again = (await send(root, "")).json()
        assert again["added"] == []
        assert [row["verdict"] for row in again["rows"]].count("known") == 5


async def test_a_number_that_nobody_has_keeps_nobody_out(house: House) -> None:
    async with browser(house, "root") as root:
        answer = (await send(root, "", b"login,name,line\nkurt,Kurt,555\n")).json()
        assert told(answer) == [(2, "kurt", "new", "unknown-number", "number")]
        assert len(answer["added"]) == 1


async def test_who_has_a_password_in_the_file_signs_in_with_it(house: House) -> None:
    async with browser(house, "root") as root, house.client() as new:
        await send(root, "", b"username\tname\tpassword\nlina\tLina\ta long enough one\nmax\tMax\tshort\n")
        session = {"login": "lina", "password": "a long enough one"}
        assert (await new.post("/api/v1/session", json=session)).status_code == 200
        assert "max" not in {each["login"] for each in (await root.get(PEOPLE)).json()["items"]}


TOO_MANY = b"login\n" + b"x\n" * 5001


@pytest.mark.parametrize(
    ("text", "code"), [(b"", "empty-file"), (b"Colour;Size\nred;7\n", "no-login-column"), (TOO_MANY, "too-many-people")]
)
async def test_files_that_say_nothing_of_people(house: House, text: bytes, code: str) -> None:
    async with browser(house, "root") as root, browser(house, "anna") as anna:
        refused = await send(root, "/preview", text)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
        assert (await send(anna, "", FILE.encode())).status_code == 403
