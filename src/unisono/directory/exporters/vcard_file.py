"""vCards 3.0 and 4.0 (RFC 2426, RFC 6350), for address books and telephones."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from unisono.directory.exporters.model import Exported
from unisono.directory.exporters.selection import all_of
from unisono.directory.exporters.writer import Kind
from unisono.directory.model import NUMBER_FIELDS, Field, NumberKind
from unisono.directory.replicators.source import Value
from unisono.directory.replicators.vcard import OWN
from unisono.kernel.errors import Invalid

_TYPES: Mapping[NumberKind, str] = {
    NumberKind.BUSINESS: "work,voice",
    NumberKind.BUSINESS_2: "work,voice",
    NumberKind.COMPANY_MAIN: "work,x-company",
    NumberKind.ASSISTANT: "work,x-assistant",
    NumberKind.HOME: "home,voice",
    NumberKind.HOME_2: "home,voice",
    NumberKind.PRIMARY: "pref",
    NumberKind.MOBILE: "cell",
    NumberKind.CAR: "car",
    NumberKind.RADIO: "x-radio",
    NumberKind.PAGER: "pager",
    NumberKind.OTHER: "x-other",
    NumberKind.CALLBACK: "x-callback",
    NumberKind.ISDN: "isdn",
    NumberKind.TTY_TDD: "x-tty",
    NumberKind.FAX_BUSINESS: "work,fax",
    NumberKind.FAX_HOME: "home,fax",
}
"""The types of RFC 2426 3.3.1 and own ones; our reader knows each again, but for second numbers of a kind."""
_ADDRESSES = (("work", "business"), ("home", "private"), ("x-other", "other"))
_TEXTS = (("TITLE", Field.JOB_TITLE), ("URL", Field.WEB), ("NOTE", Field.NOTE), *OWN.items())
_EMAILS = (Field.EMAIL, Field.EMAIL_2, Field.EMAIL_3)
_PROPERTY = re.compile(r"[A-Z][A-Z0-9-]*")
_OURS = frozenset({"BEGIN", "END", "VERSION", "UID", "FN", "N"})
_KNOWN = frozenset(
    {*NUMBER_FIELDS, *(field for _, field in _TEXTS), *_EMAILS, Field.DISPLAY_NAME, Field.FIRST_NAME, Field.LAST_NAME}
    | {Field.COMPANY, Field.DEPARTMENT, Field.SIP_ADDRESS}
    | {Field(f"{k}_{p}") for _, k in _ADDRESSES for p in ("street", "postal_code", "city", "state", "country")}
)
"""Fields that a card has a place for."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BREAK = re.compile(r"\r\n?")
_SPECIAL = re.compile(r"([\\;,])")
_LONGEST_LINE = 75
"""Octets (RFC 6350 3.2)."""


class VcardSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A card for each contact. Columns are called as fields (`phone_mobile`), or as properties of a card (`X-CUSTOMER`)."""

    version: Annotated[Literal["3.0", "4.0"], Meta(description="3.0 is read by almost everything.")] = "3.0"


class VcardWriter:
    """Writes cards."""

    def __init__(self, settings: VcardSettings, names: Sequence[str]) -> None:
        self._version = settings.version

    def begin(self) -> bytes:
        return b""

    def contact(self, exported: Exported) -> bytes:
        lines = ["BEGIN:VCARD", f"VERSION:{self._version}", f"UID:{exported.key}", *_lines(exported), "END:VCARD"]
        return b"".join(map(folded, lines))

    def end(self) -> bytes:
        return b""


def _lines(exported: Exported) -> Iterator[str]:
    values = exported.values

    def first(field: str) -> str:
        return next(iter(all_of(values.get(field, ""))), "")

    name = first(Field.DISPLAY_NAME) or exported.name or exported.key
    yield f"FN:{escaped(name)}"
    yield f"N:{escaped(first(Field.LAST_NAME))};{escaped(first(Field.FIRST_NAME))};;;"
    company, department = escaped(first(Field.COMPANY)), escaped(first(Field.DEPARTMENT))
    if company or department:
        yield f"ORG:{company};{department}" if department else f"ORG:{company}"
    for field, kind in NUMBER_FIELDS.items():
        for number in all_of(values.get(field, "")):
            yield f"TEL;TYPE={_TYPES[kind]}:{escaped(number)}"
    for field in _EMAILS:
        for email in all_of(values.get(field, "")):
            yield f"EMAIL;TYPE=internet:{escaped(email)}"
    yield from _addresses(first)
    for sip in all_of(values.get(Field.SIP_ADDRESS, "")):
        yield f"IMPP:{escaped(sip if sip.lower().startswith(('sip:', 'sips:')) else f'sip:{sip}')}"
    for written, field in _TEXTS:
        if text := first(field):
            yield f"{written}:{escaped(text)}"
    yield from _others(values)


def _addresses(first: Callable[[str], str]) -> Iterator[str]:
    for word, kind in _ADDRESSES:
        parts = [escaped(first(f"{kind}_{part}")) for part in ("street", "city", "state", "postal_code", "country")]
        if any(parts):
            yield f"ADR;TYPE={word}:;;{';'.join(parts)}"


def _others(values: Mapping[str, Value]) -> Iterator[str]:
    for name, value in values.items():
        if _PROPERTY.fullmatch(name):
            for text in all_of(value):
                yield f"{name}:{escaped(text)}"


def escaped(text: str) -> str:
    """A text as a value of a card (RFC 6350 3.4)."""
    plain = _CONTROL.sub("", _BREAK.sub("\n", text))
    return _SPECIAL.sub(r"\\\1", plain).replace("\n", "\\n")


def folded(line: str) -> bytes:
    """A line, broken where it is too long, but never within a letter (RFC 6350 3.2)."""
    data = line.encode()
    if len(data) <= _LONGEST_LINE:
        return data + b"\r\n"
    pieces, start, room = [], 0, _LONGEST_LINE
    while start < len(data):
        end = min(start + room, len(data))
        while end < len(data) and data[end] & 0xC0 == 0x80:
            end -= 1
        pieces.append(data[start:end])
        start, room = end, _LONGEST_LINE - 1
    return b"\r\n ".join(pieces) + b"\r\n"


def _named(name: str) -> None:
    if name not in _KNOWN and (not _PROPERTY.fullmatch(name) or name in _OURS):
        message = f"A card has no place for {name!r}: call the column as a field ({', '.join(sorted(_KNOWN))}) or X-..."
        raise Invalid("bad-card-column", message, data={"field": "columns", "name": name})


KIND = Kind("vcard", "vCard", VcardSettings, suffix=".vcf", media_type="text/vcard", writer=VcardWriter, named=_named)
