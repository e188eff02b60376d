"""Tables of the replicators: what is configured, and the layers of records that make up a book."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, LargeBinary, String, Table, Text

from unisono.storage import UtcDateTime, metadata

replicator_table = Table(
    "replicator",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("name_key", String(200), index=True, unique=True),
    Column("book", ForeignKey("book.id"), nullable=False, unique=True),
    Column("kind", String(64), nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("settings", JSON, nullable=False),
    Column("mapping", JSON, nullable=False),
    Column("location_id", String(64), nullable=False),
    Column("link", Text, nullable=False),
    Column("schedule", String(200), nullable=False),
    Column("options", JSON, nullable=False),
    Column("secret", String(120), nullable=False),
    Column("cursor", Text, nullable=False),
    Column("read_columns", JSON, nullable=False),
    Column("full", UtcDateTime),
    Column("made", JSON, nullable=False),
    Column("removed", Boolean, nullable=False),
    Column("with_book", Boolean),
)
"""`made`: mapping, location and link that the book's layers were made with, and are made anew with; {} before the first one.
`name_key`: the name as two of them are compared. A row that was `removed` is no source any more, and has none: it only keeps
the others, while the book is there and has no new source. `with_book`: of a first import that is not published yet, which is no
source either, whether the book has come with it."""
layer_table = Table(
    "layer",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("book", ForeignKey("book.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("run", String(32), nullable=False),
    Column("published", Boolean, nullable=False),
    Column("place", Integer, nullable=False),
    Column("records", Integer, nullable=False),
    Column("gone", Integer, nullable=False),
    Column("digest", String(128), nullable=False),
    Column("edition", Integer, nullable=False),
)
page_table = Table(
    "layer_page",
    metadata,
    Column("layer", ForeignKey("layer.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("gone", Boolean, nullable=False),
    Column("marks", LargeBinary, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
part_table = Table(
    "segment_part",
    metadata,
    Column("digest", String(128), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)
