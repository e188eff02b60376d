"""Facts the calls room tells."""

from dataclasses import dataclass

from unisono.calls.model import Call, DeviceStatus
from unisono.calls.port import LinkState


@dataclass(frozen=True, slots=True)
class CallChanged:
    """A call began, changed or ended (`call.live`); `before` is None for its first fact."""

    call: Call
    before: Call | None


@dataclass(frozen=True, slots=True)
class DeviceChanged:
    """A device's settings or service state changed."""

    connector: str
    device: str
    status: DeviceStatus


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """The link to a PBX changed."""

    connector: str
    state: LinkState


@dataclass(frozen=True, slots=True)
class CapabilitiesChanged:
    """What a line can do became known or changed."""

    connector: str
    device: str


@dataclass(frozen=True, slots=True)
class AnomaliesChanged:
    """Events of this PBX could not be (their calls were left in their last sane state), or they were forgotten."""

    connector: str


@dataclass(frozen=True, slots=True)
class LinesDiscovered:
    """A PBX said which devices it has; `CallService.discovered` has them."""

    connector: str
