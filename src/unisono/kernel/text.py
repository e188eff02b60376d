"""What people call things: one line that shows what it is."""

import unicodedata

_JOINERS = str.maketrans("", "", "\u200c\u200d" + "".join(map(chr, range(0xFE00, 0xFE10))))
"""They show nothing themselves, but Persian and some other languages write names with them, and emoji have variants."""
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and signs, as Unicode counts, that are empty all the same."""


def tidy(text: str) -> str:
    """One line, with one blank between words and accents on their letters (macOS gives names of files with these apart)."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


def is_shown(text: str) -> bool:
    """Whether each character of a line is seen: none controls a terminal, or turns the direction of what stands beside it."""
    return text.translate(_JOINERS).isprintable() and _FILLERS.isdisjoint(text)


def name(text: str, most: int) -> str:
    """A name as it is kept; "" if it is none, has more than so many characters, or some that are not seen."""
    found = tidy(text)
    return found if len(found) <= most and is_shown(found) and found.translate(_JOINERS) else ""
