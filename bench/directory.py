"""The directory with many contacts: identify, search as you type, import, memory. Prints JSON.

    python bench/directory.py [--contacts 10000,100000]

Contacts are Italian, German and British, in books as people keep them. Look-ups are microseconds in this process.
"""

import argparse
import asyncio
import csv
import io
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from unisono.directory.identify import identify
from unisono.directory.index import Index
from unisono.directory.replicators.orders import Place
from unisono.directory.search import search
from unisono.directory.service import Directory
from unisono.kernel.bus import Bus
from unisono.kernel.clock import SystemClock
from unisono.numbers import Direction, Location, normalise
from unisono.storage import Database

GIVEN = {
    "IT": ["Marco", "Andrea", "Giulia", "Chiara", "Nicolò", "Elena", "Paolo", "Francesca", "Luca", "Maria"],
    "DE": ["Jürgen", "Günter", "Sabine", "Käthe", "Jörg", "Petra", "Thomas", "Ursula", "Stefan", "Monika"],
    "GB": ["John", "Mary", "Siân", "Oliver", "Emma", "David", "Zoe", "Peter", "Grace", "Harry"],
}
BEGIN = ["Ros", "Bian", "Fer", "Mül", "Schmi", "We", "Bro", "Tay", "Wil", "Mo", "Hu", "Ko", "Ev", "Wal", "Con", "Zan"]
MIDDLE = ["la", "ri", "ne", "ber", "ding", "sto", "man", "ti", "re", "den", "wa", "ho", "ckl", "ö", "e", "u"]
END = ["ni", "ti", "mann", "meier", "son", "field", "etti", "bach", "ton", "ucci", "huber", "ley", "ato", "stein", "ford"]
SECTOR = ["Impianti", "Bau", "Trading", "Logistica", "Software", "Metallbau", "Estates", "Vini", "Handel", "Studio"]
FORM = {"IT": ["S.r.l.", "S.p.A.", "S.n.c."], "DE": ["GmbH", "AG", "GmbH & Co. KG"], "GB": ["Ltd", "PLC", "LLP"]}
AREA = {"IT": ["0432", "02", "06", "0471"], "DE": ["030", "089", "0221", "0731"], "GB": ["020", "0161", "01865"]}
CODE = {"IT": "+39", "DE": "+49", "GB": "+44"}
QUERIES = [
    "m", "ma", "mar", "mario", "marco r", "m r", "a b", "rossi", "ros gmbh", "muller", "müll tho", "srl", "vini", "s",
    "0432", "0432 5", "+39 0432", "089 1", "123", "54 64", "info", "info exam", "studio ro", "rossi 0432", "zzz", "bau ag",
]  # fmt: skip


def rows(count: int) -> Iterator[list[str]]:
    """Rows of a CSV file, the header first; numbers in the ways people write them."""
    rnd = random.Random(1)
    yield ["ID", "Company", "First name", "Last name", "Phone", "Mobile", "E-mail", "City"]
    for n in range(count):
        country = rnd.choices(("IT", "DE", "GB"), (50, 30, 20))[0]
        last = rnd.choice(BEGIN) + rnd.choice(MIDDLE) + (rnd.choice(MIDDLE) if n % 3 else "") + rnd.choice(END)
        first = rnd.choice(GIVEN[country])
        firm = f"{rnd.choice(BEGIN)}{rnd.choice(END)} {rnd.choice(SECTOR)} {rnd.choice(FORM[country])}"
        mail = f"{first}.{last}{n}@example.com".lower()
        phone = _written(rnd, country, rnd.choice(AREA[country]))
        mobile = _written(rnd, country, "0171" if country == "DE" else "07700" if country == "GB" else "333")
        yield [str(n), firm if rnd.random() < 0.7 else "", first, last, phone, mobile if n % 2 else "", mail, "Udine"]


def _written(rnd: random.Random, country: str, area: str) -> str:
    digits = str(rnd.randrange(10**6, 10**7))
    international = area if country == "IT" else area.removeprefix("0")
    forms = (
        f"{CODE[country]} {international} {digits}",
        f"{CODE[country]} ({international}) {digits[:3]}-{digits[3:]}",
        f"00{CODE[country][1:]}{international}{digits}",
        f"{CODE[country]}{international}{digits}",
    )
    return f"{area} {digits[:3]} {digits[3:]}" if country == "IT" and rnd.random() < 0.5 else rnd.choice(forms)


def timed(ask: Callable[[str], object], questions: list[str]) -> dict[str, float]:
    """p50, p99 and worst in microseconds."""
    taken = []
    for question in questions:
        begin = time.perf_counter()
        ask(question)
        taken.append((time.perf_counter() - begin) * 1e6)
    taken.sort()
    return {
        "p50": round(taken[len(taken) // 2], 1),
        "p99": round(taken[int(len(taken) * 0.99)], 1),
        "worst": round(taken[-1], 1),
    }


async def stalls(work: asyncio.Task[object]) -> dict[str, float]:
    """How late a task of the loop ran while the work was done, in milliseconds."""
    late = []
    while not work.done():
        begin = time.perf_counter()
        await asyncio.sleep(0.001)
        late.append((time.perf_counter() - begin - 0.001) * 1000)
    late.sort()
    return {"p50": round(late[len(late) // 2], 2), "p99": round(late[int(len(late) * 0.99)], 2), "worst": round(late[-1], 2)}


async def run(count: int, folder: Path) -> dict[str, object]:
    """All figures for a directory of this size."""
    location = Location.simple("udine", "IT")
    database = Database(f"sqlite+aiosqlite:///{folder / f'{count}.sqlite3'}")
    await database.create_all()

    def reader_for(location_id: str) -> Callable[[str], str]:
        return lambda raw: normalise(raw, location, Direction.STORED).supercanonical

    place = Place(str(database.url), str(folder / str(count)))
    directory = Directory(database, reader_for, Bus(), SystemClock(), place)
    await directory.load()
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(rows(count))
    data = out.getvalue().encode()
    begin, begin_cpu = time.perf_counter(), time.process_time()
    async with asyncio.TaskGroup() as tasks:
        work: asyncio.Task[object] = tasks.create_task(directory.imports.now(data, None, "bench", ""))
        late = await stalls(work)
    imported, imported_cpu = time.perf_counter() - begin, time.process_time() - begin_cpu
    begin, begin_cpu = time.perf_counter(), time.process_time()
    again = Directory(database, reader_for, Bus(), SystemClock(), place)
    await again.load()
    loaded, loaded_cpu = time.perf_counter() - begin, time.process_time() - begin_cpu
    figures = look_ups(again.index)
    await database.close()
    return {
        "contacts": len(again.index),
        "import_s": round(imported, 2),
        "import_cpu_s": round(imported_cpu, 2),
        "loop_late_during_import_ms": late,
        "load_s": round(loaded, 2),
        "load_cpu_s": round(loaded_cpu, 2),
        "index_bytes_per_contact": round(again.index.size / len(again.index)),
        **figures,
    }


def look_ups(index: Index) -> dict[str, object]:
    """Identify and search."""
    rnd = random.Random(2)
    segment = index.books["bench"][0].segment
    known = [n.canonical for at in rnd.choices(range(len(segment)), k=5_000) for n in segment.contact(at).numbers]
    strangers = [f"+3904{rnd.randrange(10**7, 10**8)}" for _ in range(5_000)]
    near = [number[:-2] + f"{rnd.randrange(100):02}" for number in known[:5_000]]
    typed = {query: round(timed(lambda q: search(index, q, 20), [query] * 5)["p50"] / 1000, 2) for query in QUERIES}
    return {
        "identify_known_us": timed(lambda n: identify(index, n), known),
        "identify_stranger_us": timed(lambda n: identify(index, n), strangers),
        "identify_near_us": timed(lambda n: identify(index, n), near),
        "search_ms": typed,
        "search_worst_ms": max(typed.values()),
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", default="10000,100000")
    options = parser.parse_args()
    figures: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        figures += [asyncio.run(run(int(count), Path(folder))) for count in options.contacts.split(",")]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"runs": figures, "peak_rss_mb": peak}, indent=1, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
