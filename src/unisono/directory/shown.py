"""Contacts, hits and rows as the interface for clients shows them."""

from collections.abc import Sequence

import msgspec

from unisono.directory.display import PartyView, readable
from unisono.directory.model import AddressKind, Contact, Hit, HitKind, HitReason, Identified, NumberKind, Origin
from unisono.directory.replicators.problems import words
from unisono.directory.runs.model import BadRow


class NumberView(msgspec.Struct):
    """A number of a contact; `display` is written for people."""

    kind: NumberKind
    raw: str
    canonical: str
    display: str


class AddressView(msgspec.Struct):
    """A postal address."""

    kind: AddressKind
    street: str
    postal_code: str
    city: str
    state: str
    country: str


class OriginView(msgspec.Struct):
    """One of several entries shown as one person; `reason` is a rule, `by-hand`, or "" for the entry that is shown."""

    contact_id: str
    book: str
    reason: str
    link: str


class ContactView(msgspec.Struct):
    """A contact with all its fields; `origins` are the entries shown as one with it, none if it stands alone.

    `books`: names of the books it mentions, by id; `editable`: whether who asks may change and remove it.
    `etag`: of one written by hand, what a change of it builds on.
    """

    id: str
    book: str
    display_name: str
    first_name: str
    last_name: str
    company: str
    job_title: str
    department: str
    office_room_number: str
    numbers: list[NumberView]
    emails: list[str]
    sip_address: str
    addresses: list[AddressView]
    web: str
    note: str
    customer_id: str
    direct_link: str
    custom: dict[str, str]
    origins: list[OriginView]
    books: dict[str, str] = {}
    editable: bool = False
    etag: str = ""


class HitNumber(msgspec.Struct):
    """A number in a search's answer."""

    kind: NumberKind
    canonical: str
    display: str


class HitView(msgspec.Struct):
    """One line of a search's answer; `reason` is the field that made it a hit, `score` 0 to 100.

    `meant`: nothing is as it was typed, these words were looked for instead; `origins`: the entries shown as one, if several.
    """

    kind: HitKind
    id: str
    title: str
    subtitle: str
    numbers: list[HitNumber]
    reason: HitReason
    score: int
    meant: str
    origins: list[OriginView]


class BookView(msgspec.Struct):
    """A book and how many contacts it holds."""

    id: str
    name: str
    contacts: int


class Problem(msgspec.Struct):
    """A row that cannot be imported and why, in English and as a code with its data; line 0 is about the whole file."""

    line: int
    reason: str
    code: str
    data: dict[str, str | int]


def origin_views(origins: Sequence[Origin]) -> list[OriginView]:
    """Entries of one person as they are shown."""
    return [OriginView(origin.contact_id, origin.book, origin.reason, origin.link) for origin in origins]


def contact_view(contact: Contact, origins: Sequence[Origin] = ()) -> ContactView:
    """A contact as it is shown."""
    return ContactView(
        id=contact.id,
        book=contact.book,
        display_name=contact.name,
        first_name=contact.first_name,
        last_name=contact.last_name,
        company=contact.company,
        job_title=contact.job_title,
        department=contact.department,
        office_room_number=contact.office_room_number,
        numbers=[NumberView(n.kind, n.raw, n.canonical, _display(n.canonical, n.raw)) for n in contact.numbers],
        emails=list(contact.emails),
        sip_address=contact.sip_address,
        addresses=[AddressView(a.kind, a.street, a.postal_code, a.city, a.state, a.country) for a in contact.addresses],
        web=contact.web,
        note=contact.note,
        customer_id=contact.customer_id,
        direct_link=contact.direct_link,
        custom=dict(contact.custom),
        origins=origin_views(origins),
    )


def hit_view(hit: Hit) -> HitView:
    """A hit as it is shown."""
    numbers = [HitNumber(n.kind, n.canonical or n.raw, _display(n.canonical, n.raw)) for n in hit.numbers]
    origins = origin_views(hit.origins)
    return HitView(hit.kind, hit.id, hit.title, hit.subtitle, numbers, hit.reason, hit.score, hit.meant, origins)


def contact_as_hit(contact: Contact, origins: tuple[Origin, ...]) -> HitView:
    """A contact that has the number that was asked for."""
    firm = contact.company if contact.company != contact.name else ""
    numbers, reason = contact.numbers, HitReason.NUMBER
    return hit_view(Hit(HitKind.CONTACT, contact.id, contact.name, firm, numbers, reason, 100, origins=origins))


def _display(canonical: str, raw: str) -> str:
    return readable(canonical)[0] if canonical else raw


def party_view(number: str, canonical: str, found: Identified | None) -> PartyView:
    """Who a number belongs to; just the number where that is not known."""
    display, country = readable(canonical)
    if found is None:
        return PartyView(number, display or number, canonical, country=country)
    return PartyView(
        number=number,
        display=display or number,
        canonical=canonical,
        name=found.name,
        company=found.contact.company if found.contact.company != found.name else "",
        contact_id=found.contact.id,
        country=country,
        kind="external",
        reason=found.reason.value,
        alternatives=len(found.alternatives),
    )


def problem(bad: BadRow) -> Problem:
    """A bad row as it is shown."""
    return Problem(bad.line, words(bad), bad.code, dict(bad.data))
