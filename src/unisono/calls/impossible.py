"""What an event of a PBX can be that cannot be, as values: a reason with its particulars. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Why(StrEnum):
    """Why an event cannot be; clients have words for each, with the particulars in them."""

    UNKNOWN_CALL = "unknown-call"
    UNKNOWN_CONNECTION = "unknown-connection"
    AFTER_END = "after-end"
    AFTER_CLEARED = "after-cleared"
    BEFORE_BEGIN = "before-begin"
    STATE = "state"
    TOO_MANY_CONNECTIONS = "too-many-connections"
    UNREADABLE = "unreadable"
    INTERNAL = "internal"


_SENTENCES = {
    Why.UNKNOWN_CALL: "{what} for unknown call {call}",
    Why.UNKNOWN_CONNECTION: "{what} for unknown connection {call}:{device}",
    Why.AFTER_END: "event for call {call} after its end",
    Why.AFTER_CLEARED: "event for call {call} that was cleared before it was known",
    Why.BEFORE_BEGIN: "call {call} was cleared before it began",
    Why.STATE: "{what} for {call}:{device} in state {state}",
    Why.TOO_MANY_CONNECTIONS: "more connections than there can be in call {call}",
    Why.UNREADABLE: "{detail}",
    Why.INTERNAL: "internal error; see the log",
}


@dataclass(frozen=True, slots=True)
class Impossible:
    """One such finding. `what` is an event by its name in ECMA-269, `state` a connection's state by its name there.

    `detail`: the connector's own words for what it could not read.
    """

    why: Why
    what: str = ""
    call: str = ""
    device: str = ""
    state: str = ""
    detail: str = ""

    def particulars(self) -> dict[str, str]:
        """What the words for the reason need, without what is empty."""
        return {
            name: text
            for name in ("what", "call", "device", "state", "detail")
            if (text := str(getattr(self, name)))
        }

    def __str__(self) -> str:
        return _SENTENCES[self.why].format(
            what=self.what, call=self.call, device=self.device, state=self.state, detail=self.detail
        )
