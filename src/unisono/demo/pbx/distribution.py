"""Queues and hunt groups: which member rings when, who waits in which place, what happens when nobody comes.

A queue (category acd) holds a connection of its own, queued, until a member answers; a hunt group has none and does not let
anybody wait. Members are monitored like any telephone and see cause "distributed".
"""

from collections.abc import Callable

from unisono.demo.pbx.core import Core
from unisono.demo.pbx.entities import Call, Connection, Hunt
from unisono.demo.pbx.model import Address, CallEventKind, Category, Cause, Device, Forwarding, State, Strategy
from unisono.demo.pbx.routing import Routing

PAUSE = 3.0
"""Seconds until a queue tries again when every free member has been tried."""


class Distribution:
    """Distributes calls to members."""

    def __init__(self, core: Core, routing: Routing) -> None:
        self.core = core
        self.routing = routing
        routing.entries[Category.ACD] = self._enter
        routing.entries[Category.GROUP] = self._enter
        core.freed.append(self._member_free)

    def _enter(self, call: Call, pilot: Device, cause: Cause) -> None:
        if call.hunt is not None:
            self.routing.fail(call, None, Cause.DEST_NOT_OBTAINABLE)
            return
        if to := pilot.forward(Forwarding.IMMEDIATE, external=call.external):
            self._move_on(call, pilot, to, Cause.FORWARD_IMMEDIATE)
            return
        call.hunt = hunt = Hunt(call, pilot.id)
        hunt.patience = self.core.timeline.after(pilot.max_wait, lambda: self._overflow(hunt))
        if pilot.category is Category.ACD:
            self._queue(call, pilot, cause)
        else:
            call.last_redirection = pilot.address
        self._next(hunt)

    def _queue(self, call: Call, pilot: Device, cause: Cause) -> None:
        waiting = self.waiting(pilot.id)
        connection = self.core.join(call, pilot.id, pilot.address, State.QUEUED)
        entering = Cause.ENTERING_DISTRIBUTION if cause in (Cause.NEW_CALL, Cause.CONSULTATION) else cause
        self.core.tell(
            CallEventKind.QUEUED,
            connection,
            entering,
            other=pilot.address,
            number_queued=len(waiting) + 1,
            calls_in_front=len(waiting),
        )
        call.last_redirection = pilot.address

    def waiting(self, pilot: str) -> list[Call]:
        """Calls that wait at a queue, the longest waiting first."""
        return [connection.call for connection in self.core.at.get(pilot, ()) if connection.state is State.QUEUED]

    # Ringing members

    def _next(self, hunt: Hunt) -> None:
        """Let the next member, or all that are free, ring."""
        call, pilot = hunt.call, self.core.devices[hunt.pilot]
        free = [m for m in pilot.members if m not in call.connections and m not in hunt.tried and self._free(m)]
        if free:
            chosen = free if pilot.strategy is Strategy.RING_ALL else [self._choose(pilot, free)]
            self._ring(hunt, pilot, chosen)
        elif not self._ringing(hunt):
            self._nobody(hunt, pilot)

    def _choose(self, pilot: Device, free: list[str]) -> str:
        if pilot.strategy is Strategy.LONGEST_IDLE:
            return min(free, key=lambda member: self.core.devices[member].idle_since)
        if pilot.strategy is Strategy.CIRCULAR and pilot.last_served in pilot.members:
            start = pilot.members.index(pilot.last_served) + 1
            order = pilot.members[start:] + pilot.members[:start]
            return min(free, key=order.index)
        return free[0]

    def _ring(self, hunt: Hunt, pilot: Device, members: list[str]) -> None:
        for member in members:
            device = self.core.devices[member]
            connection = self.core.join(hunt.call, member, device.address, State.ALERTING)
            self.core.tell(CallEventKind.DELIVERED, connection, Cause.DISTRIBUTED)
        pilot.last_served = members[-1]
        if pilot.strategy is not Strategy.RING_ALL:
            self._plan(hunt, pilot.ring_time, self._round_over)

    def _plan(self, hunt: Hunt, seconds: float, step: Callable[[Hunt], None]) -> None:
        if hunt.ringing is not None:
            hunt.ringing.cancel()
        hunt.ringing = self.core.timeline.after(seconds, lambda: step(hunt))

    def _round_over(self, hunt: Hunt) -> None:
        for connection in self._ringing(hunt):
            self._away(hunt, connection, Cause.CALL_NOT_ANSWERED)
        self._next(hunt)

    def _away(self, hunt: Hunt, connection: Connection, cause: Cause) -> None:
        """The call leaves a member that did not answer or refused, and goes back to where it waits."""
        hunt.tried.append(connection.device)
        self.core.move(connection, State.NULL)
        pilot = self.core.devices[hunt.pilot]
        self.core.tell(CallEventKind.DIVERTED, connection, cause, other=pilot.address)

    def _nobody(self, hunt: Hunt, pilot: Device) -> None:
        """No member is free: a queue lets the call wait, a group sends it on."""
        tried, hunt.tried = bool(hunt.tried), []
        if pilot.category is Category.GROUP:
            self._overflow(hunt)
        elif tried:
            self._plan(hunt, PAUSE, self._next)

    def _ringing(self, hunt: Hunt) -> list[Connection]:
        members = self.core.devices[hunt.pilot].members
        return [c for c in hunt.call.in_state(State.ALERTING) if c.device in members]

    def _free(self, member: str) -> bool:
        device = self.core.devices.get(member)
        if device is None or not device.in_service or device.do_not_disturb:
            return False
        return not self.core.own(member) and not device.forward(Forwarding.IMMEDIATE, external=True)

    def _member_free(self, member: str) -> None:
        """A telephone has become idle: the longest waiting call that it may take comes to it."""
        for pilot in self.core.devices.values():
            if member not in pilot.members:
                continue
            for call in self.waiting(pilot.id):
                hunt = call.hunt
                if hunt is None or not self._free(member):
                    continue
                resting = hunt.ringing is not None and hunt.ringing.pending and not self._ringing(hunt)
                if not resting and (pilot.strategy is Strategy.RING_ALL or not (self._ringing(hunt) or hunt.tried)):
                    self._next(hunt)

    # The end of the search

    def refused(self, connection: Connection) -> bool:
        """A member sends the ringing call away; says whether it was the hunt's to handle."""
        hunt = connection.call.hunt
        if hunt is None or connection not in self._ringing(hunt):
            return False
        if hunt.ringing is not None:
            hunt.ringing.cancel()
        self._away(hunt, connection, Cause.NORMAL_CLEARING)
        self._next(hunt)
        return True

    def leave(self, call: Call, to: Connection, new_destination: Address, cause: Cause) -> list[Connection]:
        """End the hunt because `to` takes the call or sends it elsewhere: the queue loses it.

        Returns the other members, which still ring and have to be told once the answer has been.
        """
        hunt, call.hunt = call.hunt, None
        if hunt is None:
            return []
        rest = [connection for connection in self._ringing(hunt) if connection is not to]
        hunt.cancel()
        waiting = call.connections.get(hunt.pilot)
        if waiting is not None and waiting is not to:
            self.core.move(waiting, State.NULL)
            self.core.tell(CallEventKind.DIVERTED, waiting, cause, other=new_destination)
        return rest

    def _overflow(self, hunt: Hunt) -> None:
        """Nobody came in time."""
        call, pilot = hunt.call, self.core.devices[hunt.pilot]
        to = pilot.overflow if pilot.overflow not in call.connections else ""
        for connection in self._ringing(hunt):
            self._away(hunt, connection, Cause.CALL_NOT_ANSWERED)
        hunt.cancel()
        call.hunt = None
        waiting = call.connections.get(pilot.id)
        cause = Cause.QUEUE_TIME_OVERFLOW if waiting else Cause.FORWARD_NO_ANSWER
        if to and waiting:
            self.routing.divert(waiting, to, cause)
        elif to:
            self._move_on(call, pilot, to, cause)
        elif waiting:
            self.core.clear(waiting, cause)
        else:
            self.routing.fail(call, pilot, Cause.BUSY)

    def _move_on(self, call: Call, pilot: Device, to: str, cause: Cause) -> None:
        left = Connection(call, pilot.id, pilot.address, self.core.timeline.now)
        call.redirections += 1
        other = self.routing.shown(to, pilot.site)
        self.core.tell(CallEventKind.DIVERTED, left, cause, other=other)
        call.last_redirection = pilot.address
        self.routing.offer(call, to, cause, site=pilot.site)
