"""Nested values as columns: `address.city`, `phones.1.kind`. Pure."""

from collections.abc import Mapping, Sequence

from unisono.directory.replicators.source import Column, Record, Value

_MOST_ITEMS = 20
"""Entries of a list that become columns of their own."""
_DEEPEST = 8
_MOST_COLUMNS = 400
_SAMPLES = 50


def flat(value: Mapping[str, object]) -> dict[str, Value]:
    """The columns of a nested record: texts, and lists of texts as several values; what is empty is left out.

    Lists of records are numbered from 1. What lies too deep, and what are too many, is left out.
    """
    found: dict[str, Value] = {}
    for name, inner in value.items():
        _add(found, name, inner, _DEEPEST)
    return found


def _add(found: dict[str, Value], name: str, value: object, deep: int) -> None:
    if value is None or value == "" or not deep or len(found) >= _MOST_COLUMNS:
        return
    if isinstance(value, str):
        found[name] = value.strip()
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            _add(found, f"{name}.{key}", inner, deep - 1)
    elif isinstance(value, Sequence):
        if any(isinstance(item, Mapping | list) for item in value):
            for place, item in enumerate(value[:_MOST_ITEMS], 1):
                _add(found, f"{name}.{place}", item, deep - 1)
        else:
            texts = tuple(text for item in value if (text := _text(item)))
            if texts:
                found[name] = texts if len(texts) > 1 else texts[0]
    else:
        found[name] = _text(value)


def _text(value: object) -> str:
    if value is None:
        return ""
    return ("true" if value else "false") if isinstance(value, bool) else str(value).strip()


def columns_of(records: Sequence[Record]) -> list[Column]:
    """The columns that these records have together, in the order they first appear, with samples."""
    samples: dict[str, list[str]] = {}
    for record in records:
        for name, value in record.values.items():
            known = samples.setdefault(name, [])
            if len(known) < _SAMPLES:
                known.append(value if isinstance(value, str) else value[0] if value else "")
    return [Column(name, tuple(texts)) for name, texts in samples.items()]
