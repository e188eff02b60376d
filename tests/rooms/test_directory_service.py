"""The directory over a real SQLite file: import, look-ups, restart, a full disk."""

import asyncio
import errno
import os
import resource
import secrets
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from structlog.testing import capture_logs
from tests.rooms.directory_rig import imported, open_directory, running, until

from unisono.directory import manifest, service
from unisono.directory.breathing import Breathing
from unisono.directory.events import DirectoryChanged
from unisono.directory.index import Layer
from unisono.directory.model import Book, Contact, IdentifiedBy, NumberKind
from unisono.directory.replicators.layers import Page
from unisono.directory.replicators.model import Replicator
from unisono.directory.replicators.problems import words
from unisono.directory.replicators.store import Replicators
from unisono.directory.replicators.tables import layer_table, part_table
from unisono.directory.runs.model import Mode, Run, RunState, Trigger
from unisono.directory.segment import Segment, SegmentBuilder, build
from unisono.directory.segment.format import VERSION
from unisono.directory.service import Directory, NewContact
from unisono.directory.views import View
from unisono.kernel.bus import Bus
from unisono.kernel.clock import ManualClock
from unisono.kernel.errors import Conflict, Invalid, NotFound, Unavailable
from unisono.storage import Database

pytestmark = pytest.mark.both_databases

CUSTOMERS = """Company;First name;Last name;Phone;Mobile;E-mail;Main phone
Rossi Impianti S.r.l.;;;0432 546-0;;info@rossi.example;
Rossi Impianti S.r.l.;Mario;Rossi;0432 546-12;333 1234567;mario@rossi.example;
Müller Bau GmbH;Jörg;Sørensen;+49 89 36856-17;;;+49 89 36856-0
"""
OTHERS = "Company;First name;Nickname\nBianchi;Anna;A\n"


@pytest.fixture
async def directory(database: Database, tmp_path: Path) -> Directory:
    return await open_directory(database, tmp_path)


async def test_imports_and_finds(directory: Directory) -> None:
    run = await imported(directory, CUSTOMERS)
    assert (run.state, run.counts.added, run.counts.failed) == (RunState.DONE, 3, 0)

    exact = directory.identify("+39043254612")
    assert exact is not None
    assert (exact.name, exact.reason, exact.alternatives) == ("Mario Rossi", IdentifiedBy.EXACT, ())
    unknown = directory.identify("+39043254699")
    assert unknown is None  # three digits of a stem are too few to be sure
    firm = directory.identify("+498936856123")
    assert firm is not None
    assert (firm.name, firm.reason) == ("Müller Bau GmbH", IdentifiedBy.MAIN_NUMBER)
    assert [hit.title for hit in (await directory.search("muller sorens"))] == ["Jörg Sørensen"]


async def test_a_file_that_is_cut_off_while_it_is_read_is_made_anew(directory: Directory, tmp_path: Path) -> None:
    await imported(directory, CUSTOMERS)
    [file] = (tmp_path / "directory").glob("customers-*.segment")
    file.chmod(0o600)
    with file.open("r+b") as cut:
        cut.truncate(1000)
    await directory.mend()
    assert directory.identify("+39043254612") is None
    assert directory.awaited() == {"customers"}
    assert not file.exists()
    async with running(directory):
        await until(lambda: directory.identify("+39043254612") is not None)
    assert len(directory.index) == 3


async def test_what_cut_a_file_off_and_ended_the_server_is_mended_by_the_next_start(
    directory: Directory, database: Database, tmp_path: Path
) -> None:
    await imported(directory, CUSTOMERS)
    [file] = (tmp_path / "directory").glob("customers-*.segment")
    file.chmod(0o600)
    reads = "import os, sys; from pathlib import Path; from unisono.directory.segment import Segment\n"
    reads += "file = Path(sys.argv[1]); segment = Segment.open(file); os.truncate(file, 0); segment.verify()"
    ended = await asyncio.create_subprocess_exec(sys.executable, "-c", reads, str(file))
    assert await ended.wait() == -signal.SIGBUS
    assert file.stat().st_size == 0

    async with running(await open_directory(database, tmp_path, created=False)) as again:
        await until(lambda: again.identify("+39043254612") is not None)
        assert len(again.index) == 3


async def test_files_of_another_version_are_made_anew_by_the_next_start(
    directory: Directory, database: Database, tmp_path: Path
) -> None:
    await imported(directory, CUSTOMERS)
    await directory.create(NewContact(company="Bar Sport", numbers=((NumberKind.BUSINESS, "0432 1234"),)), "udine")
    for file in (tmp_path / "directory").glob("*.segment"):
        file.chmod(0o600)
        old = bytearray(file.read_bytes())
        old[8:12] = (VERSION - 1).to_bytes(4, "little")
        file.write_bytes(old)
    again = await open_directory(database, tmp_path, created=False)
    assert again.identify("+3904321234") is not None
    async with running(again):
        await until(lambda: again.identify("+39043254612") is not None)
    for file in (tmp_path / "directory").glob("*.segment"):
        Segment.open(file, verify=True).close()


async def test_after_a_restore_books_are_awaited_and_the_log_speaks_of_no_damage(
    directory: Directory, database: Database, tmp_path: Path
) -> None:
    await imported(directory, CUSTOMERS)
    folder = tmp_path / "directory"
    for file in folder.glob("*.*"):
        if file.is_file():
            file.unlink()
    async with database.write() as connection:  # a backup has no files of the index
        await connection.execute(part_table.delete())
    with capture_logs() as logs:
        again = await open_directory(database, tmp_path, created=False)
        assert manifest.read(folder).awaited == ("customers",)
        assert again.awaited() == {"customers"}
        assert again.awaited(View(frozenset({"own"}))) == frozenset()
        async with running(again):
            await until(lambda: again.identify("+39043254612") is not None)
            assert manifest.read(folder).awaited == ()
            assert again.awaited() == frozenset()
    told = [(each["event"], each.get("books")) for each in logs if "index" in each["event"] or "segment" in each["event"]]
    assert told == [("books without an index are being indexed", 1)]


async def test_a_restart_reads_the_same(directory: Directory, database: Database, tmp_path: Path) -> None:
    await imported(directory, CUSTOMERS)
    await directory.create(NewContact(company="Bar Sport", numbers=((NumberKind.BUSINESS, "0432 1234"),)), "udine")
    again = await open_directory(database, tmp_path)
    assert len(again.index) == 4
    before = directory.identify("+39043254612")
    after = again.identify("+39043254612")
    assert before == after
    assert [(book.name, book.contacts) for book in await again.books()] == [("Customers", 3), ("Own contacts", 1)]


async def test_a_second_import_replaces_the_book_and_keeps_ids(directory: Directory) -> None:
    await imported(directory, CUSTOMERS)
    first = directory.identify("+39043254612")
    less = "\n".join(CUSTOMERS.splitlines()[:3])
    await imported(directory, less)
    second = directory.identify("+39043254612")
    assert first is not None
    assert second is not None
    assert first.contact.id == second.contact.id
    assert (await directory.search("sorensen")) == []


async def test_nothing_imported_leaves_the_book(directory: Directory) -> None:
    await imported(directory, CUSTOMERS)
    run = await imported(directory, "Company;Phone;Note\n;;x\n;;;;x\n")
    assert (run.state, run.code) == (RunState.FAILED, "nothing-imported")
    assert [row.code for row in (await directory.replication.runs.report(run.id)).bad] == ["nothing-findable", "more-cells"]
    assert directory.identify("+39043254612") is not None


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"Company;Name;Phone\n", id="titles alone"),
        pytest.param("Company;Phone\nM\xfcller;0432 1\n".encode("cp850"), id="cp850"),
    ],
)
async def test_a_first_import_that_fails_leaves_nothing(directory: Directory, data: bytes) -> None:
    before = await directory.replication.store.books()
    file = await directory.uploads.put(data, "first.csv")
    found = await directory.replication.import_file(file, "Customers", "udine")
    run, report = found.run, found.report
    assert (run.state, run.code) == (RunState.FAILED, "nothing-imported")
    assert ["save the file as UTF-8" in words(bad) for bad in report.bad] == [True] * run.counts.failed
    assert (await directory.replication.store.all(), await directory.replication.store.books()) == ([], before)
    assert (await imported(directory, CUSTOMERS)).state is RunState.DONE
    assert [source.name for source in await directory.replication.store.all()] == ["Customers"]


async def test_a_first_import_that_fails_leaves_a_book_that_was_there(directory: Directory) -> None:
    """And as it was called; an import that is published writes its name as it was given."""
    book, store = await directory.make_book("Customers"), directory.replication.store
    await imported(directory, "Company;Phone\n;;;x\n", "CUSTOMERS")
    assert await store.all() == []
    assert book in await store.books()
    await imported(directory, CUSTOMERS, "CUSTOMERS")
    assert [source.name for source in await store.all()] == ["CUSTOMERS"]
    assert {book.name for book in await store.books()} == {"CUSTOMERS", "Own contacts"}


@pytest.mark.parametrize("there", [False, True])
async def test_a_first_import_that_is_killed_leaves_nothing(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    """No source ever, and no book as soon as the next import or the next start knows that it is dead.

    What it has written until then goes in short transactions, and not in one with the book.
    """
    clock = ManualClock()
    take_back = Replicators.take_back
    with_it: list[str] = []

    async def taken_back(self: Replicators, id: str) -> None:
        async with database.read() as connection:
            layers = (await connection.execute(select(layer_table.c.id).where(~layer_table.c.published))).scalars().all()
        await take_back(self, id)
        with_it.extend(layers)

    monkeypatch.setattr(Replicators, "take_back", taken_back)
    directory = await open_directory(database, tmp_path, clock=clock)
    store = directory.replication.store
    if there:
        await directory.make_book("Customers")
    before = await store.books()

    async def killed() -> None:
        async def dies(run: Run, *_: object) -> Run:
            layers = directory.replication.layers
            layer = await layers.new("customers", run.id)
            await layers.write(layer, 0, [Page(False, b"", b"")])
            raise KeyError

        with monkeypatch.context() as patched:
            patched.setattr(directory.replication._turns, "now", dies)
            with pytest.raises(KeyError):
                await imported(directory, CUSTOMERS)
        assert ({book.id for book in await store.books()}, await store.all()) == ({"customers", "own"}, [])
        with pytest.raises(Conflict) as caught:
            await imported(directory, CUSTOMERS)
        assert caught.value.message.endswith("If the process that imports it was killed, the book is free again in 30 seconds.")
        await clock.advance(31)

    await killed()
    await open_directory(database, tmp_path, clock=clock, created=False)
    assert set(await store.books()) == set(before)
    await killed()
    assert (await imported(directory, "Company;Phone\n;;;x\n")).code == "nothing-imported"
    assert set(await store.books()) == set(before)
    await killed()
    assert (await imported(directory, CUSTOMERS)).state is RunState.DONE
    assert [source.name for source in await store.all()] == ["Customers"]
    assert with_it == []


@pytest.mark.parametrize("filled", [False, True])
async def test_a_book_that_is_being_imported_without_a_source_is_not_removed(
    directory: Directory, monkeypatch: pytest.MonkeyPatch, filled: bool
) -> None:
    """Be it new, or one whose source was removed: neither has a source until the import is published."""
    replication = directory.replication
    if filled:
        await imported(directory, OTHERS)
        [source] = await replication.store.all()
        await replication.remove(source.id)
    now = replication._turns.now

    async def while_somebody_removes_it(*given: Any) -> Run:
        with pytest.raises(Conflict) as caught:
            await directory.remove_book("customers")
        assert caught.value.code == "book-being-imported"
        assert caught.value.message.startswith("The book Customers is being imported right now; wait until that is done.")
        return await now(*given)

    with monkeypatch.context() as patched:
        patched.setattr(replication._turns, "now", while_somebody_removes_it)
        run = await imported(directory, CUSTOMERS)
    assert (run.state, run.counts.added) == (RunState.DONE, 3)
    await directory.remove_book("customers")
    assert [book.id for book in await directory.books()] == ["own"]
    assert await replication.store.all() == []


async def test_written_by_hand(database: Database, tmp_path: Path) -> None:
    bus = Bus()
    told: list[object] = []

    async def hear(fact: object) -> None:
        told.append(fact)

    async def resync() -> None:
        raise AssertionError

    subscription = bus.subscribe("test", {DirectoryChanged: hear}, resync=resync)
    directory = await open_directory(database, tmp_path, bus=bus)
    made = await directory.create(NewContact(first_name="Ada", numbers=((NumberKind.MOBILE, "333 9912345"),)), "udine")
    assert directory.get(made.id) == made
    assert directory.identify("+393339912345") is not None
    await directory.remove(made.id)
    assert directory.identify("+393339912345") is None
    with pytest.raises(NotFound):
        directory.get(made.id)
    with pytest.raises(Invalid):
        await directory.create(NewContact(), "udine")
    assert subscription is not None
    assert bus.depths()["test"][0] == 2


async def test_an_import_tells_what_it_guessed_of_the_file(directory: Directory) -> None:
    unknown = ["Shoe size", *(f"X{number}" for number in range(20))]
    table = f"Company;Phone;{';'.join(unknown)}\nMüller;0432 1;42\n"
    file = await directory.uploads.put(table.encode("cp1252"), "crm.csv")
    found = await directory.replication.import_file(file, "Customers", "udine")
    assert (found.run.state, found.report.bad, found.source.name) == (RunState.DONE, [], "Customers")
    assert [(note.code, note.data) for note in found.notes] == [
        ("read-as-windows-1252", {}),
        ("columns-left-out", {"columns": f"{', '.join(unknown[:-1])}, …"}),
    ]


async def test_an_import_that_asks_leaves_a_book_without_a_source_as_it_was(directory: Directory, tmp_path: Path) -> None:
    """Neither the file nor its columns become the book's; it is made anew as it was. What the run found can be read."""
    await imported(directory, CUSTOMERS)
    replication = directory.replication
    [source] = await replication.store.all()
    await replication.remove(source.id)
    file = await directory.uploads.put(b"Company;First name;Nickname\nRossi;Mario;M\n", "other.csv")
    run = (await replication.import_file(file, "Customers", "")).run
    assert (run.state, run.code) == (RunState.ASKS, "many-removed")
    assert (await replication.runs.run(run.id)).state is RunState.REFUSED
    assert len((await replication.runs.report(run.id)).removed) == 3
    assert await replication.store.all() == []
    assert (await replication.store.as_made(source.id)).location_id == "udine"
    await replication.import_file(file, "Customers", "", agreed=True)
    assert [each.id for each in await replication.store.all()] == [source.id]
    await directory.refresh()
    assert len(directory.index) == 1


async def test_a_book_that_comes_while_contacts_by_hand_are_read_anew_stays(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_MOST_RECENT", 1)
    finish = SegmentBuilder.finish_in_memory
    customers = Layer(build([Contact("1", "customers", display_name="Anna Rossi")], "customers"))

    def while_another_book_comes(builder: SegmentBuilder) -> Segment:
        directory._index = directory.index.with_book("customers", customers)
        return finish(builder)

    monkeypatch.setattr(SegmentBuilder, "finish_in_memory", while_another_book_comes)
    await directory.create(NewContact("Ben Bianchi"), "")
    assert {hit.title for name in ("anna", "ben") for hit in await directory.search(name)} == {"Anna Rossi", "Ben Bianchi"}


async def test_imported_contacts_are_not_removed_by_hand(directory: Directory) -> None:
    await imported(directory, CUSTOMERS)
    hit = (await directory.search("mario"))[0]
    with pytest.raises(Conflict):
        await directory.remove(hit.id)


@contextmanager
def small_disk() -> Iterator[None]:
    """No file may grow beyond a megabyte, also of processes that are started meanwhile: as good as a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_full_disk_says_so_and_corrupts_nothing(sqlite: Database, tmp_path: Path) -> None:
    directory = await open_directory(sqlite, tmp_path)
    await imported(directory, CUSTOMERS)
    many = "Company;Phone\n" + "".join(f"Firm {secrets.token_hex(20)};0432 {n:06}\n" for n in range(20_000))
    with small_disk(), pytest.raises(Unavailable) as caught:
        await imported(directory, many)
    assert caught.value.code == "disk-full"
    fewer = "\n".join(many.splitlines()[:15_000])
    with small_disk():
        run = await imported(directory, fewer)
    assert (run.state, run.code) == (RunState.FAILED, "disk-full")
    assert directory.identify("+39043254612") is not None

    again = await open_directory(sqlite, tmp_path)
    assert len(again.index) == 3
    async with sqlite.read() as connection:
        assert await connection.scalar(text("PRAGMA integrity_check")) == "ok"


async def test_a_server_that_starts_on_a_full_disk_answers_and_writes_when_it_can(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = await open_directory(sqlite, tmp_path)
    await imported(directory, CUSTOMERS)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched, capture_logs() as logs:
        patched.setattr(manifest, "replace_file", full)
        patched.setattr(SegmentBuilder, "finish", full)
        again = await open_directory(sqlite, tmp_path)
        assert again.identify("+39043254612") is not None
        assert not again.awaited()
    assert [entry["event"] for entry in logs if entry["log_level"] == "warning"] == [
        "contacts written by hand wait to reach other processes",
        "the index waits to reach other processes",
    ]
    before = manifest.read(tmp_path / "directory").generation
    async with running(again):
        await until(lambda: manifest.read(tmp_path / "directory").generation > before)
        await until(lambda: set(manifest.read(tmp_path / "directory").books) == {"customers", "own"})


async def test_a_database_that_is_away_for_a_moment_costs_no_change(
    directory: Directory, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        monkeypatch.undo()
        raise Unavailable("database-away", "The database is away.")

    monkeypatch.setattr(directory.replication.layers, "known", away)
    with capture_logs() as logs:
        await imported(directory, CUSTOMERS)
    assert "files that nobody needs wait to be taken away" in [entry["event"] for entry in logs]
    assert directory.identify("+39043254612") is not None

    again = await open_directory(database, tmp_path, created=False)
    await imported(directory, "Company;Phone\nBianchi;0432 99\n", "Others")
    for file in (tmp_path / "directory").glob("customers-*"):
        file.unlink()
    async with database.write() as connection:
        await connection.execute(part_table.delete())
    monkeypatch.setattr(again.replication.store, "maker", away)
    with pytest.raises(Unavailable, match="is away"):
        await again.refresh()
    assert again.identify("+39043299") is not None
    async with running(again):
        await until(lambda: any((tmp_path / "directory").glob("customers-*.segment")))


async def test_of_two_imports_of_a_new_book_at_once_one_waits(directory: Directory) -> None:
    both = (imported(directory, CUSTOMERS, "New"), imported(directory, CUSTOMERS, "New"))
    found = await asyncio.gather(*both, return_exceptions=True)
    [done] = [each for each in found if not isinstance(each, BaseException)]
    assert (done.state, done.counts.added) == (RunState.DONE, 3)
    [refused] = [each for each in found if isinstance(each, Conflict)]
    assert refused.code == "book-being-imported"
    assert refused.message.startswith("The book New is being imported right now; wait until that is done.")


async def test_an_import_that_comes_as_soon_as_a_new_book_has_a_source_waits(
    directory: Directory, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The source of a new book comes with the run that reads it: in between nobody can put their file in its place."""
    other = await open_directory(database, tmp_path / "other", created=False)
    begin = directory.replication.store.begin
    refused: list[Conflict] = []

    async def and_another_one_comes(book: Book, run: Run) -> None:
        await begin(book, run)
        with pytest.raises(Conflict) as caught:
            await imported(other, OTHERS)
        refused.append(caught.value)

    monkeypatch.setattr(directory.replication.store, "begin", and_another_one_comes)
    run = await imported(directory, CUSTOMERS)
    assert (run.state, run.counts.added) == (RunState.DONE, 3)
    assert [fault.code for fault in refused] == ["book-being-imported"]
    assert refused[0].message.startswith("The book Customers is being imported right now; wait until that is done. If the")


async def test_an_import_reads_its_own_file_and_leaves_the_source_until_it_is_published(
    directory: Directory, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else's that is over before it begins is not read in its place; who dies in the middle leaves nothing behind."""
    other = await open_directory(database, tmp_path / "other", created=False)
    await imported(directory, CUSTOMERS)
    runs, store = directory.replication.runs, directory.replication.store
    begin = runs.begin
    others: list[Replicator] = []

    async def after_another_one(owner: str, mode: Mode, trigger: Trigger) -> Run:
        assert (await imported(other, OTHERS)).counts.removed == 3
        run = await begin(owner, mode, trigger)
        others.extend(await store.all())
        return run

    monkeypatch.setattr(runs, "begin", after_another_one)
    run = await imported(directory, CUSTOMERS)
    assert (run.state, run.counts.rows, run.counts.added) == (RunState.DONE, 3, 3)
    assert [source.settings["file"] for source in others] == [str(file) for file in (tmp_path / "other").glob("**/*.csv")]
    [source] = await store.all()
    assert Path(str(source.settings["file"])) in (tmp_path / "directory").glob("**/*.csv")
    assert (source.id, source.name) == (others[0].id, "Customers")


async def test_who_confirms_an_import_that_died_while_it_asked_makes_its_file_the_source(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    await imported(directory, CUSTOMERS)
    replication = directory.replication
    file = await directory.uploads.put(OTHERS.encode(), "others.csv")
    with monkeypatch.context() as patched:
        patched.setattr(replication, "refuse", replication.runs.run)
        run = (await replication.import_file(file, "Customers", "")).run
    assert (await replication.runs.run(run.id)).state is RunState.ASKS
    assert (await replication.confirm(run.id)).state is RunState.DONE
    [source] = await replication.store.all()
    assert (source.settings, source.location_id) == ({"file": str(file)}, "")
    assert (await replication.store.as_made(source.id)).mapping == source.mapping


async def test_a_file_that_is_too_large(directory: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unisono.directory.uploads.MAX_FILE", 20)
    with pytest.raises(Invalid) as caught:
        await imported(directory, CUSTOMERS)
    assert caught.value.code == "file-too-large"


async def test_the_loop_has_its_turn_while_something_is_looked_for(directory: Directory) -> None:
    order: list[str] = []

    def work(name: str) -> Breathing[str]:
        for _ in range(5):
            begin = time.perf_counter()
            while time.perf_counter() - begin < 0.003:
                pass
            order.append(name)
            yield
        return name

    async def others() -> None:
        while order.count("b") < 5:
            order.append("others")
            await asyncio.sleep(0)

    found = await asyncio.gather(directory.in_turn(work("a")), directory.in_turn(work("b")), others())
    assert [*found] == ["a", "b", None]
    assert [name for name in order if name != "others"] == ["a"] * 5 + ["b"] * 5
    assert all("others" in order[at : at + 2] for at in range(1, len(order) - 1))


async def test_a_file_that_cannot_be_meant_says_what_to_do(directory: Directory, tmp_path: Path) -> None:
    for name in ("untitled.csv", "old.xls"):
        (tmp_path / name).write_text("foo;bar\n1;2\n3;4\n")
    (tmp_path / "wide.csv").write_text(";".join(["foo"] * 21) + "\n" + ";".join(["1"] * 21))
    os.mkfifo(tmp_path / "pipe.csv")
    for name, said in (
        ("untitled.csv", "there are: Column 1, Column 2. Give them titles such as Name"),
        ("wide.csv", "Column 20, …. Give them titles"),
        ("old.xls", "how to read old.xls. Save it as one of these: .csv"),
        ("pipe.csv", "pipe.csv is no file but a folder, a pipe or a device. Name a file, and save as one what a pipe gives."),
        ("none.csv", "There is no file"),
    ):
        with pytest.raises(Invalid) as caught:
            await directory.replication.import_file(tmp_path / name, "Customers", "udine")
        assert said in caught.value.message
    assert await directory.replication.store.all() == []
