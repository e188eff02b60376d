"""What one connection of a call may do: one table, and the diagram of it (ECMA-269 6.1.4, connection states).

A connection is a device in a call. It begins in NULL, which is also where it ends; a device that comes back gets a new
life. What moves it is an event of the PBX about this very device.

A calling device goes off hook, or is prompted by its own ringing phone (INITIATED), and is CONNECTED as soon as it dials:
whether the other end rings or talks is the other connection's state. A called device is ALERTING, then CONNECTED. An
outside line that the PBX cannot see behind (NetworkReached) is ALERTING too: it may ring or not. A queue's connection is
QUEUED until somebody answers. FAIL is a dead end: busy tone, number not obtainable; only clearing leads out of it.

A called connection that a snapshot catches just before it rings is INITIATED too: Delivered, NetworkReached and Queued
lead on from there.

Three cells are less obvious. Retrieved leaves CONNECTED alone, because PBXs report it on every transfer, also of calls
that were never held. Established leaves HOLD alone: it is a report that came late. A connection that is CONNECTED can
still be diverted: a redirect by CTI looks like that.

What is not in the table cannot be. The model then counts an anomaly and leaves the connection as it was. The monitored
device's own state (localConnectionInfo) is no transition but the truth, and is taken as it is.
"""

from collections.abc import Mapping
from enum import StrEnum

from unisono.calls.model import ConnectionState


class Trigger(StrEnum):
    """What happened to the connection, by the name of its event (ECMA-269 17.2)."""

    SERVICE_INITIATED = "ServiceInitiated"
    ORIGINATED = "Originated"
    NETWORK_REACHED = "NetworkReached"
    QUEUED = "Queued"
    DELIVERED = "Delivered"
    ESTABLISHED = "Established"
    HELD = "Held"
    RETRIEVED = "Retrieved"
    FAILED = "Failed"
    DIVERTED = "Diverted"
    CONFERENCED = "Conferenced"
    CLEARED = "ConnectionCleared"


_NULL, _INITIATED, _ALERTING = ConnectionState.NULL, ConnectionState.INITIATED, ConnectionState.ALERTING
_CONNECTED, _HOLD, _QUEUED, _FAIL = (
    ConnectionState.CONNECTED,
    ConnectionState.HOLD,
    ConnectionState.QUEUED,
    ConnectionState.FAIL,
)

TABLE: Mapping[ConnectionState, Mapping[Trigger, ConnectionState]] = {
    _NULL: {
        Trigger.SERVICE_INITIATED: _INITIATED,
        Trigger.ORIGINATED: _CONNECTED,
        Trigger.NETWORK_REACHED: _ALERTING,
        Trigger.QUEUED: _QUEUED,
        Trigger.DELIVERED: _ALERTING,
        Trigger.ESTABLISHED: _CONNECTED,
        Trigger.FAILED: _FAIL,
        Trigger.DIVERTED: _NULL,
        Trigger.CLEARED: _NULL,
    },
    _INITIATED: {
        Trigger.SERVICE_INITIATED: _INITIATED,
        Trigger.ORIGINATED: _CONNECTED,
        Trigger.NETWORK_REACHED: _ALERTING,
        Trigger.QUEUED: _QUEUED,
        Trigger.DELIVERED: _ALERTING,
        Trigger.ESTABLISHED: _CONNECTED,
        Trigger.FAILED: _FAIL,
        Trigger.DIVERTED: _NULL,
        Trigger.CLEARED: _NULL,
    },
    _ALERTING: {
        Trigger.NETWORK_REACHED: _ALERTING,
        Trigger.QUEUED: _QUEUED,
        Trigger.DELIVERED: _ALERTING,
        Trigger.ESTABLISHED: _CONNECTED,
        Trigger.FAILED: _FAIL,
        Trigger.DIVERTED: _NULL,
        Trigger.CLEARED: _NULL,
    },
    _CONNECTED: {
        Trigger.ORIGINATED: _CONNECTED,
        Trigger.QUEUED: _QUEUED,
        Trigger.ESTABLISHED: _CONNECTED,
        Trigger.HELD: _HOLD,
        Trigger.RETRIEVED: _CONNECTED,
        Trigger.FAILED: _FAIL,
        Trigger.DIVERTED: _NULL,
        Trigger.CONFERENCED: _CONNECTED,
        Trigger.CLEARED: _NULL,
    },
    _HOLD: {
        Trigger.ESTABLISHED: _HOLD,
        Trigger.HELD: _HOLD,
        Trigger.RETRIEVED: _CONNECTED,
        Trigger.FAILED: _FAIL,
        Trigger.DIVERTED: _NULL,
        Trigger.CONFERENCED: _CONNECTED,
        Trigger.CLEARED: _NULL,
    },
    _QUEUED: {
        Trigger.QUEUED: _QUEUED,
        Trigger.DELIVERED: _ALERTING,
        Trigger.ESTABLISHED: _CONNECTED,
        Trigger.FAILED: _FAIL,
        Trigger.DIVERTED: _NULL,
        Trigger.CLEARED: _NULL,
    },
    _FAIL: {
        Trigger.FAILED: _FAIL,
        Trigger.DIVERTED: _NULL,
        Trigger.CLEARED: _NULL,
    },
}


def next_state(state: ConnectionState, trigger: Trigger) -> ConnectionState | None:
    """Where the trigger leads from this state; None: that cannot happen."""
    return TABLE[state].get(trigger)


def mermaid() -> str:
    """The table as a Mermaid state diagram; what changes nothing is left out."""
    lines = ["stateDiagram-v2", "    [*] --> null"]
    for state, row in TABLE.items():
        by_target: dict[ConnectionState, list[str]] = {}
        for trigger, target in row.items():
            if target is not state:
                by_target.setdefault(target, []).append(trigger.value)
        lines += [f"    {state} --> {target}: {', '.join(names)}" for target, names in by_target.items()]
    return "\n".join(lines)
