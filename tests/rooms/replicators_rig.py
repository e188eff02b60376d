"""A directory at work with a file as its source."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from tests.pure.directory.rules import plain
from tests.rooms.directory_rig import open_directory, running

from unisono.directory.model import Book
from unisono.directory.replicators.model import Replicator
from unisono.directory.replicators.store import Made
from unisono.directory.runs.model import Mode, Run, Trigger
from unisono.directory.service import Directory
from unisono.directory.settings import DirectorySettings
from unisono.storage import Database

MAPPING = plain({"Id": "entry_id", "Name": "display_name", "Phone": "phone_business", "Note": "note"})
BOOK = Book("crm", "CRM")


def as_it_is(wanted: Replicator) -> Made:
    """Store it as it is, unlooked at."""
    return lambda before, book: (wanted, False)


class Office:
    """A directory at work, with a file as its source."""

    def __init__(self, directory: Directory, folder: Path) -> None:
        self.directory = directory
        self.runs = directory.replication
        self.file = folder / "files" / "crm.csv"
        self.file.parent.mkdir(exist_ok=True)
        self.id = ""

    async def configure(self, **changes: object) -> Replicator:
        before = await self.runs.store.get(self.id) if self.id else Replicator(
            "", "CRM", "", "csv", settings={"file": str(self.file)}, mapping=MAPPING, location_id="udine"
        )  # fmt: skip
        saved = await self.runs.save(replace(before, **changes), BOOK)  # type: ignore[arg-type]
        self.id = saved.id
        return saved

    def write(self, *rows: str, titles: str = "Id;Name;Phone;Note") -> None:
        self.file.write_text("\n".join((titles, *rows)) + "\n")

    async def read(self, mode: Mode = Mode.FULL) -> Run:
        return await self.runs.wait(await self.runs.start(self.id, mode, Trigger.MANUAL))

    def names(self) -> list[str]:
        parts = self.directory.index.books.get("crm", ())
        return sorted(
            part.segment.contact(ordinal).name
            for part in parts
            for ordinal in range(len(part.segment))
            if part.counts(ordinal)
        )

    def who(self, number: str) -> str:
        found = self.directory.identify(number)
        return found.name if found else ""


def settings_of(folder: Path) -> DirectorySettings:
    """Files and programs of these folders may be used."""
    for name in ("files", "programs"):
        (folder / name).mkdir(exist_ok=True)
    return DirectorySettings(files=str(folder / "files"), programs=str(folder / "programs"))


async def layers(office: Office) -> list[tuple[int, int]]:
    """Records and tombstones of each layer of its book."""
    found = await office.runs.layers.published("crm")
    return [(layer.records, layer.gone) for layer in found.get("crm", [])]


@asynccontextmanager
async def at_work(database: Database, folder: Path) -> AsyncIterator[Office]:
    """An office whose source has twenty contacts that were not read yet."""
    async with running(await open_directory(database, folder, settings=settings_of(folder))) as directory:
        office = Office(directory, folder)
        office.write(*(f"{n};Contact {n};0432 55{n:04};" for n in range(20)))
        await office.configure()
        yield office
