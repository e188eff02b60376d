"""The link to one Asterisk: connects, signs in, filters, reads the state, listens, reconnects."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from unisono.calls.model import Service
from unisono.calls.port import (
    Accepted,
    Command,
    CommandProblem,
    DiscoveredLine,
    LinkPhase,
    LinkState,
    Listener,
)
from unisono.connectors.asterisk import faults
from unisono.connectors.asterisk.commands import Action, Planner, problem_of, refused
from unisono.connectors.asterisk.database import Database
from unisono.connectors.asterisk.endpoints import Kind
from unisono.connectors.asterisk.names import Endpoint, clean
from unisono.connectors.asterisk.session import Session
from unisono.connectors.asterisk.settings import AsteriskSettings
from unisono.connectors.asterisk.translate import Translator
from unisono.connectors.relink import Relink
from unisono.connectors.trace import Trace, TraceRecord
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Fault, Unavailable
from unisono.kernel.ids import new_id
from unisono.kernel.tasks import together
from unisono.net import Endpoint as Address
from unisono.net import connect
from unisono.wire.ami import AmiSyntaxError, Message

# What the translator does not read is stopped at the source: nine tenths of the bytes of a simple call. Asterisk matches
# these as POSIX extended expressions against the whole event.
FILTERS = (
    "!Event: VarSet",
    "!Event: CEL",
    "!Event: Cdr",
    "!Event: RTCP",
    "!Event: (ChallengeSent|SuccessfulAuth|MusicOnHold|DTMFBegin|ContactStatus|PeerStatus|Registry|Reload|BridgeVideo)",
    "!Event: Newexten.*Application: (Set|MSet|NoOp|Goto|GotoIf|GotoIfTime|Gosub|GosubIf|Return|Macro|MacroExit|ExecIf|"
    "Exec|While|EndWhile|Wait|AGI|Log|Verbose|ResetCDR|NoCDR|AppDial|AppDial2|AppQueue|Ringing|Progress|StackPop|Read|"
    "SetMusicOnHold|UserEvent|MixMonitor|DumpChan|ImportVar|SayDigits|Background|Playback|Playtones|StopPlaytones)",
)
LISTS = (
    "PJSIPShowEndpoints", "SIPpeers", "IAXpeers", "ExtensionStateList", "QueueStatus", "BridgeList", "ParkedCalls", "Status",
    "DeviceStateList", "PresenceStateList", "VoicemailUsersList",
)  # fmt: skip
TICK = 0.25


class AsteriskConnector:
    """One configured link (see `calls.port.Connector`)."""

    def __init__(self, id: str, settings: AsteriskSettings, listener: Listener, clock: Clock) -> None:
        self.id = id
        self._settings = settings
        self._listener = listener
        self._clock = clock
        self._address = Address(settings.host, settings.port, settings.tls, settings.ca_file)
        self._translator = Translator(id, trunks=frozenset(settings.trunks))
        self._planner = Planner(settings, self._translator)
        self._database = Database(settings)
        self._trace = Trace()
        self._session: Session | None = None
        self._state = LinkState(LinkPhase.STOPPED, peer=str(self._address))
        self._refused: set[Service] = set()
        self._told_less: set[str] = set()
        """Devices of which was told that they can do less, because of `_refused`."""
        self._found: dict[str, DiscoveredLine] = {}
        self._names: dict[str, str] = {}
        self._tick = asyncio.Event()
        self._relink = Relink(clock)
        self._version = ""

    async def run(self) -> None:
        """Keep the link up until cancelled."""
        try:
            await self._relink.keep(self._connected, self._lost)
        finally:
            self._tell(LinkState(LinkPhase.STOPPED))

    def _lost(self, fault: Fault, pause: float) -> None:
        self._tell(replace(faults.state_of(fault), next_try=self._clock.now() + timedelta(seconds=pause)))

    def watch(self, devices: frozenset[str]) -> None:
        """Which devices are lines of ours. Asterisk has one stream for all, so that nothing has to be started."""
        self._translator.watch(devices)

    def services(self, device: str) -> frozenset[Service]:
        """What can be done on a line at best: settings, less what this Asterisk has refused."""
        return self._planner.services() - self._refused

    def trace(self) -> list[TraceRecord]:
        """The last messages, secrets masked."""
        return self._trace.records()

    async def do(self, command: Command) -> Accepted:
        """Ask Asterisk; raises `CommandRefused`."""
        session = self._session
        if session is None or self._state.phase is not LinkPhase.UP:
            raise refused(CommandProblem.LINK_DOWN, "There is no connection to this Asterisk now.")
        if command.service in self._refused:
            raise refused(CommandProblem.NOT_SUPPORTED, f"This Asterisk does not allow {command.service}.")
        call = f"unisono-{new_id()}"
        actions = self._planner.plan(command, call)
        for action in actions:
            await self._do(session, command, action)
        return Accepted(call if any(action.name == "Originate" for action in actions) else "")

    async def _do(self, session: Session, command: Command, action: Action) -> None:
        id = f"do-{new_id()}"
        if action.name == "Originate":
            self._translator.expect(id, dict(action.headers).get("Exten", ""))
        try:
            answer = await session.ask(action.name, action.headers, id=id)
        except AmiSyntaxError as error:
            raise refused(CommandProblem.INVALID_DESTINATION, f"That cannot be sent: {error}.") from error
        except Unavailable as error:
            raise refused(CommandProblem.TIMEOUT, error.message) from error
        if answer.name in ("Success", "Goodbye") or action.optional:
            await self._confirm(session, action)
            return
        native = answer.get("Message")
        problem = problem_of(native)
        if problem in (CommandProblem.NO_PERMISSION, CommandProblem.NOT_SUPPORTED):
            self._refused.add(command.service)
            self._told_less.add(command.device)
            self._listener.capabilities(self.id, command.device, self.services(command.device))
        raise refused(problem, f"Asterisk refused {action.name}: {native or answer.name}.", native)

    async def _confirm(self, session: Session, action: Action) -> None:
        """Entries of the AstDB change without an event: read them again."""
        if action.name not in ("DBPut", "DBDel"):
            return
        headers = dict(action.headers)
        where = (("Family", headers["Family"]), ("Key", headers["Key"]))
        if not await session.list("DBGet", where):
            event = self._database.state(self._translator.switch, f"{headers['Family']}/{headers['Key']}", "")
            if event is not None:
                self._listener.report(event)

    async def _connected(self) -> None:
        """One connection, from the first byte to its loss."""
        self._tell(LinkState(LinkPhase.CONNECTING))
        stream = await connect(self._address)
        session = Session(stream, self._clock, self._trace, self._take)
        try:
            await together(session.read(), self._live(session))
        finally:
            self._session = None
            await stream.close()

    async def _live(self, session: Session) -> None:
        self._tell(LinkState(LinkPhase.SIGNING_IN))
        await session.sign_in(self._settings)
        self._forget_refusals()
        self._tell(LinkState(LinkPhase.SYNCHRONISING))
        for expression in FILTERS:
            await session.ask("Filter", (("Operation", "Add"), ("Filter", expression)))
        core = await session.ask("CoreSettings")
        self._version = clean(core.get("AsteriskVersion"))
        await self._synchronise(session)
        self._session = session
        self._relink.up()
        self._tell(LinkState(LinkPhase.UP))
        await together(self._heartbeat(session), self._resync(session), self._ticks())

    def _forget_refusals(self) -> None:
        """Rights in manager.conf count from the next sign-in on."""
        self._refused.clear()
        while self._told_less:
            device = self._told_less.pop()
            self._listener.capabilities(self.id, device, self.services(device))

    async def _synchronise(self, session: Session) -> None:
        self._found.clear()
        for name in LISTS:
            done = await session.list(name)
            if name == "Status" and not done:
                raise faults.no_permission(self._settings.user)
        for family in self._database.families:
            await session.list("DBGetTree", (("Family", family),))
        self._listener.lines(self.id, self._lines())

    async def _heartbeat(self, session: Session) -> None:
        """A link over which nothing comes back, not even the answer to a Ping, is dead."""
        while True:
            await session.ask("Ping", seconds=self._settings.heartbeat_seconds)
            await self._clock.sleep(self._settings.heartbeat_seconds)

    async def _resync(self, session: Session) -> None:
        while True:
            await self._clock.sleep(self._settings.resync_seconds)
            await session.list("Status")

    async def _ticks(self) -> None:
        """What the translator keeps back for a moment is told when the moment is over."""
        while True:
            await self._tick.wait()
            self._tick.clear()
            await self._clock.sleep(TICK)
            for event in self._translator.idle(self._clock.now()):
                self._listener.report(event)
            if self._translator.waiting:
                self._tick.set()

    def _take(self, message: Message) -> None:
        """Every message of the link, in its order."""
        now: datetime = self._clock.now()
        for event in self._translator.feed(message, now):
            self._listener.report(event)
        self._discover(message)
        if self._translator.waiting:
            self._tick.set()

    def _discover(self, message: Message) -> None:
        match message.name:
            case "EndpointList":
                self._note(Endpoint("PJSIP", message.get("ObjectName")))
            case "PeerEntry":
                self._note(Endpoint(message.get("Channeltype") or "SIP", message.get("ObjectName")))
            case "VoicemailUserEntry":
                self._names[message.get("VoiceMailbox")] = clean(message.get("Fullname"))
            case "DBGetTreeResponse" | "DBGetResponse":
                event = self._database.read(self._translator.switch, message)
                if event is not None:
                    self._listener.report(event)
            case "QueueMember":
                interface = message.get("StateInterface") or message.get("Location")
                self._names.setdefault(Endpoint.of_interface(interface).device, clean(message.get("Name")))
            case _:
                pass

    def _note(self, endpoint: Endpoint) -> None:
        if endpoint.resource and len(self._found) < 50_000:
            self._translator.switch.endpoints.seen(endpoint)
            self._found[str(endpoint)] = DiscoveredLine(endpoint.device, endpoint.resource)

    def _lines(self) -> tuple[DiscoveredLine, ...]:
        endpoints = self._translator.switch.endpoints
        lines = {}
        for name, line in self._found.items():
            technology, _, resource = name.partition("/")
            if endpoints.kind(Endpoint(technology, resource)) is Kind.LINE:
                number = endpoints.number(line.device)
                person = self._names.get(number) or self._names.get(line.device, "")
                lines[line.device] = replace(line, number=number, name=person)
        return tuple(lines[device] for device in sorted(lines))

    def _tell(self, state: LinkState) -> None:
        count = len(self._lines()) if state.phase is LinkPhase.UP else 0
        self._state = replace(state, peer=str(self._address), version=self._version, lines=count)
        self._listener.link(self.id, self._state)
