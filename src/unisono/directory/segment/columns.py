"""Contacts taken apart: for every attribute the text of each contact, and beside them what LDAP does not show.

Columns are filled some hundred contacts at a time, each field of all of them in one call: several times quicker than contact by
contact.
"""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

import msgspec

from unisono.directory import keys
from unisono.directory.main_number import stem
from unisono.directory.model import Address, AddressKind, Contact, NumberKind
from unisono.directory.segment.attributes import KIND_NUMBER, OF_KIND, Attribute
from unisono.directory.segment.record import BUSINESS, ID_IN_TAIL, PLAIN, from_hex, id_key

_AT_ONCE = 512
"""Contacts whose fields are taken together."""
_OF_KIND = {kind: (KIND_NUMBER[kind], int(OF_KIND[kind])) for kind in NumberKind}
_PLAIN = [(slot, attrgetter(field)) for slot, field in PLAIN]
_BUSINESS = [(slot, attrgetter(part)) for slot, part in BUSINESS]
_NOWHERE = Address(AddressKind.BUSINESS)
_encode = msgspec.msgpack.Encoder().encode


class Column:
    """The values of one attribute: for every row its first text, "" for rows without; `more`: the further ones of a row."""

    __slots__ = ("more", "texts")

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.more: dict[int, list[str]] = {}

    def extend(self, row: int, texts: Sequence[str]) -> None:
        """Go on with these texts, from a row on."""
        self.texts += [""] * (row - len(self.texts))
        self.texts += texts


class Columns:
    """Takes contacts of a book."""

    def __init__(self, book: str) -> None:
        self._book = book
        self._fresh: list[Contact] = []
        self._of: dict[int, Column] = {}
        self.ids: list[bytes] = []
        self.flags: list[int] = []
        """For the masks."""
        self.tails: list[bytes] = []
        self.more_words: list[tuple[int, str]] = []
        """Rows and texts whose words lead to them too."""
        self.stems: list[tuple[int, int]] = []
        """Stems of main numbers, as keys, with their rows."""

    def __len__(self) -> int:
        return len(self.ids) + len(self._fresh)

    def add(self, contact: Contact) -> None:
        """Take one contact."""
        self._fresh.append(contact)
        if len(self._fresh) == _AT_ONCE:
            self._take()

    def all(self) -> dict[int, Column]:
        """The columns by their slots, of all contacts; only those in which somebody has a text."""
        self._take()
        for column in self._of.values():
            column.extend(len(self), ())
        return self._of

    def _take(self) -> None:
        contacts, row = self._fresh, len(self.ids)
        names = [contact.display_name or _name(contact) for contact in contacts]
        last = [c.last_name or (c.company if c.is_firm else name) for c, name in zip(contacts, names, strict=True)]
        self._put(Attribute.CN, row, names)
        self._put(Attribute.SN, row, last)
        for slot, field in _PLAIN:
            self._put(slot, row, list(map(field, contacts)))
        business = [_business(contact.addresses) if contact.addresses else _NOWHERE for contact in contacts]
        for slot, part in _BUSINESS:
            self._put(slot, row, list(map(part, business)))
        self._take_mails(row)
        self._take_rare(row)
        written = self._take_numbers(row)
        self._take_tails(written, names, last)
        self._take_words(row, names)
        self._fresh = []

    def _put(self, slot: int, row: int, texts: Sequence[str]) -> None:
        if any(texts):
            self._column(slot).extend(row, texts)

    def _column(self, slot: int) -> Column:
        found = self._of.get(slot)
        if found is None:
            found = self._of[slot] = Column()
        return found

    def _take_mails(self, row: int) -> None:
        self._put(Attribute.MAIL, row, [c.emails[0] if c.emails else "" for c in self._fresh])
        for at, contact in enumerate(self._fresh, row):
            if len(contact.emails) > 1:
                mails = [mail for mail in dict.fromkeys(contact.emails) if mail]
                self._set(Attribute.MAIL, at, mails)

    def _set(self, slot: int, row: int, texts: Sequence[str]) -> None:
        """The values of one row."""
        if not texts:
            return
        column = self._column(slot)
        column.extend(row + 1, ())
        column.texts[row] = texts[0]
        if len(texts) > 1:
            column.more[row] = list(texts[1:])

    def _take_rare(self, row: int) -> None:
        """What few contacts have."""
        for at, contact in enumerate(self._fresh, row):
            addresses = contact.addresses
            if addresses and (len(addresses) > 1 or addresses[0].kind is AddressKind.PRIVATE):
                self._set(Attribute.HOME_POSTAL_ADDRESS, at, _home(addresses))
            for key, text in contact.custom.items():
                if text and _is_custom(key):
                    self._set(Attribute.CUSTOM_0 + int(key), at, [text])

    def _take_numbers(self, row: int) -> list[list[tuple[int | str, ...]]]:
        """The numbers; gives them in their order: kind, text, and the canonical form where the attribute does not give it."""
        columns: dict[int, list[str]] = {}
        found = []
        for at, contact in enumerate(self._fresh):
            written: list[tuple[int | str, ...]] = []
            for number in contact.numbers:
                canonical, raw = number.canonical, number.raw
                kind, slot = _OF_KIND[number.kind]
                if not canonical:
                    written.append((kind, raw, ""))
                    continue
                texts = columns.get(slot)
                if texts is None:
                    texts = columns[slot] = [""] * len(self._fresh)
                if not texts[at]:
                    texts[at] = canonical
                elif texts[at] != canonical and canonical not in (more := self._column(slot).more.setdefault(row + at, [])):
                    more.append(canonical)
                else:
                    written.append((kind, raw, canonical))
                    continue
                written.append((kind, raw) if raw != canonical else (kind,))
            found.append(written)
            if contact.company:
                self._take_stems(row + at, contact)
        for slot, texts in columns.items():
            self._column(slot).extend(row, texts)
        return found

    def _take_stems(self, row: int, contact: Contact) -> None:
        for number in contact.numbers:
            if number.canonical[-1:] == "0" or number.kind is NumberKind.COMPANY_MAIN:
                key = keys.key(stem(number, contact))
                if key is not None:
                    self.stems.append((key, row))

    def _take_tails(self, written: Sequence[Sequence[object]], names: Sequence[str], last: Sequence[str]) -> None:
        for contact, name, last_name, numbers in zip(self._fresh, names, last, written, strict=True):
            extra = _extra(contact, name, last_name, self._book)
            key = from_hex(contact.id)
            if not key:
                key, extra["id"] = id_key(contact.id), contact.id
            self.ids.append(key)
            self.flags.append(ID_IN_TAIL if "id" in extra else 0)
            self.tails.append(_encode((numbers, extra)) if numbers or extra else b"")

    def _take_words(self, row: int, names: Sequence[str]) -> None:
        for at, (contact, shown) in enumerate(zip(self._fresh, names, strict=True), row):
            if contact.first_name not in shown or contact.last_name not in shown:
                self.more_words.append((at, f"{contact.first_name} {contact.last_name}"))
            if len(contact.addresses) > 1:
                self.more_words += [(at, address.city) for address in contact.addresses[1:]]


def values_of(contact: Contact) -> list[tuple[int, list[str]]]:
    """The attributes of a contact in the order of their slots, each with its values; telephone numbers are super-canonical."""
    columns = Columns(contact.book)
    columns.add(contact)
    return [(slot, [column.texts[0], *column.more.get(0, ())]) for slot, column in sorted(columns.all().items())]


def _name(contact: Contact) -> str:
    return contact.name or next((n.canonical or n.raw for n in contact.numbers if n.raw), "") or contact.id


def _business(addresses: Sequence[Address]) -> Address:
    first = addresses[0]
    if first.kind is AddressKind.BUSINESS:
        return first
    return next((address for address in addresses if address.kind is AddressKind.BUSINESS), _NOWHERE)


def _home(addresses: Sequence[Address]) -> list[str]:
    home = next((a for a in addresses if a.kind is AddressKind.PRIVATE), None)
    if home is None:
        return []
    # RFC 4517 3.3.28: lines with dollars between them.
    lines = (home.street, f"{home.postal_code} {home.city}".strip(), home.state, home.country)
    postal = "$".join(line.replace("\\", "\\5C").replace("$", "\\24") for line in lines if line)
    return [postal] if postal else []


def _is_custom(key: str) -> bool:
    return len(key) == 1 and "0" <= key <= "9"


def _extra(contact: Contact, name: str, last_name: str, book: str) -> dict[str, Any]:
    """The fields that do not follow from the attributes."""
    extra: dict[str, Any] = {}
    if contact.book != book:
        extra["book"] = contact.book
    if name != contact.display_name:
        extra["display_name"] = contact.display_name
    if last_name != contact.last_name:
        extra["last_name"] = contact.last_name
    if contact.cti_user:
        extra["cti_user"] = contact.cti_user
    if contact.sip_address:
        extra["sip_address"] = contact.sip_address
    if contact.author:
        extra["author"] = contact.author
    emails = contact.emails
    if emails and (not emails[0] or (len(emails) > 1 and (len(set(emails)) != len(emails) or not all(emails)))):
        extra["emails"] = emails
    if contact.addresses:
        first, *others = contact.addresses
        if first.kind is not AddressKind.BUSINESS or not (
            first.city or first.street or first.postal_code or first.state or first.country
        ):
            extra["all_addresses"] = contact.addresses
        elif others:
            extra["addresses"] = others
    if contact.custom:
        others_of = {k: v for k, v in contact.custom.items() if not v or not _is_custom(k)}
        if others_of:
            extra["custom"] = others_of
    return extra
