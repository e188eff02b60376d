"""Taking over people from a table: what each row would do. Pure.

The columns are known by their titles, in English, Italian and German. One row is one person; groups are named with `;` or `|`
between them; the line is a number, of a line that there is or of a telephone that a PBX says it has.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from unisono.kernel.errors import Invalid
from unisono.people import check
from unisono.people.model import User

_TITLES: Mapping[str, str] = {
    "login": "login|user|user name|username|account|nome utente|utente|benutzer|benutzername|anmeldename|samaccountname",
    "name": "name|full name|display name|nome completo|nominativo|vollständiger name|anzeigename|displayname",
    "given_name": "first name|given name|nome|vorname|givenname",
    "family_name": "last name|family name|surname|cognome|nachname|familienname|sn",
    "mail": "mail|e-mail|email|e-mail address|posta elettronica|indirizzo e-mail|e-mail-adresse",
    "title": "title|job title|position|mansione|qualifica|titolo|funktion|titel|position",
    "department": "department|reparto|ufficio|abteilung",
    "mobile": "mobile|mobile phone|cell|cellulare|mobil|mobiltelefon|handy",
    "groups": "group|groups|gruppo|gruppi|gruppe|gruppen",
    "number": "line|extension|number|phone|telephone|linea|interno|numero|telefono|leitung|"
    "nebenstelle|durchwahl|telefon|nummer",
    "password": "password|kennwort|passwort",
}
_MEANING = {title: key for key, titles in _TITLES.items() for title in titles.split("|")}
_USER = ("login", "name", "given_name", "family_name", "mail", "title", "department", "mobile")
_GROUPS = re.compile(r"[;|]")


class Verdict(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    KNOWN = "known"
    """There is such an account already; it stays as it is."""
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Device:
    """A telephone that a PBX says it has and that is no line yet."""

    connector: str
    device: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What there is: sign-in names and groups (by their names) in lower case, lines and devices by number."""

    logins: Collection[str] = ()
    groups: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, str] = field(default_factory=dict)
    devices: Mapping[str, Device] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taken:
    """One row. `code`, `field`: why it is bad, or what of it is left out. `line_id`, `device`: which telephone is theirs."""

    line: int
    user: User
    verdict: Verdict
    groups: tuple[str, ...] = ()
    number: str = ""
    line_id: str = ""
    device: Device | None = None
    password: str = field(default="", repr=False)
    code: str = ""
    field: str = ""


def meanings(titles: Sequence[str]) -> list[str]:
    """What each column is, "" for one that is not used; of two of one kind the first counts. Raises `Invalid`."""
    found = [_MEANING.get(" ".join(title.casefold().replace("_", " ").split()), "") for title in titles]
    found = [key if key not in found[:place] else "" for place, key in enumerate(found)]
    if not {"login", "mail"} & set(found):
        raise Invalid(
            "no-login-column",
            "The first row has to name the columns, and one of them has to be `login` or `e-mail`.",
            data={"field": "file", "columns": ", ".join(titles)},
        )
    return found


def plan(columns: Sequence[str], rows: Iterable[tuple[int, Sequence[str]]], known: Known, template: User) -> list[Taken]:
    """What each row (its line in the file, its cells) would do; `template` gives what the file does not say."""
    planned: list[Taken] = []
    seen: set[str] = set()
    for line, cells in rows:
        values = {key: cell.strip() for key, cell in zip(columns, cells, strict=False) if key}
        taken = _row(line, values, known, template)
        login = taken.user.login.casefold()
        if taken.verdict is Verdict.NEW and login in seen:
            taken = replace(taken, verdict=Verdict.BAD, code="login-twice", field="login")
        seen.add(login)
        planned.append(taken)
    return planned


def _row(line: int, values: Mapping[str, str], known: Known, template: User) -> Taken:
    login = values.get("login") or values.get("mail", "").partition("@")[0].lower()
    texts: dict[str, Any] = {key: values.get(key, "") for key in _USER}
    name = texts["name"] or f"{texts['given_name']} {texts['family_name']}".strip()
    user = replace(template, **{**texts, "login": login, "name": name})
    groups = tuple(dict.fromkeys(name for part in _GROUPS.split(values.get("groups", "")) if (name := part.strip())))
    number, password = values.get("number", ""), values.get("password", "")
    taken = Taken(line, user, Verdict.NEW, groups, number, password=password)
    try:
        taken = replace(taken, user=check.user(user, (), ()))
    except Invalid as wrong:
        return replace(taken, verdict=Verdict.BAD, code=wrong.code, field=str(wrong.data["field"]))
    if login.casefold() in known.logins:
        return replace(taken, verdict=Verdict.KNOWN)
    if not number:
        return taken
    if number in known.lines:
        return replace(taken, line_id=known.lines[number])
    if number in known.devices:
        return replace(taken, device=known.devices[number])
    return replace(taken, code="unknown-number", field="number")


def new_groups(planned: Iterable[Taken], known: Known) -> list[str]:
    """The groups that have to be made, each once, by name."""
    wanted = (name for each in planned if each.verdict is Verdict.NEW for name in each.groups)
    fresh: dict[str, str] = {}
    for name in wanted:
        if name.casefold() not in known.groups:
            fresh.setdefault(name.casefold(), name)
    return sorted(fresh.values(), key=str.casefold)
