"""The journal's table and what makes its text searchable.

Its id grows with the time of the call, so one integer orders, pages and bounds every list: the start in milliseconds since 1970
times `SPREAD`, plus a counter. Newest first is `ORDER BY id DESC`, a page begins below the last id of the one before, "from
Monday to Friday" is a range of ids. Nothing is counted or skipped.
"""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text, UniqueConstraint, text

from unisono.storage import metadata, only

SPREAD = 1024
"""Ids per millisecond; 51 bits in all, exact also where numbers are doubles."""

entry_table = Table(
    "journal_entry",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("call_id", String(64), nullable=False),
    Column("line_id", String(32), nullable=False),
    Column("owner", String(32), nullable=False),
    Column("inbound", Integer, nullable=False),
    Column("internal", Integer, nullable=False),
    Column("missed", Integer, nullable=False),
    Column("is_open", Integer, nullable=False),
    Column("connected", Integer, nullable=False),
    Column("running", Integer, nullable=False),
    Column("has_note", Integer, nullable=False),
    Column("private", Integer, nullable=False),
    Column("partner", String(64), nullable=False),
    Column("contact_id", String(32), nullable=False),
    Column("search", Text, nullable=False),
    Column("data", Text, nullable=False),
    UniqueConstraint("call_id", "line_id"),
    Index("ix_journal_entry_owner", "owner", "id"),
    Index("ix_journal_entry_partner", "partner", "id"),
)


def _partial(name: str, condition: str, *columns: str) -> None:
    Index(f"ix_journal_entry_{name}", *(entry_table.c[column] for column in columns), **only(text(condition)))


# A query uses these only if it says the condition in the same words. The flag is also their first column, though it is always 1
# there: SQLite without statistics prefers the index with more equal columns.
_partial("contact", "contact_id <> ''", "contact_id", "id")
_partial("open", "is_open = 1", "is_open", "id")
_partial("open_owner", "is_open = 1", "is_open", "owner", "id")
_partial("missed_owner", "missed = 1", "missed", "owner", "id")
_partial("note_owner", "has_note = 1", "has_note", "owner", "id")
_partial("running", "running = 1", "running", "id")

SQLITE_SEARCH = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS journal_search USING fts5(search, content='journal_entry', content_rowid='id', "
    "tokenize=\"unicode61 remove_diacritics 0\", prefix='1 2 3 4 5 6', detail=none, columnsize=0)",
    "CREATE TRIGGER IF NOT EXISTS journal_search_insert AFTER INSERT ON journal_entry BEGIN "
    "INSERT INTO journal_search(rowid, search) VALUES (new.id, new.search); END",
    "CREATE TRIGGER IF NOT EXISTS journal_search_update AFTER UPDATE OF search ON journal_entry "
    "WHEN old.search IS NOT new.search BEGIN "
    "INSERT INTO journal_search(journal_search, rowid, search) VALUES ('delete', old.id, old.search); "
    "INSERT INTO journal_search(rowid, search) VALUES (new.id, new.search); END",
    "CREATE TRIGGER IF NOT EXISTS journal_search_delete AFTER DELETE ON journal_entry BEGIN "
    "INSERT INTO journal_search(journal_search, rowid, search) VALUES ('delete', old.id, old.search); END",
)
"""FTS5 beside the table, kept by triggers: whatever writes the table, the search finds it."""

POSTGRESQL_SEARCH = (
    "CREATE INDEX IF NOT EXISTS journal_search ON journal_entry USING gin (to_tsvector('simple', search))",
)


def id_floor(at: datetime) -> int:
    """The smallest id of an entry that started at this moment or later."""
    return int(at.timestamp() * 1000) * SPREAD
