"""Routes of the directory: search, contacts, who a number belongs to."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import msgspec
from litestar import Controller, delete, get, post, put
from litestar.params import Parameter
from msgspec import Meta

from unisono.directory.books import OWN_BOOK
from unisono.directory.colleagues import Colleagues
from unisono.directory.display import PartyView
from unisono.directory.export import columns
from unisono.directory.ldap.service import LdapService
from unisono.directory.model import Contact, NumberKind, Origin
from unisono.directory.service import Directory, NewContact, not_ready
from unisono.directory.shown import ContactView, HitView, contact_as_hit, contact_view, hit_view, party_view
from unisono.kernel.errors import Forbidden
from unisono.kernel.expected import Expected, tag
from unisono.people.service import People
from unisono.permissions.guard import Guard
from unisono.permissions.model import Viewer

_MAX_HITS = 100
_MAX_EXPORTED = 500
_MAX_MARK = 2_500

Text = Annotated[str, Meta(max_length=500)]


class Hits(msgspec.Struct):
    """A search's answer, best first. `waiting`: these are not all, for books are being made anew; ask again in a moment."""

    items: list[HitView]
    next: str | None = None
    waiting: bool = False


class IdentifyAnswer(msgspec.Struct):
    """The best match as a party, and all of them as hits."""

    party: PartyView
    hits: list[HitView]


class NumberInput(msgspec.Struct, forbid_unknown_fields=True):
    """A number as people write it."""

    kind: NumberKind
    raw: Annotated[str, Meta(max_length=100)]


class ContactInput(msgspec.Struct, forbid_unknown_fields=True):
    """A contact written by hand."""

    display_name: Text = ""
    first_name: Text = ""
    last_name: Text = ""
    company: Text = ""
    job_title: Text = ""
    numbers: Annotated[list[NumberInput], Meta(max_length=20)] = []
    emails: Annotated[list[Text], Meta(max_length=10)] = []
    note: Annotated[str, Meta(max_length=20_000)] = ""


class ExportedContact(msgspec.Struct):
    """A contact by the names of a mapping's fields; numbers also in super-canonical form, `phone_mobile.canonical`."""

    id: str
    book: str
    values: dict[str, str | list[str]]


class ExportPage(msgspec.Struct):
    """Part of all contacts. `next` is the cursor of the next page; with `mark` of the first page one comes back later.

    `gone`: ids of contacts that are no more, only since a mark.
    """

    items: list[ExportedContact]
    gone: list[str]
    mark: str
    next: str | None = None


class DirectoryController(Controller):
    """Search and contacts."""

    tags = ("directory",)

    @get("/search", operation_id="search")
    async def search(
        self,
        viewer: Viewer,
        guard: Guard,
        directory: Directory,
        colleagues: Colleagues,
        ldap: LdapService,
        q: Annotated[str, Parameter(max_length=200)] = "",
        limit: Annotated[int, Parameter(ge=1, le=_MAX_HITS)] = 20,
    ) -> Hits:
        """Search as you type over contacts and colleagues: words in any order, numbers in any form.

        503 instead of nothing while books are being made anew.
        """
        guard.signed_in(viewer)
        view = ldap.view_of_person(viewer.user_id)
        waiting = bool(directory.awaited(view))
        found = [*colleagues.hits(viewer, q, limit), *await directory.search(q, limit, view)]
        if waiting and not found and q.strip():
            raise not_ready()
        found.sort(key=lambda hit: -hit.score)
        return Hits([hit_view(hit) for hit in found[:limit]], waiting=waiting)

    @get("/contacts/{id:str}", operation_id="getContact")
    async def contact(
        self, id: str, viewer: Viewer, guard: Guard, directory: Directory, ldap: LdapService
    ) -> ContactView:
        """One contact."""
        guard.signed_in(viewer)
        view = ldap.view_of_person(viewer.user_id)
        found = directory.get(id, view)
        return await _whole(found, directory, _may_write(found, viewer, guard), directory.origins(id, view))

    @post("/contacts", operation_id="createContact")
    async def create(
        self, data: ContactInput, viewer: Viewer, guard: Guard, directory: Directory, people: People,
        ldap: LdapService,
    ) -> ContactView:  # fmt: skip
        """Add a contact to the book of contacts written by hand; 403 for whom their profile does not show that book."""
        guard.own(viewer)
        if not ldap.view_of_person(viewer.user_id).sees(OWN_BOOK.id):
            raise Forbidden("own-contacts-hidden", _HIDDEN)
        return await _whole(await directory.create(_draft(data), home(viewer, people), viewer.user_id), directory, True)

    @put("/contacts/{id:str}", operation_id="updateContact")
    async def change(
        self, id: str, data: ContactInput, viewer: Viewer, guard: Guard, directory: Directory, people: People,
        ldap: LdapService, expected: Expected,
    ) -> ContactView:  # fmt: skip
        """Change a contact that was written by hand: its author may, and admins."""
        guard.own(viewer)
        if not _may_write(directory.get(id, ldap.view_of_person(viewer.user_id)), viewer, guard):
            raise _not_yours()
        saved = await directory.rewrite(id, _draft(data), home(viewer, people), expected)
        return await _whole(saved, directory, True)

    @delete("/contacts/{id:str}", operation_id="deleteContact", status_code=204)
    async def remove(
        self, id: str, viewer: Viewer, guard: Guard, directory: Directory, ldap: LdapService, expected: Expected
    ) -> None:
        """Remove a contact that was written by hand: its author may, and admins."""
        guard.own(viewer)
        found = directory.get(id, ldap.view_of_person(viewer.user_id))
        if found.author != viewer.user_id and not guard.is_admin(viewer):
            raise _not_yours()
        await directory.remove(id, expected)

    @get("/identify", operation_id="identify")
    async def identify(
        self,
        viewer: Viewer,
        guard: Guard,
        directory: Directory,
        people: People,
        ldap: LdapService,
        number: Annotated[str, Parameter(max_length=100)],
        line_id: Annotated[str, Parameter(max_length=64)] = "",
    ) -> IdentifyAnswer:
        """Who a number, written in any form, belongs to; 503 instead of nobody while books are being made anew."""
        guard.signed_in(viewer)
        line = people.line(line_id) if line_id else None
        canonical = directory.read_number(number, line.location_id if line else home(viewer, people))
        view = ldap.view_of_person(viewer.user_id)
        found = directory.identify(canonical, view)
        if found is None and canonical:
            directory.check_ready(view)
        hits = [] if found is None else [directory.get(id, view) for id in (found.contact.id, *found.alternatives)]
        shown = [contact_as_hit(contact, directory.origins(contact.id, view)) for contact in hits]
        return IdentifyAnswer(party_view(number, canonical, found), shown)

    @get("/directory/export", operation_id="exportDirectory")
    async def export(
        self,
        viewer: Viewer,
        guard: Guard,
        directory: Directory,
        ldap: LdapService,
        since: Annotated[str, Parameter(max_length=_MAX_MARK)] = "",
        after: Annotated[str, Parameter(max_length=_MAX_MARK)] = "",
        limit: Annotated[int, Parameter(ge=1, le=_MAX_EXPORTED)] = _MAX_EXPORTED,
    ) -> ExportPage:
        """Every contact, page by page, or with a mark what has changed since: for admins, and tokens that may export."""
        guard.export(viewer)
        found = await directory.export(limit, since, after, ldap.view_of_person(viewer.user_id))
        items = await asyncio.to_thread(_exported, found.contacts)
        return ExportPage(items, found.gone, found.mark, found.next or None)


CONTROLLERS = (DirectoryController,)


def home(viewer: Viewer, people: People) -> str:
    """The location whose way of writing numbers a viewer uses."""
    user = people.user(viewer.user_id)
    return user.location_id if user else ""


def _draft(data: ContactInput) -> NewContact:
    return NewContact(
        display_name=data.display_name.strip(),
        first_name=data.first_name.strip(),
        last_name=data.last_name.strip(),
        company=data.company.strip(),
        job_title=data.job_title.strip(),
        numbers=tuple((number.kind, number.raw.strip()) for number in data.numbers if number.raw.strip()),
        emails=tuple(mail.strip() for mail in data.emails if mail.strip()),
        note=data.note,
    )


def _exported(contacts: Sequence[Contact]) -> list[ExportedContact]:
    return [ExportedContact(contact.id, contact.book, columns(contact)) for contact in contacts]


def _may_write(contact: Contact, viewer: Viewer, guard: Guard) -> bool:
    return contact.book == OWN_BOOK.id and (contact.author == viewer.user_id or guard.is_admin(viewer))


_HIDDEN = "Your profile does not show you the book of contacts written by hand. Ask an admin for it."


def _not_yours() -> Forbidden:
    return Forbidden("not-your-contact", "Only who wrote this contact and admins may change or remove it.")


async def _whole(contact: Contact, directory: Directory, editable: bool, origins: Sequence[Origin] = ()) -> ContactView:
    """A contact with the names of the books that it and its origins stand in."""
    view = contact_view(contact, origins)
    mentioned = {contact.book, *(origin.book for origin in origins)}
    view.books = {book.id: book.name for book in await directory.books() if book.id in mentioned}
    view.editable = editable
    if contact.book == OWN_BOOK.id:
        view.etag = tag(contact)
    return view
