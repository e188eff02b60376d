"""XML: the elements that stand for records, with what is below them as columns (`address.city`, `@id`, `phone.1`).

Read as a stream: of a large file no more than one record is held. Files with a document type are refused, so there are no
entities to expand, and nothing is fetched from elsewhere.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import IO, Annotated, Any

from lxml import etree
from msgspec import Meta

from unisono.directory.replicators.files import FileSettings, opened
from unisono.directory.replicators.flatten import columns_of, flat
from unisono.directory.replicators.problems import nothing_read
from unisono.directory.replicators.source import MAX_TEXT, Check, Column, Item, Kind, Record
from unisono.directory.runs.model import BadRow
from unisono.kernel.errors import Invalid

_LOOKED_AT = 1_000
_ELEMENTS = 20_000
"""Elements looked at to find out which are the records."""


class XmlSettings(FileSettings, frozen=True, forbid_unknown_fields=True):
    """Records as XML elements."""

    records: Annotated[
        str, Meta(max_length=200, description="Path of the records' elements, e.g. contacts/contact; empty: found out.")
    ] = ""
    key: Annotated[str, Meta(max_length=200, description="The column that names a record; empty: as the mapping says.")] = ""


class XmlFile:
    """An XML file. Names are taken without their namespaces."""

    def __init__(self, settings: XmlSettings) -> None:
        self._settings = settings

    def check(self) -> Check:
        self.columns()
        return Check(f"XML, {'/'.join(self._path)}")

    def columns(self) -> Sequence[Column]:
        found = columns_of(list(islice((item for item in self.read(None) if isinstance(item, Record)), _LOOKED_AT)))
        if not found:
            refused = nothing_read(self.read(None))
            raise refused if refused.code == "no-good-row" else _no_records()
        return found

    def read(self, since: str | None) -> Iterator[Item]:
        with opened(self._settings) as file:
            wanted = self._path
            for element, path in _elements(file):
                if path == wanted:
                    yield self._record(element)
                if path[: len(wanted)] != wanted or path == wanted:
                    _forget(element)  # what stands beside records may be much, too

    def _record(self, element: etree._Element) -> Record | BadRow:
        values = flat(_nested(element))
        line = element.sourceline if isinstance(element.sourceline, int) else 0
        size = sum(len(value) if isinstance(value, str) else sum(map(len, value)) for value in values.values())
        if size > MAX_TEXT:
            return BadRow(line, "row-too-long", {"characters": size, "most": MAX_TEXT})
        key = values.get(self._settings.key, "") if self._settings.key else ""
        return Record(key if isinstance(key, str) else key[0], values, line)

    @cached_property
    def _path(self) -> tuple[str, ...]:
        """Where the records are: as set, else the elements with children that there are most of, the outermost of those."""
        if self._settings.records:
            return tuple(name for name in self._settings.records.split("/") if name)
        counts: Counter[tuple[str, ...]] = Counter()
        with opened(self._settings) as file:
            for element, path in islice(_elements(file), _ELEMENTS):
                if len(path) > 1 and (len(element) or element.attrib):
                    counts[path] += 1
                if len(path) == 2:
                    _forget(element)
        if not counts:
            raise _no_records()
        outermost = min(len(path) for path, times in counts.items() if times * 2 > max(counts.values()))
        return max((path for path in counts if len(path) == outermost), key=counts.__getitem__)


def _with_doctype() -> Invalid:
    message = "XML with a document type is not read. Save it without: take out what stands in <!DOCTYPE ...>."
    return Invalid("xml-doctype", message, data={"field": "file"})


def _no_records() -> Invalid:
    return Invalid("no-records", "There is no list of records at that place.", data={"field": "records"})


def _elements(file: IO[bytes]) -> Iterator[tuple[etree._Element, tuple[str, ...]]]:
    """Every element when it ends, with the names on the way to it. Raises `Invalid`."""
    walk = etree.iterparse(
        file, events=("start", "end"), resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False
    )
    path: list[str] = []
    try:
        for event, element in walk:
            if not isinstance(element.tag, str):
                continue
            if event == "start":
                if not path and element.getroottree().docinfo.doctype:
                    raise _with_doctype()
                path.append(etree.QName(element).localname)
            else:
                yield element, tuple(path)
                path.pop()
    except etree.XMLSyntaxError as error:
        message = f"The file is not XML: {error.msg}."
        raise Invalid("not-xml", message, data={"field": "file", "line": error.lineno or 0}) from error


def _forget(element: etree._Element) -> None:
    """Give back the memory of what has been read."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _nested(element: etree._Element) -> dict[str, object]:
    found: dict[str, object] = {f"@{etree.QName(name).localname}": str(value) for name, value in element.attrib.items()}
    children: dict[str, list[Any]] = {}
    for child in _children(element):
        simple = not child.attrib and not _children(child)
        children.setdefault(etree.QName(child).localname, []).append(_text(child) if simple else _nested(child))
    for name, values in children.items():
        found[name] = values[0] if len(values) == 1 else values
    text = _text(element)
    if text:
        found["text" if found else "value"] = text
    return found


def _children(element: etree._Element) -> list[etree._Element]:
    return [child for child in element if isinstance(child.tag, str)]


def _text(element: etree._Element) -> str:
    """The element's own text, around comments and whatever else stands in it."""
    return "".join((element.text or "", *(child.tail or "" for child in element))).strip()


KIND = Kind(
    "xml",
    "XML",
    XmlSettings,
    XmlFile,
    suffixes=(".xml",),
    harmless=frozenset({"records", "key"}),
    fixed_columns=False,
)
