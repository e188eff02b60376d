"""Entries as bytes. Pure."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import lru_cache
from operator import itemgetter
from struct import Struct
from typing import TypeAlias

from unisono.directory.index import Part
from unisono.directory.ldap.entries import Entry
from unisono.directory.ldap.prepared import Layout, Prepared
from unisono.directory.ldap.selection import EVERYTHING, entry_attributes
from unisono.directory.segment import Block
from unisono.wire.ldap import ber
from unisono.wire.ldap.responses import encode_done, encode_selected
from unisono.wire.ldap.result_code import ResultCode

_ROW = 400
"""Bytes of an entry, about."""
_LONGEST = 0xFFFF
"""What two octets of length can say."""
_KINDS_MOST = 8
"""Kinds of heads (`_heads`) that are remembered: less than 500 kB each."""
_SIZES = 1024
"""Sizes of entries for which they are."""
_Heads: TypeAlias = tuple[list[bytes], list[bytes], list[bytes]]


class Writer:
    """Collects encoded entries. `identifier`: the octets of the message's number."""

    def __init__(self, identifier: bytes, prepared: Prepared) -> None:
        self._identifier = identifier
        self._prepared = prepared
        self._out: list[bytes | memoryview] = []
        self.size = 0
        """About how many bytes there are."""

    @property
    def nothing(self) -> ResultCode:
        """How an answer without entries ends: where books are not there yet, that is no answer."""
        return ResultCode.BUSY if self._prepared.waiting else ResultCode.SUCCESS

    def add(self, found: tuple[Part, Sequence[int]] | Entry, most: int) -> int:
        """Add an entry, or contacts of one part, but not more than `most`; how many there were."""
        if isinstance(found, Entry):
            if most > 0:
                attributes = entry_attributes(found, self._prepared.attributes, self._prepared.types_only)
                self._put(ber.encode_text(found.dn), attributes)
            return 1
        part, ordinals = found
        count = len(ordinals)
        if most > 0:
            self.rows(part, ordinals if count <= most else ordinals[:most])
        return count

    def rows(self, part: Part, ordinals: Sequence[int]) -> None:
        """Contacts of one part."""
        self.size += _ROW * len(ordinals)
        identifier, segment = self._identifier, part.segment
        layout = self._prepared.layouts.get((part.book, len(identifier))) or self._layout(part.book)
        if layout is None or not segment.hex_ids:
            self._one_by_one(part, ordinals)
            return
        pack, name, behind, classes, message, entry, span = layout
        start, added, out = b"\x02%c%b\x64\x82" % (len(identifier), identifier), len(classes), self._out
        if type(ordinals) is range and len(ordinals) > 1 and span == EVERYTHING:
            block = segment.block(ordinals.start, ordinals.stop)
            with suppress(IndexError, OverflowError):  # for unusual sizes and names
                self._block(block, start, _heads(message, entry, name, behind, classes))
                return
        for contact_id, attributes in segment.rows(ordinals, *span):
            length = len(attributes)
            if message + length > _LONGEST:
                one = segment.find(contact_id.decode())
                assert one is not None
                self._one_by_one(part, (one,))
            else:
                head = pack(
                    b"0\x82", message + length, start, entry + length, name, contact_id, behind, added + length, classes
                )
                out += (head, attributes)

    def _one_by_one(self, part: Part, ordinals: Iterable[int]) -> None:
        prepared = self._prepared
        assert prepared.portion is not None
        assert prepared.selection is not None
        for ordinal in ordinals:
            self._put(prepared.portion.branch.encoded_name(part, ordinal), prepared.selection.encode(part, ordinal))

    def _block(self, found: Block, start: bytes, heads: "_Heads") -> None:
        """Raises `IndexError` for an entry of unusual size, and has done nothing then."""
        # Nothing here is done entry by entry in Python: each line is one call for all of them, or for all sizes of them.
        sizes, ids, attributes = found
        message, name, behind = heads
        begins = {size: message[size] + start + name[size] for size in set(sizes)}
        sized = itemgetter(*sizes)
        pieces = [b""] * (4 * len(sizes))
        pieces[0::4], pieces[2::4] = sized(begins), sized(behind)
        pieces[1::4], pieces[3::4] = ids, attributes
        self._out += pieces

    def _layout(self, book: str) -> Layout | None:
        """None: what is answered is not one slice of what is stored."""
        portion, selection = self._prepared.portion, self._prepared.selection
        assert portion is not None
        assert selection is not None
        if selection.span is None:
            return None
        # Lengths that are not alike in two octets each, also where one would do: BER lets them (X.690 8.1.3.5), and the head is
        # one of a kind.
        classes = selection.classes
        before, behind = portion.branch.names(book)
        name = ber.header(ber.OCTET_STRING, len(before) + 32 + len(behind)) + before
        behind += b"0\x82"
        own = len(self._identifier)
        pack = Struct(f">2sH{own + 4}sH{len(name)}s32s{len(behind)}sH{len(classes)}s").pack
        entry = len(name) + 32 + len(behind) + 2 + len(classes)
        layout = Layout(pack, name, behind, classes, own + 6 + entry, entry, selection.span)
        self._prepared.layouts[book, own] = layout
        return layout

    def _put(self, name: bytes, attributes: bytes) -> None:
        self._out.append(encode_selected(int.from_bytes(self._identifier), name, attributes))

    def end(self, code: int) -> bytes:
        """What was collected since the last time, and the end of the answer with this code."""
        done = encode_done(self._identifier, code)
        return b"".join((*self._out, done)) if self._out else done

    def take(self, behind: bytes = b"") -> bytes:
        """What was collected since the last time, and something behind it."""
        self._out.append(behind)
        taken = b"".join(self._out)
        self._out.clear()
        self.size = 0
        return taken


@lru_cache(maxsize=_KINDS_MOST)
def _heads(message: int, entry: int, name: bytes, behind: bytes, classes: bytes) -> _Heads:
    """What stands in an entry before the message's number, before the id and behind that, by the size of its attributes."""
    sizes = range(_SIZES)
    return (
        [b"0\x82" + (message + size).to_bytes(2) for size in sizes],
        [(entry + size).to_bytes(2) + name for size in sizes],
        [behind + (len(classes) + size).to_bytes(2) + classes for size in sizes],
    )
