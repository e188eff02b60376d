"""One database for all rooms: SQLite embedded, PostgreSQL at scale. Each room owns its tables in its `store.py`."""

from unisono.storage.database import Database, UtcDateTime, disk_fault, metadata, only
from unisono.storage.shared import Change, Shared, latest

__all__ = ["Change", "Database", "Shared", "UtcDateTime", "disk_fault", "latest", "metadata", "only"]
