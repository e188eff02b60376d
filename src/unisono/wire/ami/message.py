"""One message of the manager interface as a value."""

from dataclasses import dataclass, field
from enum import StrEnum


class AmiSyntaxError(ValueError):
    """The peer's bytes cannot be manager messages, or a value of ours must not be sent."""


class Kind(StrEnum):
    """What a message is, by its first header."""

    BANNER = "banner"
    RESPONSE = "response"
    EVENT = "event"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Message:
    """Headers in the order received, names as sent. Look-ups ignore case; `output` holds the lines of a command's answer.

    Text is UTF-8; bytes that are not are kept as surrogate escapes (PEP 383), so that `raw` can be rebuilt from it.
    `offset` counts bytes from the start of the stream.
    """

    kind: Kind
    name: str
    """The event's name, the response's word (Success, Error, Goodbye ...) or the banner's version."""
    headers: tuple[tuple[str, str], ...] = ()
    output: tuple[str, ...] = ()
    raw: bytes = b""
    offset: int = 0
    _index: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        for key, value in self.headers:
            self._index.setdefault(key.lower(), value)

    def get(self, key: str, default: str = "") -> str:
        """The first value of a header, or `default`."""
        return self._index.get(key.lower(), default)

    def all(self, key: str) -> tuple[str, ...]:
        """Every value of a repeated header (Variable, Output, ChanVariable ...)."""
        key = key.lower()
        return tuple(value for name, value in self.headers if name.lower() == key)

    def __contains__(self, key: str) -> bool:
        return key.lower() in self._index

    @property
    def action_id(self) -> str:
        """What ties it to a request of ours; empty for events that come by themselves."""
        return self.get("ActionID")
