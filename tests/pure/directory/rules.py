"""Mappings as tests write them."""

from collections.abc import Mapping

from unisono.directory.replicators.expression import column
from unisono.directory.replicators.mapping import Rule


def plain(columns: Mapping[str, str]) -> tuple[Rule, ...]:
    """The rules that map columns (by name) as they are to fields."""
    return tuple(Rule(field, str(column(name))) for name, field in columns.items())
