"""An entry as the JSON of one database column: only what differs from the defaults."""

from dataclasses import MISSING, fields, replace

import msgspec

from unisono.journal.model import JournalEntry, Partner

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(JournalEntry)


def _defaults(kind: type) -> tuple[tuple[str, object], ...]:
    return tuple((f.name, f.default) for f in fields(kind))


_ENTRY, _PARTNER = _defaults(JournalEntry), _defaults(Partner)
_PARTNERS = frozenset({"remote", "called", "redirecting", "transferred_to"})


def to_json(entry: JournalEntry) -> str:
    """The entry without its id, which is the row's."""
    data: dict[str, object] = {"id": ""}
    for name, default in _ENTRY:
        value = getattr(entry, name)
        if name == "id" or (value == default and default is not MISSING):
            continue
        data[name] = _partner(value) if name in _PARTNERS else value
    return _encoder.encode(data).decode()


def _partner(partner: Partner) -> dict[str, object]:
    return {name: value for name, default in _PARTNER if (value := getattr(partner, name)) != default}


def from_json(entry_id: int, data: str) -> JournalEntry:
    """The entry of a row."""
    return replace(_decoder.decode(data), id=str(entry_id))
