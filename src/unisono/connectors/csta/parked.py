"""Parked calls: no device's monitor hears of one any more (ECMA-269 6.7.3, device-type monitors), so the switch is asked."""

from collections.abc import Callable, Mapping

from unisono.calls.model import Cause, ConnectionId, ConnectionState, PartyKind
from unisono.calls.pbx_events import CallCleared, CallSnapshot, Delivered, Diverted, Established, PbxEvent, SnapshotComplete
from unisono.calls.port import CommandProblem
from unisono.connectors.csta.commands import problem
from unisono.connectors.csta.identities import Identities
from unisono.connectors.csta.link import Link, RequestFailed
from unisono.connectors.csta.parties import Scene, head
from unisono.kernel.clock import Clock
from unisono.wire.csta.causes import EventCause
from unisono.wire.csta.monitoring import SnapshotCall, SnapshotCallResponse

ASK_SECONDS = 3.0
MOST = 200
"""Parked calls that are asked for; more are left to the calls room, which ends them after a while."""


class Parked:
    """Asks every few seconds whether the calls that wait in a park slot are still there, and tells of those that have gone.

    Outlives a link: whoever reads what is up on the next one has to ask for `waiting` too.
    """

    def __init__(self, clock: Clock, identities: Identities, report: Callable[[PbxEvent], None]) -> None:
        self._clock = clock
        self._identities = identities
        self._report = report
        self._waiting: dict[str, ConnectionId] = {}

    @property
    def waiting(self) -> Mapping[str, ConnectionId]:
        """Where each parked call waits, by the call's native identifier."""
        return dict(self._waiting)

    def told(self, event: PbxEvent) -> None:
        """An event was reported: a call is parked by it, or is somebody's again."""
        match event:
            case Diverted() if event.head.cause is Cause.PARK or event.new_destination.kind is PartyKind.PARK:
                place = event.new_destination.device or event.new_destination.number
                if place and len(self._waiting) < MOST:
                    self._waiting[event.connection.call] = ConnectionId(event.connection.call, place)
            case Established() | Delivered():
                self._waiting.pop(event.connection.call, None)
            case CallSnapshot():
                self._seen(event)
            case SnapshotComplete(devices=None):
                self._waiting = {call: place for call, place in self._waiting.items() if call in event.calls}
            case CallCleared():
                self._waiting.pop(event.call, None)
            case _:
                pass

    def _seen(self, event: CallSnapshot) -> None:
        known = self._waiting.pop(event.call, None)
        for each in event.connections:
            there = each.party.kind is PartyKind.PARK or (known is not None and each.id.device == known.device)
            if there and each.state is not ConnectionState.NULL and len(self._waiting) < MOST:
                self._waiting[event.call] = ConnectionId(event.call, each.id.device)

    async def run(self, link: Link, scene: Callable[[str], Scene]) -> None:
        """Ask, until the switch says that it cannot be asked."""
        while True:
            await self._clock.sleep(ASK_SECONDS)
            for place in list(self._waiting.values()):
                try:
                    await link.request(SnapshotCall(self._identities.connection(place)), SnapshotCallResponse)
                except RequestFailed as failed:
                    if failed.unsupported:
                        return
                    gone = failed.error is not None and problem(failed.error) is CommandProblem.UNKNOWN_CALL
                    if gone and place.call in self._waiting:
                        self._report(CallCleared(head(scene(""), EventCause.NORMAL_CLEARING), place.call))
