"""The layers that make up a book, in the database.

A run writes its layer in short transactions, which nobody sees, and publishes it in one last small one. Whatever dies before
leaves nothing but what `sweep` takes away.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from unisono.directory.replicators.model import Imports, Layer, Replicator
from unisono.directory.replicators.store import become, made_with
from unisono.directory.replicators.tables import layer_table, page_table, part_table, replicator_table
from unisono.directory.runs.model import Report, Run, RunState
from unisono.directory.runs.store import end_run
from unisono.directory.runs.tables import run_table
from unisono.directory.store import book_table
from unisono.kernel.errors import Conflict
from unisono.kernel.ids import new_id
from unisono.storage import Database

_PAGES_AT_ONCE = 50
"""Pages read or removed in one go."""
_PART = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Page:
    """One page as stored: `gone` ones name records that are no more (`pages.py`)."""

    gone: bool
    marks: bytes
    data: bytes


class Layers:
    """Reads and writes layers."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.shares_files = not database.sqlite
        """Whether several nodes may use this database, so that segments belong into it too."""

    async def editions(self) -> dict[str, int]:
        """The edition of every book: it grows when a book has changed."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(book_table.c.id, book_table.c.edition))
            return {row.id: row.edition for row in rows}

    async def published(self, book: str | None = None) -> dict[str, list[Layer]]:
        """The layers that count, the oldest first, of one book or of all that have any."""
        query = select(layer_table).where(layer_table.c.published).order_by(layer_table.c.book, layer_table.c.place)
        if book is not None:
            query = query.where(layer_table.c.book == book)
        found: dict[str, list[Layer]] = {}
        async with self._database.read() as connection:
            for row in await connection.execute(query):
                layer = Layer(row.id, row.book, row.place, row.records, row.gone, row.digest)
                found.setdefault(layer.book, []).append(layer)
        return found

    async def known(self) -> frozenset[str]:
        """Every layer there is, also those that do not count yet, and every run that goes on."""
        running = select(run_table.c.id).where(run_table.c.state == RunState.RUNNING.value)
        async with self._database.read() as connection:
            return frozenset((await connection.execute(select(layer_table.c.id).union_all(running))).scalars())

    async def new(self, book: str, run: str) -> str:
        """Begin a layer that nobody sees; gives its id."""
        id = new_id()
        async with self._database.write() as connection:
            edition = await connection.scalar(select(book_table.c.edition).where(book_table.c.id == book))
            await connection.execute(
                insert(layer_table).values(
                    id=id, book=book, run=run, published=False, place=0, records=0, gone=0, digest="", edition=edition or 0
                )
            )
        return id

    async def write(self, layer: str, number: int, pages: Sequence[Page]) -> None:
        """Add pages, numbered from `number`, in one short transaction."""
        rows = [
            {"layer": layer, "number": place, "gone": page.gone, "marks": page.marks, "data": page.data}
            for place, page in enumerate(pages, number)
        ]
        async with self._database.write() as connection:
            await connection.execute(insert(page_table), rows)

    async def marks(self, layer: str) -> AsyncIterator[tuple[int, bool, bytes]]:
        """Number, whether they are gone, and fingerprints of each page."""
        last = -1
        while True:
            query = select(page_table.c.number, page_table.c.gone, page_table.c.marks)
            query = query.where(page_table.c.layer == layer, page_table.c.number > last).order_by(page_table.c.number)
            async with self._database.read() as connection:
                rows = (await connection.execute(query.limit(8 * _PAGES_AT_ONCE))).all()
            if not rows:
                return
            for row in rows:
                yield row.number, row.gone, row.marks
            last = rows[-1].number

    async def pages(self, layer: str) -> AsyncIterator[Page]:
        """Every page of a layer."""
        last = -1
        while True:
            query = select(page_table).where(page_table.c.layer == layer, page_table.c.number > last)
            async with self._database.read() as connection:
                rows = (await connection.execute(query.order_by(page_table.c.number).limit(_PAGES_AT_ONCE))).all()
            if not rows:
                return
            for row in rows:
                yield Page(row.gone, row.marks, row.data)
            last = rows[-1].number

    async def page(self, layer: str, number: int) -> Page:
        """One page."""
        query = select(page_table).where(page_table.c.layer == layer, page_table.c.number == number)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one()
        return Page(row.gone, row.marks, row.data)

    async def seal(self, layer: str, records: int, gone: int, digest: str) -> None:
        """The layer is whole: how many records it has and takes away, and the digest of its segment."""
        async with self._database.write() as connection:
            sealed = update(layer_table).where(layer_table.c.id == layer)
            await connection.execute(sealed.values(records=records, gone=gone, digest=digest))

    async def publish(
        self,
        layer: str,
        *,
        replaces: bool,
        replicator: Replicator,
        run: Run,
        report: Report | None,
        imports: Imports | None = None,
    ) -> Run:
        """Make a sealed layer count, over the others of its book or in their place, and end its run.

        `imports`: what the book's source becomes with that. Raises `Conflict` if the book has changed since the layer was
        begun, or the run was given up meanwhile.
        """
        ended = replace(run, state=RunState.DONE)
        async with self._database.write() as connection:
            row = (await connection.execute(select(layer_table).where(layer_table.c.id == layer))).one_or_none()
            if row is None or not await _next_edition(connection, row.book, row.edition):
                raise Conflict("book-changed", "The book has changed since this was read. Read the source again.")
            others = (layer_table.c.book == row.book) & layer_table.c.published
            highest = await connection.scalar(select(func.max(layer_table.c.place)).where(others))
            if replaces:
                await connection.execute(update(layer_table).where(others).values(published=False))
            place = 0 if replaces or highest is None else highest + 1
            await connection.execute(
                update(layer_table).where(layer_table.c.id == layer).values(published=True, place=place)
            )
            await _remember(connection, replicator, imports)
            await _made(connection, replicator)
            await _end(connection, ended, report)
        return ended

    async def renew(
        self, replicator: Replicator, edition: int, made: Mapping[str, tuple[int, str]], run: Run, report: Report
    ) -> Run:
        """Layers of a book got new segments: (records, digest) by layer. Raises `Conflict` if the book has changed."""
        ended = replace(run, state=RunState.DONE)
        async with self._database.write() as connection:
            if not await _next_edition(connection, replicator.book, edition):
                raise Conflict("book-changed", "The book has changed since this was begun. Do it again.")
            for layer, (records, digest) in made.items():
                renewed = update(layer_table).where(layer_table.c.id == layer)
                await connection.execute(renewed.values(records=records, digest=digest))
            await _made(connection, replicator)
            await _end(connection, ended, report)
        return ended

    async def unchanged(
        self, replicator: Replicator, run: Run, report: Report, imports: Imports | None = None
    ) -> Run:
        """A run that found nothing new: remember how far it read, and what the book's source becomes."""
        ended = replace(run, state=RunState.DONE)
        async with self._database.write() as connection:
            await _remember(connection, replicator, imports)
            await _end(connection, ended, report)
        return ended

    async def sweep(self) -> None:
        """Take away, in short transactions, layers that do not count and that no run works on or asks about."""
        wanted = (RunState.RUNNING.value, RunState.ASKS.value)
        alive = select(run_table.c.id).where(run_table.c.state.in_(wanted))
        dead = select(layer_table.c.id).where(~layer_table.c.published, layer_table.c.run.not_in(alive))
        async with self._database.read() as connection:
            layers = list((await connection.execute(dead)).scalars())
        for layer in layers:
            while await self._drop_pages(layer):
                pass
            async with self._database.write() as connection:
                await connection.execute(delete(layer_table).where(layer_table.c.id == layer))
        if self.shares_files:
            await self._sweep_segments()

    async def _drop_pages(self, layer: str) -> int:
        some = select(page_table.c.number).where(page_table.c.layer == layer).limit(_PAGES_AT_ONCE)
        async with self._database.write() as connection:
            numbers = list((await connection.execute(some)).scalars())
            await connection.execute(
                delete(page_table).where(page_table.c.layer == layer, page_table.c.number.in_(numbers))
            )
        return len(numbers)

    # Segments, for other nodes

    async def put_segment(self, digest: str, file: Path) -> None:
        """Store a segment's file where other nodes find it."""
        with file.open("rb") as source:
            number = 0
            while data := source.read(_PART):
                async with self._database.write() as connection:
                    there = (part_table.c.digest == digest) & (part_table.c.number == number)
                    await connection.execute(delete(part_table).where(there))
                    await connection.execute(insert(part_table).values(digest=digest, number=number, data=data))
                number += 1

    async def segment_parts(self, digest: str) -> AsyncIterator[bytes]:
        """A stored segment, piece by piece; nothing if it is not there."""
        number = 0
        while True:
            query = select(part_table.c.data).where(part_table.c.digest == digest, part_table.c.number == number)
            async with self._database.read() as connection:
                data = await connection.scalar(query)
            if data is None:
                return
            yield data
            number += 1

    async def _sweep_segments(self) -> None:
        used = select(layer_table.c.digest)
        async with self._database.read() as connection:
            query = select(part_table.c.digest).where(part_table.c.digest.not_in(used)).distinct()
            unused = list((await connection.execute(query)).scalars())
        for digest in unused:
            async with self._database.write() as connection:
                await connection.execute(delete(part_table).where(part_table.c.digest == digest))


async def _end(connection: AsyncConnection, run: Run, report: Report | None) -> None:
    """The run is done; what it wrote in this transaction does not count if somebody has taken it for lost, or refused it."""
    if not await end_run(connection, run, report):
        raise Conflict("run-taken-over", "Another run has taken over, or this one was refused. Read the source again.")


async def _next_edition(connection: AsyncConnection, book: str, edition: int) -> bool:
    same = (book_table.c.id == book) & (book_table.c.edition == edition)
    done = await connection.execute(update(book_table).where(same).values(edition=edition + 1))
    return done.rowcount == 1


async def _remember(connection: AsyncConnection, replicator: Replicator, imports: Imports | None) -> None:
    if imports is not None:
        await become(connection, replicator.id, imports)
    await connection.execute(
        update(replicator_table)
        .where(replicator_table.c.id == replicator.id)
        .values(cursor=replicator.cursor, read_columns=list(replicator.read_columns), full=replicator.full)
    )


async def _made(connection: AsyncConnection, replicator: Replicator) -> None:
    mine = update(replicator_table).where(replicator_table.c.id == replicator.id)
    await connection.execute(mine.values(made=made_with(replicator)))
