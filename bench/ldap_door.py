"""The LDAP door against slapd with the same contacts, in turns: CPU per operation of the servers. Prints JSON.

    python bench/ldap_door.py [--contacts 10000,100000] [--seconds 1.5] [--rounds 3] [--only "number;prefix"] [--keep FOLDER]

slapd is Debian's, tuned for three-letter parts of names. Passwords are argon2id at both, with the same effort; the door
remembers for some minutes that one was right, slapd computes it each time (it has nothing to remember it with), so it is also
asked to check a clear one. Clients are processes of this bench on the same cores, so only CPU per operation counts.
--keep: databases are made there, and used again if they are there. They are made in turns too: two seconds slapadd, then half a
second our import.
"""

import argparse
import asyncio
import gc
import json
import os
import random
import signal
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from contacts import contact as read
from contacts import people
from filled import Filled, fill, index_of, is_filled
from slapd import ADMIN, CLEAR, PASSWORD, Slapd
from turns import Work
from unisono.app.doors import bind
from unisono.directory.ldap.channel import Begin, Check, Checked
from unisono.directory.ldap.door import SLICE
from unisono.directory.ldap.model import Configuration, Identity, Kind
from unisono.directory.ldap.session import Limits, Session
from unisono.directory.ldap.settings import LdapSettings
from unisono.directory.ldap.tree import Tree
from unisono.directory.ldap.workers import Sockets, Workers
from unisono.directory.model import Contact
from unisono.directory.segment.attributes import Attribute
from unisono.kernel.clock import SystemClock
from unisono.wire.ldap.control import Control, PagedResults
from unisono.wire.ldap.filter_text import parse_filter
from unisono.wire.ldap.message import BindRequest, Deref, Scope, SearchRequest, Simple, UnbindRequest
from unisono.wire.ldap.requests import encode_request
from unisono.wire.ldap.responses import parse_response

CONNECTIONS = 4
LIMIT = 50
PAGE = 500
PHONE = ("cn", "sn", "givenName", "o", "telephoneNumber", "mobile", "homePhone")
IOS = (
    "(|(o={0}*)(cn={0}*)(ou={0}*)(sn={0}*)(mail={0}*)(IMHandle={0}*)(givenname={0}*)(postalAddress={0}*)(telephoneNumber={0}*))"
)
WORST = {
    "digits in any place": "(telephoneNumber=*5464*)",
    "digits in many places": "(telephoneNumber=*1*2*3*4*)",
    "not": "(!(cn=x))",
    "not a part": "(!(cn=*a*))",
    "names from m on": "(cn>=m)",
    "iOS, a letter": IOS.format("a"),
    "attributes that nobody has": "(|(shoeSize=5)(!(hatSize=*)))",
    "notes": "(description=*nowhere*)",
    "parts that all have": "(&(cn=*a*)(o=*e*)(mail=*z9*))",
    "numbers of a country": "(telephoneNumber=+39*)",
}
"""Legal filters that ask for everything, or for what no index has."""
_DIFFERENT = 20_000
_ENTRY, _LAST = b"\x02\x01\x07\x64", b"\x02\x01\x07\x65"
"""Before an operation stands the message's number, 7 in all of them; that is rare in contacts."""
_COOKIE = b"\xfe" * 8
"""As long as those of both servers."""
_DONE = (0x65, 0x61)
_SLAPADD = 4.0
"""How long slapadd takes, when the import takes one."""
_TICKS = os.sysconf("SC_CLK_TCK")


def search(text: str, attributes: Sequence[str] = (), limit: int = LIMIT, *controls: Control) -> bytes:
    """A request, ready to send."""
    request = SearchRequest("dc=meta", Scope.SUBTREE, Deref.NEVER, limit, 5, False, parse_filter(text), tuple(attributes))
    return encode_request(7, request, controls)


def requests(sample: Sequence[Contact]) -> dict[str, list[bytes]]:
    """What telephones ask, by workload: more different values than any of the servers remembers."""
    rnd = random.Random(7)
    phones = [number for contact in sample for number in contact.numbers if number.canonical.startswith("+")]
    words = [w.lower() for c in sample for w in (c.last_name, c.first_name, c.company.split(" ")[0])]
    words = [word for word in words if len(word) > 3 and word.isascii()]
    rnd.shuffle(words)
    begins = [word[: rnd.choice((3, 3, 4, 5))] for word in words]
    parts = [word[at : at + 4] for word in words for at in (rnd.randrange(max(1, len(word) - 3)),)]
    unknown = [f"+3904{rnd.randrange(10**8, 10**9)}" for _ in range(_DIFFERENT)]
    last = "(|(telephoneNumber=*{0})(mobile=*{0})(homePhone=*{0}))"
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
        "iOS": (IOS, begins, PHONE),
    }
    found = {
        name: [search(text.format(value), shown) for value in values[:_DIFFERENT]]
        for name, (text, values, shown) in asked.items()
    }
    for made in found.values():
        rnd.shuffle(made)
    return found


class Asker:
    """One connection."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""
        self._held = bytearray(1 << 20)
        self._page = memoryview(self._held)

    def ask(self, request: bytes) -> int:
        """Send, and count the messages up to the last one of the answer."""
        self._socket.sendall(request)
        data, at, count = self._rest, 0, 0
        while True:
            while (end := _whole(data, at)) and end <= len(data):
                first = data[at + 1]
                tag = data[at + 5 + (first & 0x7F if first >= 0x80 else 0)]  # behind the one octet of the message's number
                count += 1
                if tag in _DONE:
                    self._rest = data[end:]
                    return count
                at = end
            data, at = data[at:] + self._socket.recv(1 << 18), 0

    def page(self, request: bytes, count: bool) -> tuple[int, bytes]:
        """Send, and read a page; its cookie, and how many entries it has if they are to be counted, which takes its time."""
        self._socket.sendall(request)
        size = 0
        while True:
            size += self._socket.recv_into(self._page[size:])
            end = self._held.rfind(_LAST, max(0, size - 200), size)
            begin = end - (2 if self._held[end - 2] == 0x30 else 4)
            if end > 0 and _whole(self._held[begin:size], 0) == size - begin:
                break
        _, _, controls = parse_response(bytes(self._held[begin:size]))
        cookie = next((c.value.cookie for c in controls if isinstance(c.value, PagedResults)), b"")
        return self._held.count(_ENTRY, 0, size) if count else PAGE, cookie

    def close(self) -> None:
        self._socket.sendall(encode_request(8, UnbindRequest()))
        self._socket.close()


def _whole(data: bytes | bytearray, at: int) -> int:
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


def bind_all(name: str, port: int, made: Sequence[bytes], seconds: float, seed: int) -> tuple[int, int, list[float]]:
    """The same with a connection, a bind and an unbind for every search."""
    until, times, messages, at = time.perf_counter() + seconds, [], 0, seed * 997
    request = encode_request(1, BindRequest(3, name, Simple(PASSWORD.encode())))
    while (now := time.perf_counter()) < until:
        client = Asker(port)
        client.ask(request)
        messages += client.ask(made[at % len(made)])
        client.close()
        times.append(time.perf_counter() - now)
        at += 1
    return len(times), messages, times


def walk_all(port: int, made: Sequence[bytes], seconds: float, seed: int) -> tuple[int, int, list[float]]:
    """Page after page to the very end, and again if that was quick; an operation is a page, which is not taken to pieces."""
    client, until, messages = Asker(port), time.perf_counter() + seconds, 0
    times: list[float] = []
    first, again = (search("(objectClass=*)", (), 0, Control(PagedResults(PAGE, c), True)) for c in (b"", _COOKIE))
    before, behind = again.split(_COOKIE)
    cookie = b""
    while (now := time.perf_counter()) < until or cookie:
        found, cookie = client.page(before + cookie + behind if cookie else first, not times or not cookie)
        messages += found + 1
        times.append(time.perf_counter() - now)
    client.close()
    return len(times), messages, times


Client = Callable[[int, Sequence[bytes], float, int], tuple[int, int, list[float]]]


@dataclass(frozen=True, slots=True)
class Server:
    """What is measured."""

    name: str
    port: int
    pids: Sequence[int]

    def cpu(self) -> float:
        """CPU seconds so far."""
        each = (Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split() for pid in self.pids)
        return sum(int(fields[11]) + int(fields[12]) for fields in each) / _TICKS

    def memory(self) -> dict[str, float]:
        """Megabytes: resident in all, what processes share counted once; and those of a process that are in no file."""
        each = [Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:] for pid in self.pids]
        mb = [{name: int(value.split()[0]) / 1024 for name, value in (line.split(":") for line in lines)} for lines in each]
        resident = max(one["Rss"] for one in mb) + sum(sorted(one["Anonymous"] for one in mb)[:-1])
        return {"resident_mb": round(resident, 1), "private_mb": round(max(one["Anonymous"] for one in mb), 1)}


def measure(
    servers: Sequence[Server], client: Client, made: Sequence[bytes], seconds: float, rounds: int, clients: int
) -> dict[str, object]:
    """Both servers in turns."""
    runs: dict[str, list[tuple[float, float, float, float]]] = {server.name: [] for server in servers}
    with ProcessPoolExecutor(CONNECTIONS) as pool:
        for round_ in range(rounds):
            for server in servers if round_ % 2 else reversed(servers):
                before = server.cpu()
                begin = time.perf_counter()
                waiting = [pool.submit(client, server.port, made, seconds, n) for n in range(clients)]
                found = [one.result() for one in waiting]
                took = time.perf_counter() - begin
                operations = sum(one[0] for one in found)
                times = sorted(t for one in found for t in one[2])
                messages = sum(one[1] for one in found)
                cpu = (server.cpu() - before) / operations * 1e6
                runs[server.name].append((cpu, operations / took, messages / operations, times[int(len(times) * 0.99)] * 1e3))
    figures: dict[str, object] = {}
    # The first round warms up, unless it is the only one.
    counted = {name: found[1:] or found for name, found in runs.items()}
    median = {name: [statistics.median(column) for column in zip(*found, strict=True)] for name, found in counted.items()}
    for name, (cpu, per_second, messages, p99) in median.items():
        figures[name] = {
            "cpu_us": round(cpu, 1), "per_s": round(per_second), "entries": round(messages - 1, 1), "p99_ms": round(p99, 2)
        }  # fmt: skip
    figures["cpu_ratio"] = round(median["unisono"][0] / median["slapd"][0], 3)
    figures["speed_ratio"] = round(median["unisono"][1] / median["slapd"][1], 2)
    rates = {name: found[1] * (found[2] - 1) for name, found in median.items()}
    figures["entries_per_s"] = {name: round(rate) for name, rate in rates.items()}
    return figures


async def run(count: int, folder: Path, seconds: float, rounds: int, only: Sequence[str]) -> dict[str, object]:
    """All figures for so many contacts."""
    slapd = Slapd(folder / f"slapd-{count}")
    data = folder / f"unisono-{count}"
    filled = await asyncio.to_thread(fill_both, slapd, data, count)
    settings = LdapSettings(size_limit=100_000)
    with bind("127.0.0.1", 0) as free:
        port = int(free.getsockname()[1])
    socks = [bind("127.0.0.1", port, shared=True) for _ in range(settings.processes)]
    hasher = PasswordHasher()
    right = hasher.hash(PASSWORD)

    async def check(asked: Check) -> Checked:
        try:
            await asyncio.to_thread(hasher.verify, right, asked.password)
        except VerificationError:
            return Checked(asked.id)
        return Checked(asked.id, Identity(Kind.PERSON, "admin", "admin"))

    workers = Workers(Begin(settings, str(data / "directory")), [Sockets(sock, None) for sock in socks], check, SystemClock())
    workers.configure(Configuration(people={"admin": ()}))
    slapd.start()
    try:
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(workers.run())
            await workers.ready()
            servers = Server("slapd", slapd.port, [slapd.pid]), Server("unisono", port, list(workers.pids.values()))
            figures = await asyncio.to_thread(works, count, servers, seconds, rounds, only)
            worst = await asyncio.to_thread(stalls, servers[1].port, data, seconds) if not only or "worst" in only else {}
            memory = {server.name: server.memory() for server in servers}
            running.cancel()
    finally:
        slapd.stop()
        for sock in socks:
            sock.close()
    return {
        "contacts": count,
        "work": figures,
        "worst": worst,
        "memory": memory,
        "disk_mb": {"slapd": round(slapd.disk / 2**20), "unisono": filled.disk_mb},
        "import_cpu_s": {"slapd": filled.beside_cpu_s, "unisono": filled.import_cpu_s},
        "import_s": filled.import_s,
        "callers_found_percent": filled.callers_found_percent,
    }


def fill_both(slapd: Slapd, data: Path, count: int) -> Filled:
    """Make both databases in turns, unless they are there."""
    if slapd.filled and is_filled(data) and (filled := fill(data, count)).beside_cpu_s:
        return filled
    filled = fill(data, count, Work(slapd.prepare(map(read, people(count))), _SLAPADD))
    slapd.done()
    return filled


def works(count: int, servers: Sequence[Server], seconds: float, rounds: int, only: Sequence[str]) -> dict[str, object]:
    """Every workload, one after the other."""
    every = max(1, count // 12_000)
    made = requests(list(islice(map(read, people(count)), 0, count, every)))
    each: dict[str, tuple[Client, Sequence[bytes]]] = {name: (ask_all, asked) for name, asked in made.items()}
    each["walk"] = walk_all, ()
    each["bind, number, unbind"] = partial(bind_all, ADMIN), made["number"]
    each["bind, number, unbind (clear at slapd)"] = partial(bind_all, CLEAR), made["number"]
    figures: dict[str, object] = {}
    for name, (client, asked) in each.items():
        if not only or name in only:
            figures[name] = measure(servers, client, asked, seconds, rounds, 1 if name == "walk" else CONNECTIONS)
            print(count, name, json.dumps(figures[name]), file=sys.stderr, flush=True)
    return figures


def stalls(port: int, data: Path, seconds: float) -> dict[str, object]:
    """What others notice while somebody asks the worst: how late a number is answered that is asked every few milliseconds.

    Beside it the CPU milliseconds of the longest turn, which do not depend on what else the machine does.
    """
    tree = Tree(index_of(data), Configuration())
    segment = max((part.segment for part in tree.index.parts()), key=len)
    numbers = [value.decode() for at in range(500) for value in segment.values(at, Attribute.TELEPHONE_NUMBER)]
    made = [search(f"(telephoneNumber={number})") for number in numbers]
    found: dict[str, object] = {}
    with ProcessPoolExecutor(2) as pool:
        for name, text in {"nothing": "", **WORST}.items():
            heavy = pool.submit(ask_all, port, [search(text, PHONE, 0)], seconds, 0) if text else None
            times = sorted(pool.submit(ask_now_and_then, port, made, seconds).result())
            if heavy is not None:
                heavy.result()
            late = {"p99_ms": round(times[int(len(times) * 0.99)] * 1e3, 2), "worst_ms": round(times[-1] * 1e3, 2)}
            found[name] = {**late, "longest_turn_ms": round(longest_turn(tree, text) * 1e3, 2)} if text else late
            print(name, json.dumps(found[name]), file=sys.stderr, flush=True)
    return found


def ask_now_and_then(port: int, made: Sequence[bytes], seconds: float) -> list[float]:
    """How long each of the requests took."""
    client, until, times = Asker(port), time.perf_counter() + seconds, []
    for request in cycle(made):
        begin = time.perf_counter()
        if begin > until:
            break
        client.ask(request)
        times.append(time.perf_counter() - begin)
        time.sleep(0.003)
    client.close()
    return times


def longest_turn(tree: Tree, text: str) -> float:
    """CPU seconds for which a search keeps all others waiting."""
    session = Session(lambda: tree, time.monotonic, limits=Limits(100_000))
    session.receive(search(text, PHONE, 0))
    longest = 0.0
    gc.collect()
    gc.freeze()  # as a worker does
    while session.ready:
        begin = time.thread_time()
        session.work(time.monotonic() + SLICE)
        longest = max(longest, time.thread_time() - begin)
    return longest


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", default="10000,100000")
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="workloads with semicolons between them")
    parser.add_argument("--keep", type=Path, help="a folder for the databases")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers end too
    only = [name.strip() for name in options.only.split(";") if name.strip()]
    with nullcontext(options.keep) if options.keep else tempfile.TemporaryDirectory() as folder:
        runs = [
            asyncio.run(run(int(count), Path(folder), options.seconds, options.rounds, only))
            for count in options.contacts.split(",")
        ]
    print(json.dumps({"runs": runs}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
