"""A contact as an object of Active Directory: attributes within their limits, its name, the mark that it is ours. Pure."""

import re
from collections.abc import Iterable, Mapping
from hashlib import blake2b

from unisono.directory.exporters.ldif_file import attribute_named
from unisono.directory.exporters.model import ExportColumn, Exported
from unisono.directory.exporters.selection import all_of
from unisono.kernel.errors import Invalid
from unisono.wire.ldap.dn import escape

Texts = Mapping[str, tuple[str, ...]]

MARK = "adminDescription"
"""An attribute that every object may have (class `top`) and that people do not see."""
_MARK = re.compile(r"Unisono export ([0-9a-f]{32}): ([0-9a-f]{32})")
USUAL = tuple(
    ExportColumn(name, value)
    for name, value in (
        ("displayName", "{name}"), ("givenName", "{first_name}"), ("sn", "{last_name}"), ("company", "{company}"),
        ("department", "{department}"), ("title", "{job_title}"), ("physicalDeliveryOfficeName", "{office_room_number}"),
        ("mail", "{email}"), ("telephoneNumber", "{phone_business | phone_company_main | phone_primary}"),
        ("otherTelephone", "{phone_business_2}"), ("otherTelephone", "{phone_other}"), ("mobile", "{phone_mobile}"),
        ("otherMobile", "{phone_car}"), ("homePhone", "{phone_home}"), ("otherHomePhone", "{phone_home_2}"),
        ("pager", "{phone_pager}"), ("facsimileTelephoneNumber", "{fax_business}"),
        ("otherFacsimileTelephoneNumber", "{fax_home}"), ("streetAddress", "{business_street}"),
        ("postalCode", "{business_postal_code}"), ("l", "{business_city}"), ("st", "{business_state}"),
        ("co", "{business_country}"), ("wWWHomePage", "{web}"), ("info", "{note}"),
    )
)  # fmt: skip
_MOST = {
    "displayname": 256, "givenname": 64, "sn": 64, "company": 64, "department": 64, "title": 64, "mail": 256,
    "physicaldeliveryofficename": 128, "streetaddress": 1024, "postalcode": 40, "l": 128, "st": 128, "co": 128,
    "wwwhomepage": 2048, "info": 1024, "description": 1024, "initials": 6, "employeeid": 16,
}  # fmt: skip
"""Characters of attributes in the schema of Active Directory (rangeUpper)."""
_MOST_ELSE = 64
_LINES = frozenset({"streetaddress", "info"})
"""Attributes that may have several lines."""
_OTHERS = {
    "telephonenumber": "otherTelephone",
    "mobile": "otherMobile",
    "homephone": "otherHomePhone",
    "pager": "otherPager",
    "facsimiletelephonenumber": "otherFacsimileTelephoneNumber",
}
"""Where further values of an attribute go that takes but one."""
_SEVERAL = frozenset({*(name.lower() for name in _OTHERS.values()), "otherIpPhone".lower(), "url", "description"})
_SYSTEM = frozenset({
    "cn", "name", "distinguishedname", "objectguid", "objectsid", "objectcategory", "ntsecuritydescriptor", "memberof",
    MARK.lower(), "admindisplayname", "useraccountcontrol", "samaccountname", "unicodepwd", "instancetype",
})  # fmt: skip
_LONGEST_NAME = 64
_TOLD_APART = 8


def mark_of(export: str, contact: str) -> str:
    """What says on an object who made it, and for whom."""
    return f"Unisono export {export}: {contact}"


def marked_for(mark: str, export: str) -> str:
    """The contact for whom this export made what has this mark; "" if it did not."""
    found = _MARK.fullmatch(mark)
    return found[2] if found and found[1] == export else ""


def names_of(exported: Exported) -> tuple[str, str]:
    """What its object is called, and what if somebody else is called so already."""
    name = " ".join(exported.name.split()) or exported.key
    short = name[: _LONGEST_NAME - _TOLD_APART - 3].strip()
    return name[:_LONGEST_NAME].strip(), f"{short} ({exported.key[-_TOLD_APART:]})"


def rdn_of(name: str) -> str:
    """A name as that of an object (RFC 4514); Samba wants an equals sign escaped too, which others accept."""
    escaped = escape(name).replace("=", "\\=")
    return f"CN={escaped}"


def attributes_of(exported: Exported) -> dict[str, tuple[str, ...]]:
    """Its attributes: within their lengths, one value where the schema takes but one, none empty."""
    found: dict[str, tuple[str, ...]] = {}
    for name, value in exported.values.items():
        texts = _fitting(name, all_of(value))
        low = name.lower()
        if low in _SEVERAL:
            found[name] = _joined(found.get(name, ()), texts)
            continue
        if low in _OTHERS and len(texts) > 1:
            other = _OTHERS[low]
            found[other] = _joined(found.get(other, ()), texts[1:])
        found[name] = texts[:1]
    return {name: texts for name, texts in found.items() if texts}


def others_of(names: Iterable[str]) -> list[str]:
    """The attributes that take further values of these."""
    return [other for name, other in _OTHERS.items() if name in {each.lower() for each in names}]


def digest_of(attributes: Texts) -> bytes:
    """Stands for what an object says; the order of names and values says nothing."""
    said = sorted((name.lower(), *sorted(texts)) for name, texts in attributes.items() if texts)
    return blake2b(repr(said).encode("utf-8", "replace"), digest_size=8).digest()


def named(name: str) -> None:
    """Whether a column is called as an attribute that may be written. Raises `Invalid`."""
    attribute_named(name)
    if name.lower() in _SYSTEM:
        message = f"The attribute {name} is set by Active Directory or by the export itself."
        raise Invalid("bad-attribute-name", message, data={"field": "columns", "name": name})


def _fitting(name: str, texts: Iterable[str]) -> tuple[str, ...]:
    low = name.lower()
    most = _MOST.get(low, _MOST_ELSE)
    lines = (text.replace("\0", "").strip() if low in _LINES else " ".join(text.replace("\0", "").split()) for text in texts)
    return tuple(dict.fromkeys(text[:most].strip() for text in lines if text))


def _joined(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))
