"""Runs the benches one after another, each in fresh processes, and writes RESULTS.md beside itself.

    python bench/run.py [--realtime] [--keep FOLDER]
        [load link hop2 fanout rest numbers imports directory ldap typist phonebooks journal]

What each has measured is kept in results.json, so that a run of some keeps the figures of the others with their dates.
--keep: a folder where large databases are made, and taken from if they are there.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `met` None: it has no target."""

    figure: str
    value: str
    target: str = ""
    met: bool | None = None


@dataclass(frozen=True, slots=True)
class Bench:
    """How one bench is run and read."""

    title: str
    command: tuple[str, ...]
    rows: Callable[[dict[str, Any]], list[Row]]


def at_most(figure: str, value: float, most: float, unit: str) -> Row:
    """A figure that has to stay small."""
    return Row(figure, f"{value:,} {unit}", f"at most {most:,} {unit}", value <= most)


def at_least(figure: str, value: float, least: float, unit: str) -> Row:
    """A figure that has to be large."""
    return Row(figure, f"{value:,} {unit}", f"at least {least:,} {unit}", value >= least)


def _load(found: dict[str, Any]) -> list[Row]:
    def spread(name: str) -> str:
        return "{p50} / {p99} / {max} ms".format(**found[name])

    share = found["cpu_share"]
    return [
        at_most("PBX event to client, p50", found["event_to_client_ms"]["p50"], 5.0, "ms"),
        at_most("PBX event to client, p99", found["event_to_client_ms"]["p99"], 50.0, "ms"),
        at_most("States of calls that a window did not see", found["lost"], 0, f"of {found['cleared_ms']['count'] * 3:,}"),
        at_most("Calls without journal row", found["calls_without_row"], 0, f"of {found['calls']:,}"),
        Row("Delivered, p50 / p99 / max", spread("delivered_ms")),
        Row("Established, p50 / p99 / max", spread("established_ms")),
        Row("Cleared, p50 / p99 / max", spread("cleared_ms")),
        Row("Calls with more than one row; rows left open", f"{found['calls_with_more_rows']}; {found['rows_still_open']}"),
        Row("Its processes before all others of the machine (--realtime)", "yes" if found["realtime"] else "no"),
        Row("CPU: server, PBX, clients", f"{share['server']:.0%}, {share['pbx']:.0%}, {share['clients']:.0%} of a core"),
        Row("To all clients", f"{found['messages_per_second']:,} messages/s, {found['mib_per_second']} MB/s"),
    ]


def _hop2(found: dict[str, Any]) -> list[Row]:
    return [
        at_least("Hop 2 in 100,000 contacts of the directory", found["events_per_cpu_second"], 5_000, "events/CPU s"),
        Row("Time of an event", f"{found['microseconds_per_event']} µs"),
        at_least("Callers with a name, of whom nine of ten are known", round(100 * found["callers_named"]), 89, "%"),
    ]


def _link(found: dict[str, Any]) -> list[Row]:
    cut, back, calm = found["cut"], found["back"], found["delays"]["calm"]
    written, cpu, way = (found["other_event_parts"][part]["max"] for part in ("written_ms", "server_cpu_ms", "on_its_way_ms"))
    return [
        at_most("Slowest event of the other PBX, until all windows have it", found["other_event_slowest_ms"], 50.0, "ms"),
        Row("Of any at most: until the server has written it; from there to a window", f"{written} ms; {way} ms"),
        at_most("CPU of the server from reading an event until it has written it", cpu, 50.0, "ms"),
        Row("Slowest event before the link is cut", f"{max(kind['max'] for kind in calm.values())} ms"),
        at_most("Longest turn of the event loop, CPU, link cut", cut["longest_turn_cpu_ms"], 50.0, "ms"),
        at_most("Longest turn of the event loop, CPU, link restored", back["longest_turn_cpu_ms"], 50.0, "ms"),
        at_most("Calls whose state a window did not see", found["lost"], 0, "states"),
        at_least("Presence of which every window heard, cut", cut["presences_fewest"], 500, "people"),
        at_least("Presence of which every window heard, restored", back["presences_fewest"], 500, "people"),
        Row("Until all lines are followed again", f"{found['back_after_ms']:,} ms"),
        Row("To all windows within 21 s", f"{found['messages']:,} messages, {found['megabytes']} MB"),
        Row("Its processes before all others of the machine (--realtime)", "yes" if found["realtime"] else "no"),
    ]


def _fanout(found: dict[str, Any]) -> list[Row]:
    return [
        at_least("One presence fact to 5,000 windows", found["messages_per_cpu_second"], 30_000, "messages/CPU s"),
        Row("Until half, until 99 % have it", f"{found['p50_ms']} ms, {found['p99_ms']} ms"),
        Row("Memory of a window", f"{found['kib_per_window']} KiB"),
    ]


def _rest(found: dict[str, Any]) -> list[Row]:
    return [
        at_most("Demo server and its LDAP worker at rest, what is shared by shares", found["server_and_worker_mb"], 150, "MB"),
        Row("Server alone, resident", f"{found['server_resident_mb']} MB"),
        Row("Demo PBX at rest, a process of its own, resident", f"{found['pbx_resident_mb']} MB"),
        at_most("Second start until Ready", found["second_start_s"], 5.0, "s"),
        Row("First start, with seeding and 2,000 contacts", f"{found['first_start_s']} s"),
        at_most("First load of the client, gzip", found["first_load_kb"], 220, "kB"),
    ]


def _numbers(found: dict[str, Any]) -> list[Row]:
    rate = found["normalise_per_s"]
    return [
        at_least("Normalise, every number new", rate, 50_000, "numbers/CPU s"),
        Row("libphonenumber alone, parse and format", f"{found['libphonenumber_per_s']:,} numbers/CPU s"),
        Row("Normalise what a PBX reports, every number new", f"{found['normalise_reported_per_s']:,} numbers/CPU s"),
        Row("Normalise a number that was seen lately", f"{found['normalise_remembered_per_s']:,} numbers/CPU s"),
        Row("Dial", f"{found['dial_per_s']:,} numbers/CPU s"),
    ]


def _directory(found: dict[str, Any]) -> list[Row]:
    rows = []
    for run in found["runs"]:
        known, stranger = run["identify_known_us"], run["identify_stranger_us"]
        size = f"{run['contacts']:,} contacts"
        rows += [
            Row(f"Identify in {size}, p50 / p99 by the clock", f"{known['p50']} / {known['p99']} µs"),
            at_most(f"Identify in {size}, p99, CPU", run["identify_known_cpu_us"]["p99"], 200, "µs"),
            Row(f"Identify a stranger in {size}, p50 / p99", f"{stranger['p50']} / {stranger['p99']} µs"),
            Row(f"Search as you type in {size}, slowest query", f"{run['search_worst_ms']} ms"),
            Row(f"Index of {size}", f"{run['bytes_per_contact']} bytes each"),
            Row(f"Building it for {size}", f"{run['build_cpu_us_per_contact']} CPU µs each"),
            at_most(f"Private memory that building it for {size} takes", run["build_private_peak_mb"], 800, "MB"),
            at_most(f"Private memory of a reader of {size}", run["reader_private_mb"], 40, "MB"),
            at_most(f"Longest step of a look-up in {size}", run["longest_without_breath_ms"], 5, "ms"),
        ]
        if "import_s" in run:
            rows += [
                Row(f"Import of {size}", f"{run['import_s']} s ({run['import_cpu_s']} CPU s)"),
                at_least(f"Callers found of {size}", run["callers_found_percent"], 100, "%"),
            ]
    return rows


def _imports(found: dict[str, Any]) -> list[Row]:
    rows = []
    for run in found["runs"]:
        size, million = f"{run['contacts']:,} contacts", run["contacts"] >= 1_000_000
        cpu, wall, peak = f"CPU of an import of {size}", f"Time of an import of {size}", f"Memory of its processes, {size}"
        if million:
            rows += [at_most(cpu, run["cpu_s"], 150.0, "s"), at_most(wall, run["wall_s"], 120.0, "s")]
            rows += [at_most(peak, run["peak_mb"], 800.0, "MB")]
        else:
            rows += [Row(cpu, f"{run['cpu_s']} s"), Row(wall, f"{run['wall_s']} s"), Row(peak, f"{run['peak_mb']} MB")]
        late, alone = run["loop_late_ms"], run["loop_late_alone_ms"]
        write, before = run["write_ms"], run["write_alone_ms"]
        rows += [
            Row(f"Read again, nothing new, {size}", f"{run['again_wall_s']} s ({run['again_cpu_s']} CPU s)"),
            Row("Event loop late meanwhile, p99 / worst", f"{late['p99']} / {late['worst']} ms"),
            Row("The same without an import", f"{alone['p99']} / {alone['worst']} ms"),
            Row("A write into the database meanwhile, p99 / worst", f"{write['p99']} / {write['worst']} ms"),
            Row("The same without an import", f"{before['p99']} / {before['worst']} ms"),
            Row(f"Segment and records, {size}", f"{run['segment_mb']} MB, {run['database_mb']} MB"),
        ]
    return rows


def _journal(found: dict[str, Any]) -> list[Row]:
    pages = found["ms"]
    slowest = max(pages, key=lambda name: float(pages[name]["p50"]))
    rows = [
        Row(f"{name[0].upper()}{name[1:]}, p50 / p99", f"{pages[name]['p50']} / {pages[name]['p99']} ms")
        for name in ("first page, own", "first page, all", "deep page, all", "search common name, all")
    ]
    rows.append(Row(f"Slowest of {len(pages)} lists: {slowest}", f"{pages[slowest]['p50']} ms"))
    rows.append(Row("Entries opened, changed, closed", f"{found['writing']['entries_per_s']:,} entries/s"))
    return rows


_LDAP_MOST = {
    "number": 0.8, "number, 7 attributes": 0.8, "number, unknown": 0.8, "last 7 digits": 0.8, "last 7 digits, unknown": 0.8,
    "prefix": 0.4, "part": 0.4, "part of any": 0.4, "prefix of any": 0.4, "snom": 0.4, "number's beginning": 0.4, "iOS": 0.4,
}  # fmt: skip
"""CPU of the LDAP door to that of slapd."""
_MILLION = 1_000_000


def _ldap(found: dict[str, Any]) -> list[Row]:
    rows = []
    for run in found["runs"]:
        size, million = f"{run['contacts']:,} contacts", run["contacts"] >= _MILLION
        rows += [_ldap_work(name, size, work, aimed=million) for name, work in run["work"].items()]
        for name, late in run["worst"].items():
            value = f"{late['p99_ms']} / {late['worst_ms']} ms"
            if "longest_turn_ms" in late:
                most = late["longest_turn_ms"]
                rows.append(Row(f"Longest turn, CPU: {name}, {size}", f"{most} ms", "at most 50 ms", most <= 50))
            rows.append(Row(f"A number meanwhile, p99 / worst: {name}, {size}", value))
        ours, slapd = run["memory"]["unisono"], run["memory"]["slapd"]
        rows.append(at_most(f"Private memory of a worker, {size}", ours["private_mb"], 40, "MB"))
        rows.append(_share(f"Resident, {size}", ours["resident_mb"], slapd["resident_mb"], "MB", 0.3 if million else None))
        disk, cpu = run["disk_mb"], run["import_cpu_s"]
        rows.append(_share(f"Disk with the database, {size}", disk["unisono"], disk["slapd"], "MB", 0.3 if million else None))
        rows.append(_share(f"CPU of the import, {size}", cpu["unisono"], cpu["slapd"], "s", 0.4 if million else None))
        rows.append(at_least(f"Callers found of {size}", run["callers_found_percent"], 100, "%"))
    return rows


def _ldap_work(name: str, size: str, work: dict[str, Any], *, aimed: bool) -> Row:
    """`aimed`: the targets are for so many contacts; with fewer it is only shown how it grows."""
    ours, slapd, ratio = work["unisono"], work["slapd"], work["cpu_ratio"]
    if name == "walk":
        rates, speed = work["entries_per_s"], work["speed_ratio"]
        value = f"{rates['unisono']:,} / {rates['slapd']:,} entries/s, {speed} times"
        return Row(f"{name}, {size}: door / slapd", value, *(("at least 8 times", speed >= 8) if aimed else ()))
    value = f"{ours['cpu_us']} / {slapd['cpu_us']} µs CPU, ratio {ratio}"
    if name == "bind, number, unbind":
        return Row(f"{name}, {size}: door / slapd", value, *(("ratio at most 0.67", ratio <= 0.67) if aimed else ()))
    most = _LDAP_MOST.get(name) if aimed else None
    target = "" if most is None else f"ratio at most {most}"
    return Row(f"{name}, {size}: door / slapd", value, target, None if most is None else ratio <= most)


def _share(figure: str, ours: float, slapd: float, unit: str, most: float | None) -> Row:
    share = round(ours / slapd, 2) if slapd else 0.0
    value = f"{ours:,} / {slapd:,} {unit}, {share} of it"
    target = "" if most is None else f"at most {most}"
    return Row(f"{figure}: door / slapd", value, target, None if most is None else share <= most)


def _typist(found: dict[str, Any]) -> list[Row]:
    rows = []
    for run in found["runs"]:
        figure, ms = f"{run['people']} people typing into {run['contacts']:,} contacts", run["ms"]
        rows += [
            at_most(f"{figure}, p99", ms["p99"], 50.0, "ms"),
            Row(f"{figure}, p50 / worst", f"{ms['p50']} / {ms['worst']} ms"),
            Row(f"{figure}: server", f"{run['server_share_of_a_core']} of a core"),
        ]
    return rows


def _phonebooks(found: dict[str, Any]) -> list[Row]:
    names = {
        "page": "A page of a telephone, from any letter on",
        "search": "Search as JSON, 20 hits",
        "lookup": "Look-up of a number",
        "book": "A book of 1,000 for a telephone that keeps it",
        "unchanged": "The same, unchanged",
        "cards": "Every contact as vCard",
        "state": "State of an address book (CardDAV)",
        "query": "Query by name (CardDAV)",
        "query_without_index": "Query that no index helps, over 20,000 cards (CardDAV)",
        "sync": "1,000 cards of a first sync-collection (CardDAV)",
    }
    rows = [
        Row(name, "{median_ms:,} / {worst_ms:,} ms, {bytes:,} bytes".format(**found[key]))
        for key, name in names.items()
    ]
    longest = max(found[key]["others_wait_ms"] for key in names)
    return [*rows, at_most("Longest that others wait meanwhile", longest, 50.0, "ms")]


BENCHES = {
    "load": Bench("An office: 500 lines over CSTA, 50 calls/s for 60 s, 200 clients", ("load.py",), _load),
    "link": Bench("The link to 500 lines is cut and restored: 200 windows, 10 calls/s at another PBX", ("link.py",), _link),
    "hop2": Bench("Hop 2: model, normalise, identify", ("hop2.py", "--directory"), _hop2),
    "fanout": Bench("Fan-out", ("fanout.py",), _fanout),
    "rest": Bench("The demo at rest", ("rest.py",), _rest),
    "numbers": Bench("Numbers", ("number_engine.py",), _numbers),
    "imports": Bench("Imports", ("imports.py", "--contacts", "10000,100000,1000000"), _imports),
    "directory": Bench("Directory", ("directory.py", "--contacts", "10000,100000,1000000", "--no-import"), _directory),
    "ldap": Bench("LDAP door and slapd", ("ldap_door.py", "--contacts", "10000,100000,1000000", "--seconds", "1"), _ldap),
    "typist": Bench("Search as you type over HTTP", ("typist.py", "--contacts", "10000,100000,1000000"), _typist),
    "phonebooks": Bench("Phone books over HTTP, 100,000 contacts (median / worst)", ("phonebooks.py",), _phonebooks),
    "journal": Bench("Journal with 1,000,000 entries", ("journal.py",), _journal),
}


_LARGE = ("ldap", "typist")
"""Those that can keep what they measure."""


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    cpu = Path("/proc/cpuinfo").read_text()
    model = next((line.partition(":")[2].strip() for line in cpu.splitlines() if line.startswith("model name")), "unknown")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return {"CPU": model, "cores": str(os.cpu_count()), "memory": f"{memory:.0f} GiB", "Python": python}


def measure(name: str, *more: str) -> dict[str, Any]:
    """Run one bench; how busy the machine was with other things is noted, because it counts."""
    script, *arguments = BENCHES[name].command
    before = os.getloadavg()[0]
    begin = time.monotonic()
    done = subprocess.run([sys.executable, HERE / script, *arguments, *more], stdout=subprocess.PIPE, text=True, check=True)
    at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    took = round(time.monotonic() - begin)
    figures = json.loads(done.stdout)
    return {"at": at, "took_s": took, "load_before": round(before, 1), "machine": machine(), "figures": figures}


def render(results: dict[str, Any]) -> str:
    """RESULTS.md."""
    lines = [
        "# Figures",
        "",
        "Written by `python bench/run.py`, which measures all of it again; `python bench/run.py load` only that.",
        "",
        "CPU seconds are those of the measured process.",
        "",
    ]
    for name, bench in BENCHES.items():
        if name not in results:
            continue
        run = results[name]
        busy = f"; load average before it: {run['load_before']}" if run["load_before"] >= 1.0 else ""
        machine_words = ", ".join(f"{key} {value}" for key, value in run["machine"].items())
        lines += [f"## {bench.title}", "", f"`python bench/{' '.join(bench.command)}`, {run['at']}{busy}"]
        lines += [f"on {machine_words}", ""]
        try:
            rows = bench.rows(run["figures"])
        except KeyError:
            lines += ["These figures are those of an older bench.", ""]
            continue
        lines += ["| figure | measured | target | |", "|---|---|---|---|"]
        for row in rows:
            verdict = {True: "met", False: "**missed**", None: ""}[row.met]
            lines.append(f"| {row.figure} | {row.value} | {row.target} | {verdict} |")
        note = HERE / "notes" / f"{name}.md"
        lines += ["", *([note.read_text().strip(), ""] if note.exists() else [])]
    return "\n".join(lines)


def main() -> None:
    """Run what is asked for and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[*BENCHES, []], metavar="name", help=", ".join(BENCHES))
    parser.add_argument("--realtime", action="store_true", help="measure the office before all other processes (root)")
    parser.add_argument("--keep", type=Path, help="a folder for large databases")
    options = parser.parse_args()
    chosen = options.names or list(BENCHES)
    file = HERE / "results.json"
    results: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    for name in chosen:
        print(f"{name} ...", flush=True)
        more = ["--realtime"] if options.realtime and name in ("load", "link") else []
        if options.keep and name in _LARGE:
            more += ["--keep", str(options.keep.resolve())]
        results[name] = measure(name, *more)
        file.write_text(json.dumps(results, indent=1) + "\n")
        for row in BENCHES[name].rows(results[name]["figures"]):
            print(f"  {row.figure}: {row.value}{'' if row.met is None else ' (met)' if row.met else ' (MISSED)'}", flush=True)
        (HERE / "RESULTS.md").write_text(render(results))


if __name__ == "__main__":
    main()
