"""Tables of the exports: what is configured, and what was made in other directories."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, String, Table, Text

from unisono.storage import metadata

exporter_table = Table(
    "exporter",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(120), nullable=False, unique=True),
    Column("kind", String(64), nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("settings", JSON, nullable=False),
    Column("books", JSON, nullable=False),
    Column("columns", JSON, nullable=False),
    Column("conditions", JSON, nullable=False),
    Column("number_format", Integer, nullable=False),
    Column("location_id", String(64), nullable=False),
    Column("file", Text, nullable=False),
    Column("schedule", String(200), nullable=False),
    Column("options", JSON, nullable=False),
    Column("name_key", String(400), index=True, unique=True),
)
"""`name_key`: the name as two of them are compared."""
object_table = Table(
    "exporter_object",
    metadata,
    Column("exporter", ForeignKey("exporter.id", ondelete="CASCADE"), primary_key=True),
    Column("contact", String(32), primary_key=True),
    Column("guid", String(36), nullable=False),
)
"""Which object of another directory an export has made for which contact; `guid` "": it was about to make it."""
