"""The index of one layer of a book: an immutable file that every process reads in place."""

from unisono.directory.segment.attributes import ALL_KINDS, Attribute, kinds_of
from unisono.directory.segment.builder import SegmentBuilder, build
from unisono.directory.segment.format import SegmentDamaged
from unisono.directory.segment.reader import Block, Segment

__all__ = ["ALL_KINDS", "Attribute", "Block", "Segment", "SegmentBuilder", "SegmentDamaged", "build", "kinds_of"]
