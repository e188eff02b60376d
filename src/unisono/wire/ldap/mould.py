"""Searches that are alike but for the number of their message and the values they assert, recognised by their bytes.

A telephone asks the same search all day long. Lengths are in the bytes, too, so what has the length of a request that was read
before, and its bytes wherever no value stands, is a request of the same form: its values stand in the same places.
"""

from collections.abc import Iterator
from struct import Struct
from typing import Final

from unisono.wire.ldap import ber
from unisono.wire.ldap.filter_ber import value_places
from unisono.wire.ldap.requests import filter_place

_SMALLEST: Final = (b"", b"\x01", b"\x00\x80", b"\x00\x80\x00", b"\x00\x80\x00\x00")
"""The smallest message ID that takes so many octets."""
_NONE: Final = b"\x80"
"""No message ID is as large."""


class Mould:
    """What is fixed in a request, and where its values are. `pdu`: a search, whole, that could be read."""

    __slots__ = ("_first", "_fixed", "_split", "count")

    def __init__(self, pdu: bytes) -> None:
        at, end = ber.expect(pdu, 0, len(pdu), ber.SEQUENCE, "LDAPMessage")
        identifier = ber.expect(pdu, at, end, ber.INTEGER, "messageID")
        places = [identifier, *value_places(pdu, filter_place(pdu), end)]
        lengths = list(_lengths(places, len(pdu)))
        self._split = Struct("".join(f"{length}s" for length in lengths)).unpack
        self._fixed = self._split(pdu)[::2]
        self._first = _SMALLEST[lengths[1]] if lengths[1] < len(_SMALLEST) else _NONE
        self.count = len(places) - 1
        """How many values there are."""

    def read(self, pdu: bytes) -> tuple[bytes, ...] | None:
        """The message ID, as octets, and the values of a request of the same length; None if it is of another form."""
        pieces = self._split(pdu)
        if pieces[::2] != self._fixed or not self._first <= pieces[1] < b"\x80":
            return None
        return pieces[1::2]


def _lengths(places: list[tuple[int, int]], end: int) -> Iterator[int]:
    """Of what stands before the first place, of the first place, of what stands between it and the second one ..."""
    at = 0
    for start, stop in places:
        yield start - at
        yield stop - start
        at = stop
    yield end - at
