"""What someone may see of the directory: the same for search, look-up, count, sort and every door."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class View:
    """The books that are seen; None: all of them."""

    books: frozenset[str] | None = None

    def sees(self, book: str) -> bool:
        """Whether this book is among them."""
        return self.books is None or book in self.books


EVERYTHING = View()
