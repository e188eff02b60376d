"""Data folders of servers with very many contacts, made by `unisono directory import` as a newcomer would."""

import csv
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import msgspec

from contacts import people
from directory import rows
from turns import Work, in_turns
from unisono.app.doors import bind
from unisono.directory import manifest
from unisono.directory.identify import identify
from unisono.directory.index import Index
from unisono.directory.segment import SegmentDamaged

_MADE = "made.json"
UNISONO = (sys.executable, "-m", "unisono")


@dataclass(frozen=True, slots=True)
class Filled:
    """What making it took; the share of the numbers, as people write them, by which their callers are found.

    `beside_cpu_s`: of the work with which the import took turns.
    """

    contacts: int
    import_cpu_s: float
    import_s: float
    disk_mb: float
    callers_found_percent: float
    beside_cpu_s: float = 0.0


def unisono(*arguments: str) -> str:
    """What a command prints."""
    command = [*UNISONO, *arguments]
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
    command = [*UNISONO, "serve", "-s", str(settings_of(folder))]
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


def fill(folder: Path, count: int, beside: Work | None = None) -> Filled:
    """Make it, unless it is there; in turns with another work if that is given, whose CPU seconds are taken too."""
    made = folder / _MADE
    if beside is None and is_filled(folder):
        return msgspec.json.decode(made.read_bytes(), type=Filled)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    settings_of(folder).write_text(f'[server]\ndata = "{folder}"\n')
    file = folder / "contacts.csv"
    with file.open("w", newline="") as out:
        csv.writer(out).writerows(rows(count))
    command = [*UNISONO, "directory", "import", str(file), "--book", "bench", "-s", str(settings_of(folder))]
    ours, *others = in_turns([Work(command), *([beside] if beside else ())])
    file.unlink()
    with serving(folder):
        pass  # it is the server that writes the picture
    size = sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())
    filled = Filled(
        count, round(ours.cpu_s, 1), round(ours.wall_s, 1), round(size / 2**20, 1), _callers_found(folder, count),
        *(round(other.cpu_s, 1) for other in others),
    )  # fmt: skip
    made.write_bytes(msgspec.json.encode(filled))
    return filled


def is_filled(folder: Path) -> bool:
    """Whether it is there, and of this version: else the import makes it anew."""
    try:
        index_of(folder)
        return (folder / _MADE).exists()
    except (OSError, SegmentDamaged):
        return False


def _callers_found(folder: Path, count: int) -> float:
    index = index_of(folder)
    sample = islice(people(count), 0, count, max(1, count // 5000))
    true = [number for person in sample for _, number in person.numbers.values()]
    return round(100 * sum(identify(index, number) is not None for number in true) / len(true), 2)

