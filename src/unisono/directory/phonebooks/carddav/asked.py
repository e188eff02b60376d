"""What a client asks: the bodies of PROPFIND (RFC 4918 9.1) and REPORT (RFC 3253 3.6) as values. Pure.

A body is bounded, shallow, and has no document type, so that nothing in it can be expanded or fetched. It is read in pieces,
between which others have their turn, and of the addresses in it, which may be many, no tree is made.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from unisono.directory.breathing import Breathing
from unisono.directory.phonebooks.vcard import Version

BODY_MOST = 4 * 1024 * 1024
"""Bytes of a body: twice what names every card of the largest book that is listed."""
PIECE = 16 * 1024
"""Bytes of a body that are read at once: a fraction of a millisecond."""
_TAGS_MOST = 100_000
_DEEP_MOST = 100
_VALUES_MOST = 50_000
"""Equals signs: of an element's attributes a table is made at once."""
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


def propfind(body: bytes) -> Breathing[Wanted]:
    """What a PROPFIND wants; without a body everything (RFC 4918 9.1). Raises `BadBody`."""
    if not body.strip():
        return Wanted()
    root, _ = yield from _read(body)
    if root.tag != f"{DAV}propfind":
        raise BadBody("The body of a PROPFIND is a DAV:propfind.")
    return _wanted(root)


def report(body: bytes) -> Breathing[Report]:
    """What a REPORT asks. Raises `BadBody`."""
    root, hrefs = yield from _read(body)
    wanted = _wanted(root)
    match root.tag:
        case "{urn:ietf:params:xml:ns:carddav}addressbook-multiget":
            return Multiget(wanted, hrefs)
        case "{urn:ietf:params:xml:ns:carddav}addressbook-query":
            found = root.find(f"{CARD}filter")
            return Query(wanted, Filter() if found is None else _filter(found), _limit(root, CARD))
        case "{DAV:}sync-collection":
            return Sync(wanted, _text(root.find(f"{DAV}sync-token")), _limit(root, DAV))
        case _:
            raise BadBody("There is no such report here.", "supported-report")


def _read(body: bytes) -> Breathing[tuple[Element, tuple[str, ...]]]:
    """The root without the addresses in it, and these, each once."""
    if b"\0" in body[:4]:
        raise BadBody("Write the body in UTF-8.")
    if b"<!DOCTYPE" in body:
        raise BadBody(_NO_TYPE)
    if body.count(b"<") > _TAGS_MOST:
        raise BadBody(f"A body has at most {_TAGS_MOST:,} tags; ask for fewer cards at once.")
    if body.count(b"=") > _VALUES_MOST:
        raise BadBody(f"A body has at most {_VALUES_MOST:,} equals signs.")
    found = _Reader()
    # Not one of lxml: it shares a table of names with all that begin in its thread, and pieces are read in several threads.
    parser = XMLParser(target=found)  # noqa: S314 - a document type is refused
    try:
        for begin in range(0, len(body), PIECE):
            parser.feed(body[begin : begin + PIECE])
            yield
        root = parser.close()
    except (ParseError, ValueError, LookupError) as error:
        raise BadBody("The body is no XML.") from error
    return root, tuple(found.hrefs)


class _Reader:
    """Makes a tree of what a parser meets; the addresses below the root are only listed."""

    def __init__(self) -> None:
        self.hrefs: dict[str, None] = {}
        self._tree = TreeBuilder()
        self._depth = 0
        self._href: list[str] | None = None
        """Pieces of the address in which it is."""

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        raise BadBody(_NO_TYPE)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEP_MOST:
            raise BadBody(f"A body has at most {_DEEP_MOST} tags within each other.")
        if self._href is None and self._depth == 2 and tag == f"{DAV}href":
            self._href = []
        elif self._href is None:
            self._tree.start(tag, attributes)

    def data(self, text: str) -> None:
        if self._href is None:
            self._tree.data(text)
        elif self._depth == 2:
            self._href.append(text)

    def end(self, tag: str) -> None:
        self._depth -= 1
        if self._href is None:
            self._tree.end(tag)
        elif self._depth == 1:
            self.hrefs["".join(self._href).strip()] = None
            self._href = None

    def close(self) -> Element:
        return self._tree.close()


def _wanted(root: Element) -> Wanted:
    if root.find(f"{DAV}propname") is not None:
        return Wanted(Which.NAMES)
    prop = root.find(f"{DAV}prop")
    if prop is None:
        return Wanted()
    names: dict[str, None] = {}
    version, lines = Version.V3, frozenset[str]()
    if len(prop) > _NAMES_MOST:
        raise BadBody(f"Ask for {_NAMES_MOST} properties at once at most.")
    for each in prop:
        names[str(each.tag)] = None
        if each.tag == f"{CARD}address-data":
            version, lines = _card_wanted(each)
    return Wanted(Which.NAMED, tuple(names), version, lines)


def _card_wanted(each: Element) -> tuple[Version, frozenset[str]]:
    """RFC 6352 10.4."""
    version = each.get("version", Version.V3)
    if each.get("content-type", "text/vcard").lower() != "text/vcard" or version not in set(Version):
        raise BadBody("Cards are text/vcard, version 3.0 or 4.0.", "supported-address-data")
    return Version(version), frozenset((prop.get("name") or "").upper() for prop in each.iterfind(f"{CARD}prop"))


def _limit(root: Element, space: str) -> int:
    found = root.find(f"{space}limit/{space}nresults")
    if found is None:
        return 0
    text = _text(found)
    if not text.isascii() or not text.isdecimal() or len(text) > 9 or int(text) < 1:
        raise BadBody("nresults is a number, from 1.")
    return int(text)


def _filter(found: Element) -> Filter:
    _check_few(found)
    return Filter(_all_of(found), tuple(_property(each) for each in found.iterfind(f"{CARD}prop-filter")))


def _property(each: Element) -> PropertyFilter:
    _check_few(each)
    matches = tuple(map(_match, each.iterfind(f"{CARD}text-match")))
    parameters = tuple(map(_parameter, each.iterfind(f"{CARD}param-filter")))
    absent = each.find(f"{CARD}is-not-defined") is not None
    return PropertyFilter(_name(each), _all_of(each), matches, parameters, absent)


def _check_few(each: Element) -> None:
    if len(each) > _FILTERS_MOST:
        raise BadBody(f"A filter has {_FILTERS_MOST} conditions at most.", "supported-filter")


def _parameter(each: Element) -> ParameterFilter:
    found = each.find(f"{CARD}text-match")
    absent = each.find(f"{CARD}is-not-defined") is not None
    return ParameterFilter(_name(each), None if found is None else _match(found), absent)


_COLLATIONS = {"i;unicode-casemap": False, "i;ascii-casemap": False, "i;octet": True, "default": False}
_MATCHES = frozenset({"equals", "contains", "starts-with", "ends-with"})


def _match(each: Element) -> TextMatch:
    exact = _COLLATIONS.get(each.get("collation", "i;unicode-casemap"))
    match = each.get("match-type", "contains")
    if exact is None:
        raise BadBody("This collation is not known.", "supported-collation")
    if match not in _MATCHES:
        raise BadBody("This kind of match is not known.", "supported-filter")
    return TextMatch(each.text or "", exact, match, each.get("negate-condition", "no") == "yes")


def _all_of(each: Element) -> bool:
    test = each.get("test", "anyof")
    if test not in ("anyof", "allof"):
        raise BadBody("A test is anyof or allof.", "supported-filter")
    return test == "allof"


def _name(each: Element) -> str:
    name = each.get("name", "")
    if not name:
        raise BadBody("A filter names what it is about.", "supported-filter")
    return name.upper()


def _text(found: Element | None) -> str:
    return (found.text or "").strip() if found is not None else ""
