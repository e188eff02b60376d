"""Replicators over a real database and with the real import process: full and incremental runs, and all that may go wrong."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from tests.pure.directory.rules import plain
from tests.rooms.directory_rig import open_directory, running, until
from tests.rooms.replicators_rig import BOOK, MAPPING, Office, as_it_is, at_work, layers

from unisono.app.backup import backup, restore
from unisono.directory.manifest import index, read
from unisono.directory.replicators.mapping import Rule
from unisono.directory.replicators.model import Hook, Options, Replicator
from unisono.directory.replicators.tables import layer_table, page_table, part_table, replicator_table
from unisono.directory.runs.model import Counts, Mode, RunState, Trigger
from unisono.directory.runs.store import LEASE
from unisono.directory.runs.tables import run_table
from unisono.directory.settings import DirectorySettings
from unisono.kernel.clock import ManualClock
from unisono.kernel.errors import Conflict, Fault, Invalid, NotFound, Retry
from unisono.storage import Database


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> AsyncIterator[Office]:
    async with at_work(database, tmp_path) as made:
        yield made


async def test_the_first_run_fills_the_book(office: Office) -> None:
    run = await office.read()
    assert (run.state, run.counts) == (RunState.DONE, Counts(rows=20, total=20, added=20))
    assert len(office.names()) == 20
    assert office.who("+39043255" + "0007") == "Contact 7"
    assert await layers(office) == [(20, 0)]
    report = await office.runs.runs.report(run.id)
    assert (len(report.added), report.added[0].new["Name"]) == (20, "Contact 0")


@pytest.mark.both_databases
async def test_a_second_run_writes_only_what_changed(office: Office) -> None:
    await office.read()
    again = await office.read()
    assert again.counts == Counts(rows=20, total=20, unchanged=20)
    assert await layers(office) == [(20, 0)]
    rows = [f"{n};Contact {n};0432 55{n:04};" for n in range(1, 20)]
    office.write(*rows[:-1], "19;Contact 19;0432 559999;moved", "20;New;0432 550020;")
    run = await office.read()
    assert run.counts == Counts(rows=20, total=20, added=1, changed=1, removed=1, unchanged=18)
    assert await layers(office) == [(20, 0), (2, 1)]
    assert office.who("+390432559999") == "Contact 19"
    assert office.who("+390432550019") == ""
    assert office.who("+390432550000") == ""
    assert len(office.names()) == 20
    report = await office.runs.runs.report(run.id)
    assert report.changed[0].old == {"Note": "", "Phone": "0432 550019"}
    assert report.changed[0].new == {"Note": "moved", "Phone": "0432 559999"}
    assert [(change.key, change.old["Name"]) for change in report.removed] == [("0", "Contact 0")]


@pytest.mark.both_databases
async def test_many_changes_make_one_layer_again(office: Office) -> None:
    await office.read()
    rows = [f"{n};Contact {n};0432 55{n:04};" for n in range(20)]
    for turn in range(3):
        rows[turn] = f"{turn};Renamed {turn};0432 55{turn:04};"
        office.write(*rows)
        await office.read()
    assert await layers(office) == [(20, 0), (1, 0), (1, 0), (1, 0)]
    rows[0] = "0;Contact 0;0432 550000;"
    rows[3] = "3;Renamed 3;0432 550003;"
    office.write(*rows)
    run = await office.read()
    assert run.counts.changed == 2
    assert await layers(office) == [(20, 0)]
    renamed, others = [f"Renamed {n}" for n in (1, 2, 3)], [f"Contact {n}" for n in (0, *range(4, 20))]
    assert office.names() == sorted([*renamed, *others])


async def test_a_dry_run_reports_and_changes_nothing(office: Office) -> None:
    await office.read()
    office.write(*(f"{n};Contact {n};0432 55{n:04};" for n in range(10)), "99;New;0432 1;", "5;Twice;0432 1;")
    run = await office.read(Mode.DRY)
    assert run.counts == Counts(rows=12, total=12, added=1, removed=10, unchanged=10, failed=1)
    report = await office.runs.runs.report(run.id)
    assert [change.name for change in report.added] == ["New"]
    assert len(report.removed) == 10
    assert [(bad.line, bad.code) for bad in report.bad] == [(13, "key-twice")]
    assert len(office.names()) == 20
    assert (await office.read()).state is RunState.ASKS


@pytest.mark.both_databases
async def test_a_run_that_would_remove_much_asks(office: Office) -> None:
    await office.read()
    office.write(*(f"{n};Contact {n};0432 55{n:04};" for n in range(15)))
    run = await office.read()
    assert (run.state, run.code) == (RunState.ASKS, "many-removed")
    assert (run.data["removed"], run.data["contacts"]) == (5, 20)
    assert len(office.names()) == 20
    assert (await office.runs.refuse(run.id)).state is RunState.REFUSED
    with pytest.raises(Conflict):
        await office.runs.confirm(run.id)
    run = await office.read()
    assert (await office.runs.confirm(run.id)).state is RunState.DONE
    assert len(office.names()) == 15
    assert (await office.read()).counts == Counts(rows=15, total=15, unchanged=15)


async def test_an_answer_that_comes_too_late_changes_nothing(office: Office) -> None:
    await office.read()
    office.write("1;Contact 1;0432 550001;")
    asking = await office.read()
    office.write(*(f"{n};Contact {n};0432 55{n:04};" for n in range(21)))
    assert (await office.read()).state is RunState.DONE
    with pytest.raises(Conflict):
        await office.runs.confirm(asking.id)
    assert len(office.names()) == 21


async def test_a_source_that_returns_nothing(office: Office) -> None:
    await office.read()
    office.write("1;;;only a note")
    run = await office.read()
    assert (run.state, run.code, run.counts.failed) == (RunState.ASKS, "source-empty", 1)
    assert len(office.names()) == 20


async def test_a_source_whose_columns_change(office: Office) -> None:
    await office.read()
    office.write(*(f"{n};Contact {n};0432 55{n:04}" for n in range(20)), titles="Id;Name;Telephone")
    run = await office.read()
    assert (run.state, run.code, run.data["columns"]) == (RunState.ASKS, "columns-changed", "Note, Phone")
    assert office.who("+390432550007") == "Contact 7"
    office.write("x;y", titles="A;B")
    run = await office.read()
    assert (run.state, run.code) == (RunState.FAILED, "unknown-column")


async def test_a_source_in_another_encoding(office: Office) -> None:
    await office.read()
    rows = "".join(f"{n};Müller {n};0432 55{n:04};\n" for n in range(20))
    office.file.write_bytes(f"Id;Name;Phone;Note\n{rows}".encode("utf-16"))
    run = await office.read()
    assert (run.state, run.counts.changed) == (RunState.DONE, 20)
    assert office.who("+390432550007") == "Müller 7"
    office.file.write_bytes(b"\x00\x01\x02" * 100)
    run = await office.read()
    assert (run.state, run.code) == (RunState.FAILED, "not-text")
    assert len(office.names()) == 20


async def test_a_source_that_is_gone(office: Office) -> None:
    await office.read()
    office.file.unlink()
    run = await office.read()
    assert (run.state, run.code) == (RunState.FAILED, "no-file")
    assert str(office.file) in run.message
    assert len(office.names()) == 20


async def test_rows_without_a_key_keep_their_ids(office: Office) -> None:
    await office.configure(mapping=plain({"Name": "display_name", "Phone": "phone_business", "Note": "note"}))
    office.write("1;A;0432 551111;x", "2;A;0432 551111;y", "3;A;0432 551111;x", "4;B;0432 552222;")
    run = await office.read()
    assert (run.counts.added, run.counts.failed) == (3, 1)
    report = await office.runs.runs.report(run.id)
    assert [(bad.line, bad.code, bad.data) for bad in report.bad] == [(4, "row-twice", {"first": 2})]
    before = (await office.directory.search("b"))[0].id
    office.write("1;A;0432 551111;x", "2;A;0432 551111;y", "4;B;0432 552222;now with a note")
    run = await office.read()
    assert (run.counts.changed, run.counts.unchanged) == (1, 2)
    assert (await office.directory.search("b"))[0].id == before


async def test_a_contact_that_becomes_private_goes(office: Office) -> None:
    await office.configure(mapping=(*MAPPING, *plain({"Private": "private_contact"})))
    titles = "Id;Name;Phone;Note;Private"
    rows = [f"{n};Contact {n};0432 55{n:04};;" for n in range(20)]
    office.write(*rows, titles=titles)
    await office.read()
    rows[3] = "3;Contact 3;0432 550003;;yes"
    rows[4] = f"4;{'x' * 3000};0432 550004;;"
    office.write(*rows, titles=titles)
    run = await office.read()
    assert (run.counts.removed, run.counts.failed, run.counts.unchanged) == (1, 2, 18)
    assert office.who("+390432550003") == ""
    assert office.who("+390432550004") == "Contact 4"  # what is too long to be taken leaves what was there
    rows[10:] = [f"{n};Renamed {n};0432 55{n:04};;" for n in range(10, 20)]
    office.write(*rows, titles=titles)
    await office.read()
    assert await layers(office) == [(19, 0)]  # all of it was written anew
    assert office.who("+390432550004") == "Contact 4"
    rows[4] = "4;Found again;0432 550004;;"
    office.write(*rows, titles=titles)
    assert (await office.read()).counts.changed == 1
    assert office.who("+390432550004") == "Found again"


async def test_a_changed_mapping_makes_contacts_anew_without_the_source(office: Office) -> None:
    await office.read()
    office.file.unlink()
    rules = (*plain({"Id": "entry_id", "Phone": "phone_mobile"}), replace_name("{Name:upper} ({Id})"))
    await office.configure(mapping=rules, link="https://crm.example/contacts/{Id}")
    [run] = [r for r in await office.runs.runs.runs(office.id) if r.mode is Mode.REMAKE]
    assert (await office.runs.wait(run)).state is RunState.DONE
    found = (await office.directory.search("contact 7"))[0]
    assert found.title == "CONTACT 7 (7)"
    assert office.directory.get(found.id).direct_link == "https://crm.example/contacts/7"


def replace_name(expression: str) -> object:
    return Rule("display_name", expression)


async def test_limits(office: Office) -> None:
    await office.configure(options=Options(most_rows=5))
    run = await office.read()
    assert (run.state, run.code) == (RunState.FAILED, "too-many-rows")
    assert office.names() == []


async def test_hooks(office: Office, tmp_path: Path) -> None:
    program = tmp_path / "programs" / "note"
    program.write_text(f"#!{sys.executable}\nimport sys\nopen(sys.argv[1], 'a').write(sys.stdin.read() + '\\n')\n")
    program.chmod(0o755)
    out = tmp_path / "told"
    hook = Hook(("note", str(out)))
    await office.configure(options=Options(before=hook, after=hook))
    await office.read()
    before, after = [json.loads(line) for line in out.read_text().splitlines()]
    assert (before["event"], before["name"], before["mode"]) == ("before-run", "CRM", "full")
    assert (after["event"], after["state"], after["counts"]["added"]) == ("after-run", "done", 20)
    program.write_text(f"#!{sys.executable}\nimport sys\nsys.exit('the CRM is closed')\n")
    run = await office.read()
    assert (run.state, run.code) == (RunState.FAILED, "hook-failed")
    assert "the CRM is closed" in run.message
    for wrong in ("../note", "nothing", "/bin/true"):
        with pytest.raises(Invalid):
            await office.configure(options=Options(before=Hook((wrong,))))


async def test_only_allowed_files_are_read(office: Office, tmp_path: Path) -> None:
    for wrong in ("/etc/passwd", str(tmp_path / "files" / ".." / "x.csv")):
        with pytest.raises(Invalid) as caught:
            await office.configure(settings={"file": wrong})
        assert caught.value.code == "file-not-allowed"
    with pytest.raises(Invalid) as caught:
        await office.configure(kind="sql", settings={"url": f"sqlite:///{tmp_path}/unisono.sqlite3", "query": "users"})
    assert caught.value.code == "file-not-allowed"


async def test_a_file_is_allowed_as_long_as_it_is(office: Office, database: Database, tmp_path: Path) -> None:
    """A link that leads elsewhere since, and folders that the operator no longer allows, are refused when it is read."""
    await office.read()
    elsewhere = tmp_path / "elsewhere.csv"
    office.file.rename(elsewhere)
    office.file.symlink_to(elsewhere)
    run = await office.read()
    assert (run.state, run.code, run.data["file"]) == (RunState.FAILED, "file-not-allowed", str(office.file))
    source = await office.runs.store.get(office.id)
    with pytest.raises(Fault) as caught:
        await office.runs.look(source.id, "csv", source.settings, MAPPING, "udine", 5)
    assert caught.value.code == "file-not-allowed"
    office.file.unlink()
    elsewhere.rename(office.file)
    assert (await office.read()).state is RunState.DONE
    async with running(await open_directory(database, tmp_path, settings=DirectorySettings())) as narrowed:
        runs = narrowed.replication
        run = await runs.wait(await runs.start(office.id, Mode.FULL, Trigger.SCHEDULE))
        assert (run.state, run.code) == (RunState.FAILED, "file-not-allowed")
        run = await runs.now(office.id, Mode.FULL, Trigger.COMMAND)
        assert run.state is RunState.DONE
    assert len(office.names()) == 20


@pytest.mark.both_databases
async def test_one_run_at_a_time(office: Office) -> None:
    first = await office.runs.start(office.id, Mode.FULL, Trigger.MANUAL)
    with pytest.raises(Conflict) as caught:
        await office.runs.start(office.id, Mode.FULL, Trigger.MANUAL)
    assert caught.value.retry is Retry.LATER
    assert (await office.runs.wait(first)).state is RunState.DONE


async def test_cancelled_while_it_waits(office: Office) -> None:
    run = await office.runs.start(office.id, Mode.FULL, Trigger.MANUAL)
    await office.runs.cancel(run.id)
    assert (await office.runs.wait(run)).state is RunState.CANCELLED
    assert office.names() == []
    with pytest.raises(Conflict):
        await office.runs.cancel(run.id)


@pytest.mark.both_databases
async def test_what_another_process_publishes_is_taken_over(office: Office, database: Database, tmp_path: Path) -> None:
    """A command line beside the server, or another node in front of the same database."""
    elsewhere = tmp_path / "elsewhere"
    settings = DirectorySettings(files=str(tmp_path / "files"))
    other = await open_directory(database, tmp_path if database.sqlite else elsewhere, settings=settings)
    async with running(other):
        run = await office.read()
        assert run.state is RunState.DONE
        await until(lambda: len(other.index.books.get("crm", ())) == 1)
    found = other.identify("+390432550007")
    assert found is not None
    assert found.name == "Contact 7"


async def test_the_manifest_tells_other_processes_everything(office: Office, tmp_path: Path) -> None:
    await office.read()
    rows = [f"{n};Contact {n};0432 55{n:04};" for n in range(1, 20)]
    office.write(*rows)
    await office.read()
    folder = tmp_path / "directory"
    picture, _ = index(folder, read(folder))
    assert picture.count("crm") == 19
    assert picture.books["own"] is not None


async def test_a_lost_segment_is_made_anew(office: Office, database: Database, tmp_path: Path) -> None:
    await office.read()
    [file] = [path for path in (tmp_path / "directory").iterdir() if path.name.startswith("crm-")]
    file.unlink()
    again = await open_directory(database, tmp_path)
    async with running(again):
        await until(lambda: again.identify("+390432550007") is not None)


def lost(folder: Path) -> None:
    for path in (folder / "directory").iterdir():
        if path.name.startswith("crm-"):
            path.unlink()


async def nothing_of_books(database: Database) -> bool:
    async with database.read() as connection:
        tables = (replicator_table, run_table, layer_table, page_table)
        return not any([(await connection.execute(select(table))).first() for table in tables])


async def test_a_lost_segment_is_made_anew_when_a_dead_process_lets_go(tmp_path: Path, sqlite: Database) -> None:
    clock = ManualClock()
    settings = DirectorySettings(files=str(tmp_path / "files"))
    (tmp_path / "files").mkdir()
    async with running(await open_directory(sqlite, tmp_path, settings=settings, clock=clock)) as directory:
        office = Office(directory, tmp_path)
        office.write("1;Anna;0432 550001;")
        await office.configure()
        await office.read()
    lost(tmp_path)
    async with sqlite.write() as connection:
        # The process that read it was killed, and its server with it.
        held = {"state": RunState.RUNNING.value, "lease": clock.now() + LEASE}
        await connection.execute(update(run_table).values(**held))
    async with running(await open_directory(sqlite, tmp_path, settings=settings, clock=clock, created=False)) as again:
        with pytest.raises(Conflict, match="free again in 30 seconds"):
            await again.replication.start(office.id, Mode.FULL, Trigger.MANUAL)
        assert again.identify("+390432550001") is None
        async with asyncio.timeout(60):
            while again.identify("+390432550001") is None:
                await clock.advance(1)
                await asyncio.sleep(0)


@pytest.mark.both_databases
async def test_a_book_outlives_its_source_and_its_files(office: Office, database: Database, tmp_path: Path) -> None:
    await office.configure(link="https://crm.example/{Id}", schedule="0 4 * * *", secret="hook")
    await office.read()
    office.write(*(f"{n};Contact {n};0432 55{n:04};" for n in range(1, 20)))
    await office.read()
    before = (await office.directory.search("contact 7"))[0].id
    await office.runs.remove(office.id)
    assert await office.runs.store.all() == []
    assert await office.runs.store.of_book("crm") is None
    with pytest.raises(NotFound):
        await office.runs.store.get(office.id)
    with pytest.raises(NotFound):
        await office.runs.start(office.id, Mode.FULL, Trigger.MANUAL)
    assert await office.runs.store.secret(office.id) == ""
    kept = await office.runs.store.as_made(office.id)
    assert (kept.settings, kept.schedule, kept.link) == ({}, "", "https://crm.example/{Id}")
    lost(tmp_path)
    async with database.write() as connection:
        await connection.execute(delete(part_table))
    again = await open_directory(database, tmp_path)
    async with running(again):
        await until(lambda: again.identify("+390432550007") is not None)
        assert again.identify("+390432550000") is None
        assert again.get(before).direct_link == "https://crm.example/7"
        await again.remove_book("crm")
        assert again.identify("+390432550007") is None
        assert await nothing_of_books(database)


@pytest.mark.both_databases
async def test_a_book_outlives_its_source_in_a_backup(office: Office, database: Database, tmp_path: Path) -> None:
    await office.configure(link="https://crm.example/{Id}")
    await office.read()
    await office.runs.remove(office.id)
    await backup(database, tmp_path / "backup.tar.gz")
    other = Database(f"sqlite+aiosqlite:///{tmp_path / 'other.sqlite3'}")
    await restore(other, tmp_path / "backup.tar.gz")
    (tmp_path / "other").mkdir()
    async with running(await open_directory(other, tmp_path / "other", created=False)) as again:
        await until(lambda: again.identify("+390432550007") is not None)
        assert again.get((await again.search("contact 7"))[0].id).direct_link == "https://crm.example/7"
    await other.close()


async def test_a_book_is_made_anew_as_it_was_until_its_next_source_has_been_read(
    office: Office, database: Database, tmp_path: Path
) -> None:
    async def found_anew(number: str) -> None:
        lost(tmp_path)
        again = await open_directory(database, tmp_path)
        async with running(again):
            await until(lambda: again.identify(number) is not None)

    await office.read()
    settings: dict[str, object] = {"file": str(office.file)}
    mapping = plain({"Number": "entry_id", "Who": "display_name", "Call": "phone_business"})
    successor = Replicator("", "CRM", "", "csv", settings=settings, mapping=mapping, location_id="udine")
    office.write(*(f"{n};Person {n};0432 66{n:04}" for n in range(20)), titles="Number;Who;Call")
    for _ in range(2):
        await office.runs.remove(office.id)
        office.id = (await office.runs.save(successor, BOOK)).id
        await found_anew("+390432550007")
    assert (await office.read()).state is RunState.DONE
    await office.runs.remove(office.id)
    await found_anew("+390432660007")


async def test_the_same_records_become_other_contacts_through_another_mapping(office: Office) -> None:
    """A new source of a book reads the same records otherwise; so does one whose contacts could not be made anew at once."""
    await office.read()
    await office.runs.remove(office.id)
    settings: dict[str, object] = {"file": str(office.file)}
    mapping = plain({"Id": "entry_id", "Name": "company", "Phone": "phone_mobile"})
    successor = Replicator("", "CRM", "", "csv", settings=settings, mapping=mapping, location_id="udine")
    office.id = (await office.runs.save(successor, BOOK)).id
    dry = await office.read(Mode.DRY)
    assert (dry.counts.changed, dry.counts.unchanged) == (20, 0)
    run = await office.read()
    assert (run.state, run.counts.changed, run.counts.unchanged, run.counts.removed) == (RunState.DONE, 20, 0, 0)
    contact = office.directory.get((await office.directory.search("contact 7"))[0].id)
    assert (contact.company, contact.numbers[0].kind.value) == ("Contact 7", "mobile")
    assert (await office.read()).counts == Counts(20, 20, unchanged=20)

    saved = await office.runs.store.get(office.id)
    await office.runs.store.save(saved, BOOK, as_it_is(replace(saved, mapping=MAPPING)))
    run = await office.read(Mode.INCREMENTAL)
    assert (run.mode, run.counts.changed) == (Mode.FULL, 20)
    assert office.directory.get(contact.id).company == ""


async def test_a_source_that_never_filled_its_book_leaves_nothing(office: Office, database: Database) -> None:
    await office.runs.remove(office.id)
    assert await nothing_of_books(database)
