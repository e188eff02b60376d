"""Cisco's XML services.

"Cisco Unified IP Phone Services Application Development Notes" (OL-20949-01), chapter 3: a menu has at most 100 items whose
names have at most 64 characters; a directory has at most 32 entries, and more go into further documents; an input appends
`?<QueryStringParam>=<typed>` to its address; keys that are named take the place of all the usual ones, so that those of
dialling are named too. Chapters 3 and 6: all of them read UTF-8, if document and header both say so; the parser knows no
elements but those named. Real telephones have not been tried.
"""

from unisono.directory.phonebooks.desk import Desk, Documents, lines
from unisono.directory.phonebooks.markup import declaration, element
from unisono.directory.phonebooks.shelf import Entry, Place

_PAGE = 10
"""Contacts of a page: with three numbers each they still are 32 lines at most; further numbers are left out."""
_NUMBERS = 3
_NAME_MOST = 64


def _menu(desk: Desk) -> str:
    starts = [(desk.words.search, f"{desk.base}/input.xml"), *desk.starts()]
    items = "".join(
        f"<MenuItem>{element('Name', name[:_NAME_MOST])}{element('URL', url)}</MenuItem>\n" for name, url in starts
    )
    return f"{declaration()}<CiscoIPPhoneMenu>\n{_titles(desk)}{items}</CiscoIPPhoneMenu>\n"


def _ask(desk: Desk) -> str:
    return (
        f"{declaration()}<CiscoIPPhoneInput>\n{_titles(desk)}{element('URL', f'{desk.base}/search.xml')}\n"
        f"<InputItem>{element('DisplayName', desk.words.asked)}<QueryStringParam>q</QueryStringParam>"
        f"<DefaultValue></DefaultValue><InputFlags>A</InputFlags></InputItem>\n</CiscoIPPhoneInput>\n"
    )


def _head(desk: Desk) -> str:
    return f"{declaration()}<CiscoIPPhoneDirectory>\n{_titles(desk)}"


def _entry(desk: Desk, entry: Entry) -> str:
    return "".join(
        f"<DirectoryEntry>{element('Name', name[:_NAME_MOST])}{element('Telephone', number)}</DirectoryEntry>\n"
        for name, number in [*lines(desk, entry)][:_NUMBERS]
    )


def _tail(desk: Desk, place: Place | None) -> str:
    words = desk.words
    keys = [(words.dial, "SoftKey:Dial"), (words.edit, "SoftKey:EditDial"), (words.leave, "SoftKey:Exit")]
    if place is not None:
        keys.append((words.more, desk.directory(place)))
    return _keys(keys) + "</CiscoIPPhoneDirectory>\n"


def _empty(desk: Desk) -> str:
    return _text(desk, desk.words.nothing)


def _waits(desk: Desk) -> str:
    return _text(desk, desk.words.waiting)


def _text(desk: Desk, words: str) -> str:
    text = _titles(desk) + element("Text", words)
    keys = _keys([(desk.words.leave, "SoftKey:Exit")])
    return f"{declaration()}<CiscoIPPhoneText>\n{text}\n{keys}</CiscoIPPhoneText>\n"


def _titles(desk: Desk) -> str:
    return element("Title", desk.title[:_NAME_MOST]) + "\n"


def _keys(keys: list[tuple[str, str]]) -> str:
    return "".join(
        f"<SoftKeyItem>{element('Name', name)}{element('URL', url)}<Position>{position}</Position></SoftKeyItem>\n"
        for position, (name, url) in enumerate(keys, 1)
    )


DOCUMENTS = Documents(_head, _entry, _tail, _empty, _waits, _menu, _ask, _PAGE)
