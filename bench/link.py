"""The link to a large PBX comes and goes while another PBX works. Prints JSON.

    python bench/link.py [--lines 500] [--clients 200] [--calls 25] [--realtime]

Two demo PBXs, the server, and the clients are processes of their own. The first PBX has a line for everybody who has no window
open, and calls up; its link is cut, and restored five seconds later. So the presence of 500 people changes at once, twice,
and all windows hear of it. Meanwhile people with windows get calls through the second PBX.

Targets: no event of the second PBX reaches a window later than 50 ms. However busy the machine is with other things, the server
uses at most 50 ms of CPU from when it reads an event until it has written it to the last window, and none of its turns takes
more. Every window hears of everybody.

As all processes share the machine, the time until a window has an event is more than the server's. So the server notes when
it reads from a PBX, when each message leaves for a window, and what its thread has used until then.
"""

import argparse
import asyncio
import json
import os
import sys
import time
from bisect import bisect
from collections.abc import Sequence
from functools import partial
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import msgspec
import uvloop

import office
from fanout import Window as Client
from load import Seen, Told, compare, parser_of, percentiles, run_one, settings_of, start, stop, told
from unisono.app.compose import Rooms
from unisono.app.serve import run
from unisono.connectors.store import Instance
from unisono.demo.pbx.control import ask
from unisono.demo.plant import load_extensions
from unisono.kernel.secrets import Secret
from unisono.net import Endpoint, Stream
from unisono.people.model import Line
from unisono.storage import Database
from unisono.web.window import Message, Window

MOST_MS = 50.0
LOOK_SECONDS = 0.002
CALLED, OTHER = 20, "other"
GROUPS, FAVOURITES = 25, 20
UP_SECONDS, DOWN_SECONDS, AFTER_SECONDS = 5.0, 5.0, 10.0
UNDISTURBED = "+39043216"
"""How the numbers of those begin whose calls are up when the link is cut."""


# The server


async def prepare(folder: Path, options: argparse.Namespace) -> list[str]:
    """People without window have a line at the first PBX; the first of the others have one at the second.

    Returns who has a window.
    """
    settings = settings_of(folder)
    database = Database(settings.server.database_url())
    rooms = Rooms(settings, database)
    await rooms.load()
    users = await office.furnish(rooms, options.lines + options.clients, GROUPS, FAVOURITES, 1)
    with_window = users[:: len(users) // options.clients][: options.clients]
    await rooms.people.remove_lines([line.id for user in with_window for line in rooms.people.lines_of(user.id)])
    for number, user in enumerate(with_window[:CALLED]):
        device = load_extensions(CALLED)[number]
        await rooms.people.save_line(Line("", OTHER, device, f"9{device}", user.name, office.SITE, user_ids=(user.id,)))
    for name, file in ((office.CONNECTOR, "pbx.json"), (OTHER, "other.json")):
        where = json.loads((folder / file).read_text())
        link = {"host": "127.0.0.1", "port": where["port"], "user": where["user"], "password": where["password"]}
        await rooms.connectors.save(Instance(name, name, "csta", True, office.SITE, link))
    tokens = [(await rooms.people.sign_in.add_token(user.id, "link", ("all",), None))[1] for user in with_window]
    (folder / "tokens.json").write_text(json.dumps(tokens))
    await database.close()
    return [user.id for user in with_window]


class Notes:
    """When the server looked at its event loop, read from a link, and wrote to a window; nanoseconds, with the CPU used so far.

    It looks every two milliseconds: what comes in between late, is one long turn.
    """

    def __init__(self) -> None:
        self.looks: list[tuple[int, int]] = []
        self.reads: list[tuple[int, int, str]] = []
        """With the address of the PBX."""
        self.left: list[tuple[int, int, str, int]] = []
        """With whose window it is, and the number of the message."""
        self._loop = asyncio.get_running_loop()
        take, read = Window.take, Stream.read

        def taken(window: Window) -> Message:
            message = take(window)
            self.left.append((*_now(), window.viewer.user_id, message.seq))
            return message

        async def was_read(stream: Stream) -> bytes:
            data = await read(stream)
            self.reads.append((*_now(), stream.name))
            return data

        Window.take = taken  # type: ignore[assignment, method-assign]
        Stream.read = was_read  # type: ignore[assignment, method-assign]
        self._look()

    def _look(self) -> None:
        self.looks.append(_now())
        self._loop.call_later(LOOK_SECONDS, self._look)


def _now() -> tuple[int, int]:
    return time.monotonic_ns(), time.thread_time_ns()


def server(folder: Path) -> None:
    """The server's process: says on its output where it is found, and at the end what it has noted."""
    notes: list[Notes] = []

    def ready(rooms: Rooms, urls: Sequence[str]) -> None:
        notes.append(Notes())
        print(json.dumps({"url": urls[0]}), flush=True)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(settings_of(folder), ready))
    print(json.dumps([{"looks": each.looks, "reads": each.reads, "left": each.left} for each in notes]), flush=True)


# The clients


class Numbered(msgspec.Struct):
    """One message of the stream; nothing is looked at but its number."""

    seq: int


_numbered = msgspec.json.Decoder(Numbered).decode


class Listener(Seen):
    """Besides calls, notes in which message their states came, and counts whose presence was told, and when the last was."""

    def __init__(self) -> None:
        super().__init__()
        self.seqs: dict[str, int] = {}
        self.presences: list[tuple[int, int]] = []
        """When a message told of presence, and of how many people."""

    def message(self, payload: bytes) -> None:
        known = len(self.first)
        super().message(payload)
        if len(self.first) > known:
            self.seqs.update(dict.fromkeys(islice(self.first, known, None), _numbered(payload).seq))
        people = payload.count(b'"collection":"presence"')
        if people:
            self.presences.append((time.monotonic_ns(), people))


async def clients(port: int, tokens: list[str]) -> None:
    """The clients' process: opens every window, listens until its input is closed, prints what each has seen."""
    loop = asyncio.get_running_loop()
    windows = [Listener() for _ in tokens]
    for seen, token in zip(windows, tokens, strict=True):
        await loop.create_connection(partial(Client, seen, token), "127.0.0.1", port)
        while not seen.snapshots:  # noqa: ASYNC110
            await asyncio.sleep(0.002)
    print(json.dumps({"open": len(windows)}), flush=True)
    await loop.run_in_executor(None, sys.stdin.readline)
    for seen in windows:
        seen.messages = seen.bytes = 0
        seen.presences.clear()
    await loop.run_in_executor(None, sys.stdin.read)
    print(json.dumps([{name: getattr(seen, name) for name in vars(seen)} for seen in windows]), flush=True)


# The measurement


class Pbx:
    """A demo PBX's control socket."""

    def __init__(self, file: Path) -> None:
        where = json.loads(file.read_text())
        self._endpoint, self._token = Endpoint(where["host"], where["control_port"]), Secret(where["token"])

    async def do(self, command: str, **arguments: object) -> dict[str, Any]:
        """Give one command."""
        return await ask(self._endpoint, self._token, command, arguments)

    async def monitored(self, lines: int) -> None:
        """Until the server follows so many."""
        while (await self.do("state"))["monitors"] != lines:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def burst(folder: Path, options: argparse.Namespace, begin: Any) -> dict[str, int]:
    """Cut the link and restore it; when each was, nanoseconds."""
    pbx, other = Pbx(folder / "pbx.json"), Pbx(folder / "other.json")
    await pbx.monitored(options.lines)
    await other.monitored(CALLED)
    await pbx.do("load", per_second=options.calls, seconds=1, ring=0.1, talk=600, callers=UNDISTURBED)
    await asyncio.sleep(3.0)
    begin()
    seconds = UP_SECONDS + DOWN_SECONDS + AFTER_SECONDS
    await other.do("load", per_second=10, seconds=seconds, ring=0.4, talk=0.9, callers=office.CALLERS)
    await asyncio.sleep(UP_SECONDS)
    at = {"cut": time.monotonic_ns()}
    await pbx.do("fault", refuse_connections=True)
    await pbx.do("drop")
    await asyncio.sleep(DOWN_SECONDS)
    at["restored"] = time.monotonic_ns()
    await pbx.do("fault")
    await pbx.monitored(options.lines)
    at["monitored"] = time.monotonic_ns()
    await asyncio.sleep(AFTER_SECONDS + 1.0)
    at["end"] = time.monotonic_ns()
    return at


def between(pairs: list[Any], begin: int, end: int) -> list[Any]:
    """What happened within this time; the first of each is when."""
    return [pair for pair in pairs if begin <= pair[0] < end]


def turns_of(looks: list[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """When each turn of over a millisecond ended, how long it took, and its CPU."""
    each = ((at, at - before - int(LOOK_SECONDS * 1e9), used - had) for (before, had), (at, used) in pairwise(looks))
    return [turn for turn in each if turn[1] > 1_000_000]


def parts(
    events: list[Told], windows: list[dict[str, Any]], who: dict[str, list[int]], notes: dict[str, Any]
) -> dict[str, Any]:
    """What the delays are made of: until the server has written an event, its CPU for that, and from there to the window.

    CPU is counted from when the server first reads from that PBX after the event: if earlier ones are under way, too much.
    """
    reads = [(at, used) for at, used, peer in notes["reads"] if peer == notes["other"]]
    left = {(user, seq): (at, used) for at, used, user, seq in notes["left"]}
    until, cpu, on_its_way = [], [], []
    for event in events:
        had = reads[bisect(reads, (event.at,))][1]
        state = f"{event.caller} {event.state}"
        for window in (windows[number] for number in who[event.device]):
            if state in window["seqs"]:
                at, used = left[window["user"], window["seqs"][state]]
                until.append(at - event.at)
                cpu.append(used - had)
                on_its_way.append(window["first"][state] - at)
    return {"written_ms": percentiles(until), "server_cpu_ms": percentiles(cpu), "on_its_way_ms": percentiles(on_its_way)}


def of_phase(begin: int, end: int, turns: list[Any], windows: list[dict[str, Any]]) -> dict[str, Any]:
    """What one phase was like for the loop and for the windows."""
    within = between(turns, begin, end)
    heard = [between(window["presences"], begin, end) for window in windows]
    last = max((each[-1][0] for each in heard if each), default=begin)
    return {
        "longest_turn_ms": round(max((turn[1] for turn in within), default=0) / 1e6, 1),
        "longest_turn_cpu_ms": round(max((turn[2] for turn in within), default=0) / 1e6, 1),
        "presence_messages": sum(map(len, heard)),
        "presences_fewest": min(sum(people for _, people in each) for each in heard),
        "presences_most": max(sum(people for _, people in each) for each in heard),
        "last_heard_ms": round((last - begin) / 1e6),
    }


def measure(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """All processes, one run."""
    quiet = ("--heartbeat", "3600", "--session", "3600")
    processes = []
    try:
        everybody = str(options.lines + options.clients)
        for name, lines, log in (("pbx", everybody, ()), ("other", str(CALLED), ("--event-log", str(folder / "events.log")))):
            state = ("--state-file", str(folder / f"{name}.json"))
            processes.append(start("-m", "unisono.demo.pbx", *state, "--extensions", lines, *quiet, *log)[0])
        if options.realtime:
            # What the large PBX does when it is signed in to again must not keep the others from their processors.
            os.sched_setscheduler(processes[0].pid, os.SCHED_OTHER, os.sched_param(0))
        users = asyncio.run(prepare(folder, options))
        where = json.loads((folder / "other.json").read_text())
        serving, door = start(*options.python, __file__, "--server", str(folder))
        processes.append(serving)
        crowd, _ = start(__file__, "--crowd", door["url"], "--folder", str(folder))
        processes.append(crowd)

        def begin() -> None:
            assert crowd.stdin is not None
            crowd.stdin.write("\n")
            crowd.stdin.flush()

        at = asyncio.run(burst(folder, options, begin))
        windows = json.loads(crowd.communicate(timeout=60)[0])
        (notes,) = json.loads(stop(serving).splitlines()[-1])
        notes["other"] = str(Endpoint(where["host"], where["port"]))
    finally:
        for process in reversed(processes):
            stop(process)
    windows = [{**window, "user": user} for window, user in zip(windows, users, strict=True)]
    return figures(folder, options, at, notes, windows)


def figures(
    folder: Path, options: argparse.Namespace, at: dict[str, int], notes: dict[str, Any], windows: list[dict[str, Any]]
) -> dict[str, Any]:
    """What was measured."""
    people, share = options.lines + options.clients, (options.lines + options.clients) // options.clients
    owners = [n * share for n in range(options.clients)]
    size = -(-people // GROUPS)
    who = {
        extension: [
            window
            for window, owner in enumerate(owners)
            if owner // size == owners[n] // size or 100 <= (owners[n] - owner) % people < 100 + FAVOURITES
        ]
        for n, extension in enumerate(load_extensions(CALLED))
    }
    events = told(folder / "events.log")
    calm = [event for event in events if event.at < at["cut"]]
    while_down = [event for event in events if at["cut"] <= event.at < at["restored"]]
    while_back = [event for event in events if at["restored"] <= event.at]
    turns = turns_of(notes["looks"])
    cut, back = (of_phase(*times, turns, windows) for times in ((at["cut"], at["restored"]), (at["restored"], at["end"])))
    delays = {name: compare(part, windows, who) for name, part in (("calm", calm), ("cut", while_down), ("back", while_back))}
    slowest = max(delays[name][kind].get("max", 0.0) for name in ("cut", "back") for kind in STATES)
    return {
        "bench": "link",
        "realtime": options.realtime,
        "cut": cut,
        "back": back,
        "back_after_ms": round((at["monitored"] - at["restored"]) / 1e6),
        "delays": {name: {kind: found[kind] for kind in STATES} for name, found in delays.items()},
        "other_event_slowest_ms": slowest,
        "other_event_parts": parts(while_down + while_back, windows, who, notes),
        "lost": sum(found["lost"] for found in delays.values()),
        "messages": sum(window["messages"] for window in windows),
        "megabytes": round(sum(window["bytes"] for window in windows) / 1e6, 2),
        "windows_that_fell_behind": sum(window["snapshots"] > 1 for window in windows),
    }


STATES = ("delivered_ms", "established_ms", "cleared_ms")


def main() -> None:
    """Parse the command line and run one of the processes."""
    run_one(parser_of(__doc__, lines=500, clients=200, calls=25).parse_args(), server, clients, measure)


if __name__ == "__main__":
    main()
