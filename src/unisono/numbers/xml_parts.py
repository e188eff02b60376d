"""The composed entries of a vendor's file: carriers, zones, projects, emergency entries, neighbouring area codes."""

import re
from collections.abc import Callable

from lxml import etree

from unisono.numbers.location import ForeignPna, LcrProvider, LcrZone, ProjectPin, ProjectType, SoftphoneEmergency
from unisono.numbers.xml_names import key_of


def _values(node: etree._Element) -> dict[str, str]:
    """Attributes and text children of an entry; lists of text children are joined by blanks."""
    found = {key_of(name): str(text).strip() for name, text in node.attrib.items()}
    for child in node:
        found[key_of(child.tag)] = " ".join(text for part in child.itertext() if (text := str(part).strip()))
    return found


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _provider(node: etree._Element) -> LcrProvider:
    values = _values(node)
    colour = _number(values.get("providercolor", ""))
    return LcrProvider(values.get("providername", ""), values.get("providernumber", ""), colour)


def _zone(node: etree._Element) -> LcrZone:
    values = _values(node)
    days = (values.get(f"timetoprovider{day}", "") for day in ("weekday", "saturday", "sunday"))
    return LcrZone(values.get("zonename", ""), _texts(values.get("zoneprefixlist", "")), *days)


def _texts(text: str) -> tuple[str, ...]:
    return tuple(part for part in re.split(r"[;,\s]+", text) if part)


def _project(node: etree._Element) -> ProjectPin:
    values = _values(node)
    private = values.get("associatedcallisprivatecall", "0").lower() in ("1", "true")
    kind = ProjectType(_number(values.get("projecttype", "1")))
    return ProjectPin(values.get("projectname", ""), values.get("projectpin", ""), kind, private)


def _emergency(node: etree._Element) -> SoftphoneEmergency:
    values = _values(node)
    return SoftphoneEmergency(
        values.get("name", ""),
        values.get("emergencynumber", ""),
        values.get("prefix", ""),
        values.get("subnetid", ""),
        _number(values.get("subnetmasklen", "")),
    )


def _foreign(node: etree._Element) -> ForeignPna:
    values = _values(node)
    return ForeignPna(values.get("areacode", ""), _texts(values.get("nxxprefixlist", "")))


PARTS: dict[str, tuple[str, Callable[[etree._Element], object]]] = {
    "lcrprovidervector": ("lcr_providers", _provider),
    "lcrzonelist": ("lcr_zones", _zone),
    "projectpinrules": ("project_pins", _project),
    "rulessoftphoneemergency": ("softphone_emergencies", _emergency),
    "localdialingruleforeignpnalocalcallitemlist": ("foreign_pna_local", _foreign),
}
