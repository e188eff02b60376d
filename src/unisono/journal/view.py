"""Entries in the words of the client interface, cut to what the viewer may see. Pure."""

from datetime import datetime
from typing import Literal

import msgspec

from unisono.calls.model import PartyKind
from unisono.directory.display import PartyView, of_party
from unisono.journal.model import DoneHow, JournalEntry, Outcome, Partner, Sight
from unisono.journal.record import hidden
from unisono.journal.settings import PrivateCalls


class EntryView(msgspec.Struct, frozen=True):
    """One call for one line. `open`: missed and not dealt with. Durations are seconds.

    `transferred_to`: to whom this line gave the call. `consultation`: it was on the side of another call of this tracker.
    """

    id: str
    call_id: str
    tracker: str
    line_id: str
    line_number: str
    user_id: str
    direction: Literal["inbound", "outbound"]
    internal: bool
    remote: PartyView
    called: PartyView | None
    redirecting: PartyView | None
    transferred_to: PartyView | None
    queue: str
    started: datetime
    rang: datetime | None
    answered: datetime | None
    ended: datetime | None
    duration: int
    talk: int
    outcome: Outcome
    open: bool
    done_by: str | None
    done_at: datetime | None
    done_how: DoneHow | None
    answered_by: str | None
    subject: str
    note: str
    private: bool
    project: str
    mine: bool
    consultation: bool


def entry_view(
    entry: JournalEntry, sight: Sight = Sight.OWN, *, private_calls: PrivateCalls = PrivateCalls.LAST_DIGITS
) -> EntryView:
    """An entry as far as `sight` reaches; of a private call nobody else sees the partner, nor what was written."""
    mine = sight is Sight.OWN
    written = mine or (sight is Sight.WRITTEN and not entry.private)
    rule = private_calls if entry.private and not mine else PrivateCalls.NORMAL
    secret = rule is not PrivateCalls.NORMAL
    redirecting = None if secret else entry.redirecting
    handed_to = None if secret else entry.transferred_to
    return EntryView(
        id=entry.id,
        call_id=entry.call_id,
        tracker=entry.tracker,
        line_id=entry.line_id,
        line_number=entry.line_number,
        user_id=entry.user_id,
        direction="inbound" if entry.inbound else "outbound",
        internal=entry.internal,
        remote=partner_view(hidden(entry.remote, rule)),
        called=partner_view(entry.called) if entry.called else None,
        redirecting=partner_view(redirecting) if redirecting else None,
        transferred_to=partner_view(handed_to) if handed_to else None,
        queue=entry.queue,
        started=entry.started,
        rang=entry.rang,
        answered=entry.answered,
        ended=entry.ended,
        duration=entry.duration,
        talk=entry.talk,
        outcome=entry.outcome,
        open=entry.open,
        done_by=entry.done_by or None,
        done_at=entry.done_at,
        done_how=entry.done_how,
        answered_by=entry.acceptor_name or None,
        subject=entry.subject if written else "",
        note=entry.note if written else "",
        private=entry.private,
        project=entry.project if written else "",
        mine=mine,
        consultation=entry.consultation,
    )


def partner_view(partner: Partner) -> PartyView:
    """A party of an entry."""
    display, country = of_party(partner.number, partner.canonical, extension=partner.kind is PartyKind.EXTENSION)
    return PartyView(
        number=partner.number,
        display=display,
        canonical=partner.canonical,
        name=partner.name,
        company=partner.company,
        contact_id=partner.contact_id or None,
        user_id=partner.user_id or None,
        country=country,
        restricted=partner.restricted,
        kind=partner.kind.value,
        reason=partner.reason,
        alternatives=partner.alternatives,
    )
