"""Routes about duplicates, for admins: the rules, and pairs that were split or joined by hand."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, delete, get, put
from msgspec import Meta

from unisono.directory.duplicates import Decision, Rule
from unisono.directory.service import Directory
from unisono.kernel.errors import NotFound
from unisono.permissions.guard import Guard
from unisono.permissions.model import Viewer

Id = Annotated[str, Meta(max_length=32)]


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
