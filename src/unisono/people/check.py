"""What an account, a group or a line must look like before it is saved. Every fault names its field."""

import re
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from unisono.kernel.errors import Invalid
from unisono.kernel.text import is_shown, tidy
from unisono.people.model import Group, Line, User

LOCALES = ("en", "it", "de")
_LOGIN = re.compile(r"[^\s\x00-\x1f\x7f]{1,120}")
_MAIL = re.compile(r"[^\s@]+@[^\s@]+")
_PHONE = re.compile(r"\+?[0-9(][0-9 ()/.\-]{2,}")
_EXTENSION = re.compile(r"[0-9*#+]+(?:[ /.\-][0-9*#]+)*")
_LONGEST = {"mail": 254, "mobile": 64, "number": 64, "name": 120, "location_id": 64, "connector": 64}


def wrong(field: str, code: str, message: str, **data: str | int) -> Invalid:
    """A fault about one field; `data` is for the translated text."""
    return Invalid(code, message, data={"field": field, **data})


def user(wanted: User, groups: Collection[str], lines: Collection[str]) -> User:
    """`wanted` with tidy texts; raises `Invalid`. `groups` and `lines` are the ids there are."""
    tidy = replace(wanted, **_tidy(wanted, "login name mail given_name family_name title department mobile location_id"))
    if not _LOGIN.fullmatch(tidy.login):
        raise wrong("login", "login-invalid", "A sign-in name has 1 to 120 characters and no blanks.")
    if not tidy.name:
        tidy = replace(tidy, name=f"{tidy.given_name} {tidy.family_name}".strip())
    if not tidy.name:
        raise wrong("name", "name-missing", "Give the person a name.")
    if tidy.mail and not _MAIL.fullmatch(tidy.mail):
        raise wrong("mail", "mail-invalid", f"{tidy.mail!r} is not a mail address; it needs one @.")
    if tidy.mobile and not _PHONE.fullmatch(tidy.mobile):
        raise wrong("mobile", "number-invalid", f"{tidy.mobile!r} is not a telephone number.")
    if tidy.locale not in ("", *LOCALES):
        raise wrong("locale", "locale-unknown", f"The language is one of {', '.join(LOCALES)}.")
    _known("group_ids", "group", tidy.group_ids, groups)
    _known("line_ids", "line", tidy.line_ids, lines)
    return replace(
        tidy, group_ids=tuple(dict.fromkeys(tidy.group_ids)), line_ids=tuple(dict.fromkeys(tidy.line_ids))
    )


def group(wanted: Group, users: Collection[str]) -> Group:
    """`wanted` with tidy texts; raises `Invalid`. Leaders are members too."""
    tidy = replace(wanted, **_tidy(wanted, "name"))
    if not tidy.name:
        raise wrong("name", "name-missing", "Give the group a name.")
    _known("member_ids", "person", tidy.member_ids, users)
    _known("leader_ids", "person", tidy.leader_ids, users)
    return replace(tidy, member_ids=tuple(dict.fromkeys((*tidy.member_ids, *tidy.leader_ids))))


def line(wanted: Line, users: Collection[str]) -> Line:
    """`wanted` with tidy texts; raises `Invalid`. Without a number the device is the number."""
    tidy = replace(wanted, **_tidy(wanted, "connector device number name location_id"))
    if not tidy.connector:
        raise wrong("connector", "connector-missing", "Say which PBX connection the line belongs to.")
    if not tidy.device:
        raise wrong("device", "device-missing", "Give the device as the PBX calls it, usually the extension.")
    if tidy.number and tidy.number != tidy.device and not _EXTENSION.fullmatch(tidy.number):
        raise wrong("number", "number-invalid", f"{tidy.number!r} is not a number that can be dialled.")
    _known("user_ids", "person", tidy.user_ids, users)
    return replace(tidy, number=tidy.number or tidy.device, user_ids=tuple(dict.fromkeys(tidy.user_ids)))


def password(text: str, shortest: int) -> None:
    """Raises `Invalid` for one that is too short or absurdly long."""
    if len(text) < shortest:
        message = f"A password needs at least {shortest} characters."
        raise wrong("password", "password-too-short", message, bound=shortest)
    if len(text) > 1024:
        raise wrong("password", "password-too-long", "A password has at most 1,024 characters.")


def _tidy(value: object, fields: str) -> dict[str, Any]:
    found = {}
    for field in fields.split():
        given = getattr(value, field)
        text = given.strip() if field == "device" else tidy(given)  # a device is called what the PBX calls it
        most = _LONGEST.get(field, 120)
        if field == "name" and isinstance(value, User):
            most = 200
        if len(text) > most or not is_shown(text):
            raise wrong(field, "text-invalid", f"At most {most} characters, each of which can be seen.")
        found[field] = text
    return found


def _known(field: str, what: str, wanted: Collection[str], there: Collection[str]) -> None:
    missing = [id for id in wanted if id not in there]
    if missing:
        raise wrong(field, f"unknown-{what}", f"There is no {what} {missing[0]!r}. Load the page again.")
