"""Values as databases give them, as the text of columns. Pure."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal

from unisono.directory.replicators.source import MAX_COLUMNS, MAX_TEXT, Column, Record, Value
from unisono.directory.runs.model import BadRow


def text(value: object) -> Value:
    """A cell as text, or several: nothing for no value and for bytes, numbers as people write them, dates as ISO 8601."""
    match value:
        case None | bytes() | bytearray() | memoryview():
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():  # what spreadsheets make of telephone numbers
            return str(int(value))
        case Decimal():
            return f"{value:f}"
        case datetime() | date() | time():
            return value.isoformat()
        case list() | tuple() | set() | frozenset():
            return tuple(one for each in value if each is not None for one in _flat(text(each)))
        case dict():
            return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _flat(value: Value) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def record(key: Value, values: Mapping[str, Value], line: int = 0) -> Record | BadRow:
    """A record of these columns, empty ones left out, if it is within the limits of one."""
    kept = {name: value for name, value in values.items() if value}
    if len(kept) > MAX_COLUMNS:
        return BadRow(line, "too-many-columns", {"columns": len(kept), "most": MAX_COLUMNS})
    size = sum(len(value) if isinstance(value, str) else sum(map(len, value)) for value in kept.values())
    if size > MAX_TEXT:
        return BadRow(line, "row-too-long", {"characters": size, "most": MAX_TEXT})
    return Record(key if isinstance(key, str) else "".join(key[:1]), kept, line)


def columns(meanings: Mapping[str, str | None], found: Iterable[Mapping[str, Value]]) -> list[Column]:
    """The columns whose meanings are known, and those besides that some records have, with what stands in them."""
    samples: dict[str, list[str]] = {name: [] for name in meanings}
    for values in found:
        for name, value in values.items():
            samples.setdefault(name, []).append(value if isinstance(value, str) else ", ".join(value))
    return [Column(name, tuple(some), str(meanings.get(name) or "")) for name, some in samples.items()]
