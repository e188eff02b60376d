"""What the columns of a file mean: suggestions by their titles in English, Italian and German, or by what stands in them."""

import re
from collections.abc import Mapping, Sequence

from unisono.directory.fold import fold
from unisono.directory.main_number import is_legal_form
from unisono.directory.model import LDAP_NAMES, NUMBER_FIELDS, Field

_TITLES: Mapping[Field, str] = {
    Field.ENTRY_ID: "id|entry id|contact id|key|uid|guid|record id|codice|id contatto|kontakt id|schluessel|nr",
    Field.DISPLAY_NAME: "name|full name|display name|contact|contact name|nome completo|nominativo|nome visualizzato|"
    "contatto|anzeigename|vollstaendiger name|kontakt|ansprechpartner|cn",
    Field.FIRST_NAME: "first name|given name|forename|firstname|givenname|nome|nome di battesimo|vorname|rufname",
    Field.LAST_NAME: "last name|surname|family name|lastname|cognome|nachname|familienname|zuname|sn",
    Field.COMPANY: "company|company name|firm|organisation|organization|business|account|customer|ditta|azienda|"
    "societa|ragione sociale|impresa|cliente|firma|firmenname|unternehmen|organisation|kunde|o",
    Field.JOB_TITLE: "job title|title|position|role|qualifica|ruolo|mansione|titolo|funktion|titel|berufsbezeichnung",
    Field.DEPARTMENT: "department|dept|reparto|ufficio|abteilung|ou",
    Field.OFFICE_ROOM_NUMBER: "room|office|room number|stanza|raum|zimmer|buero",
    Field.CUSTOMER_ID: "customer id|customer number|customer no|account number|client id|codice cliente|numero cliente|"
    "n cliente|kundennummer|kunden nr|kundennr|debitor|debitorennummer",
    Field.BUSINESS_STREET: "street|address|business street|business address|address 1|indirizzo|via|strasse|anschrift|"
    "strasse geschaeftlich|indirizzo ufficio",
    Field.BUSINESS_POSTAL_CODE: "postal code|zip|zip code|postcode|post code|business postal code|cap|"
    "codice postale|plz|postleitzahl|postleitzahl geschaeftlich",
    Field.BUSINESS_CITY: "city|town|business city|citta|comune|localita|luogo|ort|stadt|ort geschaeftlich|l",
    Field.BUSINESS_STATE: "state|province|county|region|business state|provincia|prov|regione|bundesland|st",
    Field.BUSINESS_COUNTRY: "country|business country|business country region|paese|nazione|stato|land|co",
    Field.PRIVATE_STREET: "home street|home address|indirizzo abitazione|strasse privat",
    Field.PRIVATE_POSTAL_CODE: "home postal code|cap abitazione|postleitzahl privat",
    Field.PRIVATE_CITY: "home city|citta abitazione|ort privat",
    Field.PRIVATE_STATE: "home state|provincia abitazione",
    Field.PRIVATE_COUNTRY: "home country|home country region|paese abitazione|land privat",
    Field.EMAIL: "email|e mail|mail|email address|e mail address|e mail 1|email 1|posta elettronica|indirizzo email|"
    "indirizzo e mail|posta|e mail adresse|email adresse",
    Field.EMAIL_2: "email 2|e mail 2|e mail 2 address|second email|e mail adresse 2|indirizzo e mail 2",
    Field.EMAIL_3: "email 3|e mail 3|e mail 3 address|e mail adresse 3|indirizzo e mail 3",
    Field.SIP_ADDRESS: "sip|sip address|sip uri|indirizzo sip|sip adresse",
    Field.WEB: "web|website|web site|web page|url|homepage|sito|sito web|pagina web|webseite|internet",
    Field.PHONE_BUSINESS: "phone|telephone|tel|business phone|work phone|phone number|telephone number|phone 1|work|"
    "office phone|telefono|telefono ufficio|tel ufficio|numero|numero di telefono|telefono 1|telefon|"
    "telefonnummer|telefon geschaeftlich|rufnummer|telefon 1|telephonenumber|tel 1|phone work|telefon buero",
    Field.PHONE_BUSINESS_2: "business phone 2|work phone 2|phone 2|telefono 2|telefono ufficio 2|telefon 2|"
    "telefon geschaeftlich 2|tel 2|tel2|telefon2|telefono2|phone2",
    Field.PHONE_COMPANY_MAIN: "company main phone|main phone|main number|switchboard|company phone|centralino|"
    "telefono societa|telefono principale|zentrale|hauptnummer|telefon firma|hauptrufnummer",
    Field.PHONE_ASSISTANT: "assistant s phone|assistants phone|assistant phone|telefono assistente|telefon assistent",
    Field.PHONE_HOME: "home phone|private phone|home|telefono casa|casa|telefono abitazione|abitazione|privato|"
    "telefon privat|privat|homephone",
    Field.PHONE_HOME_2: "home phone 2|telefono casa 2|abitazione 2|telefon privat 2",
    Field.PHONE_PRIMARY: "primary phone|telefono primario|haupttelefon",
    Field.PHONE_MOBILE: "mobile|mobile phone|cell|cell phone|cellphone|mobile number|cellulare|telefono cellulare|"
    "tel cellulare|cell 1|mobiltelefon|mobil|handy|mobilnummer|handynummer",
    Field.PHONE_CAR: "car phone|telefono auto|autotelefon",
    Field.PHONE_RADIO: "radio phone|radiotelefono|funktelefon",
    Field.PHONE_PAGER: "pager|cercapersone|pager nummer",
    Field.PHONE_OTHER: "other phone|other|altro telefono|altro|weiteres telefon|sonstige",
    Field.PHONE_CALLBACK: "callback|numero per richiamare|rueckmeldung",
    Field.PHONE_ISDN: "isdn",
    Field.PHONE_TTY_TDD: "tty tdd phone|tty|texttelefon",
    Field.FAX_BUSINESS: "fax|business fax|fax number|fax 1|telefax|fax ufficio|numero fax|fax geschaeftlich|faxnummer",
    Field.FAX_HOME: "home fax|fax abitazione|fax casa|fax privat",
    Field.NOTE: "note|notes|comment|comments|remark|remarks|annotazioni|commenti|osservazioni|notiz|notizen|bemerkung|"
    "bemerkungen|kommentar",
    Field.DIRECT_LINK: "link|crm link|direct link|collegamento|verknuepfung",
    Field.PRIVATE_CONTACT: "private|private contact|contatto privato|privater kontakt",
}

_SEVERAL = frozenset(NUMBER_FIELDS) | {Field.EMAIL, Field.EMAIL_2, Field.EMAIL_3}
"""Fields of which a contact has as many as there are."""

_WORDS = re.compile(r"[^\W_]+")
_COUNT = re.compile(r" ?\d{1,2}$")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_FIELD_OF = {fold(title): field for field, titles in _TITLES.items() for title in titles.split("|")}
_FIELD_OF.update({fold(field.value.replace("_", " ")): field for field in Field})
for _field, _name in LDAP_NAMES.items():
    _FIELD_OF.setdefault(fold(_name), _field)

_PHONE = re.compile(r"(?i)(?:tel\.?\s*)?\+?[\d\s()/.\-–]{5,}$")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+$")


def field_of(title: str) -> Field | None:
    """The field a column title stands for: `E-Mail 2`, `Telefono ufficio`, `givenName`, `jobTitle`, `Handy 3`."""
    words, humped = words_of(title), words_of(_HUMP.sub(" ", title))
    found = _FIELD_OF.get(words) or _FIELD_OF.get(humped)
    if found is not None:
        return found
    counted = _FIELD_OF.get(_COUNT.sub("", words)) or _FIELD_OF.get(_COUNT.sub("", humped))
    return counted if counted in _SEVERAL else None


def words_of(title: str) -> str:
    """The words of a title, folded, with one blank between them."""
    return " ".join(_WORDS.findall(fold(title)))


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row holds titles: a known one, and nothing in it that is a number or an address."""
    if not rows:
        return False
    first = [cell for cell in rows[0] if cell]
    if not first or any(_is_phone(cell) or _MAIL.match(cell) for cell in first):
        return False
    known = sum(field_of(cell) is not None for cell in first)
    if known:
        return known * 4 >= len(first) or known >= 2
    # No known title: still a header if the rows below look different from it.
    below = [cell for row in rows[1:20] for cell in row]
    return len(set(first)) == len(first) and any(_is_phone(cell) or _MAIL.match(cell) for cell in below)


_ABOVE = 10
"""Rows that may stand above the titles."""


def above(rows: Sequence[Sequence[str]]) -> int:
    """How many of the first rows stand above the table, as the list's name and its date do, and are no part of it.

    They hold fewer cells than the titles, which are several known ones.
    """
    filled = [sum(map(bool, row)) for row in rows[: _ABOVE + 1]]
    for place, row in enumerate(rows[1 : _ABOVE + 1], 1):
        known = sum(field_of(cell) is not None for cell in row)
        if known > 1 and max(filled[:place]) < filled[place] and has_header(rows[place:]):
            return place
    return 0


def _is_phone(cell: str) -> bool:
    return bool(_PHONE.match(cell)) and sum(c.isdigit() for c in cell) >= 5


def titles_of(rows: Sequence[Sequence[str]], *, header: bool) -> list[str]:
    """One distinct title for each column: the header's, made distinct, or `Column 1` and so on."""
    width = max((len(row) for row in rows), default=0)
    given = list(rows[0]) if header and rows else []
    titles: list[str] = []
    for number in range(width):
        title = given[number] if number < len(given) and given[number] else f"Column {number + 1}"
        plain, times = title, 1
        while title in titles:
            times += 1
            title = f"{plain} ({times})"
        titles.append(title)
    return titles


def suggest(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, str]:
    """Title to field, each once but for numbers and e-mail addresses; columns nobody knows are mapped to ""."""
    mapping: dict[str, str] = {}
    used: set[Field] = set()
    for title in titles:
        field = field_of(re.sub(r" \(\d+\)$", "", title))
        field = _second(field, used, _SEVERAL) if field in used else field
        if field is not None:
            used.add(field)
        mapping[title] = field.value if field is not None else ""
    # Titles that say "name" beside a first or a last name mean the other one of them.
    if Field.DISPLAY_NAME in used and Field.FIRST_NAME in used and Field.LAST_NAME not in used:
        whole = Field.DISPLAY_NAME.value
        mapping = {t: Field.LAST_NAME.value if f == whole != t else f for t, f in mapping.items()}
    if not used & _TELLING:
        _by_content(mapping, titles, rows, used)
    return mapping


_TELLING = frozenset({Field.DISPLAY_NAME, Field.FIRST_NAME, Field.LAST_NAME, Field.COMPANY})
_NEXT = {
    Field.PHONE_BUSINESS: Field.PHONE_BUSINESS_2,
    Field.PHONE_BUSINESS_2: Field.PHONE_OTHER,
    Field.PHONE_HOME: Field.PHONE_HOME_2,
    Field.EMAIL: Field.EMAIL_2,
    Field.EMAIL_2: Field.EMAIL_3,
}


def _second(field: Field | None, used: set[Field], several: frozenset[Field] = frozenset()) -> Field | None:
    """What one more column of a kind fills; the last field of the kind again, if it is one of `several`."""
    while field is not None and field in used:
        after = _NEXT.get(field)
        if after is None and field in several:
            return field
        field = after
    return field


def _by_content(
    mapping: dict[str, str], titles: Sequence[str], rows: Sequence[Sequence[str]], used: set[Field]
) -> None:
    for number, title in enumerate(titles):
        if mapping[title]:
            continue
        cells = [row[number] for row in rows if number < len(row) and row[number]]
        field = _content(cells)
        field = _second(field, used) if field in used else field
        if field is not None:
            used.add(field)
            mapping[title] = field.value


def _content(cells: Sequence[str]) -> Field | None:
    if not cells:
        return None
    half = len(cells) / 2
    if sum(bool(_MAIL.match(cell)) for cell in cells) > half:
        return Field.EMAIL
    if sum(_is_phone(cell) for cell in cells) > half:
        return Field.PHONE_BUSINESS
    if sum(is_legal_form(cell) for cell in cells) > half / 2:
        return Field.COMPANY
    text = sum(any(c.isalpha() for c in cell) and not any(c.isdigit() for c in cell) for cell in cells)
    return Field.DISPLAY_NAME if text > half else None
