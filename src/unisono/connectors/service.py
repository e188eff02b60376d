"""Runs the configured PBX links side by side, each under supervision, and tells each which devices to watch."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from unisono.calls.model import Service
from unisono.calls.pbx_events import PbxEvent
from unisono.calls.port import ELSEWHERE, Connector, DiscoveredLine, LinkPhase, LinkState, Listener
from unisono.connectors import store
from unisono.connectors.manifest import Manifest, installed
from unisono.connectors.remedies import LINK
from unisono.connectors.store import ConnectorStore, Instance
from unisono.connectors.trace import TraceRecord
from unisono.kernel import text
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Invalid, NotFound
from unisono.kernel.expected import ANYTHING, Expected
from unisono.kernel.ids import new_id
from unisono.kernel.tasks import forever
from unisono.storage import Database, Shared

MOST_NAME = 120

TEST_SECONDS = 15.0
_PEER = ("host", "port", "tls", "ca_file")
"""The settings of a link that say who gets its secrets."""


@dataclass(slots=True)
class _Running:
    instance: Instance
    connector: Connector
    task: asyncio.Task[None]


class Connectors:
    """The configured links: what is configured, what runs, how a configuration would fare.

    `devices_of` gives the devices of our lines on a connector; call `rewatch` when they changed. What another server of the
    database saves or removes is heard of as `shared` is refreshed, and runs or stops here.
    """

    def __init__(
        self,
        database: Database,
        listener: Listener,
        clock: Clock,
        devices_of: Callable[[str], frozenset[str]],
        kinds: Mapping[str, Manifest] | None = None,
    ) -> None:
        self.kinds = installed() if kinds is None else kinds
        self._store = ConnectorStore(database)
        self.shared = Shared(database, "connectors", self._take)
        self._listener = listener
        self._clock = clock
        self._devices_of = devices_of
        self._instances: dict[str, Instance] = {}
        self._running: dict[str, _Running] = {}
        self._tasks: asyncio.TaskGroup | None = None
        self._elsewhere = False
        self._changing = asyncio.Lock()

    async def load(self) -> None:
        """Read the configuration."""
        await self.shared.load()

    async def _take(self, _: Collection[str] | None) -> None:
        self._instances = {instance.id: instance for instance in await self._store.all()}
        if self._elsewhere:
            self.leave_to_another()
        if self._tasks is not None:
            self._tasks.create_task(self._settle())  # whoever asks what is configured does not wait until a link is down

    async def _settle(self) -> None:
        """Run what is configured, as it is configured, and nothing else."""
        async with self._changing:
            for id, running in list(self._running.items()):
                if self._instances.get(id) != running.instance:
                    await self._halt(id)
            for id in self._instances.keys() - self._running.keys():
                self._try(id)

    def start(self, tasks: asyncio.TaskGroup) -> None:
        """Start every enabled link in this group; one that cannot be made says why and keeps no other from starting."""
        self._tasks = tasks
        for id in self._instances:
            self._try(id)

    def leave_to_another(self) -> None:
        """Start none: another server of the database links to telephone systems, and two would report each call twice."""
        self._elsewhere = True
        message = "This server links to no telephone system: another one of the same database does."
        for instance in self._instances.values():
            self._listener.link(instance.id, LinkState(LinkPhase.STOPPED, ELSEWHERE, message, LINK[ELSEWHERE]))

    async def stop(self) -> None:
        """Cut every link."""
        async with self._changing:
            self._tasks = None
            for id in list(self._running):
                await self._halt(id)

    def instances(self) -> list[Instance]:
        """What is configured, by name."""
        return sorted(self._instances.values(), key=lambda instance: instance.name.casefold())

    def instance(self, id: str) -> Instance:
        """One configured link; raises `NotFound`."""
        if id not in self._instances:
            raise _unknown(id)
        return self._instances[id]

    def connector(self, id: str) -> Connector | None:
        """The running link, if it runs (for commands)."""
        running = self._running.get(id)
        return running.connector if running else None

    def manifest(self, kind: str) -> Manifest:
        """One kind; raises `Invalid` for one that is not installed."""
        if kind not in self.kinds:
            raise Invalid(
                "unknown-connector-kind",
                f"No connector of kind {kind!r} is installed; there are: {', '.join(sorted(self.kinds))}.",
                data={"field": "kind"},
            )
        return self.kinds[kind]

    def shown(self, instance: Instance) -> Instance:
        """The same with empty secrets; all are empty of a kind that is not installed, for nobody knows which are secret."""
        kind = self.kinds.get(instance.kind)
        hidden = kind.secrets() if kind else instance.settings.keys()
        return replace(instance, settings={name: "" if name in hidden else value for name, value in instance.settings.items()})

    def with_kept_secrets(self, kind: str, settings: dict[str, object], known: Instance | None) -> dict[str, object]:
        """`settings` where an empty secret means that of the link that is stored.

        A stored secret goes to the peer it was entered for and to no other: raises `Invalid` where that has changed.
        """
        manifest = self.manifest(kind)
        if known is None:
            return settings
        kept = {n: old for n in manifest.secrets() if not settings.get(n) and (old := known.settings.get(n))}
        if kept and (kind != known.kind or _peer(manifest, {**settings, **kept}) != _peer(manifest, known.settings)):
            raise Invalid(
                "secret-again",
                "The address has changed: enter the password again, so that it goes to nobody it is not meant for.",
                data={"field": min(kept)},
            )
        return {**settings, **kept}

    async def save(self, instance: Instance, expected: Expected = ANYTHING) -> Instance:
        """Check, store and (re)start a link; an empty id makes a new one. Raises `Invalid`, `NotFound`, `Outdated`."""
        name = text.name(instance.name, MOST_NAME)
        if not name:
            code = "text-invalid" if instance.name.strip() else "name-missing"
            raise Invalid(code, f"Give the connection a name of at most {MOST_NAME} characters.", data={"field": "name"})

        async with self.shared.changing() as change:
            before = self._instances.get(instance.id)
            if before is None and expected.there is not None:
                raise _unknown(instance.id)  # nobody chooses an id
            expected.check(before and self.shown(before))
            settings = self.with_kept_secrets(instance.kind, instance.settings, before)
            self.manifest(instance.kind).parse(settings)
            saved = replace(instance, id=instance.id or new_id(), name=name, settings=settings)
            await store.put(change.connection, saved)
        # One at a time: two links of one configuration would both report the same calls.
        async with self._changing:
            await self._halt(saved.id)
            self._try(saved.id)
        return saved

    async def retry(self, id: str) -> None:
        """Begin a link anew, without waiting for its next try. Raises `Invalid` where its settings are not possible."""
        async with self._changing:
            instance = self.instance(id)
            await self._halt(id)
            self._launch(instance)

    async def remove(self, id: str, expected: Expected = ANYTHING) -> None:
        """Forget and stop a link. Raises `NotFound`, `Outdated`."""

        try:
            async with self.shared.changing() as change:
                if id not in self._instances:
                    raise _unknown(id)
                expected.check(self.shown(self._instances[id]))
                await store.remove(change.connection, id)
        finally:
            await self._settle()  # it runs no more here either if another server has removed it

    def rewatch(self) -> None:
        """Our lines changed: tell every running link its devices."""
        for id, running in self._running.items():
            running.connector.watch(self._devices_of(id))

    def trace(self, id: str) -> list[TraceRecord]:
        """The last frames of a running link, secrets masked."""
        self.instance(id)
        records = getattr(self.connector(id), "trace", None)
        return list(records()) if callable(records) else []

    async def test(self, kind: str, settings: dict[str, object], id: str = "") -> LinkState:
        """Connect with these settings, watch nothing, and say how far it got; ends within 15 seconds."""
        manifest = self.manifest(kind)
        parsed = manifest.parse(self.with_kept_secrets(kind, settings, self._instances.get(id)))
        probe = Probe()
        connector = manifest.create(f"test-{new_id()}", parsed, probe, self._clock)
        connector.watch(frozenset())
        try:
            async with asyncio.timeout(TEST_SECONDS), asyncio.TaskGroup() as tasks:
                run = tasks.create_task(connector.run())
                await probe.settled.wait()
                run.cancel()
        except TimeoutError:
            phase = probe.state.phase
            code = "link-timeout" if phase is LinkPhase.CONNECTING else "link-slow"
            message = f"It came as far as {phase.value}, and no further within {TEST_SECONDS:.0f} s."
            return replace(probe.state, phase=LinkPhase.WAITING, code=code, message=message, remedy=LINK[code])
        return probe.state

    def _try(self, id: str) -> None:
        """Start a link, if it is configured; where it cannot be made, it says why."""
        if id not in self._instances:
            return
        try:
            self._launch(self._instances[id])
        except Invalid as fault:
            # Its kind was taken away, or has other settings now: an admin can only mend that on a running server.
            remedy = "Change or delete it under Administration, Connections."
            self._listener.link(id, LinkState(LinkPhase.REFUSED, fault.code, fault.message, remedy))

    def _launch(self, instance: Instance) -> None:
        if self._tasks is None or not instance.enabled:
            return
        manifest = self.manifest(instance.kind)
        connector = manifest.create(instance.id, manifest.parse(instance.settings), self._listener, self._clock)
        connector.watch(self._devices_of(instance.id))
        task = self._tasks.create_task(forever(f"connector:{instance.name}", connector.run, self._clock))
        self._running[instance.id] = _Running(instance, connector, task)

    async def _halt(self, id: str) -> None:
        running = self._running.pop(id, None)
        if running is None:
            return
        running.task.cancel()
        await asyncio.wait({running.task})
        self._listener.link(id, LinkState(LinkPhase.STOPPED))


def _unknown(id: str) -> NotFound:
    return NotFound("unknown-connector", f"There is no PBX connection {id!r}.")


def _peer(manifest: Manifest, settings: dict[str, object]) -> list[object]:
    parsed = manifest.parse(settings)
    return [getattr(parsed, name, None) for name in _PEER]


class Probe:
    """Listens to a connection test."""

    def __init__(self) -> None:
        self.state = LinkState(LinkPhase.CONNECTING)
        self.settled = asyncio.Event()

    def report(self, event: PbxEvent) -> None:
        pass

    def link(self, connector: str, state: LinkState) -> None:
        self.state = state if state.phase is not LinkPhase.STOPPED else self.state
        if state.phase in (LinkPhase.UP, LinkPhase.WAITING, LinkPhase.REFUSED):
            self.settled.set()

    def lines(self, connector: str, lines: tuple[DiscoveredLine, ...]) -> None:
        self.state = replace(self.state, lines=len(lines))

    def capabilities(self, connector: str, device: str, services: frozenset[Service]) -> None:
        pass
