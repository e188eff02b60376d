"""A worker of the LDAP door with two books, and one person who may bind. The clients are real."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from unisono.app.doors import bind, certificate
from unisono.app.settings import WebSettings
from unisono.directory import manifest
from unisono.directory.ldap.channel import Begin, Check, Checked
from unisono.directory.ldap.model import Configuration, Identity, Kind
from unisono.directory.ldap.settings import LdapSettings
from unisono.directory.ldap.workers import CheckPassword, Sockets, Workers
from unisono.directory.manifest import LayerFile, Manifest, segment_name
from unisono.directory.model import Contact, ContactNumber, NumberKind
from unisono.directory.segment import SegmentBuilder
from unisono.kernel.clock import SystemClock

BOOKS = {"crm": ("Anna Rossi", "Ben Müller", "Carla De Rossi"), "board": ("Zeno Capo",)}
PEOPLE: dict[str, tuple[str, ...]] = {"anna": ()}
PASSWORD = "a long pass phrase"
SECONDS = 60.0


def contact(number: int, name: str, book: str) -> Contact:
    first, last = name.split(" ", 1)
    phones = (ContactNumber(NumberKind.BUSINESS, f"0432 55{number:04}", f"+39043255{number:04}"),)
    return Contact(f"{number:032x}", book, f"k{number}", name, first, last, "ACME", numbers=phones)


def publish(folder: Path, books: Mapping[str, Sequence[Contact]]) -> None:
    """Write segments and manifest as the server does."""
    folder.mkdir(exist_ok=True)
    files = {}
    for book, contacts in books.items():
        builder = SegmentBuilder(book)
        for each in contacts:
            builder.add(each)
        partial = folder / "building"
        name = segment_name(book, "layer", builder.finish(partial))
        partial.rename(folder / name)
        files[book] = (LayerFile(name),)
    manifest.write(folder, Manifest(manifest.read(folder).generation + 1, files))


def people(names: Sequence[str], book: str, first: int = 1) -> list[Contact]:
    return [contact(number, name, book) for number, name in enumerate(names, first)]


_OTHERS: set[int] = set()
"""Workers of doors that were opened before."""


def worker_processes() -> list[int]:
    """The workers of the door that was opened last, as children of this process."""
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    found = [int(pid) for pid in children if b"ldap.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return [pid for pid in found if pid not in _OTHERS]


class Ldap:
    """The running door."""

    def __init__(self, workers: Workers, folder: Path, port: int, tls_port: int) -> None:
        self.workers = workers
        self.folder = folder
        self.port = port
        self.tls_port = tls_port
        self.asked: list[Check] = []
        self.url = f"ldap://127.0.0.1:{port}"
        self.tls_url = f"ldaps://127.0.0.1:{tls_port}"

    async def run(self, *command: str, input: bytes | None = None) -> tuple[int, str]:
        """A program's exit code and what it printed."""
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={"LDAPTLS_REQCERT": "never", "PATH": "/usr/bin:/bin"},
        )
        async with asyncio.timeout(SECONDS):
            out, _ = await process.communicate(input)
        assert process.returncode is not None
        return process.returncode, out.decode()

    async def search(self, *arguments: str, url: str = "", base: str = "dc=meta") -> list[str]:
        """`ldapsearch`: the lines of its answer; its exit code must be 0."""
        options = ("-LLL", "-x", "-o", "ldif-wrap=no", "-H", url or self.url, "-b", base)
        code, out = await self.run("ldapsearch", *options, *arguments)
        assert code == 0, out
        return [line for line in out.splitlines() if line and line[0] != "#"]


@asynccontextmanager
async def open_ldap(
    folder: Path,
    settings: LdapSettings | None = None,
    configuration: Configuration | None = None,
    *,
    check: CheckPassword | None = None,
    workers: int = 1,
    host: str = "127.0.0.1",
    **silence: float,
) -> AsyncIterator[Ldap]:
    """A door on free ports of loopback, or of all addresses ("::")."""
    _OTHERS.update(worker_processes())
    place = folder / "directory"
    publish(place, {book: people(names, book, 1 + 100 * at) for at, (book, names) in enumerate(BOOKS.items())})
    shared = workers > 1
    first = Sockets(bind(host, 0, shared=shared), bind(host, 0, shared=shared))
    assert first.plain is not None
    assert first.tls is not None
    port, tls_port = first.plain.getsockname()[1], first.tls.getsockname()[1]
    more = [Sockets(*(bind(host, each, shared=True) for each in (port, tls_port))) for _ in range(workers - 1)]
    chain, key = certificate(WebSettings(), folder)
    begin = Begin(settings or LdapSettings(), str(place), str(chain), str(key))
    asked: list[Check] = []

    async def known(question: Check) -> Checked:
        asked.append(question)
        if question.name in PEOPLE and question.password == PASSWORD.encode():
            return Checked(question.id, Identity(Kind.PERSON, question.name, question.name))
        return Checked(question.id)

    processes = Workers(begin, [first, *more], check or known, SystemClock(), **silence)
    processes.configure(configuration or Configuration(people=PEOPLE))
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(processes.run())
        ldap = Ldap(processes, place, port, tls_port)
        ldap.asked = asked
        try:
            async with asyncio.timeout(SECONDS):
                await processes.ready()
            yield ldap
        finally:
            running.cancel()
            for pair in (first, *more):
                for sock in (pair.plain, pair.tls):
                    if sock is not None:
                        sock.close()
