"""Rule lists at work: the first rule that matches decides, and its result meets no other rule of the list."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from unisono.numbers.dialect import INPUT_MOST, expand, translate
from unisono.numbers.model import Rule

Search = Callable[[str], "re.Match[str] | None"]

_EXPANDED_MOST = 16
# ^ and $ around plain digits of which some may be missing, as in (^7?456$)
_ENUMERABLE = re.compile(r"\(?\^((?:(?:[0-9#]|\\[+*#])\??){1,24})\$\)?")
_ELEMENT = re.compile(r"([0-9#]|\\[+*#])(\??)")


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that matched: its place in the list (from 1), and the text after it."""

    place: int
    rule: Rule
    after: str

    def label(self, name: str) -> str:
        """How an explanation names it."""
        return f"{name} {self.place}: {self.rule}"


class RuleList:
    """A list of rules made ready to be searched many times.

    Sites synchronise thousands of rows like `(^7?456$)`: such rows are looked up, all others are tried in their order.
    """

    __slots__ = ("_exact", "_rules", "_searched")

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self._rules = rules
        self._exact: dict[str, int] = {}
        self._searched: list[tuple[int, Search]] = []
        for place, rule in enumerate(rules):
            texts = [rule.search] if rule.match_replace else list(_texts(rule.search))
            for text in texts:
                self._exact.setdefault(text, place)
            if not texts:
                self._searched.append((place, _compiled(rule).search))

    def __bool__(self) -> bool:
        return bool(self._rules)

    def find(self, text: str) -> Hit | None:
        """The first rule that matches, or None; texts that are too long to be numbers match nothing."""
        if len(text) > INPUT_MOST:
            return None
        known = self._exact.get(text)
        for place, search in self._searched:
            if known is not None and known < place:
                break
            match = search(text)
            if match is not None:
                return self._hit(place, text, match)
        if known is None:
            return None
        rule = self._rules[known]
        if rule.match_replace:
            return Hit(known + 1, rule, text if rule.replace is None else rule.replace)
        return self._hit(known, text, _compiled(rule).search(text))

    def backwards(self) -> dict[str, str]:
        """For every row that can be listed: its result, and the shortest text that this list turns into it."""
        found: dict[str, str] = {}
        for text in sorted(self._exact, key=lambda each: (len(each), each)):
            hit = self.find(text)
            if hit is not None and hit.rule.replace:
                found.setdefault(hit.after, text)
        return found

    def _hit(self, place: int, text: str, match: re.Match[str] | None) -> Hit:
        rule = self._rules[place]
        if match is None or rule.replace is None:
            return Hit(place + 1, rule, text)
        # What the pattern left out stays as it is: most patterns end in (.*) and leave nothing out.
        return Hit(place + 1, rule, text[: match.start()] + expand(rule.replace, match) + text[match.end() :])


def _compiled(rule: Rule) -> re.Pattern[str]:
    return re.compile(translate(rule.search)[0], re.ASCII)


def _texts(pattern: str) -> Iterator[str]:
    """All texts an enumerable pattern matches; nothing if there are too many or it is not of that kind."""
    match = _ENUMERABLE.fullmatch(pattern)
    if match is None or pattern.startswith("(") != pattern.endswith(")"):
        return
    elements = _ELEMENT.findall(match[1])
    optional = sum(1 for _, mark in elements if mark)
    if 2**optional > _EXPANDED_MOST:
        return
    for choice in range(2**optional):
        text, bit = "", 0
        for literal, mark in elements:
            if not mark or choice >> bit & 1:
                text += literal[-1]
            bit += bool(mark)
        yield text
