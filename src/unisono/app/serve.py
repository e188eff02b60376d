"""Runs a whole server: rooms, doors, signals, log."""

import asyncio
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
import uvicorn
import uvloop
from msgspec.structs import replace

from unisono import __version__
from unisono.app.check import FREE_SPACE, LOOK_AT_FOLDER, Level, free_space
from unisono.app.compose import Rooms
from unisono.app.doors import bind, certificate, check_settings
from unisono.app.folder import held
from unisono.app.ldap import LdapDoor, answering, by_itself
from unisono.app.settings import Settings, WebSettings
from unisono.kernel.errors import Unavailable
from unisono.kernel.log import Log
from unisono.kernel.secrets import new_password
from unisono.people.model import User
from unisono.storage import Database, disk_fault
from unisono.web.app import Application
from unisono.web.serve import OPTIONS
from unisono.web.services import CheckLevel, Checks, Services, StatusCheck

Ready = Callable[[Rooms, Sequence[str]], None]
CLOSE_SECONDS = 5


class Server(uvicorn.Server):
    """Uvicorn without its signal handlers: one signal stops all doors and then the rooms."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Left to `run`."""
        yield


def set_up_log(level: str) -> None:
    """Key and value to standard error; a terminal gets colours."""
    number = getattr(logging, level.upper())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")


def open_doors(settings: Settings) -> list[tuple[socket.socket, str, dict[str, Any]]]:
    """The listening sockets with their addresses and TLS options; raises before anything was started."""
    web = settings.web
    doors: list[tuple[socket.socket, str, dict[str, Any]]] = []
    check_settings(web)
    shown = f"[{web.host}]" if ":" in web.host else web.host
    if web.port:
        sock = bind(web.host, web.port)
        doors.append((sock, f"http://{shown}:{sock.getsockname()[1]}/", {}))
    if web.tls_port:
        sock = bind(web.host, web.tls_port)
        chain, key = certificate(web, settings.server.folder())
        tls = {"ssl_certfile": str(chain), "ssl_keyfile": str(key)}
        doors.append((sock, f"https://{shown}:{sock.getsockname()[1]}/", tls))
    return doors


def proxy_options(web: WebSettings) -> dict[str, Any]:
    """Whose word uvicorn takes for where a request came from; never that of its environment (`FORWARDED_ALLOW_IPS`)."""
    return {"proxy_headers": web.behind_proxy, "forwarded_allow_ips": web.proxies}


def space(folder: Path) -> Checks:
    """Whether there is room in the data folder, for the status page."""

    async def check() -> list[StatusCheck]:
        try:
            level, free = await asyncio.to_thread(free_space, folder)
        except OSError as error:
            fault = disk_fault(error)
            return [StatusCheck("folder", CheckLevel.ERROR, "Data folder", fault.message, LOOK_AT_FOLDER, fault.code)]
        data: dict[str, str | int] = {"free": free // 1024**2, "folder": str(folder)}
        message = f"{data['free']:,} MB are free for {folder}."
        remedy = "" if level is Level.OK else FREE_SPACE
        return [StatusCheck("disk", CheckLevel(level), "Disk", message, remedy, data=data)]

    return check


def writing(rooms: Rooms) -> Checks:
    """Whether what happens reaches the disk, for the status page."""

    async def check() -> list[StatusCheck]:
        fault = rooms.call_store.fault
        if fault is None:
            return [StatusCheck("writing", CheckLevel.OK, "Saving", "Calls are saved as they happen.")]
        remedy = "Nothing is lost while the server runs; it saves everything as soon as it can."
        return [StatusCheck("writing", CheckLevel.ERROR, "Saving", fault.message, remedy, fault.code)]

    return check


def services(rooms: Rooms) -> Services:
    """What the web door needs of the rooms."""
    return Services(
        database=rooms.database,
        clock=rooms.clock,
        bus=rooms.bus,
        people=rooms.people,
        granting=rooms.granting,
        guard=rooms.guard,
        presence=rooms.presence,
        calls=rooms.calls,
        connectors=rooms.connectors,
        journal=rooms.journal,
        directory=rooms.directory,
        ldap=rooms.ldap,
        names=rooms.names,
        phonebooks=rooms.phonebooks,
        locations=rooms.locations,
        version=__version__,
        started=rooms.started,
        limits=rooms.settings.limits,
        checks=(
            space(rooms.settings.server.folder()),
            writing(rooms),
            answering(rooms.ldap, rooms.settings.ldap, rooms.directory.books),
        ),
    )


def settle() -> None:
    """What is there at the start stays to the end: the garbage collector need not look at it again.

    It would stop everything for a tenth of a second each time, with a few hundred people and some thousand contacts. What
    comes afterwards is looked at in small pieces: of 10,000 objects in 3 ms, of 50,000 in 15.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(2_000, 5, 100)


async def run(settings: Settings, ready: Ready, prepare: Callable[[Rooms], Awaitable[None]] | None = None) -> None:
    """Serve until SIGTERM or SIGINT. `prepare` may fill an empty server; `ready` is told when the doors are open.

    The caller holds the data folder (`folder.held`).
    """
    doors = open_doors(settings)
    ldap = LdapDoor.open(settings)
    database = Database(settings.server.database_url())
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    try:
        rooms = Rooms(settings, database)
        await rooms.load()
        if prepare is not None:
            await prepare(rooms)
        async with rooms.running():
            application = Application(services(rooms))
            common = {**OPTIONS, "timeout_graceful_shutdown": CLOSE_SECONDS, **proxy_options(settings.web)}
            servers = [Server(uvicorn.Config(application, **common, **tls)) for _, _, tls in doors]
            async with application.running(), asyncio.TaskGroup() as tasks:
                for server, (sock, _, _) in zip(servers, doors, strict=True):
                    tasks.create_task(server.serve(sockets=[sock]))
                answering = tasks.create_task(ldap.run(rooms.ldap, rooms.clock))
                settle()
                ready(rooms, [*(url for _, url, _ in doors), *ldap.urls])
                await stopped.wait()
                answering.cancel()
                for server in servers:
                    server.should_exit = True
    finally:
        await database.close()


def serve(settings: Settings) -> None:
    """The command `unisono serve`: a new server gets its first administrator."""
    set_up_log(settings.server.log_level)
    log = Log("server")

    async def first_admin(rooms: Rooms) -> None:
        if not rooms.people.users():
            password = new_password()
            await rooms.people.save_user(User("", "admin", "Administrator", admin=True), password)
            _tell_first_password(settings.server.folder() / "first-password.txt", password)

    def ready(rooms: Rooms, urls: Sequence[str]) -> None:
        log.info("ready", urls=list(urls), data=str(Path(settings.server.folder())))

    folder = settings.server.folder()
    with held(folder):
        try:
            uvloop_run(run(replace(settings, ldap=by_itself(settings.ldap)), ready, first_admin))
        except Unavailable as fault:
            if fault.code == "disk-full":
                fault.add_note(f"The data folder is {folder}.")
            raise


def _tell_first_password(file: Path, password: str) -> None:
    """On a terminal for whoever sits there; else in a file for its owner, because a log is read by many."""
    if sys.stdout.isatty():
        print(f"First sign-in: admin, password {password}", flush=True)  # noqa: T201
        return
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(password + "\n")
    print(f"First sign-in: admin, password in {file}; delete it afterwards", flush=True)  # noqa: T201


def uvloop_run(main: Coroutine[Any, Any, None]) -> None:
    """`asyncio.run` on uvloop."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)
