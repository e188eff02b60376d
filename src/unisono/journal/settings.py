"""Settings of the journal."""

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

Days = Annotated[int, Meta(ge=0, le=36500)]
Hour = Annotated[int, Meta(ge=0, le=23)]


class PrivateCalls(StrEnum):
    """What the journal keeps of the partners of a private telephone."""

    NORMAL = "normal"
    LAST_DIGITS = "last-digits"
    """The number with its last three digits as XXX, no name."""
    NO_NUMBER = "no-number"


class JournalSettings(msgspec.Struct, forbid_unknown_fields=True):
    """What is kept, and how long."""

    keep_internal_days: Annotated[Days, Meta(description="Days until internal calls are deleted; 0: never.")] = 0
    keep_external_days: Annotated[Days, Meta(description="Days until external calls are deleted; 0: never.")] = 0
    keep_with_note_days: Annotated[Days, Meta(description="Days until calls with a note are deleted; 0: never.")] = 0
    night_from: Annotated[Hour, Meta(description="Hour (server's time) from which old entries are deleted.")] = 1
    night_until: Annotated[Hour, Meta(description="Hour until which they are.")] = 4
    private_calls: Annotated[
        PrivateCalls, Meta(description="Partners of private telephones: normal, last-digits or no-number.")
    ] = PrivateCalls.LAST_DIGITS
