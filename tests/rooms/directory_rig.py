"""A directory over a real database, with a location and the folder of its files."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from tests.rooms.shape import make_tables

from unisono.directory.runs.model import Run
from unisono.directory.runs.process import Place
from unisono.directory.service import Directory
from unisono.directory.settings import DirectorySettings
from unisono.kernel.bus import Bus
from unisono.kernel.clock import Clock, SystemClock
from unisono.numbers import Direction, Location, normalise
from unisono.numbers.service import Locations
from unisono.storage import Database

UDINE = Location.simple("Udine", "IT", "0432")


def reader_for(location_id: str) -> Callable[[str], str]:
    """Numbers of these tests are Italian."""
    return lambda raw: normalise(raw, UDINE, Direction.STORED).supercanonical


async def open_directory(
    database: Database,
    folder: Path,
    *,
    bus: Bus | None = None,
    clock: Clock | None = None,
    settings: DirectorySettings | None = None,
    created: bool = True,
) -> Directory:
    """A directory that was just started; not `created`: over tables that are there already."""
    if created:
        await make_tables(database)
    locations = Locations(database)
    await locations.load()
    if not locations.all():
        await locations.save("udine", UDINE)
    url = database.url.render_as_string(hide_password=False)
    chosen = settings or DirectorySettings()
    place = Place(url, str(folder / "directory"), chosen.programs, chosen.files)
    directory = Directory(database, reader_for, bus or Bus(), clock or SystemClock(), place, chosen)
    await directory.load()
    return directory


async def imported(directory: Directory, text: str, book: str = "Customers", location_id: str = "udine") -> Run:
    """What a CSV file says is what the book holds."""
    file = await directory.uploads.put(text.encode(), f"{book}.csv")
    return (await directory.replication.import_file(file, book, location_id, agreed=True)).run


@asynccontextmanager
async def running(directory: Directory) -> AsyncIterator[Directory]:
    """While it does its work."""
    async with asyncio.TaskGroup() as tasks:
        work = tasks.create_task(directory.run())
        yield directory
        work.cancel()


async def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Ask again and again: another process has to do its part first."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
