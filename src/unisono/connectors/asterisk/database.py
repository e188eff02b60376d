"""Forwarding and do-not-disturb as the dial plan keeps them: keys of the AstDB, by templates of the settings. Pure."""

import re

from unisono.calls.model import ForwardingType
from unisono.calls.pbx_events import DeviceDoNotDisturb, DeviceEvent, DeviceForwarding
from unisono.connectors.asterisk.channels import Switch
from unisono.connectors.asterisk.names import clean
from unisono.connectors.asterisk.settings import AsteriskSettings
from unisono.wire.ami import Message


def _pattern(template: str) -> re.Pattern[str] | None:
    before, hole, after = template.partition("{ext}")
    return re.compile(f"{re.escape(before)}(.+){re.escape(after)}\\Z") if hole else None


class Database:
    """Reads AstDB entries as states of devices."""

    def __init__(self, settings: AsteriskSettings) -> None:
        self._do_not_disturb = _pattern(settings.dnd_key)
        forwardings = (
            (ForwardingType.IMMEDIATE, settings.forward_key),
            (ForwardingType.BUSY, settings.forward_busy_key),
            (ForwardingType.NO_ANSWER, settings.forward_no_answer_key),
        )
        self._forwardings = [(kind, pattern) for kind, template in forwardings if (pattern := _pattern(template))]
        templates = (settings.dnd_key, *(template for _, template in forwardings))
        families = [template.partition("/")[0] for template in templates if "/" in template]
        self.families = tuple(dict.fromkeys(family for family in families if "{" not in family))
        """The families to read at the start."""

    def read(self, switch: Switch, message: Message) -> DeviceEvent | None:
        """DBGetTreeResponse (`Key: /CF/101`) and DBGetResponse (`Family: CF`, `Key: 101`): what the entry says."""
        family = message.get("Family")
        path = f"{family}/{message.get('Key')}" if family else message.get("Key").removeprefix("/")
        return self.state(switch, path, clean(message.get("Val")))

    def state(self, switch: Switch, path: str, value: str) -> DeviceEvent | None:
        """An entry's value, empty for none, as a device's state."""
        found = self._do_not_disturb.match(path) if self._do_not_disturb else None
        if found:
            device = switch.endpoints.device(found[1]) or found[1]
            (switch.do_not_disturb.add if value else switch.do_not_disturb.discard)(device)
            return DeviceDoNotDisturb(switch.head(), device, bool(value))
        for kind, pattern in self._forwardings:
            found = pattern.match(path)
            if found:
                device = switch.endpoints.device(found[1]) or found[1]
                return DeviceForwarding(switch.head(), device, kind, bool(value), value)
        return None
