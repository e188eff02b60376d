"""A whole server, asked by a telephone with its key in the address: the key stands in no log and in no file."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
from tests.flows.stand import PASSWORD, QUICK, Server

from unisono.app.compose import Rooms
from unisono.app.settings import ServerSettings, Settings
from unisono.directory.service import NewContact
from unisono.people.model import User
from unisono.storage import Database


async def furnish(folder: Path) -> None:
    """An admin and a contact."""
    settings = Settings(server=ServerSettings(data=str(folder)), people=QUICK)
    database = Database(settings.server.database_url())
    rooms = Rooms(settings, database)
    await rooms.load()
    await rooms.people.save_user(User("", "root", "Root", admin=True), PASSWORD)
    await rooms.directory.create(NewContact("Anna Rossi", "Anna", "Rossi"), "")
    await database.close()


def files_with(folder: Path, text: str) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


async def test_a_key_stands_in_no_log_and_no_file(tmp_path: Path) -> None:
    await furnish(tmp_path)
    server = Server(tmp_path)
    settings = server.settings_file.read_text().replace("[server]\n", '[server]\nlog_level = "debug"\n')
    server.settings_file.write_text(settings)
    await asyncio.to_thread(server.start)
    assert server.process is not None
    try:
        async with server.client("root") as root:
            fleet: dict[str, Any] = {"name": "Desks", "make": "snom", "key_in_path": True}
            (await root.put("/admin/phonebooks/fleets/desk", json=fleet, headers={"If-None-Match": "*"})).raise_for_status()
            once = {"Idempotency-Key": "once"}
            made = await root.post("/admin/phonebooks/fleets/desk/keys", json={"name": "one"}, headers=once)
            key = made.json()["secret"]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as phone:
            base = f"/phonebooks/desk/key/{key}"
            menu = await phone.get(f"{base}/menu.xml")
            assert menu.status_code == 200
            assert f"{base}/directory.xml" in menu.text
            assert (await phone.get(f"{base}/search?q=ross")).json()["items"][0]["name"] == "Anna Rossi"
            odd = ("/nothing", "/directory.xml?at=%ff", "/lookup", "/search?limit=x", "/search.xml?q=" + "x" * 20_000)
            for path in odd:
                assert (await phone.get(base + path)).status_code < 500
            for other in (f"/phonebooks/other/key/{key}/menu.xml", f"{base}x/menu.xml", f"/api/v1/{key}", f"/carddav/{key}"):
                assert (await phone.get(other)).status_code in (401, 404)
            assert (await phone.get(f"{base}/menu.xml", headers={"Cookie": "x" * 60_000})).status_code >= 400
            await phone.request("PROPFIND", f"{base}/menu.xml")
    finally:
        server.process.terminate()
        _, logged = await asyncio.to_thread(server.process.communicate, None, 20)
    assert "refused a key" in logged
    assert key not in logged
    assert files_with(tmp_path, key) == []
