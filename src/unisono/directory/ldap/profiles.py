"""What somebody may see: the books of their profiles. The same for search, look-up, count, sort and every door. Pure."""

from collections.abc import Iterable

from unisono.directory.ldap.model import Configuration, Identity, Kind, Profile
from unisono.directory.views import EVERYTHING, View

NOTHING = View(frozenset())


def view_of(identity: Identity, configuration: Configuration) -> View:
    """What an identity sees. People without a profile see all books, everybody else without one sees none."""
    profiles = configuration.profiles
    match identity.kind:
        case Kind.ANONYMOUS:
            return EVERYTHING
        case Kind.PERSON:
            if identity.id not in configuration.people:
                return NOTHING
            return view_of_person(identity.id, configuration.people[identity.id], profiles)
        case Kind.USER if identity.id not in configuration.users:
            return NOTHING
        case Kind.USER:
            own = [p for p in profiles if identity.id in p.users]
            return _together(own or [p for p in profiles if p.everybody])
        case _:
            return _together(p for p in profiles if p.everybody)


def view_of_person(user_id: str, group_ids: Iterable[str], profiles: Iterable[Profile]) -> View:
    """What a person of this server sees, also in the search of their client."""
    groups = set(group_ids)
    known = list(profiles)
    own = [p for p in known if user_id in p.people or not groups.isdisjoint(p.groups)]
    found = own or [p for p in known if p.everybody]
    return _together(found) if found else EVERYTHING


def _together(profiles: Iterable[Profile]) -> View:
    return View(frozenset(book for profile in profiles for book in profile.books))
