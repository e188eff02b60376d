"""The sections of a segment, as a builder writes them; `reader.py` is their other side.

meta            MessagePack: the book
mask, mask.of   64 bits that say which attributes a contact has (see `record.py`); per contact which of them
at, attribute   where the attributes of each contact begin; the attributes, which lie one behind the other
size            per contact the bytes of its attributes
start, record   where each record begins, in units of two bytes; the records
id, id.table    sixteen bytes per contact; a hash table from them to ordinals plus one
firm            32 bits per contact: its firm's name for comparing (`main_number.firm_key`), hashed; 0 for none
v<n>.*          the values of attribute n: text and start (sorted, a line feed before and behind each), posts and at (the
                ordinals behind each), of (for the attributes of `FORWARD`: per contact its value's number plus one)
w<n>.*          words of the values of attribute n, for infixes (see `within.py`)
word.*          the same for words: text and start, posts and at
long            contacts with words that were too many or too long to be taken
common.*        beginnings of words (key) that more than one in `COMMON` contacts has, and a bit per contact for each (bits)
num.*           numbers in order: key, at (ordinal), kind; the different beginnings (head) of `HEAD` digits; places of
                numbers (tall) that have more than `HEAD` + 8 digits
rev.*           the last eight digits of all numbers in order: key (the upper half of `keys.end_key`), place in num.*
stem, stem.at   stems and the contacts that give them (see `main_number`); flagged where several numbers do so together
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice

from unisono.directory import keys
from unisono.directory.main_number import LEAST_SHARED, MOST_VARYING, SHARED_KINDS, shared_stem
from unisono.directory.segment.attributes import KIND_NUMBER, Attribute
from unisono.directory.segment.format import Writer

FORWARD = (
    Attribute.CN, Attribute.SN, Attribute.GIVEN_NAME, Attribute.O, Attribute.MAIL, Attribute.DEPARTMENT, Attribute.L,
)  # fmt: skip
"""Attributes of which a contact knows the number of its value, which is also its rank in their order."""
WORDY = frozenset({*FORWARD, Attribute.EMPLOYEE_NUMBER})
"""Attributes whose words are taken."""
SHARED_STEM = 1 << 31
"""Flag of an ordinal: several numbers give the stem together, of which the contact has the first."""
HEAD = 5
HEAD_SHIFT = 64 - 4 * HEAD
TALL = (1 << 64 - 4 * (HEAD + 8)) - 1
"""What is not 0 in the key of a tall number."""
COMMON = 32
LEAST_COMMON = 10_000
"""Contacts of a segment for which common beginnings are worth while."""
_BATCH = 4096
_NEXT = (1).__add__
_SPREAD = 0x9E3779B1
_SHARED = sum(1 << KIND_NUMBER[kind] for kind in SHARED_KINDS)


def write_values(writer: Writer, slot: int, texts: Sequence[bytes], starts: "array[int]", posts: "array[int]") -> None:
    """The values of one attribute."""
    _write_texts(writer, f"v{slot}", texts)
    writer.section(f"v{slot}.posts", [starts])
    writer.section(f"v{slot}.at", [posts])


def write_words(writer: Writer, words: Sequence[bytes], starts: "array[int]", posts: "array[int]") -> None:
    """The words of all contacts."""
    _write_texts(writer, "word", words)
    writer.section("word.posts", [starts])
    writer.section("word.at", [posts])


def _write_texts(writer: Writer, name: str, texts: Sequence[bytes]) -> None:
    writer.section(f"{name}.text", [b"\n", b"\n".join(texts), b"\n" * bool(texts)])
    starts = array("I", accumulate(map(_NEXT, map(len, texts)), initial=1)) if writer.kept else array("I")
    writer.section(f"{name}.start", [starts])


def write_common(writer: Writer, words: Sequence[bytes], starts: "array[int]", posts: "array[int]", contacts: int) -> None:
    """Which contacts have a word with a beginning that many have."""
    found: list[tuple[bytes, int]] = []
    if writer.kept and contacts >= LEAST_COMMON:
        _Common(found, words, starts, posts, contacts).collect(0, len(words), b"")
    found = sorted((key, bits) for key, bits in found if key)
    writer.section("common.key", [b"\n".join([key for key, _ in found])])
    writer.section("common.bits", (bits.to_bytes((contacts + 7) // 8, "little") for _, bits in found))


@dataclass(frozen=True, slots=True)
class _Common:
    found: list[tuple[bytes, int]]
    words: Sequence[bytes]
    starts: "array[int]"
    posts: "array[int]"
    contacts: int

    def collect(self, first: int, last: int, prefix: bytes) -> int:
        """The bits of the words in a range that begin with a prefix: those of longer common beginnings, and the others'."""
        bits, own = 0, bytearray((self.contacts + 7) // 8)
        while first < last:
            longer = self.words[first][: len(prefix) + 1]
            whole = len(longer) == len(prefix)
            behind = first + 1 if whole else bisect_left(self.words, longer + b"\xff", first, last)
            if not whole and (self.starts[behind] - self.starts[first]) * COMMON > self.contacts:
                bits |= self.collect(first, behind, longer)
            else:
                for at in self.posts[self.starts[first] : self.starts[behind]]:
                    own[at >> 3] |= 1 << (at & 7)
            first = behind
        bits |= int.from_bytes(own, "little")
        self.found.append((prefix, bits))
        return bits


def place_of(key: bytes, size: int) -> int:
    """Where in a hash table of this size, a power of two, to begin to look for an id; ids may be made one after another."""
    return (int.from_bytes(key[12:], "little") * _SPREAD & 0xFFFFFFFF) >> 33 - size.bit_length()


def write_ids(writer: Writer, ids: bytes) -> None:
    """The ids of all contacts, and the table by which one is found."""
    writer.section("id", [ids])
    count = len(ids) // 16 if writer.kept else 0
    bits = (2 * count).bit_length()
    mask, shift = (1 << bits) - 1, 32 - bits
    table = array("I", bytes(4 * mask + 4))
    for ordinal, last in enumerate(memoryview(ids).cast("I")[3::4] if count else (), 1):
        # As `place_of`, at hand.
        place = (last * _SPREAD & 0xFFFFFFFF) >> shift
        while table[place]:
            place = place + 1 & mask
        table[place] = ordinal
    writer.section("id.table", [table])


def write_masks(writer: Writer, masks: Sequence[int]) -> None:
    """The masks of all contacts: the different ones, of which there are few, and which of them each contact has."""
    distinct = dict(zip(dict.fromkeys(masks), range(len(masks)), strict=False))
    writer.section("mask", [array("Q", distinct)])
    writer.section("mask.of", [array("H" if len(distinct) <= 0xFFFF else "I", map(distinct.__getitem__, masks))])


def write_attributes(writer: Writer, sizes: "array[int]", attributes: Iterable[bytes | memoryview]) -> None:
    """The attributes of all contacts, one behind the other, and how many bytes each contact has."""
    writer.section("at", [array("I", accumulate(sizes, initial=0))])
    writer.section("size", [sizes])
    writer.section("attribute", batches(attributes))


def write_numbers(writer: Writer, numbers: "array[int]", at: "array[int]", kinds: bytes) -> None:
    """Numbers in order."""
    writer.section("num.key", [numbers])
    writer.section("num.at", [at])
    writer.section("num.kind", [kinds])
    found = numbers if writer.kept else ()
    writer.section("num.head", [array("I", dict.fromkeys([number >> HEAD_SHIFT for number in found]))])
    writer.section("num.tall", [array("I", [place for place, number in enumerate(found) if number & TALL])])


def write_ends(writer: Writer, ends: "array[int]", places: "array[int]") -> None:
    """The last digits of numbers in order, and the place of each number among all."""
    writer.section("rev.key", [ends])
    writer.section("rev.num", [places])


def write_stems(writer: Writer, given: Iterable[tuple[int, int]], shared: Iterable[tuple[int, int]]) -> None:
    """Stems and the contacts that give them."""
    found = dict.fromkeys(shared, SHARED_STEM) | dict.fromkeys(given, 0)
    ordered = sorted(found)
    writer.section("stem", [array("Q", (key for key, _ in ordered))])
    writer.section("stem.at", [array("I", (stem[1] | found[stem] for stem in ordered))])


def shared_stems(numbers: Sequence[int], at: Sequence[int], kinds: bytes, firms: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Rule 3 of `main_number`: blocks that three or more numbers of one firm give away; `numbers` are sorted keys."""
    groups: dict[int, tuple[int, list[tuple[int, int, int]]]] = {}
    for number, ordinal, kind in zip(numbers, at, kinds, strict=True):
        firm = firms[ordinal]
        if firm and _SHARED >> kind & 1:
            # Numbers of one length that are the same but for their last digits lie together, apart from longer ones.
            unused = ((number & -number).bit_length() - 1) & ~3
            block = number >> unused + 4 * MOST_VARYING
            known, found = groups.get(unused, (0, []))
            if known == block:
                found.append((firm, number, ordinal))
            else:
                if len(found) >= LEAST_SHARED:
                    yield from _stems_of(found)
                groups[unused] = block, [(firm, number, ordinal)]
    for _, found in groups.values():
        yield from _stems_of(found)


def _stems_of(block: list[tuple[int, int, int]]) -> Iterator[tuple[int, int]]:
    of_firms: dict[int, dict[int, int]] = {}
    for firm, number, ordinal in block:
        of_firms.setdefault(firm, {}).setdefault(number, ordinal)
    for found in of_firms.values():
        if len(found) >= LEAST_SHARED:
            first = min(found)
            stem = "" if keys.is_local(first) else shared_stem([keys.text(number) for number in sorted(found)])
            key = keys.key(stem)
            if key is not None:
                yield key, found[first]


def batches(parts: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    """The same bytes in fewer pieces."""
    left = iter(parts)
    while some := list(islice(left, _BATCH)):
        yield b"".join(some)
