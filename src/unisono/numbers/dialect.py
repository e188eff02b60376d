"""The pattern dialect of number rules: `^ $ | . * + ? () [] [^]`, back-references only in the replacement.

A pattern is read by this parser, never handed unread to the regular expression engine: it is rewritten to the same
thing in Python's words, and refused if the engine could be led to try too many ways. A pattern is a search: `^11` hits
every number that begins with 11. Beyond the dialect `\\d`, `{n}`, `{n,m}` and `(?:...)` are understood, because people
write them; everything else that a larger dialect would give another meaning is an error.
"""

import re

from unisono.numbers.unfit import Unfit

PATTERN_MOST = 512
INPUT_MOST = 64
"""No longer text is ever searched, so that `*` means at most this many ways."""
WAYS_MOST = 300_000
"""The product of all choices in a pattern (64 for each `*` or `+`, 2 for each `?`); more is refused."""
_GROUPS_MOST = 9
_SPECIAL = frozenset("^$|.*+?()[]{}\\")
_REPLACEMENT = re.compile(r"(?:\\[0-9]|\\\\|[ -\[\]-~])*")


def translate(pattern: str) -> tuple[str, int]:
    """Rewrite a pattern into Python's dialect and count its groups; ValueError says what is wrong and where."""
    if not pattern:
        raise Unfit("pattern-empty", "the pattern is empty")
    if len(pattern) > PATTERN_MOST:
        raise Unfit("too-long", f"the pattern is longer than {PATTERN_MOST} characters", bound=PATTERN_MOST)
    reader = _Reader(pattern)
    text, ways = reader.alternatives(depth=0)
    if reader.at < len(pattern):
        raise reader.error("')' without '('")
    if not text.startswith(("^", "(^")):
        ways *= INPUT_MOST
    if ways > WAYS_MOST:
        what = "the pattern can match in too many ways; anchor it with '^' and use fewer '*', '+' and '?'"
        raise Unfit("pattern-slow", what)
    return text, reader.groups


def check_replacement(replace: str, groups: int) -> None:
    """ValueError unless the text is printable and names only groups that the pattern has."""
    if len(replace) > PATTERN_MOST or not _REPLACEMENT.fullmatch(replace):
        raise Unfit("replacement", "the replacement may hold printable ASCII and \\1 to \\9 only")
    for match in re.finditer(r"\\([0-9])", replace):
        if int(match[1]) > groups:
            what = f"the replacement names group {match[1]}, the pattern has {groups}"
            raise Unfit("replacement-group", what, group=match[1], groups=groups)


def expand(replace: str, match: re.Match[str]) -> str:
    """The replacement with its groups filled in; `\\0` is all that matched."""
    if "\\" not in replace:
        return replace
    return re.sub(r"\\([0-9\\])", lambda m: "\\" if m[1] == "\\" else match[int(m[1])] or "", replace)


class _Reader:
    """A recursive descent over one pattern; every method gives Python's text and the number of ways it can match."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.groups = 0

    def error(self, what: str) -> Unfit:
        return Unfit("pattern", f"{what} at character {self.at + 1} of the pattern {self.pattern}", place=self.at + 1)

    def peek(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def alternatives(self, depth: int) -> tuple[str, int]:
        if depth > 10:
            raise self.error("too many brackets inside each other")
        branches = [self.branch(depth)]
        while self.peek() == "|":
            self.at += 1
            branches.append(self.branch(depth))
        ways = branches[0][1] if len(branches) == 1 else sum(each for _, each in branches)
        return "|".join(text for text, _ in branches), ways

    def branch(self, depth: int) -> tuple[str, int]:
        parts: list[str] = []
        ways = 1
        while (char := self.peek()) and char not in "|)":
            text, choices = self.atom(depth)
            text, choices = self.quantified(text, choices)
            parts.append(text)
            ways = min(ways * choices, WAYS_MOST + 1)
        return "".join(parts), ways

    def atom(self, depth: int) -> tuple[str, int]:
        char = self.peek()
        if char == "(":
            return self.group(depth)
        if char == "[":
            return self.bracket(), 1
        if char == "\\":
            return self.escape(), 1
        if char in "*+?{":
            raise self.error(f"nothing to repeat before '{char}'")
        if char in "]}":
            raise self.error(f"'{char}' has no beginning")
        self.at += 1
        if char == "$":
            return r"\Z", 1
        return (char if char in "^." else re.escape(char)), 1

    def group(self, depth: int) -> tuple[str, int]:
        self.at += 1
        opening = "("
        if self.pattern.startswith("?:", self.at):
            self.at += 2
            opening = "(?:"
        elif self.peek() == "?":
            raise self.error("'(?' is not part of the dialect")
        else:
            self.groups += 1
            if self.groups > _GROUPS_MOST:
                raise self.error(f"more than {_GROUPS_MOST} groups")
        text, ways = self.alternatives(depth + 1)
        if self.peek() != ")":
            raise self.error("'(' without ')'")
        self.at += 1
        return f"{opening}{text})", ways

    def bracket(self) -> str:
        self.at += 1
        text = "["
        if self.peek() == "^":
            self.at += 1
            text += "^"
        first, low = True, ""
        while (char := self.peek()) != "]" or first:
            if not char:
                raise self.error("'[' without ']'")
            following = self.pattern[self.at + 1 : self.at + 2]
            if char == "-" and low and following not in ("]", ""):
                self.at += 1
                high = self.member()
                if low > high[-1]:
                    raise self.error(f"the range {low}-{high[-1]} is the wrong way round")
                text, low = f"{text}-{high}", ""
            else:
                member = self.member()
                text, low = text + member, member[-1]
            first = False
        self.at += 1
        return text + "]"

    def member(self) -> str:
        """One member of a bracket; `\\d` is any digit, a backslash before punctuation makes it literal."""
        if self.peek() == "\\":
            return self.escape().strip("[]") if self.pattern.startswith("\\d", self.at) else self.escape()
        self.at += 1
        return re.escape(self.pattern[self.at - 1])

    def escape(self) -> str:
        char = self.pattern[self.at + 1 : self.at + 2]
        if char == "d":
            text = "[0-9]"
        elif char and not char.isalnum():
            text = re.escape(char)
        else:
            raise self.error(f"'\\{char}' is not part of the dialect")
        self.at += 2
        return text

    def quantified(self, text: str, ways: int) -> tuple[str, int]:
        char = self.peek()
        if not char or char not in "*+?{":
            return text, ways
        if text in ("^", r"\Z"):
            raise self.error(f"'{char}' after an anchor")
        quantifier, choices, most = self.counts() if char == "{" else (char, 2 if char == "?" else INPUT_MOST, 0)
        if char != "{":
            self.at += 1
        if ways > 1 and (most > 1 or char in "*+"):
            raise self.error("a repetition inside a repetition")
        if (after := self.peek()) and after in "*+?{":
            raise self.error(f"'{after}' after '{char}'")
        return text + quantifier, ways * choices

    def counts(self) -> tuple[str, int, int]:
        match = re.compile(r"\{(\d{1,2})(?:,(\d{1,2}))?\}", re.ASCII).match(self.pattern, self.at)
        if match is None:
            raise self.error("'{' is not '{n}' or '{n,m}'")
        least, most = int(match[1]), int(match[2] or match[1])
        if least > most or most > INPUT_MOST:
            raise self.error("wrong counts in '{}'")
        self.at = match.end()
        return match[0], most - least + 1, most
