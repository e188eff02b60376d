"""Text as people search it: without case, accents or spelling variants, cut into words.

One key per word: Müller, Mueller and Muller all become `muller`, Sørensen and Soerensen `sorensen`, Groß `gross`.
A prefix of a word folds to a prefix of the folded word, so search as you type never loses a hit on the way.
"""

import re
import unicodedata

_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "æ": "a", "œ": "o", "þ": "th", "ı": "i", "ħ": "h", "ŧ": "t", "ŋ": "n"}
)
_UMLAUT_AS_E = re.compile("([aou])e+")
_ABBREVIATION = re.compile(r"(?<![^\W_])[^\W\d_](?:\.[^\W\d_])+\.?(?![^\W_])")
_APOSTROPHES = re.compile("['’‘`´ʼ]")
_WORD = re.compile(r"[^\W_]+")
_WITH_APOSTROPHE = re.compile(r"[^\W_]+(?:['’‘`´ʼ][^\W_]+)*")


def fold(text: str) -> str:
    """Lower case, accents off, `ae oe ue` as their umlauts' base letter; other characters stay."""
    return _UMLAUT_AS_E.sub(r"\1", _plain(text))


def _plain(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).translate(_LETTERS)
        text = "".join(c for c in text if not unicodedata.combining(c))
    return text.lower()


def folded_value(text: str) -> bytes:
    """A whole value as it is compared: folded, blanks at its ends away and every run of them one."""
    return " ".join(fold(text).split()).encode()


def folded_forms(text: str) -> tuple[bytes, ...]:
    """The forms of a value that a comparison may meet: as `folded_value`, and with its `ae oe ue` where it has such.

    The second is what lets `*el*` find Michael, whom the first one writes `michal`.
    """
    plain = " ".join(_plain(text).split())
    folded = _UMLAUT_AS_E.sub(r"\1", plain)
    return (folded.encode(),) if folded == plain else (folded.encode(), plain.encode())


def folded_piece(text: str) -> bytes:
    """A part of a value, folded; a blank at its ends stays one, because it parts words."""
    folded = " ".join(fold(f"|{text}|").split())
    return folded[1:-1].encode()


def query_words(text: str) -> list[str]:
    """The words of what someone typed, folded: `d'Angelo S.r.l.` gives `dangelo`, `srl`."""
    # Most texts have neither, and looking is cheaper than substituting.
    if "." in text:
        text = _ABBREVIATION.sub(lambda m: m.group().replace(".", ""), text)
    text = fold(text)
    if _APOSTROPHES.search(text):
        text = _APOSTROPHES.sub("", text)
    return _WORD.findall(text)


def index_words(text: str) -> list[str]:
    """The words to find a text by: those of `query_words`, and what follows an apostrophe as a word of its own."""
    found = query_words(text)
    if _APOSTROPHES.search(text):
        for word in _WITH_APOSTROPHE.findall(fold(text)):
            found.extend(part for part in _APOSTROPHES.split(word)[1:] if len(part) > 1)
    return found
