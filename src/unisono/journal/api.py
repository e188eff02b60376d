"""Routes of the journal."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from litestar import Controller, get, patch, post
from litestar.params import Parameter, QueryParameter
from msgspec import Meta

from unisono.calls.names import Names
from unisono.directory.api import home
from unisono.directory.service import Directory
from unisono.journal.access import Reach, owners_in_reach, require_dealing, require_own, require_seen, sight_of
from unisono.journal.model import Filter, JournalEntry, Query
from unisono.journal.seen import cut, page
from unisono.journal.service import Edit, Journal
from unisono.journal.view import EntryView, entry_view
from unisono.kernel.errors import Invalid
from unisono.people.service import People
from unisono.permissions.guard import Guard
from unisono.permissions.model import Viewer

_MAX_PAGE = 200
_HISTORY = 20

Id = Annotated[str, Parameter(max_length=64)]


class Entries(msgspec.Struct):
    """A page of the journal, newest first."""

    items: list[EntryView]
    next: str | None = None


class EntryInput(msgspec.Struct, forbid_unknown_fields=True):
    """What to change on an entry; what is left out stays."""

    note: Annotated[str, Meta(max_length=20_000)] | None = None
    subject: Annotated[str, Meta(max_length=500)] | None = None
    private: bool | None = None
    project: Annotated[str, Meta(max_length=500)] | None = None


class DoneInput(msgspec.Struct, forbid_unknown_fields=True):
    """Whether a missed call has been dealt with."""

    done: bool = True


class JournalController(Controller):
    """The journal."""

    path = "/journal"
    tags = ("journal",)

    @get(operation_id="listJournal")
    async def list_entries(
        self,
        viewer: Viewer,
        guard: Guard,
        people: People,
        directory: Directory,
        journal: Journal,
        names: Names,
        after: Annotated[str, Parameter(max_length=20)] = "",
        limit: Annotated[int, Parameter(ge=1, le=_MAX_PAGE)] = 50,
        q: Annotated[str, Parameter(max_length=200)] = "",
        filters: Annotated[str, QueryParameter(name="filter", max_length=200)] = "",
        reach: Annotated[Reach, QueryParameter(name="scope")] = Reach.MINE,
        contact_id: Id = "",
        number: Annotated[str, Parameter(max_length=100)] = "",
        since: Annotated[datetime | None, QueryParameter(name="from")] = None,
        until: Annotated[datetime | None, QueryParameter(name="to")] = None,
    ) -> Entries:
        """Calls, newest first: one's own, one's groups', or everybody who lets one see them."""
        guard.signed_in(viewer)
        query = Query(
            owners=owners_in_reach(viewer, guard, people, reach),
            text=q,
            filters=_filters(filters),
            contact_id=contact_id,
            number=directory.read_number(number, home(viewer, people)) if number else "",
            since=_utc(since),
            until=_utc(until),
            after=after,
            limit=limit,
        )
        return await _entries(journal, query, viewer, guard, people, names)

    @get("/history", operation_id="journalHistory")
    async def history(
        self,
        viewer: Viewer,
        guard: Guard,
        people: People,
        directory: Directory,
        journal: Journal,
        names: Names,
        number: Annotated[str, Parameter(max_length=100)] = "",
        contact_id: Id = "",
        limit: Annotated[int, Parameter(ge=1, le=_MAX_PAGE)] = _HISTORY,
    ) -> Entries:
        """The last calls with someone, by contact or by number, of everybody who lets the viewer see them."""
        guard.signed_in(viewer)
        if not number and not contact_id:
            raise Invalid("who", "Say with whom: `number` or `contact_id`.", data={"field": "number"})
        query = Query(
            owners=owners_in_reach(viewer, guard, people, Reach.ALL),
            contact_id=contact_id,
            number="" if contact_id else directory.read_number(number, home(viewer, people)) or number,
            limit=limit,
        )
        return await _entries(journal, query, viewer, guard, people, names)

    @get("/{id:str}", operation_id="getJournalEntry")
    async def entry(
        self, id: str, viewer: Viewer, guard: Guard, people: People, journal: Journal, names: Names
    ) -> EntryView:
        """One entry."""
        found = await journal.get(id)
        require_seen(viewer, guard, people, found)
        return _shown(found, viewer, guard, people, names)

    @patch("/{id:str}", operation_id="editJournalEntry")
    async def edit(
        self, id: str, data: EntryInput, viewer: Viewer, guard: Guard, people: People, journal: Journal, names: Names
    ) -> EntryView:
        """Change note, subject, project or privacy of one's own entry."""
        require_own(viewer, guard, people, await journal.get(id))
        edited = await journal.edit(id, Edit(data.note, data.subject, data.private, data.project))
        return _shown(edited, viewer, guard, people, names)

    @post("/{id:str}/done", operation_id="dealWithMissedCall", status_code=200)
    async def done(
        self, id: str, data: DoneInput, viewer: Viewer, guard: Guard, people: People, journal: Journal, names: Names
    ) -> EntryView:
        """Deal with a missed call, or open it again."""
        require_dealing(viewer, guard, people, await journal.get(id))
        found = await journal.set_done(id, viewer.user_id, done=data.done)
        return _shown(found, viewer, guard, people, names)


CONTROLLERS = (JournalController,)


def _utc(at: datetime | None) -> datetime | None:
    return at if at is None or at.tzinfo is not None else at.replace(tzinfo=UTC)


def _filters(text: str) -> frozenset[Filter]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    known = {wanted.value for wanted in Filter}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise Invalid("unknown-filter", f"There is no filter {unknown[0]!r}.", data={"field": "filter"})
    return frozenset(Filter(name) for name in names)


async def _entries(
    journal: Journal, query: Query, viewer: Viewer, guard: Guard, people: People, names: Names
) -> Entries:
    found, further = await page(journal, query, names.view(viewer), names, lambda e: sight_of(viewer, guard, people, e))
    return Entries([entry_view(entry, sight) for entry, sight in found], further)


def _shown(entry: JournalEntry, viewer: Viewer, guard: Guard, people: People, names: Names) -> EntryView:
    view = names.view(viewer)
    seen = entry if view is None else cut(entry, view, names)
    return entry_view(seen, sight_of(viewer, guard, people, entry))
