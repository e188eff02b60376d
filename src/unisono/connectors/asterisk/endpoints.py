"""What is known of the PBX's endpoints: which are people's lines, which are trunks, which extension reaches which device.

Settings and hints decide; without them the stream itself is read: the evidence of each channel (its caller's number, the
context it came in by, how it was dialled) is weighed, and stronger evidence replaces weaker for the calls to come.
"""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from unisono.connectors.asterisk.names import (
    Endpoint,
    clean,
    is_external_context,
    is_internal_context,
    is_long,
    is_short,
    withheld,
)

MOST = 20_000
"""How many endpoints are remembered at most; trunks named by address must not fill the memory."""


class Kind(StrEnum):
    """What a channel is to people."""

    LINE = "line"
    TRUNK = "trunk"
    INNER = "inner"


class Weight(IntEnum):
    """How sure a finding is."""

    GUESS = 1
    LIKELY = 2
    TOLD = 3


@dataclass(slots=True)
class Endpoints:
    """The endpoints of one PBX. `trunks`: by settings; `lines`: devices that are watched."""

    trunks: frozenset[str] = frozenset()
    lines: frozenset[str] = frozenset()
    _found: dict[str, tuple[Kind, Weight]] = field(default_factory=dict)
    _numbers: dict[str, str] = field(default_factory=dict)
    _devices: dict[str, str] = field(default_factory=dict)

    def kind(self, endpoint: Endpoint) -> Kind:
        """What an endpoint is, as far as known; a line when nothing speaks against it."""
        if endpoint.inner:
            return Kind.INNER
        if endpoint.resource in self.trunks or str(endpoint) in self.trunks:
            return Kind.TRUNK
        if endpoint.device in self.lines:
            return Kind.LINE
        if endpoint.key in self._found:
            return self._found[endpoint.key][0]
        return Kind.LINE if is_short(endpoint.resource) else Kind.TRUNK

    def observe_caller(self, endpoint: Endpoint, number: str, name: str, context: str, exten: str) -> None:
        """A channel of this endpoint called in with this caller's number, context and dialled number."""
        if endpoint.inner:
            return
        if clean(number) == endpoint.resource and is_short(endpoint.resource):
            self._note(endpoint, Kind.LINE, Weight.LIKELY)
        elif is_external_context(context) or withheld(number, name):
            self._note(endpoint, Kind.TRUNK, Weight.LIKELY)
        elif is_internal_context(context):
            self._note(endpoint, Kind.LINE, Weight.LIKELY)
        elif clean(number) == endpoint.resource or is_short(clean(number)):
            self._note(endpoint, Kind.LINE, Weight.LIKELY if not is_long(number) else Weight.GUESS)
        elif is_long(clean(number)):
            kind = Kind.LINE if is_short(endpoint.resource) else Kind.TRUNK
            self._note(endpoint, kind, Weight.GUESS)

    def observe_routed(self, endpoint: Endpoint, number: str, dialled: str, exten: str) -> None:
        """A call with public numbers on both sides that the dial plan sent to an extension came from a trunk."""
        if not endpoint.inner and is_long(number) and is_long(dialled) and is_short(exten):
            self._note(endpoint, Kind.TRUNK, Weight.LIKELY)

    def observe_dialled(self, endpoint: Endpoint, dial_string: str, number: str) -> None:
        """A channel of this endpoint was dialled by this dial string; `number` is its caller id before the dial."""
        if endpoint.inner:
            return
        target = dial_string.rpartition("/")[2] if dial_string.startswith(endpoint.technology + "/") else dial_string
        user, at, host = target.partition("@")
        if at and host == endpoint.resource and user != host:
            self._note(endpoint, Kind.TRUNK, Weight.LIKELY)
        elif target == endpoint.resource or clean(number) == endpoint.resource or is_short(clean(number)):
            self._note(endpoint, Kind.LINE, Weight.LIKELY)
        elif "/" in dial_string and is_long(dial_string.rpartition("/")[2]):
            self._note(endpoint, Kind.TRUNK, Weight.LIKELY)

    def told_line(self, endpoint: Endpoint) -> None:
        """The PBX uses it as a person's device (a hint, a queue member, a mailbox)."""
        self._note(endpoint, Kind.LINE, Weight.TOLD)

    def told_hint(self, exten: str, hint: str) -> None:
        """A hint says which devices an extension has: `PJSIP/101&Custom:DND101,CustomPresence:101`."""
        devices = [part for part in hint.partition(",")[0].split("&") if "/" in part]
        for part in devices:
            endpoint = Endpoint.of_interface(part)
            if endpoint.inner:
                continue
            if is_short(exten) or exten == endpoint.resource:
                self._note(endpoint, Kind.LINE, Weight.TOLD)
            if len(self._numbers) < MOST and not exten.startswith(("*", "_")):
                self._numbers.setdefault(endpoint.device, exten)
                self._devices.setdefault(exten, endpoint.device)

    def number(self, device: str) -> str:
        """The extension of a line's device; its own identifier when no hint says otherwise."""
        return self._numbers.get(device, device)

    def device(self, exten: str) -> str:
        """The device of an extension; empty when it is none of ours."""
        if exten in self.lines:
            return exten
        if exten in self._devices:
            return self._devices[exten]
        for technology in ("pjsip", "sip", "iax2", "sccp"):
            found = self._found.get(f"{technology}/{exten.lower()}")
            if found and found[0] is Kind.LINE:
                return exten
        return ""

    def seen(self, endpoint: Endpoint) -> None:
        """The PBX lists it, without saying what it is."""
        if endpoint.key not in self._found and is_short(endpoint.resource):
            self._note(endpoint, Kind.LINE, Weight.GUESS)

    def known(self, technology: str, resource: str) -> bool:
        """Whether such an endpoint was seen."""
        return f"{technology.lower()}/{resource.lower()}" in self._found

    def extensions(self) -> dict[str, str]:
        """Devices and their extensions, as hints told."""
        return dict(self._numbers)

    def _note(self, endpoint: Endpoint, kind: Kind, weight: Weight) -> None:
        before = self._found.get(endpoint.key)
        if (before is None and len(self._found) < MOST) or (before is not None and weight >= before[1]):
            self._found[endpoint.key] = (kind, weight)
