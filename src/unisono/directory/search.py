"""Search as you type: names, firms, numbers and e-mail, words in any order, ranked, with the reason of every hit. Pure."""

import heapq
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from unisono.directory.breathing import Breathing, at_once, first_of
from unisono.directory.candidates import Run, beginning, likely, one_by_one, with_digits, with_number, with_words
from unisono.directory.duplicates import EACH_ALONE, Entry, Sameness, origins, same_person
from unisono.directory.fold import fold, folded_value, query_words, runs_of
from unisono.directory.index import Index, Part
from unisono.directory.model import Hit, HitKind, HitReason
from unisono.directory.segment import Attribute, Segment
from unisono.directory.typing_errors import errors_forgiven, meant
from unisono.directory.views import EVERYTHING, View

MAX_QUERY = 200
_MAX_WORDS = 8
_MOST_WORD = 64
_MOST_MEANT = 8
"""Words that one may have been meant for."""
_MOST_WAYS = _MOST_MEANT**2
"""Queries that one may have been meant for."""
_COUNTED_AT_ONCE = 16
"""Words counted between two breaths of which each may have been meant."""

_NUMBER_RUN = re.compile(r"(?:tel:)?\+?[(\[]?\d[\d\s()\[\]./\-–]*")
_EMAIL = re.compile(r"\s*([^\s@:<>]+@[^\s@<>]+\.[^\s@<>.]{2,})\s*")
_NOT_DIGIT = re.compile(r"\D")
_LEAST_DIGITS = 3

_PARTS = (HitReason.NAME, HitReason.COMPANY, HitReason.EMAIL, HitReason.OTHER)
_WHOLE = (100, 70, 50, 40)
_BEGINS = (85, 60, 45, 30)
_ATTRIBUTES = (
    (Attribute.CN, 0), (Attribute.O, 1), (Attribute.SN, 0), (Attribute.GIVEN_NAME, 0), (Attribute.MAIL, 2),
    (Attribute.DEPARTMENT, 3), (Attribute.L, 3),
)  # fmt: skip
"""Where to look for a word, and which part that is."""
_BLANKS = bytes(code if chr(code).isalnum() or code > 127 else 32 for code in range(256))
_FEW_BY_DIGITS = 50
"""Contacts scored that have the digits of a number as a word."""
_MANY = 5000
"""Numbers that begin alike."""
_CHECKED = 1000
"""Contacts looked at for such a number, before all those that have one are gathered."""
_PER_ERROR = 12
"""Points that a typing error costs."""


@dataclass(frozen=True, slots=True)
class Query:
    """What someone typed: folded words, and the digits of something that looks like a number (`plus`: international).

    `email`: the whole of it, folded, if it is an address and nothing else. `number`: the digits as they stand in a name
    (Studio 2000), unless a plus says that they are a telephone number.
    """

    words: tuple[bytes, ...]
    digits: str = ""
    plus: bool = False
    email: bytes = b""
    number: bytes = b""


def parse(text: str) -> Query:
    """Read what was typed; a run of three digits or more, however spaced and bracketed, is a number; so is `+4`."""
    text = text[:MAX_QUERY]
    digits, plus, number = "", False, b""
    email = _EMAIL.fullmatch(text)
    for run in _NUMBER_RUN.finditer("" if email else text):
        written = _NOT_DIGIT.sub("", run.group())
        found = "".join(str(unicodedata.decimal(sign)) for sign in written)  # ٠٤٣٢ is 0432
        before = text[run.start() - 1 : run.start()]
        country = run.group().startswith("+") and not before.strip()
        if country or (len(found) >= _LEAST_DIGITS and not before.isalnum()):
            plus = "+" in run.group() or found.startswith("00")
            digits = found.removeprefix("00") if "+" not in run.group() else found
            number = b"" if "+" in run.group() else fold(written)[:16].encode()
            text = text[: run.start()] + " " + text[run.end() :]
            break
    words = dict.fromkeys(word[:_MOST_WORD] for word in query_words(text))
    folded = folded_value(email[1]) if email else b""
    return Query(tuple(word.encode() for word in words)[:_MAX_WORDS], digits[:16], plus, folded, number)


def search(index: Index, text: str, limit: int, view: View = EVERYTHING, sameness: Sameness = EACH_ALONE) -> list[Hit]:
    """The best `limit` hits, best first; equal ones in the order of names.

    Where nothing is as it was typed, words with typing errors are looked for, and `Hit.meant` says which were found.
    """
    return at_once(searching(index, text, limit, view, sameness))


def searching(
    index: Index, text: str, limit: int, view: View = EVERYTHING, sameness: Sameness = EACH_ALONE
) -> Breathing[list[Hit]]:
    """The same for one who lets others run meanwhile."""
    query = parse(text)
    if not query.words and not query.digits:
        return []
    found = yield from _best(index, query, limit, view, sameness)
    for corrected in _corrected(index, query, view) if not found else ():
        yield
        if corrected is None:
            continue
        meant_so, errors = corrected
        found = yield from _best(index, meant_so, limit, view, sameness)
        if found:
            shown = b" ".join(filter(None, (*meant_so.words, meant_so.number))).decode()
            return [replace(hit, score=max(1, hit.score - errors * _PER_ERROR), meant=shown) for hit in found]
    return found


def _best(index: Index, query: Query, limit: int, view: View, sameness: Sameness) -> Breathing[list[Hit]]:
    found: list[tuple[int, bytes, int, HitReason, Part]] = []
    for part in index.parts(view):
        for ordinal, score, reason in (yield from _in_part(part, query, limit)):
            found.append((-score, part.segment.folded(ordinal), ordinal, reason, part))
    found.sort(key=lambda f: f[:3])
    hits: list[Hit] = []
    shown: set[tuple[int, int]] = set()
    for negative, _, ordinal, reason, part in found:
        if len(hits) == limit:
            break
        if (id(part), ordinal) in shown:
            continue
        others = [
            (entry, why)
            for entry, why in same_person(index, (part, ordinal), sameness, view)
            if (id(entry[0]), entry[1]) not in shown
        ]
        shown.update((id(other), at) for (other, at), _ in others)
        hits.append(_hit((part, ordinal), others, -negative, reason))
        yield
    return hits


def _hit(entry: Entry, others: list[tuple[Entry, str]], score: int, reason: HitReason) -> Hit:
    part, ordinal = entry
    contact = part.segment.contact(ordinal)
    place = next((a.city for a in contact.addresses if a.city), "")
    firm = contact.company if contact.company != contact.name else ""
    subtitle = ", ".join(part for part in (firm, contact.job_title or contact.department, "" if firm else place) if part)
    numbers = {number.canonical or number.raw: number for number in contact.numbers}
    for (other, at), _ in others:
        for number in other.segment.contact(at).numbers:
            numbers.setdefault(number.canonical or number.raw, number)
    all_numbers = tuple(numbers.values()) if others else contact.numbers
    return Hit(HitKind.CONTACT, contact.id, contact.name, subtitle, all_numbers, reason, score, origins=origins(entry, others))


def _in_part(part: Part, query: Query, limit: int) -> Breathing[list[tuple[int, int, HitReason]]]:
    best: dict[int, tuple[int, int, HitReason]] = {}
    for group in _groups(part.segment, query, limit + part.hidden.count(1)):
        yield
        if group is None:
            continue
        most, ordinals, scored = group
        good = sum(1 for found in best.values() if found[1] >= most)
        if good >= limit:
            break
        for ordinal in filter(part.counts, ordinals):
            found = scored(ordinal)
            if found is None or (ordinal in best and best[ordinal][1] >= found[0]):
                continue
            best[ordinal] = ordinal, *found
            good += found[0] >= most
            if good >= limit:
                # What follows is not better, and behind these in the order of names.
                break
    return heapq.nsmallest(limit, best.values(), key=lambda s: (-s[1], s[0]))


_Scored = Callable[[int], tuple[int, HitReason] | None]
_Group = tuple[int, Iterable[int], _Scored]


def _groups(segment: Segment, query: Query, limit: int) -> Iterator[_Group | None]:
    """Groups of contacts in the order of names, with the most points that one of them can have, and what finds them out."""
    words = query.words
    if not words:
        numbers = yield from with_number(segment, query.digits, query.plus, limit)
        yield 100, sorted(numbers), lambda ordinal: (numbers[ordinal], HitReason.NUMBER)
        words = (query.number,) if query.number else ()
    if not words:
        return
    scored = Scorer(segment, words, query.email).score
    wanted = [run for word in words for run in _runs(word)]
    if not (query.words and query.digits):
        few = None if query.words else _FEW_BY_DIGITS
        for group in likely(segment, wanted):
            yield None if group is None else (group[0], group[1][:few], scored)
        return
    if query.number:
        named = yield from with_words(segment, [*wanted, (query.number, False)])
        yield 100, named, Scorer(segment, (*words, query.number)).score
    digits = query.digits.lstrip("0")
    begun = list(beginning(segment, query.digits, query.plus))
    if sum(map(len, begun)) > _MANY:
        # So many have such a number that among the first with the words there are enough.
        begin = yield from first_of(one_by_one(segment, wanted), _CHECKED)
        with_both = yield from first_of(with_digits(segment, begin, digits), limit)
        if len(with_both) == limit:
            yield 100, sorted(with_both), scored
            return
    with_both = yield from with_words(segment, wanted, begun)
    yield 100, with_both, scored
    if len(with_both) < limit:
        found = yield from with_words(segment, wanted)
        yield 100, (yield from first_of(with_digits(segment, found, digits), len(found))), scored


def _runs(word: bytes) -> list[Run]:
    runs = runs_of(word.decode())
    return [(run.encode(), number < len(runs)) for number, run in enumerate(runs, 1)]


class Scorer:
    """How well contacts answer words; who has the e-mail address that they are does so best."""

    def __init__(self, segment: Segment, words: Sequence[bytes], email: bytes = b"") -> None:
        self._folded = segment.folded
        self._values = segment.values
        self._email = email
        self._words = [(b" " + word, b" " + word + b" ", len(word.decode()), len(_runs(word)) > 1) for word in words]

    def score(self, ordinal: int) -> tuple[int, HitReason] | None:
        """The points of a contact that has the runs of the words, 1 to 100, and the part that has most letters of them.

        None: it has not the words.
        """
        if self._email and self._has_email(ordinal):
            return 100, HitReason.EMAIL
        parts: list[bytes] = []
        total, answered = 0, [0, 0, 0, 0]
        for begins, whole, letters, several in self._words:
            points, by = _BEGINS[3], 3
            for number, (attribute, kind) in enumerate(_ATTRIBUTES):
                if number == len(parts):
                    parts.append(b" " + self._folded(ordinal, attribute).translate(_BLANKS) + b" ")
                part = parts[number]
                if begins in part:
                    points, by = (_WHOLE if whole in part else _BEGINS)[kind], kind
                    break
            else:
                if several:
                    return None
            total += points
            answered[by] += letters
        found = total // len(self._words) - bool(self._email)
        reason = _PARTS[answered.index(max(answered))]
        return (found if parts[0].startswith(self._words[0][0]) else max(1, found - 3)), reason

    def _has_email(self, ordinal: int) -> bool:
        return any(folded_value(value.decode()) == self._email for value in self._values(ordinal, Attribute.MAIL))


def score_line(line: bytes, words: tuple[bytes, ...]) -> tuple[int, HitReason] | None:
    """The same of a line of text, 1 to 100; None if it has not all of the words.

    The line has the parts name, company, e-mails, other, separated by tabs; every word has a blank before it and every part one
    at its end, so that ` word` finds a beginning and ` word ` a whole word.
    """
    parts = line.split(b"\t")
    total, answered = 0, [0, 0, 0, 0]
    for word in words:
        for kind, part in enumerate(parts):
            if b" " + word in part:
                total += (_WHOLE if b" " + word + b" " in part else _BEGINS)[kind]
                answered[kind] += len(word.decode())
                break
        else:
            return None
    found = total // len(words)
    if not parts[0].startswith(b" " + words[0]):
        found -= 3
    return max(1, found), _PARTS[answered.index(max(answered))]


# Typing errors


def _corrected(index: Index, query: Query, view: View) -> Iterator[tuple[Query, int] | None]:
    """What may have been meant: first only words that nobody has are taken for others, then one of them at a time."""
    unknown = [word for word in query.words if not all(_is_had(index, run, view) for run in _runs(word))]
    if unknown:
        yield from _replaced(index, query, unknown, view)
        return
    for word in query.words:
        yield from _replaced(index, query, [word], view)


def _is_had(index: Index, run: Run, view: View) -> bool:
    text, whole = run
    segments = (part.segment for part in index.parts(view))
    return any(len(s.with_word(text) if whole else s.with_word_prefix(text)) for s in segments)


def _replaced(index: Index, query: Query, words: Sequence[bytes], view: View) -> Iterator[tuple[Query, int] | None]:
    """The query with these words taken for others: first those with few errors, and those that many contacts have."""
    ways: list[tuple[int, dict[bytes, bytes]]] = [(0, {})]
    for word in words:
        before, letters, behind = _letters_of(word.decode())
        if not errors_forgiven(letters):
            return
        found: dict[str, tuple[int, int, int]] = {}
        for part in index.parts(view):
            meant_here = yield from meant(part.segment.words, letters)
            for number, (text, errors) in enumerate(meant_here.items(), 1):
                if number % _COUNTED_AT_ONCE == 0:
                    yield None
                known = found.get(text, (errors, 0, 0))
                whole = len(part.segment.with_word(text.encode()))
                begun = len(part.segment.with_word_prefix(text.encode()))
                found[text] = min(errors, known[0]), known[1] - whole, known[2] - begun
            yield None
        # With as many errors, whole words go before beginnings.
        ranked = ((*rank, text) for text, rank in found.items() if rank[1] or not behind)
        nearest = heapq.nsmallest(_MOST_MEANT, ranked)
        ways = [
            (sum_ + e, {**way, word: f"{before}{text}{behind}".encode()}) for sum_, way in ways for e, _, _, text in nearest
        ]
        # What is too far already gets no nearer by another word, and there would soon be millions of them.
        ways = sorted(ways, key=lambda w: w[0])[:_MOST_WAYS]
    for errors, way in ways:
        yield replace(query, words=tuple(way.get(word, word) for word in query.words), email=b""), errors


def _letters_of(word: str) -> tuple[str, str, str]:
    """The longest run of letters in a word, in which errors are forgiven, and what stands before and behind it."""
    runs = runs_of(word) or [word]
    at = max(range(len(runs)), key=lambda place: (not runs[place].isdigit(), len(runs[place])))
    return "".join(runs[:at]), runs[at], "".join(runs[at + 1 :])
