"""A contact as a record: what LDAP shows of it, encoded as LDAP sends it, and behind that what LDAP does not show.

A record is offsets (16 bits each, one for every attribute present and one for the end), then a PartialAttribute for each of
them (RFC 4511 4.1.7, in the order of the slots), then the *tail*: MessagePack with the numbers as they were written and the
fields that are no attributes. Beside the record stands its *mask*, 64 bits: bit n says that attribute n is present.
"""

import struct
from collections.abc import Sequence
from typing import Any

import msgspec

from unisono.directory.model import Address, AddressKind, Contact, ContactNumber, NumberKind
from unisono.directory.pack import pack, unpack
from unisono.directory.segment.attributes import KIND_NUMBER, OF_KIND, Attribute

ID_IN_TAIL = 1 << 63
"""Bit of the mask: the id is not 32 hexadecimal digits and stands in the tail."""
WHOLE_IN_TAIL = 1 << 62
"""Bit of the mask: too much for the attributes; the tail holds the whole contact."""
SLOTS = ID_IN_TAIL - 1 & ~WHOLE_IN_TAIL
"""The bits of the mask that are attributes."""
_MOST = 0xFFFF
_PAD = 0xC0
"""Before a tail that would begin at an odd place; no tail begins with MessagePack's nil."""

_KINDS = tuple(NumberKind)
_SLOT_OF_KIND = tuple(int(OF_KIND[kind]) for kind in NumberKind)
_ADDRESS_KINDS = tuple(AddressKind)
_ADDRESS_PARTS = ("street", "postal_code", "city", "state", "country")
_TEXTS = (
    (Attribute.GIVEN_NAME, "first_name"), (Attribute.O, "company"), (Attribute.TITLE, "job_title"),
    (Attribute.DEPARTMENT, "department"), (Attribute.UID, "source_key"), (Attribute.EMPLOYEE_NUMBER, "customer_id"),
    (Attribute.OFFICE, "office_room_number"), (Attribute.URL, "web"), (Attribute.LABELED_URI, "direct_link"),
    (Attribute.DESCRIPTION, "note"),
)  # fmt: skip
_BUSINESS = (
    (Attribute.STREET, "street"), (Attribute.POSTAL_CODE, "postal_code"), (Attribute.L, "city"), (Attribute.ST, "state"),
    (Attribute.CO, "country"),
)  # fmt: skip
_TAIL_TEXTS = ("cti_user", "sip_address", "author")
_FIELD_OF_SLOT = {int(a): name for a, name in _TEXTS} | {int(Attribute.CN): "display_name", int(Attribute.SN): "last_name"}

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(tuple[list[list[int | str]], dict[str, Any]])

Values = list[tuple[int, list[str]]]


def values_of(contact: Contact) -> Values:
    """The attributes of a contact in the order of their slots, each with its values; telephone numbers are super-canonical."""
    name = contact.name or next((n.canonical or n.raw for n in contact.numbers if n.raw), "") or contact.id
    last = contact.last_name or (contact.company if contact.is_firm else name)
    found = {int(Attribute.CN): [name], int(Attribute.SN): [last]}
    for attribute, field in _TEXTS:
        text = getattr(contact, field)
        if text:
            found[attribute] = [text]
    for number in contact.numbers:
        if number.canonical:
            values = found.setdefault(_SLOT_OF_KIND[KIND_NUMBER[number.kind]], [])
            if number.canonical not in values:
                values.append(number.canonical)
    mails = [mail for mail in dict.fromkeys(contact.emails) if mail]
    if mails:
        found[Attribute.MAIL] = mails
    if contact.addresses:
        _add_addresses(contact, found)
    for key, text in contact.custom.items():
        if text and len(key) == 1 and "0" <= key <= "9":
            found[Attribute.CUSTOM_0 + int(key)] = [text]
    return sorted(found.items())


def _add_addresses(contact: Contact, found: dict[int, list[str]]) -> None:
    business = next((a for a in contact.addresses if a.kind is AddressKind.BUSINESS), None)
    if business is not None:
        for attribute, part in _BUSINESS:
            text = getattr(business, part)
            if text:
                found[attribute] = [text]
    home = next((a for a in contact.addresses if a.kind is AddressKind.PRIVATE), None)
    if home is not None:
        # RFC 4517 3.3.28: lines with dollars between them.
        lines = (home.street, f"{home.postal_code} {home.city}".strip(), home.state, home.country)
        postal = "$".join(line.replace("\\", "\\5C").replace("$", "\\24") for line in lines if line)
        if postal:
            found[Attribute.HOME_POSTAL_ADDRESS] = [postal]


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


def encode(contact: Contact, values: Values, book: str) -> tuple[int, bytes]:
    """Mask and record of a contact of this book; `values` are its `values_of`."""
    parts = [partial_attribute(slot, [v.encode() for v in texts]) for slot, texts in values]
    mask = 0
    for slot, _ in values:
        mask |= 1 << slot
    offsets = [2 * len(parts) + 2]
    for part in parts:
        offsets.append(offsets[-1] + len(part))
    if offsets[-1] > _MOST:
        return _too_large(contact, values)
    extra = _extra(contact, values, book)
    if not is_hex_id(contact.id):
        mask |= ID_IN_TAIL
        extra["id"] = contact.id
    tail = _encoder.encode((_written(contact), extra)) if contact.numbers or extra else b""
    if offsets[-1] + len(tail) & 1:
        tail = bytes((_PAD,)) + tail
    return mask, struct.pack(f"<{len(offsets)}H", *offsets) + b"".join(parts) + tail


def is_hex_id(text: str) -> bool:
    """Whether an id is sixteen bytes, written as ours are."""
    if len(text) != 32:
        return False
    try:
        return bytes.fromhex(text).hex() == text
    except ValueError:
        return False


def _too_large(contact: Contact, values: Values) -> tuple[int, bytes]:
    # Shown are the attributes that fit, the description last of all: it is what is ever so long.
    mask, size, parts = WHOLE_IN_TAIL, 2, {}
    for slot, texts in sorted(values, key=lambda v: (v[0] == Attribute.DESCRIPTION, v[0])):
        part = partial_attribute(slot, [text.encode() for text in texts])
        if size + 2 + len(part) <= _MOST:
            size += 2 + len(part)
            mask |= 1 << slot
            parts[slot] = part
    ordered = [parts[slot] for slot in sorted(parts)]
    offsets = [2 * len(ordered) + 2]
    for part in ordered:
        offsets.append(offsets[-1] + len(part))
    tail = pack(contact)
    if offsets[-1] + len(tail) & 1:
        tail = bytes((_PAD,)) + tail
    return mask, struct.pack(f"<{len(offsets)}H", *offsets) + b"".join(ordered) + tail


def _written(contact: Contact) -> list[tuple[int | str, ...]]:
    """The numbers in their order: kind and text; the canonical form too where the attribute does not give it."""
    written: list[tuple[int | str, ...]] = []
    seen: set[tuple[int, str]] = set()
    for number in contact.numbers:
        kind = KIND_NUMBER[number.kind]
        if number.canonical and (kind, number.canonical) not in seen:
            seen.add((kind, number.canonical))
            written.append((kind, number.raw) if number.raw != number.canonical else (kind,))
        else:
            written.append((kind, number.raw, number.canonical))
    return written


def _extra(contact: Contact, values: Values, book: str) -> dict[str, Any]:
    """The fields that do not follow from the attributes."""
    extra: dict[str, Any] = {}
    if contact.book != book:
        extra["book"] = contact.book
    if values[0][1][0] != contact.display_name:
        extra["display_name"] = contact.display_name
    if values[1][1][0] != contact.last_name:
        extra["last_name"] = contact.last_name
    for field in _TAIL_TEXTS:
        text = getattr(contact, field)
        if text:
            extra[field] = text
    if contact.emails and (len(set(contact.emails)) != len(contact.emails) or not all(contact.emails)):
        extra["emails"] = contact.emails
    if contact.addresses:
        first, *others = contact.addresses
        if first.kind is not AddressKind.BUSINESS or not any(getattr(first, part) for part in _ADDRESS_PARTS):
            extra["all_addresses"] = contact.addresses
        elif others:
            extra["addresses"] = others
    if contact.custom:
        others_of = {k: v for k, v in contact.custom.items() if not v or len(k) != 1 or not "0" <= k <= "9"}
        if others_of:
            extra["custom"] = others_of
    return extra


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


def decode(contact_id: bytes, mask: int, record: bytes, book: str) -> Contact:
    """The contact of a record; `contact_id` is its sixteen bytes, or anything where the mask says that it is in the tail."""
    slots = slots_of(mask & SLOTS)
    offsets = struct.unpack_from(f"<{len(slots) + 1}H", record)
    end = offsets[-1]
    if end < len(record) and record[end] == _PAD:
        end += 1
    if mask & WHOLE_IN_TAIL:
        return unpack(record[end:])
    numbers, extra = _decoder.decode(record[end:]) if end < len(record) else ([], {})
    filled: dict[str, Any] = {"id": contact_id.hex(), "book": book}
    values: dict[int, list[str]] = {}
    for at, slot in enumerate(slots):
        part = record[offsets[at] : offsets[at + 1]]
        field = _FIELD_OF_SLOT.get(slot)
        if field is not None:
            filled[field] = values_in(slot, part)[0].decode()
        else:
            values[slot] = [value.decode() for value in values_in(slot, part)]
    if numbers:
        filled["numbers"] = _numbers(numbers, values)
    if Attribute.MAIL in values:
        filled["emails"] = tuple(values[Attribute.MAIL])
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
    parts = {part: values[slot][0] for slot, part in _BUSINESS if slot in values}
    if not parts:
        return ()
    return (Address(AddressKind.BUSINESS, **parts), *msgspec.convert(extra.pop("addresses", ()), tuple[Address, ...]))
