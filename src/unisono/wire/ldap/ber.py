"""BER as far as LDAP has it (RFC 4511 5.1, X.690): read in place, written as whole elements.

LDAP allows definite lengths only, tags below 31 and primitive strings. More than it allows is taken where it does no harm:
lengths in more octets than needed (Active Directory's clients), TRUE as any octet but 0, integers with leading zeros.

Readers take the bytes, where the element begins, where the one around it ends, and its name for the error; they give the value
and where the element ends. Every one raises `BerError`; none looks beyond `end`.
"""

from typing import Final

from unisono.wire.ldap.errors import BerError, ProtocolError

BOOLEAN: Final = 0x01
INTEGER: Final = 0x02
OCTET_STRING: Final = 0x04
ENUMERATED: Final = 0x0A
SEQUENCE: Final = 0x30
SET: Final = 0x31

MAX_INT: Final = 2_147_483_647
"""RFC 4511 4.1.1: maxInt."""

LENGTH_OCTETS: Final = 8
"""A length is written in at most so many octets, leading zeros included."""

_INTEGER_OCTETS: Final = 8


def element(data: bytes, at: int, end: int, what: str) -> tuple[int, int, int]:
    """Tag, start and end of the content of whatever element begins here."""
    start = at + 2
    if start > end:
        raise BerError(f"{what} is missing or cut off", at)
    length = data[at + 1]
    if length >= 0x80:
        start, length = _long_length(data, at, end, what)
    stop = start + length
    if stop > end:
        raise BerError(f"{what} goes on to {stop}, but what it stands in ends at {end}", at)
    return data[at], start, stop


def expect(data: bytes, at: int, end: int, tag: int, what: str) -> tuple[int, int]:
    """Start and end of the content of an element that must have this tag."""
    start = at + 2
    if start <= end and data[at] == tag:
        length = data[at + 1]
        if length < 0x80:
            stop = start + length
            if stop <= end:
                return start, stop
    found, start, stop = element(data, at, end, what)
    if found != tag:
        raise BerError(f"{what} has tag {found:#04x} instead of {tag:#04x}", at)
    return start, stop


def octets(data: bytes, at: int, end: int, what: str, tag: int = OCTET_STRING) -> tuple[bytes, int]:
    """An OCTET STRING."""
    start, stop = expect(data, at, end, tag, what)
    return data[start:stop], stop


def text(data: bytes, at: int, end: int, what: str, tag: int = OCTET_STRING) -> tuple[str, int]:
    """An LDAPString (RFC 4511 4.1.2)."""
    start, stop = expect(data, at, end, tag, what)
    try:
        return data[start:stop].decode(), stop
    except UnicodeDecodeError as error:
        raise _not_utf8(what, start, error) from error


def text_content(data: bytes, start: int, stop: int, what: str) -> str:
    """The LDAPString whose content stands here; raises `ProtocolError` if it is not UTF-8."""
    try:
        return data[start:stop].decode()
    except UnicodeDecodeError as error:
        raise _not_utf8(what, start, error) from error


def _not_utf8(what: str, start: int, error: UnicodeDecodeError) -> ProtocolError:
    return ProtocolError(f"{what} is not UTF-8", start + error.start)


def integer(data: bytes, at: int, end: int, what: str, tag: int = INTEGER) -> tuple[int, int]:
    """An INTEGER or, by its tag, an ENUMERATED, of at most 8 octets."""
    start, stop = expect(data, at, end, tag, what)
    if stop == start + 1 and data[start] < 0x80:
        return data[start], stop
    return integer_content(data, start, stop, what), stop


def integer_content(data: bytes, start: int, stop: int, what: str) -> int:
    """The number whose content stands here."""
    if not 0 < stop - start <= _INTEGER_OCTETS:
        raise BerError(f"{what} is a number of {stop - start} octets", start)
    return int.from_bytes(data[start:stop], "big", signed=True)


def count(data: bytes, at: int, end: int, what: str) -> tuple[int, int]:
    """An INTEGER (0 .. maxInt); raises `ProtocolError` for another."""
    start, stop = expect(data, at, end, INTEGER, what)
    if stop == start + 1 and data[start] < 0x80:
        return data[start], stop
    number = integer_content(data, start, stop, what)
    if not 0 <= number <= MAX_INT:
        raise ProtocolError(f"{what} of {number} is not between 0 and {MAX_INT}", at)
    return number, stop


def boolean(data: bytes, at: int, end: int, what: str, tag: int = BOOLEAN) -> tuple[bool, int]:
    """A BOOLEAN."""
    start, stop = expect(data, at, end, tag, what)
    if stop != start + 1:
        raise BerError(f"{what} is a boolean of {stop - start} octets", at)
    return data[start] != 0, stop


def _long_length(data: bytes, at: int, end: int, what: str) -> tuple[int, int]:
    """Where the content begins, and its length, when the length has octets of its own."""
    count = data[at + 1] & 0x7F
    start = at + 2 + count
    if count == 0:
        raise BerError(f"{what} has an indefinite length, which LDAP forbids", at)
    if count > LENGTH_OCTETS:
        raise BerError(f"{what} has a length of {count} octets; {LENGTH_OCTETS} are read", at)
    return start, int.from_bytes(data[at + 2 : start], "big")


def header(tag: int, length: int) -> bytes:
    """Tag and length, the length as short as possible."""
    if length < 0x80:
        return bytes((tag, length))
    if length < 0x100:
        return bytes((tag, 0x81, length))
    if length < 0x10000:
        return bytes((tag, 0x82, length >> 8, length & 0xFF))
    count = (length.bit_length() + 7) >> 3
    return bytes((tag, 0x80 | count)) + length.to_bytes(count, "big")


def tlv(tag: int, content: bytes) -> bytes:
    """A whole element."""
    length = len(content)
    if length < 0x80:
        return b"%c%c%b" % (tag, length, content)
    return header(tag, length) + content


def encode_integer(value: int, tag: int = INTEGER) -> bytes:
    """An INTEGER or ENUMERATED in as few octets as possible."""
    return tlv(tag, integer_octets(value))


def integer_octets(value: int) -> bytes:
    """The content of an INTEGER."""
    return value.to_bytes(((value + (value < 0)).bit_length() >> 3) + 1, "big", signed=True)


def encode_boolean(value: bool, tag: int = BOOLEAN) -> bytes:
    """A BOOLEAN; TRUE is FF (RFC 4511 5.1)."""
    return bytes((tag, 1, 0xFF if value else 0))


def encode_text(value: str, tag: int = OCTET_STRING) -> bytes:
    """An LDAPString."""
    return tlv(tag, value.encode())
