"""Every contact, page by page, for other programs: another Unisono above all. Pure.

What is exported is the picture as it was when the first page was asked for: its layers, and a place in them. Layers never
change. Who has read everything asks later, with the mark of the first page, for what came since.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from unisono.directory.index import Index, Part
from unisono.directory.model import CUSTOM, NUMBER_FIELDS, Contact, NumberKind
from unisono.directory.views import View
from unisono.kernel.errors import Conflict, Invalid

T = TypeVar("T")

CHANGING = "own"
"""The book written by hand: its layers are made anew with every contact, so it is sent whole when anything in it changed."""
_PRINT = 6
"""Bytes that stand for a book up to one of its layers: a hundred books in a thousand characters."""
_FIELD_OF: Mapping[NumberKind, str] = {kind: name.value for name, kind in NUMBER_FIELDS.items()}
_TEXTS = (
    "display_name", "first_name", "last_name", "company", "job_title", "department", "office_room_number", "customer_id",
    "cti_user", "sip_address", "web", "note", "direct_link",
)  # fmt: skip
_PARTS = ("street", "postal_code", "city", "state", "country")


class State(msgspec.Struct, array_like=True, frozen=True):
    """How far every book was written: a fingerprint each of its name and newest layer; `own` is that of the changing book."""

    books: bytes = b""
    own: bytes = b""


class Cursor(msgspec.Struct, array_like=True, frozen=True):
    """A place in what books hold up to `now`, but what they held at `since`."""

    now: State
    since: State | None = None
    at: int = 0


@dataclass(frozen=True, slots=True)
class Export:
    """A page: contacts, ids of those that are no more, what to ask for next ("": nothing), and the mark to come back with."""

    contacts: list[Contact] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    next: str = ""
    mark: str = ""


def read_page(index: Index, view: View, limit: int, since: str = "", after: str = "") -> Export:
    """The first page of everything, or of what came since a mark; or the one after. Raises `Invalid`, `Conflict`."""
    asked = _decoded(after, Cursor) if after else Cursor(_state(index, view), _decoded(since, State) if since else None)
    chosen = list(_chosen(index, view, asked))
    mark = _encoded(asked.now)
    contacts: list[Contact] = []
    gone: list[str] = []
    place = 0
    for part in chosen:
        size, ids = len(part.segment), sorted(part.layer.gone) if asked.since else []
        for at in range(max(0, asked.at - place), size + len(ids)):
            if len(contacts) + len(gone) >= limit:
                return Export(contacts, gone, _encoded(Cursor(asked.now, asked.since, place + at)), mark)
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


def _state(index: Index, view: View) -> State:
    seen = {book: _layers(parts) for book, parts in index.books.items() if view.sees(book)}
    books = b"".join(_print(book, layers, len(layers)) for book, layers in sorted(seen.items()) if book != CHANGING)
    own = seen.get(CHANGING)
    return State(books, _print(CHANGING, own, len(own)) if own is not None else b"")


def _chosen(index: Index, view: View, asked: Cursor) -> Iterator[Part]:
    """The parts that are asked for, the oldest first. Raises `Conflict` where what was known is no more."""
    now, since = asked.now, asked.since or State()
    ends, begins = _prints(now.books), _prints(since.books)
    for book in sorted(index.books):
        parts = _layers(index.books[book])
        if not view.sees(book):
            continue
        prints = [_print(book, parts, length) for length in range(len(parts) + 1)]
        if book == CHANGING:
            if now.own in prints:
                yield from parts[prints.index(since.own) if since.own in prints else 0 : prints.index(now.own)]
            elif now.own:
                raise _changed()
            continue
        end = next((length for length, each in enumerate(prints) if each in ends), 0)
        begin = next((length for length, each in enumerate(prints) if each in begins), 0)
        ends.difference_update(prints)
        begins.difference_update(prints)
        yield from parts[begin:end]
    if ends or begins:
        raise _changed()  # a book was made anew or removed: nobody knows any more what was in it


def _layers(parts: Sequence[Part]) -> list[Part]:
    """A book's parts, the oldest first."""
    return list(reversed(parts))


def _print(book: str, parts: Sequence[Part], length: int) -> bytes:
    newest = parts[length - 1].layer.digest if length else ""
    return hashlib.blake2b(f"{book}\0{newest}".encode(), digest_size=_PRINT).digest()


def _prints(joined: bytes) -> set[bytes]:
    return {joined[at : at + _PRINT] for at in range(0, len(joined), _PRINT)}


def _encoded(value: State | Cursor) -> str:
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(value)).decode().rstrip("=")


def _decoded(text: str, kind: type[T]) -> T:
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return msgspec.msgpack.decode(data, type=kind)
    except (binascii.Error, UnicodeError, ValueError, msgspec.DecodeError) as error:
        raise Invalid("bad-cursor", "This is no mark or cursor of an export.", data={"field": "after"}) from error


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
