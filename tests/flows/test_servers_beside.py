"""Two servers, each a process of its own with its LDAP workers, in front of one PostgreSQL; and a command beside a server."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import ldap
import pytest
from tests.flows.stand import PASSWORD, QUICK, Server

from unisono.app.compose import Rooms
from unisono.app.settings import ServerSettings, Settings
from unisono.people.model import User
from unisono.storage import Database

CONTACT = {"last_name": "Rossi", "first_name": "Carla", "numbers": [{"kind": "business", "raw": "+390432550001"}]}


async def fill(database: Database, folder: Path) -> None:
    rooms = Rooms(Settings(ServerSettings(data=str(folder)), people=QUICK), database)
    await rooms.load()
    for login, admin in (("root", True), ("anna", False)):
        await rooms.people.save_user(User("", login, login.title(), admin=admin), PASSWORD)


@pytest.fixture
async def servers(postgres: Database, tmp_path: Path) -> AsyncIterator[tuple[Server, Server]]:
    await fill(postgres, tmp_path / "filled")
    found = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        found.append(Server(tmp_path / name, postgres.url.render_as_string(hide_password=False), ldap=True))
    for server in found:
        server.start()
    yield found[0], found[1]
    for server in found:
        server.stop()


class Telephone:
    """A connection over LDAP that stays open."""

    def __init__(self, server: Server) -> None:
        self._connection = ldap.initialize(f"ldap://127.0.0.1:{server.ldap_port}")
        self._connection.set_option(ldap.OPT_NETWORK_TIMEOUT, 20)

    async def bind(self, login: str, password: str = PASSWORD) -> None:
        await asyncio.to_thread(self._connection.simple_bind_s, login, password)

    async def names(self) -> list[str]:
        found = await asyncio.to_thread(self._connection.search_s, "dc=meta", ldap.SCOPE_SUBTREE, "(sn=Rossi)", ["cn"])
        return [values["cn"][0].decode() for _, values in found]

    async def leave(self) -> None:
        await asyncio.to_thread(self._connection.unbind_s)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """The servers look every two seconds."""
    async with asyncio.timeout(60):
        while not await condition():  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.1)


@pytest.mark.peer
async def test_what_one_server_is_told_the_other_one_does(servers: tuple[Server, Server]) -> None:
    one, other = servers
    telephone, again = Telephone(other), Telephone(other)
    await telephone.bind("anna")
    async with one.client("root") as root, one.client("anna") as anna:
        base = f"http://127.0.0.1:{other.port}/api/v1"
        async with httpx.AsyncClient(base_url=base, cookies=anna.cookies, timeout=20) as elsewhere:
            assert (await elsewhere.get("/me")).json()["login"] == "anna"
            assert (await root.post("/contacts", json=CONTACT)).status_code == 201
            await until(lambda: _is(telephone.names(), ["Carla Rossi"]))
            hits = (await elsewhere.get("/search", params={"q": "rossi"})).json()["items"]
            assert [hit["title"] for hit in hits] == ["Carla Rossi"]

            [id] = [each["id"] for each in (await root.get("/admin/people")).json()["items"] if each["login"] == "anna"]
            assert (await root.delete(f"/admin/people/{id}")).status_code == 204
            await until(lambda: _answers(elsewhere, 401))
            await until(lambda: _is(telephone.names(), []))
            with pytest.raises(ldap.INVALID_CREDENTIALS):
                await again.bind("anna")
    for each in (telephone, again):
        await each.leave()


async def test_a_password_that_a_command_sets_beside_a_server(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    settings = Settings(ServerSettings(data=str(folder)))
    folder.mkdir()
    database = Database(settings.server.database_url())
    await fill(database, folder)
    await database.close()
    server = Server(folder)
    server.start()
    try:
        async with server.client("anna") as anna:
            command = [sys.executable, "-m", "unisono", "user", "password", "anna", "--settings", str(server.settings_file)]
            done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=True)
            await until(lambda: _answers(anna, 401))
            wrong, right = [
                (await anna.post("/session", json={"login": "anna", "password": password})).status_code
                for password in (PASSWORD, done.stdout.strip())
            ]
            assert (wrong, right) == (403, 200)
    finally:
        server.stop()


async def _is(found: Awaitable[list[str]], wanted: list[str]) -> bool:
    return await found == wanted


async def _answers(client: httpx.AsyncClient, status: int) -> bool:
    return (await client.get("/me")).status_code == status
