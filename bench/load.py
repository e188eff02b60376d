"""A whole office under load: demo PBX, server and clients as processes of their own. Prints JSON.

    python bench/load.py [--seconds 60] [--per-second 50] [--people 500] [--clients 200] [--favourites 20] [--groups 25]

Every call comes from another number, rings a second, is talked on for three seconds and ends. As calls come every 20 ms, one
begins, one is answered and one ends at the same instant, always: the worst case. With `--ring 1.007 --talk 3.006` they do not.

The PBX notes when it hands an event to its link; a client notes when a window has received the call's state. All processes
of a machine have the same monotonic clock. Targets: p50 at most 5 ms, p99 at most 50 ms from the PBX to the windows of the
called person and of all who follow them; every window sees every state of every call it has to see; every call has its row
in the journal.

With `--realtime` (root) the processes go before all others of the machine (SCHED_RR): for a machine that has other work.
"""

import argparse
import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import uvloop

import office
from fanout import Window
from unisono.app.compose import Rooms
from unisono.app.serve import run, settle
from unisono.app.settings import ServerSettings, Settings, WebSettings
from unisono.demo.pbx.control import ask
from unisono.demo.plant import load_extensions
from unisono.kernel.secrets import Secret
from unisono.net import Endpoint
from unisono.people.settings import PeopleSettings
from unisono.storage import Database
from unisono.web.settings import LimitSettings

P50_MS, P99_MS = 5.0, 50.0
SETTLE_SECONDS = 3.0
KINDS = {"Delivered": "offering", "Established": "connected", "ConnectionCleared": "ended"}
"""Which state of a call on its line an event of the PBX leads to."""


# The server


async def prepare(folder: Path, options: argparse.Namespace) -> None:
    """Fill the database that the server will find, and write down tokens for the clients."""
    pbx = json.loads((folder / "pbx.json").read_text())
    settings = settings_of(folder)
    database = Database(settings.server.database_url())
    rooms = Rooms(settings, database)
    await rooms.load()
    calls = int(options.seconds * options.per_second)
    users = await office.furnish(rooms, options.people, options.groups, options.favourites, calls)
    await office.link(rooms, pbx["port"], pbx["user"], pbx["password"])
    share = len(users) / options.clients
    chosen = [users[int(n * share)] for n in range(options.clients)]
    tokens = [(await rooms.people.sign_in.add_token(user.id, "load", ("all",), None))[1] for user in chosen]
    (folder / "tokens.json").write_text(json.dumps(tokens))
    await database.close()


def settings_of(folder: Path) -> Settings:
    return Settings(
        server=ServerSettings(data=str(folder), log_level="warning"),
        web=WebSettings(port=free_port()),
        limits=LimitSettings(address_rate=10_000, address_burst=10_000),
        people=PeopleSettings(argon2_time_cost=1, argon2_memory_kib=8, argon2_parallelism=1),
    )


def server(folder: Path) -> None:
    """The server's process: says on its output where it is found."""

    def ready(rooms: Rooms, urls: Sequence[str]) -> None:
        print(json.dumps({"url": urls[0]}), flush=True)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(settings_of(folder), ready))


def free_port() -> int:
    """A port that nobody listens on."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


# The clients


class Remote(msgspec.Struct):
    """The other party of a call."""

    canonical: str = ""
    name: str = ""


class CallValue(msgspec.Struct):
    """What is looked at of a call."""

    state: str
    remote: Remote


class CallFact(msgspec.Struct):
    """One fact; values of other collections stay bytes."""

    collection: str
    id: str
    value: msgspec.Raw


class Frame(msgspec.Struct):
    """One message of the stream."""

    type: str
    facts: list[CallFact] = []
    state: msgspec.Raw = msgspec.Raw()


_frame = msgspec.json.Decoder(Frame).decode
_call = msgspec.json.Decoder(CallValue).decode


class Seen:
    """What one window has received: for each caller and state the first time, nanoseconds."""

    def __init__(self) -> None:
        self.first: dict[str, int] = {}
        self.unnamed = 0
        self.lost = 0
        self.messages = 0
        self.bytes = 0
        self.snapshots = 0

    def message(self, payload: bytes) -> None:
        """Take one message."""
        at = time.monotonic_ns()
        self.messages += 1
        self.bytes += len(payload)
        if payload.startswith(b'{"type":"snapshot"'):
            self.snapshots += 1
        elif b'"collection":"calls"' in payload:
            for fact in _frame(payload).facts:
                if fact.collection == "calls" and bytes(fact.value) != b"null":
                    call = _call(fact.value)
                    self.unnamed += not call.remote.name
                    self.first.setdefault(f"{call.remote.canonical} {call.state}", at)


async def clients(port: int, tokens: list[str]) -> None:
    """The clients' process: opens every window, listens until its input is closed, prints what each has seen."""
    loop = asyncio.get_running_loop()
    windows = [Seen() for _ in tokens]
    for seen, token in zip(windows, tokens, strict=True):
        await loop.create_connection(partial(Window, seen, token), "127.0.0.1", port)
        while not seen.snapshots:  # noqa: ASYNC110
            await asyncio.sleep(0.002)
    for seen in windows:
        seen.messages = seen.bytes = 0
    print(json.dumps({"open": len(windows)}), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    print(json.dumps([{name: getattr(seen, name) for name in vars(seen)} for seen in windows]), flush=True)


# The measurement


@dataclass(frozen=True, slots=True)
class Told:
    """An event as the PBX noted it."""

    at: int
    device: str
    state: str
    caller: str


def told(log: Path) -> list[Told]:
    """What the PBX sent: of each line the events that change the state of its call."""
    found: dict[tuple[str, str], Told] = {}
    for line in log.read_text().splitlines():
        at, device, kind, local, _call_id, number = line.split("\t")
        state = KINDS.get(kind, "")
        caller = "+" + number.removeprefix("000")
        if state and not (state == "ended" and local != "null"):
            found.setdefault((caller, state), Told(int(at), device, state, caller))
    return list(found.values())


def watchers(options: argparse.Namespace) -> dict[str, list[int]]:
    """Which windows have to see the calls of an extension: its person's own first, then those of who follow them."""
    share, size = options.people / options.clients, -(-options.people // options.groups)
    owners = [int(n * share) for n in range(options.clients)]
    found: dict[str, list[int]] = defaultdict(list)
    for person, extension in enumerate(load_extensions(options.people)):
        for window, owner in enumerate(owners):
            behind = (person - owner) % options.people
            if owner == person or owner // size == person // size or 100 <= behind < 100 + options.favourites:
                found[extension].append(window)
        found[extension].sort(key=lambda window: owners[window] != person)
    return found


def percentiles(times: Iterable[float]) -> dict[str, float]:
    """Milliseconds."""
    ordered = sorted(times)
    if not ordered:
        return {}
    at = {name: ordered[min(len(ordered) - 1, int(len(ordered) * share))] for name, share in (("p50", 0.5), ("p99", 0.99))}
    return {name: round(value / 1e6, 2) for name, value in {**at, "max": ordered[-1]}.items()} | {"count": len(ordered)}


def compare(events: list[Told], windows: list[dict[str, Any]], who: dict[str, list[int]]) -> dict[str, Any]:
    """Delays by state, and what somebody should have seen and did not."""
    delays: dict[str, list[int]] = defaultdict(list)
    lost: Counter[str] = Counter()
    for event in events:
        for window in who[event.device]:
            at = windows[window]["first"].get(f"{event.caller} {event.state}")
            if at is None:
                lost[event.state] += 1
            else:
                delays[event.state].append(at - event.at)
    every = [delay for kind in ("offering", "connected") for delay in delays[kind]]
    return {
        "delivered_ms": percentiles(delays["offering"]),
        "established_ms": percentiles(delays["connected"]),
        "cleared_ms": percentiles(delays["ended"]),
        "event_to_client_ms": percentiles(every),
        "lost": sum(lost.values()),
        "lost_by_state": dict(lost),
    }


def journal(database: Path, events: list[Told]) -> dict[str, Any]:
    """How many calls have how many rows."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        rows = Counter(row[0] for row in connection.execute("SELECT partner FROM journal_entry"))
        running = connection.execute("SELECT count(*) FROM journal_entry WHERE running = 1").fetchone()[0]
    calls = {event.caller for event in events}
    return {
        "calls": len(calls),
        "calls_without_row": sum(1 for call in calls if not rows[call]),
        "calls_with_more_rows": sum(1 for call in calls if rows[call] > 1),
        "rows_still_open": running,
    }


def cpu_seconds(pid: int) -> float:
    """CPU that a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def start(*arguments: str) -> tuple[subprocess.Popen[str], dict[str, Any]]:
    """A process, and the first line it says."""
    process = subprocess.Popen([sys.executable, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())


def stop(process: subprocess.Popen[str]) -> str:
    """Ask a process to end; returns what else it said."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    return process.communicate(timeout=60)[0]


async def load(options: argparse.Namespace, where: dict[str, Any], processes: dict[str, int]) -> dict[str, Any]:
    """Let the PBX make the calls; CPU seconds by process meanwhile."""
    endpoint, token = Endpoint(where["host"], where["control_port"]), Secret(where["token"])
    while (await ask(endpoint, token, "state"))["monitors"] != options.people:  # noqa: ASYNC110
        await asyncio.sleep(0.2)
    await asyncio.sleep(1.0)
    before = {name: cpu_seconds(pid) for name, pid in processes.items()}
    plan = {name: getattr(options, name) for name in ("per_second", "seconds", "ring", "talk")} | {"callers": office.CALLERS}
    await ask(endpoint, token, "load", plan)
    await asyncio.sleep(options.seconds)
    used = {name: cpu_seconds(pid) - before[name] for name, pid in processes.items()}
    while True:
        state: Any = await ask(endpoint, token, "state")
        if state["load"]["done"]:
            break
        await asyncio.sleep(0.2)
    await asyncio.sleep(SETTLE_SECONDS)
    return {"made": state["load"]["made"], "cpu_share": {name: round(u / options.seconds, 2) for name, u in used.items()}}


def measure(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """All processes, one run."""
    log, state = folder / "events.log", folder / "pbx.json"
    people = ("--extensions", str(options.people), "--event-log", str(log), "--heartbeat", "3600", "--session", "3600")
    pbx, _ = start("-m", "unisono.demo.pbx", "--state-file", str(state), *people)
    where = json.loads(state.read_text())
    asyncio.run(prepare(folder, options))
    serving, door = start(*options.python, __file__, "--server", str(folder))
    crowd, _ = start(__file__, "--crowd", door["url"], "--folder", str(folder))
    try:
        figures = asyncio.run(load(options, where, {"pbx": pbx.pid, "server": serving.pid, "clients": crowd.pid}))
        windows = json.loads(crowd.communicate(timeout=60)[0])
    finally:
        for process in (crowd, serving, pbx):
            stop(process)
    events = told(log)
    figures |= compare(events, windows, watchers(options)) | journal(folder / "unisono.sqlite3", events)
    delays = figures["event_to_client_ms"]
    whole = not (figures["lost"] or figures["calls_without_row"] or figures["rows_still_open"])
    return {
        "bench": "load",
        "realtime": options.realtime,
        **figures,
        "messages_per_second": round(sum(window["messages"] for window in windows) / options.seconds),
        "mib_per_second": round(sum(window["bytes"] for window in windows) / options.seconds / 1e6, 2),
        "windows_that_fell_behind": sum(window["snapshots"] > 1 for window in windows),
        "calls_without_name": sum(window["unnamed"] for window in windows),
        "met": whole and delays["p50"] <= P50_MS and delays["p99"] <= P99_MS,
    }


def parser_of(description: str | None, **numbers: float) -> argparse.ArgumentParser:
    """The options of a benchmark: its numbers with what they are unless said otherwise, and those that every one has."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in numbers.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(default), default=default)
    parser.add_argument("--realtime", action="store_true", help="go before all other processes of the machine")
    parser.add_argument("--python", nargs="*", default=[], help="arguments of the server's interpreter, for profiling")
    parser.add_argument("--server", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--crowd", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    return parser


def run_one(
    options: argparse.Namespace,
    server: Callable[[Path], None],
    clients: Callable[[int, list[str]], Coroutine[Any, Any, None]],
    measure: Callable[[Path, argparse.Namespace], dict[str, Any]],
) -> None:
    """Run one of the processes; without an option that says which, the one that starts the others and prints the figures."""
    if options.server:
        server(options.server)
    elif options.crowd:
        port = int(options.crowd.rstrip("/").rpartition(":")[2])
        settle()  # no window is kept waiting while this process looks for garbage
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(clients(port, json.loads((options.folder / "tokens.json").read_text())))
    else:
        if options.realtime:
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(measure(Path(folder), options), indent=1))


def main() -> None:
    """Parse the command line and run one of the processes."""
    people = {"people": 500, "clients": 200, "favourites": 20, "groups": 25}
    options = parser_of(__doc__, seconds=60, per_second=50, ring=1.0, talk=3.0, **people).parse_args()
    run_one(options, server, clients, measure)


if __name__ == "__main__":
    main()
