"""Routes about duplicates, for admins: the rules, and pairs that were split or joined by hand."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, delete, get, put
from litestar.params import Parameter
from msgspec import Meta

from unisono.directory.display import readable
from unisono.directory.duplicates import Decision, Rule
from unisono.directory.model import Origin
from unisono.directory.service import Directory
from unisono.kernel.errors import NotFound
from unisono.permissions.guard import Guard
from unisono.permissions.model import Viewer

Id = Annotated[str, Meta(max_length=32)]
_MOST_FOUND = 50
_MOST_SHOWN = 4
"""Numbers and addresses of an entry that are shown."""


class RuleView(msgspec.Struct):
    """A rule by which entries of different books are shown as one person."""

    rule: Rule
    on: bool


class PairEntry(msgspec.Struct):
    """One of a pair; title and book are empty if it is not there now."""

    contact_id: str
    title: str
    book: str


class PairView(msgspec.Struct):
    """Two entries that somebody has joined, or split for ever."""

    first: PairEntry
    second: PairEntry
    joined: bool
    by: str
    at: datetime


class DuplicatesView(msgspec.Struct):
    """What says which entries are shown as one person."""

    rules: list[RuleView]
    pairs: list[PairView]


class RuleEffect(msgspec.Struct):
    """How many pairs of entries a rule joins, or would if it were on; `rule` may be `by-hand`."""

    rule: str
    pairs: int


class DuplicateEffects(msgspec.Struct):
    """What each rule does among some entries, `looked_at` in number. The figures of all slices are to be added."""

    rules: list[RuleEffect]
    looked_at: int
    next: str | None


class PersonEntry(msgspec.Struct):
    """One of the entries of a person; `reason` is the rule that joins it, `by-hand`, or "" for the entry that is shown."""

    contact_id: str
    title: str
    subtitle: str
    numbers: list[str]
    emails: list[str]
    book: str
    reason: str


class PersonView(msgspec.Struct):
    """Somebody whom several books have."""

    entries: list[PersonEntry]


class Persons(msgspec.Struct):
    """People whom several books have. A page may be short although there is a `next`: so many entries were looked at."""

    items: list[PersonView]
    next: str | None = None


class RuleInput(msgspec.Struct, forbid_unknown_fields=True):
    """Whether a rule counts."""

    on: bool


class PairInput(msgspec.Struct, forbid_unknown_fields=True):
    """Two entries, and whether they are the same person's."""

    first: Id
    second: Id
    joined: bool


class DuplicatesController(Controller):
    """Duplicates."""

    path = "/admin/contacts/duplicates"
    tags = ("administration",)

    @get("", operation_id="listDuplicates")
    async def everything(self, viewer: Viewer, guard: Guard, directory: Directory) -> DuplicatesView:
        """The rules, and what was decided by hand."""
        guard.admin(viewer)
        on = directory.duplicates.sameness.rules
        pairs = [_pair_view(directory, decision) for decision in await directory.duplicates.pairs()]
        return DuplicatesView([RuleView(rule, rule in on) for rule in Rule], pairs)

    @get("/effects", operation_id="effectsOfDuplicateRules")
    async def effects(
        self,
        viewer: Viewer,
        guard: Guard,
        directory: Directory,
        after: Annotated[str, Parameter(max_length=40)] = "",
    ) -> DuplicateEffects:
        """What each rule does now, or would do if it were on, counted some thousand entries at a time."""
        guard.admin(viewer)
        found = await directory.effects_of_rules(after)
        rules = [RuleEffect(rule, pairs) for rule, pairs in found.pairs.items()]
        return DuplicateEffects(rules, found.looked_at, found.next or None)

    @get("/persons", operation_id="listDuplicatePersons")
    async def persons(
        self,
        viewer: Viewer,
        guard: Guard,
        directory: Directory,
        q: Annotated[str, Parameter(max_length=200)] = "",
        after: Annotated[str, Parameter(max_length=40)] = "",
    ) -> Persons:
        """People whom several books have: those found by `q`, or all of them, some at a time."""
        guard.admin(viewer)
        if q.strip():
            hits = await directory.search(q, _MOST_FOUND)
            return Persons([_person(directory, hit.origins) for hit in hits if hit.origins])
        found = await directory.persons(after)
        return Persons([_person(directory, origins) for origins in found.groups], found.next or None)

    @put("/rules/{rule:str}", operation_id="setDuplicateRule", status_code=204)
    async def switch(self, rule: str, data: RuleInput, viewer: Viewer, guard: Guard, directory: Directory) -> None:
        """Switch a rule for everybody."""
        guard.admin(viewer)
        await directory.duplicates.switch(rule, data.on)

    @put("/pairs", operation_id="decideDuplicate", status_code=204)
    async def decide(self, data: PairInput, viewer: Viewer, guard: Guard, directory: Directory) -> None:
        """Join two entries by hand, or split them for ever; nothing changes in their books."""
        guard.admin(viewer)
        for contact_id in (data.first, data.second):
            directory.get(contact_id)
        await directory.duplicates.decide(data.first, data.second, joined=data.joined, by=viewer.user_id)

    @delete("/pairs/{first:str}/{second:str}", operation_id="forgetDuplicate", status_code=204)
    async def forget(self, first: str, second: str, viewer: Viewer, guard: Guard, directory: Directory) -> None:
        """Leave a pair to the rules again."""
        guard.admin(viewer)
        await directory.duplicates.forget(first, second)


CONTROLLERS = (DuplicatesController,)


def _pair_view(directory: Directory, decision: Decision) -> PairView:
    first, second = _entry(directory, decision.first), _entry(directory, decision.second)
    return PairView(first, second, decision.joined, decision.by, decision.at)


def _entry(directory: Directory, contact_id: str) -> PairEntry:
    try:
        contact = directory.get(contact_id)
    except NotFound:
        return PairEntry(contact_id, "", "")
    return PairEntry(contact_id, contact.name, contact.book)


def _person(directory: Directory, origins: Sequence[Origin]) -> PersonView:
    return PersonView([entry for origin in origins if (entry := _person_entry(directory, origin)) is not None])


def _person_entry(directory: Directory, origin: Origin) -> PersonEntry | None:
    try:
        contact = directory.get(origin.contact_id)
    except NotFound:
        return None  # removed just now
    numbers = [readable(n.canonical)[0] if n.canonical else n.raw for n in contact.numbers[:_MOST_SHOWN]]
    firm = contact.company if contact.company != contact.name else ""
    emails = list(contact.emails[:_MOST_SHOWN])
    return PersonEntry(contact.id, contact.name, firm, numbers, emails, contact.book, origin.reason)
