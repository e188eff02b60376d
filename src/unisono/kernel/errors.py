"""One kind of failure for people: a code, who is to blame, what to do about it. Doors map it to their own words."""

from collections.abc import Mapping
from enum import StrEnum


class Culprit(StrEnum):
    """Who has to change something."""

    USER = "user"
    PEER = "peer"
    US = "us"


class Retry(StrEnum):
    """Whether the same thing may be tried again."""

    LATER = "later"
    ASK_ADMIN = "ask-admin"
    NEVER = "never"


class Fault(Exception):
    """A failure that a person will read.

    `code` is stable, lower-case words with hyphens ("unknown-call"); clients translate it. `message` is English, names the
    culprit and the remedy. `data` holds what the translated text needs.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        culprit: Culprit = Culprit.USER,
        retry: Retry = Retry.NEVER,
        data: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.culprit = culprit
        self.retry = retry
        self.data: dict[str, object] = dict(data or {})

    def in_full(self) -> str:
        """The message with its notes (`add_note`): what only who runs the server may know, as where something is."""
        return " ".join((self.message, *getattr(self, "__notes__", ())))


class NotFound(Fault):
    """What was asked for is not there, or this viewer may not know that it is."""


class Forbidden(Fault):
    """This viewer may not do that."""


class Conflict(Fault):
    """It cannot be done in the present state."""


class Outdated(Fault):
    """What is stored is not what it was done for: somebody else was faster."""


class Invalid(Fault):
    """The input is wrong; `data["field"]` names where, if there is one place."""


class TooMany(Fault):
    """A limit was reached; `data["retry_after"]` says after how many seconds to come again."""

    def __init__(self, code: str, message: str, retry_after: float) -> None:
        super().__init__(code, message, retry=Retry.LATER, data={"retry_after": retry_after})


class Unavailable(Fault):
    """A peer or one of our own parts is not there now; `retry_after`: seconds after which it may be, where that is known."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        culprit: Culprit = Culprit.PEER,
        retry: Retry = Retry.LATER,
        retry_after: float | None = None,
    ) -> None:
        data = {} if retry_after is None else {"retry_after": retry_after}
        super().__init__(code, message, culprit=culprit, retry=retry, data=data)
