"""`unisono demo`: the demo PBX as a process beside a server on loopback with the demo firm in it."""

import asyncio
import json
import os
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from unisono.app.compose import Rooms
from unisono.app.demo_control import folder_of
from unisono.app.doors import bind
from unisono.app.folder import LOCK, held
from unisono.app.seed import connect, seed
from unisono.app.serve import run, set_up_log, uvloop_run
from unisono.app.settings import ServerSettings, Settings
from unisono.demo import firm
from unisono.directory.ldap.settings import LDAP_PORT, LDAPS_PORT
from unisono.kernel.errors import Unavailable
from unisono.kernel.secrets import new_password

PER_MINUTE = 6.0
"""Calls that happen by themselves."""
START_SECONDS = 20.0
SHOWN = ("giulia.fornaci", "marco.degano", "andreas.vogl")


def serve_demo(given: Settings, data: Path | None, *, port: int | None, traffic: bool, reset: bool) -> None:
    """Run the demo until it is told to stop."""
    set_up_log("warning")
    folder = folder_of(data)
    with held(folder):
        if reset and (folder / "passwords.json").exists():
            _empty(folder)
        uvloop_run(_serve(folder, settings_of(given, folder, port), PER_MINUTE if traffic else 0.0))


def settings_of(given: Settings, folder: Path, port: int | None) -> Settings:
    """What is set, in the demo's own folder; its LDAP ports are the demo's where both were left out.

    `port`: of HTTP; 0 takes a free one, None the one that is set.
    """
    web = given.web if port is None else replace(given.web, port=port or _free_port())
    ldap = replace(given.ldap, workers=given.ldap.workers or 1)
    if ldap.port is None and ldap.tls_port is None:
        # Whoever asks for any free port runs several demos, which must not race for the usual ones.
        usual = (0, 0) if port == 0 else (LDAP_PORT, LDAPS_PORT)
        ldap.port, ldap.tls_port = (_free_port(each, ldap.host) for each in usual)
    # Its folder and database are its own: a demo firm must not come into those of a server.
    return replace(given, server=ServerSettings(data=str(folder), log_level="warning"), web=web, ldap=ldap)


def _empty(folder: Path) -> None:
    """Remove everything in the folder but its lock."""
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry.name != LOCK:
            entry.unlink()


async def _serve(folder: Path, settings: Settings, per_minute: float) -> None:
    passwords = _passwords(folder)
    pbx = await _start_pbx(folder, per_minute)
    try:
        where = json.loads((folder / "pbx.json").read_text())

        async def prepare(rooms: Rooms) -> None:
            if not rooms.people.users():
                print("Making the demo firm: 20 people, 2,000 customers ...", flush=True)  # noqa: T201
            await seed(rooms, passwords)
            await connect(rooms, where["port"], where["user"], where["password"])

        def ready(rooms: Rooms, urls: Sequence[str]) -> None:
            ports = {"ldap_port": settings.ldap.port, "ldap_tls_port": settings.ldap.tls_port}
            _write(folder / "demo.json", {"url": urls[0], "passwords": dict(passwords), **ports})
            _greet(urls, passwords, folder)

        await run(settings, ready, prepare)
    finally:
        (folder / "demo.json").unlink(missing_ok=True)
        if pbx.returncode is None:
            pbx.terminate()
        await pbx.wait()


def _free_port(wanted: int = 0, host: str = "127.0.0.1") -> int:
    """This port, or any other if it is taken."""
    try:
        with bind(host, wanted) as sock:
            return int(sock.getsockname()[1])
    except Unavailable:
        if not wanted:
            raise
        return _free_port(0, host)


async def _start_pbx(folder: Path, per_minute: float) -> asyncio.subprocess.Process:
    state = folder / "pbx.json"
    state.unlink(missing_ok=True)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "unisono.demo.pbx",
        "--with-parent",
        "--state-file",
        str(state),
        "--traffic",
        str(per_minute),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_SECONDS):
            first = await process.stdout.readline()
    except TimeoutError:
        first = b""
    if not first:
        process.kill()
        raise Unavailable("demo-pbx", "The demo PBX did not start; its message is above.")
    return process


def _passwords(folder: Path) -> Mapping[str, str]:
    """Random passwords, made once; kept because this is a demo on loopback and people have to read them again."""
    file = folder / "passwords.json"
    if not file.exists():
        _write(file, {person.login: new_password() for person in firm.PEOPLE})
    return dict(json.loads(file.read_text()))


def _write(file: Path, value: object) -> None:
    draft = file.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(value, out, indent=1)
    draft.replace(file)


def _program() -> str:
    """How this program is called, for people to type."""
    if shutil.which("unisono"):
        return "unisono"
    if Path(sys.argv[0]).name == "__main__.py":
        return f"{shlex.quote(sys.orig_argv[0])} -m unisono"
    return shlex.quote(sys.argv[0])


def _greet(urls: Sequence[str], passwords: Mapping[str, str], folder: Path) -> None:
    people = {person.login: person for person in firm.PEOPLE}
    program = _program()
    where = "" if folder == folder_of(None) else f" --data {shlex.quote(str(folder))}"
    ldap = next((url.rstrip("/") for url in urls if url.startswith("ldap://")), "")
    lines = [
        f"Ready: {urls[0]}",
        "",
        f"  {firm.NAME} has {len(people)} people and 2,000 customers. Sign in as two of them in two browsers:",
        "",
        *(
            f"    {login:<16} {passwords[login]}   {people[login].name}, {people[login].title}, "
            f"extension {people[login].extension}" + (" (administrator)" if people[login].admin else "")
            for login in SHOWN
        ),
        f"    all others: {folder / 'passwords.json'}",
        "",
        f"  Let a customer call:   {program} demo call --from +441632960123 --to 101{where}",
        f"  What else can happen:  {program} demo do help{where}",
        *([f"  Telephones ask the contacts by LDAP:   ldapsearch -x -H {ldap} -b dc=meta '(sn=ros*)'"] if ldap else []),
        "  Stop: Ctrl+C",
    ]
    print("\n".join(lines), flush=True)  # noqa: T201
