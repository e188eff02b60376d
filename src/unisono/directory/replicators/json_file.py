"""JSON: one record per line, or one document with a list of records."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from unisono.directory.replicators import cells
from unisono.directory.replicators.files import FileSettings, opened
from unisono.directory.replicators.flatten import columns_of, flat
from unisono.directory.replicators.lines_file import LinesFile
from unisono.directory.replicators.problems import nothing_read
from unisono.directory.replicators.source import MAX_TEXT, Check, Column, Item, Kind, Record, Source
from unisono.directory.replicators.table import JSON_LINES, by_mark
from unisono.directory.runs.model import BadRow
from unisono.kernel.errors import Invalid

_MOST_DOCUMENT = 256 * 1024 * 1024
"""Bytes of a document that is read as a whole; JSON lines have no such limit."""
_LOOKED_AT = 1_000
_LINE = re.compile(rb"\n")
_decode = msgspec.json.Decoder(dict[str, object]).decode


class JsonSettings(FileSettings, frozen=True, forbid_unknown_fields=True):
    """Records as JSON. `records` is only for documents."""

    form: Annotated[
        Literal["", "lines", "document"], Meta(description="One record per line, or one document; empty: by the file's name.")
    ] = ""
    records: Annotated[
        str, Meta(max_length=200, description="Where in a document the records are, e.g. data.items; empty: found out.")
    ] = ""
    key: Annotated[str, Meta(max_length=200, description="The column that names a record; empty: as the mapping says.")] = ""


def opened_as(settings: JsonSettings) -> Source:
    """The source, of the form that is set or that the file's name tells."""
    lines = settings.form == "lines" or (not settings.form and settings.file.lower().endswith((".jsonl", ".ndjson")))
    if lines:
        return LinesFile(settings, "JSON lines", _LINE, lambda data, line: _lines(data, line, settings.key))
    return JsonDocument(settings)


def _lines(data: bytes, line: int, key: str) -> Iterator[Record | BadRow]:
    for number, text in enumerate(data.split(b"\n"), line):
        if not text.strip():
            continue
        if len(text) > MAX_TEXT:
            yield BadRow(number, "row-too-large", {"bytes": len(text), "most": MAX_TEXT})
            continue
        try:
            values = flat(_decode(text))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            yield BadRow(number, "unreadable", {"error": str(error)})
            continue
        yield Record(_key(values, key), values, number)


def _key(values: Mapping[str, str | tuple[str, ...]], key: str) -> str:
    found = values.get(key, "") if key else ""
    return found if isinstance(found, str) else found[0]


class JsonDocument:
    """A document with a list of records somewhere in it."""

    def __init__(self, settings: JsonSettings) -> None:
        self._settings = settings

    def check(self) -> Check:
        self.columns()
        return Check("JSON", records=len(self._list))

    def columns(self) -> Sequence[Column]:
        records = (item for item in self.read(None) if isinstance(item, Record))
        found = columns_of(list(islice(records, _LOOKED_AT)))
        if not found:
            raise nothing_read(self.read(None))
        return found

    def read(self, since: str | None) -> Iterator[Item]:
        for number, item in enumerate(self._list, 1):
            if not isinstance(item, dict):
                yield BadRow(number, "unreadable", {"error": "this is no record, but a single value"})
                continue
            values = flat(item)
            yield cells.record(_key(values, self._settings.key), values, number)

    @cached_property
    def _list(self) -> list[object]:
        with opened(self._settings) as file:
            data = file.read(_MOST_DOCUMENT + 1)
        if len(data) > _MOST_DOCUMENT:
            message = f"A JSON document may have {_MOST_DOCUMENT:,} bytes; write larger ones as JSON lines (one record a line)."
            raise Invalid("file-too-large", message, data={"field": "file"})
        try:
            marked = by_mark(data)
            whole = msgspec.json.decode(data.decode(marked).removeprefix("\ufeff") if marked else data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            if JSON_LINES.match(data):
                message = "This is no JSON document but has one record a line: name it .jsonl, or set its form to lines."
                raise Invalid("json-lines", message, data={"field": "form"}) from error
            raise Invalid("not-json", f"The file is not JSON: {error}.", data={"field": "file"}) from error
        return self._found(whole)

    def _found(self, whole: object) -> list[object]:
        for name in filter(None, self._settings.records.split(".")):
            whole = whole.get(name) if isinstance(whole, dict) else None
        if isinstance(whole, dict) and not self._settings.records:
            inside = [each for value in whole.values() if isinstance(value, dict) for each in value.values()]
            lists = (each for each in (*whole.values(), *inside) if isinstance(each, list))
            whole = next((each for each in lists if each and isinstance(each[0], dict)), [whole])
        if not isinstance(whole, list):
            raise Invalid("no-records", "There is no list of records at that place.", data={"field": "records"})
        return whole


KIND = Kind(
    "json",
    "JSON",
    JsonSettings,
    opened_as,
    suffixes=(".jsonl", ".ndjson", ".json"),
    harmless=frozenset({"form", "records", "key"}),
    fixed_columns=False,
)
