"""What people write for a country, and for the kind of a number, in English, Italian and German. Pure."""

import re
from collections.abc import Mapping
from functools import lru_cache

import phonenumbers

from unisono.directory.fold import fold
from unisono.directory.model import NumberKind

_LANGUAGES = ("en", "it", "de", "fr")
_MORE = {
    "uk": "GB", "great britain": "GB", "gran bretagna": "GB", "grossbritannien": "GB", "england": "GB", "inghilterra": "GB",
    "usa": "US", "united states of america": "US", "czech republic": "CZ", "repubblica ceca": "CZ", "tschechien": "CZ",
    "holland": "NL", "olanda": "NL", "d": "DE", "a": "AT", "i": "IT", "f": "FR",
}  # fmt: skip
"""Names in use that the table of names does not have; the letters of cars where no ISO code is one letter long."""


@lru_cache(maxsize=4096)
def region_of(country: str) -> str:
    """The ISO 3166 code of a country as people write it: `IT`, `it`, `Italy`, `Deutschland`, `D`; "" if it is none."""
    text = country.strip()
    if len(text) == 2 and text.upper() in phonenumbers.SUPPORTED_REGIONS:
        return text.upper()
    folded = " ".join(fold(text).split())
    return _MORE.get(folded) or _names().get(folded, "")


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    from phonenumbers.geodata.locale import LOCALE_DATA  # read only when somebody writes a name: it takes half a second

    names: dict[str, str] = {}
    for region, by_language in LOCALE_DATA.items():
        for language in _LANGUAGES:
            name = by_language.get(language, "")
            names[fold(by_language.get(name[1:], "") if name.startswith("*") else name)] = region
    names.pop("", None)
    return names


_WORD = re.compile(r"[^\W\d_]+")
_FAX = frozenset({"fax", "telefax", "facsimile", "facsimiletelephonenumber"})
_KINDS: Mapping[NumberKind, str] = {
    NumberKind.COMPANY_MAIN: "company main switchboard centralino zentrale companymain",
    NumberKind.ASSISTANT: "assistant assistente assistent sekretariat segreteria",
    NumberKind.MOBILE: "mobile cell cellular cellulare cellphone handy mobil mobiltelefon iphone mobilephone",
    NumberKind.CAR: "car auto autotelefon",
    NumberKind.RADIO: "radio funk",
    NumberKind.PAGER: "pager cercapersone beeper",
    NumberKind.CALLBACK: "callback rueckruf rückruf richiamata",
    NumberKind.ISDN: "isdn internationalisdnnumber",
    NumberKind.TTY_TDD: "tty tdd texttelefon textphone",
    NumberKind.HOME: "home private privat privato privata personal personale casa abitazione haus homephone homefax",
    # The last three say little: `work mobile` is a mobile, `pref work` a work number.
    NumberKind.BUSINESS: "work business office buero büro ufficio lavoro arbeit geschaeftlich geschäftlich dienstlich phone "
    "telephone telefon telefono tel voice landline telephonenumber direct",
    NumberKind.PRIMARY: "pref primary primario principale haupt",
    NumberKind.OTHER: "other altro sonstige andere othertelephone",
}
_BY_WORD = {word: kind for kind, words in _KINDS.items() for word in words.split()}
_RANK = {kind: place for place, kind in enumerate(_KINDS)}


@lru_cache(maxsize=4096)
def kind_of(words: str) -> NumberKind:
    """The kind of a number by what its source calls it: `work`, `Handy`, `home,fax`; business without any word."""
    found = _WORD.findall(words.casefold())
    kinds = {_BY_WORD[word] for word in found if word in _BY_WORD}
    if not _FAX.isdisjoint(found):
        return NumberKind.FAX_HOME if NumberKind.HOME in kinds else NumberKind.FAX_BUSINESS
    if kinds:
        return min(kinds, key=_RANK.__getitem__)
    return NumberKind.OTHER if found else NumberKind.BUSINESS
