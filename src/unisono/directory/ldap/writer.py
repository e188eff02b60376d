"""Entries as bytes. Pure."""

from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from operator import itemgetter
from struct import Struct

from unisono.directory.index import Part
from unisono.directory.ldap.branch import Branch
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
_KINDS_MOST = 16
"""Kinds of heads (`_heads`) that are remembered."""
_SIZES_MOST = 1024
"""Sizes of entries for which it is remembered what stands in their heads."""


class Writer:
    """Collects encoded entries. `identifier`: the octets of the message's number."""

    def __init__(self, identifier: bytes, prepared: Prepared) -> None:
        self._identifier = identifier
        self._prepared = prepared
        self._out: list[bytes | memoryview] = []
        self.size = 0
        """About how many bytes there are."""
        self.nothing = ResultCode.BUSY if prepared.waiting else ResultCode.SUCCESS
        """How an answer without entries ends: where books are not there yet, that is no answer."""

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
        prepared = self._prepared
        portion, selection = prepared.portion, prepared.selection
        assert portion is not None
        assert selection is not None
        branch = portion.branch
        if selection.span is None:
            encode = selection.encode
            for ordinal in ordinals:
                self._put(branch.encoded_name(part, ordinal), encode(part, ordinal))
            return
        classes, out = selection.classes, self._out
        identifier = self._identifier
        layout = prepared.layouts.get((part.book, len(identifier))) or self._layout(branch, part.book, classes)
        pack, name, behind, whole, inner = layout
        start, added = b"\x02%c%b\x64\x82" % (len(identifier), identifier), len(classes)
        if type(ordinals) is range and len(ordinals) > 1 and selection.span == EVERYTHING:
            found = part.segment.block(ordinals.start, ordinals.stop)
            if found is not None:
                with suppress(OverflowError):  # where two octets are too few for a length
                    self._block(found, start, _heads(whole, inner, name, behind, classes))
                    return
        for contact_id, attributes in part.segment.rows(ordinals, *selection.span):
            length = len(attributes)
            if whole + length > _LONGEST or len(contact_id) != 32 or not contact_id.isalnum():
                one = part.segment.find(contact_id.decode())
                assert one is not None
                self._put(branch.encoded_name(part, one), classes + attributes)
                continue
            head = pack(b"0\x82", whole + length, start, inner + length, name, contact_id, behind, added + length, classes)
            out += (head, attributes)

    def _block(self, found: Block, start: bytes, heads: "tuple[_Head, _Head, _Head]") -> None:
        # Nothing here is done entry by entry in Python: each line is one call for all of them.
        sizes, ids, attributes = found
        sized = itemgetter(*sizes)
        pieces = [start] * (6 * len(sizes))
        pieces[0::6], pieces[2::6], pieces[4::6] = map(sized, heads)
        pieces[3::6] = ids
        pieces[5::6] = attributes
        self._out += pieces

    def _layout(self, branch: Branch, book: str, classes: bytes) -> Layout:
        # All lengths in two octets each, also where one would do: BER lets them (X.690 8.1.3.5), and the head is one of a kind.
        before, behind = branch.names(book)
        name = b"\x04\x82" + (len(before) + 32 + len(behind)).to_bytes(2) + before
        behind += b"0\x82"
        own = len(self._identifier)
        pack = Struct(f">2sH{own + 4}sH{len(name)}s32s{len(behind)}sH{len(classes)}s").pack
        inner = len(name) + 32 + len(behind) + 2 + len(classes)
        layout = pack, name, behind, own + 6 + inner, inner
        self._prepared.layouts[book, own] = layout
        return layout

    def _put(self, name: bytes, attributes: bytes) -> None:
        self._out.append(encode_selected(int.from_bytes(self._identifier), name, attributes))

    def end(self, code: int) -> bytes:
        """What was collected since the last time, and the end of the answer with this code."""
        done = encode_done(self._identifier, code)
        return self.take(done) if self._out else done

    def take(self, behind: bytes = b"") -> bytes:
        """What was collected since the last time, and something behind it."""
        self._out.append(behind)
        taken = b"".join(self._out)
        self._out.clear()
        self.size = 0
        return taken


class _Head(dict[int, bytes]):
    """A part of the heads of entries, with a length in two octets in it: by the bytes of their attributes, which it counts."""

    def __init__(self, before: bytes, more: int, behind: bytes) -> None:
        super().__init__()
        self._before = before
        self._more = more
        self._behind = behind

    def __missing__(self, size: int) -> bytes:
        if len(self) >= _SIZES_MOST:
            self.clear()
        found = self[size] = b"%b%b%b" % (self._before, (self._more + size).to_bytes(2), self._behind)
        return found


@lru_cache(maxsize=_KINDS_MOST)
def _heads(whole: int, inner: int, name: bytes, behind: bytes, classes: bytes) -> tuple[_Head, _Head, _Head]:
    """What stands in an entry before the number of the message, before the id and behind that."""
    return _Head(b"0\x82", whole, b""), _Head(b"", inner, name), _Head(behind, len(classes), classes)
