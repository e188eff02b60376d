"""A journal entry in the words of the interface. Pure."""
from unisono.journal.model import JournalEntry


def journal_view(entry: JournalEntry, user_id: str) -> object:
    """PLACEHOLDER until journal.api."""
    return {"id": entry.id, "mine": entry.user_id == user_id}
