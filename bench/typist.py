"""People who type names into a search over HTTP, in a server with very many contacts. Prints JSON.

    python bench/typist.py [--contacts 10000,100000] [--people 20] [--seconds 20] [--keep FOLDER]

A server as `unisono serve` starts it; its contacts come by `unisono directory import`. Everybody types five keys a second and
asks at each, as the client does: the beginning of a name, of a firm or of a number; one in ten mistypes. They are a process of
their own. Target at 1,000,000 contacts: p99 at most 50 ms. --keep: the data are made there, and used again if they are there.
"""

import argparse
import asyncio
import json
import os
import random
import re
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from urllib.parse import quote

from contacts import people
from directory import spread
from filled import fill, serving, settings_of, unisono

KEY_SECONDS = 0.2
_TICKS = os.sysconf("SC_CLK_TCK")


def account(folder: Path) -> str:
    """The password of somebody who may sign in; a server that runs does not know them yet."""
    password = folder / "password"
    if not password.exists():
        password.write_text(unisono("user", "add", "bench", "Bench", "-s", str(settings_of(folder))).split()[-1])
    return password.read_text()


def typed(seed: int, names: Sequence[str]) -> Iterator[str]:
    """What stands in the field after each key, endlessly."""
    rnd = random.Random(seed)
    while True:
        text = rnd.choice(names).lower()
        if rnd.random() < 0.1 and len(text) > 5:
            at = rnd.randrange(2, len(text) - 2)
            text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        for length in range(2, min(len(text), 14) + 1):
            yield text[:length]


class Typist:
    """One of them, on one connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.times: list[float] = []
        self.hits = 0

    async def sign_in(self, password: str) -> str:
        """The cookie of a session."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        body = json.dumps({"login": "bench", "password": password})
        head = f"POST /api/v1/session HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nContent-Type: application/json\r\n"
        writer.write(f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode())
        answer = (await reader.read()).decode()
        writer.close()
        found = re.search(r"set-cookie: ([^;]+)", answer, re.IGNORECASE)
        if found is None:
            raise SystemExit(f"signing in failed: {answer}")
        return found[1]

    async def type(self, cookie: str, texts: Iterator[str], seconds: float) -> None:
        """Ask at each key."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        until = time.perf_counter() + seconds
        await asyncio.sleep(random.random() * KEY_SECONDS)
        while (begin := time.perf_counter()) < until:
            target = f"/api/v1/search?limit=20&q={quote(next(texts))}"
            writer.write(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nCookie: {cookie}\r\n\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = re.search(r"content-length: (\d+)", head)
            if not head.startswith("http/1.1 200") or length is None:
                raise SystemExit(f"an answer that was not expected: {head}")
            body = await reader.readexactly(int(length[1]))
            self.times.append((time.perf_counter() - begin) * 1000)
            self.hits += body.count(b'"reason"')
            await asyncio.sleep(max(0.0, begin + KEY_SECONDS - time.perf_counter()))
        writer.close()


async def office(port: int, password: str, names: Sequence[str], count: int, seconds: float) -> dict[str, object]:
    """All of them."""
    typists = [Typist(port) for _ in range(count)]
    cookies = [await typist.sign_in(password) for typist in typists]
    async with asyncio.TaskGroup() as tasks:
        for number, (typist, cookie) in enumerate(zip(typists, cookies, strict=True)):
            tasks.create_task(typist.type(cookie, typed(number, names), seconds))
    times = [each for typist in typists for each in typist.times]
    hits = sum(typist.hits for typist in typists)
    return {"searches": len(times), "hits_each": round(hits / len(times), 1), "ms": spread(times, 2)}


def measure(folder: Path, count: int, persons: int, seconds: float) -> dict[str, object]:
    """Figures for so many contacts."""
    fill(folder, count)
    password = account(folder)
    with serving(folder) as (port, pid):
        some = min(count, 100_000)
        sample = list(islice(people(some), 0, some, max(1, some // 3000)))
        names = [text for p in sample for text in (p.name, p.company, *(true for _, true in p.numbers.values())) if text]
        asyncio.run(office(port, password, names, persons, 3.0))  # warms up
        before = _cpu(pid)
        found = asyncio.run(office(port, password, names, persons, seconds))
        found["server_share_of_a_core"] = round((_cpu(pid) - before) / seconds, 2)
    return {"contacts": count, "people": persons, **found}


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", default="10000,100000")
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--keep", type=Path, help="a folder for the data")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the server ends too
    with nullcontext(options.keep) if options.keep else tempfile.TemporaryDirectory() as folder:
        runs = [
            measure(Path(folder).resolve() / f"unisono-{count}", int(count), options.people, options.seconds)
            for count in options.contacts.split(",")
        ]
    print(json.dumps({"runs": runs}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
