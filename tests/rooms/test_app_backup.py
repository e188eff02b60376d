"""A backup of one server becomes another server, on the same kind of database or the other."""

import json
import tarfile
from pathlib import Path

import pytest

from unisono.app.accounts import add_account, reset_password
from unisono.app.backup import backup, restore
from unisono.app.settings import ServerSettings, Settings
from unisono.connectors.store import ConnectorStore, Instance
from unisono.journal.store import Entries
from unisono.kernel.bus import Bus
from unisono.kernel.clock import SystemClock
from unisono.kernel.errors import Conflict, Invalid, NotFound
from unisono.people.model import Group, User
from unisono.people.service import People
from unisono.people.settings import PeopleSettings
from unisono.storage import Database, migrate

QUICK = PeopleSettings(argon2_time_cost=1, argon2_memory_kib=64, argon2_parallelism=1)
LINK = Instance("c1", "Größe & più", "csta", True, "", {"host": "h", "port": 1, "password": "secret"})


async def fill(database: Database) -> User:
    await migrate.upgrade(database)
    await Entries(database).prepare()  # its search index is no table of ours
    people = People(database, SystemClock(), Bus(), QUICK)
    user = await people.save_user(User("", "anna", "Anna Ångström", admin=True), "correct horse battery")
    await people.save_group(Group("", "Sales", member_ids=(user.id,)))
    await people.sign_in.by_password("anna", "correct horse battery", "127.0.0.1")
    await ConnectorStore(database).save(LINK)
    return people.need_user(user.id)


async def same_server(database: Database, user: User) -> None:
    people = People(database, SystemClock(), Bus(), QUICK)
    await people.load()
    assert people.need_user(user.id) == user
    assert [group.member_ids for group in people.groups()] == [(user.id,)]
    assert await ConnectorStore(database).all() == [LINK]
    await people.sign_in.by_password("anna", "correct horse battery", "127.0.0.1")


async def test_a_backup_comes_back(sqlite: Database, tmp_path: Path) -> None:
    user = await fill(sqlite)
    archive, settings = tmp_path / "backup.tar.gz", tmp_path / "unisono.toml"
    settings.write_text("[web]\nport = 1\n")
    seen: list[tuple[str, int, int]] = []
    manifest = await backup(sqlite, archive, settings, lambda *step: seen.append(step))
    assert manifest.tables["user_account"][0] == 1
    assert ("user_account", 1, 1) in seen
    assert archive.stat().st_mode & 0o077 == 0
    other = Database(f"sqlite+aiosqlite:///{tmp_path / 'other.sqlite3'}")
    assert (await restore(other, archive)).tables == manifest.tables
    await same_server(other, user)
    with pytest.raises(Conflict):
        await restore(other, archive)
    await other.close()
    with tarfile.open(archive) as opened:
        member = opened.extractfile("settings.toml")
        assert member is not None
        assert member.read() == settings.read_bytes()


@pytest.mark.peer
async def test_a_backup_moves_to_the_other_database_and_back(sqlite: Database, postgres: Database, tmp_path: Path) -> None:
    user = await fill(sqlite)
    await backup(sqlite, tmp_path / "1.tar.gz")
    await restore(postgres, tmp_path / "1.tar.gz")
    await same_server(postgres, user)
    await backup(postgres, tmp_path / "2.tar.gz")
    other = Database(f"sqlite+aiosqlite:///{tmp_path / 'other.sqlite3'}")
    await restore(other, tmp_path / "2.tar.gz")
    await same_server(other, user)
    await other.close()


async def test_a_damaged_archive_changes_nothing(sqlite: Database, tmp_path: Path) -> None:
    await fill(sqlite)
    good = tmp_path / "good.tar.gz"
    await backup(sqlite, good)
    torn = tmp_path / "torn.tar.gz"
    torn.write_bytes(good.read_bytes()[:-2000])
    forged = tmp_path / "forged.tar.gz"
    folder = tmp_path / "x"
    (folder / "tables").mkdir(parents=True)
    with tarfile.open(good) as opened:
        for member in opened.getmembers():
            content = opened.extractfile(member)
            assert content is not None
            (folder / member.name).write_bytes(content.read())
    lines = (folder / "tables" / "connector.jsonl").read_text()
    (folder / "tables" / "connector.jsonl").write_text(lines.replace('"c1"', '"c2"'))
    with tarfile.open(forged, "w:gz") as opened:
        opened.add(folder, "")
    foreign = tmp_path / "foreign.tar.gz"
    with tarfile.open(foreign, "w:gz") as opened:
        (folder / "manifest.json").write_text(json.dumps({"some": "thing"}))
        opened.add(folder / "manifest.json", "manifest.json")
    for number, archive in enumerate((torn, forged, foreign)):
        other = Database(f"sqlite+aiosqlite:///{tmp_path / f'other{number}.sqlite3'}")
        with pytest.raises(Invalid):
            await restore(other, archive)
        await migrate.upgrade(other)
        assert await ConnectorStore(other).all() == []
        await other.close()


async def test_accounts_from_the_command_line(tmp_path: Path) -> None:
    settings = Settings(server=ServerSettings(data=str(tmp_path)), people=QUICK)
    first = await add_account(settings, "root", "Root", admin=True)
    second = await reset_password(settings, "ROOT")
    assert first != second
    database = Database(settings.server.database_url())
    people = People(database, SystemClock(), Bus(), QUICK)
    await people.load()
    session = await people.sign_in.by_password("root", second, "127.0.0.1")
    assert session.user.admin
    await database.close()
    with pytest.raises(NotFound):
        await reset_password(settings, "nobody")
