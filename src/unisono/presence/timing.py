"""How long presence waits: known to the settings, which every command reads, without what presence is made of."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Timing:
    """How long we wait: `idle_after` from the last use of the computer to "away"; `sign_out_after` for a page that reloads."""

    idle_after: timedelta = timedelta(minutes=5)
    sign_out_after: timedelta = timedelta(seconds=30)
