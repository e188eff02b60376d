"""The ready templates, one file each in `ready`, and what they have in common."""

import tomllib
from functools import cache
from pathlib import Path

import msgspec

from unisono.directory.ldap.model import Template

_FOLDER = Path(__file__).with_name("ready")


@cache
def ready() -> dict[str, Template]:
    """The templates that come with the server, by id (the name of their file)."""
    return {path.stem: _read(path) for path in sorted(_FOLDER.glob("*.toml"))}


def _read(path: Path) -> Template:
    return msgspec.convert({"id": path.stem, **tomllib.loads(path.read_text())}, Template)
