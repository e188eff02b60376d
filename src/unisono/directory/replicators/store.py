"""What is configured, in the database."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import RowMapping, delete, exists, func, insert, select, true, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from unisono.directory.model import Book
from unisono.directory.replicators.imported import KIND as IMPORTED
from unisono.directory.replicators.mapping import Rule
from unisono.directory.replicators.model import Imports, Options, Replicator
from unisono.directory.replicators.tables import layer_table, replicator_table
from unisono.directory.runs.model import Run, What
from unisono.directory.runs.store import begin_run, check_idle, forget, refuse_asking
from unisono.directory.store import book_table, called, drop, to_write
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Conflict, NotFound, Retry
from unisono.kernel.expected import Expected
from unisono.kernel.ids import new_id
from unisono.storage import Database

_OWN = [column for column in replicator_table.c if column.name not in ("name_key", "made", "removed", "with_book")]
_HERE = ~replicator_table.c.removed
_FILLED = exists().where(layer_table.c.published, layer_table.c.book == replicator_table.c.book)
_ONLY_BEGUN = replicator_table.c.with_book.is_not(None)
"""A first import that goes on, or was killed."""
Made = Callable[[Replicator | None, str], tuple[Replicator, bool]]
"""Makes of a replicator that is stored, and what its book is called (None and "" of a new one), the one to store.

The second part says whether no run that goes on or asks may count any more, for it has read something else.
"""


class Replicators:
    """Reads and writes what is configured."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def all(self) -> list[Replicator]:
        """Every replicator, by name."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(*_OWN).where(_HERE).order_by(func.lower(replicator_table.c.name)))
            return [_replicator(row._mapping) for row in rows]

    async def get(self, id: str, *, removed: bool = False) -> Replicator:
        """One replicator; `removed`: be it removed. Raises `NotFound`."""
        async with self._database.read() as connection:
            query = select(*_OWN).where(replicator_table.c.id == id, true() if removed else _HERE)
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise _unknown(id)
        return _replicator(row._mapping)

    async def of_book(self, book: str) -> Replicator | None:
        """The replicator that fills a book."""
        async with self._database.read() as connection:
            query = select(*_OWN).where(replicator_table.c.book == book, _HERE)
            row = (await connection.execute(query)).one_or_none()
        return _replicator(row._mapping) if row is not None else None

    async def books(self) -> list[Book]:
        """Every book; nobody has counted its contacts."""
        async with self._database.read() as connection:
            return [Book(*row) for row in await connection.execute(select(book_table.c.id, book_table.c.name))]

    async def maker(self, book: str) -> str | None:
        """The id under which a book's layers are made anew: that of its source, also if it has been removed since."""
        async with self._database.read() as connection:
            found: str | None = await connection.scalar(select(replicator_table.c.id).where(replicator_table.c.book == book))
            return found

    async def as_made(self, id: str) -> Replicator:
        """A replicator as it was when its book's layers were made, also if it has been removed since. Raises `NotFound`."""
        query = select(*_OWN, replicator_table.c.made).where(replicator_table.c.id == id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise _unknown(id)
        values: dict[str, Any] = dict(row._mapping)
        return _replicator(values | values.pop("made"))

    async def save(self, wanted: Replicator, book: Book, made: Made) -> Replicator:
        """Store what is made of the replicator of this id, with its book; nobody else writes them meanwhile.

        An empty id makes a new one, in the place of one that was removed. Raises what `made` raises; `Conflict` for a name
        that is taken or a book that is, and while a run goes on that may not count (one that asks is refused); `NotFound`
        for one that was removed meanwhile.
        """
        try:
            return await self._save(wanted.id, book, made)
        except IntegrityError as error:
            raise await self._taken(wanted, book) from error

    async def begin(self, book: Book, run: Run) -> None:
        """Begin a run that imports into a book without a source, or a new one; it has one as soon as that is published.

        Until then there is only what a removed source leaves, which `take_back` takes away. Raises `Conflict`.
        """
        try:
            async with self._database.write() as connection:
                with_book = await _made(connection, book)
                values = {**_bare(run.owner), "id": run.owner, "name": "", "book": book.id, "made": {}, "with_book": with_book}
                await connection.execute(insert(replicator_table).values(values))
                await begin_run(connection, run)
        except IntegrityError as error:
            raise await self._taken(Replicator(run.owner, "", book.id, ""), book) from error

    async def _save(self, id: str, book: Book, made: Made) -> Replicator:
        async with self._database.write() as connection:
            wanted, alone = made(*(await _to_write(connection, id) if id else (None, "")))
            saved = replace(
                wanted, id=id or await _removed(connection, book.id, self._clock.now()) or new_id(), book=book.id
            )
            values = _values(saved)
            if alone:
                await check_idle(connection, What.SOURCE, saved.id, self._clock.now())
                await refuse_asking(connection, saved.id)
            if book.name:
                await _called(connection, book)
            elif await to_write(connection, book.id) is None:
                raise NotFound("unknown-book", f"There is no book {book.id!r} (any more).", data={"id": book.id})
            mine = update(replicator_table).where(replicator_table.c.id == saved.id)
            if (await connection.execute(mine.values(values))).rowcount == 0:
                await connection.execute(insert(replicator_table).values(id=saved.id, made={}, **values))
        return saved

    async def _taken(self, wanted: Replicator, book: Book) -> Conflict:
        """Who has the name or the book that somebody wanted."""
        async with self._database.read() as connection:
            names = {row.id: row.name for row in await connection.execute(select(book_table.c.id, book_table.c.name))}
        for other in await self.all():
            if other.id != wanted.id and other.name.casefold() == wanted.name.casefold():
                message = f"There is a source {other.name} already: it fills the book {names[other.book]}. Choose another name."
                return Conflict("source-name-taken", message, data={"field": "name", "source": other.name})
            if other.id != wanted.id and other.book == book.id:
                return book_of_source(other)
        return book_exists(book)

    async def free_name(self, name: str) -> str:
        """This name, or one like it that no source has."""
        taken = {each.name.casefold() for each in await self.all()}
        names = (name, *(f"{name} ({number})" for number in range(2, len(taken) + 3)))
        return next(each for each in names if each.casefold() not in taken)

    async def remove(self, id: str, check: Callable[[Replicator, str], None]) -> None:
        """Forget a replicator and its runs; its book stays until it is removed.

        What the book's layers are made anew with stays too, but nothing that tells where the source is, or its secrets.
        Raises `NotFound`, what `check` raises of it and its book's name, and `Conflict` while it is being read.
        """
        async with self._database.write() as connection:
            check(*await _to_write(connection, id))
            await check_idle(connection, What.SOURCE, id, self._clock.now())
            await forget(connection, id)
            mine = replicator_table.c.id == id
            if await connection.scalar(select(replicator_table.c.id).where(mine, _FILLED)):
                await connection.execute(update(replicator_table).where(mine).values(**_bare(id)))
            else:
                await connection.execute(delete(replicator_table).where(mine))

    async def remove_book(self, book: str, expected: Expected) -> None:
        """Forget a book with its source, or what a removed one has left; layers and contacts wait to be swept.

        Raises `Outdated`, and `Conflict` while it is being read, be it for the first time.
        """
        mine = replicator_table.c.book == book
        async with self._database.write() as connection:
            expected.check(await to_write(connection, book))
            id = await connection.scalar(select(replicator_table.c.id).where(mine))
            if id is not None:
                await _check_idle(connection, id, self._clock.now())
                await forget(connection, id)
                await connection.execute(delete(replicator_table).where(mine))
            await connection.execute(update(layer_table).where(layer_table.c.book == book).values(published=False))
            await drop(connection, book)

    async def take_back(self, id: str) -> None:
        """Forget an import that has begun and filled nothing, with a book that is new. Raises `Conflict` while it goes on."""
        mine = replicator_table.c.id == id
        async with self._database.write() as connection:
            await check_idle(connection, What.SOURCE, id, self._clock.now())
            row = (await connection.execute(select(replicator_table).where(mine, _ONLY_BEGUN))).one_or_none()
            if row is None:
                return
            await forget(connection, id)
            await connection.execute(delete(replicator_table).where(mine))
            if row.with_book:
                await connection.execute(delete(book_table).where(book_table.c.id == row.book))

    async def sweep(self) -> None:
        """Take back imports that whoever did them was killed with."""
        async with self._database.read() as connection:
            begun = list((await connection.execute(select(replicator_table.c.id).where(_ONLY_BEGUN))).scalars())
        for id in begun:
            with suppress(Conflict):
                await self.take_back(id)

    async def secret(self, id: str) -> str:
        """The secret of a replicator's webhook; "" if there is none, or no such replicator."""
        async with self._database.read() as connection:
            found = await connection.scalar(select(replicator_table.c.secret).where(replicator_table.c.id == id))
        return found or ""

    async def set_secret(self, id: str, secret: str) -> None:
        """Change it. Raises `NotFound`."""
        async with self._database.write() as connection:
            changed = update(replicator_table).where(replicator_table.c.id == id, _HERE)
            if (await connection.execute(changed.values(secret=secret))).rowcount == 0:
                raise _unknown(id)


async def _to_write(connection: AsyncConnection, id: str) -> tuple[Replicator, str]:
    """A replicator and what its book is called; nobody else writes them until this transaction ends. Raises `NotFound`.

    The book first, as whoever publishes does.
    """
    mine = select(*_OWN).where(replicator_table.c.id == id, _HERE)
    book_id = await connection.scalar(mine.with_only_columns(replicator_table.c.book))
    book = await to_write(connection, book_id)
    row = (await connection.execute(mine.with_for_update())).one_or_none()
    if row is None or book is None:
        raise _unknown(id)
    return _replicator(row._mapping), book.name


def _unknown(id: str) -> NotFound:
    return NotFound("unknown-replicator", f"There is no source {id!r}.", data={"id": id})


async def _made(connection: AsyncConnection, book: Book) -> bool:
    """Let a book be there, which keeps its name; whether it is new, or was only waiting to be swept."""
    there = await connection.scalar(select(book_table.c.edition).where(book_table.c.id == book.id))
    if there is not None and there >= 0:
        return False
    await _called(connection, book)
    return True


async def _called(connection: AsyncConnection, book: Book) -> None:
    """Let a book be there, and be called so."""
    there = await connection.scalar(select(book_table.c.edition).where(book_table.c.id == book.id))
    if there is None:
        await connection.execute(insert(book_table).values(id=book.id, edition=0, **called(book.name)))
    else:
        named = update(book_table).where(book_table.c.id == book.id)
        await connection.execute(named.values(edition=max(there, 0), **called(book.name)))


async def _removed(connection: AsyncConnection, book: str, now: datetime) -> str | None:
    """The id of a removed replicator that still serves a book. Raises `Conflict` while it does."""
    gone = (replicator_table.c.book == book) & replicator_table.c.removed
    id: str | None = await connection.scalar(select(replicator_table.c.id).where(gone))
    if id is not None:
        await _check_idle(connection, id, now)
    return id


async def _check_idle(connection: AsyncConnection, id: str, now: datetime) -> None:
    """Raises `Conflict` while the source is read, or its book is imported without having one yet."""
    try:
        await check_idle(connection, What.SOURCE, id, now)
    except Conflict as fault:
        books = replicator_table.join(book_table, book_table.c.id == replicator_table.c.book)
        mine = (replicator_table.c.id == id) & ~_HERE
        name = await connection.scalar(select(book_table.c.name).select_from(books).where(mine))
        if name is None:
            raise
        raise being_imported(name, fault) from fault


def book_of_source(other: Replicator) -> Conflict:
    """A book that somebody wants to fill is filled by another source."""
    message = f"This book is filled by the source {other.name}; choose another name."
    return Conflict("book-of-source", message, data={"source": other.name})


def being_imported(book: str, fault: Conflict) -> Conflict:
    """Somebody imports the book of this name; `fault` is what they were told who came second."""
    seconds = fault.data.get("seconds", 0)
    message = f"The book {book} is being imported right now; wait until that is done."
    if seconds:
        message += f" If the process that imports it was killed, the book is free again in {seconds} seconds."
    data = {"book": book, "run": fault.data.get("run", ""), "seconds": seconds}
    return Conflict("book-being-imported", message, retry=Retry.LATER, data=data)


def book_exists(book: Book) -> Conflict:
    """There is another book of this name."""
    return Conflict("book-exists", f"There is a book {book.name} already.", data={"field": "name", "book": book.name})


def _values(replicator: Replicator) -> dict[str, Any]:
    return {
        **called(replicator.name),
        "book": replicator.book,
        "kind": replicator.kind,
        "enabled": replicator.enabled,
        "settings": replicator.settings,
        "mapping": msgspec.to_builtins(replicator.mapping),
        "location_id": replicator.location_id,
        "link": replicator.link,
        "schedule": replicator.schedule,
        "options": msgspec.to_builtins(replicator.options),
        "secret": replicator.secret,
        "cursor": replicator.cursor,
        "read_columns": list(replicator.read_columns),
        "full": replicator.full,
        "removed": False,
        "with_book": None,
    }


def _bare(id: str) -> dict[str, Any]:
    """What a row says besides what its book's layers are made anew with, once its replicator is removed."""
    values = _values(Replicator(id, "", "", IMPORTED.key, enabled=False))
    kept = {name: value for name, value in values.items() if name not in ("name", "book")}
    return {**kept, "name_key": None, "removed": True}


async def become(connection: AsyncConnection, id: str, imports: Imports) -> None:
    """A replicator reads from now on what was imported, also one that was removed. Raises `Conflict` if its name is taken.

    Its book is written as it was called then, unless somebody has renamed it meanwhile.
    """
    mine = update(replicator_table).where(replicator_table.c.id == id)
    values = msgspec.to_builtins(imports)
    name, book = values.pop("name"), called(values.pop("book"))
    await connection.execute(mine.values(values))
    if not name:
        return
    try:
        again = mine.where(replicator_table.c.removed).values(**called(name), enabled=True, removed=False, with_book=None)
        await connection.execute(again)
        same = update(book_table).where(book_table.c.name_key == book["name_key"])
        await connection.execute(same.values(book))
    except IntegrityError as error:
        message = f"There is a source {name} now; import the file again."
        raise Conflict("source-name-taken", message, data={"field": "name", "source": name}) from error


def made_with(replicator: Replicator) -> dict[str, Any]:
    """What decides how a record comes out as a contact, as a row keeps it."""
    values = _values(replicator)
    return {name: values[name] for name in ("mapping", "location_id", "link")}


def _replicator(row: RowMapping | dict[str, Any]) -> Replicator:
    values: dict[str, Any] = dict(row)
    values["mapping"] = msgspec.convert(values["mapping"], tuple[Rule, ...])
    values["options"] = msgspec.convert(values["options"], Options)
    values["read_columns"] = tuple(values["read_columns"])
    return Replicator(**values)
