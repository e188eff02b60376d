"""Sources through the real import process: a database in full, and Microsoft Graph in full and then by its changes."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.rooms.directory_rig import open_directory, running
from tests.rooms.published.graph_metadata import GraphMetadata
from tests.rooms.published.holding import holding
from tests.rooms.test_source_graph import Fake

from unisono.directory.model import Book
from unisono.directory.replicators.mapping import Rule
from unisono.directory.replicators.model import Replicator
from unisono.directory.runs.model import Counts, Mode, Run, RunState, Trigger
from unisono.directory.service import Directory
from unisono.directory.settings import DirectorySettings
from unisono.kernel.errors import Fault
from unisono.storage import Database


@pytest.fixture
async def directory(sqlite: Database, tmp_path: Path) -> AsyncIterator[Directory]:
    (tmp_path / "files").mkdir()
    settings = DirectorySettings(files=str(tmp_path / "files"))
    async with running(await open_directory(sqlite, tmp_path, settings=settings)) as made:
        yield made


async def read(directory: Directory, source: str, mode: Mode) -> Run:
    return await directory.replication.wait(await directory.replication.start(source, mode, Trigger.MANUAL))


def names(directory: Directory) -> list[str]:
    parts = directory.index.books.get("people", ())
    return sorted(p.segment.contact(n).name for p in parts for n in range(len(p.segment)) if p.counts(n))


async def test_a_database_fills_a_book(directory: Directory, tmp_path: Path) -> None:
    file = tmp_path / "files" / "crm.sqlite3"
    with sqlite3.connect(file) as base:
        base.execute("CREATE TABLE people (id INTEGER, name TEXT, phone TEXT)")
        base.executemany("INSERT INTO people VALUES (?, ?, ?)", [(n, f"Name {n}", f"0432 55{n:04}") for n in range(2_500)])
    base.close()
    settings: dict[str, object] = {"url": f"sqlite:///{file}", "query": "people", "key": "id"}
    looked = await directory.replication.look("", "sql", settings, (), "udine", 5)
    assert {rule.field for rule in looked.suggested} >= {"display_name", "phone_business"}
    wanted = Replicator("", "People", "", "sql", settings=settings, mapping=looked.suggested, location_id="udine")
    saved = await directory.replication.save(wanted, Book("people", "People"))
    run = await read(directory, saved.id, Mode.FULL)
    assert (run.state, run.counts) == (RunState.DONE, Counts(rows=2_500, total=2_500, added=2_500))
    found = directory.identify("+390432550007")
    assert found is not None
    assert found.contact.name == "Name 7"
    file.unlink()
    run = await read(directory, saved.id, Mode.FULL)
    assert run.state is RunState.FAILED
    assert len(names(directory)) == 2_500


async def test_changes_of_graph_reach_the_book(directory: Directory) -> None:
    fake = Fake()
    with holding(fake.answer, GraphMetadata(), beside="/tenant.example/oauth2/v2.0/token") as peer:
        fake.url = peer.url
        fake.users += [
            (f"u{n}", {"displayName": f"Name {n}", "businessPhones": [f"0432 55000{n}"], "accountEnabled": True})
            for n in range(9)
        ]
        settings: dict[str, object] = {
            "tenant": "tenant.example", "client_id": "app", "secret": "s", "authority": fake.url, "service": f"{fake.url}/v1.0",
        }  # fmt: skip
        rules = (Rule("display_name", "{displayName}"), Rule("phone_business", "{businessPhones}"))
        wanted = Replicator("", "People", "", "microsoft-graph", settings=settings, mapping=rules, location_id="udine")
        saved = await directory.replication.save(wanted, Book("people", "People"))
        assert (await read(directory, saved.id, Mode.FULL)).counts == Counts(rows=9, total=9, added=9)
        fake.users += [("u1", None), ("u2", {"displayName": "Renamed", "accountEnabled": True})]
        run = await read(directory, saved.id, Mode.INCREMENTAL)
        assert (run.state, run.counts.changed, run.counts.removed) == (RunState.DONE, 1, 1)
        assert names(directory) == ["Name 0", *(f"Name {n}" for n in range(3, 9)), "Renamed"]
        fake.knows_from = len(fake.users) + 1
        fake.users += [("u3", None)]
        run = await read(directory, saved.id, Mode.INCREMENTAL)
        assert (run.state, run.counts.removed, run.counts.unchanged) == (RunState.DONE, 1, 7)


@pytest.mark.parametrize(
    ("kind", "settings"),
    [("csv", {"file": "/etc/hostname"}), ("sql", {"url": "sqlite:////etc/x.sqlite3", "query": "t"})],
)
async def test_a_look_reads_no_file_that_is_not_allowed(directory: Directory, kind: str, settings: dict[str, object]) -> None:
    with pytest.raises(Fault) as caught:
        await directory.replication.look("", kind, settings, (), "udine", 5)
    assert caught.value.code == "file-not-allowed"


async def test_a_run_that_asks_leaves_no_files_behind(directory: Directory, tmp_path: Path) -> None:
    file = tmp_path / "files" / "people.csv"

    def write(firm: str, most: int) -> None:
        file.write_text("ID,Name,Company\n" + "".join(f"{n},Name {n},{firm}\n" for n in range(most)))

    write("First", 10)
    mapping = (Rule("entry_id", "{ID}"), Rule("display_name", "{Name}"), Rule("company", "{Company}"))
    wanted = Replicator("", "People", "", "csv", settings={"file": str(file)}, mapping=mapping, location_id="udine")
    saved = await directory.replication.save(wanted, Book("people", "People"))
    assert (await read(directory, saved.id, Mode.FULL)).state is RunState.DONE
    folder = tmp_path / "directory"
    served = set(folder.glob("people-*"))
    left = []
    for firm in ("Second", "Third"):
        write(firm, 2)
        run = await read(directory, saved.id, Mode.FULL)
        assert run.state is RunState.ASKS
        left.append(set(folder.glob("people-*")) - served)
    assert [len(some) for some in left] == [1, 1]  # what the last one asks about can still be published
    assert not left[0] & left[1]
    await directory.replication.refuse(run.id)
    assert set(folder.glob("people-*")) == served
    assert len(names(directory)) == 10
