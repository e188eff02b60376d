"""Expressions of a mapping: how a field is made of a record's columns. Pure.

```
{First} {Last}                       text with columns in it; {{ and }} are brackets
{Mobile | Phone | 'none'}            the first that is not empty
{Name : strip : title}               filters, from left to right
{Kind = 'fax' ? Number}              only if; also !=, ~ (regular expression found), Column ? (not empty), ! Column ? (empty)
{Kind = 'fax' ? Fax | Phone}         if, else
{"a | strange : name" : upper}       a column with signs in its name stands in double quotes, texts in single ones
```

A column that is not there is empty. Filters: strip, lower, upper, title, digits, replace('a', 'b'), regex('pattern') or
regex('pattern', 'new \\1'), split(';', '1'), item('2'), join(', '), date('%d.%m.%Y').
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from unisono.directory.replicators.filters import FILTERS, pattern
from unisono.directory.replicators.source import Value, Values
from unisono.kernel.errors import Invalid

MOST_CHARACTERS = 2_000
"""Characters of an expression."""
_BARE = re.compile(r"[^|:?=!~{}'\"\\]+")
_FILTER_NAME = re.compile(r"[a-z]+")


class ExpressionError(Invalid):
    """An expression that cannot be read: `position` counts its characters from 1."""

    def __init__(self, text: str, position: int, reason: str, message: str) -> None:
        super().__init__(
            "bad-expression",
            f"{text!r}, character {position}: {message}",
            data={"expression": text, "position": position, "reason": reason},
        )
        self.position = position


@dataclass(frozen=True, slots=True)
class Operand:
    """A column by its name, or a text, with filters."""

    text: str
    constant: bool = False
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def __str__(self) -> str:
        shown = _quoted(self.text, "'") if self.constant else _column(self.text)
        calls = [name + (f"({', '.join(_quoted(a, chr(39)) for a in args)})" if args else "") for name, args in self.filters]
        return " : ".join((shown, *calls))

    def values(self, values: Values) -> Value:
        """What it is for a record."""
        found: Value = self.text if self.constant else values.get(self.text, "")
        for name, args in self.filters:
            found = FILTERS[name].apply(found, args)
        return found

    def first(self, values: Values) -> str:
        """Its text, or the first of several."""
        found = self.values(values)
        return found if isinstance(found, str) else found[0] if found else ""


@dataclass(frozen=True, slots=True)
class Condition:
    """`sign` is `=`, `!=`, `~`, or "" for "not empty" and `!` for "empty"."""

    left: Operand
    sign: str = ""
    right: Operand | None = None

    def __str__(self) -> str:
        if self.right is None:
            return f"! {self.left}" if self.sign else str(self.left)
        return f"{self.left} {self.sign} {self.right}"

    def holds(self, values: Values) -> bool:
        """Whether it is true of a record. Texts are compared without regard to case."""
        left = self.left.first(values)
        if self.right is None:
            return bool(left) != bool(self.sign)
        if self.sign == "~":
            return bool(pattern(self.right.text).search(left))
        return (left.casefold() == self.right.first(values).casefold()) == (self.sign == "=")


@dataclass(frozen=True, slots=True)
class Branch:
    """A value, perhaps only under a condition."""

    value: Operand
    condition: Condition | None = None

    def __str__(self) -> str:
        return f"{self.condition} ? {self.value}" if self.condition else str(self.value)


@dataclass(frozen=True, slots=True)
class Choice:
    """The first branch that is not empty."""

    branches: tuple[Branch, ...]

    def __str__(self) -> str:
        return "{" + " | ".join(map(str, self.branches)) + "}"

    def values(self, values: Values) -> Value:
        """What it is for a record."""
        for branch in self.branches:
            if branch.condition is None or branch.condition.holds(values):
                found = branch.value.values(values)
                if found:
                    return found
        return ""


@dataclass(frozen=True)
class Expression:
    """Texts and choices in their order."""

    parts: tuple[str | Choice, ...]

    def __str__(self) -> str:
        return "".join(p.replace("{", "{{").replace("}", "}}") if isinstance(p, str) else str(p) for p in self.parts)

    @cached_property
    def column(self) -> str:
        """The column it is nothing but, or ""."""
        if len(self.parts) == 1 and isinstance(self.parts[0], Choice) and len(self.parts[0].branches) == 1:
            branch = self.parts[0].branches[0]
            if branch.condition is None and not branch.value.constant and not branch.value.filters:
                return branch.value.text
        return ""

    @cached_property
    def read(self) -> Callable[[Values], Value]:
        """`values`, without a walk through the expression where it is nothing but a column."""
        name = self.column
        return (lambda values: values.get(name, "")) if name else self.values

    @property
    def columns(self) -> frozenset[str]:
        """Every column that it reads."""
        operands: list[Operand | None] = []
        for part in self.parts:
            for branch in part.branches if isinstance(part, Choice) else ():
                operands.append(branch.value)
                if branch.condition:
                    operands += [branch.condition.left, branch.condition.right]
        return frozenset(operand.text for operand in operands if operand and not operand.constant)

    def values(self, values: Values) -> Value:
        """What it is for a record: several texts only where it is a single choice of a column that has several."""
        if len(self.parts) == 1:
            part = self.parts[0]
            return part if isinstance(part, str) else part.values(values)
        texts = []
        for part in self.parts:
            found = part if isinstance(part, str) else part.values(values)
            texts.append(found if isinstance(found, str) else found[0])
        # A text around columns that are all empty is worth nothing: `{First} {Last}` of nobody, `ext. {Extension}`.
        if not any(text for part, text in zip(self.parts, texts, strict=True) if isinstance(part, Choice)):
            return ""
        return "".join(texts).strip()


def parse(text: str) -> Expression:
    """Read an expression. Raises `ExpressionError`."""
    return _Parser(text).expression()


def column(name: str) -> Expression:
    """The expression that is this column as it is."""
    return Expression((Choice((Branch(Operand(name)),)),))


class _Parser:
    """Reads one expression from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def expression(self) -> Expression:
        if len(self._text) > MOST_CHARACTERS:
            raise self._error("too-long", f"an expression has at most {MOST_CHARACTERS:,} characters")
        parts: list[str | Choice] = []
        plain = ""
        while self._at < len(self._text):
            sign = self._text[self._at]
            if self._text[self._at : self._at + 2] in ("{{", "}}"):
                plain += sign
                self._at += 2
            elif sign == "{":
                if plain:
                    parts.append(plain)
                    plain = ""
                parts.append(self._choice())
            elif sign == "}":
                raise self._error("bracket", "a } without its {; write }} for the sign itself")
            else:
                plain += sign
                self._at += 1
        if plain:
            parts.append(plain)
        return Expression(tuple(parts))

    def _choice(self) -> Choice:
        begin = self._at
        self._at += 1
        branches = [self._branch()]
        while self._take("|"):
            branches.append(self._branch())
        if not self._take("}"):
            if self._at >= len(self._text):
                self._at = begin
                raise self._error("bracket", "a { is never closed")
            raise self._error("sign", "expected |, : or }")
        return Choice(tuple(branches))

    def _branch(self) -> Branch:
        if self._take("!"):
            condition = Condition(self._operand(), "!")
            self._expect("?")
            return Branch(self._operand(), condition)
        left = self._operand()
        for sign in ("!=", "=", "~"):
            if self._take(sign):
                condition = Condition(left, sign, self._right(sign))
                self._expect("?")
                return Branch(self._operand(), condition)
        if self._take("?"):
            return Branch(self._operand(), Condition(left))
        return Branch(left)

    def _right(self, sign: str) -> Operand:
        self._blanks()
        begin = self._at
        right = self._operand()
        if sign == "~":
            if not right.constant or right.filters:
                self._at = begin
                raise self._error("pattern", "behind ~ stands a regular expression in single quotes")
            self._check(right.text, "pattern", begin)
        return right

    def _operand(self) -> Operand:
        self._blanks()
        sign = self._text[self._at : self._at + 1]
        if sign in ("'", '"') and sign:
            name, constant = self._quoted(), sign == "'"
        else:
            found = _BARE.match(self._text, self._at)
            name, constant = (found[0].strip() if found else ""), False
            if not name:
                raise self._error("name", "expected the name of a column or a text in single quotes")
            assert found is not None
            self._at = found.end()
        filters = []
        while self._take(":"):
            filters.append(self._filter())
        return Operand(name, constant, tuple(filters))

    def _filter(self) -> tuple[str, tuple[str, ...]]:
        self._blanks()
        begin = self._at
        found = _FILTER_NAME.match(self._text, begin)
        name = found[0] if found else ""
        if name not in FILTERS:
            raise self._error("filter", f"there is no filter {name!r}; there are {', '.join(FILTERS)}")
        self._at += len(name)
        args: list[str] = []
        places: list[int] = []
        if self._take("("):
            while not self._take(")"):
                if args:
                    self._expect(",")
                self._blanks()
                places.append(self._at)
                if self._text[self._at : self._at + 1] != "'":
                    raise self._error("text", "expected a text in single quotes")
                args.append(self._quoted())
        takes = FILTERS[name].takes
        if not FILTERS[name].least <= len(args) <= len(takes):
            self._at = begin
            raise self._error("arguments", f"{name} takes {FILTERS[name].least} to {len(takes)} texts")
        for text, kind, place in zip(args, takes, places, strict=False):
            self._check(text, kind, place)
        if name == "regex" and len(args) == 2:
            self._check_replacement(args[0], args[1], places[1])
        return name, tuple(args)

    def _check(self, text: str, kind: str, place: int) -> None:
        if kind == "pattern":
            try:
                pattern(text)
            except (re.error, RecursionError, OverflowError) as error:
                self._at = place
                raise self._error("pattern", f"this is no regular expression: {error}") from error
        elif kind == "place" and not (text.isdecimal() and text.isascii() and 1 <= int(text[:5]) <= 1000):
            self._at = place
            raise self._error("place", "expected a place, from '1' to '1000'")

    def _check_replacement(self, searched: str, new: str, place: int) -> None:
        try:
            pattern(searched).sub(new, "")
        except (re.error, IndexError) as error:
            self._at = place
            raise self._error("replacement", f"this cannot stand in its place: {error}") from error

    def _quoted(self) -> str:
        sign, begin = self._text[self._at], self._at
        self._at += 1
        text = ""
        while self._at < len(self._text):
            char = self._text[self._at]
            if char == sign:
                self._at += 1
                return text
            if char == "\\" and self._text[self._at + 1 : self._at + 2] in (sign, "\\"):
                self._at += 1
                char = self._text[self._at]
            text += char
            self._at += 1
        self._at = begin
        raise self._error("quote", f"a {sign} is never closed")

    def _blanks(self) -> None:
        while self._text[self._at : self._at + 1].isspace():
            self._at += 1

    def _take(self, sign: str) -> bool:
        self._blanks()
        if self._text.startswith(sign, self._at):
            self._at += len(sign)
            return True
        return False

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise self._error("sign", f"expected {sign}")

    def _error(self, reason: str, message: str) -> ExpressionError:
        return ExpressionError(self._text, self._at + 1, reason, message)


def _quoted(text: str, sign: str) -> str:
    return sign + text.replace("\\", "\\\\").replace(sign, "\\" + sign) + sign


def _column(name: str) -> str:
    return name if name == name.strip() and _BARE.fullmatch(name) else _quoted(name, '"')
