"""What a person wants, as a request to the PBX: which connection, which held one, or why it cannot be. Pure."""

import re
from collections.abc import Iterable

from unisono.calls.model import Call, Connection, ConnectionState, PartyKind, Service
from unisono.calls.port import Command, CommandProblem, CommandRefused
from unisono.kernel.errors import Invalid

TWO_CALLS = frozenset(
    {Service.ALTERNATE_CALL, Service.TRANSFER_CALL, Service.CONFERENCE_CALL, Service.RECONNECT_CALL}
)
"""Services about an active and a held call of one line."""
WITH_NUMBER = frozenset(
    {Service.CONSULTATION_CALL, Service.SINGLE_STEP_TRANSFER_CALL, Service.DEFLECT_CALL, Service.MAKE_CALL}
)
"""Services that need a number to dial."""
_DIGITS = re.compile(r"[0-9A-D*#,]{1,64}")

_CANNOT = {
    Service.ANSWER_CALL: "answer calls for the phone",
    Service.HOLD_CALL: "hold calls",
    Service.CONFERENCE_CALL: "make conferences",
    Service.PARK_CALL: "park calls",
    Service.GENERATE_DIGITS: "send digits",
}


def refuse(service: Service, can: frozenset[Service], line: str) -> CommandRefused:
    """Why a service is not to be had: never on this line, or not in the present state of the call."""
    if service not in can:
        what = _CANNOT.get(service, f"do that ({service})")
        return CommandRefused(
            CommandProblem.NOT_SUPPORTED, f"The telephone system cannot {what} on line {line}. Use the telephone itself."
        )
    return CommandRefused(
        CommandProblem.NOT_NOW, f"That is not possible on line {line} at this moment: the call has moved on. Look again."
    )


def digits(text: str) -> str:
    """DTMF digits without spaces; raises `Invalid`. A comma is a pause."""
    plain = text.replace(" ", "").upper()
    if not _DIGITS.fullmatch(plain):
        raise Invalid("digits", "Only 0 to 9, A to D, *, # and commas can be sent, 64 at most.", data={"field": "digits"})
    return plain


def command(
    service: Service,
    call: Call,
    device: str,
    others: Iterable[Call],
    *,
    held: Call | None = None,
    to: str = "",
    dtmf: str = "",
    of: str = "",
) -> Command:
    """The request for this call; `held`: which other call of the device is meant, where two are needed.

    `of`: from which ringing device a call is picked up.

    Raises `CommandRefused` if the connections that the service needs are not there.
    """
    if service is Service.DIRECTED_PICKUP_CALL:
        return Command(service, device, connection=_ringing(call, device, of).id)
    own, others = _own(call, device), tuple(others)
    if service is Service.CONSULTATION_CALL and own.state is ConnectionState.HOLD:
        # Hold and then ask: PBXs consult from a connected call only (ECMA-269 17.1.10), and a new call does the same.
        return Command(Service.MAKE_CALL, device, to=to)
    if service not in TWO_CALLS:
        return Command(service, device, connection=own.id, to=to, digits=dtmf)
    second = _own(held, device) if held is not None else _held(others, call, device)
    if own.state is ConnectionState.HOLD and second.state is not ConnectionState.HOLD:
        own, second = second, own
    if service is Service.RECONNECT_CALL and _consulted(second, (call, *others)) and not _consulted(own, (call, *others)):
        # They alternated: the first call is the active one already. ECMA-269 17.1.19 would clear just that.
        return Command(Service.CLEAR_CONNECTION, device, connection=second.id)
    return Command(service, device, connection=own.id, held=second.id)


def _consulted(leg: Connection, calls: Iterable[Call]) -> bool:
    """Whether this connection is part of a consultation."""
    return any(call.consultation for call in calls if call.leg(leg.id.device) == leg)


def _own(call: Call, device: str) -> Connection:
    leg = call.leg(device)
    if leg is None or not leg.live:
        raise CommandRefused(CommandProblem.UNKNOWN_CALL, f"Line {device} is not in this call any more.")
    return leg


def _held(others: Iterable[Call], call: Call, device: str) -> Connection:
    """The device's other connection: a held one, or whichever there is."""
    legs = [leg for other in others if other.id != call.id and (leg := other.leg(device)) is not None and leg.live]
    legs.sort(key=lambda leg: leg.state is not ConnectionState.HOLD)
    if not legs:
        raise CommandRefused(CommandProblem.NOT_NOW, f"Line {device} has no other call that is on hold.")
    return legs[0]


def _ringing(call: Call, device: str, of: str) -> Connection:
    """Where the call rings: at the device meant, else rather at a person than at a group."""
    legs = [leg for leg in call.connections if leg.state is ConnectionState.ALERTING and leg.id.device != device]
    legs.sort(key=lambda leg: (leg.id.device != of, leg.party.kind is not PartyKind.EXTENSION))
    if not legs or (of and legs[0].id.device != of):
        raise CommandRefused(CommandProblem.NOT_NOW, "It does not ring there any more: somebody was faster, or nobody waits.")
    return legs[0]
