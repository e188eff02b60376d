"""Tables of the directory room: books, their contacts, the contacts' numbers, decisions about duplicates.

Only contacts written by hand stand here; those of sources are layers (`replicators/tables.py`). A book's edition grows whenever
its layers change, which tells every node.
"""

from collections.abc import AsyncIterator, Collection
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    Select,
    String,
    Table,
    Text,
    UniqueConstraint,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from unisono.directory.duplicates import Decision
from unisono.directory.model import Book, Contact, ContactNumber, NumberKind
from unisono.directory.pack import from_json, to_json
from unisono.kernel.expected import Expected
from unisono.storage import Database, UtcDateTime, metadata

book_table = Table(
    "book",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("name_key", String(200), index=True, unique=True),
    Column("edition", Integer, nullable=False),
    Column("changed", UtcDateTime),
)
"""`name_key`: the name as two of them are compared; none of a book that was dropped. `changed`: when a contact was last written
or removed by hand."""
contact_table = Table(
    "contact",
    metadata,
    Column("serial", Integer, primary_key=True, autoincrement=False),
    Column("book", ForeignKey("book.id", ondelete="CASCADE"), nullable=False),
    Column("edition", Integer, nullable=False),
    Column("id", String(32), nullable=False),
    Column("source_key", Text, nullable=False),
    Column("data", Text, nullable=False),
    UniqueConstraint("book", "edition", "id"),
)
number_table = Table(
    "contact_number",
    metadata,
    Column("contact", ForeignKey("contact.serial", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("raw", Text, nullable=False),
    Column("canonical", String(40), nullable=False),
    Index("ix_contact_number_canonical", "canonical"),
)

pair_table = Table(
    "duplicate_pair",
    metadata,
    Column("first", String(32), primary_key=True),
    Column("second", String(32), primary_key=True),
    Column("joined", Boolean, nullable=False),
    Column("by", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
rule_table = Table(
    "duplicate_rule_off",
    metadata,
    Column("rule", String(32), primary_key=True),
)

PAGE = 250


class Books:
    """Reads and writes the tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def books(self) -> list[Book]:
        """Every book with its number of contacts, by name."""
        count = func.count(contact_table.c.serial)
        current = (contact_table.c.book == book_table.c.id) & (contact_table.c.edition == book_table.c.edition)
        query = (
            select(book_table.c.id, book_table.c.name, count)
            .outerjoin(contact_table, current)
            .group_by(book_table.c.id, book_table.c.name)
            .order_by(book_table.c.name)
        )
        async with self._database.read() as connection:
            return [Book(*row) for row in await connection.execute(query)]

    async def changed(self, book: str) -> datetime | None:
        """When somebody last changed a contact of a book by hand; None: never, or before that was kept."""
        async with self._database.read() as connection:
            return await connection.scalar(select(book_table.c.changed).where(book_table.c.id == book))

    async def add(self, book: Book) -> bool:
        """Make a book; False if there is one of this id or name."""
        with suppress(IntegrityError):
            async with self._database.write() as connection:
                await connection.execute(insert(book_table).values(id=book.id, edition=0, **called(book.name)))
            return True
        return False

    async def rename(self, book: str, name: str, expected: Expected) -> bool:
        """Call a book otherwise; False if another one is called so. Raises `Outdated`."""
        with suppress(IntegrityError):
            async with self._database.write() as connection:
                expected.check(await to_write(connection, book))
                await connection.execute(update(book_table).where(book_table.c.id == book).values(**called(name)))
            return True
        return False

    async def pages(self, book: str) -> AsyncIterator[list[Contact]]:
        """The contacts of a book, some at a time."""
        last = -1
        while True:
            async with self._database.read() as connection:
                contacts, last = await _page(connection, book, last)
            if not contacts:
                return
            yield contacts

    async def some(self, book: str, ids: Collection[str]) -> list[Contact]:
        """The contacts of a book with these ids, as far as they are there."""
        async with self._database.read() as connection:
            return (await _contacts(connection, book, _of_book(book).where(contact_table.c.id.in_(ids))))[0]

    async def sweep(self) -> None:
        """Take away, in short transactions, what belongs to no book's present contents."""
        current = select(book_table.c.edition).where(book_table.c.id == contact_table.c.book).scalar_subquery()
        while True:
            async with self._database.write() as connection:
                old = select(contact_table.c.serial).where(contact_table.c.edition != current).limit(PAGE)
                serials = list((await connection.execute(old)).scalars())
                if not serials:
                    await connection.execute(delete(book_table).where(book_table.c.edition == -1))
                    return
                between = number_table.c.contact.in_(serials)
                await connection.execute(delete(number_table).where(between))
                await connection.execute(delete(contact_table).where(contact_table.c.serial.in_(serials)))


class Decisions:
    """Reads what was decided about duplicates: pairs split or joined by hand, and rules that are off."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def pairs(self) -> list[Decision]:
        """Every pair, the newest first."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(pair_table).order_by(pair_table.c.at.desc(), pair_table.c.first))
            return [Decision(*row) for row in rows]

    async def rules_off(self) -> list[str]:
        """The rules that are off."""
        async with self._database.read() as connection:
            return list((await connection.execute(select(rule_table.c.rule))).scalars())


async def to_write(connection: AsyncConnection, id: str | None) -> Book | None:
    """A book whose contacts nobody has counted, if it is there; nobody else writes it until this transaction ends."""
    query = select(book_table.c.id, book_table.c.name).where(book_table.c.id == id, book_table.c.edition >= 0)
    row = (await connection.execute(query.with_for_update())).one_or_none()
    return Book(*row) if row is not None else None


async def drop(connection: AsyncConnection, book: str) -> None:
    """Empty a book and forget it once `Books.sweep` has taken its contacts away: its edition counts no more."""
    await connection.execute(update(book_table).where(book_table.c.id == book).values(edition=-1, name_key=None))


async def put(connection: AsyncConnection, contact: Contact, at: datetime) -> None:
    """Write one contact, now, into its book's present contents, in the place of the one with the same id."""
    edition = await connection.scalar(select(book_table.c.edition).where(book_table.c.id == contact.book))
    here = (contact_table.c.book == contact.book) & (contact_table.c.edition == edition)
    await connection.execute(delete(contact_table).where(here, contact_table.c.id == contact.id))
    await _insert(connection, edition or 0, await _last_serial(connection) + 1, contact)
    await _changed(connection, contact.book, at)


async def remove(connection: AsyncConnection, book: str, contact_id: str, at: datetime) -> None:
    """Take one contact away, now."""
    here = (contact_table.c.book == book) & (contact_table.c.id == contact_id)
    await connection.execute(delete(contact_table).where(here))
    await _changed(connection, book, at)


async def _changed(connection: AsyncConnection, book: str, at: datetime) -> None:
    await connection.execute(update(book_table).where(book_table.c.id == book).values(changed=at))


async def decide(connection: AsyncConnection, decision: Decision) -> None:
    """Split or join a pair, whatever was decided before."""
    await undecide(connection, decision.first, decision.second)
    await connection.execute(insert(pair_table).values(**asdict(decision)))


async def undecide(connection: AsyncConnection, first: str, second: str) -> None:
    """Leave a pair to the rules again."""
    await connection.execute(delete(pair_table).where(pair_table.c.first == first, pair_table.c.second == second))


async def switch(connection: AsyncConnection, rule: str, on: bool) -> None:
    """Switch a rule."""
    await connection.execute(delete(rule_table).where(rule_table.c.rule == rule))
    if not on:
        await connection.execute(insert(rule_table).values(rule=rule))


def called(name: str) -> dict[str, str]:
    """The columns of a name, of which there is one only."""
    return {"name": name, "name_key": name.casefold()}


async def _last_serial(connection: AsyncConnection) -> int:
    return await connection.scalar(select(func.max(contact_table.c.serial))) or 0


async def _insert(connection: AsyncConnection, edition: int, serial: int, contact: Contact) -> None:
    await connection.execute(
        insert(contact_table).values(
            serial=serial,
            book=contact.book,
            edition=edition,
            id=contact.id,
            source_key=contact.source_key,
            data=to_json(contact),
        )
    )
    numbers = [
        {"contact": serial, "position": at, "kind": n.kind.value, "raw": n.raw, "canonical": n.canonical}
        for at, n in enumerate(contact.numbers)
    ]
    if numbers:
        await connection.execute(insert(number_table), numbers)


def _of_book(book: str) -> Select[Any]:
    edition = select(book_table.c.edition).where(book_table.c.id == book).scalar_subquery()
    query = select(contact_table.c.serial, contact_table.c.id, contact_table.c.source_key, contact_table.c.data)
    return query.where(contact_table.c.book == book, contact_table.c.edition == edition).order_by(contact_table.c.serial)


async def _page(connection: AsyncConnection, book: str, after: int) -> tuple[list[Contact], int]:
    contacts, serials = await _contacts(connection, book, _of_book(book).where(contact_table.c.serial > after).limit(PAGE))
    return contacts, serials[-1] if serials else after


async def _contacts(connection: AsyncConnection, book: str, query: Select[Any]) -> tuple[list[Contact], list[int]]:
    """What a query of `_of_book` finds, with the serials."""
    rows = (await connection.execute(query)).all()
    serials = [row.serial for row in rows]
    wanted = (
        select(number_table.c.contact, number_table.c.kind, number_table.c.raw, number_table.c.canonical)
        .where(number_table.c.contact.in_(serials))
        .order_by(number_table.c.contact, number_table.c.position)
    )
    numbers: dict[int, tuple[ContactNumber, ...]] = {
        serial: tuple([ContactNumber(NumberKind(kind), raw, canonical) for _, kind, raw, canonical in group])
        for serial, group in groupby(await connection.execute(wanted), key=lambda n: n[0])
    }
    return [from_json(row.id, book, row.source_key, numbers.get(row.serial, ()), row.data) for row in rows], serials
