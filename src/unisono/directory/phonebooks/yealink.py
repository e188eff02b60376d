"""Yealink's remote phone book.

Read: "Yealink SIP-T2 Series/T19(P) E2/T4 Series/T5 Series/CP860 Administrator's Guide", Local Directory: at most 1,000
contacts, which is taken for the limit of a remote book too, because none was found for that; "XML Browser Developer's Guide
for Yealink IP Phones": one object a document; Matrix "SPARSH VP110 User Guide", Remote XML Phone Book, for telephones that
read the same kind of book: `...IPPhoneDirectory` with `DirectoryEntry`. The menu, and `#SEARCH` in an address for what was
typed, are as integrators use them. Real telephones have not been tried.
"""

from unisono.directory.phonebooks.desk import Desk, Documents, dialled, titled
from unisono.directory.phonebooks.markup import declaration, element
from unisono.directory.phonebooks.shelf import Entry, Place


def _menu(desk: Desk) -> str:
    items = "".join(
        f"<MenuItem>{element('Name', name)}{element('URL', url)}</MenuItem>\n" for name, url in desk.starts()
    )
    return f"{declaration()}<YealinkIPPhoneMenu>\n{element('Title', desk.title)}\n{items}</YealinkIPPhoneMenu>\n"


def _head(desk: Desk) -> str:
    return f"{declaration()}<YealinkIPPhoneDirectory>\n{element('Title', desk.title)}\n"


def _entry(desk: Desk, entry: Entry) -> str:
    numbers = "".join(element("Telephone", number.text) for number in dialled(entry))
    return f"<DirectoryEntry>{element('Name', titled(entry))}{numbers}</DirectoryEntry>\n" if numbers else ""


def _tail(desk: Desk, place: Place | None) -> str:
    return "</YealinkIPPhoneDirectory>\n"


def _empty(desk: Desk) -> str:
    return _head(desk) + _tail(desk, None)


DOCUMENTS = Documents(_head, _entry, _tail, _empty, menu=_menu)
