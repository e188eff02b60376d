"""What telephones show besides contacts, in the languages of the client."""

from dataclasses import dataclass
from enum import StrEnum

from unisono.directory.model import NumberKind

_FAX = frozenset({NumberKind.FAX_BUSINESS, NumberKind.FAX_HOME})


class Sort(StrEnum):
    """Kinds of numbers as telephones tell them apart."""

    WORK = "work"
    MOBILE = "mobile"
    HOME = "home"
    FAX = "fax"
    OTHER = "other"


_SORTS = {
    **dict.fromkeys((NumberKind.BUSINESS, NumberKind.BUSINESS_2, NumberKind.COMPANY_MAIN, NumberKind.PRIMARY), Sort.WORK),
    **dict.fromkeys((NumberKind.MOBILE, NumberKind.CAR), Sort.MOBILE),
    **dict.fromkeys((NumberKind.HOME, NumberKind.HOME_2), Sort.HOME),
    **dict.fromkeys(_FAX, Sort.FAX),
}


def sort_of(kind: NumberKind) -> Sort:
    """The sort of a number."""
    return _SORTS.get(kind, Sort.OTHER)


@dataclass(frozen=True, slots=True)
class Words:
    """A language's words."""

    everybody: str
    search: str
    asked: str
    more: str
    nothing: str
    waiting: str
    dial: str
    edit: str
    leave: str
    sorts: dict[Sort, str]


_WORDS = {
    "en": Words(
        "All contacts", "Search", "Name or number", "Next", "Nothing found", "Contacts are being made ready",
        "Dial", "Edit", "Exit",
        {Sort.WORK: "work", Sort.MOBILE: "mobile", Sort.HOME: "home", Sort.FAX: "fax", Sort.OTHER: "other"},
    ),
    "it": Words(
        "Tutti i contatti", "Cerca", "Nome o numero", "Avanti", "Nessun risultato", "I contatti sono in preparazione",
        "Chiama", "Modifica", "Esci",
        {Sort.WORK: "ufficio", Sort.MOBILE: "cellulare", Sort.HOME: "casa", Sort.FAX: "fax", Sort.OTHER: "altro"},
    ),
    "de": Words(
        "Alle Kontakte", "Suchen", "Name oder Nummer", "Weiter", "Nichts gefunden", "Die Kontakte werden gerade bereitgestellt",
        "Wählen", "Ändern", "Ende",
        {Sort.WORK: "Büro", Sort.MOBILE: "mobil", Sort.HOME: "privat", Sort.FAX: "Fax", Sort.OTHER: "andere"},
    ),
}  # fmt: skip


def words(wanted: str, otherwise: str = "") -> Words:
    """The words for an Accept-Language (RFC 9110 12.5.4): its first language that there is, else `otherwise`, else English."""
    asked = (part.partition(";")[0].strip()[:2].lower() for part in wanted.split(","))
    found = next((_WORDS[language] for language in asked if language in _WORDS), None)
    return found or _WORDS.get(otherwise[:2].lower(), _WORDS["en"])
