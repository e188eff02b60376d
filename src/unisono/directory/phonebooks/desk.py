"""A telephone that asks, and what a make's documents are made of. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from unisono.directory.phonebooks.shelf import Entry, Number, Place
from unisono.directory.phonebooks.words import Sort, Words, sort_of

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Desk:
    """`base`: the absolute address below which a fleet's documents are, with the key if it came in the address."""

    title: str
    base: str
    words: Words
    large: bool = False
    """Whether there are more contacts than it gets at once."""
    books: tuple[tuple[str, str], ...] = ()
    """Ids and names of the books that it sees, for makes that have groups."""

    def directory(self, place: Place | None = None) -> str:
        """The address of a page. It has one parameter at most: some firmware of snom does not read `&amp;`."""
        if place is None:
            return f"{self.base}/directory.xml"
        return f"{self.base}/directory.xml?at={place.skip}~{quote(place.name, safe='')}"

    def starts(self) -> Iterator[tuple[str, str]]:
        """Where one can begin to read, with the addresses: everybody, or in a large book the letters too."""
        yield self.words.everybody, self.directory()
        if self.large:
            for letter in LETTERS:
                yield letter, self.directory(Place(letter.lower()))


@dataclass(frozen=True, slots=True)
class Documents:
    """How a make writes. `page`: entries of one document, 0: as many as the device takes."""

    head: Callable[[Desk], str]
    entry: Callable[[Desk, Entry], str]
    tail: Callable[[Desk, Place | None], str]
    empty: Callable[[Desk], str]
    """Instead of a document without entries."""
    waits: Callable[[Desk], str] | None = None
    """The same while contacts are being made ready; None: the make has no words for it, and is told by HTTP."""
    menu: Callable[[Desk], str] | None = None
    ask: Callable[[Desk], str] | None = None
    """The page where one types what to search."""
    page: int = 0


def read_place(text: str) -> Place | None:
    """The place in an address (`Desk.directory`); None if it is none."""
    skip, sign, name = text.partition("~")
    if not sign or not skip.isascii() or not skip.isdecimal() or len(skip) > 6:
        return None
    return Place(name, int(skip))


def dialled(entry: Entry) -> Sequence[Number]:
    """The numbers that one would dial: no fax."""
    return [number for number in entry.numbers if sort_of(number.kind) is not Sort.FAX]


def titled(entry: Entry) -> str:
    """Name and firm in one line."""
    return f"{entry.name}, {entry.firm}" if entry.firm and entry.name else entry.name or entry.firm


def lines(desk: Desk, entry: Entry) -> Iterator[tuple[str, str]]:
    """For telephones that show one number a line: the texts and numbers of an entry."""
    numbers = dialled(entry)
    for number in numbers:
        name = titled(entry) or number.text
        yield (f"{name} ({desk.words.sorts[sort_of(number.kind)]})" if len(numbers) > 1 else name), number.text
