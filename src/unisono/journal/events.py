"""Facts the journal tells."""

from dataclasses import dataclass

from unisono.journal.model import JournalEntry


@dataclass(frozen=True, slots=True)
class JournalChanged:
    """An entry was opened, changed, closed or edited."""

    entry: JournalEntry


@dataclass(frozen=True, slots=True)
class CountsChanged:
    """How many missed calls wait for this user changed."""

    user_id: str
    missed_open: int
