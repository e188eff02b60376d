"""Every kind of source there is."""

from collections.abc import Mapping

from unisono.directory.replicators import csv_file, imported, ldap, sql
from unisono.directory.replicators.source import Kind
from unisono.kernel.errors import Invalid

KINDS: Mapping[str, Kind] = {kind.key: kind for kind in (csv_file.KIND, sql.KIND, ldap.KIND, imported.KIND)}


def kind(key: str) -> Kind:
    """The kind with this key. Raises `Invalid`."""
    if key not in KINDS:
        raise Invalid(
            "unknown-source-kind", f"There is no kind of source {key!r}; there are {', '.join(KINDS)}.", data={"field": "kind"}
        )
    return KINDS[key]
