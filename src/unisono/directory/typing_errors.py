"""Words that someone may have meant: the dictionary's, looked up by the ways in which fingers slip, never read from end to end.

One error is forgiven from four letters, two from eight: a letter too many, too few, another one, or two neighbours in the wrong
order. What was typed may still be the beginning of a word. Pure.
"""

from collections.abc import Iterator

from unisono.directory.segment.reader import Texts

LEAST = 4
LEAST_FOR_TWO = 8


def errors_forgiven(word: str) -> int:
    """How many errors a word may have: none if it has digits, they are typed with care."""
    if not word.isalpha() or len(word) < LEAST:
        return 0
    return 2 if len(word) >= LEAST_FOR_TWO else 1


def meant(words: Texts, word: str) -> dict[str, int]:
    """Beginnings of words of the dictionary that `word` may stand for, with the number of errors: all of one, or of two."""
    forgiven = errors_forgiven(word)
    found = dict.fromkeys(_one_error(words, word), 1) if forgiven else {}
    if forgiven == 2 and not found:
        for candidate in dict.fromkeys(_similar(words, word)):
            beginning, errors = distance(word, candidate, forgiven)
            if errors <= forgiven:
                found[beginning] = errors
    return found


def _one_error(words: Texts, word: str) -> Iterator[str]:
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
        for beginning in dict.fromkeys(tries):
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


def _similar(words: Texts, word: str) -> Iterator[str]:
    """Words that have a third of the letters in the same place, which two errors leave as it is, and most of the others."""
    third = len(word) // 3
    letters = set(word)
    least = len(word) - 2
    for text in words.between(*words.starting(word[:third].encode())):
        if len(text) >= least and sum([letter not in text for letter in letters]) <= 2:
            yield text
    for at in (third, len(word) - (len(word) - third) // 2):
        piece = word[third : len(word) - (len(word) - third) // 2] if at == third else word[at:]
        for text, place in words.holding(piece):
            if abs(place - at) <= 2 and len(text) >= least and sum([letter not in text for letter in letters]) <= 2:
                yield text


def distance(word: str, text: str, most: int) -> tuple[str, int]:
    """The beginning of `text` that is nearest to `word`, and by how many errors; more than `most`: it is too far."""
    before: list[int] = []
    row = list(range(len(word) + 1))
    best, nearest = row[-1], 0
    for at, letter in enumerate(text[: len(word) + most], 1):
        previous, before = before, row
        row = [at]
        for place, own in enumerate(word, 1):
            errors = min(before[place - 1] + (own != letter), before[place] + 1, row[-1] + 1)
            if place > 1 and at > 1 and own == text[at - 2] and word[place - 2] == letter:
                errors = min(errors, previous[place - 2] + 1)
            row.append(errors)
        if row[-1] < best or (row[-1] == best and at <= len(word)):
            best, nearest = row[-1], at
        elif min(row) > most:
            break
    return text[:nearest], best
