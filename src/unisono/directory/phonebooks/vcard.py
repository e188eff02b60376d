"""Contacts as vCards 3.0 (RFC 2426) and 4.0 (RFC 6350). Numbers are super-canonical where they can be. Pure."""

import re
import uuid
from collections.abc import Iterator, Sequence
from enum import StrEnum

from unisono.directory.exporters.vcard_file import escaped, folded
from unisono.directory.model import Address, AddressKind, Contact, ContactNumber, NumberKind
from unisono.directory.phonebooks.markup import plain
from unisono.directory.segment.record import id_key


class Version(StrEnum):
    """A version of vCard."""

    V3 = "3.0"
    V4 = "4.0"


MEDIA_TYPE = "text/vcard"
_TYPES = {
    **dict.fromkeys((NumberKind.BUSINESS, NumberKind.BUSINESS_2, NumberKind.COMPANY_MAIN, NumberKind.ASSISTANT), "work voice"),
    **dict.fromkeys((NumberKind.HOME, NumberKind.HOME_2), "home voice"),
    NumberKind.MOBILE: "cell voice",
    NumberKind.PAGER: "pager",
    NumberKind.FAX_BUSINESS: "work fax",
    NumberKind.FAX_HOME: "home fax",
}
_LABELS = {
    NumberKind.COMPANY_MAIN: "Main",
    NumberKind.ASSISTANT: "Assistant",
    NumberKind.PRIMARY: "Primary",
    NumberKind.CAR: "Car",
    NumberKind.RADIO: "Radio",
    NumberKind.OTHER: "Other",
    NumberKind.CALLBACK: "Callback",
    NumberKind.ISDN: "ISDN",
    NumberKind.TTY_TDD: "TTY",
}
"""For kinds that have no type in both versions; address books show such a label (`X-ABLabel`, of Apple's, in wide use)."""
_ADDRESS_TYPES = {AddressKind.BUSINESS: "work", AddressKind.PRIVATE: "home"}
_NAME = re.compile(r"(?:item\d+\.)?([A-Za-z-]+)")
_BREAKS = re.compile("[\x85\u2028\u2029]")
"""Further ends of a line, where some readers would end one."""


def card(contact: Contact, version: Version = Version.V4, only: frozenset[str] = frozenset()) -> str:
    """A contact as a card, with the ends of lines that the standards want; `only`: the properties that are wanted."""
    properties = (line for line in _properties(contact, version) if not only or _name(line) in only)
    lines = ["BEGIN:VCARD", f"VERSION:{version}", *properties, "END:VCARD"]
    return b"".join(map(folded, lines)).decode()


def _name(line: str) -> str:
    found = _NAME.match(line)
    return found[1].upper() if found else ""


def _properties(contact: Contact, version: Version) -> Iterator[str]:
    yield f"UID:urn:uuid:{uuid.UUID(bytes=id_key(contact.id))}"
    # Both versions want a name, whatever else is there.
    shown = contact.name or next((number.raw or number.canonical for number in contact.numbers), "") or contact.id
    yield f"FN:{_text(shown)}"
    yield f"N:{_text(contact.last_name)};{_text(contact.first_name)};;;"
    if contact.is_firm:
        yield "KIND:org" if version is Version.V4 else "X-ABShowAs:COMPANY"
    if contact.company or contact.department:
        yield ";".join([f"ORG:{_text(contact.company)}", *([_text(contact.department)] if contact.department else [])])
    if contact.job_title:
        yield f"TITLE:{_text(contact.job_title)}"
    kinds: dict[str, list[NumberKind]] = {}
    for number in contact.numbers:
        kinds.setdefault(_dialled(number), []).append(number.kind)
    for place, (dialled, of) in enumerate(kinds.items(), 1):
        yield from _number(dialled, of, place)
    for mail in contact.emails:
        yield f"EMAIL:{_text(mail)}"
    for address in contact.addresses:
        yield _address(address)
    if contact.web:
        yield f"URL:{_uri(contact.web)}"
    if contact.sip_address:
        sip = contact.sip_address
        yield f"IMPP:{_uri(sip if sip.lower().startswith(('sip:', 'sips:')) else f'sip:{sip}')}"
    if contact.note:
        yield f"NOTE:{_text(contact.note)}"


def _number(dialled: str, kinds: Sequence[NumberKind], place: int) -> Iterator[str]:
    """A number with all that it is of a contact: address books show one that comes twice as two."""
    label = " / ".join(_LABELS[kind] for kind in kinds if kind in _LABELS)
    types = dict.fromkeys(word for kind in kinds for word in _TYPES.get(kind, "").split())
    group = f"item{place}." if label else ""
    yield f"{group}TEL{''.join(f';TYPE={each}' for each in types)}:{_text(dialled)}"
    if label:
        yield f"{group}X-ABLabel:{label}"


def _dialled(number: ContactNumber) -> str:
    return number.canonical or number.raw


def _address(address: Address) -> str:
    kind = _ADDRESS_TYPES.get(address.kind, "")
    parts = ("", "", address.street, address.city, address.state, address.postal_code, address.country)
    return f"ADR{f';TYPE={kind}' if kind else ';TYPE=other'}:{';'.join(map(_text, parts))}"


def _text(text: str) -> str:
    return escaped(plain(_BREAKS.sub("\n", text)))


def _uri(text: str) -> str:
    return "".join(plain(text).split())
