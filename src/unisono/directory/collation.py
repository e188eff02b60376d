"""Texts in the order of a language's phone books, without the locales of an operating system. Pure.

Case and accents count only between texts that are the same otherwise. What a language has of its own: letters that it sorts
behind others (Swedish å ä ö, Spanish ñ), and German umlauts as they stand in phone books, ä as ae (DIN 5007-2).
"""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_BEHIND = "\x7f"
"""Behind all letters without accents."""
_PHONE_BOOK = {"ä": "ae", "ö": "oe", "ü": "ue"}
_AT_THE_END = {
    "sv": "åäö",
    "fi": "åäö",
    "da": "æøå",
    "nb": "æøå",
    "nn": "æøå",
    "no": "æøå",
    "is": "þæö",
    "et": "õäöü",
}
"""Letters behind z, in their order."""
_BEHIND_THEIR_OWN = {
    "es": "ñ",
    "pl": "ąćęłńóśźż",
    "cs": "čřšž",
    "sk": "äčôšž",
    "sl": "čšž",
    "hr": "čćđšž",
    "bs": "čćđšž",
    "hu": "öőüű",
    "tr": "çğıöşü",
    "ro": "ăâîșț",
    "lt": "čšž",
    "lv": "čģķļņšž",
}
"""Letters behind the one they are written with, in their order."""
_LETTERS = {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"}


@lru_cache(maxsize=32)
def _table(language: str) -> dict[int, str]:
    table = dict(_LETTERS)
    if language == "de":
        table |= _PHONE_BOOK
    for place, letter in enumerate(_BEHIND_THEIR_OWN.get(language, "")):
        table[letter] = f"{_base(letter)}{_BEHIND}{place:x}"
    for place, letter in enumerate(_AT_THE_END.get(language, "")):
        table[letter] = f"z{_BEHIND}{place:x}"
    return str.maketrans(table)


def _base(letter: str) -> str:
    return _LETTERS.get(letter) or unicodedata.normalize("NFD", letter)[0]


def collation_key(texts: Sequence[str], language: str) -> bytes:
    """What to compare several texts by, the first before the second; `language`: a tag such as "de" or "pt-BR"; "": none."""
    table = _table(language.partition("-")[0].lower())
    composed = [" ".join(unicodedata.normalize("NFC", text).casefold().split()) for text in texts]
    plain = [_without_accents(text.translate(table)) for text in composed]
    return "\0".join([*plain, *composed]).encode()


def _without_accents(text: str) -> str:
    return text if text.isascii() else "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
