"""Replicators when something comes between: runs that wait or hang, schedules that cannot be kept, a full disk."""

import asyncio
import errno
import itertools
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from pathlib import Path

import msgspec
import openpyxl
import pytest
from tests.pure.directory.rules import plain
from tests.rooms.directory_rig import UDINE, open_directory, running, until
from tests.rooms.http_peer import Asked, Given, as_json, serving
from tests.rooms.replicators_rig import Office, as_it_is, at_work, settings_of

from unisono.directory import manifest
from unisono.directory.exporters.model import ExportColumn, Exporter
from unisono.directory.model import Book
from unisono.directory.replicators import hands
from unisono.directory.replicators.hands import Beside, Here, T
from unisono.directory.replicators.job import Job
from unisono.directory.replicators.mapping import Rule
from unisono.directory.replicators.model import Hook, Options, Replicator
from unisono.directory.replicators.run import Runner
from unisono.directory.runs.model import Counts, Mode, RunState, Trigger
from unisono.directory.runs.modest import MOST_MEMORY
from unisono.directory.service import Directory, NewContact
from unisono.kernel.clock import ManualClock, SystemClock
from unisono.kernel.errors import Conflict, Culprit, Fault, Retry
from unisono.storage import Database


@pytest.fixture
async def office(sqlite: Database, tmp_path: Path) -> AsyncIterator[Office]:
    async with at_work(sqlite, tmp_path) as made:
        yield made


class Gate:
    """A hook's program that waits until it may go on."""

    def __init__(self, folder: Path) -> None:
        self._begun, self._open = folder / "begun", folder / "open"
        program = folder / "programs" / "gate"
        program.write_text(
            f"#!{sys.executable}\nimport os, pathlib, time\n"
            f"pathlib.Path({str(self._begun) + '.new'!r}).write_text(str(os.getpid()))\n"
            f"os.rename({str(self._begun) + '.new'!r}, {str(self._begun)!r})\n"
            f"while not pathlib.Path({str(self._open)!r}).exists(): time.sleep(0.02)\n"
        )
        program.chmod(0o755)
        self.hook = Hook(("gate",))

    async def reached(self) -> None:
        await until(self._begun.exists)

    def open(self) -> None:
        self._open.touch()

    def runs(self) -> bool:
        """Whether a program that waits, or has waited, is still there."""
        return Path("/proc", self._begun.read_text()).exists()


async def other_source(directory: Directory, file: Path, **more: object) -> Replicator:
    wanted = Replicator(
        "", "Other", "", "csv", settings={"file": str(file)}, mapping=plain({"Name": "display_name"}),
        location_id="udine", **more,  # type: ignore[arg-type]
    )  # fmt: skip
    return await directory.replication.save(wanted, Book("other", "Other"))


async def test_a_server_that_stops_after_the_contacts_are_there(sqlite: Database, tmp_path: Path) -> None:
    async with running(await open_directory(sqlite, tmp_path, settings=settings_of(tmp_path))) as directory:
        office = Office(directory, tmp_path)
        office.write("1;Anna;0432 550001;")
        gate = Gate(tmp_path)
        await office.configure(options=Options(after=gate.hook))
        run = await office.runs.start(office.id, Mode.FULL, Trigger.MANUAL)
        await gate.reached()
        assert gate.runs()
    ended = await office.runs.runs.run(run.id)
    assert (ended.state, ended.ended is not None, ended.counts.added) == (RunState.DONE, True, 1)
    assert not gate.runs()


async def test_a_run_that_waits_lives_and_can_be_stopped(sqlite: Database, tmp_path: Path) -> None:
    clock = ManualClock()
    async with running(await open_directory(sqlite, tmp_path, settings=settings_of(tmp_path), clock=clock)) as directory:
        office = Office(directory, tmp_path)
        office.write("1;Anna;0432 550001;")
        gate = Gate(tmp_path)
        await office.configure(options=Options(before=gate.hook))
        other = await other_source(directory, office.file)
        async with asyncio.TaskGroup() as tasks:
            first = tasks.create_task(office.runs.now(office.id, Mode.FULL, Trigger.MANUAL))
            await gate.reached()
            second = await office.runs.start(other.id, Mode.FULL, Trigger.MANUAL)
            for _ in range(6):
                await clock.advance(15)
                await asyncio.sleep(0.1)
            with pytest.raises(Conflict):
                await office.runs.start(other.id, Mode.FULL, Trigger.MANUAL)
            await office.runs.cancel(second.id)
            assert (await office.runs.wait(second)).state is RunState.CANCELLED
            assert [run.state for run in await office.runs.last(other.id, 5)] == [RunState.CANCELLED]
            third = await office.runs.start(other.id, Mode.FULL, Trigger.MANUAL)
            gate.open()
        assert first.result().state is RunState.DONE
        assert (await office.runs.wait(third)).state is RunState.DONE
        assert directory.index.count("other") == 1


async def test_a_run_that_somebody_waits_for_can_be_stopped_before_its_turn(sqlite: Database, tmp_path: Path) -> None:
    async with running(await open_directory(sqlite, tmp_path, settings=settings_of(tmp_path))) as directory:
        office = Office(directory, tmp_path)
        office.write("1;Anna;0432 550001;")
        gate = Gate(tmp_path)
        await office.configure(options=Options(before=gate.hook))
        other = await other_source(directory, office.file)
        async with asyncio.TaskGroup() as tasks:
            first = tasks.create_task(office.runs.now(office.id, Mode.FULL, Trigger.MANUAL))
            await gate.reached()
            second = tasks.create_task(office.runs.now(other.id, Mode.FULL, Trigger.MANUAL))
            await until(lambda: bool(office.runs._turns._waiting))
            [begun] = await office.runs.last(other.id, 5)
            await office.runs.cancel(begun.id)
            assert (await office.runs.shown(begun.id)).state is RunState.CANCELLED
            gate.open()
        assert (first.result().state, second.result().state) == (RunState.DONE, RunState.CANCELLED)
        assert directory.index.count("other") == 0


async def test_a_mistake_in_what_does_the_runs_is_seen_and_ends_nothing(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = ManualClock()
    async with running(await open_directory(sqlite, tmp_path, settings=settings_of(tmp_path), clock=clock)) as directory:
        office = Office(directory, tmp_path)
        office.write("1;Anna;0432 550001;")
        await office.configure()
        with monkeypatch.context() as patch:
            patch.setattr(office.runs, "_changed", None)
            run = await office.runs.start(office.id, Mode.FULL, Trigger.MANUAL)
            assert (await office.runs.wait(run)).code == "run-lost"
            await until(lambda: directory.works.failures["sources: runs"] == 1)
            patch.setattr(office.runs.store, "all", None)
            async with asyncio.timeout(60):
                while not directory.works.failures["sources: times"]:
                    await clock.advance(60)
                    await asyncio.sleep(0.02)
        await clock.advance(60)
        run = await office.runs.start(office.id, Mode.FULL, Trigger.MANUAL)
        assert (await office.runs.wait(run)).state is RunState.DONE


async def test_a_schedule_that_cannot_be_kept_is_no_matter_of_the_others(sqlite: Database, tmp_path: Path) -> None:
    clock = ManualClock()
    async with running(await open_directory(sqlite, tmp_path, settings=settings_of(tmp_path), clock=clock)) as directory:
        file = tmp_path / "files" / "other.csv"
        file.write_text("Name\nAnna\n")
        store = directory.replication.store
        plug_in = Replicator("", "A kind of a plug-in", "", "gone", schedule="every 1 minute")
        await store.save(plug_in, Book("gone", "Gone"), as_it_is(plug_in))
        await other_source(directory, file, schedule="every 1 minute")
        await clock.advance(90)
        await until(lambda: directory.index.count("other") == 1)


async def test_what_is_read_is_not_changed_under_a_run(office: Office, tmp_path: Path) -> None:
    await office.read()
    gate = Gate(tmp_path)
    await office.configure(options=Options(before=gate.hook))
    office.write("1;Anna;0432 550001;")
    run = await office.runs.start(office.id, Mode.FULL, Trigger.MANUAL)
    await gate.reached()
    upper = plain({"Id": "entry_id", "Phone": "phone_mobile", "Name": "company"})
    with pytest.raises(Conflict):
        await office.configure(mapping=upper)
    await office.configure(schedule="every 1 day")
    gate.open()
    assert (await office.runs.wait(run)).state is RunState.ASKS
    await office.configure(settings={"file": str(office.file), "delimiter": ";"})
    with pytest.raises(Conflict):
        await office.runs.confirm(run.id)
    assert len(office.names()) == 20


async def test_many_at_once_wait(office: Office, tmp_path: Path) -> None:
    gate = Gate(tmp_path)
    await office.configure(options=Options(before=gate.hook))
    first = await office.runs.start(office.id, Mode.FULL, Trigger.MANUAL)
    await gate.reached()
    sources = [
        await office.runs.save(
            Replicator("", f"S{n}", "", "csv", settings={"file": str(office.file)}, mapping=plain({"Name": "display_name"})),
            Book(f"s{n}", f"S{n}"),
        )
        for n in range(25)
    ]
    begun = await asyncio.gather(
        *(office.runs.start(source.id, Mode.DRY, Trigger.MANUAL) for source in sources), return_exceptions=True
    )
    assert not [each for each in begun if isinstance(each, BaseException) and not isinstance(each, Conflict)]
    for run in begun:
        if not isinstance(run, BaseException):
            await office.runs.cancel(run.id)
    gate.open()
    assert (await office.runs.wait(first)).state is RunState.DONE


async def test_a_full_disk_stops_nothing(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, parts: Iterable[bytes]) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(manifest, "replace_file", full)
    await office.directory.create(NewContact("Anna"), "udine")
    run = await office.read()
    assert run.state is RunState.DONE
    assert office.names() == []
    monkeypatch.undo()
    await until(lambda: len(office.names()) == 20)
    await until(lambda: manifest.index(tmp_path / "directory", manifest.read(tmp_path / "directory"))[0].count("own") == 1)


async def test_the_folder_of_a_long_run_stays(office: Office, tmp_path: Path) -> None:
    gate = Gate(tmp_path)
    await office.configure(options=Options(before=gate.hook))
    run = await office.runs.start(office.id, Mode.FULL, Trigger.MANUAL)
    await gate.reached()
    [folder] = (tmp_path / "directory").glob("*.runs")
    long_ago = time.time() - 7_200
    os.utime(folder, (long_ago, long_ago))
    left = folder.with_name("of-a-run-that-is-over.runs")
    left.mkdir()
    os.utime(left, (long_ago, long_ago))
    await office.directory.create(NewContact("Anna"), "udine")
    await until(lambda: not left.exists())
    assert folder.exists()
    gate.open()
    assert (await office.runs.wait(run)).state is RunState.DONE


async def test_a_source_that_gives_nothing_for_ever(sqlite: Database, tmp_path: Path) -> None:
    directory = await open_directory(sqlite, tmp_path)
    asked = itertools.count()

    def answer(request: Asked) -> Given:
        number = next(asked)
        return as_json({"items": [], "next": f"/?{number}" if number < 10_000 else ""})

    with serving(answer) as peer:
        wanted = Replicator(
            "", "Empty", "", "rest", settings={"url": peer.url, "paging": "next", "next": "next", "records": "items"},
            mapping=plain({"Name": "display_name"}),
        )  # fmt: skip
        saved = await directory.replication.save(wanted, Book("empty", "Empty"))
        run = await directory.replication.runs.begin(saved.id, Mode.FULL, Trigger.MANUAL)
        impatient = replace(saved, options=Options(most_seconds=1))
        job = Job(impatient, run, UDINE, tmp_path / "directory")
        job.runs.mkdir()
        runner = Runner(job, directory.replication.layers, [Here(job.calls())], SystemClock(), told)
        with pytest.raises(Fault) as caught:
            await runner.run()
        assert caught.value.code == "too-slow"
        asked = itertools.count(10_000)


async def test_a_table_that_becomes_a_workbook_under_the_same_name(office: Office) -> None:
    await office.read()
    workbook = openpyxl.Workbook()
    for row in (("Id", "Name", "Phone"), ("1", "Somebody else", "0432 550001")):
        workbook.active.append(row)
    workbook.save(office.file)
    run = await office.read()
    assert (run.state, run.code) == (RunState.FAILED, "not-text")
    assert "Save the table as CSV" in run.message
    assert (len(office.names()), office.who("+390432550007")) == (20, "Contact 7")


class AsBeside(Here):
    """Takes its arguments as they come from another process."""

    async def call(self, name: str, *args: object, type: type[T]) -> T:
        return await super().call(name, *msgspec.msgpack.decode(msgspec.msgpack.encode(args)), type=type)


async def test_a_file_that_is_cut_off_while_it_is_read_changes_nothing(sqlite: Database, tmp_path: Path) -> None:
    def write(name: str) -> None:
        file.write_text("".join(f"BEGIN:VCARD\nUID:{n}\nFN:{name} {n}\nEND:VCARD\n" for n in range(5_000)))

    async with running(await open_directory(sqlite, tmp_path, settings=settings_of(tmp_path))) as directory:
        office = Office(directory, tmp_path)
        file = office.file.with_suffix(".vcf")
        write("Before")
        mapping = plain({"UID": "entry_id", "FN": "display_name"})
        cards = await office.configure(kind="vcard", settings={"file": str(file)}, mapping=mapping)
        assert (await office.read()).counts.added == 5_000
        write("After")
        run = await office.runs.runs.begin(cards.id, Mode.FULL, Trigger.MANUAL)
        layers = tuple((await office.runs.layers.published("crm"))["crm"])
        job = Job(cards, run, UDINE, tmp_path / "directory", layers)
        job.runs.mkdir()

        async def meanwhile(counts: Counts) -> None:
            os.truncate(file, 100_000)

        with pytest.raises(Fault) as caught:
            await Runner(job, office.runs.layers, [AsBeside(job.calls())], SystemClock(), meanwhile).run(agreed=True)
        assert caught.value.code == "file-changed"
        await directory.refresh()
        assert {name.split()[0] for name in office.names()} == {"Before"}
        assert len(office.names()) == 5_000


async def told(counts: Counts) -> None:
    """How far it is: it does not matter here."""


async def test_an_answer_that_nobody_waited_for_is_no_answer_to_the_next() -> None:
    ours, theirs = socket.socketpair()
    hand = Beside(ours, 0)
    with ours, theirs:
        theirs.setblocking(False)
        loop = asyncio.get_running_loop()
        first = loop.create_task(hand.call("take", type=str))
        await loop.sock_recv(theirs, 100)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        async with asyncio.TaskGroup() as tasks:
            second = tasks.create_task(hand.call("begin", type=int))
            for answer in ("late", 7):
                packed = msgspec.msgpack.encode({"ok": answer})
                await loop.sock_sendall(theirs, struct.pack(">I", len(packed)) + packed)
        assert second.result() == 7
        assert hand._streams is not None
        hand._streams[1].close()
        await hand._streams[1].wait_closed()


async def test_a_fault_of_a_hand_is_told_whole() -> None:
    fault = Fault("too-much", "This takes too much.", culprit=Culprit.US, retry=Retry.ASK_ADMIN, data={"most": 512})

    def work() -> None:
        raise fault

    ours, theirs = socket.socketpair()
    hand = Beside(ours, 0)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(asyncio.to_thread(hands._serve, theirs, lambda: {"work": work}))
        with pytest.raises(Fault) as caught:
            await hand.call("work", type=int)
        assert hand._streams is not None
        hand._streams[1].close()
        await hand._streams[1].wait_closed()
    assert vars(caught.value) == vars(fault)


async def test_an_export_that_cannot_begin_still_asks(sqlite: Database, tmp_path: Path) -> None:
    exports = (await open_directory(sqlite, tmp_path)).exports
    asks = await exports.runs.begin((await exports.save(Exporter("", "Asks", "json"))).id, Mode.FULL, Trigger.MANUAL)
    await exports.runs.end(replace(asks, state=RunState.ASKS))
    waiting = [await exports.save(Exporter("", f"E{number}", "json")) for number in range(20)]
    for each in waiting:
        await exports.start(each.id, Trigger.MANUAL)
    with pytest.raises(Conflict):
        await exports.confirm(asks.id)
    assert (await exports.runs.run(asks.id)).state is RunState.ASKS


async def test_a_mapping_without_measure_ends_its_run_and_nobody_else(office: Office) -> None:
    """A process of a run has a bound for its memory, and is the first that the system ends."""
    grows = "{Name" + f" : replace('o', '{'o' * 400}')" * 4 + "}"
    mapping = (*plain({"Id": "entry_id", "Phone": "phone_business"}), Rule("display_name", grows))
    with pytest.raises(Fault) as caught:
        await office.runs.mapped(({"Name": "Contact"},), mapping, "udine")
    assert caught.value.code == "too-much-memory"
    before = await office.runs.store.get(office.id)
    await office.configure(mapping=mapping)
    run = await office.read()
    assert (run.state, run.code) == (RunState.FAILED, "too-much-memory")
    await office.configure(mapping=before.mapping)
    assert (await office.read()).state is RunState.DONE


async def test_an_export_without_measure_says_so_before_it_is_saved(office: Office) -> None:
    await office.read()
    grows = "{name" + f" : replace('o', '{'o' * 400}')" * 4 + "}"
    with pytest.raises(Fault) as caught:
        await office.directory.exports.preview(Exporter("", "Large", "json", columns=(ExportColumn("n", grows),)))
    assert caught.value.code == "too-much-memory"


def test_who_allows_a_run_less_memory_is_heeded() -> None:
    """As an operator does with `LimitDATA=` of systemd."""
    less = MOST_MEMORY // 2
    script = (
        "from resource import RLIMIT_DATA, getrlimit, setrlimit\n"
        "from unisono.directory.runs.modest import be_modest, too_much_memory\n"
        f"setrlimit(RLIMIT_DATA, ({less}, {less}))\n"
        "be_modest()\n"
        "print(getrlimit(RLIMIT_DATA)[0], too_much_memory().data['most'])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, stdout=subprocess.PIPE, text=True)
    assert done.stdout.split() == [str(less), str(less // 1024**2)]
