"""Search as you type: names, firms, numbers and e-mail, words in any order, ranked, with the reason of every hit. Pure."""

import heapq
import re
from dataclasses import dataclass
from itertools import islice

from unisono.directory import keys
from unisono.directory.fold import query_words
from unisono.directory.index import Index, Part
from unisono.directory.model import Contact, Hit, HitKind, HitReason
from unisono.directory.segment import Segment
from unisono.directory.views import EVERYTHING, View
from unisono.numbers.country import split_code

MAX_QUERY = 200
_MAX_WORDS = 8
_SCORED = 300
"""Candidates scored in one segment: whole words before beginnings, then in the order of names."""
_READ = 3000
"""Postings read for a single short word; what lies behind them is reached by typing on."""
_NUMBERS = 600

_NUMBER_RUN = re.compile(r"(?:tel:)?\+?[(\[]?\d[\d\s()\[\]./\-–]*")
_NOT_DIGIT = re.compile(r"\D")
_LEAST_DIGITS = 3

_PARTS = (HitReason.NAME, HitReason.COMPANY, HitReason.EMAIL, HitReason.OTHER)
_WHOLE = (100, 70, 50, 40)
_BEGINS = (85, 60, 45, 30)


@dataclass(frozen=True, slots=True)
class Query:
    """What someone typed: folded words, and the digits of something that looks like a number (`plus`: international)."""

    words: tuple[bytes, ...]
    digits: str = ""
    plus: bool = False


def parse(text: str) -> Query:
    """Read what was typed; a run of three digits or more, however spaced and bracketed, is a number."""
    text = text[:MAX_QUERY]
    digits, plus = "", False
    for run in _NUMBER_RUN.finditer(text):
        found = _NOT_DIGIT.sub("", run.group())
        bounded = run.start() == 0 or not text[run.start() - 1].isalnum()
        if len(found) >= _LEAST_DIGITS and bounded:
            plus = "+" in run.group() or found.startswith("00")
            digits = found.removeprefix("00") if "+" not in run.group() else found
            text = text[: run.start()] + " " + text[run.end() :]
            break
    return Query(tuple(w.encode() for w in dict.fromkeys(query_words(text)))[:_MAX_WORDS], digits[:16], plus)


def search(index: Index, text: str, limit: int, view: View = EVERYTHING) -> list[Hit]:
    """The best `limit` hits, best first; equal ones in the order of names."""
    query = parse(text)
    found: list[tuple[int, bytes, int, HitReason, Segment]] = []
    if not query.words and not query.digits:
        return []
    for part in index.parts(view):
        segment = part.segment
        for ordinal, score, reason in _in_part(part, query, limit):
            found.append((-score, segment.folded(ordinal), ordinal, reason, segment))
    found.sort(key=lambda f: f[:3])
    return [_hit(segment.contact(at), -negative, reason) for negative, _, at, reason, segment in found[:limit]]


def _hit(contact: Contact, score: int, reason: HitReason) -> Hit:
    place = next((a.city for a in contact.addresses if a.city), "")
    firm = contact.company if contact.company != contact.name else ""
    subtitle = ", ".join(part for part in (firm, contact.job_title or contact.department, "" if firm else place) if part)
    return Hit(HitKind.CONTACT, contact.id, contact.name, subtitle, contact.numbers, reason, score)


def _in_part(part: Part, query: Query, limit: int) -> list[tuple[int, int, HitReason]]:
    segment = part.segment
    if not query.words:
        scored = _numbers(segment, query)
        if not query.plus:
            scored += _scored(segment, Query((query.digits.encode(),)))
    else:
        scored = _scored(segment, query)
        if query.digits:
            wanted = query.digits.lstrip("0").encode()
            scored = [s for s in scored if wanted in segment.folded(s[0])]
    best: dict[int, tuple[int, int, HitReason]] = {}
    for entry in scored:
        if not part.counts(entry[0]):
            continue
        if entry[0] not in best or best[entry[0]][1] < entry[1]:
            best[entry[0]] = entry
    return heapq.nsmallest(limit, best.values(), key=lambda s: (-s[1], s[0]))


def _scored(segment: Segment, query: Query) -> list[tuple[int, int, HitReason]]:
    found = []
    for ordinal in _candidates(segment, query):
        score = score_line(segment.folded(ordinal), query.words)
        if score is not None:
            found.append((ordinal, *score))
    return found


def _candidates(segment: Segment, query: Query) -> list[int]:
    """Ordinals worth scoring."""
    ranges = sorted((segment.with_word_prefix(word) for word in query.words), key=len)
    if len(ranges) == 1 and not query.digits:
        whole = segment.with_word(query.words[0])
        few = dict.fromkeys(whole[:_SCORED])
        few.update(dict.fromkeys(sorted(set(ranges[0][:_READ]))))
        return list(few)[:_SCORED]
    if len(ranges[0]) > _READ and not query.digits:
        many = _scan(segment, ranges[0][:_READ], query.words)
        if len(many) > _SCORED // 4:
            return many
    together = set(ranges[0])
    for other in ranges[1:]:
        if len(together) <= _SCORED:
            break
        together.intersection_update(other)
    if len(together) <= _SCORED or query.digits:
        return sorted(together)
    exact = set(together)
    for word in query.words:
        exact.intersection_update(segment.with_word(word))
    few = dict.fromkeys(heapq.nsmallest(_SCORED, exact))
    few.update(dict.fromkeys(heapq.nsmallest(_SCORED, together)))
    return list(few)[:_SCORED]


def _scan(segment: Segment, ordinals: memoryview, words: tuple[bytes, ...]) -> list[int]:
    """Those that have a beginning of every word: cheaper than an intersection where the words are short and common."""
    wanted = [b" " + word for word in words]
    few: dict[int, None] = {}
    for ordinal in ordinals:
        line = segment.folded(ordinal)
        if all(word in line for word in wanted):
            few[ordinal] = None
            if len(few) == _SCORED:
                break
    return list(few)


def score_line(line: bytes, words: tuple[bytes, ...]) -> tuple[int, HitReason] | None:
    """How well a folded line (`build.folded_line`) answers the words, 1 to 100, and by which part; None: not at all."""
    parts = line.split(b"\t")
    total, best, reason = 0, 0, HitReason.OTHER
    for word in words:
        points, by = 0, HitReason.OTHER
        for part, whole, begins, kind in zip(parts, _WHOLE, _BEGINS, _PARTS, strict=False):
            if b" " + word in part:
                points = whole if b" " + word + b" " in part else begins
                by = kind
                break
        if not points:
            return None
        total += points
        if points > best:
            best, reason = points, by
    score = total // len(words)
    if not parts[0].startswith(b" " + words[0]):
        score -= 3
    return max(1, score), reason


def _numbers(segment: Segment, query: Query) -> list[tuple[int, int, HitReason]]:
    """Contacts by digits: whole numbers, then beginnings, international before national, then any place."""
    found: dict[int, int] = {}
    if query.plus:
        bounds = keys.key_range("+" + query.digits)
        whole = segment.with_number(bounds[0]) if bounds else []
        begins = segment.with_number_prefix(*bounds, most=_NUMBERS) if bounds else []
        found = {**dict.fromkeys(begins, 90), **dict.fromkeys(whole, 100)}
    else:
        for digits, national_only in _forms(query.digits):
            places = filter(None, segment.digit_places(digits))
            for ordinal, place, number in islice(places, _NUMBERS):
                score = _place_score(place, digits, number, national_only=national_only)
                found[ordinal] = max(score, found.get(ordinal, 0))
    return [(ordinal, score, HitReason.NUMBER) for ordinal, score in found.items() if score]


def _forms(digits: str) -> list[tuple[str, bool]]:
    """As typed; and without the trunk zero, which then has to stand right behind the country code."""
    forms = [(digits, False)]
    if digits.startswith("0") and len(digits) > _LEAST_DIGITS:
        forms.append((digits[1:], True))
    return forms


def _place_score(place: int, digits: str, number: bytes, *, national_only: bool) -> int:
    national = 1 + len(split_code(number[1:].decode()))
    to_the_end = place + len(digits) == len(number)
    if place == national or place == 1:
        return 95 if to_the_end else 80
    if national_only:
        return 0
    return 65 if to_the_end else 45
