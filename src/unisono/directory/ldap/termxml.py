"""A vendor's device template, `.termxml`, read as it is. Pure.

Sections are QueryFilterMapping, QueryAttributeMapping, ResultAttributeMapping and AdditionalObjectClasses, wherever they stand.
The vendor's manual writes `<String Key="SAMAccountName">displayName</String>`. Versions differ: a row is an element whose first
two attributes (or child elements, or attribute and text, or a text with "=") are what the client says and what we say; a third
one, or one named so, is a regular expression's replacement.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from unisono.directory.ldap.model import Template, ValueRule
from unisono.directory.ldap.pattern import compiled
from unisono.directory.ldap.schema import CLASS
from unisono.kernel.errors import Invalid

MOST = 1024 * 1024
"""Bytes of a file."""
_SECTIONS = ("queryfiltermapping", "queryattributemapping", "resultattributemapping", "additionalobjectclasses")
_SEARCH = ("search", "regex", "regexp", "pattern", "expression")
_REPLACE = ("replace", "replacement", "format")
_GROUP = re.compile(r"\$(\d{1,2})|\$\{(\d{1,2})\}|\\(\d{1,2})|\\")
_NAMES = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Read:
    """The template, and what could not be taken over."""

    template: Template
    left_out: tuple[str, ...]


def read_termxml(data: bytes, id: str) -> Read:
    """Raises `Invalid` for what is no such file."""
    root = _parsed(data)
    rows: dict[str, list[tuple[str, dict[str, str]]]] = {name: [] for name in _SECTIONS}
    found = False
    for element in root.iter(etree.Element):
        name = etree.QName(element).localname.lower()
        if name in rows:
            found = True
            rows[name] += [row for child in element.iterchildren(etree.Element) for row in _rows(child)]
    if not found:
        message = "file: None of the four sections of a device template is in this file."
        raise Invalid("ldap-invalid", message, data={"field": "file"})
    left: list[str] = []
    filters, rules = _filters(rows["queryfiltermapping"], left)
    results = _pairs(rows["resultattributemapping"], left)
    title = next((text for text in (root.get("name"), root.get("Name"), root.findtext("Name")) if text), id)
    template = Template(
        id=id,
        name=title.strip()[:120],
        comment="Read from a .termxml file.",
        filter_attributes=filters,
        filter_values=tuple(rules),
        query_attributes=_grouped(_pairs(rows["queryattributemapping"], left)),
        result_attributes=dict(results),
        object_classes=_classes(rows["additionalobjectclasses"], left),
    )
    return Read(template, tuple(left))


def _parsed(data: bytes) -> etree._Element:
    if len(data) > MOST:
        raise Invalid("ldap-invalid", f"file: A device template has at most {MOST:,} bytes.", data={"field": "file"})
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise Invalid("ldap-invalid", f"file: This is no XML: {error}.", data={"field": "file"}) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise Invalid("ldap-invalid", "file: A device template has no DTD.", data={"field": "file"})
    return root


Row = tuple[str, dict[str, str]]
"""Its text, and its fields by their names in lower case, in their order."""


def _rows(element: etree._Element) -> Iterator[Row]:
    children = list(element.iterchildren(etree.Element))
    fields = {etree.QName(str(key)).localname.lower(): str(value).strip() for key, value in element.attrib.items()}
    if not fields and children and any(child.attrib or len(child) for child in children):
        for child in children:  # a group of rows
            yield from _rows(child)
        return
    for child in children:
        fields[etree.QName(child).localname.lower()] = (child.text or "").strip()
    text = (element.text or "").strip()
    if not fields and "=" in text:
        left, _, right = text.partition("=")
        fields = {"from": left.strip(), "to": right.strip()}
    elif element.attrib and text:
        fields["text"] = text
    yield text, fields


def _first(row: Row) -> str:
    return row[0] or next((value for value in row[1].values() if value), "")


def _filters(rows: list[Row], left: list[str]) -> tuple[dict[str, tuple[str, ...]], list[ValueRule]]:
    rules, plain = [], []
    for row in rows:
        fields = dict(row[1])
        search = next((fields.pop(name) for name in _SEARCH if name in fields), "")
        replace = next((fields.pop(name) for name in _REPLACE if name in fields), "")
        if search:
            try:
                rules.append(_rule(search, replace, next(iter(fields.values()), "")))
            except (re.error, IndexError) as error:
                left.append(f"{search}: {error}")
                continue
        if len(fields) > 1 or not search:
            plain.append((row[0], fields))
    return _grouped(_pairs(plain, left)), rules


def _rule(search: str, replace: str, attribute: str) -> ValueRule:
    """Groups are written $1 or \\1, what fits as a whole $0 (of two digits only if there are so many). Raises `re.error`."""
    groups = compiled(search).groups

    def group(found: re.Match[str]) -> str:
        number, behind = found[1] or found[2] or found[3], found.string[found.end() : found.end() + 1]
        if int(number) > groups:
            return f"\\g<{number[0]}>{number[1:]}"
        return f"\\g<{number}>" if number == "0" or behind.isdigit() else f"\\{number}"

    made = _GROUP.sub(lambda found: r"\\" if found[0] == "\\" else group(found), replace)
    re.compile(f"{search}|").sub(made, "")  # raises for a group that is not there
    return ValueRule(search, made, attribute)


def _pairs(rows: list[Row], left: list[str]) -> list[tuple[str, str]]:
    found = []
    for text, fields in rows:
        values = [value for value in fields.values() if _NAMES.fullmatch(value)]
        if len(values) >= 2:
            found.append((values[0], values[1]))
        else:
            left.append(text or ", ".join(f"{name}={value}" for name, value in fields.items()) or "an empty row")
    return found


def _classes(rows: list[Row], left: list[str]) -> tuple[str, ...]:
    named = dict.fromkeys(filter(None, map(_first, rows)))
    left += [name for name in named if not CLASS.fullmatch(name)]
    return tuple(filter(CLASS.fullmatch, named))


def _grouped(pairs: list[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for client, ours in pairs:
        found[client] = (*found.get(client, ()), ours)
    return found
