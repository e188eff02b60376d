"""What a connection keeps from one search to the next: places in pages, and lists. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from unisono.directory.index import Part
from unisono.directory.ldap.entries import Entry
from unisono.directory.ldap.found import BLOCK, Found, together
from unisono.directory.ldap.order import Room

_CURSORS_MOST = 8
"""Paged searches that one connection may have open."""


@dataclass(slots=True, weakref_slot=True)
class Cursor:
    """A paged search that goes on: what is still to come, and what was asked."""

    signature: object
    hits: Iterator[Found]
    ahead: Found = None
    sent: int = 0
    listed: bytes = b""
    """The name of the list that it goes through (`order.Room`); empty if the hits come as they are found."""
    dropped: bool = False

    def drop(self) -> None:
        """Let go of the hits: the next page cannot be had."""
        self.hits, self.ahead, self.dropped = iter(()), None, True

    def __iter__(self) -> Iterator[Found]:
        return self

    def __next__(self) -> Found:
        found, self.ahead = self.ahead, None
        return next(self.hits) if found is None else found

    def some(self, found: tuple[Part, Sequence[int]] | Entry, most: int) -> tuple[Part, Sequence[int]] | Entry:
        """At most so many contacts of what was found; the rest comes next."""
        if isinstance(found, Entry) or len(found[1]) <= most:
            return found
        part, ordinals = found
        self.ahead = part, ordinals[most:]
        return part, ordinals[:most]


@dataclass(slots=True)
class Memory:
    """What a connection keeps from one search to the next."""

    room: Room
    cursors: dict[bytes, Cursor] = field(default_factory=dict)
    listed: bytes = b""
    """The name of the list of the last virtual list view (`order.Room`)."""

    def keep(self, cookie: bytes, cursor: Cursor) -> None:
        """A page has ended here."""
        while len(self.cursors) >= _CURSORS_MOST:
            del self.cursors[next(iter(self.cursors))]
        self.cursors[cookie] = cursor


def kept(room: Room, name: bytes, signature: object) -> Iterator[Found]:
    """The hits of a list that is kept, as long as it is."""
    at = 0
    while (ordered := room.kept(name, signature)) is not None and at < len(ordered):
        some = ordered[at : at + BLOCK]
        del ordered
        yield from together(some)
        at += BLOCK
