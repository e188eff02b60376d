"""Facts the people room tells."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PeopleChanged:
    """These users, groups and lines were added, changed or removed; read them afresh."""

    users: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    lines: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PreferencesChanged:
    """A user's own favourites or settings changed; nobody else sees them."""

    user_id: str


@dataclass(frozen=True, slots=True)
class SessionsChanged:
    """Sessions or tokens of this user ended: whoever serves them has to look again."""

    user_id: str
