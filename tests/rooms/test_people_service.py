"""Accounts, groups and lines: what is written is what is read, in memory and after a restart."""

import asyncio
from dataclasses import replace

import pytest

from unisono.kernel.bus import Bus
from unisono.kernel.clock import ManualClock
from unisono.kernel.errors import Forbidden, Invalid, NotFound
from unisono.people.events import PeopleChanged
from unisono.people.model import Group, Line, User
from unisono.people.service import People
from unisono.people.settings import PeopleSettings
from unisono.storage import Database

pytestmark = pytest.mark.usefixtures("tables")

FAST = PeopleSettings(argon2_time_cost=1, argon2_memory_kib=8, argon2_parallelism=1)


@pytest.fixture
async def people(database: Database) -> People:
    people = People(database, ManualClock(), Bus(), FAST)
    await people.load()
    return people


async def again(database: Database) -> People:
    people = People(database, ManualClock(), Bus(), FAST)
    await people.load()
    return people


def same(one: People, other: People) -> bool:
    return one.users() == other.users() and one.groups() == other.groups() and one.lines() == other.lines()


async def test_what_is_saved_is_read_back(database: Database, people: People) -> None:
    group = await people.save_group(Group("", "Sales"))
    line = await people.save_line(Line("", "pbx", "101", ""))
    anna = await people.save_user(
        User("", " anna ", "", given_name="Anna", family_name="Rossi", group_ids=(group.id,), line_ids=(line.id,)),
        "correct horse",
    )
    assert anna.name == "Anna Rossi"
    assert people.by_login("ANNA") == anna
    assert people.line_at("pbx", "101") == replace(line, user_ids=(anna.id,))
    assert people.lines_of(anna.id) == (people.line(line.id),)
    assert people.group(group.id) == Group(group.id, "Sales", (anna.id,))
    assert people.devices_of("pbx") == {"101"}
    assert same(people, await again(database))


async def test_lines_keep_their_order_and_leaders_stay(database: Database, people: People) -> None:
    lines = [await people.save_line(Line("", "pbx", str(n), str(n))) for n in (101, 102, 103)]
    anna = await people.save_user(User("", "anna", "Anna", line_ids=(lines[2].id, lines[0].id)))
    group = await people.save_group(Group("", "Sales", leader_ids=(anna.id,)))
    await people.save_line(replace(lines[1], user_ids=(anna.id,)))
    assert people.need_user(anna.id).line_ids == (lines[2].id, lines[0].id, lines[1].id)
    await people.save_user(replace(people.need_user(anna.id), title="Head"))
    assert people.group(group.id) == Group(group.id, "Sales", (anna.id,), (anna.id,))
    assert same(people, await again(database))


async def test_names_are_what_others_call_them(database: Database, people: People) -> None:
    """A device may have blanks as its PBX writes them; a keyboard may give letters and their accents apart."""
    zoe = await people.save_user(User("", "zo\u00eb", "Zo\u00eb"))
    gate = await people.save_line(Line("", "pbx", "Gate  2", "900"))
    for there in (people, await again(database)):
        assert there.by_login("Zoe\u0308") == zoe
        assert there.line_at("pbx", "Gate  2") == gate


async def test_removing_takes_all_traces(database: Database, people: People) -> None:
    line = await people.save_line(Line("", "pbx", "101", "101"))
    group = await people.save_group(Group("", "Sales"))
    anna = await people.save_user(User("", "anna", "Anna", group_ids=(group.id,), line_ids=(line.id,)), "correct horse")
    session = await people.sign_in.open(anna)
    await people.sign_in.add_token(anna.id, "script", ("all",), None)
    await people.remove_user(anna.id)
    assert people.user(anna.id) is None
    assert people.by_login("anna") is None
    assert people.line(line.id) == replace(line, user_ids=())
    assert people.group(group.id) == Group(group.id, "Sales")
    assert await people.sign_in.session(session.secret) is None
    await people.remove_line(line.id)
    await people.remove_group(group.id)
    assert people.line_at("pbx", "101") is None
    assert same(people, await again(database))
    with pytest.raises(NotFound):
        await people.remove_user(anna.id)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (User("", "", "Anna"), "login"),
        (User("", "two words", "Anna"), "login"),
        (User("", "anna", ""), "name"),
        (User("", "anna", "A" * 201), "name"),
        (User("", "anna", "An\0na"), "name"),
        (User("", "anna", "An\u202ena"), "name"),
        (User("", "anna", "Anna", mail="anna"), "mail"),
        (User("", "anna", "Anna", locale="xx"), "locale"),
        (User("", "anna", "Anna", group_ids=("nowhere",)), "group_ids"),
        (User("", "anna", "Anna", line_ids=("nowhere",)), "line_ids"),
        (User("", "BEN", "Ben again"), "login"),
    ],
)
async def test_a_wrong_account_names_its_field(people: People, wrong: User, field: str) -> None:
    await people.save_user(User("", "ben", "Ben"))
    with pytest.raises(Invalid) as caught:
        await people.save_user(wrong)
    assert caught.value.data["field"] == field
    assert len(people.users()) == 1


async def test_groups_and_lines_are_checked_too(people: People) -> None:
    await people.save_group(Group("", "Sales"))
    await people.save_line(Line("", "pbx", "101", ""))
    for group in (Group("", ""), Group("", "sales"), Group("", "X", member_ids=("nobody",))):
        with pytest.raises(Invalid):
            await people.save_group(group)
    for line in (Line("", "", "1", ""), Line("", "pbx", "", ""), Line("", "pbx", "101", "")):
        with pytest.raises(Invalid):
            await people.save_line(line)


async def test_the_last_admin_stays(people: People) -> None:
    admin = await people.save_user(User("", "root", "Root", admin=True))
    for change in (replace(admin, admin=False), replace(admin, active=False)):
        with pytest.raises(Invalid, match="only admin"):
            await people.save_user(change)
    with pytest.raises(Invalid):
        await people.remove_user(admin.id)
    await people.save_user(User("", "two", "Two", admin=True))
    await people.remove_user(admin.id)


async def test_a_changed_login_is_free_again(people: People) -> None:
    anna = await people.save_user(User("", "anna", "Anna"))
    await people.save_user(replace(anna, login="anna.rossi"))
    assert people.by_login("anna") is None
    await people.save_user(User("", "anna", "Another Anna"))


async def test_preferences_merge_by_key(database: Database, people: People) -> None:
    anna = await people.save_user(User("", "anna", "Anna"))
    await people.set_preferences(anna.id, settings={"theme": "dark", "ring": 3})
    await people.set_preferences(anna.id, favourites=["b", "a", "b"], settings={"ring": None})
    expected = people.preferences(anna.id)
    assert (expected.favourites, expected.settings) == (("b", "a"), {"theme": "dark"})
    await people.save_user(replace(people.need_user(anna.id), title="Head"))
    assert (await again(database)).preferences(anna.id) == people.preferences(anna.id) == expected


async def test_settings_have_a_size(people: People) -> None:
    anna = await people.save_user(User("", "anna", "Anna"))
    await people.set_preferences(anna.id, settings={"a": "x" * 200_000})
    with pytest.raises(Invalid) as caught:
        await people.set_preferences(anna.id, settings={"b": "x" * 200_000})
    assert caught.value.code == "settings-too-large"
    assert list(people.preferences(anna.id).settings) == ["a"]


async def test_what_an_admin_takes_away_does_not_come_back(people: People) -> None:
    await people.save_user(User("", "root", "Root", admin=True))
    anna = await people.save_user(User("", "anna", "Anna", admin=True))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(people.save_user(replace(anna, admin=False)))
        tasks.create_task(people.change_own(anna.id, name="Anna Rossi"))
    assert (people.need_user(anna.id).name, people.need_user(anna.id).admin) == ("Anna Rossi", False)


async def test_an_old_password_opens_nothing_while_it_is_changed(database: Database) -> None:
    people = People(database, ManualClock(), Bus(), FAST)
    anna = await people.save_user(User("", "anna", "Anna"), "correct horse")
    checked, changed = asyncio.Event(), asyncio.Event()
    matches = people.sign_in._passwords.matches

    async def slow(password: str, stored: str) -> bool:
        right = await matches(password, stored)
        checked.set()
        await changed.wait()
        return right

    people.sign_in._passwords.matches = slow  # type: ignore[method-assign]
    attempt = asyncio.ensure_future(people.sign_in.by_password("anna", "correct horse", ""))
    await checked.wait()
    await people.set_password(anna.id, "battery staple")
    changed.set()
    with pytest.raises(Forbidden):
        await attempt


async def test_a_fresh_hash_of_an_old_password_does_not_replace_a_new_one(database: Database, people: People) -> None:
    anna = await people.save_user(User("", "anna", "Anna"), "correct horse")
    old = people.password_hash(anna.id)
    await people.set_password(anna.id, "battery staple")
    new = people.password_hash(anna.id)
    await people.keep_hash(anna.id, old, "a fresh hash of the old one")
    assert people.password_hash(anna.id) == (await again(database)).password_hash(anna.id) == new


async def test_every_write_tells_a_fact(people: People, database: Database) -> None:
    bus = Bus()
    people = People(database, ManualClock(), bus, FAST)
    seen: list[PeopleChanged] = []

    async def handle(fact: PeopleChanged) -> None:
        seen.append(fact)

    async def resync() -> None:
        raise AssertionError

    bus.subscribe("test", {PeopleChanged: handle}, resync=resync)
    line = await people.save_line(Line("", "pbx", "101", "101"))
    anna = await people.save_user(User("", "anna", "Anna", line_ids=(line.id,)))
    await people.save_user(replace(people.need_user(anna.id), line_ids=()))
    async with asyncio.TaskGroup() as tasks:
        bus.start(tasks)
        await bus.drained()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
    users, lines = frozenset({anna.id}), frozenset({line.id})
    assert seen == [PeopleChanged(lines=lines), PeopleChanged(users, lines=lines), PeopleChanged(users, lines=lines)]
