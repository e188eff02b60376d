"""What belongs together and which way it goes: direction, roles, tracker ids. Pure."""

from unisono.calls.legs import OUTSIDE, caller, known
from unisono.calls.model import (
    Call,
    Cause,
    Direction,
    Party,
    PartyKind,
    Role,
    Transfer,
)

FORWARDED = frozenset(
    {
        Cause.CALL_FORWARD,
        Cause.CALL_FORWARD_IMMEDIATE,
        Cause.CALL_FORWARD_BUSY,
        Cause.CALL_FORWARD_NO_ANSWER,
    }
)
DISTRIBUTED = frozenset({Cause.DISTRIBUTED, Cause.ENTERING_DISTRIBUTION})
ONWARD = FORWARDED | DISTRIBUTED | {Cause.REDIRECTED, Cause.PARK, Cause.RECALL}
"""Causes of leaving after which the call goes on elsewhere."""
TRANSFERRED = frozenset({Cause.TRANSFER, Cause.SINGLE_STEP_TRANSFER})

_ROLE_BY_CAUSE = {
    Cause.CALL_PICKUP: Role.PICKUP,
    Cause.REDIRECTED: Role.DEFLECT_TARGET,
    Cause.CONFERENCE: Role.PARTICIPANT,
    **dict.fromkeys(FORWARDED, Role.FORWARD_TARGET),
    **dict.fromkeys(DISTRIBUTED, Role.QUEUE_MEMBER),
    **dict.fromkeys(TRANSFERRED, Role.TRANSFER_TARGET),
}
_ROLE_BY_TRANSFER = {
    "pickup": Role.PICKUP,
    "deflect": Role.DEFLECT_TARGET,
    "cti-redirect": Role.DEFLECT_TARGET,
    "forward": Role.FORWARD_TARGET,
    "302": Role.FORWARD_TARGET,
    "blind": Role.TRANSFER_TARGET,
    "attended": Role.TRANSFER_TARGET,
    "attended-ringing": Role.TRANSFER_TARGET,
}
_KIND_BY_CAUSE = {Cause.CALL_PICKUP: "pickup", **dict.fromkeys(FORWARDED, "forward")}


def direction(calling: Party, called: Party, far: PartyKind = PartyKind.UNKNOWN) -> Direction:
    """The direction of a call from its two ends; `far` is what answered or rang for the called number, if known.

    A number of unknown kind counts as outside: who knows better says so in the event, or the lines of this server do.
    """
    if calling.kind in OUTSIDE:
        inside = calling.kind is PartyKind.UNKNOWN and called.kind is PartyKind.EXTERNAL
        return Direction.OUTBOUND if inside else Direction.INBOUND
    if called.kind is PartyKind.SERVICE:
        return Direction.FEATURE
    if called.kind is PartyKind.CONFERENCE:
        return Direction.CONFERENCE
    kind = called.kind if called.kind is not PartyKind.UNKNOWN else far
    return Direction.OUTBOUND if kind in OUTSIDE else Direction.INTERNAL


def far_kind(call: Call) -> PartyKind:
    """What the first party that is not the caller is, as far as known."""
    for leg in call.connections:
        if leg.role is not Role.CALLER and leg.party.kind is not PartyKind.UNKNOWN:
            return leg.party.kind
    return PartyKind.UNKNOWN


def role(call: Call, device: str, party: Party, cause: Cause, queue: Party | None) -> Role:
    """How a device that now joins the call came into it."""
    if call.direction is Direction.CONFERENCE:
        return Role.PARTICIPANT
    by_transfer = _leading_to(call, device, party)
    if by_transfer is not None:
        return _transfer_role(call, by_transfer)
    if cause in _ROLE_BY_CAUSE:
        return _ROLE_BY_CAUSE[cause]
    if queue is not None or call.queue is not None:
        return Role.CALLEE if party.kind in (PartyKind.QUEUE, PartyKind.VOICEMAIL) else Role.QUEUE_MEMBER
    return Role.CALLEE


def _leading_to(call: Call, device: str, party: Party) -> Transfer | None:
    names = {name for name in (device, party.device, party.number) if name}
    for transfer in reversed(call.transfers):
        if transfer.to in names:
            return transfer
    return None


def _transfer_role(call: Call, transfer: Transfer) -> Role:
    answered = transfer.kind == "cti-redirect" and talked(call, transfer.of)
    return Role.TRANSFER_TARGET if answered else _ROLE_BY_TRANSFER.get(transfer.kind, Role.TRANSFER_TARGET)


def talked(call: Call, device: str) -> bool:
    """Whether this device has been in conversation in this call."""
    return any(leg.id.device == device and leg.answered is not None for leg in call.connections)


def diversion_kind(cause: Cause, said: str) -> str:
    """The word for `Transfer.kind`; empty for a queue that tries its next member."""
    return said or ("" if cause in DISTRIBUTED else _KIND_BY_CAUSE.get(cause, "deflect"))


def consulted(calls: tuple[Call, ...], native: str, cause: Cause) -> Call | None:
    """Which of a device's other calls a new call by it consults for: one that it has on hold, or is about to."""
    others = [call for call in calls if call.native != native]
    for call in others:
        if call.direction is not Direction.FEATURE and _held(call):
            return call
    return others[0] if cause is Cause.CONSULTATION and others else None


def _held(call: Call) -> bool:
    return any(hold.until is None for hold in call.holds)


def inferred_forward(call: Call, redirecting: Party | None, cause: Cause) -> bool:
    """Whether an event tells of a forwarding by one of ours that no Diverted reported."""
    if redirecting is None or not known(redirecting) or cause not in FORWARDED or redirecting.kind in OUTSIDE:
        return False
    source = caller(call)
    if source is not None and source.id.device == redirecting.device:
        return False
    return not any(redirecting.device in (transfer.of, transfer.by) for transfer in call.transfers)
