"""Two servers, each a process of its own with its LDAP workers, in front of one PostgreSQL."""

import asyncio
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

pytestmark = [pytest.mark.xdist_group("flows"), pytest.mark.peer]
CONTACT = {"last_name": "Rossi", "first_name": "Carla", "numbers": [{"kind": "business", "raw": "+390432550001"}]}


@pytest.fixture
async def servers(postgres: Database, tmp_path: Path) -> AsyncIterator[tuple[Server, Server]]:
    rooms = Rooms(Settings(ServerSettings(data=str(tmp_path / "filled")), people=QUICK), postgres)
    await rooms.load()
    for login, admin in (("root", True), ("anna", False)):
        await rooms.people.save_user(User("", login, login.title(), admin=admin), PASSWORD)
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
    async with asyncio.timeout(20):
        while not await condition():  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.1)


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


async def _is(found: Awaitable[list[str]], wanted: list[str]) -> bool:
    return await found == wanted


async def _answers(client: httpx.AsyncClient, status: int) -> bool:
    return (await client.get("/me")).status_code == status
