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
    if not text.isascii():
        text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).translate(_LETTERS)
        text = "".join(c for c in text if not unicodedata.combining(c))
    return _UMLAUT_AS_E.sub(r"\1", text.lower())


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
