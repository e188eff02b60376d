"""Under which name a viewer knows who is on the telephone: profiles keep the contacts of other books from them."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import islice

from unisono.calls.model import ContactRef, Party
from unisono.calls.view import LineView
from unisono.directory.ldap.service import LdapService
from unisono.directory.service import Directory
from unisono.directory.views import EVERYTHING, View
from unisono.people.service import People
from unisono.permissions.model import Viewer

OURS = frozenset({"person", "line"})
"""Reasons of a contact that is no contact: one of our people, or one of our lines. No profile hides those."""

MEANT_MOST = 100
"""Contacts whose calls are looked for by a word."""
NUMBERS_MOST = 1_000
"""Numbers that they may have in all: a database takes some 30,000 parameters, and a contact may have forty numbers."""

Limit = Callable[[Viewer], View | None]
"""The books in which this viewer may know somebody; None: all."""


def contact_behind(directory: Directory, canonical: str, view: View = EVERYTHING) -> ContactRef | None:
    """Whose number it is, as the books of a view say."""
    found = directory.identify(canonical, view)
    if found is None:
        return None
    contact = found.contact
    company = contact.company if contact.company != found.name else ""
    return ContactRef(contact.id, found.name, company, found.reason.value, len(found.alternatives))


class Names:
    """Asked at every fact: where no profile limits anybody, or nobody in a call is in a book, no viewer is looked at."""

    def __init__(self, directory: Directory, ldap: LdapService, people: People) -> None:
        self._directory = directory
        self._ldap = ldap
        self._people = people

    def view(self, viewer: Viewer) -> View | None:
        """The books in which this viewer may know somebody; None: all."""
        limits = self._ldap.limits
        return limits.of(viewer.user_id, viewer.group_ids) if limits else None

    def limit(self, parties: Iterable[Party]) -> Limit | None:
        """How viewers are limited in what they see of these parties; None: nobody is."""
        if not self._ldap.limits or not any(_in_a_book(party) for party in parties):
            return None
        return self.view

    def limit_on(self, seen: LineView) -> Limit | None:
        """The same for everybody whom a call of a line shows."""
        if not self._ldap.limits:
            return None
        call = seen.call
        return self.limit((seen.remote, call.called, *((call.redirecting,) if call.redirecting else ()), *seen.parties))

    def contact(self, canonical: str, view: View) -> ContactRef | None:
        """Whose number it is for somebody with this view."""
        return contact_behind(self._directory, canonical, view) if canonical else None

    async def numbers(self, words: tuple[str, ...], view: View) -> frozenset[str]:
        """Canonical numbers of those whom somebody with this view may mean by these words, together or each alone."""
        texts = dict.fromkeys((" ".join(words), *words))
        hits = [hit for text in texts for hit in await self._directory.search(text, MEANT_MOST, view)]
        found = dict.fromkeys(number.canonical for hit in hits for number in hit.numbers if number.canonical)
        return frozenset(islice(found, NUMBERS_MOST))

    def sees(self, contact_id: str, view: View) -> bool:
        """Whether a contact is in a book of this view; one that is nowhere any more is not."""
        return self._directory.index.contact(contact_id, view) is not None

    def is_line(self, connector: str, device: str) -> bool:
        """Whether a device is one of our lines, whose name is no contact's."""
        return self._people.line_at(connector, device) is not None

    def party(self, party: Party, view: View) -> Party:
        """A party for somebody with this view: as if the other books were not there."""
        return replace(party, contact=self.contact(party.canonical, view)) if _in_a_book(party) else party

    def line_view(self, seen: LineView, view: View) -> LineView:
        """A call of a line for somebody with this view."""
        call = seen.call
        redirecting = call.redirecting and self.party(call.redirecting, view)
        return replace(
            seen,
            call=replace(call, called=self.party(call.called, view), redirecting=redirecting),
            remote=self.party(seen.remote, view),
            parties=tuple(self.party(party, view) for party in seen.parties),
        )


def _in_a_book(party: Party) -> bool:
    return party.contact is not None and party.contact.reason not in OURS
