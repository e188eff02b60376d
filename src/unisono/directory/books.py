"""How books are called, and which one holds contacts written by hand."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from itertools import chain, count
from typing import TypeAlias

from unisono.directory.model import Book
from unisono.kernel import text
from unisono.kernel.errors import Invalid

OWN_BOOK = Book("own", "Own contacts")
"""The book of contacts written by hand."""
MOST_NAME = 60
"""Characters of a name, and of an id without a number behind it, which small letters would make longer (ß: ss)."""
Hidden: TypeAlias = Callable[[], Awaitable[Callable[[str], bool]]]
"""Asked for a new book: whether one with this id would not be found everywhere."""
_NO_ID = re.compile(r"[^\w]+")
"""What is not kept of a book's name: its id stands in addresses and in names of entries."""


def book_named(name: str) -> Book:
    """The book with this name, for imports. Raises `Invalid`."""
    name = text.name(name, MOST_NAME)
    if not name:
        raise Invalid("book-name", f"Give the book a name of at most {MOST_NAME} characters.", data={"field": "book"})
    book = Book(_NO_ID.sub("-", name.casefold())[:MOST_NAME].strip("-") or "book", name)
    if book.id == OWN_BOOK.id or name.casefold() == OWN_BOOK.name.casefold():
        raise Invalid("book-name", "That book holds contacts written by hand; choose another name.")
    return book


def book_among(books: Sequence[Book], name: str, hidden: Callable[[str], bool]) -> Book:
    """The book with this name, or one that is not there yet: a book that was renamed keeps its id. Raises `Invalid`.

    `hidden`: whether one with this id would not be found everywhere, so that a new one gets another id.
    """
    wanted = book_named(name)
    for book in books:
        if book.name.casefold() == wanted.name.casefold() and book.id != OWN_BOOK.id:
            return replace(book, name=wanted.name)
    taken = {book.id for book in books}
    ids = chain((wanted.id,), (f"{wanted.id}-{number}" for number in count(2)))
    return replace(wanted, id=next(id for id in ids if id not in taken and not hidden(id)))
