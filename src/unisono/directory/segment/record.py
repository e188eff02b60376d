"""A contact as bytes: what LDAP shows of it, encoded as LDAP sends it, and beside that what LDAP does not show.

Its *attributes* are a PartialAttribute for each that is present (RFC 4511 4.1.7, in the order of the slots). Its *mask* is 64
bits: bit n says that attribute n is present. Its *record* is offsets (16 bits each, where every attribute present begins, and
where the last one ends), then the *tail*: MessagePack with the numbers as they were written and the fields that are no
attributes.
"""

import struct
from array import array
from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate, pairwise
from typing import Any

import msgspec

from unisono.directory.model import Address, AddressKind, Contact, ContactNumber, NumberKind
from unisono.directory.pack import pack, unpack
from unisono.directory.segment.attributes import OF_KIND, Attribute

ID_IN_TAIL = 1 << 63
"""Bit of the mask: the id is not 32 hexadecimal digits and stands in the tail."""
WHOLE_IN_TAIL = 1 << 62
"""Bit of the mask: too much for the attributes; the tail holds the whole contact."""
SLOTS = ID_IN_TAIL - 1 & ~WHOLE_IN_TAIL
"""The bits of the mask that are attributes."""
_MOST = 0xFFFF
_PAD = 0xC0
"""Before a tail of a record that would have an odd length; no tail begins with MessagePack's nil."""
_PADDED = bytes((_PAD,))

_KINDS = tuple(NumberKind)
_SLOT_OF_KIND = tuple(int(OF_KIND[kind]) for kind in NumberKind)
_ADDRESS_KINDS = tuple(AddressKind)
_MAIL, _DESCRIPTION = int(Attribute.MAIL), int(Attribute.DESCRIPTION)
PLAIN = (
    (int(Attribute.GIVEN_NAME), "first_name"), (int(Attribute.O), "company"), (int(Attribute.TITLE), "job_title"),
    (int(Attribute.DEPARTMENT), "department"), (int(Attribute.UID), "source_key"),
    (int(Attribute.EMPLOYEE_NUMBER), "customer_id"), (int(Attribute.OFFICE), "office_room_number"),
    (int(Attribute.URL), "web"), (int(Attribute.LABELED_URI), "direct_link"), (_DESCRIPTION, "note"),
)  # fmt: skip
"""Attributes that are a field of the contact as it is."""
BUSINESS = (
    (int(Attribute.L), "city"), (int(Attribute.STREET), "street"), (int(Attribute.POSTAL_CODE), "postal_code"),
    (int(Attribute.ST), "state"), (int(Attribute.CO), "country"),
)  # fmt: skip
"""Attributes that are a part of the first business address."""
_FIELD_OF_SLOT = {int(Attribute.CN): "display_name", int(Attribute.SN): "last_name", **dict(PLAIN)}

_decoder = msgspec.msgpack.Decoder(tuple[list[list[int | str]], dict[str, Any]])


def _length(size: int) -> bytes:
    if size < 0x80:
        return bytes((size,))
    octets = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((0x80 | len(octets),)) + octets


def _tlv(tag: int, content: bytes) -> bytes:
    return bytes((tag,)) + _length(len(content)) + content


_TYPES = (b"", *(_tlv(0x04, a.ldap_name.encode()) for a in Attribute))
_HEADS = tuple(
    tuple(bytes((0x30, len(t) + 4 + n)) + t + bytes((0x31, 2 + n, 0x04, n)) for n in range(0x80 - 4 - len(t))) for t in _TYPES
)
"""What stands before the only value of an attribute, by the value's length, while that is short."""
_SKIP = tuple(len(heads[0]) for heads in _HEADS)


def partial_attribute(slot: int, values: Sequence[bytes]) -> bytes:
    """One attribute with its values as LDAP sends it."""
    if len(values) == 1:
        heads, value = _HEADS[slot], values[0]
        if len(value) < len(heads):
            return heads[len(value)] + value
    return _tlv(0x30, _TYPES[slot] + _tlv(0x31, b"".join([_tlv(0x04, value) for value in values])))


def partial_attributes(slot: int, texts: Sequence[str]) -> Iterator[bytes]:
    """Many attributes with one value each."""
    heads, most = _HEADS[slot], len(_HEADS[slot])
    for text in texts:
        value = text.encode()
        size = len(value)
        yield heads[size] + value if size < most else partial_attribute(slot, (value,))


def assemble(contact_id: bytes, mask: int, parts: Sequence[bytes], tail: bytes, book: str) -> tuple[int, bytes, bytes]:
    """Mask, attributes and record; empty attributes may be among the parts."""
    present = list(filter(None, parts))
    offsets = array("I", accumulate(map(len, present), initial=0))
    if offsets[-1] > _MOST:
        return _too_large(_decode(contact_id, mask, present, tail, book), slots_of(mask & SLOTS), present)
    return mask, b"".join(parts), b"".join((array("H", offsets), _PADDED if len(tail) & 1 else b"", tail))


@lru_cache(maxsize=1024)
def id_key(contact_id: str) -> bytes:
    """The sixteen bytes by which an id is found."""
    return from_hex(contact_id) or blake2b(contact_id.encode(), digest_size=16).digest()


def from_hex(contact_id: str) -> bytes:
    """The sixteen bytes that an id is, if it is written as ours are; b"" for others."""
    if len(contact_id) != 32:
        return b""
    try:
        found = bytes.fromhex(contact_id)
    except ValueError:
        return b""
    return found if found.hex() == contact_id else b""


def _too_large(contact: Contact, slots: Sequence[int], parts: Sequence[bytes]) -> tuple[int, bytes, bytes]:
    # Shown are the attributes that fit, the description last of all: it is what is ever so long.
    mask, size, fitting = WHOLE_IN_TAIL, 0, {}
    for slot, part in sorted(zip(slots, parts, strict=True), key=lambda p: (p[0] == _DESCRIPTION, p[0])):
        if size + len(part) <= _MOST:
            size += len(part)
            mask |= 1 << slot
            fitting[slot] = part
    flags = 0 if from_hex(contact.id) else ID_IN_TAIL
    return assemble(b"", mask | flags, [fitting[slot] for slot in sorted(fitting)], pack(contact), "")


_slots: dict[int, tuple[int, ...]] = {}
_MOST_MASKS = 4096


def slots_of(mask: int) -> tuple[int, ...]:
    """The attributes of a mask, in order."""
    known = _slots.get(mask)
    if known is None:
        if len(_slots) >= _MOST_MASKS:
            _slots.clear()
        known = _slots[mask] = tuple(slot for slot in range(len(_TYPES)) if mask >> slot & 1)
    return known


def values_in(slot: int, attribute: bytes) -> list[bytes]:
    """The values of an encoded attribute."""
    begin = _SKIP[slot]
    if attribute[1] < 0x80 and attribute[begin - 1] == len(attribute) - begin:
        return [attribute[begin:]]
    at = _content(attribute, 0) + len(_TYPES[slot])
    at = _content(attribute, at)
    values = []
    while at < len(attribute):
        begin = _content(attribute, at)
        at = begin + _size(attribute, at)
        values.append(attribute[begin:at])
    return values


def _content(data: bytes, at: int) -> int:
    """Where the content of the element at this place begins."""
    first = data[at + 1]
    return at + 2 if first < 0x80 else at + 2 + (first & 0x7F)


def _size(data: bytes, at: int) -> int:
    first = data[at + 1]
    return first if first < 0x80 else int.from_bytes(data[at + 2 : at + 2 + (first & 0x7F)])


def decode(contact_id: bytes, mask: int, attributes: bytes, record: bytes, book: str) -> Contact:
    """The contact; `contact_id` is its sixteen bytes, or anything where the mask says that it is in the tail."""
    count = (mask & SLOTS).bit_count()
    offsets = struct.unpack_from(f"<{count + 1}H", record)
    tail = record[2 * count + 2 :]
    if tail and tail[0] == _PAD:
        tail = tail[1:]
    if mask & WHOLE_IN_TAIL:
        return unpack(tail)
    parts = [attributes[begin:behind] for begin, behind in pairwise(offsets)]
    return _decode(contact_id, mask, parts, tail, book)


def _decode(contact_id: bytes, mask: int, parts: Sequence[bytes], tail: bytes, book: str) -> Contact:
    numbers, extra = _decoder.decode(tail) if tail else ([], {})
    filled: dict[str, Any] = {"id": contact_id.hex(), "book": book}
    values: dict[int, list[str]] = {}
    for slot, part in zip(slots_of(mask & SLOTS), parts, strict=True):
        field = _FIELD_OF_SLOT.get(slot)
        if field is not None:
            filled[field] = values_in(slot, part)[0].decode()
        else:
            values[slot] = [value.decode() for value in values_in(slot, part)]
    if numbers:
        filled["numbers"] = _numbers(numbers, values)
    if _MAIL in values:
        filled["emails"] = tuple(values[_MAIL])
    addresses = _addresses(values, extra)
    if addresses:
        filled["addresses"] = addresses
    custom = {str(slot - Attribute.CUSTOM_0): texts[0] for slot, texts in values.items() if slot >= Attribute.CUSTOM_0}
    filled["custom"] = custom | extra.pop("custom", {})
    if "emails" in extra:
        extra["emails"] = tuple(extra["emails"])
    filled.update(extra)
    return Contact(**filled)


def _numbers(written: list[list[int | str]], values: dict[int, list[str]]) -> tuple[ContactNumber, ...]:
    used: dict[int, int] = {}
    numbers = []
    for kind, *texts in written:
        if len(texts) == 2:
            numbers.append(ContactNumber(_KINDS[int(kind)], str(texts[0]), str(texts[1])))
            continue
        slot = _SLOT_OF_KIND[int(kind)]
        place = used.get(slot, 0)
        used[slot] = place + 1
        canonical = values[slot][place]
        numbers.append(ContactNumber(_KINDS[int(kind)], str(texts[0]) if texts else canonical, canonical))
    return tuple(numbers)


def _addresses(values: dict[int, list[str]], extra: dict[str, Any]) -> tuple[Address, ...]:
    if "all_addresses" in extra:
        return msgspec.convert(extra.pop("all_addresses"), tuple[Address, ...])
    parts = {part: values[slot][0] for slot, part in BUSINESS if slot in values}
    if not parts:
        return ()
    first, others = Address(AddressKind.BUSINESS, **parts), extra.pop("addresses", None)
    return (first, *msgspec.convert(others, tuple[Address, ...])) if others else (first,)
