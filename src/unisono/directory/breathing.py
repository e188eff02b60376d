"""Work that takes long, done so that others are served meanwhile: about once in a millisecond it can pause. Pure."""

from collections.abc import Generator, Iterator
from typing import TypeAlias, TypeVar

T = TypeVar("T")

Breathing: TypeAlias = Generator[None, None, T]
"""Yields where it may pause, and returns what it made. An iterator that breathes gives None there, between what it finds."""


def at_once(work: Breathing[T]) -> T:
    """Do all of it now."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]


def first_of(found: Iterator[int | None], most: int) -> Breathing[list[int]]:
    """The first ones of what an iterator finds, each once."""
    kept: dict[int, None] = {}
    for each in found:
        if each is None:
            yield
            continue
        kept[each] = None
        if len(kept) == most:
            break
    return list(kept)
