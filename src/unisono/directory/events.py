"""Facts the directory room tells."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DirectoryChanged:
    """Contacts of this book were added, changed or removed; whoever shows one reads it afresh."""

    book: str
