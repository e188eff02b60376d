"""JSON (RFC 8259): one list of contacts, or one contact a line."""

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from unisono.directory.exporters.model import Exported
from unisono.directory.exporters.writer import Kind

_encode = msgspec.json.Encoder().encode


class JsonSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Contacts as JSON objects; a column with several values is a list."""

    form: Annotated[Literal["document", "lines"], Meta(description="One list, or one contact a line.")] = "document"


class JsonWriter:
    """Writes JSON."""

    def __init__(self, settings: JsonSettings, names: Sequence[str]) -> None:
        self._lines = settings.form == "lines"
        self._first = True

    def begin(self) -> bytes:
        return b"" if self._lines else b"["

    def contact(self, exported: Exported) -> bytes:
        written = _encode(exported.values)
        if self._lines:
            return written + b"\n"
        before, self._first = b"\n" if self._first else b",\n", False
        return before + written

    def end(self) -> bytes:
        return b"" if self._lines else b"\n]\n"


KIND = Kind("json", "JSON", JsonSettings, suffix=".json", media_type="application/json", writer=JsonWriter)
