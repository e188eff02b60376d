"""Entries for viewers whom a profile limits: contacts of other books have no name, and nothing is found by it."""

from collections.abc import Callable
from dataclasses import replace

from unisono.calls.names import Names
from unisono.directory.views import View
from unisono.journal.model import JournalEntry, Partner, Query, Sight
from unisono.journal.service import Journal
from unisono.journal.text import finds, parse

Seen = tuple[JournalEntry, Sight]

_PAGES_MOST = 20
"""Pages that are read in one go where what is found may not be shown; who wants more asks for the next."""


def cut(entry: JournalEntry, view: View, names: Names) -> JournalEntry:
    """An entry for somebody with this view."""

    def one(partner: Partner | None) -> Partner | None:
        return _partner(partner, view, names) if partner is not None else None

    device = entry.acceptor_connection.rpartition("/")[2]
    ours = entry.acceptor_user_id or names.is_line(entry.connector, device)
    return replace(
        entry,
        remote=_partner(entry.remote, view, names),
        called=one(entry.called),
        redirecting=one(entry.redirecting),
        transferred_to=one(entry.transferred_to),
        # Of somebody outside who answered only the name was kept, which may be a contact's.
        acceptor_name=entry.acceptor_name if ours else "",
    )


def _partner(partner: Partner, view: View, names: Names) -> Partner:
    """A partner as they were known then, if their contact may be seen; else who may be seen with that number now."""
    if not partner.contact_id:
        return partner
    found = names.contact(partner.canonical, view)
    if names.sees(partner.contact_id, view):
        return replace(partner, alternatives=found.alternatives if found else 0)
    if found is None:
        return replace(partner, name="", company="", contact_id="", reason="", alternatives=0)
    return replace(
        partner,
        name=found.name,
        company=found.company,
        contact_id=found.id,
        reason=found.reason,
        alternatives=found.alternatives,
    )


async def page(
    journal: Journal, query: Query, view: View | None, names: Names, sight_of: Callable[[JournalEntry], Sight]
) -> tuple[list[Seen], str | None]:
    """A page for somebody with this view (None: they see all), each entry with its sight, and the `after` of the next page.

    It may hold fewer entries than there are places where most of what matches was found by names that are not theirs to see.
    """
    if view is not None and query.contact_id and not names.sees(query.contact_id, view):
        return [], None
    if view is None:
        found = await journal.page(query)
        return [(entry, sight_of(entry)) for entry in found], found[-1].id if len(found) == query.limit else None
    wanted = parse(query.text)
    asked = [query]
    if wanted.words and (numbers := await names.numbers(wanted.words, view)):
        # Whom they see with a number that was another's then is in the entry under another name.
        asked.append(replace(query, text="", numbers=numbers))
    shown: list[Seen] = []
    after = query.after
    for _ in range(_PAGES_MOST):
        found, after = await _newest(journal, [replace(each, after=after) for each in asked])
        for entry in found:
            seen, sight = cut(entry, view, names), sight_of(entry)
            if finds(wanted, seen, written=sight is not Sight.CALLS):
                shown.append((seen, sight))
            if len(shown) == query.limit:
                return shown, entry.id
        if not after:
            return shown, None
    return shown, after


async def _newest(journal: Journal, queries: list[Query]) -> tuple[list[JournalEntry], str]:
    """What any of these queries finds, newest first, as far as all have been read; and what it ends with if there is more."""
    pages = [await journal.page(query) for query in queries]
    end = max((int(page[-1].id) for page, query in zip(pages, queries, strict=True) if len(page) == query.limit), default=0)
    found = {int(entry.id): entry for page in pages for entry in page if int(entry.id) >= end}
    return [found[id] for id in sorted(found, reverse=True)], str(end) if end else ""
