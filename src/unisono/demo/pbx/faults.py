"""Faults on request: what can go wrong between a PBX and its clients, made to go wrong."""

from dataclasses import dataclass
from enum import StrEnum

from unisono.wire.csta import EVENT, Edition, frame


class Garbage(StrEnum):
    """Kinds of nonsense that a link may carry."""

    BYTES = "bytes"
    """No frame at all: nothing after it can be read."""
    XML = "xml"
    """A frame whose body is cut off."""
    SOAP = "soap"
    """A frame of the other format."""
    UNKNOWN = "unknown"
    """A message that no edition has."""
    FUTURE = "future"
    """An event with a state, a cause and elements that are not known, for a monitor that does not exist."""
    STRAY = "stray"
    """An answer nobody asked for."""


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong at present; all off by default. `delay` in seconds; `lose` and `reorder` count event frames."""

    frozen: bool = False
    """Half-open: the connection stands, nothing is sent, what arrives is not read."""
    delay: float = 0.0
    duplicate: bool = False
    reorder: int = 0
    """Groups of so many event frames are sent backwards."""
    lose: int = 0
    """Every so-many-th event frame is not sent."""
    refuse_connections: bool = False
    refuse_sessions: bool = False
    silent: bool = False
    """Requests are not answered; events and heartbeats go on."""
    edition: str = ""
    """Speak this edition ("ed2" to "ed6") whatever the client wants; others are turned away."""
    events_first: bool = False
    """The events that a request causes overtake its answer."""


class Impairment:
    """What the faults do to one client's outgoing frames."""

    def __init__(self) -> None:
        self._kept: list[bytes] = []
        self._count = 0

    def outgoing(self, data: bytes, faults: Faults, *, event: bool) -> list[bytes]:
        """The frames to be sent for this one, in order."""
        if not event:
            return [data]
        self._count += 1
        if faults.lose and self._count % faults.lose == 0:
            return []
        frames = [data, data] if faults.duplicate else [data]
        if not faults.reorder:
            kept, self._kept = self._kept, []
            return [*kept, *frames]
        self._kept += frames
        if len(self._kept) < faults.reorder:
            return []
        backwards, self._kept = self._kept[::-1], []
        return backwards


def garbage(kind: Garbage) -> bytes:
    """Bytes of this kind."""
    ed4 = Edition.ED4.value
    match kind:
        case Garbage.BYTES:
            return b"HTTP/1.1 400 Bad Request\r\n\r\n"
        case Garbage.XML:
            return frame(EVENT, b"<DeliveredEvent><monitorCrossRefID>1</monitor")
        case Garbage.SOAP:
            return b"\x01" + frame(EVENT, b"<soap:Envelope/>")[1:]
        case Garbage.UNKNOWN:
            return frame(EVENT, f'<TeleportedEvent xmlns="{ed4}"/>'.encode())
        case Garbage.FUTURE:
            inner = "<monitorCrossRefID>nobody</monitorCrossRefID><heldConnection><callID>x</callID></heldConnection>"
            more = "<localConnectionInfo>levitating</localConnectionInfo><cause>boredom</cause><novelty/>"
            return frame(EVENT, f'<HeldEvent xmlns="{ed4}">{inner}{more}</HeldEvent>'.encode())
        case Garbage.STRAY:
            return frame("8888", f'<AnswerCallResponse xmlns="{ed4}"/>'.encode())
