"""Exports in their process: what is killed, cancelled or fails leaves the last good file; the clock starts them by itself."""

import asyncio
import json
import os
import resource
import signal
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.pure.directory.rules import plain
from tests.rooms.directory_rig import open_directory, running, until

from unisono.directory.exporters.model import ExportColumn, Exporter
from unisono.directory.exporters.store import Exporters
from unisono.directory.model import Book
from unisono.directory.replicators.model import Replicator
from unisono.directory.runs.model import Mode, Run, RunState, Trigger
from unisono.directory.service import Directory, NewContact
from unisono.directory.settings import DirectorySettings
from unisono.kernel.clock import ManualClock
from unisono.kernel.errors import Conflict, Invalid
from unisono.storage import Database

MANY = 20_000


@pytest.fixture
async def directory(sqlite: Database, tmp_path: Path) -> AsyncIterator[Directory]:
    for folder in ("files", "exports"):
        (tmp_path / folder).mkdir()
    settings = DirectorySettings(files=str(tmp_path / "files"), exports=str(tmp_path / "exports"))
    async with running(await open_directory(sqlite, tmp_path, settings=settings)) as made:
        yield made


async def fill(directory: Directory, folder: Path, names: dict[int, str]) -> None:
    """A book of these names as its file's new contents."""
    file = folder / "files" / "crm.csv"
    lines = [f"{key};{name};0432 {key:06}" for key, name in names.items()]
    await asyncio.to_thread(file.write_text, "\n".join(["Id;Name;Phone", *lines, ""]))
    replication = directory.replication
    before = await replication.store.of_book("crm")
    mapping = plain({"Id": "entry_id", "Name": "display_name", "Phone": "phone_business"})
    wanted = before or Replicator("", "CRM", "crm", "csv", settings={"file": str(file)}, mapping=mapping, location_id="udine")
    saved = await replication.save(wanted, Book("crm", "CRM"))
    run = await replication.wait(await replication.start(saved.id, Mode.FULL, Trigger.MANUAL))
    assert run.state is RunState.DONE, run


async def test_two_servers_cannot_give_one_name_twice(sqlite: Database) -> None:
    """Who looked before the other one saved is told by the database, in the same words."""
    await sqlite.create_all()
    here, there = (Exporters(sqlite, ManualClock()) for _ in range(2))

    async def saved(exporters: Exporters, wanted: Exporter) -> Exporter:
        return await exporters.save(wanted.id, lambda *_: wanted)

    first, other = await saved(here, Exporter("", "Straße", "csv")), await saved(here, Exporter("", "Other", "csv"))
    for wanted in (Exporter("", "STRASSE", "csv"), replace(other, name="straße")):
        with pytest.raises(Conflict, match="Choose another name") as caught:
            await saved(there, wanted)
        assert (caught.value.code, caught.value.data) == ("export-name-taken", {"field": "name"})
    await saved(there, replace(first, name="strasse"))
    assert [each.name for each in await here.all()] == ["Other", "strasse"]


async def run(directory: Directory, export: Exporter, *, dry: bool = False) -> Run:
    return await directory.exports.wait(await directory.exports.start(export.id, Trigger.MANUAL, dry=dry))


def workers() -> list[int]:
    """The export processes that this process has started."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
            if parent == str(os.getpid()) and b"exporters.worker" in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
        except (OSError, IndexError):
            continue
    return found


def names_in(file: Path) -> list[str]:
    return [json.loads(line)["n"] for line in file.read_text().splitlines()]


LINES = Exporter(
    "", "Names", "json", settings={"form": "lines"}, books=("crm",), columns=(ExportColumn("n", "{name}"),), file="names.json"
)


async def test_layers_count_as_they_do_for_everybody(directory: Directory, tmp_path: Path) -> None:
    """What a small layer changes or takes away leaves changed or not at all; two books are one list by name."""
    await fill(directory, tmp_path, {n: f"Name {n:05}" for n in range(1000)})
    await fill(directory, tmp_path, {**{n: f"Name {n:05}" for n in range(2, 1000)}, 5: "Zz changed", 2000: "aa new"})
    await directory.create(NewContact("Mm by hand"), "")
    export = await directory.exports.save(Exporter("", "All", "json", LINES.enabled, LINES.settings, None, LINES.columns))
    assert (await run(directory, export)).counts.added == 1000
    _, path = await directory.exports.file(export.id)
    found = names_in(path)
    assert (found[0], found[1], found[-1]) == ("aa new", "Mm by hand", "Zz changed")
    assert found == sorted(found, key=str.casefold)
    assert {"Name 00000", "Name 00001", "Name 00005"}.isdisjoint(found)


async def test_a_mistake_in_one_part_ends_neither_the_others_nor_the_server(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, failed = ManualClock(), list[str]()

    def mistaken(where: object, name: str) -> None:
        right = getattr(where, name)

        async def once(*given: object) -> object:
            if name not in failed:
                failed.append(name)
                raise RuntimeError(name)
            return await right(*given)

        monkeypatch.setattr(where, name, once)

    directory = await open_directory(sqlite, tmp_path, clock=clock)
    mistaken(directory._picture, "stale")
    mistaken(directory, "_put_own")
    mistaken(directory.exports.runs, "last_runs")
    mistaken(directory.replication.store, "all")
    async with running(directory):
        export = await directory.exports.save(Exporter("", "Hourly", "csv", schedule="every 1 hour"))
        await directory.create(NewContact("Anna"), "")
        async with asyncio.timeout(60):
            while len(failed) < 4:
                await clock.advance(20)
            await clock.advance(3_600)
            while directory._own_changed.is_set() or not await directory.exports.runs.runs(export.id):
                await clock.advance(20)


@pytest.mark.parametrize("how", ["killed", "terminated", "cancelled"])
async def test_what_ends_halfway_leaves_the_last_good_file(directory: Directory, tmp_path: Path, how: str) -> None:
    await fill(directory, tmp_path, {1: "Anna"})
    export = await directory.exports.save(LINES)
    assert (await run(directory, export)).state is RunState.DONE
    target = tmp_path / "exports" / "names.json"
    assert (names_in(target), target.stat().st_mode & 0o777) == (["Anna"], 0o640)
    await fill(directory, tmp_path, {n: f"Name {n}" for n in range(1, MANY)})
    begun = await directory.exports.start(export.id, Trigger.MANUAL)
    await until(lambda: list(target.parent.glob(".names.json.*.partial")) != [])
    if how != "cancelled":
        [worker] = workers()
        os.kill(worker, signal.SIGKILL if how == "killed" else signal.SIGTERM)
    else:
        await directory.exports.cancel(begun.id)
    ended = await directory.exports.wait(begun)
    if how != "cancelled":
        assert (ended.state, ended.code) == (RunState.FAILED, "export-lost")
    else:
        assert ended.state is RunState.CANCELLED
    assert names_in(target) == ["Anna"]
    again = await run(directory, export)
    assert (again.state, again.counts.changed, again.counts.added) == (RunState.DONE, 1, MANY - 2)
    assert len(names_in(target)) == MANY - 1
    assert [path.name for path in target.parent.iterdir()] == ["names.json"]


async def test_a_folder_that_cannot_be_written_is_said(directory: Directory, tmp_path: Path) -> None:
    await fill(directory, tmp_path, {1: "Anna"})
    export = await directory.exports.save(LINES)
    await run(directory, export)
    target = tmp_path / "exports" / "names.json"
    target.unlink()
    target.mkdir()
    ended = await run(directory, export)
    assert (ended.state, ended.code) == (RunState.FAILED, "export-file-outside")
    target.rmdir()
    assert (await run(directory, export)).state is RunState.DONE


async def test_a_disk_that_is_full_is_said(directory: Directory, tmp_path: Path) -> None:
    await fill(directory, tmp_path, {n: f"Name {n:05}" for n in range(4000)})
    export = await directory.exports.save(LINES)
    assert (await run(directory, export)).state is RunState.DONE
    large = replace(export, columns=tuple(ExportColumn(title, "{name}" + "." * 1900) for title in ("n", "m")))
    await directory.exports.save(large)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8_000_000, before[1]))  # of the process that is started now, too
    try:
        full = await run(directory, export)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (full.state, full.code) == (RunState.FAILED, "disk-full"), full.message
    assert len(names_in(tmp_path / "exports" / "names.json")) == 4000
    assert [path.name for path in (tmp_path / "exports").iterdir()] == ["names.json"]
    assert (await run(directory, export)).state is RunState.DONE, "there is room again"


async def test_a_file_takes_the_place_of_files_only(directory: Directory, tmp_path: Path) -> None:
    await fill(directory, tmp_path, {1: "Anna"})
    export = await directory.exports.save(LINES)
    pipe = tmp_path / "exports" / "names.json"
    os.mkfifo(pipe)
    ended = await run(directory, export)
    assert (ended.state, ended.code) == (RunState.FAILED, "export-no-file-there")
    assert pipe.is_fifo()


@pytest.mark.parametrize("file", ["../x.csv", "/etc/x.csv", "link/x.csv", ".hidden", "sub/", "", ".", "a/../../x", "a\0b"])
async def test_no_file_is_written_outside_the_folder(directory: Directory, tmp_path: Path, file: str) -> None:
    (tmp_path / "exports" / "link").symlink_to(tmp_path)
    if not file:
        await directory.exports.save(Exporter("", "Kept here", "csv"))
        return
    with pytest.raises(Invalid) as caught:
        await directory.exports.save(Exporter("", "Out", "csv", file=file))
    assert caught.value.code == "export-file-outside"


async def test_no_two_exports_write_one_file(directory: Directory) -> None:
    await directory.exports.save(LINES)
    with pytest.raises(Conflict) as caught:
        await directory.exports.save(Exporter("", "Other", "json", file="./names.json"))
    assert caught.value.code == "export-file-taken"


async def test_a_folder_that_keeps_silent_keeps_nobody_else_waiting(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody looks at it on the event loop, or while others wait for the table."""
    await directory.exports.save(LINES)
    loop, resolve = threading.get_ident(), Path.resolve

    def silent(path: Path, strict: bool = False) -> Path:
        assert threading.get_ident() != loop
        return resolve(path, strict)

    monkeypatch.setattr(Path, "resolve", silent)
    await directory.exports.save(Exporter("", "Kept here", "csv"))
    await directory.exports.save(Exporter("", "Other", "csv", file="other.csv"))
    with pytest.raises(Conflict) as caught:
        await directory.exports.save(Exporter("", "Third", "csv", file="./other.csv"))
    assert caught.value.code == "export-file-taken"


async def test_a_column_that_is_renamed_makes_every_contact_different(directory: Directory, tmp_path: Path) -> None:
    await fill(directory, tmp_path, {1: "Anna", 2: "Ben"})
    export = await directory.exports.save(LINES)
    await run(directory, export)
    assert (await run(directory, export)).counts.unchanged == 2
    columns = (ExportColumn("n", "{name : upper}"),)
    renamed = Exporter(export.id, "Names", "json", True, LINES.settings, ("crm",), columns, file="names.json")
    await directory.exports.save(renamed)
    dry = await run(directory, renamed, dry=True)
    assert dry.counts.changed == 2
    report = await directory.exports.runs.report(dry.id)
    assert [change.new for change in report.changed] == [{"n": "ANNA"}, {"n": "BEN"}]
    assert names_in(tmp_path / "exports" / "names.json") == ["Anna", "Ben"]


async def test_the_clock_starts_what_is_due(sqlite: Database, tmp_path: Path) -> None:
    clock = ManualClock()
    async with running(await open_directory(sqlite, tmp_path, clock=clock)) as directory:
        await directory.create(NewContact("Anna"), "")
        export = await directory.exports.save(Exporter("", "Hourly", "csv", schedule="every 1 hour"))
        idle = await directory.exports.save(Exporter("", "Off", "csv", enabled=False, schedule="every 1 hour"))
        due, standing = clock.now() + timedelta(hours=1), directory.exports.last_and_due
        assert await standing([export, idle]) == {export.id: (None, due), idle.id: (None, None)}
        await clock.advance(1_800)
        dry = await run(directory, export, dry=True)
        assert await standing([export]) == {export.id: (dry, due)}  # a look puts off nothing
        await clock.advance(1_900)
        async with asyncio.timeout(60):
            while True:
                runs = await directory.exports.runs.runs(export.id)
                if runs[0].id != dry.id and runs[0].state is not RunState.RUNNING:
                    break
                await asyncio.sleep(0.05)
        assert (runs[0].trigger, runs[0].state) == (Trigger.SCHEDULE, RunState.DONE)
        assert await directory.exports.runs.runs(idle.id) == []


async def test_one_run_at_a_time_and_none_while_it_is_removed(directory: Directory, tmp_path: Path) -> None:
    await fill(directory, tmp_path, {n: f"Name {n}" for n in range(1, MANY)})
    export = await directory.exports.save(LINES)
    begun = await directory.exports.start(export.id, Trigger.MANUAL)
    for attempt in (directory.exports.start(export.id, Trigger.MANUAL), directory.exports.remove(export.id)):
        with pytest.raises(Conflict) as caught:
            await attempt
        assert caught.value.code == "export-running"
    assert (await directory.exports.wait(begun)).state is RunState.DONE
    await directory.exports.remove(export.id)
    assert await directory.exports.store.all() == []
    assert (tmp_path / "exports" / "names.json").exists()
