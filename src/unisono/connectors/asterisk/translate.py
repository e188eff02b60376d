"""Hop 1: messages of the manager interface in, events of ECMA-269 out. Pure: time comes with every message.

CEL and Cdr events are not read. VarSet is not read. Of Newexten only the applications that explain a call are read (Dial,
Queue, VoiceMail, ConfBridge ...), and everything but the names of unreachable phones comes out right without them.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from unisono.calls.model import ConnectionId
from unisono.calls.pbx_events import DigitsGenerated, Held, PbxEvent, Retrieved, Unreadable
from unisono.connectors.asterisk import bridging, devices, dialling, hangup, parking, snapshot, transfers
from unisono.connectors.asterisk.channels import Channel, State, Switch
from unisono.connectors.asterisk.endpoints import Endpoints
from unisono.connectors.asterisk.names import clean
from unisono.connectors.asterisk.report import connection, flush, queue, unreached, voicemail
from unisono.wire.ami import Kind as MessageKind
from unisono.wire.ami import Message

CLOCK_STEP = timedelta(seconds=5)
MOST_ORIGINATES = 1_000

Handler = Callable[[Switch, Message], None]


class Translator:
    """The translator of one PBX. `trunks`: endpoint names from the settings; `lines`: devices that are watched."""

    def __init__(
        self, connector: str, *, trunks: frozenset[str] = frozenset(), lines: frozenset[str] = frozenset()
    ) -> None:
        self.switch = Switch(connector, Endpoints(trunks, lines))

    def watch(self, lines: frozenset[str]) -> None:
        """Which devices are people's lines."""
        self.switch.endpoints.lines = lines

    def feed(self, message: Message, at: datetime) -> list[PbxEvent]:
        """What one message tells; `at` is when it was received, aware UTC."""
        switch = self.switch
        self._tick(at)
        if message.kind is not MessageKind.EVENT:
            snapshot.began(switch, message)
            return self._take()
        switch.raw = message.raw
        handler = _HANDLERS.get(message.name.lower())
        if handler is not None:
            try:
                handler(switch, message)
            except Exception as error:  # whatever a PBX sends must not end the link; it is counted with its bytes
                head = switch.head()
                switch.out.append(Unreadable(head, f"{message.name}: {type(error).__name__} {error}"))
        return self._take()

    def idle(self, at: datetime) -> list[PbxEvent]:
        """Nothing arrived until `at`: what has waited long enough is told."""
        self._tick(at)
        return self._take()

    def finish(self, at: datetime) -> list[PbxEvent]:
        """The stream is over: tell everything that still waits."""
        self._tick(at, all=True)
        return self._take()

    @property
    def waiting(self) -> bool:
        """Whether `idle` should be called soon."""
        return bool(self.switch.waiting)

    def _tick(self, at: datetime, *, all: bool = False) -> None:
        switch = self.switch
        if at > switch.now or switch.now - at > CLOCK_STEP:
            switch.now = at  # a little backwards is jitter, much is a clock that was set
        switch.raw = b""
        if switch.waiting:
            bridging.resolve_clashes(switch, all=all)
            flush(switch, switch.now, all=all)
        hangup.purge(switch)

    def _take(self) -> list[PbxEvent]:
        out, self.switch.out = self.switch.out, []
        return out

    def expect(self, action_id: str, number: str) -> None:
        """A click-to-dial of ours goes out under this ActionID."""
        originates = self.switch.originates
        if number:
            originates[action_id] = number
        while len(originates) > MOST_ORIGINATES:
            del originates[next(iter(originates))]  # one that Asterisk refused is never answered

    def channels_of(self, id: ConnectionId) -> list[Channel]:
        """The channels behind a connection, for commands; the live ones only."""
        call = self.switch.calls.get(id.call)
        leg = call.legs.get(id.device) if call else None
        return [self.switch.channels[uid] for uid in leg.uids if uid in self.switch.channels] if leg else []


def _new_channel(switch: Switch, message: Message) -> None:
    switch.closed.pop(message.get("Uniqueid"), None)
    channel = switch.update(message)
    if channel is None or channel.inner:
        return
    number, name = message.get("CallerIDNum"), message.get("CallerIDName")
    channel.dialled = clean(message.get("Exten"))
    if channel.state in (State.RING, State.DIALING, State.OFF_HOOK):
        switch.endpoints.observe_caller(channel.endpoint, number, name, channel.context, channel.dialled)
        channel.incoming = True
        if channel.call is None:
            switch.new_call(channel)
    elif clean(number) == channel.endpoint.resource:
        switch.endpoints.observe_dialled(channel.endpoint, "", number)


def _new_state(switch: Switch, message: Message) -> None:
    channel = switch.update(message)
    if channel is None:
        return
    if channel.state == State.RINGING:
        dialling.ringing(switch, channel)
    elif channel.state == State.RING and channel.call is None and not channel.inner and not channel.dialled_by:
        channel.incoming = True
        channel.dialled = channel.dialled if channel.dialled not in ("", "s") else channel.exten
        switch.endpoints.observe_caller(
            channel.endpoint, channel.number, channel.caller_name, channel.context, channel.exten
        )
        switch.new_call(channel)
    elif channel.state == State.UP:
        _up(switch, channel)


def _up(switch: Switch, channel: Channel) -> None:
    call = channel.call
    if call is None or call.caller != channel.uid:
        return
    if call.originate and not call.announced:
        channel.answered = True
        call.up_since = call.up_since or switch.now
        switch.waiting.add(call.id)
        return
    if call.up_since is None:
        call.up_since = switch.now
    if call.voicemail and not call.answered:
        voicemail(switch, call)


def _new_callerid(switch: Switch, message: Message) -> None:
    channel = switch.update(message)
    number = clean(message.get("CallerIDNum"))
    if channel is not None and channel.incoming and not channel.inner and not channel.number:
        channel.number = number


def _new_exten(switch: Switch, message: Message) -> None:
    channel = switch.update(message)
    if channel is None:
        return
    application = message.get("Application")
    if application in ("AppDial", "AppDial2", "AppQueue"):
        return
    channel.application, channel.application_data = application, message.get("AppData")
    source = switch.source(channel)
    call = source.call if source is not None else None
    if call is None:
        return
    if application == "Dial":
        unreached(switch, call)
        call.targets = dialling.targets(channel.application_data)
    elif application == "VoiceMail" and source is not None and source.uid == call.caller:
        call.voicemail = clean(channel.application_data.partition(",")[0].partition("&")[0].partition("@")[0])
        if channel.state == State.UP:
            voicemail(switch, call)
    elif application == "VoiceMail" and source is not None and source.state == State.UP:
        call.voicemail = channel.application_data.partition(",")[0].partition("@")[0]
        voicemail(switch, call)


def _hold(switch: Switch, message: Message) -> None:
    channel = switch.update(message)
    leg = switch.leg(channel) if channel else None
    if channel is None or channel.call is None or leg is None or leg.held:
        return
    leg.held = True
    switch.out.append(Held(switch.head(), connection(channel.call, leg)))


def _unhold(switch: Switch, message: Message) -> None:
    channel = switch.update(message)
    leg = switch.leg(channel) if channel else None
    if channel is None or channel.call is None or leg is None or not leg.held:
        return
    leg.held = False
    switch.out.append(Retrieved(switch.head(), connection(channel.call, leg)))


def _dtmf(switch: Switch, message: Message) -> None:
    channel = switch.update(message)
    if channel is None or message.get("Direction").lower() != "received":
        return
    leg, digit = switch.leg(channel), message.get("Digit")
    if channel.call is not None and leg is not None and channel.call.announced and len(digit) == 1:
        switch.out.append(DigitsGenerated(switch.head(), connection(channel.call, leg), digit))


def _queue_join(switch: Switch, message: Message) -> None:
    channel = switch.update(message)
    source = switch.source(channel) if channel else None
    if source is None:
        return
    call = source.call or switch.new_call(source)
    queue(switch, call, clean(message.get("Queue")))


def _rename(switch: Switch, message: Message) -> None:
    channel = switch.channels.get(message.get("Uniqueid"))
    if channel is not None and message.get("Newname"):
        switch.rename(channel, message.get("Newname"))


def _refresh(switch: Switch, message: Message) -> None:
    switch.update(message)


_HANDLERS: dict[str, Handler] = {
    "newchannel": _new_channel,
    "newstate": _new_state,
    "newcallerid": _new_callerid,
    "newconnectedline": _refresh,
    "newexten": _new_exten,
    "rename": _rename,
    "dialbegin": dialling.dial_begin,
    "dialstate": dialling.dial_state,
    "dialend": dialling.dial_end,
    "originateresponse": dialling.originate_response,
    "agentcalled": devices.agent_called,
    "queuecallerjoin": _queue_join,
    "bridgecreate": bridging.bridge_create,
    "bridgeenter": bridging.bridge_enter,
    "bridgeleave": bridging.bridge_leave,
    "bridgedestroy": bridging.bridge_destroy,
    "confbridgejoin": bridging.conference_join,
    "confbridgeleave": bridging.conference_leave,
    "hold": _hold,
    "unhold": _unhold,
    "hangup": hangup.hangup,
    "hanguprequest": hangup.hangup_request,
    "softhanguprequest": hangup.soft_hangup_request,
    "dtmfend": _dtmf,
    "pickup": transfers.pickup,
    "blindtransfer": transfers.blind_transfer,
    "attendedtransfer": transfers.attended_transfer,
    "parkedcall": parking.parked,
    "parkedcalltimeout": parking.park_timeout,
    "unparkedcall": parking.unparked,
    "devicestatechange": devices.device_state,
    "extensionstatus": devices.extension_status,
    "presencestatechange": devices.presence_state,
    "messagewaiting": devices.message_waiting,
    "queuememberstatus": devices.queue_member,
    "queuemember": devices.queue_member,
    "voicemailuserentry": devices.voicemail_user,
    "coreshowchannel": snapshot.listed_channel,
    "coreshowchannelscomplete": snapshot.complete,
    "status": snapshot.listed_channel,
    "statuscomplete": snapshot.complete,
    "bridgelistitem": bridging.bridge_create,
}
