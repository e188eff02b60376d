"""Snom's minibrowser.

service.snom.com, "XML Minibrowser" with "IPPhoneMenu", "IPPhoneDirectory", "IPPhoneInput", "IPPhoneText" and "Main Subtags":
UTF-8, one object a document; the token of an input is replaced in its address by what was typed; a context key gets label and
address. wiki.snom.com, "Xmlobjects": no control characters in texts; speed select has not more than 100 lines, so that a page
with several numbers of each contact stays below that.

Newer firmware (10.1.178.0) keeps a whole book in its own directory: service.snom.com, "Remote XML Directory", which is asked by
POST. What that holds is only told for old telephones: 250 entries in a snom370 (wiki.snom.com, "Setting Files/XML/Directory").
Real telephones have not been tried.
"""

from xml.sax.saxutils import quoteattr

from unisono.directory.phonebooks.desk import Desk, Documents, dialled, lines
from unisono.directory.phonebooks.markup import declaration, element, line
from unisono.directory.phonebooks.shelf import Entry, Place
from unisono.directory.phonebooks.words import Sort, sort_of

_PAGE = 30
_TOKEN = "__q__"  # noqa: S105


def _menu(desk: Desk) -> str:
    starts = [(desk.words.search, f"{desk.base}/input.xml"), *desk.starts()]
    items = "".join(f"<MenuItem>{element('Name', name)}{element('URL', url)}</MenuItem>\n" for name, url in starts)
    return f"{declaration()}<SnomIPPhoneMenu>\n{element('Title', desk.title)}\n{items}</SnomIPPhoneMenu>\n"


def _ask(desk: Desk) -> str:
    return (
        f"{declaration()}<SnomIPPhoneInput>\n{element('Title', desk.title)}\n{element('Prompt', desk.words.search)}\n"
        f"{element('URL', f'{desk.base}/search.xml?q={_TOKEN}')}\n"
        f"<InputItem>{element('DisplayName', desk.words.asked)}{element('InputToken', _TOKEN)}<DefaultValue></DefaultValue>"
        f"<InputFlags>a</InputFlags></InputItem>\n</SnomIPPhoneInput>\n"
    )


def _head(desk: Desk) -> str:
    return f"{declaration()}<SnomIPPhoneDirectory>\n{element('Title', desk.title)}\n"


def _entry(desk: Desk, entry: Entry) -> str:
    return "".join(
        f"<DirectoryEntry>{element('Name', name)}{element('Telephone', number)}</DirectoryEntry>\n"
        for name, number in lines(desk, entry)
    )


def _tail(desk: Desk, place: Place | None) -> str:
    key = ""
    if place is not None:
        url = element("URL", desk.directory(place))
        key = f"<SoftKeyItem><Name>F4</Name>{element('Label', desk.words.more)}{url}</SoftKeyItem>\n"
    return f"{key}</SnomIPPhoneDirectory>\n"


def _empty(desk: Desk) -> str:
    return _text(desk, desk.words.nothing)


def _waits(desk: Desk) -> str:
    return _text(desk, desk.words.waiting)


def _text(desk: Desk, words: str) -> str:
    text = element("Title", desk.title) + element("Text", words)
    return f"{declaration()}<SnomIPPhoneText>{text}</SnomIPPhoneText>\n"


_KINDS = {Sort.WORK: "business", Sort.MOBILE: "mobile", Sort.HOME: "home", Sort.OTHER: "fixed"}


def _book(desk: Desk) -> str:
    return f"{declaration()}<tbook complete='true' e='2' version='2.0'>\n"


def _contact(desk: Desk, entry: Entry) -> str:
    contact = entry.contact
    first, last = contact.first_name, contact.last_name
    if not (first or last):
        last = entry.name or entry.firm
    numbers = "".join(
        f"<number no={quoteattr(line(number.text))} type='{_KINDS[sort_of(number.kind)]}' outgoing_id='0'/>"
        for number in dialled(entry)
    )
    if not numbers:
        return ""
    names = element("first_name", first) + element("last_name", last)
    firm = element("organization", entry.firm) if entry.firm else ""
    return f"<contact fav='false' vip='false' blocked='false'>{names}{firm}<numbers>{numbers}</numbers></contact>\n"


def _book_end(desk: Desk, place: Place | None) -> str:
    return "</tbook>\n"


def _empty_book(desk: Desk) -> str:
    return _book(desk) + _book_end(desk, None)


WHOLE = Documents(_book, _contact, _book_end, _empty_book)
"""A book that the telephone keeps."""
DOCUMENTS = Documents(_head, _entry, _tail, _empty, _waits, _menu, _ask, _PAGE)
