"""A call as one line sees it, in the words of the interface (`LineCall`). Pure."""

from datetime import datetime

import msgspec

from unisono.calls.model import Direction, Party, PartyKind, Service
from unisono.calls.shared_data import NOTE, PRIVATE, SUBJECT
from unisono.calls.view import LineState, LineView
from unisono.directory.display import PartyView, of_party
from unisono.people.model import Line

PERSON = "person"
"""`ContactRef.reason` of our own people: its id is a user's."""


class LineCall(msgspec.Struct, frozen=True):
    """A call as one line sees it. `since`: when this state began. `services`: what may be asked now.

    `parked_at`: what to dial to fetch the call, which this line has parked and which nobody has fetched yet. `returned`: it
    rings here again, because nobody took it where this line gave it.
    """

    id: str
    call_id: str
    line_id: str
    tracker: str
    direction: Direction
    state: LineState
    remote: PartyView
    called: PartyView
    redirecting: PartyView | None
    queue: str
    started: datetime
    rang: datetime | None
    answered: datetime | None
    ended: datetime | None
    since: datetime
    services: list[str]
    consultation: bool
    parties: list[PartyView]
    result: str | None
    cause: str
    parked_at: str
    returned: bool
    note: str
    subject: str
    data: dict[str, str]
    journal_id: str | None


_APART = (SUBJECT, NOTE)


def line_call(
    view: LineView, line: Line, services: frozenset[Service], journal_id: str | None, *, own: bool, written: bool
) -> LineCall:
    """The call for its own line, or (not `own`) for a colleague, who sees who talks.

    `written`: they may also read what was written about it (`journal.access.reads_written`), unless the call is private.
    """
    call = view.call
    written = own or (written and not call.data.get(PRIVATE))
    outcome = view.outcome or call.result
    return LineCall(
        id=f"{call.id}:{line.id}",
        call_id=call.id,
        line_id=line.id,
        tracker=call.tracker,
        direction=call.direction,
        state=view.state,
        remote=party_view(view.remote),
        called=party_view(call.called),
        redirecting=party_view(call.redirecting) if call.redirecting else None,
        queue=(call.queue.name or call.queue.number) if call.queue else "",
        started=view.started,
        rang=view.rang,
        answered=view.answered,
        ended=view.ended,
        since=view.since,
        services=sorted(services),
        consultation=call.consultation,
        parties=[party_view(party) for party in view.parties],
        result=outcome.value if outcome and view.state is LineState.ENDED else None,
        cause=view.cause.value,
        parked_at=view.parked_at,
        returned=view.returned,
        note=call.data.get(NOTE, "") if written else "",
        subject=call.data.get(SUBJECT, "") if written else "",
        data={key: text for key, text in call.data.items() if key not in _APART} if written else {},
        journal_id=journal_id if own else None,
    )


def party_view(party: Party) -> PartyView:
    """A party with its number written for people; one that wants to stay unknown has none."""
    if party.restricted:
        return PartyView("", "", "", restricted=True, kind=party.kind)
    contact = party.contact
    display, country = of_party(party.number, party.canonical, extension=party.kind is PartyKind.EXTENSION)
    ours = contact is not None and contact.reason == PERSON
    return PartyView(
        number=party.number,
        display=display,
        canonical=party.canonical,
        name=contact.name if contact and contact.name else party.name,
        company=contact.company if contact else "",
        contact_id=(contact.id or None) if contact and not ours else None,
        user_id=contact.id if contact and ours else None,
        country=country,
        restricted=False,
        kind=party.kind,
        reason=contact.reason if contact else "",
        alternatives=contact.alternatives if contact else 0,
    )
