"""The statement for a page of entries: every way of asking ends on an index and stops after the page.

A plain list of several owners is the newest few of each, put together; a text is first looked up in the full-text index,
where every entry also holds a word for its owner. So the cost grows with the page, not with the journal.
"""

from dataclasses import dataclass, replace
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
    union_all,
)

from unisono.journal.model import Filter, OwnerScope, Query, Sight
from unisono.journal.tables import entry_table, id_floor
from unisono.journal.text import WRITTEN, Search, owner_word, parse

_MOST_UNIONS = 200
"""Owners read one by one; SQLite takes 500 terms."""


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
_OF_NOTES = frozenset({Filter.NOTE, Filter.NO_NOTE})
"""Filters that tell something of what was written."""


def statement(query: Query, how: TextSearch) -> Select[Any]:
    """Select (id, data), newest first."""
    wanted = parse(query.text)
    narrow = bool(query.contact_id or query.number or query.numbers or wanted)
    owners = query.owners
    if owners is None:
        return _plain(_Part(query, wanted, None, narrow), how)
    if not narrow and 0 < len(owners) <= _MOST_UNIONS:
        parts = [_Part(query, wanted, (scope,), narrow) for scope in owners if not _senseless(scope, query)]
        return _together(query, [_ids_of_one(part) for part in parts])
    if not wanted:
        return _plain(_Part(query, wanted, owners, narrow), how)
    # What was written is looked for only in the entries of those whose writing may be read.
    readable = tuple(scope for scope in owners if scope.sight is not Sight.CALLS)
    others = tuple(scope for scope in owners if scope.sight is Sight.CALLS)
    parts = [_Part(query, wanted, scopes, narrow) for scopes in (readable, others) if scopes]
    if len(parts) == 1:
        return _plain(parts[0], how)
    return _together(query, [_plain(part, how, entry_table.c.id) for part in parts])


@dataclass(frozen=True, slots=True)
class _Part:
    """A query for some owners (None: all); of a search, those whose writing may be read or those of whom it may not."""

    query: Query
    wanted: Search
    owners: tuple[OwnerScope, ...] | None
    narrow: bool

    @property
    def readable(self) -> bool:
        return self.owners is None or any(scope.sight is not Sight.CALLS for scope in self.owners)


def _plain(part: _Part, how: TextSearch, *columns: ColumnElement[Any]) -> Select[Any]:
    """The data, or only these columns."""
    chosen: Select[Any] = select(*columns) if columns else _COLUMNS
    conditions = _conditions(part.query)
    if part.owners is None:
        conditions += [literal_column(_FILTERS[wanted]) for wanted in _wanted(part.query)]
    else:
        conditions += [literal_column(_FILTERS[wanted]) for wanted in _wanted(part.query) if wanted not in _OF_NOTES]
        conditions.append(_any_owner(part))
    if part.wanted and how is TextSearch.FTS5:
        return _by_fts5(chosen, part, conditions)
    if part.wanted:
        conditions.append(_text(part, how))
    return chosen.where(*conditions).order_by(entry_table.c.id.desc()).limit(part.query.limit)


def _wanted(query: Query) -> list[Filter]:
    # An open call is a missed one: saying both would only lead to the larger index.
    return sorted(query.filters - {Filter.MISSED} if Filter.OPEN in query.filters else query.filters)


def _conditions(query: Query) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.contact_id:
        conditions += [literal_column("contact_id <> ''"), entry_table.c.contact_id == query.contact_id]
    if query.number:
        conditions.append(entry_table.c.partner == query.number)
    if query.numbers:
        conditions.append(entry_table.c.partner.in_(sorted(query.numbers)))
    if query.since is not None:
        conditions.append(entry_table.c.id >= id_floor(query.since))
    if query.until is not None:
        conditions.append(entry_table.c.id < id_floor(query.until))
    if query.after:
        conditions.append(entry_table.c.id < int(query.after))
    return conditions


def _senseless(scope: OwnerScope, query: Query) -> bool:
    """Nobody may ask which entries have a note whose notes they may not read."""
    return scope.sight is Sight.CALLS and Filter.NOTE in query.filters


def _of_scope(scope: OwnerScope, query: Query, *, narrow: bool) -> list[ColumnElement[bool]]:
    """What holds for the entries of a scope, apart from their owner; notes that may not be read count as none."""
    conditions: list[ColumnElement[bool]] = []
    if not (scope.inbound and scope.outbound):
        conditions.append(literal_column("inbound = 1" if scope.inbound else "inbound = 0"))
    if scope.line_id:
        conditions.append(entry_table.c.line_id == scope.line_id)
    if scope.without:
        conditions.append(entry_table.c.line_id.not_in(scope.without))
    own = scope.sight is Sight.OWN
    if narrow and not own:
        conditions.append(literal_column("private = 0"))
    if Filter.NOTE in query.filters:
        conditions.append(literal_column(_FILTERS[Filter.NOTE]))
        if not own:
            conditions.append(literal_column("private = 0" if scope.sight is Sight.WRITTEN else "1 = 0"))
    if Filter.NO_NOTE in query.filters and scope.sight is not Sight.CALLS:
        conditions.append(literal_column("has_note = 0" if own else "(has_note = 0 OR private = 1)"))
    return conditions


def _ids_of_one(part: _Part) -> Select[Any]:
    (scope,) = part.owners or ()
    filters = (wanted for wanted in _wanted(part.query) if wanted not in _OF_NOTES)
    return (
        select(entry_table.c.id)
        .where(
            entry_table.c.owner == scope.owner,
            *_of_scope(scope, part.query, narrow=part.narrow),
            *(literal_column(_FILTERS[wanted]) for wanted in filters),
            *_conditions(part.query),
        )
        .order_by(entry_table.c.id.desc())
        .limit(part.query.limit)
    )


def _together(query: Query, parts: list[Select[Any]]) -> Select[Any]:
    """The newest of what several statements find, each of which stops after the page."""
    if not parts:
        return _COLUMNS.where(false())
    newest = [part.subquery() for part in parts]
    together = union_all(*(select(each.c.id) for each in newest)).subquery()
    ids = select(together.c.id).order_by(together.c.id.desc()).limit(query.limit)
    return _COLUMNS.where(entry_table.c.id.in_(ids)).order_by(entry_table.c.id.desc())


def _any_owner(part: _Part) -> ColumnElement[bool]:
    """Any of these scopes, said so that no index is used for it: the text, contact or number leads."""
    alike: dict[OwnerScope, list[str]] = {}
    for scope in part.owners or ():
        alike.setdefault(replace(scope, owner=""), []).append(scope.owner)
    owner = entry_table.c.owner.concat("")
    terms = (and_(owner.in_(ids), *_of_scope(scope, part.query, narrow=part.narrow)) for scope, ids in alike.items())
    return or_(false(), *terms)


def _by_fts5(chosen: Select[Any], part: _Part, conditions: list[ColumnElement[bool]]) -> Select[Any]:
    """The full-text index leads, in the order of rowids, and stops after the page."""
    words: Any = bindparam("words", _fts5(part), unique=True)
    match: list[ColumnElement[bool]] = [literal_column("journal_search").op("MATCH")(words)]
    if part.query.after:
        match.append(_fts5_table.c.rowid < int(part.query.after))
    return (
        chosen.select_from(_fts5_table.join(entry_table, entry_table.c.id == _fts5_table.c.rowid))
        .where(*match, *conditions)
        .order_by(_fts5_table.c.rowid.desc())
        .limit(part.query.limit)
    )


def _text(part: _Part, how: TextSearch) -> ColumnElement[bool]:
    if how is TextSearch.TSVECTOR:
        document = func.to_tsvector(literal_column("'simple'"), entry_table.c.search)
        words = func.to_tsquery(literal_column("'simple'"), _tsquery(part))
        return document.op("@@", is_comparison=True)(words)
    return and_(*(or_(*(entry_table.c.search.like(f"% {form}%") for form in forms)) for forms in _forms(part)))


def _forms(part: _Part) -> list[tuple[str, ...]]:
    """What has to be found: of each of these one form, as the beginning of a word."""
    found = [(word,) for word in part.wanted.words] + ([part.wanted.digits] if part.wanted.digits else [])
    return [(*forms, *(WRITTEN + form for form in forms)) for forms in found] if part.readable else found


def _owner_words(part: _Part) -> list[str]:
    words = list(dict.fromkeys(owner_word(scope.owner) for scope in part.owners or ()))
    return words if len(words) <= _MOST_UNIONS else []


def _fts5(part: _Part) -> str:
    """Words hold letters and digits only (`directory.fold`); quoted, none of them is an operator."""
    terms = ["(" + " OR ".join(f'"{form}"*' for form in forms) + ")" for forms in _forms(part)]
    if words := _owner_words(part):
        terms.append("(" + " OR ".join(f'"{word}"' for word in words) + ")")
    return " AND ".join(terms)


def _tsquery(part: _Part) -> str:
    terms = ["(" + " | ".join(f"'{form}':*" for form in forms) + ")" for forms in _forms(part)]
    if words := _owner_words(part):
        terms.append("(" + " | ".join(f"'{word}'" for word in words) + ")")
    return " & ".join(terms)
