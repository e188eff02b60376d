"""Services that need two calls or make one of another's parts: consultation, alternation, transfer, conference."""

from unisono.demo.pbx.core import Core
from unisono.demo.pbx.entities import Call, Connection
from unisono.demo.pbx.model import (
    Address,
    CallEventKind,
    Cause,
    Leg,
    MergedId,
    Moved,
    Problem,
    Refusal,
    State,
)
from unisono.demo.pbx.permitted import ACTIVE, mergeable
from unisono.demo.pbx.routing import Routing
from unisono.demo.pbx.services import Services


class Joining:
    """Two calls of one telephone."""

    def __init__(self, core: Core, routing: Routing, services: Services) -> None:
        self.core = core
        self.routing = routing
        self.services = services

    def consultation(self, leg: Leg, to: str) -> Leg:
        """Hold a call and make another."""
        existing = self.core.connection(leg)
        device = self.services.caller(existing.device)
        if existing.state is not State.CONNECTED or not existing.established:
            raise Refusal(Problem.ACTIVE_CONNECTION_STATE, leg.device)
        if len(self.core.in_state(device.id, *ACTIVE)) > 1:
            raise Refusal(Problem.CONNECTED_CALL_EXISTS, device.id)
        self.routing.check(to, device.site, Problem.INVALID_CALLED_DEVICE)
        self.services.hold_connection(existing, Cause.CONSULTATION)
        return self.services.initiate(device, to, Cause.CONSULTATION).leg

    def alternate(self, held: Leg, active: Leg) -> None:
        """Hold the active call and go back to the held one."""
        one, other = self._both(held, active)
        if other.state is not State.CONNECTED or not other.established:
            raise Refusal(Problem.ACTIVE_CONNECTION_STATE, active.device)
        self.services.hold_connection(other, Cause.ALTERNATE)
        self.services.retrieve_connection(one, Cause.ALTERNATE)

    def reconnect(self, held: Leg, active: Leg) -> None:
        """Hang up the active call and go back to the held one."""
        one, other = self._both(held, active)
        if other.state not in ACTIVE or other.refused:
            raise Refusal(Problem.ACTIVE_CONNECTION_STATE, active.device)
        self.core.clear(other)
        self.services.retrieve_connection(one, Cause.NORMAL)

    def _both(self, held: Leg, active: Leg) -> tuple[Connection, Connection]:
        one, other = self.core.connection(held), self.core.connection(active)
        if one.device != other.device or one is other:
            raise Refusal(Problem.NOT_SAME_DEVICE, active.device)
        if one.state is not State.HOLD:
            raise Refusal(Problem.HELD_CONNECTION_STATE, held.device)
        return one, other

    def transfer(self, held: Leg, active: Leg) -> tuple[Leg, tuple[Moved, ...]]:
        """Join the other ends of a held and an active call and leave both; the active one may still be ringing."""
        one, other = self._both(held, active)
        if other.state is not State.CONNECTED:
            raise Refusal(Problem.ACTIVE_CONNECTION_STATE, active.device)
        if not mergeable(one, other):
            raise Refusal(Problem.INCOMPATIBLE_CONNECTION, active.device)
        first, second = one.leg, other.leg
        far = [*other.others]
        target = other.call.called if other.call.hunt else far[-1].address
        calling = next(party.address for party in one.others)
        for connection in (one, other):
            self.core.move(connection, State.NULL)
        moved = self._merge(one.call, other.call)
        call = one.call
        call.calling, call.called = calling, target
        self._tell(CallEventKind.TRANSFERED, one, (first, second), target, moved, Cause.TRANSFER)
        return Leg(call.id, moved[0].new.device), moved

    def conference(self, held: Leg, active: Leg) -> tuple[Leg, tuple[Moved, ...]]:
        """Join a held and an active call with everybody in them."""
        one, other = self._both(held, active)
        if other.state is not State.CONNECTED or not other.established:
            raise Refusal(Problem.ACTIVE_CONNECTION_STATE, active.device)
        if not mergeable(one, other):
            raise Refusal(Problem.INCOMPATIBLE_CONNECTION, active.device)
        if len(one.call.connections) + len(other.call.connections) - 1 > self.core.options.conference_limit:
            raise Refusal(Problem.CONFERENCE_LIMIT, active.device)
        first, second = one.leg, other.leg
        added = next(party.address for party in other.others)
        self.core.move(one, State.CONNECTED)
        self.core.move(other, State.NULL)
        moved = self._merge(one.call, other.call)
        self._tell(CallEventKind.CONFERENCED, one, (first, second), added, moved, Cause.CONFERENCE)
        return one.leg, moved

    def _merge(self, primary: Call, secondary: Call) -> tuple[Moved, ...]:
        """Bring all connections of `secondary` into `primary`, whose identifier may become another."""
        before = [(c.leg, c) for call in (primary, secondary) for c in call.connections.values()]
        for device, connection in list(secondary.connections.items()):
            connection.call = primary
            primary.connections[device] = connection
        secondary.connections = {}
        if secondary.hunt is not None:
            primary.hunt, secondary.hunt = secondary.hunt, None
            primary.hunt.call = primary
        primary.last_redirection = secondary.last_redirection or primary.last_redirection
        del self.core.calls[primary.id], self.core.calls[secondary.id]
        match self.core.options.merged_id:
            case MergedId.PRIMARY:
                pass
            case MergedId.SECONDARY:
                primary.id = secondary.id
            case MergedId.NEW:
                primary.id = self.core.new_id()
        self.core.calls[primary.id] = primary
        return tuple(Moved(old, connection.leg, connection.address) for old, connection in before)

    def _tell(
        self,
        kind: CallEventKind,
        by: Connection,
        old: tuple[Leg, Leg | None],
        to: Address,
        moved: tuple[Moved, ...],
        cause: Cause,
    ) -> None:
        """Tell transfer and conference, whose subject is the old primary connection."""
        self.core.tell(kind, by, cause, subject=old[0], secondary=old[1], other=to, moved=moved)

    def single_step_transfer(self, leg: Leg, to: str) -> tuple[Leg, tuple[Moved, ...]]:
        """Leave an established call and let it ring at another destination instead; unanswered it comes back."""
        active = self.core.connection(leg)
        device = self.services.caller(active.device)
        if active.state is not State.CONNECTED or not active.established:
            raise Refusal(Problem.ACTIVE_CONNECTION_STATE, leg.device)
        self.routing.check(to, device.site)
        if to in active.call.connections:
            raise Refusal(Problem.NOT_DIFFERENT_DEVICES, to)
        self.routing.check_free(to)
        call = active.call
        self.core.move(active, State.NULL)
        stay = tuple(Moved(c.leg, c.leg, c.address) for c in call.connections.values())
        target = self.routing.shown(to, device.site)
        comes = Moved(None, Leg(call.id, to), target)
        moved = (*stay, comes) if to in self.core.devices else stay
        call.calling, call.called = next(iter(call.connections.values())).address, target
        call.last_redirection = device.address
        self._tell(CallEventKind.TRANSFERED, active, (active.leg, None), target, moved, Cause.SINGLE_STEP_TRANSFER)
        self.routing.offer(call, to, Cause.SINGLE_STEP_TRANSFER, recall_to=device.id, site=device.site)
        return Leg(call.id, to), moved


