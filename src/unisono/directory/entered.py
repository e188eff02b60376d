"""Ids and names that admins enter for what stands at the doors: nodes, templates, users, profiles, fleets and keys."""

import re
from collections.abc import Callable
from typing import TypeAlias

from unisono.kernel import text
from unisono.kernel.errors import Invalid

Unfit: TypeAlias = Callable[[str, str, str], Invalid]
"""Makes of a field, what is wrong with it in a word, and in a sentence, what is raised."""
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_NAME_MOST = 120


def check_id(given: str, unfit: Unfit) -> None:
    """Raise `Invalid` if it is no id."""
    if not _ID.fullmatch(given):
        raise unfit("id", "ldap-id", "An id has 1 to 64 of a-z, 0-9, - and _.")


def checked_name(given: str, unfit: Unfit) -> str:
    """The tidy name. Raises `Invalid`."""
    if not text.is_shown(text.tidy(given)):
        raise unfit("name", "unshown", "It has characters that are not seen.")
    name = text.name(given, _NAME_MOST)
    if not name:
        raise unfit("name", "ldap-name", f"Give a name of 1 to {_NAME_MOST} characters.")
    return name
