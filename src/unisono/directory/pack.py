"""Contacts as bytes: as JSON for the database, as a positional MessagePack array for the index in memory."""

from collections.abc import Mapping

import msgspec

from unisono.directory.model import Address, AddressKind, Contact, ContactNumber, NumberKind

_KINDS = tuple(NumberKind)
_KIND_NO = {kind: number for number, kind in enumerate(_KINDS)}
_ADDRESS_KINDS = tuple(AddressKind)
_ADDRESS_NO = {kind: number for number, kind in enumerate(_ADDRESS_KINDS)}

_Number = tuple[int, str, str]
_Address = tuple[int, str, str, str, str, str]
_Packed = tuple[
    str, str, str, str, str, str, str, str, str, str, str, str,
    tuple[_Number, ...], tuple[str, ...], str, tuple[_Address, ...], str, str, str, dict[str, str], str,
]  # fmt: skip
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Packed)
_json_decoder = msgspec.json.Decoder(dict[str, object])


def pack(c: Contact) -> bytes:
    """A contact in few bytes; `unpack` brings it back."""
    numbers = tuple((_KIND_NO[n.kind], n.raw, "" if n.raw == n.canonical else n.canonical or "-") for n in c.numbers)
    addresses = tuple(
        (_ADDRESS_NO[a.kind], a.street, a.postal_code, a.city, a.state, a.country) for a in c.addresses
    )
    return _encoder.encode(
        (
            c.id, c.book, c.source_key, c.display_name, c.first_name, c.last_name, c.company, c.job_title, c.department,
            c.office_room_number, c.customer_id, c.cti_user, numbers, c.emails, c.sip_address, addresses, c.web, c.note,
            c.direct_link, c.custom, c.author,
        )
    )  # fmt: skip


def unpack(data: bytes) -> Contact:
    """The contact packed by `pack`."""
    (
        id_, book, key, display, first, last, company, job, department, room, customer, cti, numbers, emails, sip,
        addresses, web, note, link, custom, author,
    ) = _decoder.decode(data)  # fmt: skip
    return Contact(
        id_, book, key, display, first, last, company, job, department, room, customer, cti,
        tuple([ContactNumber(_KINDS[k], raw, _canonical(raw, canonical)) for k, raw, canonical in numbers]),
        emails, sip, tuple([Address(_ADDRESS_KINDS[a[0]], *a[1:]) for a in addresses]), web, note, link, custom,
        author,
    )  # fmt: skip


def _canonical(raw: str, packed: str) -> str:
    # "": as written; "-": none.
    return "" if packed == "-" else packed or raw


_OWN_COLUMNS = frozenset({"id", "book", "source_key", "numbers"})
_NO_TEXTS = _OWN_COLUMNS | {"emails", "addresses", "custom"}
_TEXTS = tuple(f.name for f in msgspec.structs.fields(Contact) if f.name not in _NO_TEXTS)


def to_json(contact: Contact) -> str:
    """What the database keeps in one column: every filled field but those with columns or rows of their own."""
    data: dict[str, object] = {name: value for name in _TEXTS if (value := getattr(contact, name))}
    if contact.emails:
        data["emails"] = contact.emails
    if contact.addresses:
        data["addresses"] = contact.addresses
    if contact.custom:
        data["custom"] = contact.custom
    return msgspec.json.encode(data).decode()


def from_json(
    contact_id: str, book: str, source_key: str, numbers: tuple[ContactNumber, ...], text: str
) -> Contact:
    """The contact of a database row; unknown fields of a later version are left out."""
    data = _json_decoder.decode(text)
    texts: Mapping[str, str] = {name: str(data[name]) for name in _TEXTS if name in data}
    return Contact(
        id=contact_id,
        book=book,
        source_key=source_key,
        numbers=numbers,
        emails=msgspec.convert(data.get("emails", ()), tuple[str, ...]),
        addresses=msgspec.convert(data.get("addresses", ()), tuple[Address, ...]),
        custom=msgspec.convert(data.get("custom", {}), dict[str, str]),
        **texts,
    )
