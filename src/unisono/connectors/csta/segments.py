"""Answers that come in pieces: the list of devices, the calls of a device."""

from typing import Generic, TypeVar

from unisono.connectors.csta.link import Link

MOST_ITEMS = 50_000
"""In all unfinished lists together."""
MOST_LISTS = 300

T = TypeVar("T")


class Segments(Generic[T]):
    """Collects pieces by their cross reference; they may arrive before anybody asks for them."""

    def __init__(self, link: Link, name: str) -> None:
        self._link = link
        self._name = name
        self._lists: dict[str, list[T]] = {}
        self._complete: set[str] = set()

    def add(self, cross_ref: str, items: tuple[T, ...], *, last: bool) -> None:
        """A piece arrived."""
        if cross_ref not in self._lists and len(self._lists) >= MOST_LISTS:
            return
        room = MOST_ITEMS - sum(map(len, self._lists.values()))
        self._lists.setdefault(cross_ref, []).extend(items[:room])
        if last:
            self._complete.add(cross_ref)
            self._link.came(self._key(cross_ref))

    async def all(self, cross_ref: str) -> list[T]:
        """Everything under this cross reference; raises `RequestFailed` when the last piece does not come in time."""
        if cross_ref not in self._complete:
            await self._link.expected(self._key(cross_ref))
        self._complete.discard(cross_ref)
        return self._lists.pop(cross_ref, [])

    def _key(self, cross_ref: str) -> str:
        return f"{self._name} {cross_ref}"
