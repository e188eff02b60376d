"""States of devices that are not calls: reachable, do not disturb, messages waiting."""

import re

from unisono.calls.pbx_events import DeviceDoNotDisturb, DeviceInService, DeviceMessageWaiting
from unisono.connectors.asterisk import snapshot
from unisono.connectors.asterisk.channels import Switch
from unisono.connectors.asterisk.endpoints import Kind
from unisono.connectors.asterisk.names import Endpoint, clean
from unisono.connectors.asterisk.report import voicemail
from unisono.wire.ami import Message

_OUT_OF_SERVICE = frozenset(("UNAVAILABLE", "INVALID"))
_DND_ON = frozenset(("BUSY", "INUSE"))
_DND = re.compile(r"Custom:(?:DEV)?DND[-_]?(.+)\Z", re.I)
_PRESENCE = re.compile(r"CustomPresence:(.+)\Z")
MOST = 20_000


def device_state(switch: Switch, message: Message) -> None:
    """DeviceStateChange, by itself or in answer to DeviceStateList."""
    name, state = message.get("Device"), message.get("State").upper()
    custom = _DND.match(name)
    if custom:
        _do_not_disturb(switch, custom[1], state in _DND_ON)
        return
    technology = name.partition("/")[0]
    if "/" not in name or ":" in technology:
        return  # Queue:, MWI:, confbridge:, Custom:, park: ... are the PBX's own
    endpoint = Endpoint.of_interface(name)
    if endpoint.inner:
        return
    before = switch.device_states.get(name, "")
    if before or len(switch.device_states) < MOST:
        switch.device_states[name] = state
    if message.action_id and state == "ONHOLD":
        snapshot.held_by_peers(switch, name)
    if switch.endpoints.kind(endpoint) is not Kind.LINE:
        return
    out, was_out = state in _OUT_OF_SERVICE, before in _OUT_OF_SERVICE
    if out != was_out or (message.action_id and not before):
        switch.out.append(DeviceInService(switch.head(), endpoint.device, not out))


def _do_not_disturb(switch: Switch, extension: str, on: bool) -> None:
    device = switch.endpoints.device(extension) or extension
    if on == (device in switch.do_not_disturb):
        return
    if on and len(switch.do_not_disturb) < MOST:
        switch.do_not_disturb.add(device)
    else:
        switch.do_not_disturb.discard(device)
    switch.out.append(DeviceDoNotDisturb(switch.head(), device, on))


def presence_state(switch: Switch, message: Message) -> None:
    """PresenceStateChange: `dnd` is do not disturb; other words say nothing about it but end it."""
    found = _PRESENCE.match(message.get("Presentity"))
    if found:
        _do_not_disturb(switch, found[1], message.get("Status").lower() == "dnd")


def extension_status(switch: Switch, message: Message) -> None:
    """ExtensionStatus: its hint says which devices an extension has. Its state mixes calls with do-not-disturb."""
    switch.endpoints.told_hint(clean(message.get("Exten")), message.get("Hint"))


def message_waiting(switch: Switch, message: Message) -> None:
    """MessageWaiting names the mailbox; its channel is the caller's."""
    channel = switch.channels.get(message.get("Uniqueid"))
    call = channel.call if channel is not None else None
    if channel is not None and call is not None and call.caller == channel.uid and call.up_since and not call.answered:
        call.voicemail = call.voicemail or clean(message.get("Mailbox").partition("@")[0])
        rings = [leg.ended_at for leg in call.legs.values() if leg.ended_at is not None]
        voicemail(switch, call, at=max([call.up_since, *rings]))
    new = message.get("New") or message.get("Waiting")
    _messages(switch, message.get("Mailbox"), new)


def voicemail_user(switch: Switch, message: Message) -> None:
    """VoicemailUserEntry, in answer to VoicemailUsersList."""
    _messages(switch, message.get("VoiceMailbox"), message.get("NewMessageCount"), listed=True)


def _messages(switch: Switch, mailbox: str, new: str, *, listed: bool = False) -> None:
    extension = clean(mailbox.partition("@")[0])
    count = int(new) if new.isdecimal() and len(new) < 7 else 0
    if not extension or (listed and switch.messages.get(extension, -1) == count):
        return
    if extension in switch.messages or len(switch.messages) < MOST:
        switch.messages[extension] = count
    device = switch.endpoints.device(extension) or extension
    switch.out.append(DeviceMessageWaiting(switch.head(), device, count))


def queue_member(switch: Switch, message: Message) -> None:
    """QueueMember, QueueMemberStatus: members are people's phones."""
    interface = message.get("StateInterface") or message.get("Interface") or message.get("Location")
    endpoint = Endpoint.of_interface(interface)
    if "/" in interface and not endpoint.inner and "@" not in interface:
        switch.endpoints.told_line(endpoint)


def agent_called(switch: Switch, message: Message) -> None:
    """AgentCalled: a queue rings a member."""
    switch.update(message)
    switch.update(message, "Dest")
    queue_member(switch, message)
