"""Facts the permissions room tells."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GrantsChanged:
    """Who may see and do what has changed. Empty ids: for everybody."""

    owner_id: str = ""
    viewer_id: str = ""
