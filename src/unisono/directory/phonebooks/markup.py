"""XML as telephones read it: texts without what XML 1.0 does not allow, on one line, escaped. Pure."""

import re
from xml.sax.saxutils import escape

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 document may hold, not even as a reference (W3C XML 1.0, production 2)."""


def plain(text: str) -> str:
    """A text that any XML document may hold."""
    return _ILLEGAL.sub("", text)


def line(text: str) -> str:
    """The same on one line: telephones show no others."""
    return " ".join(plain(text).split())


def element(tag: str, text: str) -> str:
    """An element that holds a text."""
    return f"<{tag}>{escape(line(text))}</{tag}>"


def declaration(encoding: str = "UTF-8") -> str:
    """The first line of a document."""
    return f'<?xml version="1.0" encoding="{encoding}"?>\n'
