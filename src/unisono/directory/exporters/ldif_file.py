"""LDIF (RFC 2849): what `slapadd` and `ldapadd` take."""

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from unisono.directory.exporters.model import ExportColumn, Exported
from unisono.directory.exporters.selection import all_of
from unisono.directory.exporters.writer import Kind
from unisono.kernel.errors import Invalid
from unisono.wire.ldap import CodecError
from unisono.wire.ldap.dn import Dn

_SAFE = re.compile(rb"[\x01-\x09\x0b\x0c\x0e-\x1f\x21-\x39\x3b\x3d-\x7f][\x01-\x09\x0b\x0c\x0e-\x7f]*(?<! )")
"""SAFE-STRING of RFC 2849, and no blank at the end (note 8)."""
_LONGEST_LINE = 76
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_OURS = frozenset({"dn", "objectclass", "changetype", "control", "version"})
_NOT_PRINTABLE = re.compile(r"[^A-Za-z0-9'()+,\-./:? =]")
_TELEPHONES = frozenset({"telephonenumber", "mobile", "homephone", "pager"})
_DESTINATIONS = frozenset({"facsimiletelephonenumber"})
_ASCII = frozenset({"mail", "email", "dc"})
USUAL = tuple(
    ExportColumn(name, value)
    for name, value in (
        ("cn", "{name}"), ("sn", "{last_name | name}"), ("givenName", "{first_name}"), ("displayName", "{display_name}"),
        ("o", "{company}"), ("ou", "{department}"), ("title", "{job_title}"), ("employeeNumber", "{customer_id}"),
        ("physicalDeliveryOfficeName", "{office_room_number}"), ("mail", "{email}"), ("mail", "{email_2}"),
        ("mail", "{email_3}"), ("telephoneNumber", "{phone_business}"), ("telephoneNumber", "{phone_business_2}"),
        ("telephoneNumber", "{phone_company_main}"), ("telephoneNumber", "{phone_primary}"),
        ("telephoneNumber", "{phone_other}"), ("mobile", "{phone_mobile}"), ("mobile", "{phone_car}"),
        ("homePhone", "{phone_home}"), ("homePhone", "{phone_home_2}"), ("pager", "{phone_pager}"),
        ("facsimileTelephoneNumber", "{fax_business}"), ("facsimileTelephoneNumber", "{fax_home}"),
        ("street", "{business_street}"), ("postalCode", "{business_postal_code}"), ("l", "{business_city}"),
        ("st", "{business_state}"), ("homePostalAddress", "{private_street}"), ("labeledURI", "{web}"),
        ("description", "{note}"),
    )
)  # fmt: skip
"""Attributes of inetOrgPerson (RFC 2798), so that any directory server takes them."""
_OWN_CLASS = "contactperson"
"""Of our own LDAP door. Entries that have it have an attribute for each kind of number, so that all of them read back."""
_OWN_NAMES = {
    "{phone_business_2}": "otherTelephone", "{phone_company_main}": "companyPhone", "{phone_primary}": "primaryPhone",
    "{phone_other}": "otherPhone", "{phone_car}": "carPhone", "{phone_home_2}": "otherHomePhone",
    "{fax_home}": "homeFacsimileTelephoneNumber", "{web}": "url",
}  # fmt: skip
_WITH_OWN = (
    *(ExportColumn(_OWN_NAMES.get(column.value, column.name), column.value) for column in USUAL),
    *(
        ExportColumn(name, value)
        for name, value in (
            ("assistantPhone", "{phone_assistant}"), ("callbackPhone", "{phone_callback}"), ("radio", "{phone_radio}"),
            ("tty", "{phone_tty_tdd}"), ("internationalISDNNumber", "{phone_isdn}"), ("co", "{business_country}"),
            ("labeledURI", "{direct_link}"),
        )
    ),
)  # fmt: skip


class LdifSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry for each contact, called `uid=<our id>` below the base. Columns are called as attributes."""

    base: Annotated[str, Meta(min_length=1, max_length=1000, description="Where the entries are, e.g. ou=contacts,dc=company.")]
    classes: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=500,
            description="Object classes of the entries, with blanks between; contactperson keeps all kinds of numbers apart.",
        ),
    ] = "top person organizationalPerson inetOrgPerson"
    with_base: Annotated[bool, Meta(description="Whether the base itself is in the file.")] = False


class LdifWriter:
    """Writes entries. Raises `Invalid` for a base that is no distinguished name."""

    def __init__(self, settings: LdifSettings, names: Sequence[str]) -> None:
        try:
            self._dn = Dn.parse(settings.base)
        except CodecError as error:
            message = f"{settings.base!r} is no distinguished name: {error}."
            raise Invalid("bad-dn", message, data={"field": "base", "dn": settings.base}) from error
        if not self._dn.rdns:
            raise Invalid("bad-dn", "Give the base of the entries.", data={"field": "base", "dn": settings.base})
        self._base = settings.base
        self._classes = settings.classes.split()
        self._with_base = settings.with_base

    def begin(self) -> bytes:
        # No `version: 1` (RFC 2849 note 1 lets it be absent): slapadd takes that for an entry.
        if not self._with_base:
            return b""
        ava = self._dn.rdns[0][0]
        value = ava.value if isinstance(ava.value, str) else ava.value.hex()
        more = {"dc": "dcObject organization", "o": "organization", "ou": "organizationalUnit"}
        lines = [line("dn", self._base)]
        lines += [line("objectClass", each) for each in ("top", *more.get(ava.name.lower(), "extensibleObject").split())]
        lines.append(line(ava.name, value))
        if ava.name.lower() == "dc":
            lines.append(line("o", value))
        return b"".join(lines) + b"\n"

    def contact(self, exported: Exported) -> bytes:
        lines = [line("dn", f"uid={exported.key},{self._base}")]
        lines += [line("objectClass", each) for each in self._classes]
        values = {name: all_of(value) for name, value in exported.values.items()}
        values["uid"] = tuple(dict.fromkeys((exported.key, *values.get("uid", ()))))
        for name in ("cn", "sn"):  # RFC 4519 3.12: a person has both
            values[name] = values.get(name) or (exported.name or exported.key,)
        for name, texts in values.items():
            fit = _FITS.get(name.lower())
            for text in texts if fit is None else filter(None, map(fit, texts)):
                lines.append(line(name, text))
        return b"".join(lines) + b"\n"

    def end(self) -> bytes:
        return b""


def line(name: str, text: str) -> bytes:
    """One attribute's value, in base64 where it has to be, broken where it is too long."""
    data = text.encode()
    whole = f"{name}: ".encode() + data
    if data and not _SAFE.fullmatch(data):
        whole = f"{name}:: ".encode() + base64.b64encode(data)
    if len(whole) <= _LONGEST_LINE:
        return whole + b"\n"
    pieces = [whole[:_LONGEST_LINE]]
    pieces += [whole[at : at + _LONGEST_LINE - 1] for at in range(_LONGEST_LINE, len(whole), _LONGEST_LINE - 1)]
    return b"\n ".join(pieces) + b"\n"


def _telephone(text: str) -> str:
    """What syntax 1.3.6.1.4.1.1466.115.121.1.50 allows (RFC 4517 3.3.31)."""
    return _NOT_PRINTABLE.sub(" ", text).strip()


def _fax(text: str) -> str:
    """A number without the parameters that a `$` would begin (RFC 4517 3.3.11)."""
    return _telephone(text.replace("$", " "))


def _postal(text: str) -> str:
    """A line of an address; a `$` would begin the next one, and a backslash an escape (RFC 4517 3.3.28)."""
    return text.replace("$", " ").replace("\\", "/").strip()


def _ascii(text: str) -> str:
    """An address of ASCII letters; others have no place in such an attribute (RFC 4517 3.3.15)."""
    return text if text.isascii() else ""


_FITS: Mapping[str, Callable[[str], str]] = {
    **dict.fromkeys(_TELEPHONES, _telephone),
    **dict.fromkeys(_DESTINATIONS, _fax),
    **dict.fromkeys(_ASCII, _ascii),
    "homepostaladdress": _postal,
}


def _columns(settings: Mapping[str, object]) -> tuple[ExportColumn, ...]:
    return _WITH_OWN if _OWN_CLASS in str(settings.get("classes", "")).lower().split() else USUAL


def attribute_named(name: str) -> None:
    """Whether a column is called as an attribute can be. Raises `Invalid`."""
    if not _NAME.fullmatch(name) or name.lower() in _OURS:
        message = f"{name!r} cannot be the name of an attribute here."
        raise Invalid("bad-attribute-name", message, data={"field": "columns", "name": name})


KIND = Kind(
    "ldif",
    "LDIF",
    LdifSettings,
    usual=USUAL,
    usual_with=_columns,
    suffix=".ldif",
    media_type="text/ldif",
    writer=LdifWriter,
    named=attribute_named,
)
