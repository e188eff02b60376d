"""Parking: a call waits in a space of the PBX until somebody fetches it or it goes back."""

from unisono.calls.model import Cause, Party, PartyKind
from unisono.connectors.asterisk.bridging import meet
from unisono.connectors.asterisk.channels import Switch
from unisono.connectors.asterisk.names import clean
from unisono.connectors.asterisk.report import settle
from unisono.connectors.asterisk.transfers import drop_own, give_away
from unisono.wire.ami import Message


def _space(message: Message) -> Party:
    space = clean(message.get("ParkingSpace"))
    return Party(f"park:{space}", space, kind=PartyKind.PARK)


def parked(switch: Switch, message: Message) -> None:
    """ParkedCall: the parkee waits in a space; who parked it has left, by transfer or by a code.

    Also as an entry of the list `ParkedCalls`, which is read before `Status`: there it is news of calls that we know, and were
    parked while we did not listen. Those that we do not know, `Status` makes known.
    """
    if message.action_id and message.get("ParkeeUniqueid") not in switch.channels:
        return
    parkee = switch.update(message, "Parkee")
    call = parkee.call if parkee is not None else None
    if parkee is None or call is None:
        return
    parkee.moved_to = ""
    parker = message.get("ParkerDialString").rpartition("/")[2]
    for uid in list(call.channels):
        channel = switch.channels.get(uid)
        if channel is not None and channel is not parkee and (not channel.bridge or channel.endpoint.resource == parker):
            give_away(switch, call, channel, _space(message), "blind", Cause.PARK)
    settle(switch, call)


def park_timeout(switch: Switch, message: Message) -> None:
    """ParkedCallTimeOut: the call goes back to who parked it."""
    parkee = switch.update(message, "Parkee")
    if parkee is not None and parkee.call is not None:
        parkee.call.next_cause, parkee.call.redirecting = Cause.RECALL, None


def unparked(switch: Switch, message: Message) -> None:
    """UnParkedCall: somebody fetches the parkee."""
    parkee = switch.update(message, "Parkee")
    retriever = switch.update(message, "Retriever")
    call = parkee.call if parkee is not None else None
    if parkee is None or retriever is None or call is None or retriever.inner:
        return
    drop_own(switch, retriever, call)
    call.clash_at = None
    retriever.cause, retriever.answered = Cause.CALL_PICKUP, True
    switch.join(retriever, call)
    if retriever.bridge and retriever.bridge == parkee.bridge:
        meet(switch, switch.bridges[retriever.bridge])
