"""The routes of sources through the whole web application, with the real import process."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.rooms.web_house import House, browser, open_house

from unisono.web.gate import API

SOURCES = f"{API}/admin/sources"
ROWS = "Id;Name;Phone;Country\n1;Anna Rossi;0432 551111;IT\n2;Jörg Groß;030 1234567;Deutschland\n;;;\n3;;;IT\n"
FORBIDDEN = 403


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        yield house


async def uploaded(root: httpx.AsyncClient, text: str = ROWS) -> str:
    answer = await root.post(f"{SOURCES}/files", files={"file": ("customers.csv", text.encode())})
    assert (answer.status_code, answer.json()["kind"]) == (201, "csv")
    found: str = answer.json()["file"]
    return found


async def test_an_upload_without_a_name_says_so(house: House) -> None:
    async with browser(house, "root") as root:
        part = b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nName;Phone\r\n--x--\r\n'
        answer = await root.post(
            f"{SOURCES}/files", content=part, headers={"Content-Type": "multipart/form-data; boundary=x"}
        )
        assert (answer.status_code, answer.json()["data"]["field"]) == (400, "file"), answer.text
        assert answer.json()["detail"] == "file: Send a file, with its name."


async def made(root: httpx.AsyncClient, **changes: object) -> dict[str, Any]:
    file = await uploaded(root)
    seen = (await root.post(f"{SOURCES}/preview", json={"kind": "csv", "settings": {"file": file}})).json()
    source = {"name": "Customers", "kind": "csv", "settings": {"file": file}, "mapping": seen["suggested"], **changes}
    answer = await root.post(SOURCES, json=source)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def over(root: httpx.AsyncClient, house: House, run: dict[str, Any]) -> dict[str, Any]:
    """The run when it has ended."""
    replication = house.rooms.directory.replication
    await replication.wait(await replication.runs.run(run["id"]))
    found: dict[str, Any] = (await root.get(f"{API}/admin/runs/{run['id']}")).json()
    return found


async def test_files_that_no_source_reads_go_with_the_next_one(house: House) -> None:
    async with browser(house, "root") as root:
        read, left, new = (await made(root))["settings"]["file"], await uploaded(root), await uploaded(root)
        for file in (read, left):
            os.utime(file, (0, 0))
        last = await uploaded(root)
    assert list(map(os.path.exists, (read, left, new, last))) == [True, False, True, True]


async def test_columns_that_nobody_knows_are_shown_to_whoever_maps_them(house: House) -> None:
    async with browser(house, "root") as root:
        file = await uploaded(root, "Kx;Ky;Kz\n1a;2b;3c\n4d;5e;6f\n")
        look = {"kind": "csv", "settings": {"file": file, "header": "yes"}}
        seen = (await root.post(f"{SOURCES}/preview", json=look)).json()
        assert seen["columns"][0] == {"name": "Kx", "samples": ["1a", "4d"]}
        assert (seen["suggested"], seen["rows"][0]["contact"]) == ([], None)
        assert seen["rows"][0]["problem"]["code"] == "nothing-findable"
        seen = (await root.post(f"{SOURCES}/preview", json={**look, "mapping": [{"field": "company", "value": "{Ky}"}]})).json()
        assert [row["contact"]["company"] for row in seen["rows"]] == ["2b", "5e"]
        refused = await root.post(f"{SOURCES}/preview", json={**look, "mapping": [{"field": "note", "value": "{Ky}"}]})
        assert refused.json()["code"] == "nothing-mapped"


async def test_from_the_file_to_the_book(house: House) -> None:
    async with browser(house, "root") as root:
        file = await uploaded(root)
        look = {"kind": "csv", "settings": {"file": file}}
        checked = (await root.post(f"{SOURCES}/check", json=look)).json()
        assert checked["peer"].startswith("CSV, utf-8")
        seen = (await root.post(f"{SOURCES}/preview", json=look)).json()
        assert [column["name"] for column in seen["columns"]] == ["Id", "Name", "Phone", "Country"]
        assert {rule["field"] for rule in seen["suggested"]} == {
            "entry_id", "display_name", "phone_business", "business_country", "country",
        }  # fmt: skip
        assert [row["contact"] and row["contact"]["numbers"][0]["canonical"] for row in seen["rows"]] == [
            "+390432551111", "+49301234567", None,
        ]  # fmt: skip
        assert seen["rows"][2]["problem"]["code"] == "nothing-findable"

        source = await made(root, link="https://crm.example/{Id}", schedule="0 3 * * mon-fri")
        assert (source["book"]["name"], source["last"], source["webhook"]) == ("Customers", None, False)
        assert source["due"] is not None
        dry = (await root.post(f"{SOURCES}/{source['id']}/runs", json={"mode": "dry"})).json()
        assert (await over(root, house, dry))["counts"]["added"] == 2
        run = (await root.post(f"{SOURCES}/{source['id']}/runs", json={})).json()
        ended = await over(root, house, run)
        assert (ended["state"], ended["counts"]["added"], ended["counts"]["failed"]) == ("done", 2, 1)
        report = (await root.get(f"{API}/admin/runs/{run['id']}/report")).json()
        assert [change["name"] for change in report["added"]] == ["Anna Rossi", "Jörg Groß"]
        assert [(bad["line"], bad["code"]) for bad in report["bad"]] == [(5, "nothing-findable")]
        [listed] = (await root.get(SOURCES)).json()["items"]
        assert (listed["last"]["id"], listed["book"]["contacts"]) == (run["id"], 2)
        assert [r["mode"] for r in (await root.get(f"{SOURCES}/{source['id']}/runs")).json()["items"]] == ["full", "dry"]
        hit = (await root.get(f"{API}/search", params={"q": "jorg"})).json()["items"][0]
        contact = (await root.get(f"{API}/contacts/{hit['id']}")).json()
        assert contact["direct_link"] == "https://crm.example/2"


async def test_a_mapping_is_tried_on_rows_at_hand(house: House) -> None:
    async with browser(house, "root") as root:
        records = [{"Name": "rossi", "Tel": "0432 551111"}, {"Name": "", "Tel": ""}]
        rules = [{"field": "last_name", "value": "{Name : title}"}, {"field": "phone_business", "value": "{Tel}"}]
        tried = (await root.post(f"{SOURCES}/map", json={"records": records, "mapping": rules})).json()
        assert tried["texts"] == [["Rossi", "0432 551111"], ["", ""]]
        assert tried["rows"][0]["contact"]["numbers"][0]["canonical"] == "+390432551111"
        assert tried["rows"][1]["problem"]["code"] == "nothing-findable"
        wrong = await root.post(f"{SOURCES}/map", json={"records": records, "mapping": [{**rules[0], "value": "{Name"}]})
        assert (wrong.status_code, wrong.json()["code"], wrong.json()["data"]["field"]) == (422, "bad-expression", "last_name")


async def test_the_next_times_of_a_schedule(house: House) -> None:
    async with browser(house, "root") as root:
        times = (await root.get(f"{SOURCES}/schedule", params={"schedule": "every 2 hours"})).json()["items"]
        moments = [datetime.fromisoformat(time) for time in times]
        assert [later - former for former, later in pairwise(moments)] == [timedelta(hours=2)] * 2
        assert (await root.get(f"{SOURCES}/schedule", params={"schedule": ""})).json()["items"] == []
        assert (await root.get(f"{SOURCES}/schedule", params={"schedule": "soon"})).json()["code"] == "bad-schedule"


async def test_numbers_that_cannot_be_read_are_counted_and_listed(house: House) -> None:
    async with browser(house, "root") as root:
        several = "0432 1111111 / 0432 2222222 / 0432 3333333"
        file = await uploaded(root, f"Name;Phone\nA;nix\nB;{several}\nC;3,90433E+11\nD;0432/54 64 62\n")
        rules = [{"field": "last_name", "value": "{Name}"}, {"field": "phone_business", "value": "{Phone}"}]
        source = {"name": "Odd", "kind": "csv", "settings": {"file": file}, "mapping": rules}
        made = (await root.post(SOURCES, json=source)).json()
        run = await over(root, house, (await root.post(f"{SOURCES}/{made['id']}/runs", json={})).json())
        assert (run["counts"]["added"], run["counts"]["failed"], run["counts"]["odd"]) == (4, 0, 3)
        report = (await root.get(f"{API}/admin/runs/{run['id']}/report")).json()
        assert [(odd["line"], odd["code"], odd["data"]["number"]) for odd in report["odd"]] == [
            (2, "number-unreadable", "nix"),
            (3, "several-numbers", several),
            (4, "number-unreadable", "3,90433E+11"),
        ]
        for number in ("04321111111", "04322222222", "04323333333"):
            assert [hit["title"] for hit in (await root.get(f"{API}/search", params={"q": number})).json()["items"]] == ["B"]


async def test_a_run_that_asks_is_answered(house: House) -> None:
    async with browser(house, "root") as root:
        source = await made(root)
        run = (await root.post(f"{SOURCES}/{source['id']}/runs", json={})).json()
        await over(root, house, run)
        await asyncio.to_thread(Path(source["settings"]["file"]).write_text, "Id;Name;Phone;Country\n1;Anna;0432 551111;IT\n")
        run = (await root.post(f"{SOURCES}/{source['id']}/runs", json={})).json()
        asking = await over(root, house, run)
        assert (asking["state"], asking["code"]) == ("asks", "many-removed")
        assert asking["data"] == {"removed": 1, "contacts": 2, "most": 20}
        confirmed = await root.post(f"{API}/admin/runs/{run['id']}/confirm")
        assert (confirmed.status_code, confirmed.json()["state"]) == (202, "done")
        again = await root.post(f"{API}/admin/runs/{run['id']}/refuse")
        assert (again.status_code, again.json()["code"]) == (409, "asks-nothing")
        assert (await root.get(SOURCES)).json()["items"][0]["book"]["contacts"] == 1


async def test_mistakes_say_where_they_are(house: House) -> None:
    async with browser(house, "root") as root:
        source = await made(root)
        fields = ("name", "kind", "settings", "mapping")
        right = {name: source[name] for name in fields}
        for change, code in (
            ({"kind": "fax"}, "unknown-source-kind"),
            ({"settings": {"file": "/etc/passwd"}}, "file-not-allowed"),
            ({"settings": {"file": "a\0b"}}, "file-not-allowed"),
            ({"settings": {"colour": "red"}}, "settings-invalid"),
            ({"mapping": [{"field": "company", "value": "{Name"}]}, "bad-expression"),
            ({"schedule": "soon"}, "bad-schedule"),
            ({"link": "javascript:alert(1)"}, "link-scheme"),
            ({"options": {"before": {"program": ["rm", "-rf"]}}}, "no-program"),
            ({"options": {"after": {"url": "http://x.example"}}}, "address-insecure"),
        ):
            answer = await root.put(f"{SOURCES}/{source['id']}", json={**right, **change})
            assert (answer.status_code, answer.json()["code"]) == (422, code), change
        other = await root.post(SOURCES, json={**right, "name": "Other", "book": "Customers"})
        assert (other.status_code, other.json()["code"]) == (409, "book-of-source")
        assert (await root.get(f"{API}/admin/runs/nothing")).status_code == 404
        assert (await root.delete(f"{SOURCES}/{source['id']}")).status_code == 204
        assert (await root.get(SOURCES)).json()["items"] == []


async def test_a_source_has_its_name_and_its_book_alone(house: House) -> None:
    async with browser(house, "root") as root:
        source = await made(root)
        fields = ("name", "kind", "settings", "mapping")
        same = {name: source[name] for name in fields}
        taken = await root.post(SOURCES, json={**same, "name": "CUSTOMERS", "book": "Clients"})
        assert (taken.status_code, taken.json()["code"]) == (409, "source-name-taken")
        assert "There is a source Customers already: it fills the book Customers." in taken.json()["detail"]
        other = (await root.post(SOURCES, json={**same, "name": "Clients"})).json()
        renamed = await root.put(f"{SOURCES}/{other['id']}", json={**same, "name": "customers"})
        assert (renamed.status_code, renamed.json()["data"]["source"]) == (409, "Customers")
        book = await root.put(f"{SOURCES}/{other['id']}", json={**same, "name": "Clients", "book": "Customers"})
        assert (book.status_code, book.json()["code"]) == (409, "book-exists")
        asked = [root.post(SOURCES, json={**same, "name": name}) for name in ("Twin", "twin")]
        answers = sorted([(answer.status_code, answer.json().get("code")) for answer in await asyncio.gather(*asked)])
        assert answers[0] == (201, None)
        assert answers[1] in ((409, "source-name-taken"), (409, "book-of-source"))
        assert (await root.delete(f"{SOURCES}/{source['id']}")).status_code == 204
        assert (await root.post(SOURCES, json={**same, "book": "Others"})).status_code == 201


async def test_a_source_takes_its_book_as_it_shows_it(house: House) -> None:
    async with browser(house, "root") as root:
        source = await made(root)
        fields = ("name", "kind", "settings", "mapping", "book", "options")
        same = {name: source[name] for name in fields}
        at = f"{SOURCES}/{source['id']}"
        assert (await root.put(at, json=same)).json()["book"] == source["book"]
        renamed = (await root.put(at, json={**same, "book": {"id": "customers", "name": "Clients"}})).json()["book"]
        assert (renamed["id"], renamed["name"]) == ("customers", "Clients")
        await root.post(f"{API}/admin/contacts/books", json={"name": "Free"})
        moved = await root.put(at, json={**same, "book": {"id": "free"}})
        assert (moved.status_code, moved.json()["code"]) == (409, "book-stays")
        other = {**same, "name": "Other"}
        filled = await root.post(SOURCES, json={**other, "book": {"id": "free"}})
        assert (filled.status_code, filled.json()["book"]["name"]) == (201, "Free")
        gone = await root.post(SOURCES, json={**other, "book": {"id": "nowhere"}})
        assert (gone.status_code, gone.json()["code"], gone.json()["data"]["id"]) == (404, "unknown-book", "nowhere")
        taken = await root.post(SOURCES, json={**other, "name": "Third", "book": {"id": "free"}})
        assert (taken.status_code, taken.json()["code"]) == (409, "book-of-source")


async def test_secrets_stay_where_they_are(house: House) -> None:
    async with browser(house, "root") as root:
        settings = {"file": "https://crm.example/contacts.csv", "user": "unisono", "password": "rose"}
        mapping = [{"field": "company", "value": "{Firm}"}]
        source = {"name": "CRM", "kind": "csv", "settings": settings, "mapping": mapping}
        made = (await root.post(SOURCES, json=source)).json()
        assert made["settings"]["password"] == ""
        assert "rose" not in (await root.get(SOURCES)).text
        kept = {**settings, "password": ""}
        assert (await root.put(f"{SOURCES}/{made['id']}", json={**source, "settings": kept})).status_code == 200
        stored = await house.rooms.directory.replication.store.get(made["id"])
        assert stored.settings["password"] == "rose"
        elsewhere = {**kept, "file": "https://thief.example/"}
        for answer in (
            await root.put(f"{SOURCES}/{made['id']}", json={**source, "settings": elsewhere}),
            await root.post(f"{SOURCES}/check", json={"kind": "csv", "settings": elsewhere, "id": made["id"]}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (422, "secret-again")


async def test_a_webhook_with_a_secret_of_its_own(house: House) -> None:
    async with browser(house, "root") as root, house.client("203.0.113.5") as crm:
        source = await made(root)
        call = {"source": source["id"]}
        for secret in ("", "guess"):
            refused = await crm.post(f"{API}/hooks/sources", json=call, headers={"X-Unisono-Secret": secret})
            assert (refused.status_code, refused.json()["code"]) == (403, "wrong-secret")
        secret = (await root.post(f"{SOURCES}/{source['id']}/hook")).json()["secret"]
        started = await crm.post(f"{API}/hooks/sources", json=call, headers={"X-Unisono-Secret": secret})
        assert started.status_code == 202
        assert (await over(root, house, started.json()))["trigger"] == "webhook"
        assert secret not in (await root.get(SOURCES)).text
        assert (await root.delete(f"{SOURCES}/{source['id']}/hook")).status_code == 204
        for _ in range(6):
            refused = await crm.post(f"{API}/hooks/sources", json=call, headers={"X-Unisono-Secret": secret})
        assert refused.status_code == 429
        secret = (await root.post(f"{SOURCES}/{source['id']}/hook")).json()["secret"]
        started = await crm.post(f"{API}/hooks/sources", json=call, headers={"X-Unisono-Secret": secret})
        assert started.status_code == 202, "whoever guessed from there locks nobody out"


async def test_admins_only(house: House) -> None:
    async with browser(house, "anna") as anna:
        for method, path in (
            ("GET", ""), ("GET", "/kinds"), ("POST", ""), ("PUT", "/1"), ("DELETE", "/1"), ("POST", "/check"),
            ("POST", "/preview"), ("POST", "/1/runs"), ("GET", "/1/runs"), ("POST", "/1/hook"), ("DELETE", "/1/hook"),
            ("POST", "/map"), ("GET", "/schedule?schedule="),
        ):  # fmt: skip
            body = {"name": "x", "kind": "csv", "settings": {}, "mapping": []} if path in ("", "/1") else {}
            body = {"kind": "csv", "settings": {}} if path in ("/check", "/preview") else body
            body = {"records": [], "mapping": []} if path == "/map" else body
            answer = await anna.request(method, f"{SOURCES}{path}", json=body if method in ("POST", "PUT") else None)
            assert answer.status_code == FORBIDDEN, (method, path, answer.text)
        for method, path in (("GET", ""), ("GET", "/report"), ("POST", "/confirm"), ("POST", "/refuse"), ("POST", "/cancel")):
            assert (await anna.request(method, f"{API}/admin/runs/1{path}")).status_code == FORBIDDEN, (method, path)
        answer = await anna.post(f"{SOURCES}/files", files={"file": ("c.csv", b"a;b")})
        assert answer.status_code == FORBIDDEN


async def test_the_kinds_declare_their_settings(house: House) -> None:
    async with browser(house, "root") as root:
        kinds = {kind["key"]: kind for kind in (await root.get(f"{SOURCES}/kinds")).json()["items"]}
        assert {"csv", "json", "ldif", "sql", "ldap"} <= kinds.keys()
        assert '"format": "password"' in str(kinds["csv"]["settings"]).replace("'", '"')
        assert ".csv" in kinds["csv"]["suffixes"]


async def test_a_large_file_passes_the_limit_of_other_bodies(house: House) -> None:
    async with browser(house, "root") as root:
        await uploaded(root, "Company;Note\n" + "".join(f"Firm {n};{'x' * 1000}\n" for n in range(3000)))
