"""Accounts from the command line, for when nobody can sign in (yet)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from unisono.app.settings import Settings
from unisono.kernel.bus import Bus
from unisono.kernel.clock import SystemClock
from unisono.kernel.errors import NotFound
from unisono.kernel.secrets import new_password
from unisono.people.model import User
from unisono.people.service import People
from unisono.storage import Database, migrate


@asynccontextmanager
async def _people(settings: Settings) -> AsyncIterator[People]:
    settings.server.folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    database = Database(settings.server.database_url())
    try:
        await migrate.upgrade(database)
        people = People(database, SystemClock(), Bus(), settings.people)
        await people.load()
        yield people
    finally:
        await database.close()


async def add_account(settings: Settings, login: str, name: str, *, admin: bool) -> str:
    """Make an account and return its random password; a running server knows it within seconds."""
    password = new_password()
    async with _people(settings) as people:
        await people.save_user(User("", login, name, admin=admin), password)
    return password


async def reset_password(settings: Settings, login: str) -> str:
    """Give a person a new random password and return it; all their sessions end. A running server knows it within seconds."""
    password = new_password()
    async with _people(settings) as people:
        user = people.by_login(login)
        if user is None:
            raise NotFound("unknown-person", f"Nobody signs in as {login!r}. `unisono user add` makes an account.")
        await people.set_password(user.id, password)
    return password
