"""Files that an admin hands over: looked at first, then read into a book as its new contents."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from unisono.directory import columns
from unisono.directory.jobs import Job, JobState
from unisono.directory.model import Book, Field
from unisono.directory.replicators.csv_file import KIND as CSV
from unisono.directory.replicators.csv_file import CsvFile, CsvSettings
from unisono.directory.replicators.imported import KIND as IMPORTED
from unisono.directory.replicators.mapping import COUNTRY, Mapper, Rule, plain
from unisono.directory.replicators.model import Mode, Replicator, RunState, Trigger
from unisono.directory.replicators.service import Replication
from unisono.directory.replicators.source import BadRow
from unisono.directory.replicators.store import book_of_source
from unisono.directory.replicators.suggest import suggest
from unisono.kernel.errors import Conflict, Fault, Invalid, NotFound
from unisono.kernel.ids import new_id
from unisono.storage import disk_fault

MAX_FILE = 256 * 1024 * 1024
"""Bytes of a file."""
OWN_BOOK = Book("own", "Own contacts")
"""The book of contacts written by hand."""
MOST_NAME = 60
_MOST_JOBS = 20
_STRANGE = re.compile(r"[^\w.-]+")
"""What is not kept of a file's name."""
_NO_ID = re.compile(r"[^\w]+")
"""What is not kept of a book's name: its id stands in addresses and in names of entries."""
_MOST_NAME = 60
_CHUNK = 1024 * 1024
_KEPT_SECONDS = 86_400

log = structlog.get_logger("directory")


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would read: titles, the suggested field for each ("" for none), the first rows."""

    columns: tuple[str, ...]
    mapping: Mapping[str, str]
    rows: tuple[tuple[str, ...], ...]
    encoding: str
    delimiter: str
    header: bool
    problems: tuple[BadRow, ...]
    """Bad rows among the first, and (line 0) what is odd about the whole file."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """An import that waits for its turn."""

    job: Job
    replicator: Replicator
    book: Book


class Imports:
    """Imports of files. Run `run` beside everything else: it does them, one after the other."""

    def __init__(self, replication: Replication, folder: Path) -> None:
        self._replication = replication
        self._folder = folder
        self._jobs: dict[str, Job] = {}
        self._queue: asyncio.Queue[_Wanted] = asyncio.Queue(maxsize=_MOST_JOBS)

    async def preview(self, data: bytes) -> Preview:
        """What a CSV file holds and what its columns seem to mean. Raises `Invalid`."""
        path = await asyncio.to_thread(self._put, data)
        try:
            return await asyncio.to_thread(preview, path)
        finally:
            path.unlink()

    async def keep(self, read: Callable[[int], Awaitable[bytes]], name: str) -> Path:
        """Keep a file that is read piece by piece, with its name to be known by. Raises `Invalid` for one that is too large."""
        stem = _STRANGE.sub("-", Path(name).stem)[:_MOST_NAME]
        path = self._folder / f"{new_id()}-{stem}{Path(name).suffix.lower()}"
        try:
            await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True, mode=0o700)
            with await asyncio.to_thread(path.open, "wb") as file:
                while chunk := await read(_CHUNK):
                    await asyncio.to_thread(file.write, chunk)
                    if file.tell() > MAX_FILE:
                        raise _too_large()
        except OSError as error:
            await asyncio.to_thread(path.unlink, missing_ok=True)
            raise disk_fault(error) from error
        except BaseException:
            await asyncio.to_thread(path.unlink, missing_ok=True)
            raise
        return path

    async def tidy(self) -> None:
        """Remove files that no source reads and that were not handed over just now."""
        used = {str(each.settings.get("file", "")) for each in await self._replication.store.all()}
        await asyncio.to_thread(self._clean, used)

    def _clean(self, used: set[str]) -> None:
        if self._folder.exists():
            for path in self._folder.iterdir():
                if str(path) not in used and path.stat().st_mtime < time.time() - _KEPT_SECONDS:
                    path.unlink()

    async def start(self, data: bytes, mapping: Mapping[str, str], book: str, location_id: str) -> Job:
        """Queue an import; it replaces what the book held. Raises `Invalid`, or `Conflict` if too many wait."""
        if self._queue.full():
            raise Conflict("too-many-imports", "Too many imports are waiting. Try again when they are done.")
        wanted = await self._wanted(data, mapping, book, location_id)
        self._queue.put_nowait(wanted)
        self._jobs[wanted.job.id] = wanted.job
        while len(self._jobs) > 2 * _MOST_JOBS:
            del self._jobs[next(iter(self._jobs))]
        return wanted.job

    def job(self, id: str) -> Job:
        """An import that was started here. Raises `NotFound`."""
        if id not in self._jobs:
            raise NotFound("unknown-job", "There is no such import, or it is long done.")
        return self._jobs[id]

    async def run(self) -> None:
        """Do the imports, for ever."""
        while True:
            wanted = await self._queue.get()
            try:
                await self._do(wanted)
            except Fault as fault:
                wanted.job.state, wanted.job.code, wanted.job.message = JobState.FAILED, fault.code, fault.message
            except Exception:
                log.exception("import failed", job=wanted.job.id)
                wanted.job.state, wanted.job.code = JobState.FAILED, "internal"
                wanted.job.message = "The import failed by a fault of the server; its log says more."
            finally:
                self._queue.task_done()

    async def idle(self) -> None:
        """Wait until every import that was started is done; `run` has to be running."""
        await self._queue.join()

    async def now(self, data: bytes, mapping: Mapping[str, str] | None, book: str, location_id: str) -> Job:
        """Import at once and wait for it. Without a mapping the suggested one is used. Raises `Fault`."""
        wanted = await self._wanted(data, mapping, book, location_id)
        await self._do(wanted)
        return wanted.job

    async def _wanted(self, data: bytes, mapping: Mapping[str, str] | None, book: str, location_id: str) -> _Wanted:
        wanted = book_among(await self._replication.store.books(), book)
        path = await asyncio.to_thread(self._put, data)
        try:
            settings, rules = await asyncio.to_thread(settled, path, mapping)
            await self._before(wanted)
        except BaseException:
            path.unlink()
            raise
        replicator = Replicator("", wanted.name, wanted.id, CSV.key, settings=settings, mapping=rules, location_id=location_id)
        lines = max(data.count(b"\n"), data.count(b"\r"), 1)
        return _Wanted(Job(new_id(), wanted.id, lines), replicator, wanted)

    async def _before(self, book: Book) -> Replicator | None:
        """What has filled the book until now. Raises `Conflict` where that is more than a file somebody handed over."""
        before = await self._replication.store.of_book(book.id)
        if before is not None and (before.schedule or before.kind not in (CSV.key, IMPORTED.key)):
            raise book_of_source(before)
        return before

    async def _do(self, wanted: _Wanted) -> None:
        job, store = wanted.job, self._replication.store
        before = await self._before(wanted.book)
        replicator = wanted.replicator
        if before is not None:
            replicator = replace(
                before, kind=replicator.kind, settings=replicator.settings, mapping=replicator.mapping,
                location_id=replicator.location_id, read_columns=(),
            )  # fmt: skip
        else:
            replicator = replace(replicator, name=await store.free_name(replicator.name))
        replicator = await store.save(replicator, wanted.book)
        try:
            run = await self._replication.now(replicator.id, Mode.FULL, Trigger.MANUAL, replaces=True, told=job.goes_on)
            job.ended(run, await store.report(run.id))
            if run.state is not RunState.DONE:
                raise Fault(run.code or run.state.value, run.message, data=run.data)
        except BaseException:
            if before is not None:
                await store.save(before, wanted.book)
                await asyncio.to_thread(self._forget, replicator)
            raise
        if before is not None:
            await asyncio.to_thread(self._forget, before)

    def _forget(self, replicator: Replicator) -> None:
        """Remove the file of an import that counts no more, if it was handed over to us."""
        path = Path(str(replicator.settings.get("file", "")))
        if path.parent == self._folder:
            path.unlink(missing_ok=True)

    def _put(self, data: bytes) -> Path:
        if len(data) > MAX_FILE:
            raise _too_large()
        path = self._folder / f"{new_id()}.csv"
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.write_bytes(data)
        except OSError as error:
            path.unlink(missing_ok=True)
            raise disk_fault(error) from error
        return path


def _too_large() -> Invalid:
    return Invalid("file-too-large", f"The file has more than {MAX_FILE:,} bytes. Split it.", data={"field": "file"})


def preview(path: Path) -> Preview:
    """The first 50 rows of a CSV file and what they seem to mean. Raises `Invalid`."""
    source = CsvFile(CsvSettings(str(path)))
    found = source.columns()
    titles = [column.name for column in found]
    rows = list(zip(*(column.samples for column in found), strict=True))
    mapping = columns.suggest(titles, rows, header=source.header)
    notes = source.dialect.notes if source.header else (*source.dialect.notes, BadRow(0, "no-header"))
    dialect = source.dialect
    return Preview(
        tuple(titles), mapping, tuple(rows), dialect.encoding, dialect.delimiter, source.header, (*notes, *source.problems)
    )


def settled(path: Path, mapping: Mapping[str, str] | None) -> tuple[dict[str, object], tuple[Rule, ...]]:
    """Settings and rules for a file with a mapping of its titles to fields; None: the suggested ones."""
    source = CsvFile(CsvSettings(str(path)))
    if mapping is None:
        return {"file": str(path)}, suggest(source.columns())
    # Where the first row holds all titles that the mapping names, they settle that it is a header.
    titles = {column.name for column in CsvFile(CsvSettings(str(path), header="yes")).columns()}
    header = source.header or set(mapping) <= titles
    settings = CsvSettings(str(path), header="yes" if header else "no")
    known = {column.name for column in CsvFile(settings).columns()}
    for title in mapping:
        if mapping[title] and title not in known:
            raise Invalid("unknown-column", f"The file has no column {title!r}.", data={"field": title})
    rules = plain(mapping)
    countries = (Field.BUSINESS_COUNTRY, Field.PRIVATE_COUNTRY, Field.OTHER_COUNTRY)
    country = next((rule for field in countries for rule in rules if rule.field == field), None)
    if country is not None:
        rules = (*rules, Rule(COUNTRY, country.value))
    Mapper(rules, lambda raw, region: "")
    return {"file": str(path), "header": settings.header}, rules


def book_named(name: str) -> Book:
    """The book with this name, for imports. Raises `Invalid`."""
    name = " ".join(name.split())
    if not name or len(name) > MOST_NAME or not name.isprintable():
        raise Invalid("book-name", f"Give the book a name of at most {MOST_NAME} characters.", data={"field": "book"})
    book = Book(_NO_ID.sub("-", name.casefold()).strip("-") or "book", name)
    if book.id == OWN_BOOK.id or name.casefold() == OWN_BOOK.name.casefold():
        raise Invalid("book-name", "That book holds contacts written by hand; choose another name.")
    return book


def book_among(books: Sequence[Book], name: str) -> Book:
    """The book with this name, or one that is not there yet: a book that was renamed keeps its id. Raises `Invalid`."""
    wanted = book_named(name)
    for book in books:
        if book.name.casefold() == wanted.name.casefold() and book.id != OWN_BOOK.id:
            return replace(book, name=wanted.name)
    taken = {book.id for book in books}
    ids = (wanted.id, *(f"{wanted.id}-{number}" for number in range(2, len(taken) + 3)))
    return replace(wanted, id=next(id for id in ids if id not in taken))
