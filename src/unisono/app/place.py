"""Where a run finds things; commands need to know, and none of the rooms that the server joins."""

from pathlib import Path

from unisono.app.settings import Settings
from unisono.directory.runs.process import Place
from unisono.storage import Database


def place_of(settings: Settings, database: Database) -> Place:
    """Where the import process finds database and segments."""
    url = database.url.render_as_string(hide_password=False)
    return Place(url, str(segments_of(settings)), settings.directory.programs, settings.directory.files)


def segments_of(settings: Settings) -> Path:
    """Where the segments of this node are."""
    return settings.server.folder() / "directory"
