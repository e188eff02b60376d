"""A backup of one server becomes another server, on the same kind of database or the other."""

import asyncio
import gzip
import json
import random
import tarfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from unisono.app.accounts import add_account, reset_password
from unisono.app.backup import backup, restore
from unisono.app.settings import ServerSettings, Settings
from unisono.connectors.store import ConnectorStore, Instance, put
from unisono.journal.store import Entries
from unisono.kernel.bus import Bus
from unisono.kernel.clock import SystemClock
from unisono.kernel.errors import Conflict, Fault, Invalid, NotFound, Unavailable
from unisono.people.model import Group, User
from unisono.people.service import People
from unisono.people.settings import PeopleSettings
from unisono.storage import Database, migrate

QUICK = PeopleSettings(argon2_time_cost=1, argon2_memory_kib=64, argon2_parallelism=1)
LINK = Instance("c1", "Größe & più", "csta", True, "", {"host": "h", "port": 1, "password": "secret"})


async def link(database: Database, instance: Instance) -> None:
    async with database.write() as connection:
        await put(connection, instance)


async def fill(database: Database) -> User:
    await migrate.upgrade(database)
    await Entries(database).prepare()  # its search index is no table of ours
    people = People(database, SystemClock(), Bus(), QUICK)
    user = await people.save_user(User("", "anna", "Anna Ångström", admin=True), "correct horse battery")
    await people.save_group(Group("", "Sales", member_ids=(user.id,)))
    await people.sign_in.by_password("anna", "correct horse battery", "127.0.0.1")
    await link(database, LINK)
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
    saved = await backup(sqlite, tmp_path / "1.tar.gz")
    assert (await restore(postgres, tmp_path / "1.tar.gz")).tables == saved.tables
    await same_server(postgres, user)
    assert (await backup(postgres, tmp_path / "2.tar.gz")).tables.keys() == saved.tables.keys()
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


def damaged(archive: bytes, change: Callable[[bytearray], None]) -> bytes:
    """The archive, whole as such, with other content."""
    plain = bytearray(gzip.decompress(archive))
    change(plain)
    return gzip.compress(bytes(plain), 1)


async def test_whatever_was_damaged_is_said_in_words_and_nothing_is_left(sqlite: Database, tmp_path: Path) -> None:
    """One bit anywhere, in the compressed bytes or in what they hold; also where the table cannot even be read any more."""
    await fill(sqlite)
    await backup(sqlite, tmp_path / "good.tar.gz")
    good, dice = (tmp_path / "good.tar.gz").read_bytes(), random.Random(7)

    def flip(data: bytearray) -> None:
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)

    def put(old: bytes, new: bytes) -> Callable[[bytearray], None]:
        def change(data: bytearray) -> None:
            assert len(old) == len(new)
            assert old in data
            data[:] = data.replace(old, new)

        return change

    wrong = (
        (b'"rows"', b'"rowz"'),
        (b'"login": "anna"', b'"login": [1,2] '),
        (b'"login"', b'"logic"'),
        (b"Anna", b"An\xff\xff"),
    )
    archives = [damaged(good, put(old, new)) for old, new in wrong] + [damaged(good, flip) for _ in range(15)]
    for _ in range(15):
        raw = bytearray(good)
        flip(raw)
        archives.append(bytes(raw))
    outcomes: Counter[str] = Counter()
    for number, content in enumerate(archives):
        (tmp_path / "bad.tar.gz").write_bytes(content)
        other = Database(f"sqlite+aiosqlite:///{tmp_path / f'after{number}.sqlite3'}")
        try:
            await restore(other, tmp_path / "bad.tar.gz")
            outcomes["whole"] += 1  # a bit of the padding
        except Fault as fault:
            outcomes[fault.code] += 1
            async with other.read() as connection:
                assert (await connection.execute(text("SELECT count(*) FROM sqlite_master"))).scalar() == 0
        await other.close()
    assert outcomes["backup-damaged"] > 3
    assert outcomes["backup-unreadable"] > 3
    assert outcomes.keys() <= {"whole", "backup-damaged", "backup-unreadable", "database-newer"}


async def test_a_backup_that_cannot_be_written(sqlite: Database, tmp_path: Path) -> None:
    await fill(sqlite)
    with pytest.raises(Unavailable) as nowhere:
        await backup(sqlite, tmp_path / "nowhere" / "x.tar.gz")
    assert "No such file" in nowhere.value.message
    (tmp_path / "x.tar.gz.partial").write_bytes(b"of a backup that was killed")
    await backup(sqlite, tmp_path / "x.tar.gz")
    assert not (tmp_path / "x.tar.gz.partial").exists()


async def test_where_there_is_no_server_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'none.sqlite3'}")
    with pytest.raises(NotFound) as caught:
        await backup(database, tmp_path / "x.tar.gz")
    assert "server.data" in caught.value.message
    assert not (tmp_path / "none.sqlite3").exists()
    assert not (tmp_path / "x.tar.gz").exists()
    await database.close()


@pytest.mark.peer
async def test_a_backup_is_of_one_moment(postgres: Database, tmp_path: Path) -> None:
    """What is written while the tables are read one after the other is in none of them."""
    await fill(postgres)
    read: list[str] = []

    async def write() -> None:
        another = Database(postgres.url.render_as_string(hide_password=False))
        await link(another, replace(LINK, id="c2"))
        await another.close()

    def meanwhile(table: str, rows: int, total: int) -> None:
        if not read:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(asyncio.run, write()).result(60)
        read.append(table)

    made = await backup(postgres, tmp_path / "x.tar.gz", progress=meanwhile)
    assert read.index("connector") > 0
    assert made.tables["connector"][0] == 1
    assert len(await ConnectorStore(postgres).all()) == 2


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
