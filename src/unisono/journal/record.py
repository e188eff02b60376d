"""From a call to the journal entries of our lines in it. Pure, and asked anew whenever the call changes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from unisono.calls.legs import PERSONS
from unisono.calls.model import (
    Call,
    Cause,
    Connection,
    Direction,
    LegOutcome,
    Party,
    PartyKind,
    Result,
    Role,
)
from unisono.calls.shared_data import NOTE, PRIVATE, SUBJECT
from unisono.journal.model import DoneHow, JournalEntry, Outcome, Partner
from unisono.journal.settings import PrivateCalls
from unisono.people.model import Line, LineKind, User


class Staff(Protocol):
    """Our lines and people; `people.service.People` is one."""

    def line_at(self, connector: str, device: str) -> Line | None:
        """The line that stands for a device."""
        ...

    def line(self, id: str) -> Line | None:
        """A line."""
        ...

    def user(self, id: str) -> User | None:
        """A person."""
        ...


_OUTCOMES: Mapping[LegOutcome, Outcome] = {
    LegOutcome.ANSWERED: Outcome.ANSWERED,
    LegOutcome.ANSWERED_ELSEWHERE: Outcome.ANSWERED_ELSEWHERE,
    LegOutcome.PICKED_UP_ELSEWHERE: Outcome.PICKED_UP_ELSEWHERE,
    LegOutcome.MISSED: Outcome.MISSED,
    LegOutcome.MISSED_QUEUE: Outcome.MISSED_QUEUE,
    LegOutcome.MISSED_VOICEMAIL: Outcome.MISSED_VOICEMAIL,
    LegOutcome.MISSED_UNREACHABLE: Outcome.MISSED_UNREACHABLE,
    LegOutcome.MISSED_DND: Outcome.MISSED_DND,
    LegOutcome.REJECTED: Outcome.REJECTED,
    LegOutcome.BUSY: Outcome.BUSY,
    LegOutcome.DEFLECTED: Outcome.DEFLECTED,
    LegOutcome.FORWARDED: Outcome.FORWARDED,
    LegOutcome.TRANSFERRED: Outcome.TRANSFERRED,
    LegOutcome.OWN_PHONE_NOT_ANSWERED: Outcome.OWN_PHONE_NOT_ANSWERED,
    LegOutcome.RINGING_CONTINUES_AS_TRANSFER: Outcome.RINGING_CONTINUES_AS_TRANSFER,
}
_OUTGOING: Mapping[LegOutcome, Outcome] = {
    LegOutcome.MISSED: Outcome.NOT_ANSWERED,
    LegOutcome.MISSED_QUEUE: Outcome.ABANDONED,
    LegOutcome.MISSED_VOICEMAIL: Outcome.VOICEMAIL,
    LegOutcome.MISSED_UNREACHABLE: Outcome.UNREACHABLE,
    LegOutcome.MISSED_DND: Outcome.REFUSED_DND,
}
"""For who called, the same words mean what became of the called party."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A line's part in a call: all its connections, oldest first."""

    call: Call
    line: Line
    legs: tuple[Connection, ...]

    @property
    def inbound(self) -> bool:
        return self.legs[0].role is not Role.CALLER

    @property
    def ended(self) -> datetime | None:
        ends = [leg.ended for leg in self.legs if leg.ended is not None]
        return None if any(leg.live for leg in self.legs) or not ends else max(ends)

    @property
    def answered(self) -> datetime | None:
        if self.inbound:
            return min((leg.answered for leg in self.legs if leg.answered is not None), default=None)
        ended, answered = self.ended, self.call.answered
        return answered if answered is not None and (ended is None or ended >= answered) else None


def record(call: Call, staff: Staff, private_calls: PrivateCalls) -> list[JournalEntry]:
    """The entries of this call as far as it has come, without ids and without what people add."""
    if call.called.kind is PartyKind.PARK:
        return []  # somebody fetches a parked call, which has its own entry
    legs: dict[str, list[Connection]] = {}
    for leg in call.connections:
        legs.setdefault(leg.id.device, []).append(leg)
    parts: list[_Part] = []
    for device, own in legs.items():
        line = staff.line_at(call.connector, device)
        if line is not None and line.journal and line.kind is LineKind.EXTENSION and _worth_telling(own):
            parts.append(_Part(call, line, tuple(own)))
    shared = call.queue is not None or sum(part.inbound for part in parts) > 1
    return [_entry(part, staff, private_calls, shared=shared) for part in parts]


def _worth_telling(legs: list[Connection]) -> bool:
    """Whoever calls; of those called only who was reached, or refused it."""
    return any(leg.role is Role.CALLER or leg.rang or leg.answered or leg.outcome for leg in legs)


def _entry(part: _Part, staff: Staff, private_calls: PrivateCalls, *, shared: bool) -> JournalEntry:
    call, line, first = part.call, part.line, part.legs[0]
    partner = _partner_of(part)
    acceptor = _acceptor(part)
    entry = JournalEntry(
        id="",
        call_id=call.id,
        line_id=line.id,
        connection_id=str(first.id),
        tracker=call.tracker,
        connector=call.connector,
        line_number=line.number,
        line_name=line.name,
        user_id=line.user_ids[0] if len(line.user_ids) == 1 else "",
        inbound=part.inbound,
        internal=call.direction in (Direction.INTERNAL, Direction.FEATURE) or partner.kind is PartyKind.EXTENSION,
        remote=_partner(call, partner, staff),
        started=first.started,
        called=_partner(call, call.called, staff) if part.inbound else None,
        redirecting=_sent_by(part, staff),
        queue=_storable(call.queue.name or call.queue.number or call.queue.device) if call.queue else "",
        provider_number=_storable(call.called.number) if part.inbound else "",
        rang=min((leg.rang for leg in part.legs if leg.rang is not None), default=None),
        answered=part.answered,
        released=part.ended if part.answered else None,
        ended=part.ended,
        outcome=_outcome(part),
        transferred_to=_handed_to(part, staff),
        consultation=call.consultation,
        shared=shared,
        transferred_from=next((t.by for t in call.transfers if t.to == first.id.device), ""),
        acceptor_connection=str(acceptor.id) if acceptor else "",
        served=acceptor is not None,
        no_statistics=call.direction is Direction.FEATURE,
        private=line.private,
    )
    if acceptor is not None:
        who = _partner(call, acceptor.party, staff)
        entry = replace(entry, acceptor_name=who.name or who.number, acceptor_user_id=who.user_id)
    return _hidden(entry, private_calls) if line.private else entry


def _partner_of(part: _Part) -> Party:
    """The other side: who called us, or whom we called (who answered, where that is all we know)."""
    call, own = part.call, part.legs[0].id.device
    wanted = call.calling if part.inbound else call.called
    if (wanted.number or wanted.device or wanted.restricted) and wanted.device != own:
        return wanted
    others = [leg for leg in call.connections if leg.id.device != own]
    others.sort(key=lambda leg: (leg.answered is None, not leg.live))
    return others[0].party if others else wanted


def _partner(call: Call, party: Party, staff: Staff) -> Partner:
    if party.restricted:
        return Partner(kind=party.kind, restricted=True)
    line = staff.line_at(call.connector, party.device) if party.device else None
    user = staff.user(line.user_ids[0]) if line is not None and line.user_ids else None
    contact = party.contact
    ours = contact is not None and contact.reason in _OURS
    user_id = user.id if user is not None else contact.id if contact is not None and ours else ""
    return Partner(
        number=_storable(party.number or party.device),
        canonical=party.canonical,
        name=user.name if user is not None else contact.name if contact is not None else _storable(party.name),
        company=contact.company if contact is not None else "",
        contact_id=contact.id if contact is not None and not ours else "",
        user_id=user_id,
        kind=party.kind,
        reason=contact.reason if contact is not None else "person" if user is not None else "",
        alternatives=contact.alternatives if contact is not None else 0,
    )


_HANDED_ON = frozenset({Outcome.TRANSFERRED, Outcome.DEFLECTED, Outcome.FORWARDED})


def _handed_to(part: _Part, staff: Staff) -> Partner | None:
    """To whom this line gave the call, if it did."""
    call, own = part.call, part.legs[0].id.device
    last = next((t for t in reversed(call.transfers) if own in (t.by, t.of)), None)
    if last is None or _outcome(part) not in _HANDED_ON:
        return None
    told = last.target or Party(device=last.to, number=last.to, kind=last.to_kind)
    return _partner(call, _party_at(call, last.to, told), staff)


def _sent_by(part: _Part, staff: Staff) -> Partner | None:
    """From whom the call came here. A PBX may name the last device that it passed, which can be this one."""
    call, own = part.call, part.legs[0].id.device
    told = call.redirecting
    if told is not None and own not in (told.device, told.number):
        return _partner(call, told, staff)
    ways = (t for t in reversed(call.transfers) if t.to == own and t.kind != "pickup")
    by = next((t.of or t.by for t in ways), "")
    return _partner(call, _party_at(call, by, Party(device=by, number=by)), staff) if by and by != own else None


def _party_at(call: Call, device: str, else_: Party) -> Party:
    """Who a transfer speaks of: their part in the call, or what else is known of them."""
    parties = (leg.party for leg in call.connections if device in (leg.id.device, leg.party.device, leg.party.number))
    return next(parties, else_)


def _storable(text: str) -> str:
    """Text of a PBX without what no database takes: half surrogate pairs and NUL."""
    return text if text.isascii() and "\0" not in text else text.encode("utf-8", "replace").decode().replace("\0", "")


_OURS = frozenset({"person", "line"})
"""Reasons of a contact that is no contact: one of our people, or one of our lines."""


def _acceptor(part: _Part) -> Connection | None:
    """Who of those called answered instead of this line."""
    if not part.inbound or part.answered is not None:
        return None
    for leg in part.call.connections:
        other = leg.role is not Role.CALLER and leg.id.device != part.legs[0].id.device
        if other and leg.answered is not None and leg.party.kind in PERSONS:
            return leg
    return None


def _outcome(part: _Part) -> Outcome:
    call, last = part.call, part.legs[-1]
    if part.ended is None:
        return Outcome.RUNNING
    told = last.outcome if part.inbound else part.legs[0].outcome
    if told is not None:
        return _OUTCOMES[told] if part.inbound else _OUTGOING.get(told, _OUTCOMES[told])
    if call.direction is Direction.FEATURE:
        return Outcome.FEATURE_CODE
    if Cause.LOST_SIGHT in (last.cause, call.cause):
        return Outcome.LOST_SIGHT
    if part.answered is not None:
        return Outcome.ANSWERED
    if part.inbound:
        return Outcome.MISSED
    return Outcome.NOT_PLACED if call.result is Result.NOT_PLACED else Outcome.NOT_ANSWERED


def _hidden(entry: JournalEntry, private_calls: PrivateCalls) -> JournalEntry:
    """What the journal keeps of a private telephone's partner."""
    called = entry.called
    return replace(
        entry,
        remote=hidden(entry.remote, private_calls),
        redirecting=None if private_calls is not PrivateCalls.NORMAL else entry.redirecting,
        transferred_to=None if private_calls is not PrivateCalls.NORMAL else entry.transferred_to,
        called=called,
    )


def hidden(partner: Partner, private_calls: PrivateCalls) -> Partner:
    """A partner as the rule for private calls leaves them."""
    if private_calls is PrivateCalls.NORMAL:
        return partner
    number = ""
    if private_calls is PrivateCalls.LAST_DIGITS:
        full = partner.canonical or partner.number
        number = f"{full[:-3]}XXX" if len(full) > 5 else "XXX"
    return Partner(number=number, kind=partner.kind, restricted=partner.restricted)


def merged(old: JournalEntry, new: JournalEntry) -> JournalEntry:
    """What the call says now, with what people and rules have added since."""
    return replace(
        new,
        id=old.id,
        user_id=old.user_id,
        user_offline=old.user_offline,
        subject=old.subject,
        note=old.note,
        private=old.private or new.private,
        project=old.project,
        project_pin=old.project_pin,
        project_type=old.project_type,
        done_by=old.done_by,
        done_at=old.done_at,
        done_how=old.done_how,
    )


CALL_DATA = (NOTE, SUBJECT, PRIVATE)
"""Texts that all clients on a call share and that belong into the journal."""


def with_call_data(entry: JournalEntry, said: Mapping[str, str]) -> JournalEntry:
    """The entry with the call's shared note, subject and privacy, as far as `said` names them."""
    if not said:
        return entry
    return replace(
        entry,
        note=said.get(NOTE, entry.note),
        subject=said.get(SUBJECT, entry.subject),
        private=entry.private or bool(said.get(PRIVATE)),
    )


def lost_sight(entry: JournalEntry) -> JournalEntry:
    """A running entry whose call is gone: it ends at the last moment that was seen of it."""
    last = max(t for t in (entry.started, entry.rang, entry.answered) if t is not None)
    return replace(
        entry, ended=last, released=last if entry.answered else None, outcome=Outcome.LOST_SIGHT
    )


def deals_with(later: JournalEntry, missed: JournalEntry) -> DoneHow | None:
    """Whether a call that was connected deals with a missed one: same partner, and own line or a call meant for several."""
    partner = later.remote.canonical or later.remote.number
    if not missed.open or not later.connected or not partner or partner != (missed.remote.canonical or missed.remote.number):
        return None
    # A line that has gone to somebody else deals with nothing of its former user.
    both_known = later.user_id != "" and missed.user_id != ""
    same_person = later.user_id == missed.user_id if both_known else later.line_id == missed.line_id
    if not same_person and not missed.shared:
        return None
    return DoneHow.CALLED_AGAIN if later.inbound else DoneHow.CALLED_BACK
