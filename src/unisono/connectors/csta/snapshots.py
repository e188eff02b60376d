"""What a snapshot says, in the words of the calls room. Pure."""

from unisono.calls.model import NOBODY, ConnectionState
from unisono.calls.pbx_events import CallSnapshot, SnapshotConnection
from unisono.connectors.csta.parties import Scene, connection, head, party, services, state
from unisono.wire.csta.devices import ConnectionId, DeviceId
from unisono.wire.csta.enums import LocalConnectionState, SimpleCallState
from unisono.wire.csta.monitoring import SnapshotCallResponse
from unisono.wire.csta.parts import CallState, SnapshotDeviceResponseInfo

# What the device's own connection is in each simple state (ECMA-269, call states).
_SIMPLE = {
    SimpleCallState.CALL_NULL: LocalConnectionState.NULL,
    SimpleCallState.CALL_PENDING: LocalConnectionState.INITIATED,
    SimpleCallState.CALL_ORIGINATED: LocalConnectionState.CONNECTED,
    SimpleCallState.CALL_DELIVERED: LocalConnectionState.CONNECTED,
    SimpleCallState.CALL_DELIVERED_HELD: LocalConnectionState.CONNECTED,
    SimpleCallState.CALL_RECEIVED: LocalConnectionState.ALERTING,
    SimpleCallState.CALL_RECEIVED_ON_HOLD: LocalConnectionState.ALERTING,
    SimpleCallState.CALL_ESTABLISHED: LocalConnectionState.CONNECTED,
    SimpleCallState.CALL_ESTABLISHED_HELD: LocalConnectionState.HOLD,
    SimpleCallState.CALL_ESTABLISHED_ON_HOLD: LocalConnectionState.CONNECTED,
    SimpleCallState.CALL_QUEUED: LocalConnectionState.CONNECTED,
    SimpleCallState.CALL_QUEUED_HELD: LocalConnectionState.HOLD,
    SimpleCallState.CALL_FAILED: LocalConnectionState.CONNECTED,
    SimpleCallState.CALL_FAILED_HELD: LocalConnectionState.HOLD,
    SimpleCallState.CALL_BLOCKED: LocalConnectionState.FAIL,
}


def own_states(call: CallState | None) -> tuple[LocalConnectionState, ...]:
    """The states of a call's connections as a device snapshot shows them, the device's own first; empty: unknown."""
    if call is None:
        return ()
    if call.compound_call_state is not None:
        return call.compound_call_state.local_connection_state
    return (_SIMPLE[call.simple_call_state],) if call.simple_call_state is not None else ()


def call_snapshot(answer: SnapshotCallResponse, native: str, scene: Scene) -> CallSnapshot | None:
    """A call with all its connections; None when the answer has none."""
    if answer.result.snapshot_data is None:
        return None
    connections = []
    for info in answer.result.snapshot_data.snapshot_call_response_info:
        id = connection(info.call_identifier, info.device_on_call)
        known = state(info.local_connection_info) or ConnectionState.CONNECTED
        permitted = services(info.services_permitted, info.local_connection_info)
        connections.append(SnapshotConnection(id, party(scene, info.device_on_call, id), known, permitted))
    if not connections:
        return None
    calling, called = party(scene, answer.calling_device), party(scene, answer.called_device)
    return CallSnapshot(head(scene, None), native, tuple(connections), calling, called)


def device_snapshot(info: SnapshotDeviceResponseInfo, scene: Scene) -> CallSnapshot | None:
    """A call as far as one of its devices sees it, for switches that give no snapshots of calls."""
    states = own_states(info.local_call_state)
    own = connection(info.connection_identifier)
    if not own.call or not states or states[0] is LocalConnectionState.NULL:
        return None
    device = info.connection_identifier.device or DeviceId(scene.device)
    own = connection(ConnectionId(own.call, device))
    known, permitted = state(states[0]) or ConnectionState.CONNECTED, services(info.services_permitted, states[0])
    connections = [SnapshotConnection(own, party(scene, device, own), known, permitted)]
    far = party(scene, info.endpoint_device)
    if far is not NOBODY and len(states) > 1:
        id = connection(ConnectionId(own.call), info.endpoint_device)
        connections.append(SnapshotConnection(id, far, state(states[1]) or ConnectionState.CONNECTED))
    return CallSnapshot(head(scene, None), own.call, tuple(connections))
