"""What all messages have in common, and the table of all root elements."""

from dataclasses import dataclass, field
from typing import ClassVar, TypeVar, dataclass_transform

T = TypeVar("T", bound="Message")

ROOTS: dict[str, type["Message"]] = {}
"""Every message by its root element; filled by `message`."""


class Message:
    """A CSTA or ECMA-354 message. The class is called like its root element."""

    __slots__ = ()

    NAMESPACE: ClassVar[str] = ""
    """Where the message lives when that is not the edition's namespace."""


class Request(Message):
    """Something asked of the other side; it gets a response or an error."""

    __slots__ = ()


class Response(Message):
    """The answer to a request, under its invoke identifier."""

    __slots__ = ()


class Event(Message):
    """Something the switching function tells; it gets no answer."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class UnknownMessage(Message):
    """A message whose root element we do not know, which is no error: standards grow."""

    name: str
    namespace: str = ""


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def message(cls: type[T]) -> type[T]:
    """Declare a message: a frozen, slotted dataclass, known by its name."""
    made = dataclass(frozen=True, slots=True)(cls)
    ROOTS[made.__name__] = made
    return made
