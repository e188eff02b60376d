"""Two servers on one database, each with its web application, without a network."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import httpx
from tests.rooms.shape import make_tables
from tests.rooms.web_house import FAST, PASSWORD, kept

from unisono.app.compose import Rooms
from unisono.app.serve import services
from unisono.app.settings import ServerSettings, Settings
from unisono.directory.ldap.model import Configuration
from unisono.directory.settings import DirectorySettings
from unisono.kernel.clock import ManualClock
from unisono.people.model import User
from unisono.storage import Database, migrate
from unisono.storage.shared import LOOK_SECONDS
from unisono.web.app import Application


@dataclass
class Two:
    """The servers; both look at the database now and then. `told`: what the other one's LDAP workers were told."""

    one: Rooms
    other: Rooms
    apps: dict[str, Application]
    clock: ManualClock
    told: list[Configuration]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Let time pass."""
        async with asyncio.timeout(60):
            while not condition():
                await self.clock.advance(LOOK_SECONDS)
                await asyncio.sleep(0.005)

    async def status(self, server: str, headers: dict[str, str]) -> int:
        """What a server answers to somebody who asks for their account."""
        async with self.client(server) as client:
            return (await client.get("/api/v1/me", headers=headers)).status_code

    async def until_answered(self, condition: Callable[[], Awaitable[bool]]) -> None:
        """Let time pass until a server answers as it should."""
        async with asyncio.timeout(60):
            while not await condition():
                await self.clock.advance(LOOK_SECONDS)
                await asyncio.sleep(0.005)

    async def until_turned_away(self, headers: dict[str, str]) -> None:
        """Let time pass until the other server takes this sign-in no more."""

        async def turned_away() -> bool:
            return await self.status("other", headers) == 401

        await self.until_answered(turned_away)

    def client(self, server: str) -> httpx.AsyncClient:
        """A browser in front of a server."""
        transport = httpx.ASGITransport(cast("Any", self.apps[server]), client=("192.0.2.7", 40000))
        return httpx.AsyncClient(transport=transport, base_url="http://unisono.example")


def rooms(database: Database, folder: Path, clock: ManualClock) -> Rooms:
    exports = folder.parent / "exports"
    exports.mkdir(exist_ok=True)
    settings = Settings(ServerSettings(data=str(folder)), directory=DirectorySettings(exports=str(exports)), people=FAST)
    return Rooms(settings, database, clock)


@asynccontextmanager
async def two_servers(database: Database, folder: Path) -> AsyncIterator[Two]:
    clock, second = ManualClock(), Database(database.url.render_as_string(hide_password=False))
    one, other = rooms(database, folder / "one", clock), rooms(second, folder / "other", clock)
    await make_tables(database, migrate.upgrade)
    for each in (one, other):
        await each.load()
    told: list[Configuration] = []
    other.ldap.attach(told.append)
    apps = {name: Application(replace(services(each), checks=())) for name, each in (("one", one), ("other", other))}
    async with AsyncExitStack() as stack:
        for each in (one, other):
            await stack.enter_async_context(kept(each.running()))
        for app in apps.values():
            await stack.enter_async_context(kept(app.running()))
        yield Two(one, other, apps, clock, told)
    await second.close()


@asynccontextmanager
async def two_with_root(database: Database, folder: Path) -> AsyncIterator[Two]:
    """Both know root, who is an admin."""
    async with two_servers(database, folder) as two:
        await two.one.people.save_user(User("", "root", "Root", admin=True), PASSWORD)
        await two.other.people.refresh()
        yield two
