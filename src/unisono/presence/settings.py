"""What an operator can set about presence."""

from datetime import timedelta
from typing import Annotated

import msgspec
from msgspec import Meta

from unisono.presence.timing import Timing


class PresenceSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """When somebody counts as away, as gone, as wrapping up."""

    idle_minutes: Annotated[
        int, Meta(ge=1, le=480, description="Away after so many minutes without use of the computer.")
    ] = 5
    sign_out_seconds: Annotated[
        int, Meta(ge=0, le=3600, description="Offline so many seconds after the last window was closed.")
    ] = 30
    after_call_seconds: Annotated[
        int, Meta(ge=0, le=3600, description="Time to wrap up after a call, shown as busy; 0: none.")
    ] = 0

    def timing(self) -> Timing:
        """The same as time spans."""
        return Timing(timedelta(minutes=self.idle_minutes), timedelta(seconds=self.sign_out_seconds))
