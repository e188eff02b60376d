"""The demo PBX as a process of its own: `python -m unisono.demo.pbx --port 0 --state-file pbx.json`.

It listens on loopback, makes its own passwords and tokens, and writes where it is found into the state file (readable by its
owner alone): `{"pid", "host", "port", "user", "password", "control_port", "token"}`. It ends on SIGTERM, SIGINT, or when
`--with-parent` is given and its standard input is closed.
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from unisono.demo import firm, plant
from unisono.demo.customers import callers
from unisono.demo.pbx.commands import Commands
from unisono.demo.pbx.control import Control
from unisono.demo.pbx.event_log import EventLog
from unisono.demo.pbx.exchange import Exchange, Limits
from unisono.demo.pbx.model import MergedId, Options
from unisono.demo.pbx.numbering import NumberFormat
from unisono.demo.pbx.server import Server
from unisono.demo.pbx.traffic import Cast
from unisono.demo.pbx.world import World
from unisono.kernel.secrets import Secret, new_password, new_token


@dataclass(frozen=True, slots=True)
class Setup:
    """How the process is started; the arguments of `main`."""

    host: str
    port: int
    control_port: int
    state_file: Path | None
    users_file: Path | None
    extensions: int
    traffic: float
    seed: int
    number_format: NumberFormat
    merged_id: MergedId
    heartbeat: float
    session: float
    with_parent: bool
    event_log: Path | None = None


def arguments(argv: list[str] | None = None) -> Setup:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m unisono.demo.pbx", description="A demo PBX: CSTA III XML over TCP.")
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (loopback)")
    add("--port", type=int, default=0, help="CSTA port; 0 takes a free one")
    add("--control-port", type=int, default=0, help="port of the control socket; 0 takes a free one")
    add("--state-file", type=Path, help="where to write ports, user, password and token")
    add("--users-file", type=Path, help='JSON object of user names and passwords; none: "unisono" with a random one')
    add("--extensions", type=int, default=0, help="further extensions from 1000 on, for load tests")
    add("--traffic", type=float, default=0.0, metavar="PER_MINUTE", help="calls that happen by themselves")
    add("--seed", type=int, default=1, help="of everything random")
    add("--number-format", type=NumberFormat, default=NumberFormat.DIALLED, choices=list(NumberFormat))
    add("--merged-id", type=MergedId, default=MergedId.PRIMARY, choices=list(MergedId), help="call id after a transfer")
    add("--heartbeat", type=float, default=30.0, help="seconds between heartbeats")
    add("--session", type=float, default=600.0, help="longest session without renewal, in seconds")
    add("--event-log", type=Path, help="where to write when each event was sent, for measuring")
    add("--with-parent", action="store_true", help="end when standard input is closed")
    return Setup(**vars(parser.parse_args(argv)))


def users(file: Path | None) -> dict[str, Secret]:
    """Who may sign in."""
    if file is None:
        return {"unisono": Secret(new_password())}
    return {name: Secret(password) for name, password in json.loads(file.read_text(encoding="utf-8")).items()}


def build(setup: Setup, known: dict[str, Secret]) -> tuple[Exchange, Commands]:
    """The exchange of the demo firm and its commands."""
    channels = max(60, setup.extensions * 2)
    options = Options(setup.merged_id, channels=channels, seed=os.urandom(3).hex().upper())
    switch = plant.build(options, setup.number_format, setup.extensions)
    limits = Limits(session=setup.session, heartbeat=setup.heartbeat)
    exchange = Exchange(switch, known, limits)
    staff = tuple(person.extension for person in firm.PEOPLE)
    world = World(switch, (e for e in staff if e not in firm.LEFT_TO_PEOPLE), seed=setup.seed)
    outside = callers()
    cast = Cast(
        staff,
        (firm.QUEUE.number, firm.HUNT_GROUP.number),
        outside.known,
        outside.main,
        outside.extensions,
        outside.strangers,
        dial=lambda number: firm.OUTSIDE + "00" + number.removeprefix("+"),
    )
    return exchange, Commands(exchange, world, cast, plant.load_extensions(setup.extensions))


def write_state(file: Path, state: dict[str, object]) -> None:
    """Write the state file whole, for its owner only."""
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        json.dump(state, out)
    draft.replace(file)


async def run(setup: Setup) -> None:
    """Run until told to end."""
    known = users(setup.users_file)
    token = new_token()
    exchange, commands = build(setup, known)
    server = Server(exchange)
    control = Control(commands, Secret(token), server.turn)
    log = setup.event_log.open("w", encoding="utf-8") if setup.event_log else None
    if log is not None:
        exchange.watchers.append(EventLog(log, exchange.monitors))
    end, ready = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end.set)
    door = await control.listen(setup.host, setup.control_port)
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(server.run(setup.host, setup.port, ready=ready))
        if setup.with_parent:
            loop.add_reader(sys.stdin.fileno(), _parent_gone, end)
        await ready.wait()
        if setup.traffic > 0:
            commands.serve("traffic", {"per_minute": setup.traffic})
            server.turn()
        user, password = next(iter(known.items()))
        where = {"host": setup.host, "port": server.port, "control_port": control.port, "user": user}
        if setup.state_file is not None:
            write_state(setup.state_file, {"pid": os.getpid(), **where, "password": password.reveal(), "token": token})
        print(json.dumps(where), flush=True)  # noqa: T201
        await end.wait()
        serving.cancel()
    door.close()
    if log is not None:
        log.close()
    if setup.state_file is not None:
        setup.state_file.unlink(missing_ok=True)


def _parent_gone(end: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 4096):
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        end.set()


def main(argv: list[str] | None = None) -> None:
    """Entry point of the process."""
    setup = arguments(argv)
    with contextlib.suppress(ImportError):
        import uvloop

        uvloop.install()
    asyncio.run(run(setup))


if __name__ == "__main__":
    main()
