"""Two servers on one database: what is changed on one of them holds on the other one too, seconds later."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select
from tests.rooms.directory_rig import imported
from tests.rooms.two_servers_rig import Two, rooms, two_servers
from tests.rooms.web_house import StreamClient

from unisono.calls.model import ContactRef
from unisono.directory import manifest
from unisono.directory.duplicates import Rule
from unisono.directory.exporters.reading import contacts as contacts_of
from unisono.directory.exporters.reading import picture
from unisono.directory.ldap.channel import Check
from unisono.directory.ldap.model import LdapUser, Node, Profile, Template
from unisono.directory.model import Contact, NumberKind
from unisono.directory.phonebooks.model import Fleet
from unisono.directory.phonebooks.service import Knock, Stranger, Way
from unisono.directory.runs.tables import run_table
from unisono.directory.service import Directory, NewContact
from unisono.directory.views import EVERYTHING
from unisono.kernel.clock import ManualClock
from unisono.kernel.errors import Forbidden, Invalid, NotFound
from unisono.numbers import Location
from unisono.people.model import Group, Line, Preferences, User
from unisono.people.store import session_table
from unisono.permissions.grants import Change, GroupLevels
from unisono.permissions.model import Level, Right, Viewer
from unisono.storage import Database

pytestmark = pytest.mark.both_databases

SAFE = Knock("192.0.2.50", True)
PASSWORD = "correct horse battery"


@pytest.fixture
async def two(database: Database, tmp_path: Path) -> AsyncIterator[Two]:
    async with two_servers(database, tmp_path) as two:
        yield two


def cookie(secret: str) -> dict[str, str]:
    return {"cookie": f"unisono={secret}"}


async def anna_of(two: Two, **more: Any) -> User:
    """A person that both servers know; root is an admin."""
    if two.one.people.by_login("root") is None:
        await two.one.people.save_user(User("", "root", "Root", admin=True), PASSWORD)
    anna = await two.one.people.save_user(User("", "anna", "Anna", **more), PASSWORD)
    await two.until(lambda: two.other.people.by_login("anna") == anna)
    return anna


async def test_nodes_templates_users_and_profiles(two: Two) -> None:
    one, other = two.one.ldap, two.other.ldap
    await one.save(Node("sales", "dc=sales", "Sales"))
    await one.save(Template("desk", "Our telephones"))
    await one.save(LdapUser("phone", "telephone"), PASSWORD)
    await one.save(Profile("all", "Everything", everybody=True))
    await two.until(lambda: "all" in {profile.id for profile in other.profiles()})
    known = (two.told[-1], one.configuration(), other.configuration())
    told, of_one, of_other = (msgspec.structs.replace(each, marks={}) for each in known)
    assert told == of_one == of_other, "but for the marks of passwords, which are each server's own"
    assert (await other.check(Check(1, "telephone", PASSWORD.encode(), "192.0.2.1"))).identity is not None

    await one.remove("user", "phone")
    await two.until(lambda: not other.users())
    assert (await other.check(Check(2, "telephone", PASSWORD.encode(), "192.0.2.2"))).identity is None
    await other.save(Profile("all", "Everything"))
    await other.remove("profile", "all")
    assert two.told[-1].profiles == ()


async def test_what_one_has_changed_itself_is_told_once(two: Two) -> None:
    await two.other.ldap.save(Profile("own", "Own"))
    told = len(two.told)
    await two.one.phonebooks.save(Fleet("desk", "Desks"))
    await two.until(lambda: bool(two.other.phonebooks.fleets()))
    await two.other.ldap.shared.refresh()
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


async def test_people_groups_lines_and_what_they_set_for_themselves(two: Two) -> None:
    one, other = two.one.people, two.other.people
    group, line = await one.save_group(Group("", "Sales")), await one.save_line(Line("", "pbx", "101", "101"))
    anna = await anna_of(two, group_ids=(group.id,), line_ids=(line.id,))
    assert (other.groups(), other.lines()) == (one.groups(), one.lines())
    await two.until(lambda: two.told[-1].people.get(anna.id) == (group.id,))
    assert two.other.callers.person("pbx", "101") is not None

    await one.set_preferences(anna.id, [anna.id], {"theme": "dark"})
    await two.until(lambda: other.preferences(anna.id) == Preferences((anna.id,), {"theme": "dark"}))
    await one.remove_group(group.id)
    await one.remove_line(line.id)
    await two.until(lambda: not other.groups() and not other.lines())
    assert other.need_user(anna.id) == one.need_user(anna.id) == replace(anna, group_ids=(), line_ids=())
    await two.until(lambda: two.told[-1].people[anna.id] == ())


@pytest.mark.parametrize("way", ["removed", "inactive"])
async def test_who_is_gone_on_one_server_is_nobody_on_the_other(two: Two, way: str) -> None:
    anna = await anna_of(two)
    session = await two.one.people.sign_in.by_password("anna", PASSWORD, "")
    _, secret = await two.one.people.sign_in.add_token(anna.id, "phone", ("read",), None)
    token = {"authorization": f"Bearer {secret}"}
    assert await two.status("other", cookie(session.secret)) == await two.status("other", token) == 200
    assert (await two.other.ldap.check(Check(1, "anna", PASSWORD.encode(), "192.0.2.1"))).identity is not None
    stream = StreamClient(two.apps["other"], [(name.encode(), text.encode()) for name, text in cookie(session.secret).items()])
    window = asyncio.create_task(stream.run())
    await stream.hello()

    if way == "removed":
        await two.one.people.remove_user(anna.id)
    else:
        await two.one.people.save_user(replace(anna, active=False))
    await two.until_turned_away(cookie(session.secret))
    assert await two.status("other", token) == 401
    await two.until(lambda: anna.id not in two.told[-1].people)
    assert (await two.other.ldap.check(Check(2, "anna", PASSWORD.encode(), "192.0.2.1"))).identity is None
    closed = await stream.ended()
    assert closed is not None
    assert closed[0] == 4401
    await stream.leave()
    await window


async def test_a_session_is_good_on_both_servers_and_ends_on_both(two: Two) -> None:
    anna = await anna_of(two)
    async with two.client("one") as browser:
        signed = await browser.post("/api/v1/session", json={"login": "anna", "password": PASSWORD})
        secret = browser.cookies["unisono"]
        assert await two.status("other", cookie(secret)) == 200
        await browser.delete("/api/v1/session", headers={"x-csrf-token": signed.json()["csrf"]})
    await two.until_turned_away(cookie(secret))

    here = (await two.one.people.sign_in.open(anna)).secret
    there = (await two.other.people.sign_in.open(anna)).secret
    assert await two.status("other", cookie(here)) == await two.status("one", cookie(there)) == 200
    await two.one.people.set_password(anna.id, "battery staple", keep=here)
    await two.until_turned_away(cookie(there))
    assert await two.status("other", cookie(here)) == await two.status("one", cookie(here)) == 200
    assert await two.status("one", cookie(there)) == 401


async def test_a_session_lives_as_long_as_it_is_used_wherever(two: Two) -> None:
    anna = await anna_of(two)
    secret = (await two.one.people.sign_in.open(anna)).secret
    assert await two.status("other", cookie(secret)) == 200
    for _ in range(3):
        two.clock._elapsed += 20 * 3600
        assert await two.status("one", cookie(secret)) == 200
    assert await two.status("other", cookie(secret)) == 200


async def test_an_old_password_opens_nothing_on_a_server_that_has_not_heard_of_the_new_one(two: Two) -> None:
    anna = await anna_of(two)
    await two.one.people.set_password(anna.id, "battery staple")
    with pytest.raises(Forbidden):
        await two.other.people.sign_in.by_password("anna", PASSWORD, "")
    assert (await two.other.people.sign_in.by_password("anna", "battery staple", "")).user == anna


async def test_a_session_that_opens_while_its_password_is_changed_elsewhere(two: Two) -> None:
    anna = await anna_of(two)
    sign_in, opened, changed = two.other.people.sign_in, asyncio.Event(), asyncio.Event()
    really = sign_in.open

    async def slow(user: User) -> Any:
        opened.set()
        await changed.wait()
        return await really(user)

    sign_in.open = slow  # type: ignore[method-assign]
    attempt = asyncio.ensure_future(sign_in.by_password("anna", PASSWORD, ""))
    await opened.wait()
    await two.one.people.set_password(anna.id, "battery staple")
    changed.set()
    with pytest.raises(Forbidden):
        await attempt
    async with two.one.database.read() as connection:
        assert (await connection.execute(select(session_table))).all() == []


async def test_ldap_forgets_a_password_that_was_changed_elsewhere(two: Two) -> None:
    """Workers remember right passwords until they are told something."""
    anna = await anna_of(two)
    await two.other.bus.drained()
    told = len(two.told)
    await two.one.people.set_password(anna.id, "battery staple")
    await two.until(lambda: len(two.told) > told)
    assert (await two.other.ldap.check(Check(1, "anna", PASSWORD.encode(), "192.0.2.1"))).identity is None


async def test_tokens(two: Two) -> None:
    anna = await anna_of(two)
    token, secret = await two.one.people.sign_in.add_token(anna.id, "phone", ("read",), None)
    found = await two.other.people.sign_in.token(secret)
    assert found is not None
    await two.one.people.sign_in.remove_token(anna.id, token.id)
    await two.until_turned_away({"authorization": f"Bearer {secret}"})


async def test_what_was_taken_away_elsewhere_does_not_come_back(two: Two) -> None:
    """Also before a server has looked: it knows what others changed when it changes something."""
    anna = await anna_of(two, admin=True)
    one, other = two.one.people, two.other.people
    await one.save_user(replace(anna, admin=False))
    assert (await other.change_own(anna.id, name="Anna Rossi")).admin is False
    assert one.need_user(anna.id).name == "Anna"
    root = one.by_login("root")
    assert root is not None
    await other.save_user(replace(other.need_user(anna.id), admin=True))
    await one.remove_user(anna.id)
    with pytest.raises(Invalid, match="the only admin left"):
        await other.remove_user(root.id)


async def test_rights(two: Two) -> None:
    anna = await anna_of(two)
    ben = await two.one.people.save_user(User("", "ben", "Ben"))
    sales = await two.one.people.save_group(Group("", "Sales", (anna.id, ben.id)))
    await two.until(lambda: two.other.people.group(sales.id) == two.one.people.group(sales.id))

    def level() -> Level:
        return two.other.guard.level(Viewer(ben.id), anna.id)

    await two.one.granting.grant(anna.id, ben.id, Level.PERSONAL)
    await two.until(lambda: level() is Level.PERSONAL)
    assert two.other.guard.may(Viewer(ben.id), anna.id, Right.SET_PRESENCE)
    await two.one.granting.grant(anna.id, ben.id, None)
    await two.until(lambda: level() is Level.TEAM)
    await two.one.granting.change(Change(Level.PUBLIC, groups={sales.id: GroupLevels(Level.BLOCKED, Level.TEAM)}))
    await two.until(lambda: level() is Level.PUBLIC)
    assert two.other.granting.current == two.one.granting.current


async def test_locations(two: Two) -> None:
    await two.one.locations.save("udine", Location.simple("Udine", "IT", "0432"))
    await two.until(lambda: "udine" in two.other.locations.all())
    assert two.other.directory.read_number("0432 550001", "udine") == "+390432550001"
    assert two.told[-1].locations == two.one.ldap.configuration().locations
    await two.one.locations.save("udine", Location.simple("Wien", "AT", "1"))
    await two.until(lambda: two.other.locations.get("udine").name == "Wien")
    anna = await anna_of(two, mobile="0664 1234567", location_id="udine")
    me = ContactRef(anna.id, "Anna", reason="person")
    await two.until(lambda: two.other.callers.contact("+436641234567") == me)
    await two.one.locations.save("udine", Location.simple("Udine", "IT", "0432"))
    await two.until(lambda: two.other.callers.contact("+436641234567") is None)
    await two.one.locations.remove("udine")
    await two.until(lambda: not two.other.locations.all())


async def test_contacts_written_by_hand(two: Two, tmp_path: Path) -> None:
    one, other = two.one.directory, two.other.directory

    def draft(name: str, number: str) -> NewContact:
        return NewContact(display_name=name, numbers=((NumberKind.BUSINESS, number),))

    def found(number: str) -> str:
        identified = other.identify(number)
        return identified.name if identified else ""

    def for_workers() -> list[Contact]:
        folder = tmp_path / "other" / "directory"
        picture, _ = manifest.index(folder, manifest.read(folder))
        return [part.segment.contact(at) for part in picture.parts() for at in range(len(part.segment)) if part.counts(at)]

    anna = await one.create(draft("Anna Rossi", "+390432550001"), "", "me")
    ben = await one.create(draft("Ben Verdi", "+390432550002"), "", "me")
    await two.until(lambda: found("+390432550002") == "Ben Verdi")
    await two.until(lambda: sorted(contact.id for contact in for_workers()) == sorted([anna.id, ben.id]))
    await one.rewrite(anna.id, draft("Anna Bianchi", "+390432550003"), "")
    await two.until(lambda: found("+390432550003") == "Anna Bianchi" and not found("+390432550001"))
    assert (await other.search("bianchi"))[0].id == anna.id
    await one.remove(ben.id)
    with pytest.raises(NotFound):
        await other.rewrite(ben.id, draft("Ben", "+390432550002"), "")
    assert found("+390432550002") == ""
    await other.create(draft("Carla", "+390432550004"), "", "me")
    assert one._written["me"] == 1
    await two.until(lambda: one.index.count("own") == 2)
    assert (one._written["me"], other._written["me"]) == (2, 2)
    await two.until(lambda: len(for_workers()) == 2)


async def test_contacts_written_at_once_on_both(two: Two) -> None:
    servers = [two.one.directory, two.other.directory] * 5
    written = await asyncio.gather(*(server.create(NewContact(f"Contact {n}"), "") for n, server in enumerate(servers)))
    wanted = {each.id for each in written}
    await two.until(lambda: len(contacts(two.one.directory)) == len(contacts(two.other.directory)) == len(servers))
    for server in servers[:2]:
        assert {contact.id for contact in contacts(server)} == wanted


async def test_rules_for_duplicates(two: Two) -> None:
    there = two.other.directory.duplicates
    before = there.sameness.rules
    assert Rule.EMAIL in before
    await two.one.directory.duplicates.switch(Rule.EMAIL.value, on=False)
    await two.until(lambda: there.sameness.rules != before)
    assert there.sameness.rules == before - {Rule.EMAIL}


@pytest.mark.peer
async def test_a_damaged_file_is_fetched_from_the_database(postgres: Database, tmp_path: Path) -> None:
    """Where the whole file stands, because another server may need it: no source is read for it."""
    clock = ManualClock()
    one = rooms(postgres, tmp_path / "one", clock)
    await one.load()
    await imported(one.directory, "Name;Phone\nAnna Rossi;+390432550001\n", location_id="")
    for damage in (0, 50, 10_000):
        other = rooms(postgres, tmp_path / "other", clock)
        await other.load()
        assert other.directory.identify("+390432550001") is not None
        [file] = [path for path in (tmp_path / "other" / "directory").iterdir() if path.name.startswith("customers-")]
        whole = file.read_bytes()
        other.directory._index = type(other.directory.index)()
        file.write_bytes(whole[:damage] if damage < len(whole) else b"another file" * 100)
    last = rooms(postgres, tmp_path / "other", clock)
    await last.load()
    assert last.directory.identify("+390432550001") is not None
    assert file.read_bytes() == whole
    file.chmod(0o600)
    file.write_bytes(b"damaged")
    read = await picture(postgres, file.parent, EVERYTHING)  # by an export, also one without a server
    assert [contact.display_name for contact in contacts_of(read, EVERYTHING)] == ["Anna Rossi"]
    assert file.read_bytes() == whole
    async with postgres.read() as connection:
        assert len((await connection.execute(select(run_table))).all()) == 1


def contacts(directory: Directory) -> list[Contact]:
    """All that count."""
    found = ((part, at) for part in directory.index.parts() for at in range(len(part.segment)))
    return [part.segment.contact(at) for part, at in found if part.counts(at)]
