"""Filters from text (RFC 4515). A filter's own `str` writes it."""

import re

from unisono.wire.ldap.errors import TextError
from unisono.wire.ldap.filter import (
    And,
    Approx,
    Equality,
    Extensible,
    Filter,
    GreaterOrEqual,
    LessOrEqual,
    Not,
    Or,
    Present,
    Substrings,
)
from unisono.wire.ldap.limits import LIMITS, Limits

# RFC 4512 2.5; "_" is not allowed there, but directories have it.
_DESCRIPTION = r"[A-Za-z0-9][A-Za-z0-9._-]*(?:;[A-Za-z0-9_-]+)*"
_HEAD = re.compile(rf"(?P<attribute>{_DESCRIPTION})?(?P<dn>:[Dd][Nn])?(?::(?P<rule>{_DESCRIPTION}))?(?P<operator>[<>~:]?=)")
_VALUE = re.compile(r"[^()\x00]*")
_ESCAPE = re.compile(r"\\([0-9A-Fa-f]{2})?")
_SPACE = re.compile(r"\s*")


def parse_filter(text: str, *, tolerant: bool = False, limits: Limits = LIMITS) -> Filter:
    """The filter that a text means; raises `TextError` with the character where it goes wrong.

    A tolerant reader takes what manuals of telephones print: without the outer brackets, with too few or too many at the end,
    and with spaces between filters.
    """
    if len(text) > limits.filter:
        why = f"A filter of {len(text)} characters is longer than the limit of {limits.filter}"
        raise TextError(why, limits.filter, "filter-too-long")
    return _Reader(text, tolerant).whole(limits.depth)


class _Reader:
    """A place in a text; each method reads on from there."""

    def __init__(self, text: str, tolerant: bool) -> None:
        self._text = text
        self._tolerant = tolerant
        self._at = 0

    def whole(self, depth: int) -> Filter:
        self._skip()
        bare = self._tolerant and self._text[self._at : self._at + 1] not in ("", "(")
        found = self._component(depth) if bare else self._filter(depth)
        while self._tolerant and self._text[self._at : self._at + 1] == ")":
            self._at += 1
            self._skip()
        if self._at < len(self._text):
            raise self._error("The filter has ended, but the text goes on", "filter-goes-on")
        return found

    def _filter(self, depth: int) -> Filter:
        if self._text[self._at : self._at + 1] != "(":
            raise self._error("A filter begins with an opening bracket", "filter-bracket-open")
        self._at += 1
        self._skip()
        found = self._component(depth)
        if self._at < len(self._text):
            if self._text[self._at] != ")":
                raise self._error("A closing bracket should be here", "filter-bracket-close")
            self._at += 1
        elif not self._tolerant:
            raise self._error("A closing bracket is missing", "filter-bracket-missing")
        self._skip()
        return found

    def _component(self, depth: int) -> Filter:
        sign = self._text[self._at : self._at + 1]
        if sign not in ("&", "|", "!"):
            return self._item()
        if depth <= 1:
            raise self._error("Filters are nested too deep", "filter-too-deep")
        self._at += 1
        self._skip()
        if sign == "!":
            return Not(self._filter(depth - 1))
        parts: list[Filter] = []
        while self._text[self._at : self._at + 1] == "(":
            parts.append(self._filter(depth - 1))
        return And(tuple(parts)) if sign == "&" else Or(tuple(parts))

    def _item(self) -> Filter:
        head = _HEAD.match(self._text, self._at)
        if head is None:
            raise self._error("An attribute and one of = >= <= ~= := should be here", "filter-item")
        attribute, rule, operator = head["attribute"] or "", head["rule"] or "", head["operator"]
        if operator == ":=":
            if not attribute and not rule:
                raise self._error("A matching rule or an attribute should be here", "filter-rule")
        elif not attribute or rule or head["dn"]:
            raise self._error("An attribute should be here", "filter-attribute")
        self._at = head.end()
        if operator == "=":
            return self._equality(attribute)
        value = self._octets(self._raw(), star=False)
        match operator:
            case ">=":
                return GreaterOrEqual(attribute, value)
            case "<=":
                return LessOrEqual(attribute, value)
            case "~=":
                return Approx(attribute, value)
        return Extensible(attribute, value, rule, bool(head["dn"]))

    def _equality(self, attribute: str) -> Filter:
        """Equality, presence or substrings: the value tells. Empty pieces between two asterisks match everywhere."""
        start, end = self._raw()
        pieces: list[bytes] = []
        for piece in self._text[start:end].split("*"):
            pieces.append(self._octets((start, start + len(piece))))
            start += len(piece) + 1
        if len(pieces) == 1:
            return Equality(attribute, pieces[0])
        middle = tuple(piece for piece in pieces[1:-1] if piece)
        if pieces[0] or middle or pieces[-1]:
            return Substrings(attribute, pieces[0], middle, pieces[-1])
        return Present(attribute)

    def _raw(self) -> tuple[int, int]:
        """Where the value stands, with its escapes."""
        match = _VALUE.match(self._text, self._at)
        assert match is not None
        self._at = match.end()
        return match.span()

    def _octets(self, span: tuple[int, int], *, star: bool = True) -> bytes:
        start, end = span
        raw = self._text[start:end]
        if not star and "*" in raw:
            raise TextError("An asterisk in a value is written \\2a", start + raw.index("*"), "filter-asterisk")
        made = bytearray()
        done = 0
        for escape in _ESCAPE.finditer(raw):
            if escape[1] is None:
                raise TextError("A backslash is followed by two hexadecimal digits", start + escape.start(), "filter-backslash")
            made += self._encoded(raw[done : escape.start()], start + done)
            made.append(int(escape[1], 16))
            done = escape.end()
        return bytes(made + self._encoded(raw[done:], start + done))

    def _encoded(self, text: str, at: int) -> bytes:
        try:
            return text.encode()
        except UnicodeEncodeError as error:
            raise TextError("A surrogate is no character", at + error.start, "filter-surrogate") from error

    def _skip(self) -> None:
        if self._tolerant:
            match = _SPACE.match(self._text, self._at)
            assert match is not None
            self._at = match.end()

    def _error(self, why: str, code: str) -> TextError:
        return TextError(why, self._at, code)
