"""People as one viewer may see them. Pure but for asking the guard."""

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET

from unisono.calls.names import Names
from unisono.directory.display import readable
from unisono.directory.views import View
from unisono.numbers.service import Locations
from unisono.people.model import User
from unisono.people.service import People
from unisono.permissions.model import Right
from unisono.web.auth import viewer_of
from unisono.web.shapes import Me, Person

CHOSEN = "chosen_contacts"
"""The setting that says whom somebody meant where several contacts have one number, by that number."""


def me(user: User, people: People, names: Names) -> Me:
    """The viewer's own account."""
    preferences, view = people.preferences(user.id), names.view(viewer_of(user))
    return Me(
        id=user.id,
        login=user.login,
        name=user.name,
        mail=user.mail,
        admin=user.admin,
        locale=user.locale,
        group_ids=list(user.group_ids),
        line_ids=list(user.line_ids),
        location_id=user.location_id,
        favourites=list(preferences.favourites),
        settings=dict(preferences.settings) if view is None else _settings(preferences.settings, names, view),
    )


def _settings(settings: Mapping[str, object], names: Names, view: View) -> dict[str, Any]:
    """Without choices that a profile hides by now: they have names."""
    chosen = settings.get(CHOSEN)
    if not isinstance(chosen, dict):
        return dict(settings)
    seen = {
        number: choice
        for number, choice in chosen.items()
        if isinstance(choice, dict) and names.sees(str(choice.get("id", "")), view)
    }
    return {**settings, CHOSEN: seen}


def person(user: User, people: People, locations: Locations, rights: frozenset[Right]) -> Person:
    """A colleague, cut to what `rights` allow (the table of contact data in docs/admin/rights.md)."""
    business = Right.SEE_BUSINESS_DATA in rights
    office = Right.SEE_OFFICE_DATA in rights
    lines = people.lines_of(user.id)
    number = next((line.number for line in lines if not line.private), "")
    return Person(
        id=user.id,
        name=user.name,
        given_name=user.given_name,
        family_name=user.family_name,
        location=user.location_id,
        location_name=site.name if (site := locations.all().get(user.location_id)) else "",
        group_ids=list(user.group_ids),
        group_names=[group.name for id in user.group_ids if (group := people.group(id)) is not None],
        rights=sorted(right.value for right in rights),
        title=user.title if business and user.title else UNSET,
        department=user.department if office and user.department else UNSET,
        mail=user.mail or UNSET,
        mobile=user.mobile if business and user.mobile else UNSET,
        mobile_display=readable(user.mobile)[0] if business and user.mobile else UNSET,
        number=number if business and number else UNSET,
    )
