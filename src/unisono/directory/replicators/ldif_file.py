"""LDIF (RFC 2849): what directory servers export."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated

from msgspec import Meta

from unisono.directory.model import LDAP_NAMES, Field
from unisono.directory.replicators.files import FileSettings
from unisono.directory.replicators.lines_file import LinesFile
from unisono.directory.replicators.source import MAX_TEXT, Column, Kind, Record, Source, Value
from unisono.directory.runs.model import BadRow

_FOLDED = re.compile(rb"\r?\n ")
_ENTRIES = re.compile(rb"\n(?:\r?\n)+|\n(?=dn:)", re.IGNORECASE)
"""Between two entries: empty lines, or nothing in files that somebody has put together."""
_PERSONS = "person organizationalPerson inetOrgPerson contact user contactperson organization residentialPerson"
_NAMES: Mapping[str, str] = {
    name.lower(): name
    for name in (*LDAP_NAMES.values(), "cn", "company", "objectClass", "objectGUID", "entryUUID", "initials", "otherMobile")
}
"""Names of attributes as people write them; in a file their case may be any."""
_LINK = LDAP_NAMES[Field.DIRECT_LINK]
MAX_ENTRY = 4 * 1024 * 1024
"""Bytes of one entry, its pictures and certificates included."""
_HEAD = 64 * 1024
"""Bytes that are looked at for whose entries these are."""
_OF_AN_ANSWER = frozenset({"search", "result", "matcheddn", "text", "ref", "control", "pagedresults"})
"""What `ldapsearch` writes between and behind the entries."""
_NOT_SHOWN = frozenset({"userpassword", "jpegphoto", "usercertificate", "thumbnailphoto"})


class LdifSettings(FileSettings, frozen=True, forbid_unknown_fields=True):
    """Entries of a directory."""

    classes: Annotated[
        str, Meta(max_length=500, description="Object classes of the entries to take, with blanks between; empty: all.")
    ] = _PERSONS


def opened_as(settings: LdifSettings) -> Source:
    """The source."""
    wanted = frozenset(settings.classes.lower().split())
    return _Ldif(settings, "LDIF", _ENTRIES, lambda data, line: entries(data, line, wanted))


class _Ldif(LinesFile):
    def columns(self) -> Sequence[Column]:
        """In most directories `labeledURI` is somebody's web page; entries of our own have `url` for that."""
        found = super().columns()
        if b"contactperson" in self._data[:_HEAD].lower():
            return found
        return [replace(each, field=Field.WEB.value) if each.name == _LINK else each for each in found]


def entries(data: bytes, line: int, wanted: frozenset[str] = frozenset()) -> Iterator[Record | BadRow]:
    """The entries of a piece of LDIF that begins with line `line`; `wanted`: of which object classes, empty: all."""
    at = 0
    for gap in [*_ENTRIES.finditer(data), None]:
        end = gap.start() if gap else len(data)
        text = data[at:end]
        first = line
        line += data[at : gap.end() if gap else end].count(b"\n")
        at = gap.end() if gap else end
        if text.strip():
            found = _entry(text, first, wanted)
            if found is not None:
                yield found


def _entry(text: bytes, line: int, wanted: frozenset[str]) -> Record | BadRow | None:
    if len(text) > MAX_ENTRY:
        return BadRow(line, "row-too-large", {"bytes": len(text), "most": MAX_ENTRY})
    values: dict[str, list[str]] = {}
    size = 0
    key = ""
    classes: set[str] = set()
    try:
        for each in _FOLDED.sub(b"", text).decode().split("\n"):  # other signs that end lines may stand in a value
            name, _, rest = each.removesuffix("\r").partition(":")
            if not rest or name[:1] == "#":
                continue
            name = name.partition(";")[0].lower()
            if name in _NOT_SHOWN:
                continue
            value = _value(rest)
            if name == "objectclass":
                classes.add(value.lower())
            elif name == "dn":
                key = value
            elif name == "changetype" and value != "add":
                return BadRow(line, "ldif-change", {"change": value})
            elif value and name not in ("version", "changetype"):
                size += len(value)
                values.setdefault(_NAMES.get(name, name), []).append(value)
    except (UnicodeDecodeError, binascii.Error, ValueError) as error:
        return BadRow(line, "unreadable", {"error": str(error)})
    if wanted and classes and wanted.isdisjoint(classes):
        return None
    if not key:
        return BadRow(line, "ldif-no-dn") if classes or values.keys() - _OF_AN_ANSWER else None
    found: dict[str, Value] = {name: tuple(texts) if len(texts) > 1 else texts[0] for name, texts in values.items()}
    if size > MAX_TEXT:
        return BadRow(line, "row-too-long", {"characters": size, "most": MAX_TEXT})
    unique = found.get("entryUUID", "")
    return Record(unique if isinstance(unique, str) and unique else key, found, line)


def _value(rest: str) -> str:
    if rest[:1] == ":":
        return _decoded(base64.b64decode(rest[1:].strip(), validate=True))
    if rest[:1] == "<":
        return ""  # it stands in another file, as `ldapsearch -t` puts pictures there: that is not read
    return rest.strip(" ")


def _decoded(data: bytes) -> str:
    """Text; a picture or a key becomes nothing."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return ""


KIND = Kind(
    "ldif",
    "LDIF",
    LdifSettings,
    opened_as,
    suffixes=(".ldif", ".ldf"),
    harmless=frozenset({"classes"}),
    fixed_columns=False,
)
