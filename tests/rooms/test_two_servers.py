"""Two servers on one database: what an admin sets on one of them holds on the other one too, seconds later."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.rooms.web_house import FAST

from unisono.app.compose import Rooms
from unisono.app.settings import ServerSettings, Settings
from unisono.directory.ldap.channel import Check
from unisono.directory.ldap.model import Configuration, LdapUser, Node, Profile, Template
from unisono.directory.model import Contact
from unisono.directory.phonebooks.model import Fleet
from unisono.directory.phonebooks.service import Knock, Stranger, Way
from unisono.directory.service import Directory, NewContact
from unisono.directory.versions import LOOK_SECONDS
from unisono.kernel.clock import ManualClock
from unisono.storage import Database

SAFE = Knock("192.0.2.50", True)
PASSWORD = "correct horse battery"


@dataclass
class Two:
    """The servers; the other one looks at the database now and then. `told`: what its LDAP workers were told."""

    one: Rooms
    other: Rooms
    clock: ManualClock
    told: list[Configuration]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Let time pass."""
        async with asyncio.timeout(30):
            while not condition():
                await self.clock.advance(LOOK_SECONDS)
                await asyncio.sleep(0.005)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.peer)])
def database(request: pytest.FixtureRequest) -> Database:
    found: Database = request.getfixturevalue(request.param)
    return found


@pytest.fixture
async def two(database: Database, tmp_path: Path) -> AsyncIterator[Two]:
    clock, second = ManualClock(), Database(database.url.render_as_string(hide_password=False))
    one, other = (
        Rooms(Settings(ServerSettings(data=str(tmp_path / name)), people=FAST), each, clock)
        for name, each in (("one", database), ("other", second))
    )
    for each in (one, other):
        await each.load()
    told: list[Configuration] = []
    other.ldap.attach(told.append)
    running = [asyncio.create_task(work()) for work in (other.ldap.run, other.phonebooks.run, other.directory.run)]
    yield Two(one, other, clock, told)
    for task in running:
        task.cancel()
    await asyncio.wait(running)
    await second.close()


async def test_nodes_templates_users_and_profiles(two: Two) -> None:
    one, other = two.one.ldap, two.other.ldap
    await one.save(Node("sales", "dc=sales", "Sales"))
    await one.save(Template("desk", "Our telephones"))
    await one.save(LdapUser("phone", "telephone"), PASSWORD)
    await one.save(Profile("all", "Everything", everybody=True))
    await two.until(lambda: "all" in {profile.id for profile in other.profiles()})
    assert two.told[-1] == one.configuration() == other.configuration()
    assert (await other.check(Check(1, "telephone", PASSWORD.encode(), "192.0.2.1"))).identity is not None

    await one.remove("user", "phone")
    await two.until(lambda: not other.users())
    assert (await other.check(Check(2, "telephone", PASSWORD.encode(), "192.0.2.2"))).identity is None
    await other.remove("profile", "all")
    assert two.told[-1].profiles == ()


async def test_what_one_has_changed_itself_is_told_once(two: Two) -> None:
    await two.other.ldap.save(Profile("own", "Own"))
    told = len(two.told)
    await two.one.phonebooks.save(Fleet("desk", "Desks"))
    await two.until(lambda: bool(two.other.phonebooks.fleets()))
    await two.other.ldap.refresh()
    assert len(two.told) == told


async def test_fleets_and_keys(two: Two) -> None:
    one, other = two.one.phonebooks, two.other.phonebooks
    await one.save(Fleet("desk", "Desks"))
    key, secret = await one.add_key("desk", "one")
    await two.until(lambda: bool(other.fleets()) and bool(other.keys_of("desk")))
    assert await other.admit("desk", secret, Way.HEADER, SAFE) == Fleet("desk", "Desks")

    await one.save(Fleet("desk", "Desks of sales"))
    await two.until(lambda: other.fleet("desk").name == "Desks of sales")
    await one.remove_key("desk", key.id)
    await two.until(lambda: not other.keys_of("desk"))
    with pytest.raises(Stranger):
        await other.admit("desk", secret, Way.HEADER, SAFE)
    await one.remove("desk")
    await two.until(lambda: not other.fleets())


async def test_contacts_written_by_hand(two: Two) -> None:
    one, other = two.one.directory, two.other.directory
    anna = await one.create(NewContact("Anna Rossi"), "", "u1")
    await two.until(lambda: other.index.contact(anna.id) is not None)
    ben, cleo = await other.create(NewContact("Ben Bianchi"), "", "u1"), await one.create(NewContact("Cleo Neri"), "", "u1")
    await one.remove(anna.id)
    await two.until(lambda: {contact.id for contact in contacts(other)} == {ben.id, cleo.id})


async def test_contacts_written_at_once_on_both(two: Two) -> None:
    servers = [two.one.directory, two.other.directory] * 5
    written = await asyncio.gather(*(server.create(NewContact(f"Contact {n}"), "") for n, server in enumerate(servers)))
    await two.until(lambda: {contact.id for contact in contacts(two.other.directory)} == {each.id for each in written})


def contacts(directory: Directory) -> list[Contact]:
    """All that count."""
    found = ((part, at) for part in directory.index.parts() for at in range(len(part.segment)))
    return [part.segment.contact(at) for part, at in found if part.counts(at)]
