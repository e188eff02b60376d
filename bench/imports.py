"""An import of many contacts from a CSV file, beside a server that goes on working. Prints JSON.

    python bench/imports.py [--contacts 10000,100000,1000000] [--file contacts.csv]

CPU is that of the import processes alone, memory the sum of what they hold at once (pages they share are counted once).
While it goes on, this process does what a server does: it keeps its event loop running, and writes a row a hundred times a
second into the same database.
"""

import argparse
import asyncio
import csv
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import Column, Integer, Table, insert

from directory import rows
from unisono.directory.model import Book
from unisono.directory.replicators.csv_file import CsvFile, CsvSettings
from unisono.directory.replicators.model import Options, Replicator
from unisono.directory.replicators.suggest import suggest
from unisono.directory.runs.model import Mode, Run, RunState, Trigger
from unisono.directory.runs.process import Place
from unisono.directory.service import Directory
from unisono.directory.settings import DirectorySettings
from unisono.kernel.bus import Bus
from unisono.kernel.clock import SystemClock
from unisono.numbers.service import Locations
from unisono.storage import Database, metadata, migrate

_ALONE_SECONDS = 15
JOURNAL = Table("bench_journal", metadata, Column("id", Integer, primary_key=True))


def family(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return found
    return found + [each for child in children for each in family(int(child))]


def held(pids: list[int]) -> int:
    """Kilobytes that processes hold together (proportional set size); segments mapped from files are not counted."""
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        values = {line.split(":")[0]: int(line.split()[1]) for line in lines[1:] if line.endswith("kB")}
        total += values.get("Pss_Anon", values.get("Pss", 0)) + values.get("Pss_Shmem", 0)
    return total


class Beside:
    """What a server does meanwhile."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.late: list[float] = []
        self.writes: list[float] = []
        self.peak = 0

    async def loop(self) -> None:
        """How late the event loop is."""
        while True:
            begin = time.perf_counter()
            await asyncio.sleep(0.005)
            self.late.append((time.perf_counter() - begin - 0.005) * 1000)

    async def journal(self) -> None:
        """How long a write waits."""
        while True:
            begin = time.perf_counter()
            async with self._database.write() as connection:
                await connection.execute(insert(JOURNAL))
            self.writes.append((time.perf_counter() - begin) * 1000)
            await asyncio.sleep(0.01)

    async def memory(self) -> None:
        """What the import processes hold at once."""
        while True:
            below = [pid for pid in family(os.getpid()) if pid != os.getpid()]
            self.peak = max(self.peak, await asyncio.to_thread(held, below))
            await asyncio.sleep(0.2)


async def alone(database: Database) -> Beside:
    """The same without an import: what the machine itself does to them."""
    beside = Beside(database)
    async with asyncio.TaskGroup() as tasks:
        works = [tasks.create_task(work()) for work in (beside.loop, beside.journal)]
        await asyncio.sleep(_ALONE_SECONDS)
        for work in works:
            work.cancel()
    return beside


async def run_once(directory: Directory, id: str, beside: Beside) -> tuple[Run, float, float]:
    """One run with its wall and CPU seconds."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        works = [tasks.create_task(work()) for work in (beside.loop, beside.journal, beside.memory)]
        run = await directory.replication.now(id, Mode.FULL, Trigger.MANUAL)
        wall = time.perf_counter() - begin
        for work in works:
            work.cancel()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if run.state is not RunState.DONE:
        raise SystemExit(f"{run.state}: {run.message}")
    return run, wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def spread(values: list[float]) -> dict[str, float]:
    """Median, 99th of a hundred and worst, in milliseconds."""
    values.sort()
    return {
        "p50": round(values[len(values) // 2], 2),
        "p99": round(values[int(len(values) * 0.99)], 2),
        "worst": round(values[-1], 2),
    }


def size(folder: Path, pattern: str) -> int:
    """Bytes of these files."""
    return sum(path.stat().st_size for path in folder.glob(pattern))


async def measure(count: int, file: Path, folder: Path) -> dict[str, object]:
    """All figures for so many contacts: the first import, and the same again."""
    database = Database(f"sqlite+aiosqlite:///{folder / 'bench.sqlite3'}")
    await migrate.upgrade(database)
    await database.create_all()
    await Locations(database).load()
    place = Place(str(database.url), str(folder / "directory"), files=str(file.parent))
    directory = Directory(database, lambda _: str.strip, Bus(), SystemClock(), place, DirectorySettings(files=str(file.parent)))
    await directory.load()
    rules = suggest(CsvFile(CsvSettings(str(file))).columns())
    wanted = Replicator("", "Bench", "", "csv", settings={"file": str(file)}, mapping=rules, options=Options(most_seconds=7200))
    source = await directory.replication.save(wanted, Book("bench", "Bench"))
    control, beside = await alone(database), Beside(database)
    run, wall, cpu = await run_once(directory, source.id, beside)
    _, wall_again, cpu_again = await run_once(directory, source.id, Beside(database))
    await database.close()
    segment = await asyncio.to_thread(size, folder / "directory", "bench-*.segment")
    stored = await asyncio.to_thread(size, folder, "bench.sqlite3*")
    return {
        "contacts": run.counts.added,
        "rows": run.counts.rows,
        "wall_s": round(wall, 1),
        "cpu_s": round(cpu, 1),
        "cpu_us_per_row": round(cpu / run.counts.rows * 1e6, 1),
        "peak_mb": round(beside.peak / 1024),
        "loop_late_ms": spread(beside.late),
        "loop_late_alone_ms": spread(control.late),
        "write_ms": spread(beside.writes),
        "write_alone_ms": spread(control.writes),
        "again_wall_s": round(wall_again, 1),
        "again_cpu_s": round(cpu_again, 1),
        "segment_mb": round(segment / 1e6, 1),
        "database_mb": round(stored / 1e6, 1),
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", default="10000,100000")
    parser.add_argument("--file", type=Path, help="A CSV file of your own, instead of made contacts.")
    options = parser.parse_args()
    figures = []
    for count in [0] if options.file else map(int, options.contacts.split(",")):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            file = options.file
            if file is None:
                file = folder / "contacts.csv"
                with file.open("w", newline="") as out:
                    csv.writer(out).writerows(rows(count))
            figures.append(asyncio.run(measure(count, file.resolve(), folder)))
    print(json.dumps({"load_before": os.getloadavg()[0], "runs": figures}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
