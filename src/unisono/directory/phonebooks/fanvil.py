"""Fanvil's cloud phone book.

Of the "Fanvil XML Operation Guide" (version 1.1) only its contents could be read; the elements are as integrators write them,
who name such a guide: `FanvilIPPhoneDirectory` with entries of a `Name`, a `Telephone`, a `Mobile` and an `Other` number. No
limit was found; 1,000 contacts is ours. Real telephones have not been tried.
"""

from unisono.directory.phonebooks.desk import Desk, Documents, dialled, titled
from unisono.directory.phonebooks.markup import declaration, element
from unisono.directory.phonebooks.shelf import Entry, Place
from unisono.directory.phonebooks.words import Sort, sort_of

_PLACES = ("Telephone", "Mobile", "Other")


def _head(desk: Desk) -> str:
    return f"{declaration()}<FanvilIPPhoneDirectory>\n{element('Title', desk.title)}\n"


def _entry(desk: Desk, entry: Entry) -> str:
    chosen: dict[str, str] = {}
    for number in dialled(entry):
        wanted = {Sort.WORK: "Telephone", Sort.MOBILE: "Mobile"}.get(sort_of(number.kind), "Other")
        place = next((place for place in (wanted, "Other", "Telephone") if place not in chosen), None)
        if place is not None:
            chosen[place] = number.text
    if not chosen:
        return ""
    numbers = "".join(element(place, chosen[place]) for place in _PLACES if place in chosen)
    return f"<DirectoryEntry>{element('Name', titled(entry))}{numbers}</DirectoryEntry>\n"


def _tail(desk: Desk, place: Place | None) -> str:
    return "</FanvilIPPhoneDirectory>\n"


def _empty(desk: Desk) -> str:
    return _head(desk) + _tail(desk, None)


DOCUMENTS = Documents(_head, _entry, _tail, _empty)
