"""State to bytes: every entry is encoded once per variant, and kept until it is touched."""

from collections.abc import Hashable, Iterable

import msgspec

from unisono.permissions.model import Viewer
from unisono.web.parts import Part, Sight
from unisono.web.window import Message, facts_message

Key = tuple[str, str]
"""Collection and id."""
VARIANTS_MOST = 64
_encode = msgspec.json.Encoder(order="deterministic").encode


class Encoder:
    """Builds the frames `snapshot` and `facts` for viewers out of shared pieces."""

    def __init__(self, parts: Iterable[Part], epoch: str) -> None:
        self._parts = {part.name: part for part in parts}
        self._epoch = epoch
        self._values: dict[Key, dict[Hashable, bytes | None]] = {}

    def forget(self, keys: Iterable[Key]) -> None:
        """These entries have changed."""
        for key in keys:
            self._values.pop(key, None)

    def forget_all(self) -> None:
        """Everything may have changed."""
        self._values.clear()

    def sight(self, key: Key) -> Sight:
        """Who sees an entry, in which variant."""
        return self._parts[key[0]].sight(key[1])

    def snapshot(self, viewer: Viewer, seq: int) -> str:
        """The whole state of a viewer."""
        collections = [_encode(part.name) + b":{" + self._collection(part, viewer) + b"}" for part in self._parts.values()]
        head = b'{"type":"snapshot","epoch":' + _encode(self._epoch) + b',"seq":' + str(seq).encode()
        return (head + b',"state":{' + b",".join(collections) + b"}}").decode()

    def facts(self, seq: int, entries: Iterable[tuple[Key, Hashable | None]]) -> Message:
        """Facts about these entries, each in a variant; variant None says that the entry is not there (any more)."""
        facts = [
            b'{"collection":"%b","id":%b,"value":%b}'
            % (name.encode(), _encode(shown_id(name, id)), self._value((name, id), variant) or b"null")
            for (name, id), variant in entries
        ]
        return facts_message(seq, b",".join(facts))

    def _collection(self, part: Part, viewer: Viewer) -> bytes:
        pieces = []
        for id in part.ids(viewer):
            value = self._value((part.name, id), part.sight(id)(viewer))
            if value is not None:
                pieces.append(_encode(shown_id(part.name, id)) + b":" + value)
        return b",".join(pieces)

    def _value(self, key: Key, variant: Hashable | None) -> bytes | None:
        if variant is None:
            return None
        variants = self._values.setdefault(key, {})
        if variant not in variants:
            value = self._parts[key[0]].value(key[1], variant)
            if len(variants) >= VARIANTS_MOST:
                variants.clear()
            variants[variant] = None if value is None else _encode(value)
        return variants[variant]


def shown_id(collection: str, id: str) -> str:
    """The id on the wire: collections about the viewer alone hide whose they are."""
    return {"me": "me", "counts": "journal"}.get(collection, id.partition("/")[2] if collection == "journal" else id)
