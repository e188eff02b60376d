"""The statement for a page of entries: every way of asking ends on an index and stops after the page.

A plain list of several lines is the newest few of each line, put together; a text is first looked up in the full-text index,
where every entry also holds a word for its line. So the cost grows with the page, not with the journal.
"""

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    column,
    false,
    func,
    literal_column,
    or_,
    select,
    table,
    true,
    union_all,
)

from unisono.journal.model import Filter, LineScope, Query
from unisono.journal.tables import entry_table, id_floor
from unisono.journal.text import Search, line_word, parse

_MOST_UNIONS = 100
"""Lines read one by one; SQLite takes 500 terms."""


_COLUMNS = select(entry_table.c.id, entry_table.c.data)
_fts5_table = table("journal_search", column("rowid"))


class TextSearch(StrEnum):
    """What a database offers for full text."""

    FTS5 = "fts5"
    TSVECTOR = "tsvector"
    LIKE = "like"


_FILTERS: dict[Filter, str] = {
    Filter.MISSED: "missed = 1",
    Filter.OPEN: "is_open = 1",
    Filter.IN: "inbound = 1",
    Filter.OUT: "inbound = 0",
    Filter.INTERNAL: "internal = 1",
    Filter.EXTERNAL: "internal = 0",
    Filter.NOTE: "has_note = 1",
    Filter.NO_NOTE: "has_note = 0",
    Filter.CONNECTED: "connected = 1",
    Filter.NOT_CONNECTED: "connected = 0",
    Filter.KNOWN: "partner <> ''",
}


def statement(query: Query, how: TextSearch) -> Select[Any]:
    """Select (id, data), newest first."""
    conditions = _conditions(query)
    wanted = parse(query.text)
    narrow = bool(query.contact_id or query.number or wanted)
    if narrow:
        conditions.append(or_(literal_column("private = 0"), entry_table.c.user_id == query.viewer_id))
    if query.lines is not None and not narrow and 0 < len(query.lines) <= _MOST_UNIONS:
        return _of_lines(query, query.lines, conditions)
    if query.lines is not None:
        conditions.append(_any_line(query.lines))
    if wanted and how is TextSearch.FTS5:
        return _by_fts5(query, wanted, conditions)
    if wanted:
        conditions.append(_text(wanted, query, how))
    return _COLUMNS.where(*conditions).order_by(entry_table.c.id.desc()).limit(query.limit)


def _conditions(query: Query) -> list[ColumnElement[bool]]:
    filters = query.filters - {Filter.MISSED} if Filter.OPEN in query.filters else query.filters
    # An open call is a missed one: saying both would only lead to the larger index.
    conditions: list[ColumnElement[bool]] = [literal_column(_FILTERS[wanted]) for wanted in sorted(filters)]
    if query.contact_id:
        conditions += [literal_column("contact_id <> ''"), entry_table.c.contact_id == query.contact_id]
    if query.number:
        conditions.append(entry_table.c.partner == query.number)
    if query.since is not None:
        conditions.append(entry_table.c.id >= id_floor(query.since))
    if query.until is not None:
        conditions.append(entry_table.c.id < id_floor(query.until))
    if query.after:
        conditions.append(entry_table.c.id < int(query.after))
    return conditions


def _direction(scope: LineScope) -> ColumnElement[bool]:
    if scope.inbound and scope.outbound:
        return true()
    return literal_column("inbound = 1" if scope.inbound else "inbound = 0")


def _of_lines(query: Query, lines: tuple[LineScope, ...], conditions: list[ColumnElement[bool]]) -> Select[Any]:
    parts = []
    for scope in lines:
        newest = (
            select(entry_table.c.id)
            .where(entry_table.c.line_id == scope.line_id, _direction(scope), *conditions)
            .order_by(entry_table.c.id.desc())
            .limit(query.limit)
            .subquery()
        )
        parts.append(select(newest.c.id))
    together = union_all(*parts).subquery()
    newest_ids = select(together.c.id).order_by(together.c.id.desc()).limit(query.limit)
    return _COLUMNS.where(entry_table.c.id.in_(newest_ids)).order_by(entry_table.c.id.desc())


def _any_line(lines: tuple[LineScope, ...]) -> ColumnElement[bool]:
    """Any of these lines, said so that no index is used for it: the text, contact or number leads."""
    line = entry_table.c.line_id.concat("")
    both = [scope.line_id for scope in lines if scope.inbound and scope.outbound]
    one = [scope for scope in lines if scope.inbound != scope.outbound]
    terms = [and_(line == scope.line_id, _direction(scope)) for scope in one]
    if both:
        terms.append(line.in_(both))
    return or_(false(), *terms)


def _by_fts5(query: Query, wanted: Search, conditions: list[ColumnElement[bool]]) -> Select[Any]:
    """The full-text index leads, in the order of rowids, and stops after the page."""
    words: Any = bindparam("words", _fts5(wanted, _line_words(query)))
    match: list[ColumnElement[bool]] = [literal_column("journal_search").op("MATCH")(words)]
    if query.after:
        match.append(_fts5_table.c.rowid < int(query.after))
    return (
        _COLUMNS.select_from(_fts5_table.join(entry_table, entry_table.c.id == _fts5_table.c.rowid))
        .where(*match, *conditions)
        .order_by(_fts5_table.c.rowid.desc())
        .limit(query.limit)
    )


def _text(wanted: Search, query: Query, how: TextSearch) -> ColumnElement[bool]:
    if how is TextSearch.TSVECTOR:
        document = func.to_tsvector(literal_column("'simple'"), entry_table.c.search)
        words = func.to_tsquery(literal_column("'simple'"), _tsquery(wanted, _line_words(query)))
        return document.op("@@", is_comparison=True)(words)
    terms: list[ColumnElement[bool]] = [entry_table.c.search.like(f"% {word}%") for word in wanted.words]
    if wanted.digits:
        terms.append(or_(*(entry_table.c.search.like(f"% {form}%") for form in wanted.digits)))
    return and_(*terms)


def _line_words(query: Query) -> list[str]:
    return [line_word(scope.line_id) for scope in query.lines or ()]


def _fts5(wanted: Search, lines: list[str]) -> str:
    """Words hold letters and digits only (`directory.fold`); quoted, none of them is an operator."""
    terms = [f'"{word}"*' for word in wanted.words]
    if wanted.digits:
        terms.append("(" + " OR ".join(f'"{form}"*' for form in wanted.digits) + ")")
    if 0 < len(lines) <= _MOST_UNIONS:
        terms.append("(" + " OR ".join(f'"{line}"' for line in lines) + ")")
    return " AND ".join(terms)


def _tsquery(wanted: Search, lines: list[str]) -> str:
    terms = [f"'{word}':*" for word in wanted.words]
    if wanted.digits:
        terms.append("(" + " | ".join(f"'{form}':*" for form in wanted.digits) + ")")
    if 0 < len(lines) <= _MOST_UNIONS:
        terms.append("(" + " | ".join(f"'{line}'" for line in lines) + ")")
    return " & ".join(terms)
