"""`unisono check`: configuration, database, ports, connections, and what to do about what is wrong."""

import asyncio
import json
import os
import shutil
import sqlite3
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import closing
from dataclasses import dataclass, replace
from enum import StrEnum
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path

from unisono.app.doors import bind, can_have_certificate, certificate, check_settings, is_unspecified
from unisono.app.ldap import answers_ldap
from unisono.app.settings import Settings
from unisono.calls.port import LinkPhase
from unisono.connectors.service import Connectors, Probe
from unisono.directory.ldap.settings import LDAP_PORT, LDAPS_PORT, LdapSettings
from unisono.kernel.clock import SystemClock
from unisono.kernel.errors import Fault
from unisono.storage import Database, disk_fault, migrate

FREE_SPACE = "Free space: soon nothing can be written there any more. What was saved before is not lost."
LOOK_AT_FOLDER = "Look whether the folder is there, and its disk is mounted."
_LOW_DISK_BYTES = 500 * 1024 * 1024
_FULL_DISK_BYTES = _LOW_DISK_BYTES // 10
"""Less than the index of a hundred thousand contacts takes."""
ANSWER_SECONDS = 3.0

_LEAST_TO_OPEN = 64 * 1024
"""Bytes on the disk without which an SQLite database cannot be opened."""


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    level: Level
    message: str
    remedy: str = ""


async def check(settings: Settings) -> AsyncGenerator[Finding]:
    """Look at everything in turn; each finding comes as soon as it is known."""
    yield _configuration(settings)
    if settings.web.tls_port and settings.web.certificate:
        yield _certificate(settings)
    yield _disk(settings.server.folder())
    for port, tls in ((settings.web.port, False), (settings.web.tls_port, True)):
        if port:
            yield await asyncio.to_thread(_port, settings.web.host, port, tls, _answers)
    async for finding in _ldap(settings.ldap):
        yield finding
    try:
        database = Database(settings.server.database_url())
    except Fault as fault:
        yield Finding("database", Level.ERROR, fault.message)
        return
    try:
        finding = await _database(database)
        yield finding
        if finding.level is Level.OK:
            async for link in _links(database) if settings.server.telephony else _elsewhere():
                yield link
    finally:
        await database.close()


def _configuration(settings: Settings) -> Finding:
    try:
        check_settings(settings.web)
    except Fault as fault:
        return Finding("configuration", Level.ERROR, fault.message)
    return Finding("configuration", Level.OK, "Every key is known and every value is within its bounds.")


def _certificate(settings: Settings) -> Finding:
    try:
        chain, _ = certificate(settings.web, settings.server.folder())
    except Fault as fault:
        return Finding("certificate", Level.ERROR, fault.message, "Check web.certificate and web.key.")
    return Finding("certificate", Level.OK, f"{chain} and its key belong together.")


def free_space(folder: Path) -> tuple[Level, int]:
    """Whether there is room on the disk of a folder, and how many bytes. Raises `OSError`: it is away."""
    free = shutil.disk_usage(folder).free
    return Level.OK if free >= _LOW_DISK_BYTES else Level.WARNING if free >= _FULL_DISK_BYTES else Level.ERROR, free


def _disk(folder: Path) -> Finding:
    place = folder
    try:
        while not place.exists():
            place = place.parent
        level, free = free_space(place)
    except OSError as error:
        return Finding("disk", Level.ERROR, disk_fault(error).message, LOOK_AT_FOLDER)
    if not os.access(place, os.W_OK | os.X_OK):
        return Finding("disk", Level.ERROR, f"{place} cannot be written.", "Run this as the user that runs Unisono.")
    return Finding("disk", level, f"{free / 1024**3:.1f} GiB free for {folder}.", "" if level is Level.OK else FREE_SPACE)


async def _ldap(settings: LdapSettings) -> AsyncIterator[Finding]:
    """Its ports as they are set, else those that it takes by itself."""
    if settings.port is None and settings.tls_port is None:
        for port, tls in ((LDAP_PORT, False), (LDAPS_PORT, True)):
            yield await asyncio.to_thread(_ldap_by_itself, settings.host, port, tls)
        return
    for wanted, tls in ((settings.port, False), (settings.tls_port, True)):
        if wanted:
            yield await asyncio.to_thread(_port, settings.host, wanted, tls, answers_ldap)


def _ldap_by_itself(host: str, port: int, tls: bool) -> Finding:
    what, name = f"port {port}", "LDAP over TLS" if tls else "LDAP"
    if tls and not can_have_certificate():
        message = f"{name} stays switched off: there is no openssl to make a certificate with."
        return Finding(what, Level.WARNING, message, "Install openssl, or set ldap.certificate, ldap.key and ldap.tls_port.")
    found = _port(host, port, tls, answers_ldap)
    if found.level is Level.OK:
        return replace(found, message=f"{name} answers here, as no port of it is set. {found.message}")
    remedy = "Set ldap.port and ldap.tls_port to ports that are free, or to 0."
    message = f"{name} stays switched off: no port of it is set, and the usual one is taken. {found.message}"
    return Finding(what, Level.WARNING, message, remedy)


def _port(host: str, port: int, tls: bool, answers: Callable[[str, int, bool], bool]) -> Finding:
    try:
        bind(host, port).close()
    except Fault as fault:
        if answers("localhost" if is_unspecified(host) else host, port, tls):
            return Finding(f"port {port}", Level.OK, f"A running Unisono answers on {host}.")
        return Finding(f"port {port}", Level.ERROR, fault.message)
    return Finding(f"port {port}", Level.OK, f"Free to listen on {host}.")


def _answers(host: str, port: int, tls: bool) -> bool:
    """Whether who listens there is a Unisono: it says at /healthz how it is."""
    try:
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            # Which certificate it has does not matter here; nothing is sent but the question.
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            connection: HTTPConnection = HTTPSConnection(host, port, timeout=ANSWER_SECONDS, context=context)
        else:
            connection = HTTPConnection(host, port, timeout=ANSWER_SECONDS)
        with closing(connection):
            connection.request("GET", "/healthz")
            return json.loads(connection.getresponse().read(1000)).get("status") in ("ok", "failing")
    except (OSError, HTTPException, ValueError, AttributeError):
        return False


async def _database(database: Database) -> Finding:
    if database.sqlite and (finding := _sqlite_file(Path(database.url.database or ""))):
        return finding
    try:
        async with database.read() as reader:
            current = await reader.run_sync(migrate.revision)
            head = migrate.head()
    except Fault as fault:
        return Finding("database", Level.ERROR, fault.in_full(), "Check server.database, and that the database runs.")
    if current != head:
        return Finding(
            "database", Level.WARNING, f"At revision {current}, today's is {head}.", "`unisono serve` brings it there."
        )
    return Finding("database", Level.OK, f"Answers, and is at today's revision {head}.")


def _sqlite_file(path: Path) -> Finding | None:
    if not path.exists():
        demo = path.parent.with_name("unisono-demo")
        other = f" For the demo: UNISONO_SERVER__DATA={demo} unisono check." if (demo / path.name).exists() else ""
        return Finding("database", Level.WARNING, f"{path} does not exist yet.", f"It is made by `unisono serve`.{other}")
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
            (answer,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        answer = str(error)
    if "disk I/O error" in answer and shutil.disk_usage(path.parent).free < _LEAST_TO_OPEN:
        # SQLite makes a file beside it to open it (WAL-index), of 32 KiB.
        message = f"{path} cannot be opened: the disk is full."
        return Finding("database", Level.ERROR, message, "Free space; nothing that was saved before is lost.")
    if answer != "ok":
        return Finding("database", Level.ERROR, f"{path} is damaged: {answer}.", "Restore the last backup.")
    return None


async def _elsewhere() -> AsyncIterator[Finding]:
    what = "This server links to no telephone system (server.telephony)."
    yield Finding("connections", Level.OK, what)


async def _links(database: Database) -> AsyncIterator[Finding]:
    connectors = Connectors(database, Probe(), SystemClock(), lambda _: frozenset())
    await connectors.load()
    for instance in connectors.instances():
        what = f"connection {instance.name}"
        if not instance.enabled:
            yield Finding(what, Level.WARNING, "It is switched off.")
            continue
        try:
            state = await connectors.test(instance.kind, instance.settings)
        except Fault as fault:
            yield Finding(what, Level.ERROR, fault.message)
            continue
        if state.phase is LinkPhase.UP:
            yield Finding(what, Level.OK, f"Connected to {state.peer or instance.kind} {state.version}".rstrip() + ".")
        else:
            yield Finding(what, Level.ERROR, state.message, state.remedy)
    if not connectors.instances():
        yield Finding("connections", Level.WARNING, "No PBX is configured.", "Add one: Administration, Connectors.")
