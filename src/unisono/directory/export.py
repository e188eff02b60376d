"""Every contact, page by page, for other programs: another Unisono above all. Pure.

What is exported is the picture as it was when the first page was asked for: its layers, named by their digests, and a place
in them. Layers never change. Who has read everything asks later, with the mark of the first page, for what came since.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import msgspec

from unisono.directory.index import Index, Part
from unisono.directory.model import CUSTOM, NUMBER_FIELDS, Contact, NumberKind
from unisono.directory.views import View
from unisono.kernel.errors import Conflict, Invalid

CHANGING = "own"
"""The book written by hand: its layers are made anew with every contact, so it is sent whole when anything in it changed."""
_FIELD_OF: Mapping[NumberKind, str] = {kind: name.value for name, kind in NUMBER_FIELDS.items()}
_TEXTS = (
    "display_name", "first_name", "last_name", "company", "job_title", "department", "office_room_number", "customer_id",
    "cti_user", "sip_address", "web", "note", "direct_link",
)  # fmt: skip
_PARTS = ("street", "postal_code", "city", "state", "country")

_DIGITS = 16
"""Of a digest: enough to know a layer by."""
Digests = dict[str, list[str]]
"""The layers of each book, the oldest first."""


class Mark(msgspec.Struct, forbid_unknown_fields=True):
    """A picture by its layers; with `since` only what came after that one, with `at` from that place on."""

    layers: Digests
    since: Digests = {}
    at: int = 0

    @classmethod
    def parse(cls, text: str) -> "Mark":
        """Raises `Invalid`."""
        try:
            return msgspec.json.decode(base64.urlsafe_b64decode(text.encode()), type=cls)
        except (binascii.Error, UnicodeError, ValueError, msgspec.DecodeError) as error:
            raise Invalid("bad-cursor", "This is no mark or cursor of an export.", data={"field": "after"}) from error

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(msgspec.json.encode(self)).decode()


@dataclass(frozen=True, slots=True)
class Export:
    """A page: contacts, ids of those that are no more, what to ask for next ("": nothing), and the mark to come back with."""

    contacts: list[Contact] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    next: str = ""
    mark: str = ""


def read_page(index: Index, view: View, limit: int, since: str = "", after: str = "") -> Export:
    """The first page of everything, or of what came since a mark; or the one after. Raises `Invalid`, `Conflict`."""
    asked = Mark.parse(after) if after else Mark(_layers(index, view), Mark.parse(since).layers if since else {})
    chosen = list(_chosen(index, view, asked))
    mark = str(Mark(asked.layers))
    if sum(len(part.segment) + len(part.layer.gone) for part in chosen) < asked.at:
        raise _changed()
    contacts: list[Contact] = []
    gone: list[str] = []
    place = 0
    for part in chosen:
        size, ids = len(part.segment), sorted(part.layer.gone) if asked.since else []
        for at in range(max(0, asked.at - place), size + len(ids)):
            if len(contacts) + len(gone) >= limit:
                return Export(contacts, gone, str(Mark(asked.layers, asked.since, place + at)), mark)
            if at >= size:
                if not _is_there(index, part.book, ids[at - size]):
                    gone.append(ids[at - size])
            elif part.counts(at):
                contacts.append(part.segment.contact(at))
        place += size + len(ids)
    return Export(contacts, gone, "", mark)


def _is_there(index: Index, book: str, contact_id: str) -> bool:
    """Whether a contact that one layer took away has come back in a later one."""
    for part in index.books.get(book, ()):
        ordinal = part.segment.find(contact_id)
        if ordinal is not None and part.counts(ordinal):
            return True
    return False


def _layers(index: Index, view: View) -> Digests:
    return {
        book: [_name(part) for part in reversed(parts)] for book, parts in index.books.items() if view.sees(book)
    }


def _chosen(index: Index, view: View, asked: Mark) -> Iterator[Part]:
    """The parts that are asked for, the oldest first. Raises `Conflict` where one of them is no more."""
    if asked.since and not asked.since.keys() <= asked.layers.keys():
        raise _changed()  # a book was removed: nobody knows any more what was in it
    for book, digests in asked.layers.items():
        known = asked.since.get(book, [])
        if digests[: len(known)] != known:
            if book != CHANGING:
                raise _changed()
            known = []
        parts = {_name(part): part for part in index.books.get(book, ()) if view.sees(book)}
        for digest in digests[len(known) :]:
            if digest not in parts:
                raise _changed()
            yield parts[digest]


def _name(part: Part) -> str:
    return part.segment.digest[:_DIGITS]


def _changed() -> Conflict:
    return Conflict("export-changed", "Books have been made anew since: begin again without mark and cursor.")


def columns(contact: Contact) -> dict[str, str | list[str]]:
    """A contact's fields by the names of a mapping; with a number its super-canonical form, if no other is of its kind."""
    found: dict[str, str | list[str]] = {name: text for name in _TEXTS if (text := getattr(contact, name))}
    numbers: dict[str, list[tuple[str, str]]] = {}
    for number in contact.numbers:
        numbers.setdefault(_FIELD_OF[number.kind], []).append((number.raw, number.canonical))
    for name, several in numbers.items():
        if len(several) == 1:
            raw, canonical = several[0]
            found[name] = raw or canonical
            if canonical:
                found[f"{name}.canonical"] = canonical
        else:
            found[name] = [canonical or raw for raw, canonical in several]
    if contact.emails:
        found["email"] = list(contact.emails)
    for address in contact.addresses:
        found.update({f"{address.kind.value}_{part}": text for part in _PARTS if (text := getattr(address, part))})
    found.update({f"{CUSTOM}{name}": text for name, text in contact.custom.items() if text})
    return found
