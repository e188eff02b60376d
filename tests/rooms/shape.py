"""The tables of an empty database: on SQLite made once per process, then copied, as that takes longer than most tests."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from unisono.storage import Database

Making = Callable[[Database], Awaitable[None]]

_made: dict[Making, bytes] = {}


async def make_tables(database: Database, making: Making = Database.create_all) -> None:
    """Make those that are not there yet."""
    if _is_new(database):
        _write(database, await _copy(making))
    else:
        await making(database)


def _is_new(database: Database) -> bool:
    return database.sqlite and not Path(database.url.database or "").exists()


def _write(database: Database, tables: bytes) -> None:
    Path(database.url.database or "").write_bytes(tables)


async def _copy(making: Making) -> bytes:
    if making not in _made:
        with TemporaryDirectory() as folder:
            file = Path(folder) / "empty.sqlite3"
            database = Database(f"sqlite+aiosqlite:///{file}")
            await making(database)
            await database.close()
            _made[making] = file.read_bytes()
    return _made[making]
