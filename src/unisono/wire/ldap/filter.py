"""Search filters as values (RFC 4511 4.5.1.7), written as RFC 4515 does. `filter_ber` and `filter_text` read and write them.

`And(())` is true and `Or(())` is false, always (RFC 4526). Values are octets as the client sent them: what they mean is a
matter of the attribute's syntax. `hash` and `==` compare what was asked, letter by letter.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class And:
    """All of these."""

    filters: tuple["Filter", ...]

    def __str__(self) -> str:
        return f"(&{_join(self.filters)})"


@dataclass(frozen=True, slots=True)
class Or:
    """Any of these."""

    filters: tuple["Filter", ...]

    def __str__(self) -> str:
        return f"(|{_join(self.filters)})"


@dataclass(frozen=True, slots=True)
class Not:
    """Not this; undefined stays undefined."""

    filter: "Filter"

    def __str__(self) -> str:
        return f"(!{self.filter})"


@dataclass(frozen=True, slots=True)
class Equality:
    """The attribute has this value."""

    attribute: str
    value: bytes

    def __str__(self) -> str:
        return f"({escape(self.attribute)}={escape(self.value)})"


@dataclass(frozen=True, slots=True)
class Substrings:
    """The attribute has a value that begins with `initial`, then holds each of `any` in turn, and ends with `final`.

    At least one of them is there; a piece that is not is empty.
    """

    attribute: str
    initial: bytes = b""
    any: tuple[bytes, ...] = ()
    final: bytes = b""

    def __str__(self) -> str:
        pieces = (self.initial, *self.any, self.final)
        return f"({escape(self.attribute)}={'*'.join(map(escape, pieces))})"


@dataclass(frozen=True, slots=True)
class GreaterOrEqual:
    """The attribute has a value that is not ordered before this one."""

    attribute: str
    value: bytes

    def __str__(self) -> str:
        return f"({escape(self.attribute)}>={escape(self.value)})"


@dataclass(frozen=True, slots=True)
class LessOrEqual:
    """The attribute has a value that is not ordered behind this one."""

    attribute: str
    value: bytes

    def __str__(self) -> str:
        return f"({escape(self.attribute)}<={escape(self.value)})"


@dataclass(frozen=True, slots=True)
class Present:
    """The attribute has a value."""

    attribute: str

    def __str__(self) -> str:
        return f"({escape(self.attribute)}=*)"


@dataclass(frozen=True, slots=True)
class Approx:
    """The attribute has a value that is nearly, or sounds like, this one."""

    attribute: str
    value: bytes

    def __str__(self) -> str:
        return f"({escape(self.attribute)}~={escape(self.value)})"


@dataclass(frozen=True, slots=True)
class Extensible:
    """A matching rule, by name or OID, applied to an attribute or to all it fits, if wanted to those of the DN too.

    Either `rule` or `attribute` may be empty, not both (RFC 4511 4.5.1.7.7).
    """

    attribute: str
    value: bytes
    rule: str = ""
    dn_attributes: bool = False

    def __str__(self) -> str:
        rule = f":{escape(self.rule)}" if self.rule else ""
        return f"({escape(self.attribute)}{':dn' if self.dn_attributes else ''}{rule}:={escape(self.value)})"


Item: TypeAlias = Equality | Substrings | GreaterOrEqual | LessOrEqual | Present | Approx | Extensible
"""What is asked of one attribute."""
Filter: TypeAlias = And | Or | Not | Item

# RFC 4515 3 wants the first five escaped; control characters and what is not UTF-8 are, to be seen.
_SPECIAL = re.compile(r"[\x00-\x1f\x7f()*\\\ud800-\udfff]")


def escape(value: bytes | str) -> str:
    """A value as it may stand in a filter's text."""
    words = value if isinstance(value, str) else value.decode("utf-8", "surrogateescape")
    return _SPECIAL.sub(_escaped, words)


def _escaped(match: re.Match[str]) -> str:
    return f"\\{match[0].encode('utf-8', 'surrogateescape')[0]:02x}"


def _join(filters: Iterable[Filter]) -> str:
    return "".join(map(str, filters))
