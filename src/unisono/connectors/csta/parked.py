"""Parked calls: no device's monitor hears of one any more (ECMA-269 6.7.3, device-type monitors), so the switch is asked."""

from collections.abc import Callable

from unisono.calls.model import Cause, ConnectionId, PartyKind
from unisono.calls.pbx_events import CallCleared, Delivered, Diverted, Established, PbxEvent
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
    """Asks every few seconds whether the calls that wait in a park slot are still there, and tells of those that have gone."""

    def __init__(self, link: Link, clock: Clock, identities: Identities, report: Callable[[PbxEvent], None]) -> None:
        self._link = link
        self._clock = clock
        self._identities = identities
        self._report = report
        self._waiting: dict[str, ConnectionId] = {}

    def told(self, event: PbxEvent) -> None:
        """An event was reported: a call is parked by it, or is somebody's again."""
        match event:
            case Diverted() if event.head.cause is Cause.PARK or event.new_destination.kind is PartyKind.PARK:
                place = event.new_destination.device or event.new_destination.number
                if place and len(self._waiting) < MOST:
                    self._waiting[event.connection.call] = ConnectionId(event.connection.call, place)
            case Established() | Delivered():
                self._waiting.pop(event.connection.call, None)
            case CallCleared():
                self._waiting.pop(event.call, None)
            case _:
                pass

    async def run(self, scene: Callable[[str], Scene]) -> None:
        """Ask, until the switch says that it cannot be asked."""
        while True:
            await self._clock.sleep(ASK_SECONDS)
            for place in list(self._waiting.values()):
                try:
                    await self._link.request(SnapshotCall(self._identities.connection(place)), SnapshotCallResponse)
                except RequestFailed as failed:
                    if failed.unsupported:
                        return
                    gone = failed.error is not None and problem(failed.error) is CommandProblem.UNKNOWN_CALL
                    if gone and place.call in self._waiting:
                        self._report(CallCleared(head(scene(""), EventCause.NORMAL_CLEARING), place.call))
