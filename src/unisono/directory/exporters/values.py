"""What a contact is, by the names of a mapping's fields: the same names in expressions as when it was read. Pure."""

from collections.abc import Callable, Mapping
from functools import lru_cache

from unisono.directory.model import CUSTOM, NUMBER_FIELDS, Contact, ContactNumber, Field, NumberKind
from unisono.directory.replicators.source import Value
from unisono.numbers import Location, NumberFormat, format_number

_TEXTS = (
    Field.DISPLAY_NAME, Field.FIRST_NAME, Field.LAST_NAME, Field.COMPANY, Field.JOB_TITLE, Field.DEPARTMENT,
    Field.OFFICE_ROOM_NUMBER, Field.CUSTOMER_ID, Field.CTI_USER, Field.SIP_ADDRESS, Field.WEB, Field.NOTE, Field.DIRECT_LINK,
)  # fmt: skip
_PARTS = ("street", "postal_code", "city", "state", "country")
_EMAILS = (Field.EMAIL.value, Field.EMAIL_2.value, Field.EMAIL_3.value)
_FIELD_OF: Mapping[NumberKind, str] = {kind: field.value for field, kind in NUMBER_FIELDS.items()}

FIELDS = tuple(field.value for field in Field if field is not Field.PRIVATE_CONTACT)
"""Every field, in the order of a table."""
BESIDES = ("id", "book", "name")
"""What an expression can name besides fields: our id, its book, and what to show (the display name, else what there is)."""

Written = Callable[[ContactNumber], str]


def writer(location: Location, form: NumberFormat) -> Written:
    """Writes numbers in a form; unformatted is as the source had them."""
    if form is NumberFormat.UNFORMATTED:
        return lambda number: number.raw or number.canonical
    if form is NumberFormat.PLAIN:
        return lambda number: number.canonical or number.raw

    @lru_cache(maxsize=8192)
    def formatted(canonical: str) -> str:
        return format_number(canonical, location, form)

    return lambda number: formatted(number.canonical) if number.canonical else number.raw


def values_of(contact: Contact, written: Written) -> dict[str, Value]:
    """Its fields that are not empty, in the order of a table."""
    found: dict[str, Value] = {Field.ENTRY_ID.value: contact.source_key or contact.id}
    for field in _TEXTS:
        text = getattr(contact, field)
        if text:
            found[field.value] = text
    if contact.emails:
        first, *rest = contact.emails
        found[Field.EMAIL.value] = first
        if rest:
            found[Field.EMAIL_2.value] = rest[0]
        if len(rest) > 1:
            found[Field.EMAIL_3.value] = rest[1] if len(rest) == 2 else tuple(rest[1:])
    for number in contact.numbers:
        name = _FIELD_OF[number.kind]
        before = found.get(name)
        text = written(number)
        if before is None:
            found[name] = text
        else:
            found[name] = (*((before,) if isinstance(before, str) else before), text)
    for address in contact.addresses:
        for part in _PARTS:
            if text := getattr(address, part):
                found[f"{address.kind.value}_{part}"] = text
    for name, text in contact.custom.items():
        if text:
            found[f"{CUSTOM}{name}"] = text
    return found
