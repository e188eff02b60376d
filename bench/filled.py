"""Data folders of servers with very many contacts, made by `unisono directory import` as a newcomer would."""

import csv
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from contacts import people
from directory import rows
from unisono.app.doors import bind
from unisono.directory import manifest
from unisono.directory.identify import identify
from unisono.directory.index import Index
from unisono.directory.segment import SegmentDamaged

_MADE = "made.json"


@dataclass(frozen=True, slots=True)
class Filled:
    """What making it took; the share of the numbers, as people write them, by which their callers are found."""

    contacts: int
    import_cpu_s: float
    import_s: float
    disk_mb: float
    callers_found_percent: float


def unisono(*arguments: str) -> str:
    """What a command prints."""
    command = [sys.executable, "-m", "unisono", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout


def settings_of(folder: Path) -> Path:
    """Its settings file."""
    return folder / "unisono.toml"


def index_of(folder: Path) -> Index:
    """The picture of its contacts."""
    found, missing = manifest.index(folder / "directory", manifest.read(folder / "directory"))
    assert not missing, missing
    return found


@contextmanager
def serving(folder: Path) -> Iterator[tuple[int, int]]:
    """A server on such a folder, without LDAP; its port and its process."""
    with bind("127.0.0.1", 0) as sock:
        port = int(sock.getsockname()[1])
    settings_of(folder).write_text(f'[server]\ndata = "{folder}"\n[web]\nport = {port}\n[ldap]\nport = 0\ntls_port = 0\n')
    command = [sys.executable, "-m", "unisono", "serve", "-s", str(settings_of(folder))]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        while "ready" not in process.stderr.readline():
            if process.poll() is not None:
                raise SystemExit("the server ended")
        yield port, process.pid
    finally:
        process.terminate()
        process.communicate(timeout=60)


def fill(folder: Path, count: int) -> Filled:
    """Make it, unless it is there."""
    made = folder / _MADE
    if made.exists():
        try:
            index_of(folder)
            return Filled(**json.loads(made.read_text()))
        except (OSError, SegmentDamaged):
            pass  # of another version: the import makes it anew
    folder.mkdir(parents=True, exist_ok=True)
    settings_of(folder).write_text(f'[server]\ndata = "{folder}"\n')
    file = folder / "contacts.csv"
    with file.open("w", newline="") as out:
        csv.writer(out).writerows(rows(count))
    before, begin = _children_seconds(), time.perf_counter()
    unisono("directory", "import", str(file), "--book", "bench", "-s", str(settings_of(folder)))
    cpu, wall = _children_seconds() - before, time.perf_counter() - begin
    file.unlink()
    with serving(folder):
        pass  # it is the server that writes the picture
    size = sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())
    filled = Filled(count, round(cpu, 1), round(wall, 1), round(size / 2**20, 1), _callers_found(folder, count))
    made.write_text(json.dumps(asdict(filled)))
    return filled


def _callers_found(folder: Path, count: int) -> float:
    index = index_of(folder)
    sample = islice(people(count), 0, count, max(1, count // 5000))
    true = [number for person in sample for _, number in person.numbers.values()]
    return round(100 * sum(identify(index, number) is not None for number in true) / len(true), 2)


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
