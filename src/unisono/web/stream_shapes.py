"""Shapes of the event stream (docs/developers/api.md): what clients keep, and the frames around it."""

from datetime import datetime

import msgspec

from unisono.calls.model import ForwardingType
from unisono.calls.port import LinkPhase
from unisono.presence.model import Activity, Reason, State


class Presence(msgspec.Struct, frozen=True, rename={"with_": "with"}):
    """Who is there, and why we say so."""

    state: State
    reason: Reason
    since: datetime | None
    until: datetime | None
    note: str
    activity: Activity
    with_: str
    settable: bool


class Forwarding(msgspec.Struct, frozen=True):
    """An active forwarding. `to`: super-canonical, or as the telephone system says it; `display`: as people write it."""

    type: ForwardingType
    to: str
    display: str


class DeviceState(msgspec.Struct, frozen=True):
    """What a line is set to."""

    in_service: bool
    do_not_disturb: bool
    forwarding: list[Forwarding]
    messages_waiting: int


class Line(msgspec.Struct, frozen=True):
    """A line, and what may be asked of it now without a call. `link`: the id of the link to its PBX, "" for others' lines."""

    id: str
    number: str
    name: str
    user_ids: list[str]
    device_status: DeviceState
    services: list[str]
    own: bool
    link: str


class Link(msgspec.Struct, frozen=True):
    """The link to a PBX."""

    id: str
    name: str
    kind: str
    phase: LinkPhase
    code: str
    message: str
    remedy: str
    peer: str
    version: str
    lines: int
    since: datetime | None
    anomalies: int
    """How many events of it could not be; for admins."""
    next_try: datetime | None = None
    """When a link that is down is tried again by itself; for admins."""


class Hello(msgspec.Struct, tag_field="type", tag="hello"):
    """A client's first word: the last it knows."""

    epoch: str = ""
    seq: int = 0


class Pong(msgspec.Struct, tag_field="type", tag="pong"):
    """A client's answer to a ping."""


ClientFrame = Hello | Pong
"""Everything a client may say."""
