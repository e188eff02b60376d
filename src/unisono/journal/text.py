"""What an entry can be found by, and what someone searching means: folded words and digits. Pure."""

import re
from dataclasses import dataclass

from unisono.directory.fold import index_words, query_words
from unisono.journal.model import JournalEntry, Partner
from unisono.numbers.country import split_code

MAX_QUERY = 200
_MAX_WORDS = 150
_MAX_WORD = 40
_MAX_QUERY_WORDS = 8
_TAILS = range(5, 9)
"""Lengths of a number's end that can be typed alone: local numbers and extensions with a trunk number."""
_LEAST_DIGITS = 3
_NUMBER_RUN = re.compile(r"(?:tel:)?\+?[(\[]?\d[\d\s()\[\]./\-–]*")


WRITTEN = "ñ"
"""Begins the words of what was written about a call, so that only who may read it finds them; no folded word has it."""


def owner_word(owner: str) -> str:
    """The word that stands for an owner (`JournalEntry.owner`)."""
    return "l" + re.sub(r"[^0-9a-z]", "", owner.casefold())


def search_text(entry: JournalEntry) -> str:
    """Everything an entry is found by, as folded words with blanks between, around and in front of the first."""
    partners = [p for p in (entry.remote, entry.called, entry.redirecting) if p is not None]
    texts = [entry.queue, entry.acceptor_name]
    for partner in partners:
        texts += [partner.name, partner.company]
    found = dict.fromkeys(word for text in texts if text for word in index_words(text))
    for partner in partners:
        found.update(dict.fromkeys(number_words(partner)))
    written = [*index_words(entry.subject), *index_words(entry.project), *index_words(entry.note)[: 2 * _MAX_WORDS]]
    found.update(dict.fromkeys(WRITTEN + word for word in written))
    words = [word[:_MAX_WORD] for word in found][:_MAX_WORDS]
    return " ".join(("", owner_word(entry.owner), *words, ""))


def number_words(partner: Partner) -> list[str]:
    """A number as it may be typed: international, national, and its ends."""
    digits = re.sub(r"\D", "", partner.canonical or partner.number)
    if not digits:
        return []
    if not partner.canonical.startswith("+"):
        return [digits]
    national = digits.removeprefix(split_code(digits))
    tails = [digits[-length:] for length in _TAILS if length < len(national)]
    return list(dict.fromkeys((digits, national, *tails)))


@dataclass(frozen=True, slots=True)
class Search:
    """What has to be found: every word as a beginning; of `digits` one of the forms."""

    words: tuple[str, ...] = ()
    digits: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words or self.digits)


def parse(text: str) -> Search:
    """Read what was typed; a run of three digits or more, however spaced and bracketed, is a number."""
    text = text[:MAX_QUERY]
    forms: tuple[str, ...] = ()
    for run in _NUMBER_RUN.finditer(text):
        digits = re.sub(r"\D", "", run.group())
        bounded = run.start() == 0 or not text[run.start() - 1].isalnum()
        if len(digits) >= _LEAST_DIGITS and bounded:
            forms = _forms(digits, plus="+" in run.group())
            text = text[: run.start()] + " " + text[run.end() :]
            break
    words = tuple(word[:_MAX_WORD] for word in dict.fromkeys(query_words(text)))
    return Search(words[:_MAX_QUERY_WORDS], forms)


def finds(wanted: Search, entry: JournalEntry, *, written: bool) -> bool:
    """Whether a search finds an entry, as the database's index does, by what was written (`WRITTEN`) too."""
    text = search_text(entry)
    begins = (" ", " " + WRITTEN) if written else (" ",)
    forms = [(word,) for word in wanted.words] + ([wanted.digits] if wanted.digits else [])
    return all(any(begin + form in text for form in each for begin in begins) for each in forms)


def _forms(digits: str, *, plus: bool) -> tuple[str, ...]:
    if plus:
        return (digits,)
    if digits.startswith("00"):
        return (digits[2:], digits)
    return (digits, digits[1:]) if digits.startswith("0") else (digits,)
