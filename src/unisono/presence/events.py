"""Facts the presence room tells."""

from dataclasses import dataclass

from unisono.presence.model import Presence


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    """A person's presence changed."""

    user_id: str
    presence: Presence
