"""Super-canonical numbers as sortable 64-bit integers.

Sixteen nibbles, left justified: `+` numbers as their digits plus one, numbers that have no international form (118, 1530)
behind the nibble 15, so that they never share a prefix with the others. All numbers that begin with some digits are then one
range of integers. Digits beyond the sixteenth do not count: E.164 allows fifteen.
"""

_NIBBLES = 16
_LOCAL = 15


def key(canonical: str) -> int | None:
    """The key of a super-canonical number; None if it is no number (empty, or with `*` and `#`)."""
    bounds = key_range(canonical)
    return bounds[0] if bounds else None


def key_range(canonical: str) -> tuple[int, int] | None:
    """The first key that begins with these digits, and the first one after those that do; None if it is no number."""
    digits = canonical.removeprefix("+")
    if not digits.isdecimal() or not digits.isascii():
        return None
    value, used = (0, 0) if canonical[0] == "+" else (_LOCAL, 1)
    for digit in digits[: _NIBBLES - used]:
        value = value << 4 | int(digit) + 1
        used += 1
    shift = 4 * (_NIBBLES - used)
    return value << shift, (value + 1) << shift


def end_key(canonical: str) -> int | None:
    """The key of a number read backwards, by which numbers with the same last digits lie together; None if it is no number."""
    bounds = end_range(canonical.removeprefix("+"))
    return bounds[0] if bounds else None


def end_range(digits: str) -> tuple[int, int] | None:
    """The first key of `end_key` whose number ends with these digits, and the first one after those that do."""
    if not digits.isdecimal() or not digits.isascii():
        return None
    value = 0
    last = digits[-_NIBBLES:]
    for digit in reversed(last):
        value = value << 4 | int(digit) + 1
    shift = 4 * (_NIBBLES - len(last))
    return value << shift, (value + 1) << shift


def text(value: int) -> str:
    """The super-canonical number of a key."""
    nibbles = [value >> shift & 15 for shift in range(60, -4, -4)]
    plus = "+"
    if nibbles[0] == _LOCAL:
        plus, nibbles = "", nibbles[1:]
    return plus + "".join(str(n - 1) for n in nibbles if n)
