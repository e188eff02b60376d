"""Grandstream's downloadable phone book.

documentation.grandstream.com, "GXP Series - XML Phonebook Guide" and "WP820 - XML Phonebook Guide": `AddressBook` with
`pbgroup` and `Contact`; one of `FirstName` and `LastName` has to be there, and a `Phone` whose type is Work, Home, Mobile, Fax
or Other; a WP820 holds 1,000 records, the least figure named. Names of elements have their case. Groups 1 to 3 of the guide's
example are the telephone's own (Blacklist, Work, Friend), so that ours, one for each book, begin above.
Real telephones have not been tried.
"""

from unisono.directory.phonebooks.desk import Desk, Documents
from unisono.directory.phonebooks.markup import declaration, element
from unisono.directory.phonebooks.shelf import Entry, Place
from unisono.directory.phonebooks.words import Sort, sort_of

_FIRST_GROUP = 10
_TYPES = {Sort.WORK: "Work", Sort.HOME: "Home", Sort.MOBILE: "Mobile", Sort.FAX: "Fax", Sort.OTHER: "Other"}


def _head(desk: Desk) -> str:
    groups = "".join(
        f"<pbgroup><id>{number}</id>{element('name', name)}</pbgroup>\n"
        for number, (_, name) in enumerate(desk.books, _FIRST_GROUP)
    )
    return f"{declaration()}<AddressBook>\n<version>1</version>\n{groups}"


def _entry(desk: Desk, entry: Entry) -> str:
    contact = entry.contact
    first, last = contact.first_name, contact.last_name
    if not (first or last):
        first, last = "", entry.name or entry.firm
    phones = "".join(_phone(_TYPES[sort_of(number.kind)], number.text) for number in entry.numbers)
    names = (element("FirstName", first) if first else "") + (element("LastName", last) if last else "")
    if not names or not phones:
        return ""
    group = next((number for number, (book, _) in enumerate(desk.books, _FIRST_GROUP) if book == contact.book), None)
    groups = "" if group is None else f"<Group>{group}</Group>"
    return f"<Contact>{names}<Frequent>0</Frequent>{phones}{groups}</Contact>\n"


def _phone(kind: str, number: str) -> str:
    return f'<Phone type="{kind}">{element("phonenumber", number)}<accountindex>0</accountindex></Phone>'


def _tail(desk: Desk, place: Place | None) -> str:
    return "</AddressBook>\n"


def _empty(desk: Desk) -> str:
    return _head(desk) + _tail(desk, None)


DOCUMENTS = Documents(_head, _entry, _tail, _empty)
