"""The demo at rest: memory of its processes, time of the second start, size of the client's first load. Prints JSON.

    python bench/rest.py [--seconds 30]

Targets: server and its LDAP worker at most 150 MB (nobody signed in, no traffic; what processes share is counted by their
shares), second start under 5 s until "Ready", first load at
most 220 kB gzip (the page, its scripts and styles; not what is loaded later).
"""

import argparse
import gzip
import json
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from unisono.web.static import CLIENT

RSS_MB, START_SECONDS, LOAD_KB = 150, 5.0, 220
_LOADED = re.compile(r'<(?:script[^>]*\ssrc|link[^>]*rel="(?:modulepreload|stylesheet)"[^>]*\shref)="/?([^"]+)"')


def memory(pid: int, kind: str) -> float:
    """MB in use by a process: `Rss`, or `Pss`, where a page of several processes is divided between them."""
    [size] = re.findall(rf"^{kind}:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return int(size) * 1024 / 1e6


def child(pid: int, module: str) -> int:
    """The child of a process that runs this module."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    [found] = [int(one) for one in children if module.encode() in Path(f"/proc/{one}/cmdline").read_bytes()]
    return found


def started(folder: str) -> tuple["subprocess.Popen[str]", float]:
    """The demo, and how long it took until it was ready."""
    begin = time.monotonic()
    command = [sys.executable, "-m", "unisono", "demo", "--no-traffic", "--port", "0", "--data", folder]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    while not process.stdout.readline().startswith("Ready"):
        assert process.poll() is None, "the demo ended"
    return process, round(time.monotonic() - begin, 2)


def stopped(process: "subprocess.Popen[str]") -> None:
    """Ask it to end."""
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)


def first_load() -> dict[str, Any]:
    """Bytes that a browser fetches before it shows something, packed as the server sends them."""
    page = CLIENT / "index.html"
    if not page.exists():
        return {"first_load_kb": None}
    files = [page, *(CLIENT / name for name in _LOADED.findall(page.read_text()))]
    sizes = {file.name: len(gzip.compress(file.read_bytes(), 9)) for file in files}
    return {"first_load_kb": round(sum(sizes.values()) / 1000, 1), "first_load_files": len(sizes)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30.0, help="how long it rests before memory is read")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        process, first = started(folder)
        stopped(process)
        process, second = started(folder)
        time.sleep(options.seconds)
        pbx, worker = child(process.pid, "unisono.demo.pbx"), child(process.pid, "unisono.directory.ldap.worker")
        found = {
            "server_and_worker_mb": memory(process.pid, "Pss") + memory(worker, "Pss"),
            "server_resident_mb": memory(process.pid, "Rss"),
            "pbx_resident_mb": memory(pbx, "Rss"),
        }
        stopped(process)
    figures: dict[str, Any] = {"bench": "rest", "first_start_s": first, "second_start_s": second, **first_load()}
    figures |= {name: round(mb, 1) for name, mb in found.items()}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
