"""Text as people search it: without case, accents or spelling variants, cut into words.

One key per word: Müller, Mueller and Muller all become `muller`, Sørensen and Soerensen `sorensen`, Groß `gross`.
A prefix of a word folds to a prefix of the folded word, so search as you type never loses a hit on the way.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "æ": "a", "œ": "o", "þ": "th", "ı": "i", "ħ": "h", "ŧ": "t", "ŋ": "n"}
)
_UMLAUT_AS_E = re.compile("([aou])e+")
_ABBREVIATION = re.compile(r"(?<![^\W_])[^\W\d_](?:\.[^\W\d_])+\.?(?![^\W_])")
_APOSTROPHES = re.compile("['’‘`´ʼ]")
_WORD = re.compile(r"[^\W_]+")
_RUN = re.compile(r"[^\W\d_]+|\d+")
_WITH_APOSTROPHE = re.compile(r"[^\W_]+(?:['’‘`´ʼ][^\W_]+)*")


def fold(text: str) -> str:
    """Lower case, accents off, `ae oe ue` as their umlauts' base letter; other characters stay."""
    return _UMLAUT_AS_E.sub(r"\1", _plain(text))


def _plain(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).translate(_LETTERS)
        text = "".join(c for c in text if not unicodedata.combining(c))
    return text.lower()


# Words


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


# Values, as a whole or in part


class Token(NamedTuple):
    """What stands between two blanks of a value, as it is compared and found."""

    key: str
    """As people type it: abbreviations and what has apostrophes are one word, S.r.l. is `srl`."""
    folded: str
    """As `fold` gives it."""
    plain: str
    """The same with its `ae oe ue`: what lets `*el*` find Michael, whom `fold` writes `michal`."""
    words: tuple[str, ...]
    """To find it by."""


def token(text: str) -> Token:
    """Read one token."""
    plain = " ".join(_plain(text).split())
    folded = _UMLAUT_AS_E.sub(r"\1", plain)
    if folded.isalnum() and not _APOSTROPHES.search(folded):
        return Token(folded, folded, plain, (folded,) if plain == folded else (folded, plain))
    words = index_words(text)
    special = not folded.isascii() or _APOSTROPHES.search(folded) or _ABBREVIATION.search(text)
    key = " ".join(query_words(text)) if special else folded
    if plain != folded:
        words += _WORD.findall(_APOSTROPHES.sub("", plain))
    return Token(key, folded, plain, tuple(dict.fromkeys(words)))


_token = lru_cache(maxsize=8192)(token)


def folded_value(text: str) -> bytes:
    """A whole value as it is compared: folded, blanks at its ends away and every run of them one."""
    return _joined([_token(part).folded for part in text.split()])


def folded_piece(text: str) -> bytes:
    """A part of a value, folded; a blank at its ends stays one, because it parts words."""
    folded = folded_value(text)
    if not folded:
        return b" " if text[:1].isspace() else b""
    return b" " * text[:1].isspace() + folded + b" " * text[-1:].isspace()


def folded_forms(text: str) -> tuple[bytes, ...]:
    """The forms of a value that a comparison may meet, each once: the first one is also what to sort by."""
    return forms_of([_token(part) for part in text.split()])


def forms_of(tokens: Sequence[Token]) -> tuple[bytes, ...]:
    """The same of tokens that were read before."""
    if not tokens:
        return ()
    key, folded, plain, _ = zip(*tokens, strict=True)
    first = _joined(key)
    if key == folded == plain:
        return (first,) if first else ()
    return tuple(form for form in dict.fromkeys((first, _joined(folded), _joined(plain))) if form)


def _joined(parts: Sequence[str]) -> bytes:
    return " ".join(parts if "" not in parts else [part for part in parts if part]).encode()


def runs_of(word: str) -> list[str]:
    """A word cut where letters and digits meet: `rossi123` is `rossi`, `123`."""
    return _RUN.findall(word)


def cut_words(folded: str) -> list[str]:
    """The words of a folded text."""
    return folded.translate(_BLANKS).split() if folded.isascii() else _WORD.findall(folded)


_BLANKS = str.maketrans({chr(code): " " for code in range(128) if not chr(code).isalnum() and chr(code) != "\n"})
_OTHER_BLANKS = tuple(chr(code) for code in range(128) if chr(code).isspace() and chr(code) not in " \n")
_AT_ONCE = 1024
"""Values that are read together: what is made of them stays in the processor's cache."""

Forms = tuple[bytes, ...]


def read_many(texts: Sequence[str], known: dict[str, Token]) -> tuple[list[Forms], list[list[str]]]:
    """The forms and the words of many values; quick where they are ASCII. `known` remembers the tokens of the others."""
    forms: list[Forms] = []
    words: list[list[str]] = []
    for begin in range(0, len(texts), _AT_ONCE):
        some = _read_some(texts[begin : begin + _AT_ONCE], known)
        forms += some[0]
        words += some[1]
    return forms, words


def _read_some(texts: Sequence[str], known: dict[str, Token]) -> tuple[list[Forms], list[list[str]]]:
    joined = "\n".join(texts)
    odd: list[int] = []
    if not joined.isascii() or joined.count("\n") != len(texts) - 1:
        odd = [at for at, text in enumerate(texts) if not text.isascii() or "\n" in text]
        left_out = set(odd)
        joined = "\n".join(["" if at in left_out else text for at, text in enumerate(texts)])
    plain = joined.lower()
    if _uneven(plain):
        plain = "\n".join([" ".join(line.split()) for line in plain.split("\n")])
    folded, umlauts = _UMLAUT_AS_E.subn(r"\1", plain)
    forms: list[Forms] = list(zip(folded.encode().split(b"\n"), strict=True))
    words = list(map(str.split, folded.translate(_BLANKS).split("\n")))
    if umlauts:
        for at, (line, shorter) in enumerate(zip(plain.split("\n"), folded.split("\n"), strict=True)):
            if line != shorter:
                forms[at] = shorter.encode(), line.encode()
                words[at] += line.translate(_BLANKS).split()
    if (b"",) in forms:
        forms = [each if each != (b"",) else () for each in forms]
    # An apostrophe, or a single letter with a dot behind it, joins what is around it.
    if "'" in joined or "`" in joined:
        odd += [at for at, text in enumerate(texts) if "'" in text or "`" in text]
    if "." in joined:
        pairs = enumerate(zip(texts, words, strict=True))
        odd += [at for at, (text, found) in pairs if "." in text and (not found or 1 in map(len, found))]
    for at in odd:
        forms[at], words[at] = _read(texts[at], known)
    return forms, words


def _uneven(lines: str) -> bool:
    """Whether a line has other blanks than single ones between words; much quicker than an expression."""
    around = f"\n{lines}\n"
    return any(each in around for each in ("  ", "\n ", " \n", *_OTHER_BLANKS))


def _read(text: str, known: dict[str, Token]) -> tuple[Forms, list[str]]:
    tokens = []
    for part in text.split():
        found = known.get(part)
        if found is None:
            found = known[part] = token(part)
        tokens.append(found)
    return forms_of(tokens), [word for found in tokens for word in found.words]
