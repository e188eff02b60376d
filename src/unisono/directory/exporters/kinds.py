"""Every kind of export there is."""

from collections.abc import Mapping
from pathlib import Path

from unisono.directory.exporters.active_directory import KIND as ACTIVE_DIRECTORY
from unisono.directory.exporters.csv_file import KIND as CSV
from unisono.directory.exporters.json_file import KIND as JSON
from unisono.directory.exporters.ldif_file import KIND as LDIF
from unisono.directory.exporters.vcard_file import KIND as VCARD
from unisono.directory.exporters.writer import Kind
from unisono.directory.exporters.xml_file import KIND as XML
from unisono.kernel.errors import Invalid

KINDS: Mapping[str, Kind] = {kind.key: kind for kind in (CSV, XML, JSON, VCARD, LDIF, ACTIVE_DIRECTORY)}


def kind(key: str) -> Kind:
    """The kind with this key. Raises `Invalid`."""
    if key not in KINDS:
        message = f"There is no kind of export {key!r}; there are {', '.join(KINDS)}."
        raise Invalid("unknown-export-kind", message, data={"field": "kind"})
    return KINDS[key]


def kind_of_file(path: Path) -> Kind:
    """The kind that makes files with this name. Raises `Invalid`."""
    for found in KINDS.values():
        if found.suffix and path.suffix.lower() == found.suffix:
            return found
    known = " ".join(found.suffix for found in KINDS.values() if found.suffix)
    raise Invalid("unknown-file", f"It is not known how to write {path.name}; there are {known}.", data={"field": "file"})
