"""Any message, part or device as hypothesis strategies, read off the declarations."""

import typing
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Any

from hypothesis import strategies as st

from unisono.wire.csta import Message, UnknownMessage
from unisono.wire.csta.devices import Choice, ConnectionId, DeviceId, ExtendedDevice
from unisono.wire.csta.enums import TypeOfNumber
from unisono.wire.csta.failures import CSTAErrorCode, ErrorCategory
from unisono.wire.csta.message import ROOTS
from unisono.wire.csta.services import Destinations

# What XML 1.0 can hold; a lone carriage return and others are covered by a test of their own.
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=30)
DEVICES = st.builds(DeviceId, TEXT, st.sampled_from(TypeOfNumber), st.booleans(), st.booleans())
NAMED = st.sampled_from([Choice.IDENTIFIER, Choice.DEVICE, Choice.DIALED])
UNNAMED = st.sampled_from([Choice.NOT_KNOWN, Choice.RESTRICTED, Choice.NOT_REQUIRED, Choice.NOT_SPECIFIED])
EXTENDED = st.builds(ExtendedDevice, NAMED, DEVICES) | st.builds(ExtendedDevice, UNNAMED)
CONNECTIONS = st.builds(ConnectionId, TEXT, st.none() | DEVICES) | st.builds(ConnectionId, st.none(), DEVICES)
WORDS = st.text(st.characters(codec="ascii", categories=["L"]), max_size=20)

OWN: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: st.integers(-(10**17), 10**17),
    bool: st.booleans(),
    DeviceId: DEVICES,
    ExtendedDevice: EXTENDED,
    ConnectionId: CONNECTIONS,
    Destinations: st.builds(Destinations, DEVICES.map(lambda device: (device,))),
    CSTAErrorCode: st.builds(CSTAErrorCode, st.sampled_from(ErrorCategory), WORDS),
}


def of(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a field's type."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, UnionType):
        return st.none() | of(next(one for one in inner if one is not NoneType))
    if origin is tuple:
        return st.lists(of(inner[0]), max_size=3).map(tuple)
    if origin is frozenset:
        return st.frozensets(st.sampled_from(inner[0]), max_size=6)
    if kind in OWN:
        return OWN[kind]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(kind)
    assert isinstance(kind, type)
    assert is_dataclass(kind), kind
    hints = typing.get_type_hints(kind)
    return st.builds(kind, **{part.name: field_of(hints[part.name], part.default) for part in fields(kind)})


def field_of(kind: Any, default: Any) -> st.SearchStrategy[Any]:
    return of(kind) if default is MISSING else st.just(default) | of(kind)


KINDS: list[type[Message]] = [kind for kind in ROOTS.values() if kind is not UnknownMessage]
MESSAGES = st.sampled_from(KINDS).flatmap(of)
