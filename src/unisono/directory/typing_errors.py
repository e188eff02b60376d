"""Words that someone may have meant: the dictionary's, looked up by the ways in which fingers slip, never read from end to end.

One error is forgiven from four letters, two from eight: a letter too many, too few, another one, or two neighbours in the wrong
order. What was typed may still be the beginning of a word. Pure; None is a breathing mark.
"""

from collections.abc import Iterator

from unisono.directory.breathing import Breathing
from unisono.directory.segment.values import Texts

LEAST = 4
LEAST_FOR_TWO = 8
_AT_ONCE = 64
"""Words looked at between two breaths."""
_MEASURED_AT_ONCE = 16
"""Words of which the distance is counted between two breaths."""
_TRIED_AT_ONCE = 16
"""Beginnings that are looked up between two breaths."""


def errors_forgiven(word: str) -> int:
    """How many errors a run of letters may have; none if it has digits, which are typed with care."""
    if not word.isalpha() or len(word) < LEAST:
        return 0
    return 2 if len(word) >= LEAST_FOR_TWO else 1


def meant(words: Texts, word: str) -> Breathing[dict[str, int]]:
    """Beginnings of words of the dictionary that `word` may stand for, with the number of errors: all of one, or of two."""
    forgiven = errors_forgiven(word)
    found: dict[str, int] = {}
    for beginning in _one_error(words, word) if forgiven else ():
        if beginning is None:
            yield
        else:
            found[beginning] = 1
    if forgiven == 2 and not found:
        seen = set[str]()
        for candidate in _similar(words, word):
            if candidate is None:
                yield
            elif candidate not in seen:
                seen.add(candidate)
                if len(seen) % _MEASURED_AT_ONCE == 0:
                    yield
                beginning, errors = distance(word, candidate, forgiven)
                if errors <= forgiven:
                    found[beginning] = errors
    return found


def _one_error(words: Texts, word: str) -> Iterator[str | None]:
    """By trying all there is: at every letter what the dictionary knows behind those before it."""
    for at in range(len(word) + 1):
        before, rest = word[:at], word[at:]
        first, last = words.starting(before.encode())
        if first == last:
            return
        tries = [before + rest[1:]] if rest and len(word) > LEAST else []
        if len(rest) > 1:
            tries.append(before + rest[1] + rest[0] + rest[2:])
        if rest:
            for letter in _letters(words, before, first, last):
                if letter != rest[0]:
                    tries += [before + letter + rest[1:], before + letter + rest]
        for number, beginning in enumerate(dict.fromkeys(tries)):
            if number % _TRIED_AT_ONCE == 0:
                yield None
            low, high = words.starting(beginning.encode())
            if low < high and beginning != word:
                yield beginning


def _letters(words: Texts, before: str, first: int, last: int) -> Iterator[str]:
    """The letters that follow a beginning in the dictionary."""
    while first < last:
        text = words[first].decode()
        if len(text) > len(before):
            yield text[len(before)]
            first = words.starting(text[: len(before) + 1].encode())[1]
        else:
            first += 1


def _similar(words: Texts, word: str) -> Iterator[str | None]:
    """Words that have a third of the letters in the same place, which two errors leave as it is, and most of the others."""
    first = len(word) // 3
    second = (len(word) + first + 1) // 2
    letters, pairs = set(word), [word[at : at + 2] for at in range(len(word) - 1)]

    def likely(text: str) -> bool:
        # An error takes away a letter and two pairs, or three pairs where two letters are swapped.
        missing = sum([letter not in text for letter in letters])
        return missing <= 2 and sum([pair in text for pair in pairs]) >= len(pairs) - 6 + missing

    low, high = words.starting(word[:first].encode())
    for begin in range(low, high, _AT_ONCE):
        yield from filter(likely, words.between(begin, min(begin + _AT_ONCE, high)))
        yield None
    for begin, end in ((first, second), (second, len(word))):
        for number, (text, place) in enumerate(words.holding(word[begin:end]), 1):
            if abs(place - begin) <= 2 and likely(text):
                yield text
            if number % _AT_ONCE == 0:
                yield None
        yield None


def distance(word: str, text: str, most: int) -> tuple[str, int]:
    """The beginning of `text` that is nearest to `word`, and by how many errors; more than `most`: it is too far."""
    size, far = len(word), most + 1
    before: list[int] = []
    row = [min(place, far) for place in range(size + 1)]
    best, nearest = row[size], 0
    for at, letter in enumerate(text[: size + most], 1):
        previous, before = before, row
        row = [far] * (size + 1)
        row[0] = min(at, far)
        # Further from the diagonal nothing is near enough.
        for place in range(max(1, at - most), min(size, at + most) + 1):
            own = word[place - 1]
            errors = before[place - 1] if own == letter else before[place - 1] + 1
            if (less := min(before[place], row[place - 1]) + 1) < errors:
                errors = less
            if place > 1 and at > 1 and own == text[at - 2] and word[place - 2] == letter:
                errors = min(errors, previous[place - 2] + 1)
            row[place] = min(errors, far)
        if row[size] < best or (row[size] == best and at <= size):
            best, nearest = row[size], at
        elif min(row) > most:
            break
    return text[:nearest], best
