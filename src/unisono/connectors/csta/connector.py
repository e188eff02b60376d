"""A PBX that speaks CSTA III XML, as the calls room sees it: connects, signs in, monitors, reports, obeys, reconnects."""

import asyncio
from collections import OrderedDict
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from unisono.calls.model import PartyKind, Service
from unisono.calls.pbx_events import PbxEvent, Unreadable
from unisono.calls.port import (
    Accepted,
    Command,
    CommandProblem,
    CommandRefused,
    LinkPhase,
    LinkState,
    Listener,
)
from unisono.connectors.csta import commands, faults, incoming
from unisono.connectors.csta.discovery import Site, discover
from unisono.connectors.csta.identities import Identities
from unisono.connectors.csta.link import Link, RequestFailed
from unisono.connectors.csta.monitors import Monitors
from unisono.connectors.csta.parked import Parked
from unisono.connectors.csta.parties import Scene, head
from unisono.connectors.csta.segments import Segments
from unisono.connectors.csta.session import Session, close_session, open_session, renew
from unisono.connectors.csta.settings import CstaSettings, Dialect
from unisono.connectors.csta.translate import translate
from unisono.connectors.relink import Relink
from unisono.connectors.trace import Trace, TraceRecord
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Fault
from unisono.kernel.log import Log
from unisono.kernel.tasks import together
from unisono.net import connect
from unisono.wire.csta import EVENT, Envelope, Event, Response
from unisono.wire.csta.capabilities import SwitchingFunctionDevices
from unisono.wire.csta.monitoring import (
    MonitorStop,
    RequestSystemStatus,
    SnapshotDeviceData,
    SwFunctionCapsChanged,
    SwFunctionDevicesChanged,
    SystemRegister,
    SystemRegisterResponse,
    SystemStatus,
)
from unisono.wire.csta.parts import DeviceListDevice, RequestTypes
from unisono.wire.csta.sessions import ApplicationSessionTerminated

RETRY_SECONDS = 60.0
"""How long until refused monitors are tried again."""
MOST_OWN_CALLS = 5_000
NAMED_LINES = 5
MOST_PARKS = 500
"""Park devices that are looked at when a link comes up."""

log = Log("csta")


class CstaConnector:
    """One link to one PBX; several run side by side. Implements `calls.port.Connector`."""

    def __init__(self, id: str, settings: CstaSettings, listener: Listener, clock: Clock) -> None:
        self.id = id
        self._settings = settings
        self._listener = listener
        self._clock = clock
        self._trace = Trace()
        self._identities = Identities()
        self._own_calls: OrderedDict[str, None] = OrderedDict()
        self._wanted: frozenset[str] = frozenset()
        self._capable: dict[str, frozenset[Service]] = {}
        self._site = Site()
        self._state = LinkState(LinkPhase.STOPPED)
        self._link: Link | None = None
        self._session: Session | None = None
        self._monitors: Monitors | None = None
        self._parked = Parked(clock, self._identities, self._report)
        self._device_lists: Segments[DeviceListDevice] | None = None
        self._work = asyncio.Event()
        self._reread = False
        self._rediscover = False
        self._stopped = False
        """Whether the switch has said that it stops serving."""
        self._relink = Relink(clock)

    def trace(self) -> list[TraceRecord]:
        """The last frames, oldest first, without passwords."""
        return self._trace.records()

    def watch(self, devices: frozenset[str]) -> None:
        """Monitor exactly these devices from now on."""
        self._wanted = devices
        self._work.set()

    def services(self, device: str) -> frozenset[Service]:
        """What this line can do, as far as the PBX has said; what it refused, the calls room remembers."""
        return self._capable.get(device, self._site.services)

    async def do(self, command: Command) -> Accepted:
        """Ask the PBX; raises `CommandRefused`."""
        link = self._link
        if link is None or self._state.phase not in (LinkPhase.UP, LinkPhase.SYNCHRONISING):
            raise CommandRefused(CommandProblem.LINK_DOWN, "There is no connection to the PBX now.")
        request = commands.request(command, self._identities.connection, self._identities.device)
        try:
            answer = await link.request(request, Response, heard=self._own)
        except RequestFailed as failed:
            raise _refused(failed) from failed
        except Fault as fault:
            raise CommandRefused(CommandProblem.LINK_DOWN, "The connection to the PBX broke.") from fault
        return Accepted(commands.new_call(answer))

    def _own(self, answer: Response) -> None:
        call = commands.new_call(answer)
        if call:
            self._own_calls[call] = None
            if len(self._own_calls) > MOST_OWN_CALLS:
                self._own_calls.popitem(last=False)

    async def run(self) -> None:
        """Connect, monitor, report, reconnect with back-off; ends only by cancellation."""
        try:
            await self._relink.keep(self._connected, self._lost)
        finally:
            self._tell(LinkState(LinkPhase.STOPPED, peer=str(self._settings.endpoint)))

    def _lost(self, fault: Fault, pause: float) -> None:
        next_try = self._clock.now() + timedelta(seconds=pause)
        self._tell(replace(faults.state_of(fault, str(self._settings.endpoint)), next_try=next_try))

    async def _connected(self) -> None:
        """One connection, from the first packet to the fault that ends it."""
        settings = self._settings
        self._phase(LinkPhase.CONNECTING)
        self._stopped = False
        stream = await connect(settings.endpoint, timeout=settings.answer_seconds)
        link = Link(
            stream, self._clock, self._trace, self, answer=settings.answer_seconds, silence=settings.silence_seconds
        )
        self._link = link
        try:
            await together(link.run(lambda: link.ask(RequestSystemStatus())), self._work_on(link))
        except asyncio.CancelledError:
            if self._session is not None:
                with suppress(Fault):
                    await close_session(link, self._session)
            raise
        finally:
            self._link = self._monitors = self._device_lists = self._session = None
            link.fail(faults.closed(link.peer))
            await stream.close()

    async def _work_on(self, link: Link) -> None:
        self._phase(LinkPhase.SIGNING_IN)
        self._session = session = await open_session(link, self._settings)
        self._phase(LinkPhase.SYNCHRONISING, session)
        self._device_lists = Segments(link, "devices")
        self._monitors = Monitors(
            link,
            self._identities,
            self._report,
            self._scene,
            self._device_capable,
            at_once=self._settings.requests_at_once,
            switch_name=self._settings.switch_name if self._settings.dialect is Dialect.AVAYA else "",
        )
        await together(
            self._parked.run(link, self._scene),
            renew(link, session, self._settings, self._clock),
            self._follow(link, session, self._monitors, self._device_lists),
            self._retry(self._monitors),
        )

    async def _follow(
        self, link: Link, session: Session, monitors: Monitors, lists: Segments[DeviceListDevice]
    ) -> None:
        """Read everything once, then whatever changes."""
        with suppress(RequestFailed):
            types = RequestTypes(
                system_status=True, switching_function_caps_changed=True, switching_function_devices_changed=True
            )
            await link.request(SystemRegister(types), SystemRegisterResponse)
        self._reread = self._rediscover = True
        while True:
            self._work.clear()
            whole, self._reread = self._reread, False
            if self._rediscover:
                self._rediscover = False
                await self._discover(link, lists)
            parks = sorted(device for device, kind in self._site.kinds.items() if kind is PartyKind.PARK)[:MOST_PARKS]
            await monitors.follow(self._wanted, whole=whole, parks=parks, parked=self._parked.waiting)
            self._phase(LinkPhase.UP, session)
            await self._work.wait()

    async def _discover(self, link: Link, lists: Segments[DeviceListDevice]) -> None:
        before, self._site = self._site, await discover(link, lists)
        if before.services != self._site.services:
            for device in self._wanted:
                self._listener.capabilities(self.id, device, self.services(device))
        for name, native in self._site.native.items():
            self._identities.know_device(name, native)
        if self._site.lines:
            self._listener.lines(self.id, self._site.lines)

    async def _retry(self, monitors: Monitors) -> None:
        while True:
            await self._clock.sleep(RETRY_SECONDS)
            if monitors.refused:
                self._work.set()

    def _device_capable(self, device: str, services: frozenset[Service]) -> None:
        self._capable[device] = services
        self._listener.capabilities(self.id, device, self.services(device))

    def heard(self, envelope: Envelope, invoke_id: str, raw: bytes) -> None:
        """A request or an event of the PBX (called by the link, in order)."""
        message = envelope.message
        monitors, lists, link = self._monitors, self._device_lists, self._link
        match message:
            case ApplicationSessionTerminated():
                reason = message.session_term_reason
                words = (reason.defined_end_reason or reason.appl_end_reason) if reason is not None else ""
                raise faults.session_ended(str(self._settings.endpoint), words)
            case Event():
                self._event(message, raw)
            case SwitchingFunctionDevices() if lists is not None:
                lists.add(message.service_cross_ref_id, message.device_list, last=message.last_segment)
            case SnapshotDeviceData() if monitors is not None:
                monitors.segments.add(message.service_cross_ref_id, message.snapshot_data, last=message.last_segment)
            case MonitorStop() if monitors is not None:
                monitors.ended(message.monitor_cross_ref_id)
                self._work.set()
            case SystemStatus() if incoming.stopped(message):
                self._stopped = True
            case SystemStatus() if self._stopped and incoming.is_there(message):
                raise faults.session_ended(str(self._settings.endpoint), "the telephone system has started anew")
            case SystemStatus() if incoming.lost_something(message):
                self._reread = True
                self._work.set()
            case SwFunctionDevicesChanged() | SwFunctionCapsChanged():
                self._rediscover = True
                self._work.set()
            case _:
                pass
        if invoke_id != EVENT and link is not None and not isinstance(message, Event):
            link.send(incoming.answer(message), invoke_id)

    def unreadable(self, why: str, raw: bytes) -> None:
        """Something arrived that is no message (called by the link)."""
        self._report(Unreadable(replace(head(self._scene(""), None), raw=raw), why))

    def _event(self, event: Event, raw: bytes) -> None:
        cross_ref = getattr(event, "monitor_cross_ref_id", "")
        device = self._monitors.device(cross_ref) if self._monitors is not None else ""
        self._identities.learn(event)
        for told in translate(event, replace(self._scene(device), raw=raw)):
            self._report(told)

    def _report(self, event: PbxEvent) -> None:
        if self._monitors is not None:
            self._monitors.told(event)
        self._parked.told(event)
        try:
            self._listener.report(event)
        except Exception:
            log.exception("event not taken", connector=self.id, kind=type(event).__name__)

    def _scene(self, device: str) -> Scene:
        return Scene(self.id, self._clock.now(), device, self._site.kinds, self._own_calls)

    def _phase(self, phase: LinkPhase, session: Session | None = None) -> None:
        peer = str(self._settings.endpoint)
        if session is None:
            self._tell(LinkState(phase, peer=peer))
            return
        edition = f"CSTA III {session.edition.name.lower()}"
        version = f"{self._site.manufacturer}, {edition}" if self._site.manufacturer else edition
        lines = len(self._site.lines) or len(self._monitors.devices if self._monitors is not None else ())
        refused = self._monitors.refused if self._monitors is not None and phase is LinkPhase.UP else {}
        state = LinkState(phase, peer=peer, version=version, lines=lines)
        self._tell(_with_refused(state, refused, len(self._wanted)))

    def _tell(self, state: LinkState) -> None:
        if state != self._state:
            if state.phase is LinkPhase.UP:
                self._relink.up()
            self._state = state
            self._listener.link(self.id, state)


def _refused(failed: RequestFailed) -> CommandRefused:
    if failed.error is None:
        problem = CommandProblem.TIMEOUT if failed.late else CommandProblem.OTHER
        return CommandRefused(problem, failed.why, native=failed.why)
    return commands.refusal(failed.error)


def _with_refused(state: LinkState, refused: dict[str, str], of: int) -> LinkState:
    """The state with a word on lines that cannot be monitored."""
    if not refused:
        return state
    named = ", ".join(f"{device} ({why})" for device, why in sorted(refused.items())[:NAMED_LINES])
    more = ", ..." if len(refused) > NAMED_LINES else ""
    return replace(
        state,
        code="lines-refused",
        message=f"{len(refused)} of {of} lines cannot be monitored: {named}{more}.",
        remedy="Check these numbers, and that the PBX's CTI account may monitor them.",
    )


def create(id: str, settings: CstaSettings, listener: Listener, clock: Clock) -> CstaConnector:
    """A link that is not running yet."""
    return CstaConnector(id, settings, listener, clock)
