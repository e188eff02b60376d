"""What a search finds, a little at a time. Pure."""

from collections.abc import Iterator, Sequence
from itertools import chain, groupby
from typing import TypeAlias

from unisono.directory.index import Part
from unisono.directory.ldap.condition import Always, Condition
from unisono.directory.ldap.entries import Entry
from unisono.directory.ldap.evaluate import matches
from unisono.directory.ldap.order import Hit, Hits
from unisono.directory.ldap.tree import Portion
from unisono.directory.segment import Attribute

Found: TypeAlias = tuple[Part, Sequence[int]] | Entry | None
"""Some contacts of one part, an entry that is none, or a breathing mark."""

BLOCK = 512
"""Contacts that are handed on at once."""


def found_in(portion: Portion, condition: Condition) -> Iterator[Found]:
    """The contacts of a portion that fit; of its later books only if the first have none."""
    some = False
    for part in portion.first:
        for found in _in_part(part, condition):
            some = some or found is not None
            yield found
    if not some:
        for part in portion.later:
            yield from _in_part(part, condition)


def _in_part(part: Part, condition: Condition) -> Iterator[Found]:
    if isinstance(condition, Always) and not part.hidden:
        if len(part.segment):
            yield part, range(len(part.segment))
        return
    block: list[int] = []
    for ordinal in matches(part.segment, condition):
        if ordinal is not None and part.counts(ordinal):
            block.append(ordinal)
        if block and (ordinal is None or len(block) == BLOCK):
            yield part, block
            block = []
        elif ordinal is None:
            yield None
    if block:
        yield part, block


def contacts(hits: Iterator[Found], others: list[Entry]) -> Hits:
    """The contacts one by one; what is none is put aside."""
    for found in hits:
        if found is None:
            yield None
        elif isinstance(found, Entry):
            others.append(found)
        else:
            for ordinal in found[1]:
                yield found[0], ordinal


def together(hits: Sequence[Hit]) -> Iterator[Found]:
    """Hits of one part that lie together, at most `BLOCK` at once."""
    for begin in range(0, len(hits), BLOCK):
        for _, some in groupby(hits[begin : begin + BLOCK], lambda hit: id(hit[0])):
            [part, first], *others = some
            yield part, [first, *(ordinal for _, ordinal in others)]


def in_blocks(hits: Iterator[Found]) -> Iterator[Found]:
    """The same, at most `BLOCK` contacts at once."""
    for found in hits:
        if isinstance(found, tuple) and len(found[1]) > BLOCK:
            part, ordinals = found
            yield from ((part, ordinals[begin : begin + BLOCK]) for begin in range(0, len(ordinals), BLOCK))
        else:
            yield found


def joined(contacts: Iterator[Found], others: Sequence[Entry], by: Sequence[tuple[Attribute, bool]]) -> Iterator[Found]:
    """Entries that are no contacts have nothing to be sorted by, which counts as the largest (RFC 2891 2.2)."""
    return chain(others, contacts) if by[0][1] else chain(contacts, others)
