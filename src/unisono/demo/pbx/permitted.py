"""What may be done to a connection now (ECMA-269 servicesPermitted), by the names of ECMA-323.

A promise: no service is refused on grounds of state that is permitted here, as long as nothing has changed.
"""

from collections.abc import Iterable

from unisono.demo.pbx.entities import Connection
from unisono.demo.pbx.model import State

NOTHING: frozenset[str] = frozenset()
ACTIVE = frozenset({State.INITIATED, State.CONNECTED, State.FAIL})


def permitted(connection: Connection, of_device: Iterable[Connection]) -> frozenset[str]:
    """Services for this connection; `of_device` are all own connections of its device."""
    others = [other for other in of_device if other is not connection]
    match connection.state:
        case State.NULL:
            return NOTHING
        case State.INITIATED:
            first = "answerCall" if connection.prompted is not None else "dialDigits"
            return _active(connection, others) | {first}
        case State.ALERTING:
            return frozenset({"answerCall", "clearConnection", "deflectCall"})
        case State.CONNECTED:
            return _active(connection, others) | _connected(connection, others)
        case State.HOLD:
            return _hold(connection, others)
        case State.QUEUED:
            return frozenset({"directedPickupCall"}) if connection.recall_to else NOTHING
        case State.FAIL:
            return NOTHING if connection.refused else _active(connection, others)


def _active(connection: Connection, others: list[Connection]) -> frozenset[str]:
    found = {"clearConnection"}
    for other in others:
        if other.state is State.HOLD:
            found |= two_calls(other, connection)
    return frozenset(found)


def _connected(connection: Connection, others: list[Connection]) -> frozenset[str]:
    if connection.established:
        found = {"holdCall", "singleStepTransfer", "parkCall", "generateDigits"}
        if not any(other.state in ACTIVE for other in others):
            found.add("consultationCall")
        return frozenset(found)
    wanted = any(other.station and (other.state is State.ALERTING or other.refused) for other in connection.others)
    return frozenset({"callBack"}) if wanted else NOTHING


def _hold(connection: Connection, others: list[Connection]) -> frozenset[str]:
    found = {"clearConnection"}
    active = [other for other in others if other.state in ACTIVE]
    if not active:
        found.add("retrieveCall")
    for other in active:
        found |= two_calls(connection, other)
    return frozenset(found)


def two_calls(held: Connection, active: Connection) -> set[str]:
    """What a device may do with a held and an active call of its own."""
    found = {"reconnectCall"}
    if active.established:
        found.add("alternateCall")
    if active.state is State.CONNECTED and mergeable(held, active):
        found.add("transferCall")
        if active.established:
            found.add("conferenceCall")
    return found


def mergeable(held: Connection, active: Connection) -> bool:
    """Whether two calls may become one: only their device is in both, and somebody is, or may come, at both ends."""
    both = held.call.connections.keys() & active.call.connections.keys()
    return (
        both == {held.device}
        and held.established
        and any(other.state is not State.FAIL for other in active.others)
        and not any(other.refused for other in (*held.others, *active.others))
        and not (held.call.hunt and active.call.hunt)
    )


