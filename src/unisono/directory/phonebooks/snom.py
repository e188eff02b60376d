"""Snom's minibrowser.

service.snom.com, "XML Minibrowser" with "IPPhoneMenu", "IPPhoneDirectory", "IPPhoneInput", "IPPhoneText" and "Main Subtags":
UTF-8, one object a document; the token of an input is replaced in its address by what was typed; a context key gets label and
address. wiki.snom.com, "Xmlobjects": no control characters in texts; speed select has not more than 100 lines, so that a page
with several numbers of each contact stays below that.
Real telephones have not been tried.
"""

from unisono.directory.phonebooks.desk import Desk, Documents, lines
from unisono.directory.phonebooks.markup import declaration, element
from unisono.directory.phonebooks.shelf import Entry, Place

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
        f"<InputItem>{element('DisplayName', desk.words.asked)}{element('InputToken', _TOKEN)}<DefaultValue/>"
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
    text = element("Title", desk.title) + element("Text", desk.words.nothing)
    return f"{declaration()}<SnomIPPhoneText>{text}</SnomIPPhoneText>\n"


DOCUMENTS = Documents(_head, _entry, _tail, _empty, _menu, _ask, _PAGE)
