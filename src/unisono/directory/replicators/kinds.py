"""Every kind of source there is."""

from collections.abc import Mapping
from pathlib import Path

from unisono.directory.replicators.active_directory import KIND as ACTIVE_DIRECTORY
from unisono.directory.replicators.another_unisono import KIND as UNISONO
from unisono.directory.replicators.carddav import KIND as CARDDAV
from unisono.directory.replicators.csv_file import KIND as CSV
from unisono.directory.replicators.ews import KIND as EWS
from unisono.directory.replicators.files import FileSettings
from unisono.directory.replicators.google import KIND as GOOGLE
from unisono.directory.replicators.graph import KIND as GRAPH
from unisono.directory.replicators.imported import KIND as IMPORTED
from unisono.directory.replicators.json_file import KIND as JSON
from unisono.directory.replicators.ldap import KIND as LDAP
from unisono.directory.replicators.ldif_file import KIND as LDIF
from unisono.directory.replicators.odbc import KIND as ODBC
from unisono.directory.replicators.rest import KIND as REST
from unisono.directory.replicators.source import Kind
from unisono.directory.replicators.sql import KIND as SQL
from unisono.directory.replicators.vcard_file import KIND as VCARD
from unisono.directory.replicators.xlsx_file import KIND as XLSX
from unisono.directory.replicators.xml_file import KIND as XML
from unisono.kernel.errors import Invalid

_ALL = (
    CSV,
    XLSX,
    JSON,
    XML,
    VCARD,
    LDIF,
    SQL,
    LDAP,
    ACTIVE_DIRECTORY,
    CARDDAV,
    REST,
    ODBC,
    GRAPH,
    EWS,
    GOOGLE,
    UNISONO,
    IMPORTED,
)
KINDS: Mapping[str, Kind] = {kind.key: kind for kind in _ALL}


def kind(key: str) -> Kind:
    """The kind with this key. Raises `Invalid`."""
    if key not in KINDS:
        raise Invalid(
            "unknown-source-kind", f"There is no kind of source {key!r}; there are {', '.join(KINDS)}.", data={"field": "kind"}
        )
    return KINDS[key]


def is_file(key: str) -> bool:
    """Whether this kind reads a file, so that an import may put another one in its place."""
    return key == IMPORTED.key or issubclass(kind(key).settings, FileSettings)


def kind_of_file(path: Path) -> Kind:
    """The kind that reads a file with this name. Raises `Invalid`."""
    for found in KINDS.values():
        if path.suffix.lower() in found.suffixes:
            return found
    known = " ".join(suffix for found in KINDS.values() for suffix in found.suffixes)
    raise Invalid("unknown-file", f"It is not known how to read {path.name}; there are {known}.", data={"field": "file"})
