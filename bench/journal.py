"""The journal with many entries: lists, deep pages, search, filters, writing. Prints JSON.

    python bench/journal.py [--rows 1000000] [--lines 200] [--keep FILE]

Rows are spread over two years and `--lines` lines. `own` is one line, `group` twenty, `all` every one. With `--keep` the
database stays (and is used again), which saves the filling. Times are milliseconds in this process, database on this disk.
"""

import argparse
import asyncio
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, insert, select

from unisono.calls.model import PartyKind
from unisono.journal.model import Filter, JournalEntry, Outcome, OwnerScope, Partner, Query
from unisono.journal.store import Entries, row_of
from unisono.journal.tables import entry_table, id_floor
from unisono.storage import Database

NAMES = [
    "Rossi", "Bianchi", "Ferrari", "Müller", "Schmidt", "Weber", "Brown", "Taylor", "Wilson", "Moretti", "Huber",
    "Koch", "Evans", "Walker", "Conti",
]  # fmt: skip
FIRST = [
    "Anna", "Marco", "Luca", "Giulia", "Jörg", "Peter", "Sabine", "Mary", "John", "Emma", "Paolo", "Elena",
    "Klaus", "Helga", "Oliver", "Grace",
]  # fmt: skip
FIRMS = [
    "Impianti", "Bau", "Trading", "Logistica", "Software", "Metallbau", "Estates", "Vini", "Handel", "Studio",
]  # fmt: skip
NOTES = [
    "richiamare", "offerta", "Rechnung", "contract", "delivery", "urgente", "Termin", "invoice", "broken",
    "heating", "thanks",
]  # fmt: skip
START = datetime(2024, 11, 1, 7, 0, tzinfo=UTC)
BATCH = 5_000


def entries(rows: int, lines: int) -> Iterator[JournalEntry]:
    """Life-like entries in the order of time."""
    rnd = random.Random(1)
    step = timedelta(days=730) / rows
    people = [
        Partner(
            number=f"0{432 + n % 7}{n:06}",
            canonical=f"+390{432 + n % 7}{n:06}",
            name=f"{rnd.choice(FIRST)} {rnd.choice(NAMES)}{n % 97 or ''}",
            company=f"{rnd.choice(NAMES)} {rnd.choice(FIRMS)} {n % 389}",
            contact_id=f"{n:032x}",
            kind=PartyKind.EXTERNAL,
            reason="exact",
        )
        for n in range(20_000)
    ]
    for n in range(rows):
        at = START + step * n
        line = rnd.randrange(lines)
        chance = rnd.random()
        talked = chance < 0.7
        inbound = rnd.random() < 0.6
        end = at + timedelta(seconds=rnd.randrange(10, 400))
        partner = people[int(rnd.random() ** 2 * len(people))]
        outcome = Outcome.ANSWERED if talked else Outcome.MISSED if inbound else Outcome.NOT_ANSWERED
        done = at + timedelta(hours=1) if n < rows - 300 or rnd.random() < 0.5 else None
        yield JournalEntry(
            id=str(id_floor(at) + n % 1024), call_id=f"call{n:028x}", line_id=f"{line:032x}", connection_id=f"{n}/{line}",
            tracker=f"call{n:028x}", connector="pbx", line_number=str(100 + line), line_name="", user_id=f"user{line}",
            inbound=inbound, internal=rnd.random() < 0.2, remote=partner, started=at, rang=at,
            answered=at + timedelta(seconds=5) if talked else None, released=end if talked else None, ended=end,
            outcome=outcome, note=" ".join(rnd.choices(NOTES, k=4)) if rnd.random() < 0.05 else "",
            done_at=None if talked or not inbound else done,
        )  # fmt: skip


async def fill(database: Database, rows: int, lines: int) -> float:
    """Fill the table; seconds."""
    begin = time.perf_counter()
    batch: list[dict[str, object]] = []
    for entry in entries(rows, lines):
        batch.append(row_of(entry))
        if len(batch) == BATCH:
            async with database.write() as connection:
                await connection.execute(insert(entry_table), batch)
            batch = []
    if batch:
        async with database.write() as connection:
            await connection.execute(insert(entry_table), batch)
    return time.perf_counter() - begin


async def measure(store: Entries, query: Query, times: int) -> dict[str, float]:
    """p50 and p99 of a page in milliseconds, and how many entries it had."""
    taken: list[float] = []
    found = 0
    for _ in range(times):
        begin = time.perf_counter()
        found = len(await store.page(query))
        taken.append((time.perf_counter() - begin) * 1000)
    taken.sort()
    return {"p50": round(taken[len(taken) // 2], 2), "p99": round(taken[int(len(taken) * 0.99)], 2), "entries": found}


def scopes(lines: int) -> dict[str, tuple[OwnerScope, ...] | None]:
    """Reaches to measure."""
    own = tuple(OwnerScope(f"user{n}") for n in range(1))
    group = tuple(OwnerScope(f"user{n}") for n in range(min(20, lines)))
    return {"own": own, "group": group, "all": None}


async def writes(store: Entries, rows: int) -> dict[str, float]:
    """Entries a second: opened, changed and closed, in batches as the service makes them."""
    fresh = [
        replace(entry, id=str(int(entry.id) + (1 << 48)), call_id=f"new{entry.call_id[3:]}") for entry in entries(rows, 200)
    ]
    begin = time.perf_counter()
    for at in range(0, len(fresh), 200):
        batch = fresh[at : at + 200]
        running = [replace(e, outcome=Outcome.RUNNING, answered=None, ended=None, released=None) for e in batch]
        await store.save(running)
        await store.save([replace(e, outcome=Outcome.RUNNING, ended=None, released=None) for e in batch])
        await store.save(batch)
    seconds = time.perf_counter() - begin
    return {"entries_per_s": round(len(fresh) / seconds), "writes_per_s": round(3 * len(fresh) / seconds)}


async def run(path: Path, rows: int, lines: int) -> dict[str, object]:
    """All figures."""
    database = Database(f"sqlite+aiosqlite:///{path}")
    await database.create_all()
    store = Entries(database)
    await store.prepare()
    async with database.read() as connection:
        there = await connection.scalar(select(func.count()).select_from(entry_table)) or 0
    figures: dict[str, object] = {"rows": rows, "lines": lines}
    if there < rows:
        figures["fill_s"] = round(await fill(database, rows, lines), 1)
    middle = str(id_floor(START + timedelta(days=365)))
    cases: dict[str, Query] = {}
    for name, reach in scopes(lines).items():
        cases[f"first page, {name}"] = Query(reach)
        cases[f"deep page, {name}"] = Query(reach, after=middle)
        cases[f"missed and open, {name}"] = Query(reach, filters=frozenset({Filter.MISSED, Filter.OPEN}))
        cases[f"with note, {name}"] = Query(reach, filters=frozenset({Filter.NOTE}))
        cases[f"search common name, {name}"] = Query(reach, text="rossi")
        cases[f"search two beginnings, {name}"] = Query(reach, text="mar bianc")
        cases[f"search one letter, {name}"] = Query(reach, text="r")
        cases[f"search note word, {name}"] = Query(reach, text="urgente")
        cases[f"search number, {name}"] = Query(reach, text="0432 0000")
        cases[f"search nothing found, {name}"] = Query(reach, text="xyzzy")
        cases[f"history with contact, {name}"] = Query(reach, contact_id=f"{77:032x}")
        cases[f"history with number, {name}"] = Query(reach, number=f"+390{432}{70:06}")
        cases[f"one old day, {name}"] = Query(
            reach, since=START + timedelta(days=100), until=START + timedelta(days=101)
        )
    figures["ms"] = {name: await measure(store, query, 30) for name, query in cases.items()}
    begin = time.perf_counter()
    await store.open_counts()
    figures["open_counts_ms"] = round((time.perf_counter() - begin) * 1000, 2)
    figures["writing"] = await writes(store, 2_000)
    figures["peak_rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    await database.close()
    return figures


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--lines", type=int, default=200)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.keep or Path(folder) / "journal.sqlite3"
        figures = asyncio.run(run(path, options.rows, options.lines))
        figures["file_mb"] = round(path.stat().st_size / 1e6)
        print(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
