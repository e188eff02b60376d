"""What sources have in common that ask a database: which queries they take, rows as records, refusals in words."""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from unisono.directory import columns as names
from unisono.directory.replicators import cells, faults
from unisono.directory.replicators.source import MAX_COLUMNS, Column, Record
from unisono.directory.runs.model import BadRow
from unisono.kernel.errors import Fault, Invalid

SAMPLES = 50
MOST_VALUE = 16 * 1024 * 1024
"""Bytes of a value, where a database can be told so: larger ones are no contact's, and a single one may take minutes."""
_ROWS_AT_ONCE = 1_000
_BYTES_AT_ONCE = 4 * 1024 * 1024
_QUERY = re.compile(r"(?is)\s*(?:select|with|values)\b")
_OTHERWISE = re.compile(r"\\|--|/\*|[$#`\[]")
"""Signs by which databases begin comments, quote, or escape quotes otherwise than by doubling them: with one of these only the
database itself could say what stands within quotes."""
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_NO_DATABASE = re.compile(r"database .* does not exist")
_NAME = re.compile(r"[^\s;()'\"][^;()'\"]*")


def statement(query: str, quote: Callable[[str], str]) -> str:
    """One statement that reads: the query, or all of the table that is named. Raises `Invalid`."""
    stripped = query.strip().rstrip(";")
    if _QUERY.match(stripped):
        if ";" in (stripped if _OTHERWISE.search(stripped) else _QUOTED.sub("", stripped)):
            raise faults.wrong_setting("query", "Give one statement only; a ; may stand within quotes.")
        return stripped
    if not _NAME.fullmatch(stripped):
        raise faults.wrong_setting("query", "Give the name of a table or view, or a query that begins with SELECT.")
    return f"SELECT * FROM {'.'.join(quote(part) for part in stripped.split('.'))}"  # noqa: S608 - each part is quoted


def titles(given: Sequence[str]) -> list[str]:
    """The columns' names, made distinct. Raises `Invalid`."""
    if len(given) > MAX_COLUMNS:
        raise faults.wrong_setting("query", f"The query gives {len(given)} columns; at most {MAX_COLUMNS} are read.")
    return names.titles_of([list(given)], header=True)


def fetched(
    fetch: Callable[[int], Sequence[Sequence[Any]]], peer: str, seconds: float, clock: Callable[[], float] = time.monotonic
) -> Iterator[Sequence[Any]]:
    """The rows that `fetch` gives, fewer at a time where they are large. Raises `Fault` when it took more than `seconds`."""
    spent, count = 0.0, 1
    while True:
        begun = clock()
        rows = fetch(count)
        spent += clock() - begun
        if not rows:
            return
        yield from rows
        if spent > seconds:
            raise faults.slow(peer)
        size = sum(len(value) for row in rows for value in row if isinstance(value, (str, bytes, bytearray, memoryview)))
        count = max(1, min(8 * count, _ROWS_AT_ONCE, _BYTES_AT_ONCE * len(rows) // (size + 1)))


def columns(named: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[Column]:
    """The columns with what stands in some rows."""
    shown = [[cell if isinstance(cell, str) else ", ".join(cell) for cell in map(cells.text, row)] for row in rows]
    return [Column(name, tuple(row[place] for row in shown)) for place, name in enumerate(named)]


def records(named: Sequence[str], rows: Iterable[Sequence[Any]], key: str) -> Iterator[Record | BadRow]:
    """Rows as records; `key` is the column that names them, or "". Raises `Invalid`."""
    if key and key not in named:
        raise faults.wrong_setting("key", f"The query gives no column {key!r}; it has {', '.join(named)}.")
    for line, row in enumerate(rows, 1):
        values = dict(zip(named, map(cells.text, row), strict=True))
        yield cells.record(values.get(key, ""), values, line)


def refusal(peer: str, state: str, said: str) -> Fault:
    """What a database says with an SQLSTATE (ISO 9075, ODBC appendix A)."""
    if state.startswith("28") or "password authentication" in said:
        return faults.sign_in(peer, said)
    if state in ("57014", "HYT00", "HYT01") or said == "interrupted" or "timed out" in said or "statement timeout" in said:
        return faults.slow(peer)
    if state == "42501" or "permission denied" in said:
        return faults.no_right(peer, said)
    if state == "3D000" or _NO_DATABASE.search(said):
        return faults.not_there(peer, said)
    if "string or blob too big" in said:  # SQLite, the one that is told MOST_VALUE
        most = f"more than {MOST_VALUE >> 20} MiB"
        message = f"{peer} gives values of {most}, which are not read. Leave their column out of the query."
        return Invalid("source-query", message, data={"field": "query", "reason": said})
    if state.startswith("08"):
        return faults.unreachable(peer, said)
    if state.startswith(("42", "25006")) or "no such" in said or "syntax error" in said or said == "not authorized":
        message = f"{peer} cannot do the query: {said}. Correct it."
        return Invalid("source-query", message, data={"field": "query", "reason": said})
    return faults.refused(peer, said)
