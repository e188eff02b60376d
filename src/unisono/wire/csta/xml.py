"""XML as far as CSTA needs it: read without entities, with limits; write text safely; namespaces of the editions."""

import re
from collections.abc import Mapping
from enum import StrEnum
from xml.etree import ElementTree

from unisono.wire.csta.errors import CodecError

MOST_ELEMENTS = 4_000
MOST_DEPTH = 32

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
# Each is a superset of ASCII, so that the search for "<!DOCTYPE" cannot be fooled by the encoding.
_ENCODINGS = (b"utf-8", b"us-ascii", b"ascii", b"iso-8859-1")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_RARE = re.compile("[&<>\r\"\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;", '"': "&quot;"}
# What XML 1.0 cannot hold at all (2.2, Char).
_IMPOSSIBLE = "\ufffd"

APPL_SESSION = "http://www.ecma-international.org/standards/ecma-354/appl_session"
AVAYA = "http://www.avaya.com/csta"


class Edition(StrEnum):
    """Editions of ECMA-323, each with its namespace."""

    ED2 = "http://www.ecma.ch/standards/ecma-323/csta/ed2"
    ED3 = "http://www.ecma-international.org/standards/ecma-323/csta/ed3"
    ED4 = "http://www.ecma-international.org/standards/ecma-323/csta/ed4"
    ED5 = "http://www.ecma-international.org/standards/ecma-323/csta/ed5"
    ED6 = "http://www.ecma-international.org/standards/ecma-323/csta/ed6"

    @classmethod
    def of(cls, namespace: str) -> "Edition | None":
        """The edition a namespace or protocol version speaks of (".../ed3/priv2" and "ed4" too)."""
        match = re.search(r"(?:^|/)ed([2-6])(?:/|$)", namespace)
        return cls[f"ED{match[1]}"] if match else None


class Output(list[str]):
    """The pieces of a document that is being written, and the edition it is written in."""

    __slots__ = ("edition",)

    def __init__(self, edition: Edition) -> None:
        super().__init__()
        self.edition = edition


def parse(data: bytes) -> ElementTree.Element:
    """The root element; raises `CodecError` for what is no XML, is too large or deep, or has a document type."""
    declared = _DECLARED.match(data.removeprefix(_BYTE_ORDER_MARK))
    if declared and declared[1].lower() not in _ENCODINGS:
        raise CodecError(f"The encoding {declared[1].decode()} is not allowed.", data)
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise CodecError("A document type is not allowed.", data)
    if data.count(b"<") > 2 * MOST_ELEMENTS:
        raise CodecError(f"More than {MOST_ELEMENTS} elements.", data)
    try:
        parser = ElementTree.XMLParser(encoding=None if declared else "utf-8")  # noqa: S314 - no document type, no entity
        parser.feed(data.strip(b" \t\r\n\x00"))
        root = parser.close()
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise CodecError(f"This is no XML: {error}.", data) from error
    if not isinstance(root, ElementTree.Element):
        raise CodecError("There is no root element.", data)
    _measure(root, data)
    return root


def _measure(root: ElementTree.Element, data: bytes) -> None:
    level = [root]
    depth = 0
    while level:
        depth += 1
        if depth > MOST_DEPTH:
            raise CodecError(f"Nested deeper than {MOST_DEPTH}.", data)
        level = [child for element in level for child in element]


def local(tag: str) -> str:
    """The name without its namespace."""
    return tag.rpartition("}")[2]


def namespace(tag: str) -> str:
    """The namespace of a name; empty if it has none."""
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


def escape(text: str) -> str:
    """Text for an element or an attribute in double quotes; what XML cannot hold becomes U+FFFD."""
    return _RARE.sub(lambda match: _ESCAPES.get(match[0], _IMPOSSIBLE), text)


def rename(root: ElementTree.Element, table: Mapping[str, str]) -> None:
    """Replace short tags (ECMA-323 Annex D) by their names, wherever they stand; names not in the table stay."""
    for element in root.iter():
        name = local(element.tag)
        element.tag = element.tag[: -len(name)] + table.get(name, name)
