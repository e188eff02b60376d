"""Every kind of source there is."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

from unisono.directory.replicators.files import FileSettings
from unisono.directory.replicators.source import Kind
from unisono.kernel.errors import Invalid

_MODULES = {
    "csv": "csv_file",
    "xlsx": "xlsx_file",
    "json": "json_file",
    "xml": "xml_file",
    "vcard": "vcard_file",
    "ldif": "ldif_file",
    "sql": "sql",
    "ldap": "ldap",
    "active-directory": "active_directory",
    "carddav": "carddav",
    "rest": "rest",
    "odbc": "odbc",
    "microsoft-graph": "graph",
    "exchange": "ews",
    "google": "google",
    "unisono": "another_unisono",
    "imported": "imported",
}


class _Kinds(Mapping[str, Kind]):
    """By their keys. Each is loaded when it is asked for: an import process needs one of them, not the others' 3 MB."""

    def __getitem__(self, key: str) -> Kind:
        found: Kind = import_module(f"{__package__}.{_MODULES[key]}").KIND
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(_MODULES)

    def __len__(self) -> int:
        return len(_MODULES)


KINDS: Mapping[str, Kind] = _Kinds()


def kind(key: str) -> Kind:
    """The kind with this key. Raises `Invalid`."""
    if key not in _MODULES:
        raise Invalid(
            "unknown-source-kind", f"There is no kind of source {key!r}; there are {', '.join(KINDS)}.", data={"field": "kind"}
        )
    return KINDS[key]


def is_file(key: str) -> bool:
    """Whether this kind reads a file, so that an import may put another one in its place."""
    return key == "imported" or issubclass(kind(key).settings, FileSettings)


def kind_of_file(path: Path) -> Kind:
    """The kind that reads a file with this name. Raises `Invalid`."""
    for found in KINDS.values():
        if path.suffix.lower() in found.suffixes:
            return found
    known = " ".join(suffix for found in KINDS.values() for suffix in found.suffixes)
    message = f"It is not known how to read {path.name}. Save it as one of these: {known}."
    raise Invalid("unknown-file", message, data={"field": "file"})
