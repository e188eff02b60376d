"""What a client asks: the bodies of PROPFIND (RFC 4918 9.1) and REPORT (RFC 3253 3.6) as values. Pure.

A body is bounded, shallow, and has no document type, so that nothing in it can be expanded or fetched.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from lxml import etree

from unisono.directory.phonebooks.vcard import Version

BODY_MOST = 4 * 1024 * 1024
"""Bytes of a body: twice what names every card of the largest book that is listed."""
_TAGS_MOST = 100_000
_NAMES_MOST = 100
_FILTERS_MOST = 50
_NO_TYPE = "A body with a document type is not read."
DAV, CARD, SERVER = "{DAV:}", "{urn:ietf:params:xml:ns:carddav}", "{http://calendarserver.org/ns/}"


class BadBody(Exception):
    """What was asked is not understood. `condition`: the precondition it fails (RFC 4918 16), "" if it is only wrong."""

    def __init__(self, message: str, condition: str = "") -> None:
        super().__init__(message)
        self.condition = condition


class Which(StrEnum):
    """Which properties are wanted."""

    NAMED = "prop"
    ALL = "allprop"
    NAMES = "propname"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The properties that are wanted, and how a card is: its version, and of its own properties only those; none: all."""

    which: Which = Which.ALL
    names: tuple[str, ...] = ()
    version: Version = Version.V3
    lines: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TextMatch:
    """RFC 6352 10.5.4."""

    text: str
    exact_case: bool = False
    match: str = "contains"
    negate: bool = False


@dataclass(frozen=True, slots=True)
class ParameterFilter:
    """RFC 6352 10.5.2. Without a match it is enough that the parameter is there, or is not."""

    name: str
    match: TextMatch | None = None
    absent: bool = False


@dataclass(frozen=True, slots=True)
class PropertyFilter:
    """RFC 6352 10.5.1."""

    name: str
    everything: bool = False
    matches: tuple[TextMatch, ...] = ()
    parameters: tuple[ParameterFilter, ...] = ()
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """RFC 6352 10.5. `everything`: all of them have to fit, not only one; without any, every card fits."""

    everything: bool = False
    properties: tuple[PropertyFilter, ...] = ()


@dataclass(frozen=True, slots=True)
class Multiget:
    """RFC 6352 8.7."""

    wanted: Wanted
    hrefs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """RFC 6352 8.6. `limit` 0: none."""

    wanted: Wanted
    filter: Filter = field(default_factory=Filter)
    limit: int = 0


@dataclass(frozen=True, slots=True)
class Sync:
    """RFC 6578 3.2. `limit` 0: none."""

    wanted: Wanted
    token: str = ""
    limit: int = 0


Report: TypeAlias = Multiget | Query | Sync


def propfind(body: bytes) -> Wanted:
    """What a PROPFIND wants; without a body everything (RFC 4918 9.1). Raises `BadBody`."""
    if not body.strip():
        return Wanted()
    root = _root(body)
    if root.tag != f"{DAV}propfind":
        raise BadBody("The body of a PROPFIND is a DAV:propfind.")
    return _wanted(root)


def report(body: bytes) -> Report:
    """What a REPORT asks. Raises `BadBody`."""
    root = _root(body)
    wanted = _wanted(root)
    match root.tag:
        case "{urn:ietf:params:xml:ns:carddav}addressbook-multiget":
            return Multiget(wanted, tuple(dict.fromkeys(_text(each) for each in root.iterfind(f"{DAV}href"))))
        case "{urn:ietf:params:xml:ns:carddav}addressbook-query":
            found = root.find(f"{CARD}filter")
            return Query(wanted, Filter() if found is None else _filter(found), _limit(root, CARD))
        case "{DAV:}sync-collection":
            return Sync(wanted, _text(root.find(f"{DAV}sync-token")), _limit(root, DAV))
        case _:
            raise BadBody("There is no such report here.", "supported-report")


def _root(body: bytes) -> etree._Element:
    if b"\0" in body[:4]:
        raise BadBody("Write the body in UTF-8.")
    if b"<!DOCTYPE" in body:
        raise BadBody(_NO_TYPE)
    if body.count(b"<") > _TAGS_MOST:
        raise BadBody(f"A body has at most {_TAGS_MOST:,} tags; ask for fewer cards at once.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise BadBody("The body is no XML.") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise BadBody(_NO_TYPE)
    return root


def _wanted(root: etree._Element) -> Wanted:
    if root.find(f"{DAV}propname") is not None:
        return Wanted(Which.NAMES)
    prop = root.find(f"{DAV}prop")
    if prop is None:
        return Wanted()
    names: dict[str, None] = {}
    version, lines = Version.V3, frozenset[str]()
    for each in _elements(prop):
        names[str(each.tag)] = None
        if each.tag == f"{CARD}address-data":
            version, lines = _card_wanted(each)
    if len(names) > _NAMES_MOST:
        raise BadBody(f"Ask for {_NAMES_MOST} properties at once at most.")
    return Wanted(Which.NAMED, tuple(names), version, lines)


def _card_wanted(each: etree._Element) -> tuple[Version, frozenset[str]]:
    """RFC 6352 10.4."""
    version = each.get("version", Version.V3)
    if each.get("content-type", "text/vcard").lower() != "text/vcard" or version not in set(Version):
        raise BadBody("Cards are text/vcard, version 3.0 or 4.0.", "supported-address-data")
    return Version(version), frozenset((prop.get("name") or "").upper() for prop in each.iterfind(f"{CARD}prop"))


def _limit(root: etree._Element, space: str) -> int:
    found = root.find(f"{space}limit/{space}nresults")
    if found is None:
        return 0
    text = _text(found)
    if not text.isascii() or not text.isdecimal() or len(text) > 9 or int(text) < 1:
        raise BadBody("nresults is a number, from 1.")
    return int(text)


def _filter(found: etree._Element) -> Filter:
    filters = tuple(_property(each) for each in found.iterfind(f"{CARD}prop-filter"))
    if len(filters) > _FILTERS_MOST:
        raise BadBody(f"A filter has {_FILTERS_MOST} conditions at most.", "supported-filter")
    return Filter(_all_of(found), filters)


def _property(each: etree._Element) -> PropertyFilter:
    matches = tuple(map(_match, each.iterfind(f"{CARD}text-match")))
    parameters = tuple(map(_parameter, each.iterfind(f"{CARD}param-filter")))
    if len(matches) + len(parameters) > _FILTERS_MOST:
        raise BadBody(f"A filter has {_FILTERS_MOST} conditions at most.", "supported-filter")
    absent = each.find(f"{CARD}is-not-defined") is not None
    return PropertyFilter(_name(each), _all_of(each), matches, parameters, absent)


def _parameter(each: etree._Element) -> ParameterFilter:
    found = each.find(f"{CARD}text-match")
    absent = each.find(f"{CARD}is-not-defined") is not None
    return ParameterFilter(_name(each), None if found is None else _match(found), absent)


_COLLATIONS = {"i;unicode-casemap": False, "i;ascii-casemap": False, "i;octet": True, "default": False}
_MATCHES = frozenset({"equals", "contains", "starts-with", "ends-with"})


def _match(each: etree._Element) -> TextMatch:
    exact = _COLLATIONS.get(each.get("collation", "i;unicode-casemap"))
    match = each.get("match-type", "contains")
    if exact is None:
        raise BadBody("This collation is not known.", "supported-collation")
    if match not in _MATCHES:
        raise BadBody("This kind of match is not known.", "supported-filter")
    return TextMatch(each.text or "", exact, match, each.get("negate-condition", "no") == "yes")


def _all_of(each: etree._Element) -> bool:
    test = each.get("test", "anyof")
    if test not in ("anyof", "allof"):
        raise BadBody("A test is anyof or allof.", "supported-filter")
    return test == "allof"


def _name(each: etree._Element) -> str:
    name = each.get("name", "")
    if not name:
        raise BadBody("A filter names what it is about.", "supported-filter")
    return name.upper()


def _elements(parent: etree._Element) -> Iterator[etree._Element]:
    return (each for each in parent if isinstance(each.tag, str))


def _text(found: etree._Element | None) -> str:
    return (found.text or "").strip() if found is not None else ""
