"""Routes of the admin pages "Connectors" and "Odd events"."""

import asyncio
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, delete, get, post, put

from unisono.calls.anomalies import Anomaly
from unisono.calls.impossible import Why
from unisono.calls.port import LinkPhase, LinkState
from unisono.calls.service import CallService
from unisono.connectors.recording import recording
from unisono.connectors.service import Connectors
from unisono.connectors.store import Instance
from unisono.kernel.expected import Expected, tag
from unisono.kernel.told import takes_back
from unisono.permissions.guard import Guard
from unisono.permissions.model import Viewer
from unisono.storage import latest


class AdminConnector(msgspec.Struct):
    """A configured link as admins see it: secrets are read as ""."""

    id: str
    name: str
    kind: str
    enabled: bool
    location_id: str
    settings: dict[str, object]
    link: None = None
    """Told by the event stream's `links`, always fresh there."""
    etag: str = ""


@takes_back(AdminConnector)
class ConnectorInput(msgspec.Struct, forbid_unknown_fields=True):
    """What an admin saves; an empty secret leaves the stored one. All else is not taken, only told."""

    name: Annotated[str, msgspec.Meta(max_length=120)]
    kind: Annotated[str, msgspec.Meta(max_length=64)]
    settings: dict[str, object]
    enabled: bool = True
    location_id: Annotated[str, msgspec.Meta(max_length=64)] = ""


class ConnectorKind(msgspec.Struct):
    """A kind that can be configured; `settings` is a JSON Schema."""

    key: str
    name: str
    description: str
    versions: list[str]
    capabilities: list[str]
    settings: dict[str, object]


class TestInput(msgspec.Struct, forbid_unknown_fields=True):
    """Settings to try; with `id` empty secrets are taken from that link."""

    kind: Annotated[str, msgspec.Meta(max_length=64)]
    settings: dict[str, object]
    id: str = ""


class TestStep(msgspec.Struct):
    """One step of a connection test; `ok` is null for one that was not reached, `code` is why it failed."""

    name: str
    ok: bool | None
    code: str
    message: str
    remedy: str


class ConnectorTest(msgspec.Struct):
    """How far a connection test got."""

    ok: bool
    peer: str
    version: str
    lines: int
    steps: list[TestStep]


class TraceFrame(msgspec.Struct):
    """One frame of a link, as text."""

    at: str
    sent: bool
    text: str
    note: str


class AnomalyExample(msgspec.Struct):
    """One event that could not be: the particulars of the reason, and its bytes (`size`: of all that arrived)."""

    at: datetime
    particulars: dict[str, str]
    raw: bytes
    size: int


class AnomalyKind(msgspec.Struct):
    """Events of one kind that could not be for one reason; the newest of them, newest first."""

    why: Why
    event: str
    count: int
    first: datetime
    last: datetime
    examples: list[AnomalyExample]


class Anomalies(msgspec.Struct):
    """What could not be on one link, the latest first."""

    items: list[AnomalyKind]
    next: str | None = None


class Items(msgspec.Struct):
    """A list that is not paged."""

    items: list[AdminConnector]
    next: str | None = None


class Kinds(msgspec.Struct):
    """The installed kinds."""

    items: list[ConnectorKind]
    next: str | None = None


class Frames(msgspec.Struct):
    """The last frames of a link, oldest first."""

    items: list[TraceFrame]
    next: str | None = None


_ORDER = (LinkPhase.CONNECTING, LinkPhase.SIGNING_IN, LinkPhase.SYNCHRONISING)
_REACHED_BY_CODE = {
    **dict.fromkeys(("link-refused", "link-timeout", "link-failed", "link-name", "link-tls", "link-certificate"), 0),
    **dict.fromkeys(("link-permission", "link-slow"), 2),
}


def steps(state: LinkState) -> list[TestStep]:
    """The three steps of a connection as far as the final state tells."""
    up = state.phase is LinkPhase.UP
    failed = 3 if up else _REACHED_BY_CODE.get(state.code, 1)
    found = []
    for position, phase in enumerate(_ORDER):
        ok = True if position < failed else None if position > failed else False
        said = (state.code, state.message, state.remedy) if ok is False else ("", "", "")
        found.append(TestStep(phase.value, ok, *said))
    return found


class ConnectorController(Controller):
    """PBX connections: list, save, test, trace."""

    path = "/admin/connectors"
    tags = ("administration",)

    @get(operation_id="listConnectors")
    async def list_connectors(self, viewer: Viewer, guard: Guard, connectors: Connectors) -> Items:
        """Every configured PBX connection."""
        guard.admin(viewer)
        await latest(connectors.shared)
        return Items([_shown(connectors, instance) for instance in connectors.instances()])

    @get("/kinds", operation_id="listConnectorKinds")
    async def kinds(self, viewer: Viewer, guard: Guard, connectors: Connectors) -> Kinds:
        """The kinds that can be configured, with their settings, in the viewer's language."""
        guard.admin(viewer)
        return Kinds(
            [
                ConnectorKind(
                    kind.key,
                    kind.name,
                    kind.description(viewer.locale),
                    list(kind.versions),
                    sorted(kind.capabilities),
                    kind.schema(viewer.locale),
                )
                for kind in connectors.kinds.values()
            ]
        )

    @post(operation_id="createConnector")
    async def create(
        self, data: ConnectorInput, viewer: Viewer, guard: Guard, connectors: Connectors
    ) -> AdminConnector:
        """Configure a new connection; it starts at once if enabled."""
        guard.admin(viewer)
        return _shown(connectors, await connectors.save(_instance("", data)))

    @put("/{id:str}", operation_id="updateConnector")
    async def update(
        self, id: str, data: ConnectorInput, viewer: Viewer, guard: Guard, connectors: Connectors, expected: Expected
    ) -> AdminConnector:
        """Change a connection; it is restarted."""
        guard.admin(viewer)
        return _shown(connectors, await connectors.save(_instance(id, data), expected))

    @delete("/{id:str}", operation_id="deleteConnector")
    async def remove(
        self, id: str, viewer: Viewer, guard: Guard, connectors: Connectors, calls: CallService, expected: Expected
    ) -> None:
        """Stop and forget a connection."""
        guard.admin(viewer)
        await connectors.remove(id, expected)
        await calls.anomalies.clear(id)

    @post("/{id:str}/retry", operation_id="retryConnector", status_code=202)
    async def retry(self, id: str, viewer: Viewer, guard: Guard, connectors: Connectors, calls: CallService) -> None:
        """Try a connection that is down now instead of at its next time; one that is up, or being tried, stays as it is."""
        guard.admin(viewer)
        connectors.instance(id)
        if calls.link_state(id).phase in (LinkPhase.WAITING, LinkPhase.REFUSED):
            await connectors.retry(id)

    @post("/test", operation_id="testConnector", status_code=200)
    async def test(self, data: TestInput, viewer: Viewer, guard: Guard, connectors: Connectors) -> ConnectorTest:
        """Try settings without saving them."""
        guard.admin(viewer)
        state = await connectors.test(data.kind, data.settings, data.id)
        return ConnectorTest(state.phase is LinkPhase.UP, state.peer, state.version, state.lines, steps(state))

    @get("/{id:str}/trace", operation_id="traceConnector")
    async def trace(self, id: str, viewer: Viewer, guard: Guard, connectors: Connectors) -> Frames:
        """The last frames of a connection, secrets masked."""
        guard.admin(viewer)
        return Frames(
            [
                TraceFrame(record.at.isoformat(), record.sent, record.data.decode("utf-8", "replace"), record.note)
                for record in connectors.trace(id)
            ]
        )

    @get("/{id:str}/anomalies", operation_id="listAnomalies")
    async def anomalies(
        self, id: str, viewer: Viewer, guard: Guard, connectors: Connectors, calls: CallService
    ) -> Anomalies:
        """Events of this connection that could not be."""
        guard.admin(viewer)
        return Anomalies([_anomaly(each) for each in calls.anomalies.of(connectors.instance(id).id)])

    @delete("/{id:str}/anomalies", operation_id="clearAnomalies")
    async def clear_anomalies(
        self, id: str, viewer: Viewer, guard: Guard, connectors: Connectors, calls: CallService
    ) -> None:
        """Forget the events of this connection that could not be."""
        guard.admin(viewer)
        await calls.anomalies.clear(connectors.instance(id).id)

    @get("/{id:str}/recording", operation_id="recordAnomalies", media_type="application/zip")
    async def recording(
        self, id: str, viewer: Viewer, guard: Guard, connectors: Connectors, calls: CallService
    ) -> Response[bytes]:
        """The events of this connection that could not be, as a recording, with the last frames of the link."""
        guard.admin(viewer)
        instance = connectors.instance(id)
        kind = connectors.kinds.get(instance.kind)
        name = kind.recording if kind else "frames"
        archive = await asyncio.to_thread(recording, name, calls.anomalies.of(id), connectors.trace(id))
        headers = {"Content-Disposition": f'attachment; filename="{name}-recording.zip"'}
        return Response(archive, media_type="application/zip", headers=headers)


def _anomaly(anomaly: Anomaly) -> AnomalyKind:
    examples = [
        AnomalyExample(example.at, example.found.particulars(), example.raw, example.size)
        for example in reversed(anomaly.examples)
    ]
    return AnomalyKind(anomaly.why, anomaly.event, anomaly.count, anomaly.first, anomaly.last, examples)


def _instance(id: str, data: ConnectorInput) -> Instance:
    return Instance(id, data.name, data.kind, data.enabled, data.location_id, data.settings)


def _shown(connectors: Connectors, instance: Instance) -> AdminConnector:
    shown = connectors.shown(instance)
    return AdminConnector(
        shown.id, shown.name, shown.kind, shown.enabled, shown.location_id, shown.settings, etag=tag(shown)
    )
