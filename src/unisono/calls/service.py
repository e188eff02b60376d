"""Hop 2: takes what connectors report, keeps the running picture, tells what changed; asks PBXs what people want."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from unisono.calls.anomalies import Anomalies
from unisono.calls.ask import Asking
from unisono.calls.capabilities import line_services_now, services_for
from unisono.calls.devices import Devices
from unisono.calls.enrich import Enricher
from unisono.calls.events import (
    CallChanged,
    CapabilitiesChanged,
    DeviceChanged,
    LinesDiscovered,
    LinkChanged,
)
from unisono.calls.impossible import Impossible, Why
from unisono.calls.model import Call, DeviceStatus, Service
from unisono.calls.pbx_events import (
    CallEvent,
    DeviceDoNotDisturb,
    DeviceForwarding,
    DeviceInService,
    DeviceMessageWaiting,
    Head,
    PbxEvent,
    SnapshotComplete,
)
from unisono.calls.picture import Picture, Step
from unisono.calls.port import Connector, DiscoveredLine, Identifier, LinkPhase, LinkState, Normaliser
from unisono.calls.shared_data import SUBJECT, merged
from unisono.calls.step import step
from unisono.calls.store import KEPT_ENDED, CallStore
from unisono.calls.unwatched import sweep
from unisono.kernel.bus import Bus
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Fault, NotFound
from unisono.kernel.ids import new_id
from unisono.kernel.log import Log
from unisono.kernel.tasks import Works

log = Log("calls")

REMEMBERED = timedelta(minutes=10)
"""How long an ended call can still be asked for."""
_TIDY_SECONDS = 1.0
_PRUNE_SECONDS = 60.0
_STOPPED_FOR = timedelta(seconds=60)
"""A link that an admin stopped loses its calls after this time; a changed one is back by then."""
_AT_ONCE = 50
"""Calls identified anew before others may run."""


@dataclass(frozen=True, slots=True)
class LinkSince:
    """The state of a link and since when its phase is this one."""

    state: LinkState
    since: datetime


class CallService:
    """The running picture of calls; a `port.Listener` for connectors.

    Call `load` once the subscribers of `CallChanged` are there, keep `run` running, and only then start connectors.
    Reports are taken at once, in the order in which they come; nothing here waits but writing and asking.
    """

    def __init__(
        self,
        bus: Bus,
        clock: Clock,
        normaliser: Normaliser,
        identifier: Identifier,
        store: CallStore,
        connector: Callable[[str], Connector | None] = lambda id: None,
        ids: Callable[[], str] = new_id,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._enricher = Enricher(normaliser, identifier)
        self._store = store
        self._new_id = ids
        self._picture = Picture()
        self._devices = Devices()
        self._links: dict[str, LinkSince] = {}
        self._lines: dict[str, tuple[DiscoveredLine, ...]] = {}
        self.works = Works(clock)
        self.anomalies = Anomalies(bus, clock, store.anomalies)
        """The events that could not be."""
        self.events = 0
        """How many call events were taken."""
        self.ask = Asking(self, normaliser, clock, connector)
        """The way to ask PBXs for something."""

    def attach(self, connector: Callable[[str], Connector | None]) -> None:
        """Say where running connectors are found; they need this service before they can be made."""
        self.ask.connector = connector

    async def load(self) -> None:
        """Put calls that were up when the server stopped back into the picture, and tell those that ended lately again."""
        await self.anomalies.load()
        for call in await self._store.load():
            self._picture.put(call)
            self._bus.publish(CallChanged(call, None))

    async def run(self) -> None:
        """Write what changes, and tidy up; ends only by cancellation, with everything written that can be."""
        try:
            await self.works.run(
                {
                    "calls: writing": self._store.run,
                    "calls: tidying": self._tidy,
                    "calls: forgetting": self._prune,
                    "calls: anomalies": self.anomalies.run,
                }
            )
        finally:
            await self.flush()

    async def flush(self) -> None:
        """Write now what can be written."""
        try:
            await self._store.flush()
        except Fault as fault:
            log.error("calls not written", code=fault.code, waiting=self._store.waiting)
        await self.anomalies.flush()

    # What connectors tell.

    def report(self, event: PbxEvent) -> None:
        """Take one event of a PBX."""
        if isinstance(event, DeviceDoNotDisturb | DeviceForwarding | DeviceMessageWaiting | DeviceInService):
            status = self._devices.event(event)
            if status is not None:
                self._bus.publish(DeviceChanged(event.head.connector, event.device, status))
            return
        self.events += 1
        try:
            self._step(event)
        except Exception:
            log.exception("event failed", kind=type(event).__name__, connector=event.head.connector)
            self.anomalies.note(event, Impossible(Why.INTERNAL))

    def _step(self, event: CallEvent) -> None:
        found = step(self._picture, event, self._new_id)
        self._take(found)
        for impossible in found.anomalies:
            self.anomalies.note(event, impossible)

    def _take(self, found: Step) -> None:
        if found.changed:
            enriched = tuple(self._enricher.enriched(call, self._picture.get(call.id)) for call in found.changed)
            found = replace(found, changed=enriched)
        told = [(call, self._picture.get(call.id)) for call in found.changed]
        self._picture.apply(found)
        for call, before in told:
            if call != before:
                self._changed(call, before)
            subject = self.ask.subject_of(call.connector, call.native) if before is None else ""
            if subject:
                self.set_call_data(call.id, {SUBJECT: subject})

    def _changed(self, call: Call, before: Call | None) -> None:
        self._store.save(call)
        self._bus.publish(CallChanged(call, before))

    def link(self, connector: str, state: LinkState) -> None:
        """The link to a PBX changed."""
        old = self._links.get(connector)
        if old is not None and old.state == state:
            return
        since = old.since if old is not None and old.state.phase is state.phase else self._clock.now()
        self._links[connector] = LinkSince(state, since)
        if state.phase is LinkPhase.UP and old is not None and old.state.phase is not LinkPhase.UP:
            for device in self._devices.try_again(connector):
                self._bus.publish(CapabilitiesChanged(connector, device))
        self._bus.publish(LinkChanged(connector, state))

    def lines(self, connector: str, lines: tuple[DiscoveredLine, ...]) -> None:
        """The PBX said which devices it has."""
        changed = self._lines.get(connector) != lines
        self._lines[connector] = lines
        for line in lines:
            if line.services is not None:
                self.capabilities(connector, line.device, line.services)
        if changed:
            self._bus.publish(LinesDiscovered(connector))

    def capabilities(self, connector: str, device: str, services: frozenset[Service]) -> None:
        """What a line can do has become known or has changed."""
        if self._devices.learn((connector, device), services):
            self._bus.publish(CapabilitiesChanged(connector, device))

    def unsupported(self, connector: str, device: str, service: Service) -> None:
        """A PBX refused something as not supported: it is not offered again before the link was renewed."""
        if self._devices.refused((connector, device), service):
            self._bus.publish(CapabilitiesChanged(connector, device))

    # What others ask.

    def live(self) -> Iterator[Call]:
        """The calls that are up."""
        return self._picture.live()

    def get(self, call_id: str) -> Call | None:
        """A call that is up, or ended within the last ten minutes."""
        return self._picture.get(call_id)

    def need(self, call_id: str) -> Call:
        """The same; raises `NotFound`."""
        call = self._picture.get(call_id)
        if call is None:
            raise NotFound("unknown-call", "There is no such call any more. Calls that ended are in the journal.")
        return call

    def by_native(self, connector: str, native: str) -> Call | None:
        """A call by the PBX's identifier, also by a former one."""
        return self._picture.by_native(connector, native)

    def of_device(self, connector: str, device: str) -> tuple[Call, ...]:
        """The calls in which this device is now, oldest first."""
        return self._picture.of_device(connector, device)

    def recently_ended(self) -> Iterator[Call]:
        """The calls that ended within the last ten minutes, oldest first."""
        return self._picture.ended()

    def device_status(self, connector: str, device: str) -> DeviceStatus:
        """What a device is set to, as far as known."""
        return self._devices.status((connector, device))

    def links(self) -> Mapping[str, LinkSince]:
        """Every link that was ever heard of, by connector."""
        return dict(self._links)

    def link_state(self, connector: str) -> LinkState:
        """The state of one link."""
        found = self._links.get(connector)
        return LinkState(LinkPhase.STOPPED) if found is None else found.state

    def discovered(self, connector: str) -> tuple[DiscoveredLine, ...]:
        """The devices that the PBX said it has."""
        return self._lines.get(connector, ())

    def services(self, call: Call, device: str) -> frozenset[Service]:
        """What this device may ask about this call now."""
        others = (other for other in self.of_device(call.connector, device) if other.id != call.id)
        return services_for(call, device, others, *self._layers(call.connector, device))

    def line_services(self, connector: str, device: str) -> frozenset[Service]:
        """What this device may ask now without a call."""
        in_service = self.device_status(connector, device).in_service
        return line_services_now(*self._layers(connector, device), in_service=in_service)

    def can(self, connector: str, device: str) -> frozenset[Service]:
        """What this device may ask in some state of a call."""
        by_connector, by_line = self._layers(connector, device)
        return by_connector & by_line

    def _layers(self, connector: str, device: str) -> tuple[frozenset[Service], frozenset[Service]]:
        running = self.ask.connector(connector)
        by_connector = frozenset[Service]() if running is None else running.services(device)
        return by_connector, self._devices.services((connector, device))

    def set_call_data(self, call_id: str, values: Mapping[str, str]) -> Call:
        """Share data with all clients on the call; an empty value removes the key. Raises `NotFound`, `Invalid`."""
        call = self.need(call_id)
        data = merged(call.data, values)
        if data == call.data:
            return call
        after = replace(call, data=data)
        self._picture.put(after)
        self._changed(after, call)
        return after

    async def identify_again(self) -> None:
        """Read and name the parties of all calls that are up anew: contacts, people or their numbers have changed.

        Also the way in which a source that answers slowly enriches a call later, as a second fact.
        """
        for count, call in enumerate(list(self._picture.live()), 1):
            now = self._picture.get(call.id)
            if now is not None and now.live:
                after = self._enricher.enriched(now, None)
                if after != now:
                    self._picture.put(after)
                    self._changed(after, now)
            if count % _AT_ONCE == 0:
                await asyncio.sleep(0)

    # Keeping house.

    async def _tidy(self) -> None:
        while True:
            await self._clock.sleep(_TIDY_SECONDS)
            now = self._clock.now()
            self._picture.forget(now - REMEMBERED)
            self._lose(self._stopped(now), now)
            for found in sweep(self._picture, now):
                self._take(found)

    async def _prune(self) -> None:
        while True:
            await self._clock.sleep(_PRUNE_SECONDS)
            try:
                await self._store.prune(self._clock.now() - KEPT_ENDED)
            except Fault as fault:
                log.warning("old calls not removed", code=fault.code)

    def _stopped(self, now: datetime) -> Iterable[str]:
        return [
            connector
            for connector, link in self._links.items()
            if link.state.phase is LinkPhase.STOPPED and now - link.since >= _STOPPED_FOR
        ]

    def _lose(self, connectors: Iterable[str], now: datetime) -> None:
        for connector in connectors:
            if next(self._picture.live(connector), None) is not None:
                self.report(SnapshotComplete(Head(connector, now), frozenset()))
