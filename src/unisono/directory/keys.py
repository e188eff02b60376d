"""Super-canonical numbers as sortable 64-bit integers.

Sixteen nibbles, left justified: `+` numbers as their digits plus one, numbers that have no international form (118, 1530)
behind the nibble 15, so that they never share a prefix with the others. All numbers that begin with some digits are then one
range of integers. Digits beyond the sixteenth do not count: E.164 allows fifteen.
"""

import sys
from array import array
from collections.abc import Sequence

WIDTH = 16
"""Bytes of a number in `texts`."""
_NIBBLES = 16
_LOCAL = 15
# Digits as the hexadecimal digit of their nibble: int() is far quicker than a loop.
_NIBBLE = bytes.maketrans(b"0123456789", b"123456789a")
_PLUS = ord("+")
_DIGIT = bytes.maketrans(b"0123456789af", b"\x000123456789 ")
END = 1 << 4 * _NIBBLES
"""Above every key."""


def key(canonical: str) -> int | None:
    """The key of a super-canonical number; None if it is no number (empty, or with `*` and `#`)."""
    plus = canonical[:1] == "+"
    digits = canonical[1:] if plus else canonical
    if not (digits.isdecimal() and digits.isascii()):
        return None
    nibbles = digits.encode().translate(_NIBBLE)
    return int((nibbles if plus else b"f" + nibbles)[:_NIBBLES].ljust(_NIBBLES, b"0"), 16)


def key_range(canonical: str) -> tuple[int, int] | None:
    """The first key that begins with these digits, and the first one after those that do; None if it is no number."""
    digits = canonical.removeprefix("+")
    if not digits.isascii() or not digits.isdecimal():
        return None
    nibbles = digits.encode().translate(_NIBBLE)
    return _range(nibbles[:_NIBBLES] if canonical[0] == "+" else b"f" + nibbles[: _NIBBLES - 1])


def end_key(canonical: str) -> int | None:
    """The key of a number read backwards, by which numbers with the same last digits lie together; None if it is no number."""
    bounds = end_range(canonical.removeprefix("+"))
    return bounds[0] if bounds else None


def end_range(digits: str) -> tuple[int, int] | None:
    """The first key of `end_key` whose number ends with these digits, and the first one after those that do."""
    if not digits.isascii() or not digits.isdecimal():
        return None
    return _range(digits.encode().translate(_NIBBLE)[: -_NIBBLES - 1 : -1])


def many(canonicals: Sequence[str]) -> tuple["array[int]", "array[int]"]:
    """`key` and `end_key` (its upper half) of many numbers; those that are none are left out."""
    text = "\n".join(canonicals)
    if not _all_numbers(text, len(canonicals)):
        canonicals = [canonical for canonical in canonicals if key(canonical) is not None]
        text = "\n".join(canonicals)
    if not canonicals:
        return array("Q"), array("I")
    lines = text.encode().translate(_NIBBLE).split(b"\n")
    digits = [line[1:] if line[0] == _PLUS else b"f" + line for line in lines]
    first = [each[:_NIBBLES].ljust(_NIBBLES, b"0") for each in digits]
    forward = array("Q", bytes.fromhex(b"".join(first).decode()))
    last = [line[:-9:-1].rstrip(b"+").ljust(8, b"0") for line in lines]
    backward = array("I", bytes.fromhex(b"".join(last).decode()))
    if sys.byteorder == "little":
        forward.byteswap()
        backward.byteswap()
    return forward, backward


def _all_numbers(lines: str, count: int) -> bool:
    """Whether these are so many lines, each of them digits, perhaps with a `+` before them."""
    around = f"\n{lines}\n".encode()
    if around.count(b"\n") != count + 1 or b"\n\n" in around or b"\n+\n" in around:
        return False
    return around.count(b"+") == around.count(b"\n+") and not around.translate(None, b"0123456789+\n")


def _range(nibbles: bytes) -> tuple[int, int]:
    value, shift = int(nibbles, 16), 4 * (_NIBBLES - len(nibbles))
    return value << shift, (value + 1) << shift


def is_local(value: int) -> bool:
    """Whether a key is of a number that has no international form."""
    return value >> 60 == _LOCAL


def length(value: int) -> int:
    """How many digits the number of a key has."""
    used = _NIBBLES - ((value & -value).bit_length() - 1) // 4
    return used - is_local(value)


def text(value: int) -> str:
    """The super-canonical number of a key."""
    digits = (b"%016x" % value).translate(_DIGIT).rstrip(b"\0").decode()
    return digits[1:] if digits[0] == " " else "+" + digits


def texts(values: "array[int]") -> bytes:
    """The digits of many keys, `WIDTH` bytes each, padded with NUL; a blank before those with no international form."""
    swapped = values[:]
    swapped.byteswap()
    return swapped.tobytes().hex().encode().translate(_DIGIT)
