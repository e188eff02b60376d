"""One archive with everything a server needs to be itself again on another machine.

The dump is logical: every table as JSON lines, read in one transaction, so it can be taken from a running server and
restored into the other kind of database. Layout of the `.tar.gz`: `manifest.json`, `settings.toml` (if there is one),
`tables/<name>.jsonl`.
"""

import base64
import hashlib
import io
import json
import os
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, DateTime, LargeBinary, MetaData, Table, func, insert, select, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from unisono import __version__
from unisono.kernel.errors import Conflict, Invalid, NotFound
from unisono.storage import Database, disk_fault, migrate

Progress = Callable[[str, int, int], None]
BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds: rows and SHA-256 per table."""

    version: str
    revision: str
    made: str
    tables: dict[str, tuple[int, str]]

    def to_json(self) -> bytes:
        """As written into the archive."""
        tables = {name: {"rows": rows, "sha256": digest} for name, (rows, digest) in self.tables.items()}
        return json.dumps(
            {"version": self.version, "revision": self.revision, "made": self.made, "tables": tables}, indent=1
        ).encode()

    @classmethod
    def from_json(cls, data: bytes) -> "Manifest":
        """Raises `Invalid` when this is not a manifest of ours."""
        try:
            raw = json.loads(data)
            tables = {name: (int(t["rows"]), str(t["sha256"])) for name, t in raw["tables"].items()}
            return cls(str(raw["version"]), str(raw["revision"]), str(raw["made"]), tables)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Invalid("backup-unreadable", "This archive has no readable manifest; is it a backup?") from error


def _reflect(connection: Connection) -> list[Table]:
    """Our tables; search indexes (SQLite's virtual tables, segments) are made anew from them when a server starts."""
    virtual: list[str] = []
    if connection.dialect.name == "sqlite":
        found = connection.execute(text("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%'"))
        virtual = list(found.scalars())

    def ours(name: str, _: MetaData) -> bool:
        left_out = name in ("alembic_version", "segment_part")
        return not left_out and not any(name == v or name.startswith(f"{v}_") for v in virtual)

    tables = MetaData()
    tables.reflect(connection, only=ours)
    return tables.sorted_tables


def _encode(value: object) -> object:
    match value:
        case datetime():
            return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
        case date():
            return value.isoformat()
        case bytes():
            return base64.b64encode(value).decode()
        case _:
            return value


def _lines(connection: Connection, table: Table) -> Iterator[bytes]:
    for row in connection.execution_options(stream_results=True).execute(select(table)):
        yield json.dumps({name: _encode(value) for name, value in row._mapping.items()}).encode() + b"\n"


async def backup(
    database: Database, target: Path, settings: Path | None = None, progress: Progress = lambda *_: None
) -> Manifest:
    """Write the archive; it appears under its name only when it is whole. Raises `Unavailable` where it cannot be written."""
    if _missing(database):
        raise NotFound("nothing-to-back-up", f"There is no database at {database.url.database} yet. Check server.data.")
    partial = target.with_name(target.name + ".partial")
    try:
        async with database.read() as connection:
            if not database.sqlite:
                # Else every statement would see what others wrote before it, and tables would not fit together.
                await connection.execution_options(isolation_level="REPEATABLE READ")
            return await connection.run_sync(_write, partial, target, settings, progress)
    except OSError as error:
        raise disk_fault(error) from error
    finally:
        partial.unlink(missing_ok=True)


def _missing(database: Database) -> bool:
    """Whether a database file would be made only by looking into it."""
    return database.sqlite and not Path(database.url.database or "").exists()


def _write(connection: Connection, partial: Path, target: Path, settings: Path | None, progress: Progress) -> Manifest:
    tables: dict[str, tuple[int, str]] = {}
    revision = migrate.revision(connection)
    partial.unlink(missing_ok=True)  # of a backup that was killed
    private = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(private, "wb") as out, tarfile.open(fileobj=out, mode="w:gz", compresslevel=5) as archive:
        for table in _reflect(connection):
            total = connection.scalar(select(func.count()).select_from(table)) or 0
            with tempfile.TemporaryFile(dir=partial.parent) as spool:
                digest, rows = hashlib.sha256(), 0
                for line in _lines(connection, table):
                    spool.write(line)
                    digest.update(line)
                    rows += 1
                    if rows % BATCH == 0:
                        progress(table.name, rows, total)
                tables[table.name] = (rows, digest.hexdigest())
                progress(table.name, rows, total)
                info = tarfile.TarInfo(f"tables/{table.name}.jsonl")
                info.size = spool.tell()
                spool.seek(0)
                archive.addfile(info, spool)
        if settings is not None and settings.exists():
            _add(archive, "settings.toml", settings.read_bytes())
        manifest = Manifest(__version__, revision or "", datetime.now(UTC).isoformat(), tables)
        _add(archive, "manifest.json", manifest.to_json())
    partial.replace(target)
    return manifest


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    archive.addfile(info, io.BytesIO(data))


async def restore(database: Database, source: Path, progress: Progress = lambda *_: None) -> Manifest:
    """Fill an empty database from an archive, all or nothing, and bring it to today's shape.

    Raises `Conflict` when the database already has people in it, `Invalid` when the archive is damaged or not ours.
    """
    try:
        with tarfile.open(source, "r:gz") as archive:
            member = archive.extractfile("manifest.json")
            manifest = Manifest.from_json(member.read() if member else b"")
            async with database.write() as connection:
                from unisono.storage import by_alembic

                await connection.run_sync(by_alembic.upgrade_connection, manifest.revision or "head")
                await connection.run_sync(_fill, archive, manifest, progress)
    except (tarfile.TarError, OSError, KeyError, EOFError, zlib.error) as error:
        raise Invalid("backup-unreadable", f"{source} is not a whole Unisono backup: {error}.") from error
    await migrate.upgrade(database)
    return manifest


def _fill(connection: Connection, archive: tarfile.TarFile, manifest: Manifest, progress: Progress) -> None:
    tables = {table.name: table for table in _reflect(connection)}
    for table in tables.values():
        if connection.scalar(select(func.count()).select_from(table)):
            raise Conflict(
                "database-not-empty", f"Table {table.name} already has rows. Restore into a new, empty data folder."
            )
    for name, table in tables.items():
        if name in manifest.tables:
            _fill_table(connection, archive, table, manifest.tables[name], progress)


def _fill_table(
    connection: Connection, archive: tarfile.TarFile, table: Table, expected: tuple[int, str], progress: Progress
) -> None:
    member = archive.extractfile(f"tables/{table.name}.jsonl")
    if member is None:
        raise Invalid("backup-unreadable", f"Table {table.name} is missing in the archive.")
    digest, rows = hashlib.sha256(), 0
    decode = _decoder(connection, table)
    damaged = Invalid("backup-damaged", f"Table {table.name} in the archive is damaged; use another backup.")
    try:
        for batch in _batches(member):
            for line in batch:
                digest.update(line)
            connection.execute(insert(table), [decode(json.loads(line)) for line in batch])
            rows += len(batch)
            progress(table.name, rows, expected[0])
    except OperationalError:
        raise  # the disk or the database, and not the archive
    except (ValueError, TypeError, AttributeError, SQLAlchemyError) as error:
        raise damaged from error
    if (rows, digest.hexdigest()) != expected:
        raise damaged


def _batches(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    rest = iter(lines)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _decoder(connection: Connection, table: Table) -> Callable[[dict[str, Any]], dict[str, Any]]:
    moments = [c.name for c in table.columns if isinstance(c.type, DateTime)]
    binaries = [c.name for c in table.columns if isinstance(c.type, LargeBinary)]
    naive = connection.dialect.name == "sqlite"

    def decode(row: dict[str, Any]) -> dict[str, Any]:
        for name in moments:
            if row.get(name) is not None:
                moment = datetime.fromisoformat(row[name]).astimezone(UTC)
                row[name] = moment.replace(tzinfo=None) if naive else moment
        for name in binaries:
            if row.get(name) is not None:
                row[name] = base64.b64decode(row[name])
        return row

    return decode
