"""Yealink's remote phone book.

"Yealink SIP-T2 Series/T19(P) E2/T4 Series/T5 Series/CP860 Administrator's Guide", Remote Phone Book: `...IPPhoneMenu` leads to
`...IPPhoneDirectory`; an address with `#SEARCH` is asked with what was typed in its place. Local Directory there: at most 1,000
contacts, which is taken for the limit of a remote one too, for which none is named. "XML Browser Developer's Guide": one object
a document. Real telephones have not been tried.
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


DOCUMENTS = Documents(_head, _entry, _tail, _empty, _menu)
