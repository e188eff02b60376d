"""The LDAP door against slapd with the same contacts, in turns: CPU per operation of the servers. Prints JSON.

    python bench/ldap_door.py [--contacts 10000,100000] [--seconds 1.5] [--rounds 3] [--only number,prefix]

slapd is Debian's, tuned for three-letter parts of names; it checks a clear password, the door one that it has found right
within the last minutes. Clients are processes of this bench on the same cores, so only CPU per operation counts.
"""

import argparse
import asyncio
import json
import os
import random
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from contacts import contact as read
from contacts import people
from slapd import ADMIN, PASSWORD, Slapd
from unisono.app.doors import bind
from unisono.directory import manifest
from unisono.directory.ldap.channel import Begin, Check, Checked
from unisono.directory.ldap.model import Configuration, Identity, Kind
from unisono.directory.ldap.settings import LdapSettings
from unisono.directory.ldap.workers import Sockets, Workers
from unisono.directory.manifest import LayerFile, Manifest, segment_name
from unisono.directory.model import Contact
from unisono.directory.segment import SegmentBuilder
from unisono.kernel.clock import SystemClock
from unisono.kernel.ids import new_id
from unisono.wire.ldap.control import Control, PagedResults
from unisono.wire.ldap.filter_text import parse_filter
from unisono.wire.ldap.message import BindRequest, Deref, Scope, SearchRequest, Simple, UnbindRequest
from unisono.wire.ldap.requests import encode_request
from unisono.wire.ldap.responses import parse_response

CONNECTIONS = 4
LIMIT = 50
PAGE = 500
PHONE = ("cn", "sn", "givenName", "o", "telephoneNumber", "mobile", "homePhone")
_DONE = (0x65, 0x61)
_TICKS = os.sysconf("SC_CLK_TCK")


def search(text: str, attributes: Sequence[str] = (), limit: int = LIMIT, *controls: Control) -> bytes:
    """A request, ready to send."""
    request = SearchRequest("dc=meta", Scope.SUBTREE, Deref.NEVER, limit, 5, False, parse_filter(text), tuple(attributes))
    return encode_request(7, request, controls)


def requests(sample: Sequence[Contact]) -> dict[str, list[bytes]]:
    """What telephones ask (several thousand of each kind), by workload."""
    rnd = random.Random(7)
    phones = [number for contact in sample for number in contact.numbers if number.canonical.startswith("+")]
    words = [w.lower() for c in sample for w in (c.last_name, c.first_name, c.company.split(" ")[0])]
    words = [word for word in words if len(word) > 3 and word.isascii()]
    rnd.shuffle(words)
    begins = [word[: rnd.choice((3, 3, 4, 5))] for word in words]
    parts = [word[at : at + 4] for word in words for at in (rnd.randrange(max(1, len(word) - 3)),)]
    unknown = [f"+3904{rnd.randrange(10**8, 10**9)}" for _ in range(3000)]
    last = "(|(telephoneNumber=*{0})(mobile=*{0})(homePhone=*{0}))"
    ios = "(|(o={0}*)(cn={0}*)(ou={0}*)(sn={0}*)(mail={0}*)(IMHandle={0}*)(givenname={0}*)(postalAddress={0}*)"
    ios += "(telephoneNumber={0}*))"
    canonical = [number.canonical for number in phones]
    asked: dict[str, tuple[str, Sequence[str], Sequence[str]]] = {
        "number": ("(telephoneNumber={0})", canonical, ()),
        "number, 7 attributes": ("(telephoneNumber={0})", canonical, PHONE),
        "number, unknown": ("(telephoneNumber={0})", unknown, ()),
        "last 7 digits": (last, [number[-7:] for number in canonical], ()),
        "last 7 digits, unknown": (last, [number[-7:] for number in unknown], ()),
        "prefix": ("(sn={0}*)", begins, ()),
        "part": ("(cn=*{0}*)", parts, ()),
        "part of any": ("(|(cn=*{0}*)(sn=*{0}*)(o=*{0}*))", parts, PHONE),
        "prefix of any": ("(|(sn={0}*)(givenName={0}*)(cn={0}*)(o={0}*))", begins, PHONE),
        "snom": ("(&(telephoneNumber=*)(sn={0}*))", begins, PHONE),
        "number's beginning": ("(|(telephoneNumber={0}*)(mobile={0}*)(ipPhone={0}*))", [n[:8] for n in canonical], PHONE),
        "iOS": (ios, begins, PHONE),
    }
    found = {name: [search(text.format(v), shown) for v in values[:3000]] for name, (text, values, shown) in asked.items()}
    for made in found.values():
        rnd.shuffle(made)
    return found


class Asker:
    """One connection."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""
        self.last = b""

    def ask(self, request: bytes) -> int:
        """Send, and count the messages up to the last one of the answer, which is kept."""
        self._socket.sendall(request)
        data, at, count = self._rest, 0, 0
        while True:
            while (end := _whole(data, at)) and end <= len(data):
                first = data[at + 1]
                tag = data[at + 5 + (first & 0x7F if first >= 0x80 else 0)]  # behind the one octet of the message's number
                count += 1
                if tag in _DONE:
                    self._rest, self.last = data[end:], data[at:end]
                    return count
                at = end
            data, at = data[at:] + self._socket.recv(1 << 18), 0

    def close(self) -> None:
        self._socket.sendall(encode_request(8, UnbindRequest()))
        self._socket.close()


def _whole(data: bytes, at: int) -> int:
    """Where the message that begins here ends; 0 if that is not known yet."""
    if len(data) < at + 6:
        return 0
    first = data[at + 1]
    if first < 0x80:
        return at + 2 + first
    octets = first & 0x7F
    return at + 2 + octets + int.from_bytes(data[at + 2 : at + 2 + octets])


def ask_all(port: int, made: Sequence[bytes], seconds: float, seed: int) -> tuple[int, int, list[float]]:
    """Operations, messages and their times, from one client that asks without a pause."""
    client, until = Asker(port), time.perf_counter() + seconds
    times: list[float] = []
    messages, at = 0, seed * 997
    now = time.perf_counter()
    while now < until:
        messages += client.ask(made[at % len(made)])
        after = time.perf_counter()
        times.append(after - now)
        now, at = after, at + 1
    client.close()
    return len(times), messages, times


def bind_all(port: int, made: Sequence[bytes], seconds: float, seed: int) -> tuple[int, int, list[float]]:
    """The same with a connection, a bind and an unbind for every search."""
    until, times, messages, at = time.perf_counter() + seconds, [], 0, seed * 997
    request = encode_request(1, BindRequest(3, ADMIN, Simple(PASSWORD.encode())))
    while (now := time.perf_counter()) < until:
        client = Asker(port)
        client.ask(request)
        messages += client.ask(made[at % len(made)])
        client.close()
        times.append(time.perf_counter() - now)
        at += 1
    return len(times), messages, times


def walk_all(port: int, made: Sequence[bytes], seconds: float, seed: int) -> tuple[int, int, list[float]]:
    """Page after page of everything, again and again; an operation is a page."""
    client, until, times, messages, cookie = Asker(port), time.perf_counter() + seconds, [], 0, b""
    while (now := time.perf_counter()) < until:
        messages += client.ask(search("(objectClass=*)", (), 0, Control(PagedResults(PAGE, cookie), True)))
        times.append(time.perf_counter() - now)
        _, _, controls = parse_response(client.last)
        cookie = next((c.value.cookie for c in controls if isinstance(c.value, PagedResults)), b"")
    client.close()
    return len(times), messages, times


Client = Callable[[int, Sequence[bytes], float, int], tuple[int, int, list[float]]]


@dataclass(frozen=True, slots=True)
class Server:
    """What is measured."""

    name: str
    port: int
    pid: int

    def cpu(self) -> float:
        """CPU seconds so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory(self) -> dict[str, float]:
        """Megabytes: resident, and those that are in no file."""
        lines = dict(line.split(":") for line in Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines()[1:])
        mb = {name: int(value.split()[0]) / 1024 for name, value in lines.items()}
        return {"resident_mb": round(mb["Rss"], 1), "private_mb": round(mb["Anonymous"], 1)}


def measure(servers: Sequence[Server], client: Client, made: Sequence[bytes], seconds: float, rounds: int) -> dict[str, object]:
    """Both servers in turns; the first round warms up."""
    runs: dict[str, list[tuple[float, float, float, float]]] = {server.name: [] for server in servers}
    with ProcessPoolExecutor(CONNECTIONS) as pool:
        for round_ in range(rounds):
            for server in servers if round_ % 2 else reversed(servers):
                before = server.cpu()
                begin = time.perf_counter()
                waiting = [pool.submit(client, server.port, made, seconds, n) for n in range(CONNECTIONS)]
                found = [one.result() for one in waiting]
                took = time.perf_counter() - begin
                operations = sum(one[0] for one in found)
                times = sorted(t for one in found for t in one[2])
                messages = sum(one[1] for one in found)
                cpu = (server.cpu() - before) / operations * 1e6
                runs[server.name].append((cpu, operations / took, messages / operations, times[int(len(times) * 0.99)] * 1e3))
    figures: dict[str, object] = {}
    median = {name: [statistics.median(column) for column in zip(*found[1:], strict=True)] for name, found in runs.items()}
    for name, (cpu, per_second, messages, p99) in median.items():
        figures[name] = {
            "cpu_us": round(cpu, 1), "per_s": round(per_second), "entries": round(messages - 1, 1), "p99_ms": round(p99, 2)
        }  # fmt: skip
    figures["cpu_ratio"] = round(median["unisono"][0] / median["slapd"][0], 3)
    figures["speed_ratio"] = round(median["unisono"][1] / median["slapd"][1], 2)
    return figures


def publish(folder: Path, count: int) -> tuple[Path, float]:
    """The contacts as a segment with its manifest; the CPU seconds of building it."""
    folder.mkdir(parents=True, exist_ok=True)
    begin = time.process_time()
    builder = SegmentBuilder("bench")
    for contact in map(read, people(count)):
        builder.add(contact)
    partial = folder / "building"
    name = segment_name("bench", new_id(), builder.finish(partial))
    partial.rename(folder / name)
    manifest.write(folder, Manifest(1, {"bench": (LayerFile(name),)}))
    return folder / name, time.process_time() - begin


async def run(count: int, folder: Path, seconds: float, rounds: int, only: Sequence[str]) -> dict[str, object]:
    """All figures for so many contacts."""
    slapd = Slapd(folder / f"slapd-{count}")
    slapd_cpu = await asyncio.to_thread(slapd.fill, map(read, people(count)))
    slapd.start()
    path, our_cpu = await asyncio.to_thread(publish, folder / f"unisono-{count}", count)
    made = requests(list(islice(map(read, people(count)), 0, count, max(1, count // 3000))))
    sock = bind("127.0.0.1", 0)

    async def check(asked: Check) -> Checked:
        right = asked.password == PASSWORD.encode()
        return Checked(asked.id, Identity(Kind.PERSON, "admin", "admin") if right else None)

    settings = LdapSettings(size_limit=100_000)
    workers = Workers(Begin(settings, str(path.parent)), [Sockets(sock, None)], check, SystemClock())
    workers.configure(Configuration(people={"admin": ()}))
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(workers.run())
        await workers.ready()
        servers = Server("slapd", slapd.port, slapd.pid), Server("unisono", sock.getsockname()[1], workers.pids[0])
        figures: dict[str, object] = {}
        works: dict[str, tuple[Client, Sequence[bytes]]] = {name: (ask_all, each) for name, each in made.items()}
        works["walk"] = walk_all, ()
        works["bind, number, unbind"] = bind_all, made["number"]
        for name, (client, each) in works.items():
            if not only or name in only:
                figures[name] = await asyncio.to_thread(measure, servers, client, each, seconds, rounds)
                print(count, name, json.dumps(figures[name]), file=sys.stderr, flush=True)
        memory = {server.name: server.memory() for server in servers}
        running.cancel()
    slapd.stop()
    sock.close()
    disk = {"slapd_mb": round(slapd.disk / 2**20), "unisono_mb": round(path.stat().st_blocks * 512 / 2**20)}
    built = {"slapadd_cpu_s": round(slapd_cpu, 1), "segment_cpu_s": round(our_cpu, 1)}
    return {"contacts": count, "work": figures, "memory": memory, **disk, **built}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", default="10000,100000")
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    only = [name for name in options.only.split(",") if name]
    with tempfile.TemporaryDirectory() as folder:
        runs = [
            asyncio.run(run(int(count), Path(folder), options.seconds, options.rounds, only))
            for count in options.contacts.split(",")
        ]
    print(json.dumps({"runs": runs}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
