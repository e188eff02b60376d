"""What somebody may see: the books of their profiles. The same for search, look-up, count, sort and every door. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from unisono.directory.ldap.model import Configuration, Identity, Kind, Profile
from unisono.directory.views import EVERYTHING, View

NOTHING = View(frozenset())
_VIEWS_MOST = 20_000


class Why(StrEnum):
    """Why somebody sees what they see."""

    ANONYMOUS = "anonymous"
    """They do not bind: what the node shows, where it lets them."""
    OWN_PROFILES = "own-profiles"
    FOR_EVERYBODY = "for-everybody"
    """The profiles that are for everybody."""
    NO_PROFILE = "no-profile"
    """A person without any profile sees all."""
    NO_PROFILE_NOTHING = "no-profile-nothing"
    """Everybody else without any profile sees none."""
    INACTIVE = "inactive"
    """They may not bind."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What somebody sees, why, and the profiles that say so."""

    view: View
    why: Why
    profiles: tuple[Profile, ...] = ()


class Limits:
    """What profiles keep from people, ready to be asked for every open window; false where they keep nothing from anybody."""

    def __init__(self, profiles: Iterable[Profile] = ()) -> None:
        self.profiles = tuple(profile for profile in profiles if profile.people or profile.groups or profile.everybody)
        self._views: dict[tuple[str, frozenset[str]], View | None] = {}

    def __bool__(self) -> bool:
        return bool(self.profiles)

    def of(self, user_id: str, group_ids: frozenset[str]) -> View | None:
        """What a person of this server sees; None: everything."""
        key = user_id, group_ids
        if key not in self._views:
            if len(self._views) >= _VIEWS_MOST:
                self._views.clear()
            view = view_of_person(user_id, group_ids, self.profiles)
            self._views[key] = None if view == EVERYTHING else view
        return self._views[key]


def view_of(identity: Identity, configuration: Configuration) -> View:
    """What an identity sees: once their password is another one, as little as if they were blocked, until they bind anew."""
    if identity.mark != configuration.mark(identity.kind, identity.id):
        return NOTHING
    return sight_of(identity, configuration).view


def sight_of(identity: Identity, configuration: Configuration) -> Sight:
    """What an identity sees, and why. People without a profile see all books, everybody else without one sees none."""
    profiles = configuration.profiles
    match identity.kind:
        case Kind.ANONYMOUS:
            return Sight(EVERYTHING, Why.ANONYMOUS)
        case Kind.PERSON if identity.id not in configuration.people:
            return Sight(NOTHING, Why.INACTIVE)
        case Kind.PERSON:
            return _of_person(identity.id, configuration.people[identity.id], profiles)
        case Kind.USER if identity.id not in configuration.users:
            return Sight(NOTHING, Why.INACTIVE)
        case Kind.USER:
            own = tuple(p for p in profiles if identity.id in p.users)
            return _sight(own, profiles, NOTHING)
        case _:
            groups = set(identity.groups)
            own = tuple(p for p in profiles if not groups.isdisjoint(group.casefold() for group in p.directory_groups))
            return _sight(own, profiles, NOTHING)


def view_of_person(user_id: str, group_ids: Iterable[str], profiles: Iterable[Profile]) -> View:
    """What a person of this server sees, also in the search of their client."""
    return _of_person(user_id, group_ids, tuple(profiles)).view


def _of_person(user_id: str, group_ids: Iterable[str], profiles: tuple[Profile, ...]) -> Sight:
    groups = set(group_ids)
    own = tuple(p for p in profiles if user_id in p.people or not groups.isdisjoint(p.groups))
    return _sight(own, profiles, EVERYTHING)


def _sight(own: tuple[Profile, ...], profiles: tuple[Profile, ...], without: View) -> Sight:
    found = own or tuple(p for p in profiles if p.everybody)
    if not found:
        return Sight(without, Why.NO_PROFILE if without is EVERYTHING else Why.NO_PROFILE_NOTHING)
    books = frozenset(book for profile in found for book in profile.books)
    return Sight(View(books), Why.OWN_PROFILES if own else Why.FOR_EVERYBODY, found)
