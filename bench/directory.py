"""The directory as it grows: import, size, look-ups, search, memory. Prints JSON.

    python bench/directory.py [--contacts 10000,100000] [--no-import]

Contacts are those of `contacts.py`. Every size is measured in processes of its own: one builds a segment, one opens it and
asks, one imports a CSV file with all that belongs to it (reading, numbers, database). CPU seconds are of all processes.
"""

import argparse
import asyncio
import csv
import gc
import io
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path

from contacts import HEADER, contact, people, row
from unisono.directory import keys
from unisono.directory.identify import identify
from unisono.directory.index import Index, Layer
from unisono.directory.runs.process import Place
from unisono.directory.search import search
from unisono.directory.segment import Attribute, Segment, SegmentBuilder
from unisono.directory.service import Directory
from unisono.kernel.bus import Bus
from unisono.kernel.clock import SystemClock
from unisono.numbers import Direction, Location, normalise
from unisono.numbers.service import Locations
from unisono.storage import Database, migrate

QUERIES = [
    "m", "ma", "mar", "mario", "marco r", "m r", "a b", "rossi", "ros gmbh", "muller", "müll tho", "srl", "vini", "s",
    "0432", "0432 5", "+39 0432", "089 1", "123", "54 64", "info", "info exam", "studio ro", "rossi 0432", "zzz", "bau ag",
]  # fmt: skip
MISTYPED = ["rosssi", "marua", "hoffmnan", "zimermman", "giovnani esposto"]
HITS = 50


def rows(count: int) -> Iterator[list[str]]:
    """Rows of a CSV file, the header first."""
    yield list(HEADER)
    yield from map(row, people(count))


def private() -> int:
    """Memory of this process that it shares with nobody, in MB."""
    found = re.search(r"RssAnon:\s+(\d+)", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) // 1024


def cpu() -> float:
    """CPU seconds of this process and of those that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def build(count: int, path: Path) -> dict[str, object]:
    """A segment of so many contacts, in one process."""
    peak = 0
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.05):
            peak = max(peak, private())

    watching = threading.Thread(target=watch)
    watching.start()
    gc.disable()
    builder, taken = SegmentBuilder("bench"), 0.0
    everybody = map(contact, people(count))
    while some := list(islice(everybody, 1000)):
        begin = time.process_time()
        for each in some:
            builder.add(each)
        taken += time.process_time() - begin
    begin = time.process_time()
    builder.finish(path)
    taken += time.process_time() - begin
    done.set()
    watching.join()
    size = path.stat().st_size
    return {
        "build_cpu_us_per_contact": round(taken / count * 1e6, 1),
        "build_private_peak_mb": peak,
        "bytes_per_contact": round(size / count),
    }


async def imported(count: int, folder: Path) -> dict[str, object]:
    """The same contacts from a CSV file into the directory."""
    location = Location.simple("Udine", "IT", "0432")
    database = Database(f"sqlite+aiosqlite:///{folder / f'{count}.sqlite3'}")
    await migrate.upgrade(database)
    locations = Locations(database)
    await locations.load()
    await locations.save("udine", location)

    def reader_for(location_id: str) -> Callable[[str], str]:
        return lambda raw: normalise(raw, location, Direction.STORED).supercanonical

    place = Place(str(database.url), str(folder / str(count)))
    directory = Directory(database, reader_for, Bus(), SystemClock(), place)
    await directory.load()
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(rows(count))
    file = await directory.uploads.put(out.getvalue().encode(), "bench.csv")
    begin, begin_cpu = time.perf_counter(), cpu()
    async with asyncio.TaskGroup() as tasks:
        work: asyncio.Task[object] = tasks.create_task(directory.replication.import_file(file, "bench", "udine"))
        late = await stalls(work)
    taken, taken_cpu = time.perf_counter() - begin, cpu() - begin_cpu
    begin_cpu = cpu()
    again = Directory(database, reader_for, Bus(), SystemClock(), place)
    await again.load()
    loaded = cpu() - begin_cpu
    sample = list(islice(people(count), 0, count, max(1, count // 2000)))
    true = [number for person in sample for _, number in person.numbers.values()]
    known = sum(again.identify(number) is not None for number in true)
    await database.close()
    return {
        "import_s": round(taken, 2),
        "import_cpu_s": round(taken_cpu, 2),
        "loop_late_during_import_ms": late,
        "load_cpu_s": round(loaded, 2),
        "callers_found_percent": round(100 * known / len(true), 2),
        "database_bytes_per_contact": round((folder / f"{count}.sqlite3").stat().st_size / count),
    }


async def stalls(work: asyncio.Task[object]) -> dict[str, float]:
    """How late a task of the loop ran while the work was done, in milliseconds."""
    late = []
    while not work.done():
        begin = time.perf_counter()
        await asyncio.sleep(0.001)
        late.append((time.perf_counter() - begin - 0.001) * 1000)
    return spread(late, 2)


def spread(values: Sequence[float], places: int = 1) -> dict[str, float]:
    """p50, p99 and worst."""
    ordered = sorted(values)
    return {
        "p50": round(ordered[len(ordered) // 2], places),
        "p99": round(ordered[int(len(ordered) * 0.99)], places),
        "worst": round(ordered[-1], places),
    }


def timed(
    ask: Callable[[str], object], questions: list[str], clock: Callable[[], float] = time.perf_counter
) -> dict[str, float]:
    """p50, p99 and worst in microseconds."""
    taken = []
    for question in questions:
        begin = clock()
        ask(question)
        taken.append((clock() - begin) * 1e6)
    return spread(taken)


def each(ask: Callable[[], object], times: int = 1000, unit: float = 1) -> float:
    """CPU of one call, in units of so many microseconds."""
    begin = time.process_time()
    for _ in range(times):
        ask()
    return round((time.process_time() - begin) / times * 1e6 / unit, 2)


def look_ups(path: Path) -> dict[str, object]:
    """Numbers, values, identify and search over a segment."""
    at_first = private()
    segment = Segment.open(path)
    index = Index().with_book("bench", Layer(segment))
    fresh = Index().with_book("bench", Layer(segment))
    rnd = random.Random(2)
    some = rnd.choices(range(len(segment)), k=5_000)
    known = [number.canonical for at in some for number in segment.contact(at).numbers]
    strangers = [f"+3904{rnd.randrange(10**7, 10**8)}" for _ in range(5_000)]
    near = [number[:-2] + f"{rnd.randrange(100):02}" for number in known[:5_000]]
    typed = {query: each(lambda q=query: search(index, q, 20), 5, 1000) for query in QUERIES}  # type: ignore[misc]
    mistyped = {query: each(lambda q=query: search(index, q, 20), 5, 1000) for query in MISTYPED}  # type: ignore[misc]
    by_key, by_digits, ordinals = cycle([keys.key(n) or 0 for n in known]), cycle(known), cycle(some)
    begin = time.process_time()
    longest = _longest_silence(segment)
    return {
        "number_us": each(lambda: segment.with_number(next(by_key))),
        "last_seven_us": each(lambda: segment.with_last_digits(next(by_digits)[-7:])),
        "any_part_of_six_digits_us": each(lambda: list(segment.with_digits(next(by_digits)[-8:-2])), 20),
        "record_us": each(lambda: segment.contact(next(ordinals))),
        "prefix_50_us": each(lambda: segment.with_value_prefix(Attribute.SN, b"ros")[:HITS].tolist()),
        "infix_50_us": each(lambda: _first(segment.with_value_within(Attribute.CN, (b"ros",)), HITS), 200),
        "infix_that_is_nowhere_us": each(lambda: _first(segment.with_value_within(Attribute.CN, (b"qzxv",)), HITS), 20),
        "longest_without_breath_ms": round(longest * 1000, 2),
        "scan_of_notes_cpu_s": round(time.process_time() - begin, 2),
        "identify_known_us": timed(lambda n: identify(index, n), known),
        "identify_known_cpu_us": timed(lambda n: identify(fresh, n), known, time.thread_time),
        "identify_stranger_us": timed(lambda n: identify(index, n), strangers),
        "identify_near_us": timed(lambda n: identify(index, n), near),
        "search_ms": typed,
        "search_worst_ms": max(typed.values()),
        "mistyped_ms": mistyped,
        "reader_private_mb": private() - at_first,
    }


def _first(found: Iterator[int | None], most: int) -> list[int]:
    return list(islice((at for at in found if at is not None), most))


def _longest_silence(segment: Segment) -> float:
    """CPU seconds between two breathing marks of look-ups that read everything, the longest."""
    longest = 0.0
    for found in (
        segment.with_value_within(Attribute.DESCRIPTION, (b"nowhere",)),
        segment.with_value_within(Attribute.MAIL, (b"@q",)),
        segment.with_digits("0000"),
    ):
        begin = time.thread_time()
        for _ in found:
            now = time.thread_time()
            longest, begin = max(longest, now - begin), now
    return longest


def part(name: str, count: int, folder: Path) -> dict[str, object]:
    """One part of the figures for one size, in this process."""
    path = folder / f"{count}.segment"
    if name == "build":
        return build(count, path)
    return look_ups(path) if name == "ask" else asyncio.run(imported(count, folder))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", default="10000,100000")
    parser.add_argument("--no-import", action="store_true")
    parser.add_argument("--part", nargs=3, metavar=("NAME", "COUNT", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        name, count, folder = options.part
        print(json.dumps(part(name, int(count), Path(folder))))
        return 0
    figures: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        for count in map(int, options.contacts.split(",")):
            found: dict[str, object] = {"contacts": count, "load_before": round(os.getloadavg()[0], 1)}
            for name in ("build", "ask") if options.no_import else ("build", "ask", "import"):
                command = [sys.executable, __file__, "--part", name, str(count), folder]
                found |= json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
            figures.append(found)
    print(json.dumps({"runs": figures}, indent=1, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
