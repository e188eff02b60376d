"""What is asked of Asterisk for each service: a list of manager actions. Pure.

Asterisk does no first-party call control. It rings the own phone before it dials; it answers, holds and resumes only by
asking the phone with a NOTIFY (events `talk` and `hold`, which Snom, Yealink, Polycom, Grandstream and others obey).
"""

import re
from dataclasses import dataclass

from unisono.calls.model import ConnectionId, ForwardingType, Service
from unisono.calls.port import Command, CommandProblem, CommandRefused
from unisono.connectors.asterisk.channels import Channel, State
from unisono.connectors.asterisk.settings import AsteriskSettings
from unisono.connectors.asterisk.translate import Translator

SERVICES = frozenset(Service) - {Service.CALL_BACK}

_DIALLED = re.compile(r"[0-9A-Za-z+*#._-]{1,80}\Z")
_DIGITS = re.compile(r"[0-9A-Da-d*#]{1,40}\Z")
_FORWARDING = {
    ForwardingType.IMMEDIATE: "forward_key",
    ForwardingType.BUSY: "forward_busy_key",
    ForwardingType.NO_ANSWER: "forward_no_answer_key",
}


@dataclass(frozen=True, slots=True)
class Action:
    """One request; `optional`: its refusal does not matter."""

    name: str
    headers: tuple[tuple[str, str], ...] = ()
    optional: bool = False


class Planner:
    """Plans commands against what the translator knows of the PBX now."""

    def __init__(self, settings: AsteriskSettings, translator: Translator) -> None:
        self._settings = settings
        self._translator = translator

    def services(self) -> frozenset[Service]:
        """What these settings allow at best."""
        off = set() if self._settings.conference_extension else {Service.CONFERENCE_CALL}
        return SERVICES - off

    def plan(self, command: Command, call_id: str) -> list[Action]:
        """The actions for a command; `call_id` names a call that this makes. Raises `CommandRefused`."""
        match command.service:
            case Service.MAKE_CALL:
                return [self._originate(command.device, self._number(command.to), call_id)]
            case Service.ANSWER_CALL:
                return [self._notify(self._channel(command.connection, command), "talk")]
            case Service.RETRIEVE_CALL:
                return [self._notify(self._channel(command.held or command.connection, command), "talk")]
            case Service.HOLD_CALL:
                return [self._notify(self._channel(command.connection, command), "hold")]
            case Service.ALTERNATE_CALL:
                active, held = self._channel(command.connection, command), self._channel(command.held, command)
                return [self._notify(active, "hold"), self._notify(held, "talk")]
            case Service.CLEAR_CONNECTION:
                return [self._hangup(self._channel(command.connection, command))]
            case Service.GENERATE_DIGITS:
                return self._digits(command)
            case Service.SET_DO_NOT_DISTURB:
                return self._do_not_disturb(command)
            case Service.SET_FORWARDING:
                return [self._forwarding(command)]
            case Service.DIRECTED_PICKUP_CALL | Service.GROUP_PICKUP_CALL:
                return [self._pickup(command, call_id)]
            case _:
                return self._moving(command, call_id)

    def _moving(self, command: Command, call_id: str) -> list[Action]:
        """The services that bring other people into a call."""
        match command.service:
            case Service.SINGLE_STEP_TRANSFER_CALL:
                return [self._blind(command)]
            case Service.DEFLECT_CALL:
                source = self._source(self._channel(command.connection, command))
                return [self._redirect(source, self._number(command.to))]
            case Service.CONSULTATION_CALL:
                return self._consult(command, call_id)
            case Service.TRANSFER_CALL:
                return self._transfer(command)
            case Service.RECONNECT_CALL:
                return self._reconnect(command)
            case Service.CONFERENCE_CALL:
                return self._conference(command)
            case Service.PARK_CALL:
                return [self._park(command)]
            case _:
                raise refused(CommandProblem.NOT_SUPPORTED, f"Asterisk has no {command.service}.")

    def _originate(self, device: str, to: str, call_id: str) -> Action:
        number = self._extension(device)
        return Action(
            "Originate",
            (
                ("Channel", self._interface(device)),
                ("Context", self._settings.context),
                ("Exten", to),
                ("Priority", "1"),
                ("CallerID", number),
                ("Timeout", str(self._settings.originate_seconds * 1000)),
                ("Async", "true"),
                ("ChannelId", call_id),
            ),
        )

    def _pickup(self, command: Command, call_id: str) -> Action:
        data: tuple[tuple[str, str], ...] = (("Application", "Pickup"),)
        if command.service is Service.DIRECTED_PICKUP_CALL:
            ringing = [c for c in self._channels(command.connection) if c.state == State.RINGING]
            if not ringing:
                raise refused(CommandProblem.NOT_NOW, "That call does not ring any more.")
            data = (("Application", "PickupChan"), ("Data", ringing[0].name))
        timeout = str(self._settings.originate_seconds * 1000)
        where = (("Channel", self._interface(command.device)), ("Timeout", timeout), ("Async", "true"))
        return Action("Originate", (*where, *data, ("ChannelId", call_id)))

    def _consult(self, command: Command, call_id: str) -> list[Action]:
        channel, to = self._channel(command.connection, command), self._number(command.to)
        if self._settings.consultation == "atxfer":
            return [Action("Atxfer", (("Channel", channel.name), ("Exten", to), ("Context", self._settings.context)))]
        return [self._notify(channel, "hold"), self._originate(command.device, to, call_id)]

    def _transfer(self, command: Command) -> list[Action]:
        active = self._channel(command.connection, command)
        if command.held is None or (command.connection and command.held.call == command.connection.call):
            return [self._hangup(active)]  # Atxfer completes when the transferer leaves
        first, second = self._peer(self._channel(command.held, command)), self._peer(active, ringing=True)
        if second.state == State.UP:
            return [Action("Bridge", (("Channel1", first.name), ("Channel2", second.name), ("Tone", "no")))]
        return [self._redirect(first, active.exten or active.dialled), self._hangup(active)]

    def _reconnect(self, command: Command) -> list[Action]:
        active = self._channel(command.connection, command)
        if command.held is None or (command.connection and command.held.call == command.connection.call):
            return [Action("CancelAtxfer", (("Channel", active.name),))]
        return [self._hangup(active), self._notify(self._channel(command.held, command), "talk")]

    def _conference(self, command: Command) -> list[Action]:
        if not self._settings.conference_extension:
            raise refused(CommandProblem.NOT_SUPPORTED, "Set a conference extension in this connection's settings.")
        room = self._template(self._settings.conference_extension, command.device)
        active = self._channel(command.connection, command)
        both = self._redirect(active, room, self._peer(active))
        if command.held is None:
            return [both]
        held = self._channel(command.held, command)
        return [self._redirect(self._peer(held), room), both]

    def _park(self, command: Command) -> Action:
        channel = self._channel(command.connection, command)
        lot = (("Parkinglot", self._settings.parking_lot),) if self._settings.parking_lot else ()
        return Action("Park", (("Channel", self._peer(channel).name), ("TimeoutChannel", channel.name), *lot))

    def _blind(self, command: Command) -> Action:
        channel = self._channel(command.connection, command)
        where = (("Context", self._settings.context), ("Exten", self._number(command.to)))
        return Action("BlindTransfer", (("Channel", channel.name), *where))

    def _redirect(self, channel: Channel, to: str, extra: Channel | None = None) -> Action:
        where = [("Channel", channel.name), ("Context", self._settings.context), ("Exten", to), ("Priority", "1")]
        if extra is not None:
            where += [("ExtraChannel", extra.name), ("ExtraContext", self._settings.context)]
            where += [("ExtraExten", to), ("ExtraPriority", "1")]
        return Action("Redirect", tuple(where))

    def _digits(self, command: Command) -> list[Action]:
        if not _DIGITS.match(command.digits):
            raise refused(CommandProblem.INVALID_DESTINATION, "Only 0 to 9, A to D, * and # can be sent as tones.")
        peer = self._peer(self._channel(command.connection, command))
        return [Action("PlayDTMF", (("Channel", peer.name), ("Digit", digit))) for digit in command.digits]

    def _do_not_disturb(self, command: Command) -> list[Action]:
        settings = self._settings
        actions = [self._database(settings.dnd_key, command.device, settings.dnd_value if command.on else "")]
        if settings.dnd_state:
            state = self._template(settings.dnd_state, command.device)
            value = "BUSY" if command.on else "NOT_INUSE"
            where = (("Variable", f"DEVICE_STATE({state})"), ("Value", value))
            actions.append(Action("Setvar", where, optional=True))
        return actions

    def _forwarding(self, command: Command) -> Action:
        if command.forwarding not in _FORWARDING:
            raise refused(CommandProblem.NOT_SUPPORTED, "Asterisk forwards always, on busy and on no answer only.")
        template = getattr(self._settings, _FORWARDING[command.forwarding])
        return self._database(template, command.device, self._number(command.to) if command.on else "")

    def _database(self, template: str, device: str, value: str) -> Action:
        family, _, key = self._template(template, device).rpartition("/")
        if not family or not key:
            raise refused(CommandProblem.NOT_SUPPORTED, "No AstDB key is set for that in this connection's settings.")
        where = (("Family", family), ("Key", key))
        return Action("DBPut", (*where, ("Val", value))) if value else Action("DBDel", where, optional=True)

    def _notify(self, channel: Channel, event: str) -> Action:
        if channel.endpoint.technology.upper() != "PJSIP":
            problem = CommandProblem.NOT_SUPPORTED
            raise refused(problem, f"Only PJSIP phones can be asked to {event}; this is {channel.endpoint.technology}.")
        return Action("PJSIPNotify", (("Channel", channel.name), ("Variable", f"Event={event}")))

    def _hangup(self, channel: Channel) -> Action:
        cause = "21" if channel.state == State.RINGING else "16"
        return Action("Hangup", (("Channel", channel.name), ("Cause", cause)))

    def _channels(self, id: ConnectionId | None) -> list[Channel]:
        return self._translator.channels_of(id) if id is not None else []

    def _channel(self, id: ConnectionId | None, command: Command) -> Channel:
        channels = self._channels(id)
        if not channels:
            raise refused(CommandProblem.UNKNOWN_CALL, f"Asterisk has no such call of {command.device} any more.")
        return max(channels, key=lambda channel: channel.state == State.UP)

    def _source(self, ringing: Channel) -> Channel:
        switch = self._translator.switch
        dialler = switch.channels.get(ringing.dialled_by)
        source = switch.source(dialler) if dialler is not None else None
        if source is None:
            raise refused(CommandProblem.NOT_NOW, "That call does not ring any more.")
        return source

    def _peer(self, channel: Channel, *, ringing: bool = False) -> Channel:
        switch = self._translator.switch
        bridge = switch.bridges.get(channel.bridge)
        members = [switch.channels[uid] for uid in bridge.members if uid in switch.channels] if bridge else []
        others = [other for other in members if other is not channel]
        if not others and ringing:
            others = [switch.channels[uid] for uid in channel.dialling if uid in switch.channels]
        if not others:
            raise refused(CommandProblem.NOT_NOW, "Nobody is connected to that call now.")
        return others[0]

    def _interface(self, device: str) -> str:
        if "/" in device:
            return device
        for technology in ("PJSIP", "SIP", "IAX2", "SCCP"):
            if self._translator.switch.endpoints.known(technology, device):
                return f"{technology}/{device}"
        return f"{self._settings.technology}/{device}"

    def _extension(self, device: str) -> str:
        return self._translator.switch.endpoints.number(device)

    def _template(self, template: str, device: str) -> str:
        return template.replace("{ext}", self._extension(device))

    def _number(self, to: str) -> str:
        if not _DIALLED.match(to):
            raise refused(CommandProblem.INVALID_DESTINATION, f"{to!r} cannot be dialled.")
        return to


def refused(problem: CommandProblem, message: str, native: str = "") -> CommandRefused:
    """A refusal with its words."""
    return CommandRefused(problem, message, native=native)


_NATIVE = (
    ("permission denied", CommandProblem.NO_PERMISSION),
    ("invalid/unknown command", CommandProblem.NOT_SUPPORTED),
    ("no such channel", CommandProblem.UNKNOWN_CALL),
    ("channel not specified", CommandProblem.UNKNOWN_CALL),
    ("does not exist", CommandProblem.UNKNOWN_CALL),
    ("not found", CommandProblem.INVALID_DESTINATION),
    ("not bridged", CommandProblem.NOT_NOW),
    ("invalid extension", CommandProblem.INVALID_DESTINATION),
    ("unable to retrieve endpoint", CommandProblem.DEVICE_OFFLINE),
    ("allocation failed", CommandProblem.DEVICE_OFFLINE),
)


def problem_of(native: str) -> CommandProblem:
    """Why Asterisk refused, by its words."""
    text = native.lower()
    return next((problem for words, problem in _NATIVE if words in text), CommandProblem.OTHER)
