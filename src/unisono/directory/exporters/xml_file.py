"""XML 1.0: an element for each contact, below it one for each value."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated
from xml.sax.saxutils import escape

import msgspec
from msgspec import Meta

from unisono.directory.exporters.model import Exported
from unisono.directory.exporters.selection import all_of
from unisono.directory.exporters.writer import Kind
from unisono.kernel.errors import Invalid

_NAME = re.compile(r"(?![xX][mM][lL])[A-Za-z_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff][\w.\-]*")
"""Names without a colon; of the letters that may begin one (XML 1.0, production 4) those of Latin script."""
_NO_NAME = re.compile(r"[^A-Za-z0-9_.\-\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff]")
_NO_CHAR = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML document may hold (production 2)."""
_RETURN = {"\r": "&#13;"}

Name = Annotated[str, Meta(min_length=1, max_length=100)]


class XmlSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Contacts as XML elements, the columns as elements in them."""

    root: Annotated[Name, Meta(description="Name of the outermost element.")] = "contacts"
    record: Annotated[Name, Meta(description="Name of each contact's element.")] = "contact"


class XmlWriter:
    """Writes XML. Raises `Invalid` for settings that are no names of elements."""

    def __init__(self, settings: XmlSettings, names: Sequence[str]) -> None:
        for field, name in (("root", settings.root), ("record", settings.record), *(("columns", name) for name in names)):
            _checked(name, field)
        self._root, self._record = settings.root, settings.record

    def begin(self) -> bytes:
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<{self._root}>\n'.encode()

    def contact(self, exported: Exported) -> bytes:
        parts = [f"<{self._record}>"]
        for name, value in exported.values.items():
            element = element_name(name)
            parts += [f"<{element}>{_text(text)}</{element}>" for text in all_of(value)]
        parts.append(f"</{self._record}>\n")
        return "".join(parts).encode()

    def end(self) -> bytes:
        return f"</{self._root}>\n".encode()


@lru_cache(maxsize=1024)
def element_name(name: str) -> str:
    """A name of a column as that of an element: `custom.Cost centre` as `custom.Cost_centre`."""
    found = _NO_NAME.sub("_", name)
    return found if _NAME.fullmatch(found) else f"_{found}"


def _text(text: str) -> str:
    return escape(_NO_CHAR.sub("", text), _RETURN)


def _checked(name: str, field: str) -> None:
    if not _NAME.fullmatch(name):
        message = f"{name!r} cannot be the name of an XML element."
        raise Invalid("bad-element-name", message, data={"field": field, "name": name})


KIND = Kind(
    "xml",
    "XML",
    XmlSettings,
    suffix=".xml",
    media_type="application/xml",
    writer=XmlWriter,
    named=lambda name: _checked(name, "columns"),
)
